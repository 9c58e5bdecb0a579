"""Programs that take the transport from under a request, as Autobahn does."""

from __future__ import annotations

import asyncio
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.test._tlspeers import Authority
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

authority = Authority()
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#: More than waits in the kernel, so that a producer is told to pause.
MUCH = 8_000_000


class Echo(Protocol):
    """Sends much, and then what it gets."""

    def __init__(self) -> None:
        self.lost: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(bytes(MUCH))

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data.upper())

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.callback(None)


class Taker(Resource):
    """Gives the transport to a protocol of its own."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.protocol = Echo()

    def render_GET(self, request: Any) -> int:
        """Take it."""
        self.channel = request.channel
        transport, request.channel.transport = request.channel.transport, None
        if isinstance(transport, ProtocolWrapper):
            transport.wrappedProtocol = self.protocol
        else:
            transport.protocol = self.protocol
        self.protocol.makeConnection(transport)
        return NOT_DONE_YET


class RequestTaker(Taker):
    """Takes it from the request, and tells the channel nothing, as Daphne does."""

    def render_GET(self, request: Any) -> int:
        """Take it."""
        self.channel = request.channel
        self.addresses = request.client, request.host
        transport, request.transport = request.transport, None
        if isinstance(transport, ProtocolWrapper):
            transport.wrappedProtocol = self.protocol
        else:
            transport.protocol = self.protocol
        self.protocol.makeConnection(transport)
        request.channel._networkProducer.resumeProducing()
        return NOT_DONE_YET


class TakeoverTests(TestCase):
    """A site, and a client of asyncio's."""

    async def take(self, tls: bool, taker: Taker) -> None:
        site = Site(taker)
        listening: Any = reactor
        where = {"interface": "127.0.0.1"}
        port = (
            listening.listenSSL(0, site, authority.server(), **where)
            if tls
            else listening.listenTCP(0, site, **where)
        )
        self.addCleanup(port.stopListening)
        context = authority.stdlibClient() if tls else None
        reader, writer = await asyncio.open_connection(
            "127.0.0.1",
            port.getHost().port,
            ssl=context,
            server_hostname="localhost" if tls else None,
        )
        writer.write(REQUEST)
        self.assertEqual(await reader.readexactly(MUCH), bytes(MUCH))
        writer.write(b"hello")
        self.assertEqual(await reader.readexactly(5), b"HELLO")
        writer.close()
        await writer.wait_closed()
        await taker.protocol.lost

    async def test_plain(self) -> None:
        """What arrives goes to the new owner; the channel has let go."""
        taker = Taker()
        await self.take(False, taker)
        self.assertEqual(taker.channel.requests, [])

    async def test_secure(self) -> None:
        """So does what arrives under TLS."""
        await self.take(True, Taker())

    async def test_untold(self) -> None:
        """The channel is not told: it notices, with its timer, when the connection is gone."""
        for tls in (False, True):
            taker = RequestTaker()
            await self.take(tls, taker)
            client, host = taker.addresses
            self.assertEqual((client.host, host.host), ("127.0.0.1", "127.0.0.1"))
            taker.channel.timeoutConnection()
            self.assertEqual(taker.channel.requests, [])
