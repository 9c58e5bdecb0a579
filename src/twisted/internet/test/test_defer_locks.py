"""Tests for taking turns with Deferreds."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.defer import (
    AlreadyTryingToLockError,
    CancelledError,
    Deferred,
    DeferredFilesystemLock,
    DeferredLock,
    DeferredQueue,
    DeferredSemaphore,
    QueueOverflow,
    QueueUnderflow,
    TimeoutError,
    ensureDeferred,
)
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase


class SomeError(Exception):
    """What goes wrong in these tests."""


def broken() -> Deferred[int]:
    raise SomeError


class Turns(SynchronousTestCase):
    """What is the same for a lock and for a semaphore with one token."""

    def each(self) -> list[Any]:
        return [DeferredLock(), DeferredSemaphore(1)]

    def test_acquire(self) -> None:
        for lock in self.each():
            self.assertIs(self.successResultOf(lock.acquire()), lock)
            second = lock.acquire()
            third = lock.acquire()
            self.assertNoResult(second)
            self.assertEqual(list(lock.waiting), [second, third])
            lock.release()
            self.assertIs(self.successResultOf(second), lock)
            self.assertNoResult(third)
            lock.release()
            self.assertIs(self.successResultOf(third), lock)
            lock.release()
            self.assertIs(self.successResultOf(lock.acquire()), lock)

    def test_releaseWithoutAcquire(self) -> None:
        for lock in self.each():
            self.assertRaises(RuntimeError, lock.release)
            self.successResultOf(lock.acquire())
            lock.release()
            self.assertRaises(RuntimeError, lock.release)

    def test_cancelWaiting(self) -> None:
        """Whoever gives up waiting is passed over."""
        for lock in self.each():
            lock.acquire()
            second, third = lock.acquire(), lock.acquire()
            second.cancel()
            self.failureResultOf(second, CancelledError)
            self.assertEqual(list(lock.waiting), [third])
            lock.release()
            self.successResultOf(third)

    def test_cancelAcquired(self) -> None:
        """Whoever has it already keeps it."""
        for lock in self.each():
            first = lock.acquire()
            first.cancel()
            self.assertNoResult(lock.acquire())

    def test_run(self) -> None:
        """run holds the lock for as long as the function takes."""
        for lock in self.each():
            inner: Deferred[str] = Deferred()
            order: list[str] = []

            def first(inner: Deferred[str], order: list[str]) -> Deferred[str]:
                order.append("first")
                return inner

            def second(order: list[str]) -> str:
                order.append("second")
                return "two"

            one = lock.run(first, inner, order=order)
            two = lock.run(second, order)
            self.assertEqual(order, ["first"])
            self.assertNoResult(two)
            inner.callback("one")
            self.assertEqual(self.successResultOf(one), "one")
            self.assertEqual(self.successResultOf(two), "two")
            self.successResultOf(lock.acquire())

    def test_runFails(self) -> None:
        """An error, at once or later, releases the lock too."""
        for lock in self.each():
            self.failureResultOf(lock.run(broken), SomeError)
            inner: Deferred[str] = Deferred()
            one = lock.run(lambda inner: inner, inner)
            inner.errback(SomeError())
            self.failureResultOf(one, SomeError)
            self.successResultOf(lock.acquire())

    def test_runCoroutine(self) -> None:
        for lock in self.each():
            inner: Deferred[int] = Deferred()

            async def work(d: Deferred[int]) -> int:
                return await d + 1

            result: Deferred[Any] = lock.run(work, inner)
            self.assertNoResult(lock.acquire())
            inner.callback(1)
            self.assertEqual(self.successResultOf(result), 2)

    def test_runCancelledWaiting(self) -> None:
        for lock in self.each():
            called: list[object] = []
            lock.acquire()
            d = lock.run(called.append, 1)
            d.cancel()
            self.failureResultOf(d, CancelledError)
            lock.release()
            self.assertEqual(called, [])
            self.successResultOf(lock.acquire())

    def test_runCancelledWorking(self) -> None:
        for lock in self.each():
            cancelled: list[Deferred[int]] = []
            inner: Deferred[int] = Deferred(cancelled.append)
            d = lock.run(lambda inner: inner, inner)
            d.cancel()
            self.assertEqual(cancelled, [inner])
            self.failureResultOf(d, CancelledError)
            self.successResultOf(lock.acquire())

    def test_asyncWith(self) -> None:
        for lock in self.each():
            inner: Deferred[None] = Deferred()
            order: list[str] = []

            async def work(name: str, lock: Any, inner: Deferred[None], order: list[str]) -> None:
                async with lock:
                    order.append(f"{name} begins")
                    await inner
                    order.append(f"{name} ends")

            one = ensureDeferred(work("one", lock, inner, order))
            two = ensureDeferred(work("two", lock, inner, order))
            self.assertEqual(order, ["one begins"])
            inner.callback(None)
            self.successResultOf(one)
            self.successResultOf(two)
            self.assertEqual(order, ["one begins", "one ends", "two begins", "two ends"])

    def test_asyncWithFails(self) -> None:
        for lock in self.each():

            async def work(lock: Any) -> None:
                async with lock:
                    raise SomeError

            self.failureResultOf(ensureDeferred(work(lock)), SomeError)
            self.successResultOf(lock.acquire())

    def test_manyInLine(self) -> None:
        """A long line of users that are done at once is worked off."""
        for lock in self.each():
            done: list[int] = []
            self.successResultOf(lock.acquire())
            ds = [lock.run(done.append, number) for number in range(2000)]
            lock.release()
            self.assertEqual(done, list(range(2000)))
            for d in ds:
                self.successResultOf(d)

    def test_inOrder(self) -> None:
        """Whoever comes while the lock is being handed on comes after those in line."""
        for lock in self.each():
            order: list[str] = []

            def first(lock: Any, order: list[str]) -> None:
                order.append("first")
                lock.run(order.append, "newcomer")

            self.successResultOf(lock.acquire())
            lock.run(first, lock, order)
            lock.run(order.append, "second")
            lock.release()
            self.assertEqual(order, ["first", "second", "newcomer"])


class Locks(SynchronousTestCase):
    def test_locked(self) -> None:
        lock = DeferredLock()
        self.assertFalse(lock.locked)
        lock.acquire()
        lock.acquire()
        self.assertTrue(lock.locked)
        lock.release()
        self.assertTrue(lock.locked)
        lock.release()
        self.assertFalse(lock.locked)


class Semaphores(SynchronousTestCase):
    def test_tokens(self) -> None:
        semaphore = DeferredSemaphore(3)
        for left in (2, 1, 0):
            self.successResultOf(semaphore.acquire())
            self.assertEqual((semaphore.tokens, semaphore.limit), (left, 3))
        waiting = semaphore.acquire()
        self.assertNoResult(waiting)
        semaphore.release()
        self.successResultOf(waiting)
        self.assertEqual(semaphore.tokens, 0)
        for _ in range(3):
            semaphore.release()
        self.assertEqual(semaphore.tokens, 3)
        self.assertRaises(RuntimeError, semaphore.release)

    def test_noTokens(self) -> None:
        for tokens in (0, -1):
            self.assertRaises(ValueError, DeferredSemaphore, tokens)


class Queues(SynchronousTestCase):
    def test_putFirst(self) -> None:
        queue: DeferredQueue[int] = DeferredQueue()
        for number in range(5):
            queue.put(number)
        self.assertEqual(list(queue.pending), [0, 1, 2, 3, 4])
        got = [self.successResultOf(queue.get()) for _ in range(5)]
        self.assertEqual(got, [0, 1, 2, 3, 4])

    def test_getFirst(self) -> None:
        queue: DeferredQueue[int] = DeferredQueue()
        ds = [queue.get() for _ in range(3)]
        self.assertEqual(list(queue.waiting), ds)
        for number, d in enumerate(ds):
            self.assertNoResult(d)
            queue.put(number)
            self.assertEqual(self.successResultOf(d), number)
        self.assertEqual(list(queue.waiting), [])

    def test_size(self) -> None:
        queue: DeferredQueue[int] = DeferredQueue(size=2)
        queue.put(1)
        queue.put(2)
        self.assertRaises(QueueOverflow, queue.put, 3)
        self.assertEqual(self.successResultOf(queue.get()), 1)
        queue.put(3)
        self.assertEqual(self.successResultOf(queue.get()), 2)

    def test_sizeZero(self) -> None:
        """Nothing is kept: something can be put in only while somebody waits for it."""
        queue: DeferredQueue[int] = DeferredQueue(0)
        self.assertRaises(QueueOverflow, queue.put, 1)
        d = queue.get()
        queue.put(2)
        self.assertEqual(self.successResultOf(d), 2)

    def test_backlog(self) -> None:
        queue: DeferredQueue[int] = DeferredQueue(backlog=1)
        d = queue.get()
        self.assertRaises(QueueUnderflow, queue.get)
        queue.put(1)
        self.assertEqual(self.successResultOf(d), 1)
        self.assertNoResult(queue.get())

    def test_backlogZero(self) -> None:
        queue: DeferredQueue[int] = DeferredQueue(None, 0)
        self.assertRaises(QueueUnderflow, queue.get)
        queue.put(1)
        self.assertEqual(self.successResultOf(queue.get()), 1)

    def test_cancel(self) -> None:
        """Whoever gives up waiting leaves the next object to the others."""
        queue: DeferredQueue[int] = DeferredQueue(backlog=2)
        first, second = queue.get(), queue.get()
        first.cancel()
        self.failureResultOf(first, CancelledError)
        self.assertNoResult(queue.get())
        queue.put(1)
        self.assertEqual(self.successResultOf(second), 1)

    def test_cancelServed(self) -> None:
        queue: DeferredQueue[int] = DeferredQueue()
        queue.put(1)
        d = queue.get()
        d.cancel()
        self.assertEqual(self.successResultOf(d), 1)


class FilesystemLocks(SynchronousTestCase):
    """DeferredFilesystemLock."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.name = self.mktemp()
        self.lock = DeferredFilesystemLock(self.name, scheduler=self.clock)

    def other(self) -> DeferredFilesystemLock:
        """The same lock, as another process has it."""
        return DeferredFilesystemLock(self.name, self.clock)

    def test_free(self) -> None:
        self.successResultOf(self.lock.deferUntilLocked())
        self.assertTrue(self.lock.locked)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.lock.unlock()
        self.assertFalse(os.path.lexists(self.name))

    def test_waits(self) -> None:
        """While another holds it, this looks again every second."""
        other = self.other()
        self.assertTrue(other.lock())
        d = self.lock.deferUntilLocked()
        for _ in range(3):
            self.clock.advance(1)
            self.assertNoResult(d)
        other.unlock()
        self.assertNoResult(d)
        self.clock.advance(1)
        self.successResultOf(d)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.lock.unlock()

    def test_inTime(self) -> None:
        other = self.other()
        other.lock()
        d = self.lock.deferUntilLocked(timeout=5)
        other.unlock()
        self.clock.advance(1)
        self.successResultOf(d)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_timeout(self) -> None:
        other = self.other()
        other.lock()
        d = self.lock.deferUntilLocked(timeout=5.5)
        self.clock.pump([1] * 5)
        self.assertNoResult(d)
        self.clock.advance(0.5)
        f = self.failureResultOf(d, TimeoutError)
        self.assertIn(self.name, f.getErrorMessage())
        self.assertEqual(self.clock.getDelayedCalls(), [])
        other.unlock()
        self.successResultOf(self.lock.deferUntilLocked(timeout=1))

    def test_twice(self) -> None:
        """One wait at a time."""
        other = self.other()
        other.lock()
        first = self.lock.deferUntilLocked()
        self.failureResultOf(self.lock.deferUntilLocked(), AlreadyTryingToLockError)
        other.unlock()
        self.clock.advance(1)
        self.successResultOf(first)

    def test_cancel(self) -> None:
        other = self.other()
        other.lock()
        d = self.lock.deferUntilLocked(timeout=5)
        d.cancel()
        self.failureResultOf(d, CancelledError)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        other.unlock()
        self.successResultOf(self.lock.deferUntilLocked())

    def test_reactor(self) -> None:
        """By default the reactor tells the time."""
        from twisted.internet import reactor

        self.assertIs(DeferredFilesystemLock(self.name)._scheduler, reactor)

    def test_cannotLock(self) -> None:
        """An error of the file system comes through the Deferred."""
        lock = DeferredFilesystemLock(os.path.join(self.name, "no", "such", "folder"), self.clock)
        self.failureResultOf(lock.deferUntilLocked(timeout=5), OSError)
        self.assertEqual(self.clock.getDelayedCalls(), [])
