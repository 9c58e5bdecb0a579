"""Tests for the thread that watches for a host which cannot."""

from __future__ import annotations

import os
import queue
import threading

from twisted.internet._hostthread import WatchingThread
from twisted.trial.unittest import SynchronousTestCase

# Seconds that a thread may take to say something, on a machine that has much else to do.
PATIENCE = 30


class WatchingThreadTests(SynchronousTestCase):
    """A pipe is watched, and announcements are put into a queue."""

    def setUp(self) -> None:
        self.out, self.into = os.pipe()
        self.addCleanup(os.close, self.out)
        self.addCleanup(os.close, self.into)
        self.announced: queue.Queue[threading.Thread] = queue.Queue()
        self.watching = WatchingThread(
            self.out, lambda: self.announced.put(threading.current_thread())
        )
        self.addCleanup(self.watching.close)

    def test_announced(self) -> None:
        """It is announced in a thread of its own that the descriptor can be read."""
        os.write(self.into, b"x")
        thread = self.announced.get(timeout=PATIENCE)
        self.assertIsNot(thread, threading.current_thread())

    def test_onceUntilServed(self) -> None:
        """The same event is announced again only after it was said to be served."""
        os.write(self.into, b"xy")
        self.announced.get(timeout=PATIENCE)
        os.read(self.out, 1)
        self.assertEqual(self.announced.qsize(), 0)
        self.watching.served()
        self.announced.get(timeout=PATIENCE)
        self.assertEqual(self.announced.qsize(), 0)

    def test_servedTooOften(self) -> None:
        """To say more often than needed that it was served announces nothing."""
        self.watching.served()
        self.watching.served()
        os.write(self.into, b"x")
        self.announced.get(timeout=PATIENCE)
        os.read(self.out, 1)
        self.watching.served()
        self.watching.close()
        self.assertEqual(self.announced.qsize(), 0)

    def test_close(self) -> None:
        """Closed, it has no thread and no descriptors; again, and served, are harmless."""
        before = threading.active_count()
        os.write(self.into, b"x")
        self.announced.get(timeout=PATIENCE)
        self.watching.close()
        self.assertEqual(threading.active_count(), before - 1)
        self.watching.close()
        self.watching.served()

    def test_closeWhileIdle(self) -> None:
        """The end of the wait needs no event of the descriptor."""
        self.watching.close()
        self.assertEqual(self.announced.qsize(), 0)
