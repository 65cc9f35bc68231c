"""Images of a job, as the network takes them: crops by the plan, or whole."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from .job import PIXELS, PLAN, Images, Job, JobError
from .ranks import Ranks

# Batches that are made while a step runs.
AHEAD = 2
# Numbers per image of the plan.
FIELDS = 4


class ImageFile:
    """A file of images, mapped into memory: what is not looked at is not read."""

    def __init__(self, job: Job, part: str) -> None:
        self.about: Images = job.images[part]
        self._job = job
        about = self.about
        self.labels = torch.tensor(about.labels, dtype=torch.int64)
        path = job.folder / PIXELS[part]
        if about.dims:
            rows = _mapped(path, about.count * about.views * sum(about.dims), torch.float32)
            self._data = rows.reshape(about.count, about.views, sum(about.dims))
        else:
            pixels = _mapped(path, about.count * about.height * about.width * 3, torch.uint8)
            self._data = pixels.reshape(about.count, about.height, about.width, 3)

    def planned(self, entries: Tensor) -> list[Tensor]:
        """The inputs that an extract [n, 4] of the plan names."""
        if self.about.dims:
            rows = torch.stack([self._data[image, view] for image, view, _, _ in entries.tolist()])
            return list(rows.split(list(self.about.dims), 1))
        height, width = self._job.height, self._job.width
        batch = torch.empty((len(entries), height, width, 3), dtype=torch.uint8)
        for k, (image, left, top, mirrored) in enumerate(entries.tolist()):
            crop = self._data[image, top : top + height, left : left + width]
            batch[k] = crop.flip(1) if mirrored else crop
        return [batch]

    def whole(self, rows: slice) -> list[Tensor]:
        """The images themselves, which have the input's size."""
        if self.about.dims:
            return list(self._data[rows, 0].split(list(self.about.dims), 1))
        return [self._data[rows].clone()]


def _mapped(path: Path, count: int, dtype: torch.dtype) -> Tensor:
    bytes_each = torch.empty(0, dtype=dtype).element_size()
    if not path.is_file() or path.stat().st_size != count * bytes_each:
        raise JobError(f"{path} is missing or not whole. Copy it again, or prepare the training anew.")
    if count == 0:
        return torch.empty(0, dtype=dtype)
    mapped: Tensor = torch.from_file(str(path), shared=False, size=count, dtype=dtype)
    return mapped


class Batches:
    """The batches of this rank from a step on, made ahead."""

    def __init__(self, job: Job, train: ImageFile, ranks: Ranks, first: int) -> None:
        plan = job.plan
        if plan.batch % ranks.world != 0:
            raise JobError(
                f"A batch of {plan.batch} images cannot be shared evenly by {ranks.world} ranks. Choose another number."
            )
        self._steps = range(first, plan.steps)
        numbers = _mapped(job.folder / PLAN, plan.steps * plan.batch * FIELDS, torch.int32)
        self._plan = numbers.reshape(plan.steps, plan.batch, FIELDS)
        self._train = train
        self._ranks = ranks

    def __iter__(self) -> Iterator[tuple[list[Tensor], Tensor]]:
        """This rank's inputs and the labels of the whole batch, step by step."""
        with ThreadPoolExecutor(1) as pool:
            waiting: list[Future[tuple[list[Tensor], Tensor]]] = []
            for step in self._steps:
                waiting.append(pool.submit(self._make, step))
                if len(waiting) > AHEAD:
                    yield self._moved(waiting.pop(0).result())
            for future in waiting:
                yield self._moved(future.result())

    def _make(self, step: int) -> tuple[list[Tensor], Tensor]:
        entries = self._plan[step]
        inputs = self._train.planned(entries[self._ranks.part(len(entries))])
        if self._ranks.device.type == "cuda":
            inputs = [x.pin_memory() for x in inputs]
        return inputs, self._train.labels[entries[:, 0].long()]

    def _moved(self, made: tuple[list[Tensor], Tensor]) -> tuple[list[Tensor], Tensor]:
        device = self._ranks.device
        return [x.to(device, non_blocking=True) for x in made[0]], made[1].to(device, non_blocking=True)
