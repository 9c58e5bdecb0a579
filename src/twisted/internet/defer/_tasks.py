"""Coroutines and generators that wait for Deferreds."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextvars import Context, copy_context
from types import CoroutineType, GeneratorType
from typing import Any, TypeVar

from twisted.internet.defer._debug import Trail
from twisted.internet.defer._deferred import PLAIN, Deferred, getDebugging, leave, take
from twisted.internet.defer._errors import NotACoroutineError
from twisted.internet.defer._futures import isFuture
from twisted.python.failure import Failure

_T = TypeVar("_T")


class Returned(BaseException):
    """Carries the value of `returnValue` out of a generator."""

    def __init__(self, value: object) -> None:
        self.value = value


class Task(Deferred[_T]):
    """The Deferred of a coroutine's outcome, and what steps the coroutine."""

    __slots__ = ("_awaited", "_cancelling", "_context", "_coroutine")

    _awaited: Deferred[Any] | None
    _cancelling: bool
    _context: Context
    _coroutine: Any

    def cancel(self) -> None:
        """Cancel what the coroutine awaits.

        The coroutine sees that as a `CancelledError` where it waits, and may clean up, waiting for
        more if it must: it decides when it ends, and with which result.  One that cancels itself
        while it is running has cancelled what it awaits next.
        """
        if self.called:
            Deferred.cancel(self)
        elif self._awaited is not None:
            self._awaited.cancel()
        else:
            self._cancelling = True
        del self

    def _resume(self, result: Any) -> Deferred[Any] | None:
        """Step the coroutine until it waits (return `None`), or ends (return this Deferred)."""
        # benchmarks/deferred_cases.py, "coroutine" and "generator"
        coroutine = self._coroutine
        if coroutine is None:
            # It has ended long ago, and a callback has returned a Deferred to wait for.
            return Deferred._resume(self, result)
        self._awaited = None
        run: Any = self._context.run
        while True:
            try:
                if type(result) in PLAIN or not isinstance(result, Failure):
                    awaited = run(coroutine.send, result)
                else:
                    awaited = run(result.throwExceptionIntoGenerator, coroutine)
            except StopIteration as stop:
                result = stop.value
                if type(result) in PLAIN or not isinstance(result, Deferred):
                    break
                # It ended by returning a Deferred: wait for that as well.
                awaited, result = result, None
                self._coroutine = coroutine = _passing(awaited)
                coroutine.send(None)
            except Returned as returned:
                result = returned.value
                break
            except BaseException as error:
                trace = error.__traceback__
                while trace is not None and trace.tb_frame.f_code in _STEPPING and trace.tb_next:
                    trace = trace.tb_next
                error.__traceback__ = trace
                trace = None
                result = Failure(error)
                if getDebugging():
                    result._keepCallers()
                break
            if not isinstance(awaited, Deferred):
                result = awaited = _adapt(awaited, coroutine)
                if not isinstance(awaited, Deferred):
                    continue
            if awaited._ready:
                result = take(awaited)
                continue
            self._awaited = awaited
            awaited.callbacks.append((None, self, None, self))
            if self._cancelling:
                self._cancelling = False
                awaited.cancel()
            coroutine = awaited = result = run = None
            del self
            return None
        coroutine = awaited = run = self._coroutine = None
        if self.called:
            self._endLate(result)
            return None
        self.called = True
        self.result = result
        try:
            return None if self.paused else self
        finally:
            del self, result

    def _endLate(self, result: Any) -> None:
        # Somebody else has fired it meanwhile.  A failure must not get lost for that.
        if isinstance(result, Failure):
            Trail(result)


def _passing(d: Deferred[_T]) -> Generator[Deferred[_T], _T, _T]:
    """Stands for a coroutine that ended by returning a Deferred."""
    return (yield d)


def _adapt(awaited: Any, coroutine: object) -> Any:
    """What a coroutine gets for something that it awaits and that is not a Deferred.

    Returns:
        A Deferred for it, or the result (a failure too) that is there already.
    """
    if isFuture(awaited):
        # What a task of asyncio does to tell the future that it was not awaited by mistake.
        awaited._asyncio_future_blocking = False
        return Deferred.fromFuture(awaited)
    if isinstance(coroutine, GeneratorType):
        return start(awaited) if isinstance(awaited, CoroutineType) else awaited
    if awaited is None:
        # A bare yield, such as asyncio.sleep(0): nothing to wait for.
        return None
    return Failure(
        TypeError(
            f"{coroutine!r} awaits {awaited!r}, which is neither a Deferred nor a future of "
            "asyncio: does it belong to another event loop's library?"
        )
    )


def start(coro: Any) -> Deferred[Any]:
    """Run a coroutine or generator up to where it first waits; see `Deferred.fromCoroutine`."""
    if type(coro) not in _STEPPED and not isinstance(coro, (Coroutine, Generator)):
        hint = ": it is a function, so call it first" if callable(coro) else ""
        raise NotACoroutineError(f"{coro!r} is not a coroutine{hint}")
    task: Task[Any] = Task()
    task._coroutine = coro
    task._cancelling = False
    task._context = copy_context()
    if task._resume(None) is not None:
        # It has its result, and nobody has added callbacks yet.
        task._ready = True
        if type(task.result) not in PLAIN and isinstance(task.result, Failure):
            leave(task, task.result)
    return task


_STEPPED = (CoroutineType, GeneratorType)
_STEPPING = (Task._resume.__code__, Failure.throwExceptionIntoGenerator.__code__)
"""What stands between the loop and the coroutine in a traceback, and says nothing to anybody."""

Deferred._start = staticmethod(start)
