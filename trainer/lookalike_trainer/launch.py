"""Starts the ranks of a training on this machine, each a process that the environment tells who it is."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from types import FrameType

from .control import lines_of_input

# Seconds that the other ranks have to end by themselves when one has.
GRACE = 10.0


def launch(command: Sequence[str], ranks: int) -> int:
    """
    Runs a command once per rank, and passes stdin and SIGTERM on to them. Returns 0 where all ended well, else the first
    other exit code; then the rest is ended.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(ranks)}
    if "OMP_NUM_THREADS" not in os.environ:
        shared["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // ranks))
    processes = [
        subprocess.Popen(
            list(command),
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdin=subprocess.PIPE,
        )
        for rank in range(ranks)
    ]

    def end(_number: int, _frame: FrameType | None) -> None:
        for process in processes:
            process.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=_pass_on, args=(processes,), daemon=True).start()
    return _wait(processes)


def _pass_on(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Each line of stdin goes to every rank; its end is theirs."""
    for line in lines_of_input():
        for process in processes:
            try:
                assert process.stdin is not None
                process.stdin.write(f"{line}\n".encode())
                process.stdin.flush()
            except (OSError, ValueError):
                pass
    for process in processes:
        try:
            assert process.stdin is not None
            process.stdin.close()
        except OSError:
            pass


def _wait(processes: Sequence[subprocess.Popen[bytes]]) -> int:
    failed, since = 0, 0.0
    while any(process.poll() is None for process in processes):
        codes = [process.poll() for process in processes]
        failed = failed or next((code for code in codes if code), 0)
        if failed and since == 0.0:
            since = time.monotonic()
        if failed and time.monotonic() - since > GRACE:
            for process in processes:
                process.kill()
        time.sleep(0.1)
    return failed or next((process.returncode for process in processes if process.returncode), 0)
