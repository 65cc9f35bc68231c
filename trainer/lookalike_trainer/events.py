"""What a training tells: JSON objects, one per line, as `TrainingEvent` of Lookalike has them."""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

# Seconds between two events of progress.
EVERY = 0.25


def emit(kind: str, **fields: Any) -> None:
    """Numbers that are not finite are told as null: JSON has none."""
    finite = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in fields.items()}
    print(json.dumps({"type": kind, **finite}), flush=True)


def warn(text: str) -> None:
    """For people, on stderr."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """Tells how far the steps are, a few times a second."""

    def __init__(self, total: int, images_per_step: int, done: int) -> None:
        self._total = total
        self._images = images_per_step
        self._first = done
        self._started = time.monotonic()
        self._last = -math.inf

    def note(self, done: int) -> None:
        now = time.monotonic()
        if now - self._last < EVERY and done < self._total:
            return
        self._last = now
        speed = (done - self._first) / max(1e-9, now - self._started)
        emit(
            "progress",
            phase="training",
            done=done,
            total=self._total,
            imagesPerSecond=speed * self._images,
            secondsLeft=(self._total - done) / speed if speed > 0 else None,
        )
