"""What whoever controls a training wants of it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

# In the order of their weight: the ranks agree on the heaviest.
RUN, PAUSE, STOP, END = range(4)

_WORDS = {"run": RUN, "pause": PAUSE, "stop": STOP, "end": END}


class Control:
    """
    `stop` ends and keeps the best so far; `end` (also SIGTERM, and a parent that is gone) leaves a checkpoint to go on from;
    `pause` waits for `run`. Asked for between two steps.
    """

    def __init__(self) -> None:
        self._word = RUN
        self._changed = threading.Condition()

    @property
    def word(self) -> int:
        return self._word

    def set(self, word: int) -> None:
        with self._changed:
            # An end cannot be taken back.
            if self._word != END:
                self._word = word
            self._changed.notify_all()

    def wait_while_paused(self) -> None:
        with self._changed:
            while self._word == PAUSE:
                # Signals are only handled between two waits.
                self._changed.wait(0.2)

    def follow_signals(self) -> None:
        def end(_number: int, _frame: FrameType | None) -> None:
            # Not `set`: the lock may be held by the very code that the signal interrupts.
            self._word = END

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)

    def follow_input(self) -> None:
        """Reads words from stdin, one per line; where it ends, so does the training."""

        def read() -> None:
            for line in lines_of_input():
                word = _WORDS.get(line)
                if word is not None:
                    self.set(word)
            self.set(END)

        threading.Thread(target=read, daemon=True).start()


def lines_of_input() -> Iterator[str]:
    """
    The lines of stdin as they come. Not by `sys.stdin`: a thread that waits in it holds its lock, and the interpreter
    cannot end.
    """
    rest = b""
    while True:
        try:
            data = os.read(0, 4096)
        except OSError:
            return
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace").strip()
