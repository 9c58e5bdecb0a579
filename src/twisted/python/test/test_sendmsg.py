"""Tests for twisted.python.sendmsg."""

from __future__ import annotations

import os
import socket
import struct

from twisted.python.sendmsg import SCM_RIGHTS, getSocketFamily, recvmsg, sendmsg
from twisted.trial import unittest


class SendmsgTests(unittest.SynchronousTestCase):
    """Messages over a pair of sockets."""

    def setUp(self) -> None:
        self.left, self.right = socket.socketpair(socket.AF_UNIX)
        self.addCleanup(self.left.close)
        self.addCleanup(self.right.close)
        self.left.setblocking(False)
        self.right.setblocking(False)

    def test_roundTrip(self) -> None:
        """What is sent arrives; the number of bytes is told."""
        self.assertEqual(sendmsg(self.left, b"hello, world!"), 13)
        result = recvmsg(self.right)
        self.assertEqual(result, (b"hello, world!", [], 0))
        self.assertEqual((result.data, result.ancillary, result.flags), tuple(result))

    def test_short(self) -> None:
        """When the socket is full, fewer bytes are taken, and then it would block."""
        sent = sendmsg(self.left, b"x" * 10_000_000)
        self.assertTrue(0 < sent < 10_000_000)
        self.assertRaises(BlockingIOError, sendmsg, self.left, b"x" * 10_000_000)

    def test_maxSize(self) -> None:
        """No more than asked for is received."""
        sendmsg(self.left, b"abcdef")
        self.assertEqual(recvmsg(self.right, maxSize=4).data, b"abcd")
        self.assertEqual(recvmsg(self.right, 10).data, b"ef")

    def test_flags(self) -> None:
        """Flags reach the system: peeking leaves the data."""
        sendmsg(self.left, b"abc")
        self.assertEqual(recvmsg(self.right, flags=socket.MSG_PEEK).data, b"abc")
        self.assertEqual(recvmsg(self.right).data, b"abc")

    def test_errors(self) -> None:
        """The system's errors are raised."""
        self.right.close()
        self.assertRaises(BrokenPipeError, sendmsg, self.left, b"x")
        self.assertRaises(OSError, recvmsg, self.right)

    def test_sendDescriptor(self) -> None:
        """An open descriptor travels along with the data."""
        readEnd, writeEnd = os.pipe()
        self.addCleanup(os.close, readEnd)
        sendmsg(self.left, b"x", [(socket.SOL_SOCKET, SCM_RIGHTS, struct.pack("i", writeEnd))])
        os.close(writeEnd)
        result = recvmsg(self.right, cmsgSize=1024)
        self.assertEqual(result.data, b"x")
        [(level, kind, packed)] = result.ancillary
        self.assertEqual((level, kind), (socket.SOL_SOCKET, SCM_RIGHTS))
        (received,) = struct.unpack("i", packed)
        os.write(received, b"hello")
        os.close(received)
        self.assertEqual(os.read(readEnd, 99), b"hello")

    def test_family(self) -> None:
        """The family of a socket is told."""
        self.assertEqual(getSocketFamily(self.left), socket.AF_UNIX)
        with socket.socket(socket.AF_INET) as internet:
            self.assertEqual(getSocketFamily(internet), socket.AF_INET)
