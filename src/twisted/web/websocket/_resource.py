"""The resource that speaks WebSocket."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from twisted.web._websocket import (
    DEFAULT_LIMITS,
    HandshakeError,
    ServerHandshake,
    WebSocketLimits,
)
from twisted.web.http_headers import wireName
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from twisted.web.websocket._interfaces import WebSocketProtocol, WebSocketServerFactory
from twisted.web.websocket._origins import OriginPolicy, policyOf
from twisted.web.websocket._stream import HandlerFactory, WebSocketStream
from twisted.web.websocket._transport import WebSocketConnection

if TYPE_CHECKING:
    from twisted.web.server import Request

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages

Handler = Callable[[WebSocketStream], Awaitable[object]]


class WebSocketResource(Resource):
    """Makes a connection of WebSocket of each request that asks for one.

    Browsers let the page of any site connect to any server, with the cookies of that server's
    users. Therefore requests that pages of other sites make are refused, unless `origins` says
    otherwise. Programs that are no browsers send no `Origin`, and are let in.

    Args:
        factory: gives each client a protocol; or a coroutine function, which is called with a
            `WebSocketStream` for each.
        origins: the sites whose pages may connect, such as ``["https://example.org"]``, besides
            our own; or ``"*"`` for all; or a function of the request and the origin, which says
            whether this one may.
        protocols: the subprotocols that can be spoken, best first. The first that the client
            speaks too is agreed on; the transport has it as `subprotocol`.
        compress: whether messages are made small if the client can do that (RFC 7692).
        limits: what a client may cost.
    """

    isLeaf = True

    def __init__(
        self,
        factory: WebSocketServerFactory[WebSocketProtocol] | Handler,
        *,
        origins: Iterable[str] | OriginPolicy = (),
        protocols: Iterable[str] = (),
        compress: bool = True,
        limits: WebSocketLimits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__()
        if inspect.iscoroutinefunction(factory):
            factory = HandlerFactory(factory)
        self._factory: Any = factory
        self._mayConnect = policyOf(origins)
        self._protocols = [protocol.encode("ascii") for protocol in protocols]
        self._compress = compress
        self._limits = limits

    def render_GET(self, request: Request) -> bytes | int:
        """Begin to speak WebSocket, if this is asked for and allowed.

        The answer is 426 if it is not asked for, 400 if that is malformed, 403 if the origin may
        not connect, or the protocol does not want to.
        """
        channel: Any = request.channel
        try:
            handshake = self._handshake(request, channel)
        except HandshakeError as error:
            return _refuse(request, error)
        protocol = self._factory.buildProtocol(request)
        if protocol is None:
            return _refuse(request, HandshakeError("There is nothing here for you.", 403))
        connection = WebSocketConnection(protocol, False, self._limits)
        connection.callLater = channel.callLater  # type: ignore[method-assign]  # the channel's clock
        refused: list[bool] = []
        connection.whenRefused(lambda: refused.append(True))
        protocol.negotiationStarted(connection)
        if refused:
            return _refuse(request, HandshakeError("There is nothing here for you.", 403))
        subprotocol = handshake.choose(self._protocols)
        headers, deflate = handshake.accept(subprotocol, self._compress)
        for name, values in request.responseHeaders.getAllRawHeaders():
            headers += [(wireName(name.lower()), value) for value in values]
        headers += [(b"Set-Cookie", cookie) for cookie in request.cookies]
        connection.negotiated(subprotocol, deflate)
        channel.switchProtocols(request, connection, headers)
        return NOT_DONE_YET

    def _handshake(self, request: Request, channel: Any) -> ServerHandshake:
        headers = {
            name.lower(): values for name, values in request.requestHeaders.getAllRawHeaders()
        }
        handshake = ServerHandshake(request.method, headers)
        if request.clientproto != b"HTTP/1.1" or not hasattr(channel, "switchProtocols"):
            raise HandshakeError("WebSocket is spoken over HTTP/1.1 here.")
        if handshake.origin is not None and not self._mayConnect(
            request, handshake.origin.decode("latin-1")
        ):
            raise HandshakeError("Pages of your origin may not connect.", 403)
        return handshake


def _refuse(request: Request, error: HandshakeError) -> bytes:
    request.setResponseCode(error.status)
    request.setHeader(b"content-type", b"text/plain; charset=utf-8")
    for name, value in error.headers:
        request.setHeader(name, value)
    return str(error).encode("utf-8") + b"\n"
