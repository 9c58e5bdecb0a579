"""The file that says which process runs an application.

Theory of operation.  A pid file is read by others, who send signals to the process that it names:
as root, often.  So it is refused where somebody else could have written it.  One that was left by
a process which is gone (killed, or the machine went down) is *stale*, and is replaced.  The number
in it may be that of another process by now: one that began after the file was written cannot have
written it, and neither can this process itself.  The file comes into being whole, by `link`, which
fails if another process was faster.

The folder is kept open: by it the file is found again after chdir and chroot.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import suppress

from twisted.python.util import untilConcludes

#: Seconds by which clocks of files and of processes may differ.
_SLACK = 2.0
#: No file with a number in it is longer.
_LONGEST = 32


class PidFileError(RuntimeError):
    """The application cannot run with this pid file; the text says why, and what to do."""


class PidFile:
    """A pid file.

    Args:
        path: where it is.

    Raises:
        PidFileError: its folder is not there.
    """

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        folder, self._name = os.path.split(self.path)
        try:
            self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as problem:
            raise PidFileError(f"the pid file {self.path} has no folder: {problem.strerror}")

    def check(self) -> None:
        """Remove it if it is stale.

        Raises:
            PidFileError: the process that it names runs; or it is not to be trusted.
        """
        try:
            descriptor = os.open(
                self._name,
                os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK,
                dir_fd=self._folder,
            )
        except FileNotFoundError:
            return
        except OSError as problem:
            reason = "it is a link" if problem.errno == errno.ELOOP else problem.strerror
            raise PidFileError(f"the pid file {self.path} cannot be trusted: {reason}; remove it")
        try:
            status = os.fstat(descriptor)
            self._checkTrust(status)
            pid = self._number(os.read(descriptor, _LONGEST))
        finally:
            os.close(descriptor)
        if _runs(pid, status.st_mtime):
            raise PidFileError(
                f"it runs already: {self.path} names process {pid}; kill {pid}, or use another "
                "--pidfile"
            )
        with suppress(FileNotFoundError):
            os.unlink(self._name, dir_fd=self._folder)

    def _checkTrust(self, status: os.stat_result) -> None:
        problem = None
        if not stat.S_ISREG(status.st_mode):
            problem = "it is no file"
        elif status.st_uid not in (0, os.geteuid()):
            problem = f"it belongs to user {status.st_uid}"
        elif status.st_mode & stat.S_IWOTH:
            problem = "anybody can write it"
        if problem is not None:
            raise PidFileError(f"the pid file {self.path} cannot be trusted: {problem}; remove it")

    def _number(self, content: bytes) -> int:
        text = content.strip()
        if not text.isdigit():
            raise PidFileError(
                f"the pid file {self.path} has no number in it, but {text!r}; remove it"
            )
        return int(text)

    def write(self) -> None:
        """Write the number of this process into it.

        Raises:
            PidFileError: that cannot be done, or another process has just done so.
        """
        new = f"{self._name}.{os.getpid()}"
        try:
            with suppress(FileNotFoundError):
                os.unlink(new, dir_fd=self._folder)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(new, flags, 0o644, dir_fd=self._folder)
            try:
                untilConcludes(os.write, descriptor, b"%d\n" % os.getpid())
                os.fsync(descriptor)
                os.link(new, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            finally:
                os.close(descriptor)
                os.unlink(new, dir_fd=self._folder)
        except FileExistsError:
            raise PidFileError(f"another process has just written the pid file {self.path}")
        except OSError as problem:
            raise PidFileError(f"the pid file {self.path} cannot be written: {problem.strerror}")

    def remove(self) -> None:
        """Remove it, if it is that of this process.

        Raises:
            OSError: this process has no right to; the next one will find it stale.
        """
        with suppress(FileNotFoundError):
            descriptor = os.open(
                self._name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._folder
            )
            try:
                own = os.read(descriptor, _LONGEST).strip() == b"%d" % os.getpid()
            finally:
                os.close(descriptor)
            if own:
                os.unlink(self._name, dir_fd=self._folder)


def _runs(pid: int, written: float) -> bool:
    """Whether a process may be the one that wrote a file at a time."""
    if pid == os.getpid() or pid <= 0:
        # In a container, the same number comes again and again.
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    except OverflowError:
        return False
    began = _beginning(pid)
    return began is None or began <= written + _SLACK


def _beginning(pid: int) -> float | None:
    """When a process began, in seconds since the epoch.

    None where the system does not say; the end of time for one that is dead, but still listed.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name of the program is in parentheses, and may have any in it.
            fields = file.read().rpartition(b")")[2].split()
        with open("/proc/uptime", "rb") as file:
            uptime = float(file.read().split()[0])
        if fields[0] in (b"Z", b"X"):
            return float("inf")
        ticks = int(fields[19])
    except (OSError, ValueError, IndexError):
        return None
    return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")
