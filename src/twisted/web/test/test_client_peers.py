"""Clients and real servers: ours, and those of others, over sockets."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SkipTest
from twisted.web import resource, server, static
from twisted.web.client import (
    Agent,
    BrowserLikePolicyForHTTPS,
    FileBodyProducer,
    HTTPConnectionPool,
    PartialDownloadError,
    ProxyAgent,
    ResponseFailed,
    Session,
    downloadPage,
    getPage,
    readBody,
)
from twisted.web.error import Error
from twisted.web.test._serving import OURS, PEERS, ServedTestCase

try:
    from twisted.internet.test._tlspeers import Authority, pemOf
except ImportError:  # extras
    Authority = None  # type: ignore[assignment,misc]  # the same

reactor: Any = _reactor

#: Each says its port, and answers: the method, the path, and the length of the body.
AIOHTTP = """
from aiohttp import web
async def answer(request):
    body = await request.read()
    headers = {"Set-Cookie": "seen=1"}
    if request.path == "/stream":
        response = web.StreamResponse()
        response.enable_compression()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"piece " * 100)
        await response.write_eof()
        return response
    said = f"{request.method} {request.path} {len(body)} {request.headers.get('Cookie', '')}"
    return web.Response(text=said, headers=headers)
async def main():
    import asyncio
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
import asyncio
asyncio.run(main())
"""
UVICORN = """
import asyncio, socket, uvicorn
async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    said = f"{scope['method']} {scope['path']} {size} ".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said})
listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen(100)
print(listening.getsockname()[1], flush=True)
config = uvicorn.Config(application, log_level="error")
asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))
"""
TWISTED = """
from twisted.internet import reactor
from twisted.web import resource, server
class Root(resource.Resource):
    isLeaf = True
    def render(self, request):
        body = request.content.read()
        return b"%b %b %d " % (request.method, request.path, len(body))
port = reactor.listenTCP(0, server.Site(Root()), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""
PYTHON = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%b %b %d " % (self.command.encode(), self.path.encode(), len(body)))
    do_GET = do_POST = do_PUT = answer
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


class PeerTests(ServedTestCase):
    """Servers of other makes."""

    def setUp(self) -> None:
        super().setUp()
        self.session = Session(reactor)
        self.addCleanup(self.session.close)

    async def talk(self, python: Path, script: str) -> str:
        """Ask a server for this and that; its URL."""
        url = f"http://127.0.0.1:{self.start(python, script)}"
        for method, path, data, size in (
            ("GET", "/a", None, 0),
            ("POST", "/b", b"x" * 1000, 1000),
            ("PUT", "/c", b"y" * 3_000_000, 3_000_000),
            ("POST", "/d", {"a": "b"}, 3),
            ("GET", "/e", None, 0),
        ):
            response = await self.session.request(method, url + path, data=data)
            self.assertEqual(response.status, 200)
            said = await response.text()
            self.assertTrue(said.startswith(f"{method} {path} {size} "), said)
        return url

    async def chunks(self, url: str) -> None:
        """Send a body of unknown length."""

        class Stream(io.BytesIO):
            def seekable(self) -> bool:
                return False

            def tell(self) -> int:
                raise OSError("not seekable")

        response = await self.session.request("POST", url + "/x", data=Stream(b"z" * 200_000))
        self.assertTrue((await response.text()).startswith("POST /x 200000 "))

    async def test_aiohttp(self) -> None:
        url = await self.talk(PEERS, AIOHTTP)
        await self.chunks(url)
        response = await self.session.request("GET", url + "/stream")
        pieces = [piece async for piece in response]
        self.assertEqual(b"".join(pieces), b"piece " * 10_000)
        said = await (await self.session.request("GET", url + "/f")).text()
        self.assertEqual(said, "GET /f 0 seen=1")

    async def test_uvicorn(self) -> None:
        await self.chunks(await self.talk(PEERS, UVICORN))

    async def test_twisted(self) -> None:
        await self.chunks(await self.talk(PEERS, TWISTED))

    async def test_ours(self) -> None:
        await self.chunks(await self.talk(OURS, TWISTED))

    async def test_python(self) -> None:
        """One of HTTP/1.0, whose bodies end with the connection: they are told as such."""
        url = f"http://127.0.0.1:{self.start(Path(sys.executable), PYTHON)}"
        response = await self.session.request("POST", url + "/a", data=b"abc")
        try:
            await response.content()
        except PartialDownloadError as error:
            self.assertEqual(error.response, b"POST /a 3 ")
        else:
            self.fail("nobody knows whether the body is complete")
        self.assertEqual(await getPage(url + "/b"), b"GET /b 0 ")


class SiteTests(ServedTestCase):
    """Our own server."""

    def setUp(self) -> None:
        super().setUp()
        self.pool = HTTPConnectionPool(reactor)
        self.addCleanup(self.pool.closeCachedConnections)
        self.agent = Agent(reactor, pool=self.pool)
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / "digits").write_bytes(b"0123456789" * 200_000)
        root = static.File(str(folder))
        root.putChild(b"hello", static.Data(b"Hello", "text/plain"))
        self.url = self.serve(root)

    async def test_reuse(self) -> None:
        """Requests after each other go over one connection."""
        for _ in range(5):
            response = await self.agent.request(b"GET", f"{self.url}/hello".encode())
            self.assertEqual(await readBody(response), b"Hello")
        self.assertEqual(len(self.connections), 1)

    async def test_many(self) -> None:
        """A hundred at once, of which two connections are kept."""

        async def get() -> int:
            response = await self.agent.request(b"GET", f"{self.url}/digits".encode())
            return len(await readBody(response))

        sizes = await gatherResults([Deferred.fromCoroutine(get()) for _ in range(100)])
        self.assertEqual(set(sizes), {2_000_000})

    async def test_pages(self) -> None:
        self.assertEqual(await getPage(f"{self.url}/hello"), b"Hello")
        try:
            await getPage(f"{self.url}/missing")
        except Error as error:
            self.assertEqual(error.status, b"404")
        else:
            self.fail("there is no such page")

    async def test_download(self) -> None:
        """A file, and then its rest."""
        path = Path(self.mktemp())
        await downloadPage(f"{self.url}/digits", str(path))
        whole = path.read_bytes()
        self.assertEqual(len(whole), 2_000_000)
        path.write_bytes(whole[:1_234_567])
        await downloadPage(f"{self.url}/digits", str(path), supportPartial=True)
        self.assertEqual(path.read_bytes(), whole)

    async def test_upload(self) -> None:
        """A file that is sent arrives as it is."""

        class Length(resource.Resource):
            isLeaf = True

            def render_PUT(self, request: Any) -> bytes:
                return b"%d" % len(request.content.read())

        url = self.serve(Length()).encode()
        body = FileBodyProducer(io.BytesIO(b"x" * 5_000_000))
        response = await self.agent.request(b"PUT", url + b"/", None, body)
        self.assertEqual(await readBody(response), b"5000000")


class Splice(Protocol):
    """One side of a proxy that passes everything on, after CONNECT."""

    other: Any = None
    transport: Any

    def dataReceived(self, data: bytes) -> None:
        if self.other is not None:
            self.other.transport.write(data)
            return
        self.factory.asked.append(data)
        port = int(data.split(b" ")[1].rpartition(b":")[2])
        beyond = Factory.forProtocol(Splice)

        def connected(other: Any) -> None:
            self.other, other.other = other, self
            self.transport.write(b"HTTP/1.1 200 Connected\r\n\r\n")

        TCP4ClientEndpoint(reactor, "127.0.0.1", port).connect(beyond).addCallback(connected)

    def connectionLost(self, reason: Any = None) -> None:
        if self.other is not None:
            self.other.transport.loseConnection()


class SecureTests(ServedTestCase):
    """Servers under TLS."""

    def setUp(self) -> None:
        super().setUp()
        if Authority is None:
            raise SkipTest("OpenSSL is not installed")
        self.authority = Authority()
        self.policy = BrowserLikePolicyForHTTPS(self.authority.certificate)

    def secure(self) -> int:
        """Serve under TLS; the port."""
        root = static.Data(b"secret", "text/plain")
        root.putChild(b"", root)
        return self.listen(server.Site(root), self.authority.server())

    async def get(self, agent: Any, url: str) -> bytes:
        return await readBody(await agent.request(b"GET", url.encode()))

    async def refused(self, agent: Any, url: str) -> None:
        """The request fails before anything is sent."""
        try:
            await self.get(agent, url)
        except ResponseFailed as error:
            self.assertIs(error.response, None)
        else:
            self.fail("a server was trusted that should not have been")

    async def test_trusted(self) -> None:
        url = f"https://localhost:{self.secure()}/"
        self.assertEqual(await self.get(Agent(reactor, self.policy), url), b"secret")
        session = Session(reactor, trustRoot=self.authority.certificate)
        response = await session.request("GET", url)
        self.assertEqual(await response.content(), b"secret")
        await session.close()

    async def test_untrusted(self) -> None:
        """Who is not known to the platform, or to whom the program trusts, is refused."""
        url = f"https://localhost:{self.secure()}/"
        await self.refused(Agent(reactor), url)
        other = BrowserLikePolicyForHTTPS(Authority().certificate)
        await self.refused(Agent(reactor, other), url)

    async def test_otherName(self) -> None:
        """A certificate is for its names alone."""
        port = self.listen(server.Site(static.Data(b"x", "a/b")), self.authority.server("other"))
        await self.refused(Agent(reactor, self.policy), f"https://localhost:{port}/")

    async def test_openssl(self) -> None:
        """The web server that is in OpenSSL."""
        program = shutil.which("openssl")
        if program is None:
            raise SkipTest("openssl is not installed")
        path = Path(self.mktemp())
        path.write_bytes(pemOf(self.authority.issue("localhost")))
        started = subprocess.Popen(
            [program, "s_server", "-www", "-accept", "127.0.0.1:0", "-cert", str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(started.communicate)
        self.addCleanup(started.kill)
        assert started.stdout is not None
        line = b""
        while not line.startswith(b"ACCEPT"):
            line = started.stdout.readline()
            if not line:
                raise SkipTest("this openssl does not say its port")
        port = int(line.rpartition(b":")[2])
        # Its responses end with the connection.
        page = await getPage(
            f"https://localhost:{port}/", self.policy.creatorForNetloc(b"localhost", port)
        )
        self.assertIn(b"Ciphers supported", page)

    async def test_tunnel(self) -> None:
        """Through a proxy it is the same, and the proxy reads nothing of it."""
        factory: Any = Factory.forProtocol(Splice)
        factory.asked = []
        port = self.secure()
        proxy = TCP4ClientEndpoint(reactor, "127.0.0.1", self.listen(factory))
        agent = ProxyAgent(proxy, reactor, contextFactory=self.policy)
        self.assertEqual(await self.get(agent, f"https://localhost:{port}/"), b"secret")
        [asked] = factory.asked
        self.assertTrue(asked.startswith(b"CONNECT localhost:%d HTTP/1.1\r\n" % port))
        untrusting = ProxyAgent(proxy, reactor)
        await self.refused(untrusting, f"https://localhost:{port}/")
