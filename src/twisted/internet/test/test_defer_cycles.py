"""Deferreds that are done with are gone, without the help of the garbage collector.

Each test leaves nothing but what it holds itself in local variables, lets go of those, and then
wants all Deferreds dead and nothing left for the collector.
"""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Generator
from typing import Any

from twisted.internet.defer import (
    Deferred,
    DeferredList,
    DeferredLock,
    DeferredQueue,
    ensureDeferred,
    fail,
    gatherResults,
    inlineCallbacks,
    maybeDeferred,
    race,
    setDebugging,
    succeed,
)
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class SomeError(Exception):
    """What goes wrong in these tests."""


def broken(result: object = None) -> Any:
    raise SomeError


def handle(failure: Failure) -> None:
    pass


def passOn(result: Any) -> Any:
    return result


async def wait(d: Deferred[Any]) -> Any:
    return await d


async def waitAndRaise(d: Deferred[Any]) -> Any:
    await d
    raise SomeError


@inlineCallbacks
def waitInGenerator(d: Deferred[Any]) -> Generator[Deferred[Any], Any, Any]:
    return (yield d)


class Giver:
    """A callback that returns a Deferred, and forgets it."""

    def __init__(self, d: Deferred[Any]) -> None:
        self.ds = [d]

    def __call__(self, result: object) -> Deferred[Any]:
        return self.ds.pop()


class Cycles(SynchronousTestCase):
    """All of them run with the garbage collector off."""

    def setUp(self) -> None:
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        self.watched: list[weakref.ref[Any]] = []

    def watch(self, *objects: Any) -> None:
        self.watched += [weakref.ref(each) for each in objects]

    def assertGone(self) -> None:
        self.assertTrue(self.watched)
        alive = [ref() for ref in self.watched if ref() is not None]
        self.assertEqual(alive, [])
        self.assertEqual(gc.collect(), 0)

    def test_success(self) -> None:
        d: Deferred[int] = Deferred()
        d.addCallback(passOn).addCallback(passOn)
        d.callback(1)
        self.watch(d)
        del d
        self.assertGone()

    def test_neverFired(self) -> None:
        d: Deferred[int] = Deferred(lambda _: None)
        d.addCallback(passOn)
        self.watch(d)
        del d
        self.assertGone()

    def test_handledError(self) -> None:
        d: Deferred[int] = Deferred()
        d.addCallback(broken).addErrback(handle)
        d.callback(1)
        self.watch(d)
        del d
        self.assertGone()

    def test_trapped(self) -> None:
        """Also the usual errback, which raises again what it does not want."""

        def trap(f: Failure) -> None:
            f.trap(KeyError)

        d: Deferred[int] = Deferred()
        d.addCallback(broken).addErrback(trap).addErrback(handle)
        d.callback(1)
        self.watch(d)
        del d
        self.assertGone()

    def test_handledLate(self) -> None:
        d: Deferred[int] = Deferred()
        d.addCallback(broken)
        d.callback(1)
        d.addErrback(handle)
        self.watch(d)
        del d
        self.assertGone()

    def test_unhandledError(self) -> None:
        """The report does not wait for the collector either."""
        d: Deferred[int] = Deferred()
        d.addCallback(broken)
        d.callback(1)
        self.watch(d)
        del d
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_unhandledErrorInLateCallback(self) -> None:
        d = succeed(1)
        d.addCallback(broken)
        self.watch(d)
        del d
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_unhandledErrorAfterPause(self) -> None:
        d = succeed(1)
        d.pause()
        d.addCallback(broken)
        d.unpause()
        self.watch(d)
        del d
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_unhandledWhileDebugging(self) -> None:
        self.addCleanup(setDebugging, False)
        setDebugging(True)
        d: Deferred[int] = Deferred()
        d.addCallback(broken)
        d.callback(1)
        self.watch(d)
        del d
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_maybeDeferred(self) -> None:
        d = maybeDeferred(broken)
        self.watch(d)
        del d
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_cancelled(self) -> None:
        d: Deferred[int] = Deferred()
        d.addErrback(handle)
        d.cancel()
        self.watch(d)
        del d
        self.assertGone()

    def test_canceller(self) -> None:
        """A canceller is dropped with the firing, and with it what it holds."""

        class Operation:
            def __init__(self) -> None:
                self.d: Deferred[int] = Deferred(self.stop)

            def stop(self, d: Deferred[int]) -> None:
                pass

        finished, stopped = Operation(), Operation()
        finished.d.callback(1)
        stopped.d.addErrback(handle)
        stopped.d.cancel()
        self.watch(finished, finished.d, stopped, stopped.d)
        del finished, stopped
        self.assertGone()

    def test_chained(self) -> None:
        inner: Deferred[int] = Deferred()
        outer = succeed(1).addCallback(Giver(inner))
        inner.callback(2)
        self.watch(inner, outer)
        del inner, outer
        self.assertGone()

    def test_chainedError(self) -> None:
        inner: Deferred[int] = Deferred()
        inner.addCallback(broken)
        outer = succeed(1).addCallback(Giver(inner))
        outer.addErrback(handle)
        inner.callback(2)
        self.watch(inner, outer)
        del inner, outer
        self.assertGone()

    def test_chainedUnhandled(self) -> None:
        inner: Deferred[int] = Deferred()
        inner.addCallback(broken)
        outer = succeed(1).addCallback(Giver(inner))
        inner.callback(2)
        self.watch(inner, outer)
        del inner, outer
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_chainedCancelled(self) -> None:
        inner: Deferred[int] = Deferred()
        outer = succeed(1).addCallback(Giver(inner)).addErrback(handle)
        outer.cancel()
        self.watch(inner, outer)
        del inner, outer
        self.assertGone()

    def test_timeout(self) -> None:
        clock = Clock()
        late: Deferred[int] = Deferred()
        late.addTimeout(1, clock).addErrback(handle)
        inTime: Deferred[int] = Deferred()
        inTime.addTimeout(5, clock)
        clock.advance(2)
        inTime.callback(1)
        self.watch(late, inTime)
        del late, inTime
        self.assertGone()

    def test_coroutine(self) -> None:
        d: Deferred[int] = Deferred()
        result = ensureDeferred(wait(d))
        d.callback(1)
        self.watch(d, result)
        del d, result
        self.assertGone()

    def test_coroutineOfFired(self) -> None:
        d = succeed(1)
        result = ensureDeferred(wait(d))
        self.watch(d, result)
        del d, result
        self.assertGone()

    def test_coroutineFails(self) -> None:
        d: Deferred[int] = Deferred()
        result = ensureDeferred(waitAndRaise(d))
        result.addErrback(handle)
        d.callback(1)
        self.watch(d, result)
        del d, result
        self.assertGone()

    def test_coroutineFailsAtOnce(self) -> None:
        d = succeed(1)
        result = ensureDeferred(waitAndRaise(d))
        self.watch(d, result)
        del d, result
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_coroutineOfFailed(self) -> None:
        d: Deferred[int] = fail(SomeError())
        result = ensureDeferred(wait(d))
        self.watch(d, result)
        del d, result
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_coroutineOfFailing(self) -> None:
        d: Deferred[int] = Deferred()
        d.addCallback(broken)
        result = ensureDeferred(wait(d))
        d.callback(1)
        self.watch(d, result)
        del d, result
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_coroutineCancelled(self) -> None:
        d: Deferred[int] = Deferred()
        result = ensureDeferred(wait(d)).addErrback(handle)
        result.cancel()
        self.watch(d, result)
        del d, result
        self.assertGone()

    def test_nestedCoroutines(self) -> None:
        d: Deferred[int] = Deferred()
        inner = ensureDeferred(waitAndRaise(d))
        outer = ensureDeferred(wait(inner))
        d.callback(1)
        self.watch(d, inner, outer)
        del d, inner, outer
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_generator(self) -> None:
        d: Deferred[int] = Deferred()
        result = waitInGenerator(d)
        d.callback(1)
        self.watch(d, result)
        del d, result
        self.assertGone()

    def test_generatorFails(self) -> None:
        d: Deferred[int] = Deferred()
        d.addCallback(broken)
        result = waitInGenerator(d)
        d.callback(1)
        self.watch(d, result)
        del d, result
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_generatorOfFailed(self) -> None:
        d: Deferred[int] = fail(SomeError())
        result = waitInGenerator(d)
        self.watch(d, result)
        del d, result
        self.assertEqual(len(self.flushLoggedErrors(SomeError)), 1)
        self.assertGone()

    def test_generatorCancelled(self) -> None:
        d: Deferred[int] = Deferred()
        result = waitInGenerator(d).addErrback(handle)
        result.cancel()
        self.watch(d, result)
        del d, result
        self.assertGone()

    def test_lists(self) -> None:
        one: Deferred[int] = Deferred()
        two: Deferred[int] = Deferred()
        every = DeferredList([one, two], consumeErrors=True)
        gathered = gatherResults([one, two]).addErrback(handle)
        first = DeferredList([one, two], fireOnOneCallback=True)
        one.callback(1)
        two.errback(SomeError())
        self.watch(one, two, every, gathered, first)
        del one, two, every, gathered, first
        self.assertGone()

    def test_listCancelled(self) -> None:
        one: Deferred[int] = Deferred()
        every = DeferredList([one], consumeErrors=True)
        every.cancel()
        self.watch(one, every)
        del one, every
        self.assertGone()

    def test_race(self) -> None:
        one: Deferred[int] = Deferred()
        two: Deferred[int] = Deferred()
        winner = race([one, two])
        one.callback(1)
        self.watch(one, two, winner)
        del one, two, winner
        self.assertGone()

    def test_raceLost(self) -> None:
        one: Deferred[int] = Deferred()
        winner = race([one]).addErrback(handle)
        one.errback(SomeError())
        self.watch(one, winner)
        del one, winner
        self.assertGone()

    def test_lock(self) -> None:
        lock = DeferredLock()
        one, two = lock.acquire(), lock.acquire()
        ran = lock.run(broken).addErrback(handle)
        lock.release()
        lock.release()
        self.watch(lock, one, two, ran)
        del lock, one, two, ran
        self.assertGone()

    def test_queue(self) -> None:
        queue: DeferredQueue[int] = DeferredQueue()
        one, two = queue.get(), queue.get().addErrback(handle)
        queue.put(1)
        two.cancel()
        self.watch(queue, one, two)
        del queue, one, two
        self.assertGone()

    def test_futures(self) -> None:
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        one: Deferred[int] = Deferred()
        asFuture = one.asFuture(loop)
        source: asyncio.Future[int] = loop.create_future()
        failing: asyncio.Future[int] = loop.create_future()
        fromFuture = Deferred.fromFuture(source)
        fromFailing = Deferred.fromFuture(failing).addErrback(handle)
        one.callback(1)
        source.set_result(2)
        failing.set_exception(SomeError())
        loop.call_soon(loop.stop)
        loop.run_forever()
        self.watch(one, asFuture, source, failing, fromFuture, fromFailing)
        del one, asFuture, source, failing, fromFuture, fromFailing
        self.assertGone()
