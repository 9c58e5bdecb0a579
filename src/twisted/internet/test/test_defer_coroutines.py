"""Tests for coroutines that wait for Deferreds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Generator
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
    succeed,
)
from twisted.internet.test._deferreds import (
    SomeError,
    Work,
    depth,
    returned,
    startCoroutine,
    waitInCoroutine,
    waitInGenerator,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


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


class AwaitedAgainTests(SynchronousTestCase):
    """A Deferred that failed, and that more than one coroutine awaits afterwards."""

    def test_eachIsTold(self) -> None:
        d: Deferred[int] = fail(ValueError("v"))
        for _ in range(3):
            self.assertEqual(
                str(self.failureResultOf(ensureDeferred(_wait(d)), ValueError).value), "v"
            )

    def test_exceptionThatCannotBeCopied(self) -> None:
        class Stubborn(Exception):
            def __init__(self, one: int, two: int) -> None:
                super().__init__(f"{one} and {two}")

        d: Deferred[int] = fail(Stubborn(1, 2))
        self.failureResultOf(ensureDeferred(_wait(d)), Stubborn)
        again = self.failureResultOf(ensureDeferred(_wait(d)), RuntimeError)
        self.assertIn("1 and 2", str(again.value))

    def test_notReportedAsUnhandled(self) -> None:
        d: Deferred[int] = fail(ValueError("v"))
        self.failureResultOf(ensureDeferred(_wait(d)), ValueError)
        del d
        self.assertEqual(self.flushLoggedErrors(), [])


async def _wait(d: Deferred[int]) -> int:
    return await d
