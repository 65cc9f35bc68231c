"""One step: losses over the whole batch, gradients over all ranks, Adam."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.cuda.amp.grad_scaler import GradScaler

from . import losses as loss_functions
from .network import Network
from .ranks import Ranks


@dataclass(frozen=True)
class Report:
    """Of the whole batch; the same on every rank."""

    loss: float
    ranking: float
    classification: float
    active: float


class Stepper:
    """
    Every rank has a part of the batch. The embeddings of all ranks are gathered, so that mining sees the whole batch; each
    rank computes the whole ranking loss and keeps the gradient of its own rows. The sum over ranks of the parameters'
    gradients is then that of the whole batch; torch's DDP gives their mean, hence the factor.
    """

    def __init__(self, network: Network, ranks: Ranks) -> None:
        self.network = network
        self._ranks = ranks
        self.updates = 0
        device = ranks.device
        values, groups = network.values(), dict[float, list[Tensor]]()
        for name in network.job.parameters:
            groups.setdefault(network.job.rates.get(name, 1.0), []).append(values[name])
        self.optimiser = torch.optim.Adam([{"params": x, "rate": rate} for rate, x in groups.items()], lr=0.0)
        self.scaler = GradScaler(enabled=network.precision == torch.float16 and device.type == "cuda")
        self._module: nn.Module = network
        if ranks.world > 1:
            # The statistics are summed where they arise, and so are the same everywhere.
            self._module = nn.parallel.DistributedDataParallel(
                network, device_ids=[device] if device.type == "cuda" else None, broadcast_buffers=False
            )

    def gradients(self, inputs: Sequence[Tensor], labels: Tensor) -> Report:
        """Leaves the gradients of the whole batch's loss in the parameters. `labels` are those of all ranks."""
        options, ranks = self.network.job.losses, self._ranks
        self.network.train()
        self.optimiser.zero_grad(set_to_none=True)
        _, combined, logits, proxies = self._module(*inputs)
        gathered = ranks.gather_rows(combined)
        ranking, active = loss_functions.ranking(gathered, labels, ranks.everywhere(proxies), options)
        own = labels[ranks.part(len(labels))]
        classification = loss_functions.classification(logits, own, options) / len(labels)
        loss = options.ranking_weight * ranking + options.classification_weight * classification
        self.scaler.scale(loss * ranks.world).backward()
        told = torch.stack([ranking.detach(), ranks.total(classification.detach()), active.detach().float()])
        a, b, share = (float(x) for x in told)
        total = options.ranking_weight * a + options.classification_weight * b
        return Report(total, a, b, share)

    def update(self, learning_rate: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate * group["rate"]
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.updates += 1

    def run(self, inputs: Sequence[Tensor], labels: Tensor, learning_rate: float) -> Report:
        """One step. Where the loss is not a finite number, the weights stay as they were."""
        if self.updates == 0:
            self.network.begin(*inputs)
        report = self.gradients(inputs, labels)
        if math.isfinite(report.loss):
            self.update(learning_rate)
        return report

    def scaler_state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.scaler.state_dict()
        return state
