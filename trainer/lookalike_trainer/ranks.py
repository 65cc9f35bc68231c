"""The processes of a training: who they are, and what they exchange."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from .job import JobError

# A pause may last over a holiday, and the others wait in an exchange meanwhile.
_PATIENCE = timedelta(days=14)


@dataclass(frozen=True)
class Ranks:
    """This process among those of the training."""

    rank: int
    world: int
    device: torch.device

    @property
    def first(self) -> bool:
        return self.rank == 0

    def part(self, count: int) -> slice:
        """Which of `count` things this rank has, where every rank has as many."""
        each = count // self.world
        return slice(self.rank * each, (self.rank + 1) * each)

    def most(self, value: int) -> int:
        """The largest that any rank says."""
        if self.world == 1:
            return value
        told = torch.tensor([value], device=self.device)
        dist.all_reduce(told, op=dist.ReduceOp.MAX)
        return int(told.item())

    def total(self, values: Tensor) -> Tensor:
        """The sum over ranks, without a gradient."""
        if self.world > 1:
            values = values.detach().clone()
            dist.all_reduce(values)
        return values

    def gathered(self, rows: Tensor) -> Tensor:
        """The rows of all ranks, in the order of the ranks, without a gradient."""
        if self.world == 1:
            return rows
        parts = [torch.empty_like(rows) for _ in range(self.world)]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    def gather_rows(self, rows: Tensor) -> Tensor:
        """The rows of all ranks, for a loss that every rank computes as a whole; each keeps the gradient of its own rows."""
        return rows if self.world == 1 else _Gather.apply(rows, self)

    def everywhere(self, values: Tensor) -> Tensor:
        """Values that every rank has whole and computes the same from: each keeps its share of their gradient."""
        return values if self.world == 1 else _Everywhere.apply(values, self.world)

    def sum_with_gradient(self, values: Tensor) -> Tensor:
        """The sum over ranks, whose gradient is the sum over ranks too."""
        return values if self.world == 1 else _Sum.apply(values)


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, ranks: Ranks) -> Tensor:  # type: ignore[override]
        ctx.ranks = ranks
        return ranks.gathered(rows)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        return gradient[ctx.ranks.part(gradient.shape[0])], None


class _Everywhere(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, world: int) -> Tensor:  # type: ignore[override]
        ctx.world = world
        return values.view_as(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        return gradient / ctx.world, None


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:  # type: ignore[override]
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        total = gradient.contiguous().clone()
        dist.all_reduce(total)
        return total


def rank_environment(environment: Mapping[str, str]) -> dict[str, int] | None:
    """Rank, local rank and number of ranks as torchrun or Slurm (srun) tells them; None where nobody does."""
    for rank, local, world in (
        ("RANK", "LOCAL_RANK", "WORLD_SIZE"),
        ("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS"),
    ):
        if rank in environment and world in environment:
            numbers = {"rank": rank, "local": local, "world": world}
            return {name: int(environment.get(variable, "0")) for name, variable in numbers.items()}
    return None


def join(device: str) -> Ranks:
    """Joins the other ranks that the environment tells of; one alone where it tells of none."""
    told = rank_environment(os.environ) or {"rank": 0, "local": 0, "world": 1}
    rank, local, world = told["rank"], told["local"], told["world"]
    where = _device(device, local)
    if world > 1:
        for needed in ("MASTER_ADDR", "MASTER_PORT"):
            if needed not in os.environ:
                raise JobError(f"{needed} is not set: the ranks need it to find each other.")
        if where.type == "cuda":
            torch.cuda.set_device(where)
        backend = "nccl" if where.type == "cuda" else "gloo"
        dist.init_process_group(backend, rank=rank, world_size=world, timeout=_PATIENCE)
    return Ranks(rank, world, where)


def _device(name: str, local: int) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda":
        if not torch.cuda.is_available():
            raise JobError("This torch sees no CUDA device. Choose the device cpu or auto, or another interpreter.")
        return torch.device("cuda", local % torch.cuda.device_count())
    return torch.device(name)


def leave() -> None:
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()
