"""Looks at a training for what cannot end well, by the rules of the built-in engine (src/core/training/run/watch.ts)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from torch import Tensor

# Steps whose mean is compared: single batches say little.
WINDOW = 50
# A loss that is this many times that of the first steps has run away.
RUNAWAY = 3.0
# Mean cosine of embeddings of different images above which they are all the same.
COLLAPSED = 0.999

_UNBOUNDED = "the weights grew without bounds. Use a lower learning rate, or more images per class."


class Watch:
    def __init__(self, kept: dict[str, Any] | None = None) -> None:
        self._losses: list[float] = list(kept["losses"]) if kept else []
        self._first: float | None = kept["first"] if kept else None

    def state(self) -> dict[str, Any]:
        return {"losses": self._losses, "first": self._first}

    def after_step(self, loss: float) -> str | None:
        """Why the training must stop, in plain words; None where it may go on."""
        if not math.isfinite(loss):
            return f"The loss is no longer a number: {_UNBOUNDED}"
        self._losses.append(loss)
        if len(self._losses) < WINDOW:
            return None
        mean = sum(self._losses) / len(self._losses)
        self._losses = []
        if self._first is None:
            self._first = mean
            return None
        if mean <= RUNAWAY * self._first + 0.1:
            return None
        return f"The loss grows instead of falling ({mean:.2f}, at first {self._first:.2f}). Use a lower learning rate."


def collapse_of(branches: Sequence[Tensor]) -> str | None:
    """
    Whether embeddings [n, dim] of different images, rows of norm 1, are of no more use: all at one place, or without a
    direction.
    """
    count = len(branches[0])
    if count < 2:
        return None
    mean = 0.0
    for rows in branches:
        norms = float(rows.double().square().sum() / count)
        if not abs(norms - 1) < 0.5:
            return f"The embeddings have no direction any more: {_UNBOUNDED}"
        # |sum of n unit vectors|^2 = n + n (n - 1) * mean cosine of two different ones.
        squared = float(rows.double().sum(0).square().sum())
        mean += (squared - count) / (count * (count - 1)) / len(branches)
    if mean < COLLAPSED:
        return None
    return (
        f"All images get the same embedding (mean cosine {mean:.3f}): the training has collapsed. "
        "Use a lower learning rate, or more classes per batch."
    )
