"""A pool of threads that do the work which would block the event loop.

Theory of operation.  Work waits in a `SimpleQueue`, which the workers block on; the
queue's own lock, in C, is the only thing that a worker touches between calls.  A second lock
guards the accounts: how many workers there are, and how many calls were given.  How many
of them have ended is counted by each worker for itself, as nobody else writes that, and is
added up when it is asked for.  `callInThread` starts a
worker only when there are more unfinished calls than workers, so a pool is no larger than
its load has ever asked for.  (The length of the queue says less:
a worker that has just taken a call looks idle for a moment, and a call which waits for
the next one must not have to share its thread.)

A worker ends when it takes `WorkerStop` from the queue.  The token queues up behind
the work, so that stopping a pool finishes all that was given to it before.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar, cast

from twisted.logger import Logger
from twisted.python.failure import Failure

__all__ = ["ThreadPool", "WorkerStop"]

_T = TypeVar("_T")

#: What a worker takes from the queue to end itself.
WorkerStop: Final = object()

_log = Logger(namespace="twisted.python.threadpool")


_Function = Callable[..., object]
_Arguments = tuple[object, ...]
_Keywords = dict[str, object]
_OnResult = Callable[[bool, Any], object]
#: A call to be made in a thread, who gets its result, and the variables that it sees.
_Work = tuple[_Function, _Arguments, _Keywords, _OnResult | None, contextvars.Context]


class ThreadPool:
    """
    Threads that make calls for others, between a minimum and a maximum number.

    A call sees the context variables of the code that asked for it, and so the values of
    `twisted.python.context`; what it changes there ends with it.

    Args:
        minthreads: how many threads to keep, used or not.
        maxthreads: how many threads to have at most.
        name: part of the names of the threads.

    Attributes:
        joined: whether `stop` has been called.
        max: the greatest number of threads.
        min: the least number of threads.
        started: whether the pool runs.
        threads: the threads of the pool that have not ended.
        threadFactory: makes a thread; called with `target` and `name`.
        workers: the number of threads.
    """

    min = 5
    max = 20
    joined = False
    started = False
    workers = 0
    name: str | None = None

    threadFactory = Thread
    currentThread = staticmethod(threading.current_thread)

    def __init__(self, minthreads: int = 5, maxthreads: int = 20, name: str | None = None) -> None:
        _checkLimits(minthreads, maxthreads)
        self.min = minthreads
        self.max = maxthreads
        self.name = name
        self.threads: list[Thread] = []
        self._queue: SimpleQueue[_Work | object] = SimpleQueue()
        self._busy: set[Thread] = set()
        # Reentrant: a log observer may want to have something called in a thread.
        self._lock = threading.RLock()
        self._named = 0
        # Calls that were given, but for those that ended in threads which are no more.
        self._given = 0
        # Calls that have ended in each of the threads.
        self._ended: dict[Thread, int] = {}
        # Tokens in the queue: workers which are counted still but will end.
        self._leaving = 0

    @property
    def q(self) -> SimpleQueue[_Work | object]:
        """The work that no thread has taken yet; `q.qsize()` tells how much."""
        return self._queue

    @property
    def waiters(self) -> list[Thread]:
        """The threads that wait for work."""
        return [thread for thread in list(self._ended) if thread not in self._busy]

    @property
    def working(self) -> list[Thread]:
        """The threads that make a call now."""
        return list(self._busy)

    def start(self) -> None:
        """
        Start the threads.  Work that was given before begins now.
        """
        with self._lock:
            self.joined = False
            self.started = True
            self._grow()

    def startAWorker(self) -> None:
        """Start one more thread, whatever the limits say."""
        with self._lock:
            self._startWorker()

    def stopAWorker(self) -> None:
        """End one thread when it has nothing else to do, whatever the limits say."""
        with self._lock:
            self._dismissWorker()

    def _startWorker(self) -> None:
        name = f"PoolThread-{self.name or id(self)}-{self._named}"
        self._named += 1
        thread = self.threadFactory(target=self._work, name=name)
        self.workers += 1
        self.threads.append(thread)
        try:
            thread.start()
        except BaseException:
            self.workers -= 1
            self.threads.remove(thread)
            raise

    def _dismissWorker(self) -> None:
        if self.workers > self._leaving:
            self._leaving += 1
            self._queue.put(WorkerStop)

    def _unfinished(self) -> int:
        """How many calls were given and have not ended."""
        return self._given - sum(self._ended.values())

    def _grow(self) -> None:
        """Start as many workers as the limits ask for and the calls given can use."""
        if self.workers - self._leaving >= self.max:
            return
        wanted = max(self.min, min(self._unfinished(), self.max))
        while self.workers - self._leaving < wanted:
            try:
                self._startWorker()
            except RuntimeError:
                # The system gives no more threads.  Fewer do the work as well, but one must.
                if self.workers == self._leaving:
                    raise
                _log.failure("{pool!r} has to do with {workers} threads", pool=self)
                return

    def callInThread(self, func: Callable[..., object], *args: object, **kw: object) -> None:
        """
        Make a call in a thread.  What it raises is logged.

        After `stop`, the call is not made; that is logged as an error too.
        """
        self.callInThreadWithCallback(None, func, *args, **kw)

    def callInThreadWithCallback(
        self,
        onResult: Callable[[bool, Any], object] | None,
        func: Callable[..., object],
        *args: object,
        **kw: object,
    ) -> None:
        """
        Make a call in a thread, and give its result to a function.

        Args:
            onResult: called in that thread, with true and the result, or with false and
                a `Failure`; None to have failures logged.  After `stop`, it is called
                at once with a failure.
        """
        if not callable(func):
            raise TypeError(f"callInThread makes a call in a thread: {func!r} is not callable")
        work = func, args, kw, onResult, contextvars.copy_context()
        with self._lock:
            refused = self.joined
            if not refused:
                self._give(work)
        if refused:
            stopped = RuntimeError(f"{self!r} is stopped, and calls nothing")
            _report(func, onResult, False, Failure(stopped))

    def _give(self, work: _Work) -> None:
        self._given += 1
        if self.started:
            try:
                self._grow()
            except BaseException:
                self._given -= 1
                raise
        self._queue.put(work)

    def stop(self) -> None:
        """
        Finish the work that was given to the pool, end its threads, and wait for them.
        """
        with self._lock:
            self.joined = True
            self.started = False
            if self._unfinished() and self.workers == self._leaving:
                # The pool was never started, but nothing is dropped silently.
                self._startWorker()
            # The last call may be to this very method: a thread cannot wait for itself.
            threads = [thread for thread in self.threads if thread is not self.currentThread()]
            while self.workers > self._leaving:
                self._dismissWorker()
        for thread in threads:
            thread.join()

    def adjustPoolsize(self, minthreads: int | None = None, maxthreads: int | None = None) -> None:
        """
        Change the limits, and the number of threads to suit them.

        Raises:
            ValueError: the minimum is negative or above the maximum.
        """
        with self._lock:
            least = self.min if minthreads is None else minthreads
            most = self.max if maxthreads is None else maxthreads
            _checkLimits(least, most)
            self.min, self.max = least, most
            if self.started:
                while self.workers - self._leaving > self.max:
                    self._dismissWorker()
                self._grow()

    def dumpStats(self) -> None:
        """Log how many calls wait, and what the threads do."""
        _log.info(
            "thread pool {pool}: {queued} calls wait for a thread; waiting threads: {waiters}; "
            "working threads: {working}; {workers} threads in all",
            pool=self.name or id(self),
            queued=self._queue.qsize() - self._leaving,
            waiters=self.waiters,
            working=self.working,
            workers=self.workers,
        )

    def _work(self) -> None:
        """The life of one worker."""
        me = self.currentThread()
        take, busy, ended = self._queue.get, self._busy, self._ended
        with self._lock:
            ended[me] = 0
        while True:
            work = take()
            if work is WorkerStop:
                with self._lock:
                    self._leaving -= 1
                    self.workers -= 1
                    self.threads.remove(me)
                    self._given -= ended.pop(me)
                return
            # Benchmark adbapi-query: no lock from here to the end of the call.
            busy.add(me)
            func, args, kw, onResult, variables = cast(_Work, work)
            # Not `Context.run` of the rest of the loop: each call has variables of its own.
            variables.run(_perform, func, args, kw, onResult)
            # An idle worker must not keep the arguments of its last call alive.
            del work, func, args, kw, onResult, variables
            ended[me] += 1
            busy.discard(me)


def _perform(func: _Function, args: _Arguments, kw: _Keywords, onResult: _OnResult | None) -> None:
    """Make the call; nothing that it raises may end the worker."""
    try:
        result = func(*args, **kw)
    except BaseException:
        _report(func, onResult, False, Failure())
    else:
        _report(func, onResult, True, result)


def _report(func: _Function, onResult: _OnResult | None, success: bool, result: object) -> None:
    if onResult is not None:
        try:
            onResult(success, result)
        except BaseException:
            _log.failure("Error in the function that takes the result of a call in a thread")
    elif not success:
        _log.failure("Error in a call in a thread: {call!r}", cast(Failure, result), call=func)


def _checkLimits(least: int, most: int) -> None:
    if least < 0:
        raise ValueError(f"minthreads must be 0 or more: {least!r}")
    if least > most:
        raise ValueError(f"minthreads ({least!r}) must not be above maxthreads ({most!r})")
