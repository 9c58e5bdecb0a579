"""Tests for the text of events."""

from __future__ import annotations

import os
import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.logger import (
    LogEvent,
    LogLevel,
    eventAsText,
    formatEvent,
    formatEventAsClassicLogText,
    formatTime,
    timeFormatRFC3339,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class Hostile:
    """An object that cannot be shown."""

    def __str__(self) -> str:
        raise ValueError("no str")

    def __repr__(self) -> str:
        raise ValueError("no repr")


class HostileError(Exception):
    """An exception that cannot be shown."""

    def __str__(self) -> str:
        raise ValueError("no str")


def setZone(case: SynchronousTestCase, zone: str) -> None:
    """Let local time be that of *zone*, in the notation of POSIX."""
    before = os.environ.get("TZ")

    def restore() -> None:
        if before is None:
            os.environ.pop("TZ", None)
        else:
            os.environ["TZ"] = before
        time.tzset()

    case.addCleanup(restore)
    os.environ["TZ"] = zone
    time.tzset()


def failureOf(error: BaseException) -> Failure:
    try:
        raise error
    except BaseException:
        return Failure()


class UnformattableTests(SynchronousTestCase):
    """`formatEvent` never raises."""

    def check(self, event: LogEvent, *pieces: str) -> None:
        text = formatEvent(event)
        self.assertTrue(text.startswith("Unable to format event {"), text)
        for piece in pieces:
            self.assertIn(piece, text)

    def test_noFormat(self) -> None:
        """Without a format there is no text."""
        self.assertEqual(formatEvent({}), "")
        self.assertEqual(formatEvent({"log_format": None}), "")

    def test_badFormats(self) -> None:
        """A format that cannot be filled gives a sentence which says why."""
        self.check({"log_format": "{x}"}, "'x'", "'log_format': '{x}'")
        self.check({"log_format": "{x.y}", "x": 1}, "'int' object has no attribute 'y'")
        self.check({"log_format": "{x", "x": 1}, "expected '}'")
        self.check({"log_format": "{}"}, "positional")
        self.check({"log_format": "{0()}"}, "index")
        self.check({"log_format": "{x()}", "x": 1}, "not callable")
        self.check({"log_format": "{x!z}", "x": 1})
        self.check({"log_format": "{x:%}", "x": "s"})

    def test_badFormatTypes(self) -> None:
        """So does something that is no text."""
        self.check({"log_format": 5}, "a log format is a str, not 5")
        self.check({"log_format": b"\xff"}, "can't decode")
        self.check({"log_format": "{x}", "log_flattened": 5})

    def test_hostileValues(self) -> None:
        """Objects that cannot be shown are named by their class."""
        text = formatEvent({"log_format": "{x}", "x": Hostile(), "y": 2})
        self.assertIn("'x': <Hostile whose repr raised ValueError>", text)
        self.assertIn("'y': 2", text)
        self.assertIn("no str", text)

    def test_hostileException(self) -> None:
        """So is an exception that cannot."""

        def fail() -> None:
            raise HostileError

        text = formatEvent({"log_format": "{f()}", "f": fail, "x": Hostile()})
        self.assertIn("<HostileError whose str raised ValueError>", text)

    def test_recursion(self) -> None:
        """Values that contain themselves, or very many others, are shown or refused."""
        inside: list[Any] = []
        inside.append(inside)
        self.assertEqual(formatEvent({"log_format": "{x}", "x": inside}), "[[...]]")
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        self.check({"log_format": "{x}", "x": deep}, "recursion", "whose repr raised")

    def test_huge(self) -> None:
        """A number that Python refuses to write is refused here."""
        self.check({"log_format": "{x}", "x": 10**5000}, "<int whose repr raised ValueError>")

    @settings(max_examples=100, deadline=None)
    @given(st.text("{}!:.[]()abc0<>", max_size=12))
    def test_anyFormat(self, format: str) -> None:
        """Whatever the format, there is a text."""
        event: LogEvent = {"log_format": format, "a": 1, "b": [2], "c": len}
        for _ in range(2):
            self.assertIsInstance(formatEvent(event), str)
            self.assertIsInstance(eventAsText(event), str)
            event["log_flattened"] = {}


class TimeTests(SynchronousTestCase):
    """`formatTime`."""

    def test_rfc3339(self) -> None:
        """By default the form is that of RFC 3339, in local time."""
        setZone(self, "UTC")
        self.assertEqual(formatTime(0), "1970-01-01T00:00:00+0000")
        setZone(self, "EST5")
        self.assertEqual(formatTime(0.0), "1969-12-31T19:00:00-0500")
        setZone(self, "IST-5:30")
        self.assertEqual(formatTime(1199188800.75), "2008-01-01T17:30:00+0530")
        self.assertEqual(formatTime(0, timeFormatRFC3339), formatTime(0))

    def test_sameSecond(self) -> None:
        """The answer depends on the format and the zone, not on what was asked before."""
        setZone(self, "UTC")
        self.assertEqual(formatTime(59.1), formatTime(59.9))
        self.assertEqual(formatTime(59.1, "%S"), "59")
        self.assertEqual(formatTime(60.0, "%S"), "00")
        setZone(self, "EST5")
        self.assertEqual(formatTime(60.0, "%H"), "19")

    def test_before1970(self) -> None:
        """Times before the epoch are rounded down, too."""
        setZone(self, "UTC")
        self.assertEqual(formatTime(-0.25, "%Y %S.%f"), "1969 59.750000")

    def test_microseconds(self) -> None:
        """`%f` gives microseconds."""
        self.assertEqual(formatTime(1.25, "%f"), "250000")
        self.assertEqual(formatTime(1.9999999, "%f"), "999999")

    def test_default(self) -> None:
        """Without a time, or a format, it is the default."""
        self.assertEqual(formatTime(None), "-")
        self.assertEqual(formatTime(1, None), "-")
        self.assertEqual(formatTime(None, default="?"), "?")


class EventTextTests(SynchronousTestCase):
    """`eventAsText`."""

    def setUp(self) -> None:
        setZone(self, "UTC")
        self.event: LogEvent = {
            "log_format": "{x}",
            "x": "hello",
            "log_time": 0,
            "log_level": LogLevel.warn,
            "log_namespace": "a.b",
        }

    def test_all(self) -> None:
        """By default there are a time, a system and the text."""
        self.assertEqual(eventAsText(self.event), "1970-01-01T00:00:00+0000 [a.b#warn] hello")

    def test_parts(self) -> None:
        """The parts can be left out."""
        self.assertEqual(eventAsText(self.event, includeTimestamp=False), "[a.b#warn] hello")
        self.assertEqual(
            eventAsText(self.event, includeSystem=False), "1970-01-01T00:00:00+0000 hello"
        )
        self.assertEqual(
            eventAsText(self.event, formatTime=lambda when: f"at {when}"),
            "at 0 [a.b#warn] hello",
        )

    def test_system(self) -> None:
        """The system is the event's, if it has one."""
        self.event["log_system"] = "Echo,1,::1"
        self.assertEqual(eventAsText(self.event, includeTimestamp=False), "[Echo,1,::1] hello")
        self.event["log_system"] = Hostile()
        self.assertIn("[<Hostile whose str", eventAsText(self.event))

    def test_incomplete(self) -> None:
        """What is missing is shown as `-`."""
        self.assertEqual(eventAsText({"log_format": "x"}), "- [-#-] x")
        self.assertEqual(
            eventAsText({"log_format": "x", "log_level": "loud", "log_time": "noon"}),
            "- [-#loud] x",
        )

    def test_badTime(self) -> None:
        """A time that is none does not keep the text from being shown."""
        for when in (float("nan"), float("inf"), 1e300, "noon", Hostile()):
            self.event["log_time"] = when
            self.assertEqual(eventAsText(self.event), "- [a.b#warn] hello")

    def test_traceback(self) -> None:
        """The traceback of a failure follows, unless it is left out."""
        self.event["log_failure"] = failureOf(ValueError("oh"))
        first, second, *_, last = eventAsText(self.event).splitlines()
        self.assertTrue(first.endswith("hello"))
        self.assertTrue(second.startswith("Traceback"))
        self.assertTrue(last.endswith("ValueError: oh"))
        text = eventAsText(self.event, includeTraceback=False)
        self.assertNotIn("Traceback", text)

    def test_failureAlone(self) -> None:
        """A failure is enough of a text."""
        del self.event["log_format"]
        self.event["log_failure"] = failureOf(ValueError("oh"))
        self.assertIn("ValueError: oh", eventAsText(self.event))

    def test_badFailure(self) -> None:
        """A failure that cannot be shown does not keep the text from being shown."""
        self.event["log_failure"] = "no failure"
        text = eventAsText(self.event)
        self.assertIn("hello\n(the traceback cannot be shown: ", text)

    def test_hostileFailure(self) -> None:
        """Nor does an exception that cannot be shown."""
        self.event["log_failure"] = failureOf(HostileError())
        self.assertIn("HostileError", eventAsText(self.event))

    def test_empty(self) -> None:
        """An event with nothing to say gives nothing."""
        self.assertEqual(eventAsText({"log_time": 0}), "")
        self.assertEqual(eventAsText({"log_format": ""}), "")


class ClassicTextTests(SynchronousTestCase):
    """`formatEventAsClassicLogText`."""

    def entry(self, text: str, system: str = "s") -> str:
        entry = formatEventAsClassicLogText({"log_format": "{x}", "x": text, "log_system": system})
        assert entry is not None
        self.assertTrue(entry.startswith("- ["))
        self.assertTrue(entry.endswith("\n"))
        return entry.removeprefix("- [s] ").removesuffix("\n")

    def test_nothing(self) -> None:
        """An event without text gives no entry."""
        self.assertIsNone(formatEventAsClassicLogText({}))

    def test_time(self) -> None:
        """The form of the time can be given."""
        entry = formatEventAsClassicLogText({"log_format": "x"}, lambda when: "now")
        self.assertEqual(entry, "now [-#-] x\n")

    def test_lines(self) -> None:
        """Further lines are indented; a newline at the end makes none."""
        self.assertEqual(self.entry("a\nb\n\nc"), "a\n\tb\n\t\n\tc")
        self.assertEqual(self.entry("a\n"), "a")
        self.assertEqual(self.entry("a\tb gr\u00fcn"), "a\tb gr\u00fcn")

    def test_forgery(self) -> None:
        """What could forge or hide a line is shown escaped."""
        self.assertEqual(self.entry("a\r2008-01-01 [x] b"), "a\\r2008-01-01 [x] b")
        self.assertEqual(self.entry("\x1b[2J\x00\x7f\x9b"), "\\x1b[2J\\x00\\x7f\\x9b")
        self.assertEqual(self.entry("\x0b\x0c\x85\u2028\u2029"), "\\x0b\\x0c\\x85\\u2028\\u2029")
        self.assertEqual(self.entry("\u202eab\u2066"), "\\u202eab\\u2066")
        self.assertEqual(self.entry("\ud800"), "\\ud800")

    def test_forgedSystem(self) -> None:
        """So it is in the name of the system."""
        self.assertEqual(self.entry("x", "a\r\nb"), "- [a\\r\n\tb] x")

    @settings(max_examples=100, deadline=None)
    @given(st.text(min_size=1))
    def test_anyText(self, text: str) -> None:
        """Whatever the text, only the first line of an entry has no tab before it."""
        first, *rest = self.entry(text).splitlines() or [""]
        self.assertTrue(all(line.startswith("\t") for line in rest))
        first.encode("utf-8")
