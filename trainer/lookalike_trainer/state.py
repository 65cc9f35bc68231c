"""Weights and optimiser of a training, and the file that holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from .job import CHECKPOINT, RESULT, Job
from .network import Network
from .tensors import TensorFileError, read_tensors, write_tensors

State = dict[str, Tensor]

_M, _V, _NOW, _BEST = "/m", "/v", "now/", "best/"


def weights_of(network: Network) -> State:
    """A copy of what is learned: parameters and statistics, by name, float32 on the CPU."""
    values = network.values()
    learned = (*network.job.parameters, *network.job.statistics)
    return {name: values[name].detach().float().cpu().clone() for name in learned}


@torch.no_grad()
def restore_weights(network: Network, state: Mapping[str, Tensor]) -> None:
    values = network.values()
    for name in (*network.job.parameters, *network.job.statistics):
        values[name].copy_(state[name])


def moments_of(network: Network, optimiser: torch.optim.Adam) -> State:
    values, moments = network.values(), {}
    for name in network.job.parameters:
        kept: dict[str, Any] = optimiser.state.get(values[name], {})
        if kept:
            moments[name + _M] = kept["exp_avg"].detach().float().cpu().clone()
            moments[name + _V] = kept["exp_avg_sq"].detach().float().cpu().clone()
    return moments


def restore_moments(network: Network, optimiser: torch.optim.Adam, state: Mapping[str, Tensor], updates: int) -> None:
    values = network.values()
    for name in network.job.parameters:
        if name + _M not in state:
            continue
        parameter = values[name]
        optimiser.state[parameter] = {
            "step": torch.tensor(float(updates)),
            "exp_avg": state[name + _M].to(parameter.device).clone(),
            "exp_avg_sq": state[name + _V].to(parameter.device).clone(),
        }


@dataclass
class Best:
    """The best state so far. `precisions` of the validation's queries; empty where there is none: then the latest is best."""

    weights: State
    epoch: int
    precisions: Sequence[float]


@dataclass
class Checkpoint:
    weights: State
    moments: State
    # Steps taken, and updates of the weights: a step whose loss is not a number updates nothing.
    steps: int
    updates: int
    watch: dict[str, Any]
    best: Best
    scaler: dict[str, Any] = field(default_factory=dict)


def write_checkpoint(job: Job, checkpoint: Checkpoint) -> None:
    """Whole or not at all. Raises OSError where it cannot be written; the old one stays."""
    best = checkpoint.best
    meta = {
        "key": job.key,
        "steps": checkpoint.steps,
        "updates": checkpoint.updates,
        "watch": checkpoint.watch,
        "scaler": checkpoint.scaler,
        "best": {"epoch": best.epoch, "precisions": list(best.precisions)},
    }
    now = {**checkpoint.weights, **checkpoint.moments}
    tensors = {_NOW + name: x for name, x in now.items()} | {_BEST + name: x for name, x in best.weights.items()}
    write_tensors(job.folder / CHECKPOINT, tensors, {"lookalike": json.dumps(meta)})


def read_checkpoint(job: Job) -> Checkpoint | None:
    """None where there is none that belongs to the job, or one that is damaged."""
    path = job.folder / CHECKPOINT
    if not path.is_file():
        return None
    try:
        tensors, metadata = read_tensors(path)
        meta: dict[str, Any] = json.loads(metadata["lookalike"])
        if meta["key"] != job.key:
            return None
        now = {name[len(_NOW) :]: x for name, x in tensors.items() if name.startswith(_NOW)}
        best = {name[len(_BEST) :]: x for name, x in tensors.items() if name.startswith(_BEST)}
        learned = {*job.parameters, *job.statistics}
        return Checkpoint(
            weights={name: x for name, x in now.items() if name in learned},
            moments={name: x for name, x in now.items() if name not in learned},
            steps=meta["steps"],
            updates=meta["updates"],
            watch=meta["watch"],
            scaler=meta["scaler"],
            best=Best(best, meta["best"]["epoch"], meta["best"]["precisions"]),
        )
    except (TensorFileError, OSError, KeyError, ValueError):
        return None


def write_result(job: Job, best: Best, stopped: bool) -> None:
    """The weights that the training ends with, from which Lookalike writes the model."""
    meta = {"key": job.key, "epoch": best.epoch, "stopped": stopped}
    write_tensors(job.folder / RESULT, best.weights, {"lookalike": json.dumps(meta)})
