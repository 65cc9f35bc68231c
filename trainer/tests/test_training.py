"""Trainings of the small job as processes: one rank and two, ended and gone on with, paused and stopped."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lookalike_trainer.data import Batches, ImageFile
from lookalike_trainer.job import CHECKPOINT, RESULT, JobError
from lookalike_trainer.main import main
from lookalike_trainer.ranks import Ranks, rank_environment
from lookalike_trainer.tensors import read_tensors

from .support import make_job, start

SCRIPT = Path(__file__).parent.parent / "train.py"


class Run:
    """A training as a process, followed line by line."""

    def __init__(self, job: Path, *arguments: str) -> None:
        command = [sys.executable, "-u", str(SCRIPT), str(job), "--device", "cpu", "--threads", "1", *arguments]
        environment = {name: x for name, x in os.environ.items() if name not in ("RANK", "WORLD_SIZE", "SLURM_PROCID")}
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environment, "OMP_NUM_THREADS": "1"},
        )
        self.events: list[dict[str, Any]] = []

    def until(self, kind: str, count: int = 1) -> None:
        assert self.process.stdout is not None
        while sum(event["type"] == kind for event in self.events) < count:
            line = self.process.stdout.readline()
            if line == "":
                raise AssertionError(f"ended before {kind}: {self.events[-1:]}")
            self.events.append(json.loads(line))

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def end(self) -> int:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.events += [json.loads(line) for line in self.process.stdout]
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait()

    def losses(self) -> list[float]:
        return [event["loss"] for event in self.events if event["type"] == "step"]


def weights(job: Path) -> dict[str, Tensor]:
    return read_tensors(job / RESULT)[0]


def furthest(a: dict[str, Tensor], b: dict[str, Tensor]) -> float:
    assert set(a) == set(b)
    return max(float((a[name] - b[name]).norm() / b[name].norm().clamp(min=1e-6)) for name in a)


class TrainingTest(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory(prefix="lookalike-trainer-")
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)

    def test_it_learns_and_ranks_agree(self) -> None:
        make_job(self.root / "one", norms=True)
        # A checkpoint that is damaged is none.
        (self.root / "one" / CHECKPOINT).write_bytes(b"\x08\0\0\0\0\0\0\0{")
        one = Run(self.root / "one")
        self.assertEqual(one.end(), 0)
        losses = one.losses()
        self.assertEqual(len(losses), 12)
        self.assertLess(sum(losses[-3:]), sum(losses[:3]))
        # The same batches: what two ranks mine, normalise and learn is what one does.
        make_job(self.root / "two", norms=True)
        two = Run(self.root / "two", "--ranks", "2")
        self.assertEqual(two.end(), 0)
        self.assertLess(max(abs(a - b) for a, b in zip(two.losses(), losses)), 1e-3)
        self.assertLess(furthest(weights(self.root / "two"), weights(self.root / "one")), 1e-2)
        kinds = [event["type"] for event in two.events]
        self.assertEqual(kinds.count("evaluation"), 5)
        self.assertEqual(kinds[-1], "trained")

    def test_ranks_share_proxies(self) -> None:
        make_job(self.root / "one", epochs=2, proxies=True)
        one = Run(self.root / "one")
        self.assertEqual(one.end(), 0)
        make_job(self.root / "two", epochs=2, proxies=True)
        two = Run(self.root / "two", "--ranks", "2")
        self.assertEqual(two.end(), 0)
        self.assertLess(max(abs(a - b) for a, b in zip(two.losses(), one.losses())), 1e-3)
        self.assertLess(furthest(weights(self.root / "two"), weights(self.root / "one")), 1e-2)
        # A hundred times as fast as the rest.
        moved = (weights(self.root / "one")["proxies/weights"] - start(False, True)["proxies/weights"]).abs()
        self.assertGreater(float(moved.mean()), 0.5)

    def test_killed_it_goes_on_with_another_number_of_ranks(self) -> None:
        make_job(self.root / "whole", epochs=6)
        whole = Run(self.root / "whole")
        self.assertEqual(whole.end(), 0)
        make_job(self.root / "parts", epochs=6)
        first = Run(self.root / "parts", "--ranks", "2")
        first.until("step", 2)
        first.process.send_signal(signal.SIGTERM)
        self.assertEqual(first.end(), 75)
        self.assertLess(len(first.losses()), 18)
        self.assertFalse((self.root / "parts" / RESULT).exists())
        second = Run(self.root / "parts")
        self.assertEqual(second.end(), 0)
        together = first.losses() + second.losses()
        self.assertEqual(len(together), 18)
        self.assertLess(max(abs(a - b) for a, b in zip(together, whole.losses())), 1e-3)
        self.assertLess(furthest(weights(self.root / "parts"), weights(self.root / "whole")), 1e-2)

    def test_paused_and_stopped_it_keeps_the_best(self) -> None:
        make_job(self.root / "stopped", epochs=60)
        run = Run(self.root / "stopped", "--stdin")
        run.until("step", 4)
        run.say("pause")
        run.until("paused")
        self.assertTrue((self.root / "stopped" / CHECKPOINT).exists())
        run.say("run")
        run.until("resumed")
        run.say("stop")
        self.assertEqual(run.end(), 0)
        self.assertTrue(run.events[-1]["stopped"])
        self.assertTrue((self.root / "stopped" / RESULT).exists())

    def test_bfloat16_learns_too(self) -> None:
        make_job(self.root / "half")
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            code = main([str(self.root / "half"), "--device", "cpu", "--precision", "bfloat16"])
        events = [json.loads(line) for line in told.getvalue().splitlines()]
        losses = [event["loss"] for event in events if event["type"] == "step"]
        self.assertEqual(code, 0)
        self.assertLess(sum(losses[-3:]), sum(losses[:3]))

    def test_what_cannot_be_is_told(self) -> None:
        job = make_job(self.root / "three")
        with self.assertRaisesRegex(JobError, "cannot be shared evenly by 3 ranks"):
            Batches(job, ImageFile(job, "train"), Ranks(0, 3, torch.device("cpu")), 0)
        (self.root / "three" / "train.bin").write_bytes(b"short")
        with self.assertRaisesRegex(JobError, "train.bin is missing or not whole"):
            ImageFile(job, "train")


class SlurmTest(unittest.TestCase):
    def test_who_a_rank_is(self) -> None:
        slurm = {"SLURM_PROCID": "5", "SLURM_LOCALID": "1", "SLURM_NTASKS": "8"}
        self.assertEqual(rank_environment(slurm), {"rank": 5, "local": 1, "world": 8})
        torchrun = {"RANK": "2", "LOCAL_RANK": "2", "WORLD_SIZE": "4"}
        self.assertEqual(rank_environment({**slurm, **torchrun}), {"rank": 2, "local": 2, "world": 4})
        self.assertIsNone(rank_environment({}))


if __name__ == "__main__":
    unittest.main()
