"""Tests for the publisher of events."""

from __future__ import annotations

import io
import sys
from typing import Any

from zope.interface.verify import verifyObject

from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LogEvent,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    LogPublisher,
    formatEvent,
    globalLogPublisher,
)
from twisted.logger._publisher import MAX_REMEMBERED_ANSWERS
from twisted.trial.unittest import SynchronousTestCase


class Broken:
    """An observer that counts its calls, and raises."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error or RuntimeError("no, thank you")
        self.calls: list[LogEvent] = []

    def __call__(self, event: LogEvent) -> None:
        self.calls.append(event)
        raise self.error


class PublishTests(SynchronousTestCase):
    """`LogPublisher`, and its observers."""

    def test_interface(self) -> None:
        """A publisher is itself an observer."""
        self.assertTrue(verifyObject(ILogObserver, LogPublisher()))
        self.assertTrue(ILogObserver.providedBy(globalLogPublisher))

    def test_order(self) -> None:
        """All observers are told of the same event, in the order in which they were added."""
        told: list[tuple[str, LogEvent]] = []
        publisher = LogPublisher(lambda event: told.append(("a", event)))
        publisher.addObserver(lambda event: told.append(("b", event)))
        event: LogEvent = {"x": 1}
        publisher(event)
        self.assertEqual([name for name, _ in told], ["a", "b"])
        self.assertTrue(all(seen is event for _, seen in told))

    def test_once(self) -> None:
        """An observer that is added twice is told once."""
        told: list[LogEvent] = []
        publisher = LogPublisher(told.append, told.append)
        publisher.addObserver(told.append)
        publisher({})
        self.assertEqual(len(told), 1)

    def test_remove(self) -> None:
        """An observer that is removed is not told; it need not have been there."""
        told: list[LogEvent] = []
        publisher = LogPublisher(told.append)
        publisher.removeObserver(told.append)
        publisher.removeObserver(told.append)
        publisher({})
        self.assertEqual(told, [])

    def test_notCallable(self) -> None:
        """What cannot be called is refused by name."""
        error = self.assertRaises(TypeError, LogPublisher().addObserver, 5)
        self.assertIn("5 cannot be called", str(error))
        self.assertRaises(TypeError, LogPublisher, None)

    def test_changeWhilePublishing(self) -> None:
        """An observer may remove itself and add others; the event under way is not affected."""
        told: list[str] = []
        publisher = LogPublisher()

        def once(event: LogEvent) -> None:
            told.append("once")
            publisher.removeObserver(once)
            publisher.addObserver(lambda event: told.append("late"))

        publisher.addObserver(once)
        publisher.addObserver(lambda event: told.append("always"))
        publisher({})
        self.assertEqual(told, ["once", "always"])
        publisher({})
        self.assertEqual(told, ["once", "always", "always", "late"])

    def test_trace(self) -> None:
        """`log_trace` is told who told whom."""
        first: list[LogEvent] = []
        second: list[LogEvent] = []
        trace: list[tuple[object, object]] = []
        publisher = LogPublisher(first.append, second.append)
        publisher({"log_trace": trace})
        self.assertEqual([source for source, _ in trace], [publisher, publisher])
        self.assertEqual(trace[0][1], first.append)
        self.assertEqual((len(first), len(second)), (1, 1))


class BrokenObserverTests(SynchronousTestCase):
    """What happens when observers raise."""

    def setUp(self) -> None:
        self.stderr = io.StringIO()
        self.patch(sys, "__stderr__", self.stderr)

    def test_othersAreTold(self) -> None:
        """The others see the event, and then a report with the traceback; the caller is spared."""
        told: list[LogEvent] = []
        broken = Broken()
        publisher = LogPublisher(broken, told.append)
        publisher({"n": 1})
        report, event = told
        self.assertEqual(event, {"n": 1})
        self.assertIs(report["log_failure"].value, broken.error)
        self.assertIs(report["log_level"], LogLevel.critical)
        self.assertEqual(report["log_namespace"], "twisted.logger")
        self.assertEqual(formatEvent(report), f"The log observer {broken!r} raised an exception.")
        self.assertIn("no, thank you", report["log_failure"].getTraceback())
        self.assertEqual(self.stderr.getvalue(), "")

    def test_notToldOfItself(self) -> None:
        """The one that raised is not told about that, but of the next event."""
        broken = Broken()
        publisher = LogPublisher(broken, lambda event: None)
        publisher({"n": 1})
        publisher({"n": 2})
        self.assertEqual([event["n"] for event in broken.calls], [1, 2])

    def test_alsoTraced(self) -> None:
        """The same is true of an event that is traced."""
        told: list[LogEvent] = []
        LogPublisher(Broken(), told.append)({"log_trace": []})
        self.assertEqual(len(told), 2)

    def test_nobodyLeft(self) -> None:
        """When nobody is left to tell, the real standard error is."""
        LogPublisher(Broken())({})
        self.assertIn("raised an exception", self.stderr.getvalue())
        self.assertIn("RuntimeError: no, thank you", self.stderr.getvalue())

    def test_allBroken(self) -> None:
        """When all raise, each is told of the others' failures, and it ends."""
        observers = [Broken() for _ in range(4)]
        LogPublisher(*observers)({"n": 1})
        for observer in observers:
            self.assertIn({"n": 1}, observer.calls)
        self.assertIn("no, thank you", self.stderr.getvalue())

    def test_noStandardError(self) -> None:
        """A process without a standard error, or with a broken one, is not disturbed either."""
        publisher = LogPublisher(Broken())
        self.patch(sys, "__stderr__", None)
        publisher({})
        closed = io.StringIO()
        closed.close()
        self.patch(sys, "__stderr__", closed)
        publisher({})

    def test_interrupt(self) -> None:
        """What is no error, such as Ctrl-C, goes through."""
        publisher = LogPublisher(Broken(KeyboardInterrupt()))
        self.assertRaises(KeyboardInterrupt, publisher, {})


class WantsTests(SynchronousTestCase):
    """`LogPublisher.wants`, which keeps events that nobody wants from being built."""

    def setUp(self) -> None:
        self.told: list[LogEvent] = []
        self.levels = LogLevelFilterPredicate()
        self.filtering = FilteringLogObserver(self.told.append, [self.levels])

    def wants(self, publisher: LogPublisher, level: Any = LogLevel.debug) -> bool:
        return publisher.wants(level, "some.where")

    def test_nobody(self) -> None:
        """Without observers nothing is wanted."""
        self.assertFalse(self.wants(LogPublisher(), LogLevel.critical))

    def test_plainObserver(self) -> None:
        """An observer that cannot be asked wants all."""
        self.assertTrue(self.wants(LogPublisher(self.told.append)))

    def test_filters(self) -> None:
        """A filter by level wants what it lets pass, also behind another publisher."""
        for publisher in (
            LogPublisher(self.filtering),
            LogPublisher(LogPublisher(self.filtering)),
        ):
            self.assertFalse(self.wants(publisher))
            self.assertTrue(self.wants(publisher, LogLevel.info))

    def test_changes(self) -> None:
        """The answer follows observers and levels as they change."""
        inner = LogPublisher()
        publisher = LogPublisher(inner)
        self.assertFalse(self.wants(publisher))
        inner.addObserver(self.filtering)
        self.assertFalse(self.wants(publisher))
        self.levels.setLogLevelForNamespace("some", LogLevel.debug)
        self.assertTrue(self.wants(publisher))
        self.levels.clearLogLevels()
        self.assertFalse(self.wants(publisher))
        inner.addObserver(self.told.append)
        self.assertTrue(self.wants(publisher))
        inner.removeObserver(self.told.append)
        self.assertFalse(self.wants(publisher))

    def test_otherFilters(self) -> None:
        """A filter that cannot be asked beforehand wants all."""

        class Own(FilteringLogObserver):
            pass

        class OwnLevels(LogLevelFilterPredicate):
            pass

        refused: list[LogEvent] = []
        for observer in (
            Own(self.told.append, [self.levels]),
            FilteringLogObserver(self.told.append, [OwnLevels()]),
            FilteringLogObserver(self.told.append, [self.levels], refused.append),
        ):
            self.assertTrue(self.wants(LogPublisher(observer)))

    def test_unwantedIsNotBuilt(self) -> None:
        """A logger does not call observers that do not want the event, unless it is traced."""
        publisher = LogPublisher(self.filtering)
        logger = Logger(observer=publisher)
        logger.debug("x")
        self.assertEqual(self.told, [])
        trace: list[Any] = []
        logger.debug("x", log_trace=trace)
        self.assertEqual(trace[0], (logger, publisher))

    def test_memory(self) -> None:
        """A program that makes up namespaces does not fill the memory with answers."""
        publisher = LogPublisher(self.filtering)
        for number in range(MAX_REMEMBERED_ANSWERS + 10):
            publisher.wants(LogLevel.debug, f"n{number}")
        self.assertLess(len(publisher._answers), 20)
