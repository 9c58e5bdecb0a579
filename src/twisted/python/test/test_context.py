"""Tests for values that hold for the duration of a call."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import Any

from twisted.python import context
from twisted.trial.unittest import SynchronousTestCase


class CallTests(SynchronousTestCase):
    """`call` and `get`."""

    def test_values(self) -> None:
        """A value holds in the call, and no longer; arguments and result go through."""

        def inner(a: int, b: int) -> tuple[object, int]:
            return context.get("x"), a + b

        self.assertEqual(context.call({"x": 1}, inner, 2, b=3), (1, 5))
        self.assertIsNone(context.get("x"))

    def test_nested(self) -> None:
        """Inner calls add to the outer ones, and hide them."""

        def outer() -> list[object]:
            inner = context.call({"b": 3}, lambda: [context.get(key) for key in "abc"])
            return [*inner, context.get("b")]

        self.assertEqual(context.call({"a": 1, "b": 2}, outer), [1, 3, None, 2])

    def test_exception(self) -> None:
        """An exception ends it, too."""

        def fail() -> None:
            raise ValueError

        self.assertRaises(ValueError, context.call, {"x": 1}, fail)
        self.assertIsNone(context.get("x"))

    def test_default(self) -> None:
        """What no call has set is the default: the general one, else that of the question."""
        key = object()
        self.assertEqual(context.get(key, 5), 5)
        context.setDefault(key, 7)
        self.addCleanup(context.defaultContextDict.pop, key)
        self.assertEqual(context.get(key, 5), 7)
        self.assertEqual(context.call({key: None}, context.get, key, 5), None)

    def test_dictionaryIsCopied(self) -> None:
        """A change to the dictionary afterwards has no effect."""
        values = {"x": 1}

        def change() -> object:
            values["x"] = 2
            return context.get("x")

        self.assertEqual(context.call(values, change), 1)


class ThreadTests(SynchronousTestCase):
    """Values in threads."""

    def inThread(self, function: Any, *args: Any) -> Any:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(function(*args)))
        thread.start()
        thread.join()
        return found[0]

    def test_ownValues(self) -> None:
        """A thread begins with no values."""
        self.assertIsNone(context.call({"x": 1}, self.inThread, context.get, "x"))

    def test_apart(self) -> None:
        """Calls in two threads do not see each other."""
        barrier = threading.Barrier(2, timeout=10)

        def work(value: int) -> object:
            barrier.wait()
            found = context.get("x")
            barrier.wait()
            return found

        found: list[object] = []

        def other() -> None:
            found.append(context.call({"x": 2}, work, 2))

        thread = threading.Thread(target=other)
        thread.start()
        self.assertEqual(context.call({"x": 1}, work, 1), 1)
        thread.join()
        self.assertEqual(found, [2])

    def test_carried(self) -> None:
        """A copy of the context carries the values into a thread."""

        def outer() -> object:
            copy = contextvars.copy_context()
            return self.inThread(copy.run, context.get, "x")

        self.assertEqual(context.call({"x": 1}, outer), 1)


class CoroutineTests(SynchronousTestCase):
    """Values in coroutines."""

    def test_tasks(self) -> None:
        """A task keeps the values that held where it was started, and has its own."""

        async def work() -> list[object]:
            before = context.get("x")
            inside = context.call({"x": "inner"}, context.get, "x")
            await asyncio.sleep(0)
            return [before, inside, context.get("x")]

        async def main() -> list[list[object]]:
            first = context.call({"x": 1}, asyncio.ensure_future, work())
            second = context.call({"x": 2}, asyncio.ensure_future, work())
            third = asyncio.ensure_future(work())
            return [await first, await second, await third]

        self.assertEqual(
            asyncio.run(main()), [[1, "inner", 1], [2, "inner", 2], [None, "inner", None]]
        )

    def test_generator(self) -> None:
        """A generator that is left in a call takes no value out of it."""

        def generate() -> Any:
            while True:
                yield context.get("x")

        generator = generate()
        self.assertEqual(context.call({"x": 1}, next, generator), 1)
        self.assertIsNone(next(generator))


class TrackerTests(SynchronousTestCase):
    """The trackers behind the functions."""

    def test_apart(self) -> None:
        """Each tracker has values of its own."""
        one, two = context.ContextTracker(), context.ThreadedContextTracker()
        for inside, outside in ((one, two), (two, one)):
            self.assertEqual(inside.callWithContext({"x": 1}, inside.getContext, "x"), 1)
            self.assertIsNone(inside.callWithContext({"x": 1}, outside.getContext, "x"))

    def test_currentContext(self) -> None:
        """The tracker of the current thread knows the values that hold."""
        tracker = context.ThreadedContextTracker()

        def ask() -> object:
            return tracker.currentContext().getContext("x")

        self.assertEqual(tracker.callWithContext({"x": 1}, ask), 1)
        self.assertIsNone(ask())

    def test_install(self) -> None:
        """Another tracker can stand behind the functions."""
        tracker = context.ContextTracker()
        self.addCleanup(context.installContextTracker, context.theContextTracker)
        context.installContextTracker(tracker)
        self.assertIs(context.theContextTracker, tracker)
        self.assertEqual(context.call({"x": 1}, tracker.getContext, "x"), 1)
        self.assertEqual(tracker.callWithContext({"x": 2}, context.get, "x"), 2)
