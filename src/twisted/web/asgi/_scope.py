"""What an application is told of a request, or of a connection."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

__name__ = "twisted.web.asgi"  # the public path, for pickles and messages
__all__ = ["ASGI", "connectionScope"]

#: Which ASGI this is. From 2.4 on, to send to a client that has gone raises an OSError.
ASGI = {"version": "3.0", "spec_version": "2.4"}
_VERSIONS = {b"HTTP/1.0": "1.0", b"HTTP/2": "2", b"HTTP/2.0": "2"}


def _address(address: Any) -> tuple[Any, Any] | None:
    """A host and a port, or a path and None, or None for what has neither."""
    port = getattr(address, "port", None)
    if port is not None:
        return address.host, port
    name = getattr(address, "name", None)
    return None if name is None else (name.decode("utf-8", "surrogateescape"), None)


def connectionScope(request: Any, kind: str, scheme: str, root: str) -> dict[str, Any]:
    """What requests of HTTP and connections of WebSockets have in common.

    Args:
        request: the request.
        kind: the type of the scope.
        scheme: such as ``"https"``.
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
    headers = request.requestHeaders._rawHeaders
    return {
        "type": kind,
        "asgi": ASGI.copy(),
        "http_version": _VERSIONS.get(request.clientproto, "1.1"),
        "scheme": scheme,
        "path": path,
        "raw_path": rawPath,
        "query_string": query,
        "root_path": root,
        "headers": [(name, value) for name, values in headers.items() for value in values],
        "client": _address(request.getClientAddress()),
        "server": _address(request.getHost()),
    }
