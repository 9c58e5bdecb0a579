"""The demonstration server as tests run it: a process of its own, on ports of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import xmlrpc.client
from typing import Any, ClassVar

from twisted.protocols.test._programs import EXAMPLES, PATIENCE
from twisted.trial import unittest

FOLDER = EXAMPLES / "demo"
TWISTD = "import sys; sys.argv[0] = 'twistd'; from twisted.scripts.twistd import run; run()"
PORTS = ("finger", "web", "https", "pb", "irc")


class Demo:
    """The server as a process of its own, on ports that the system has chosen."""

    def __init__(self, *arguments: object) -> None:
        words = [word for name in PORTS for word in (f"--{name}", "0")]
        self.process = start("finger", *words, *arguments)
        assert self.process.stdout is not None
        opening = b""
        while not opening.endswith(b"Ctrl-C stops it.\n"):
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(opening + self.process.communicate()[1])
            opening += line
        self.opening = opening.decode()
        self.commands = dict(re.findall(r"^  (\S+) +(.*)$", self.opening, re.MULTILINE))
        self.port = {
            "finger": self._number(r"nc localhost (\d+)", "Finger"),
            "web": self._number(r":(\d+)/", "Web"),
            "https": self._number(r":(\d+)/", "HTTPS"),
            "pb": self._number(r"pb (\d+)", "PB"),
            "irc": self._number(r"nc localhost (\d+)", "IRC"),
        }

    def _number(self, pattern: str, what: str) -> int:
        found = re.search(pattern, self.commands[what])
        assert found is not None
        return int(found[1])

    def stop(self) -> str:
        """Interrupt it; all that it said."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=PATIENCE)
        assert (self.process.returncode, err) == (0, b""), (self.process.returncode, out, err)
        return self.opening + out.decode()

    def exchange(self, question: bytes, what: str = "finger") -> bytes:
        """Send a question and wait for the server to hang up; what it says before it does."""
        with socket.create_connection(("127.0.0.1", self.port[what]), PATIENCE) as connection:
            connection.sendall(question)
            return connection.makefile("rb").read()


def start(*arguments: object) -> subprocess.Popen[bytes]:
    """Run twistd as `make demo` does."""
    # If the tests run in the background of a script, interrupts are ignored, and the program would
    # inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", TWISTD, "--nodaemon", "--pidfile=", *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(FOLDER)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    finally:
        signal.signal(signal.SIGINT, before)


class DemoCase(unittest.SynchronousTestCase):
    """Tests with one server for all of them."""

    demo: ClassVar[Demo]

    @classmethod
    def setUpClass(cls) -> None:
        if not FOLDER.is_dir():
            raise unittest.SkipTest(f"there is no {FOLDER}")
        cls.demo = Demo()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.demo.stop()

    @property
    def calls(self) -> Any:
        """The server for the standard library's XML-RPC."""
        return xmlrpc.client.ServerProxy(f"http://127.0.0.1:{self.demo.port['web']}/RPC2")

    def finger(self, name: str) -> str:
        """How someone is, by finger."""
        return self.demo.exchange(f"{name}\r\n".encode()).decode().removesuffix("\r\n")
