"""A descriptor that sends to nobody, and a loop that turns when a test says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet.abstract import FileDescriptor
from twisted.internet.interfaces import IProducer, IPullProducer, IPushProducer
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial import unittest


class PlainLoop(Clock):
    """A reactor of somebody else's: it watches, and keeps no list of who has to send."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: set[Any] = set()
        self.writers: set[Any] = set()
        #: How often a descriptor was added or removed.
        self.changes = 0

    def addReader(self, reader: Any) -> None:
        self.changes += 1
        self.readers.add(reader)

    def addWriter(self, writer: Any) -> None:
        self.changes += 1
        self.writers.add(writer)

    def removeReader(self, reader: Any) -> None:
        self.changes += 1
        self.readers.discard(reader)

    def removeWriter(self, writer: Any) -> None:
        self.changes += 1
        self.writers.discard(writer)

    def turn(self) -> None:
        """What is due is called; whoever waits for it can write."""
        self.advance(0)
        self.serveAll(list(self.writers))

    def serveAll(self, writers: list[Any]) -> None:
        """Let those write who still wait for it."""
        for writer in writers:
            if writer in self.writers:
                self.serve(writer)

    def serve(self, writer: Any) -> None:
        """Let a descriptor write, and end it if it says why."""
        why = writer.doWrite()
        if why is not None:
            self.removeReader(writer)
            self.removeWriter(writer)
            writer.connectionLost(why if isinstance(why, Failure) else Failure(why))


class ListingLoop(PlainLoop):
    """A reactor of ours: it keeps a list of those who have something to send."""

    def __init__(self) -> None:
        super().__init__()
        self.dirty: list[Any] = []
        self._scheduleWriter = self.dirty.append
        self._unwatched: set[Any] = set()

    def turn(self) -> None:
        # Whoever is told now that there is no room hears in the next turn that there is.
        writers = list(self.writers)
        self.advance(0)
        dirty = self.dirty[:]
        self.dirty.clear()
        for writer in dirty:
            self.serve(writer)
        self.serveAll(writers)


class Sink(FileDescriptor):
    """Takes as many bytes at a time as the test says; without that, all.

    Attributes:
        takes: what is to come of each attempt to send: a number of bytes, at most, or an
            exception.
        sent: what was taken.
        attempts: how many bytes were offered, each time.
        ends: why the connection was lost.
    """

    def __init__(self, reactor: Any) -> None:
        super().__init__(reactor)
        self.connected = True
        self.takes: list[int | Exception] = []
        self.sent = bytearray()
        self.attempts: list[int] = []
        self.ends: list[Failure] = []

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        self.attempts.append(len(data))
        take = self.takes.pop(0) if self.takes else len(data)
        if isinstance(take, Exception):
            return take
        self.sent += data[:take]
        return min(take, len(data))

    def connectionLost(self, reason: Failure) -> None:
        super().connectionLost(reason)
        self.ends.append(reason)


class HalfSink(Sink):
    """A sink for whom halves make a difference."""

    halfClosed = 0

    def writeConnectionLost(self, reason: Failure) -> None:
        self.halfClosed += 1


@implementer(IProducer)
class _Producer:
    """Remembers what it is told; a test overrides what it does about it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def resumeProducing(self) -> None:
        self.told.append("resume")
        self.onResume()

    def stopProducing(self) -> None:
        self.told.append("stop")
        self.onStop()

    def onResume(self) -> None:
        """What to do when there is room."""

    def onStop(self) -> None:
        """What to do when nothing more is wanted."""


@implementer(IPullProducer)
class Pull(_Producer):
    """A pull producer."""


@implementer(IPushProducer)
class Push(_Producer):
    """A push producer."""

    def pauseProducing(self) -> None:
        self.told.append("pause")


class DescriptorCase(unittest.SynchronousTestCase):
    """A sink, on a loop which keeps a list of those who have something to send."""

    makeLoop: ClassVar[type[PlainLoop]] = ListingLoop
    makeSink: ClassVar[type[Sink]] = Sink

    def setUp(self) -> None:
        self.loop = self.makeLoop()
        self.sink = self.makeSink(self.loop)

    def turns(self, count: int = 20) -> None:
        """Turn the loop until everything has had its chance."""
        for _ in range(count):
            self.loop.turn()

    def assertOpen(self) -> None:
        """The connection goes on."""
        self.turns()
        self.assertEqual(self.sink.ends, [])
        self.assertTrue(self.sink.connected)

    def assertEnded(self, reason: type[Exception]) -> None:
        """The connection was lost, once, for this reason."""
        self.assertEqual([end.type for end in self.sink.ends], [reason])
        self.assertTrue(self.sink.disconnected)
        self.assertFalse(self.sink.connected)
        self.assertEqual((self.loop.readers, self.loop.writers), (set(), set()))


class ProducerCase(DescriptorCase):
    """A sink with room for ten bytes, and a producer."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(Sink, "bufferSize", 10)

    def push(self) -> Push:
        """Register a push producer."""
        producer = Push()
        self.sink.registerProducer(producer, True)
        return producer

    def pull(self, onResume: Callable[[], object] = lambda: None) -> Pull:
        """Register a pull producer."""
        producer = Pull()
        producer.onResume = onResume  # type: ignore[method-assign,assignment]
        self.sink.registerProducer(producer, False)
        return producer
