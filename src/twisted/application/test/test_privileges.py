"""Daemons that become other users, and have another root: what they can do then, and cannot."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

from twisted.application.test._daemons import NOISY, PATIENCE, DaemonCase
from twisted.trial import unittest

_NOBODY = "nobody"
#: A port that wants rights, and that nobody has a server on.
LOW_PORT = 4

#: What a server may come to need when it has run for some time.
FAR = """
import os
from twisted.application import service
from twisted.internet import error, protocol, reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.threads import deferToThread

def fail():
    {}["x"]

async def go():
    reactor.callLater(0, fail)
    print("resolved", await deferToThread(__import__("socket").gethostbyname, "127.0.0.1"))
    print("resolved", await reactor.resolve("127.0.0.1"), "x\u00fc".encode("idna"))
    try:
        reactor.spawnProcess(protocol.ProcessProtocol(), "/bin/true", ["true"])
    except (OSError, error.ProcessExitedAlready) as problem:
        print("no such program", problem)
    # After what is to fail.
    reactor.callLater(0, reactor.stop)

application = service.Application("far")
reactor.callWhenRunning(lambda: ensureDeferred(go()).addErrback(lambda f: os._exit(3)))
"""


class PrivilegeTests(DaemonCase):
    """Other users; for root alone."""

    def setUp(self) -> None:
        super().setUp()
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can become somebody else")
        self.nobody = pwd.getpwnam(_NOBODY)

    def heard(self, *arguments: object) -> dict[str, str]:
        """Who the process was when; by what the services say of themselves."""
        self.stop(self.daemon("-y", "noisy.tac", *arguments))
        said = re.findall(r"\] (privileged|start|stop) first (.*)", self.read("twistd.log"))
        return dict(said)

    def all(self, uid: int, gid: int, groups: list[int]) -> str:
        return f"{(uid,) * 3} {(gid,) * 3} {groups}"

    def test_shed(self) -> None:
        """After binding, all ids are the user's, the saved ones and the groups included."""
        self.write("noisy.tac", NOISY.format(extra=""))
        who = self.heard("--uid", _NOBODY)
        uid, gid = self.nobody.pw_uid, self.nobody.pw_gid
        self.assertTrue(who["privileged"].startswith("(0, 0, 0)"))
        expected = self.all(uid, gid, sorted(set(os.getgrouplist(_NOBODY, gid))))
        self.assertEqual((who["start"], who["stop"]), (expected, expected))

    def test_application(self) -> None:
        """The application may say who it is to be; the command line is stronger."""
        uid, gid = self.nobody.pw_uid, self.nobody.pw_gid
        self.write("noisy.tac", NOISY.format(extra=f", uid={uid}, gid={gid}"))
        self.assertIn(f"({uid}, {uid}, {uid})", self.heard()["start"])
        os.unlink(self.path("twistd.log"))
        self.assertIn("(1, 1, 1)", self.heard("-u", "1", "-g", "1")["start"])

    def test_effective(self) -> None:
        """With --euid the way back is kept."""
        self.write("noisy.tac", NOISY.format(extra=""))
        uid = self.nobody.pw_uid
        self.assertIn(f"(0, {uid}, 0)", self.heard("--uid", uid, "--euid")["start"])

    def test_pidFileStays(self) -> None:
        """A user who may not remove the pid file leaves one that is known to be stale."""
        self.write("noisy.tac", NOISY.format(extra=""))
        os.chmod(self.folder, 0o755)
        self.stop(self.daemon("-y", "noisy.tac", "--uid", _NOBODY))
        self.assertIn("will be found to be stale", self.read("twistd.log"))
        self.stop(self.daemon("-y", "noisy.tac", "--uid", _NOBODY))

    def test_mayNot(self) -> None:
        """Nobody cannot become root, nor listen below 1024 where that needs root."""
        # The folder of the tests is nothing for nobody.
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        os.chmod(self.write("noisy.tac", NOISY.format(extra="")), 0o644)
        uid, gid = self.nobody.pw_uid, self.nobody.pw_gid
        # Nobody may not be able to read the interpreter's own files.
        script = (
            "import os, sys, encodings.idna; from twisted.internet import reactor;"
            "from twisted.application import _daemonrunner, internet;"
            "from twisted.scripts.twistd import run;"
            f"os.setgroups([]); os.setgid({gid}); os.setuid({uid});"
            "sys.argv = ['twistd', '-ny', 'noisy.tac', '--pidfile=', *sys.argv[1:]]; run()"
        )

        def run(*more: str) -> str:
            done = subprocess.run(
                [sys.executable, "-c", script, *more],
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            self.assertEqual(done.returncode, 1)
            return done.stderr

        self.assertIn("cannot become user 0", run("--uid", "0"))
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as start:
            if int(start.read()) <= LOW_PORT:
                # Here, everybody may.
                return
        with open(self.path("noisy.tac"), "a") as tac:
            tac.write(
                "from twisted.application import internet\n"
                f"internet.TCPServer({LOW_PORT}, None).setServiceParent(application)\n"
            )
        self.assertIn(f"TCPServer failed: Couldn't listen on any:{LOW_PORT}: [Errno 13]", run())

    def test_unknown(self) -> None:
        said = self.refused("-y", "noisy.tac", "--uid", "nosuchuser")
        self.assertIn("--uid cannot be 'nosuchuser': there is no such user", said)

    def test_chroot(self) -> None:
        """The root changes, the pid file is still found."""
        self.write("noisy.tac", NOISY.format(extra="").replace("os.getresuid()", "os.listdir('/')"))
        os.mkdir(self.path("jail"))
        self.write("jail/only", "")
        who = self.heard("--chroot", self.path("jail"))
        self.assertTrue(who["start"].startswith("['only']"), who)
        self.assertFalse(os.path.exists(self.path("twistd.pid")))

    def test_chrootServes(self) -> None:
        """What is loaded late is there though its files are not: processes, names, tracebacks."""
        self.write("far.tac", FAR)
        os.mkdir(self.path("jail"))
        program = self.foreground("-ny", "far.tac", "--chroot", "jail", "--uid", _NOBODY)
        self.assertEqual(program.end()[0], 0, program.said)
        self.assertIn("resolved 127.0.0.1", program.said)
        self.assertIn("no such program", program.said)
        self.assertRegex(program.said, r"far\.tac\", line \d+, in fail\s+builtins.KeyError: 'x'")
        self.assertNotIn("No module named", program.said)
