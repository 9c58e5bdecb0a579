"""Run the example programs of the documentation, each in a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import twisted
from twisted.trial import unittest

EXAMPLES = Path(twisted.__file__).resolve().parents[2] / "docs" / "examples"

# Nothing here waits for time to pass; this is when a broken example is given up, in seconds.
PATIENCE = 20


class ExampleCase(unittest.SynchronousTestCase):
    """Runs the programs of one chapter; skipped where the documentation is not installed."""

    chapter = ""

    def setUp(self) -> None:
        if not EXAMPLES.is_dir():
            raise unittest.SkipTest(f"there is no {EXAMPLES}")

    def start(self, name: str, *arguments: object) -> subprocess.Popen[bytes]:
        """Begin to run a program."""
        path = EXAMPLES / self.chapter / name
        # If the tests run in the background of a script, interrupts are ignored, and the program
        # would inherit that.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            program = subprocess.Popen(
                [sys.executable, str(path), *map(str, arguments)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        finally:
            signal.signal(signal.SIGINT, before)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def finish(self, program: subprocess.Popen[bytes], interrupt: bool = False) -> str:
        """Wait for the end of a program, which has to be in good order; what it wrote."""
        if interrupt:
            program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=PATIENCE)
        self.assertEqual(err, b"")
        self.assertEqual(program.returncode, 0)
        return out.decode()

    def names(self) -> set[str]:
        """Every program of the chapter."""
        return {path.name for path in (EXAMPLES / self.chapter).glob("*.py")}


class ServerCase(ExampleCase):
    """Runs servers, and talks to them through plain sockets."""

    @contextmanager
    def server(self, name: str, *arguments: object) -> Iterator[int]:
        """Run a program, on the port that this gives, and interrupt it in the end."""
        program = self.start(name, 0, *arguments)
        assert program.stdout is not None
        said = program.stdout.readline().decode()
        if not said.startswith("Listening on port "):
            self.finish(program)
        yield int(said.split()[-1])
        self.finish(program, interrupt=True)

    def connect(self, port: int) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.addCleanup(connection.close)
        return connection

    def ask(self, port: int, question: bytes = b"") -> bytes:
        """Send something and hang up; all that comes back."""
        with self.connect(port) as connection:
            connection.sendall(question)
            if question:
                connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").read()

    def answer(self, connection: socket.socket, question: bytes, size: int) -> bytes:
        """Send something; the next `size` bytes that come back."""
        connection.sendall(question)
        return connection.makefile("rb", buffering=0).read(size) or b""

    def exchange(self, port: int, question: bytes) -> bytes:
        """Send a question and wait for the server to hang up; what it says before it does."""
        with self.connect(port) as connection:
            connection.sendall(question)
            return connection.makefile("rb").read()
