"""Agents: what makes requests."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.endpoints import wrapClientTLS
from twisted.python.failure import Failure
from twisted.web.client._errors import (
    RequestNotSent,
    RequestTransmissionFailed,
    ResponseNeverReceived,
    _WrapperException,
)
from twisted.web.client._policies import (
    _StandardEndpointFactory,
    policyFrom,
)
from twisted.web.client._pool import HTTPConnectionPool
from twisted.web.client._sending import ClientRequest
from twisted.web.client._tunnel import TunnelEndpoint
from twisted.web.client._uris import URI, checkedMethod, checkedURI, hostHeader
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory, IBodyProducer, IResponse

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: What can be repeated, since doing it twice is doing it once (RFC 9110, 9.2.2).
IDEMPOTENT = frozenset([b"GET", b"HEAD", b"OPTIONS", b"DELETE", b"TRACE", b"PUT"])


def mayRepeat(request: ClientRequest, reason: Failure) -> bool:
    """Whether a request that failed on a kept connection can be made once more.

    Args:
        request: which may have done something, for all that we know.
        reason: how it failed.
    """
    if request.bodyProducer is not None or request.method not in IDEMPOTENT:
        return False
    if reason.check(RequestNotSent):
        return True
    if not reason.check(ResponseNeverReceived, RequestTransmissionFailed):
        return False
    error = reason.value
    assert isinstance(error, _WrapperException), "they all are"
    return not any(one.check(CancelledError) for one in error.reasons)


class _AgentBase:
    """What agents have in common: a pool of connections."""

    def __init__(self, reactor: Any, pool: HTTPConnectionPool | None) -> None:
        self._reactor = reactor
        self._pool = HTTPConnectionPool(reactor, False) if pool is None else pool

    # Scrapy has a subclass that calls, and one that overrides, what begins here.
    def _requestWithEndpoint(
        self,
        key: Any,
        endpoint: Any,
        method: bytes,
        parsedURI: URI,
        headers: Headers | None,
        bodyProducer: Any,
        requestPath: bytes,
    ) -> Deferred[IResponse]:
        """Make a request.

        Args:
            key: what connections for it share.
            endpoint: where to connect, if there is none.
            method: such as ``b"GET"``.
            parsedURI: what it is for.
            headers: without the ``Host``, as a rule.
            bodyProducer: the body.
            requestPath: what the request line says.
        """
        checkedMethod(method)
        if headers is None:
            headers = Headers._fromParsed({b"host": [hostHeader(parsedURI)]})
        elif not isinstance(headers, Headers):
            raise TypeError(f"headers are Headers, not {type(headers).__name__}: Headers(headers)")
        elif not headers.hasHeader(b"host"):
            copied = headers.copy()._rawHeaders
            headers = Headers._fromParsed({b"host": [hostHeader(parsedURI)], **copied})
        pool = self._pool
        request = ClientRequest(
            method, parsedURI.toBytes(), requestPath, headers, bodyProducer, pool.persistent
        )
        connected = pool.getConnection(key, endpoint)
        return connected.addCallback(self._send, request, key, endpoint)

    def _send(self, connection: Any, request: ClientRequest, key: Any, endpoint: Any) -> Any:
        kept = connection.served > 0
        result = connection.request(request)
        if kept and self._pool.retryAutomatically:
            result.addErrback(self._retry, request, key, endpoint)
        return result

    def _retry(self, reason: Failure, request: ClientRequest, key: Any, endpoint: Any) -> Any:
        if not mayRepeat(request, reason):
            return reason
        connected = self._pool.newConnection(key, endpoint)
        return connected.addCallback(lambda connection: connection.request(request.again()))


@implementer(IAgent)
class Agent(_AgentBase):
    """Makes requests of servers, by http and https.

    Args:
        reactor: makes connections.
        contextFactory: an `IPolicyForHTTPS`: whom to trust; `BrowserLikePolicyForHTTPS` by default.
        connectTimeout: seconds for an attempt to connect.
        bindAddress: local address to connect from.
        pool: keeps connections; without one, each request has its own.
    """

    def __init__(
        self,
        reactor: Any,
        contextFactory: Any = None,
        connectTimeout: float | None = None,
        bindAddress: bytes | str | tuple[str, int] | None = None,
        pool: HTTPConnectionPool | None = None,
    ) -> None:
        super().__init__(reactor, pool)
        self._endpointFactory: Any = _StandardEndpointFactory(
            reactor, policyFrom(contextFactory), connectTimeout, bindAddress
        )

    @classmethod
    def usingEndpointFactory(
        cls, reactor: Any, endpointFactory: Any, pool: HTTPConnectionPool | None = None
    ) -> Agent:
        """An agent that connects where it is told.

        Args:
            reactor: has the clock.
            endpointFactory: an `IAgentEndpointFactory`.
            pool: as for an `Agent`.
        """
        if not IAgentEndpointFactory.providedBy(endpointFactory):
            raise TypeError(f"{endpointFactory!r} does not provide IAgentEndpointFactory")
        agent = cls(reactor, pool=pool)
        agent._endpointFactory = endpointFactory
        return agent

    def _getEndpoint(self, uri: URI) -> Any:
        """Where to connect for a URI."""
        return self._endpointFactory.endpointForURI(uri)

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Make a request; see `IAgent.request`.

        Raises:
            TypeError, ValueError: it cannot be made; nothing was sent.

        Returns:
            Fails with `SchemeNotSupported` for other schemes, as the endpoint does if no
            connection can be made, and with `RequestGenerationFailed`,
            `RequestTransmissionFailed`, `ResponseNeverReceived` or `ResponseFailed`.
        """
        parsed = URI.fromBytes(checkedURI(uri))
        try:
            endpoint = self._getEndpoint(parsed)
        except Exception:  # whatever the factory, which may be the program's, raises
            return fail(Failure())
        key = (parsed.scheme, parsed.host, parsed.port)
        return self._requestWithEndpoint(
            key, endpoint, method, parsed, headers, bodyProducer, parsed.originForm
        )


@implementer(IAgent)
class ProxyAgent(_AgentBase):
    """Makes requests through a proxy.

    What is asked for by http the proxy reads; for https it only passes on what is encrypted
    (CONNECT, RFC 9110, 9.3.6).

    Args:
        endpoint: where the proxy is.
        reactor: has the clock; the installed one by default.
        pool: keeps connections; without one, each request has its own.
        contextFactory: an `IPolicyForHTTPS`: whom to trust beyond the proxy.
        proxyHeaders: `Headers` for the proxy alone, such as ``Proxy-Authorization``.
    """

    def __init__(
        self,
        endpoint: Any,
        reactor: Any = None,
        pool: HTTPConnectionPool | None = None,
        contextFactory: Any = None,
        proxyHeaders: Headers | None = None,
    ) -> None:
        super().__init__(installedReactor() if reactor is None else reactor, pool)
        self._proxyEndpoint = endpoint
        self._policy = policyFrom(contextFactory)
        self._proxyHeaders = Headers() if proxyHeaders is None else proxyHeaders

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Make a request; see `Agent.request`."""
        uri = checkedURI(uri)
        parsed = URI.fromBytes(uri)
        if parsed.scheme == b"https":
            tunnel = TunnelEndpoint(
                self._proxyEndpoint, parsed.host, parsed.port, self._proxyHeaders, self._reactor
            )
            creator = self._policy.creatorForNetloc(parsed.host, parsed.port)
            endpoint = wrapClientTLS(creator, tunnel, self._reactor)
            key: Any = ("https-proxy", self._proxyEndpoint, parsed.host, parsed.port)
            return self._requestWithEndpoint(
                key, endpoint, method, parsed, headers, bodyProducer, parsed.originForm
            )
        own = list(self._proxyHeaders.getAllRawHeaders())
        if own:
            headers = Headers() if headers is None else headers.copy()
            for name, values in own:
                headers.setRawHeaders(name, values)
        key = ("http-proxy", self._proxyEndpoint)
        return self._requestWithEndpoint(
            key, self._proxyEndpoint, method, parsed, headers, bodyProducer, uri
        )
