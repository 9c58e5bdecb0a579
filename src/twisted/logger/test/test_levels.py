"""Tests for the levels of events."""

from __future__ import annotations

import logging

from twisted.logger import InvalidLogLevelError, LogLevel
from twisted.logger._levels import fromStandardLevel, rank, toStandardLevel
from twisted.trial.unittest import SynchronousTestCase


class LevelTests(SynchronousTestCase):
    """`LogLevel`."""

    def test_order(self) -> None:
        """The levels compare by how grave they are, and so do their ranks."""
        levels = [
            LogLevel.debug,
            LogLevel.info,
            LogLevel.warn,
            LogLevel.error,
            LogLevel.critical,
        ]
        self.assertEqual(sorted([levels[n] for n in (3, 0, 4, 2, 1)]), levels)
        self.assertEqual([rank[level] for level in levels], [0, 1, 2, 3, 4])

    def test_levelWithName(self) -> None:
        """A level is found by its name."""
        for level in LogLevel.iterconstants():
            self.assertIs(LogLevel.levelWithName(level.name), level)

    def test_unknownName(self) -> None:
        """A name that no level has is refused in words that say which there are."""
        error = self.assertRaises(InvalidLogLevelError, LogLevel.levelWithName, "loud")
        self.assertEqual(error.level, "loud")
        self.assertEqual(
            str(error),
            "'loud' is not a log level; the levels are debug, info, warn, error, critical",
        )

    def test_standardLevels(self) -> None:
        """Each level has one of the `logging` module, and the way back gives it again."""
        self.assertEqual(toStandardLevel[LogLevel.warn], logging.WARNING)
        for level in LogLevel.iterconstants():
            self.assertIs(fromStandardLevel(toStandardLevel[level]), level)

    def test_numbersBetween(self) -> None:
        """A number between two standard levels is the lower; one below all is `debug`."""
        self.assertIs(fromStandardLevel(35), LogLevel.warn)
        self.assertIs(fromStandardLevel(5), LogLevel.debug)
        self.assertIs(fromStandardLevel(1000), LogLevel.critical)
