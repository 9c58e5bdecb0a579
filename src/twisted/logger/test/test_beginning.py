"""Tests for the beginning of a program's log."""

from __future__ import annotations

import io
import sys
import warnings
from types import SimpleNamespace
from typing import Any

from twisted.logger import (
    LogBeginner,
    LogEvent,
    Logger,
    LoggingFile,
    LogLevel,
    LogPublisher,
    formatEvent,
    globalLogBeginner,
)
from twisted.logger._beginning import INITIAL_BUFFER_SIZE
from twisted.trial.unittest import SynchronousTestCase


class BeginnerTests(SynchronousTestCase):
    """`LogBeginner`."""

    def setUp(self) -> None:
        self.publisher = LogPublisher()
        self.stderr = io.StringIO()
        self.stdio = SimpleNamespace(stdout=object(), stderr=object())
        self.warned: list[tuple[Any, ...]] = []
        self.warnings = SimpleNamespace(showwarning=lambda *args: self.warned.append(args))
        self.beginner = self.make()
        self.logger = Logger("n", observer=self.publisher)
        self.told: list[LogEvent] = []

    def make(self, **kw: Any) -> LogBeginner:
        return LogBeginner(self.publisher, self.stderr, self.stdio, self.warnings, **kw)

    def formats(self) -> list[str]:
        return [event["log_format"] for event in self.told]

    def test_replay(self) -> None:
        """What was logged before is shown to the observers first."""
        self.logger.debug("before")
        self.beginner.beginLoggingTo([self.told.append])
        self.logger.info("after")
        self.assertEqual(self.formats(), ["before", "after"])

    def test_discard(self) -> None:
        """Unless that is not wanted."""
        self.logger.info("before")
        self.beginner.beginLoggingTo([self.told.append], discardBuffer=True)
        self.logger.info("after")
        self.assertEqual(self.formats(), ["after"])

    def test_iterator(self) -> None:
        """The observers may come from an iterator."""
        self.logger.info("before")
        self.beginner.beginLoggingTo(iter([self.told.append]))
        self.logger.info("after")
        self.assertEqual(self.formats(), ["before", "after"])

    def test_limit(self) -> None:
        """Only the last events are kept."""
        for number in range(INITIAL_BUFFER_SIZE + 5):
            self.logger.info(str(number))
        self.beginner.beginLoggingTo([self.told.append])
        self.assertEqual(len(self.told), INITIAL_BUFFER_SIZE)
        self.assertEqual(self.told[0]["log_format"], "5")

    def test_limitGiven(self) -> None:
        """How many can be chosen."""
        self.publisher.removeObserver(self.beginner._temporary)
        beginner = self.make(initialBufferSize=1)
        self.logger.info("1")
        self.logger.info("2")
        beginner.beginLoggingTo([self.told.append])
        self.assertEqual(self.formats(), ["2"])

    def test_critical(self) -> None:
        """Until then critical events are written to standard error, with tracebacks."""
        self.logger.error("an error")
        self.logger.critical("critical")
        try:
            raise ValueError("oh")
        except ValueError:
            self.logger.failure("a failure")
        written = self.stderr.getvalue()
        self.assertTrue(written.startswith("critical\na failure\nTraceback"), written)
        self.assertTrue(written.endswith("ValueError: oh\n"), written)
        self.assertEqual(written.count("oh\n"), 1)

    def test_criticalAfterwards(self) -> None:
        """Later they are not."""
        self.beginner.beginLoggingTo([self.told.append])
        self.logger.critical("critical")
        self.assertEqual(self.stderr.getvalue(), "")

    def test_brokenObserver(self) -> None:
        """An observer that raises while it is shown the past does not keep the others from it."""

        def broken(event: LogEvent) -> None:
            raise ValueError("broken")

        self.logger.info("before")
        self.beginner.beginLoggingTo([broken, self.told.append])
        self.assertIn("before", self.formats())

    def test_notCallable(self) -> None:
        """An observer that cannot be called is refused."""
        self.assertRaises(TypeError, self.beginner.beginLoggingTo, [5])

    def test_twice(self) -> None:
        """Beginning again adds observers, and warns with the places of both calls."""
        line = sys._getframe().f_lineno
        self.beginner.beginLoggingTo([self.told.append])
        more: list[LogEvent] = []
        self.beginner.beginLoggingTo([more.append])
        self.assertEqual(self.told, more)
        (event,) = self.told
        self.assertIs(event["log_level"], LogLevel.warn)
        self.assertIn(
            f"twice at <{__file__}:{line + 3}> - previously selected at <{__file__}:{line + 1}>",
            formatEvent(event),
        )

    def test_redirect(self) -> None:
        """What is printed becomes events."""
        self.beginner.beginLoggingTo([self.told.append])
        print("out", file=self.stdio.stdout)
        print("err", file=self.stdio.stderr)
        self.assertEqual(
            [(event["log_namespace"], event["log_level"], event["log_io"]) for event in self.told],
            [("stdout", LogLevel.info, "out"), ("stderr", LogLevel.error, "err")],
        )

    def test_redirectKeepsEncoding(self) -> None:
        """Bytes are decoded as the streams would have encoded them."""
        self.stdio.stdout = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
        self.beginner.beginLoggingTo([self.told.append])
        self.stdio.stdout.write(b"gr\xfcn\n")
        self.assertEqual(self.told[0]["log_io"], "gr\u00fcn")

    def test_noRedirect(self) -> None:
        """Unless that is not wanted."""
        stdout = self.stdio.stdout
        self.beginner.beginLoggingTo([], redirectStandardIO=False)
        self.assertIs(self.stdio.stdout, stdout)
        self.assertNotIsInstance(self.stdio.stderr, LoggingFile)

    def test_warnings(self) -> None:
        """Warnings become events."""
        self.beginner.beginLoggingTo([self.told.append])
        self.warnings.showwarning(DeprecationWarning("old"), DeprecationWarning, "f.py", 7)
        (event,) = self.told
        self.assertIs(event["log_level"], LogLevel.warn)
        self.assertEqual(formatEvent(event), "f.py:7: builtins.DeprecationWarning: old")
        self.assertEqual((event["filename"], event["lineno"]), ("f.py", 7))

    def test_warningsBefore(self) -> None:
        """Before, they go where they always did."""
        self.warnings.showwarning("x")
        self.assertEqual(self.warned, [("x",)])

    def test_warningsForFile(self) -> None:
        """A warning that is meant for a file goes there."""
        self.beginner.beginLoggingTo([self.told.append])
        file = io.StringIO()
        self.beginner.showwarning("old", DeprecationWarning, "f.py", 7, file)
        self.assertEqual(self.told, [])
        self.assertEqual(self.warned, [("old", DeprecationWarning, "f.py", 7, file, None)])

    def test_realWarnings(self) -> None:
        """So does the real module, when it is told."""
        beginner = LogBeginner(self.publisher, self.stderr, self.stdio, warnings)
        self.patch(warnings, "showwarning", warnings.showwarning)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            beginner.beginLoggingTo([self.told.append], discardBuffer=True)
            warnings.warn("real", stacklevel=1)
        self.assertIn("UserWarning: real", formatEvent(self.told[0]))

    def test_global(self) -> None:
        """The program has one."""
        self.assertIsInstance(globalLogBeginner, LogBeginner)
