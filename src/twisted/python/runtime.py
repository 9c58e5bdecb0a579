"""What this process runs on: the kind of platform, and what it can do.

Code that must differ between systems asks `platform`, the description of this one, or
compares `platformType`.  Tests make a `Platform` of their own to see the other branch.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable

__all__ = ["Platform", "platform", "platformType", "seconds", "shortPythonVersion"]


def steadyClock(monotonic: Callable[[], float], epoch: float) -> Callable[[], float]:
    """A clock that counts from `epoch`, in seconds, and is never set."""

    def seconds() -> float:
        """The time in seconds since the epoch, by a clock that is never set.

        It agrees with `time.time` when the process starts; a system clock that is set later
        moves no timer.
        """
        return monotonic() + epoch

    return seconds


seconds = steadyClock(time.monotonic, time.time() - time.monotonic())

# The words of this package for values of `os.name`.
_KINDS = {"posix": "posix", "nt": "win32", "java": "java"}


def shortPythonVersion() -> str:
    """The version of the interpreter as three numbers, such as ``3.11.7``."""
    return "{}.{}.{}".format(*sys.version_info[:3])


class Platform:
    """A kind of operating system.

    Args:
        name: a value of `os.name`; that of this process by default.
        platform: a value of `sys.platform`; that of this process by default.
    """

    seconds = staticmethod(seconds)
    type: str | None = None

    def __init__(self, name: str | None = None, platform: str | None = None) -> None:
        self._name = os.name if name is None else name
        self._platform = sys.platform if platform is None else platform
        self.type = _KINDS.get(self._name)

    def isKnown(self) -> bool:
        """Whether this kind of system has a name of its own here."""
        return self.type is not None

    def getType(self) -> str | None:
        """``"posix"``, ``"win32"`` or ``"java"``; None for a system never heard of."""
        return self.type

    def isMacOSX(self) -> bool:
        """Whether this is macOS."""
        return self._platform == "darwin"

    def isWinNT(self) -> bool:
        """Whether this is Windows; every supported Windows descends from NT."""
        return self.type == "win32"

    def isWindows(self) -> bool:
        """Whether this is Windows."""
        return self.type == "win32"

    def isVista(self) -> bool:
        """Whether this is Windows Vista or Windows Server 2008 exactly."""
        getVersion = getattr(sys, "getwindowsversion", None)
        return getVersion is not None and tuple(getVersion()[:2]) == (6, 0)

    def isLinux(self) -> bool:
        """Whether this is Linux."""
        return self._platform.startswith("linux")

    def isDocker(self, _initCGroupLocation: str = "/proc/1/cgroup") -> bool:
        """Whether this process runs in a Docker container on Linux.

        The control groups of process 1 tell; the file is read anew at each call.
        """
        if not self.isLinux():
            return False
        try:
            with open(_initCGroupLocation, "rb") as table:
                groups = [line.rstrip(b"\n").rpartition(b":")[2] for line in table]
        except OSError:
            return False
        return any(group.startswith(b"/docker/") for group in groups)

    def supportsThreads(self) -> bool:
        """Whether the interpreter was built with threads; since 3.7 each one is."""
        return importlib.util.find_spec("_thread") is not None

    def supportsINotify(self) -> bool:
        """Whether the kernel can report changes of files, and ctypes is there to ask it."""
        return self.isLinux() and importlib.util.find_spec("_ctypes") is not None


platform = Platform()
platformType = platform.getType()
