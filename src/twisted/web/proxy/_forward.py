"""A proxy for clients, which ask for whole URLs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar
from urllib.parse import urlsplit

from twisted.web.http import BAD_REQUEST, FORBIDDEN, NOT_IMPLEMENTED, HTTPChannel
from twisted.web.proxy._passing import (
    ProxyClientFactory,
    StreamedRequest,
    apologize,
    asked,
    bodyOf,
)
from twisted.web.proxy._tunnel import TunnelFactory

__name__ = "twisted.web.proxy"  # the public path, for pickles and messages


class ProxyRequest(StreamedRequest):
    """A request for a whole URL, which is asked for in the client's place.

    Args:
        channel: the connection.
        queued: is not used.
        reactor: makes the connections; the installed one by default.

    Attributes:
        protocols: factories, as `ProxyClientFactory`, by the scheme of the URL.
        ports: the ports of the schemes, for URLs without.
        tunnelPorts: to which ports of servers there are tunnels (CONNECT), which can hold anything:
            that of HTTPS by default.
        tunnelSeconds: after so many seconds without a word from either end a tunnel is closed;
            None for never.
    """

    protocols: ClassVar[dict[bytes, Callable[..., Any]]] = {b"http": ProxyClientFactory}
    ports: ClassVar[dict[bytes, int]] = {b"http": 80}
    tunnelPorts: Collection[int] = (443,)
    tunnelSeconds: float | None = 900

    def _passers(self) -> list[Any]:
        return list(self.protocols.values())

    def process(self) -> None:
        """Connect to the server that the URL names."""
        if self.method == b"CONNECT":
            self._tunnel()
            return
        try:
            parts = urlsplit(self.uri)
            scheme, host, port = parts.scheme, parts.hostname, parts.port
        except ValueError:
            scheme, host, port = b"", None, None
        if not host or not host.isascii():
            apologize(self, BAD_REQUEST, b"A proxy is asked for whole URLs: http://host/path\n")
            return
        make = self.protocols.get(scheme)
        if make is None:
            apologize(self, NOT_IMPLEMENTED, b"This proxy does not get URLs of that scheme.\n")
            return
        rest = parts.path or (b"*" if self.method == b"OPTIONS" and not parts.query else b"/")
        if parts.query:
            rest += b"?" + parts.query
        headers = asked(self)
        headers[b"host"] = parts.netloc.rpartition(b"@")[2]
        factory = make(self.method, rest, self.clientproto, headers, bodyOf(self, True), self)
        name = host.decode("ascii")
        self.reactor.connectTCP(name, self.ports[scheme] if port is None else port, factory)

    def _tunnel(self) -> None:
        host, _, port = self.uri.rpartition(b":")
        if not port.isdigit() or int(port[:6]) not in self.tunnelPorts:
            apologize(self, FORBIDDEN, b"This proxy makes no tunnels to that port.\n")
            return
        factory = TunnelFactory(self, self.reactor, self.tunnelSeconds)
        self.reactor.connectTCP(host.strip(b"[]").decode("ascii"), int(port), factory)


class Proxy(HTTPChannel):
    """A proxy for clients: the protocol of an `http.HTTPFactory`."""

    requestFactory: Callable[..., Any] = ProxyRequest

    def openTunnel(self, request: Any, protocol: Any) -> None:
        """Answer a request for a tunnel: what the client sends from now on is for a protocol.

        Args:
            request: whose method is CONNECT.
            protocol: `makeConnection` is called with the transport of the client.

        Raises:
            TypeError: this is not what is served now.
        """
        self._mustServe(request)
        head = self._writer.head(200, b"Connection established", [], method=b"CONNECT")
        self.transport.write(head)
        request.code = 200
        self.logRequest(request)
        self.requests.clear()
        self._handOver(protocol, self._reader.switch())
