"""Descriptors with a queue of bytes to send: writing, sending, ending."""

from __future__ import annotations

import socket
from itertools import product
from typing import Any

from hypothesis import given, settings, strategies
from zope.interface.verify import verifyObject

from twisted.internet.abstract import (
    ENDINGS,
    Ending,
    FileDescriptor,
    isIPAddress,
    isIPv6Address,
)
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IConsumer, IPushProducer, IReadWriteDescriptor, ITransport
from twisted.internet.test._fakedescriptor import (
    DescriptorCase,
    HalfSink,
    ListingLoop,
    PlainLoop,
    Sink,
)
from twisted.python.failure import Failure
from twisted.trial import unittest

NONE, HALF, FULL, ABORT = Ending


class WriteTests(DescriptorCase):
    """`write` and `writeSequence`: what is queued, and when it is sent."""

    def test_interfaces(self) -> None:
        for interface in (IConsumer, IPushProducer, IReadWriteDescriptor, ITransport):
            self.assertTrue(verifyObject(interface, self.sink))

    def test_waitsForTheTurn(self) -> None:
        self.sink.write(b"now")
        self.assertEqual((self.sink.sent, self.sink.dataBuffer), (b"", b"now"))
        self.loop.turn()
        self.assertEqual((self.sink.sent, self.sink.dataBuffer), (b"now", b""))

    def test_oneSendForEachTurn(self) -> None:
        for piece in (b"a ", b"response ", b"in ", b"pieces"):
            self.sink.write(piece)
        self.loop.turn()
        self.assertEqual(self.sink.sent, b"a response in pieces")
        self.assertEqual(len(self.sink.attempts), 1)

    def test_writeSequence(self) -> None:
        self.sink.write(b"1")
        others: Any = [b"2", bytearray(b"3"), memoryview(b"4")]
        self.sink.writeSequence(others)
        self.sink.writeSequence(piece for piece in [b"5", b"", b"6"])
        self.sink.writeSequence([])
        self.turns()
        self.assertEqual(self.sink.sent, b"123456")

    def test_anythingBytesLike(self) -> None:
        class OfMyOwn(bytes):
            pass

        pieces: Any = [bytearray(b"a"), memoryview(b"bcd")[::2], OfMyOwn(b"e")]
        for piece in pieces:
            self.sink.write(piece)
        self.turns()
        self.assertEqual(self.sink.sent, b"abde")

    def test_whatIsWrittenIsThePresent(self) -> None:
        """A buffer that is used again does not change what was written."""
        buffer: Any = bytearray(b"first")
        self.sink.write(buffer)
        other: Any = memoryview(buffer)
        self.sink.writeSequence([other])
        buffer[:] = b"other"
        self.turns()
        self.assertEqual(self.sink.sent, b"firstfirst")

    def test_nothingToSend(self) -> None:
        changes = self.loop.changes
        self.sink.write(b"")
        self.sink.writeSequence([b"", b""])
        self.turns()
        self.assertEqual(self.sink.attempts, [])
        self.assertEqual(self.loop.changes, changes)

    def test_text(self) -> None:
        """The message shows how to do it."""
        for write in (self.sink.write, lambda text: self.sink.writeSequence([b"", text])):
            wrong = self.assertRaises(TypeError, write, "grüße")
            self.assertIn("'grüße'.encode('utf-8')", str(wrong))
        long = self.assertRaises(TypeError, self.sink.write, "x" * 10**6)
        self.assertLess(len(str(long)), 200)
        self.assertEqual(self.sink.dataBuffer, b"")

    def test_noDataAtAll(self) -> None:
        for nonsense in (None, 42, 1.5, [b"list"], object()):
            wrong = self.assertRaises(TypeError, self.sink.write, nonsense)
            self.assertIn(f"not {type(nonsense).__name__}", str(wrong))
        for sequence in ([b"good", None], [1], b"bytes are a sequence of numbers"):
            self.assertRaises(TypeError, self.sink.writeSequence, sequence)
        self.assertEqual(self.sink.dataBuffer, b"")

    def test_afterTheEnd(self) -> None:
        self.sink.connectionLost(Failure(ConnectionDone()))
        changes = self.loop.changes
        self.sink.write(b"too late")
        self.sink.writeSequence([b"too", b"late"])
        self.turns()
        self.assertEqual((self.sink.attempts, self.sink.dataBuffer), ([], b""))
        self.assertEqual(self.loop.changes, changes)


class PlainWriteTests(WriteTests):
    """The same on a reactor that has no list of who has to send."""

    makeLoop = PlainLoop


class SendTests(DescriptorCase):
    """`doWrite`: partial sends, refusals, large queues."""

    def test_everySplit(self) -> None:
        """Whatever the kernel takes, the next bytes are the right ones."""
        pieces = [b"ab", b"c", b"defg", b"h"]
        whole = b"".join(pieces)
        for first, second in product(range(len(whole) + 1), repeat=2):
            with self.subTest(first=first, second=second):
                sink = Sink(self.loop)
                sink.takes = [first, second]
                for piece in pieces:
                    sink.write(piece)
                self.loop.turn()
                self.assertEqual(sink.sent + sink.dataBuffer, whole)
                sink.write(b"later")
                self.turns(4)
                self.assertEqual(sink.sent, whole + b"later")

    def test_onlyAShortSendIsWatched(self) -> None:
        changes = self.loop.changes
        self.sink.write(b"all of it")
        self.turns()
        if isinstance(self.loop, ListingLoop):
            self.assertEqual(self.loop.changes, changes)
        self.sink.takes = [3]
        self.sink.write(b"a part")
        self.loop.turn()
        self.assertEqual(self.loop.writers, {self.sink})
        self.loop.turn()
        self.assertEqual(self.loop.writers, set())
        self.assertEqual(self.sink.sent, b"all of ita part")

    def test_nothingTaken(self) -> None:
        """A kernel without room is asked again when it has some."""
        self.sink.takes = [0, 0, 0]
        self.sink.write(b"patience")
        for _ in range(3):
            self.sink.doWrite()
            self.assertIn(self.sink, self.loop.writers)
            self.assertEqual(self.sink.dataBuffer, b"patience")
        self.sink.doWrite()
        self.assertEqual(self.sink.sent, b"patience")
        self.assertEqual(self.loop.writers, set())

    def test_refusal(self) -> None:
        problem = ConnectionLost("the wire is cut")
        self.sink.takes = [2, problem]
        self.sink.write(b"data")
        self.sink.startReading()
        self.turns()
        self.assertEqual(self.sink.sent, b"da")
        self.assertEqual([end.value for end in self.sink.ends], [problem])
        self.assertEqual(self.sink.dataBuffer, b"")
        self.assertEqual((self.loop.readers, self.loop.writers), (set(), set()))

    def test_largeQueue(self) -> None:
        """Sent in parts; others have their turn now and then."""
        piece = bytes(range(256)) * 256
        count = 4 * self.sink.TURN_LIMIT // len(piece)
        for _ in range(count):
            self.sink.write(piece)
        self.loop.turn()
        self.assertGreaterEqual(len(self.sink.sent), self.sink.SEND_LIMIT)
        self.turns()
        self.assertEqual(self.sink.sent, piece * count)
        for attempt in self.sink.attempts:
            self.assertLess(attempt, self.sink.SEND_LIMIT + len(piece))

    def test_oneTurnIsNotForEver(self) -> None:
        piece = bytes(1 << 16)
        for _ in range(4 * self.sink.TURN_LIMIT // len(piece)):
            self.sink.write(piece)
        self.sink.doWrite()
        self.assertLessEqual(len(self.sink.sent), self.sink.TURN_LIMIT + self.sink.SEND_LIMIT)
        self.assertIn(self.sink, self.loop.writers)

    def test_bytesThatAreNotQueuedAgain(self) -> None:
        """A large piece that goes slowly is not copied with every send."""
        self.sink.write(bytes(1 << 20))
        self.sink.takes.extend([1] * 500)
        self.turns(500)
        self.assertEqual(len(self.sink.sent), 500)
        self.assertEqual(len(self.sink.dataBuffer), (1 << 20) - 500)
        self.assertTrue(all(isinstance(piece, memoryview) for piece in self.sink._queue))

    def test_doWriteWithNothingToDo(self) -> None:
        """A turn that comes late, after the connection is lost, does no harm."""
        self.sink.write(b"x")
        self.sink.connectionLost(Failure(ConnectionDone()))
        self.assertIs(self.sink.doWrite(), None)
        self.assertEqual(self.sink.attempts, [])


class PlainSendTests(SendTests):
    """The same on a reactor that has no list of who has to send."""

    makeLoop = PlainLoop


class StreamTests(unittest.SynchronousTestCase):
    """Any writes, and any sends."""

    @settings(deadline=None, max_examples=100)
    @given(
        strategies.lists(
            strategies.one_of(
                strategies.binary(max_size=9),
                strategies.lists(strategies.binary(max_size=5), max_size=4),
                strategies.none(),
            )
        ),
        strategies.lists(strategies.integers(0, 12)),
        strategies.sampled_from([ListingLoop, PlainLoop]),
    )
    def test_property_theStreamIsWhatWasWritten(
        self, program: list[bytes | list[bytes] | None], takes: list[int], makeLoop: type[PlainLoop]
    ) -> None:
        """For any writes and turns (None), and whatever is taken of each send."""
        loop = makeLoop()
        sink = Sink(loop)
        sink.takes.extend(takes)
        written = b""
        for step in program:
            if step is None:
                loop.turn()
            elif isinstance(step, bytes):
                sink.write(step)
                written += step
            else:
                sink.writeSequence(step)
                written += b"".join(step)
            self.assertEqual(sink.sent + sink.dataBuffer, written)
        for _ in range(len(takes) + 2):
            loop.turn()
        self.assertEqual(sink.sent, written)
        self.assertEqual(loop.writers, set())


class EndingTests(DescriptorCase):
    """`loseConnection`, `loseWriteConnection` and `abortConnection`."""

    makeSink = HalfSink
    sink: HalfSink

    def test_everyPair(self) -> None:
        """An ending only ever becomes a more urgent one."""
        order = list(Ending)
        for planned, wish in product(Ending, repeat=2):
            later = order[max(order.index(planned), order.index(wish))]
            if later is planned:
                self.assertNotIn((planned, wish), ENDINGS)
            else:
                self.assertEqual(ENDINGS[planned, wish], later)

    def test_everyPairOfCalls(self) -> None:
        """With something left to send; then with nothing."""
        calls = {HALF: "loseWriteConnection", FULL: "loseConnection", ABORT: "abortConnection"}
        for queued, planned, wish in product((b"queued", b""), calls, calls):
            with self.subTest(queued=queued, planned=planned, wish=wish):
                self.setUp()
                self.sink.write(queued)
                getattr(self.sink, calls[planned])()
                getattr(self.sink, calls[wish])()
                self.turns()
                self.assertEqual(self.sink.sent, b"" if ABORT in (planned, wish) else queued)
                if ABORT in (planned, wish):
                    self.assertEnded(ConnectionAborted)
                elif FULL in (planned, wish):
                    self.assertEnded(ConnectionDone)
                else:
                    self.assertEqual((self.sink.halfClosed, self.sink.ends), (1, []))

    def test_loseConnection(self) -> None:
        self.sink.startReading()
        self.sink.loseConnection()
        self.assertTrue(self.sink.disconnecting)
        self.assertEqual(self.loop.readers, set())
        self.assertEqual(self.sink.ends, [])
        self.turns()
        self.assertEnded(ConnectionDone)

    def test_loseConnectionSendsFirst(self) -> None:
        self.sink.takes = [1, 0, 3]
        self.sink.write(b"farewell")
        self.sink.loseConnection()
        for _ in range(3):
            self.loop.turn()
            self.assertEqual(self.sink.ends, [])
        self.turns()
        self.assertEqual(self.sink.sent, b"farewell")
        self.assertEnded(ConnectionDone)

    def test_writeAfterLoseConnection(self) -> None:
        """Sent, while the rest is: the producer that is waited for writes as well."""
        self.sink.takes = [2]
        self.sink.write(b"one ")
        self.sink.loseConnection()
        self.loop.turn()
        self.sink.write(b"two")
        self.turns()
        self.assertEqual(self.sink.sent, b"one two")
        self.assertEnded(ConnectionDone)

    def test_loseWriteConnection(self) -> None:
        self.sink.startReading()
        self.sink.write(b"last words")
        self.sink.loseWriteConnection()
        self.assertEqual(self.sink.halfClosed, 0)
        self.turns()
        self.assertEqual((self.sink.sent, self.sink.halfClosed), (b"last words", 1))
        self.assertEqual(self.loop.readers, {self.sink})
        self.assertOpen()

    def test_afterOurHalfIsClosed(self) -> None:
        self.sink.loseWriteConnection()
        self.turns()
        self.sink.write(b"too late")
        self.sink.loseWriteConnection()
        self.turns()
        self.assertEqual((self.sink.attempts, self.sink.halfClosed), ([], 1))
        self.sink.loseConnection()
        self.turns()
        self.assertEnded(ConnectionDone)

    def test_abortAfterOurHalfIsClosed(self) -> None:
        self.sink.loseWriteConnection()
        self.turns()
        self.sink.abortConnection()
        self.turns()
        self.assertEnded(ConnectionAborted)

    def test_abort(self) -> None:
        self.sink.startReading()
        self.sink.takes = [2]
        self.sink.write(b"dropped")
        self.loop.turn()
        self.sink.abortConnection()
        self.assertTrue(self.sink.disconnecting)
        self.assertEqual(self.sink.dataBuffer, b"")
        self.assertEqual(self.loop.readers, set())
        self.assertEqual(self.sink.ends, [], "not from within the call")
        self.sink.write(b"ignored")
        sent = len(self.sink.sent)
        self.turns()
        self.assertEqual(len(self.sink.sent), sent)
        self.assertEnded(ConnectionAborted)

    def test_abortAndWhatFollows(self) -> None:
        """The connection is lost once, whatever else happens in that turn."""
        for others in (["unregisterProducer"], ["unregisterProducer"] * 2, ["abortConnection"]):
            self.setUp()
            self.sink.abortConnection()
            for other in others:
                getattr(self.sink, other)()
            self.turns()
            self.assertEnded(ConnectionAborted)

    def test_lostBeforeTheAbortIsDone(self) -> None:
        """The peer was quicker."""
        self.sink.abortConnection()
        self.sink.connectionLost(Failure(ConnectionLost()))
        self.turns()
        self.assertEnded(ConnectionLost)

    def test_abortOfOneThatCannotSend(self) -> None:
        """It does not wait for the peer, who may be the reason."""
        self.sink.takes.extend([0] * 1000)
        self.sink.write(b"stuck")
        self.sink.loseConnection()
        self.turns(5)
        self.assertEqual(self.sink.ends, [])
        self.sink.abortConnection()
        self.turns()
        self.assertEnded(ConnectionAborted)

    def test_notConnected(self) -> None:
        """Before there is a connection, and after, there is nothing to end."""
        self.sink.connected = False
        for end in (self.sink.loseConnection, self.sink.loseWriteConnection):
            end()
        self.sink.abortConnection()
        self.assertFalse(self.sink.disconnecting)
        self.turns()
        self.assertEqual((self.sink.ends, self.sink.halfClosed), ([], 0))

    def test_afterTheEnd(self) -> None:
        self.sink.connectionLost(Failure(ConnectionLost()))
        self.sink.loseConnection()
        self.sink.loseWriteConnection()
        self.sink.abortConnection()
        self.turns()
        self.assertEnded(ConnectionLost)

    def test_withoutHalves(self) -> None:
        """A plain descriptor ends whole."""
        for method in ("loseWriteConnection", "readConnectionLost", "writeConnectionLost"):
            sink = Sink(self.loop)
            if method == "loseWriteConnection":
                sink.loseWriteConnection()
                self.turns()
            else:
                getattr(sink, method)(Failure(ConnectionDone()))
            self.assertEqual(len(sink.ends), 1)
            self.assertTrue(sink.disconnected)


class PlainEndingTests(EndingTests):
    """The same on a reactor that has no list of who has to send."""

    makeLoop = PlainLoop


class ReadingTests(DescriptorCase):
    """Being watched, and being a producer for someone else."""

    loop: ListingLoop

    def test_startAndStop(self) -> None:
        self.sink.startReading()
        self.assertEqual(self.loop.readers, {self.sink})
        self.sink.stopReading()
        self.assertEqual(self.loop.readers, set())

    def test_pauseAndResume(self) -> None:
        self.sink.startReading()
        self.sink.pauseProducing()
        self.assertEqual(self.loop.readers, set())
        self.assertEqual(self.loop._unwatched, {self.sink}, "the reactor knows of it")
        self.sink.resumeProducing()
        self.assertEqual(self.loop.readers, {self.sink})
        self.assertEqual(self.loop._unwatched, set())

    def test_noResumeWhileItEnds(self) -> None:
        self.sink.takes.extend([0] * 100)
        self.sink.write(b"slow")
        self.sink.loseConnection()
        self.sink.resumeProducing()
        self.assertEqual(self.loop.readers, set())

    def test_afterTheEnd(self) -> None:
        self.sink.pauseProducing()
        self.sink.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.loop._unwatched, set())
        self.sink.pauseProducing()
        self.sink.resumeProducing()
        self.assertEqual((self.loop.readers, self.loop._unwatched), (set(), set()))

    def test_stopProducing(self) -> None:
        self.sink.stopProducing()
        self.turns()
        self.assertEnded(ConnectionDone)

    def test_whatASubclassMustSay(self) -> None:
        bare = FileDescriptor(self.loop)
        self.assertEqual((bare.fileno(), bare.logPrefix()), (-1, "-"))
        for method, arguments in (
            (bare.doRead, ()),
            (bare.writeSomeData, (b"",)),
            (bare.getHost, ()),
            (bare.getPeer, ()),
        ):
            wrong = self.assertRaises(NotImplementedError, method, *arguments)
            self.assertIn("FileDescriptor does not", str(wrong))


class AddressTests(unittest.SynchronousTestCase):
    """`isIPAddress` and `isIPv6Address`."""

    def test_ipv4(self) -> None:
        for good in ("0.0.0.0", "127.0.0.1", "255.255.255.255", b"10.0.0.1"):
            self.assertTrue(isIPAddress(good))
            self.assertFalse(isIPv6Address(good))

    def test_ipv6(self) -> None:
        for good in ("::", "::1", "fe80::1%eth0", "2001:db8::1", b"::1", "::ffff:1.2.3.4"):
            self.assertTrue(isIPv6Address(good), good)
            self.assertTrue(isIPAddress(good, socket.AF_INET6))
            self.assertFalse(isIPAddress(good))

    def test_neither(self) -> None:
        for name in (
            "", "localhost", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.4 ", "1.2.3.-4", "1.2.3.4\0",
            "0x7f.1", "2130706433", ":::", "1::2::3", "g::", "%eth0", b"\xff", "١.٢.٣.٤", "::1\0",
        ):  # fmt: skip
            self.assertFalse(isIPAddress(name), name)
            self.assertFalse(isIPv6Address(name), name)

    @settings(deadline=None, max_examples=50)
    @given(strategies.ip_addresses())
    def test_property_everyAddress(self, address: Any) -> None:
        self.assertEqual(isIPAddress(str(address)), address.version == 4)
        self.assertEqual(isIPv6Address(str(address)), address.version == 6)
