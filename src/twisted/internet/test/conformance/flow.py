"""`IConsumer`: producers of both kinds, and a peer that is slow or never reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IPullProducer, IPushProducer
from twisted.internet.test.conformance._pairs import Over6, OverUNIX, PairSuite
from twisted.internet.test.conformance.recorders import (
    Fault,
    HalfRecorder,
    Recorder,
    Watched,
)
from twisted.internet.test.conformance.streams import MEGABYTE, MUCH

# What a transport may hold for a peer that does not read, of pieces of a kilobyte.
BOUND = MEGABYTE


@implementer(IPushProducer)
class Pusher(Watched):
    """Writes a kilobyte in each turn, until it is told to pause or has written all."""

    piece = b"p" * 1024

    def __init__(self, reactor: Any, transport: Any, pieces: int) -> None:
        super().__init__()
        self._reactor = reactor
        self._transport = transport
        self.left = pieces
        self.paused = True

    def resumeProducing(self) -> None:
        assert self.paused, "resumed twice"
        self.paused = False
        self.note("resume")
        self._reactor.callLater(0, self._push)

    def pauseProducing(self) -> None:
        assert not self.paused, "paused twice"
        self.paused = True
        self.note("pause")

    def stopProducing(self) -> None:
        self.paused = True
        self.left = 0
        self.note("stop")

    def _push(self) -> None:
        # As fast as it can: many pieces a turn.
        for _ in range(64):
            if self.paused:
                return
            if not self.left:
                self._transport.unregisterProducer()
                self.note("done")
                return
            self.left -= 1
            self._transport.write(self.piece)
        self._reactor.callLater(0, self._push)


@implementer(IPullProducer)
class Puller(Watched):
    """Writes one piece each time that it is asked."""

    def __init__(self, transport: Any, pieces: list[bytes]) -> None:
        super().__init__()
        self._transport = transport
        self.pieces = pieces

    def resumeProducing(self) -> None:
        self.note("resume")
        if self.pieces:
            self._transport.write(self.pieces.pop(0))
        if not self.pieces:
            self._transport.unregisterProducer()
            self.note("done")

    def stopProducing(self) -> None:
        self.note("stop")


class FlowSuite(PairSuite):
    """Producers write at the pace of the peer."""

    def pusher(self, end: Recorder, pieces: int = 100) -> Pusher:
        producer = Pusher(self.reactor, end.transport, pieces)
        end.transport.registerProducer(producer, True)
        producer.resumeProducing()
        return producer

    def test_pushProducer(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            producer = self.pusher(client, 4 * 1024)
            await server.received(4 * MEGABYTE)
            await producer.when(lambda: "done" in producer.events)
            self.assertIsNone(client.reason)

        self.play(scenario())

    def test_pushProducerAndAPeerThatDoesNotRead(self) -> None:
        async def scenario() -> None:
            server, client = await self.narrowPair(Recorder, Recorder)
            server.transport.pauseProducing()
            producer = self.pusher(client, 16 * 1024)
            await producer.when(lambda: "pause" in producer.events)
            # It may be resumed as long as the kernel takes more.
            await self.until(lambda: self.isQuiet(producer))
            self.assertLess(len(client.transport.dataBuffer), BOUND)
            self.assertGreater(producer.left, 0)
            server.transport.resumeProducing()
            await producer.when(lambda: "done" in producer.events)
            await server.received(16 * MEGABYTE)

        self.play(scenario())

    _lastLeft = -1

    def isQuiet(self, producer: Pusher) -> bool:
        quiet = producer.paused and producer.left == self._lastLeft
        self._lastLeft = producer.left
        return quiet

    def test_pausedProducerIsResumedWhenAllIsSent(self) -> None:
        async def scenario() -> None:
            server, client = await self.narrowPair(Recorder, Recorder)
            producer = Pusher(self.reactor, client.transport, 0)
            producer.paused = False
            client.transport.registerProducer(producer, True)
            client.transport.write(MUCH)
            self.assertEqual(producer.events, ["pause"])
            await producer.when(lambda: "resume" in producer.events)
            await server.received(len(MUCH))

        self.play(scenario())

    def test_pullProducer(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            pieces = [b"%d," % number * 1000 for number in range(200)]
            expected = b"".join(pieces)
            producer = Puller(client.transport, pieces)
            client.transport.registerProducer(producer, False)
            await producer.when(lambda: "done" in producer.events)
            self.assertEqual(await server.received(len(expected)), expected)
            self.assertEqual(producer.events.count("resume"), 200)

        self.play(scenario())

    def test_pullProducerIsAskedOnlyWhenAllIsSent(self) -> None:
        async def scenario() -> None:
            server, client = await self.narrowPair(Recorder, Recorder)
            server.transport.pauseProducing()
            producer = Puller(client.transport, [MUCH] * 5)
            client.transport.registerProducer(producer, False)
            await self.after(0.02)
            asked = producer.events.count("resume")
            self.assertLess(asked, 5)
            self.assertLessEqual(len(client.transport.dataBuffer), len(MUCH))
            server.transport.resumeProducing()
            await producer.when(lambda: "done" in producer.events)
            await server.received(5 * len(MUCH))

        self.play(scenario())

    def test_pullProducerThatWritesNothingOnce(self) -> None:
        # Nothing written is nothing sent, so it is the producer that has to come back.
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            producer = Puller(client.transport, [b"a", b"b"])
            client.transport.registerProducer(producer, False)
            self.assertEqual(await server.received(2), b"ab")

        self.play(scenario())

    def test_onlyOneProducer(self) -> None:
        async def scenario() -> None:
            _, client = await self.pair(Recorder, Recorder)
            producer = self.pusher(client, 10)
            other = Pusher(self.reactor, client.transport, 10)
            error = self.assertRaises(RuntimeError, client.transport.registerProducer, other, True)
            self.assertIn("Pusher", str(error))
            await producer.when(lambda: "done" in producer.events)
            client.transport.registerProducer(other, True)
            client.transport.unregisterProducer()
            client.transport.unregisterProducer()

        self.play(scenario())

    def test_stoppedWhenTheConnectionIsLost(self) -> None:
        async def scenario() -> None:
            server, client = await self.narrowPair(Recorder, Recorder)
            server.transport.pauseProducing()
            producer = self.pusher(client, 1 << 20)
            await producer.when(lambda: "pause" in producer.events)
            server.transport.abortConnection()
            await client.lost()
            self.assertEqual(producer.events.count("stop"), 1)

        self.play(scenario())

    def test_stoppedWhenTheConnectionIsAborted(self) -> None:
        async def scenario() -> None:
            server, client = await self.narrowPair(Recorder, Recorder)
            server.transport.pauseProducing()
            producer = self.pusher(client, 1 << 20)
            await producer.when(lambda: "pause" in producer.events)
            client.transport.abortConnection()
            await client.lost()
            self.assertEqual(producer.events.count("stop"), 1)

        self.play(scenario())

    def test_registeredAfterTheConnectionIsLost(self) -> None:
        async def scenario() -> None:
            _, client = await self.pair(Recorder, Recorder)
            client.transport.loseConnection()
            await client.lost()
            producer = Pusher(self.reactor, client.transport, 1)
            client.transport.registerProducer(producer, True)
            self.assertEqual(producer.events, ["stop"])
            puller = Puller(client.transport, [b"x"])
            client.transport.registerProducer(puller, False)
            self.assertEqual(puller.events, ["stop"])

        self.play(scenario())

    def endsAfterTheProducer(
        self, end: Callable[[Any], object], isOver: Callable[[Recorder], bool]
    ) -> None:
        """`end(transport)` takes effect when the producer has written its last."""

        async def scenario() -> None:
            server, client = await self.pair(HalfRecorder, HalfRecorder)
            producer = Puller(client.transport, [bytes(1024)] * 500)
            client.transport.registerProducer(producer, False)
            end(client.transport)
            await producer.when(lambda: "done" in producer.events)
            await server.when(lambda: isOver(server))
            self.assertEqual(len(server.data), 500 * 1024)
            server.transport.loseConnection()
            await client.lost()
            # Over TLS the client may have given up waiting, and be the first.
            await server.lost()

        self.play(scenario())

    def test_loseConnectionEndsAProducerThatIsNotPaused(self) -> None:
        """As proxies need it, whose producer is a peer that may be silent for ever."""

        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            silent = Pusher(self.reactor, client.transport, 1)
            client.transport.registerProducer(silent, True)
            client.transport.write(b"last words")
            client.transport.loseConnection()
            await client.lost()
            await server.lost()
            self.assertEqual(bytes(server.data), b"last words")
            self.assertEqual(silent.events, ["stop"])

        self.play(scenario())

    def test_loseConnectionLetsAPausedProducerFinish(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(HalfRecorder, HalfRecorder)
            server.transport.pauseProducing()
            producer = self.pusher(client, 8 * 1024)
            await producer.when(lambda: producer.paused)
            written = (8 * 1024 - producer.left) * 1024
            client.transport.loseConnection()
            server.transport.resumeProducing()
            await client.lost()
            self.assertIn("resume", producer.events[producer.events.index("pause") :])
            await server.when(lambda: len(server.data) >= written)
            server.transport.loseConnection()

        self.play(scenario())

    def test_loseConnectionWaitsForTheProducer(self) -> None:
        self.endsAfterTheProducer(
            lambda transport: transport.loseConnection(),
            lambda server: bool({"read lost", "lost"} & set(server.events)),
        )

    def test_loseWriteConnectionWaitsForTheProducer(self) -> None:
        self.endsAfterTheProducer(
            lambda transport: transport.loseWriteConnection(),
            lambda server: "read lost" in server.events,
        )

    def test_exceptionInResumeProducing(self) -> None:
        class Broken(Puller):
            def resumeProducing(self) -> None:
                self.note("resume")
                if len(self.events) > 1:
                    raise Fault("cannot resume")
                self._transport.write(b"x")

        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            other, another = await self.pair(Recorder, Recorder)
            producer = Broken(client.transport, [])
            client.transport.registerProducer(producer, False)
            self.assertTrue((await client.lost()).check(Fault))
            await server.lost()
            self.assertLogged(Fault, mention="resumeProducing")
            another.transport.write(b"alive")
            self.assertEqual(await other.received(5), b"alive")

        self.play(scenario())

    def test_aRelay(self) -> None:
        # The classic: each transport is the producer of the other.
        async def scenario() -> None:
            source, left = await self.narrowPair(Recorder, Relay)
            sink, right = await self.narrowPair(Recorder, Relay)
            left.other, right.other = right, left
            for near, far in ((left, right), (right, left)):
                near.transport.registerProducer(far.transport, True)
            sink.transport.pauseProducing()
            source.transport.write(MUCH * 4)
            await self.after(0.02)
            self.assertLess(len(right.transport.dataBuffer), BOUND)
            sink.transport.resumeProducing()
            await sink.received(len(MUCH) * 4)
            source.transport.loseConnection()
            self.assertTrue((await sink.lost()).check(ConnectionDone, ConnectionLost))

        self.play(scenario())


class Relay(Recorder):
    """Passes on what it gets to another connection."""

    other: Relay

    def dataReceived(self, data: bytes) -> None:
        self.other.transport.write(data)

    def connectionLost(self, reason: Any = None) -> None:
        self.transport.unregisterProducer()
        self.other.transport.unregisterProducer()
        self.other.transport.loseConnection()
        super().connectionLost(reason)


class Flow4Suite(FlowSuite):
    """Producers over IPv4."""


class Flow6Suite(Over6, FlowSuite):
    """Producers over IPv6."""


class FlowUNIXSuite(OverUNIX, FlowSuite):
    """Producers over UNIX sockets."""


suites = [Flow4Suite, Flow6Suite, FlowUNIXSuite]
