"""Connecting to a server of WebSocket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import copy
from enum import Enum, auto
from typing import Any, TypeVar

from hyperlink import URL
from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress, IProtocol, IProtocolFactory
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from twisted.web import _h1
from twisted.web._websocket import (
    DEFAULT_LIMITS,
    ClientHandshake,
    HandshakeError,
    WebSocketLimits,
)
from twisted.web.client import (
    URI,
    BrowserLikePolicyForHTTPS,
    Response,
    _StandardEndpointFactory,
)
from twisted.web.client._response import BodyTransport
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory, IResponse
from twisted.web.websocket._errors import HandshakeFailed
from twisted.web.websocket._interfaces import WebSocketClientFactory, WebSocketProtocol
from twisted.web.websocket._transport import WebSocketConnection

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages

_P = TypeVar("_P", bound=WebSocketProtocol)

#: How schemes are spelt for what is below.
_HTTP = {b"ws": b"http", b"wss": b"https", b"http": b"http", b"https": b"https"}
_PORTS = {b"http": 80, b"https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search
_SWITCHING = 101
#: How much is kept of the body of a response that says no.
_REFUSAL_BYTES = 64 * 1024
#: Headers that the handshake is made of.
_OURS = (
    b"host",
    b"connection",
    b"upgrade",
    b"content-length",
    b"transfer-encoding",
    b"sec-websocket-version",
    b"sec-websocket-key",
    b"sec-websocket-protocol",
    b"sec-websocket-extensions",
)


class ConnectionRejected(Exception):
    """The server has answered, but with something else than WebSocket.

    Attributes:
        response: its answer, an `IResponse`; the beginning of the body is in it. Redirections are
            not followed: where one leads to is in its header ``Location``.
    """

    def __init__(self, response: IResponse) -> None:
        super().__init__(response)
        self.response = response

    def __str__(self) -> str:
        return f"The server answers {self.response.code} {self.response.phrase!r}"


class Asked(Enum):
    """How far a handshake is."""

    WAITING = auto()
    REFUSED = auto()  # the body tells why
    SWITCHED = auto()
    OVER = auto()


class Found(Enum):
    """What brings it further."""

    AGREEMENT = auto()
    REFUSAL = auto()
    END = auto()


HANDSHAKE: dict[tuple[Asked, Found], Asked] = {
    (Asked.WAITING, Found.AGREEMENT): Asked.SWITCHED,
    (Asked.WAITING, Found.REFUSAL): Asked.REFUSED,
    (Asked.WAITING, Found.END): Asked.OVER,
    (Asked.REFUSED, Found.END): Asked.OVER,
}


class _Negotiation(Protocol, TimeoutMixin):
    """Asks a server for WebSocket, and hands over to the connection if it agrees."""

    transport: Any

    def __init__(
        self,
        request: bytes,
        handshake: ClientHandshake,
        protocol: Any,
        limits: WebSocketLimits,
    ) -> None:
        self._request = request
        self._handshake = handshake
        self._protocol = protocol
        self._limits = limits
        self._reader = _h1.ResponseReader()
        self._reader.expect(b"GET")
        self._state = Asked.WAITING
        self._connection = WebSocketConnection(protocol, True, limits)
        self._connection.whenRefused(self.abort)
        self._head: _h1.ResponseHead | None = None
        self._body = b""
        self._connecting: Deferred[Any] | None = None
        self._result: Deferred[Any] = Deferred(self._cancelled)

    def over(self, connecting: Deferred[Any]) -> Deferred[Any]:
        """Negotiate over the connection that `connecting` brings; see `connect` of the endpoint."""
        self._connecting = connecting
        connecting.addCallbacks(self._isConnected, self._cannotConnect)
        return self._result

    def _isConnected(self, ours: Any) -> None:
        self._connecting = None

    def _cannotConnect(self, reason: Failure) -> None:
        self._connecting = None
        if not self._result.called:
            self._result.errback(reason)

    def _cancelled(self, result: Deferred[Any]) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        else:
            self.abort()

    def connectionMade(self) -> None:
        """Ask."""
        self._connection.callLater = self.callLater  # type: ignore[method-assign]  # our clock
        self.setTimeout(self._limits.handshakeSeconds)
        self.transport.write(self._request)
        self._protocol.negotiationStarted(self._connection)

    def abort(self) -> None:
        """The connection is not wanted any more."""
        if self.transport is not None:
            self.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        """Read the answer."""
        if self._state is Asked.OVER:
            return
        try:
            for event in self._reader.feed(data):
                if isinstance(event, _h1.ResponseHead):
                    self._headReceived(event)
                elif isinstance(event, bytes):
                    self._body += event
                    if len(self._body) >= _REFUSAL_BYTES:
                        self._rejected()
                elif self._state is Asked.REFUSED:
                    self._rejected()
        except _h1.RemoteError as error:
            self._failed(Failure(HandshakeFailed(f"the server does not speak HTTP: {error}")))
        except HandshakeError as error:
            self._failed(Failure(HandshakeFailed(str(error))))
        else:
            if self._state is Asked.SWITCHED:
                self._handOver()

    def _headReceived(self, head: _h1.ResponseHead) -> None:
        if not head.final:
            return
        self._head = head
        if head.status != _SWITCHING:
            self._state = HANDSHAKE[self._state, Found.REFUSAL]
            return
        agreed = self._handshake.check(head.headers)
        self._state = HANDSHAKE[self._state, Found.AGREEMENT]
        self._connection.negotiated(*agreed, whenOpen=self._opened)

    def _handOver(self) -> None:
        self.setTimeout(None)
        connection = self._connection
        # Benchmark websocket-echo: what arrives does not come by here any more.
        self.dataReceived = connection.dataReceived  # type: ignore[method-assign]  # see above
        self.connectionLost = connection.connectionLost  # type: ignore[method-assign]  # and this
        connection.makeConnection(self.transport)
        rest = self._reader.switch()
        if rest:
            connection.dataReceived(rest)

    def _opened(self) -> None:
        if not self._result.called:
            self._result.callback(self._protocol)

    def _rejected(self) -> None:
        head = self._head
        if self._state is not Asked.REFUSED or head is None:
            return
        headers = Headers({name: list(values) for name, values in head.headers.items()})
        transport = BodyTransport(None, self.transport)
        response = Response((b"HTTP", 1, head.minor), head.status, head.reason, headers, transport)
        response.length = len(self._body)
        response._bodyDataReceived(self._body)
        response._bodyDataFinished()
        self._over(Failure(ConnectionRejected(response)))
        self.transport.loseConnection()

    def _failed(self, reason: Failure) -> None:
        if self._state is not Asked.OVER:
            self._over(reason)
            self.transport.abortConnection()

    def _over(self, reason: Failure) -> None:
        self._state = HANDSHAKE[self._state, Found.END]
        self.setTimeout(None)
        if not self._result.called:
            self._result.errback(reason)

    def timeoutConnection(self) -> None:
        """The server is late."""
        seconds = self._limits.handshakeSeconds
        self._failed(Failure(HandshakeFailed(f"the server has not answered in {seconds} seconds")))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """There will be no connection."""
        self.setTimeout(None)
        if self._state is Asked.REFUSED:
            self._rejected()  # this may be how the end of the body is told
        elif self._state is Asked.WAITING:
            if reason.check(ConnectionDone):
                message = "the server has closed the connection instead of an answer"
                reason = Failure(HandshakeFailed(message))
            self._failed(reason)
        self._protocol.connectionLost(reason)


@implementer(IProtocolFactory)
class _Once:
    """Gives its protocol to the one connection that an endpoint makes."""

    noisy = False

    def __init__(self, protocol: IProtocol) -> None:
        self._protocol = protocol

    def buildProtocol(self, addr: IAddress) -> IProtocol:
        return self._protocol

    def doStart(self) -> None: ...
    def doStop(self) -> None: ...


@implementer(IAgentEndpointFactory)
class _Endpoints:
    """Where to connect for ws and wss: where one would for http and https."""

    def __init__(self, factory: _StandardEndpointFactory) -> None:
        self._factory = factory

    def endpointForURI(self, uri: URI) -> Any:
        """Where to connect for a URI."""
        asked = copy(uri)
        asked.scheme = _HTTP[uri.scheme]
        return self._factory.endpointForURI(asked)


def _parse(url: str) -> URI:
    if _CONTROL(url):
        raise ValueError(f"{url!r} has a control character in it")
    try:
        given = URL.from_text(url)
        # An address with colons is no name, though `to_uri` would take it for one.
        host = given.host if given.host.isascii() else given.to_uri().host
        parsed = given.replace(host="x").to_uri().replace(host=host)
        raw = parsed.to_text(with_password=True).encode("ascii")
        uri = URI.fromBytes(raw, _PORTS.get(_HTTP.get(parsed.scheme.encode(), b"")))
    except (ValueError, UnicodeError) as error:
        raise ValueError(f"{url!r} is no URL: {error}")
    if uri.scheme not in _HTTP or not uri.host:
        raise ValueError(f"{url!r} is not a URL such as 'ws://example.org/' or 'wss://...'")
    if b"@" in uri.netloc:
        raise ValueError(f"{url!r} tells who we are: use a header, such as Authorization")
    if uri.fragment or url.endswith("#"):
        raise ValueError(f"{url!r} has a fragment, which URLs of WebSocket have not (RFC 6455, 3)")
    return uri


class WebSocketClientEndpoint:
    """A place to connect to by WebSocket.

    Args:
        endpointFactory: an `IAgentEndpointFactory`, which is asked where to connect to for the
            `client.URI` of `url`; it cares for TLS. See `new` for the usual one.
        url: such as ``"wss://example.org/chat"``.
        protocols: the subprotocols that can be spoken, best first. The transport has the one that
            the server chooses as `subprotocol`.
        headers: more headers of the request, such as ``Origin``, ``Cookie``, ``Authorization``.
        compress: whether messages are made small if the server can do that (RFC 7692).
        limits: what the server may cost.

    Raises:
        ValueError: something of this cannot be sent.
    """

    def __init__(
        self,
        endpointFactory: IAgentEndpointFactory | Any,
        url: str,
        *,
        protocols: Iterable[str] = (),
        headers: Headers | None = None,
        compress: bool = True,
        limits: WebSocketLimits = DEFAULT_LIMITS,
    ) -> None:
        self.endpointFactory: Any = endpointFactory
        self.url = url
        self._uri = _parse(url)
        self._protocols = [protocol.encode("ascii") for protocol in protocols]
        self._compress = compress
        self._limits = limits
        self._callLater: Callable[..., Any] | None = None
        self._fields: list[tuple[bytes, bytes]] = [(b"Host", self._uri.netloc)]
        for name, values in (headers or Headers()).getAllRawHeaders():
            if name.lower() in _OURS:
                raise ValueError(f"the handshake sets {name.decode('latin-1')} by itself")
            self._fields += [(name, value) for value in values]
        ClientHandshake(self._protocols, compress)  # complains of protocols that are none

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url!r}>"

    @classmethod
    def new(
        cls,
        reactor: Any,
        url: str,
        tlsPolicy: Any = None,
        connectTimeout: float | None = None,
        bindAddress: Any = None,
        **options: Any,
    ) -> WebSocketClientEndpoint:
        """The endpoint that connects to where `url` says.

        Args:
            reactor: makes the connection.
            url: such as ``"wss://example.org/chat"``.
            tlsPolicy: an `IPolicyForHTTPS`, which says whom to trust; browsers' rules by default.
            connectTimeout: seconds for an attempt to connect.
            bindAddress: local address to connect from.
            options: what the class takes besides: protocols, headers, compress, limits.
        """
        policy = BrowserLikePolicyForHTTPS() if tlsPolicy is None else tlsPolicy
        factory = _StandardEndpointFactory(reactor, policy, connectTimeout, bindAddress)
        endpoint = cls(_Endpoints(factory), url, **options)
        endpoint._callLater = reactor.callLater
        return endpoint

    def _request(self, handshake: ClientHandshake) -> bytes:
        fields = self._fields + handshake.headers()
        return _h1.RequestWriter().head(b"GET", self._uri.originForm, fields)

    def connect(self, protocolFactory: WebSocketClientFactory[_P]) -> Deferred[_P]:
        """Connect.

        Args:
            protocolFactory: its `buildProtocol` is called with the URL; `WebSocketStream` is one.

        Returns:
            Fires with the protocol when the connection is open. Fails with `ConnectionRejected` if
            the server says no, with `HandshakeFailed` if it does not answer as it should, and with
            what endpoints fail with. Cancelling it breaks the connection off.
        """
        protocol: Any = protocolFactory.buildProtocol(self.url)
        if protocol is None:
            raise TypeError(f"{protocolFactory!r} builds no protocol for {self.url}")
        handshake = ClientHandshake(self._protocols, self._compress)
        request = self._request(handshake)
        negotiation = _Negotiation(request, handshake, protocol, self._limits)
        if self._callLater is not None:
            negotiation.callLater = self._callLater  # type: ignore[method-assign]  # its clock
        connecting = self.endpointFactory.endpointForURI(self._uri).connect(_Once(negotiation))
        return negotiation.over(connecting)
