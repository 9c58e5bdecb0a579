"""Tests for the observers of the documented front of the log, and for how they are set up."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from twisted.logger import (
    LogBeginner,
    LogEvent,
    Logger,
    formatEvent,
    textFileLogObserver,
)
from twisted.logger import LogPublisher as NewPublisher
from twisted.logger.test.test_text import setZone
from twisted.python import log
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class FileObserverTests(SynchronousTestCase):
    """`log.FileLogObserver`."""

    def setUp(self) -> None:
        setZone(self, "UTC")
        self.file = io.StringIO()
        self.observer = log.FileLogObserver(self.file)

    def emit(self, text: str, **kw: Any) -> str:
        self.observer.emit({"message": (text,), "isError": 0, "time": 1199188800,
                            "system": "Echo,3,127.0.0.1", **kw})  # fmt: skip
        entry = self.file.getvalue()
        self.file.truncate(0)
        self.file.seek(0)
        return entry

    def test_entry(self) -> None:
        """An entry has the documented form."""
        self.assertEqual(self.emit("hello"), "2008-01-01 12:00:00+0000 [Echo,3,127.0.0.1] hello\n")

    def test_lines(self) -> None:
        """Further lines are indented; control characters are shown escaped."""
        entry = self.emit("a\nb\r\n2008-01-01 12:00:00+0000 [x] forged\x1b[2J")
        first, second, third = entry.splitlines()
        self.assertTrue(first.endswith("] a"))
        self.assertEqual(second, "\tb\\r")
        self.assertEqual(third, "\t2008-01-01 12:00:00+0000 [x] forged\\x1b[2J")

    def test_forgedSystem(self) -> None:
        """So it is for the name of who speaks."""
        entry = self.emit("x", system="a\nb\rc")
        self.assertEqual(entry, "2008-01-01 12:00:00+0000 [a\n\tb\\rc] x\n")

    def test_noText(self) -> None:
        """An event without text is not written."""
        self.assertEqual(self.emit("", message=()), "")

    def test_failure(self) -> None:
        """A failure is written with its traceback."""
        entry = self.emit("", isError=1, failure=Failure(ValueError("oh")), why="why")
        self.assertIn("] why\n\tTraceback (most recent call last):\n\t", entry)
        self.assertTrue(entry.endswith("ValueError: oh\n"), entry)

    def test_zones(self) -> None:
        """Times are local, with the offset; the offset is positive to the west."""
        for zone, offset, text in (
            ("UTC", 0, "2008-01-01 12:00:00+0000"),
            ("EST5", 18000, "2008-01-01 07:00:00-0500"),
            ("IST-5:30", -19800, "2008-01-01 17:30:00+0530"),
            ("NST3:30", 12600, "2008-01-01 08:30:00-0330"),
        ):
            setZone(self, zone)
            self.assertEqual(self.observer.getTimezoneOffset(1199188800), offset)
            self.assertEqual(self.observer.formatTime(1199188800.7), text)

    def test_summer(self) -> None:
        """The offset is that of the time in question."""
        setZone(self, "CET-1CEST,M3.5.0,M10.5.0/3")
        self.assertEqual(self.observer.formatTime(1199188800), "2008-01-01 13:00:00+0100")
        self.assertEqual(self.observer.formatTime(1214913600), "2008-07-01 14:00:00+0200")

    def test_timeFormat(self) -> None:
        """The form of the time can be chosen."""
        self.observer.timeFormat = "%Y/%m %f"
        self.assertEqual(self.emit("x", time=1199188800.5)[:14], "2008/01 500000")

    def test_ownOffset(self) -> None:
        """A subclass may have another idea of the offset."""

        class Elsewhere(log.FileLogObserver):
            def getTimezoneOffset(self, when: float) -> int:
                return 3600

        observer = Elsewhere(self.file)
        self.assertEqual(observer.formatTime(1199188800), "2008-01-01 11:00:00-0100")

    def test_bytesFile(self) -> None:
        """The file may be one for bytes."""
        file = io.BytesIO()
        log.FileLogObserver(file).emit(
            {"message": ("gr\u00fcn",), "isError": 0, "time": 0, "system": "-"}
        )
        self.assertEqual(file.getvalue(), "1970-01-01 00:00:00+0000 [-] gr\u00fcn\n".encode())

    def test_startAndStop(self) -> None:
        """It can add and remove itself."""
        self.observer.start()
        log.msg("one")
        Logger().info("two")
        self.observer.stop()
        log.msg("three")
        lines = self.file.getvalue().splitlines()
        self.assertEqual([line.split("] ")[1] for line in lines], ["one", "two"])


class Keeper(logging.Handler):
    """A handler that keeps its records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class PythonLoggingTests(SynchronousTestCase):
    """`log.PythonLoggingObserver`."""

    def setUp(self) -> None:
        self.keeper = Keeper()
        self.standard = logging.getLogger(f"test.{self.id()}")
        self.standard.addHandler(self.keeper)
        self.standard.setLevel(logging.DEBUG)
        self.standard.propagate = False
        self.addCleanup(self.standard.removeHandler, self.keeper)
        observer = log.PythonLoggingObserver(self.standard.name)
        observer.start()
        self.addCleanup(observer.stop)

    def levels(self) -> list[int]:
        return [record.levelno for record in self.keeper.records]

    def test_levels(self) -> None:
        """Messages are information and errors are errors, unless `logLevel` says otherwise."""
        log.msg("x")
        log.err("x")
        log.err(Failure(ValueError("oh")))
        self.flushLoggedErrors(ValueError)
        log.msg("x", logLevel=logging.CRITICAL)
        log.msg("x", logLevel=logging.DEBUG)
        log.msg("x", logLevel=35)
        log.err("x", logLevel=logging.WARNING)
        self.assertEqual(
            self.levels(),
            [logging.INFO, logging.ERROR, logging.ERROR, logging.CRITICAL, logging.DEBUG, 35,
             logging.WARNING],
        )  # fmt: skip

    def test_newEvents(self) -> None:
        """The events of a `Logger` have their own levels."""
        Logger().warn("x")
        Logger().critical("x")
        self.assertEqual(self.levels(), [logging.WARNING, logging.CRITICAL])

    def test_record(self) -> None:
        """A record has the text, and the place that logged it."""
        line = sys._getframe().f_lineno + 1
        log.msg("100%", "x")
        (record,) = self.keeper.records
        self.assertEqual(record.getMessage(), "100% x")
        self.assertEqual((record.pathname, record.lineno), (__file__, line))
        self.assertEqual(record.funcName, "test_record")

    def test_placeOfError(self) -> None:
        """So it has for errors."""
        log.err("x")
        self.assertEqual(self.keeper.records[0].funcName, "test_placeOfError")

    def test_failure(self) -> None:
        """A failure is the exception of the record."""
        log.err(Failure(ValueError("oh")), "while testing")
        self.flushLoggedErrors(ValueError)
        text = logging.Formatter().format(self.keeper.records[0])
        self.assertTrue(text.startswith("while testing\n"))
        self.assertTrue(text.endswith("ValueError: oh"))

    def test_nothing(self) -> None:
        """An event without text, or that is not wanted, gives no record."""
        log.msg()
        self.standard.setLevel(logging.ERROR)
        log.msg("x")
        self.assertEqual(self.keeper.records, [])

    def test_defaultName(self) -> None:
        """By default the standard logger is `twisted`."""
        self.assertEqual(log.PythonLoggingObserver().logger.name, "twisted")


class StartLoggingTests(SynchronousTestCase):
    """`startLogging`, with a beginning of its own."""

    def setUp(self) -> None:
        self.publisher = NewPublisher()
        self.stdio = SimpleNamespace(stdout=io.StringIO(), stderr=io.StringIO())
        self.warnings = SimpleNamespace(showwarning=lambda *args: None)
        self.beginner = LogBeginner(self.publisher, self.stdio.stderr, self.stdio, self.warnings)
        front = log.LogPublisher(self.publisher, self.publisher, self.beginner)
        self.patch(log, "theLogPublisher", front)
        self.patch(log, "msg", front.msg)
        self.front = front
        self.file = io.StringIO()

    def lines(self) -> list[str]:
        return [line.partition("] ")[2] for line in self.file.getvalue().splitlines()]

    def test_opened(self) -> None:
        """The log says that it was opened; what came before is discarded."""
        log.msg("before")
        observer = log.startLogging(self.file)
        log.msg("after")
        self.assertIsInstance(observer, log.FileLogObserver)
        self.assertEqual(self.lines(), ["Log opened.", "after"])

    def test_errorsBefore(self) -> None:
        """Errors that came before were written to standard error."""
        stderr = self.stdio.stderr
        log.err(ValueError("oh"), "why")
        log.err("other")
        log.msg("no error")
        written = stderr.getvalue()
        self.assertTrue(written.startswith("why\nTraceback"), written)
        self.assertTrue(written.endswith("ValueError: oh\n'other'\n"), written)
        log.startLogging(self.file)
        log.err("later")
        self.assertNotIn("later", stderr.getvalue())
        self.assertIn("'later'", self.lines())

    def test_capture(self) -> None:
        """What is printed is logged, and marked."""
        told: list[dict[str, Any]] = []
        log.startLogging(self.file)
        self.front.addObserver(told.append)
        print("out", file=self.stdio.stdout)
        print("err", file=self.stdio.stderr)
        self.assertEqual(self.lines(), ["Log opened.", "out", "err"])
        self.assertEqual(
            [(event["message"], event["printed"], event["isError"]) for event in told],
            [(("out",), 1, 0), (("err",), 1, 1)],
        )

    def test_noCapture(self) -> None:
        """With `setStdout=False` it is not."""
        log.startLogging(self.file, setStdout=False)
        print("out", file=self.stdio.stdout)
        self.assertEqual(self.lines(), ["Log opened."])
        self.assertEqual(self.stdio.stdout.getvalue(), "out\n")

    def test_toStandardOutput(self) -> None:
        """One can log to standard output, which is captured all the same."""
        stdout = self.stdio.stdout
        log.startLogging(stdout)
        print("out", file=self.stdio.stdout)
        self.assertIn("[-] out\n", stdout.getvalue())

    def test_toCapturedOutput(self) -> None:
        """Logging to what goes to the log would never end, and is not begun."""
        log.startLogging(self.file)
        self.assertIsNone(log.startLogging(self.stdio.stdout))
        self.assertIsNone(log.startLogging(log.StdioOnnaStick()))
        log.msg("x")
        self.assertEqual(self.lines(), ["Log opened.", "x"])

    def test_warnings(self) -> None:
        """Warnings are logged."""
        log.startLogging(self.file)
        self.warnings.showwarning("old", DeprecationWarning, "f.py", 7)
        self.assertEqual(self.lines()[1], "f.py:7: builtins.DeprecationWarning: old")

    def test_withObserver(self) -> None:
        """The observer can be given."""
        told: list[dict[str, Any]] = []
        log.startLoggingWithObserver(told.append, setStdout=False)
        self.assertEqual(told[0]["message"], ("Log opened.",))

    def test_withNewObserver(self) -> None:
        """It may be one of `twisted.logger`, which sees events as they are."""
        log.startLoggingWithObserver(textFileLogObserver(self.file), 0)
        Logger("n", observer=self.publisher).warn("x")
        self.assertIn("[n#warn] x\n", self.file.getvalue())

    def test_removed(self) -> None:
        """What the log was started with can be removed, as what was added."""
        told: list[dict[str, Any]] = []
        stream = textFileLogObserver(self.file)
        cases: list[tuple[Any, Callable[[], int]]] = [
            (told.append, lambda: len(told)),
            (stream, self.file.tell),
        ]
        for observer, seen in cases:
            front = log.LogPublisher(warningsModule=self.warnings)
            front._startLogging(observer, False)
            front.msg("x")
            before = seen()
            self.assertGreater(before, 0)
            front.removeObserver(observer)
            front.msg("y")
            self.assertEqual(seen(), before)

    def test_staysWhenItRaises(self) -> None:
        """One bad event does not end the log."""
        told: list[dict[str, Any]] = []

        def observe(event: dict[str, Any]) -> None:
            told.append(event)
            raise ValueError("on purpose")

        self.patch(sys, "__stderr__", self.file)
        front = log.LogPublisher(warningsModule=self.warnings)
        front._startLogging(observe, False)
        front.msg("x")
        front.msg("y")
        self.assertEqual([e["message"] for e in told if not e["isError"]], [("x",), ("y",)])

    def test_twice(self) -> None:
        """Starting twice warns, naming the places of both calls."""
        log.startLogging(self.file)
        log.startLogging(io.StringIO())
        self.assertIn("primary log target selected twice", self.lines()[1])
        self.assertEqual(self.lines()[1].count(__file__), 2)

    def test_standalone(self) -> None:
        """A publisher of one's own can start logging, too."""
        front = log.LogPublisher(warningsModule=self.warnings)
        told: list[dict[str, Any]] = []
        front._startLogging(told.append, False)
        front.msg("x")
        self.assertEqual(told[0]["message"], ("x",))

    def test_showwarning(self) -> None:
        """The module's own `showwarning` logs, too."""
        told: list[LogEvent] = []
        log.newGlobalLogPublisher.addObserver(told.append)
        self.addCleanup(log.newGlobalLogPublisher.removeObserver, told.append)
        log.showwarning(UserWarning("w"), UserWarning, "f.py", 7)
        self.assertEqual(formatEvent(told[0]), "f.py:7: builtins.UserWarning: w")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.warn("not affected", stacklevel=1)
        self.assertEqual(len(caught), 1)


class DefaultObserverTests(SynchronousTestCase):
    """`log.DefaultObserver`."""

    def test_errorsOnly(self) -> None:
        """Errors are written to standard error, and nothing else."""
        observer = log.DefaultObserver()
        stderr = io.StringIO()
        observer.stderr = stderr
        observer.start()
        log.msg("no error")
        log.err("error")
        log.err(Failure(ValueError("oh")), "why")
        log.msg(isError=1)
        self.flushLoggedErrors(ValueError)
        observer.stop()
        log.err("too late")
        self.assertTrue(stderr.getvalue().startswith("'error'\nwhy\nTraceback"))
        self.assertTrue(stderr.getvalue().endswith("ValueError: oh\n"))

    def test_notByDefault(self) -> None:
        """The module's own is not in use: `globalLogBeginner` writes errors."""
        self.assertIsInstance(log.defaultObserver, log.DefaultObserver)
        self.assertNotIn(log.defaultObserver.emit, log.theLogPublisher.observers)
