"""Tests for the source of events."""

from __future__ import annotations

import time
from typing import Any

from twisted.logger import (
    InvalidLogLevelError,
    LogEvent,
    Logger,
    LogLevel,
    capturedLogs,
    formatEvent,
    globalLogPublisher,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class Door:
    """Something with a logger of its own."""

    told: list[LogEvent] = []
    log = Logger(observer=told.append)
    name = "front"

    def open(self) -> None:
        self.log.info("{log_source.name} door opens")


class Gate(Door):
    """It has the same logger, and another name."""


class LoggerTests(SynchronousTestCase):
    """`Logger`."""

    def setUp(self) -> None:
        self.told: list[LogEvent] = []
        self.logger = Logger(observer=self.told.append)

    def test_namespace(self) -> None:
        """The namespace is the module's name, unless another is given."""
        self.assertEqual(self.logger.namespace, __name__)
        self.assertEqual(Logger("a.b").namespace, "a.b")
        self.assertEqual(repr(Logger("a.b")), "<Logger 'a.b'>")

    def test_namespaceOfNoModule(self) -> None:
        """Code without a module makes loggers too."""
        names: dict[str, Any] = {"Logger": Logger}
        exec("logger = Logger()", {"__builtins__": {}, **names}, names)
        self.assertEqual(names["logger"].namespace, "<unknown>")

    def test_defaults(self) -> None:
        """By default there is no source, and the observer is the program's publisher."""
        self.assertIs(Logger().observer, globalLogPublisher)
        self.assertIsNone(Logger().source)

    def test_event(self) -> None:
        """An event has the keywords and the keys of this package."""
        source = object()
        before = time.time()
        logger = Logger(namespace="n", source=source, observer=self.told.append)
        logger.info("{x}", x=1, y=2)
        (event,) = self.told
        self.assertTrue(before <= event.pop("log_time") <= time.time())
        self.assertEqual(
            event,
            {
                "x": 1,
                "y": 2,
                "log_logger": logger,
                "log_level": LogLevel.info,
                "log_namespace": "n",
                "log_source": source,
                "log_format": "{x}",
            },
        )

    def test_methods(self) -> None:
        """There is a method for each level, which needs no format."""
        for level in LogLevel.iterconstants():
            getattr(self.logger, level.name)("f", k=level)
            getattr(self.logger, level.name)(k=level)
        self.assertEqual(
            [event["log_level"] for event in self.told],
            [level for level in LogLevel.iterconstants() for _ in range(2)],
        )
        self.assertEqual([event["log_format"] for event in self.told[:2]], ["f", None])

    def test_badLevel(self) -> None:
        """A level that is none does not disturb the caller: it is logged as an error."""
        self.logger.emit("loud", "f")
        (event,) = self.told
        self.assertIsInstance(event["log_failure"].value, InvalidLogLevelError)
        self.assertEqual(
            formatEvent(event),
            f"{self.logger!r} was asked to emit an event with a bad level: 'loud'",
        )

    def test_trace(self) -> None:
        """`log_trace` begins with the logger."""
        trace: list[Any] = []
        self.logger.info("f", log_trace=trace)
        self.assertEqual(trace, [(self.logger, self.told.append)])

    def test_ownKeysWin(self) -> None:
        """Keywords do not replace the keys of this package."""
        self.logger.info("f", log_level="x", log_namespace="y")
        self.assertIs(self.told[0]["log_level"], LogLevel.info)
        self.assertEqual(self.told[0]["log_namespace"], __name__)


class DescriptorTests(SynchronousTestCase):
    """A `Logger` that is an attribute of a class."""

    def setUp(self) -> None:
        del Door.told[:]

    def test_instance(self) -> None:
        """The object is the source, and its class the namespace."""
        door = Door()
        door.open()
        (event,) = Door.told
        self.assertIs(event["log_source"], door)
        self.assertEqual(event["log_namespace"], f"{__name__}.Door")
        self.assertEqual(formatEvent(event), "front door opens")

    def test_class(self) -> None:
        """Reached through the class, that is the source."""
        Door.log.info("f")
        self.assertIs(Door.told[0]["log_source"], Door)
        self.assertEqual(Door.told[0]["log_namespace"], f"{__name__}.Door")

    def test_subclass(self) -> None:
        """A subclass has a namespace of its own."""
        Gate().open()
        self.assertEqual(Door.told[0]["log_namespace"], f"{__name__}.Gate")

    def test_withoutOwner(self) -> None:
        """The protocol of descriptors lets the class be left out."""
        door = Door()
        bound = Door.__dict__["log"].__get__(door)
        self.assertIs(bound.source, door)
        self.assertEqual(bound.namespace, f"{__name__}.Door")

    def test_subclassOfLogger(self) -> None:
        """A subclass of `Logger` keeps its class and its attributes."""

        class Marked(Logger):
            def __init__(self, mark: str) -> None:
                super().__init__(observer=Door.told.append)
                self.mark = mark

        class User:
            log = Marked("x")

        user = User()
        self.assertIsInstance(user.log, Marked)
        self.assertEqual(vars(user.log)["mark"], "x")
        self.assertIs(user.log.source, user)


class FailureTests(SynchronousTestCase):
    """The ways to log exceptions."""

    def setUp(self) -> None:
        self.told: list[LogEvent] = []
        self.logger = Logger(observer=self.told.append)

    def test_current(self) -> None:
        """Without a failure, it is the exception that is being handled."""
        error = ValueError("x")
        try:
            raise error
        except ValueError:
            self.logger.failure("while {what}", what="testing")
        (event,) = self.told
        self.assertIs(event["log_failure"].value, error)
        self.assertIs(event["log_level"], LogLevel.critical)
        self.assertEqual(formatEvent(event), "while testing")

    def test_given(self) -> None:
        """A failure and a level can be given."""
        failure = Failure(ValueError("x"))
        self.logger.failure("f", failure, LogLevel.warn)
        self.assertIs(self.told[0]["log_failure"], failure)
        self.assertIs(self.told[0]["log_level"], LogLevel.warn)

    def test_handled(self) -> None:
        """An operation that fails is logged, and goes on."""
        with self.logger.failuresHandled("while {what}", what="testing") as op:
            self.assertFalse(op.succeeded)
            self.assertFalse(op.failed)
            raise ValueError("x")
        self.assertFalse(op.succeeded)
        self.assertTrue(op.failed)
        (event,) = self.told
        self.assertIs(op.failure, event["log_failure"])
        self.assertEqual(formatEvent(event), "while testing")
        self.assertIn("test_handled", event["log_failure"].getTraceback())

    def test_succeeded(self) -> None:
        """An operation that succeeds is not logged."""
        with self.logger.failuresHandled("f") as op:
            pass
        self.assertTrue(op.succeeded)
        self.assertFalse(op.failed)
        self.assertIsNone(op.failure)
        self.assertEqual(self.told, [])

    def test_handledLevel(self) -> None:
        """The level can be chosen."""
        with self.logger.failuresHandled("f", level=LogLevel.warn):
            raise ValueError("x")
        self.assertIs(self.told[0]["log_level"], LogLevel.warn)

    def test_everythingIsHandled(self) -> None:
        """Exceptions that are no errors are handled too."""
        for kind in (KeyboardInterrupt, SystemExit, GeneratorExit):
            with self.logger.failuresHandled("f") as op:
                raise kind
            self.assertTrue(op.failed)

    def test_handler(self) -> None:
        """A handler is made once and used often."""
        handler = self.logger.failureHandler("static {text}", LogLevel.error)
        for number in range(3):
            with handler:
                raise ValueError(number)
        with handler:
            pass
        self.assertEqual(
            [event["log_failure"].getErrorMessage() for event in self.told], ["0", "1", "2"]
        )
        self.assertIs(self.told[0]["log_level"], LogLevel.error)
        self.assertEqual(self.told[0]["log_format"], "static {text}")


class CapturedLogsTests(SynchronousTestCase):
    """`capturedLogs`."""

    def test_captured(self) -> None:
        """What is logged inside is captured, and nothing else."""
        logger = Logger()
        logger.info("before")
        with capturedLogs() as events:
            logger.info("one")
            logger.debug("two")
        logger.info("after")
        self.assertEqual([event["log_format"] for event in events], ["one", "two"])

    def test_nested(self) -> None:
        """Contexts inside each other capture the same events."""
        with capturedLogs() as outer:
            with capturedLogs() as inner:
                Logger().info("one")
            Logger().info("two")
        self.assertEqual(len(inner), 1)
        self.assertEqual(len(outer), 2)

    def test_exception(self) -> None:
        """An exception ends it."""
        observers = globalLogPublisher._observers

        def fail() -> None:
            with capturedLogs():
                raise ValueError

        self.assertRaises(ValueError, fail)
        self.assertEqual(globalLogPublisher._observers, observers)
