"""Coroutines that wait for Deferreds, as tasks of asyncio; and the other way round.

Theory of operation
-------------------
`defer._tasks` steps a coroutine by ``context.run(send, value)``.  Where an asyncio loop is
about, the context is a `CoroutineTask`: it stands around each step, says that it is the
current task of the loop, and looks at what the coroutine awaits.  A future of the loop is
replaced by a Deferred, a bare ``yield`` (``asyncio.sleep(0)``) by one that fires in the next
turn.  `asyncio.timeout`, task groups and libraries talk to that task as to any other.

Cancelling comes from two sides.  `Deferred.cancel` cancels what the coroutine awaits, be it
a Deferred or a future, and the coroutine sees the `CancelledError` that belongs to that.
`CoroutineTask.cancel`, which is asyncio's side, always gives it asyncio's, and never at once:
those who cancel a task count on its not running before they are done.  At the end of the
coroutine either is `defer.CancelledError`, as callbacks expect it.

`MixedCoroutine` is the reverse: a task of asyncio steps it, and gets a future for each
Deferred that the coroutine inside awaits.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import _enter_task, _leave_task
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, copy_context
from threading import current_thread, get_ident, main_thread
from types import CoroutineType
from typing import Any, TextIO, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import _tasks as stepping
from twisted.internet.defer._futures import deliver, isFuture
from twisted.python._turn import turn
from twisted.python.failure import Failure

_T = TypeVar("_T")

_runningLoop = asyncio._get_running_loop


def newContext() -> Any:
    """What a new coroutine is stepped in: a task, if there is a loop that it belongs to."""
    loop = _runningLoop()
    if loop is None:
        loop = _loopToCome()
        if loop is None:
            return copy_context()
    return CoroutineTask(loop)


def _loopToCome() -> asyncio.AbstractEventLoop | None:
    """The loop of the reactor of the process, if it is this thread's though it does not run."""
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    find = getattr(reactor, "_loopOfAsyncio", None)
    if find is None:
        return None
    if turn.thread is None:
        isOurs = current_thread() is main_thread()
    else:
        isOurs = turn.thread == get_ident() and reactor.running
    if not isOurs:
        return None
    loop: asyncio.AbstractEventLoop | None = find()
    return loop


class _Awaiting(Deferred[Any]):
    """Stands for a future that a coroutine awaits: it fires when that does, cancelled or not."""

    __slots__ = ("_task",)

    _task: CoroutineTask

    def _giveUp(self) -> None:
        self._task.cancel()


class CoroutineTask(asyncio.Future[Any]):
    """What `asyncio.current_task` is in a coroutine that waits for Deferreds.

    It is the future of what the coroutine returns or raises.

    Args:
        loop: the event loop that the coroutine belongs to.
    """

    # Names with underscores are those that libraries look at on tasks of asyncio. They are given to
    # the instance when they change; benchmark asgi-hello, where few of them do.
    _coro: Any = None
    _name: str | None = None
    _must_cancel = False
    _fut_waiter: asyncio.Future[Any] | None = None
    _awaited: Deferred[Any] | None = None
    _cancels = 0
    #: Whether a Deferred was cancelled for asyncio, whose error the coroutine is to see.
    _translate = False

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._context = copy_context()

    # Steps

    def run(self, step: Callable[[Any], Any], argument: Any) -> Any:
        """Step the coroutine, as `contextvars.Context.run` does."""
        loop = self.get_loop()
        running = _runningLoop()
        if running is not loop:
            if running is not None:
                # Another loop has fired what it awaited.
                return self._context.run(step, argument)
            # The reactor does not run yet, or is iterated.
            asyncio._set_running_loop(loop)
        outer = asyncio.current_task(loop)
        if outer is not None:
            _leave_task(loop, outer)
        _enter_task(loop, self)  # type: ignore[arg-type]  # quacks like a task
        try:
            return self._adapt(self._step(step, argument))
        finally:
            _leave_task(loop, self)  # type: ignore[arg-type]  # quacks like a task
            if outer is not None:
                _enter_task(loop, outer)
            if running is None:
                asyncio._set_running_loop(None)
            del self, step, argument, outer

    def _step(self, step: Any, argument: Any) -> Any:
        if self._coro is None:
            self._coro = step.__self__
        if self._awaited is not None or self._fut_waiter is not None:
            self._awaited = self._fut_waiter = None
        try:
            if self._must_cancel or self._translate:
                step, argument = self._cancelledStep(step, argument)
            return self._context.run(step, argument)
        except (StopIteration, stepping.Returned) as ended:
            if not self.done():
                super().set_result(ended.value)
            raise
        except asyncio.CancelledError as error:
            super().cancel(*error.args)
            raise CancelledError(*error.args) from error
        except BaseException as error:
            self._endWith(error)
            raise
        finally:
            del self, step, argument

    def _cancelledStep(self, step: Any, argument: Any) -> tuple[Any, Any]:
        if getattr(step, "__func__", None) is Failure.throwExceptionIntoGenerator:
            isCancelled = step.__self__.check(CancelledError) is not None
        elif getattr(step, "__self__", None) is self._coro:
            isCancelled = False
        else:
            # What the first step led to is passed through: see `defer._tasks.start`.
            return step, argument
        if self._must_cancel or isCancelled:
            step, argument = self._coro.throw, asyncio.CancelledError()
        self._must_cancel = self._translate = False
        return step, argument

    def _endWith(self, error: BaseException) -> None:
        if self.done():
            return
        if isinstance(error, CancelledError):
            super().cancel()
        else:
            super().set_exception(error)
            # The Deferred of the coroutine reports it, unless somebody handles it there.
            self._log_traceback = False

    def _adapt(self, awaited: Any) -> Any:
        """The Deferred for what the coroutine awaits, if it is to wait for one."""
        if isinstance(awaited, Deferred):
            self._awaited = awaited
            if self._must_cancel:
                self.get_loop().call_soon(self._cancelAwaited, awaited)
            return awaited
        if awaited is None and type(self._coro) is CoroutineType and self.get_loop().is_running():
            waiting: Deferred[Any] = Deferred()
            self.get_loop().call_soon(waiting.callback, None)
            self._awaited = waiting
            return waiting
        if isFuture(awaited) and awaited.get_loop() is self.get_loop():
            # What a task of asyncio does to tell the future that it was not awaited by mistake.
            awaited._asyncio_future_blocking = False
            waiting = _Awaiting()
            waiting._task = self
            deliver(awaited, waiting)
            self._fut_waiter = awaited
            if self._must_cancel and awaited.cancel():
                self._must_cancel = False
            return waiting
        return awaited

    # What tasks of asyncio have

    def cancel(self, msg: Any | None = None) -> bool:
        """Ask the coroutine to end, by a `asyncio.CancelledError` where it waits; soon."""
        if self.done():
            return False
        self._cancels += 1
        if self._fut_waiter is not None and self._fut_waiter.cancel(msg):
            return True
        self._must_cancel = True
        if self._awaited is not None:
            self.get_loop().call_soon(self._cancelAwaited, self._awaited)
        return True

    def _cancelAwaited(self, awaited: Deferred[Any]) -> None:
        if self._awaited is awaited and self._must_cancel:
            self._must_cancel, self._translate = False, True
            awaited.cancel()

    def cancelling(self) -> int:
        """How many requests to cancel were made and not taken back."""
        return self._cancels

    def uncancel(self) -> int:
        """Take one request to cancel back; returns how many are left."""
        self._cancels = max(0, self._cancels - 1)
        return self._cancels

    def get_coro(self) -> Any:
        """The coroutine or generator."""
        return self._coro

    def get_context(self) -> Context:
        """The context variables of the coroutine."""
        return self._context

    def get_name(self) -> str:
        """The name that was set, or that of the coroutine."""
        return self._name or getattr(self._coro, "__qualname__", None) or repr(self._coro)

    def set_name(self, value: object) -> None:
        """Give it another name."""
        self._name = str(value)

    def get_stack(self, *, limit: int | None = None) -> list[Any]:
        """The frame in which the coroutine waits, if it does."""
        frame = getattr(self._coro, "cr_frame", None) or getattr(self._coro, "gi_frame", None)
        return [] if frame is None else [frame]

    def print_stack(self, *, limit: int | None = None, file: TextIO | None = None) -> None:
        """Write the places of `get_stack`, by default to standard error."""
        for frame in self.get_stack(limit=limit):
            place = f'  File "{frame.f_code.co_filename}", line {frame.f_lineno}'
            (file or sys.stderr).write(f"{place}, in {frame.f_code.co_name}\n")

    def set_result(self, result: object) -> None:
        """Not for tasks."""
        raise RuntimeError("a coroutine gives itself its result: return it there")

    def set_exception(self, exception: object) -> None:
        """Not for tasks."""
        raise RuntimeError("a coroutine raises its own exception; cancel() ends it from outside")

    def __repr__(self) -> str:
        state = "finished" if self.done() else "cancelling" if self._cancels else "pending"
        return f"<CoroutineTask {self.get_name()} {state}>"


class MixedCoroutine(Coroutine[Any, Any, _T]):
    """A coroutine for a task of asyncio, which may await Deferreds.

    Args:
        coro: the coroutine proper.
        loop: the loop of the task.
    """

    __slots__ = ("__weakref__", "_coro", "_future", "_loop")

    def __init__(self, coro: Coroutine[Any, Any, _T], loop: asyncio.AbstractEventLoop) -> None:
        self._coro = coro
        self._loop = loop
        self._future: asyncio.Future[Any] | None = None

    def send(self, value: Any, /) -> Any:
        """Step the coroutine, with the result of the Deferred that it awaited, if it did."""
        future, self._future = self._future, None
        return self._adapt(self._coro.send(value if future is None else future.result()))

    def throw(self, *error: Any) -> Any:
        """Raise an exception where the coroutine waits."""
        self._future = None
        return self._adapt(self._coro.throw(*error))

    def close(self) -> None:
        """End the coroutine."""
        self._coro.close()

    def __await__(self) -> Generator[Any, Any, _T]:
        return self._coro.__await__()

    def _adapt(self, awaited: Any) -> Any:
        if not isinstance(awaited, Deferred):
            return awaited
        future = self._future = awaited.asFuture(self._loop)
        # So a task knows that it was awaited, and not just yielded.
        future._asyncio_future_blocking = True
        return future

    def __getattr__(self, name: str) -> Any:
        return getattr(self._coro, name)

    def __repr__(self) -> str:
        return repr(self._coro)


def mixed(coro: Any, loop: asyncio.AbstractEventLoop) -> Any:
    """A coroutine that may await Deferreds, for one that may not; anything else as it is."""
    return MixedCoroutine(coro, loop) if asyncio.iscoroutine(coro) else coro


stepping.newContext = newContext
# What stands between the loop and the coroutine in a traceback, and says nothing to anybody.
stepping.passOver(CoroutineTask.run.__code__, CoroutineTask._step.__code__)
