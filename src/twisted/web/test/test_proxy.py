"""Proxies: what is passed on, both ways, and what is not."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twisted.internet.error import ConnectionDone, ConnectionRefusedError, TimeoutError
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.test._tlspeers import Authority
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.web import http, proxy, resource, server, static
from twisted.web.test._serving import ServedTestCase, reactor
from twisted.web.test.test_server import Page, SiteTestCase

GET = b"GET %b HTTP/1.1\r\nHost: a\r\n%b\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class ProxyTestCase(SiteTestCase):
    """Tests with a client, a proxy and a server, none of them real."""

    def setUp(self) -> None:
        super().setUp()
        self.reactor = MemoryReactorClock()
        self.resource = proxy.ReverseProxyResource("up.example.com", 80, b"/base", self.reactor)
        self.root.putChild(b"up", self.resource)

    def accept(self) -> bytes:
        """The server takes the connection that was made last; what it is sent."""
        self.client = self.reactor.tcpClients[-1][2].buildProtocol(None)
        self.client.callLater = self.clock.callLater
        self.upstream = StringTransport()
        self.client.makeConnection(self.upstream)
        return self.upstream.value()

    def passed(self, sent: bytes) -> bytes:
        """What the server is sent for what the client has sent."""
        self.send(sent)
        return self.accept()

    def answer(self, data: bytes) -> bytes:
        """What the client gets for what the server has sent."""
        self.transport.clear()
        self.client.dataReceived(data)
        return self.written()


class ReverseTests(ProxyTestCase):
    """`ReverseProxyResource`."""

    def test_passed(self) -> None:
        sent = self.passed(GET % (b"/up/a%2Fb/c?d=%20e", b"X-A: 1\r\nX-A: 2\r\nCookie: c=d\r\n"))
        self.assertEqual(self.reactor.tcpClients[-1][:2], ("up.example.com", 80))
        self.assertEqual(
            sent.split(b"\r\n"),
            [
                b"GET /base/a%2Fb/c?d=%20e HTTP/1.1",
                b"host: up.example.com",
                b"x-a: 1, 2",
                b"cookie: c=d",
                b"Via: 1.1 torsion",
                b"Connection: close",
                b"",
                b"",
            ],
        )

    def test_answered(self) -> None:
        self.passed(GET % (b"/up/", b""))
        got = self.answer(
            b"HTTP/1.1 404 Nothing\r\nServer: up\r\nDate: now\r\nSet-Cookie: a=b\r\n"
            b"Set-Cookie: c=d\r\nContent-Length: 5\r\n\r\nh"
        )
        self.assertTrue(got.startswith(b"HTTP/1.1 404 Nothing\r\n"))
        for line in (b"Server: up", b"Set-Cookie: a=b", b"Set-Cookie: c=d", b"Via: 1.1 torsion"):
            self.assertEqual(got.count(b"\r\n" + line + b"\r\n"), 1, line)
        self.assertNotIn(b"Content-Type", got)
        self.assertTrue(got.endswith(b"\r\n\r\nh"))
        self.assertEqual(self.answer(b"ello"), b"ello")
        self.assertTrue(self.upstream.disconnecting)
        # The client's connection goes on.
        self.assertIn(b"root", self.get(b"/"))

    def test_paths(self) -> None:
        for path, expected in (
            (b"/up", b"/base"),
            (b"/up/", b"/base/"),
            (b"/up/a//b", b"/base/a//b"),
            (b"/up?a", b"/base?a"),
            (b"/up/%C3%A9?", b"/base/%C3%A9"),
        ):
            self.assertIn(b"GET " + expected + b" HTTP", self.passed(GET % (path, b"")))
            self.answer(OK)
        self.resource.path = b""
        self.assertIn(b"GET / HTTP", self.passed(GET % (b"/up", b"")))

    def test_dots(self) -> None:
        """No path leads out of the folder that is passed on."""
        for path in (b"/up/..", b"/up/a/%2e%2e/%2e./b", b"/up/%2E"):
            self.assertIn(b" 404 ", self.get(path))
        self.assertEqual(self.reactor.tcpClients, [])

    def test_ports(self) -> None:
        self.resource.port = 8080
        self.assertIn(b"host: up.example.com:8080\r\n", self.passed(GET % (b"/up", b"")))

    def test_hopByHop(self) -> None:
        """What is for one connection stays there, whichever way."""
        only = [
            b"Keep-Alive: 5",
            b"TE: gzip",
            b"Proxy-Authorization: a",
            b"Upgrade: b",
            b"X-Own: c",
        ]
        said = b"\r\n".join([b"Connection: keep-alive, X-Own", *only, b"X-End: d", b""])
        sent = self.passed(GET % (b"/up", said))
        got = self.answer(
            b"HTTP/1.1 200 OK\r\nTrailer: X\r\n" + said + b"Content-Length: 0\r\n\r\n"
        )
        for text in (sent.lower(), got.lower()):
            for line in (*only, b"Trailer: X"):
                self.assertNotIn(line.lower(), text)
            self.assertIn(b"x-end: d\r\n", text)
        self.assertIn(b"Connection: close\r\n", sent)

    def test_body(self) -> None:
        """A body is framed anew, and streamed."""
        head = b"POST /up HTTP/1.1\r\nHost: a\r\n"
        sent = self.passed(head + b"Content-Length: 5\r\n\r\nab")
        self.assertIn(b"\r\nContent-Length: 5\r\n", sent)
        self.assertTrue(sent.endswith(b"\r\n\r\nab"), sent)
        self.upstream.clear()
        self.send(b"cde")
        self.assertEqual(self.upstream.value(), b"cde")
        self.answer(OK)
        sent = self.passed(head + b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n")
        self.assertIn(b"\r\nTransfer-Encoding: chunked\r\n", sent)
        self.assertTrue(sent.endswith(b"\r\n\r\n2\r\nab\r\n"), sent)
        self.upstream.clear()
        self.send(b"1\r\nc\r\n0\r\nX-Trailer: 1\r\n\r\n")
        self.assertEqual(self.upstream.value(), b"1\r\nc\r\n0\r\n\r\n")

    def test_uploadFlow(self) -> None:
        """A server that reads slowly slows the client down."""
        self.passed(b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        self.upstream.producer.pauseProducing()
        for _ in range(3):
            self.send(b"a" * 100_000)
        self.assertEqual(self.transport.producerState, "paused")
        self.assertNotIn(b"a" * 1000, self.upstream.value())
        self.upstream.producer.resumeProducing()
        self.assertEqual(self.transport.producerState, "producing")
        self.assertEqual(self.upstream.value().count(b"a" * 100_000), 3)

    def test_downloadFlow(self) -> None:
        """A client that reads slowly slows the server down, and that is not the server's fault."""
        self.passed(GET % (b"/up", b""))
        self.answer(b"HTTP/1.1 200 OK\r\n\r\nabc")
        self.transport.producer.pauseProducing()
        self.assertEqual(self.upstream.producerState, "paused")
        self.clock.advance(1000)
        self.transport.producer.resumeProducing()
        self.assertEqual(self.upstream.producerState, "producing")
        self.assertEqual(self.answer(b"d"), b"1\r\nd\r\n")

    def test_early(self) -> None:
        """A server may answer before it has the body."""
        self.passed(b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na")
        got = self.answer(b"HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n")
        self.assertTrue(got.startswith(b"HTTP/1.1 413 No\r\n"))
        self.assertTrue(self.upstream.disconnected or self.upstream.disconnecting)

    def test_interim(self) -> None:
        """100 and its kind are between the server and us."""
        self.passed(b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na")
        self.assertEqual(self.answer(b"HTTP/1.1 100 Continue\r\n\r\n"), b"")
        self.assertIn(b"200 OK", self.answer(OK))

    def test_framings(self) -> None:
        """However the server says where its body ends, the client is told in our way."""
        for sent in (b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", b"\r\nab"):
            self.passed(GET % (b"/up", b""))
            got = self.answer(b"HTTP/1.1 200 OK\r\n" + sent)
            self.client.connectionLost(Failure(ConnectionDone()))
            got = self.written()
            self.assertIn(b"\r\nTransfer-Encoding: chunked\r\n", got)
            self.assertTrue(got.endswith(b"\r\n\r\n2\r\nab\r\n0\r\n\r\n"), got)
        self.passed(b"HEAD /up HTTP/1.1\r\nHost: a\r\n\r\n")
        got = self.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        self.assertIn(b"\r\nContent-Length: 5\r\n", got)
        self.passed(GET % (b"/up", b""))
        got = self.answer(b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")
        self.assertIn(b"304 Not Modified", got)

    def test_pieces(self) -> None:
        """However a response is cut into pieces, the client gets the same."""
        for sent in (
            b"HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nhel\r\n2;x\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n",
        ):
            for at in range(1, len(sent)):
                self.connect()
                self.passed(GET % (b"/up", b""))
                got = self.answer(sent[:at])
                got += self.answer(sent[at:])
                body = re.sub(rb"(?:\A|\r\n)[0-9]\r\n", b"", got.partition(b"\r\n\r\n")[2])
                self.assertEqual(body.strip(), b"hello", (at, got))
                self.assertTrue(self.upstream.disconnecting, at)

    @given(st.lists(st.binary(max_size=30), max_size=3), st.integers(0, 80))
    def test_anyBytes(self, pieces: list[bytes], at: int) -> None:
        """Whatever the server sends, the client gets a response, or sees that there is none."""
        right = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
        self.connect()
        self.passed(GET % (b"/up", b""))
        got = self.answer(right[:at])
        for piece in pieces:
            got += self.answer(piece)
        self.transport.clear()
        self.client.connectionLost(Failure(ConnectionDone()))
        got += self.written()
        whole = re.match(rb"HTTP/1\.1 (?:502|2\d\d|304) ", got) and got.endswith(
            (b"\r\n0\r\n\r\n", b"HTTP.\n", b"answered.\n", b"protocol.\n", b"\r\n\r\n")
        )
        self.assertTrue(whole or self.transport.disconnected, got)

    def test_smuggled(self) -> None:
        """A response that could be read in two ways is not passed on."""
        for bad in (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            b"HTTP/1.1 200 OK\nContent-Length: 5\n\n",
            b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            b"<html>",
        ):
            self.passed(GET % (b"/up", b""))
            got = self.answer(bad)
            if not got:
                self.client.connectionLost(Failure(ConnectionDone()))
                got = self.written()
            self.assertTrue(got.startswith(b"HTTP/1.1 502 "), (bad, got))
            self.assertTrue(self.upstream.disconnecting)

    def test_broken(self) -> None:
        """A response that breaks off does so for the client."""
        for more in (b"", b"0\r\n\r", b"xyz\r\n"):
            self.connect()
            self.passed(GET % (b"/up", b""))
            self.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n" + more)
            if not self.transport.disconnected:
                self.client.connectionLost(Failure(ConnectionDone()))
            self.assertTrue(self.transport.disconnected, more)
            self.assertNotIn(b"0\r\n\r\n", self.written())

    def test_noAnswer(self) -> None:
        self.passed(GET % (b"/up", b""))
        self.client.connectionLost(Failure(ConnectionDone()))
        self.assertTrue(self.written().startswith(b"HTTP/1.1 502 "))

    def test_noConnection(self) -> None:
        for error, status in ((ConnectionRefusedError(), b"502"), (TimeoutError(), b"504")):
            self.send(GET % (b"/up", b""))
            self.reactor.tcpClients[-1][2].clientConnectionFailed(None, Failure(error))
            self.assertTrue(self.written().startswith(b"HTTP/1.1 " + status))

    def test_timeout(self) -> None:
        """A server that says nothing is given up; one that goes on is not."""
        self.passed(GET % (b"/up", b""))
        self.clock.advance(119)
        self.answer(b"HTTP/1.1 200 OK\r\n")
        self.clock.advance(119)
        self.assertEqual(self.written(), b"")
        self.clock.advance(1)
        self.assertTrue(self.written().startswith(b"HTTP/1.1 504 "))
        self.assertTrue(self.upstream.disconnected)

    def test_left(self) -> None:
        """A client that goes away is not worked for."""
        self.passed(GET % (b"/up", b""))
        self.lose()
        self.assertTrue(self.upstream.disconnected)
        self.connect()
        self.send(GET % (b"/up", b""))
        self.lose()
        self.assertTrue(self.reactor.connectors[-1].stoppedConnecting)

    def test_leftUploading(self) -> None:
        self.passed(b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na")
        self.lose()
        self.assertTrue(self.upstream.disconnected)

    def test_children(self) -> None:
        """Others may be put below it, and stand before it; bodies are whole then."""
        self.resource.putChild(b"own", Page(lambda request: b"own"))
        self.assertTrue(self.get(b"/up/own").endswith(b"own"))
        self.assertIn(b"GET /base/other/x?y HTTP", self.passed(GET % (b"/up/other/x?y", b"")))
        self.answer(OK)
        sent = self.passed(b"POST /up/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
        self.assertTrue(sent.endswith(b"\r\n\r\nab"))
        self.answer(OK)
        self.assertIn(b" 404 ", self.get(b"/up/%2e%2e"))

    def test_spooled(self) -> None:
        """A body that had to be whole, as that of a child, goes on bit by bit if it is long."""
        self.resource.putChild(b"own", Page(lambda request: b"own"))
        body = b"a" * 300_000
        head = b"POST /up/a HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n"
        sent = self.passed(head + body)
        self.assertLess(len(sent), 100_000)
        while self.upstream.producer is not None:
            self.upstream.producer.resumeProducing()
        self.assertEqual(self.upstream.value().partition(b"\r\n\r\n")[2], body)
        self.assertIn(b"200 OK", self.answer(OK))
        # The server need not wait for it.
        self.passed(head + body)
        self.assertIn(b"200 OK", self.answer(OK))
        self.assertTrue(self.upstream.disconnected)

    def test_subclasses(self) -> None:
        """What programs override is called, and has the body whole."""
        seen: list[Any] = []

        class Client(proxy.ProxyClient):
            def handleStatus(self, version: bytes, code: bytes, message: bytes) -> None:
                seen.append((version, code, message, self.data, self.headers[b"x-a"]))
                super().handleStatus(version, b"201", b"Made")

            def handleHeader(self, key: bytes, value: bytes) -> None:
                seen.append((key, value))
                if key.lower() != b"content-length":
                    super().handleHeader(key, value)

            def handleResponsePart(self, buffer: bytes) -> None:
                super().handleResponsePart(buffer.upper() + b"!")

            def handleResponseEnd(self) -> None:
                seen.append("end")
                super().handleResponseEnd()

        class Clients(proxy.ProxyClientFactory):
            protocol = Client

        self.resource.proxyClientFactoryClass = Clients
        self.passed(b"POST /up HTTP/1.1\r\nHost: a\r\nX-A: b\r\nContent-Length: 2\r\n\r\nab")
        got = self.answer(OK)
        self.assertEqual(
            seen,
            [(b"HTTP/1.1", b"200", b"OK", b"ab", b"b"), (b"Content-Length", b"2"), "end"],
        )
        self.assertTrue(got.startswith(b"HTTP/1.1 201 Made\r\n"))
        self.assertTrue(got.endswith(b"\r\n\r\n3\r\nHI!\r\n0\r\n\r\n"))

    def test_cannotBePassed(self) -> None:
        """A path that the program has made badly is a 502, and the log says which."""
        self.resource.path = b"/a b"
        self.passed(GET % (b"/up", b""))
        self.assertTrue(self.written().startswith(b"HTTP/1.1 502 "))
        self.assertEqual(len(self.flushLoggedErrors()), 1)


class ReverseProxyTests(ProxyTestCase):
    """`ReverseProxy`: all of a port is passed on."""

    def test_passed(self) -> None:
        factory: Any = http.HTTPFactory(reactor=self.clock)
        factory.host, factory.port = "up.example.com", 8080
        reactor = self.reactor

        class Asked(proxy.ReverseProxyRequest):
            def __init__(self, channel: Any, *args: Any) -> None:
                super().__init__(channel, reactor=reactor)

        class Channel(proxy.ReverseProxy):
            requestFactory = Asked

        factory.protocol = Channel
        self.transport = StringTransport(lenient=True)
        self.channel = factory.buildProtocol(None)
        self.channel.makeConnection(self.transport)
        sent = self.passed(b"POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nc")
        self.assertEqual(self.reactor.tcpClients[-1][:2], ("up.example.com", 8080))
        self.assertTrue(sent.startswith(b"POST /a?b HTTP/1.1\r\nhost: up.example.com:8080\r\n"))
        self.assertTrue(sent.endswith(b"\r\n\r\nc"))
        self.assertIn(b"\r\n\r\nhi", self.answer(OK))


class Echo(resource.Resource):
    """Answers with what was sent, and who has sent it."""

    isLeaf = True
    streaming = True

    async def render_POST(self, request: Any) -> Any:
        """Count the bytes as they arrive."""
        count = 0
        async for piece in request.content:
            count += len(piece)
        return b"%d bytes" % count

    def render_GET(self, request: Any) -> bytes:
        """The URL."""
        url: bytes = request.prePathURL() + b" " + request.uri
        return url


class CurlTests(ServedTestCase):
    """curl, through proxies."""

    def setUp(self) -> None:
        super().setUp()
        folder = Path(self.mktemp())
        folder.mkdir()
        self.large = folder / "large"
        self.large.write_bytes(os.urandom(1024) * 8192)
        root = resource.Resource()
        root.putChild(b"echo", Echo())
        root.putChild(b"files", static.File(str(folder)))
        self.port = self.listen(server.Site(root))
        self.url = f"http://127.0.0.1:{self.port}"

    async def both(self) -> list[tuple[list[str], str]]:
        """Options for curl and a URL, for each kind of proxy."""
        factory = http.HTTPFactory()
        factory.protocol = proxy.Proxy
        forward = f"http://127.0.0.1:{self.listen(factory)}"
        behind: Any = http.HTTPFactory()
        behind.protocol = proxy.ReverseProxy
        behind.host, behind.port = "127.0.0.1", self.port
        reverse = self.serve(proxy.ReverseProxyResource("127.0.0.1", self.port, b""))
        return [
            (["-x", forward], self.url),
            ([], reverse),
            ([], f"http://127.0.0.1:{self.listen(behind)}"),
        ]

    async def test_curl(self) -> None:
        """Pages, large files both ways, and several requests on one connection."""
        for options, url in await self.both():
            said = await self.curl(*options, f"{url}/echo/a?b=c")
            self.assertEqual(said, f"{self.url}/echo /echo/a?b=c".encode())
            got = await self.curl(*options, f"{url}/files/large")
            self.assertEqual(got, self.large.read_bytes())
            part = await self.curl(*options, "-r", "5-10", f"{url}/files/large")
            self.assertEqual(part, self.large.read_bytes()[5:11])
            size = self.large.stat().st_size
            for header in ("X: y", "Transfer-Encoding: chunked"):
                said = await self.curl(
                    *options, "-H", header, "--data-binary", f"@{self.large}", f"{url}/echo"
                )
                self.assertEqual(said, b"%d bytes" % size)
            said = await self.curl(*options, "-I", f"{url}/files/large")
            self.assertIn(b"Content-Length: %d\r\n" % size, said)
            said = await self.curl(*options, *[f"{url}/echo"] * 3)
            self.assertEqual(said.count(b"/echo /echo"), 3)
            said = await self.curl(*options, "-w%{http_code}", f"{url}/none", "-o", os.devnull)
            self.assertEqual(said, b"404")

    async def test_tunnel(self) -> None:
        """TLS through a proxy, to where that allows it."""
        authority = Authority()
        port = self.listen(server.Site(Echo()), authority.server())
        trust = Path(self.mktemp()).absolute()
        trust.write_bytes(authority.pem())

        class Allowed(proxy.ProxyRequest):
            tunnelPorts = (port,)

        class Channel(proxy.Proxy):
            requestFactory = Allowed

        factory = http.HTTPFactory()
        factory.protocol = Channel
        through = f"http://127.0.0.1:{self.listen(factory)}"
        url = f"https://localhost:{port}/a"
        said = await self.curl("-x", through, "--cacert", str(trust), url, url)
        self.assertEqual(said, f"https://localhost:{port}/ /a".encode() * 2)

    async def test_refused(self) -> None:
        """A server that is not there."""
        closed: Any = Factory.forProtocol(Protocol)
        port = reactor.listenTCP(0, closed, interface="127.0.0.1")
        number = port.getHost().port
        await port.stopListening()
        url = self.serve(proxy.ReverseProxyResource("127.0.0.1", number, b""))
        said = await self.curl("-w%{http_code}", f"{url}/")
        self.assertEqual(said, b"Could not connect to the server.\n502")
