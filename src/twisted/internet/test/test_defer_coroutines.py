"""Tests for coroutines and generators that wait for Deferreds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import ContextVar
from types import coroutine
from typing import Any

from twisted.internet.defer import (
    AlreadyCalledError,
    CancelledError,
    Deferred,
    NotACoroutineError,
    ensureDeferred,
    fail,
    inlineCallbacks,
    returnValue,
    succeed,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

Work = Callable[..., Deferred[Any]]


class SomeError(Exception):
    """What goes wrong in these tests."""


def depth() -> int:
    frame: Any = sys._getframe()
    count = 0
    while frame is not None:
        count, frame = count + 1, frame.f_back
    return count


def returned(value: Any) -> Callable[[object], Any]:
    """A callback that returns this value."""
    return lambda result: value


@inlineCallbacks
def waitInGenerator(d: Deferred[Any]) -> Generator[Deferred[Any], Any, Any]:
    result = yield d
    return result


async def waitInCoroutine(d: Awaitable[Any]) -> Any:
    return await d


def startCoroutine(d: Deferred[Any]) -> Deferred[Any]:
    return ensureDeferred(waitInCoroutine(d))


class Both(SynchronousTestCase):
    """What is the same for coroutines and for generators."""

    def each(self) -> list[Work]:
        return [waitInGenerator, startCoroutine]

    def test_fired(self) -> None:
        for work in self.each():
            self.assertEqual(self.successResultOf(work(succeed(3))), 3)

    def test_failed(self) -> None:
        """The failure is the waiter's now: it is not also reported where it came from."""
        for work in self.each():
            f = Failure(SomeError())
            self.assertIs(self.failureResultOf(work(fail(f))).value, f.value)

    def test_waits(self) -> None:
        for work in self.each():
            d: Deferred[int] = Deferred()
            result = work(d)
            self.assertNoResult(result)
            d.callback(3)
            self.assertEqual(self.successResultOf(result), 3)

    def test_waitsForFailure(self) -> None:
        for work in self.each():
            d: Deferred[int] = Deferred()
            result = work(d)
            d.errback(SomeError())
            self.failureResultOf(result, SomeError)
            self.assertIsNone(d.result)

    def test_pausedDeferred(self) -> None:
        for work in self.each():
            d = succeed(3)
            d.pause()
            result = work(d)
            self.assertNoResult(result)
            d.unpause()
            self.assertEqual(self.successResultOf(result), 3)

    def test_waitingDeferred(self) -> None:
        """One that has fired, and waits for another itself, is waited for."""
        for work in self.each():
            inner: Deferred[int] = Deferred()
            result = work(succeed(1).addCallback(returned(inner)))
            self.assertNoResult(result)
            inner.callback(2)
            self.assertEqual(self.successResultOf(result), 2)

    def test_resultIsADeferredToo(self) -> None:
        """Its Deferred is like any other: callbacks, pausing, chaining."""
        for work in self.each():
            d: Deferred[int] = Deferred()
            result = work(d)
            outer = succeed(None).addCallback(returned(result))
            outer.addCallback(lambda number: number + 1)
            d.callback(1)
            self.assertEqual(self.successResultOf(outer), 2)

    def test_pausedResult(self) -> None:
        for work in self.each():
            d: Deferred[int] = Deferred()
            result = work(d)
            got: list[int] = []
            result.addCallback(got.append)
            result.pause()
            d.callback(1)
            self.assertEqual(got, [])
            result.unpause()
            self.assertEqual(got, [1])

    def test_firedBySomebodyElse(self) -> None:
        """Whoever fires what is not theirs: the first result counts, and no failure gets lost."""
        for work in self.each():
            d: Deferred[int] = Deferred()
            result = work(d)
            result.callback("early")
            d.errback(SomeError())
            self.assertEqual(self.successResultOf(result), "early")
            self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
            d = Deferred()
            result = work(d)
            result.callback("early")
            d.callback(1)
            self.assertEqual(self.successResultOf(result), "early")

    def test_cannotBeFiredAfterward(self) -> None:
        for work in self.each():
            self.assertRaises(AlreadyCalledError, work(succeed(1)).callback, 2)

    def test_unhandled(self) -> None:
        """An exception that leaves it is reported like any other."""
        for work in self.each():
            work(fail(SomeError()))
            self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)

    def test_deepNesting(self) -> None:
        """However many wait for each other, the last result comes back without a deep stack."""
        for work in self.each():
            depths: set[int] = set()
            first: Deferred[int] = Deferred()

            def measure(result: object, depths: set[int]) -> object:
                depths.add(depth())
                return result

            d: Deferred[Any] = first
            for _ in range(10000):
                d = work(d)
                d.addCallback(measure, depths)
            first.callback(7)
            self.assertEqual(self.successResultOf(d), 7)
            self.assertEqual(len(depths), 1)

    def test_context(self) -> None:
        """Each runs in a copy of the context in which it was started, through all its waits."""
        var = ContextVar("var", default="unset")
        seen: list[str] = []

        def look(result: object) -> None:
            seen.append(var.get())

        @inlineCallbacks
        def inGenerator(d: Deferred[None]) -> Generator[Deferred[None], Any, None]:
            seen.append(var.get())
            var.set("inside")
            yield d
            seen.append(var.get())

        async def inCoroutine(d: Deferred[None]) -> None:
            seen.append(var.get())
            var.set("inside")
            await d
            seen.append(var.get())

        for work in (inGenerator, lambda d: ensureDeferred(inCoroutine(d))):
            seen.clear()
            var.set("starter")
            d: Deferred[None] = Deferred()
            result = work(d)
            result.addCallback(look)
            self.assertEqual(var.get(), "starter")
            var.set("firer")
            d.callback(None)
            self.assertEqual(seen, ["starter", "inside", "firer"])
            self.assertEqual(var.get(), "firer")

    def test_contextOfAnother(self) -> None:
        """One that is started inside another has the context of that, and its own copy."""
        var = ContextVar("var", default=0)

        async def inner() -> int:
            var.set(var.get() + 1)
            return var.get()

        async def outer() -> tuple[int, int, int]:
            var.set(10)
            separate = await ensureDeferred(inner())
            after = var.get()
            return separate, after, await inner()

        self.assertEqual(self.successResultOf(ensureDeferred(outer())), (11, 10, 11))


class Tracebacks(SynchronousTestCase):
    """The traceback of an exception goes through all that waited for it."""

    def names(self, f: Failure) -> list[str]:
        f.cleanFailure()
        return [frame[0] for frame in f.frames if "/defer/" not in frame[1]]

    async def raiser(self, d: Deferred[None]) -> None:
        await d
        raise SomeError

    async def middle(self, d: Deferred[None]) -> None:
        await ensureDeferred(self.raiser(d))

    async def outer(self, d: Deferred[None]) -> None:
        await ensureDeferred(self.middle(d))

    def test_coroutines(self) -> None:
        f = self.failureResultOf(ensureDeferred(self.outer(succeed(None))))
        self.assertEqual([n for n in self.names(f) if n != "raiseException"],
                         ["outer", "middle", "raiser"])  # fmt: skip

    def test_coroutinesThatWaited(self) -> None:
        d: Deferred[None] = Deferred()
        result = ensureDeferred(self.outer(d))
        d.callback(None)
        self.assertEqual(self.names(self.failureResultOf(result)), ["outer", "middle", "raiser"])

    def test_generators(self) -> None:
        @inlineCallbacks
        def inner(d: Deferred[None]) -> Generator[Deferred[None], Any, None]:
            yield d
            raise SomeError

        @inlineCallbacks
        def outer(d: Deferred[None]) -> Generator[Deferred[None], Any, None]:
            yield inner(d)

        d: Deferred[None] = Deferred()
        result = outer(d)
        d.callback(None)
        self.assertEqual(self.names(self.failureResultOf(result)), ["outer", "inner"])
        result = outer(succeed(None))
        self.assertEqual(self.names(self.failureResultOf(result)), ["outer", "inner"])

    def test_beginsInTheCoroutine(self) -> None:
        """Nothing of what steps it comes before it."""
        f = self.failureResultOf(ensureDeferred(self.raiser(succeed(None))))
        self.assertEqual([frame[0] for frame in f.frames], ["raiser"])


class Generators(SynchronousTestCase):
    """inlineCallbacks."""

    def test_severalYields(self) -> None:
        d: Deferred[int] = Deferred()

        @inlineCallbacks
        def work(first: int) -> Generator[Deferred[int], int, int]:
            second = yield succeed(2)
            third = yield d
            return first + second + third

        result = work(1)
        d.callback(3)
        self.assertEqual(self.successResultOf(result), 6)

    def test_exceptionInGenerator(self) -> None:
        """An exception of a Deferred can be caught where it was waited for."""

        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, str]:
            try:
                yield fail(SomeError("x"))
            except SomeError as error:
                return f"caught {error}"
            return "nothing"

        self.assertEqual(self.successResultOf(work()), "caught x")

    def test_returnValue(self) -> None:
        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, int]:
            result = yield succeed(3)
            returnValue(result + 1)

        self.assertEqual(self.successResultOf(work()), 4)

    def test_returnValueAfterWaiting(self) -> None:
        @inlineCallbacks
        def work(d: Deferred[int]) -> Generator[Deferred[int], int, int]:
            returnValue((yield d))

        d: Deferred[int] = Deferred()
        result = work(d)
        d.callback(5)
        self.assertEqual(self.successResultOf(result), 5)

    def test_returnValueIsNotAnException(self) -> None:
        """An `except Exception` around it does not catch it."""

        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, int]:
            try:
                result = yield succeed(3)
                returnValue(result)
            except Exception:
                returnValue(-1)

        self.assertEqual(self.successResultOf(work()), 3)

    def test_plainValues(self) -> None:
        """Whatever else is yielded comes back at once."""

        @inlineCallbacks
        def work() -> Generator[Any, Any, list[Any]]:
            one = yield 1
            none = yield None
            f = yield [2]
            return [one, none, f]

        self.assertEqual(self.successResultOf(work()), [1, None, [2]])

    def test_yieldedFailure(self) -> None:
        """A failure that is yielded is raised."""

        @inlineCallbacks
        def work() -> Generator[Any, Any, str]:
            try:
                yield Failure(SomeError())
            except SomeError:
                return "raised"
            return "not raised"

        self.assertEqual(self.successResultOf(work()), "raised")

    def test_yieldedCoroutine(self) -> None:
        d: Deferred[int] = Deferred()

        @inlineCallbacks
        def work() -> Generator[Any, Any, int]:
            result: int = yield waitInCoroutine(d)
            return result + 1

        result = work()
        d.callback(1)
        self.assertEqual(self.successResultOf(result), 2)

    def test_returnedDeferred(self) -> None:
        """A Deferred that is returned is waited for."""
        inner: Deferred[int] = Deferred()

        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, Deferred[int]]:
            yield succeed(1)
            return inner

        result = work()
        self.assertNoResult(result)
        inner.callback(3)
        self.assertEqual(self.successResultOf(result), 3)

    def test_returnedFailure(self) -> None:
        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, Failure]:
            yield succeed(1)
            return Failure(SomeError())

        self.failureResultOf(work(), SomeError)

    def test_method(self) -> None:
        test = self

        class Something:
            @inlineCallbacks
            def double(self, number: int = 4) -> Generator[Deferred[int], int, int]:
                test.assertIsInstance(self, Something)
                return 2 * (yield succeed(number))

        self.assertEqual(self.successResultOf(Something().double()), 8)
        self.assertEqual(self.successResultOf(Something().double(number=2)), 4)

    def test_looksLikeTheFunction(self) -> None:
        self.assertEqual(waitInGenerator.__name__, "waitInGenerator")

    def test_noGenerator(self) -> None:
        """A function without a yield is refused when it is called, by name."""

        def plain() -> int:
            return 3

        wrong: Any = inlineCallbacks
        error = self.assertRaises(TypeError, wrong(plain))
        self.assertIn("plain", str(error))

    def test_wrongArguments(self) -> None:
        """A bad call is the caller's error, at once."""
        wrong: Any = waitInGenerator
        self.assertRaises(TypeError, wrong)

    def test_manyFired(self) -> None:
        """Waiting for what has fired does not grow the stack."""
        depths = set()

        @inlineCallbacks
        def work() -> Generator[Deferred[int], int, int]:
            total = 0
            for _ in range(10000):
                total += yield succeed(1)
                depths.add(depth())
            return total

        self.assertEqual(self.successResultOf(work()), 10000)
        self.assertEqual(len(depths), 1)

    def test_generatorExit(self) -> None:
        """An abandoned generator is closed as Python does it: finally clauses run."""
        closed = []

        @inlineCallbacks
        def work(d: Deferred[None]) -> Generator[Deferred[None], Any, None]:
            try:
                yield d
            finally:
                closed.append(True)

        result = work(Deferred())
        result.cancel()
        self.failureResultOf(result, CancelledError)
        self.assertEqual(closed, [True])


class Coroutines(SynchronousTestCase):
    """await, fromCoroutine and ensureDeferred."""

    def test_fromCoroutine(self) -> None:
        d: Deferred[int] = Deferred()
        result = Deferred.fromCoroutine(waitInCoroutine(d))
        self.assertIsInstance(result, Deferred)
        d.callback(3)
        self.assertEqual(self.successResultOf(result), 3)

    def test_ensureDeferredOfDeferred(self) -> None:
        d: Deferred[int] = Deferred()
        self.assertIs(ensureDeferred(d), d)

    def test_noCoroutine(self) -> None:
        """What is no coroutine is refused; a function is named, with what to do."""
        wrong: Any
        for wrong in (None, 3, "text", [1]):
            self.assertRaises(NotACoroutineError, ensureDeferred, wrong)
            self.assertRaises(TypeError, Deferred.fromCoroutine, wrong)
        wrong = waitInCoroutine
        error = self.assertRaises(NotACoroutineError, ensureDeferred, wrong)
        self.assertIn("call it first", str(error))

    def test_otherKindsOfCoroutines(self) -> None:
        """Generators that `await` can wait for, and classes that look like coroutines."""

        @coroutine
        def old() -> Generator[Any, Any, int]:
            return (yield Deferred().addCallback(lambda _: None)) or 3

        class Wrapped(Coroutine[Any, Any, int]):
            def __init__(self) -> None:
                self.inner = waitInCoroutine(succeed(5))

            def send(self, value: Any) -> Any:
                return self.inner.send(value)

            def throw(self, *args: Any) -> Any:
                return self.inner.throw(*args)

            def close(self) -> None:
                self.inner.close()

            def __await__(self) -> Generator[Any, Any, int]:
                return self.inner.__await__()

        self.assertEqual(self.successResultOf(ensureDeferred(Wrapped())), 5)
        result: Deferred[int] = ensureDeferred(old())
        self.assertNoResult(result)
        result.cancel()
        self.failureResultOf(result, CancelledError)

    def test_awaitTwice(self) -> None:
        """The result of a Deferred that has fired can be awaited again."""

        async def work(d: Deferred[int]) -> int:
            return await d + await d

        self.assertEqual(self.successResultOf(ensureDeferred(work(succeed(2)))), 4)

    def test_awaitable(self) -> None:
        self.assertIsInstance(Deferred(), Awaitable)

    def test_catch(self) -> None:
        async def work(d: Deferred[int]) -> str:
            try:
                await d
            except SomeError as error:
                return f"caught {error}"
            return "nothing"

        self.assertEqual(
            self.successResultOf(ensureDeferred(work(fail(SomeError("x"))))), "caught x"
        )
        d: Deferred[int] = Deferred()
        result = ensureDeferred(work(d))
        d.errback(SomeError("later"))
        self.assertEqual(self.successResultOf(result), "caught later")

    def test_manyFired(self) -> None:
        depths = set()

        async def work() -> int:
            total = 0
            for _ in range(10000):
                total += await succeed(1)
                depths.add(depth())
            return total

        self.assertEqual(self.successResultOf(ensureDeferred(work())), 10000)
        self.assertEqual(len(depths), 1)

    def test_returnedDeferred(self) -> None:
        inner: Deferred[int] = Deferred()

        async def work() -> Deferred[int]:
            return inner

        result = ensureDeferred(work())
        self.assertNoResult(result)
        inner.callback(3)
        self.assertEqual(self.successResultOf(result), 3)

    def test_foreign(self) -> None:
        """What belongs to another library's loop is refused inside the coroutine, by name."""

        class Foreign:
            def __await__(self) -> Generator[str, Any, None]:
                yield "a trap of another kernel"

        async def work() -> None:
            await Foreign()

        f = self.failureResultOf(ensureDeferred(work()), TypeError)
        self.assertIn("a trap of another kernel", f.getErrorMessage())
        self.assertIn("in work", f.getTraceback())

    def test_bareYield(self) -> None:
        """Like that of `asyncio.sleep(0)`: there is nothing to wait for."""

        async def work() -> str:
            await asyncio.sleep(0)
            return "done"

        self.assertEqual(self.successResultOf(ensureDeferred(work())), "done")

    def test_asyncFor(self) -> None:
        """Asynchronous generators and context managers work as ever."""

        async def numbers() -> Any:
            for number in range(3):
                yield await succeed(number)

        async def work() -> list[int]:
            return [number async for number in numbers()]

        self.assertEqual(self.successResultOf(ensureDeferred(work())), [0, 1, 2])


class Cancelling(SynchronousTestCase):
    """Cancelling a coroutine or a generator cancels what it waits for."""

    def each(self) -> list[Work]:
        return [waitInGenerator, startCoroutine]

    def test_waiting(self) -> None:
        for work in self.each():
            cancelled: list[Deferred[int]] = []
            d: Deferred[int] = Deferred(cancelled.append)
            result = work(d)
            result.cancel()
            self.assertEqual(cancelled, [d])
            self.failureResultOf(result, CancelledError)

    def test_nested(self) -> None:
        for work in self.each():
            cancelled: list[Deferred[int]] = []
            d: Deferred[int] = Deferred(cancelled.append)
            result = work(work(work(d)))
            result.cancel()
            self.assertEqual(cancelled, [d])
            self.failureResultOf(result, CancelledError)

    def test_done(self) -> None:
        for work in self.each():
            result = work(succeed(1))
            result.cancel()
            self.assertEqual(self.successResultOf(result), 1)

    def test_deeplyNested(self) -> None:
        """However many wait for each other, cancelling needs no deep stack either."""
        def chain(d: Deferred[int]) -> Deferred[Any]:
            return succeed(None).addCallback(returned(d))

        for work in [*self.each(), chain]:
            cancelled: list[Deferred[int]] = []
            first: Deferred[int] = Deferred(cancelled.append)
            d: Deferred[Any] = first
            for _ in range(10000):
                d = work(d)
            d.cancel()
            self.assertEqual(cancelled, [first])
            self.failureResultOf(d, CancelledError)

    def test_resultWaits(self) -> None:
        """One that has ended, and whose callbacks wait for something, passes it on to that."""
        for work in self.each():
            cancelled: list[Deferred[int]] = []
            inner: Deferred[int] = Deferred(cancelled.append)
            result = work(succeed(1)).addCallback(returned(inner))
            result.cancel()
            self.assertEqual(cancelled, [inner])
            self.failureResultOf(result, CancelledError)

    def test_caught(self) -> None:
        """One that catches the error decides on the result."""

        @inlineCallbacks
        def generator(d: Deferred[int]) -> Generator[Deferred[int], int, str]:
            try:
                yield d
            except CancelledError:
                return "cleaned up"
            return "not cancelled"

        async def routine(d: Deferred[int]) -> str:
            try:
                await d
            except CancelledError:
                return "cleaned up"
            return "not cancelled"

        for work in (generator, lambda d: ensureDeferred(routine(d))):
            result = work(Deferred())
            result.cancel()
            self.assertEqual(self.successResultOf(result), "cleaned up")

    def test_waitsForCleaningUp(self) -> None:
        """It may wait for more before it ends; a second cancel hits that."""

        async def routine(d: Deferred[int], e: Deferred[str]) -> str:
            try:
                await d
            finally:
                await e
            return "unreached"

        cleaning: Deferred[str] = Deferred()
        result = ensureDeferred(routine(Deferred(), cleaning))
        result.cancel()
        self.assertNoResult(result)
        self.assertFalse(result.called)
        cleaning.callback("clean")
        self.failureResultOf(result, CancelledError)

        cancelled: list[Deferred[str]] = []
        cleaning = Deferred(cancelled.append)
        result = ensureDeferred(routine(Deferred(), cleaning))
        result.cancel()
        result.cancel()
        self.assertEqual(cancelled, [cleaning])
        self.failureResultOf(result, CancelledError)

    def test_cancellerHasAResult(self) -> None:
        """If what it waits for makes a result of it, it goes on with that."""
        for work in self.each():
            result = work(Deferred(lambda d: d.callback("instead")))
            result.cancel()
            self.assertEqual(self.successResultOf(result), "instead")

    def test_byItself(self) -> None:
        """One that cancels itself gets the error where it next waits."""
        holder: list[Deferred[Any]] = []

        async def work(first: Deferred[None], second: Deferred[None]) -> None:
            await first
            holder[0].cancel()
            await second

        first: Deferred[None] = Deferred()
        result = ensureDeferred(work(first, Deferred()))
        holder.append(result)
        first.callback(None)
        self.failureResultOf(result, CancelledError)

    def test_byItselfAtTheEnd(self) -> None:
        """If it waits no more, it has its result."""
        holder: list[Deferred[Any]] = []

        async def work(first: Deferred[None]) -> str:
            await first
            holder[0].cancel()
            return "done"

        first: Deferred[None] = Deferred()
        result = ensureDeferred(work(first))
        holder.append(result)
        first.callback(None)
        self.assertEqual(self.successResultOf(result), "done")

    def test_lateResultIsSwallowed(self) -> None:
        """What it waited for may still fire, without harm."""
        for work in self.each():
            d: Deferred[int] = Deferred()
            result = work(d)
            result.cancel()
            self.failureResultOf(result, CancelledError)
            d.callback(1)


class Asyncio(SynchronousTestCase):
    """Futures of asyncio, made of Deferreds and made into them."""

    def setUp(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.addCleanup(self.loop.close)

    def spin(self) -> None:
        """Run what the loop has to do now."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def test_asFuture(self) -> None:
        d: Deferred[int] = Deferred()
        future = d.asFuture(self.loop)
        d.callback(3)
        self.assertEqual(self.loop.run_until_complete(future), 3)
        self.assertIsNone(d.result)

    def test_asFutureFails(self) -> None:
        d: Deferred[int] = Deferred()
        future = d.asFuture(self.loop)
        d.errback(SomeError())
        self.assertRaises(SomeError, self.loop.run_until_complete, future)
        self.assertIsNone(d.result)

    def test_asFutureOfFired(self) -> None:
        self.assertEqual(self.loop.run_until_complete(succeed(3).asFuture(self.loop)), 3)

    def test_asFutureCancelled(self) -> None:
        cancelled: list[Deferred[int]] = []
        d: Deferred[int] = Deferred(cancelled.append)
        future = d.asFuture(self.loop)
        future.cancel()
        self.spin()
        self.assertEqual(cancelled, [d])
        self.assertTrue(future.cancelled())
        self.assertIsNone(self.successResultOf(d))

    def test_asFutureDeferredCancelled(self) -> None:
        d: Deferred[int] = Deferred()
        future = d.asFuture(self.loop)
        d.cancel()
        self.assertRaises(CancelledError, self.loop.run_until_complete, future)

    def test_inTask(self) -> None:
        """That is how a coroutine of asyncio waits for a Deferred."""
        d: Deferred[int] = Deferred()

        async def work() -> int:
            return await d.asFuture(asyncio.get_running_loop()) + 1

        self.loop.call_soon(d.callback, 1)
        self.assertEqual(self.loop.run_until_complete(work()), 2)

    def test_fromFuture(self) -> None:
        future: asyncio.Future[int] = self.loop.create_future()
        d = Deferred.fromFuture(future)
        self.assertNoResult(d)
        future.set_result(3)
        self.spin()
        self.assertEqual(self.successResultOf(d), 3)

    def test_fromFutureFails(self) -> None:
        future: asyncio.Future[int] = self.loop.create_future()
        d = Deferred.fromFuture(future)
        future.set_exception(SomeError())
        self.spin()
        self.failureResultOf(d, SomeError)

    def test_fromFutureCancelled(self) -> None:
        """A future that is cancelled gives asyncio's own error."""
        future: asyncio.Future[int] = self.loop.create_future()
        d = Deferred.fromFuture(future)
        future.cancel()
        self.spin()
        self.failureResultOf(d, asyncio.CancelledError)

    def test_fromFutureThatIgnoresCancelling(self) -> None:
        """A late result of a task that would not be cancelled is thrown away."""

        async def stubborn() -> int:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                pass
            return 3

        task = self.loop.create_task(stubborn())
        d = Deferred.fromFuture(task)
        self.spin()
        d.cancel()
        self.failureResultOf(d, CancelledError)
        self.assertEqual(self.loop.run_until_complete(task), 3)

    def test_fromFutureDeferredCancelled(self) -> None:
        future: asyncio.Future[int] = self.loop.create_future()
        d = Deferred.fromFuture(future)
        d.cancel()
        self.assertTrue(future.cancelled())
        self.failureResultOf(d, CancelledError)
        self.spin()

    def test_roundTrip(self) -> None:
        d: Deferred[int] = Deferred()
        again = Deferred.fromFuture(d.asFuture(self.loop))
        d.callback(5)
        self.spin()
        self.spin()
        self.assertEqual(self.successResultOf(again), 5)

    def test_await(self) -> None:
        """A coroutine here can await a future as well as a Deferred."""
        future: asyncio.Future[int] = self.loop.create_future()

        async def work() -> int:
            return await succeed(1) + await future

        result = ensureDeferred(work())
        self.assertNoResult(result)
        future.set_result(2)
        self.spin()
        self.assertEqual(self.successResultOf(result), 3)

    def test_yield(self) -> None:
        future: asyncio.Future[int] = self.loop.create_future()

        @inlineCallbacks
        def work() -> Generator[Any, Any, int]:
            result: int = yield future
            return result

        result = work()
        future.set_result(2)
        self.spin()
        self.assertEqual(self.successResultOf(result), 2)

    def test_awaitFails(self) -> None:
        future: asyncio.Future[int] = self.loop.create_future()
        result = ensureDeferred(waitInCoroutine(future))
        future.set_exception(SomeError())
        self.spin()
        self.failureResultOf(result, SomeError)

    def test_awaitCancelled(self) -> None:
        """Cancelling such a coroutine cancels the future."""
        future: asyncio.Future[int] = self.loop.create_future()
        result = ensureDeferred(waitInCoroutine(future))
        result.cancel()
        self.assertTrue(future.cancelled())
        self.failureResultOf(result, CancelledError)
        self.spin()
