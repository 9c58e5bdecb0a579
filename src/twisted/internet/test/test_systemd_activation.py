"""Sockets that somebody else has opened: a real child, started as systemd starts it."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from typing import Any

from twisted.internet.test.test_examples_engine import (
    EXAMPLES,
    LOOPBACK,
    PATIENCE,
    EngineExampleCase,
)

ACTIVATOR = "systemd-socket-activate"

# Puts descriptors where sd_listen_fds(3) says that they are, from 3 on, and becomes the program,
# which is then the process that they are for.
LAUNCHER = """
import os, sys
pid, numbers, *program = sys.argv[1:]
for place, number in enumerate(numbers.split(), 3):
    os.dup2(int(number), place)
os.environ.update(LISTEN_PID=pid or str(os.getpid()), LISTEN_FDS=str(len(numbers.split())))
os.execv(sys.executable, [sys.executable, *program])
"""
# Above those that they are to become, so that none is overwritten.
FIRST_NUMBER = 100


class ActivationTests(EngineExampleCase):
    """The program is given sockets that listen already."""

    chapter = "systemd"

    def launch(self, *command: str, passed: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        """Start a command that ends with the test at the latest."""
        program = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=passed
        )
        late = threading.Timer(PATIENCE, program.kill)
        late.start()
        self.addCleanup(late.cancel)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        return program

    def activate(self, *sockets: socket.socket, pid: str = "") -> subprocess.Popen[bytes]:
        """Start the program with these sockets as its descriptors from 3 on."""
        numbers = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, FIRST_NUMBER) for one in sockets]
        try:
            return self.launch(
                *(sys.executable, "-c", LAUNCHER),
                *(pid, " ".join(map(str, numbers)), self.path("echo.py")),
                passed=tuple(numbers),
            )
        finally:
            for number in numbers:
                os.close(number)

    def path(self, name: str) -> str:
        return str(EXAMPLES / self.chapter / name)

    def listen(self, family: socket.AddressFamily = socket.AF_INET) -> socket.socket:
        """A socket as systemd opens it."""
        listening = socket.socket(family)
        self.addCleanup(listening.close)
        listening.bind(self.shortPath() if family == socket.AF_UNIX else (LOOPBACK, 0))
        listening.listen()
        return listening

    def shortPath(self) -> str:
        """A path that the address of a socket has room for."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        return os.path.join(folder, "socket")

    def assertEchoes(self, family: socket.AddressFamily, address: Any) -> None:
        """A client is answered."""
        with socket.socket(family) as client:
            client.settimeout(PATIENCE)
            client.connect(address)
            client.sendall(b"hello")
            self.assertEqual(client.recv(100), b"hello")

    def end(self, program: subprocess.Popen[bytes]) -> bytes:
        """Have a program end in good order; what it has complained about."""
        program.terminate()
        out, err = program.communicate(timeout=PATIENCE)
        self.assertEqual((program.returncode, out), (0, b""), err)
        return err

    def test_all(self) -> None:
        self.assertChapter("echo.py")

    def test_echo(self) -> None:
        """A client that connected before there was a server is served as well."""
        listening = self.listen()
        with socket.create_connection(listening.getsockname(), PATIENCE) as early:
            early.sendall(b"anybody?")
            program = self.activate(listening)
            listening.close()
            self.assertEqual(early.recv(100), b"anybody?")
            self.assertEchoes(socket.AF_INET, early.getpeername())
        self.assertEqual(self.end(program), b"")

    def test_several(self) -> None:
        """Each socket is adopted as what it is."""
        tcp, unix = self.listen(), self.listen(socket.AF_UNIX)
        program = self.activate(tcp, unix)
        self.assertEchoes(socket.AF_INET, tcp.getsockname())
        self.assertEchoes(socket.AF_UNIX, unix.getsockname())
        self.assertEqual(self.end(program), b"")
        # The socket is systemd's, which goes on to listen.
        self.assertTrue(os.path.exists(unix.getsockname()))

    def test_somebodyElses(self) -> None:
        """Descriptors that are meant for another process are left alone."""
        program = self.activate(self.listen(), pid="1")
        _, err = program.communicate(timeout=PATIENCE)
        self.assertEqual(program.returncode, 1)
        self.assertIn(b"no socket was handed over", err)

    def test_systemd(self) -> None:
        """The tool of systemd starts it when the first client comes."""
        tool = shutil.which(ACTIVATOR)
        if tool is None:
            self.skipTest(f"there is no {ACTIVATOR}")
        path = self.shortPath()
        # It clears the environment.
        modules = f"PYTHONPATH={os.pathsep.join(filter(None, sys.path))}"
        program = self.launch(tool, "-l", path, "-E", modules, sys.executable, self.path("echo.py"))
        assert program.stderr is not None
        self.assertIn(b"Listening on", program.stderr.readline())
        self.assertEchoes(socket.AF_UNIX, path)
        self.end(program)
