"""Ctrl-C while tests run: once, and this test is the last; twice, and it ends now.

Theory of operation
-------------------
A handler of SIGINT may be called between any two steps of the program, so it does as little as it
can.  What it raises comes out of whatever is running; while that is the reactor, whose callbacks
would log it and go on, the wait for the Deferred of the test is given up instead.  A callback that
does not come back is interrupted by the third.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_WORDS = b"\nCtrl-C: this test is the last one. Press it again to end the test now.\n"


class Interrupts:
    """A handler of SIGINT.

    Args:
        lastTest: Called at the first one.

    Attributes:
        seen: Whether there was one.
        endWait: Called at the next one, in place of raising `KeyboardInterrupt`, and then
            forgotten.
    """

    def __init__(self, lastTest: Callable[[], object]) -> None:
        self._lastTest = lastTest
        self.seen = False
        self.endWait: Callable[[], object] | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        endWait, self.endWait = self.endWait, None
        if not self.seen:
            self.seen = True
            self.endWait = endWait
            # Not through the buffer of a file, which may be in use just now.
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, _WORDS)
            self._lastTest()
        elif endWait is not None:
            endWait()
        else:
            raise KeyboardInterrupt


@contextlib.contextmanager
def handling(lastTest: Callable[[], object]) -> Iterator[Interrupts]:
    """Handle SIGINT as `Interrupts` does, unless somebody else does already.

    Args:
        lastTest: Called at the first one.
    """
    interrupts = Interrupts(lastTest)
    if not _isOurs(signal.default_int_handler):
        yield interrupts
        return
    signal.signal(signal.SIGINT, interrupts)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _isOurs(handler: object) -> bool:
    """Whether SIGINT is handled like this, and handlers can be changed."""
    return (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is handler
    )


@contextlib.contextmanager
def endingWait(endWait: Callable[[], object]) -> Iterator[None]:
    """Let Ctrl-C end a wait in the reactor.

    Args:
        endWait: Called by the handler.
    """
    handler = signal.getsignal(signal.SIGINT)
    if isinstance(handler, Interrupts):
        handler.endWait = endWait
        try:
            yield
        finally:
            handler.endWait = None
    elif _isOurs(signal.default_int_handler):
        # Another runner, in which the first one ends everything.
        signal.signal(signal.SIGINT, lambda number, frame: endWait())
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    else:
        yield
