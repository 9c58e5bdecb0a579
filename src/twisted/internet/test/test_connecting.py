"""Attempts to connect, with a kernel that answers as the test says."""

from __future__ import annotations

import errno
import socket
from typing import Any

from twisted.internet._connecting import Connecting
from twisted.internet.error import ConnectError, ConnectionLost, ConnectionRefusedError
from twisted.internet.test._fakedescriptor import PlainLoop
from twisted.python.failure import Failure
from twisted.trial import unittest

IN_PROGRESS = (errno.EINPROGRESS, errno.EINTR)


class _Socket:
    """A socket that connects as the test says.

    Attributes:
        answers: what `connect_ex` returns, each time.
        error: what the kernel says of the attempt when it is asked.
        peer: whether there is one.
    """

    def __init__(self, family: int, *answers: int) -> None:
        self.family = family
        self.answers = list(answers)
        self.error = 0
        self.peer = True

    def fileno(self) -> int:
        return 3

    def connect_ex(self, address: object) -> int:
        assert address == "the address"
        return self.answers.pop(0)

    def getsockopt(self, level: int, option: int) -> int:
        assert (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR)
        return self.error

    def getpeername(self) -> object:
        if not self.peer:
            raise OSError(errno.ENOTCONN, "not connected")
        return "the address"


class _Transport:
    """Hears how an attempt ends."""

    def __init__(self, reactor: PlainLoop) -> None:
        self.reactor = reactor
        self.ends: list[object] = []

    def connectionEstablished(self) -> None:
        self.ends.append("established")

    def failIfNotConnected(self, err: BaseException) -> None:
        self.ends.append(err)

    def logPrefix(self) -> str:
        return "somebody"


class ConnectingTests(unittest.SynchronousTestCase):
    """`Connecting`."""

    def setUp(self) -> None:
        self.loop = PlainLoop()

    def begin(self, *answers: int, family: int = socket.AF_INET) -> None:
        """Begin an attempt of which the kernel says this."""
        self.socket = _Socket(family, *answers)
        self.transport = _Transport(self.loop)
        sock: Any = self.socket
        self.attempt = Connecting(self.transport, sock, "the address", "its name")
        self.assertEqual(self.transport.ends, [])
        self.attempt.begin()

    def assertOver(self, *ends: object) -> None:
        """Nothing is watched and nothing is planned; the transport was told this."""
        self.assertEqual(self.transport.ends, list(ends))
        self.assertEqual(self.loop.writers, set())
        self.assertEqual(self.loop.getDelayedCalls(), [])

    def test_atOnce(self) -> None:
        for answer in (0, errno.EISCONN):
            self.begin(answer)
            self.assertOver("established")

    def test_inProgress(self) -> None:
        for answer in IN_PROGRESS:
            self.begin(answer)
            self.assertEqual(self.loop.writers, {self.attempt})
            self.assertEqual(self.transport.ends, [])
            self.loop.turn()
            self.assertOver("established")

    def test_refusedAtOnce(self) -> None:
        self.begin(errno.ECONNREFUSED)
        (problem,) = self.transport.ends
        self.assertIsInstance(problem, ConnectionRefusedError)
        self.assertIn("its name", str(problem))
        self.assertOver(problem)

    def test_refusedLater(self) -> None:
        self.begin(errno.EINPROGRESS)
        self.socket.error = errno.ECONNREFUSED
        self.loop.turn()
        (problem,) = self.transport.ends
        self.assertIsInstance(problem, ConnectionRefusedError)
        self.assertOver(problem)

    def test_errorWithoutAClass(self) -> None:
        self.begin(errno.EPERM)
        self.assertIs(type(self.transport.ends[0]), ConnectError)

    def test_staleEvent(self) -> None:
        """Meant for an earlier socket of that number: no error, but no peer either."""
        self.begin(errno.EINPROGRESS)
        self.socket.peer = False
        for _ in range(3):
            self.loop.turn()
            self.assertEqual(self.transport.ends, [])
            self.assertEqual(self.loop.writers, {self.attempt})
        self.socket.peer = True
        self.loop.turn()
        self.assertOver("established")

    def test_fullBacklog(self) -> None:
        """Of a UNIX socket: nothing has begun, so it is tried again, in a while."""
        self.begin(errno.EAGAIN, errno.EAGAIN, 0, family=socket.AF_UNIX)
        self.assertEqual(self.loop.writers, set(), "a socket that is not connected is writable")
        for _ in range(2):
            self.assertEqual(self.transport.ends, [])
            self.assertEqual(len(self.loop.getDelayedCalls()), 1)
            self.loop.advance(1)
        self.assertOver("established")

    def test_wouldBlockOfOtherFamilies(self) -> None:
        """There it means that it goes on."""
        self.begin(errno.EWOULDBLOCK)
        self.assertEqual(self.loop.writers, {self.attempt})
        self.assertEqual(self.loop.getDelayedCalls(), [])

    def test_stop(self) -> None:
        self.begin(errno.EINPROGRESS)
        self.attempt.stop()
        self.assertOver()
        self.attempt.stop()
        self.begin(errno.EAGAIN, family=socket.AF_UNIX)
        self.attempt.stop()
        self.assertOver()

    def test_disconnected(self) -> None:
        """By a reactor that stops."""
        self.begin(errno.EINPROGRESS)
        problem = ConnectionLost()
        self.attempt.connectionLost(Failure(problem))
        self.assertEqual(self.transport.ends, [problem])

    def test_names(self) -> None:
        self.begin(errno.EINPROGRESS)
        self.assertEqual((self.attempt.fileno(), self.attempt.logPrefix()), (3, "somebody"))
