"""Calls from threads, where one of them has the loop go on."""

from __future__ import annotations

from twisted.internet._fakereactor import FakeReactor
from twisted.trial import unittest


class NestedTests(unittest.SynchronousTestCase):
    """A call that runs the calls after it, as the end of the threads does."""

    def setUp(self) -> None:
        self.reactor = FakeReactor()
        self.addCleanup(self.reactor._release)
        self.order: list[str] = []

    def test_othersAreRunOnce(self) -> None:
        self.reactor.callFromThread(self.reactor.runUntilCurrent)
        self.reactor.callFromThread(self.order.append, "second")
        self.reactor.callFromThread(self.order.append, "third")
        self.reactor.runUntilCurrent()
        self.assertEqual(self.order, ["second", "third"])
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_callsThatAreAddedMeanwhile(self) -> None:
        self.reactor.callFromThread(self.reactor.runUntilCurrent)
        self.reactor.callFromThread(self.reactor.callFromThread, self.order.append, "later")
        self.reactor.runUntilCurrent()
        self.reactor.runUntilCurrent()
        self.assertEqual(self.order, ["later"])
