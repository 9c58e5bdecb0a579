"""Running suites: the folder, the log, the modes."""

from __future__ import annotations

import io
import os
import pstats
import sys
import unittest as pyunit
from collections.abc import Callable
from typing import Any

from twisted.python import log
from twisted.python.lockfile import FilesystemLock
from twisted.trial import reporter, runner, unittest
from twisted.trial._synctest import TRIAL_MARKER
from twisted.trial.runner import _folder, _suites


class _Log:
    """What the runner uses of the log, without being the log of the process."""

    def __init__(self) -> None:
        self.observers: list[Callable[[Any], object]] = []
        self.began = 0

    def startLoggingWithObserver(self, observer: Callable[[Any], object], setStdout: bool) -> None:
        self.began += 1
        self.addObserver(observer)

    def addObserver(self, observer: Callable[[Any], object]) -> None:
        self.observers.append(observer)
        log.addObserver(observer)

    def removeObserver(self, observer: Callable[[Any], object]) -> None:
        self.observers.remove(observer)
        log.removeObserver(observer)


class _Sample(unittest.SynchronousTestCase):
    """Not named as tests are."""

    seen: list[str] = []

    def good(self) -> None:
        log.msg("a line of the log")
        self.seen.append(os.getcwd())

    def bad(self) -> None:
        self.seen.append("bad")
        self.fail("no")

    def sometimes(self) -> None:
        self.seen.append("x")
        self.assertLess(len(self.seen), 3)


class _RunnerCase(unittest.SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = os.path.abspath(self.mktemp())
        self.stream = io.StringIO()
        self.log = _Log()
        self.patch(_Sample, "seen", [])
        self.patch(_suites, "reactorIfInstalled", lambda: None)
        before = os.getcwd()
        self.addCleanup(lambda: self.assertEqual(os.getcwd(), before))

    def runner(self, **options: Any) -> runner.TrialRunner:
        options = {"stream": self.stream, "workingDirectory": self.folder, **options}
        return runner.TrialRunner(reporter.VerboseTextReporter, log=self.log, **options)

    def read(self, name: str) -> str:
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()


class RunnerTests(_RunnerCase):
    """`TrialRunner`."""

    def test_run(self) -> None:
        result = self.runner().run(_Sample("good"))
        self.assertTrue(result.wasSuccessful())
        self.assertTrue(self.stream.getvalue().endswith("PASSED (successes=1)\n"))

    def test_failure(self) -> None:
        self.assertFalse(self.runner().run(_Sample("bad")).wasSuccessful())

    def test_folder(self) -> None:
        """Tests run in the folder, which stays, with the marker, when they are done."""
        self.runner().run(_Sample("good"))
        self.assertEqual(_Sample.seen, [os.path.realpath(self.folder)])
        self.assertIn(TRIAL_MARKER, os.listdir(self.folder))
        self.assertFalse(os.path.lexists(self.folder + ".lock"))

    def test_log(self) -> None:
        self.runner().run(_Sample("good"))
        self.assertIn("a line of the log", self.read("test.log"))
        self.assertEqual((self.log.began, self.log.observers), (1, []))

    def test_logElsewhere(self) -> None:
        self.runner(logfile=os.path.join("logs", "mine.log")).run(_Sample("good"))
        self.assertIn("a line of the log", self.read(os.path.join("logs", "mine.log")))

    def test_logToStandardOutput(self) -> None:
        stdout = io.StringIO()
        self.patch(sys, "stdout", stdout)
        self.runner(logfile="-").run(_Sample("good"))
        self.assertIn("a line of the log", stdout.getvalue())
        self.assertEqual(os.listdir(self.folder), [TRIAL_MARKER])

    def test_dryRun(self) -> None:
        """Every test passes, and none is run."""
        suite = unittest.TestSuite([_Sample("bad"), unittest.TestSuite([_Sample("bad")])])
        result = self.runner(mode=runner.TrialRunner.DRY_RUN).run(suite)
        self.assertEqual((result.testsRun, result.successes), (2, 2))
        self.assertEqual(_Sample.seen, [])

    def test_debug(self) -> None:
        """The tests run in the debugger."""
        calls: list[Any] = []

        class Debugger:
            def runcall(self, function: Any, *args: Any, **kwargs: Any) -> Any:
                calls.append(args)
                return function(*args, **kwargs)

        result = self.runner(mode="debug", debugger=Debugger()).run(_Sample("good"))
        self.assertEqual(calls, [(result,)])
        self.assertEqual(result.successes, 1)

    def test_profile(self) -> None:
        self.runner(profile=True).run(_Sample("good"))
        stats = pstats.Stats(os.path.join(self.folder, "profile.data"), stream=io.StringIO())
        self.assertTrue(any(name == "good" for _, _, name in stats.stats))  # type: ignore[attr-defined]  # not in the stubs

    def test_exitFirst(self) -> None:
        suite = unittest.TestSuite([_Sample("good"), _Sample("bad"), _Sample("good")])
        self.assertEqual(self.runner(exitFirst=True).run(suite).testsRun, 2)

    def test_uncleanWarnings(self) -> None:
        result = self.runner(uncleanWarnings=True).run(_Sample("good"))
        self.assertIsInstance(result, reporter.UncleanWarningsReporterWrapper)

    def test_tracebackFormat(self) -> None:
        self.runner(tracebackFormat="brief").run(_Sample("bad"))
        self.assertIn(f"{__file__}:", self.stream.getvalue())

    def test_interrupt(self) -> None:
        """Ctrl-C in a plain test case ends the run, with its summary."""

        class Plain(pyunit.TestCase):
            def runTest(self) -> None:
                raise KeyboardInterrupt

        result = self.runner().run(unittest.TestSuite([Plain(), _Sample("good")]))
        self.assertEqual(result.testsRun, 1)
        self.assertFalse(result.wasSuccessful())
        self.assertTrue(self.stream.getvalue().endswith("FAILED (errors=1)\n"))

    def test_untilFailure(self) -> None:
        result = self.runner().runUntilFailure(_Sample("sometimes"))
        self.assertEqual(len(_Sample.seen), 3)
        self.assertFalse(result.wasSuccessful())
        self.assertIn("Test Pass 3\n", self.stream.getvalue())
        self.assertNotIn("Test Pass 4", self.stream.getvalue())

    def test_untilFailureWithoutTests(self) -> None:
        """It ends."""
        self.assertEqual(self.runner().runUntilFailure(unittest.TestSuite()).testsRun, 0)

    def test_forcedCollection(self) -> None:
        result = self.runner(forceGarbageCollection=True).run(_Sample("good"))
        self.assertTrue(result.wasSuccessful())
        result = self.runner(forceGarbageCollection=True).runUntilFailure(_Sample("bad"))
        self.assertEqual(result.testsRun, 1)


class FolderTests(_RunnerCase):
    """The folder that tests run in."""

    def enter(self, folder: str) -> str:
        with _folder.workingIn(folder) as path:
            return path

    def test_emptied(self) -> None:
        path = self.enter(self.folder)
        with open(os.path.join(path, "left over"), "wb"):
            pass
        self.enter(self.folder)
        self.assertEqual(os.listdir(self.folder), [TRIAL_MARKER])

    def test_notOurs(self) -> None:
        """A folder that trial has not made is not removed."""
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, "precious"), "wb"):
            pass
        error = self.assertRaises(runner.CannotRun, self.enter, self.folder)
        self.assertIn("--temp-directory", str(error))
        self.assertEqual(os.listdir(self.folder), ["precious"])
        self.assertFalse(os.path.lexists(self.folder + ".lock"))

    def test_busy(self) -> None:
        """One that was asked for by name, and that another run uses, is an error."""
        lock = FilesystemLock(self.folder + ".lock")
        lock.lock()
        self.addCleanup(lock.unlock)
        error = self.assertRaises(runner.CannotRun, self.enter, self.folder)
        self.assertIn("in use by another run", str(error))

    def test_defaultBusy(self) -> None:
        """Beside the default one, when it is in use, another is made."""
        default = os.path.join(self.folder, "_trial_temp")
        with _folder.workingIn(default) as first, _folder.workingIn(default) as second:
            self.assertEqual(os.path.basename(first), "_trial_temp")
            self.assertEqual(os.path.basename(second), "_trial_temp-1")
            self.assertEqual(os.getcwd(), second)
        with _folder.workingIn(default) as third:
            self.assertEqual(third, first)

    def test_error(self) -> None:
        """The lock and the working directory are given back."""
        with self.assertRaises(ValueError), _folder.workingIn(self.folder):
            raise ValueError
        self.assertFalse(os.path.lexists(self.folder + ".lock"))
