"""Tests for the bridge to the `logging` module."""

from __future__ import annotations

import logging
import sys

from zope.interface.verify import verifyObject

from twisted.logger import ILogObserver, LogEvent, Logger, LogLevel, LogPublisher, STDLibLogObserver
from twisted.trial.unittest import SynchronousTestCase


class Keeper(logging.Handler):
    """A handler that keeps its records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class StandardLoggingTests(SynchronousTestCase):
    """`STDLibLogObserver`."""

    def setUp(self) -> None:
        self.keeper = Keeper()
        self.name = f"test.{self.id()}"
        standard = logging.getLogger(self.name)
        standard.addHandler(self.keeper)
        standard.setLevel(logging.DEBUG)
        standard.propagate = False
        self.addCleanup(standard.removeHandler, self.keeper)
        self.standard = standard
        self.observer = STDLibLogObserver(name=self.name)
        self.logger = Logger(observer=LogPublisher(self.observer))

    def test_interface(self) -> None:
        """It is an observer, by default for the logger `twisted`."""
        self.assertTrue(verifyObject(ILogObserver, self.observer))
        self.assertEqual(STDLibLogObserver().logger.name, "twisted")

    def test_levels(self) -> None:
        """The levels are translated."""
        for level in LogLevel.iterconstants():
            self.logger.emit(level, "x")
        self.assertEqual(
            [record.levelno for record in self.keeper.records],
            [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL],
        )

    def test_text(self) -> None:
        """The text is that of the event; percent signs are text."""
        self.logger.info("{x} is 100%d", x="%s")
        (record,) = self.keeper.records
        self.assertEqual(record.getMessage(), "%s is 100%d")
        self.assertEqual(record.name, self.name)

    def test_place(self) -> None:
        """The place is that of the call of the logger, through whatever is between."""

        def observe(event: LogEvent) -> None:
            self.observer(event)

        outer = LogPublisher(observe)
        for logger in (self.logger, Logger(observer=self.observer), Logger(observer=outer)):
            line = sys._getframe().f_lineno + 1
            logger.info("x")
            record = self.keeper.records.pop()
            if logger.observer is outer:
                # The function between is not one of the log's own.
                self.assertEqual(record.funcName, "observe")
            else:
                self.assertEqual(record.pathname, __file__)
                self.assertEqual(record.lineno, line)
                self.assertEqual(record.funcName, "test_place")

    def test_stackDepth(self) -> None:
        """A program's own function for logging can be passed over."""
        self.observer.stackDepth = STDLibLogObserver.defaultStackDepth + 1

        def say(text: str) -> None:
            self.logger.info("{text}", text=text)

        say("x")
        self.assertEqual(self.keeper.records[0].funcName, "test_stackDepth")

    def test_tooDeep(self) -> None:
        """More than the whole stack is its outermost frame."""
        observer = STDLibLogObserver(self.name, stackDepth=100_000)
        Logger(observer=observer).info("x")
        self.assertEqual(len(self.keeper.records), 1)

    def test_failure(self) -> None:
        """A failure becomes the record's exception, with the traceback."""
        try:
            raise ValueError("x")
        except ValueError:
            self.logger.failure("oh")
        (record,) = self.keeper.records
        text = logging.Formatter().format(record)
        self.assertTrue(text.startswith("oh\nTraceback (most recent call last):"), text)
        self.assertIn("ValueError: x", text)
        self.assertIn("test_failure", text)

    def test_disabled(self) -> None:
        """An event below the level of the standard logger is not even formatted."""
        self.standard.setLevel(logging.ERROR)

        class Loud:
            def __str__(self) -> str:
                raise AssertionError("formatted")

        self.logger.info("{x}", x=Loud())
        self.assertEqual(self.keeper.records, [])

    def test_noLevel(self) -> None:
        """An event from elsewhere, without a level, is one of information."""
        event: LogEvent = {"log_format": "x"}
        self.observer(event)
        self.assertEqual(self.keeper.records[0].levelno, logging.INFO)
