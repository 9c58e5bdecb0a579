"""Back-pressure: producers that feed a descriptor, and what they are told."""

from __future__ import annotations

from hypothesis import given, settings, strategies

from twisted.internet._flow import Flow
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.test._fakedescriptor import (
    HalfSink,
    ListingLoop,
    PlainLoop,
    ProducerCase,
    Pull,
    Push,
    Sink,
)
from twisted.python.failure import Failure
from twisted.trial import unittest


class _Bug(Exception):
    """Raised on purpose."""


class FlowTests(unittest.SynchronousTestCase):
    """`Flow` by itself."""

    def test_push(self) -> None:
        """Paused when too much waits, once; resumed when nothing does, if it was paused."""
        producer = Push()
        flow = Flow(producer, True, 0)
        flow.filled()
        flow.filled()
        self.assertEqual((producer.told, flow.paused), (["pause"], True))
        flow.drained()
        self.assertEqual((producer.told, flow.paused), (["pause", "resume"], False))
        flow.drained()
        self.assertEqual(producer.told, ["pause", "resume"])
        flow.filled()
        self.assertEqual(producer.told, ["pause", "resume", "pause"])

    def test_pull(self) -> None:
        """Never paused; asked whenever nothing waits."""
        producer = Pull()
        flow = Flow(producer, False, 0)
        flow.start()
        flow.filled()
        flow.drained()
        flow.drained()
        self.assertEqual((producer.told, flow.paused), (["resume"] * 3, False))

    def test_writesWhileItIsResumed(self) -> None:
        producer = Push()
        flow = Flow(producer, True, 0)
        producer.onResume = flow.filled  # type: ignore[method-assign]
        flow.filled()
        flow.drained()
        self.assertEqual((producer.told, flow.paused), (["pause", "resume", "pause"], True))


class PushTests(ProducerCase):
    """A producer that writes of itself."""

    def test_whatWaitsAlreadyCounts(self) -> None:
        self.sink.write(bytes(10))
        producer = self.push()
        self.assertEqual(producer.told, [])
        self.sink.write(b"1")
        self.assertEqual(producer.told, ["pause"])

    def test_pauseAndResume(self) -> None:
        producer = self.push()
        self.sink.write(bytes(10))
        self.assertFalse(self.sink.producerPaused)
        self.sink.write(b"1")
        self.assertTrue(self.sink.producerPaused)
        self.sink.takes = [5, 5]
        self.loop.turn()
        self.loop.turn()
        self.assertEqual(producer.told, ["pause"], "one byte is left")
        self.loop.turn()
        self.assertEqual(producer.told, ["pause", "resume"])
        self.assertFalse(self.sink.producerPaused)

    def test_notResumedWithoutAPause(self) -> None:
        producer = self.push()
        for _ in range(5):
            self.sink.write(b"bit")
            self.turns(2)
        self.assertEqual(producer.told, [])

    def test_onePieceMayBeTooMuch(self) -> None:
        producer = self.push()
        self.sink.write(bytes(1000))
        self.assertEqual(producer.told, ["pause"])
        self.sink.write(bytes(1000))
        self.assertEqual(producer.told, ["pause"])
        self.turns()
        self.assertEqual(producer.told, ["pause", "resume"])

    def test_registeredWhileMuchWaits(self) -> None:
        """It hears with its first write."""
        self.sink.write(bytes(10))
        producer = self.push()
        self.sink.write(b"1")
        self.assertEqual(producer.told, ["pause"])

    def test_fasterThanTheKernel(self) -> None:
        """One that fills the queue whenever it is resumed is let go on, but not for ever."""
        producer = self.push()
        piece = bytes(1 << 16)
        producer.onResume = lambda: self.sink.write(piece)  # type: ignore[method-assign]
        self.sink.write(piece)
        self.loop.turn()
        sent = len(self.sink.sent)
        self.assertGreater(sent, self.sink.TURN_LIMIT // 2)
        self.assertLess(sent, self.sink.TURN_LIMIT + 2 * len(piece))
        self.loop.turn()
        self.assertGreater(len(self.sink.sent), sent)
        self.assertEqual(self.sink.dataBuffer, b"")

    def test_attributes(self) -> None:
        self.assertEqual((self.sink.producer, self.sink.streamingProducer), (None, False))
        producer = self.push()
        self.assertIs(self.sink.producer, producer)
        self.assertTrue(self.sink.streamingProducer)
        self.sink.unregisterProducer()
        self.assertEqual((self.sink.producer, self.sink.producerPaused), (None, False))

    @settings(deadline=None, max_examples=100)
    @given(
        strategies.lists(strategies.one_of(strategies.none(), strategies.binary(max_size=9))),
        strategies.lists(strategies.integers(0, 9)),
    )
    def test_property_pausesAndResumesAlternate(
        self, program: list[bytes | None], takes: list[int]
    ) -> None:
        """Resumed only when nothing waits; paused only above the limit."""
        sink = Sink(loop := ListingLoop())
        sink.takes.extend(takes)
        written = b""

        class Checked(Push):
            def resumeProducing(self) -> None:
                assert sink.dataBuffer == b""
                assert self.told[-1] == "pause"
                super().resumeProducing()

            def pauseProducing(self) -> None:
                assert self.told[-1:] != ["pause"]
                super().pauseProducing()

        producer = Checked()
        sink.registerProducer(producer, True)
        for step in program:
            if step is None:
                loop.turn()
            else:
                written += step
                sink.write(step)
                if len(sink.dataBuffer) > sink.bufferSize:
                    assert sink.producerPaused
        for _ in range(len(takes) + 2):
            loop.turn()
        assert not sink.producerPaused
        assert sink.sent == written


class PullTests(ProducerCase):
    """A producer that is asked for every piece."""

    def test_askedAtOnce(self) -> None:
        producer = self.pull(lambda: self.sink.write(b"piece"))
        self.assertEqual((producer.told, self.sink.dataBuffer), (["resume"], b"piece"))
        self.assertFalse(self.sink.streamingProducer)

    def test_askedWhenNothingWaits(self) -> None:
        pieces = [b"one", b"two", b"three"]

        def next_() -> None:
            if pieces:
                self.sink.write(pieces.pop(0))

        producer = self.pull(next_)
        self.sink.takes = [1, 1]
        self.loop.turn()
        self.loop.turn()
        self.assertEqual(producer.told, ["resume"])
        self.turns()
        self.assertEqual(self.sink.sent, b"onetwothree")
        self.assertEqual(producer.told, ["resume"] * 4)

    def test_nothingToGiveNow(self) -> None:
        """It is not asked in a loop; when it writes again, it is asked again."""
        producer = self.pull()
        self.turns()
        self.assertEqual(producer.told, ["resume"])
        self.sink.write(b"after all")
        self.turns()
        self.assertEqual(producer.told, ["resume"] * 2)

    def test_neverPaused(self) -> None:
        producer = self.pull(lambda: self.sink.write(bytes(1000)))
        self.turns(3)
        self.assertEqual(set(producer.told), {"resume"})
        self.assertFalse(self.sink.producerPaused)

    def test_turnsAreFair(self) -> None:
        """An endless file is not sent in one turn."""
        piece = bytes(1 << 16)

        def endless() -> None:
            self.sink.write(piece)

        self.pull(endless)
        for turn in range(1, 4):
            self.loop.turn()
            limit = turn * (self.sink.TURN_LIMIT + len(piece))
            self.assertLessEqual(len(self.sink.sent), limit)
            self.assertGreaterEqual(len(self.sink.sent), turn * self.sink.TURN_LIMIT // 2)

    def test_lastPiece(self) -> None:
        """It unregisters itself in the call that writes its last piece."""

        def last() -> None:
            self.sink.write(b"the end")
            self.sink.unregisterProducer()
            self.sink.loseConnection()

        producer = self.pull(last)
        self.turns()
        self.assertEqual((self.sink.sent, producer.told), (b"the end", ["resume"]))
        self.assertEnded(ConnectionDone)

    @settings(deadline=None, max_examples=100)
    @given(
        strategies.lists(strategies.binary(min_size=1, max_size=9)),
        strategies.lists(strategies.integers(0, 9)),
        strategies.sampled_from([ListingLoop, PlainLoop]),
    )
    def test_property_theStreamIsWhatWasProduced(
        self, pieces: list[bytes], takes: list[int], makeLoop: type[PlainLoop]
    ) -> None:
        whole = b"".join(pieces)
        sink = Sink(loop := makeLoop())
        sink.takes.extend(takes)

        class File(Pull):
            def onResume(self) -> None:
                assert sink.dataBuffer == b""
                if pieces:
                    sink.write(pieces.pop(0))
                else:
                    sink.unregisterProducer()

        sink.registerProducer(File(), False)
        sink.loseConnection()
        for _ in range(len(takes) + 2):
            loop.turn()
        assert sink.sent == whole
        assert [end.type for end in sink.ends] == [ConnectionDone]


class PlainPullTests(PullTests):
    """The same on a reactor that has no list of who has to send."""

    makeLoop = PlainLoop
    # Has both kinds of loop, and hypothesis wants each of its tests in one class.
    test_property_theStreamIsWhatWasProduced = None  # type: ignore[assignment]


class RegisteringTests(ProducerCase):
    """Who may be registered, and when."""

    def test_onlyOne(self) -> None:
        producer = self.push()
        other = Pull()
        wrong = self.assertRaises(RuntimeError, self.sink.registerProducer, other, False)
        self.assertIn(repr(producer), str(wrong))
        self.assertIn(repr(other), str(wrong))
        self.assertEqual((producer.told, other.told), ([], []))
        self.assertIs(self.sink.producer, producer)

    def test_oneAfterTheOther(self) -> None:
        self.push()
        self.sink.unregisterProducer()
        producer = self.pull()
        self.assertIs(self.sink.producer, producer)

    def test_unregisterNobody(self) -> None:
        self.sink.unregisterProducer()
        self.assertOpen()

    def test_noMoreIsAskedOfOneThatIsGone(self) -> None:
        producer = self.push()
        self.sink.write(bytes(100))
        self.sink.unregisterProducer()
        self.turns()
        self.assertEqual(producer.told, ["pause"])
        self.assertEqual(len(self.sink.sent), 100)

    def test_afterTheEnd(self) -> None:
        """Told at once that nothing more is wanted."""
        self.sink.connectionLost(Failure(ConnectionLost()))
        for register in (self.push, self.pull):
            self.assertEqual(register().told, ["stop"])
            self.assertIs(self.sink.producer, None)

    def test_stoppedAtTheEnd(self) -> None:
        for register in (self.push, self.pull):
            self.setUp()
            producer = register()
            producer.told.clear()
            self.sink.connectionLost(Failure(ConnectionLost()))
            self.assertEqual(producer.told, ["stop"])
            self.assertIs(self.sink.producer, None)
            self.sink.unregisterProducer()
            self.turns()
            self.assertEnded(ConnectionLost)

    def test_stopConsuming(self) -> None:
        self.push()
        self.sink.stopConsuming()
        self.assertIs(self.sink.producer, None)
        self.turns()
        self.assertEnded(ConnectionDone)


class EndingTests(ProducerCase):
    """The end of a connection, and the producer who is not done."""

    def test_loseConnectionWaitsForOneThatIsPaused(self) -> None:
        self.sink.takes = [0, 0, 0, 0]
        producer = self.push()
        producer.onResume = lambda: self.sink.write(b"the rest")  # type: ignore[method-assign]
        self.sink.write(bytes(11))
        self.sink.loseConnection()
        self.turns(4)
        self.assertEqual(self.sink.ends, [])
        self.turns()
        self.assertTrue(self.sink.sent.endswith(b"the rest"))

    def test_loseConnectionWaitsForAPullProducer(self) -> None:
        self.pull()
        self.sink.loseConnection()
        self.turns()
        self.assertEqual(self.sink.ends, [])
        self.sink.write(b"last")
        self.turns()
        self.assertEqual(self.sink.ends, [])
        self.sink.unregisterProducer()
        self.turns()
        self.assertEqual(self.sink.sent, b"last")
        self.assertEnded(ConnectionDone)

    def test_unregisterWhileBytesWait(self) -> None:
        """They are sent, and then the connection ends."""
        self.pull(lambda: self.sink.write(b"slow"))
        self.sink.takes = [1, 1]
        self.sink.loseConnection()
        self.loop.turn()
        self.sink.unregisterProducer()
        self.assertEqual(self.sink.ends, [])
        self.turns()
        self.assertEqual(self.sink.sent, b"slow")
        self.assertEnded(ConnectionDone)

    def test_abortStopsTheProducer(self) -> None:
        """At once, and it is asked nothing after that."""
        for register in (self.push, self.pull):
            self.setUp()
            producer = register()
            producer.told.clear()
            self.sink.write(bytes(100))
            producer.told.clear()
            self.sink.abortConnection()
            self.assertEqual(producer.told, ["stop"])
            self.turns()
            self.assertEqual((producer.told, self.sink.sent), (["stop"], b""))
            self.assertEnded(ConnectionAborted)

    def test_registeredWhileItAborts(self) -> None:
        """The connection is as good as lost."""
        for register in (self.push, self.pull):
            self.setUp()
            self.sink.abortConnection()
            self.assertEqual(register().told, ["stop"])
            self.assertIs(self.sink.producer, None)
            self.turns()
            self.assertEnded(ConnectionAborted)

    def test_stopProducingThatRaises(self) -> None:
        """Logged, once; the connection ends all the same."""

        def bug() -> None:
            raise _Bug

        for end in (self.sink.abortConnection, lambda: None):
            producer = self.push()
            producer.onStop = bug  # type: ignore[method-assign]
            end()
            self.turns()
            self.sink.connectionLost(Failure(ConnectionDone()))
            self.assertEqual(len(self.flushLoggedErrors(_Bug)), 1)
            self.assertTrue(self.sink.disconnected)
            self.setUp()


class HalfTests(ProducerCase):
    """The end of our half, and the producer who is not done."""

    makeSink = HalfSink
    sink: HalfSink

    def test_waitsForAPullProducer(self) -> None:
        self.pull()
        self.sink.loseWriteConnection()
        self.turns()
        self.assertEqual(self.sink.halfClosed, 0)
        self.sink.unregisterProducer()
        self.turns()
        self.assertEqual((self.sink.halfClosed, self.sink.ends), (1, []))

    def test_registeredAfterwards(self) -> None:
        """Nothing can be sent any more, so nothing is wanted."""
        self.sink.loseWriteConnection()
        self.turns()
        for register in (self.push, self.pull):
            self.assertEqual(register().told, ["stop"])
            self.assertIs(self.sink.producer, None)
        self.sink.loseConnection()
        self.turns()
        self.assertEnded(ConnectionDone)


class PlainEndingTests(EndingTests):
    """The same on a reactor that has no list of who has to send."""

    makeLoop = PlainLoop
