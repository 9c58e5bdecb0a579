"""finger11 as section 2.6.13 runs it: the options of `twistd`, and who the process is then."""

from __future__ import annotations

import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from twisted.application.test._daemons import PATIENCE
from twisted.application.test._listings import OURSELVES, ListingCase, chapter, ports
from twisted.trial import unittest

#: Ports that want rights; one that is free is looked for among them.
LOW_PORTS = range(600, 1024)
FINGER_PORT = 79

#: Runs a listing where the system's log is a file.
WITH_SYSLOG = """
import runpy, syslog

def openlog(ident, *others):
    global identity
    identity = ident

def write(priority, message):
    with open("syslog", "a") as entries:
        entries.write(f"{{identity}}: {{message}}\\n")

syslog.openlog, syslog.syslog = openlog, write
application = runpy.run_path({listing!r})["application"]
"""

#: Becomes nobody, who may not be able to read the interpreter's own files later on.
AS_NOBODY = """
import encodings.idna, os, pwd, sys
from twisted.application import _daemonrunner, internet
from twisted.internet import reactor
from twisted.protocols import basic
from twisted.scripts.twistd import run
nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
sys.argv[0] = "twistd"
run()
"""


class Finger11Case(ListingCase):
    """Runs finger11."""

    def setUp(self) -> None:
        super().setUp()
        if not os.path.exists("/proc/self/status"):
            raise unittest.SkipTest("this system does not tell what processes are")
        self.listing = os.fspath(chapter("ch02_finger") / "finger11.tac")
        self.env = {"FINGER": "0"}

    @contextmanager
    def running(
        self, *words: object, pidfile: str = "twistd.pid", log: str = "twistd.log"
    ) -> Iterator[int]:
        """Run it as a daemon, see that it answers, and end it; gives its process id."""
        done = self.run_("twistd", "-y", self.listing, *words, **self.env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        pid = int(self.read(pidfile))
        self.addCleanup(self.kill, pidfile)
        [port] = ports(self.read(log))
        self.assertEqual(self.exchange(port), b"Happy and well\r\n")
        yield pid
        self.stop(pid)

    def kill(self, pidfile: str) -> None:
        """End a daemon that a test which failed has left."""
        if os.path.exists(self.path(pidfile)):
            os.kill(int(self.read(pidfile)), signal.SIGKILL)

    def exchange(self, port: int) -> bytes:
        """Ask it for its user."""
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            connection.sendall(b"moshez\r\n")
            return connection.makefile("rb").read()

    def rootAlone(self, because: str) -> None:
        if os.geteuid() != 0:
            raise unittest.SkipTest(f"only root can {because}")


class OptionTests(Finger11Case):
    """Each option that the section has; -ny and -y are those of all listings."""

    def test_pidFile(self) -> None:
        with self.running(*OURSELVES, "--pidfile=finger.pid", pidfile="finger.pid"):
            self.assertFalse(os.path.exists(self.path("twistd.pid")))
        self.assertEqual(os.listdir(self.folder), ["twistd.log"])

    def test_runDirectory(self) -> None:
        """It runs there; the log and the pid file stay where it was started."""
        with self.running(*OURSELVES, "--rundir=/") as pid:
            self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/")
        self.assertEqual(os.listdir(self.folder), ["twistd.log"])

    def test_chroot(self) -> None:
        """It sees nothing of the machine but that directory, and answers."""
        self.rootAlone("change the root")
        jail = self.path("var")
        os.mkdir(jail)
        with self.running(f"--chroot={jail}") as pid:
            self.assertEqual(os.readlink(f"/proc/{pid}/root"), jail)
        self.assertEqual(os.listdir(jail), [])

    def test_logFile(self) -> None:
        os.mkdir(self.path("log"))
        with self.running(*OURSELVES, "-l", "log/finger.log", log="log/finger.log"):
            pass
        self.assertIn("Server Shut Down.", self.read("log/finger.log"))
        self.assertEqual(os.listdir(self.folder), ["log"])

    def test_syslog(self) -> None:
        """The system's log gets it, under the given prefix or as "twisted"."""
        self.listing = self.write("logged.tac", WITH_SYSLOG.format(listing=self.listing))
        for words, prefix in (([], "twisted"), (["--prefix=twistedfinger"], "twistedfinger")):
            with self.running(*OURSELVES, "--syslog", *words, log="syslog"):
                self.assertFalse(os.path.exists(self.path("twistd.log")))
            entries = self.read("syslog").splitlines()
            self.assertIn(f"{prefix}: [-] FingerFactory starting on ", self.read("syslog"))
            self.assertEqual([one for one in entries if not one.startswith(f"{prefix}: ")], [])
            os.unlink(self.path("syslog"))


class PrivilegeTests(Finger11Case):
    """Root binds the port, and user 1 answers."""

    def identities(self, pid: int) -> dict[str, list[int]]:
        """The real, effective, saved and file system ids of a process, and its groups."""
        with open(f"/proc/{pid}/status") as status:
            found = re.findall(r"^(Uid|Gid|Groups):(.*)$", status.read(), re.MULTILINE)
        return {name: [int(number) for number in numbers.split()] for name, numbers in found}

    def startedOn(self, port: int) -> int | None:
        """Start it as root on a port, for all that the listing asks; None if the port is taken."""
        done = self.run_("twistd", "-y", self.listing, **{**self.env, "FINGER": str(port)})
        if "Address already in use" in done.stderr:
            return None
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return int(self.read("twistd.pid"))

    def stopped(self, pid: int) -> None:
        """Stop it: user 1 may not remove what root has made, which the log says."""
        self.stop(pid)
        self.assertIn("will be found to be stale", self.read("twistd.log"))
        os.unlink(self.path("twistd.pid"))

    def test_shed(self) -> None:
        """All ids are those of user 1 when it answers, and there is no way back."""
        self.rootAlone("listen on a low port and become another user")
        # The folder of the tests may be open to user 1, who could then remove the pid file.
        os.chmod(self.folder, 0o755)
        free = (port for port in random.sample(LOW_PORTS, 10))
        port, pid = next((port, pid) for port in free if (pid := self.startedOn(port)) is not None)
        self.assertEqual(self.exchange(port), b"Happy and well\r\n")
        groups = sorted(set(os.getgrouplist(pwd.getpwuid(1).pw_name, 1)))
        self.assertEqual(self.identities(pid), {"Uid": [1] * 4, "Gid": [1] * 4, "Groups": groups})
        self.stopped(pid)

    def test_finger(self) -> None:
        """The program that the protocol is for, which knows one port alone."""
        self.rootAlone("listen on the port of finger")
        if shutil.which("finger") is None:
            raise unittest.SkipTest("there is no finger")
        os.chmod(self.folder, 0o755)
        pid = self.startedOn(FINGER_PORT)
        if pid is None:
            raise unittest.SkipTest("somebody else listens on the port of finger")
        self.assertIn(b"Happy and well", self.program("finger", "moshez@127.0.0.1"))
        self.assertIn(b"No such user", self.program("finger", "shawn@127.0.0.1"))
        self.stopped(pid)

    def asUser(self, port: int) -> str:
        """What a user hears who runs it: one line, and status 1."""
        self.env["FINGER"] = str(port)
        if os.geteuid() != 0:
            return self.refused("-ny", self.listing, "--pidfile=", **self.env)
        # Nobody may not be able to read the folder of the tests, nor that of the listing.
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        os.chmod(shutil.copy(self.listing, folder), 0o644)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, "-ny", "finger11.tac", "--pidfile="],
            cwd=folder,
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        return done.stderr.rstrip("\n")

    def test_asUser(self) -> None:
        """A user may not become user 1, nor listen on a low port where that needs rights."""
        self.assertEqual(
            self.asUser(0),
            "twistd: starting the application failed: "
            "this process cannot become user 1, group 1: Operation not permitted",
        )
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as start:
            if int(start.read()) > FINGER_PORT:
                said = self.asUser(FINGER_PORT)
                self.assertIn("starting the service TCPServer failed: ", said)
                self.assertIn(f":{FINGER_PORT}: [Errno 13] Permission denied", said)
