"""Tests for the reactor on Windows' waits, on a fake of them."""

from __future__ import annotations

import socket
import sys
import threading
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet import win32eventreactor
from twisted.internet.interfaces import IReactorProcess, IReactorUNIX, IReactorWin32Events
from twisted.internet.test._everysuite import EVERY_SUITE, NOT_OF_WINDOWS
from twisted.internet.test._fakewin32 import FakeKernel
from twisted.internet.test.conformance import ReactorSuite, casesFor, mixing
from twisted.internet.test.conformance.recorders import Fault, Peers, Recorder
from twisted.internet.win32eventreactor import Win32Reactor
from twisted.internet.win32eventreactor._kernel import MAX_HANDLES
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

suites = [
    suite
    for suite in [*EVERY_SUITE, *mixing.ridingSuites]
    if all(interface.implementedBy(Win32Reactor) for interface in suite.requires)
    and suite.capability not in NOT_OF_WINDOWS
]


class FakeWin32Reactor(Win32Reactor):
    """The reactor over a kernel that is not Windows, which is its attribute `kernel`."""

    testedWith = "a fake of Windows"

    def __init__(self) -> None:
        self.kernel = FakeKernel()
        super().__init__(self.kernel)

    def _release(self) -> None:
        super()._release()
        self.kernel.close()


globals().update(casesFor(suites, {"Win32event": FakeWin32Reactor}, __name__))


class Waiter:
    """Is called when its handle is set."""

    def __init__(self, reactor: FakeWin32Reactor, result: object = None) -> None:
        self.reactor = reactor
        self.handle = reactor.kernel.create_event()
        self.result = result
        self.calls = 0
        self.lost: Failure | None = None

    def logPrefix(self) -> str:
        return "waiter"

    def happened(self) -> object:
        self.calls += 1
        self.reactor.kernel.reset_event(self.handle)
        if isinstance(self.result, Exception) and not isinstance(self.result, OSError):
            raise self.result
        return self.result

    def connectionLost(self, reason: Failure) -> None:
        self.lost = reason


class EventTests(ReactorSuite):
    """Handles of the program's."""

    reactorFactory = FakeWin32Reactor

    def waiter(self, result: object = None) -> Waiter:
        """A waiter that is waiting."""
        reactor: Any = self.reactor
        waiter = Waiter(reactor, result)
        reactor.addEvent(waiter.handle, waiter, "happened")
        return waiter

    def set(self, waiter: Waiter) -> None:
        """Let the handle of a waiter be set."""
        waiter.reactor.kernel.set_event(waiter.handle)

    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(IReactorWin32Events, self.reactor))
        for missing in (IReactorUNIX, IReactorProcess):
            self.assertFalse(missing.providedBy(self.reactor))

    def test_setByAThread(self) -> None:
        """The loop waits for a handle, and does not look now and then."""

        async def scenario() -> None:
            waiter = self.waiter()
            setter = threading.Thread(target=self.set, args=[waiter])
            setter.start()
            await self.until(lambda: waiter.calls)
            setter.join()
            await self.turns(3)
            self.assertEqual(waiter.calls, 1)
            self.set(waiter)
            await self.until(lambda: waiter.calls == 2)

        self.play(scenario())

    def test_allThatAreSet(self) -> None:
        """A handle that is always set does not keep others from being served."""

        async def scenario() -> None:
            waiters = [self.waiter() for _ in range(5)]
            for waiter in waiters:
                self.set(waiter)
            await self.turns(2)
            self.assertEqual([waiter.calls for waiter in waiters], [1] * 5)

        self.play(scenario())

    def test_remove(self) -> None:
        async def scenario() -> None:
            waiter = self.waiter()
            self.set(waiter)
            reactor: Any = self.reactor
            reactor.removeEvent(waiter.handle)
            reactor.removeEvent(waiter.handle)
            await self.turns(3)
            self.assertEqual((waiter.calls, waiter.lost), (0, None))

        self.play(scenario())

    def test_removedByAnother(self) -> None:
        """Of two that are set at once, the first may remove the second."""

        async def scenario() -> None:
            reactor: Any = self.reactor
            first, second = self.waiter(), self.waiter()
            first.happened = lambda: reactor.removeEvent(second.handle)  # type: ignore[method-assign]  # a test's
            self.set(first)
            self.set(second)
            await self.turns(2)
            self.assertEqual(second.calls, 0)

        self.play(scenario())

    def test_ends(self) -> None:
        """What a method returns is a reason."""

        async def scenario() -> None:
            waiter = self.waiter(OSError("at its end"))
            self.set(waiter)
            await self.until(lambda: waiter.lost)
            assert waiter.lost is not None
            self.assertIs(waiter.lost.value, waiter.result)
            self.set(waiter)
            await self.turns(3)
            self.assertEqual(waiter.calls, 1)

        self.play(scenario())

    def test_raises(self) -> None:
        async def scenario() -> None:
            waiter = self.waiter(Fault("in a method"))
            self.set(waiter)
            await self.until(lambda: waiter.lost)
            self.assertLogged(Fault)

        self.play(scenario())

    def test_noHandle(self) -> None:
        """One that has been closed is found out, and the others are served."""

        async def scenario() -> None:
            broken, good = self.waiter(), self.waiter()
            good.reactor.kernel.close_event(broken.handle)
            self.set(good)
            await self.until(lambda: good.calls and broken.lost)
            assert broken.lost is not None
            self.assertIsInstance(broken.lost.value, OSError)

        self.play(scenario())

    def test_limit(self) -> None:
        reactor: Any = self.reactor
        waiters = [self.waiter() for _ in range(MAX_HANDLES - 1)]
        extra = Waiter(reactor)
        refused = self.assertRaises(ValueError, reactor.addEvent, extra.handle, extra, "happened")
        self.assertIn("63", str(refused))
        # For another method there is room.
        reactor.addEvent(waiters[0].handle, extra, "happened")
        reactor.removeEvent(waiters[0].handle)
        reactor.addEvent(extra.handle, extra, "happened")

        async def scenario() -> None:
            self.set(extra)
            await self.until(lambda: extra.calls)

        self.play(scenario())
        self.assertEqual(reactor.kernel.most, MAX_HANDLES)

    def test_socketsTakeOneHandle(self) -> None:
        """However many there are."""
        reactor: Any = self.reactor
        factory = Peers(Recorder)
        ports = [reactor.listenTCP(0, factory, interface="127.0.0.1") for _ in range(100)]

        async def scenario() -> None:
            for port in ports[::33]:
                with socket.create_connection(("127.0.0.1", port.getHost().port)):
                    await factory.connection()

        self.play(scenario())
        self.assertEqual(reactor.kernel.most, 1)

    def test_toldOfTheEnd(self) -> None:
        """Who waits for a handle hears that the reactor stops."""
        waiter = self.waiter()

        async def scenario() -> None:
            await self.turns(1)

        self.play(scenario())
        self.assertIsNotNone(waiter.lost)


class MessageTests(ReactorSuite):
    """Windows get their messages."""

    reactorFactory = FakeWin32Reactor

    def test_dispatched(self) -> None:
        reactor: Any = self.reactor
        seen: list[object] = []

        async def scenario() -> None:
            reactor.kernel.post(lambda: seen.append("click"))
            await self.until(lambda: seen)

        self.play(scenario())
        self.assertEqual(seen, ["click"])

    def test_quit(self) -> None:
        """The last window is closed."""
        reactor: Any = self.reactor
        seen: list[object] = []
        reactor.addSystemEventTrigger("during", "shutdown", seen.append, "shutdown")
        reactor.callWhenRunning(reactor.kernel.post, None)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["shutdown"])


class PlatformTests(SynchronousTestCase):
    """Where it is not."""

    def test_elsewhere(self) -> None:
        if sys.platform == "win32":
            self.skipTest("this is where it belongs")
        refused = self.assertRaises(ImportError, win32eventreactor.install)
        self.assertIn("Windows", str(refused))
