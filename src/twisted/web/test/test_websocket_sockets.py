"""Both ends of WebSocket over real sockets, with TLS and without."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.test._tlspeers import Authority
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase
from twisted.web.http_headers import Headers
from twisted.web.server import Site
from twisted.web.test._websockets import REQUEST
from twisted.web.test.test_websocket_frames import frame
from twisted.web.websocket import (
    ConnectionRejected,
    WebSocketClientEndpoint,
    WebSocketClosed,
    WebSocketLimits,
    WebSocketResource,
    WebSocketStream,
)

authority = Authority()
#: Seconds after which a server that does not answer is given up.
PATIENCE = 20
PIECE = 60_000


class Policy:
    """Trusts the authority of the tests."""

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        return authority.client(hostname.decode())


class Flooder:
    """A client that sends as much as it can, and reads nothing."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._data = frame(0x82, bytes(PIECE))
        self._sent = 0

    def begin(self) -> None:
        """Ask for the connection."""
        self.socket.sendall(REQUEST + b"\r\n")
        self.socket.setblocking(False)

    def push(self) -> None:
        """Send until there is no room."""
        try:
            while True:
                self._sent += self.socket.send(self._data[self._sent % len(self._data) :])
        except BlockingIOError:
            pass


async def echo(stream: WebSocketStream) -> None:
    """Send back what comes."""
    async for message in stream:
        await stream.send(message)


class SocketTests(TestCase):
    """A server and its clients."""

    def setUp(self) -> None:
        self.served: list[WebSocketStream] = []
        self.ended: list[Deferred[None]] = []

    def listen(self, handler: Any = echo, tls: bool = False, **options: Any) -> int:
        """A server; its port. It is closed when all of its connections are."""

        async def handle(stream: WebSocketStream) -> None:
            self.served.append(stream)
            self.ended.append(stream.whenClosed())
            await handler(stream)

        listening: Any = reactor
        site = Site(WebSocketResource(handle, **options))
        where = {"interface": "127.0.0.1"}
        port = (
            listening.listenSSL(0, site, authority.server(), **where)
            if tls
            else listening.listenTCP(0, site, **where)
        )
        self.addCleanup(lambda: gatherResults(self.ended))
        self.addCleanup(port.stopListening)
        number: int = port.getHost().port
        return number

    async def connect(self, port: int, tls: bool = False, **options: Any) -> WebSocketStream:
        """A client's stream; it closes with the test."""
        url = f"wss://localhost:{port}/" if tls else f"ws://127.0.0.1:{port}/"
        if tls:
            options["tlsPolicy"] = Policy()
        endpoint = WebSocketClientEndpoint.new(reactor, url, **options)
        stream = await endpoint.connect(WebSocketStream)
        self.addCleanup(stream.close)
        return stream

    async def exchange(self, stream: WebSocketStream) -> None:
        """Send messages of all sizes, and get them back."""
        for size in (0, 1, 125, 126, 65_535, 65_536, 1_000_000):
            for message in ("é" * size, b"\xff" * size):
                await stream.send(message)
                self.assertEqual(await stream.receive(), message)
        await stream.ping()

    async def test_plain(self) -> None:
        """Messages of all sizes, compressed and not."""
        port = self.listen()
        for compress in (True, False):
            await self.exchange(await self.connect(port, compress=compress))

    async def test_secure(self) -> None:
        """The same over TLS."""
        port = self.listen(tls=True)
        await self.exchange(await self.connect(port, tls=True))

    async def test_close(self) -> None:
        """Both sides learn why the other has closed."""
        for tls in (False, True):
            port = self.listen(tls=tls)
            stream = await self.connect(port, tls=tls)
            await stream.close(4000, "done")
            with self.assertRaises(WebSocketClosed) as caught:
                await self.served[-1].receive()
            self.assertEqual((caught.exception.code, caught.exception.reason), (4000, "done"))

    async def test_rejected(self) -> None:
        """A server that does not want us says so, over TLS too."""
        for tls in (False, True):
            port = self.listen(tls=tls, origins=lambda request, origin: False)
            url = f"wss://localhost:{port}/" if tls else f"ws://127.0.0.1:{port}/"
            policy = Policy() if tls else None
            endpoint = WebSocketClientEndpoint.new(
                reactor, url, policy, headers=Headers({b"Origin": [b"https://a.example"]})
            )
            with self.assertRaises(ConnectionRejected) as caught:
                await endpoint.connect(WebSocketStream)
            self.assertEqual(caught.exception.response.code, 403)

    async def test_bothFlood(self) -> None:
        """Who sends more than the other takes waits, and nothing is lost."""
        count, size = 100, 200_000

        async def flood(stream: WebSocketStream) -> None:
            for number in range(count):
                await stream.send(number.to_bytes(4) + bytes(size))

        async def drain(stream: WebSocketStream) -> None:
            for number in range(count):
                message = await stream.receive()
                self.assertEqual(message[:4], number.to_bytes(4))

        async def both(stream: WebSocketStream) -> None:
            await gatherResults([Deferred.fromCoroutine(one(stream)) for one in (flood, drain)])

        port = self.listen(both)
        await both(await self.connect(port, compress=False))

    async def test_neverReads(self) -> None:
        """A client that sends and never reads has to wait; its answers do not pile up."""
        port = self.listen(limits=WebSocketLimits(slowBytes=100_000))

        flooder = Flooder(port)
        self.addCleanup(flooder.socket.close)
        await deferToThread(flooder.begin)
        while not self.served:
            await deferToThread(flooder.push)
        connection: Any = self.served[-1].transport
        while not connection._holds:
            await deferToThread(flooder.push)
        self.assertLess(connection._behind, 100_000 + 2 * PIECE)
        flooder.socket.close()
        await self.ended[-1]

    async def test_asyncio(self) -> None:
        """A handler can wait for asyncio as well."""

        async def late(stream: WebSocketStream) -> None:
            await asyncio.sleep(0)
            await stream.send("at last")

        stream = await self.connect(self.listen(late))
        self.assertEqual([message async for message in stream], ["at last"])
