"""Tests for filters."""

from __future__ import annotations

from typing import Any

from constantly import NamedConstant
from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from twisted.logger import (
    FilteringLogObserver,
    ILogFilterPredicate,
    ILogObserver,
    InvalidLogLevelError,
    LogEvent,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    LogPublisher,
    PredicateResult,
)
from twisted.trial.unittest import SynchronousTestCase


def always(result: NamedConstant) -> Any:
    """A predicate that says *result* of everything."""
    return lambda event: result


class FilteringTests(SynchronousTestCase):
    """`FilteringLogObserver`."""

    def observe(self, *predicates: Any) -> tuple[int, int]:
        """How many events each of the observers saw, of one."""
        seen: list[LogEvent] = []
        refused: list[LogEvent] = []
        observer = FilteringLogObserver(seen.append, predicates, refused.append)
        self.assertTrue(verifyObject(ILogObserver, observer))
        observer({})
        return len(seen), len(refused)

    def test_results(self) -> None:
        """The first that decides does; if none does the event passes."""
        yes, no, maybe = map(always, PredicateResult.iterconstants())
        self.assertEqual(self.observe(), (1, 0))
        self.assertEqual(self.observe(maybe, maybe), (1, 0))
        self.assertEqual(self.observe(maybe, yes, no), (1, 0))
        self.assertEqual(self.observe(maybe, no, yes), (0, 1))

    def test_decidedOnce(self) -> None:
        """After a decision no predicate is asked."""
        asked: list[LogEvent] = []

        def ask(event: LogEvent) -> NamedConstant:
            asked.append(event)
            return PredicateResult.maybe

        self.observe(ask, always(PredicateResult.no), ask)
        self.assertEqual(len(asked), 1)

    def test_noNegativeObserver(self) -> None:
        """Without a second observer, the events that do not pass are gone."""
        seen: list[LogEvent] = []
        FilteringLogObserver(seen.append, [always(PredicateResult.no)])({})
        self.assertEqual(seen, [])

    def test_badResult(self) -> None:
        """A predicate that says something else is named."""
        error = self.assertRaises(TypeError, self.observe, always("yes"))
        self.assertIn("returned 'yes'; it must return one of PredicateResult", str(error))

    def test_iterator(self) -> None:
        """The predicates may come from an iterator."""
        seen: list[LogEvent] = []
        observer = FilteringLogObserver(seen.append, iter([always(PredicateResult.no)]))
        observer({})
        observer({})
        self.assertEqual(seen, [])

    def test_trace(self) -> None:
        """A trace says which observer it was."""
        seen: list[LogEvent] = []
        trace: list[Any] = []
        observer = FilteringLogObserver(seen.append, [])
        observer({"log_trace": trace})
        self.assertEqual(trace, [(observer, seen.append)])


class LevelPredicateTests(SynchronousTestCase):
    """`LogLevelFilterPredicate`."""

    def setUp(self) -> None:
        self.levels = LogLevelFilterPredicate()

    def ask(self, level: Any, namespace: Any) -> NamedConstant:
        return self.levels({"log_level": level, "log_namespace": namespace})

    def test_interface(self) -> None:
        """It is a predicate."""
        self.assertTrue(verifyObject(ILogFilterPredicate, self.levels))

    def test_default(self) -> None:
        """Without levels, that is `info` or the one that is given."""
        self.assertIs(self.levels.logLevelForNamespace("a"), LogLevel.info)
        self.assertIs(self.levels.logLevelForNamespace(""), LogLevel.info)
        self.assertIs(self.levels.logLevelForNamespace(None), LogLevel.info)
        other = LogLevelFilterPredicate(defaultLogLevel=LogLevel.error)
        self.assertIs(other.logLevelForNamespace("a.b"), LogLevel.error)

    def test_nearest(self) -> None:
        """The level of the nearest name holds."""
        self.levels.setLogLevelForNamespace(None, LogLevel.error)
        self.levels.setLogLevelForNamespace("web", LogLevel.debug)
        self.levels.setLogLevelForNamespace("web.client", LogLevel.warn)
        for namespace, level in (
            ("", LogLevel.error),
            ("mail", LogLevel.error),
            ("website", LogLevel.error),
            ("web", LogLevel.debug),
            ("web.server.request", LogLevel.debug),
            ("web.client", LogLevel.warn),
            ("web.client.agent", LogLevel.warn),
        ):
            self.assertIs(self.levels.logLevelForNamespace(namespace), level)

    def test_clear(self) -> None:
        """All that was set can be forgotten; the default stays."""
        self.levels.setLogLevelForNamespace("", LogLevel.error)
        self.levels.setLogLevelForNamespace("a", LogLevel.debug)
        self.levels.clearLogLevels()
        self.assertIs(self.levels.logLevelForNamespace("a"), LogLevel.info)

    def test_badLevel(self) -> None:
        """A level that is none is refused."""
        self.assertRaises(InvalidLogLevelError, self.levels.setLogLevelForNamespace, "a", "debug")

    def test_answers(self) -> None:
        """Events below the level are refused; of the others another may decide."""
        self.assertIs(self.ask(LogLevel.debug, "a"), PredicateResult.no)
        self.assertIs(self.ask(LogLevel.info, "a"), PredicateResult.maybe)
        self.assertIs(self.ask(LogLevel.critical, ""), PredicateResult.maybe)

    def test_incomplete(self) -> None:
        """An event without a level or a namespace is refused."""
        self.assertIs(self.ask(None, "a"), PredicateResult.no)
        self.assertIs(self.ask(LogLevel.critical, None), PredicateResult.no)
        self.assertIs(self.levels({}), PredicateResult.no)

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_wantsTheSame(self, data: st.DataObject) -> None:
        """What `wants` says beforehand is what the filter does."""
        names = st.lists(st.sampled_from("ab"), max_size=3).map(".".join)
        level = st.sampled_from(list(LogLevel.iterconstants()))
        levels = LogLevelFilterPredicate(data.draw(level))
        for name, value in data.draw(st.dictionaries(names, level, max_size=4)).items():
            levels.setLogLevelForNamespace(name, value)
        seen: list[LogEvent] = []
        observer = FilteringLogObserver(seen.append, [levels])
        namespace, current = data.draw(names), data.draw(level)
        observer({"log_level": current, "log_namespace": namespace})
        self.assertEqual(observer.wants(current, namespace), bool(seen))
        Logger(namespace, observer=LogPublisher(observer)).emit(current)
        self.assertIn(len(seen), (0, 2))
