"""Tests for locks between processes."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from typing import Any

from twisted.python import lockfile
from twisted.trial.unittest import SynchronousTestCase


class LockTests(SynchronousTestCase):
    """`FilesystemLock`, and `isLocked`."""

    def setUp(self) -> None:
        self.name = os.path.abspath(self.mktemp())
        os.makedirs(os.path.dirname(self.name), exist_ok=True)
        self.lock = lockfile.FilesystemLock(self.name)

    def deadProcess(self) -> int:
        """The number of a process that is gone."""
        child = subprocess.Popen(["true"])
        child.wait()
        return child.pid

    def test_lock(self) -> None:
        """A lock is a link that points to the number of its process."""
        self.assertFalse(self.lock.locked)
        self.assertIsNone(self.lock.clean)
        self.assertTrue(self.lock.lock())
        self.assertTrue(self.lock.locked)
        self.assertTrue(self.lock.clean)
        self.assertEqual(os.readlink(self.name), str(os.getpid()))

    def test_unlock(self) -> None:
        """Giving it back leaves nothing, and it can be taken again."""
        self.lock.lock()
        self.lock.unlock()
        self.assertFalse(self.lock.locked)
        self.assertFalse(os.path.lexists(self.name))
        self.assertTrue(self.lock.lock())
        self.assertTrue(self.lock.clean)

    def test_held(self) -> None:
        """A lock that is held cannot be taken, also by its own process."""
        self.lock.lock()
        other = lockfile.FilesystemLock(self.name)
        self.assertFalse(other.lock())
        self.assertFalse(other.locked)
        self.assertFalse(self.lock.lock())
        self.assertTrue(self.lock.locked)

    def test_heldByOther(self) -> None:
        """A lock of a process that lives cannot be taken, nor given back."""
        os.symlink(str(os.getppid()), self.name)
        self.assertFalse(self.lock.lock())
        self.assertTrue(lockfile.isLocked(self.name))
        error = self.assertRaises(ValueError, self.lock.unlock)
        self.assertIn(f"belongs to the process {os.getppid()}", str(error))
        self.assertTrue(os.path.lexists(self.name))

    def test_heldByOtherUser(self) -> None:
        """So it is when the process belongs to another user."""

        def kill(process: int, number: int) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        self.patch(os, "kill", kill)
        os.symlink("1", self.name)
        self.assertFalse(self.lock.lock())
        self.assertTrue(lockfile.isLocked(self.name))

    def test_stale(self) -> None:
        """The lock of a process that is gone is taken over, and is not clean."""
        os.symlink(str(self.deadProcess()), self.name)
        self.assertFalse(lockfile.isLocked(self.name))
        self.assertTrue(os.path.lexists(self.name))
        self.assertTrue(self.lock.lock())
        self.assertFalse(self.lock.clean)
        self.assertEqual(os.readlink(self.name), str(os.getpid()))

    def test_sameNumber(self) -> None:
        """A link with our own number that is not ours comes from an earlier life."""
        os.symlink(str(os.getpid()), self.name)
        self.assertFalse(lockfile.isLocked(self.name))
        self.assertTrue(self.lock.lock())
        self.assertFalse(self.lock.clean)

    def test_takenOverByOther(self) -> None:
        """While another process takes it over, it cannot be taken."""
        os.symlink(str(self.deadProcess()), self.name)
        directory = os.open(os.path.dirname(self.name), os.O_RDONLY)
        self.addCleanup(os.close, directory)
        fcntl.flock(directory, fcntl.LOCK_EX)
        self.assertFalse(self.lock.lock())
        self.assertTrue(os.path.lexists(self.name))

    def test_overtaken(self) -> None:
        """A lock that became another's since we looked is not removed."""
        os.symlink(str(os.getppid()), self.name)
        self.assertTrue(lockfile._removeStale(self.name))
        self.assertTrue(os.path.lexists(self.name))
        self.assertFalse(self.lock.lock())

    def test_givenBackMeanwhile(self) -> None:
        """A lock that is given back while we look is taken."""
        os.symlink(str(os.getppid()), self.name)
        readlink = os.readlink

        def vanish(name: str) -> str:
            self.patch(os, "readlink", readlink)
            os.unlink(name)
            return readlink(name)

        self.patch(os, "readlink", vanish)
        self.assertTrue(self.lock.lock())
        self.assertTrue(self.lock.clean)

    def test_isLocked(self) -> None:
        """Asking changes nothing."""
        self.assertFalse(lockfile.isLocked(self.name))
        self.assertFalse(os.path.lexists(self.name))
        self.lock.lock()
        self.assertTrue(lockfile.isLocked(self.name))
        self.lock.unlock()
        self.assertFalse(lockfile.isLocked(self.name))

    def test_noLock(self) -> None:
        """A link to something else is left alone, and named."""
        for target in ("/etc/passwd", "0", "-1", "1x", "\u0661"):
            os.symlink(target, self.name)
            error = self.assertRaises(ValueError, self.lock.lock)
            self.assertIn(f"it is a link to {target!r}", str(error))
            self.assertRaises(ValueError, lockfile.isLocked, self.name)
            os.unlink(self.name)

    def test_noLink(self) -> None:
        """So is a file."""
        with open(self.name, "w"):
            pass
        error = self.assertRaises(OSError, self.lock.lock)
        self.assertEqual(error.errno, errno.EINVAL)

    def test_hugeNumber(self) -> None:
        """A number that no process can have might be anybody's."""
        os.symlink("9" * 30, self.name)
        self.assertFalse(self.lock.lock())

    def test_noDirectory(self) -> None:
        """A directory that is not there is an error."""
        lock = lockfile.FilesystemLock(os.path.join(self.name, "lock"))
        self.assertRaises(FileNotFoundError, lock.lock)
        self.assertFalse(lock.locked)

    def test_unlockNothing(self) -> None:
        """Giving back what is not there is an error."""
        self.assertRaises(FileNotFoundError, self.lock.unlock)

    def test_fork(self) -> None:
        """A child process does not hold the locks of its parent."""
        self.lock.lock()
        self.assertIn(self.name, lockfile._ownLocks())
        self.patch(lockfile, "_holder", -1)
        self.assertEqual(lockfile._ownLocks(), set())

    def test_processes(self) -> None:
        """Of several processes one gets the lock, and when it is killed another does."""
        program = (
            "import sys; from twisted.python.lockfile import FilesystemLock as L;"
            "lock = L(sys.argv[1]); sys.stdin.readline();"
            "print(lock.lock(), flush=True); sys.stdin.readline()"
        )

        def start() -> Any:
            return subprocess.Popen(
                [sys.executable, "-c", program, self.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

        def stop(child: Any) -> None:
            child.kill()
            child.communicate()

        def compete(children: list[Any]) -> list[Any]:
            for child in children:
                child.stdin.write("go\n")
                child.stdin.flush()
            return [child for child in children if child.stdout.readline() == "True\n"]

        children = [start() for _ in range(3)]
        for child in children:
            self.addCleanup(stop, child)
        (winner,) = compete(children)
        self.assertEqual(os.readlink(self.name), str(winner.pid))
        winner.send_signal(signal.SIGKILL)
        winner.wait()
        self.assertTrue(self.lock.lock())
        self.assertFalse(self.lock.clean)
