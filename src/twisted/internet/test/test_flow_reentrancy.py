"""What a producer may do while it is told to go on, to wait or to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.test._fakedescriptor import PlainLoop, ProducerCase
from twisted.python.failure import Failure


class _Bug(Exception):
    """Raised on purpose."""


class ReentrancyTests(ProducerCase):
    """What comes of it when a producer does more than to write."""

    def _duringResume(self, act: Callable[[], object]) -> Any:
        """A pull producer that writes one piece, and then acts when it is asked again."""
        steps: list[Callable[[], object]] = [lambda: self.sink.write(b"piece"), act]
        return self.pull(lambda: steps and steps.pop(0)())

    def test_loseConnection(self) -> None:
        self._duringResume(self.sink.loseConnection)
        self.turns()
        self.assertEqual(self.sink.ends, [], "it is still registered")
        self.sink.unregisterProducer()
        self.turns()
        self.assertEnded(ConnectionDone)

    def test_unregister(self) -> None:
        producer = self._duringResume(self.sink.unregisterProducer)
        self.assertOpen()
        self.sink.write(b" and more")
        self.turns()
        self.assertEqual(self.sink.sent, b"piece and more")
        self.assertEqual(producer.told, ["resume", "resume"])

    def test_unregisterWhileTheConnectionEnds(self) -> None:
        self._duringResume(self.sink.unregisterProducer)
        self.sink.loseConnection()
        self.turns()
        self.assertEqual(self.sink.sent, b"piece")
        self.assertEnded(ConnectionDone)

    def test_stopConsuming(self) -> None:
        self._duringResume(self.sink.stopConsuming)
        self.turns()
        self.assertEqual(self.sink.sent, b"piece")
        self.assertEnded(ConnectionDone)

    def test_abort(self) -> None:
        producer = self._duringResume(self.sink.abortConnection)
        self.turns()
        self.assertEqual(producer.told, ["resume", "resume", "stop"])
        self.assertEnded(ConnectionAborted)

    def test_writeAndAbort(self) -> None:
        def act() -> None:
            self.sink.write(b"dropped")
            self.sink.abortConnection()

        self._duringResume(act)
        self.turns()
        self.assertEqual(self.sink.sent, b"piece")
        self.assertEnded(ConnectionAborted)

    def test_lost(self) -> None:
        """The connection is lost in the middle of it."""
        producer = self._duringResume(lambda: self.sink.connectionLost(Failure(ConnectionLost())))
        self.turns()
        self.assertEqual(producer.told, ["resume", "resume", "stop"])
        self.assertEnded(ConnectionLost)

    def test_replaceItself(self) -> None:
        """A sequence of files, each with a producer of its own."""
        files = [b"second", b"third"]

        def following() -> None:
            self.sink.unregisterProducer()
            if files:
                self._duringResume(following)
                self.sink.write(files.pop(0))

        self._duringResume(following)
        self.sink.loseConnection()
        self.turns()
        self.assertEqual(self.sink.sent, b"piecepiecesecondpiecethird")
        self.assertEnded(ConnectionDone)

    def test_exception(self) -> None:
        """It comes out of `doWrite`, and the loop then ends the connection."""

        def bug() -> None:
            self.sink.write(b"before the bug")
            raise _Bug

        self._duringResume(bug)
        self.assertRaises(_Bug, self.sink.doWrite)
        self.assertEqual((self.sink.sent, self.sink.dataBuffer), (b"piece", b"before the bug"))

    def test_exceptionWithNothingQueued(self) -> None:
        def bug() -> None:
            raise _Bug

        self._duringResume(bug)
        self.assertRaises(_Bug, self.sink.doWrite)
        self.assertEqual(self.sink.dataBuffer, b"")
        self.sink.unregisterProducer()
        self.sink.write(b" goes on")
        self.turns()
        self.assertEqual(self.sink.sent, b"piece goes on")

    def test_exceptionWhileItIsRegistered(self) -> None:
        def bug() -> None:
            raise _Bug

        self.assertRaises(_Bug, self.pull, bug)

    def test_pauseThatUnregisters(self) -> None:
        """One that will not wait."""
        producer = self.push()
        self.patch(producer, "pauseProducing", self.sink.unregisterProducer)
        self.sink.write(bytes(11))
        self.assertIs(self.sink.producer, None)
        self.turns()
        self.assertEqual(len(self.sink.sent), 11)

    def test_pauseThatAborts(self) -> None:
        """One that takes a slow peer for a dead one."""
        producer = self.push()
        self.patch(producer, "pauseProducing", self.sink.abortConnection)
        self.sink.write(bytes(11))
        self.assertEqual(producer.told, ["stop"])
        self.turns()
        self.assertEqual(self.sink.sent, b"")
        self.assertEnded(ConnectionAborted)

    def test_stopThatEndsTheConnection(self) -> None:
        """As transports do when they produce for one another."""
        for method in ("loseConnection", "abortConnection", "unregisterProducer"):
            self.setUp()
            producer = self.push()
            producer.onStop = getattr(self.sink, method)  # type: ignore[method-assign]
            self.sink.connectionLost(Failure(ConnectionLost()))
            self.turns()
            self.assertEqual(producer.told, ["stop"])
            self.assertEnded(ConnectionLost)


class PlainReentrancyTests(ReentrancyTests):
    """The same on a reactor that has no list of who has to send."""

    makeLoop = PlainLoop
