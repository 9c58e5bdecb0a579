"""The system's log, for real: what twistd says, read from the socket that the log daemon has."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile

from twisted.application.test._daemons import ECHO, PATIENCE, DaemonCase, Foreground, command
from twisted.trial import unittest

#: Run a command with another /dev, which is seen by it alone.
_ELSEWHERE = """
touch "$0/null" && mount --bind /dev/null "$0/null" && mount --rbind "$0" /dev && exec "$@"
"""


class SyslogTests(DaemonCase):
    """With --syslog."""

    def setUp(self) -> None:
        super().setUp()
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            raise unittest.SkipTest("only root, on Linux, can have a /dev of its own")
        # The path of a socket has to be short.
        self.devices = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.devices)
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.log.close)
        self.log.bind(os.path.join(self.devices, "log"))
        self.log.settimeout(PATIENCE)
        self.elsewhere = ["unshare", "--mount", "sh", "-c", _ELSEWHERE, self.devices]
        done = subprocess.run([*self.elsewhere, "true"], capture_output=True, check=False)
        if done.returncode:
            raise unittest.SkipTest(f"there is no mounting here: {done.stderr.decode()}")

    def heardUntil(self, last: str) -> list[str]:
        """The entries that the log gets, up to one that has some text."""
        entries: list[str] = []
        while not entries or last not in entries[-1]:
            entries.append(self.log.recv(65536).decode())
        return entries

    def test_foreground(self) -> None:
        """It gets everything, under the prefix, with the priority that goes with it."""
        self.write(
            "echo.tac",
            ECHO + "from twisted.logger import Logger\nfrom twisted.internet import reactor\n"
            "reactor.callWhenRunning(Logger().error, 'two\\nlines')\n",
        )
        words = command("twistd", "--syslog", "--prefix", "frog", "-ny", "echo.tac")
        program = Foreground(self, [*self.elsewhere, *words], {})
        entries = self.heardUntil("Running as process")
        program.process.send_signal(signal.SIGTERM)
        entries += self.heardUntil("Server Shut Down")
        self.assertEqual(program.end(), (0, ""))
        self.assertEqual(program.said, "")
        self.assertFalse(os.path.exists(self.path("twistd.log")))
        # user.info is 8 + 6, user.err 8 + 3 (RFC 3164, 4.1.1).
        pattern = r"^<1[14]>\w+ +\d+ [\d:]+ frog: "
        for entry in entries:
            self.assertRegex(entry, pattern)
        [two] = [entry for entry in entries if "two" in entry]
        self.assertTrue(two.startswith("<11>"), two)
        self.assertIn("frog: \tlines", "".join(entries))

    def test_lost(self) -> None:
        """A daemon whose own log is full says so there, once, and goes on."""
        self.write("echo.tac", ECHO)
        words = command("twistd", "-y", "echo.tac", "-l", "/dev/full")
        full = 'mknod "$0/full" c 1 7 && '
        elsewhere = [*self.elsewhere[:4], full + _ELSEWHERE.strip(), self.devices]
        done = subprocess.run(
            [*elsewhere, *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        self.assertEqual(done.returncode, 0)
        # As long as there is a terminal, it is told as well.
        self.assertEqual(done.stderr.count("cannot be written"), 1)
        [entry] = self.heardUntil("cannot be written")
        self.assertIn("No space left", entry)
        self.stop(int(self.read("twistd.pid")))
        self.log.setblocking(False)
        self.assertRaises(BlockingIOError, self.log.recv, 65536)
