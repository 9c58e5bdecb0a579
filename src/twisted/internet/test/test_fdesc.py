"""Descriptors that may not block."""

from __future__ import annotations

import os

from twisted.internet import fdesc, main
from twisted.trial.unittest import SynchronousTestCase


class DescriptorTests(SynchronousTestCase):
    """The two ends of a pipe."""

    def setUp(self) -> None:
        self.out, self.into = os.pipe()
        for fd in (self.out, self.into):
            self.addCleanup(self.close, fd)
            fdesc.setNonBlocking(fd)
        self.read: list[bytes] = []

    def close(self, fd: int) -> None:
        try:
            os.close(fd)
        except OSError:
            pass  # the test has closed it

    def test_blocking(self) -> None:
        self.assertFalse(os.get_blocking(self.out))
        fdesc.setBlocking(self.out)
        self.assertTrue(os.get_blocking(self.out))
        fdesc.setNonBlocking(self.out)
        self.assertFalse(os.get_blocking(self.out))

    def test_closed(self) -> None:
        os.close(self.out)
        self.assertRaises(OSError, fdesc.setNonBlocking, self.out)
        self.assertRaises(OSError, fdesc.setBlocking, self.out)

    def test_both(self) -> None:
        self.assertEqual(fdesc.writeToFD(self.into, b"data"), 4)
        self.assertIsNone(fdesc.readFromFD(self.out, self.read.append))
        self.assertEqual(self.read, [b"data"])

    def test_nothingToRead(self) -> None:
        self.assertIsNone(fdesc.readFromFD(self.out, self.read.append))
        self.assertEqual(self.read, [])

    def test_end(self) -> None:
        os.close(self.into)
        self.assertIs(fdesc.readFromFD(self.out, self.read.append), main.CONNECTION_DONE)
        self.assertEqual(self.read, [])

    def test_readLost(self) -> None:
        self.assertIs(fdesc.readFromFD(self.into, self.read.append), main.CONNECTION_LOST)

    def test_callbackRaises(self) -> None:
        """An error of the callback is its own affair, an OSError included."""

        def complain(data: bytes) -> None:
            raise PermissionError("mine")

        os.write(self.into, b"x")
        self.assertRaises(PermissionError, fdesc.readFromFD, self.out, complain)

    def test_full(self) -> None:
        """What a pipe does not take is not lost, but left to the caller."""
        much = b"x" * (1 << 20)
        taken = fdesc.writeToFD(self.into, much)
        assert isinstance(taken, int)
        self.assertGreater(taken, 0)
        self.assertLess(taken, len(much))
        self.assertEqual(fdesc.writeToFD(self.into, much), 0)

    def test_writeLost(self) -> None:
        os.close(self.out)
        self.assertIs(fdesc.writeToFD(self.into, b"x"), main.CONNECTION_LOST)
