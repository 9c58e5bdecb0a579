"""The Deferred, its chain of callbacks, and the coroutines that wait for one.

Theory of operation
===================

A Deferred holds a list of `_Entry`s.  Firing it runs `_run`, one loop that hands the result from
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

from collections.abc import Callable, Coroutine, Generator, Mapping
from operator import length_hint
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
    Generic,
    NoReturn,
    ParamSpec,
    TypeVar,
    overload,
)

from twisted.internet.defer._debug import Trail, callers
from twisted.internet.defer._errors import AlreadyCalledError, CancelledError
from twisted.internet.defer._futures import asFuture, deliver
from twisted.internet.defer._timelimit import TimeLimit
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

    from twisted.internet.interfaces import IReactorTime

_T = TypeVar("_T")
_R = TypeVar("_R")
_S = TypeVar("_S")
_P = ParamSpec("_P")
_Q = ParamSpec("_Q")

# A callback with its further arguments, if any, and an errback with its own.  `None` for one of the
# two passes the result on.  A waiter stands where arguments do, on both sides, without a function.
_Arguments = tuple[tuple[Any, ...], Mapping[str, Any]]
_Entry = tuple[Callable[..., Any] | None, Any, Callable[..., Any] | None, Any]

PLAIN = frozenset((type(None), bool, int, float, str, bytes, list, tuple, dict, set))
"""Types of most results, which thus need not be asked whether they are failures or Deferreds: that
costs more than this (benchmarks/deferred_cases.py, "callbacks")."""


class Deferred(Generic[_T]):
    """The promise of a result, and the chain of functions that are to be called with it.

    Whoever promises the result fires the Deferred, once, with `callback` or `errback`.  Whoever
    wants it adds callbacks and errbacks, before or after; each gets what the one before it
    returned.  An exception, or a returned `Failure`, goes to the next errback; any other result to
    the next callback.  A callback that returns a Deferred makes the chain wait for that one's
    result.  Instead of adding callbacks, a coroutine may `await` the Deferred.

    Not safe for threads: all of this belongs into the thread of the reactor.

    Args:
        canceller: called by `cancel` with this Deferred, while it has not fired.  It should stop
            the operation that would have fired it; it may fire it itself.

    Attributes:
        called: whether it has been fired.
        paused: how many calls of `unpause` are due before its chain goes on.
        result: what the end of its chain returned; the other Deferred while it waits for one.  Not
            there until it has fired.
        callbacks: the part of its chain that is still to be run.
    """

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
    callbacks: list[_Entry]
    result: Any

    def __init__(self, canceller: Callable[[Deferred[Any]], object] | None = None) -> None:
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

    # The side of whoever wants the result

    @overload
    def addCallbacks(
        self,
        callback: Callable[Concatenate[_T, _P], Deferred[_R]],
        errback: Callable[Concatenate[Failure, _Q], Deferred[_R]],
        callbackArgs: tuple[Any, ...] | None = ...,
        callbackKeywords: Mapping[str, Any] | None = ...,
        errbackArgs: tuple[Any, ...] | None = ...,
        errbackKeywords: Mapping[str, Any] | None = ...,
    ) -> Deferred[_R]: ...

    @overload
    def addCallbacks(
        self,
        callback: Callable[Concatenate[_T, _P], _R | Failure],
        errback: Callable[Concatenate[Failure, _Q], _S | Failure],
        callbackArgs: tuple[Any, ...] | None = ...,
        callbackKeywords: Mapping[str, Any] | None = ...,
        errbackArgs: tuple[Any, ...] | None = ...,
        errbackKeywords: Mapping[str, Any] | None = ...,
    ) -> Deferred[_R | _S]: ...

    @overload
    def addCallbacks(
        self,
        callback: Callable[Concatenate[_T, _P], Deferred[_R]],
        errback: None = ...,
        callbackArgs: tuple[Any, ...] | None = ...,
        callbackKeywords: Mapping[str, Any] | None = ...,
        errbackArgs: tuple[Any, ...] | None = ...,
        errbackKeywords: Mapping[str, Any] | None = ...,
    ) -> Deferred[_R]: ...

    @overload
    def addCallbacks(
        self,
        callback: Callable[Concatenate[_T, _P], _R | Failure],
        errback: None = ...,
        callbackArgs: tuple[Any, ...] | None = ...,
        callbackKeywords: Mapping[str, Any] | None = ...,
        errbackArgs: tuple[Any, ...] | None = ...,
        errbackKeywords: Mapping[str, Any] | None = ...,
    ) -> Deferred[_R]: ...

    @overload
    def addCallbacks(
        self,
        callback: Callable[..., Any],
        errback: Callable[..., Any] | None = ...,
        callbackArgs: tuple[Any, ...] | None = ...,
        callbackKeywords: Mapping[str, Any] | None = ...,
        errbackArgs: tuple[Any, ...] | None = ...,
        errbackKeywords: Mapping[str, Any] | None = ...,
    ) -> Deferred[Any]: ...

    def addCallbacks(
        self,
        callback: Callable[..., Any] | None,
        errback: Callable[..., Any] | None = None,
        callbackArgs: tuple[Any, ...] | None = None,
        callbackKeywords: Mapping[str, Any] | None = None,
        errbackArgs: tuple[Any, ...] | None = None,
        errbackKeywords: Mapping[str, Any] | None = None,
    ) -> Any:
        """Add a callback and an errback side by side: one of the two will be called.

        Unlike `addCallback` followed by `addErrback`, the errback does not see the errors of the
        callback.

        Args:
            callback: called as `callback(result, *callbackArgs, **callbackKeywords)`.  `None`
                passes a result on.
            errback: called as `errback(failure, *errbackArgs, **errbackKeywords)`.  `None` passes
                a failure on.

        Returns:
            This Deferred.

        Raises:
            TypeError: one of them cannot be called.
        """
        if not callable(callback) and callback is not None:
            _refuse("callback", callback)
        if not callable(errback) and errback is not None:
            _refuse("errback", errback)
        extra = errbackExtra = None
        if callback is not None and (callbackArgs or callbackKeywords):
            extra = (tuple(callbackArgs or ()), callbackKeywords or {})
        if errback is not None and (errbackArgs or errbackKeywords):
            errbackExtra = (tuple(errbackArgs or ()), errbackKeywords or {})
        self.callbacks.append((callback, extra, errback, errbackExtra))
        if self._ready:
            try:
                run(self)
                return self
            finally:
                del self
        return self

    @overload
    def addCallback(
        self,
        callback: Callable[Concatenate[_T, _P], Deferred[_R]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_R]: ...

    @overload
    def addCallback(
        self,
        callback: Callable[Concatenate[_T, _P], _R | Failure],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_R]: ...

    def addCallback(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Add a function that is called with the result, if it is not a failure.

        Args:
            callback: called as `callback(result, *args, **kwargs)`.

        Returns:
            This Deferred.

        Raises:
            TypeError: it cannot be called.
        """
        # benchmarks/deferred_cases.py, "callbacks"
        if not callable(callback):
            _refuse("callback", callback)
        self.callbacks.append((callback, (args, kwargs) if args or kwargs else None, None, None))
        if self._ready:
            try:
                run(self)
                return self
            finally:
                del self
        return self

    @overload
    def addErrback(
        self,
        errback: Callable[Concatenate[Failure, _P], Deferred[_R]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_T | _R]: ...

    @overload
    def addErrback(
        self,
        errback: Callable[Concatenate[Failure, _P], _R | Failure],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_T | _R]: ...

    def addErrback(self, errback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Add a function that is called with the `Failure`, if there is one.

        Args:
            errback: called as `errback(failure, *args, **kwargs)`.  Unless it raises an exception
                or returns a failure, the chain goes on with callbacks.

        Returns:
            This Deferred.

        Raises:
            TypeError: it cannot be called.
        """
        # benchmarks/deferred_cases.py, "errback"
        if not callable(errback):
            _refuse("errback", errback)
        self.callbacks.append((None, None, errback, (args, kwargs) if args or kwargs else None))
        if self._ready:
            try:
                run(self)
                return self
            finally:
                del self
        return self

    @overload
    def addBoth(
        self,
        callback: Callable[Concatenate[_T | Failure, _P], Deferred[_R]],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_R]: ...

    @overload
    def addBoth(
        self,
        callback: Callable[Concatenate[_T | Failure, _P], _R | Failure],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_R]: ...

    @overload
    def addBoth(
        self,
        callback: Callable[Concatenate[Any, _P], _R | Failure],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Deferred[_R]: ...

    def addBoth(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Add a function that is called with the result, whether it is a failure or not.

        This is the `finally` clause of Deferreds: return the argument to be passed by.

        Args:
            callback: called as `callback(result, *args, **kwargs)`.

        Returns:
            This Deferred.

        Raises:
            TypeError: it cannot be called.
        """
        if not callable(callback):
            _refuse("callback", callback)
        extra = (args, kwargs) if args or kwargs else None
        self.callbacks.append((callback, extra, callback, extra))
        if self._ready:
            try:
                run(self)
                return self
            finally:
                del self
        return self

    def addTimeout(
        self,
        timeout: float,
        clock: IReactorTime,
        onTimeoutCancel: Callable[[_T | Failure, float], _R] | None = None,
    ) -> Deferred[_T | _R]:
        """Cancel this Deferred if it has no result in time.

        Args:
            timeout: seconds from now.
            clock: counts them: the reactor, or a `task.Clock`.
            onTimeoutCancel: called with the outcome of the cancellation and the timeout; what it
                returns is the result.  By default a `CancelledError` becomes a `TimeoutError`, and
                anything else is left as it is.

        Returns:
            This Deferred.
        """
        limit = TimeLimit(self, timeout, onTimeoutCancel)
        limit.call = clock.callLater(timeout, limit.expire)
        return self.addBoth(limit.settle)

    def chainDeferred(self, d: Deferred[_T]) -> Deferred[None]:
        """Fire another Deferred with this one's result, as it is at this point of the chain.

        The result goes over to the other; callbacks added here later get `None`.

        Returns:
            This Deferred.
        """
        return self.addCallbacks(d.callback, d.errback)

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

    def cancel(self) -> None:
        """Ask that the operation behind this Deferred be given up.

        If it has not fired, its canceller is called; unless that fires it, it fails with
        `CancelledError`.  Without a canceller it fails so at once, and the result that may still
        come is thrown away.  If it waits for another Deferred, that one is cancelled.  If it has
        its result, nothing happens.
        """
        if not self.called:
            canceller = self._canceller
            if canceller is None:
                self._canceller = _ignoreResult
            else:
                canceller(self)
            if not self.called:
                self.errback(CancelledError())
        elif self.paused and isinstance(self.result, Deferred):
            self.result.cancel()
        del self

    # The side of whoever has promised the result

    def callback(self, result: _T | Failure) -> None:
        """Fire this Deferred with its result: run its callbacks.

        Raises:
            AlreadyCalledError: it has fired before.
            TypeError: the result is a Deferred.
        """
        # benchmarks/deferred_cases.py, "callbacks"
        if self.called:
            return self._firedAgain()
        if type(result) not in PLAIN and isinstance(result, Deferred):
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
        if self._canceller is not _ignoreResult:
            self._canceller = None

    def _firedAgain(self) -> None:
        if self._canceller is _ignoreResult:
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

    # Coroutines and asyncio

    def __await__(self) -> Generator[Deferred[_T], Any, _T]:
        # benchmarks/deferred_cases.py, "coroutine"
        if not self._ready:
            result = yield self
        else:
            result = self.result
            if type(result) not in PLAIN and isinstance(result, Failure):
                # The coroutine has it now, to handle it or not.
                take(self)
                try:
                    result.raiseException()
                finally:
                    del self, result
        return result  # type: ignore[no-any-return]  # a cast would be the dearest part of this

    @classmethod
    def fromCoroutine(
        cls, coro: Coroutine[Deferred[Any], Any, _R] | Generator[Deferred[Any], Any, _R]
    ) -> Deferred[_R]:
        """Run a coroutine, up to its end or to the first Deferred that has not fired.

        The coroutine may await Deferreds and the futures of asyncio.  It runs in a copy of the
        current context (see `contextvars`).  Cancelling the Deferred cancels what it awaits.

        Returns:
            A Deferred for what the coroutine returns or raises.

        Raises:
            NotACoroutineError: it is none.
        """
        return cls._start(coro)

    # Set by `_tasks`: a task is a Deferred, and this module cannot import what builds on it.
    _start: ClassVar[Callable[[Any], Deferred[Any]]]

    def asFuture(self, loop: AbstractEventLoop) -> Future[_T]:
        """A future for this Deferred's result; cancelling it cancels this Deferred.

        The result goes over to the future: callbacks added here later get `None`.

        Args:
            loop: the asyncio event loop that the future belongs to.
        """
        return asFuture(self, loop)

    @classmethod
    def fromFuture(cls, future: Future[_R]) -> Deferred[_R]:
        """A Deferred for a future's result; cancelling it cancels the future.

        Args:
            future: of asyncio.  Its event loop must be running for it to get a result.
        """
        d: Deferred[_R] = Deferred(lambda _: future.cancel())
        deliver(future, d)
        return d

    def __repr__(self) -> str:
        name = f"{type(self).__name__} at {id(self):#x}"
        if not self.called:
            return f"<{name}>"
        if isinstance(self.result, Deferred):
            return f"<{name} waiting on Deferred at {id(self.result):#x}>"
        return f"<{name} current result: {self.result!r}>"

    def _resume(self, result: Any) -> Deferred[Any] | None:
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
    Deferred.debug = _debugging = bool(on)


def getDebugging() -> bool:
    """Whether `setDebugging` is on."""
    return _debugging


def _refuse(role: str, given: object) -> NoReturn:
    hint = ": it is a result, and should not have been called yet" if given is None else ""
    raise TypeError(f"{role} must be a function, not {given!r}{hint}")


def _ignoreResult(_: Deferred[Any]) -> None:
    """Stands for the canceller of one that was cancelled without having one."""


def leave(d: Deferred[Any], failure: Failure) -> None:
    """A failure is the result of a Deferred, and nothing that would handle it is left to run."""
    if d._trail is None:
        d._trail = Trail()
    d._trail.failure = failure


def take(d: Deferred[Any]) -> Any:
    """The result of a Deferred that has fired, for one that has waited for it: it has none now."""
    result = d.result
    d.result = None
    if d._trail is not None:
        d._trail.failure = None
    return result


def _waitFor(inner: Deferred[Any], current: Deferred[Any]) -> bool:
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


def run(d: Deferred[Any]) -> None:
    """Run the chain of a Deferred that has fired, and then of those that waited for it."""
    # benchmarks/deferred_cases.py, all cases: one function, that calls no other on the usual way
    # through it but the callbacks.
    current = d
    unfinished: list[Deferred[Any]] | None = None
    waiter: Deferred[Any] | None = None
    inner: Deferred[Any] | None = None
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
            except BaseException as error:
                if failed and error is result.value:
                    # What an errback did not want, such as by `trap`, goes on as it came.  Its
                    # traceback forgets the errback, which holds the failure.
                    error.__traceback__ = result.tb
                else:
                    trace = error.__traceback__
                    if trace is not None and trace.tb_next is not None:
                        error.__traceback__ = trace.tb_next
                    result, failed, trace = Failure(error), True, None
                    if _debugging:
                        result._keepCallers()
            else:
                if type(result) in PLAIN:
                    failed = False
                elif isinstance(result, Deferred):
                    if not result._ready:
                        inner = result
                        break
                    result = take(result)
                    failed = isinstance(result, Failure)
                else:
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
                    if unfinished is None:
                        unfinished = []
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
