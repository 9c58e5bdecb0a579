"""Connections whose version of HTTP is what TLS agrees on."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted
from twisted.internet.interfaces import IHandshakeListener, IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: The name of HTTP/2 for ALPN.
H2 = b"h2"


@implementer(IHandshakeListener)
class _Negotiation(Protocol):
    """Waits for the handshake, and steps aside."""

    transport: Any

    def __init__(self, factory: Any) -> None:
        self._factory = factory
        self._inner: Any = None
        self.agreed: Deferred[Any] | None = Deferred(lambda _: self._giveUp())

    def _giveUp(self) -> None:
        self.agreed = None
        self.transport.abortConnection()

    def handshakeCompleted(self) -> None:
        """It is known what is spoken: have that built."""
        agreed, self.agreed = self.agreed, None
        if agreed is None:
            return
        two = self.transport.negotiatedProtocol == H2
        build = self._factory.buildHTTP2 if two else self._factory.buildProtocol
        try:
            self._inner = build(self.transport.getPeer())
            self._inner.makeConnection(self.transport)
        except Exception:  # the program's factory may raise anything
            self.transport.abortConnection()
            agreed.errback(Failure())
        else:
            agreed.callback(self._inner)

    def dataReceived(self, data: bytes) -> None:
        """Pass it on."""
        if self._inner is not None:
            self._inner.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass it on, or tell who waits."""
        agreed, self.agreed = self.agreed, None
        if agreed is not None:
            agreed.errback(reason)
        elif self._inner is not None:
            self._inner.connectionLost(reason)


class _NegotiationFactory(Factory[Any]):
    noisy = False

    def __init__(self, factory: Any) -> None:
        self._factory = factory

    def buildProtocol(self, addr: Any) -> _Negotiation:
        return _Negotiation(self._factory)


@implementer(IStreamClientEndpoint)
class NegotiatedEndpoint:
    """Connects, and waits until TLS has agreed on what is spoken.

    Args:
        endpoint: connects with TLS, which offers HTTP/2.
    """

    #: A connection that is being made may be for more than one request.
    shared = True

    def __init__(self, endpoint: IStreamClientEndpoint) -> None:
        self._endpoint = endpoint

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        """Connect.

        Args:
            protocolFactory: has `buildHTTP2` besides `buildProtocol`.

        Returns:
            Fires with what one of these has built; fails as the endpoint, or the handshake, does.
        """
        connected: Deferred[Any] = self._endpoint.connect(_NegotiationFactory(protocolFactory))
        return connected.addCallback(self._negotiate)

    def _negotiate(self, negotiation: _Negotiation) -> Any:
        if negotiation.agreed is None:
            raise ConnectionAborted()
        return negotiation.agreed
