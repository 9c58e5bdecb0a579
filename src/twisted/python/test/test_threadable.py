"""Tests for what is said about threads."""

from __future__ import annotations

import pickle
import threading
import time

from twisted.python import threadable
from twisted.python._turn import turn
from twisted.trial.unittest import SynchronousTestCase


class Counter:
    """Something that goes wrong when two threads are in it."""

    synchronized = ["add", "addTwice"]

    def __init__(self) -> None:
        self.value = 0
        self.inside = 0
        self.crowded = False

    def add(self, number: int = 1) -> int:
        """Add a number."""
        self.inside += 1
        self.crowded = self.crowded or self.inside > 1
        value = self.value
        time.sleep(0)  # Let others run.
        self.value = value + number
        self.inside -= 1
        return self.value

    def addTwice(self) -> int:
        self.add()
        return self.add()


class Slower(Counter):
    """A class that has one method of its own."""

    def add(self, number: int = 1) -> int:
        return super().add(number)


threadable.synchronize(Counter, Slower)


class SynchronizeTests(SynchronousTestCase):
    """`synchronize`."""

    def test_oneAtATime(self) -> None:
        """Threads wait for each other."""
        for kind in (Counter, Slower):
            counter = kind()

            def work(counter: Counter = counter) -> None:
                for _ in range(100):
                    counter.addTwice()

            threads = [threading.Thread(target=work) for _ in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(counter.value, 1000)
            self.assertFalse(counter.crowded)

    def test_looks(self) -> None:
        """A method looks as before, and takes and gives what it did."""
        self.assertEqual(Counter.add.__name__, "add")
        self.assertEqual(Counter.add.__doc__, "Add a number.")
        self.assertEqual(Counter().add(number=3), 3)

    def test_inherited(self) -> None:
        """A method that was synchronized in a base class is not so twice."""
        self.assertIs(Slower.addTwice, Counter.addTwice)
        self.assertIsNot(Slower.add, Counter.add)

    def test_exception(self) -> None:
        """A method that raises leaves the lock free."""
        counter = Counter()
        self.assertRaises(TypeError, counter.add, "x")
        counter.inside = 0
        done: list[int] = []
        thread = threading.Thread(target=lambda: done.append(counter.add()), daemon=True)
        thread.start()
        thread.join(10)
        self.assertEqual(done, [1])

    def test_objectsApart(self) -> None:
        """Each object has a lock of its own."""
        one, two = Counter(), Counter()
        one.add()
        two.add()
        self.assertIsNot(one.__dict__["_threadable_lock"], two.__dict__["_threadable_lock"])

    def test_pickle(self) -> None:
        """An object can be pickled with its lock."""
        counter = Counter()
        counter.add()
        copy = pickle.loads(pickle.dumps(counter))
        self.assertEqual(copy.add(), 2)

    def test_missing(self) -> None:
        """A method that does not exist is an error."""

        class Wrong:
            synchronized = ["nothing"]

        self.assertRaises(AttributeError, threadable.synchronize, Wrong)


class LockTests(SynchronousTestCase):
    """`XLock`."""

    def test_reentrant(self) -> None:
        """A thread can take it twice."""
        lock = threadable.XLock()
        with lock, lock:
            pass

    def test_pickle(self) -> None:
        """What is unpickled is a new lock, which is free."""
        lock = threadable.XLock()
        with lock:
            copy = pickle.loads(pickle.dumps(lock))
            self.assertIsInstance(copy, threadable.XLock)
            self.assertIsNot(copy, lock)
            free: list[bool] = []
            thread = threading.Thread(target=lambda: free.append(copy.acquire(False)))
            thread.start()
            thread.join()
            self.assertEqual(free, [True])


class IOThreadTests(SynchronousTestCase):
    """Which thread is the loop's."""

    def setUp(self) -> None:
        self.addCleanup(setattr, threadable, "ioThread", threadable.ioThread)
        self.addCleanup(setattr, turn, "thread", turn.thread)
        threadable.ioThread = None

    def test_nobody(self) -> None:
        """Before a loop runs, no thread is."""
        self.assertFalse(threadable.isInIOThread())

    def test_register(self) -> None:
        """The thread that registers is, for the log too, and no other."""
        threadable.registerAsIOThread()
        self.assertTrue(threadable.isInIOThread())
        self.assertEqual(threadable.ioThread, threadable.getThreadID())
        self.assertEqual(turn.thread, threading.get_ident())
        found: list[bool] = []
        thread = threading.Thread(target=lambda: found.append(threadable.isInIOThread()))
        thread.start()
        thread.join()
        self.assertEqual(found, [False])


class InitTests(SynchronousTestCase):
    """`init`."""

    def test_init(self) -> None:
        """There are always threads."""
        threadable.init()
        threadable.init(with_threads=True)
        self.assertRaises(RuntimeError, threadable.init, False)
