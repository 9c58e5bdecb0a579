"""Pid files: which are stale, which are not to be trusted."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys

from twisted.application._pidfile import PidFile, PidFileError
from twisted.trial import unittest

_WAIT = "import sys; sys.stdin.read()"


class PidFileTests(unittest.SynchronousTestCase):
    """One file, in all the states that it may be in."""

    def child(self) -> subprocess.Popen[bytes]:
        """A process that runs until its input ends."""
        return subprocess.Popen([sys.executable, "-c", _WAIT], stdin=subprocess.PIPE)

    def setUp(self) -> None:
        self.folder = os.path.abspath(self.mktemp())
        os.mkdir(self.folder)
        self.path = os.path.join(self.folder, "some.pid")
        self.file = PidFile(self.path)
        self.addCleanup(os.close, self.file._folder)

    def contain(self, text: object) -> None:
        with open(self.path, "w") as file:
            file.write(str(text))

    def refused(self) -> str:
        """Why it cannot be used; it is left as it was."""
        error = str(self.assertRaises(PidFileError, self.file.check))
        self.assertIn(self.path, error)
        self.assertTrue(os.path.lexists(self.path))
        return error

    def test_written(self) -> None:
        """It has the number of this process, and nothing else is in the folder."""
        self.file.check()
        self.file.write()
        self.assertEqual(os.listdir(self.folder), ["some.pid"])
        with open(self.path) as file:
            self.assertEqual(file.read(), f"{os.getpid()}\n")
        self.file.remove()
        self.assertEqual(os.listdir(self.folder), [])
        self.file.remove()

    def test_runs(self) -> None:
        """A process that began before the file was written has written it."""
        self.contain(os.getppid())
        self.assertIn(f"names process {os.getppid()}", self.refused())

    def test_ours(self) -> None:
        """In a container a process has the number of the one before it."""
        self.contain(os.getpid())
        self.file.check()
        self.assertFalse(os.path.exists(self.path))

    def test_gone(self) -> None:
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
        )
        self.contain(child.pid)
        os.utime(self.path)
        self.assertIn("runs already", self.refused())
        child.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        if os.path.exists("/proc/self/stat"):
            # Dead, and nobody has asked for its status yet.
            self.file.check()
            self.contain(child.pid)
        child.communicate()
        self.file.check()
        self.assertFalse(os.path.exists(self.path))

    def test_otherProcess(self) -> None:
        """The number may be that of another process by now: one that is younger than the file."""
        if not os.path.exists("/proc/self/stat"):
            raise unittest.SkipTest("this system does not say when processes began")
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
        )
        self.addCleanup(child.communicate)
        self.contain(child.pid)
        os.utime(self.path, (1e9, 1e9))
        self.file.check()
        self.assertFalse(os.path.exists(self.path))

    def test_nonsense(self) -> None:
        for text in ("", "twisted", "12 34", "-5"):
            self.contain(text)
            self.assertIn("has no number in it", self.refused())
        self.contain(10**30)
        self.file.check()

    def test_worldWritable(self) -> None:
        self.contain(1)
        os.chmod(self.path, 0o666)
        self.assertIn("anybody can write it", self.refused())

    def test_foreign(self) -> None:
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can give files away")
        self.contain(1)
        uid = pwd.getpwnam("nobody").pw_uid
        os.chown(self.path, uid, -1)
        self.assertIn(f"belongs to user {uid}", self.refused())

    def test_link(self) -> None:
        """A link might lead to anything."""
        os.symlink("/etc/passwd", self.path)
        self.assertIn("it is a link", self.refused())

    def test_noFile(self) -> None:
        for make in (os.mkdir, os.mkfifo):
            make(self.path)
            self.assertIn("it is no file", self.refused())
            (os.rmdir if make is os.mkdir else os.unlink)(self.path)

    def test_noFolder(self) -> None:
        missing = os.path.join(self.folder, "missing", "some.pid")
        error = self.assertRaises(PidFileError, PidFile, missing)
        self.assertIn("No such file or directory", str(error))

    def test_race(self) -> None:
        """Of two processes that start at the same time, one wins."""
        self.file.check()
        self.contain(1)
        self.assertIn("another process", str(self.assertRaises(PidFileError, self.file.write)))
        self.assertEqual(os.listdir(self.folder), ["some.pid"])

    def test_others(self) -> None:
        """The file of another process is not removed."""
        self.contain(1)
        self.file.remove()
        self.assertTrue(os.path.exists(self.path))

    def test_moved(self) -> None:
        """It is found after the working directory has changed."""
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        relative = PidFile("other.pid")
        self.addCleanup(os.close, relative._folder)
        os.chdir("/")
        relative.write()
        self.assertEqual(os.listdir(self.folder), ["other.pid"])
        relative.remove()
        self.assertEqual(os.listdir(self.folder), [])
