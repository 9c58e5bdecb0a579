"""The chain of a Deferred: how results go along it.

Theory of operation
===================

A Deferred holds a list of `Entry`s.  Firing it calls `run`, one loop that hands the result from
entry to entry.  Four things can happen to the chain of the *current* Deferred in that loop:

* it comes to its end: the result is kept for entries that are added later;
* it is paused by one of its own callbacks: the remaining entries are kept;
* a callback returns another Deferred that has fired: its result is taken, and the loop goes on;
* a callback returns one that has not: the current Deferred is put on that one's list as an entry
  of its own kind, a *waiter*, and is paused.

When the loop meets a waiter in the chain of the current Deferred, it hands the result over and
makes the waiter the current one; what is left of the first is done after that, from a stack that
the loop keeps itself.  So however many Deferreds wait for each other, the Python stack is no deeper
than for one.  A coroutine is a waiter too: `Task`, the Deferred of its outcome, is put on the list
of the Deferred that the coroutine awaits, and steps it when that fires.

`_ready` has three values: `True` if an entry is to be run as soon as it is added (fired, not
paused, not waiting), `None` while the loop is busy with this Deferred, and `False` otherwise.

What keeps frames from keeping Deferreds
========================================

A traceback keeps its frames, a frame keeps its callers, and all of them keep their local variables
after they have returned.  A failure that is the result of a Deferred would thus keep that Deferred,
which keeps the failure: a cycle, and the report of an unhandled error would wait for the garbage
collector.  Therefore functions here that call out forget their local variables before they return
(`del self` and the like), and the frame of the loop is taken off each traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from operator import length_hint
from typing import Any, ClassVar, Generic, TypeVar

from twisted.internet.defer._debug import Trail, callers
from twisted.internet.defer._errors import AlreadyCalledError
from twisted.python.failure import Failure

_T = TypeVar("_T")

# A callback with its further arguments, if any, and an errback with its own.  `None` for one of the
# two passes the result on.  A waiter stands where arguments do, on both sides, without a function.
Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]
Entry = tuple[Callable[..., Any] | None, Any, Callable[..., Any] | None, Any]

PLAIN = frozenset((type(None), bool, int, float, str, bytes, list, tuple, dict, set))
"""Types of most results, which thus need not be asked whether they are failures or Deferreds: that
costs more than this (benchmarks/deferred_cases.py, "callbacks")."""


class Chain(Generic[_T]):
    """What a `Deferred` is without its ways to add to it: state, firing and pausing."""

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_canceller",
        "_ready",
        "_trail",
        "called",
        "callbacks",
        "paused",
        "result",
    )

    debug: ClassVar[bool] = False
    """Whether Deferreds remember where they were created and fired; see `setDebugging`."""

    called: bool
    paused: int
    callbacks: list[Entry]
    result: Any

    def __init__(self, canceller: Callable[[Any], object] | None = None) -> None:
        # benchmarks/deferred_cases.py, all cases: creation is a third of a Deferred's life.
        self.called = False
        self.paused = 0
        self.callbacks = []
        self._canceller = canceller
        self._ready: bool | None = False
        self._trail: Trail | None = None
        if _debugging:
            self._trail = Trail()
            self._trail.creator = callers(1)

    def callback(self, result: _T | Failure) -> None:
        """Fire this Deferred with its result: run its callbacks.

        Raises:
            AlreadyCalledError: it has fired before.
            TypeError: the result is a Deferred.
        """
        # benchmarks/deferred_cases.py, "callbacks"
        if self.called:
            return self._firedAgain()
        if type(result) not in PLAIN and isinstance(result, Chain):
            raise TypeError(
                f"callback() takes a result, not {result!r}: return that from a callback instead, "
                "or use its chainDeferred()"
            )
        if self._canceller is not None:
            self._forgetCanceller()
        self.called = True
        self.result = result
        if _debugging:
            self._rememberInvoker()
        if not self.paused:
            run(self)
        elif isinstance(result, Failure):
            leave(self, result)
        del self, result

    def errback(self, fail: Failure | BaseException | None = None) -> None:
        """Fire this Deferred with a failure: run its errbacks.

        Args:
            fail: a `Failure` or an exception; by default the exception that is being handled.

        Raises:
            AlreadyCalledError: it has fired before.
            NoCurrentExceptionError: no failure is given, and no exception is being handled.
        """
        if self.called:
            return self._firedAgain()
        if not isinstance(fail, Failure):
            fail = Failure(fail)
            if _debugging:
                fail._keepCallers()
        if self._canceller is not None:
            self._forgetCanceller()
        self.called = True
        self.result = fail
        if _debugging:
            self._rememberInvoker()
        if not self.paused:
            run(self)
        else:
            leave(self, fail)
        del self, fail

    def _forgetCanceller(self) -> None:
        # It is done with, and often is what would keep this Deferred in a cycle.
        if self._canceller is not ignoreResult:
            self._canceller = None

    def _firedAgain(self) -> None:
        if self._canceller is ignoreResult:
            self._canceller = None
            return
        story = self._trail.story() if self._trail is not None else ""
        raise AlreadyCalledError(
            f"{self!r} has fired already, and can do so only once"
            + (f"\n{story}" if story else "; setDebugging(True) makes it remember where")
        )

    def _rememberInvoker(self) -> None:
        if self._trail is None:
            self._trail = Trail()
        self._trail.invoker = callers(2)

    def pause(self) -> None:
        """Run no more of the chain until `unpause` has been called as often as this."""
        self.paused += 1
        if self._ready:
            self._ready = False

    def unpause(self) -> None:
        """Undo one `pause`; undoing the last runs what has piled up.

        Raises:
            RuntimeError: it is not paused.
        """
        if not self.paused:
            raise RuntimeError(f"unpause() without a pause() before it: {self!r}")
        self.paused -= 1
        if self.called and not self.paused and self._ready is False:
            run(self)
        del self

    def __repr__(self) -> str:
        name = f"{type(self).__name__} at {id(self):#x}"
        if not self.called:
            return f"<{name}>"
        if isinstance(self.result, Chain):
            return f"<{name} waiting on Deferred at {id(self.result):#x}>"
        return f"<{name} current result: {self.result!r}>"

    def _resume(self, result: Any) -> Chain[Any] | None:
        """Take the result that this Deferred waited for; return it if its chain can go on."""
        self.result = result
        self.paused -= 1
        if not self.paused:
            return self
        if isinstance(result, Failure):
            leave(self, result)
        return None


_debugging = False


def setDebugging(on: bool) -> None:
    """Let Deferreds remember, from now on, where they were created and fired.

    Reports of unhandled errors, and `AlreadyCalledError`, then tell both, and the traceback of an
    error in a callback begins with the callers of the code that fired the Deferred.  Slow.
    """
    global _debugging
    Chain.debug = _debugging = bool(on)


def getDebugging() -> bool:
    """Whether `setDebugging` is on."""
    return _debugging


def ignoreResult(_: Chain[Any]) -> None:
    """Stands for the canceller of one that was cancelled without having one."""


def leave(d: Chain[Any], failure: Failure) -> None:
    """A failure is the result of a Deferred, and nothing that would handle it is left to run."""
    if d._trail is None:
        d._trail = Trail()
    d._trail.failure = failure


def take(d: Chain[Any]) -> Any:
    """The result of a Deferred that has fired, for one that has waited for it: it has none now."""
    result = d.result
    d.result = None
    if d._trail is not None:
        d._trail.failure = None
    return result


def alike(error: BaseException) -> BaseException:
    """An exception that says the same as `error`, and has been nowhere."""
    try:
        return copy(error)
    except Exception:
        # Of a class whose instances cannot be made from their arguments.
        return RuntimeError(f"this Deferred failed before, with {error!r}")


def _waitFor(inner: Chain[Any], current: Chain[Any]) -> bool:
    """Let one Deferred wait for the result of another; false if that is itself."""
    if inner is current:
        current.result = Failure(
            RuntimeError(f"a callback returned the Deferred that it was added to: {current!r}")
        )
        return False
    current.result = inner
    current.paused += 1
    current._ready = False
    inner.callbacks.append((None, current, None, current))
    return True


def _caught(error: BaseException, handed: Failure | None) -> Failure:
    """The failure that a callback raised, or that an errback did which was handed one."""
    if handed is not None and error is handed.value:
        # What an errback does not want, which it says by `trap`, goes on as it came.  Its traceback
        # forgets the errback, whose frame holds the failure.
        error.__traceback__ = handed.tb
        return handed
    trace = error.__traceback__
    if trace is not None and trace.tb_next is not None:
        error.__traceback__ = trace.tb_next
    failure = Failure(error)
    if _debugging:
        failure._keepCallers()
    return failure


def run(d: Chain[Any]) -> None:
    """Run the chain of a Deferred that has fired, and then of those that waited for it."""
    # benchmarks/deferred_cases.py, all cases: one function, that calls no other on the usual way
    # through it but the callbacks.
    current = d
    unfinished: list[Chain[Any]] | None = None
    waiter: Chain[Any] | None = None
    inner: Chain[Any] | None = None
    while True:
        current._ready = None
        result = current.result
        failed = type(result) not in PLAIN and isinstance(result, Failure)
        if failed and current._trail is not None:
            current._trail.failure = None
        entries = iter(current.callbacks)
        for function, extra, errback, errbackExtra in entries:
            if failed:
                function, extra = errback, errbackExtra  # noqa: PLW2901  # is what loops here are for
            if function is None:
                if extra is None:
                    continue
                waiter = extra._resume(result)
                result, failed = None, False
                if waiter is not None or current.paused:
                    break
                continue
            try:
                if extra is None:
                    result = function(result)
                elif extra[1]:
                    result = function(result, *extra[0], **extra[1])
                else:
                    result = function(result, *extra[0])
            except BaseException as error:  # the next errback's
                result, failed = _caught(error, result if failed else None), True
            else:
                failed = False
                if type(result) not in PLAIN:
                    if isinstance(result, Chain):
                        if not result._ready:
                            inner = result
                            break
                        result = take(result)
                    failed = isinstance(result, Failure)
            if current.paused:
                break
        else:
            current.callbacks.clear()
        if current.callbacks:
            del current.callbacks[: len(current.callbacks) - length_hint(entries)]

        if inner is not None:
            if not _waitFor(inner, current):
                inner = None
                continue
            inner = None
        else:
            current.result = result
            current._ready = not current.paused
            if failed:
                leave(current, result)
            elif waiter is not None:
                if current._ready and current.callbacks:
                    # What waits goes first; `_ready` says that this one is not done yet.
                    current._ready = None
                    unfinished = unfinished or []
                    unfinished.append(current)
                current, waiter = waiter, None
                continue
        while unfinished:
            current = unfinished.pop()
            if not current.paused:
                break
            current._ready = False
        else:
            break
    function = errback = extra = errbackExtra = result = None
    del d, current, entries, unfinished
