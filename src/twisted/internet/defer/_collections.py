"""Deferreds for many Deferreds: all of them, or the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, overload

from twisted.internet.defer._debug import logCancellerError
from twisted.internet.defer._deferred import Deferred
from twisted.python.failure import Failure

_T = TypeVar("_T")

# What stands before each result in the list of a DeferredList.
FAILURE, SUCCESS = False, True


class FirstError(Exception):
    """The first failure of a `DeferredList` with `fireOnOneErrback`, or of `gatherResults`.

    Attributes:
        subFailure: the failure.
        index: the place in the list of the Deferred that failed.
    """

    def __init__(self, failure: Failure, index: int) -> None:
        super().__init__(failure, index)
        self.index, self.subFailure = index, failure

    def __repr__(self) -> str:
        return f"FirstError[#{self.index}, {self.subFailure!r}]"

    def __str__(self) -> str:
        return f"FirstError[#{self.index}, {self.subFailure}]"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FirstError):
            return (self.subFailure, self.index) == (other.subFailure, other.index)
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.subFailure, self.index))


class FailureGroup(Exception):
    """All of the failures of `race`, where nothing succeeded.

    Attributes:
        failures: in the order of the Deferreds.
    """

    def __init__(self, failures: Sequence[Failure]) -> None:
        Exception.__init__(self, failures)
        self.failures = failures

    def __str__(self) -> str:
        causes = (f"{each.type.__name__}: {each.getErrorMessage()}" for each in self.failures)
        return "; ".join(causes)


class DeferredList(Deferred[Any]):
    """Fires when all of some Deferreds have fired, with a list of `(success, result)` in order.

    Args:
        deferredList: the Deferreds.  Each keeps its own result; callbacks added to it later do
            not change what the list gets.
        fireOnOneCallback: fire with the first result instead, as `(result, index)`.
        fireOnOneErrback: fail with the first failure instead, as `FirstError`.
        consumeErrors: take the failures of the Deferreds, so that they do not also count as
            unhandled there.
    """

    __slots__ = ("_consumeErrors", "_parts", "_pending", "fireOnOneCallback", "fireOnOneErrback",
                 "resultList")  # fmt: skip

    fireOnOneCallback: bool
    fireOnOneErrback: bool

    @overload
    def __init__(
        self,
        deferredList: Iterable[Deferred[_T]],
        fireOnOneCallback: bool = ...,
        fireOnOneErrback: bool = ...,
        consumeErrors: bool = ...,
    ) -> None: ...

    @overload
    def __init__(
        self,
        deferredList: Iterable[Deferred[Any]],
        fireOnOneCallback: bool = ...,
        fireOnOneErrback: bool = ...,
        consumeErrors: bool = ...,
    ) -> None: ...

    def __init__(
        self,
        deferredList: Iterable[Deferred[Any]],
        fireOnOneCallback: bool = False,
        fireOnOneErrback: bool = False,
        consumeErrors: bool = False,
    ) -> None:
        Deferred.__init__(self)
        parts = list(deferredList)
        self.fireOnOneCallback = fireOnOneCallback
        self.fireOnOneErrback = fireOnOneErrback
        self.resultList: list[Any] = [None] * len(parts)
        self._consumeErrors = consumeErrors
        self._parts = parts
        self._pending = len(parts)
        if not parts and not fireOnOneCallback:
            self.callback(self.resultList)
        for index, part in enumerate(parts):
            part.addBoth(self._collect, index)

    def _collect(self, result: Any, index: int) -> Any:
        failed = isinstance(result, Failure)
        self.resultList[index] = (not failed, result)
        self._pending -= 1
        if not self.called:
            if failed and self.fireOnOneErrback:
                self._parts = []
                self.errback(Failure(FirstError(result, index)))
            elif not failed and self.fireOnOneCallback:
                self._parts = []
                self.callback((result, index))
            elif not self._pending:
                self._parts = []
                self.callback(self.resultList)
        return None if failed and self._consumeErrors else result

    def cancel(self) -> None:
        """Cancel each of the Deferreds, if this has not fired; else what it waits for, if any."""
        if self.called:
            Deferred.cancel(self)
        else:
            _cancelAll(self._parts)


def _cancelAll(parts: Iterable[Deferred[Any]]) -> None:
    for part in list(parts):
        try:
            part.cancel()
        except Exception:
            logCancellerError()


def gatherResults(
    deferredList: Iterable[Deferred[_T]], consumeErrors: bool = False
) -> Deferred[list[_T]]:
    """The results of several Deferreds, as a list in their order.

    Args:
        deferredList: the Deferreds.
        consumeErrors: as for `DeferredList`.

    Returns:
        A Deferred that fails with `FirstError` as soon as one of them fails.
    """
    d = DeferredList(deferredList, fireOnOneErrback=True, consumeErrors=consumeErrors)
    return d.addCallback(_values)


def _values(results: list[tuple[bool, _T]]) -> list[_T]:
    return [value for _, value in results]


def race(ds: Sequence[Deferred[_T]]) -> Deferred[tuple[int, _T]]:
    """The first of several Deferreds that succeeds; the others are cancelled.

    Returns:
        A Deferred for `(index, result)` of the winner.  If all of them fail, it fails with a
        `FailureGroup`.  Cancelling it cancels all of them.

    Raises:
        ValueError: there are none.
    """
    if not ds:
        raise ValueError("race() needs at least one Deferred: nothing could ever win")
    contest = _Race(list(ds))
    result: Deferred[tuple[int, _T]] = Deferred(contest.cancel)
    contest.start(result)
    return result


class _Race:
    """A race that is on."""

    __slots__ = ("failures", "result", "runners")

    def __init__(self, runners: list[Deferred[Any]]) -> None:
        self.runners = runners
        self.failures: dict[int, Failure] = {}
        self.result: Deferred[Any] | None = None

    def cancel(self, _: object) -> None:
        _cancelAll(self.runners)

    def start(self, result: Deferred[Any]) -> None:
        self.result = result
        for index, runner in enumerate(list(self.runners)):
            runner.addBoth(self.arrive, index)

    def arrive(self, outcome: Any, index: int) -> None:
        result = self.result
        if result is None:
            # Decided.  This is one that was cancelled for it.
            return
        if not isinstance(outcome, Failure):
            losers = [each for each in self.runners if each is not self.runners[index]]
            self.result, self.runners, self.failures = None, [], {}
            _cancelAll(losers)
            result.callback((index, outcome))
            return
        self.failures[index] = outcome
        if len(self.failures) == len(self.runners):
            failures = [self.failures[each] for each in range(len(self.runners))]
            self.result, self.runners, self.failures = None, [], {}
            result.errback(Failure(FailureGroup(failures)))
