"""Tests for the reactor in a run loop of CoreFoundation, on a fake of that."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from twisted.internet import cfreactor
from twisted.internet.cfreactor import CFReactor
from twisted.internet.test._everysuite import EVERY_SUITE
from twisted.internet.test._fakecf import FakeFramework
from twisted.internet.test.conformance import ReactorSuite, casesFor, mixing
from twisted.trial.unittest import SynchronousTestCase

suites = [*EVERY_SUITE, *mixing.ridingSuites]


class FakeCFReactor(CFReactor):
    """The reactor in a run loop that is not Apple's; the framework is its attribute."""

    testedWith = "a fake of CoreFoundation"

    def __init__(self, **options: Any) -> None:
        self.framework = FakeFramework()
        super().__init__(framework=self.framework, **options)


globals().update(casesFor(suites, {"CF": FakeCFReactor}, __name__))


class RunLoopTests(ReactorSuite):
    """The run loop, and who runs it."""

    reactorFactory = FakeCFReactor

    def test_nothingLeft(self) -> None:
        """The run loop may outlive the reactor."""
        framework: FakeFramework = self.reactor.framework  # type: ignore[attr-defined]  # of the fake

        async def scenario() -> None:
            await self.turns(3)
            # So that dialogs and menus do not hold it up.
            self.assertEqual([mode for _, mode in framework.loop.sources], ["common"])

        self.play(scenario())
        self.assertEqual((framework.loop.sources, framework.loop.timers), ([], []))

    def test_withinAnother(self) -> None:
        """A loop that a callback runs does not hold the reactor up, nor keep it from its end."""
        framework: FakeFramework = self.reactor.framework  # type: ignore[attr-defined]  # of the fake
        seen: list[str] = []

        def dialog() -> None:
            self.reactor.callLater(0.001, self.reactor.stop)
            self.reactor.addSystemEventTrigger("after", "shutdown", seen.append, "stopped")
            framework.CFRunLoopRun()
            seen.append("answered")

        self.reactor.callWhenRunning(
            framework.CFRunLoopAddTimer,
            framework.loop,
            framework.CFRunLoopTimerCreate(None, 0, 0, 0, 0, lambda timer, info: dialog(), None),
            "common",
        )
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["stopped", "answered"])


class RunnerTests(ReactorSuite):
    """A runner that is given, such as that of an application."""

    reactorFactory = FakeCFReactor

    def test_runner(self) -> None:
        calls: list[str] = []
        framework = FakeFramework()

        def runner() -> None:
            calls.append("run")
            framework.CFRunLoopRun()

        def stopper() -> None:
            calls.append("stop")
            framework.CFRunLoopStop(framework.loop)

        reactor: Any = CFReactor(framework.loop, runner, stopper, framework)
        reactor.callLater(0.001, reactor.stop)
        self.runReactor(reactor)
        self.assertEqual(calls, ["run", "stop"])

    def test_applicationEnds(self) -> None:
        """An application that ends its loop itself stops the reactor."""
        calls: list[str] = []
        framework = FakeFramework()
        reactor: Any = CFReactor(framework=framework)
        reactor.addSystemEventTrigger("during", "shutdown", calls.append, "shutdown")
        end: Callable[[Any], None] = framework.CFRunLoopStop
        reactor.callLater(0.001, end, framework.loop)
        self.runReactor(reactor)
        self.assertEqual(calls, ["shutdown"])


class PlatformTests(SynchronousTestCase):
    """Where it is not."""

    def test_elsewhere(self) -> None:
        if sys.platform == "darwin":
            self.skipTest("this is where it belongs")
        refused = self.assertRaises(ImportError, cfreactor.install)
        self.assertIn("PyObjC", str(refused))
