"""What an application is told of a request, or of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from twisted.internet.address import IPv4Address, IPv6Address

__name__ = "twisted.web.asgi"  # the public path, for pickles and messages
__all__ = ["ASGI", "connectionScope", "headersOf"]

#: Which ASGI this is. From 2.4 on, to send to a client that has gone raises an OSError.
ASGI = {"version": "3.0", "spec_version": "2.4"}
_SCHEMES = {
    ("http", False): "http",
    ("http", True): "https",
    ("websocket", False): "ws",
    ("websocket", True): "wss",
}
_VERSIONS = {b"HTTP/1.0": "1.0", b"HTTP/2": "2", b"HTTP/2.0": "2"}


def headersOf(request: Any) -> Mapping[bytes, list[bytes]]:
    """The headers of a request, by names in small letters; to be looked at only."""
    # Benchmark asgi-hello: what was parsed need not be copied, unless it was changed.
    head = request._head
    parsed = head is not None and request._requestHeaders is None
    headers: Mapping[bytes, list[bytes]]
    headers = head.headers if parsed else request.requestHeaders._rawHeaders
    return headers


def _address(address: Any) -> tuple[Any, Any] | None:
    """A host and a port, or a path and None, or None for what has neither."""
    if type(address) is IPv4Address or type(address) is IPv6Address:
        return address.host, address.port
    name = getattr(address, "name", None)
    return None if name is None else (name.decode("utf-8", "surrogateescape"), None)


#: The addresses of the client and of our end, and whether it is under TLS.
_Connection = tuple[Any, Any, bool]


def _connectionOf(request: Any) -> _Connection:
    """What there is to tell of the connection that a request has come by."""
    # Benchmark asgi-hello: that is the same for all its requests, unless one was told otherwise.
    channel = request.channel
    known: _Connection | None = getattr(channel, "_asgiConnection", None)
    if known is None or request._madeHost:
        peer, host = request.getClientAddress(), request.getHost()
        known = _address(peer), _address(host), request.isSecure()
        if not request._madeHost and hasattr(channel, "__dict__"):
            channel._asgiConnection = known
    return known


def connectionScope(request: Any, kind: str, root: str) -> dict[str, Any]:
    """What requests of HTTP and connections of WebSockets have in common.

    Args:
        request: the request.
        kind: the type of the scope.
        root: the path that a server in front of this one has taken away.
    """
    # Benchmark asgi-hello: what is here is made for each request.
    rawPath, _, query = request.uri.partition(b"?")
    if rawPath[:1] != b"/":
        rawPath = request.path
    path = rawPath.decode("latin-1")
    if "%" in path:
        path = unquote(path)
    prepath = request.prepath
    if prepath:
        root += "".join(["/" + part.decode("utf-8", "replace") for part in prepath])
        if root == "/":  # the root itself
            root = ""
    headers = headersOf(request)
    client, server, secure = _connectionOf(request)
    return {
        "type": kind,
        "asgi": ASGI.copy(),
        "http_version": _VERSIONS.get(request.clientproto, "1.1"),
        "scheme": _SCHEMES[kind, secure],
        "path": path,
        "raw_path": rawPath,
        "query_string": query,
        "root_path": root,
        "headers": [(name, value) for name, values in headers.items() for value in values],
        "client": client,
        "server": server,
    }
