"""Trains a job until its plan ends, a stop, or what cannot end well."""

from __future__ import annotations

import time

from . import control as words
from .control import Control
from .data import Batches, ImageFile
from .evaluation import clearly_better, embed, mean_of, precisions
from .events import Progress, emit
from .job import START, Job, JobError
from .network import Network
from .ranks import Ranks
from .state import (
    Best,
    Checkpoint,
    moments_of,
    read_checkpoint,
    restore_moments,
    restore_weights,
    weights_of,
    write_checkpoint,
    write_result,
)
from .step import Report, Stepper
from .tensors import read_tensors, write_tensors
from .watch import Watch, collapse_of

# Seconds between two checkpoints.
KEEP_EVERY = 30.0


class Training:
    def __init__(self, job: Job, ranks: Ranks, control: Control, precision: str) -> None:
        self._job, self._ranks, self._control = job, ranks, control
        if precision == "float16" and ranks.device.type == "cpu":
            raise JobError("torch has no float16 for training on a CPU. Use float32 or bfloat16.")
        tensors, _ = read_tensors(job.folder / START)
        self._network = Network(job, tensors, ranks, precision).to(ranks.device)
        self._stepper = Stepper(self._network, ranks)
        self._train = ImageFile(job, "train")
        self._held = {part: ImageFile(job, part) for part in ("validation", "test") if job.images[part].count > 0}
        self._watch = Watch()
        self._done = 0
        self._best: Best | None = None
        self._problem: str | None = None
        self._told = False

    def run(self) -> bool:
        """Whether the training came to its end; False leaves a checkpoint to go on from."""
        job, ranks, plan = self._job, self._ranks, self._job.plan
        if not self._resume():
            self._evaluate(0)
        progress = Progress(plan.steps, plan.batch, self._done) if ranks.first else None
        written = time.monotonic()
        for inputs, labels in Batches(job, self._train, ranks, self._done):
            word = self._agreed()
            if word == words.END:
                self._keep()
                return False
            if word == words.STOP:
                break
            epoch = self._done // plan.steps_per_epoch
            report = self._stepper.run(inputs, labels, plan.learning_rates[self._done])
            self._done += 1
            if progress is not None:
                self._tell(epoch, report)
                progress.note(self._done)
            self._problem = self._watch.after_step(report.loss) or self._problem
            if self._done % plan.steps_per_epoch == 0 and self._problem is None:
                epochs = self._done // plan.steps_per_epoch
                if epochs == plan.epochs or epochs % plan.evaluate_every == 0:
                    self._evaluate(epochs)
            if time.monotonic() - written > KEEP_EVERY:
                written = time.monotonic()
                self._keep()
        self._finish()
        return True

    def _agreed(self) -> int:
        """The heaviest word that any rank has; after a pause, another one."""
        own = words.STOP if self._problem is not None else self._control.word
        word = self._ranks.most(own)
        while word == words.PAUSE:
            self._keep()
            if self._ranks.first:
                emit("paused")
                self._control.wait_while_paused()
                emit("resumed")
            # The others wait in this exchange. Whoever else was told to pause has waited long enough.
            own = self._control.word if self._ranks.first else words.RUN
            word = self._ranks.most(own)
        return word

    def _resume(self) -> bool:
        kept = read_checkpoint(self._job)
        if kept is None:
            return False
        restore_weights(self._network, kept.weights)
        restore_moments(self._network, self._stepper.optimiser, kept.moments, kept.updates)
        if kept.scaler:
            self._stepper.scaler.load_state_dict(kept.scaler)
        self._stepper.updates = kept.updates
        self._watch = Watch(kept.watch)
        self._done, self._best = kept.steps, kept.best
        return True

    def _tell(self, epoch: int, report: Report) -> None:
        emit(
            "step",
            epoch=epoch,
            step=self._done,
            loss=report.loss,
            rankingLoss=report.ranking,
            classificationLoss=report.classification,
            active=report.active,
            p=self._network.exponents(),
        )

    def _evaluate(self, epoch: int) -> None:
        """Embeds what is held out; the first rank scores the validation, keeps the best, and hands over the test's rows."""
        rows = {part: embed(self._network, images, self._ranks) for part, images in self._held.items()}
        if not self._ranks.first:
            return
        found = precisions(rows["validation"], self._held["validation"].labels) if "validation" in rows else []
        before = self._best
        better = before is None or not found or not before.precisions
        if before is not None and not better:
            clear = clearly_better(before.precisions, found)
            better = clear if before.epoch == 0 else mean_of(found) > mean_of(before.precisions)
        if better:
            self._best = Best(weights_of(self._network), epoch, found)
        told: dict[str, object] = {"epoch": epoch, "best": better}
        if found:
            told["validation"] = mean_of(found)
        if "test" in rows:
            file = f"rows-{epoch}.safetensors"
            named = zip(self._job.branches, rows["test"])
            write_tensors(self._job.folder / file, {branch.name: x.float().cpu() for branch, x in named})
            told["rows"] = file
        emit("evaluation", **told)
        shown = rows.get("validation", rows.get("test"))
        if shown is not None and epoch > 0:
            self._problem = collapse_of(shown) or self._problem

    def _keep(self) -> None:
        if not self._ranks.first or self._best is None:
            return
        checkpoint = Checkpoint(
            weights=weights_of(self._network),
            moments=moments_of(self._network, self._stepper.optimiser),
            steps=self._done,
            updates=self._stepper.updates,
            watch=self._watch.state(),
            scaler=self._stepper.scaler_state(),
            best=self._best,
        )
        try:
            write_checkpoint(self._job, checkpoint)
            self._told = False
        except OSError as cause:
            if not self._told:
                emit("warning", message=f"No checkpoint: {cause}. The training goes on.")
            self._told = True

    def _finish(self) -> None:
        if not self._ranks.first or self._best is None:
            return
        stopped = self._done < self._job.plan.steps
        if self._problem is not None:
            emit("warning", message=f"{self._problem} The training stops; the best so far is kept.")
        write_result(self._job, self._best, stopped)
        emit("trained", epoch=self._best.epoch, stopped=stopped)
