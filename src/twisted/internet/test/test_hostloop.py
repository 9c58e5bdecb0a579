"""Tests for reactors within the loop of somebody else."""

from __future__ import annotations

import os
import select
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet import _hostloop
from twisted.internet._hostloop import kernelQueue
from twisted.internet._multiplexers.epoll import EpollMultiplexer
from twisted.internet._multiplexers.kqueue import KqueueMultiplexer
from twisted.internet.error import ReactorAlreadyRunning, ReactorNotRestartable
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.protocol import Protocol, ServerFactory
from twisted.internet.test._fakehost import FakeHost, FakeHostReactor
from twisted.internet.test.conformance import (
    ReactorSuite,
    casesFor,
    clients,
    core,
    descriptors,
    faults,
    flow,
    mixing,
    processes,
    servers,
    streams,
    threads,
    timing,
)
from twisted.internet.test.conformance.recorders import Fault
from twisted.python.failure import Failure

HOUR = 3600.0
# Seconds that a machine with much else to do may take for anything.
PATIENCE = 60

suites = [
    *core.suites,
    *timing.suites,
    *descriptors.suites,
    *threads.suites,
    *mixing.suites,
    *mixing.ridingSuites,
    clients.ClientSuite,
    servers.ServerSuite,
    streams.Stream4Suite,
    flow.Flow4Suite,
    faults.Fault4Suite,
    processes.ProcessEndSuite,
    processes.SignalledProcessEndSuite,
]
globals().update(casesFor(suites, {"FakeHost": FakeHostReactor}, __name__))


@implementer(IReadDescriptor)
class Pipe:
    """Reads a byte at a time, and then calls back."""

    def __init__(self, number: int, called: Callable[[], object]) -> None:
        self.number = number
        self.called = called

    def fileno(self) -> int:
        return self.number

    def logPrefix(self) -> str:
        return "pipe"

    def doRead(self) -> None:
        os.read(self.number, 1)
        self.called()

    def connectionLost(self, reason: object) -> None:
        pass


class HostCase(ReactorSuite):
    """A base for tests of one reactor within a `FakeHost`."""

    reactorFactory = FakeHostReactor
    mine: Any

    def setUp(self) -> None:
        super().setUp()
        self.mine = self.reactor
        self.host: FakeHost = self.mine.host

    def stop(self) -> None:
        self.reactor.stop()

    def runHost(self) -> None:
        """What an application does that runs the loop itself; the window says when it ends."""
        late = threading.Timer(self.patience, self.reactor.callFromThread, [self.host.quit])
        late.start()
        self.addCleanup(late.join)
        self.addCleanup(late.cancel)
        self.host.run()


class BetweenTurnsTests(HostCase):
    """What the application does while the host is not in a turn of ours is noticed."""

    def whenIdle(self, action: Callable[[], object]) -> None:
        """Do something as a window's event, when the reactor has nothing planned."""

        def wait() -> None:
            # Not before the first turn: that one would look at everything in any case.
            if self.mine._armedFor is not None:
                self.host.events.append(wait)
            else:
                action()

        self.reactor.callWhenRunning(self.host.events.append, wait)

    def test_callLater(self) -> None:
        self.whenIdle(lambda: self.reactor.callLater(0.001, self.stop))
        self.runReactor(self.reactor)

    def test_callLaterSooner(self) -> None:
        """A call that comes before the one for which the timer is set."""

        def far() -> None:
            self.reactor.callLater(0, self.host.events.append, near)

        def near() -> None:
            self.reactor.callLater(0.001, self.stop)

        call = self.reactor.callLater(HOUR, self.fail)
        self.reactor.callLater(0, self.host.events.append, far)
        self.runReactor(self.reactor)
        call.cancel()

    def test_reset(self) -> None:
        """A call is moved to an earlier time."""
        call = self.reactor.callLater(HOUR, self.stop)

        def act() -> None:
            self.assertAlmostEqual(self.host.timersSet[-1] or 0, HOUR, delta=PATIENCE)
            self.host.events.append(lambda: call.reset(0.001))

        # Not in a turn, and after the one that has set the timer.
        self.reactor.callLater(0, self.host.events.append, lambda: self.host.events.append(act))
        self.runReactor(self.reactor)

    def test_cancel(self) -> None:
        """A call that is cancelled is not waited for."""
        call = self.reactor.callLater(HOUR, self.fail)

        def act() -> None:
            call.cancel()
            self.reactor.callLater(0, self.stop)

        self.reactor.callLater(0, self.host.events.append, act)
        self.runReactor(self.reactor)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_addReader(self) -> None:
        out, into = os.pipe()
        self.addCleanup(os.close, out)
        self.addCleanup(os.close, into)
        os.write(into, b"x")
        pipe = Pipe(out, self.stop)
        self.whenIdle(lambda: self.reactor.addReader(pipe))
        self.runReactor(self.reactor)

    def test_write(self) -> None:
        """What a window's event writes is sent, though nothing else goes on."""
        made: list[Protocol] = []

        class Server(Protocol):
            def connectionMade(self) -> None:
                made.append(self)

        factory = ServerFactory.forProtocol(Server)
        port: Any = self.reactor.listenTCP(0, factory, interface="127.0.0.1")
        plain = socket.create_connection(("127.0.0.1", port.getHost().port))
        self.addCleanup(plain.close)
        plain.settimeout(self.patience)

        def write() -> None:
            if not made or self.mine._armedFor is not None:
                self.host.events.append(write)
                return
            assert made[0].transport is not None
            made[0].transport.write(b"hello")
            reading.start()

        def read() -> None:
            received.append(plain.recv(5))
            self.reactor.callFromThread(self.stop)

        received: list[bytes] = []
        reading = threading.Thread(target=read)
        self.host.events.append(write)
        self.runReactor(self.reactor)
        reading.join()
        self.assertEqual(received, [b"hello"])

    def test_callFromThread(self) -> None:
        thread = threading.Thread(target=self.reactor.callFromThread, args=(self.stop,))
        self.whenIdle(thread.start)
        self.runReactor(self.reactor)
        thread.join()

    def test_stop(self) -> None:
        self.whenIdle(self.stop)
        self.runReactor(self.reactor)
        self.assertFalse(self.reactor.running)

    def test_crash(self) -> None:
        self.whenIdle(self.reactor.crash)
        self.runReactor(self.reactor)
        self.assertFalse(self.reactor.running)
        self.assertIsNone(self.host.watched)

    def test_stopInALoopWithin(self) -> None:
        """A window's event runs a loop of the host's: the reactor goes on in there."""
        seen: list[str] = []

        def dialog() -> None:
            self.reactor.callLater(0.001, seen.append, "called")
            self.reactor.callLater(0.002, self.host.quit)
            self.host.run()
            seen.append("closed")
            self.stop()

        self.whenIdle(dialog)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["called", "closed"])


class TimerTests(HostCase):
    """The host's timer is set seldom."""

    def test_notForCallsThatMove(self) -> None:
        """A timeout that each message puts off sets no timer, but for the one that comes early."""

        async def scenario() -> None:
            call = self.reactor.callLater(HOUR, self.fail)
            self.mine._turn()
            before = len(self.host.timersSet)
            for _ in range(10):
                call.reset(HOUR)
                self.mine._turn()
            self.assertEqual(len(self.host.timersSet), before)
            call.cancel()

        self.play(scenario())

    def test_setWithoutEnd(self) -> None:
        """A call in the far future does not overflow what hosts count in."""
        call = self.reactor.callLater(1e12, self.fail)
        self.reactor.callLater(0, self.host.events.append, self.stop)
        self.runReactor(self.reactor)
        self.assertLess(max(seconds or 0 for seconds in self.host.timersSet), 2**31 / 1000)
        call.cancel()

    def test_plainFile(self) -> None:
        """A file can always be read, which the kernel's queue does not say."""
        count: list[int] = []

        def called() -> None:
            count.append(1)
            if len(count) == 3:
                self.reactor.removeReader(pipe)
                self.stop()

        with tempfile.TemporaryFile() as file:
            file.write(b"xyz")
            file.flush()
            file.seek(0)
            pipe = Pipe(file.fileno(), called)
            self.reactor.addReader(pipe)
            self.runReactor(self.reactor)
        self.assertEqual(len(count), 3)


class EndTests(HostCase):
    """Who ends what."""

    def setUp(self) -> None:
        super().setUp()
        self.seen: list[str] = []
        self.reactor.addSystemEventTrigger("during", "shutdown", self.seen.append, "shutdown")

    def test_hostEnds(self) -> None:
        """The last window is closed, and the host's loop ends: the reactor stops, in order."""
        self.reactor.addSystemEventTrigger("before", "shutdown", self.after, 0.001)
        self.reactor.callLater(0, self.host.events.append, self.host.quit)
        self.runReactor(self.reactor)
        self.assertEqual(self.seen, ["shutdown"])
        self.assertRaises(ReactorNotRestartable, self.reactor.run)

    def test_hostEndsWhileStopping(self) -> None:
        """The same, while the shutdown event waits for something."""
        self.reactor.addSystemEventTrigger("before", "shutdown", self.after, 0.01)
        self.reactor.addSystemEventTrigger("before", "shutdown", self.host.quit)
        self.reactor.callWhenRunning(self.stop)
        self.runReactor(self.reactor)
        self.assertEqual(self.seen, ["shutdown"])

    def test_crashInStartup(self) -> None:
        """The host's loop is not even begun."""
        self.reactor.callWhenRunning(self.reactor.crash)
        self.host.events.append(lambda: self.seen.append("event"))
        self.runReactor(self.reactor)
        self.assertEqual(self.seen, [])

    def test_runAfterCrash(self) -> None:
        self.reactor.callWhenRunning(self.reactor.crash)
        self.runReactor(self.reactor)
        self.reactor.callLater(0.001, self.stop)
        self.runReactor(self.reactor)
        self.assertEqual(self.seen, ["shutdown"])

    def test_hostWithoutUs(self) -> None:
        """A host that runs before or after the reactor does not call it."""
        self.reactor.callLater(0, self.fail)
        self.host.events.append(self.host.quit)
        self.runHost()
        for call in self.reactor.getDelayedCalls():
            call.cancel()

    def test_faults(self) -> None:
        """Errors are logged by the reactor, and the host hears of none."""

        def fail() -> None:
            raise Fault("in a callback")

        out, into = os.pipe()
        self.addCleanup(os.close, out)
        self.addCleanup(os.close, into)
        os.write(into, b"x")
        self.reactor.addReader(Pipe(out, fail))
        self.reactor.callLater(0, fail)
        self.reactor.callFromThread(fail)
        self.reactor.callLater(0.01, self.stop)
        self.runReactor(self.reactor)
        self.assertLogged(Fault, 3, "in a callback")
        self.assertEqual(self.host.swallowed, [])


class ApplicationTests(HostCase):
    """The application runs the host's loop, and the reactor rides along."""

    def setUp(self) -> None:
        super().setUp()
        self.seen: list[str] = []
        self.reactor.addSystemEventTrigger("after", "shutdown", self.seen.append, "shutdown")
        # Which outlives the reactor here.
        self.addCleanup(self.mine.waker.connectionLost, Failure(Fault("the end of the test")))

    def test_life(self) -> None:
        """It is stopped, gives all back but its waker, and the application goes on."""
        self.reactor.addSystemEventTrigger(
            "after", "shutdown", lambda: self.host.events.append(self.host.quit)
        )
        self.mine.startRunning(installSignalHandlers=False)
        self.assertTrue(self.reactor.running)
        self.assertRaises(ReactorAlreadyRunning, self.reactor.run)
        self.reactor.callLater(0.001, self.seen.append, "called")
        self.reactor.callLater(0.002, self.stop)
        self.runHost()
        self.assertEqual(self.seen, ["called", "shutdown"])
        self.assertFalse(self.reactor.running)
        self.assertIsNone(self.host.watched)
        self.assertIsNone(self.host.timersSet[-1])

    def test_signals(self) -> None:
        """Handlers are there while it runs, and those that were there afterwards."""
        before = signal.getsignal(signal.SIGTERM)
        wakeupBefore = signal.set_wakeup_fd(-1)
        self.addCleanup(signal.set_wakeup_fd, wakeupBefore)
        self.reactor.addSystemEventTrigger("after", "shutdown", self.host.quit)
        self.mine.startRunning()
        self.assertNotEqual(signal.getsignal(signal.SIGTERM), before)
        self.host.events.append(lambda: os.kill(os.getpid(), signal.SIGTERM))
        self.runHost()
        self.assertEqual(self.seen, ["shutdown"])
        self.assertEqual(signal.getsignal(signal.SIGTERM), before)
        self.assertEqual(signal.set_wakeup_fd(-1), -1)

    def test_signalsLeftAlone(self) -> None:
        """Ctrl-C is the application's, too, where signals are."""
        before = signal.getsignal(signal.SIGINT)
        wakeupBefore = signal.set_wakeup_fd(-1)
        self.addCleanup(signal.set_wakeup_fd, wakeupBefore)
        self.mine.startRunning(installSignalHandlers=False)
        self.assertEqual(signal.getsignal(signal.SIGINT), before)
        self.assertEqual(signal.set_wakeup_fd(-1), -1)
        self.reactor.crash()
        self.host.iterate(True)

    def test_crash(self) -> None:
        """A reactor that has crashed can be run, and is woken up as ever."""
        self.mine.startRunning(installSignalHandlers=False)
        self.reactor.callLater(0, self.reactor.crash)
        self.reactor.callLater(0, self.host.events.append, self.host.quit)
        self.runHost()
        self.assertIsNone(self.host.watched)
        thread = threading.Timer(0.02, self.reactor.callFromThread, [self.stop])
        self.reactor.callWhenRunning(thread.start)
        self.runReactor(self.reactor)
        thread.join()
        self.assertEqual(self.seen, ["shutdown"])

    def test_wakerStays(self) -> None:
        """A host may put its descriptor back as that which signals wake, when it ends."""
        self.reactor.addSystemEventTrigger("after", "shutdown", self.host.quit)
        self.mine.startRunning(installSignalHandlers=False)
        waker = self.mine.waker
        self.reactor.callLater(0, self.stop)
        self.runHost()
        os.fstat(waker.wakeupFD())


class InterruptTests(HostCase):
    """Ctrl-C when signals are left alone: KeyboardInterrupt, out of `run`."""

    def setUp(self) -> None:
        super().setUp()
        previous = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, previous)

    def interrupt(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def assertInterrupted(self) -> None:
        with self.assertRaises(KeyboardInterrupt):
            self.runReactor(self.reactor)
        self.assertFalse(self.reactor.running)
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
        self.assertIsNone(self.host.watched)

    def test_inATurn(self) -> None:
        self.reactor.callLater(0, self.interrupt)
        self.assertInterrupted()

    def test_betweenTurns(self) -> None:
        """The host does not get to swallow it."""
        self.reactor.callLater(0, self.host.events.append, self.interrupt)
        self.assertInterrupted()

    def test_whileTheHostWaits(self) -> None:
        killer = threading.Timer(0.02, self.interrupt)
        self.reactor.callWhenRunning(killer.start)
        self.assertInterrupted()
        killer.join()

    def test_anotherHandler(self) -> None:
        """Who has a handler of his own keeps it."""
        seen: list[int] = []
        signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
        self.reactor.callLater(0, self.interrupt)
        self.reactor.callLater(0.001, self.stop)
        self.runReactor(self.reactor)
        self.assertEqual(seen, [signal.SIGINT])


class IterateTests(HostCase):
    """`iterate`, with which some programs turn the loop themselves."""

    def test_beforeRun(self) -> None:
        """Windows and timers are served, and the host's loop is left as it was."""
        seen: list[str] = []
        self.host.events.append(lambda: seen.append("event"))
        self.reactor.callLater(0, seen.append, "called")
        self.reactor.iterate(0)
        self.assertEqual(sorted(seen), ["called", "event"])
        self.assertIsNone(self.host.watched)

    def test_waits(self) -> None:
        """It waits for the descriptors as for the windows."""
        out, into = os.pipe()
        self.addCleanup(os.close, out)
        self.addCleanup(os.close, into)
        seen: list[str] = []
        pipe = Pipe(out, lambda: seen.append("read"))
        self.reactor.addReader(pipe)
        self.addCleanup(self.reactor.removeReader, pipe)
        writer = threading.Timer(0.02, os.write, [into, b"x"])
        writer.start()
        self.addCleanup(writer.join)
        while not seen:
            self.reactor.iterate(HOUR)
        self.assertEqual(seen, ["read"])

    def test_inAnEvent(self) -> None:
        """A window's event turns the loop, and then it goes on by itself."""
        seen: list[str] = []

        def event() -> None:
            self.reactor.callLater(0, seen.append, "called")
            self.reactor.iterate(0)
            seen.append("iterated")
            self.reactor.callLater(0.001, self.stop)

        self.reactor.callLater(0, self.host.events.append, event)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["called", "iterated"])

    def test_inATurn(self) -> None:
        """A callback of ours does."""
        seen: list[str] = []

        def call() -> None:
            self.reactor.callLater(0, seen.append, "called")
            self.reactor.iterate(0)
            seen.append("iterated")
            self.stop()

        self.reactor.callLater(0, call)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["called", "iterated"])


class QueueTests(HostCase):
    """What tells who is ready."""

    def test_thisPlatform(self) -> None:
        queue = kernelQueue()
        self.addCleanup(queue.close)
        self.assertIsInstance(queue, (EpollMultiplexer, KqueueMultiplexer))
        self.assertFalse(queue.is_always_ready())
        self.assertGreater(queue.fileno(), -1)

    def test_readable(self) -> None:
        """The queue can be read as soon as what it watches can."""
        queue = kernelQueue()
        self.addCleanup(queue.close)
        out, into = os.pipe()
        self.addCleanup(os.close, out)
        self.addCleanup(os.close, into)
        queue.register(out, select.POLLIN)
        self.assertEqual(select.select([queue.fileno()], [], [], 0)[0], [])
        os.write(into, b"x")
        self.assertEqual(select.select([queue.fileno()], [], [], 0)[0], [queue.fileno()])

    def test_none(self) -> None:
        """A platform without one is named."""
        self.patch(_hostloop, "select", object())
        with self.assertRaises(OSError) as caught:
            kernelQueue()
        self.assertIn("no epoll and no kqueue", str(caught.exception))
