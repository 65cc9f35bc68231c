"""The command line of the torch engine."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from .control import Control
from .events import emit, warn
from .job import JobError, read_job
from .launch import launch
from .loop import Training
from .network import PRECISIONS
from .ranks import join, leave, rank_environment
from .tensors import TensorFileError

# Ended before its end, with a checkpoint to go on from (EX_TEMPFAIL).
INTERRUPTED = 75


def main(arguments: list[str] | None = None) -> int:
    """0: trained. 75: interrupted, to be started again. 1: failed, with the reason as an event."""
    parser = argparse.ArgumentParser(prog="train.py", description="Trains what Lookalike has prepared in a folder.")
    parser.add_argument("job", type=Path, help="the folder with job.json")
    parser.add_argument("--ranks", type=int, default=0, help="processes on this machine (default: one per GPU, or one)")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--precision", choices=sorted(PRECISIONS), default="float32")
    parser.add_argument("--threads", type=int, default=0, help="of the CPU, per process")
    parser.add_argument("--stdin", action="store_true", help="follow the words pause, run, stop, end on stdin")
    given = parser.parse_args(arguments)
    if rank_environment(os.environ) is None:
        ranks = given.ranks or (torch.cuda.device_count() if given.device != "cpu" else 0) or 1
        if ranks > 1:
            own = [*(sys.argv[1:] if arguments is None else arguments)]
            # What is passed on is read by the ranks; without it they would take the end of stdin for a word.
            return launch([sys.executable, "-u", str(Path(sys.argv[0]).resolve()), *own], ranks)
    return _train(given)


def _train(given: argparse.Namespace) -> int:
    control = Control()
    control.follow_signals()
    if given.stdin:
        control.follow_input()
    if given.threads > 0:
        torch.set_num_threads(given.threads)
    try:
        job = read_job(given.job)
        ranks = join(given.device)
        if ranks.first:
            emit("device", work="training", used=ranks.device.type, reason=None)
        return 0 if Training(job, ranks, control, given.precision).run() else INTERRUPTED
    except (JobError, TensorFileError) as error:
        emit("failed", message=str(error))
        return 1
    except RuntimeError as error:
        # torch: no memory, no such device, a rank that is gone.
        warn(str(error))
        emit("failed", message=f"torch failed: {str(error).splitlines()[0] if str(error) else error!r}")
        return 1
    finally:
        leave()
