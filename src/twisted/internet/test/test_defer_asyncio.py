"""Tests for futures of asyncio, made of Deferreds and made into them."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

from twisted.internet.defer import (
    CancelledError,
    Deferred,
    ensureDeferred,
    inlineCallbacks,
    succeed,
)
from twisted.internet.test._deferreds import (
    SomeError,
    waitInCoroutine,
)
from twisted.trial.unittest import SynchronousTestCase


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
