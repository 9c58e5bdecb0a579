"""Run `twistd` for real: as a daemon or in the foreground, in a folder of its own."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from threading import Timer
from typing import Any

from twisted.trial import unittest

# Nothing here waits for time to pass; this is when something broken is given up, in seconds.
PATIENCE = 30

_COMMAND = "import sys; sys.argv[0] = {name!r}; from twisted.scripts.{name} import run; run()"

#: A server that answers with what it was sent, on a port that the system chooses.
ECHO = """
from twisted.application import service, strports
from twisted.internet import protocol
from twisted.protocols.wire import Echo

application = service.Application("echo")
strports.service(
    "tcp:0:interface=127.0.0.1", protocol.Factory.forProtocol(Echo)
).setServiceParent(application)
"""

#: An application whose parts write down what happens to them, and by whom.
NOISY = """
import os
from twisted.application import service
from twisted.internet import defer, reactor

class Noisy(service.Service):
    def privilegedStartService(self):
        self.say("privileged")
    def startService(self):
        super().startService()
        self.say("start")
    def stopService(self):
        super().stopService()
        self.say("stop")
    def say(self, what):
        print(what, self.name, os.getresuid(), os.getresgid(), sorted(os.getgroups()))

application = service.Application("noisy"{extra})
for name in ("first", "second"):
    part = Noisy()
    part.setName(name)
    part.setServiceParent(application)
"""


def command(name: str, *arguments: object) -> list[str]:
    """The command line of one of the commands that are to be tested."""
    # As from a script: the working directory is not on the path of modules.
    return [sys.executable, "-P", "-c", _COMMAND.format(name=name), *map(str, arguments)]


class DaemonCase(unittest.SynchronousTestCase):
    """Starts daemons in a folder, and hears of their end."""

    def setUp(self) -> None:
        self.folder = os.path.abspath(self.mktemp())
        os.mkdir(self.folder)
        self.addCleanup(self._kill)

    def path(self, name: str) -> str:
        """The path of a file in the folder."""
        return os.path.join(self.folder, name)

    def write(self, name: str, text: str) -> str:
        """Write a file in the folder; returns its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def read(self, name: str) -> str:
        """What is in a file of the folder."""
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run_(self, name: str, *arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command to the end of its first process, which is when a daemon has started."""
        return subprocess.run(
            command(name, *arguments),
            cwd=self.folder,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def daemon(self, *arguments: object, **env: str) -> int:
        """Start a daemon; returns its process id when it has started."""
        done = self.run_("twistd", *arguments, **env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return int(self.read("twistd.pid"))

    def refused(self, *arguments: object, command: str = "twistd", **env: str) -> str:
        """What is said in the one line of a start that fails."""
        done = self.run_(command, *arguments, **env)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith(f"{command}"), done.stderr)
        return done.stderr.rstrip("\n")

    def foreground(self, *arguments: object, name: str = "twistd", **env: str) -> Foreground:
        """Start a command in the foreground."""
        # In the background of a script interrupts are ignored, and programs inherit that.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return Foreground(self, command(name, *arguments), env)
        finally:
            signal.signal(signal.SIGINT, before)

    def port(self, log: str = "twistd.log") -> int:
        """The number of the port, from the log."""
        found = re.findall(r"starting on (\d+)", self.read(log))
        return int(found[-1])

    def stop(self, pid: int, number: int = signal.SIGTERM) -> None:
        """Send a signal to a daemon, and wait for its end."""
        try:
            descriptor = os.pidfd_open(pid)
        except (AttributeError, OSError):
            raise unittest.SkipTest("this system does not tell of the end of other processes")
        try:
            os.kill(pid, number)
            ready, _, _ = select.select([descriptor], [], [], PATIENCE)
        finally:
            os.close(descriptor)
        self.assertTrue(ready, "the daemon did not end")

    def _kill(self) -> None:
        with suppress(OSError, ValueError):
            os.kill(int(self.read("twistd.pid")), signal.SIGKILL)

    def ask(self, port: int, question: bytes) -> bytes:
        """Send something over TCP and hang up; all that comes back."""
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            connection.sendall(question)
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").read()


class Foreground:
    """A command that runs in the foreground, with its output in a pipe.

    Attributes:
        said: the lines of its output that were read.
    """

    def __init__(self, case: DaemonCase, words: list[str], env: dict[str, str]) -> None:
        self.said = ""
        self.process = subprocess.Popen(
            words,
            cwd=case.folder,
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        case.addCleanup(self.process.communicate)
        case.addCleanup(self.process.kill)

    def until(self, pattern: str) -> re.Match[str]:
        """Read the output until a line has something; returns what matches."""
        output: Any = self.process.stdout
        # A program that says nothing more would have the tests wait for ever.
        impatient = Timer(PATIENCE, self.process.kill)
        impatient.start()
        try:
            while line := output.readline():
                self.said += line
                found = re.search(pattern, line)
                if found is not None:
                    return found
        finally:
            impatient.cancel()
        raise AssertionError(f"no {pattern!r} in:\n{self.said}{self.process.communicate()[1]}")

    def type(self, line: str) -> None:
        """Write a line to its input."""
        stdin: Any = self.process.stdin
        stdin.write(f"{line}\n")
        stdin.flush()

    def end(self, number: int | None = None) -> tuple[int, str]:
        """Send a signal if there is one, and wait; returns the status and standard error."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        self.said += out
        return self.process.returncode, err
