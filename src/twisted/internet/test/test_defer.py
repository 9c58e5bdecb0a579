"""Tests for `Deferred` itself: its chain, pausing, cancelling, timeouts and reports.

What is built on it is tested in the other `test_defer_*` modules.
"""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from twisted.internet import defer
from twisted.internet.defer import (
    AlreadyCalledError,
    CancelledError,
    Deferred,
    fail,
    maybeDeferred,
    succeed,
)
from twisted.internet.task import Clock
from twisted.logger import LogEvent, LogLevel, globalLogPublisher
from twisted.python.failure import Failure, NoCurrentExceptionError
from twisted.trial.unittest import SynchronousTestCase


class SomeError(Exception):
    """What goes wrong in these tests."""


def broken(result: object) -> Any:
    raise SomeError(result)


def returned(value: Any) -> Callable[[object], Any]:
    """A callback that returns this value."""
    return lambda result: value


class Recorder:
    """Callbacks that remember how they were called."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def cb(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(("cb", args, kwargs))
        return args[0]

    def eb(self, *args: Any, **kwargs: Any) -> None:
        self.calls.append(("eb", (args[0].type, *args[1:]), kwargs))


class Chain(SynchronousTestCase):
    """Callbacks and errbacks, and what is handed from one to the next."""

    def setUp(self) -> None:
        self.recorder = Recorder()

    def test_oneCallback(self) -> None:
        d: Deferred[str] = Deferred()
        d.addCallback(self.recorder.cb)
        self.assertEqual(self.recorder.calls, [])
        d.callback("result")
        self.assertEqual(self.recorder.calls, [("cb", ("result",), {})])

    def test_resultsAreHandedOn(self) -> None:
        """Each callback gets what the one before returned."""
        got: list[int] = []

        def double(number: int) -> int:
            got.append(number)
            return 2 * number

        d: Deferred[int] = Deferred()
        d.addCallback(double).addCallback(double).addCallback(double)
        d.callback(1)
        self.assertEqual(got, [1, 2, 4])
        self.assertEqual(d.result, 8)

    def test_addMethodsReturnTheDeferred(self) -> None:
        d: Deferred[int] = Deferred()
        self.assertIs(d.addCallback(returned(1)), d)
        self.assertIs(d.addErrback(returned(1)), d)
        self.assertIs(d.addBoth(returned(1)), d)
        self.assertIs(d.addCallbacks(returned(1), returned(1)), d)
        self.assertIs(d.chainDeferred(Deferred()), d)

    def test_errbackIsSkipped(self) -> None:
        succeed(1).addErrback(self.recorder.eb).addCallback(self.recorder.cb)
        self.assertEqual(self.recorder.calls, [("cb", (1,), {})])

    def test_callbackIsSkipped(self) -> None:
        d: Deferred[int] = fail(SomeError())
        d.addCallback(self.recorder.cb).addErrback(self.recorder.eb)
        self.assertEqual(self.recorder.calls, [("eb", (SomeError,), {})])

    def test_arguments(self) -> None:
        """Whatever else is given to addCallback and its kin goes to the callback as well."""
        r = self.recorder
        succeed(1).addCallback(r.cb, 2, three=3)
        succeed(1).addCallback(r.cb, 2)
        succeed(1).addCallback(r.cb, three=3)
        succeed(1).addBoth(r.cb, 2, three=3)
        self.assertEqual(
            r.calls,
            [
                ("cb", (1, 2), {"three": 3}),
                ("cb", (1, 2), {}),
                ("cb", (1,), {"three": 3}),
                ("cb", (1, 2), {"three": 3}),
            ],
        )
        r.calls.clear()
        fail(SomeError()).addErrback(r.eb, 2, three=3)
        fail(SomeError()).addErrback(r.eb, 2)
        fail(SomeError()).addBoth(r.eb, 2, three=3)
        self.assertEqual(
            r.calls,
            [
                ("eb", (SomeError, 2), {"three": 3}),
                ("eb", (SomeError, 2), {}),
                ("eb", (SomeError, 2), {"three": 3}),
            ],
        )

    def test_addCallbacksArguments(self) -> None:
        """addCallbacks takes those of the callback and of the errback separately."""
        r = self.recorder
        for d in (succeed(1), fail(SomeError())):
            d.addCallbacks(
                r.cb,
                r.eb,
                callbackArgs=("a",),
                callbackKeywords={"k": "cb"},
                errbackArgs=("b", "c"),
                errbackKeywords={"k": "eb"},
            )
        self.assertEqual(
            r.calls,
            [("cb", (1, "a"), {"k": "cb"}), ("eb", (SomeError, "b", "c"), {"k": "eb"})],
        )

    def test_addCallbacksPositional(self) -> None:
        r = self.recorder
        succeed(1).addCallbacks(r.cb, r.eb, (2,), {"k": 3}, (4,), {"k": 5})
        fail(SomeError()).addCallbacks(r.cb, r.eb, (2,), {"k": 3}, (4,), {"k": 5})
        self.assertEqual(r.calls, [("cb", (1, 2), {"k": 3}), ("eb", (SomeError, 4), {"k": 5})])

    def test_addCallbacksIsOneStep(self) -> None:
        """The errback beside a callback does not see that callback's error; the next one does."""
        r = self.recorder
        succeed(1).addCallbacks(broken, r.cb).addErrback(r.eb)
        self.assertEqual(r.calls, [("eb", (SomeError,), {})])

    def test_addCallbacksWithoutErrback(self) -> None:
        r = self.recorder
        fail(SomeError()).addCallbacks(r.cb).addCallbacks(r.cb, None).addErrback(r.eb)
        self.assertEqual(r.calls, [("eb", (SomeError,), {})])

    def test_exceptionGoesToErrback(self) -> None:
        errors: list[Failure] = []
        succeed("x").addCallback(broken).addErrback(errors.append)
        self.assertIs(errors[0].type, SomeError)
        self.assertEqual(errors[0].value.args, ("x",))

    def test_tracebackBeginsAtTheCallback(self) -> None:
        """What the loop itself adds to a traceback is left out."""
        text = self.failureResultOf(succeed(1).addCallback(broken)).getTraceback()
        self.assertEqual(text.splitlines()[1].split(", ")[-1], "in broken")

    def test_tracebackOfBuiltin(self) -> None:
        """If nothing else were left, the loop's own frame stays, so that there is a traceback."""
        f = self.failureResultOf(succeed("no number").addCallback(int))
        self.assertEqual(len(f.frames), 1)

    def test_wrongArguments(self) -> None:
        """A callback that does not take the result is an error like any other."""

        def nothing() -> None:
            pass

        wrong: Any = nothing
        f = self.failureResultOf(succeed(1).addCallback(wrong))
        self.assertIn("nothing", f.getErrorMessage())
        self.assertIs(f.type, TypeError)

    def test_returnedFailure(self) -> None:
        """A failure that is returned goes to the next errback, like one that is raised."""
        f = Failure(SomeError())
        d = succeed(1).addCallback(returned(f)).addCallback(self.recorder.cb)
        self.assertIs(self.failureResultOf(d), f)
        self.assertEqual(self.recorder.calls, [])

    def test_errbackHandles(self) -> None:
        """After an errback that returns anything else, callbacks go on with it."""
        d = fail(SomeError()).addErrback(returned("fine")).addCallback(self.recorder.cb)
        self.assertEqual(self.successResultOf(d), "fine")
        self.assertEqual(self.recorder.calls, [("cb", ("fine",), {})])

    def test_errbackReraises(self) -> None:
        def trap(f: Failure) -> None:
            f.trap(KeyError)

        f = self.failureResultOf(fail(SomeError("x")).addErrback(trap))
        self.assertIs(f.type, SomeError)

    def test_untrappedGoesOnAsItCame(self) -> None:
        """The same failure, its traceback no longer for the errbacks that it passed."""

        def trap(f: Failure) -> None:
            f.trap(KeyError)

        failures: list[Failure] = []
        d = succeed(1).addCallback(broken).addErrback(trap).addErrback(trap)
        d.addErrback(failures.append)
        self.assertEqual([frame[0] for frame in failures[0].frames], ["broken"])
        self.assertIs(failures[0].value.__traceback__, failures[0].tb)
        f = Failure(SomeError())
        self.assertIs(self.failureResultOf(fail(f).addErrback(trap)), f)

    def test_pausedWhileRaisingAgain(self) -> None:
        """An errback that pauses its Deferred and raises the error again has paused it."""
        d: Deferred[Any] = Deferred()

        def pauseAndTrap(f: Failure) -> None:
            d.pause()
            f.trap(KeyError)

        d.addErrback(pauseAndTrap).addErrback(self.recorder.eb)
        d.errback(SomeError())
        self.assertEqual(self.recorder.calls, [])
        d.unpause()
        self.assertEqual(len(self.recorder.calls), 1)

    def test_errbackFails(self) -> None:
        def other(f: Failure) -> None:
            raise KeyError("other")

        self.failureResultOf(fail(SomeError()).addErrback(other), KeyError)

    def test_baseExceptions(self) -> None:
        """Even what is no `Exception` stays in the chain."""

        def leave(result: object) -> None:
            raise SystemExit(1)

        self.failureResultOf(succeed(1).addCallback(leave), SystemExit)

    def test_passthroughBoth(self) -> None:
        f = Failure(SomeError())
        self.assertIs(self.failureResultOf(fail(f).addBoth(defer.passthru)), f)
        self.assertEqual(self.successResultOf(succeed(3).addBoth(defer.passthru)), 3)

    def test_callbackWithFailure(self) -> None:
        """A failure is a failure, however it gets in."""
        d: Deferred[int] = Deferred()
        d.addCallbacks(self.recorder.cb, self.recorder.eb)
        d.callback(Failure(SomeError()))
        self.assertEqual(self.recorder.calls, [("eb", (SomeError,), {})])

    def test_errbackWithException(self) -> None:
        d: Deferred[int] = Deferred()
        error = SomeError()
        d.errback(error)
        self.assertIs(self.failureResultOf(d).value, error)

    def test_errbackWithCurrentException(self) -> None:
        d: Deferred[int] = Deferred()
        try:
            raise SomeError
        except SomeError:
            d.errback()
        self.assertIn("test_errbackWithCurrentException", self.failureResultOf(d).getTraceback())

    def test_errbackWithNothing(self) -> None:
        """Without an exception there is an error, and the Deferred has not fired."""
        d: Deferred[int] = Deferred()
        self.assertRaises(NoCurrentExceptionError, d.errback)
        self.assertNoResult(d)

    def test_callbacksAfterFiring(self) -> None:
        """A chain may be run before all of it has been added, or after; it is the same."""
        d: Deferred[int] = Deferred()
        d.callback(1)
        d.addCallback(self.recorder.cb).addCallback(broken).addErrback(self.recorder.eb)
        self.assertEqual(self.recorder.calls, [("cb", (1,), {}), ("eb", (SomeError,), {})])

    def test_callbackAddedByCallback(self) -> None:
        """A callback that is added while the chain runs comes after those that are there."""
        order: list[str] = []
        d: Deferred[None] = Deferred()

        def first(_: object) -> None:
            order.append("first")
            d.addCallback(lambda _: order.append("added"))
            order.append("end of first")

        d.addCallback(first)
        d.addCallback(lambda _: order.append("second"))
        d.callback(None)
        self.assertEqual(order, ["first", "end of first", "second", "added"])

    def test_callbackAddedWhileRunningLate(self) -> None:
        """The same, when the chain runs because a callback was added."""
        order: list[str] = []
        d = succeed(None)

        def first(_: object) -> None:
            d.addCallback(lambda _: order.append("added"))
            order.append("first")

        d.addCallback(first)
        self.assertEqual(order, ["first", "added"])

    def test_thousandsOfCallbacks(self) -> None:
        d: Deferred[int] = Deferred()
        for _ in range(10000):
            d.addCallback(lambda number: number + 1)
        d.callback(0)
        self.assertEqual(self.successResultOf(d), 10000)

    def test_notCallable(self) -> None:
        """A callback that cannot be called is refused where it is added."""
        d: Deferred[int] = Deferred()
        wrong: Any
        for wrong in (None, 3, "name"):
            for add in (d.addCallback, d.addErrback, d.addBoth):
                error = self.assertRaises(TypeError, add, wrong)
                self.assertIn(repr(wrong), str(error))
        self.assertRaises(TypeError, d.addCallbacks, returned(1), 3)
        self.assertRaises(TypeError, d.addCallbacks, 3, returned(1))
        self.assertEqual(d.callbacks, [])

    def test_documentedFlow(self) -> None:
        """The two cases of the chapter on errbacks."""
        one, two = Recorder(), Recorder()
        succeed(1).addCallback(broken).addErrback(one.eb)
        succeed(1).addCallbacks(broken, one.cb).addCallbacks(two.cb, two.eb)
        self.assertEqual(one.calls, [("eb", (SomeError,), {})])
        self.assertEqual(two.calls, [("eb", (SomeError,), {})])

    def test_threeDummies(self) -> None:
        """succeed and fail give Deferreds that have fired."""
        self.assertEqual(self.successResultOf(succeed("x")), "x")
        self.assertTrue(succeed(1).called)
        try:
            raise SomeError
        except SomeError:
            self.failureResultOf(fail(), SomeError)


class Firing(SynchronousTestCase):
    """That a Deferred fires once, and with what."""

    def test_twice(self) -> None:
        d: Deferred[int] = Deferred()
        d.callback(1)
        self.assertRaises(AlreadyCalledError, d.callback, 2)
        self.assertRaises(AlreadyCalledError, d.errback, SomeError())
        self.assertEqual(d.result, 1)
        d = Deferred()
        d.errback(SomeError())
        self.assertRaises(AlreadyCalledError, d.callback, 2)
        self.assertRaises(AlreadyCalledError, d.errback, SomeError())
        self.failureResultOf(d, SomeError)

    def test_twiceNamesTheDeferred(self) -> None:
        d = succeed("the result")
        error = self.assertRaises(AlreadyCalledError, d.callback, "x")
        self.assertIn("the result", str(error))

    def test_withDeferred(self) -> None:
        """A Deferred is no result; the error says what to do instead."""
        d: Deferred[Any] = Deferred()
        error = self.assertRaises(TypeError, d.callback, Deferred())
        self.assertIn("chainDeferred", str(error))
        self.assertFalse(d.called)
        self.assertRaises(TypeError, succeed, Deferred())

    def test_attributes(self) -> None:
        d: Deferred[int] = Deferred()
        self.assertIs(d.called, False)
        self.assertEqual(d.paused, 0)
        self.assertEqual(d.callbacks, [])
        self.assertFalse(hasattr(d, "result"))
        d.addCallback(returned(2))
        self.assertEqual(len(d.callbacks), 1)
        d.callback(1)
        self.assertIs(d.called, True)
        self.assertEqual(d.callbacks, [])
        self.assertEqual(d.result, 2)

    def test_ownAttributes(self) -> None:
        """Users keep things of their own on a Deferred, and derive classes."""

        class Mine(Deferred[int]):
            def __init__(self) -> None:
                super().__init__()
                self.mine = 1

        d: Any = Deferred()
        d.remark = "x"
        self.assertEqual(d.remark, "x")
        mine = Mine()
        got: list[int] = []
        mine.addCallback(got.append)
        mine.callback(3)
        self.assertEqual((mine.mine, got), (1, [3]))

    def test_subscript(self) -> None:
        """The type takes a parameter at run time too."""
        d = Deferred[int]()
        d.callback(1)
        self.assertEqual(self.successResultOf(d), 1)

    def test_repr(self) -> None:
        d: Deferred[Any] = Deferred()
        where = f"Deferred at {id(d):#x}"
        self.assertEqual(repr(d), f"<{where}>")
        inner: Deferred[Any] = Deferred()
        d.addCallback(returned(inner))
        d.callback(1)
        self.assertEqual(repr(d), f"<{where} waiting on Deferred at {id(inner):#x}>")
        inner.callback("the end")
        self.assertEqual(repr(d), f"<{where} current result: 'the end'>")

    def test_classNames(self) -> None:
        """Classes are known by their public names."""
        for name in defer.__all__:
            item = getattr(defer, name)
            if isinstance(item, type):
                self.assertEqual(item.__module__, "twisted.internet.defer", name)

    def test_succeedWithFailure(self) -> None:
        """A failure is one, even for succeed."""
        f = Failure(SomeError())
        d: Deferred[Any] = succeed(f)
        self.assertIs(self.failureResultOf(d), f)

    def test_execute(self) -> None:
        self.assertEqual(self.successResultOf(defer.execute(divmod, 7, 2)), (3, 1))
        self.failureResultOf(defer.execute(divmod, 7, 0), ZeroDivisionError)

    def test_timeoutFunction(self) -> None:
        d: Deferred[int] = Deferred()
        defer.timeout(d)
        self.failureResultOf(d, defer.TimeoutError)


class MaybeDeferred(SynchronousTestCase):
    """`maybeDeferred`: whatever a function does, there is a Deferred."""

    def test_result(self) -> None:
        self.assertEqual(self.successResultOf(maybeDeferred(divmod, 7, 2)), (3, 1))

    def test_keywords(self) -> None:
        self.assertEqual(self.successResultOf(maybeDeferred(dict, a=1)), {"a": 1})

    def test_exception(self) -> None:
        f = self.failureResultOf(maybeDeferred(broken, "x"), SomeError)
        self.assertIn("in broken", f.getTraceback())

    def test_deferred(self) -> None:
        d: Deferred[int] = Deferred()
        self.assertIs(maybeDeferred(lambda: d), d)

    def test_failure(self) -> None:
        f = Failure(SomeError())
        self.assertIs(self.failureResultOf(maybeDeferred(lambda: f)), f)

    def test_coroutine(self) -> None:
        async def work(number: int) -> int:
            return await succeed(number)

        self.assertEqual(self.successResultOf(maybeDeferred(work, 3)), 3)

    def test_wrongArguments(self) -> None:
        wrong: Any = maybeDeferred
        self.failureResultOf(wrong(lambda: 1, "too many"), TypeError)


class Chaining(SynchronousTestCase):
    """Deferreds that wait for Deferreds."""

    def test_waits(self) -> None:
        """A callback that returns a Deferred holds up the chain until that fires."""
        inner: Deferred[str] = Deferred()
        got: list[str] = []
        outer = succeed(1).addCallback(returned(inner)).addCallback(got.append)
        self.assertEqual(got, [])
        self.assertIs(outer.result, inner)
        self.assertEqual(outer.paused, 1)
        inner.callback("late")
        self.assertEqual(got, ["late"])
        self.assertEqual(outer.paused, 0)

    def test_waitsForFailure(self) -> None:
        inner: Deferred[str] = Deferred()
        outer = succeed(1).addCallback(returned(inner))
        inner.errback(SomeError())
        self.failureResultOf(outer, SomeError)

    def test_hasFired(self) -> None:
        """The result of one that has fired already is taken at once."""
        self.assertEqual(self.successResultOf(succeed(1).addCallback(returned(succeed(2)))), 2)
        failed = succeed(1).addCallback(returned(fail(SomeError())))
        self.failureResultOf(failed, SomeError)

    def test_takesTheResult(self) -> None:
        """The result goes over: the inner Deferred has none any more, and no unhandled error."""
        for inner in (succeed(1), fail(SomeError())):
            succeed(1).addCallback(returned(inner)).addErrback(returned(None))
            self.assertEqual(self.successResultOf(inner), None)
        later: Deferred[int] = Deferred()
        got: list[object] = []
        succeed(1).addCallback(returned(later)).addCallback(got.append)
        later.addCallback(got.append)
        later.callback(3)
        self.assertEqual(got, [3, None])

    def test_inErrback(self) -> None:
        inner: Deferred[str] = Deferred()
        outer = fail(SomeError()).addErrback(returned(inner))
        self.assertNoResult(outer)
        inner.callback("repaired")
        self.assertEqual(self.successResultOf(outer), "repaired")

    def test_resultAtThatPoint(self) -> None:
        """What counts is the end of the inner chain as it was when it was returned."""
        inner: Deferred[int] = Deferred()
        inner.addCallback(lambda number: number + 1)
        outer = succeed(0).addCallback(returned(inner))
        got: list[object] = []
        inner.addCallback(got.append)
        inner.callback(1)
        self.assertEqual(self.successResultOf(outer), 2)
        self.assertEqual(got, [None])

    def test_order(self) -> None:
        """Whoever waits goes on as soon as there is a result, before what was added later."""
        order: list[str] = []
        inner: Deferred[None] = Deferred()
        outer = succeed(None).addCallback(returned(inner))
        outer.addCallback(lambda _: order.append("outer 1"))
        inner.addCallback(lambda _: order.append("inner"))
        outer.addCallback(lambda _: order.append("outer 2"))
        inner.callback(None)
        self.assertEqual(order, ["outer 1", "outer 2", "inner"])

    def test_severalWait(self) -> None:
        """The first of several that wait gets the result."""
        inner: Deferred[int] = Deferred()
        first = succeed(1).addCallback(returned(inner))
        second = succeed(1).addCallback(returned(inner))
        inner.callback(7)
        self.assertEqual(self.successResultOf(first), 7)
        self.assertEqual(self.successResultOf(second), None)

    def test_innerWaitsToo(self) -> None:
        last: Deferred[int] = Deferred()
        middle = succeed(1).addCallback(returned(last))
        outer = succeed(1).addCallback(returned(middle))
        last.callback(5)
        self.assertEqual(self.successResultOf(outer), 5)

    def test_innerIsPaused(self) -> None:
        """One that has fired but is paused is waited for."""
        inner = succeed(2)
        inner.pause()
        outer = succeed(1).addCallback(returned(inner))
        self.assertNoResult(outer)
        inner.unpause()
        self.assertEqual(self.successResultOf(outer), 2)

    def test_innerIsRunning(self) -> None:
        """One whose chain is running just now is waited for."""
        inner: Deferred[int] = Deferred()
        outer: list[Deferred[int]] = []

        def wait(result: int) -> int:
            outer.append(succeed(1).addCallback(returned(inner)))
            return result + 1

        inner.addCallback(wait)
        inner.addCallback(lambda number: number * 10)
        inner.callback(1)
        self.assertEqual(self.successResultOf(outer[0]), 20)

    def test_waitsForItself(self) -> None:
        """A Deferred that would wait for itself for ever fails instead, and says so."""
        d: Deferred[Any] = Deferred()
        d.addCallback(returned(d))
        d.callback(1)
        f = self.failureResultOf(d, RuntimeError)
        self.assertIn("added to", f.getErrorMessage())

    def test_waitsForItselfIsHandled(self) -> None:
        """The errbacks that follow get that failure."""
        d: Deferred[Any] = Deferred()
        d.addCallback(returned(d)).addErrback(lambda f: f.type)
        d.callback(1)
        self.assertIs(self.successResultOf(d), RuntimeError)

    def test_chainDeferred(self) -> None:
        one: Deferred[int] = Deferred()
        two: Deferred[int] = Deferred()
        one.addCallback(lambda number: number + 1)
        one.chainDeferred(two)
        one.callback(1)
        self.assertEqual(self.successResultOf(two), 2)
        self.assertEqual(self.successResultOf(one), None)

    def test_chainDeferredFailure(self) -> None:
        one: Deferred[int] = Deferred()
        two: Deferred[int] = Deferred()
        one.chainDeferred(two)
        one.errback(SomeError())
        self.failureResultOf(two, SomeError)
        self.assertEqual(self.successResultOf(one), None)


class Depth(SynchronousTestCase):
    """Long chains of Deferreds do not need a deep stack."""

    many = 10000

    def setUp(self) -> None:
        self.depths: set[int] = set()

    def measure(self, result: Any) -> Any:
        frame: Any = sys._getframe()
        depth = 0
        while frame is not None:
            depth, frame = depth + 1, frame.f_back
        self.depths.add(depth)
        return result

    def test_returnedBeforeFiring(self) -> None:
        """Each waits for the next, and the last fires: all of them go on."""
        ds: list[Deferred[int]] = [Deferred() for _ in range(self.many)]
        for outer, inner in pairwise(ds):
            outer.addCallback(returned(inner)).addCallback(self.measure)
        for d in ds[:-1]:
            d.callback(0)
        ds[-1].callback(1)
        self.assertEqual(self.successResultOf(ds[0]), 1)
        self.assertEqual(len(self.depths), 1)

    def test_returnedInReverse(self) -> None:
        """Each gets the next as its result when that has fired."""
        ds: list[Deferred[int]] = [Deferred() for _ in range(self.many)]
        for outer, inner in pairwise(ds):
            outer.addCallback(returned(inner)).addCallback(self.measure)
        for d in reversed(ds):
            d.callback(1)
        self.assertEqual(self.successResultOf(ds[0]), 1)
        self.assertEqual(len(self.depths), 1)

    def test_withMoreToDo(self) -> None:
        """All have more to do after they have handed on their results."""
        after: list[int] = []
        ds: list[Deferred[Any]] = [Deferred() for _ in range(self.many)]
        for outer, inner in pairwise(ds):
            outer.addCallback(returned(inner))
        for number, (outer, inner) in enumerate(pairwise(ds)):
            outer.callback(0)
            inner.addBoth(lambda _, number: after.append(number), number)
            inner.addCallback(self.measure)
        ds[-1].callback(1)
        self.assertEqual(after, list(range(self.many - 1)))
        self.assertEqual(len(self.depths), 1)

    def test_oneAfterAnother(self) -> None:
        """A callback that returns a new Deferred again and again."""
        d = succeed(0)
        for _ in range(self.many):
            d.addCallback(lambda number: succeed(number + 1)).addCallback(self.measure)
        self.assertEqual(self.successResultOf(d), self.many)
        self.assertEqual(len(self.depths), 1)

    def test_failures(self) -> None:
        ds: list[Deferred[int]] = [Deferred() for _ in range(self.many)]
        for outer, inner in pairwise(ds):
            outer.addCallback(returned(inner))
        for d in ds[:-1]:
            d.callback(0)
        ds[-1].errback(SomeError())
        self.failureResultOf(ds[0], SomeError)


class Pausing(SynchronousTestCase):
    """pause and unpause."""

    def test_pausedBeforeFiring(self) -> None:
        got: list[int] = []
        d: Deferred[int] = Deferred()
        d.pause()
        d.addCallback(got.append)
        d.callback(1)
        self.assertEqual(got, [])
        self.assertEqual(d.paused, 1)
        d.unpause()
        self.assertEqual(got, [1])

    def test_pausedAfterFiring(self) -> None:
        got: list[int] = []
        d = succeed(1)
        d.pause()
        d.addCallback(got.append)
        self.assertEqual(got, [])
        d.unpause()
        self.assertEqual(got, [1])

    def test_nested(self) -> None:
        d = succeed(1)
        got: list[int] = []
        d.pause()
        d.pause()
        d.addCallback(got.append)
        d.unpause()
        self.assertEqual(got, [])
        d.unpause()
        self.assertEqual(got, [1])

    def test_unpausedBeforeFiring(self) -> None:
        got: list[int] = []
        d: Deferred[int] = Deferred()
        d.pause()
        d.addCallback(got.append)
        d.unpause()
        self.assertEqual(got, [])
        d.callback(1)
        self.assertEqual(got, [1])

    def test_tooOften(self) -> None:
        d = succeed(1)
        self.assertRaises(RuntimeError, d.unpause)
        self.assertEqual(self.successResultOf(d), 1)

    def test_byItsOwnCallback(self) -> None:
        """A callback can pause its own Deferred; what follows it waits."""
        got: list[int] = []
        d: Deferred[int] = Deferred()

        def stop(result: int) -> int:
            d.pause()
            return result + 1

        d.addCallback(stop)
        d.addCallback(got.append)
        d.callback(1)
        self.assertEqual((got, d.paused, d.result, len(d.callbacks)), ([], 1, 2, 1))
        d.unpause()
        self.assertEqual(got, [2])

    def test_brieflyByItsOwnCallback(self) -> None:
        """One that pauses and unpauses it does not run the chain out of order."""
        order: list[str] = []
        d: Deferred[None] = Deferred()

        def briefly(_: object) -> None:
            d.pause()
            d.unpause()
            order.append("first")

        d.addCallback(briefly)
        d.addCallback(lambda _: order.append("second"))
        d.callback(None)
        self.assertEqual(order, ["first", "second"])

    def test_whileWaiting(self) -> None:
        """One that waits for another Deferred and is paused besides, waits for both."""
        inner: Deferred[int] = Deferred()
        got: list[int] = []
        d = succeed(1).addCallback(returned(inner)).addCallback(got.append)
        d.pause()
        inner.callback(2)
        self.assertEqual(got, [])
        d.unpause()
        self.assertEqual(got, [2])

    def test_whileWaitingAndBack(self) -> None:
        inner: Deferred[int] = Deferred()
        got: list[int] = []
        d = succeed(1).addCallback(returned(inner)).addCallback(got.append)
        d.pause()
        d.unpause()
        self.assertEqual(got, [])
        inner.callback(2)
        self.assertEqual(got, [2])

    def test_byTheOneThatWaited(self) -> None:
        """A Deferred is paused by one that goes on in the middle of its chain."""
        order: list[str] = []
        inner: Deferred[None] = Deferred()
        outer = succeed(None).addCallback(returned(inner))
        outer.addCallback(lambda _: inner.pause())
        inner.addCallback(lambda _: order.append("rest"))
        inner.callback(None)
        self.assertEqual(order, [])
        inner.unpause()
        self.assertEqual(order, ["rest"])

    def test_failureOfPausedIsReported(self) -> None:
        """A failure that no errback has even seen is not lost."""
        for fire in (Deferred.errback, Deferred.callback):
            d: Deferred[int] = Deferred()
            d.pause()
            fire(d, Failure(SomeError()))
            del d
            self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)


class Cancelling(SynchronousTestCase):
    """cancel, at each stage."""

    def setUp(self) -> None:
        self.cancelled: list[Deferred[Any]] = []

    def cancelledResult(self, d: Deferred[Any]) -> None:
        self.failureResultOf(d, CancelledError)

    def test_withoutCanceller(self) -> None:
        d: Deferred[int] = Deferred()
        d.cancel()
        self.cancelledResult(d)

    def test_lateResult(self) -> None:
        """The result that comes all the same is thrown away; once."""
        late: Callable[[Deferred[int]], None]
        for late in (lambda d: d.callback(1), lambda d: d.errback(SomeError())):
            d: Deferred[int] = Deferred()
            d.cancel()
            self.cancelledResult(d)
            late(d)
            self.assertRaises(AlreadyCalledError, late, d)

    def test_lateResultFromErrback(self) -> None:
        """Even if it comes because of the cancellation."""
        d: Deferred[int] = Deferred()
        got: list[object] = []
        d.addErrback(lambda _: d.callback(1)).addBoth(got.append)
        d.cancel()
        self.assertEqual(got, [None])

    def test_canceller(self) -> None:
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.cancel()
        self.assertEqual(self.cancelled, [d])
        self.cancelledResult(d)

    def test_cancellerIsCalledOnce(self) -> None:
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.addErrback(returned(None))
        d.cancel()
        d.cancel()
        self.assertEqual(len(self.cancelled), 1)

    def test_lateResultWithCanceller(self) -> None:
        """A canceller must stop the operation: a late result is an error."""
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.addErrback(returned(None))
        d.cancel()
        self.assertRaises(AlreadyCalledError, d.callback, 1)

    def test_cancellerFires(self) -> None:
        d: Deferred[int] = Deferred(lambda d: d.callback(7))
        d.cancel()
        self.assertEqual(self.successResultOf(d), 7)
        d = Deferred(lambda d: d.errback(SomeError()))
        d.cancel()
        self.failureResultOf(d, SomeError)

    def test_cancellerFails(self) -> None:
        """The error of a canceller goes to whoever cancels; the Deferred has not fired."""

        def canceller(d: Deferred[int]) -> None:
            raise SomeError

        d: Deferred[int] = Deferred(canceller)
        self.assertRaises(SomeError, d.cancel)
        self.assertFalse(d.called)
        d.callback(1)
        self.assertEqual(self.successResultOf(d), 1)

    def test_afterFiring(self) -> None:
        """One that has its result keeps it."""
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.callback(1)
        d.cancel()
        self.assertEqual(self.cancelled, [])
        self.assertEqual(self.successResultOf(d), 1)

    def test_waiting(self) -> None:
        """One that waits for another passes it on to that."""
        inner: Deferred[int] = Deferred(self.cancelled.append)
        outer = succeed(1).addCallback(returned(inner))
        outer.cancel()
        self.assertEqual(self.cancelled, [inner])
        self.cancelledResult(outer)
        self.assertEqual(self.successResultOf(inner), None)

    def test_waitingForWaiting(self) -> None:
        last: Deferred[int] = Deferred(self.cancelled.append)
        middle = succeed(1).addCallback(returned(last))
        outer = succeed(1).addCallback(returned(middle))
        outer.cancel()
        self.assertEqual(self.cancelled, [last])
        self.cancelledResult(outer)

    def test_waitingAndRepaired(self) -> None:
        """The inner one may make a result of it."""
        inner: Deferred[str] = Deferred()
        inner.addErrback(returned("instead"))
        outer = succeed(1).addCallback(returned(inner))
        outer.cancel()
        self.assertEqual(self.successResultOf(outer), "instead")

    def test_inItsOwnCallback(self) -> None:
        """Cancelling while the chain runs changes nothing."""
        d: Deferred[int] = Deferred(self.cancelled.append)

        def callback(result: int) -> int:
            d.cancel()
            return result + 1

        d.addCallback(callback)
        d.callback(1)
        self.assertEqual(self.successResultOf(d), 2)
        self.assertEqual(self.cancelled, [])

    def test_paused(self) -> None:
        d: Deferred[int] = Deferred(self.cancelled.append)
        d.pause()
        d.cancel()
        self.assertEqual(self.cancelled, [d])
        d.unpause()
        self.cancelledResult(d)

    def test_pausedWithResult(self) -> None:
        d = succeed(1)
        d.pause()
        d.cancel()
        d.unpause()
        self.assertEqual(self.successResultOf(d), 1)

    def test_chainDeferred(self) -> None:
        """Chaining by hand is one way: the first is not cancelled with the second."""
        one: Deferred[int] = Deferred(self.cancelled.append)
        two: Deferred[int] = Deferred()
        one.chainDeferred(two)
        two.cancel()
        self.cancelledResult(two)
        self.assertEqual(self.cancelled, [])
        one.callback(1)
        self.assertEqual(self.successResultOf(one), None)


class Timeouts(SynchronousTestCase):
    """addTimeout."""

    def setUp(self) -> None:
        self.clock = Clock()

    def test_inTime(self) -> None:
        """A result in time stops the clock."""
        d: Deferred[int] = Deferred()
        self.assertIs(d.addTimeout(10, self.clock), d)
        self.clock.advance(9)
        d.callback(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.successResultOf(d), 1)

    def test_failureInTime(self) -> None:
        d: Deferred[int] = Deferred()
        d.addTimeout(10, self.clock)
        d.errback(SomeError())
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.failureResultOf(d, SomeError)

    def test_hasFired(self) -> None:
        self.assertEqual(self.successResultOf(succeed(1).addTimeout(1, self.clock)), 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_late(self) -> None:
        cancelled: list[object] = []
        d: Deferred[int] = Deferred(cancelled.append)
        d.addTimeout(10, self.clock)
        self.assertNoResult(d)
        self.clock.advance(10)
        self.assertEqual(cancelled, [d])
        f = self.failureResultOf(d, defer.TimeoutError)
        self.assertEqual(f.value.args, (10, "Deferred"))

    def test_cancellerHasAResult(self) -> None:
        d: Deferred[int] = Deferred(lambda d: d.callback(5))
        d.addTimeout(10, self.clock)
        self.clock.advance(10)
        self.assertEqual(self.successResultOf(d), 5)

    def test_cancellerHasAFailure(self) -> None:
        d: Deferred[int] = Deferred(lambda d: d.errback(SomeError()))
        d.addTimeout(10, self.clock)
        self.clock.advance(10)
        self.failureResultOf(d, SomeError)

    def test_ownCancellation(self) -> None:
        """Cancelled by somebody else, it is cancelled and not late."""
        d: Deferred[int] = Deferred()
        d.addTimeout(10, self.clock)
        d.cancel()
        self.failureResultOf(d, CancelledError)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_onTimeoutCancel(self) -> None:
        """What is made of the time being up can be chosen."""

        def choose(result: object, timeout: float) -> str:
            assert isinstance(result, Failure)
            result.trap(CancelledError)
            return f"nothing for {timeout} seconds"

        d: Deferred[int] = Deferred()
        e = d.addTimeout(2.5, self.clock, choose)
        self.clock.advance(3)
        self.assertEqual(self.successResultOf(e), "nothing for 2.5 seconds")

    def test_onTimeoutCancelInTime(self) -> None:
        d: Deferred[int] = Deferred()
        e = d.addTimeout(2.5, self.clock, lambda result, timeout: "late")
        d.callback(1)
        self.assertEqual(self.successResultOf(e), 1)

    def test_afterward(self) -> None:
        """Callbacks added later may take as long as they like."""
        slow: Deferred[str] = Deferred()
        d: Deferred[int] = Deferred()
        e = d.addTimeout(1, self.clock).addCallback(returned(slow))
        d.callback(1)
        self.clock.advance(5)
        slow.callback("slowly")
        self.assertEqual(self.successResultOf(e), "slowly")

    def test_before(self) -> None:
        """Callbacks added earlier are included in the time."""
        slow: Deferred[str] = Deferred()
        d: Deferred[int] = Deferred()
        e = d.addCallback(returned(slow)).addTimeout(1, self.clock)
        d.callback(1)
        self.clock.advance(5)
        self.failureResultOf(e, defer.TimeoutError)

    def test_two(self) -> None:
        """The shorter of two timeouts counts."""
        d: Deferred[int] = Deferred()
        d.addTimeout(10, self.clock)
        d.addTimeout(1, self.clock)
        self.clock.advance(1)
        self.failureResultOf(d, CancelledError, defer.TimeoutError)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class Reports(SynchronousTestCase):
    """What is logged about failures that nobody handles."""

    def setUp(self) -> None:
        self.events: list[LogEvent] = []
        globalLogPublisher.addObserver(self.events.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.events.append)

    def reported(self) -> list[Failure]:
        return self.flushLoggedErrors()

    def test_whenCollected(self) -> None:
        """When the Deferred goes, the failure is logged, with its whole traceback."""
        d = succeed("x").addCallback(broken)
        self.assertEqual(self.reported(), [])
        del d
        (f,) = self.reported()
        self.assertIs(f.type, SomeError)
        self.assertIn("in broken", f.getTraceback())

    def test_event(self) -> None:
        fail(SomeError("why"))
        (event,) = self.events
        self.assertEqual(event["log_namespace"], "twisted.internet.defer")
        self.assertEqual(event["log_level"], LogLevel.critical)
        self.assertIn("Unhandled error in Deferred", event["log_format"])
        self.assertIs(event["log_failure"].type, SomeError)
        self.reported()

    def test_withoutCallbacks(self) -> None:
        for _ in range(2):
            fail(SomeError())
        d: Deferred[int] = Deferred()
        d.errback(SomeError())
        del d
        self.assertEqual([f.type for f in self.reported()], [SomeError] * 3)

    def test_handled(self) -> None:
        """What an errback has handled, early or late, is not reported."""
        succeed(1).addCallback(broken).addErrback(returned(None))
        d = fail(SomeError())
        d.addErrback(returned(None))
        del d
        self.assertEqual(self.reported(), [])

    def test_handledAndFailedAgain(self) -> None:
        d: Deferred[Any] = fail(SomeError())
        d.addErrback(returned(None)).addCallback(lambda _: 1 / 0)
        del d
        self.assertEqual([f.type for f in self.reported()], [ZeroDivisionError])

    def test_passedOnByErrback(self) -> None:
        """A failure that an errback returns is unhandled; it is reported once."""
        fail(SomeError()).addErrback(defer.passthru)
        self.assertEqual(len(self.reported()), 1)

    def test_chained(self) -> None:
        """A failure handed on to another Deferred is that one's to report."""
        inner: Deferred[int] = Deferred()
        outer = succeed(1).addCallback(returned(inner))
        inner.errback(SomeError())
        del inner
        self.assertEqual(self.reported(), [])
        del outer
        self.assertEqual(len(self.reported()), 1)

    def test_neverFired(self) -> None:
        d: Deferred[int] = Deferred()
        d.addCallback(broken)
        del d
        self.assertEqual(self.reported(), [])

    def test_logError(self) -> None:
        """The errback logError logs, and passes the failure on."""
        f = Failure(SomeError())
        d = fail(f).addErrback(defer.logError)
        self.assertEqual(len(self.reported()), 1)
        self.assertIs(self.failureResultOf(d), f)

    def test_noDebugInformation(self) -> None:
        fail(SomeError())
        self.assertEqual(self.events[0]["debugInfo"], "")
        self.reported()

    def test_atExit(self) -> None:
        """One that lives until the interpreter ends makes no noise about what is gone by then."""
        program = (
            "from twisted.internet import defer\n"
            "d = defer.fail(ValueError('at the end'))\n"
            "import sys; sys.d = d\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
        )
        self.assertNotIn("Exception ignored", done.stderr)


class Debugging(SynchronousTestCase):
    """setDebugging: Deferreds remember where they came from."""

    def setUp(self) -> None:
        self.addCleanup(defer.setDebugging, defer.getDebugging())
        defer.setDebugging(True)

    def test_switch(self) -> None:
        self.assertTrue(defer.getDebugging())
        self.assertTrue(Deferred.debug)
        defer.setDebugging(False)
        self.assertFalse(defer.getDebugging())
        self.assertFalse(Deferred.debug)

    def createHere(self) -> Deferred[int]:
        return Deferred()

    def fireHere(self, d: Deferred[int]) -> None:
        d.callback(1)
        # The traceback of an error keeps this frame, and thereby what it holds.
        del d

    def test_alreadyCalled(self) -> None:
        """The error tells where it was made, and where it was first fired."""
        d = self.createHere()
        self.fireHere(d)
        text = str(self.assertRaises(AlreadyCalledError, d.callback, 2))
        self.assertIn("in createHere", text)
        self.assertIn("in fireHere", text)
        self.assertLess(text.index("in createHere"), text.index("in fireHere"))

    def test_stacksEndAtTheCaller(self) -> None:
        """They do not go into the functions of this package."""
        d = self.createHere()
        self.fireHere(d)
        lines = str(self.assertRaises(AlreadyCalledError, d.callback, 2)).splitlines()
        self.assertNotIn("_deferred.py", "\n".join(lines))
        self.assertIn("d.callback(1)", lines[-1])

    def test_report(self) -> None:
        events: list[LogEvent] = []
        globalLogPublisher.addObserver(events.append)
        self.addCleanup(globalLogPublisher.removeObserver, events.append)
        d = self.createHere()
        d.addCallback(broken)
        self.fireHere(d)
        del d
        (event,) = events
        self.assertIn("in createHere", event["debugInfo"])
        self.assertIn("in fireHere", event["debugInfo"])
        (f,) = self.flushLoggedErrors(SomeError)
        self.assertIn("fireHere", [frame[0] for frame in f.stack])

    def test_succeedAndFail(self) -> None:
        self.assertEqual(self.successResultOf(succeed(1)), 1)
        self.failureResultOf(fail(SomeError()), SomeError)

    def test_switchedOnLate(self) -> None:
        """A Deferred from before knows at least where it was fired."""
        defer.setDebugging(False)
        d = self.createHere()
        defer.setDebugging(True)
        self.fireHere(d)
        text = str(self.assertRaises(AlreadyCalledError, d.callback, 2))
        self.assertIn("in fireHere", text)
        self.assertNotIn("in createHere", text)

    def test_off(self) -> None:
        """Without debugging the error says how to get more."""
        defer.setDebugging(False)
        d = self.createHere()
        self.fireHere(d)
        text = str(self.assertRaises(AlreadyCalledError, d.callback, 2))
        self.assertIn("setDebugging(True)", text)
        self.assertNotIn("createHere", text)


class Imports(SynchronousTestCase):
    """What importing Deferreds costs."""

    def test_loadsLittle(self) -> None:
        """No reactor, no sockets, no asyncio: a Deferred needs none of them."""
        program = (
            "import sys, twisted.internet.defer\n"
            "print(*({'asyncio', 'ssl', 'socket', 'select', 'selectors', 'pdb', 'unittest',"
            " 'twisted.internet.reactor', 'twisted.internet.base'} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
        )
        self.assertEqual(done.stdout, "\n")

    def test_tracebackIsNotNeeded(self) -> None:
        """Nothing here formats a stack as long as nobody asks for one."""
        self.patch(traceback, "format_stack", None)
        self.failureResultOf(succeed(1).addCallback(broken), SomeError)
