"""Tests for the observer that remembers."""

from __future__ import annotations

from zope.interface.verify import verifyObject

from twisted.logger import ILogObserver, LimitedHistoryLogObserver, LogEvent
from twisted.trial.unittest import SynchronousTestCase


class HistoryTests(SynchronousTestCase):
    """`LimitedHistoryLogObserver`."""

    def replay(self, observer: LimitedHistoryLogObserver, count: int) -> list[int]:
        """Which of *count* events are still there."""
        for number in range(count):
            observer({"n": number})
        seen: list[LogEvent] = []
        observer.replayTo(seen.append)
        return [event["n"] for event in seen]

    def test_interface(self) -> None:
        """It is an observer."""
        self.assertTrue(verifyObject(ILogObserver, LimitedHistoryLogObserver()))

    def test_all(self) -> None:
        """Events are shown in their order, again and again."""
        observer = LimitedHistoryLogObserver()
        self.assertEqual(self.replay(observer, 3), [0, 1, 2])
        self.assertEqual(self.replay(observer, 0), [0, 1, 2])

    def test_limit(self) -> None:
        """The oldest are forgotten."""
        self.assertEqual(self.replay(LimitedHistoryLogObserver(2), 5), [3, 4])
        self.assertEqual(self.replay(LimitedHistoryLogObserver(size=0), 5), [])

    def test_noLimit(self) -> None:
        """Without a limit all are kept; by default there is one."""
        self.assertEqual(len(self.replay(LimitedHistoryLogObserver(None), 70000)), 70000)
        self.assertEqual(len(self.replay(LimitedHistoryLogObserver(), 70000)), 65536)

    def test_whileReplaying(self) -> None:
        """What comes back while events are shown is kept, and not shown at once."""
        observer = LimitedHistoryLogObserver()
        observer({"n": 1})
        observer.replayTo(observer)
        self.assertEqual(self.replay(observer, 0), [1, 1])
