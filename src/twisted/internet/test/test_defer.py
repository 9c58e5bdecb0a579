"""Tests for `Deferred` itself: its chain of callbacks, and how it is fired.

What is built on it is tested in the other `test_defer_*` modules.
"""

from __future__ import annotations

import subprocess
import sys
import traceback
from typing import Any

from twisted.internet import defer
from twisted.internet.defer import (
    AlreadyCalledError,
    Deferred,
    fail,
    maybeDeferred,
    succeed,
)
from twisted.internet.test._deferreds import (
    Recorder,
    SomeError,
    broken,
    returned,
)
from twisted.python.failure import Failure, NoCurrentExceptionError
from twisted.trial.unittest import SynchronousTestCase


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
