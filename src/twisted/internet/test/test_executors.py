"""Tests for calls that executors of `concurrent.futures` make."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.threads import deferToExecutor
from twisted.python.reflect import namedModule
from twisted.python.threadable import getThreadID
from twisted.trial.unittest import SkipTest, TestCase


class Refused(Exception):
    """What the function in another process raises."""


def double(number: int, *, plus: int = 0) -> int:
    return number * 2 + plus


def refuse(why: str) -> None:
    raise Refused(why)


def whichProcess() -> int:
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class HandExecutor(Executor):
    """Makes no call; a test does so instead."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.futures.append(future)
        return future


def turn() -> Deferred[None]:
    """Fires after what other threads have asked for so far."""
    passed: Deferred[None] = Deferred()
    reactor.callFromThread(passed.callback, None)
    return passed


class AnyExecutorTests(TestCase):
    """What does not depend on the executor."""

    def setUp(self) -> None:
        self.executor = HandExecutor()

    async def test_result(self) -> None:
        """The Deferred fires in the reactor's thread, whichever thread has the result."""
        d = deferToExecutor(self.executor, double, 2)
        where = d.addCallback(lambda result: (result, getThreadID()))
        worker = threading.Thread(target=self.executor.futures[0].set_result, args=[4])
        worker.start()
        worker.join()
        self.assertNoResult(where)
        self.assertEqual(await where, (4, getThreadID()))

    async def test_exception(self) -> None:
        d = deferToExecutor(self.executor, refuse, "no")
        self.executor.futures[0].set_exception(Refused("no"))
        error = await self.assertFailure(d, Refused)
        self.assertEqual(str(error), "no")

    async def test_cancel(self) -> None:
        """What waits in the queue is taken out of it."""
        d = deferToExecutor(self.executor, double, 2)
        d.cancel()
        self.failureResultOf(d, CancelledError)
        self.assertTrue(self.executor.futures[0].cancelled())
        await turn()

    async def test_cancelRunning(self) -> None:
        """What has begun goes on, and its result is ignored."""
        d = deferToExecutor(self.executor, double, 2)
        (future,) = self.executor.futures
        self.assertTrue(future.set_running_or_notify_cancel())
        d.cancel()
        self.failureResultOf(d, CancelledError)
        self.assertFalse(future.cancelled())
        future.set_result(4)
        await turn()

    async def test_cancelRunningThatFails(self) -> None:
        d = deferToExecutor(self.executor, double, 2)
        (future,) = self.executor.futures
        self.assertTrue(future.set_running_or_notify_cancel())
        d.cancel()
        self.failureResultOf(d, CancelledError)
        future.set_exception(Refused("too late"))
        await turn()

    async def test_cancelledElsewhere(self) -> None:
        """An executor that is shut down may cancel what waits in its queue."""
        d = deferToExecutor(self.executor, double, 2)
        self.executor.futures[0].cancel()
        await self.assertFailure(d, CancelledError)

    def test_notCallable(self) -> None:
        self.assertRaises(TypeError, deferToExecutor, self.executor, 3)
        self.assertEqual(self.executor.futures, [])


class ThreadTests(TestCase):
    """An executor with threads."""

    def setUp(self) -> None:
        self.executor = ThreadPoolExecutor(1)
        self.addCleanup(self.executor.shutdown)

    async def test_call(self) -> None:
        self.assertEqual(await deferToExecutor(self.executor, double, 2, plus=1), 5)
        self.assertNotEqual(await deferToExecutor(self.executor, getThreadID), getThreadID())

    async def test_cancelBehindAnother(self) -> None:
        """A call that is cancelled in the queue is never made."""
        begun, goOn = threading.Event(), threading.Event()
        calls: list[str] = []

        def block() -> str:
            begun.set()
            goOn.wait()
            return "first"

        first = deferToExecutor(self.executor, block)
        second = deferToExecutor(self.executor, calls.append, "second")
        begun.wait()
        second.cancel()
        self.failureResultOf(second, CancelledError)
        goOn.set()
        self.assertEqual(await first, "first")
        await deferToExecutor(self.executor, calls.append, "third")
        self.assertEqual(calls, ["third"])

    def test_afterShutdown(self) -> None:
        self.executor.shutdown()
        failure = self.failureResultOf(deferToExecutor(self.executor, double, 2), RuntimeError)
        self.assertIn("shutdown", str(failure.value))


class ProcessTests(TestCase):
    """An executor with processes."""

    def setUp(self) -> None:
        # Not by a fork: this process has threads.
        context = multiprocessing.get_context("spawn")
        self.executor = ProcessPoolExecutor(1, context)
        self.addCleanup(self.executor.shutdown)

    async def test_call(self) -> None:
        self.assertEqual(await deferToExecutor(self.executor, double, 2, plus=1), 5)
        self.assertNotEqual(await deferToExecutor(self.executor, whichProcess), os.getpid())
        error = await self.assertFailure(deferToExecutor(self.executor, refuse, "no"), Refused)
        self.assertEqual(str(error), "no")
        # The traceback of the other process.
        self.assertIn("in refuse", str(error.__cause__))

    async def test_workerIsKilled(self) -> None:
        """Those that were at work or waiting fail, and so does what comes after."""
        first = deferToExecutor(self.executor, die)
        second = deferToExecutor(self.executor, double, 2)
        error = await self.assertFailure(first, BrokenExecutor)
        self.assertIn("terminated abruptly", str(error))
        await self.assertFailure(second, BrokenExecutor)
        await self.assertFailure(deferToExecutor(self.executor, double, 2), BrokenExecutor)


class DaskTests(TestCase):
    """The executor of a Dask cluster, if that is installed (the extra "dask")."""

    timeout = 60

    def executorOf(self, processes: bool) -> Executor:
        """The executor of a new cluster with two workers."""
        try:
            distributed, dask = namedModule("distributed"), namedModule("dask")
        except ImportError:
            raise SkipTest("distributed is not installed") from None
        # Otherwise a task is tried by four workers, one after the other.
        settings = dask.config.set({"distributed.scheduler.allowed-failures": 0})
        self.addCleanup(settings.__exit__, None, None, None)
        cluster = distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=processes,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
        self.addCleanup(cluster.close)
        client = distributed.Client(cluster)
        self.addCleanup(client.close)
        executor = client.get_executor()
        assert isinstance(executor, Executor)
        return executor

    async def test_cluster(self) -> None:
        executor = self.executorOf(processes=False)
        self.assertEqual(await deferToExecutor(executor, double, 2, plus=1), 5)
        await self.assertFailure(deferToExecutor(executor, refuse, "no"), Refused)

    async def test_cancel(self) -> None:
        """Cancelling cancels the future, as with every executor."""
        executor = self.executorOf(processes=False)
        waiting = deferToExecutor(executor, double, 2)
        waiting.cancel()
        await self.assertFailure(waiting, CancelledError)

    async def test_killedWorker(self) -> None:
        """A worker that is killed half-way is a failure that says so; the others go on."""
        executor = self.executorOf(processes=True)
        error = await self.assertFailure(deferToExecutor(executor, die), Exception)
        self.assertIn("died while running it", str(error))
        self.assertEqual(await deferToExecutor(executor, double, 2), 4)
