"""Parts of processes by themselves, and what many of them leave behind."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from twisted.internet import process, reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.process import _reaper
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.selectreactor import SelectReactor
from twisted.internet.utils import getProcessOutput, getProcessValue
from twisted.python import threadable
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase, TestCase

FILES = "/proc/self/fd"


class Owner:
    """What pipes belong to."""

    def __init__(self) -> None:
        self.data = b""
        self.lost: Deferred[tuple[object, Failure]] = Deferred()

    def childDataReceived(self, name: object, data: bytes) -> None:
        self.data += data

    def childConnectionLost(self, name: object, reason: Failure) -> None:
        self.lost.callback((name, reason))


class PipeTests(TestCase):
    """`ProcessReader` and `ProcessWriter`, which standard I/O uses as well."""

    def setUp(self) -> None:
        self.out, self.into = os.pipe()
        self.owner = Owner()

    async def test_both(self) -> None:
        other = Owner()
        process.ProcessReader(reactor, other, "r", self.out)
        writer = process.ProcessWriter(reactor, self.owner, "w", self.into)
        writer.write(b"one ")
        writer.writeSequence([b"two ", b"three"])
        writer.loseConnection()
        self.assertEqual((await self.owner.lost)[0], "w")
        self.assertEqual((await other.lost)[0], "r")
        self.assertEqual(other.data, b"one two three")
        self.assertEqual(writer.fileno(), -1)
        writer.connectionLost(Failure(ConnectionLost()))

    async def test_readerGone(self) -> None:
        """A writer that writes nothing hears of it all the same."""
        writer = process.ProcessWriter(reactor, self.owner, "w", self.into)
        self.assertTrue(writer.enableReadHack)
        os.close(self.out)
        name, reason = await self.owner.lost
        self.assertEqual(name, "w")
        self.assertTrue(reason.check(ConnectionLost))

    async def test_notAPipe(self) -> None:
        """What is no pipe may have data, which are not a writer's to read."""
        for fd in (self.out, self.into):
            os.close(fd)
        name = self.mktemp()
        os.mkfifo(name)
        writer = process.ProcessWriter(reactor, self.owner, "w", os.open(name, os.O_RDWR))
        self.assertFalse(writer.enableReadHack)
        writer.loseConnection()
        await self.owner.lost

    async def test_readerOnly(self) -> None:
        reader = process.ProcessReader(reactor, self.owner, "r", self.out)
        self.assertRaises(TypeError, reader.write, b"x")
        reader.loseConnection()
        reader.loseConnection()
        await self.owner.lost
        os.close(self.into)


class ReapTests(SynchronousTestCase):
    """The table of children."""

    def test_table(self) -> None:
        asked = []

        class Child:
            def reapProcess(self) -> None:
                asked.append(self)

        child = Child()
        process.registerReapProcessHandler(-1, child)
        self.assertRaises(RuntimeError, process.registerReapProcessHandler, -1, Child())
        self.assertRaises(RuntimeError, process.unregisterReapProcessHandler, -1, Child())
        process.reapAllProcesses()
        self.assertEqual(asked, [child])
        process.unregisterReapProcessHandler(-1, child)
        self.assertRaises(RuntimeError, process.unregisterReapProcessHandler, -1, child)


class EndRecorder(ProcessProtocol):
    """Fires when the process has ended."""

    def __init__(self) -> None:
        self.exited: Deferred[Any] = Deferred()

    def processExited(self, reason: Failure) -> None:
        self.exited.callback(reason.value)


class LeftoverTests(TestCase):
    """What is left of children."""

    def files(self) -> int:
        if not os.path.isdir(FILES):
            raise self.skipTest(f"there is no {FILES}")
        return len(os.listdir(FILES))

    async def runMany(self, count: int) -> None:
        self.assertEqual(await getProcessOutput("/bin/echo", ["x"]), b"x\n")
        before, readers = self.files(), len(reactor.getReaders())
        for _ in range(count // 10):
            results = [getProcessValue("/bin/true") for _ in range(10)]
            for result in results:
                self.assertEqual(await result, 0)
        self.assertEqual((self.files(), len(reactor.getReaders())), (before, readers))
        self.assertEqual(process.reapProcessHandlers, {})
        try:
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            dead = None  # there is no child, dead or alive
        self.assertIsNone(dead)

    async def test_thousand(self) -> None:
        await self.runMany(1000)

    async def test_hundredBySignals(self) -> None:
        self.patch(_reaper, "openPidfd", lambda pid: None)
        handler = signal.getsignal(signal.SIGCHLD)
        await self.runMany(100)
        self.assertEqual(signal.getsignal(signal.SIGCHLD), handler)


class ShutdownTests(SynchronousTestCase):
    """Children that outlive their reactor, or cannot be watched by it."""

    def play(self, *script: str) -> tuple[EndRecorder, int]:
        """Run a reactor for just as long as it takes to start a child."""
        recorder = EndRecorder()
        other = SelectReactor()
        seen: list[int] = []

        def begin() -> None:
            child = other.spawnProcess(recorder, "/bin/sh", ["sh", *script], childFDs={})
            assert child.pid is not None
            seen.append(child.pid)
            other.stop()

        other.callWhenRunning(begin)
        other.run(installSignalHandlers=False)
        return recorder, seen[0]

    def test_outlives(self) -> None:
        """Its status is taken when the next child is started."""
        recorder, pid = self.play("-c", "while true; do sleep 100; done")
        self.assertNoResult(recorder.exited)
        recorder.transport.signalProcess("KILL")
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        self.assertNoResult(recorder.exited)
        _, another = self.play("-c", "exit 0")
        self.assertEqual(self.successResultOf(recorder.exited).signal, signal.SIGKILL)
        os.waitid(os.P_PID, another, os.WEXITED | os.WNOWAIT)
        process.reapAllProcesses()
        self.assertEqual(process.reapProcessHandlers, {})

    def test_cannotBeWatched(self) -> None:
        """A pidfd with a number too high for select() gives way to signals."""
        original = _reaper.openPidfd

        def high(pid: int) -> int | None:
            low = original(pid)
            if low is None:
                return None
            os.dup2(low, 1500, inheritable=False)
            os.close(low)
            return 1500

        self.patch(_reaper, "openPidfd", high)
        recorder = EndRecorder()
        other = SelectReactor()

        def stop(reason: Any) -> Any:
            other.stop()
            return reason

        recorder.exited.addCallback(stop)
        args = ["sh", "-c", "exit 6"]
        other.callWhenRunning(other.spawnProcess, recorder, "/bin/sh", args, childFDs={})
        other.run(installSignalHandlers=False)
        self.assertEqual(self.successResultOf(recorder.exited).exitCode, 6)
        self.assertEqual(process.reapProcessHandlers, {})
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def runInThread(self) -> int:
        """The exit status of a child of a reactor that runs in another thread."""
        self.patch(threadable, "ioThread", threadable.ioThread)
        other = SelectReactor()
        result: list[int] = []

        def begin() -> None:
            d = getProcessValue("/bin/sh", ["-c", "exit 5"], reactor=other)
            d.addCallback(result.append)
            d.addBoth(lambda _: other.stop())

        other.callWhenRunning(begin)
        thread = threading.Thread(target=other.run, args=(False,))
        thread.start()
        thread.join()
        return result[0]

    def test_thread(self) -> None:
        self.assertEqual(self.runInThread(), 5)

    def test_threadWithoutPidfds(self) -> None:
        """Threads cannot have handlers of signals."""
        self.patch(_reaper, "openPidfd", lambda pid: None)
        self.assertEqual(self.runInThread(), 5)
