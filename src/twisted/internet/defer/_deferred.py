"""The Deferred: what is added to it, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
    NoReturn,
    ParamSpec,
    TypeVar,
    overload,
)

from twisted.internet.defer._chain import PLAIN, Chain, alike, ignoreResult, run, take
from twisted.internet.defer._errors import CancelledError
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


class Deferred(Chain[_T]):
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

    __slots__ = ()

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
        callback: Callable[Concatenate[_T | Failure, _P], _R],
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

    def cancel(self) -> None:
        """Ask that the operation behind this Deferred be given up.

        If it has not fired, its canceller is called; unless that fires it, it fails with
        `CancelledError`.  Without a canceller it fails so at once, and the result that may still
        come is thrown away.  If it waits for another Deferred, that one is cancelled.  If it has
        its result, nothing happens.
        """
        # Not recursively: a thousand coroutines may wait for each other.
        last: Deferred[Any] = self
        further = self._waitsFor()
        while further is not None:
            last = further
            further = last._waitsFor() if type(last).cancel is Deferred.cancel else None
        if last is not self:
            last.cancel()
        elif not self.called:
            self._giveUp()
        del self, last

    def _waitsFor(self) -> Deferred[Any] | None:
        """The Deferred without which this one cannot go on."""
        return (
            self.result
            if self.paused and self.called and isinstance(self.result, Deferred)
            else None
        )

    def _giveUp(self) -> None:
        canceller = self._canceller
        if canceller is None:
            self._canceller = ignoreResult
        else:
            canceller(self)
        if not self.called:
            self.errback(CancelledError())
        del self

    # Coroutines and asyncio

    def __await__(self) -> Generator[Deferred[_T], Any, _T]:
        # benchmarks/deferred_cases.py, "coroutine"
        if not self._ready:
            result = yield self
        else:
            result = self.result
            if type(result) not in PLAIN and isinstance(result, Failure):
                # The coroutine has it now, to handle it or not.  Whoever awaits this Deferred
                # next gets its like: the traceback of the error itself leads to the frames
                # that it passes, which know this Deferred, and that would be a cycle.
                take(self)
                self.result = Failure(alike(result.value))
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


def _refuse(role: str, given: object) -> NoReturn:
    hint = ": it is a result, and should not have been called yet" if given is None else ""
    raise TypeError(f"{role} must be a function, not {given!r}{hint}")
