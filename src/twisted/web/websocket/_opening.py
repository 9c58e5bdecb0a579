"""How a request to a server becomes a connection: for resources, and for gateways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.web._websocket import HandshakeError, ServerHandshake, WebSocketLimits
from twisted.web.http import SWITCHING
from twisted.web.http_headers import wireName
from twisted.web.websocket._transport import WebSocketConnection

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages


def handshakeOf(request: Any) -> ServerHandshake:
    """What a client asks for.

    Args:
        request: as a resource is given it.

    Raises:
        HandshakeError: it is not WebSocket, or not asked for as it should be.
    """
    headers = {name.lower(): values for name, values in request.requestHeaders.getAllRawHeaders()}
    handshake = ServerHandshake(request.method, headers)
    if request.clientproto != b"HTTP/1.1" or not hasattr(request.channel, "switchProtocols"):
        raise HandshakeError("WebSocket is spoken over HTTP/1.1 here.")
    return handshake


def refusal(request: Any, error: HandshakeError) -> bytes:
    """Begin the response that says no; what this returns is its body."""
    request.setResponseCode(error.status)
    request.setHeader(b"content-type", b"text/plain; charset=utf-8")
    for name, value in error.headers:
        request.setHeader(name, value)
    return str(error).encode("utf-8") + b"\n"


def connectionFor(request: Any, protocol: Any, limits: WebSocketLimits) -> WebSocketConnection:
    """The transport that `protocol` will have; `negotiationStarted` is for the caller to call."""
    connection = WebSocketConnection(protocol, False, limits)
    connection.callLater = request.channel.callLater  # type: ignore[method-assign]  # its clock
    return connection


def accept(
    request: Any,
    handshake: ServerHandshake,
    connection: WebSocketConnection,
    subprotocol: bytes | None,
    compress: bool,
    headers: Iterable[tuple[bytes, bytes]],
) -> None:
    """Agree, and speak WebSocket from now on.

    Args:
        request, handshake, connection: what this is about.
        subprotocol: what is spoken over the connection.
        compress: whether messages may be made small.
        headers: more of them for the answer.

    Raises:
        LocalError: one of them cannot be sent.
        ValueError: there is a response already.
    """
    fields, deflate = handshake.accept(subprotocol, compress)
    fields += [(wireName(name.lower()), value) for name, value in headers]
    connection.negotiated(subprotocol, deflate)
    channel = request.channel
    channel.switchProtocols(request, connection, fields)
    request.setResponseCode(SWITCHING)
    channel.logRequest(request)
