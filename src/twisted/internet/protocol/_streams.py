"""Protocols of stream connections and of child processes."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet import error
from twisted.internet.interfaces import (
    ILoggingContext,
    IProcessProtocol,
    IProcessTransport,
    IProtocol,
    ITransport,
)
from twisted.python.failure import Failure

__name__ = "twisted.internet.protocol"  # the public path, for pickles and messages

connectionDone = Failure(error.ConnectionDone())


class BaseProtocol:
    """What protocols of connections and of processes have in common.

    Attributes:
        connected: whether `makeConnection` has been called.
        transport: the way to the peer; None before `makeConnection`.
    """

    connected: int = 0
    # Typed as if it were always there: it is wherever a protocol has a use for it.
    transport: Any = None

    def makeConnection(self, transport: Any) -> None:
        """Remember the transport and call `connectionMade`."""
        self.connected = 1
        self.transport = transport
        self.connectionMade()

    def connectionMade(self) -> None:
        """The connection is open: the place for a greeting and for set-up."""


@implementer(IProtocol, ILoggingContext)
class Protocol(BaseProtocol):
    """The behaviour of one stream connection. Override the events that matter to you.

    Attributes:
        factory: what made this; set by `Factory.buildProtocol`. Typed loosely, since it
            is nearly always a class of the program; declare it anew to have it checked.
    """

    transport: ITransport = None  # type: ignore[assignment]  # until makeConnection
    factory: Any = None

    def logPrefix(self) -> str:
        """How lines logged on this connection's behalf are marked: the class's name."""
        return self.__class__.__name__

    def dataReceived(self, data: bytes) -> None:
        """Some bytes have arrived; where one call ends and the next begins means nothing."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone: the place to release what belongs to it.

        Args:
            reason: wraps `error.ConnectionDone` after a clean close, another
                `error.ConnectionClosed` otherwise.
        """


@implementer(IProcessProtocol)
class ProcessProtocol(BaseProtocol):
    """Our side towards a child process, with the three standard descriptors by name."""

    transport: IProcessTransport = None  # type: ignore[assignment]  # until makeConnection

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """The child wrote to `childFD`. Passes 1 and 2 on to `outReceived`, `errReceived`."""
        if childFD == 1:
            self.outReceived(data)
        elif childFD == 2:
            self.errReceived(data)

    def outReceived(self, data: bytes) -> None:
        """The child wrote to its standard output."""

    def errReceived(self, data: bytes) -> None:
        """The child wrote to its standard error."""

    def childConnectionLost(self, childFD: int) -> None:
        """The pipe of `childFD` is closed. Passes 0, 1 and 2 on to the methods below."""
        if childFD == 0:
            self.inConnectionLost()
        elif childFD == 1:
            self.outConnectionLost()
        elif childFD == 2:
            self.errConnectionLost()

    def inConnectionLost(self) -> None:
        """The child's standard input is closed."""

    def outConnectionLost(self) -> None:
        """The child's standard output is closed."""

    def errConnectionLost(self) -> None:
        """The child's standard error is closed."""

    def processExited(self, reason: Failure) -> None:
        """The process has ended; its pipes may still hold data.

        Args:
            reason: wraps `error.ProcessDone` after exit status 0, else
                `error.ProcessTerminated`.
        """

    def processEnded(self, reason: Failure) -> None:
        """The process has ended and its pipes are closed; `reason` as for `processExited`."""
