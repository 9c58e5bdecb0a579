"""Running test cases that wait."""

from __future__ import annotations

import operator
import signal
import threading
import unittest as pyunit
from collections.abc import Callable, Generator
from queue import SimpleQueue
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet import defer
from twisted.internet.defer import Deferred, fail, inlineCallbacks, succeed
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from twisted.trial import _cleanup, _origins, _waiting, unittest, util
from twisted.trial.itrial import ITestCase
from twisted.trial.test.running import LoopedReactor, outcome, ran


class _WithReactor(unittest.SynchronousTestCase):
    """Tests in which the installed reactor is one that jumps from call to call."""

    def setUp(self) -> None:
        self.reactor = LoopedReactor()
        self.patch(_waiting, "installedReactor", lambda: self.reactor)
        self.patch(_cleanup, "reactorIfInstalled", lambda: self.reactor)

    def case(self, method: Callable[[Any], object], **attributes: Any) -> unittest.TestCase:
        members = {"__module__": __name__, **attributes, "test": method}
        case: unittest.TestCase = type("Made", (unittest.TestCase,), members)("test")
        return case

    def later(self, result: Any = None, delay: float = 1) -> Deferred[Any]:
        """A Deferred that fires, or fails with an exception, after some time."""

        def act() -> Any:
            if isinstance(result, Exception):
                raise result
            return result

        return deferLater(self.reactor, delay, act)


class WaitingTests(_WithReactor):
    """Stages that return Deferreds, or are coroutines or generators."""

    def test_firedAlready(self) -> None:
        """No turn of the loop is needed."""
        result = ran(self.case(lambda case: succeed(1)))
        self.assertEqual(outcome(result), {"successes": 1})
        self.assertEqual(self.reactor.runs, 0)

    def test_failedAlready(self) -> None:
        result = ran(self.case(lambda case: fail(ValueError("x"))))
        self.assertEqual(outcome(result), {"errors": 1})

    def test_waits(self) -> None:
        result = ran(self.case(lambda case: self.later()))
        self.assertEqual(outcome(result), {"successes": 1})
        self.assertEqual(self.reactor.seconds(), 1)

    def test_error(self) -> None:
        result = ran(self.case(lambda case: self.later(ValueError("x"))))
        self.assertEqual([failure.type for _, failure in result.errors], [ValueError])

    def test_assertion(self) -> None:
        result = ran(self.case(lambda case: self.later().addCallback(case.assertEqual, 3)))
        self.assertEqual(outcome(result), {"failures": 1})

    def test_skip(self) -> None:
        result = ran(self.case(lambda case: self.later(unittest.SkipTest("why"))))
        self.assertEqual(result.skips[0][1], "why")

    def test_todo(self) -> None:
        result = ran(self.case(lambda case: self.later(ValueError()), todo="later"))
        self.assertEqual(outcome(result), {"expectedFailures": 1})

    def test_coroutine(self) -> None:
        async def test(case: Any) -> None:
            case.assertEqual(await self.later(2), 2)
            await self.later(ValueError("in a coroutine"))

        result = ran(self.case(test))
        self.assertEqual(result.errors[0][1].getErrorMessage(), "in a coroutine")
        self.assertEqual(self.reactor.seconds(), 2)

    def test_inlineCallbacks(self) -> None:
        @inlineCallbacks
        def test(case: Any) -> Generator[Deferred[Any], Any, None]:
            case.assertEqual((yield self.later(2)), 2)

        self.assertEqual(outcome(ran(self.case(test))), {"successes": 1})

    def test_generator(self) -> None:
        """An undecorated generator function would silently never run."""

        def test(case: Any) -> Any:
            yield self.later()

        result = ran(self.case(test))
        self.assertEqual(outcome(result), {"errors": 1})
        self.assertIn("inlineCallbacks", result.errors[0][1].getErrorMessage())

    def test_everyStage(self) -> None:
        """Stages wait for each other, in their order."""
        stages: list[str] = []

        def reach(stage: str) -> Deferred[None]:
            return self.later().addCallback(lambda _: stages.append(stage))

        async def setUp(case: Any) -> None:
            case.addCleanup(reach, "cleanup 1")
            case.addCleanup(reach, "cleanup 2")
            await reach("setUp")

        ran(
            self.case(
                lambda case: reach("test"), setUp=setUp, tearDown=lambda case: reach("tearDown")
            )
        )
        self.assertEqual(stages, ["setUp", "test", "tearDown", "cleanup 2", "cleanup 1"])

    def test_failingCleanups(self) -> None:
        def test(case: Any) -> None:
            case.addCleanup(self.later, ValueError())
            case.addCleanup(self.later, KeyError())

        result = ran(self.case(test))
        self.assertEqual([failure.type for _, failure in result.errors], [KeyError, ValueError])

    def test_otherResults(self) -> None:
        """What is no Deferred is nothing to wait for."""
        self.assertEqual(outcome(ran(self.case(lambda case: 3))), {"successes": 1})

    def test_standardResult(self) -> None:
        result = pyunit.TestResult()
        self.case(lambda case: self.later(ValueError("shown"))).run(result)
        self.assertIn("ValueError: shown", result.errors[0][1])


class TimeoutTests(_WithReactor):
    """The attribute `timeout`."""

    def test_default(self) -> None:
        case = self.case(lambda case: Deferred())
        result = ran(case)
        self.assertEqual(self.reactor.seconds(), util.DEFAULT_TIMEOUT_DURATION)
        self.assertEqual(outcome(result), {"errors": 1})
        failure = result.errors[0][1]
        self.assertEqual(failure.type, defer.TimeoutError)
        self.assertEqual(
            failure.getErrorMessage(), f"{case.id()} (test) still running at 120.0 secs"
        )

    def test_method(self) -> None:
        def test(case: Any) -> Deferred[None]:
            return Deferred()

        test.timeout = 5  # type: ignore[attr-defined]  # how tests are marked
        case = self.case(test, timeout=7)
        self.assertEqual(case.getTimeout(), 5)
        ran(case)
        self.assertEqual(self.reactor.seconds(), 5)

    def test_class(self) -> None:
        self.assertEqual(self.case(lambda case: None, timeout=7).getTimeout(), 7)

    def test_none(self) -> None:
        self.assertIs(self.case(lambda case: None, timeout=None).getTimeout(), None)
        result = ran(self.case(lambda case: self.later(delay=9999), timeout=None))
        self.assertEqual(outcome(result), {"successes": 1})

    def test_nonsense(self) -> None:
        result = ran(self.case(lambda case: Deferred(), timeout="soon"))
        self.assertEqual([failure.type for _, failure in result.errors], [TypeError])

    def test_inTime(self) -> None:
        """The timer is gone when the test is over."""
        result = ran(self.case(lambda case: self.later(delay=4), timeout=5))
        self.assertEqual(outcome(result), {"successes": 1})
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_eachStage(self) -> None:
        """Each stage has the whole time, and a hung one does not keep the others from it."""
        reached: list[str] = []

        def tearDown(case: Any) -> Deferred[None]:
            reached.append("tearDown")
            return self.later(delay=4)

        result = ran(self.case(lambda case: Deferred(), timeout=5, tearDown=tearDown))
        self.assertEqual(outcome(result), {"errors": 1})
        self.assertEqual(reached, ["tearDown"])
        self.assertEqual(self.reactor.seconds(), 9)

    def test_cancels(self) -> None:
        """A hung coroutine can clean up behind itself."""
        cleaned: list[str] = []

        async def test(case: Any) -> None:
            try:
                await Deferred[None]()
            finally:
                cleaned.append("up")

        result = ran(self.case(test, timeout=1))
        self.assertEqual(cleaned, ["up"])
        self.assertEqual([failure.type for _, failure in result.errors], [defer.TimeoutError])

    def test_lateFailure(self) -> None:
        """What goes wrong during that is not lost."""

        async def test(case: Any) -> None:
            try:
                await Deferred[None]()
            finally:
                raise KeyError("late")

        result = ran(self.case(test, timeout=1))
        self.assertEqual(
            [failure.type for _, failure in result.errors], [defer.TimeoutError, KeyError]
        )

    def test_reactorStopped(self) -> None:
        """A test that stops the loop while it waits fails."""

        for name in ("stop", "crash"):
            result = ran(self.case(self.stopping(operator.methodcaller(name))))
            self.assertEqual(
                [failure.type for _, failure in result.errors], [_waiting.ReactorStopped]
            )
        self.assertFalse(self.reactor.hasStopped)

    def stopping(self, stop: Callable[[Any], object]) -> Callable[[Any], Deferred[None]]:
        def test(case: Any) -> Deferred[None]:
            self.reactor.callLater(0, stop, self.reactor)
            return Deferred()

        return test

    def test_reactorStoppedBehindTheBack(self) -> None:
        """One that keeps the reactor's own method and calls that is found out too."""
        stop = self.reactor.crash
        result = ran(self.case(self.stopping(lambda reactor: stop())))
        self.assertEqual([failure.type for _, failure in result.errors], [_waiting.ReactorStopped])


class InterruptTests(_WithReactor):
    """Ctrl-C while a test waits."""

    def test_interrupt(self) -> None:
        self.addCleanup(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT))
        signal.signal(signal.SIGINT, signal.default_int_handler)
        reactor: Any = self.reactor
        reactor.callFromThread = lambda f, *args: self.reactor.callLater(0, f, *args)

        def test(case: Any) -> Deferred[None]:
            self.reactor.callLater(1, signal.raise_signal, signal.SIGINT)
            return Deferred()

        result = ran(self.case(test))
        self.assertEqual([failure.type for _, failure in result.errors], [KeyboardInterrupt])
        self.assertTrue(result.shouldStop)
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)


class AssertFailureTests(_WithReactor):
    """`assertFailure`."""

    def assertion(self, deferred: Deferred[Any], *expected: type[BaseException]) -> Deferred[Any]:
        return self.case(lambda case: None).assertFailure(deferred, *expected)

    def test_expected(self) -> None:
        error = ValueError("x")
        asserted = self.assertion(fail(error), KeyError, ValueError)
        self.assertIs(self.successResultOf(asserted), error)

    def test_later(self) -> None:
        deferred: Deferred[None] = Deferred()
        waiting = self.assertion(deferred, ValueError)
        self.assertNoResult(waiting)
        deferred.errback(Failure(ValueError()))
        self.assertIsInstance(self.successResultOf(waiting), ValueError)

    def test_success(self) -> None:
        failure = self.failureResultOf(self.assertion(succeed(3), ValueError), unittest.FailTest)
        self.assertEqual(
            failure.getErrorMessage(),
            "did not catch an error, instead got 3: expected builtins.ValueError",
        )

    def test_another(self) -> None:
        failure = self.failureResultOf(
            self.assertion(fail(OSError("x")), KeyError, ValueError), unittest.FailTest
        )
        text = failure.getErrorMessage()
        self.assertIn("Expected: builtins.KeyError or builtins.ValueError", text)
        self.assertIn("OSError: x", text)


class _Selectable:
    def __init__(self, error: Exception | None = None) -> None:
        self.lost: list[Failure] = []
        self._error = error

    def __repr__(self) -> str:
        return "<a selectable>"

    def connectionLost(self, reason: Failure) -> None:
        self.lost.append(reason)
        if self._error is not None:
            raise self._error


class DirtyReactorTests(_WithReactor):
    """What a test leaves in the reactor."""

    def messages(self, case: unittest.TestCase) -> list[str]:
        result = ran(case)
        for _, failure in result.errors:
            self.assertEqual(failure.type, util.DirtyReactorAggregateError)
        return [failure.getErrorMessage() for _, failure in result.errors]

    def test_delayedCall(self) -> None:
        case = self.case(lambda case: self.reactor.callLater(10, print))
        (message,) = self.messages(case)
        self.assertIn("Reactor was unclean.\nDelayedCalls:", message)
        self.assertIn("print", message)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_dueCall(self) -> None:
        """A call that is due is made, and not left over."""
        made: list[int] = []
        case = self.case(lambda case: self.reactor.callLater(0, made.append, 1))
        self.assertEqual(self.messages(case), [])
        self.assertEqual(made, [1])

    def test_cancelled(self) -> None:
        case = self.case(lambda case: case.addCleanup(self.reactor.callLater(9, print).cancel))
        self.assertEqual(self.messages(case), [])

    def test_olderCall(self) -> None:
        """What was there before is not the test's, and stays."""
        call = self.reactor.callLater(10, print)
        self.assertEqual(self.messages(self.case(lambda case: None)), [])
        self.assertTrue(call.active())

    def test_selectable(self) -> None:
        port = _Selectable()
        (message,) = self.messages(self.case(lambda case: self.reactor.addReader(port)))
        self.assertEqual(message, "Reactor was unclean.\nSelectables:\n<a selectable>")
        self.assertEqual(self.reactor.getReaders(), [])
        self.assertEqual(len(port.lost), 1)

    def test_readerAndWriter(self) -> None:
        """One that is both is named once."""
        port = _Selectable()

        def test(case: Any) -> None:
            self.reactor.addReader(port)
            self.reactor.addWriter(port)

        (message,) = self.messages(self.case(test))
        self.assertEqual(message.count("<a selectable>"), 1)
        self.assertEqual(len(port.lost), 1)

    def test_olderSelectable(self) -> None:
        port = _Selectable()
        self.reactor.addReader(port)
        self.assertEqual(self.messages(self.case(lambda case: None)), [])
        self.assertEqual(self.reactor.getReaders(), [port])

    def test_closingSelectable(self) -> None:
        """One that closes within a few turns is no fault."""
        port = _Selectable()

        def closeSoon() -> None:
            if len(self.reactor.turns) == 3:
                self.reactor.removeReader(port)

        self.reactor.onTurn = closeSoon
        self.assertEqual(self.messages(self.case(lambda case: self.reactor.addReader(port))), [])

    def test_cannotClose(self) -> None:
        """An error while it is closed is an error of the test too."""
        port = _Selectable(ValueError("cannot close"))
        result = ran(self.case(lambda case: self.reactor.addReader(port)))
        self.assertEqual(
            {failure.type for _, failure in result.errors},
            {util.DirtyReactorAggregateError, ValueError},
        )

    def test_waker(self) -> None:
        """The descriptor that wakes the reactor does not count."""
        waker = _Selectable()

        def test(case: Any) -> None:
            self.reactor.waker = waker  # type: ignore[attr-defined]  # as reactors have it
            self.reactor.addReader(waker)

        self.assertEqual(self.messages(self.case(test)), [])

    def test_noReactor(self) -> None:
        self.patch(_cleanup, "reactorIfInstalled", lambda: None)
        self.assertEqual(self.messages(self.case(lambda case: None)), [])

    def test_thread(self) -> None:
        self.patch(_cleanup, "_THREAD_GRACE_SECONDS", 0)
        event = threading.Event()

        def test(case: Any) -> None:
            thread = threading.Thread(target=event.wait, name="left-behind")
            thread.start()
            self.addCleanup(thread.join)
            self.addCleanup(event.set)

        (message,) = self.messages(self.case(test))
        self.assertIn("Threads:", message)
        self.assertIn("left-behind", message)

    def test_busyWorker(self) -> None:
        self.patch(_cleanup, "_THREAD_GRACE_SECONDS", 0)

        class Pool:
            working: list[str] = []
            threads: list[Any] = []
            q: SimpleQueue[int] = SimpleQueue()

            def __repr__(self) -> str:
                return "<pool>"

        self.reactor.threadpool = pool = Pool()  # type: ignore[attr-defined]  # as reactors have it

        def test(case: Any) -> None:
            pool.working.append("<worker 1>")
            pool.q.put(1)

        (message,) = self.messages(self.case(test))
        self.assertIn("'<worker 1>', at work in <pool>", message)
        self.assertIn("calls that wait in <pool>: 1", message)
        # The next test has left nothing.
        self.assertEqual(self.messages(self.case(lambda case: None)), [])

    def test_endsThreadPool(self) -> None:
        """Idle threads of the reactor's pool are ended, unless that is done later."""
        stopped: list[str] = []

        class Pool:
            working: list[Any] = []
            threads: list[Any] = []
            q: SimpleQueue[int] = SimpleQueue()

        reactor: Any = self.reactor
        reactor.threadpool = Pool()
        reactor._stopThreadPool = lambda: stopped.append("now")
        for follows, expected in ((True, []), (False, ["now"])):
            self.patch(_cleanup.Janitor, "shutdownFollows", follows)
            self.assertEqual(self.messages(self.case(lambda case: None)), [])
            self.assertEqual(stopped, expected)

    def test_failureAndLeftovers(self) -> None:
        """Both are told."""

        def test(case: Any) -> None:
            self.reactor.callLater(10, print)
            case.fail("x")

        self.assertEqual(outcome(ran(self.case(test))), {"failures": 1, "errors": 1})

    def test_cannotBeWatched(self) -> None:
        """In a reactor that nothing can be added to, leftovers are found, without their line."""

        class Slotted:
            __slots__ = ("planned",)

            def __init__(self) -> None:
                self.planned: list[Any] = []

            def callLater(self) -> None: ...

        reactor = Slotted()
        _origins.watch(reactor)
        _origins.watch(reactor)
        self.assertIs(_origins.originOf(reactor), None)
        self.assertIs(_origins.originOf([]), None)

    def test_origin(self) -> None:
        """What a test makes is noted with its line; what cannot be noted is let through."""
        reactor = MemoryReactorClock()
        _origins.watch(reactor)
        call = reactor.callLater(1, print)
        origin = _origins.originOf(call)
        assert origin is not None
        self.assertEqual((origin.filename, origin.function), (__file__, "test_origin"))
        self.assertIn("call = reactor.callLater(1, print)", str(origin))
        self.assertEqual(_origins._noting(list)("ab"), ["a", "b"])

    def test_message(self) -> None:
        error = util.DirtyReactorAggregateError(["call"], ["port"], ["thread"])
        self.assertEqual(
            str(error).splitlines(),
            [
                "Reactor was unclean.",
                "DelayedCalls: (set twisted.internet.base.DelayedCall.debug = True to debug)",
                "call",
                "Selectables:",
                "port",
                "Threads:",
                "thread",
            ],
        )


class SuppressTests(_WithReactor):
    """`getSuppress`."""

    def test_suppress(self) -> None:
        entry = util.suppress(message="known")
        self.assertEqual(entry, (("ignore",), {"message": "known"}))
        self.assertEqual(self.case(lambda case: None, suppress=[entry]).getSuppress(), [entry])
        self.assertEqual(self.case(lambda case: None).getSuppress(), [])

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(ITestCase, self.case(lambda case: None)))
