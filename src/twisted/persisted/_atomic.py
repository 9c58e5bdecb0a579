"""Files that are replaced whole: whoever reads one finds what was there before, or what is now.

Theory of operation.  The new content goes into a file of its own beside the old one, which then is
renamed over it; that is one step for the kernel.  A process that is killed at any point leaves the
old file or the new one, and perhaps the file beside it, whose name says so (`remains`).  A machine
that loses its power may, after that, find the name changed and the content not written yet: with
`sync`, the content is on the disk before the name, and the name before `replace` returns.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from contextlib import suppress

from twisted.python.win32 import O_BINARY

#: Between the name of a file, and the process and the number of the write that is replacing it.
_MARK = ".new-"
_REMAINS = re.compile(re.escape(_MARK) + r"(\d+)-\d+$")

#: Readable by the owner alone: what is kept may be secret.
PRIVATE = 0o600

_numbers = itertools.count()


def replace(path: str, content: bytes, sync: bool, mode: int = PRIVATE) -> None:
    """Have a file with some content instead of what is there, if anything.

    Args:
        path: the file.
        content: all of it.
        sync: whether it is to survive that the machine stops, not the process alone.
        mode: of the file, if the process's umask allows.

    Raises:
        OSError: that cannot be; what was there is there still.
    """
    beside = f"{path}{_MARK}{os.getpid()}-{next(_numbers)}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | O_BINARY, mode)
    try:
        try:
            _writeAll(descriptor, content)
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
    if sync:
        syncDirectory(os.path.dirname(path) or ".")


def _writeAll(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def syncDirectory(path: str) -> None:
    """Wait until names that were given and taken in a directory are on the disk."""
    if os.name != "posix":
        return  # nothing else can open one
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remains(directory: str) -> Iterator[str]:
    """Files in a directory that processes have left which ended before they replaced another."""
    for entry in os.scandir(directory):
        found = _REMAINS.search(entry.name)
        if found is not None and not _isRunning(int(found[1])):
            yield entry.path


def _isRunning(pid: int) -> bool:
    if pid == os.getpid() or os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # of another user; or no number of a process, and then not ours to take away
    return True
