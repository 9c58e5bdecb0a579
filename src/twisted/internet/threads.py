"""Between threads and the event loop: results of blocking calls as Deferreds, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from queue import SimpleQueue
from threading import get_ident
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import CancelledError, Deferred, fail, maybeDeferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python._turn import turn
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = [
    "blockingCallFromThread",
    "callMultipleInThread",
    "deferToExecutor",
    "deferToThread",
    "deferToThreadPool",
]

_T = TypeVar("_T")


def deferToThreadPool(
    reactor: IReactorFromThreads,
    threadpool: ThreadPool,
    f: Callable[..., _T],
    *args: object,
    **kwargs: object,
) -> Deferred[_T]:
    """
    Call a function in a thread of a pool.

    Args:
        reactor: in whose thread the Deferred fires.
        threadpool: a pool that is started, or will be.
        f: what to call with the remaining arguments.

    Returns: a Deferred that fires with the result, or fails with what the function
        raised.  To cancel it does not interrupt the function, whose result is
        then ignored.

    Raises:
        TypeError: `f` cannot be called.
    """
    result: Deferred[_T] = Deferred()

    def finished(success: bool, value: Any) -> None:
        if isinstance(value, Deferred):
            # It belongs to the reactor's thread, so it is waited for there.
            reactor.callFromThread(value.chainDeferred, result)
        else:
            reactor.callFromThread(result.callback if success else result.errback, value)

    threadpool.callInThreadWithCallback(finished, f, *args, **kwargs)
    return result


def deferToThread(f: Callable[..., _T], *args: object, **kwargs: object) -> Deferred[_T]:
    """`deferToThreadPool` with the reactor of this process and its pool."""
    reactor = installedReactor()
    return deferToThreadPool(reactor, reactor.getThreadPool(), f, *args, **kwargs)


def deferToExecutor(
    executor: Executor, f: Callable[..., _T], *args: object, **kwargs: object
) -> Deferred[_T]:
    """
    Call a function where an executor of `concurrent.futures` decides.

    That may be a thread, a process (`concurrent.futures.ProcessPoolExecutor`), or another
    machine (`distributed.Client.get_executor`).  What goes to another process, and what comes
    back, is pickled.

    Args:
        executor: who makes the call; it is not shut down.
        f: what to call with the remaining arguments.

    Returns: a Deferred that fires in the reactor's thread with the result, or fails with what
        the function raised; with `concurrent.futures.BrokenExecutor` if a worker died, and
        with `RuntimeError` if the executor was shut down.  To cancel it takes the call out of
        the executor's queue; a call that has begun goes on, and its outcome is ignored.

    Raises:
        TypeError: `f` cannot be called.
    """
    if not callable(f):
        raise TypeError(f"deferToExecutor wants something to call, not {f!r}")
    reactor = installedReactor()
    try:
        future = executor.submit(f, *args, **kwargs)
    except RuntimeError as problem:
        return fail(problem)
    result: Deferred[_T] = Deferred(lambda _: future.cancel())

    def finish() -> None:
        if result.called:
            return
        if future.cancelled():
            result.errback(CancelledError())
        elif (error := future.exception()) is not None:
            result.errback(error)
        else:
            result.callback(future.result())

    future.add_done_callback(lambda _: reactor.callFromThread(finish))
    return result


def callMultipleInThread(
    tupleList: Iterable[tuple[Callable[..., object], Sequence[object], Mapping[str, object]]],
) -> None:
    """
    Make several calls in one thread of the reactor's pool, one after the other.

    Args:
        tupleList: for each call, the function, its arguments, and its keyword arguments.
            An exception is logged, and ends the sequence.
    """
    installedReactor().callInThread(_callInTurn, list(tupleList))


def _callInTurn(
    calls: list[tuple[Callable[..., object], Sequence[object], Mapping[str, object]]],
) -> None:
    for f, args, kwargs in calls:
        f(*args, **kwargs)


def blockingCallFromThread(
    reactor: IReactorFromThreads, f: Callable[..., Any], *a: object, **kw: object
) -> Any:
    """
    Call a function in the reactor's thread, and wait for its result in this one.

    Args:
        f: what to call with the remaining arguments; it may return a Deferred or
            a coroutine, which is waited for too.

    Returns: the result.

    Raises:
        RuntimeError: this is the reactor's own thread, which would wait for itself.
        Exception: what the function raised, or its Deferred failed with.
    """
    results: SimpleQueue[object] = SimpleQueue()
    if turn.thread == get_ident():
        raise RuntimeError(
            "blockingCallFromThread would wait forever in the reactor's own thread: call "
            f"{f!r} directly, and add callbacks to the Deferred that it returns"
        )

    def call() -> None:
        maybeDeferred(f, *a, **kw).addBoth(results.put)

    reactor.callFromThread(call)
    result = results.get()
    if isinstance(result, Failure):
        result.raiseException()
    return result
