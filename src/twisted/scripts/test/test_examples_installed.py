"""Section 2.16.3 whole: the finger service of the tutorial as a package of Debian's."""

from __future__ import annotations

import shlex

from twisted.application.test._listings import ports
from twisted.scripts.test._machine import TWISTD, MachineCase
from twisted.web.test._fingersites import SiteCase

NAME = "twisted-simple-finger"
LOG = f"/var/log/twistd/{NAME}/{NAME}.log"
PIDFILE = f"/run/{NAME}.pid"
#: Where the package `finger` is that the application imports.
MODULES = "/opt/finger"


class FingerTests(SiteCase, MachineCase):
    """It is built, installed, asked by all that it speaks, and removed."""

    programs = ("dpkg", "dpkg-deb")

    def setUp(self) -> None:
        super().setUp()
        # As if nothing were installed, for to read of all that there is takes most of the time.
        self.there("mount", "-t", "tmpfs", "packages", "/var/lib/dpkg")
        self.there("mkdir", "/var/lib/dpkg/info", "/var/lib/dpkg/updates", MODULES)
        self.there("touch", "/var/lib/dpkg/status", "/var/lib/dpkg/available")
        self.copyThere("/etc/users", self.users)
        package = self.examples / "finger"
        for path in package.rglob("*.*"):
            if path.suffix in (".py", ".html"):
                there = f"{MODULES}/finger/{path.relative_to(package)}"
                self.there("mkdir", "-p", there.rpartition("/")[0])
                self.copyThere(there, path.read_text("utf-8"))
        # What the init script starts finds them, and takes ports that are free.
        del self.env["USERS"]
        self.env["PYTHONPATH"] = MODULES
        words = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in self.env.items())
        wrapper = self.there("cat", TWISTD).replace("PYTHONPATH=", "PYTHONPATH=$PYTHONPATH:")
        self.copyThere(TWISTD, wrapper.replace("\n", f"\n{words}", 1), "755")

    def test_life(self) -> None:
        """The service runs from the installation on, as user 1, until it is removed."""
        options = ("--unsigned", "--maintainer", "Foo <foo@example.com>", "--type=python")
        given = ("--twistd", TWISTD, "--requires", "", "--output", self.folder)
        done = self.run_("tap2deb", *options, *given, self.listing("simple-finger.tac"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        said = self.there("dpkg", "--install", done.stdout.splitlines()[0])
        self.assertNotIn("did not start", said)
        pid = self.there("cat", PIDFILE).strip()
        self.assertEqual(self.there("stat", "--format=%u %g", f"/proc/{pid}"), "1 1\n")
        port, web, broker = ports(self.there("cat", LOG))
        self.checkFile(port)
        self.checkTree(web, "finger-installed")
        self.checkBot("Status of {}: {}")
        self.checkCalls(web, users=True)
        self.checkBroker(broker)
        self.there("dpkg", "--purge", NAME)
        self.assertEnded(pid)
        self.assertEqual(self.found(NAME), [])
