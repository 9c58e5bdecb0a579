"""Tests for the documented front of the log."""

from __future__ import annotations

import errno
import gc
import io
import logging
import sys
import threading
import time
import warnings
from types import SimpleNamespace
from typing import Any

from twisted.logger import (
    FilteringLogObserver,
    LogBeginner,
    LogEvent,
    Logger,
    LoggingFile,
    LogLevel,
    LogLevelFilterPredicate,
    eventAsText,
    formatEvent,
    textFileLogObserver,
)
from twisted.logger import LogPublisher as NewPublisher
from twisted.logger.test.test_text import Hostile, setZone
from twisted.python import context, log
from twisted.python._turn import turn
from twisted.python.failure import Failure, NoCurrentExceptionError
from twisted.trial.unittest import SynchronousTestCase


class Speaker(log.Logger):
    """Something that speaks in the log."""

    def logPrefix(self) -> str:
        return "Echo,3,127.0.0.1"


class Mute:
    """Something whose prefix cannot be had."""

    def logPrefix(self) -> str:
        raise ValueError("no name")


class ObservedCase(SynchronousTestCase):
    """A test that sees what the program logs."""

    def setUp(self) -> None:
        self.told: list[dict[str, Any]] = []
        log.addObserver(self.told.append)
        self.addCleanup(log.removeObserver, self.told.append)
        self.new: list[LogEvent] = []
        log.newGlobalLogPublisher.addObserver(self.new.append)
        self.addCleanup(log.newGlobalLogPublisher.removeObserver, self.new.append)


class MessageTests(ObservedCase):
    """`log.msg`."""

    def test_keys(self) -> None:
        """An event has the documented keys, and the keywords."""
        before = time.time()
        log.msg("hello", 3, extra="x")
        (event,) = self.told
        self.assertEqual(event["message"], ("hello", 3))
        self.assertEqual(event["isError"], 0)
        self.assertEqual(event["system"], "-")
        self.assertEqual(event["extra"], "x")
        self.assertTrue(before <= event["time"] <= time.time())

    def test_newKeys(self) -> None:
        """Observers of `twisted.logger` see the same dictionary, with their keys."""
        log.msg("hello", 3)
        self.assertIs(self.new[0], self.told[0])
        self.assertEqual(formatEvent(self.new[0]), "hello 3")
        self.assertIs(self.new[0]["log_level"], LogLevel.info)
        self.assertEqual(self.new[0]["log_namespace"], "log_legacy")
        self.assertEqual(self.new[0]["log_system"], "-")
        self.assertEqual(self.new[0]["log_time"], self.told[0]["time"])

    def test_percent(self) -> None:
        """A message is not a format, of either kind."""
        log.msg("100% {x} %s")
        self.assertEqual(log.textFromEventDict(self.told[0]), "100% {x} %s")
        self.assertEqual(formatEvent(self.new[0]), "100% {x} %s")

    def test_format(self) -> None:
        """With the keyword `format`, that is filled with the `%` operator."""
        log.msg(format="%(x)s of %(y)d", x=1, y=2)
        self.assertEqual(log.textFromEventDict(self.told[0]), "1 of 2")
        self.assertEqual(formatEvent(self.new[0]), "1 of 2")

    def test_textLater(self) -> None:
        """The text is made when somebody wants it, and makes no event a part of itself."""

        class Counted:
            shown = 0

            def __str__(self) -> str:
                self.shown += 1
                return "counted"

        counted = Counted()
        told: list[LogEvent] = []
        publisher = NewPublisher(told.append)
        front = log.LogPublisher(publisher, publisher)
        front.msg(counted, "x")
        front.msg(format="%(counted)s", counted=counted)
        self.assertEqual(counted.shown, 0)
        self.assertEqual([formatEvent(event) for event in told], ["counted x", "counted"])
        self.assertEqual(repr(told[0]["log_text"]), "'counted x'")
        for event in told:
            self.assertFalse(any(event is held for held in gc.get_referents(event["log_text"])))

    def test_nothing(self) -> None:
        """A message without text has none."""
        log.msg()
        self.assertIsNone(log.textFromEventDict(self.told[0]))
        self.assertEqual(formatEvent(self.new[0]), "")

    def test_logLevel(self) -> None:
        """The keyword `logLevel` gives the level of the event."""
        log.msg("x", logLevel=logging.DEBUG)
        log.msg("x", logLevel=logging.CRITICAL)
        log.msg("x", logLevel="nonsense")
        log.msg("x", log_level=LogLevel.warn)
        self.assertEqual(
            [event["log_level"] for event in self.new],
            [LogLevel.debug, LogLevel.critical, LogLevel.info, LogLevel.warn],
        )

    def test_filtered(self) -> None:
        """A message that nobody wants is not built."""
        publisher = NewPublisher()
        front = log.LogPublisher(publisher, publisher)
        told: list[LogEvent] = []
        publisher.addObserver(FilteringLogObserver(told.append, [LogLevelFilterPredicate()]))
        front.msg("x", logLevel=logging.DEBUG)
        front.msg("y")
        self.assertEqual([event["message"] for event in told], [("y",)])

    def test_newEventsToo(self) -> None:
        """An observer sees the events of `twisted.logger.Logger` as its own."""
        Logger(namespace="n").info("{x}!", x=1)
        self.assertEqual(log.textFromEventDict(self.told[0]), "1!")
        self.assertEqual(self.told[0]["isError"], 0)


class ErrorTests(ObservedCase):
    """`log.err`."""

    def check(self, failure: Failure) -> dict[str, Any]:
        (event,) = self.told
        self.assertIs(event["failure"], failure)
        self.assertEqual(event["isError"], 1)
        self.assertEqual(self.flushLoggedErrors(), [failure])
        return event

    def test_failure(self) -> None:
        """A failure is logged as it is."""
        failure = Failure(ValueError("oh"))
        self.assertIsNone(log.err(failure))  # type: ignore[func-returns-value]  # an errback must end the error
        self.check(failure)

    def test_exception(self) -> None:
        """An exception becomes a failure, with its traceback."""
        try:
            raise ValueError("oh")
        except ValueError as error:
            log.err(error)
        failure = self.told[0]["failure"]
        self.check(failure)
        self.assertIn("test_exception", failure.getTraceback())

    def test_current(self) -> None:
        """Nothing stands for the exception that is being handled."""
        try:
            1 / 0  # noqa: B018  # for its error
        except ZeroDivisionError:
            log.err()
        self.assertIs(self.told[0]["failure"].type, ZeroDivisionError)
        self.check(self.told[0]["failure"])

    def test_noException(self) -> None:
        """When there is none, the call is wrong."""
        self.assertRaises(NoCurrentExceptionError, log.err)

    def test_other(self) -> None:
        """Anything else is logged by its `repr`."""
        log.err({"x": 1})
        (event,) = self.told
        self.assertEqual(event["message"], ("{'x': 1}",))
        self.assertEqual(event["isError"], 1)
        self.assertNotIn("failure", event)
        self.assertIs(self.new[0]["log_level"], LogLevel.critical)

    def test_why(self) -> None:
        """The text goes with the traceback, for both kinds of observers."""
        failure = Failure(ValueError("oh"))
        log.err(failure, "while testing", extra=5)
        event = self.check(failure)
        self.assertEqual(event["why"], "while testing")
        self.assertEqual(event["extra"], 5)
        text = log.textFromEventDict(event)
        assert text is not None
        self.assertTrue(text.startswith("while testing\nTraceback (most recent call last):"))
        self.assertEqual(formatEvent(self.new[0]), "while testing")
        self.assertEqual(
            eventAsText(self.new[0], includeTimestamp=False, includeSystem=False), text
        )

    def test_noWhy(self) -> None:
        """By default the text is that an error was not handled."""
        log.err(Failure(ValueError("oh")))
        self.flushLoggedErrors(ValueError)
        text = log.textFromEventDict(self.told[0])
        assert text is not None
        self.assertTrue(text.startswith("Unhandled Error\nTraceback"))

    def test_deferr(self) -> None:
        """It has a second name."""
        log.deferr(Failure(ValueError("oh")))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)


class TextTests(SynchronousTestCase):
    """`textFromEventDict`."""

    def text(self, **event: Any) -> str | None:
        return log.textFromEventDict(event)

    def test_unformattable(self) -> None:
        """A format that cannot be filled gives a sentence."""
        text = self.text(format="%(x)s", isError=0, message=())
        assert text is not None
        self.assertTrue(text.startswith("Unable to format event {'format': '%(x)s'"), text)

    def test_hostile(self) -> None:
        """Objects that cannot be shown are named by their class."""
        self.assertEqual(
            self.text(message=("a", Hostile(), b"b"), isError=0),
            "a <Hostile whose str raised ValueError> b'b'",
        )
        text = self.text(format="%(x)s", x=Hostile(), isError=0, message=())
        self.assertIn("<Hostile whose repr raised ValueError>", str(text))

    def test_badFailure(self) -> None:
        """A failure that cannot be shown does not keep the text from being shown."""
        text = self.text(isError=1, failure="none", why=Hostile())
        self.assertIn("<Hostile whose str", str(text))
        self.assertIn("the traceback cannot be shown", str(text))


class SystemTests(ObservedCase):
    """Who speaks."""

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(setattr, turn, "owner", turn.owner)
        self.addCleanup(setattr, turn, "thread", turn.thread)
        turn.owner = None
        turn.thread = threading.get_ident()

    def system(self, **kw: Any) -> Any:
        log.msg("x", **kw)
        event = self.told.pop()
        self.assertEqual(event["log_system"], event["system"])
        return event["system"]

    def test_nobody(self) -> None:
        """By default it is `-`."""
        self.assertEqual(self.system(), "-")
        self.assertEqual(log.Logger().logPrefix(), "-")

    def test_turn(self) -> None:
        """In the loop it is the one whose event is being handled."""
        turn.owner = Speaker()
        self.assertEqual(self.system(), "Echo,3,127.0.0.1")

    def test_turnOfError(self) -> None:
        """So it is for errors."""
        turn.owner = Speaker()
        log.err(Failure(ValueError("oh")))
        self.flushLoggedErrors(ValueError)
        self.assertEqual(self.told[0]["system"], "Echo,3,127.0.0.1")

    def test_otherThread(self) -> None:
        """Another thread than the loop's speaks for itself."""
        turn.owner = Speaker()
        seen: list[Any] = []
        thread = threading.Thread(target=lambda: seen.append(self.system()))
        thread.start()
        thread.join()
        self.assertEqual(seen, ["-"])

    def test_ownerWithoutPrefix(self) -> None:
        """An object without a prefix is nobody."""
        turn.owner = object()
        self.assertEqual(self.system(), "-")

    def test_brokenPrefix(self) -> None:
        """A prefix that cannot be had does not keep the line from being logged."""
        turn.owner = Mute()
        self.assertEqual(self.system(), "Mute (its logPrefix raised ValueError)")

    def test_precedence(self) -> None:
        """A keyword comes first, then the calls under way, then the loop."""
        turn.owner = Speaker()
        self.assertEqual(self.system(system="key"), "key")
        self.assertEqual(log.callWithContext({"system": "ctx"}, self.system), "ctx")
        self.assertEqual(log.callWithContext({"system": "ctx"}, self.system, system="k"), "k")
        self.assertEqual(log.callWithContext({"other": 1}, self.system), "Echo,3,127.0.0.1")
        self.assertEqual(self.system(system="-"), "-")

    def test_newEvents(self) -> None:
        """The events of a `Logger` have none: they say where they come from by namespace."""
        turn.owner = Speaker()
        Logger(namespace="n").info("x")
        self.assertNotIn("log_system", self.new[0])


class ContextTests(ObservedCase):
    """`callWithContext` and `callWithLogger`."""

    def test_context(self) -> None:
        """What is logged in the call has the keys; what is logged after it has not."""

        def inner(a: int, b: int = 0) -> int:
            log.msg("inside")
            return a + b

        self.assertEqual(log.callWithContext({"user": "alice"}, inner, 1, b=2), 3)
        log.msg("outside")
        self.assertEqual(self.told[0]["user"], "alice")
        self.assertNotIn("user", self.told[1])

    def test_nested(self) -> None:
        """Calls in each other add their keys, and the inner ones win."""

        def outer() -> None:
            log.callWithContext({"b": 2, "system": "inner"}, log.msg, "x", c=3)
            log.msg("y")

        log.callWithContext({"a": 1, "b": 1, "system": "outer"}, outer)
        first, second = self.told
        self.assertEqual([first[key] for key in "abc"], [1, 2, 3])
        self.assertEqual((first["system"], second["system"]), ("inner", "outer"))
        self.assertEqual(second["b"], 1)

    def test_contextKey(self) -> None:
        """The keys stand in the context of the thread under `ILogContext`."""
        self.assertEqual(context.get(log.ILogContext), {"system": "-"})
        seen = log.callWithContext({"a": 1}, context.get, log.ILogContext)
        self.assertEqual(seen, {"system": "-", "a": 1})

    def test_raises(self) -> None:
        """An exception goes through `callWithContext`, and ends the context."""

        def fail() -> None:
            raise ValueError

        self.assertRaises(ValueError, log.callWithContext, {"a": 1}, fail)
        self.assertEqual(context.get(log.ILogContext), {"system": "-"})

    def test_logger(self) -> None:
        """`callWithLogger` takes the prefix of an object."""
        self.assertEqual(log.callWithLogger(Speaker(), lambda x: x + 1, 1), 2)
        log.callWithLogger(Speaker(), log.msg, "x")
        self.assertEqual(self.told[0]["system"], "Echo,3,127.0.0.1")

    def test_loggerCatches(self) -> None:
        """It logs an exception under that name, and returns None."""

        def fail() -> int:
            raise ValueError("oh")

        self.assertIsNone(log.callWithLogger(Speaker(), fail))
        (failure,) = self.flushLoggedErrors(ValueError)
        self.assertEqual(self.told[0]["system"], "Echo,3,127.0.0.1")
        self.assertIn("in fail", failure.getTraceback())

    def test_loggerInterrupted(self) -> None:
        """What is no error goes through."""

        def interrupt() -> None:
            raise KeyboardInterrupt

        self.assertRaises(KeyboardInterrupt, log.callWithLogger, Speaker(), interrupt)

    def test_brokenPrefix(self) -> None:
        """A prefix that cannot be had is no reason not to call."""
        log.callWithLogger(Mute(), log.msg, "x")
        self.assertEqual(self.told[0]["system"], "Mute (its logPrefix raised ValueError)")


class PublisherTests(SynchronousTestCase):
    """`log.LogPublisher`, and its observers."""

    def setUp(self) -> None:
        self.publisher = log.LogPublisher()
        self.told: list[dict[str, Any]] = []
        self.stderr = io.StringIO()
        self.patch(sys, "__stderr__", self.stderr)

    def test_addAndRemove(self) -> None:
        """Observers are told as often as they were added, until they are removed."""
        self.publisher.addObserver(self.told.append)
        self.publisher.addObserver(self.told.append)
        self.assertEqual(self.publisher.observers, [self.told.append] * 2)
        self.publisher.msg("x")
        self.assertEqual(len(self.told), 2)
        self.publisher.removeObserver(self.told.append)
        self.publisher.msg("x")
        self.assertEqual(len(self.told), 3)
        self.publisher.removeObserver(self.told.append)
        self.publisher.removeObserver(self.told.append)
        self.publisher.msg("x")
        self.assertEqual(len(self.told), 3)

    def test_notCallable(self) -> None:
        """What cannot be called is refused."""
        error = self.assertRaises(TypeError, self.publisher.addObserver, "x")
        self.assertIn("'x' cannot be called", str(error))

    def test_publishers(self) -> None:
        """Observers and events may have publishers of their own."""
        here, there = NewPublisher(), NewPublisher()
        publisher = log.LogPublisher(observerPublisher=here, publishPublisher=there)
        told: list[LogEvent] = []
        there.addObserver(told.append)
        publisher.addObserver(self.told.append)
        publisher.msg("x")
        self.assertEqual((len(told), len(self.told)), (1, 0))
        here({"log_format": "y"})
        self.assertEqual(self.told[0]["message"], ("y",))

    def test_onePublisher(self) -> None:
        """One publisher for events alone leaves the observers to themselves."""
        there = NewPublisher()
        publisher = log.LogPublisher(publishPublisher=there)
        publisher.addObserver(self.told.append)
        publisher.msg("x")
        self.assertEqual(self.told, [])

    def test_brokenObserverIsRemoved(self) -> None:
        """An observer that raises is removed, and the others are told why."""
        calls: list[dict[str, Any]] = []

        def broken(event: dict[str, Any]) -> None:
            calls.append(event)
            raise ValueError("broken")

        self.publisher.addObserver(broken)
        self.publisher.addObserver(self.told.append)
        self.publisher.msg("one")
        self.publisher.msg("two")
        self.assertEqual(len(calls), 1)
        self.assertEqual(self.publisher.observers, [self.told.append])
        report, one, two = self.told
        self.assertEqual((one["message"], two["message"]), (("one",), ("two",)))
        self.assertEqual(report["isError"], 1)
        self.assertEqual(
            report["why"], f"The log observer {broken!r} (now removed) raised an exception."
        )
        self.assertIs(report["failure"].type, ValueError)

    def test_onlyObserver(self) -> None:
        """If there are no others, the real standard error is told."""

        def broken(event: dict[str, Any]) -> None:
            raise ValueError("broken")

        self.publisher.addObserver(broken)
        self.publisher.msg("x")
        self.assertEqual(self.publisher.observers, [])
        self.assertIn("(now removed) raised an exception", self.stderr.getvalue())

    def test_fullDisk(self) -> None:
        """An observer stays when the operating system failed."""

        def full(event: dict[str, Any]) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        self.publisher.addObserver(full)
        self.publisher.addObserver(self.told.append)
        self.publisher.msg("x")
        self.assertEqual(len(self.publisher.observers), 2)
        self.assertNotIn("removed", self.told[0]["why"])

    def test_threads(self) -> None:
        """Threads may add, remove and log at the same time."""
        self.publisher.addObserver(self.told.append)

        def work() -> None:
            mine: list[dict[str, Any]] = []
            for number in range(100):
                self.publisher.addObserver(mine.append)
                self.publisher.msg(number)
                self.publisher.removeObserver(mine.append)
            self.assertEqual(
                len([event for event in mine if event["thread"] == threading.get_ident()]), 100
            )

        failures: list[BaseException] = []

        def run() -> None:
            try:
                log.callWithContext({"thread": threading.get_ident()}, work)
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(self.told), 400)
        self.assertEqual(self.publisher.observers, [self.told.append])

    def test_global(self) -> None:
        """The functions of the module belong to the program's publisher."""
        log.addObserver(self.told.append)
        self.assertIn(self.told.append, log.theLogPublisher.observers)
        log.removeObserver(self.told.append)
        self.assertNotIn(self.told.append, log.theLogPublisher.observers)


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


class FileTests(ObservedCase):
    """The files of the module."""

    def test_stdio(self) -> None:
        """`StdioOnnaStick` logs lines by `msg`."""
        file = log.StdioOnnaStick(encoding="latin-1")
        file.write("one\ntw")
        file.write(b"\xf6\n")
        file.writelines(["three", b"f\xf6ur"])
        file.flush()
        file.close()
        self.assertEqual(
            [event["message"][0] for event in self.told], ["one", "tw\u00f6", "three", "f\u00f6ur"]
        )
        self.assertEqual({event["printed"] for event in self.told}, {1})
        self.assertEqual({event["isError"] for event in self.told}, {0})

    def test_stdioError(self) -> None:
        """It can be one for errors."""
        print("x", file=log.StdioOnnaStick(isError=1))
        self.assertEqual(self.told[0]["isError"], 1)

    def test_stdioCannot(self) -> None:
        """It can do nothing else."""
        file = log.StdioOnnaStick()
        for name in ("read", "readline", "readlines", "seek", "tell"):
            self.assertRaises(OSError, getattr(file, name))
        self.assertEqual(file.fileno(), -1)
        self.assertFalse(file.closed)

    def test_nullFile(self) -> None:
        """`NullFile` keeps nothing."""
        file = log.NullFile()
        file.write("x")
        file.flush()
        self.assertEqual(file.read(), "")
        file.close()
        self.assertEqual(self.told, [])

    def test_logfile(self) -> None:
        """What is written to `logfile` and `logerr` is logged."""
        self.assertIsInstance(log.logfile, LoggingFile)
        log.logfile.write("x\n")
        log.logerr.write("y\n")
        self.assertEqual(
            [(event["message"], event["isError"]) for event in self.told],
            [(("x",), 0), (("y",), 1)],
        )

    def test_discardLogs(self) -> None:
        """`discardLogs` throws away what is written to `logfile`."""
        self.patch(log, "logfile", log.logfile)
        log.discardLogs()
        log.logfile.write("x\n")
        self.assertIsInstance(log.logfile, log.NullFile)
        self.assertEqual(self.told, [])
