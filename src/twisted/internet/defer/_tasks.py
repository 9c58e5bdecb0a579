"""Coroutines and generators that wait for Deferreds."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from types import CodeType, CoroutineType, GeneratorType
from typing import Any, NoReturn, TypeVar

from twisted.internet.defer._chain import PLAIN, Chain, getDebugging, leave, take
from twisted.internet.defer._debug import Trail
from twisted.internet.defer._deferred import Deferred
from twisted.internet.defer._errors import NotACoroutineError
from twisted.internet.defer._functions import succeed
from twisted.internet.defer._futures import isFuture
from twisted.python.failure import Failure

_T = TypeVar("_T")

newContext: Callable[[], Any] = copy_context
"""What a coroutine is stepped in: something with the `run` of a context.  Replaced, once asyncio is
there, by what makes each coroutine a task of its event loop as well."""


class Returned(BaseException):
    """Carries the value of `returnValue` out of a generator."""

    def __init__(self, value: object) -> None:
        self.value = value


class Task(Deferred[_T]):
    """The Deferred of a coroutine's outcome, and what steps the coroutine."""

    __slots__ = ("_awaited", "_cancelling", "_context", "_coroutine")

    _awaited: Deferred[Any] | None
    _cancelling: bool
    _context: Any
    _coroutine: Any

    # Cancelling this cancels what the coroutine awaits.  It sees that as a CancelledError where it
    # waits, and may clean up, waiting for more if it must: it decides when it ends, and with which
    # result.  One that cancels itself while it is running has cancelled what it awaits next.

    def _waitsFor(self) -> Deferred[Any] | None:
        return Deferred._waitsFor(self) if self.called else self._awaited

    def _giveUp(self) -> None:
        self._cancelling = True

    def _resume(self, result: Any) -> Chain[Any] | None:
        coroutine = self._coroutine
        if coroutine is None:
            # It has ended long ago, and a callback has returned a Deferred to wait for.
            return Deferred._resume(self, result)
        self._awaited = None
        try:
            if type(result) not in PLAIN and isinstance(result, Failure):
                return self._advance(result.throwExceptionIntoGenerator, coroutine)
            return self._advance(coroutine.send, result)
        finally:
            del self, result

    def _advance(self, step: Any, argument: Any) -> Chain[Any] | None:
        """Step the coroutine until it waits (return `None`), or ends (return this Deferred)."""
        # benchmarks/deferred_cases.py, "coroutine" and "generator"
        coroutine = self._coroutine
        awaited: Any
        while True:
            try:
                awaited = self._context.run(step, argument)
            except (StopIteration, Returned) as ended:
                result = ended.value
                if type(result) in PLAIN or not isinstance(result, Deferred):
                    break
                # It ended by returning a Deferred: wait for that as well.
                awaited = result
                self._coroutine = coroutine = _passing(awaited)
                coroutine.send(None)
            except BaseException as error:
                result = _failureOf(error)
                break
            if not isinstance(awaited, Deferred):
                awaited = _adapt(awaited, coroutine)
            if isinstance(awaited, Deferred):
                if not awaited._ready:
                    self._wait(awaited)
                    coroutine = awaited = step = argument = None
                    del self
                    return None
                awaited = take(awaited)
            if type(awaited) not in PLAIN and isinstance(awaited, Failure):
                step, argument = awaited.throwExceptionIntoGenerator, coroutine
            else:
                step, argument = coroutine.send, awaited
        coroutine = awaited = step = argument = self._coroutine = self._context = None
        try:
            return self._end(result)
        finally:
            del self, result

    def _wait(self, awaited: Deferred[Any]) -> None:
        self._awaited = awaited
        awaited.callbacks.append((None, self, None, self))
        if self._cancelling:
            self._cancelling = False
            awaited.cancel()

    def _end(self, result: Any) -> Chain[Any] | None:
        if not self.called:
            self.called = True
            self.result = result
            return None if self.paused else self
        # Somebody else has fired it meanwhile.  A failure must not get lost for that.
        if isinstance(result, Failure):
            Trail(result)
        return None


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
    context = newContext()
    step: Any = _raise
    argument: Any
    try:
        argument = context.run(coro.send, None)
    except StopIteration as stop:
        if type(stop.value) in PLAIN:
            # benchmarks/deferred_cases.py, "coroutine": it need not have waited, and then there is
            # nothing to keep for it.
            return succeed(stop.value)
        argument = stop
    except BaseException as error:  # whoever awaits gets it
        argument = error
    else:
        step = _same
    task: Task[Any] = Task()
    task._coroutine = coro
    task._context = context
    task._cancelling = False
    if step is _same and isinstance(argument, Deferred) and not argument._ready:
        # benchmarks/deferred_cases.py, "coroutineWaiting"
        task._wait(argument)
        return task
    task._awaited = None
    if task._advance(step, argument) is not None:
        # It has its result, and nobody has added callbacks yet.
        task._ready = True
        if type(task.result) not in PLAIN and isinstance(task.result, Failure):
            leave(task, task.result)
    try:
        return task
    finally:
        del task, argument, context


def _same(awaited: Any) -> Any:
    return awaited


def _raise(error: BaseException) -> NoReturn:
    try:
        raise error
    finally:
        del error


def _failureOf(error: BaseException) -> Failure:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code in _STEPPING and trace.tb_next:
        trace = trace.tb_next
    error.__traceback__ = trace
    failure = Failure(error)
    if getDebugging():
        failure._keepCallers()
    return failure


_STEPPED = (CoroutineType, GeneratorType)
_STEPPING = {
    each.__code__ for each in (start, _raise, Task._advance, Failure.throwExceptionIntoGenerator)
}
"""What stands between the loop and the coroutine in a traceback, and says nothing to anybody."""


def passOver(*functions: CodeType) -> None:
    """Let tracebacks of coroutines not show functions through which they are stepped."""
    _STEPPING.update(functions)


Deferred._start = staticmethod(start)
