"""Ending the loop's wait where pipes cannot be waited for: Windows."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet._waker import ReaderSet
from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure


@implementer(IReadDescriptor)
class SocketWaker:
    """Two sockets that are connected with each other.

    Args:
        reactor: watches one of them.
        face: makes a socket what the reactor can watch.
    """

    def __init__(
        self, reactor: ReaderSet, face: Callable[[socket.socket], Any] = lambda sock: sock
    ) -> None:
        self._reactor = reactor
        out, self._in = socket.socketpair()
        out.setblocking(False)
        self._in.setblocking(False)
        self._out = face(out)

    def logPrefix(self) -> str:
        return "-"

    def fileno(self) -> int:
        """The end that becomes readable."""
        return int(self._out.fileno())

    def wakeupFD(self) -> int:
        """The end to write a byte to, for signals."""
        return self._in.fileno()

    def wakeUp(self) -> None:
        """End the wait that is in progress, or else the next one."""
        try:
            self._in.send(b"\0")
        except OSError:
            # Full of earlier wake-ups, of which one is enough; or closed, which a thread
            # that outlives the reactor need not hear of.
            pass

    def doRead(self) -> None:
        try:
            self._out.recv(4096)
        except BlockingIOError:
            pass

    def connectionLost(self, reason: Failure) -> None:
        """Close both ends."""
        if self._out.fileno() != -1:
            self._reactor.removeReader(self)
            self._in.close()
            self._out.close()
