"""Tests for what observers of `twisted.python.log` see."""

from __future__ import annotations

import logging
from typing import Any

from zope.interface.verify import verifyObject

from twisted.logger import (
    ILogObserver,
    LegacyLogObserverWrapper,
    LogEvent,
    Logger,
    LoggingFile,
    LogLevel,
)
from twisted.python.failure import Failure
from twisted.python.log import textFromEventDict
from twisted.trial.unittest import SynchronousTestCase


class WrapperTests(SynchronousTestCase):
    """`LegacyLogObserverWrapper`."""

    def setUp(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.wrapper = LegacyLogObserverWrapper(self.told.append)
        self.logger = Logger("n", observer=self.wrapper)

    def test_interface(self) -> None:
        """It is an observer, and shows which one it stands for."""
        self.assertTrue(verifyObject(ILogObserver, self.wrapper))
        self.assertEqual(repr(self.wrapper), f"LegacyLogObserverWrapper({self.told.append!r})")

    def test_event(self) -> None:
        """An event has the keys that were always there, and its own."""
        self.logger.info("{x}!", x=1)
        (event,) = self.told
        self.assertEqual(event["message"], ("1!",))
        self.assertEqual(event["time"], event["log_time"])
        self.assertEqual(event["system"], "-")
        self.assertEqual(event["isError"], 0)
        self.assertEqual(event["logLevel"], logging.INFO)
        self.assertEqual(event["x"], 1)
        self.assertEqual(textFromEventDict(event), "1!")

    def test_othersSeeNothing(self) -> None:
        """The event itself is not changed: other observers see it, too."""
        event: LogEvent = {"log_format": "x"}
        self.wrapper(event)
        self.assertEqual(event, {"log_format": "x"})
        self.assertIsInstance(self.told[0]["time"], float)

    def test_noText(self) -> None:
        """An event without a format has no message."""
        self.logger.info(x=1)
        self.assertEqual(self.told[0]["message"], ())
        self.assertIsNone(textFromEventDict(self.told[0]))

    def test_system(self) -> None:
        """The system is that of the event."""
        self.logger.info("x", log_system="a")
        self.logger.info("x", system="b")
        self.logger.info("x", system=3)
        self.assertEqual([event["system"] for event in self.told], ["a", "b", "3"])

    def test_clashes(self) -> None:
        """Keywords with the names of legacy keys do not deceive an observer."""
        self.logger.info("{message} {time}", message="m", time="noon", isError="maybe")
        (event,) = self.told
        self.assertEqual(event["message"], ("m noon",))
        self.assertIsInstance(event["time"], float)
        self.assertEqual(event["isError"], 0)

    def test_errors(self) -> None:
        """Grave events are errors."""
        for level in LogLevel.iterconstants():
            self.logger.emit(level, "x")
        self.assertEqual([event["isError"] for event in self.told], [0, 0, 0, 1, 1])

    def test_failure(self) -> None:
        """A failure makes an error, whatever the level; the text says why."""
        failure = Failure(ValueError("oh"))
        self.logger.failure("while {x}", failure, LogLevel.info, x="testing")
        (event,) = self.told
        self.assertIs(event["failure"], failure)
        self.assertEqual(event["isError"], 1)
        self.assertEqual(event["why"], "while testing")
        text = textFromEventDict(event)
        assert text is not None
        self.assertTrue(text.startswith("while testing\nTraceback"), text)

    def test_printed(self) -> None:
        """What was printed says so."""
        for level in (LogLevel.info, LogLevel.error):
            print("x", file=LoggingFile(self.logger, level))
        self.assertEqual(
            [(event["printed"], event["isError"]) for event in self.told], [(1, 0), (1, 1)]
        )
