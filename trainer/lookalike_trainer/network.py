"""The network of a job as a torch module: runs its list of operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.amp.autocast_mode import autocast
from torch.nn import functional as F

from . import batch_norm
from .job import Job, JobError, Node
from .operators import OPERATORS, apply, convolve
from .ranks import Ranks

CLASSIFIER_WEIGHTS = "classifier/weights"
CLASSIFIER_BIAS = "classifier/bias"

# A vector per class [classes, d], where the ranking loss has any.
PROXIES = "proxies/weights"

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class Outputs(NamedTuple):
    # [n, dim] each.
    branches: list[Tensor]
    combined: Tensor
    # Of the classifier, before the temperature; of a normalised one the cosines. Empty where there is none.
    logits: Tensor
    # Empty where the ranking loss has none.
    proxies: Tensor


class Network(nn.Module):
    """
    Backbone, descriptors, FC, auxiliary classifier and proxies. `forward` takes the inputs of the job: uint8
    [n, height, width, 3] of a whole network, vectors of a head.
    """

    def __init__(self, job: Job, tensors: Mapping[str, Tensor], ranks: Ranks, precision: str = "float32") -> None:
        super().__init__()
        unknown = sorted({node.op for node in job.nodes} - set(OPERATORS))
        if unknown:
            names = ", ".join(unknown)
            raise JobError(f"The torch engine lacks operators of this network: {names}. Use the built-in engine.")
        self.job = job
        self.ranks = ranks
        self.precision = PRECISIONS[precision]
        self._norms = {norm.output: norm for norm in job.norms}
        # Names of ONNX values hold what names of modules may not.
        self._trained = nn.ParameterList([nn.Parameter(tensors[name].float().clone()) for name in job.parameters])
        fixed = [name for name in tensors if name not in set(job.parameters)]
        self._fixed = dict(zip(fixed, range(len(fixed))))
        for i, name in enumerate(fixed):
            self.register_buffer(f"fixed{i}", tensors[name].clone())
        # A bound that lay on a GPU would have to be asked for at every step.
        bounds = {name for node in job.nodes if node.op == "Clip" for name in node.inputs[1:] if name in tensors}
        self._bounds: dict[str, Any] = {name: float(tensors[name]) for name in bounds}
        self._calibrating = False

    def values(self) -> dict[str, Tensor]:
        """Parameters, statistics and constants by name."""
        fixed = {name: getattr(self, f"fixed{i}") for name, i in self._fixed.items()}
        return {**fixed, **dict(zip(self.job.parameters, self._trained))}

    def forward(self, *inputs: Tensor) -> Outputs:
        known = self._known(inputs)
        branches = [known[branch.output].float() for branch in self.job.branches]
        combined = known[self.job.combined].float()
        proxies = known[PROXIES] if PROXIES in known else combined.new_empty((0, combined.shape[1]))
        return Outputs(branches, combined, self._logits(known), proxies)

    def _logits(self, known: Mapping[str, Any]) -> Tensor:
        features: Tensor = known[self.job.descriptor].float()
        if CLASSIFIER_WEIGHTS not in known:
            return features.new_empty((features.shape[0], 0))
        weights: Tensor = known[CLASSIFIER_WEIGHTS]
        if self.job.losses.classification == "arcFace":
            return F.normalize(features) @ F.normalize(weights, dim=0)
        logits: Tensor = features @ weights + known[CLASSIFIER_BIAS]
        return logits

    def _known(self, given: Sequence[Tensor]) -> dict[str, Any]:
        """All values of the graph by name."""
        known: dict[str, Any] = {**self.values(), **self.job.integers, **self._bounds, "": None}
        known.update(zip(self.job.inputs, given))
        half = self.precision != torch.float32
        for node in self.job.nodes:
            inputs = [known[name] for name in node.inputs]
            if half and not node.backbone:
                inputs = [x.float() if isinstance(x, Tensor) and x.is_floating_point() else x for x in inputs]
            # Off it still wants a type that the device knows.
            kind = self.precision if half else torch.bfloat16
            with autocast(given[0].device.type, kind, enabled=half and node.backbone):
                known[node.output] = self._run(node, inputs, known)
        return known

    def _run(self, node: Node, inputs: list[Any], known: dict[str, Any]) -> Tensor:
        norm = self._norms.get(node.output)
        if norm is None:
            return apply(node, inputs)
        if self._calibrating:
            y = apply(node, inputs)
            batch_norm.calibrate(y, norm, known, self.ranks)
            return y
        raw = convolve(inputs[0], inputs[1], None, node.attributes)
        return batch_norm.normalise(raw, norm, known, self.training, self.ranks)

    @torch.no_grad()
    def begin(self, *inputs: Tensor) -> None:
        """
        What only a first batch can say: batch norms that do to it what the folded convolutions did, and the scale of the
        classifier's weights, which are given for descriptors of norm 1.
        """
        if not self.job.norms and not self.job.unit_classifier:
            return
        self._calibrating = bool(self.job.norms)
        known = self._known(inputs)
        self._calibrating = False
        if self.job.unit_classifier:
            norms = known[self.job.descriptor].float().norm(dim=1)
            total = self.ranks.total(torch.stack([norms.sum(), norms.new_tensor(float(len(norms)))]))
            known[CLASSIFIER_WEIGHTS].div_(total[0] / total[1])

    def exponents(self) -> dict[str, float]:
        """The mean exponent of each branch that has one."""
        values = self.values()
        return {branch: float(values[name].clamp(min=0.1).mean()) for branch, name in self.job.exponents.items()}
