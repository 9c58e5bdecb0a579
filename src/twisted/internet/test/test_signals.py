"""The reactor and the signals of its process: taken over, and given back."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

from twisted.internet._fakereactor import FakeReactor
from twisted.internet._signals import SignalHandlers
from twisted.internet.defer import Deferred
from twisted.logger import globalLogPublisher
from twisted.trial import unittest


def _theirs(number: int, frame: FrameType | None) -> None:
    """A handler of the program's own."""


class SignalHandlersTests(unittest.SynchronousTestCase):
    """`SignalHandlers`."""

    def setUp(self) -> None:
        self.received: list[int] = []
        # Whatever started the tests may have changed these.
        for number, before in (
            (signal.SIGINT, signal.default_int_handler),
            (signal.SIGTERM, signal.SIG_DFL),
        ):
            self.set(number, before)
        self.fd = -1
        self.handlers = self.make(signal.SIGINT, signal.SIGTERM)

    def set(self, number: int, handler: Any) -> None:
        """Handle a signal so until the test ends."""
        self.addCleanup(signal.signal, number, signal.signal(number, handler))

    def make(self, *numbers: int) -> SignalHandlers:
        """Handlers that keep what they receive."""
        handlers = SignalHandlers(dict.fromkeys(numbers, self.receive), lambda: self.fd)
        self.addCleanup(handlers.uninstall)
        return handlers

    def receive(self, number: int, frame: FrameType | None) -> None:
        self.received.append(number)

    def pipe(self) -> tuple[int, int]:
        """The two ends of a pipe that does not block."""
        ends = os.pipe()
        for end in ends:
            os.set_blocking(end, False)
            self.addCleanup(os.close, end)
        return ends

    def test_install(self) -> None:
        self.handlers.install()
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        self.assertEqual(self.received, [signal.SIGINT, signal.SIGTERM])

    def test_uninstall(self) -> None:
        """As it was, whatever it was."""
        for before in (_theirs, signal.SIG_IGN, signal.SIG_DFL):
            signal.signal(signal.SIGTERM, before)
            self.handlers.install()
            self.assertEqual(signal.getsignal(signal.SIGTERM), self.receive)
            self.handlers.uninstall()
            self.assertEqual(signal.getsignal(signal.SIGTERM), before)
            self.assertEqual(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_uninstallWithoutInstall(self) -> None:
        self.handlers.uninstall()
        self.assertEqual(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_uninstallTwice(self) -> None:
        """The second time, what has been set in between stays."""
        self.handlers.install()
        self.handlers.uninstall()
        signal.signal(signal.SIGTERM, _theirs)
        self.handlers.uninstall()
        self.assertEqual(signal.getsignal(signal.SIGTERM), _theirs)

    def test_installAgain(self) -> None:
        """A reactor that crashed may run again."""
        for _ in range(2):
            self.handlers.install()
            signal.raise_signal(signal.SIGTERM)
            self.handlers.uninstall()
        self.assertEqual(len(self.received), 2)
        self.assertEqual(signal.getsignal(signal.SIGTERM), signal.SIG_DFL)

    def test_theirHandlerOfCtrlC(self) -> None:
        """A program that has its own, or ignores it, is left alone; SIGTERM is taken."""
        for theirs in (_theirs, signal.SIG_IGN, signal.SIG_DFL):
            signal.signal(signal.SIGINT, theirs)
            self.handlers.install()
            self.assertEqual(signal.getsignal(signal.SIGINT), theirs)
            self.assertEqual(signal.getsignal(signal.SIGTERM), self.receive)
            self.handlers.uninstall()
            self.assertEqual(signal.getsignal(signal.SIGINT), theirs)

    def test_handlerThatIsNotPythons(self) -> None:
        """It cannot be set again; the system's own is the next best."""
        self.patch(signal, "getsignal", lambda number: None)
        handlers = self.make(signal.SIGTERM)
        handlers.install()
        signal.raise_signal(signal.SIGTERM)
        self.assertEqual(self.received, [signal.SIGTERM])
        handlers.uninstall()
        self.assertEqual(signal.signal(signal.SIGTERM, signal.SIG_DFL), signal.SIG_DFL)

    def test_wakeup(self) -> None:
        """The descriptor is written to from within the system's handler."""
        out, self.fd = self.pipe()
        self.handlers.install()
        signal.raise_signal(signal.SIGTERM)
        self.assertEqual(os.read(out, 10), bytes([signal.SIGTERM]))
        self.handlers.uninstall()
        signal.signal(signal.SIGTERM, _theirs)
        signal.raise_signal(signal.SIGTERM)
        self.assertRaises(BlockingIOError, os.read, out, 10)

    def test_wakeupOfSomebodyElse(self) -> None:
        """An event loop around ours has its descriptor back afterwards."""
        _, theirs = self.pipe()
        _, self.fd = self.pipe()
        before = signal.set_wakeup_fd(theirs)
        self.addCleanup(signal.set_wakeup_fd, before)
        self.handlers.install()
        self.handlers.uninstall()
        self.assertEqual(signal.set_wakeup_fd(before), theirs)

    def test_wakeupOfNobody(self) -> None:
        """A reactor without a descriptor to write to leaves that of others in place."""
        _, theirs = self.pipe()
        before = signal.set_wakeup_fd(theirs)
        self.addCleanup(signal.set_wakeup_fd, before)
        self.handlers.install()
        self.assertEqual(signal.set_wakeup_fd(theirs), theirs)
        self.handlers.uninstall()
        self.assertEqual(signal.set_wakeup_fd(before), theirs)

    def test_fullPipe(self) -> None:
        """More signals than it holds are no reason to write to stderr."""
        _, self.fd = self.pipe()
        complaints: list[object] = []
        self.patch(sys, "unraisablehook", complaints.append)
        self.handlers.install()
        try:
            while True:
                os.write(self.fd, bytes(4096))
        except BlockingIOError:
            pass
        signal.raise_signal(signal.SIGTERM)
        self.assertEqual((self.received, complaints), ([signal.SIGTERM], []))

    def test_anotherThread(self) -> None:
        """Refused, with what to do instead; nothing is changed."""
        errors: list[Exception] = []

        def install() -> None:
            try:
                self.handlers.install()
            except Exception as error:
                errors.append(error)

        thread = threading.Thread(target=install)
        thread.start()
        thread.join()
        self.assertIsInstance(errors[0], ValueError)
        self.assertIn("installSignalHandlers=False", str(errors[0]))
        self.assertEqual(signal.getsignal(signal.SIGTERM), signal.SIG_DFL)


class ReactorSignalTests(unittest.SynchronousTestCase):
    """What a reactor does about a signal, with time that does not pass."""

    def setUp(self) -> None:
        self.reactor = FakeReactor()
        self.addCleanup(self._end)
        self.said: list[str] = []
        globalLogPublisher.addObserver(self._observe)
        self.addCleanup(globalLogPublisher.removeObserver, self._observe)

    def _observe(self, event: Any) -> None:
        if "signal" in event:
            self.said.append(event["log_format"].format(**event))

    def _end(self) -> None:
        if self.reactor._lifecycle.state.name != "STOPPED":
            self.reactor.callWhenRunning(self.reactor.stop)
            self.reactor.run(installSignalHandlers=False)

    def test_eachStops(self) -> None:
        for name, handler in (
            ("SIGINT", "sigInt"),
            ("SIGTERM", "sigTerm"),
            ("SIGBREAK", "sigBreak"),
        ):
            self.reactor = reactor = FakeReactor()
            reactor.callLater(1000, getattr(reactor, handler), 99)
            reactor.callLater(1001, self.fail, "it has not stopped")
            reactor.run(installSignalHandlers=False)
            self.assertEqual(self.said.pop(), f"Received {name}, shutting down.")

    def test_second(self) -> None:
        """Somebody is in a hurry: what the shutdown waits for is not waited for."""
        waiting: Deferred[None] = Deferred()
        after: list[str] = []
        reactor = self.reactor
        reactor.addSystemEventTrigger("before", "shutdown", lambda: waiting)
        reactor.addSystemEventTrigger("during", "shutdown", after.append, "shutdown is over")
        reactor.callLater(1, reactor.sigInt, signal.SIGINT)
        reactor.callLater(10, reactor.sigInt, signal.SIGINT)
        reactor.run(installSignalHandlers=False)
        self.assertEqual((reactor.seconds(), after), (10, []))
        self.assertFalse(reactor.running)
        self.assertEqual(self.said[1], "Received SIGINT again, not waiting any longer.")
        waiting.callback(None)

    def test_twiceBeforeTheLoopLooks(self) -> None:
        """Two that came in one turn are two."""
        waiting: Deferred[None] = Deferred()
        reactor = self.reactor
        reactor.addSystemEventTrigger("before", "shutdown", lambda: waiting)

        def both() -> None:
            reactor.sigInt(signal.SIGINT)
            reactor.sigTerm(signal.SIGTERM)

        reactor.callLater(1, both)
        reactor.run(installSignalHandlers=False)
        self.assertEqual(len(self.said), 2)
        waiting.callback(None)

    def test_thirdDoesNoHarm(self) -> None:
        waiting: Deferred[None] = Deferred()
        reactor = self.reactor
        reactor.addSystemEventTrigger("before", "shutdown", lambda: waiting)

        def three() -> None:
            for _ in range(3):
                reactor.sigInt(signal.SIGINT)

        reactor.callLater(1, three)
        reactor.run(installSignalHandlers=False)
        waiting.callback(None)

    def test_handlersAreThoseOfTheRun(self) -> None:
        """Set while it runs, and given back when it has ended."""
        previous = signal.signal(signal.SIGTERM, _theirs)
        self.addCleanup(signal.signal, signal.SIGTERM, previous)
        seen: list[Any] = []
        self.reactor.callWhenRunning(lambda: seen.append(signal.getsignal(signal.SIGTERM)))
        self.reactor.callLater(1, signal.raise_signal, signal.SIGTERM)
        self.reactor.run()
        self.assertEqual(seen, [self.reactor.sigTerm])
        self.assertEqual(signal.getsignal(signal.SIGTERM), _theirs)
        self.assertEqual(self.reactor.seconds(), 1)
