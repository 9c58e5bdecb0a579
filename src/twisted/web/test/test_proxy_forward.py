"""Proxies for clients: whole URLs, and tunnels."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone, ConnectionRefusedError, TimeoutError
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web import http, proxy
from twisted.web.test.test_proxy import OK, ProxyTestCase


class ForwardTestCase(ProxyTestCase):
    """Tests with a proxy for clients."""

    def connect(self, **options: Any) -> None:
        """Begin a connection to a proxy."""
        factory = http.HTTPFactory(reactor=self.clock)
        test = self

        class Asked(proxy.ProxyRequest):
            reactor = property(lambda request: test.reactor)

        class Channel(proxy.Proxy):
            requestFactory = Asked

        factory.protocol = Channel
        self.transport = StringTransport(lenient=True)
        self.channel = factory.buildProtocol(None)
        self.channel.makeConnection(self.transport)


class ForwardTests(ForwardTestCase):
    """`Proxy`: clients ask for whole URLs."""

    def test_passed(self) -> None:
        for url, host, port, line, named in (
            (b"http://a/", "a", 80, b"/", b"a"),
            (b"http://a", "a", 80, b"/", b"a"),
            (b"http://a?b", "a", 80, b"/?b", b"a"),
            (b"http://a:8080/b//c?d=e%20f", "a", 8080, b"/b//c?d=e%20f", b"a:8080"),
            (b"http://[::1]:81/", "::1", 81, b"/", b"[::1]:81"),
        ):
            self.connect()
            sent = self.passed(b"GET %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (url, named))
            self.assertEqual(self.reactor.tcpClients[-1][:2], (host, port))
            self.assertTrue(sent.startswith(b"GET " + line + b" HTTP/1.1\r\n"), sent)
            self.assertIn(b"\r\nhost: " + named + b"\r\n", sent)
            self.assertIn(b"\r\n\r\nhi", self.answer(OK))

    def test_body(self) -> None:
        sent = self.passed(b"PUT http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab")
        self.assertTrue(sent.endswith(b"\r\n\r\nab"))
        self.send(b"c")
        self.assertTrue(self.upstream.value().endswith(b"\r\n\r\nabc"))
        self.assertIn(b"\r\n\r\nhi", self.answer(OK))

    def test_whole(self) -> None:
        """What programs have in place of our client has the body whole."""

        class Clients(proxy.ProxyClientFactory):
            """A program's."""

        self.patch(proxy.ProxyRequest, "protocols", {b"http": Clients})
        form = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n"
        self.send(b"POST http://a/ HTTP/1.1\r\nHost: a\r\n" + form + b"\r\na=")
        self.assertEqual(self.reactor.tcpClients, [])
        self.send(b"1")
        factory = self.reactor.tcpClients[-1][2]
        self.assertIsInstance(factory, Clients)
        self.assertEqual(factory.data, b"a=1")
        self.assertTrue(self.accept().endswith(b"\r\n\r\na=1"))

    def test_credentials(self) -> None:
        """What the client says to the proxy is not for the server."""
        sent = self.passed(
            b"GET http://a/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic x\r\n"
            b"Proxy-Connection: keep-alive\r\nAuthorization: Basic y\r\n\r\n"
        )
        self.assertNotIn(b"proxy-", sent.lower())
        self.assertIn(b"authorization: Basic y\r\n", sent)

    def test_refused(self) -> None:
        for line, status in (
            (b"GET /", b"400"),
            (b"GET ftp://a/", b"501"),
            (b"GET https://a/", b"501"),
            (b"GET http://a:0x50/", b"400"),
            (b"CONNECT a:25", b"403"),
            (b"CONNECT [::1]:22", b"403"),
            (b"CONNECT a:", b"403"),
        ):
            self.connect()
            host = line.partition(b" ")[2] if b"CONNECT" in line else b"a"
            host = b"a:0x50" if b"0x" in line else host
            got = self.send(line + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
            self.assertTrue(got.startswith(b"HTTP/1.1 " + status), (line, got))
        self.assertEqual(self.reactor.tcpClients, [])


class TunnelTests(ForwardTestCase):
    """`CONNECT`: what is in a tunnel is nobody's business."""

    def open(self, more: bytes = b"") -> None:
        """Open one."""
        self.send(b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + more)
        self.assertEqual(self.reactor.tcpClients[-1][:2], ("a", 443))
        self.assertEqual(self.written(), b"")
        self.client = self.reactor.tcpClients[-1][2].buildProtocol(None)
        self.upstream = StringTransport()
        self.client.makeConnection(self.upstream)

    def test_opened(self) -> None:
        """Bytes go both ways, those too that the client has sent early."""
        self.open(b"early")
        self.assertEqual(self.written(), b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.send(b"GET /\r\n\x00")
        self.assertEqual(self.upstream.value(), b"earlyGET /\r\n\x00")
        self.assertEqual(self.answer(b"\xffHTTP"), b"\xffHTTP")

    def test_clientEnds(self) -> None:
        self.open()
        self.lose()
        self.assertTrue(self.upstream.disconnecting)
        self.assertIsNone(self.upstream.producer)

    def test_serverEnds(self) -> None:
        self.open()
        self.client.connectionLost(Failure(ConnectionDone()))
        self.assertTrue(self.transport.disconnecting)
        self.assertIsNone(self.transport.producer)

    def test_flow(self) -> None:
        """Neither side gets more than it takes."""
        self.open()
        self.upstream.producer.pauseProducing()
        self.assertEqual(self.transport.producerState, "paused")
        self.transport.producer.pauseProducing()
        self.assertEqual(self.upstream.producerState, "paused")
        self.upstream.producer.resumeProducing()
        self.assertEqual(self.transport.producerState, "producing")

    def test_idle(self) -> None:
        """One that nobody uses is closed."""
        self.open()
        self.reactor.advance(899)
        self.answer(b"a")
        self.reactor.advance(899)
        self.assertFalse(self.transport.disconnecting)
        self.reactor.advance(1)
        self.assertTrue(self.transport.disconnecting)

    def test_noServer(self) -> None:
        for error, status in ((ConnectionRefusedError(), b"502"), (TimeoutError(), b"504")):
            self.connect()
            self.send(b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n")
            self.reactor.tcpClients[-1][2].clientConnectionFailed(None, Failure(error))
            self.assertTrue(self.written().startswith(b"HTTP/1.1 " + status), self.written())

    def test_clientLeft(self) -> None:
        self.send(b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n")
        self.lose()
        self.assertTrue(self.reactor.connectors[-1].stoppedConnecting)
        self.assertIsNone(self.reactor.tcpClients[-1][2].buildProtocol(None))
