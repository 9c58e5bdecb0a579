"""Tests for the documented front of the log."""

from __future__ import annotations

import errno
import gc
import io
import logging
import sys
import threading
import time
from typing import Any

from twisted.logger import (
    FilteringLogObserver,
    LogEvent,
    Logger,
    LoggingFile,
    LogLevel,
    LogLevelFilterPredicate,
    eventAsText,
    formatEvent,
)
from twisted.logger import LogPublisher as NewPublisher
from twisted.logger.test.test_text import Hostile
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
