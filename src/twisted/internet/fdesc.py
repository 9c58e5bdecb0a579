"""Reading and writing descriptors that may not block; chapter 3.9."""

from __future__ import annotations

import os
from collections.abc import Callable

from twisted.internet import main

__all__ = ["readFromFD", "setBlocking", "setNonBlocking", "writeToFD"]

#: What a pipe holds on Linux: one call empties it.
_READ_SIZE = 1 << 16


def setNonBlocking(fd: int) -> None:
    """Let reads and writes of the descriptor fail rather than wait.

    Raises:
        OSError: the descriptor is closed.
    """
    os.set_blocking(fd, False)


def setBlocking(fd: int) -> None:
    """Let reads and writes of the descriptor wait until they can be done.

    Raises:
        OSError: the descriptor is closed.
    """
    os.set_blocking(fd, True)


def readFromFD(fd: int, callback: Callable[[bytes], object]) -> Exception | None:
    """Read once from a descriptor that does not block.

    Args:
        fd: the descriptor.
        callback: is given what was read, if there was something: at most 64 KiB.

    Returns:
        None to go on; `main.CONNECTION_DONE` at the end of the data, and
        `main.CONNECTION_LOST` if the descriptor can be read no more for another reason.
    """
    try:
        data = os.read(fd, _READ_SIZE)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return main.CONNECTION_LOST
    if not data:
        return main.CONNECTION_DONE
    callback(data)
    return None


def writeToFD(fd: int, data: bytes | memoryview) -> int | Exception:
    """Write once to a descriptor that does not block.

    Returns:
        how many bytes were taken, which may be 0; `main.CONNECTION_LOST` if the descriptor
        can be written no more.
    """
    try:
        return os.write(fd, data)
    except (BlockingIOError, InterruptedError):
        return 0
    except OSError:
        return main.CONNECTION_LOST
