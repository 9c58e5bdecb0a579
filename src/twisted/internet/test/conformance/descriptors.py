"""`IReactorFDSet`: descriptors of any kind that the loop watches."""

from __future__ import annotations

import fcntl
import os
import socket
from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor, IWriteDescriptor
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import ReactorSuite
from twisted.internet.test.conformance.recorders import Fault, Watched
from twisted.python.failure import Failure


class Descriptor(Watched):
    """A descriptor in the hands of a test."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.reason: Failure | None = None

    def logPrefix(self) -> str:
        return "descriptor"

    def fileno(self) -> int:
        return self.number

    def connectionLost(self, reason: Failure) -> None:
        self.reason = reason
        self.close()
        self.note("lost")

    def close(self) -> None:
        """Close the descriptor, if it is not."""
        number, self.number = self.number, -1
        if number != -1:
            os.close(number)


@implementer(IReadDescriptor)
class PipeReader(Descriptor):
    """Reads what there is; `verdict` is what it then tells the loop, or raises."""

    verdict: Any = None

    def __init__(self, number: int) -> None:
        super().__init__(number)
        os.set_blocking(number, False)
        self.data = b""

    def doRead(self) -> Any:
        try:
            self.data += os.read(self.number, 4096)
        except BlockingIOError:
            pass
        self.note("read")
        if isinstance(self.verdict, Fault):
            raise self.verdict
        return self.verdict


@implementer(IWriteDescriptor)
class PipeWriter(Descriptor):
    """Writes one byte each time, until `left` are written."""

    verdict: Any = None

    def __init__(self, number: int, left: int = 1) -> None:
        super().__init__(number)
        os.set_blocking(number, False)
        self.left = left

    def doWrite(self) -> Any:
        if self.left:
            try:
                self.left -= os.write(self.number, b"x")
            except BlockingIOError:
                pass
        self.note("written")
        if isinstance(self.verdict, Fault):
            raise self.verdict
        return self.verdict


class DescriptorSuite(ReactorSuite):
    """Readers and writers over pipes and pairs of sockets."""

    capability = Capability.DESCRIPTORS
    requires = (IReactorFDSet,)

    def setUp(self) -> None:
        super().setUp()
        read, write = os.pipe()
        self.reader, self.writer = PipeReader(read), PipeWriter(write)
        self.addCleanup(self.reader.close)
        self.addCleanup(self.writer.close)
        self.expectLeftovers()

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IReactorFDSet, self.reactor))

    def test_reader(self) -> None:
        async def scenario() -> None:
            self.reactor.addReader(self.reader)
            await self.turns(3)
            self.assertEqual(self.reader.events, [])
            os.write(self.writer.number, b"data")
            await self.reader.when(lambda: self.reader.data)
            self.assertEqual(self.reader.data, b"data")

        self.play(scenario())

    def test_writer(self) -> None:
        async def scenario() -> None:
            self.reactor.addWriter(self.writer)
            await self.writer.when(lambda: not self.writer.left)
            self.reactor.removeWriter(self.writer)
            self.assertEqual(os.read(self.reader.number, 10), b"x")

        self.play(scenario())

    def test_addedBeforeTheReactorRuns(self) -> None:
        self.reactor.addReader(self.reader)
        os.write(self.writer.number, b"data")

        async def scenario() -> None:
            await self.reader.when(lambda: self.reader.data)

        self.play(scenario())

    def test_oneDescriptorBothWays(self) -> None:
        ours, theirs = socket.socketpair()
        self.addCleanup(theirs.close)
        reader = PipeReader(ours.fileno())
        writer = PipeWriter(ours.detach(), left=3)
        self.addCleanup(writer.close)

        async def scenario() -> None:
            self.reactor.addReader(reader)
            self.reactor.addWriter(writer)
            await writer.when(lambda: not writer.left)
            self.reactor.removeWriter(writer)
            count = len(writer.events)
            theirs.send(b"data")
            await reader.when(lambda: reader.data)
            self.assertEqual(len(writer.events), count)
            self.reactor.removeReader(reader)
            self.assertEqual(theirs.recv(10), b"xxx")

        self.play(scenario())

    def test_removedIsNotCalled(self) -> None:
        async def scenario() -> None:
            self.reactor.addReader(self.reader)
            self.reactor.addWriter(self.writer)
            self.reactor.removeReader(self.reader)
            self.reactor.removeWriter(self.writer)
            os.write(self.writer.number, b"data")
            await self.turns(5)
            self.assertEqual(self.reader.events + self.writer.events, [])
            self.reactor.addReader(self.reader)
            await self.reader.when(lambda: self.reader.data)

        self.play(scenario())

    def test_removeWhatWasNotAdded(self) -> None:
        self.reactor.removeReader(self.reader)
        self.reactor.removeWriter(self.writer)

    def test_addTwiceRemoveOnce(self) -> None:
        async def scenario() -> None:
            self.reactor.addReader(self.reader)
            self.reactor.addReader(self.reader)
            self.assertEqual(self.reactor.getReaders().count(self.reader), 1)
            self.reactor.removeReader(self.reader)
            os.write(self.writer.number, b"data")
            await self.turns(5)
            self.assertEqual(self.reader.events, [])

        self.play(scenario())

    def test_getReadersAndWriters(self) -> None:
        self.reactor.addReader(self.reader)
        self.reactor.addWriter(self.writer)
        self.assertIn(self.reader, self.reactor.getReaders())
        self.assertNotIn(self.reader, self.reactor.getWriters())
        self.assertEqual(self.reactor.getWriters(), [self.writer])
        self.reactor.removeReader(self.reader)
        self.reactor.removeWriter(self.writer)
        self.assertNotIn(self.reader, self.reactor.getReaders())
        self.assertEqual(self.reactor.getWriters(), [])

    def test_removeAll(self) -> None:
        self.reactor.addReader(self.reader)
        self.reactor.addWriter(self.writer)
        removed = self.reactor.removeAll()
        self.assertEqual(set(removed), {self.reader, self.writer})
        self.assertEqual(self.reactor.removeAll(), [])

        # The reactor's own descriptors are not among them: it can still be woken.
        async def scenario() -> None:
            self.reactor.callInThread(self.reactor.callFromThread, self.writer.note, "woken")
            await self.writer.when(lambda: "woken" in self.writer.events)

        self.play(scenario())

    def test_closedDescriptor(self) -> None:
        self.reader.close()
        self.writer.close()
        self.assertRaises((OSError, ValueError), self.reactor.addReader, self.reader)
        self.assertRaises((OSError, ValueError), self.reactor.addWriter, self.writer)
        self.assertNotIn(self.reader, self.reactor.getReaders())
        self.assertEqual(self.reactor.getWriters(), [])

    def test_numberThatIsNotOpen(self) -> None:
        # Refused at once, or lost in the next turn; never watched for ever.
        # A number that nothing takes meanwhile: some loops open more when they run.
        number = fcntl.fcntl(self.reader.number, fcntl.F_DUPFD, self.reader.number + 100)
        os.close(number)
        self.reader.close()
        self.reader.number = number
        self.addCleanup(setattr, self.reader, "number", -1)

        async def scenario() -> None:
            try:
                self.reactor.addReader(self.reader)
            except (OSError, ValueError):
                pass
            else:
                self.patch(self.reader, "close", lambda: None)
                await self.reader.when(lambda: self.reader.reason)
            self.assertNotIn(self.reader, self.reactor.getReaders())

        self.play(scenario())
        self.flushLoggedErrors(OSError)

    def test_verdictDone(self) -> None:
        async def scenario() -> None:
            self.reader.verdict = CONNECTION_DONE
            self.reactor.addReader(self.reader)
            os.write(self.writer.number, b"x")
            await self.reader.when(lambda: self.reader.reason)
            assert self.reader.reason is not None
            self.assertTrue(self.reader.reason.check(ConnectionDone))
            self.assertNotIn(self.reader, self.reactor.getReaders())

        self.play(scenario())

    def test_verdictLostOfAWriter(self) -> None:
        async def scenario() -> None:
            self.writer.verdict = CONNECTION_LOST
            self.reactor.addWriter(self.writer)
            await self.writer.when(lambda: self.writer.reason)
            assert self.writer.reason is not None
            self.assertTrue(self.writer.reason.check(ConnectionLost))
            self.assertEqual(self.reactor.getWriters(), [])

        self.play(scenario())

    def test_exceptionInDoRead(self) -> None:
        async def scenario() -> None:
            self.reader.verdict = Fault("on purpose")
            self.reactor.addReader(self.reader)
            os.write(self.writer.number, b"x")
            await self.reader.when(lambda: self.reader.reason)
            assert self.reader.reason is not None
            self.assertTrue(self.reader.reason.check(Fault))
            self.assertNotIn(self.reader, self.reactor.getReaders())
            self.assertLogged(Fault, mention="doRead")

        self.play(scenario())

    def test_exceptionInDoWrite(self) -> None:
        async def scenario() -> None:
            self.writer.verdict = Fault("on purpose")
            self.reactor.addWriter(self.writer)
            await self.writer.when(lambda: self.writer.reason)
            assert self.writer.reason is not None
            self.assertTrue(self.writer.reason.check(Fault))
            self.assertEqual(self.reactor.getWriters(), [])
            self.assertLogged(Fault, mention="doWrite")

        self.play(scenario())

    def test_endOfStream(self) -> None:
        async def scenario() -> None:
            self.reactor.addReader(self.reader)
            self.writer.close()
            await self.reader.when(lambda: "read" in self.reader.events)
            self.assertEqual(self.reader.data, b"")
            self.reactor.removeReader(self.reader)

        self.play(scenario())

    def test_readerOfAPipeIsGone(self) -> None:
        class Broken(PipeWriter):
            def doWrite(self) -> Any:
                try:
                    return super().doWrite()
                except BrokenPipeError:
                    return CONNECTION_LOST

        writer = Broken(os.dup(self.writer.number))
        self.addCleanup(writer.close)

        async def scenario() -> None:
            self.reader.close()
            self.reactor.addWriter(writer)
            await writer.when(lambda: writer.reason)

        self.play(scenario())

    def test_closedWhileWatched(self) -> None:
        # Contrary to the rules, but the loop must neither die nor spin.
        ours, theirs = socket.socketpair()
        self.addCleanup(theirs.close)
        reader = PipeReader(ours.detach())

        async def scenario() -> None:
            self.reactor.addReader(reader)
            await self.turns(2)
            os.close(reader.number)
            reader.number = -1
            await self.turns(5)
            self.reactor.removeReader(reader)
            self.assertNotIn(reader, self.reactor.getReaders())
            # The number may be given out again, and is then a new descriptor's.
            self.reactor.addReader(self.reader)
            os.write(self.writer.number, b"x")
            await self.reader.when(lambda: self.reader.data)

        self.play(scenario())
        # Some kernels tell, and some do not.
        self.flushLoggedErrors(OSError)

    def test_numberUsedAgain(self) -> None:
        async def scenario() -> None:
            self.reactor.addReader(self.reader)
            await self.turns(2)
            self.reactor.removeReader(self.reader)
            number = self.reader.number
            self.reader.close()
            read, write = os.pipe()
            self.addCleanup(os.close, write)
            if read != number:
                os.dup2(read, number)
                os.close(read)
            again = PipeReader(number)
            self.addCleanup(again.close)
            self.reactor.addReader(again)
            os.write(write, b"again")
            await again.when(lambda: again.data)
            self.assertEqual(again.data, b"again")
            self.assertEqual(self.reader.data, b"")

        self.play(scenario())

    def test_oneReaderRemovesAnother(self) -> None:
        # Both are ready in one turn; the first to be called removes the other.
        read, write = os.pipe()
        self.addCleanup(os.close, write)
        other = PipeReader(read)
        self.addCleanup(other.close)
        readers = [self.reader, other]

        def onlyOne(event: str, me: PipeReader, rest: PipeReader) -> None:
            self.reactor.removeReader(rest)
            self.reactor.removeReader(me)
            Watched.note(me, event)

        for me, rest in (readers, readers[::-1]):
            self.patch(me, "note", lambda event, me=me, rest=rest: onlyOne(event, me, rest))

        async def scenario() -> None:
            os.write(self.writer.number, b"x")
            os.write(write, b"y")
            for reader in readers:
                self.reactor.addReader(reader)
            await self.turns(5)
            self.assertEqual(sorted([self.reader.data, other.data])[0], b"")
            self.assertEqual(len(self.reader.events + other.events), 1)

        self.play(scenario())

    def test_disconnectedAtShutdown(self) -> None:
        async def scenario() -> None:
            self.reactor.addReader(self.reader)
            self.reactor.addWriter(self.writer)

        self.writer.left = 0
        self.play(scenario())
        for descriptor in (self.reader, self.writer):
            assert descriptor.reason is not None
            self.assertTrue(descriptor.reason.check(ConnectionLost))


suites = [DescriptorSuite]
