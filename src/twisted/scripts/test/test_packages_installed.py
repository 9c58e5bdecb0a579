"""Packages of applications do what they are for: where they are installed, a service runs."""

from __future__ import annotations

import re

from twisted.application.test._daemons import ECHO
from twisted.scripts.test._machine import TWISTD, MachineCase

NAME = "twisted-echo"
LOG = f"/var/log/twistd/{NAME}/{NAME}.log"
INIT = f"/etc/init.d/{NAME}"
PIDFILE = f"/run/{NAME}.pid"
MAINTAINER = "Foo <foo@example.com>"


class InstalledCase(MachineCase):
    """Builds packages around an echo server, and tries them."""

    command = ""
    #: Where options of services are.
    defaults = ""

    def setUp(self) -> None:
        super().setUp()
        self.tac = self.write("echo.tac", ECHO)

    def build(self, *options: object) -> str:
        """Build a package; returns its path."""
        given = ("--unsigned", "--twistd", TWISTD, "--requires", "", "--output", self.folder)
        arguments = (*given, "--maintainer", MAINTAINER, *options, self.tac)
        done = self.run_(self.command, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()[0]

    def pid(self) -> str:
        """The number of the process that the service has, which answers."""
        pid = self.there("cat", PIDFILE).strip()
        port = re.findall(r"starting on (\d+)", self.there("cat", LOG))[-1]
        self.assertEqual(self.ask(int(port), b"hello"), b"hello")
        self.assertIn(f"runs as process {pid}", self.there(INIT, "status"))
        return pid

    def assertRotates(self, pid: str) -> None:
        """logrotate gives the log another name, and the service begins a new one."""
        self.there("logrotate", "--force", f"/etc/logrotate.d/{NAME}")
        # The signal is heard before the next one.
        self.there(INIT, "restart")
        moved = [path for path in self.found(f"{NAME}.log") if path.startswith(f"{LOG}-")]
        self.assertEqual(len(moved), 1)
        self.assertIn("Running as process", self.there("cat", moved[0]))
        self.assertIn("Server Shut Down", self.there("cat", LOG))
        self.assertNotEqual(self.pid(), pid)


class DebianTests(InstalledCase):
    """By dpkg."""

    programs = ("dpkg", "dpkg-deb", "logrotate")
    command = "tap2deb"
    defaults = f"/etc/default/{NAME}"

    def setUp(self) -> None:
        super().setUp()
        # As if nothing were installed, for to read of all that there is takes most of the time.
        self.there("mount", "-t", "tmpfs", "packages", "/var/lib/dpkg")
        self.there("mkdir", "/var/lib/dpkg/info", "/var/lib/dpkg/updates")
        self.there("touch", "/var/lib/dpkg/status", "/var/lib/dpkg/available")

    def test_life(self) -> None:
        """A package is installed, upgraded, removed and purged."""
        said = self.there("dpkg", "--install", self.build())
        self.assertNotIn("did not start", said)
        pid = self.pid()
        self.assertRotates(pid)
        pid = self.pid()

        self.copyThere(self.defaults, "OPTIONS='--reactor poll'\n")
        newer = self.build("--set-version", "1.1")
        self.there("dpkg", "--force-confold", "--install", newer)
        self.assertEnded(pid)
        pid = self.pid()
        self.assertEqual(self.there("cat", self.defaults), "OPTIONS='--reactor poll'\n")
        self.assertIn("PollReactor", self.there("cat", LOG))

        self.there("dpkg", "--remove", NAME)
        self.assertEnded(pid)
        self.assertFalse(self.exists(PIDFILE))
        self.assertEqual(self.there("cat", self.defaults), "OPTIONS='--reactor poll'\n")
        self.assertEqual(self.there("cat", f"/etc/{NAME}/application.tac"), ECHO)
        self.assertTrue(self.exists(LOG))
        self.assertEqual(self.there(INIT, "start"), "")
        self.assertFalse(self.exists(PIDFILE))

        self.there("dpkg", "--purge", NAME)
        self.assertEqual(self.found(NAME), [])
        self.assertFalse(self.exists("/var/lib/twistd"))
        self.assertFalse(self.exists("/var/log/twistd"))

    def test_policy(self) -> None:
        """Where services are not to be started, none is."""
        self.copyThere("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", "755")
        self.there("dpkg", "--install", self.build())
        self.assertFalse(self.exists(PIDFILE))
        self.assertEqual(self.there(INIT, "status", status=3), f"{NAME} does not run\n")
        self.there("dpkg", "--purge", NAME)
        self.assertEqual(self.found(NAME), [])

    def test_chroot(self) -> None:
        """It is started in a chroot, too."""
        self.there("mount", "--rbind", "/", "/mnt")
        self.there("chroot", "/mnt", "dpkg", "--install", self.build())
        pid = self.pid()
        self.there("chroot", "/mnt", "dpkg", "--remove", NAME)
        self.assertEnded(pid)

    def test_cannotStart(self) -> None:
        """A service that cannot start does not spoil the package, and the reason is told."""
        self.tac = self.write("echo.tac", f"{ECHO}\nraise ValueError('not today')\n")
        said = self.there("dpkg", "--install", self.build())
        self.assertIn("ValueError: not today", said)
        self.assertIn(f"{NAME} did not start", said)
        status = self.there("dpkg-query", "--show", "--showformat=${Status}", NAME)
        self.assertEqual(status, "install ok installed")
        self.there("rm", TWISTD)
        said = self.there(INIT, "start", status=5)
        self.assertEqual(said, f"{NAME} cannot start: there is no {TWISTD}; install Torsion\n")

    def test_initScript(self) -> None:
        """It is careful with the pid file."""
        self.there("dpkg", "--install", self.build())
        pid = self.pid()
        self.assertEqual(self.there(INIT, "start"), f"{NAME} runs already, as process {pid}\n")
        self.assertEqual(self.there(INIT, "other", status=2).count("{start|stop|restart"), 1)
        self.there("kill", "-KILL", pid)
        said = self.there(INIT, "status", status=1)
        self.assertEqual(said, f"{NAME} does not run, but there is {PIDFILE}\n")
        # The number belongs to another process now: the one that keeps this machine.
        for content in ("1\n", "", "-1\n", "none\n"):
            self.copyThere(PIDFILE, content)
            self.there(INIT, "stop")
            self.there(INIT, "status", status=1)
        self.there("rm", PIDFILE)
        self.there(INIT, "force-reload")
        self.pid()

    def test_user(self) -> None:
        """A service that gives up root is stopped, and begins a new log in its own folder."""
        self.tac = self.write("echo.tac", ECHO.replace('"echo"', '"echo", uid=1, gid=1'))
        self.there("dpkg", "--install", self.build())
        pid = self.pid()
        self.assertEqual(self.there("stat", "--format=%u %g", f"/proc/{pid}"), "1 1\n")
        self.there("chown", "-R", "1:1", f"/var/log/twistd/{NAME}")
        self.assertRotates(pid)
        self.there("dpkg", "--remove", NAME)
        self.assertFalse(self.exists(PIDFILE))

    def test_folders(self) -> None:
        """The pid file and the folder may be elsewhere; what is not the package's own stays."""
        self.there("mkdir", "/srv/echo")
        package = self.build("--pidfile", "/srv/echo.pid", "--rundir", "/srv/echo")
        self.there("dpkg", "--install", package)
        pid = self.there("cat", "/srv/echo.pid").strip()
        self.assertEqual(self.there("readlink", f"/proc/{pid}/cwd"), "/srv/echo\n")
        self.there("dpkg", "--purge", NAME)
        self.assertEqual(self.there("ls", "/srv"), "echo\n")


class RPMTests(InstalledCase):
    """By rpm; on Debian it has to be told twice."""

    programs = ("rpm", "rpmbuild", "logrotate")
    command = "tap2rpm"
    defaults = f"/etc/sysconfig/{NAME}"

    def rpm(self, *arguments: str) -> str:
        """Run rpm on the machine."""
        debian = ["--force-debian"] if self.exists("/etc/debian_version") else []
        return self.there("rpm", *debian, *arguments)

    def test_life(self) -> None:
        """A package is installed, upgraded and removed."""
        said = self.rpm("--install", "--nodeps", self.build())
        self.assertNotIn("did not start", said)
        pid = self.pid()
        self.assertRotates(pid)
        pid = self.pid()
        self.copyThere(self.defaults, "OPTIONS='--reactor poll'\n")
        newer = self.build("--set-version", "1.1")
        self.rpm("--upgrade", "--nodeps", newer)
        self.assertEnded(pid)
        pid = self.pid()
        self.assertIn("PollReactor", self.there("cat", LOG))
        self.rpm("--erase", NAME)
        self.assertEnded(pid)
        self.assertFalse(self.exists(PIDFILE))
        # What the administrator has written stays, and so do logs.
        saved = f"{self.defaults}.rpmsave"
        self.assertEqual(self.there("cat", saved), "OPTIONS='--reactor poll'\n")
        self.assertTrue(self.exists(LOG))
        self.assertFalse(self.exists(INIT))
        self.assertFalse(self.exists(f"/etc/{NAME}"))
