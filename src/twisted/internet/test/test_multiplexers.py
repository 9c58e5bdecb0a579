"""`twisted.internet._multiplexers`: all of them, and what is particular to one."""

from __future__ import annotations

import errno
import os
import select

from twisted.internet._multiplexers import READ, WRITE
from twisted.internet._multiplexers.kqueue import KqueueMultiplexer
from twisted.internet.test.conformance.kernelqueue import FakeEvent, FakeKernelQueue
from twisted.internet.test.conformance.multiplexing import (
    FakeMultiplexerTests as FakeMultiplexerTests,
)
from twisted.internet.test.conformance.multiplexing import (
    SelectLimitTests as SelectLimitTests,
)
from twisted.internet.test.conformance.multiplexing import (
    multiplexerCases,
    shippedMultiplexers,
)
from twisted.trial import unittest

globals().update(multiplexerCases(shippedMultiplexers(), __name__))


class KqueueTests(unittest.SynchronousTestCase):
    """The changes that a kernel queue is told."""

    def setUp(self) -> None:
        self.changes: list[FakeEvent] = []
        changes = self.changes

        class Spy(FakeKernelQueue):
            def _change(self, change: FakeEvent) -> None:
                changes.append(change)
                super()._change(change)

        self.multiplexer = KqueueMultiplexer(Spy, FakeEvent)
        self.fd, write = os.pipe()
        self.addCleanup(os.close, self.fd)
        self.addCleanup(os.close, write)

    def test_oneFilterForEachInterest(self) -> None:
        self.multiplexer.register(self.fd, READ | WRITE)
        self.assertEqual(self.changes, [FakeEvent(self.fd, -1, 0x1), FakeEvent(self.fd, -2, 0x1)])

    def test_onlyWhatChanges(self) -> None:
        self.multiplexer.register(self.fd, READ)
        del self.changes[:]
        self.multiplexer.modify(self.fd, READ | WRITE)
        self.multiplexer.modify(self.fd, WRITE)
        self.multiplexer.modify(self.fd, WRITE)
        self.multiplexer.unregister(self.fd)
        self.assertEqual(
            self.changes,
            [
                FakeEvent(self.fd, -2, 0x1),
                FakeEvent(self.fd, -1, 0x2),
                FakeEvent(self.fd, -2, 0x2),
            ],
        )

    def test_errorsBelongToTheirDescriptor(self) -> None:
        error = self.assertRaises(OSError, self.multiplexer.register, 9999, READ)
        self.assertEqual(error.errno, errno.EBADF)
        self.multiplexer.register(self.fd, READ)

    def test_notOnThisPlatform(self) -> None:
        if hasattr(select, "kqueue"):
            self.skipTest("it is on this one")
        error = self.assertRaises(OSError, KqueueMultiplexer)
        self.assertIn("epoll", str(error))
