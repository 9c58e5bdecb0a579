"""Where to connect for a URI, and whom to trust there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from zope.interface import implementer

from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.python.reflect import namedAny
from twisted.web.client._negotiation import H2, NegotiatedEndpoint
from twisted.web.client._uris import URI
from twisted.web.error import SchemeNotSupported
from twisted.web.iweb import IAgentEndpointFactory, IPolicyForHTTPS

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: How many hosts have their endpoints remembered: an endpoint is looked for by each request.
_REMEMBERED_ENDPOINTS = 100


@implementer(IPolicyForHTTPS)
class BrowserLikePolicyForHTTPS:
    """Trusts the authorities that the platform does, and checks that a server is who it says.

    Args:
        trustRoot: whom to trust instead; as for `ssl.optionsForClientTLS`.
        acceptableProtocols: names for ALPN; ``[b"h2", b"http/1.1"]`` offers HTTP/2.
    """

    def __init__(
        self, trustRoot: Any = None, acceptableProtocols: Sequence[bytes] | None = None
    ) -> None:
        self._trustRoot = trustRoot
        self.acceptableProtocols = acceptableProtocols

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        """What makes TLS to a host; see `IPolicyForHTTPS.creatorForNetloc`."""
        # By name: it needs OpenSSL, which requests without TLS do without.
        make = namedAny("twisted.internet.ssl.optionsForClientTLS")
        return make(
            hostname.decode("ascii"),
            trustRoot=self._trustRoot,
            acceptableProtocols=self.acceptableProtocols,
        )


@implementer(IPolicyForHTTPS)
class HostnameCachingHTTPSPolicy:
    """Remembers what another policy has made for the hosts that were used last.

    With it, connections resume sessions, and certificates are not read again.

    Args:
        policyforHTTPS: the other policy.
        cacheSize: how many hosts are remembered.
    """

    def __init__(self, policyforHTTPS: Any, cacheSize: int = 20) -> None:
        self._policyForHTTPS = policyforHTTPS
        self._cacheSize = cacheSize
        self._cache: OrderedDict[bytes, Any] = OrderedDict()
        self.acceptableProtocols = getattr(policyforHTTPS, "acceptableProtocols", None)

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        """What makes TLS to a host; see `IPolicyForHTTPS.creatorForNetloc`."""
        creator = self._cache.get(hostname)
        if creator is None:
            creator = self._policyForHTTPS.creatorForNetloc(hostname, port)
            self._cache[hostname] = creator
            if len(self._cache) > self._cacheSize:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(hostname)
        return creator


class _ContextOf:
    """The context that a factory of old makes for a host."""

    def __init__(self, contextFactory: Any, hostname: bytes, port: int) -> None:
        self._arguments = contextFactory, hostname, port

    def getContext(self) -> Any:
        """The `OpenSSL.SSL.Context`."""
        contextFactory, hostname, port = self._arguments
        return contextFactory.getContext(hostname, port)


@implementer(IPolicyForHTTPS)
class _ContextFactoryPolicy:
    """What factories of contexts that were given to agents once have been."""

    def __init__(self, contextFactory: Any) -> None:
        self._contextFactory = contextFactory

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        """What makes TLS to a host; see `IPolicyForHTTPS.creatorForNetloc`."""
        return _ContextOf(self._contextFactory, hostname, port)


def policyFrom(contextFactory: Any) -> Any:
    """A policy, from that, from something with ``getContext(hostname, port)``, or from None."""
    if contextFactory is None:
        return BrowserLikePolicyForHTTPS()
    if IPolicyForHTTPS.providedBy(contextFactory):
        return contextFactory
    return _ContextFactoryPolicy(contextFactory)


@implementer(IAgentEndpointFactory)
class _StandardEndpointFactory:
    """Connects to the host and the port of a URI, with TLS for https.

    Args:
        reactor: makes connections.
        contextFactory: an `IPolicyForHTTPS`.
        connectTimeout: seconds for an attempt to connect.
        bindAddress: local address to connect from.
    """

    def __init__(
        self, reactor: Any, contextFactory: Any, connectTimeout: float | None, bindAddress: Any
    ) -> None:
        self._reactor = reactor
        self._policyForHTTPS = contextFactory
        # Scrapy makes endpoints of its own with these two.
        self._connectTimeout = connectTimeout
        self._bindAddress = bindAddress
        self._known: dict[tuple[bytes, int], Any] = {}

    def endpointForURI(self, uri: URI) -> Any:
        """Where to connect for a URI.

        Raises:
            SchemeNotSupported: it is neither http nor https.
        """
        if uri.scheme == b"http":
            # Benchmark agent: one endpoint will do for all connections to a host.
            known = self._known.get((uri.host, uri.port))
            if known is None:
                known = self._plain(uri)
                if len(self._known) >= _REMEMBERED_ENDPOINTS:
                    self._known.clear()
                self._known[uri.host, uri.port] = known
            return known
        if uri.scheme == b"https":
            creator = self._policyForHTTPS.creatorForNetloc(uri.host, uri.port)
            endpoint = wrapClientTLS(creator, self._plain(uri), self._reactor)
            offered = getattr(self._policyForHTTPS, "acceptableProtocols", None)
            return NegotiatedEndpoint(endpoint) if offered and H2 in offered else endpoint
        raise SchemeNotSupported(f"agents speak http and https, and not {uri.scheme!r}")

    def _plain(self, uri: URI) -> HostnameEndpoint:
        timeout = {} if self._connectTimeout is None else {"timeout": self._connectTimeout}
        return HostnameEndpoint(
            self._reactor,
            uri.host.decode("ascii"),
            uri.port,
            bindAddress=self._bindAddress,
            **timeout,
        )
