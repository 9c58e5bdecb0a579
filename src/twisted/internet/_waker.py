"""Ending the loop's wait from another thread, or from a signal's handler."""

from __future__ import annotations

import os
from typing import Protocol

from zope.interface import implementer

from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure


class ReaderSet(Protocol):
    """Who watches a waker."""

    def addReader(self, reader: IReadDescriptor) -> None: ...
    def removeReader(self, reader: IReadDescriptor) -> None: ...


@implementer(IReadDescriptor)
class Waker:
    """A pipe to ourselves.

    A pipe rather than an eventfd, because `signal.set_wakeup_fd` writes single bytes.
    """

    def __init__(self, reactor: ReaderSet) -> None:
        self._reactor = reactor
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)
        os.set_blocking(self._in, False)

    def logPrefix(self) -> str:
        return "-"

    def fileno(self) -> int:
        """The end that becomes readable."""
        return self._out

    def wakeupFD(self) -> int:
        """The end to write a byte to."""
        return self._in

    def wakeUp(self) -> None:
        """End the wait that is in progress, or else the next one."""
        try:
            os.write(self._in, b"\0")
        except OSError:
            # Full of earlier wake-ups, of which one is enough; or closed, which a thread
            # that outlives the reactor need not hear of.
            pass

    def doRead(self) -> None:
        try:
            while len(os.read(self._out, 4096)) == 4096:
                pass
        except BlockingIOError:
            pass

    def connectionLost(self, reason: Failure) -> None:
        """Close both ends."""
        if self._out != -1:
            self._reactor.removeReader(self)
            # First forgotten, then closed: a thread that is late must not write its byte to
            # who gets the number next.
            ends, self._out, self._in = (self._out, self._in), -1, -1
            for end in ends:
                os.close(end)
