"""`twisted.internet.threads`: results of blocking calls, and calls into the loop."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet import threads
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python._turn import turn
from twisted.python.threadpool import ThreadPool
from twisted.trial import unittest

# Seconds after which a thread that has not answered never will.
PATIENCE = 30


@implementer(IReactorFromThreads)
class _Loop:
    """The part of a reactor that threads talk to; the test makes the calls."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()

    def callFromThread(self, callable: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.calls.put(lambda: callable(*args, **kwargs))

    def makeACall(self) -> None:
        self.calls.get(timeout=PATIENCE)()


class ThreadsCase(unittest.SynchronousTestCase):
    """A loop and a pool of one thread."""

    def setUp(self) -> None:
        self.loop = _Loop()
        self.pool = ThreadPool(0, 1)
        self.pool.start()
        self.addCleanup(self.pool.stop)

    def defer(self, f: Callable[..., Any], *a: object, **kw: object) -> Deferred[Any]:
        return threads.deferToThreadPool(self.loop, self.pool, f, *a, **kw)


class DeferToThreadPoolTests(ThreadsCase):
    """Results of calls in threads."""

    def test_result(self) -> None:
        result = self.defer(lambda *a, **kw: (a, kw, threading.current_thread()), 1, key=2)
        self.assertNoResult(result)
        self.loop.makeACall()
        args, kw, thread = self.successResultOf(result)
        self.assertEqual((args, kw), ((1,), {"key": 2}))
        self.assertIsNot(thread, threading.current_thread())

    def test_firesInTheLoopsThread(self) -> None:
        fired: list[threading.Thread] = []
        result = self.defer(lambda: None)
        result.addCallback(lambda _: fired.append(threading.current_thread()))
        self.loop.makeACall()
        self.assertEqual(fired, [threading.current_thread()])

    def test_failure(self) -> None:
        result = self.defer(lambda: 1 // 0)
        self.loop.makeACall()
        failure = self.failureResultOf(result, ZeroDivisionError)
        self.assertIn("test_threads", failure.getTraceback())

    def test_systemExitIsAResultToo(self) -> None:
        result = self.defer(sys.exit, 3)
        self.loop.makeACall()
        self.failureResultOf(result, SystemExit)

    def test_cancelIgnoresTheResult(self) -> None:
        release = threading.Event()
        result = self.defer(release.wait, PATIENCE)
        result.cancel()
        self.failureResultOf(result, CancelledError)
        release.set()
        self.loop.makeACall()

    def test_poolIsStopped(self) -> None:
        self.pool.stop()
        result = self.defer(lambda: "never")
        self.loop.makeACall()
        failure = self.failureResultOf(result, RuntimeError)
        self.assertIn("stopped", failure.getErrorMessage())

    def test_notCallable(self) -> None:
        bad: Any = "not a function"
        self.assertRaises(TypeError, self.defer, bad)


class BlockingCallTests(ThreadsCase):
    """Calls into the loop from threads."""

    def ask(self, f: Callable[..., Any], *a: object, **kw: object) -> Deferred[Any]:
        return self.defer(threads.blockingCallFromThread, self.loop, f, *a, **kw)

    def test_result(self) -> None:
        result = self.ask(lambda *a, **kw: (a, kw, threading.current_thread()), 1, key=2)
        self.loop.makeACall()
        self.loop.makeACall()
        self.assertEqual(
            self.successResultOf(result), ((1,), {"key": 2}, threading.current_thread())
        )

    def test_exceptionIsRaisedInTheThread(self) -> None:
        result = self.ask(lambda: 1 // 0)
        self.loop.makeACall()
        self.loop.makeACall()
        self.failureResultOf(result, ZeroDivisionError)

    def test_deferredIsWaitedFor(self) -> None:
        wait: Deferred[str] = Deferred()
        result = self.ask(lambda: wait)
        self.loop.makeACall()
        self.assertRaises(queue.Empty, self.loop.calls.get, block=False)
        wait.callback("late")
        self.loop.makeACall()
        self.assertEqual(self.successResultOf(result), "late")

    def test_failedDeferred(self) -> None:
        result = self.ask(lambda: fail(KeyError("no")))
        self.loop.makeACall()
        self.loop.makeACall()
        self.failureResultOf(result, KeyError)

    def test_coroutine(self) -> None:
        async def work() -> str:
            return await succeed("done")

        result = self.ask(work)
        self.loop.makeACall()
        self.loop.makeACall()
        self.assertEqual(self.successResultOf(result), "done")

    def test_inTheLoopsOwnThread(self) -> None:
        self.patch(turn, "thread", threading.get_ident())
        error = self.assertRaises(
            RuntimeError, threads.blockingCallFromThread, self.loop, lambda: None
        )
        self.assertIn("own thread", str(error))
        self.assertTrue(self.loop.calls.empty())


class GlobalReactorTests(unittest.SynchronousTestCase):
    """The functions that use the reactor of the process, in a process of its own."""

    def run_(self, program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, timeout=60, check=False, text=True
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_deferToThread(self) -> None:
        self.assertEqual(
            self.run_(
                "from twisted.internet import reactor, threads\n"
                "d = threads.deferToThread(lambda a, b: a + b, 1, b=2)\n"
                "d.addCallback(print)\n"
                "d.addBoth(lambda _: reactor.stop())\n"
                "reactor.run()\n"
            ),
            "3\n",
        )

    def test_callMultipleInThread(self) -> None:
        self.assertEqual(
            self.run_(
                "from twisted.internet import reactor, threads\n"
                "threads.callMultipleInThread([\n"
                "    (print, ['first'], {}),\n"
                "    (print, ['second'], {'end': '.'}),\n"
                "    (reactor.callFromThread, [reactor.stop], {}),\n"
                "])\n"
                "reactor.run()\n"
            ),
            "first\nsecond.",
        )

    def test_blockingCallFromThread(self) -> None:
        self.assertEqual(
            self.run_(
                "from twisted.internet import reactor, task, threads\n"
                "def work():\n"
                "    print(threads.blockingCallFromThread(\n"
                "        reactor, task.deferLater, reactor, 0.001, lambda: 'late'))\n"
                "    reactor.callFromThread(reactor.stop)\n"
                "reactor.callInThread(work)\n"
                "reactor.run()\n"
            ),
            "late\n",
        )
