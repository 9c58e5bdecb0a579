"""A protocol before a protocol: what a transport says of the one, the other is told."""

from __future__ import annotations

from typing import Any

from zope.interface import directlyProvides

from twisted.internet.interfaces import (
    IFileDescriptorReceiver,
    IHalfCloseableProtocol,
    IHandshakeListener,
    ILoggingContext,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

#: What a transport may ask of a protocol; asked of the wrapper, it is the wrapped one's answer.
_ABILITIES = (IHalfCloseableProtocol, IFileDescriptorReceiver, IHandshakeListener)


def prefixOf(wrapped: Any) -> str:
    """The name in the log of a protocol or factory that is in a wrapper."""
    if ILoggingContext.providedBy(wrapped):
        prefix: str = wrapped.logPrefix()
        return prefix
    return type(wrapped).__name__


class Forwarder(Protocol):
    """Stands before a protocol, and passes on what comes; the base of those who listen in."""

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped
        abilities = [ability for ability in _ABILITIES if ability.providedBy(wrapped)]
        if abilities:
            directlyProvides(self, *abilities)

    def logPrefix(self) -> str:
        """The name of the protocol inside."""
        return prefixOf(self._wrapped)

    def makeConnection(self, transport: Any) -> None:
        """Connect the protocol inside."""
        self.transport = transport
        self._wrapped.makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Pass `data` in."""
        self._wrapped.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the protocol inside."""
        self._wrapped.connectionLost(reason)

    def readConnectionLost(self) -> None:
        """Tell the protocol inside, which provides `IHalfCloseableProtocol`."""
        self._wrapped.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """Tell the protocol inside, which provides `IHalfCloseableProtocol`."""
        self._wrapped.writeConnectionLost()

    def fileDescriptorReceived(self, descriptor: int) -> None:
        """Tell the protocol inside, which provides `IFileDescriptorReceiver`."""
        self._wrapped.fileDescriptorReceived(descriptor)

    def handshakeCompleted(self) -> None:
        """Tell the protocol inside, which provides `IHandshakeListener`."""
        self._wrapped.handshakeCompleted()
