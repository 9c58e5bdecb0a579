"""A factory around a factory, and a protocol around a protocol."""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable, Iterable
from typing import Any

from zope.interface import directlyProvides, providedBy

from twisted.internet._reactor import installedReactor
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    IDelayedCall,
    ILoggingContext,
    IProducer,
    IProtocolFactory,
)
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.python.failure import Failure

__name__ = "twisted.protocols.policies"  # the public path, for pickles and messages


def callLaterInReactor(period: float, func: Callable[[], object]) -> IDelayedCall:
    """Call `func` after `period` seconds."""
    call: IDelayedCall = installedReactor().callLater(period, func)
    return call


def _prefixOf(wrapped: object, wrapper: object) -> str:
    """How the log marks lines for something in a wrapper: both names."""
    if ILoggingContext.providedBy(wrapped):
        inner = wrapped.logPrefix()
    else:
        inner = type(wrapped).__name__
    return f"{inner} ({type(wrapper).__name__})"


class ProtocolWrapper(Protocol, metaclass=ABCMeta):
    """Stands between a transport and a protocol: passes every event in, every call out.

    Provides what its transport provides; attributes that it lacks are the transport's.

    Attributes:
        wrappedProtocol: the protocol inside; None once the connection is lost.
        disconnecting: whether the protocol inside has hung up.
    """

    disconnecting: int = 0
    transport: Any = None

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        # Programs look whether a transport is a wrapper to put another protocol inside. Those of
        # the reactor let them, when they have TLS inside.
        isWrapper = cls is ProtocolWrapper and getattr(other, "wrapsProtocol", False)
        return isWrapper or NotImplemented

    def __init__(self, factory: Any, wrappedProtocol: Any) -> None:
        self.factory = factory
        self.wrappedProtocol = wrappedProtocol

    def logPrefix(self) -> str:
        """The name of the protocol inside, and ours."""
        return _prefixOf(self.wrappedProtocol, self)

    def makeConnection(self, transport: Any) -> None:
        """Become the transport of the protocol inside."""
        directlyProvides(self, providedBy(transport))
        super().makeConnection(transport)
        self.factory.registerProtocol(self)
        self.wrappedProtocol.makeConnection(self)

    # To the transport.

    def write(self, data: bytes) -> None:
        """Send `data`."""
        self.transport.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send each item of `data`."""
        self.transport.writeSequence(data)

    def loseConnection(self) -> None:
        """Close the connection when all has been sent."""
        self.disconnecting = 1
        self.transport.loseConnection()

    def abortConnection(self) -> None:
        """Close the connection at once, if the transport can."""
        self.disconnecting = 1
        self.transport.abortConnection()

    def getPeer(self) -> Any:
        """The address of the other end."""
        return self.transport.getPeer()

    def getHost(self) -> Any:
        """The address of this end."""
        return self.transport.getHost()

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let the transport take data from `producer`."""
        self.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Let the transport forget its producer."""
        self.transport.unregisterProducer()

    def stopConsuming(self) -> None:
        """Let the transport take no more."""
        self.transport.stopConsuming()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    # To the protocol.

    def dataReceived(self, data: bytes) -> None:
        """Pass `data` in."""
        self.wrappedProtocol.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the factory and the protocol inside."""
        self.factory.unregisterProtocol(self)
        wrapped, self.wrappedProtocol = self.wrappedProtocol, None
        wrapped.connectionLost(reason)


class WrappingFactory(ClientFactory[Any]):
    """Puts a wrapper around each protocol of another factory; for servers and clients.

    Attributes:
        wrappedFactory: the factory inside.
        protocol: makes a wrapper from this factory and the protocol to be wrapped.
        protocols: the wrappers of open connections, as the keys of a dictionary.
    """

    # Called with two arguments, where Factory's has none: what is documented, for both.
    protocol: Any = ProtocolWrapper
    noisy = False

    def __init__(self, wrappedFactory: IProtocolFactory) -> None:
        self.wrappedFactory: Any = wrappedFactory
        self.protocols: dict[Any, int] = {}

    def logPrefix(self) -> str:
        """The name of the factory inside, and ours."""
        return _prefixOf(self.wrappedFactory, self)

    def doStart(self) -> None:
        """Start the factory inside, then this one."""
        self.wrappedFactory.doStart()
        super().doStart()

    def doStop(self) -> None:
        """Stop the factory inside, then this one."""
        self.wrappedFactory.doStop()
        super().doStop()

    def startedConnecting(self, connector: IConnector) -> None:
        """Tell the factory inside."""
        self.wrappedFactory.startedConnecting(connector)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Tell the factory inside."""
        self.wrappedFactory.clientConnectionFailed(connector, reason)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """Tell the factory inside."""
        self.wrappedFactory.clientConnectionLost(connector, reason)

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A wrapper around what the factory inside builds; None if it builds nothing."""
        wrapped = self.wrappedFactory.buildProtocol(addr)
        return None if wrapped is None else self._wrap(wrapped)

    def _wrap(self, wrapped: Any) -> Any:
        """The wrapper for a protocol."""
        return self.protocol(self, wrapped)

    def registerProtocol(self, p: Any) -> None:
        """Called by a wrapper when its connection is open."""
        self.protocols[p] = 1

    def unregisterProtocol(self, p: Any) -> None:
        """Called by a wrapper when its connection is lost."""
        del self.protocols[p]
