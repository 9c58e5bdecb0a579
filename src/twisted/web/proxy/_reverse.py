"""Proxies in front of a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote_from_bytes

from twisted.internet._reactor import installedReactor
from twisted.web.http import HTTPChannel
from twisted.web.pages import notFound
from twisted.web.proxy._passing import ProxyClientFactory, StreamedRequest, asked, bodyOf
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

__name__ = "twisted.web.proxy"  # the public path, for pickles and messages


class ReverseProxyRequest(StreamedRequest):
    """A request that is passed on to the server that the factory names: its `host` and `port`.

    Attributes:
        proxyClientFactoryClass: makes what passes it on, as `ProxyClientFactory`.
    """

    proxyClientFactoryClass: Callable[..., Any] = ProxyClientFactory

    def _passers(self) -> list[Any]:
        return [self.proxyClientFactoryClass]

    def process(self) -> None:
        """Connect to the server."""
        server = self.channel.factory
        headers = asked(self)
        headers[b"host"] = _named(server.host, server.port)
        factory = self.proxyClientFactoryClass(
            self.method, self.uri, self.clientproto, headers, bodyOf(self, True), self
        )
        self.reactor.connectTCP(server.host, server.port, factory)


def _named(host: str, port: int) -> bytes:
    """A host and its port, for the header `Host`."""
    named = f"[{host}]" if ":" in host else host
    return (named if port == 80 else f"{named}:{port}").encode("ascii")


class ReverseProxy(HTTPChannel):
    """A proxy in front of a server: the protocol of a factory that has its `host` and `port`."""

    requestFactory: Callable[..., Any] = ReverseProxyRequest


class ReverseProxyResource(Resource):
    """What is below this is asked of another server.

    Bodies are passed on as they arrive. A subclass that has its own `getChild`, or another
    `proxyClientFactoryClass`, gets them whole, and so do those that have children put below.

    Args:
        host: the name of the server, or its address.
        port: its port.
        path: where to begin there, such as ``b"/folder"``; ``b""`` for all of it.
        reactor: makes the connections; the installed one by default.

    Attributes:
        proxyClientFactoryClass: makes what passes a request on, as `ProxyClientFactory`.
    """

    proxyClientFactoryClass: Callable[..., Any] = ProxyClientFactory

    def __init__(self, host: str, port: int, path: bytes, reactor: Any = None) -> None:
        super().__init__()
        self.host = host
        self.port = port
        self.path = path
        self.reactor = reactor

    @property
    def isLeaf(self) -> bool:  # type: ignore[override]  # not for others to set
        """Whether this answers for all that is below it: unless there are children."""
        return type(self).getChild is ReverseProxyResource.getChild and not self.children

    @property
    def streaming(self) -> bool:  # type: ignore[override]  # not for others to set
        """Whether requests are passed on before they are complete."""
        return self.isLeaf and self.proxyClientFactoryClass is ProxyClientFactory

    def getChild(self, path: bytes, request: Any) -> Any:
        """The same, one part of the path further."""
        if path in _NO_NAMES:
            return notFound()
        return ReverseProxyResource(self.host, self.port, _below(self.path, path), self.reactor)

    def render(self, request: Any) -> Any:
        """Pass a request on."""
        rest = self.path
        for part in request.postpath:
            if part in _NO_NAMES:
                return notFound().render(request)
            rest = _below(rest, part)
        query = request.uri.partition(b"?")[2]
        headers = asked(request)
        headers[b"host"] = _named(self.host, self.port)
        factory = self.proxyClientFactoryClass(
            request.method,
            (rest or b"/") + (b"?" + query if query else b""),
            request.clientproto,
            headers,
            bodyOf(request, self.proxyClientFactoryClass is not ProxyClientFactory),
            request,
        )
        (self.reactor or installedReactor()).connectTCP(self.host, self.port, factory)
        return NOT_DONE_YET


#: Parts of a path that would lead out of the folder that is passed on.
_NO_NAMES = (b".", b"..")


def _below(path: bytes, name: bytes) -> bytes:
    """A path, one part further."""
    return path + b"/" + quote_from_bytes(name, safe="").encode("ascii")
