"""TLS on the reactor's own transports.

Theory of operation
-------------------
A transport to which TLS is added stays the object that everybody holds: the protocol, its
connector, a timer.  None of them may go on to write plaintext by it.  So the object
becomes one of a class derived from its own, `Secured`, whose methods lead through a
`TLSLayer`; and the layer is given ``super(Secured, transport)``, which is the same object
with the methods that it had before.

What does not work: a flag that each method looks at, because every write of a connection
without TLS would pay for it; a second transport for the protocol alone, because whoever
has kept the first would write around TLS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet._tls._backends import checkContextFactory, makeBackend
from twisted.internet._tls._layer import HANDSHAKE_TIMEOUT, TLSLayer
from twisted.internet.abstract import FileDescriptor
from twisted.internet.interfaces import (
    IAddress,
    IConnector,
    INegotiated,
    IProducer,
    IProtocolFactory,
    IProtocolNegotiationFactory,
)
from twisted.python.failure import Failure


class Secured(FileDescriptor):
    """What a transport becomes when TLS is added to it; see this module."""

    __slots__ = ()

    _tls: TLSLayer
    TLS = True
    wrapsProtocol = True  # see policies.ProtocolWrapper

    def write(self, data: bytes) -> None:
        """Send `data` after all that was written before; see `ITransport.write`."""
        self._tls.write(data)

    def loseConnection(self) -> None:
        """Close once everything written is sent and no producer is registered."""
        self._tls.loseConnection()
        self.disconnecting = True

    def loseWriteConnection(self) -> None:
        """End our direction once everything written is sent."""
        self._tls.loseWriteConnection()

    def abortConnection(self) -> None:
        """Close now; what is not sent is not sent."""
        self._tls.abortConnection()

    def connectionLost(self, reason: Failure) -> None:
        """Close the socket, and tell the protocol why, which TLS knows better."""
        super().connectionLost(self._tls.reasonFor(reason))

    def startTLS(
        self, contextFactory: Any, normal: bool = True, handshakeTimeout: float | None = None
    ) -> None:
        """Not possible twice."""
        raise RuntimeError("TLS has been started on this connection already")

    # Reading

    def pauseProducing(self) -> None:
        """Deliver nothing until `resumeProducing`."""
        self._tls.pauseProducing()

    def resumeProducing(self) -> None:
        """Deliver again what the peer sends."""
        self._tls.resumeProducing()

    # As a consumer

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let `producer` write; see `IConsumer.registerProducer`."""
        self._tls.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """The producer has nothing more to write."""
        self._tls.unregisterProducer()

    @property
    def producer(self) -> Any:
        """The registered producer."""
        return self._tls.producer

    @property
    def streamingProducer(self) -> bool:
        """Whether the registered producer is a push producer."""
        return self._tls.streamingProducer

    # What was agreed

    def getHandle(self) -> Any:
        """The library's connection: an `OpenSSL.SSL.Connection` or an `ssl.SSLObject`."""
        return self._tls.getHandle()

    def getPeerCertificate(self) -> Any:
        """The certificate that the peer presented; None if there is none."""
        return self._tls.getPeerCertificate()

    @property
    def negotiatedProtocol(self) -> bytes | None:
        """What was agreed by ALPN; None if nothing."""
        return self._tls.negotiatedProtocol

    @property
    def wrappedProtocol(self) -> Any:
        """The protocol inside; who sets it takes its place."""
        return self._tls.wrappedProtocol

    @wrappedProtocol.setter
    def wrappedProtocol(self, protocol: Any) -> None:
        self._tls.wrappedProtocol = protocol

    @property
    def logstr(self) -> str:
        """Who this is, in the log: the protocol inside, not the layer."""
        name: str = super().logstr  # type: ignore[misc]  # of Connection, which comes next
        inside = type(self._tls.wrappedProtocol).__name__
        return name.replace(type(self._tls).__name__, f"{inside} (TLS)", 1)


#: By the class that a transport had.
_classes: dict[type[Any], type[Any]] = {}


def _securedClass(plain: type[Any]) -> type[Any]:
    secured = _classes.get(plain)
    if secured is None:
        made = type(f"TLS{plain.__name__}", (Secured, plain), {"__slots__": ()})
        secured = _classes[plain] = implementer(INegotiated)(made)
    return secured


def _secure(transport: Any, layer: TLSLayer) -> Any:
    """Lead all that is done with `transport` through `layer`; returns what it was before."""
    transport.__class__ = _securedClass(type(transport))
    transport._tls = layer
    transport.protocol = layer
    return super(Secured, transport)


def startTLS(
    transport: Any, contextFactory: Any, isClient: bool, handshakeTimeout: float | None
) -> None:
    """Begin TLS on a live connection; see `ITLSTransport.startTLS`."""
    checkContextFactory(contextFactory, isClient)
    if not transport.connected:
        return
    producer, streaming = transport.producer, transport.streamingProducer
    if producer is not None:
        transport.unregisterProducer()
    # Clients know whom they have connected to, which an SSLContext has to be told.
    hostname = transport.addr[0] if isClient and hasattr(transport, "addr") else None
    layer = TLSLayer(
        transport.protocol,
        lambda layer: makeBackend(contextFactory, isClient, layer, hostname, None),
        None,
        handshakeTimeout,
    )
    layer.begin(_secure(transport, layer))
    if producer is not None:
        transport.registerProducer(producer, streaming)


class _FromTheStart(TLSLayer):
    """The layer of a connection that is under TLS from its first byte."""

    __slots__ = ()

    def makeConnection(self, transport: Any) -> None:
        plain = _secure(transport, self)
        self.transport = plain
        self.wrappedProtocol.makeConnection(transport)
        self.begin(plain)


@implementer(IProtocolFactory)
class TLSFactory:
    """The factory that the reactor listens or connects with in place of the user's.

    Args:
        factory: the user's.
        contextFactory: makes the TLS connections.
        isClient: whether they are a client's.
        hostname: whom a client connects to.
        handshakeTimeout: seconds that a handshake may take; None for ever.

    Raises:
        ImportError, TypeError: as `checkContextFactory`.
    """

    def __init__(
        self,
        factory: IProtocolFactory,
        contextFactory: Any,
        isClient: bool,
        hostname: str | None = None,
        handshakeTimeout: float | None = HANDSHAKE_TIMEOUT,
    ) -> None:
        checkContextFactory(contextFactory, isClient)
        if not isClient and hasattr(contextFactory, "getContext"):
            # A key that does not fit is to be heard of now, not by the first client.
            contextFactory.getContext()
        self.wrappedFactory: Any = factory
        self.noisy: bool = getattr(factory, "noisy", True)
        self._contextFactory = contextFactory
        self._isClient = isClient
        self._hostname = hostname
        self._timeout = handshakeTimeout
        self._protocols: list[bytes] | None = None
        if IProtocolNegotiationFactory.providedBy(factory):
            self._protocols = factory.acceptableProtocols()

    def __repr__(self) -> str:
        return f"<TLS for {self.wrappedFactory!r}>"

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A layer around what the user's factory builds; None if it builds nothing."""
        protocol = self.wrappedFactory.buildProtocol(addr)
        if protocol is None:
            return None
        return _FromTheStart(protocol, self._makeBackend, None, self._timeout)

    def _makeBackend(self, layer: TLSLayer) -> Any:
        return makeBackend(
            self._contextFactory, self._isClient, layer, self._hostname, self._protocols
        )

    def logPrefix(self) -> str:
        """The name of the user's factory."""
        prefix: Callable[[], str] | None = getattr(self.wrappedFactory, "logPrefix", None)
        return f"{prefix() if prefix else type(self.wrappedFactory).__name__} (TLS)"

    def doStart(self) -> None:
        """Tell the user's factory."""
        self.wrappedFactory.doStart()

    def doStop(self) -> None:
        """Tell the user's factory."""
        self.wrappedFactory.doStop()

    def startedConnecting(self, connector: IConnector) -> None:
        """Tell the user's factory."""
        self.wrappedFactory.startedConnecting(connector)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Tell the user's factory."""
        self.wrappedFactory.clientConnectionFailed(connector, reason)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """Tell the user's factory."""
        self.wrappedFactory.clientConnectionLost(connector, reason)
