"""`ITransport` of streams: writing, reading and ending, over every kind of connection."""

from __future__ import annotations

import socket
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IConsumer, IPushProducer, ITransport
from twisted.internet.test.conformance._pairs import Over6, OverUNIX, PairSuite
from twisted.internet.test.conformance.recorders import Echo, HalfRecorder, Peers, Recorder

MEGABYTE = 1 << 20
# More than the kernel takes at once.
MUCH = bytes(range(256)) * (4 * MEGABYTE // 256)


class StreamSuite(PairSuite):
    """What is written arrives, and connections end as they should."""

    def test_interfaces(self) -> None:
        async def scenario() -> None:
            for end in await self.pair(Recorder, Recorder):
                for interface in (ITransport, IConsumer, IPushProducer):
                    self.assertTrue(verifyObject(interface, end.transport))

        self.play(scenario())

    # Writing

    def test_echo(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Echo, Recorder)
            for message in (b"x", b"hello", b"\0\xff" * 500):
                client.transport.write(message)
                self.assertEqual(await client.received(len(message)), message)
            self.assertEqual(server.events[:2], ["made", "data"])

        self.play(scenario())

    def test_bothWaysAtOnce(self) -> None:
        async def scenario() -> None:
            ends = await self.pair(Recorder, Recorder)
            for end in ends:
                end.transport.write(MUCH)
            for end in ends:
                self.assertEqual(await end.received(len(MUCH)), MUCH)

        self.play(scenario())

    def test_writesKeepTheirOrder(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            expected = b""
            for number in range(5000):
                piece = b"%d," % number
                client.transport.write(piece)
                expected += piece
                if number % 1000 == 0:
                    await self.turns()
            self.assertEqual(await server.received(len(expected)), expected)

        self.play(scenario())

    def test_largeAndSmallWritesMixed(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            pieces = [b"a", MUCH, b"b" * 1000, b"c", MUCH[:MEGABYTE], b"d"]
            for piece in pieces:
                client.transport.write(piece)
            expected = b"".join(pieces)
            self.assertEqual(await server.received(len(expected)), expected)

        self.play(scenario())

    def test_writeSequence(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            client.transport.writeSequence([b"one ", b"", b"two ", b"three"])
            client.transport.writeSequence(piece for piece in (b"!", b"?"))
            client.transport.writeSequence([])
            self.assertEqual(await server.received(15), b"one two three!?")

        self.play(scenario())

    def test_bytesLikeDataIsTakenAsItIsNow(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            data = bytearray(b"mutable")
            client.transport.write(data)
            client.transport.write(memoryview(b"a view")[2:])
            client.transport.writeSequence([bytearray(b"!")])
            data[:] = b"CHANGED"
            self.assertEqual(await server.received(12), b"mutableview!")

        self.play(scenario())

    def test_textIsRefusedAtOnce(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            error = self.assertRaises(TypeError, client.transport.write, "text")
            self.assertIn("encode", str(error))
            self.assertRaises(TypeError, client.transport.writeSequence, ["text"])
            for nonsense in (None, 5, ["list"]):
                self.assertRaises(TypeError, client.transport.write, nonsense)
            client.transport.write(b"fine")
            self.assertEqual(await server.received(4), b"fine")

        self.play(scenario())

    def test_writingNothing(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            client.transport.write(b"")
            client.transport.write(b"x")
            self.assertEqual(await server.received(1), b"x")
            self.assertEqual(server.events, ["made", "data"])

        self.play(scenario())

    def test_manyConnections(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Echo), Peers(Recorder)
            port = self.listen(servers)
            for _ in range(40):
                self.connect(port, clients)
            ends = [await clients.connection(number) for number in range(40)]
            for number, end in enumerate(ends):
                end.transport.write(b"%03d" % number)
            for number, end in enumerate(ends):
                self.assertEqual(await end.received(3), b"%03d" % number)

        self.play(scenario())

    def test_aFastPeerDoesNotStarveOthers(self) -> None:
        class Flood(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(data)

        async def scenario() -> None:
            # Two ends that keep each other busy for ever, and a third that wants a word.
            flood, other = await self.pair(Flood, Flood)
            flood.transport.write(b"x" * 100_000)
            _, client = await self.pair(Echo, Recorder)
            client.transport.write(b"a word")
            self.assertEqual(await client.received(6), b"a word")
            other.transport.abortConnection()
            await flood.lost()

        self.play(scenario())

    # Ending

    def test_loseConnection(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            client.transport.loseConnection()
            self.assertIsNone(client.reason)
            for end in (client, server):
                self.assertTrue((await end.lost()).check(ConnectionDone))
                self.assertEqual(end.events, ["made", "lost"])

        self.play(scenario())

    def test_loseConnectionSendsEverythingFirst(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            client.transport.write(MUCH)
            client.transport.loseConnection()
            self.assertTrue(client.transport.disconnecting)
            self.assertTrue((await server.lost()).check(ConnectionDone))
            self.assertTrue((await client.lost()).check(ConnectionDone))
            self.assertEqual(bytes(server.data), MUCH)

        self.play(scenario())

    def test_loseConnectionTwice(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            client.transport.write(b"last words")
            client.transport.loseConnection()
            client.transport.loseConnection()
            await server.lost()
            await client.lost()
            client.transport.loseConnection()
            self.assertEqual(bytes(server.data), b"last words")

        self.play(scenario())

    def test_loseConnectionWhenConnectionIsMade(self) -> None:
        class Curt(Recorder):
            def connectionMade(self) -> None:
                super().connectionMade()
                self.transport.write(b"bye")
                self.transport.loseConnection()

        async def scenario() -> None:
            server, client = await self.pair(Curt, Recorder)
            self.assertTrue((await client.lost()).check(ConnectionDone))
            self.assertEqual(bytes(client.data), b"bye")
            self.assertTrue((await server.lost()).check(ConnectionDone))

        self.play(scenario())

    def test_bothLoseAtOnce(self) -> None:
        async def scenario() -> None:
            ends = await self.pair(Recorder, Recorder)
            for end in ends:
                end.transport.loseConnection()
            for end in ends:
                self.assertTrue((await end.lost()).check(ConnectionDone))

        self.play(scenario())

    def test_afterTheEndNothingDoesHarm(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            client.transport.loseConnection()
            await client.lost()
            await server.lost()
            for end in (server, client):
                transport = end.transport
                transport.write(b"lost")
                transport.writeSequence([b"lost"])
                self.assertRaises(TypeError, transport.write, "text")
                transport.loseConnection()
                transport.loseWriteConnection()
                transport.abortConnection()
                transport.pauseProducing()
                transport.resumeProducing()
                transport.stopProducing()
            await self.turns(3)
            for end in (server, client):
                self.assertEqual(end.events, ["made", "lost"])

        self.play(scenario())

    def test_dataThenEndAtOnce(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            raw = self.rawClient(self.listen(servers))
            raw.sendall(b"data")
            raw.close()
            server = await servers.connection()
            self.assertTrue((await server.lost()).check(ConnectionDone))
            self.assertEqual(bytes(server.data), b"data")

        self.play(scenario())

    def test_writtenBeforeTheReactorStops(self) -> None:
        raw: list[socket.socket] = []

        async def scenario() -> None:
            servers = Peers(Recorder)
            raw.append(self.rawClient(self.listen(servers)))
            server = await servers.connection()
            server.transport.write(b"last words")

        self.expectLeftovers()
        self.play(scenario())
        self.assertEqual(raw[0].recv(100), b"last words")
        self.assertEqual(raw[0].recv(100), b"")

    def test_connectionsAreLostWhenTheReactorStops(self) -> None:
        async def scenario() -> tuple[Recorder, Recorder]:
            return await self.pair(Recorder, Recorder)

        for end in self.play(scenario()):
            self.assertTrue(end.reason.check(ConnectionLost))

    # Aborting

    def test_abortConnection(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            client.transport.abortConnection()
            self.assertIsNone(client.reason)
            self.assertTrue((await client.lost()).check(ConnectionAborted))
            await server.lost()

        self.play(scenario())

    def test_abortConnectionWithoutWaitingForThePeer(self) -> None:
        async def scenario() -> None:
            server, client = await self.narrowPair(Recorder, Recorder)
            server.transport.pauseProducing()
            client.transport.write(MUCH)
            await self.turns(5)
            client.transport.abortConnection()
            self.assertTrue((await client.lost()).check(ConnectionAborted))

        self.play(scenario())

    def test_abortConnectionAfterLoseConnection(self) -> None:
        async def scenario() -> None:
            server, client = await self.narrowPair(Recorder, Recorder)
            server.transport.pauseProducing()
            client.transport.write(MUCH)
            client.transport.loseConnection()
            await self.turns(5)
            self.assertIsNone(client.reason)
            client.transport.abortConnection()
            client.transport.abortConnection()
            self.assertTrue((await client.lost()).check(ConnectionAborted))

        self.play(scenario())

    def test_nothingIsReceivedAfterAbortConnection(self) -> None:
        class Touchy(Recorder):
            def dataReceived(self, data: bytes) -> None:
                super().dataReceived(data)
                self.transport.abortConnection()

        async def scenario() -> None:
            server, client = await self.pair(Touchy, Recorder)
            client.transport.write(MUCH)
            self.assertTrue((await server.lost()).check(ConnectionAborted))
            self.assertEqual(server.events, ["made", "data", "lost"])
            await client.lost()

        self.play(scenario())

    # As a producer

    def test_pauseAndResume(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            server.transport.pauseProducing()
            client.transport.write(b"data")
            await self.after(0.01)
            self.assertEqual(bytes(server.data), b"")
            server.transport.resumeProducing()
            self.assertEqual(await server.received(4), b"data")

        self.play(scenario())

    def test_pauseWhileReceiving(self) -> None:
        class Slow(Recorder):
            def dataReceived(self, data: bytes) -> None:
                self.transport.pauseProducing()
                super().dataReceived(data)

        async def scenario() -> None:
            server, client = await self.pair(Slow, Recorder)
            client.transport.write(MUCH)
            total = 0
            while total < len(MUCH):
                await server.when(lambda: server.data)
                before = len(server.data)
                await self.turns(2)
                self.assertEqual(len(server.data), before)
                total += before
                server.data.clear()
                server.transport.resumeProducing()

        self.play(scenario())

    def test_resumeAfterLoseConnectionDoesNotReadOn(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            # A pull producer keeps the connection from being closed at once.
            server.transport.registerProducer(client.transport, False)
            server.transport.loseConnection()
            server.transport.resumeProducing()
            client.transport.write(b"not wanted")
            await self.after(0.01)
            self.assertEqual(server.events, ["made"])
            server.transport.unregisterProducer()
            await server.lost()
            self.assertEqual(bytes(server.data), b"")
            await client.lost()

        self.play(scenario())

    def test_stopProducingEndsTheConnection(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            client.transport.stopProducing()
            await client.lost()
            await server.lost()

        self.play(scenario())

    # Halves

    def test_loseWriteConnection(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(HalfRecorder, HalfRecorder)
            client.transport.write(b"question")
            client.transport.loseWriteConnection()
            await server.when(lambda: "read lost" in server.events)
            self.assertEqual(bytes(server.data), b"question")
            self.assertEqual(client.events, ["made", "write lost"])
            server.transport.write(b"answer")
            self.assertEqual(await client.received(6), b"answer")
            server.transport.loseConnection()
            self.assertTrue((await client.lost()).check(ConnectionDone))
            self.assertTrue((await server.lost()).check(ConnectionDone))
            self.assertEqual(server.events, ["made", "data", "read lost", "lost"])

        self.play(scenario())

    def test_bothLoseTheirHalf(self) -> None:
        async def scenario() -> None:
            ends = await self.pair(HalfRecorder, HalfRecorder)
            for end in ends:
                end.transport.write(b"x")
                end.transport.loseWriteConnection()
            for end in ends:
                self.assertTrue((await end.lost()).check(ConnectionDone))
                self.assertEqual(
                    sorted(end.events), ["data", "lost", "made", "read lost", "write lost"]
                )
                self.assertEqual(end.events[-1], "lost")

        self.play(scenario())

    def test_oneHalfAfterTheOther(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(HalfRecorder, HalfRecorder)
            client.transport.loseWriteConnection()
            await server.when(lambda: "read lost" in server.events)
            server.transport.loseWriteConnection()
            for end in (server, client):
                self.assertTrue((await end.lost()).check(ConnectionDone))

        self.play(scenario())

    def test_loseWriteConnectionSendsEverythingFirst(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(HalfRecorder, HalfRecorder)
            client.transport.write(MUCH)
            client.transport.loseWriteConnection()
            self.assertEqual(client.events, ["made"])
            await server.when(lambda: "read lost" in server.events)
            self.assertEqual(bytes(server.data), MUCH)
            await client.when(lambda: "write lost" in client.events)

        self.play(scenario())

    def test_writeAfterLoseWriteConnection(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(HalfRecorder, HalfRecorder)
            client.transport.loseWriteConnection()
            await client.when(lambda: "write lost" in client.events)
            client.transport.write(b"too late")
            client.transport.loseWriteConnection()
            await server.when(lambda: "read lost" in server.events)
            self.assertEqual(bytes(server.data), b"")
            self.assertEqual(client.events, ["made", "write lost"])
            server.transport.write(b"still here")
            self.assertEqual(await client.received(10), b"still here")

        self.play(scenario())

    def test_peerThatDoesNotKnowOfHalves(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, HalfRecorder)
            client.transport.loseWriteConnection()
            self.assertTrue((await server.lost()).check(ConnectionDone))
            self.assertTrue((await client.lost()).check(ConnectionDone))

        self.play(scenario())

    def test_halfThenAll(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(HalfRecorder, HalfRecorder)
            client.transport.write(MUCH)
            client.transport.loseWriteConnection()
            client.transport.loseConnection()
            self.assertTrue((await client.lost()).check(ConnectionDone))
            await server.when(lambda: "read lost" in server.events)
            self.assertEqual(bytes(server.data), MUCH)

        self.play(scenario())

    def test_aHalfClosedConnectionDoesNotSpin(self) -> None:
        turns = 0

        async def scenario() -> None:
            nonlocal turns
            server, client = await self.pair(HalfRecorder, HalfRecorder)
            client.transport.loseWriteConnection()
            await server.when(lambda: "read lost" in server.events)
            iterate = self.count(server)
            await self.after(0.05)
            turns = len(iterate)
            server.transport.loseConnection()
            await client.lost()

        self.play(scenario())
        self.assertLess(turns, 20)

    def count(self, end: Any) -> list[None]:
        """A list that grows by one for each event of a descriptor in the loop."""
        events: list[None] = []
        for name in ("doRead", "doWrite"):
            original = getattr(end.transport, name)

            def counted(original: Any = original) -> Any:
                events.append(None)
                return original()

            self.patch(end.transport, name, counted)
        return events


class Stream4Suite(StreamSuite):
    """Streams over IPv4."""


class Stream6Suite(Over6, StreamSuite):
    """Streams over IPv6."""


class StreamUNIXSuite(OverUNIX, StreamSuite):
    """Streams over UNIX sockets."""


suites = [Stream4Suite, Stream6Suite, StreamUNIXSuite]
