"""`IReactorCore`: the life of a reactor, its system events, its signals."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.defer import Deferred, fail
from twisted.internet.error import (
    ReactorAlreadyRunning,
    ReactorNotRestartable,
    ReactorNotRunning,
)
from twisted.internet.interfaces import IReactorCore
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import PATIENCE, ReactorSuite
from twisted.internet.test.conformance.recorders import Fault


def _raise() -> None:
    raise Fault("on purpose")


class LifeSuite(ReactorSuite):
    """Run, stop, crash, iterate, and what is refused when."""

    capability = Capability.LIFE
    requires = (IReactorCore,)

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IReactorCore, self.reactor))

    def test_running(self) -> None:
        seen: list[bool] = [self.reactor.running]
        reactor = self.reactor
        reactor.callWhenRunning(lambda: seen.append(reactor.running))
        reactor.callWhenRunning(reactor.stop)
        self.runReactor(reactor)
        self.assertEqual(seen, [False, True])
        self.assertFalse(reactor.running)

    def test_stopBeforeRun(self) -> None:
        self.assertRaises(ReactorNotRunning, self.reactor.stop)

    def test_stopTwice(self) -> None:
        async def scenario() -> None:
            self.reactor.stop()
            self.assertRaises(ReactorNotRunning, self.reactor.stop)

        self.play(scenario())
        self.assertRaises(ReactorNotRunning, self.reactor.stop)

    def test_runWithinRun(self) -> None:
        async def scenario() -> None:
            self.assertRaises(ReactorAlreadyRunning, self.reactor.run)

        self.play(scenario())

    def test_runAgain(self) -> None:
        async def scenario() -> None:
            pass

        self.play(scenario())
        self.assertRaises(ReactorNotRestartable, self.reactor.run)

    def test_stopFromWithinStartup(self) -> None:
        self.reactor.addSystemEventTrigger("during", "startup", self.reactor.stop)
        self.runReactor(self.reactor)
        self.assertFalse(self.reactor.running)

    def test_stopFiresShutdownOnce(self) -> None:
        fired: list[str] = []
        self.reactor.addSystemEventTrigger("during", "shutdown", fired.append, "shutdown")

        async def scenario() -> None:
            self.reactor.stop()
            self.assertEqual(fired, [])

        self.play(scenario())
        self.assertEqual(fired, ["shutdown"])

    def test_crash(self) -> None:
        fired: list[str] = []
        reactor = self.reactor
        reactor.addSystemEventTrigger("during", "shutdown", fired.append, "shutdown")
        reactor.callWhenRunning(reactor.crash)
        self.runReactor(reactor)
        self.assertFalse(reactor.running)
        self.assertEqual(fired, [])

    def test_runAgainAfterCrash(self) -> None:
        reactor = self.reactor
        reactor.callWhenRunning(reactor.crash)
        self.runReactor(reactor)
        calls: list[int] = []
        reactor.callLater(0, calls.append, 1)
        reactor.callLater(0, reactor.crash)
        self.runReactor(reactor)
        self.assertEqual(calls, [1])

    def test_crashDuringShutdown(self) -> None:
        reactor = self.reactor
        never: Deferred[None] = Deferred()
        reactor.addSystemEventTrigger("before", "shutdown", lambda: never)
        reactor.callWhenRunning(reactor.stop)
        reactor.addSystemEventTrigger("before", "shutdown", reactor.callLater, 0, reactor.crash)
        self.runReactor(reactor)
        self.assertFalse(reactor.running)

    def test_iterate(self) -> None:
        calls: list[int] = []
        self.reactor.callLater(0, calls.append, 1)
        self.reactor.iterate()
        self.assertEqual(calls, [1])

    def test_iterateDoesNotWaitForTimers(self) -> None:
        calls: list[int] = []
        self.reactor.callLater(10 * PATIENCE, calls.append, 1)
        self.reactor.iterate()
        self.assertEqual(calls, [])

    def test_iterateFromWithin(self) -> None:
        calls: list[int] = []

        async def scenario() -> None:
            self.reactor.callLater(0, calls.append, 1)
            while not calls:
                self.reactor.iterate()

        self.play(scenario())

    def test_callWhenRunning(self) -> None:
        order: list[str] = []
        self.reactor.callWhenRunning(order.append, "first")
        self.reactor.callWhenRunning(lambda *a, **kw: order.append(repr((a, kw))), 1, key=2)

        async def scenario() -> None:
            self.reactor.callWhenRunning(order.append, "at once")
            order.append("then")

        self.play(scenario())
        self.assertEqual(order, ["first", "((1,), {'key': 2})", "at once", "then"])

    def test_callWhenRunningCanBeTakenBack(self) -> None:
        calls: list[int] = []
        handle = self.reactor.callWhenRunning(calls.append, 1)
        self.reactor.removeSystemEventTrigger(handle)

        async def scenario() -> None:
            pass

        self.play(scenario())
        self.assertEqual(calls, [])

    def test_callWhenRunningThatRaises(self) -> None:
        self.reactor.callWhenRunning(_raise)

        async def scenario() -> None:
            self.assertLogged(Fault, mention="_raise")

        self.play(scenario())

    def test_runInAThreadWithSignals(self) -> None:
        errors: list[BaseException] = []

        def run() -> None:
            try:
                self.reactor.run()
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(PATIENCE)
        self.assertFalse(thread.is_alive())
        self.assertIsInstance(errors[0], ValueError)
        self.assertIn("installSignalHandlers=False", str(errors[0]))
        self.assertFalse(self.reactor.running)

    def test_runInAThread(self) -> None:
        seen: list[threading.Thread] = []

        def note() -> None:
            seen.append(threading.current_thread())
            self.reactor.stop()

        self.reactor.callWhenRunning(note)
        thread = threading.Thread(target=self.runReactor, args=(self.reactor,))
        thread.start()
        thread.join(PATIENCE)
        self.assertEqual(seen, [thread])


class SystemEventSuite(ReactorSuite):
    """Triggers before, during and after the events of the system."""

    capability = Capability.LIFE
    requires = (IReactorCore,)

    def setUp(self) -> None:
        super().setUp()
        self.order: list[str] = []

    def trigger(
        self, phase: str, event: str = "occasion", f: Callable[..., object] | None = None
    ) -> Any:
        """A trigger that notes its phase, and then calls `f`."""

        def called() -> object:
            self.order.append(phase)
            return f() if f is not None else None

        return self.reactor.addSystemEventTrigger(phase, event, called)

    def test_phases(self) -> None:
        for phase in ("after", "during", "before"):
            self.trigger(phase)
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["before", "during", "after"])

    def test_orderWithinAPhase(self) -> None:
        for name in "abc":
            self.reactor.addSystemEventTrigger("during", "occasion", self.order.append, name)
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["a", "b", "c"])

    def test_argumentsArePassed(self) -> None:
        self.reactor.addSystemEventTrigger(
            "during", "occasion", lambda *a, **kw: self.order.append(repr((a, kw))), 1, key=2
        )
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["((1,), {'key': 2})"])

    def test_firedOnce(self) -> None:
        self.trigger("during")
        self.reactor.fireSystemEvent("occasion")
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["during"])

    def test_eventsAreApart(self) -> None:
        self.trigger("during", "another")
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, [])

    def test_deferredsAreWaitedFor(self) -> None:
        waits = [Deferred[None](), Deferred[None]()]
        for wait in waits:
            self.trigger("before", f=lambda wait=wait: wait)
        self.trigger("during")
        self.reactor.fireSystemEvent("occasion")
        waits[0].callback(None)
        self.assertEqual(self.order, ["before", "before"])
        waits[1].callback(None)
        self.assertEqual(self.order, ["before", "before", "during"])

    def test_failedDeferredIsLoggedAndDoesNotStopTheRest(self) -> None:
        self.trigger("before", f=lambda: fail(Fault("asynchronous")))
        self.trigger("during")
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["before", "during"])
        self.assertLogged(Fault)

    def test_exceptionsAreLoggedAndDoNotStopTheRest(self) -> None:
        for phase in ("before", "before", "during", "during", "after", "after"):
            self.trigger(phase, f=_raise)
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["before"] * 2 + ["during"] * 2 + ["after"] * 2)
        self.assertLogged(Fault, 6, mention="_raise")

    def test_remove(self) -> None:
        handle = self.trigger("before")
        self.trigger("during")
        self.reactor.removeSystemEventTrigger(handle)
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["during"])

    def test_removeTwice(self) -> None:
        handle = self.trigger("during")
        self.reactor.removeSystemEventTrigger(handle)
        self.assertRaises(
            (ValueError, KeyError, TypeError), self.reactor.removeSystemEventTrigger, handle
        )

    def test_removeWhatWasCalled(self) -> None:
        handle = self.trigger("during")
        self.reactor.fireSystemEvent("occasion")
        self.assertRaises(
            (ValueError, KeyError, TypeError), self.reactor.removeSystemEventTrigger, handle
        )

    def test_removeNonsense(self) -> None:
        for nonsense in (None, "trigger", ("before", "occasion", _raise)):
            self.assertRaises(
                (ValueError, KeyError, TypeError), self.reactor.removeSystemEventTrigger, nonsense
            )

    def test_removeItselfFromWithin(self) -> None:
        """As those do that clean up in the very call that says that it is time to."""
        handle = self.trigger("before", f=lambda: self.reactor.removeSystemEventTrigger(handle))
        self.trigger("during")
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["before", "during"])

    def test_systemExitInATriggerDoesNotStopTheRest(self) -> None:
        for phase in ("before", "during", "after"):
            self.trigger(phase, f=lambda: sys.exit("not so fast"))
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["before", "during", "after"])
        self.assertLogged(SystemExit, 3)

    def test_runningWhileItStops(self) -> None:
        """What hears that its connection is lost need not stop the reactor again."""
        seen = []
        for phase in ("before", "during", "after"):
            self.reactor.addSystemEventTrigger(
                phase, "shutdown", lambda: seen.append(self.reactor.running)
            )
        self.reactor.callWhenRunning(self.reactor.stop)
        self.runReactor(self.reactor)
        self.assertEqual(seen, [True, False, False])

    def test_removeALaterOneFromWithin(self) -> None:
        self.trigger("before", f=lambda: self.reactor.removeSystemEventTrigger(later))
        later = self.trigger("before")
        self.trigger("during")
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["before", "during"])

    def test_addFromWithin(self) -> None:
        self.trigger("before", f=lambda: self.trigger("during") and None)
        self.reactor.fireSystemEvent("occasion")
        self.assertEqual(self.order, ["before", "during"])

    def test_unknownPhase(self) -> None:
        error = self.assertRaises(KeyError, self.trigger, "meanwhile")
        self.assertIn("before", str(error))

    def test_notCallable(self) -> None:
        bad: Any = "not a function"
        self.assertRaises(
            (TypeError, AssertionError),
            self.reactor.addSystemEventTrigger,
            "before",
            "occasion",
            bad,
        )

    def test_startupAndShutdown(self) -> None:
        for event in ("startup", "shutdown"):
            for phase in ("before", "during", "after"):
                self.reactor.addSystemEventTrigger(
                    phase, event, self.order.append, f"{phase} {event}"
                )

        async def scenario() -> None:
            await self.turns()
            self.order.append("running")

        self.play(scenario())
        self.assertEqual(
            self.order,
            ["before startup", "during startup", "after startup", "running"]
            + ["before shutdown", "during shutdown", "after shutdown"],
        )

    def test_loopGoesOnWhileShutdownWaits(self) -> None:
        self.trigger("before", "shutdown", lambda: self.after(0.01))
        self.trigger("before", "shutdown", self.turns_)
        self.trigger("after", "shutdown")

        async def scenario() -> None:
            pass

        self.play(scenario())
        self.assertEqual(self.order, ["before", "before", "after"])

    def turns_(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self.turns(3))


class SignalSuite(ReactorSuite):
    """What a running reactor does about the signals that ask a process to end."""

    capability = Capability.SIGNALS
    requires = (IReactorCore,)

    def setUp(self) -> None:
        super().setUp()
        if threading.current_thread() is not threading.main_thread():
            self.skipTest("signals are for the main thread")

    def stopBySignal(self, number: int) -> None:
        fired: list[str] = []
        before = signal.getsignal(number)
        self.reactor.addSystemEventTrigger("before", "shutdown", fired.append, "shutdown")
        self.reactor.callWhenRunning(os.kill, os.getpid(), number)
        self.runReactor(self.reactor, installSignalHandlers=True)
        self.assertEqual(fired, ["shutdown"])
        self.assertFalse(self.reactor.running)
        self.assertIs(signal.getsignal(number), before)

    def test_terminate(self) -> None:
        self.stopBySignal(signal.SIGTERM)

    def test_interrupt(self) -> None:
        previous = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, previous)
        self.stopBySignal(signal.SIGINT)

    def test_signalEndsAWait(self) -> None:
        # No timer and no event: the signal comes while the loop waits in the kernel.
        reactor = self.reactor
        killer = threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGTERM])
        reactor.callWhenRunning(killer.start)
        self.runReactor(reactor, installSignalHandlers=True)
        killer.join()
        self.assertFalse(reactor.running)

    def test_otherHandlersAreRestored(self) -> None:
        def mine(number: int, frame: object) -> None:
            pass

        previous = signal.signal(signal.SIGTERM, mine)
        self.addCleanup(signal.signal, signal.SIGTERM, previous)
        self.reactor.callWhenRunning(self.reactor.stop)
        self.runReactor(self.reactor, installSignalHandlers=True)
        self.assertIs(signal.getsignal(signal.SIGTERM), mine)

    def test_leftAloneWhenNotWanted(self) -> None:
        seen: list[object] = []
        before = signal.getsignal(signal.SIGTERM)

        async def scenario() -> None:
            seen.append(signal.getsignal(signal.SIGTERM))

        self.play(scenario())
        self.assertEqual(seen, [before])

    def test_twiceWhileShutdownWaits(self) -> None:
        # A second signal means that the user will not wait for the shutdown.
        reactor = self.reactor
        never: Deferred[None] = Deferred()
        reactor.addSystemEventTrigger("before", "shutdown", lambda: never)
        reactor.addSystemEventTrigger("before", "shutdown", os.kill, os.getpid(), signal.SIGTERM)
        reactor.callWhenRunning(os.kill, os.getpid(), signal.SIGTERM)
        self.runReactor(reactor, installSignalHandlers=True)
        self.assertFalse(reactor.running)


suites = [LifeSuite, SystemEventSuite, SignalSuite]
