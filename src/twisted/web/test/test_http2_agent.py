"""Agents that speak HTTP/2, over real sockets: with sites, and with a server of another make."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import gatherResults
from twisted.trial.unittest import SkipTest
from twisted.web import resource, server
from twisted.web.client import (
    Agent,
    BrowserLikePolicyForHTTPS,
    FileBodyProducer,
    HostnameCachingHTTPSPolicy,
    HTTPConnectionPool,
    Session,
    readBody,
)
from twisted.web.test._http2 import SKIP
from twisted.web.test._serving import PEERS, ServedTestCase

try:
    from twisted.internet.test._tlspeers import Authority, pemOf
except ImportError:  # extras
    Authority = None  # type: ignore[assignment,misc]  # the same

#: A server of another make, with an application that echoes.
HYPERCORN = """
import asyncio, socket, sys
from hypercorn.asyncio import serve
from hypercorn.config import Config

async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"x-version", scope["http_version"].encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body or scope["path"].encode()})

listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen(100)
config = Config()
config.bind = [f"fd://{listening.fileno()}"]
config.certfile = config.keyfile = sys.argv[1]
config.loglevel = "ERROR"
print(listening.getsockname()[1], flush=True)
asyncio.run(serve(application, config))
"""


class Echo(resource.Resource):
    """Answers with what was asked, and what was sent."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        """The version and the path."""
        found: bytes = request.clientproto + b" " + request.path
        return found

    def render_POST(self, request: Any) -> bytes:
        """The body."""
        body: bytes = request.content.read()
        return body


class AgentTests(ServedTestCase):
    """An agent whose policy offers HTTP/2."""

    def setUp(self) -> None:
        super().setUp()
        if SKIP or Authority is None:
            raise SkipTest(SKIP or "OpenSSL is not installed")
        self.authority = Authority()
        self.pool = HTTPConnectionPool(reactor)
        self.addCleanup(self.pool.closeCachedConnections)

    def agent(self, **options: Any) -> Agent:
        """An agent."""
        policy = BrowserLikePolicyForHTTPS(
            self.authority.certificate, acceptableProtocols=[b"h2", b"http/1.1"]
        )
        return Agent(reactor, HostnameCachingHTTPSPolicy(policy), pool=self.pool, **options)

    def secure(self, protocols: list[bytes] | None = None) -> bytes:
        """Serve under TLS; the URL."""
        site = server.Site(Echo())
        if protocols is not None:
            site.acceptableProtocols = lambda: protocols  # type: ignore[method-assign]  # older ones
        return b"https://localhost:%d" % self.listen(site, self.authority.server())

    async def get(self, agent: Agent, url: bytes) -> tuple[Any, bytes]:
        """The response to a request, and its body."""
        response = await agent.request(b"GET", url)
        return response, await readBody(response)

    async def test_many(self) -> None:
        """Requests that are made at once share one connection, and so do those that follow."""
        url, agent = self.secure(), self.agent()
        asked = [agent.request(b"GET", url + b"/%d" % at) for at in range(50)]
        responses = await gatherResults(asked)
        bodies = await gatherResults([readBody(response) for response in responses])
        self.assertEqual(bodies, [b"HTTP/2 /%d" % at for at in range(50)])
        self.assertEqual({response.version for response in responses}, {(b"HTTP", 2, 0)})
        response, body = await self.get(agent, url + b"/more")
        self.assertEqual((response.version, body), ((b"HTTP", 2, 0), b"HTTP/2 /more"))
        self.assertEqual(len(self.connections), 1)

    async def test_session(self) -> None:
        """So do those of a session that is told to."""
        url = self.secure().decode()
        session = Session(trustRoot=self.authority.certificate, http2=True)
        for at in range(3):
            response = await session.request("GET", f"{url}/{at}")
            self.assertEqual(await response.text(), f"HTTP/2 /{at}")
        self.assertEqual(len(self.connections), 1)
        await session.close()

    async def test_older(self) -> None:
        """A server that does not agree is spoken to as before."""
        agent = self.agent()
        for protocols in ([b"http/1.1"], []):
            url = self.secure(protocols)
            asked = [self.get(agent, url + b"/%d" % at) for at in range(3)]
            for at, one in enumerate(asked):
                response, body = await one
                self.assertEqual(response.version, (b"HTTP", 1, 1))
                self.assertEqual(body, b"HTTP/1.1 /%d" % at)

    async def test_upload(self) -> None:
        """Bodies go both ways, past the windows."""
        url, agent = self.secure(), self.agent()
        path = self.mktemp()
        data = os.urandom(2_000_000)
        with open(path, "wb") as file:
            file.write(data)
        body = FileBodyProducer(open(path, "rb"))  # noqa: SIM115  # it closes it
        response = await agent.request(b"POST", url + b"/", None, body)
        self.assertEqual(await readBody(response), data)

    async def test_withoutPool(self) -> None:
        """Without a pool a connection ends with its response."""
        url = self.secure()
        self.pool = HTTPConnectionPool(reactor, persistent=False)
        for _ in range(2):
            _, body = await self.get(self.agent(), url + b"/")
            self.assertEqual(body, b"HTTP/2 /")
        self.assertEqual(len(self.connections), 2)
        await gatherResults(list(self.connections.values()))

    async def test_untrusted(self) -> None:
        """A server that is not trusted is an error for all who wait for the connection."""
        url = self.secure()
        self.authority = Authority("somebody else")
        agent = self.agent()
        asked = [agent.request(b"GET", url + b"/") for _ in range(3)]
        for one in asked:
            with self.assertRaises(Exception):  # noqa: B017  # of OpenSSL, or of service_identity
                await one

    async def test_drained(self) -> None:
        """When the server goes, requests are made on a new connection."""
        url, agent = self.secure(), self.agent()
        await self.get(agent, url + b"/")
        for channel in self.connections:
            channel.drain()
        _, body = await self.get(agent, url + b"/again")
        self.assertEqual((body, len(self.connections)), (b"HTTP/2 /again", 2))

    async def test_hypercorn(self) -> None:
        """A server of another make, with its own ideas of frames and windows."""
        pem = os.path.abspath(self.mktemp())
        with open(pem, "wb") as file:
            file.write(pemOf(self.authority.issue("localhost", "127.0.0.1")))
        url = b"https://localhost:%d" % self.start(PEERS, HYPERCORN, pem)
        agent = self.agent()
        asked = [self.get(agent, url + b"/%d" % at) for at in range(20)]
        for at, one in enumerate(asked):
            response, body = await one
            self.assertEqual(body, b"/%d" % at)
            self.assertEqual(response.headers.getRawHeaders("x-version"), ["2"])
        path = self.mktemp()
        data = os.urandom(1_000_000)
        with open(path, "wb") as file:
            file.write(data)
        producer = FileBodyProducer(open(path, "rb"))  # noqa: SIM115  # it closes it
        response = await agent.request(b"POST", url + b"/", None, producer)
        self.assertEqual(await readBody(response), data)
        await self.pool.closeCachedConnections()
