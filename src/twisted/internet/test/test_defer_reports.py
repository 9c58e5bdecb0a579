"""Tests for what is logged about failures that nobody handles, and for debugging."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from twisted.internet import defer
from twisted.internet.defer import (
    AlreadyCalledError,
    Deferred,
    fail,
    succeed,
)
from twisted.internet.test._deferreds import (
    SomeError,
    broken,
    returned,
)
from twisted.logger import LogEvent, LogLevel, globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class Reports(SynchronousTestCase):
    """What is logged about failures that nobody handles."""

    def setUp(self) -> None:
        self.events: list[LogEvent] = []
        globalLogPublisher.addObserver(self.events.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.events.append)

    def reported(self) -> list[Failure]:
        return self.flushLoggedErrors()

    def test_whenCollected(self) -> None:
        """When the Deferred goes, the failure is logged, with its whole traceback."""
        d = succeed("x").addCallback(broken)
        self.assertEqual(self.reported(), [])
        del d
        (f,) = self.reported()
        self.assertIs(f.type, SomeError)
        self.assertIn("in broken", f.getTraceback())

    def test_event(self) -> None:
        fail(SomeError("why"))
        (event,) = self.events
        self.assertEqual(event["log_namespace"], "twisted.internet.defer")
        self.assertEqual(event["log_level"], LogLevel.critical)
        self.assertIn("Unhandled error in Deferred", event["log_format"])
        self.assertIs(event["log_failure"].type, SomeError)
        self.reported()

    def test_withoutCallbacks(self) -> None:
        for _ in range(2):
            fail(SomeError())
        d: Deferred[int] = Deferred()
        d.errback(SomeError())
        del d
        self.assertEqual([f.type for f in self.reported()], [SomeError] * 3)

    def test_handled(self) -> None:
        """What an errback has handled, early or late, is not reported."""
        succeed(1).addCallback(broken).addErrback(returned(None))
        d = fail(SomeError())
        d.addErrback(returned(None))
        del d
        self.assertEqual(self.reported(), [])

    def test_handledAndFailedAgain(self) -> None:
        d: Deferred[Any] = fail(SomeError())
        d.addErrback(returned(None)).addCallback(lambda _: 1 / 0)
        del d
        self.assertEqual([f.type for f in self.reported()], [ZeroDivisionError])

    def test_passedOnByErrback(self) -> None:
        """A failure that an errback returns is unhandled; it is reported once."""
        fail(SomeError()).addErrback(defer.passthru)
        self.assertEqual(len(self.reported()), 1)

    def test_chained(self) -> None:
        """A failure handed on to another Deferred is that one's to report."""
        inner: Deferred[int] = Deferred()
        outer = succeed(1).addCallback(returned(inner))
        inner.errback(SomeError())
        del inner
        self.assertEqual(self.reported(), [])
        del outer
        self.assertEqual(len(self.reported()), 1)

    def test_neverFired(self) -> None:
        d: Deferred[int] = Deferred()
        d.addCallback(broken)
        del d
        self.assertEqual(self.reported(), [])

    def test_logError(self) -> None:
        """The errback logError logs, and passes the failure on."""
        f = Failure(SomeError())
        d = fail(f).addErrback(defer.logError)
        self.assertEqual(len(self.reported()), 1)
        self.assertIs(self.failureResultOf(d), f)

    def test_noDebugInformation(self) -> None:
        fail(SomeError())
        self.assertEqual(self.events[0]["debugInfo"], "")
        self.reported()

    def test_atExit(self) -> None:
        """One that lives until the interpreter ends makes no noise about what is gone by then."""
        program = (
            "from twisted.internet import defer\n"
            "d = defer.fail(ValueError('at the end'))\n"
            "import sys; sys.d = d\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
        )
        self.assertNotIn("Exception ignored", done.stderr)


class Debugging(SynchronousTestCase):
    """setDebugging: Deferreds remember where they came from."""

    def setUp(self) -> None:
        self.addCleanup(defer.setDebugging, defer.getDebugging())
        defer.setDebugging(True)

    def test_switch(self) -> None:
        self.assertTrue(defer.getDebugging())
        self.assertTrue(Deferred.debug)
        defer.setDebugging(False)
        self.assertFalse(defer.getDebugging())
        self.assertFalse(Deferred.debug)

    def createHere(self) -> Deferred[int]:
        return Deferred()

    def fireHere(self, d: Deferred[int]) -> None:
        d.callback(1)
        # The traceback of an error keeps this frame, and thereby what it holds.
        del d

    def test_alreadyCalled(self) -> None:
        """The error tells where it was made, and where it was first fired."""
        d = self.createHere()
        self.fireHere(d)
        text = str(self.assertRaises(AlreadyCalledError, d.callback, 2))
        self.assertIn("in createHere", text)
        self.assertIn("in fireHere", text)
        self.assertLess(text.index("in createHere"), text.index("in fireHere"))

    def test_stacksEndAtTheCaller(self) -> None:
        """They do not go into the functions of this package."""
        d = self.createHere()
        self.fireHere(d)
        lines = str(self.assertRaises(AlreadyCalledError, d.callback, 2)).splitlines()
        self.assertNotIn("_deferred.py", "\n".join(lines))
        self.assertIn("d.callback(1)", lines[-1])

    def test_report(self) -> None:
        events: list[LogEvent] = []
        globalLogPublisher.addObserver(events.append)
        self.addCleanup(globalLogPublisher.removeObserver, events.append)
        d = self.createHere()
        d.addCallback(broken)
        self.fireHere(d)
        del d
        (event,) = events
        self.assertIn("in createHere", event["debugInfo"])
        self.assertIn("in fireHere", event["debugInfo"])
        (f,) = self.flushLoggedErrors(SomeError)
        self.assertIn("fireHere", [frame[0] for frame in f.stack])

    def test_succeedAndFail(self) -> None:
        self.assertEqual(self.successResultOf(succeed(1)), 1)
        self.failureResultOf(fail(SomeError()), SomeError)

    def test_coroutine(self) -> None:
        """The error of a coroutine tells who had stepped it."""

        async def work(d: Deferred[int]) -> None:
            await d
            raise SomeError

        d: Deferred[int] = Deferred()
        result = Deferred.fromCoroutine(work(d))
        self.fireHere(d)
        f = self.failureResultOf(result, SomeError)
        self.assertEqual([frame[0] for frame in f.frames], ["work"])

    def test_switchedOnLate(self) -> None:
        """A Deferred from before knows at least where it was fired."""
        defer.setDebugging(False)
        d = self.createHere()
        defer.setDebugging(True)
        self.fireHere(d)
        text = str(self.assertRaises(AlreadyCalledError, d.callback, 2))
        self.assertIn("in fireHere", text)
        self.assertNotIn("in createHere", text)

    def test_off(self) -> None:
        """Without debugging the error says how to get more."""
        defer.setDebugging(False)
        d = self.createHere()
        self.fireHere(d)
        text = str(self.assertRaises(AlreadyCalledError, d.callback, 2))
        self.assertIn("setDebugging(True)", text)
        self.assertNotIn("createHere", text)
