"""One run of a suite: in its folder, with its log, told to its reporter."""

from __future__ import annotations

import contextlib
import os
import pdb  # noqa: T100  # running tests in it is an option
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from twisted.python import log
from twisted.python.failure import Failure
from twisted.trial import util
from twisted.trial._asyncrunner import ForcedGarbageCollection, decorate, eachTest
from twisted.trial._interrupts import handling
from twisted.trial.reporter import TreeReporter, UncleanWarningsReporterWrapper
from twisted.trial.reporter._progress import Progress, RightOfCursor, movesItsCursor
from twisted.trial.reporter._wrappers import ExitFirst
from twisted.trial.runner._exit import refusingToExit
from twisted.trial.runner._folder import DEFAULT_FOLDER, CannotRun, workingIn
from twisted.trial.runner._suites import NOT_IN_TEST, LoggedSuite, TestHolder, TrialSuite


class Debugger(Protocol):
    """What runs the tests in debug mode."""

    def runcall(self, f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any: ...


class Interrupted(Exception):
    """The run was stopped before its last test."""


class TrialRunner:
    """Runs suites.

    Args:
        reporterFactory: Makes a reporter of a stream, a traceback format, whether
            tracebacks are wanted at once, and a log publisher.
        mode: None, `DEBUG` or `DRY_RUN`.
        logfile: The file for the log, in the folder of the run; ``-`` is standard
            output.
        stream: Where the reporter writes.
        profile: Whether to profile the run, into ``profile.data``.
        tracebackFormat: ``default``, ``brief`` or ``verbose``.
        realTimeErrors: Whether to show tracebacks at once.
        uncleanWarnings: Whether an unclean reactor is a warning, not an error.
        workingDirectory: The folder to make and run in; ``_trial_temp`` by default.
        forceGarbageCollection: Whether to collect garbage around each test.
        debugger: What runs the tests in debug mode.
        exitFirst: Whether the first failure ends the run.
        log: The module, or what has its functions, that the log goes through.
    """

    __module__ = "twisted.trial.runner"

    DEBUG = "debug"
    DRY_RUN = "dry-run"

    reporterFactory: Callable[..., Any] = TreeReporter
    mode: str | None = None
    logfile: str = "test.log"
    stream: Any = None
    profile: bool = False
    tbformat: str = "default"
    rterrors: bool = False
    uncleanWarnings: bool = False
    workingDirectory: str = DEFAULT_FOLDER
    debugger: Debugger | None = None

    def __init__(
        self,
        reporterFactory: Callable[..., Any],
        mode: str | None = None,
        logfile: str = "test.log",
        stream: Any = sys.stdout,
        profile: bool = False,
        tracebackFormat: str = "default",
        realTimeErrors: bool = False,
        uncleanWarnings: bool = False,
        workingDirectory: str | None = None,
        forceGarbageCollection: bool = False,
        debugger: Debugger | None = None,
        exitFirst: bool = False,
        log: Any = log,
    ) -> None:
        self.reporterFactory = reporterFactory
        self.mode = mode
        self.logfile = logfile
        self.stream = stream
        self.profile = profile
        self.tbformat = tracebackFormat
        self.rterrors = realTimeErrors
        self.uncleanWarnings = uncleanWarnings
        self.workingDirectory = workingDirectory or DEFAULT_FOLDER
        self.debugger = debugger
        self._forceGarbageCollection = forceGarbageCollection
        self._exitFirst = exitFirst
        self._log = log

    def _makeResult(self, total: int) -> Any:
        stream = self.stream
        onTerminal = self.mode != self.DEBUG and movesItsCursor(stream)
        if onTerminal:
            stream = RightOfCursor(stream)
        reporter = self.reporterFactory(stream, self.tbformat, self.rterrors, self._log)
        if onTerminal:
            reporter = Progress(reporter, stream, total)
        if self._exitFirst:
            reporter = ExitFirst(reporter)
        if self.uncleanWarnings:
            reporter = UncleanWarningsReporterWrapper(reporter)
        return reporter

    @contextlib.contextmanager
    def _logStream(self) -> Iterator[Any]:
        if self.logfile == "-":
            yield sys.stdout
            return
        folder = os.path.dirname(self.logfile)
        try:
            if folder:
                os.makedirs(folder, exist_ok=True)
            stream = open(self.logfile, "a", encoding="utf-8")  # noqa: SIM115  # see below
        except OSError as error:
            raise CannotRun(f"the log cannot be written: {error}") from error
        with stream:
            yield stream

    @contextlib.contextmanager
    def _logging(self) -> Iterator[None]:
        with self._logStream() as stream:
            observer = log.FileLogObserver(stream)
            self._log.startLoggingWithObserver(observer.emit, False)
            try:
                yield
            finally:
                self._log.removeObserver(observer.emit)

    def run(self, test: Any) -> Any:
        """Run a test or suite once.

        Returns:
            The reporter, whose `wasSuccessful` tells what came of it.
        """
        with workingIn(self.workingDirectory), self._logging():
            result = self._runOnce(self._wrapped(test))
            result.done()
            return result

    def runUntilFailure(self, test: Any) -> Any:
        """Run a test or suite again and again, until something fails.

        Returns:
            The reporter of the last run.
        """
        if self._forceGarbageCollection:
            test = decorate(test, ForcedGarbageCollection)
        suite = LoggedSuite([test])
        passes = 0
        with workingIn(self.workingDirectory), self._logging():
            while True:
                passes += 1
                self._say(f"Test Pass {passes}\n")
                result = self._runOnce(suite)
                if result.testsRun == 0 or not result.wasSuccessful() or result.shouldStop:
                    # Nothing but the end of the reactor, which is part of what is told.
                    TrialSuite().run(result)
                    result.done()
                    return result
                result.done()

    def _wrapped(self, test: Any) -> Any:
        return TrialSuite([LoggedSuite([test])], self._forceGarbageCollection)

    def _say(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()

    def _runOnce(self, suite: Any) -> Any:
        total = suite.countTestCases()
        result = self._makeResult(total)
        try:
            with self._guarded(result, total):
                self._runWith(suite, result)
        except KeyboardInterrupt:
            # Our own test cases report it themselves; others let it through.
            result.stop()
            result.addError(TestHolder(NOT_IN_TEST), Failure())
        return result

    @contextlib.contextmanager
    def _guarded(self, result: Any, total: int) -> Iterator[None]:
        """Let no test end the run; let the user end it after a test."""
        if self.mode == self.DEBUG:
            # The debugger has a use for Ctrl-C, and its user for os._exit.
            yield
            return
        with handling(result.stop) as interrupts, refusingToExit():
            yield
        if interrupts.seen and result.testsRun < total:
            reason = f"Ctrl-C, after {result.testsRun} of {total} tests"
            result.addError(TestHolder(NOT_IN_TEST), Failure(Interrupted(reason)))

    def _runWith(self, suite: Any, result: Any) -> None:
        if self.mode == self.DRY_RUN:
            for each in eachTest(suite):
                result.startTest(each)
                result.addSuccess(each)
                result.stopTest(each)
        elif self.mode == self.DEBUG:
            total = suite.countTestCases()
            ended = (self.debugger or pdb.Pdb()).runcall(suite.run, result)
            if ended is None and result.testsRun < total:
                reason = f"the debugger was left, after {result.testsRun} of {total} tests"
                result.addError(TestHolder(NOT_IN_TEST), Failure(Interrupted(reason)))
        elif self.profile:
            util.profiled(suite.run, "profile.data")(result)
        else:
            suite.run(result)
