"""Connecting: the part of a client's life before it is a connection.

Theory of operation
-------------------
An attempt is an object of its own, which the loop watches for writability; the transport
proper is watched only once it is connected, so that its methods need not ask at every
event whether they are.  Nothing is done in the constructor: a factory hears
`startedConnecting` before it hears how the attempt ended.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

from zope.interface import implementer

from twisted.internet import error
from twisted.internet.interfaces import IDelayedCall, IWriteDescriptor
from twisted.python.failure import Failure

#: Seconds until the next try when a UNIX server's backlog is full.
_BACKLOG_PAUSE = 0.02


@implementer(IWriteDescriptor)
class Connecting:
    """A socket on its way to be connected, for `transport`, which hears how it ends.

    `transport` has `connectionEstablished()` and `failIfNotConnected(error)`.
    """

    def __init__(self, transport: Any, sock: socket.socket, address: Any, name: object) -> None:
        self._transport = transport
        self._socket = sock
        self._address = address
        self._name = name
        self._retry: IDelayedCall | None = None

    def begin(self) -> None:
        """Ask the kernel; the transport hears of it in a later turn, or now if it is settled."""
        self._retry = None
        code = self._socket.connect_ex(self._address)
        if code == errno.EAGAIN and self._socket.family == socket.AF_UNIX:
            # The server's backlog is full, and nothing has begun (unix(7)).
            self._retry = self._transport.reactor.callLater(_BACKLOG_PAUSE, self.begin)
        elif code in (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EINTR):
            self._transport.reactor.addWriter(self)
        else:
            self._settled(code)

    def _settled(self, code: int) -> None:
        if code in (0, errno.EISCONN):
            self._transport.connectionEstablished()
        else:
            problem = error.getConnectError((code, os.strerror(code)), self._name)
            self._transport.failIfNotConnected(problem)

    def stop(self) -> None:
        """Be watched no more."""
        self._transport.reactor.removeWriter(self)
        retry, self._retry = self._retry, None
        if retry is not None:
            retry.cancel()

    def fileno(self) -> int:
        return self._socket.fileno()

    def logPrefix(self) -> str:
        return str(self._transport.logPrefix())

    def doWrite(self) -> None:
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code == 0:
            try:
                self._socket.getpeername()
            except OSError:
                # An event that was meant for an earlier socket of this number.
                return
        self.stop()
        self._settled(code)

    def connectionLost(self, reason: Failure) -> None:
        self._transport.failIfNotConnected(reason.value)
