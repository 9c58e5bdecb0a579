"""What section 2.16 shows runs: the finger service saved, and packaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from twisted.application.test._daemons import PATIENCE, DaemonCase
from twisted.protocols.test._programs import EXAMPLES
from twisted.trial import unittest


class ExampleTests(DaemonCase):
    def setUp(self) -> None:
        super().setUp()
        self.examples = EXAMPLES / "ch02_packaging"
        if not self.examples.is_dir():
            raise unittest.SkipTest(f"there is no {self.examples}")

    def test_mktap(self) -> None:
        """The commands of section 2.16.2, for another file and another port."""
        users = self.write("users", "moshez: happy and well\n")
        env = {"PYTHONPATH": os.fspath(EXAMPLES / "ch02_finger")}
        ports = ("--port=0", "--webport=0", "--pbport=0")
        made = self.run_("mktap", "finger", f"--file={users}", *ports, **env)
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        program = self.foreground("-nf", "finger.tap", **env)
        port = int(program.until(r"starting on (\d+)")[1])
        self.assertEqual(self.ask(port, b"moshez\r\n"), b"happy and well\r\n")
        program.end(15)

    def test_packages(self) -> None:
        """Those of section 2.16.3."""
        missing = [name for name in ("dpkg-deb", "rpmbuild") if shutil.which(name) is None]
        if missing:
            raise unittest.SkipTest(f"not installed: {', '.join(missing)}")
        tac = self.examples / "finger.tac"
        options = ("--unsigned", "-m", "Foo <foo@example.com>", "--type=python", tac)
        built = self.run_("tap2deb", *options).stdout.split()
        self.assertEqual(built[0], ".build/twisted-finger_1.0_all.deb")
        built = self.run_("tap2rpm", "--unsigned", "--type=python", tac).stdout.split()
        self.assertEqual(built[0], "twisted-finger-1.0-1.noarch.rpm")

    def test_finger(self) -> None:
        """What is packaged answers; as a user it stays who it is."""
        # Root would become a user who may not read this Python.
        user = ("--uid", os.geteuid(), "--gid", os.getegid())
        pid = self.daemon(*user, "-y", self.examples / "finger.tac", PORT="0")
        self.assertEqual(self.ask(self.port(), b"shawn\r\n"), b"Alive\r\n")
        self.stop(pid)

    def test_save(self) -> None:
        """Each file runs."""
        program = [sys.executable, os.fspath(self.examples / "save.py")]
        subprocess.run(program, cwd=self.folder, timeout=PATIENCE, check=True)
        for option, extension in (("-f", "tap"), ("-s", "tas"), ("-x", "tax")):
            pid = self.daemon("-o", option, f"echo.{extension}")
            self.assertEqual(self.ask(self.port(), b"hello"), b"hello")
            self.stop(pid)
