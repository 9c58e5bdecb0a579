"""TLS over any transport: chapter 2.13.

`listenSSL`, `connectSSL` and `startTLS` need none of this; it is for transports that are
not the reactor's: TLS through a proxy, in another protocol's stream, in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zope.interface import directlyProvides, implementer, providedBy

from twisted.internet._tls._backends import checkContextFactory, makeBackend
from twisted.internet._tls._layer import HANDSHAKE_TIMEOUT, TLSLayer
from twisted.internet._tls._secured import Secured
from twisted.internet.abstract import bytesToSend
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    INegotiated,
    IProducer,
    IProtocolFactory,
    IProtocolNegotiationFactory,
    ISystemHandle,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure

__all__ = ["BufferingTLSTransport", "TLSMemoryBIOFactory", "TLSMemoryBIOProtocol"]


@implementer(ISystemHandle, INegotiated, IHalfCloseableProtocol)
class TLSMemoryBIOProtocol(ProtocolWrapper):
    """The protocol of a transport that carries ciphertext, the transport of one inside.

    Args:
        factory: a `TLSMemoryBIOFactory`.
        wrappedProtocol: the protocol inside.
        _connectWrapped: whether to call its `makeConnection`; not if it has been before.
    """

    def __init__(self, factory: Any, wrappedProtocol: Any, _connectWrapped: bool = True) -> None:
        super().__init__(factory, wrappedProtocol)
        self._connectWrapped = _connectWrapped
        self._layer: Any = None

    def makeConnection(self, transport: Any) -> None:
        """Begin TLS over `transport`."""
        directlyProvides(self, providedBy(transport))
        Protocol.makeConnection(self, transport)
        self.factory.registerProtocol(self)
        self._layer = self.factory._makeLayer(self)
        self._layer.transport = transport
        if self._connectWrapped:
            self.wrappedProtocol.makeConnection(self)
        self._layer.begin(transport)

    # To the transport

    def write(self, bytes: bytes) -> None:
        """Send data after all that was written before; see `ITransport.write`."""
        self._layer.write(bytes)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send several pieces, in order."""
        self._layer.write(b"".join([bytesToSend(piece) for piece in iovec]))

    def loseConnection(self) -> None:
        """Close once everything written is sent and no producer is registered."""
        self.disconnecting = True
        self._layer.loseConnection()

    def loseWriteConnection(self) -> None:
        """End our direction once everything written is sent."""
        self._layer.loseWriteConnection()

    def abortConnection(self) -> None:
        """Close now; what is not sent is not sent."""
        self.disconnecting = True
        self._layer.abortConnection()

    def failVerification(self, reason: Failure) -> None:
        """Close: the peer is not who it should be; `reason` is what the protocol hears."""
        self._layer.failVerification(reason)

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let `producer` write; see `IConsumer.registerProducer`."""
        self._layer.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """The producer has nothing more to write."""
        self._layer.unregisterProducer()

    def stopConsuming(self) -> None:
        """Forget the producer, and close."""
        self.unregisterProducer()
        self.loseConnection()

    def pauseProducing(self) -> None:
        """Deliver nothing until `resumeProducing`."""
        self._layer.pauseProducing()

    def resumeProducing(self) -> None:
        """Deliver again what the peer sends."""
        self._layer.resumeProducing()

    def stopProducing(self) -> None:
        """Close the connection."""
        self.loseConnection()

    def getHandle(self) -> Any:
        """The library's connection: an `OpenSSL.SSL.Connection` or an `ssl.SSLObject`."""
        return self._layer.getHandle()

    def getPeerCertificate(self) -> Any:
        """The certificate that the peer presented; None if there is none."""
        return self._layer.getPeerCertificate()

    @property
    def negotiatedProtocol(self) -> bytes | None:
        """What was agreed by ALPN; None if nothing."""
        agreed: bytes | None = self._layer.negotiatedProtocol
        return agreed

    # From the transport

    def dataReceived(self, bytes: bytes) -> None:
        """Decrypt, and pass in."""
        self._layer.dataReceived(bytes)

    def readConnectionLost(self) -> None:
        """The transport will bring nothing more."""
        self._layer.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """Our half of the transport is closed."""
        self._layer.writeConnectionLost()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The transport is gone: tell the factory and the protocol inside."""
        self.factory.unregisterProtocol(self)
        self.wrappedProtocol = None
        self._layer.connectionLost(reason)


# Programs ask a transport whether it is one of these to know whether they may use `getHandle`; the
# reactor's own transports, with TLS inside, have all of its methods.
TLSMemoryBIOProtocol.register(Secured)


class BufferingTLSTransport(TLSMemoryBIOProtocol):
    """The same: all of them collect small writes into full records."""

    def writeSequence(self, sequence: Iterable[bytes]) -> None:
        """Send several pieces, in order."""
        super().writeSequence(sequence)


class TLSMemoryBIOFactory(WrappingFactory):
    """Puts TLS between any transport and the protocols of another factory.

    Args:
        contextFactory: as for `ITLSTransport.startTLS`, or an `ssl.SSLContext`.
        isClient: whether ours is the client's side.
        wrappedFactory: builds the protocols inside.
        clock: has `callLater`; where a transport has no reactor of ours, writes are collected
            until it is called. Without it they are sent at once there.
        handshakeTimeout: seconds that a handshake may take, where there is a clock or a
            reactor; None for ever.

    Raises:
        ImportError: `contextFactory` needs pyOpenSSL, which is not installed.
        TypeError: it makes no connections for this side.
    """

    protocol: Any = BufferingTLSTransport
    noisy = False

    def __init__(
        self,
        contextFactory: Any,
        isClient: bool,
        wrappedFactory: IProtocolFactory,
        clock: Any = None,
        handshakeTimeout: float | None = HANDSHAKE_TIMEOUT,
    ) -> None:
        super().__init__(wrappedFactory)
        checkContextFactory(contextFactory, isClient)
        if not isClient and hasattr(contextFactory, "getContext"):
            # A key that does not fit is to be heard of now, not by the first client.
            contextFactory.getContext()
        self._contextFactory = contextFactory
        self._isClient = isClient
        self._clock = clock
        self._handshakeTimeout = handshakeTimeout
        self._protocols: list[bytes] | None = None
        if IProtocolNegotiationFactory.providedBy(wrappedFactory):
            self._protocols = wrappedFactory.acceptableProtocols()

    def logPrefix(self) -> str:
        """The name of the factory inside, and that it is under TLS."""
        prefix = getattr(self.wrappedFactory, "logPrefix", None)
        return f"{prefix() if prefix else type(self.wrappedFactory).__name__} (TLS)"

    def _makeLayer(self, outside: TLSMemoryBIOProtocol) -> TLSLayer:
        return TLSLayer(
            outside.wrappedProtocol,
            lambda layer: makeBackend(
                self._contextFactory, self._isClient, outside, None, self._protocols
            ),
            self._clock,
            self._handshakeTimeout,
        )
