"""What programs derive from the inside of clients: Scrapy, as it is released."""

from __future__ import annotations

from typing import Any

from twisted.internet.base import ThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, SynchronousTestCase
from twisted.web import _newclient
from twisted.web.client import (
    URI,
    Agent,
    HTTPConnectionPool,
    Response,
    ResponseFailed,
    _HTTP11ClientFactory,
)
from twisted.web.http_headers import Headers
from twisted.web.test._clients import Memory, Setup, Wire, answer

try:
    from OpenSSL import SSL

    from twisted.internet import ssl
    from twisted.internet._sslverify import ClientTLSOptions
    from twisted.internet.test._tlspeers import Authority
except ImportError:  # extras
    ssl = None  # type: ignore[assignment]  # the same


class Counted(_newclient.HTTP11ClientProtocol):
    """A connection of a program's own."""

    requests = 0

    def request(self, request: Any) -> Deferred[Response]:
        """Count it, and have another parser."""
        asked = super().request(request)
        Counted.requests += 1
        self._parser.__class__ = OtherParser
        return asked


class OtherParser(_newclient.HTTPClientParser):
    """A parser of a program's own."""


class CountedFactory(_HTTP11ClientFactory):
    """Makes them."""

    def buildProtocol(self, addr: Any) -> Counted:
        return Counted(self._quiescentCallback)


class OwnAgent(Agent):
    """An agent that connects in its own way."""

    def _getEndpoint(self, uri: URI) -> Memory:
        self.memory: Memory = getattr(self, "memory", None) or Memory()
        self.timeouts = self._endpointFactory._connectTimeout, self._endpointFactory._bindAddress
        return self.memory

    def _requestWithEndpoint(
        self,
        key: Any,
        endpoint: Any,
        method: bytes,
        parsedURI: URI,
        headers: Headers | None,
        bodyProducer: Any,
        requestPath: bytes,
    ) -> Deferred[Any]:
        self.key = (*key, "mine")
        return super()._requestWithEndpoint(
            key=self.key,
            endpoint=endpoint,
            method=method,
            parsedURI=parsedURI,
            headers=headers,
            bodyProducer=bodyProducer,
            requestPath=b"/other",
        )


class NameTests(SynchronousTestCase):
    """Names and hooks."""

    def test_connections(self) -> None:
        """A pool makes the connections of a factory that is put in its place."""
        setup = Setup()
        setup.pool._factory = CountedFactory
        self.addCleanup(setattr, Counted, "requests", 0)
        for _ in range(2):
            asked = setup.agent.request(b"GET", b"http://a/")
            setup.endpoints.wire.say(answer())
            self.successResultOf(asked)
        self.assertEqual((Counted.requests, len(setup.endpoints.wires)), (2, 1))
        self.assertIn("Memory", repr(CountedFactory(None, repr(Memory()))))

    def test_agents(self) -> None:
        """A subclass says where to connect, what to keep, and what to ask for."""
        agent = OwnAgent(MemoryReactorClock(), connectTimeout=3, bindAddress=("127.0.0.1", 0))
        agent.request(b"GET", b"http://a/b")
        self.assertEqual(agent.timeouts, (3, ("127.0.0.1", 0)))
        self.assertEqual(agent.key, (b"http", b"a", 80, "mine"))
        self.assertTrue(agent.memory.wires[0].value().startswith(b"GET /other "))

    def test_transport(self) -> None:
        """The transport of a body tells who the peer is, and breaks the connection off."""
        setup = Setup()
        asked = setup.agent.request(b"GET", b"http://a/")
        wire: Wire = setup.endpoints.wire
        wire.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        response: Any = self.successResultOf(asked)
        producer = response._transport._producer
        self.assertEqual(producer.getPeer(), wire.getPeer())
        producer.abortConnection()
        self.assertTrue(wire.aborted)

    def test_reasons(self) -> None:
        """Errors can be made of anything by tests of programs."""
        reasons: list[Any] = ["why", Failure(ValueError("not"))]
        self.assertEqual(str(ResponseFailed(reasons)), "why; ValueError: not")

    def test_resolver(self) -> None:
        """A resolver of a program's own knows its reactor."""
        reactor: Any = MemoryReactorClock()
        self.assertIs(ThreadedResolver(reactor).reactor, reactor)

    def test_names(self) -> None:
        self.assertIs(_newclient.ResponseFailed, ResponseFailed)
        self.assertNotEqual(_newclient.STATUS, _newclient.HEADER)
        self.assertFalse(HTTPConnectionPool._factory.noisy)

    def test_ownVerification(self) -> None:
        """A program that verifies a connection in its own way is not overruled."""
        if ssl is None:
            raise SkipTest("OpenSSL is not installed")
        options = ssl.CertificateOptions(trustRoot=Authority().certificate)
        creator = ClientTLSOptions(options._makeTLSConnection, "example.com")
        self.assertEqual(
            (creator._hostnameBytes, creator._hostnameASCII, creator._hostnameIsDnsName),
            (b"example.com", "example.com", True),
        )
        connection = creator.clientConnectionForTLS(None)
        self.assertIs(connection.get_context(), options.getContext())
        self.assertFalse(connection._othersVerify)
        connection.set_verify(SSL.VERIFY_PEER, lambda *_: True)
        self.assertTrue(connection._othersVerify)
        self.assertFalse(ClientTLSOptions(options._makeTLSConnection, "::1")._hostnameIsDnsName)
