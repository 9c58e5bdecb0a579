"""A server under load, and under attack: a process of its own, and raw sockets."""

from __future__ import annotations

import re
import resource
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase
from twisted.web.test import _loaded

#: When something broken is given up.
PATIENCE = 30
#: Descriptors that a process needs for itself.
SPARE_FILES = 100
GET = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"


class LoadedTests(SynchronousTestCase):
    """One server for each test."""

    def setUp(self) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.files = hard if hard != resource.RLIM_INFINITY else 65536
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.sockets = ExitStack()
        self.addCleanup(self.sockets.close)
        self.server = subprocess.Popen(
            [sys.executable, _loaded.__file__], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(self.end)
        assert self.server.stdout is not None
        self.port = int(self.server.stdout.readline())

    def end(self) -> None:
        if self.server.poll() is None:
            self.server.kill()
        self.server.communicate()

    def connect(self, data: bytes = b"") -> socket.socket:
        """A connection on which this was sent."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.sockets.enter_context(client)
        client.sendall(data)
        return client

    def memory(self) -> int:
        """The bytes that the server has for itself."""
        try:
            status = Path(f"/proc/{self.server.pid}/status").read_text()
        except FileNotFoundError:
            raise SkipTest("this system does not tell what memory a process has")
        match = re.search(r"RssAnon:\s*(\d+)", status)
        if match is None:
            raise SkipTest("this system does not tell what memory a process has")
        return int(match[1]) * 1024

    def untilClosed(self, client: socket.socket) -> bytes:
        """What comes until the server closes the connection, or breaks it off."""
        received = b""
        while True:
            try:
                data = client.recv(65536)
            except ConnectionResetError:
                return received
            if not data:
                return received
            received += data

    def test_slowloris(self) -> None:
        """Thousands of clients that never finish their headers do not keep others waiting."""
        for _ in range(min(5000, self.files - SPARE_FILES)):
            self.connect(b"GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        client = self.connect()
        for _ in range(100):
            client.sendall(GET % b"/hello")
            self.assertTrue(client.recv(4096).endswith(b"\r\n\r\nhello"))

    def test_largeUpload(self) -> None:
        """A body is never in memory as a whole, however fast it comes and slowly it is read."""
        piece, count = bytes(1024 * 1024), 256
        client = self.connect(
            b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (len(piece) * count)
        )
        for _ in range(8):
            client.sendall(piece)
        before = self.memory()
        for _ in range(8, count):
            client.sendall(piece)
        self.assertLess(self.memory() - before, 8 * len(piece))
        self.assertTrue(client.recv(4096).endswith(b"\r\n\r\n%d" % (len(piece) * count)))

    def test_slowReader(self) -> None:
        """A client that asks for much and reads nothing is not read from for ever."""
        client = self.connect()
        before = self.memory()
        client.setblocking(False)
        requests, sent = GET % b"/hello" * 1000, 0
        with self.assertRaises(BlockingIOError):
            while sent < 64 * 1024 * 1024:
                sent += client.send(requests)
        self.assertLess(self.memory() - before, 8 * 1024 * 1024)

    def test_stop(self) -> None:
        """Responses that end in time are sent, others are broken off, and the server ends."""
        ending = [self.connect(GET % b"/begun?end=1") for _ in range(100)]
        endless = [self.connect(GET % b"/begun") for _ in range(100)]
        idle = self.connect(GET % b"/hello")
        for client in (*ending, *endless, idle):
            self.assertIn(b"HTTP/1.1 200 OK", client.recv(4096))
        self.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.untilClosed(idle), b"")
        for client in ending:
            self.assertTrue(self.untilClosed(client).endswith(b"6\r\nended.\r\n0\r\n\r\n"))
        for client in endless:
            self.assertFalse(self.untilClosed(client).endswith(b"0\r\n\r\n"))
        self.assertEqual(self.server.wait(PATIENCE), 0)
