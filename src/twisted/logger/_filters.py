"""Who sees which events."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from constantly import NamedConstant, Names
from zope.interface import Interface, implementer

from twisted.logger import _levels
from twisted.logger._contracts import ILogObserver, LogEvent, LogObserver
from twisted.logger._levels import InvalidLogLevelError, rank
from twisted.logger._publisher import changes, observerWants


class PredicateResult(Names):  # type: ignore[misc]  # constantly has no types
    """
    What a predicate says about an event.

    `yes`
        The observer sees it; no other predicate is asked.
    `no`
        The observer does not see it; no other predicate is asked.
    `maybe`
        Ask the next; when all say so, the observer sees it.
    """

    yes = NamedConstant()
    no = NamedConstant()
    maybe = NamedConstant()


yes = PredicateResult.yes
no = PredicateResult.no
maybe = PredicateResult.maybe


class ILogFilterPredicate(Interface):
    """Something that decides whether an event is seen."""

    def __call__(event: LogEvent) -> NamedConstant:
        """One of `PredicateResult` for *event*."""


Predicate = Callable[[LogEvent], NamedConstant]


@implementer(ILogObserver)
class FilteringLogObserver:
    """
    An observer that shows another one only some events.

    *observer* sees the events that the *predicates* let pass, asked in their
    order; *negativeObserver*, if given, sees the others.
    """

    def __init__(
        self,
        observer: LogObserver,
        predicates: Iterable[Predicate],
        negativeObserver: LogObserver | None = None,
    ) -> None:
        self._observer = observer
        self._predicates = tuple(predicates)
        self._negativeObserver = negativeObserver

    def shouldLogEvent(self, event: LogEvent) -> bool:
        """
        Whether the predicates let *event* pass.

        Raises `TypeError` when a predicate says something else than a `PredicateResult`.
        """
        for predicate in self._predicates:
            result = predicate(event)
            if result is yes:
                return True
            if result is no:
                return False
            if result is not maybe:
                raise TypeError(
                    f"the predicate {predicate!r} returned {result!r}; "
                    "it must return one of PredicateResult: yes, no, maybe"
                )
        return True

    def __call__(self, event: LogEvent) -> None:
        """Show *event* to one of the two observers."""
        observer = self._observer if self.shouldLogEvent(event) else self._negativeObserver
        if "log_trace" in event:
            event["log_trace"].append((self, observer))
        if observer is not None:
            observer(event)

    def wants(self, level: NamedConstant, namespace: str) -> bool:
        """Whether an event of this level and namespace could be seen by an observer of ours."""
        # A subclass may decide otherwise than by the predicates.
        if type(self) is not FilteringLogObserver or self._negativeObserver is not None:
            return True
        for predicate in self._predicates:
            if type(predicate) is not LogLevelFilterPredicate:
                return True
            if rank[level] < rank[predicate.logLevelForNamespace(namespace)]:
                return False
        return observerWants(self._observer, level, namespace)


@implementer(ILogFilterPredicate)
class LogLevelFilterPredicate:
    """
    A predicate that says `no` to events below the level of their namespace.

    A level that is set for `twisted.web` holds for `twisted.web.server` too,
    unless a nearer name has one of its own; *defaultLogLevel* holds for all the
    rest.  To the other events it says `maybe`.
    """

    def __init__(self, defaultLogLevel: NamedConstant = _levels.info) -> None:
        self.defaultLogLevel = defaultLogLevel
        self.clearLogLevels()

    def logLevelForNamespace(self, namespace: str | None) -> NamedConstant:
        """The level that holds for *namespace*; the default for None and ""."""
        levels = self._levels
        name = namespace or ""
        while name:
            level = levels.get(name)
            if level is not None:
                return level
            name = name.rpartition(".")[0]
        return levels[""]

    def setLogLevelForNamespace(self, namespace: str | None, level: NamedConstant) -> None:
        """
        Let *level* hold for *namespace* and what is below it; for all when it is None or "".

        Raises `InvalidLogLevelError` when the level is not one of `LogLevel`.
        """
        if level not in rank:
            raise InvalidLogLevelError(level)
        self._levels[namespace or ""] = level
        changes.count += 1

    def clearLogLevels(self) -> None:
        """Forget all levels that were set: the default holds for everything."""
        self._levels: dict[str, NamedConstant] = {"": self.defaultLogLevel}
        changes.count += 1

    def __call__(self, event: LogEvent) -> NamedConstant:
        """`no` to an event below the level of its namespace, or that has none of the two."""
        level = event.get("log_level")
        namespace = event.get("log_namespace")
        if level is None or namespace is None:
            return no
        return no if rank[level] < rank[self.logLevelForNamespace(namespace)] else maybe
