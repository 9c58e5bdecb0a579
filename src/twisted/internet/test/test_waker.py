"""Ending the loop's wait: a pipe to ourselves."""

from __future__ import annotations

import errno
import fcntl
import os
import select
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet._waker import Waker
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.test._fakedescriptor import PlainLoop
from twisted.python.failure import Failure
from twisted.trial import unittest


class WakerTests(unittest.SynchronousTestCase):
    """`Waker`."""

    def setUp(self) -> None:
        self.loop = PlainLoop()
        self.waker = Waker(self.loop)
        self.loop.addReader(self.waker)
        self.addCleanup(self.waker.connectionLost, Failure(ConnectionDone()))

    def isAwake(self) -> bool:
        """Whether a wait would end at once."""
        return bool(select.select([self.waker], [], [], 0)[0])

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IReadDescriptor, self.waker))
        self.assertEqual(self.waker.logPrefix(), "-")

    def test_wakeUp(self) -> None:
        self.assertFalse(self.isAwake())
        self.waker.wakeUp()
        self.assertTrue(self.isAwake())
        self.waker.doRead()
        self.assertFalse(self.isAwake())

    def test_manyAtOnce(self) -> None:
        """One round reads them all, of whatever number."""
        for count in (2, 4095, 4096, 4097, 3 * 4096):
            for _ in range(count):
                self.waker.wakeUp()
            self.waker.doRead()
            self.assertFalse(self.isAwake(), count)

    def test_nothingToRead(self) -> None:
        """A round that comes too early does not block."""
        self.waker.doRead()
        self.assertFalse(self.isAwake())

    def test_full(self) -> None:
        """More wake-ups than the pipe holds are as good as one, and do not block."""
        setSize = getattr(fcntl, "F_SETPIPE_SZ", None)
        if setSize is None:
            self.skipTest("pipes are of one size here")
        size = fcntl.fcntl(self.waker.wakeupFD(), setSize, 4096)
        for _ in range(size + 10):
            self.waker.wakeUp()
        self.waker.doRead()
        self.assertFalse(self.isAwake())

    def test_signalsWrite(self) -> None:
        """What `signal.set_wakeup_fd` writes, of any value, wakes as well."""
        for byte in (b"\0", b"\x0f", b"\xff"):
            os.write(self.waker.wakeupFD(), byte)
            self.assertTrue(self.isAwake())
            self.waker.doRead()

    def test_neitherEndBlocksNorIsInherited(self) -> None:
        for fd in (self.waker.fileno(), self.waker.wakeupFD()):
            self.assertFalse(os.get_blocking(fd))
            self.assertFalse(os.get_inheritable(fd))

    def test_close(self) -> None:
        fds = (self.waker.fileno(), self.waker.wakeupFD())
        self.waker.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.loop.readers, set())
        self.assertEqual((self.waker.fileno(), self.waker.wakeupFD()), (-1, -1))
        for fd in fds:
            gone = self.assertRaises(OSError, os.fstat, fd)
            self.assertEqual(gone.errno, errno.EBADF)

    def test_closeTwice(self) -> None:
        """It does not close what has got its numbers since."""
        self.waker.connectionLost(Failure(ConnectionDone()))
        ends = os.pipe()
        self.waker.connectionLost(Failure(ConnectionDone()))
        for end in ends:
            os.close(end)

    def test_wakeUpWhenClosed(self) -> None:
        """Threads may outlive the reactor."""
        self.waker.connectionLost(Failure(ConnectionDone()))
        self.waker.wakeUp()

    def test_removedBeforeItIsClosed(self) -> None:
        """The reactor is asked while the number still says who it is."""
        numbers: list[int] = []

        class Loop(PlainLoop):
            def removeReader(self, reader: Any) -> None:
                numbers.append(reader.fileno())

        waker = Waker(Loop())
        fd = waker.fileno()
        waker.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(numbers, [fd])
