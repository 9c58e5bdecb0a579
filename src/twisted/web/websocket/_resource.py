"""The resource that speaks WebSocket."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from twisted.web._websocket import DEFAULT_LIMITS, HandshakeError, WebSocketLimits
from twisted.web.http import FORBIDDEN
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from twisted.web.websocket._interfaces import WebSocketProtocol, WebSocketServerFactory
from twisted.web.websocket._opening import accept, connectionFor, handshakeOf, refusal
from twisted.web.websocket._origins import OriginPolicy, policyOf
from twisted.web.websocket._stream import HandlerFactory, WebSocketStream

if TYPE_CHECKING:
    from twisted.web.server import Request

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages

_UNWANTED = "There is nothing here for you."

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
        try:
            handshake = handshakeOf(request)
            self._checkOrigin(request, handshake.origin)
        except HandshakeError as error:
            return refusal(request, error)
        protocol = self._factory.buildProtocol(request)
        if protocol is None:
            return refusal(request, HandshakeError(_UNWANTED, FORBIDDEN))
        connection = connectionFor(request, protocol, self._limits)
        refused: list[bool] = []
        connection.whenRefused(lambda: refused.append(True))
        protocol.negotiationStarted(connection)
        if refused:
            return refusal(request, HandshakeError(_UNWANTED, FORBIDDEN))
        headers = [
            (name, value)
            for name, values in request.responseHeaders.getAllRawHeaders()
            for value in values
        ]
        headers += [(b"Set-Cookie", cookie) for cookie in request.cookies]
        chosen = handshake.choose(self._protocols)
        accept(request, handshake, connection, chosen, self._compress, headers)
        return NOT_DONE_YET

    def _checkOrigin(self, request: Request, origin: bytes | None) -> None:
        if origin is not None and not self._mayConnect(request, origin.decode("latin-1")):
            raise HandshakeError("Pages of your origin may not connect.", FORBIDDEN)
