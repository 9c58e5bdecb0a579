"""What a test leaves behind in the reactor, and putting it away.

Theory of operation
-------------------
A snapshot is taken before a test, and compared with the state after it: only
what is new counts, so that a port which a class or module opened for all its
tests is not blamed on the first of them.  What is left gets a few turns of the
loop to go by itself (a connection that was told to close needs one or two);
what then remains is named, cancelled or closed.

The threads of the reactor's pool end when the reactor is shut down, which trial does after
the last test.  Other runners do not know of the reactor: under them the pool is ended
after each test, because its idle threads would keep the process from its end.

A program that has not imported the reactor cannot have left anything in it; it is
not imported here either, so that synchronous tests stay free of it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any, ClassVar

from twisted.internet import error
from twisted.python import log
from twisted.python.failure import Failure
from twisted.python.reflect import safe_repr
from twisted.trial._origins import originOf, watch

# Turns that leftovers get to end by themselves: each at most this long.
_GRACE_TURNS = 10
_GRACE_SECONDS = 0.005
# A worker thread hands in its result just before it is idle again.
_THREAD_GRACE_SECONDS = 0.5


class DirtyReactorAggregateError(Exception):
    """A test left something in the reactor.

    Args:
        delayedCalls: Calls that were still to come.
        selectables: Ports, connections and other descriptors still watched.
        threads: Threads still at work.
        tasks: Tasks of asyncio that were not done.
        descriptors: Others that were opened, and are open still.
    """

    __module__ = "twisted.trial.util"

    def __init__(
        self,
        delayedCalls: Iterable[Any],
        selectables: Iterable[Any] | None = None,
        threads: Iterable[Any] | None = None,
        tasks: Iterable[Any] | None = None,
        descriptors: Iterable[str] | None = None,
    ) -> None:
        super().__init__()
        self.delayedCalls = list(delayedCalls)
        self.selectables = list(selectables or ())
        self.threads = list(threads or ())
        self.tasks = list(tasks or ())
        self.descriptors = list(descriptors or ())

    def __str__(self) -> str:
        parts = ["Reactor was unclean."]
        for title, leftovers in (
            (
                "DelayedCalls: (set twisted.internet.base.DelayedCall.debug = True to debug)",
                self.delayedCalls,
            ),
            ("Selectables:", self.selectables),
            ("Threads:", self.threads),
            ("Tasks of asyncio:", self.tasks),
            ("Descriptors:", self.descriptors),
        ):
            if leftovers:
                parts.append(title)
                parts.extend(
                    each if isinstance(each, str) else safe_repr(each) for each in leftovers
                )
        return "\n".join(parts)


def reactorIfInstalled() -> Any:
    """Return the reactor if one is installed, else None; never installs one."""
    return sys.modules.get("twisted.internet.reactor")


def _tasks(reactor: Any) -> set[Any]:
    # Not every reactor has a loop of asyncio.
    find = getattr(reactor, "_tasksOfAsyncio", None)
    found: set[Any] = set() if find is None else find()
    return found


def _selectables(reactor: Any) -> list[Any]:
    watched: dict[int, Any] = {}
    for each in (*reactor.getReaders(), *reactor.getWriters()):
        watched[id(each)] = each
    return list(watched.values())


def _describe(leftover: Any) -> str:
    origin = originOf(leftover)
    text = safe_repr(leftover)
    return text if origin is None else f"{text}\n    {origin}"


def _disposeOf(reactor: Any, selectable: Any) -> None:
    try:
        reactor.removeReader(selectable)
        reactor.removeWriter(selectable)
        selectable.connectionLost(Failure(error.ConnectionDone("the test that opened it is over")))
    except Exception:
        log.err(None, f"Could not close {safe_repr(selectable)}, which a test left open")


def _freeDescriptor() -> int:
    """The lowest number that no open file has; the system gives it to the next one."""
    try:
        number = os.dup(2)
    except OSError:
        # There is no standard error, or no number is left.
        return -1
    os.close(number)
    return number


def _nameOf(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return "of an unknown file"


class Janitor:
    """Knows the state before one test, and restores it.

    Attributes:
        shutdownFollows: Whether somebody shuts the reactor down after the last test.
    """

    shutdownFollows: ClassVar[bool] = False

    def __init__(self) -> None:
        self._reactor = reactorIfInstalled()
        self._threads = set(threading.enumerate()) if threading.active_count() > 1 else None
        self._free = _freeDescriptor()
        self._calls: set[int] = set()
        self._watched: set[int] = set()
        self._tasks: set[Any] = set()
        self._working: set[Any] = set()
        self._waiting = 0
        pool = getattr(self._reactor, "threadpool", None)
        if pool is not None:
            # What an earlier test has left is not blamed on this one.
            self._working = set(pool.working)
            self._waiting = pool.q.qsize()
        if self._reactor is not None:
            watch(self._reactor)
            self._calls = {id(call) for call in self._reactor.getDelayedCalls()}
            self._watched = {id(each) for each in _selectables(self._reactor)}
            self._tasks = _tasks(self._reactor)

    def leftovers(self, ofOneTest: bool = True) -> DirtyReactorAggregateError | None:
        """Put away what is new since the start; return an error that names it.

        Args:
            ofOneTest: Whether that is one test's.  Open files and programs cannot be put away:
                they have been blamed on their test, and are not told of again for all of them.
        """
        calls: list[str] = []
        selectables: list[str] = []
        tasks: list[str] = []
        reactor = reactorIfInstalled()
        if reactor is not None:
            if self._isUnclean(reactor):
                self._letSettle(reactor)
            left = self._newTasks(reactor)
            if left:
                tasks = sorted(map(safe_repr, left))
                # Their timers and connections go with them.
                for task in left:
                    task.cancel()
                self._letSettle(reactor)
            for call in self._newCalls(reactor):
                calls.append(_describe(call))
                call.cancel()
            for each in self._newSelectables(reactor):
                # A program goes on to be watched, or nobody would ever hear of its end; like an
                # open file, it is told of once.
                isProgram = getattr(each, "watchesProgram", False)
                if ofOneTest or not isProgram:
                    selectables.append(_describe(each))
                if not isProgram:
                    _disposeOf(reactor, each)
        pool = getattr(reactor, "threadpool", None)
        threads = self._newThreads(reactor) + self._newWork(pool)
        if pool is not None and not self.shutdownFollows:
            # Ending a pool waits for what is at work in it.
            if not pool.working and not pool.q.qsize():
                reactor._stopThreadPool()
        descriptors = self._newDescriptors() if ofOneTest else []
        if calls or selectables or threads or tasks or descriptors:
            return DirtyReactorAggregateError(calls, selectables, threads, tasks, descriptors)
        return None

    def _newDescriptors(self) -> list[str]:
        """The first descriptor that was opened since the start, and is open still."""
        if self._reactor is not reactorIfInstalled():
            # A reactor has been made, which has some of its own.
            return []
        free = _freeDescriptor()
        if free <= self._free or self._free < 0:
            return []
        name = _nameOf(self._free)
        # The interpreter opens this one once, for as long as it lives.
        return [] if name == "/dev/urandom" else [f"{self._free}, {name}"]

    def _newCalls(self, reactor: Any) -> list[Any]:
        return [
            call
            for call in reactor.getDelayedCalls()
            if id(call) not in self._calls and call.active()
        ]

    def _newSelectables(self, reactor: Any) -> list[Any]:
        new = [each for each in _selectables(reactor) if id(each) not in self._watched]
        if not new:
            return new
        # What wakes the reactor may be younger than the snapshot.
        waker = getattr(reactor, "waker", None)
        return [each for each in new if each is not waker]

    def _newTasks(self, reactor: Any) -> set[Any]:
        return _tasks(reactor) - self._tasks

    def _isUnclean(self, reactor: Any) -> bool:
        return bool(
            self._newCalls(reactor) or self._newSelectables(reactor) or self._newTasks(reactor)
        )

    def _letSettle(self, reactor: Any) -> None:
        reactor.iterate(0)
        reactor.iterate(0)
        for _ in range(_GRACE_TURNS):
            if not self._newSelectables(reactor) and not self._newTasks(reactor):
                return
            reactor.iterate(_GRACE_SECONDS)

    def _newThreads(self, reactor: Any) -> list[str]:
        if threading.active_count() == 1:
            return []
        known = set(self._threads or {threading.main_thread()})
        known.update(getattr(getattr(reactor, "threadpool", None), "threads", ()))
        new = [
            thread
            for thread in threading.enumerate()
            if thread not in known and not thread.daemon and not _endsWithTheProgram(thread)
        ]
        for thread in new:
            thread.join(_THREAD_GRACE_SECONDS)
        return [repr(thread) for thread in new if thread.is_alive()]

    def _newWork(self, pool: Any) -> list[str]:
        if pool is None:
            return []
        deadline = time.monotonic() + _THREAD_GRACE_SECONDS
        while self._isBusy(pool) and time.monotonic() < deadline:
            time.sleep(0.001)
        new = [thread for thread in pool.working if thread not in self._working]
        busy = [f"{thread!r}, at work in {pool!r}" for thread in new]
        waiting = pool.q.qsize() - self._waiting
        if waiting > 0:
            busy.append(f"calls that wait in {pool!r}: {waiting}")
        return busy

    def _isBusy(self, pool: Any) -> bool:
        """Whether there is more to do than there was at the start."""
        return pool.q.qsize() > self._waiting or not self._working.issuperset(pool.working)


def _endsWithTheProgram(thread: threading.Thread) -> bool:
    # The workers of `concurrent.futures`, asyncio's included, are kept for the next
    # call; the standard library ends them.  Only their names tell them.
    return thread.name.startswith(("ThreadPoolExecutor-", "asyncio_"))
