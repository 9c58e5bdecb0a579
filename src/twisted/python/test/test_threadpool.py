"""`twisted.python.threadpool`: threads that make calls for others."""

from __future__ import annotations

import contextvars
import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

from twisted.logger import capturedLogs
from twisted.python import context, threadpool
from twisted.python.failure import Failure
from twisted.trial import unittest

# Seconds after which a thread that has not answered never will.
PATIENCE = 30


class PoolCase(unittest.SynchronousTestCase):
    """What the tests of pools need."""

    def pool(self, least: int = 5, most: int = 20, start: bool = True) -> threadpool.ThreadPool:
        pool = threadpool.ThreadPool(least, most)
        if start:
            pool.start()
        self.addCleanup(pool.stop)
        return pool

    def wait(self, event: threading.Event) -> None:
        self.assertTrue(event.wait(PATIENCE), "the thread did not answer")

    def occupy(self, pool: threadpool.ThreadPool, count: int) -> Callable[[], None]:
        """Give `count` threads something that lasts until the result is called."""
        release = threading.Event()
        begun = threading.Barrier(count + 1)

        def busy() -> None:
            begun.wait(PATIENCE)
            release.wait(PATIENCE)

        for _ in range(count):
            pool.callInThread(busy)
        begun.wait(PATIENCE)
        self.addCleanup(release.set)
        return release.set

    def ask(self, pool: threadpool.ThreadPool, f: Callable[[], object]) -> tuple[bool, Any]:
        """Call in the pool, and give what the callback was told."""
        answers: list[tuple[bool, Any]] = []
        answered = threading.Event()

        def onResult(success: bool, result: Any) -> None:
            answers.append((success, result))
            answered.set()

        pool.callInThreadWithCallback(onResult, f)
        self.wait(answered)
        return answers[0]


class ThreadPoolTests(PoolCase):
    """A pool, and what it does with calls."""

    def test_callsInAnotherThread(self) -> None:
        success, thread = self.ask(self.pool(), threading.current_thread)
        self.assertTrue(success)
        self.assertIsNot(thread, threading.current_thread())

    def test_argumentsArePassed(self) -> None:
        pool = self.pool()
        seen: list[object] = []
        pool.callInThread(lambda *a, **kw: seen.append((a, kw)), 1, key=2)
        pool.stop()
        self.assertEqual(seen, [((1,), {"key": 2})])

    def test_failureGoesToTheCallback(self) -> None:
        success, failure = self.ask(self.pool(), lambda: 1 // 0)
        self.assertFalse(success)
        self.assertIsInstance(failure, Failure)
        self.assertIs(failure.type, ZeroDivisionError)
        self.assertIn("test_threadpool", failure.getTraceback())

    def test_exceptionWithoutACallbackIsLogged(self) -> None:
        pool = self.pool(0, 1)
        pool.callInThread(lambda: 1 // 0)
        self.assertEqual(self.ask(pool, lambda: "alive"), (True, "alive"))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_exceptionInTheCallbackIsLogged(self) -> None:
        pool = self.pool(0, 1)
        pool.callInThreadWithCallback(lambda success, result: 1 // 0, lambda: None)
        self.assertEqual(self.ask(pool, lambda: "alive"), (True, "alive"))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_systemExitDoesNotEndAWorker(self) -> None:
        pool = self.pool(0, 1)
        pool.callInThread(exit)
        self.assertEqual(self.ask(pool, lambda: "alive"), (True, "alive"))
        self.assertEqual(len(self.flushLoggedErrors(SystemExit)), 1)

    def test_notCallable(self) -> None:
        bad: Any = "not a function"
        self.assertRaises(TypeError, self.pool().callInThread, bad)

    def test_contextIsCarried(self) -> None:
        pool = self.pool(0, 1)
        variable = contextvars.ContextVar("variable", default="unset")
        variable.set("set")

        def look() -> tuple[object, str]:
            found = context.get("key"), variable.get()
            variable.set("changed by the thread")
            return found

        inside = context.call({"key": "value"}, self.ask, pool, look)
        self.assertEqual(inside, (True, ("value", "set")))
        self.assertEqual(self.ask(pool, look), (True, (None, "set")))
        self.assertEqual(variable.get(), "set")

    def test_callsBeforeStartAreMadeThen(self) -> None:
        pool = self.pool(0, 1, start=False)
        made = threading.Event()
        pool.callInThread(made.set)
        self.assertEqual(pool.workers, 0)
        pool.start()
        self.wait(made)

    def test_stopFinishesTheWork(self) -> None:
        pool = self.pool(0, 1)
        made: list[int] = []
        release = self.occupy(pool, 1)
        for number in range(50):
            pool.callInThread(made.append, number)
        release()
        pool.stop()
        self.assertEqual(made, list(range(50)))
        self.assertTrue(pool.joined)
        self.assertFalse(pool.started)
        self.assertEqual((pool.workers, pool.threads), (0, []))
        self.assertEqual((pool.waiters, pool.working), ([], []))

    def test_stopWithoutStartFinishesTheWork(self) -> None:
        pool = self.pool(start=False)
        made: list[int] = []
        pool.callInThread(made.append, 1)
        pool.stop()
        self.assertEqual(made, [1])

    def test_stopTwice(self) -> None:
        pool = self.pool()
        pool.stop()
        pool.stop()
        self.assertEqual(pool.workers, 0)

    def test_stopInAThreadOfThePool(self) -> None:
        pool = self.pool(2, 2)
        threads = list(pool.threads)
        self.assertEqual(self.ask(pool, pool.stop), (True, None))
        for thread in threads:
            thread.join(PATIENCE)
            self.assertFalse(thread.is_alive())

    def test_callAfterStopIsReported(self) -> None:
        pool = self.pool()
        pool.stop()
        success, failure = self.ask(pool, lambda: "never")
        self.assertFalse(success)
        self.assertIn("stopped", str(failure.value))
        pool.callInThread(lambda: None)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_startAgain(self) -> None:
        pool = self.pool()
        pool.stop()
        pool.start()
        self.assertEqual(self.ask(pool, lambda: "again"), (True, "again"))

    def test_argumentsAreNotKeptAlive(self) -> None:
        class Token:
            pass

        pool = self.pool(0, 1)
        token = Token()
        reference = weakref.ref(token)
        pool.callInThread(id, token)
        del token
        # The single worker has left the first call when it makes the second.
        self.ask(pool, lambda: None)
        gc.collect()
        self.assertIsNone(reference())


class SizeTests(PoolCase):
    """How many threads a pool has."""

    def test_minimum(self) -> None:
        self.assertEqual(self.pool(3, 5).workers, 3)

    def test_growsWithItsWork(self) -> None:
        pool = self.pool(0, 3)
        self.assertEqual(pool.workers, 0)
        self.occupy(pool, 2)
        self.assertEqual(pool.workers, 2)
        self.assertEqual(len(pool.working), 2)

    def test_idleThreadsAreUsedAgain(self) -> None:
        pool = self.pool(0, 10)
        for _ in range(20):
            self.ask(pool, lambda: None)
        # The next call may come before the worker has written the last one off.
        self.assertLessEqual(pool.workers, 2)

    def test_callsThatNeedEachOtherGetThreadsOfTheirOwn(self) -> None:
        pool = self.pool(0, 8)
        meeting = threading.Barrier(8)
        for _ in range(7):
            pool.callInThread(meeting.wait, PATIENCE)
        meeting.wait(PATIENCE)

    def test_maximum(self) -> None:
        pool = self.pool(0, 2)
        release = self.occupy(pool, 2)
        made: list[int] = []
        for number in range(5):
            pool.callInThread(made.append, number)
        self.assertEqual(pool.workers, 2)
        self.assertEqual(pool.q.qsize(), 5)
        release()
        pool.stop()
        self.assertEqual(sorted(made), list(range(5)))

    def test_adjustUp(self) -> None:
        pool = self.pool(0, 1)
        self.occupy(pool, 1)
        made = threading.Event()
        pool.callInThread(made.set)
        pool.adjustPoolsize(0, 2)
        self.wait(made)
        pool.adjustPoolsize(minthreads=2)
        self.assertEqual((pool.min, pool.max, pool.workers), (2, 2, 2))

    def test_adjustDown(self) -> None:
        pool = self.pool(4, 4)
        threads = list(pool.threads)
        pool.adjustPoolsize(0, 1)
        for _ in range(3):
            self.assertEqual(self.ask(pool, lambda: "served"), (True, "served"))
        pool.stop()
        self.assertFalse(any(thread.is_alive() for thread in threads))

    def test_badLimits(self) -> None:
        self.assertRaises(ValueError, threadpool.ThreadPool, -1, 5)
        self.assertRaises(ValueError, threadpool.ThreadPool, 5, 4)
        pool = self.pool(1, 2)
        self.assertRaises(ValueError, pool.adjustPoolsize, 3)
        self.assertRaises(ValueError, pool.adjustPoolsize, 1, 0)
        self.assertEqual((pool.min, pool.max), (1, 2))

    def test_oneWorkerMoreAndLess(self) -> None:
        pool = self.pool(0, 1)
        pool.startAWorker()
        thread = pool.threads[0]
        self.assertEqual(pool.workers, 1)
        pool.stopAWorker()
        thread.join(PATIENCE)
        self.assertEqual(pool.workers, 0)
        pool.stopAWorker()
        self.assertEqual(self.ask(pool, lambda: "served"), (True, "served"))

    def test_names(self) -> None:
        pool = threadpool.ThreadPool(2, 2, name="readers")
        pool.start()
        self.addCleanup(pool.stop)
        names = sorted(thread.name for thread in pool.threads)
        self.assertEqual(names, ["PoolThread-readers-0", "PoolThread-readers-1"])

    def test_threadFactory(self) -> None:
        class Special(threading.Thread):
            pass

        pool = threadpool.ThreadPool(0, 1)
        pool.threadFactory = Special
        pool.start()
        self.addCleanup(pool.stop)
        _, thread = self.ask(pool, threading.current_thread)
        self.assertIsInstance(thread, Special)

    def test_systemOutOfThreads(self) -> None:
        pool = self.pool(1, 5)
        self.occupy(pool, 1)

        def refuse(**kw: object) -> threading.Thread:
            raise RuntimeError("can't start new thread")

        self.patch(pool, "threadFactory", refuse)
        made: list[int] = []
        pool.callInThread(made.append, 1)
        self.assertEqual(made, [])
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_notASingleThread(self) -> None:
        pool = threadpool.ThreadPool(0, 5)
        pool.start()

        def refuse(**kw: object) -> threading.Thread:
            raise RuntimeError("can't start new thread")

        self.patch(pool, "threadFactory", refuse)
        self.assertRaises(RuntimeError, pool.callInThread, lambda: None)
        self.assertEqual((pool.workers, pool.q.qsize()), (0, 0))
        pool.stop()

    def test_dumpStats(self) -> None:
        pool = self.pool(1, 1)
        with capturedLogs() as events:
            pool.dumpStats()
        self.assertEqual([event["workers"] for event in events], [1])
