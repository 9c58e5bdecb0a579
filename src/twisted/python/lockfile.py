"""
Locks between processes, by a symbolic link.

Theory of operation
===================

The link has the lock's name, and points to the number of the process that holds it;
there is no file of that name.  Making a link is atomic, and fails when there is one:
so only one process can hold the lock, also on network file systems of one host.

A process that dies leaves its link.  Whoever finds a link to a process that does not
exist takes the lock over: removes the link and tries anew.  Two that do this at once
must not remove each other's new link, so meanwhile they hold an advisory lock
(`flock`) on the directory, which no process can leave behind.

A link may also have our own number and not be ours: in a container, programs often
get the number that they had before a restart.  Hence this process knows which locks
it holds.
"""

from __future__ import annotations

import fcntl
import os
import threading

__all__ = ["FilesystemLock", "isLocked"]

# The locks that this process holds, by their full paths, and who it is: a process
# that was forked holds none of its parent's.
_held: set[str] = set()
_holder = os.getpid()
_guard = threading.Lock()


def _ownLocks() -> set[str]:
    global _holder
    if _holder != os.getpid():
        _holder = os.getpid()
        _held.clear()
    return _held


def _readOwner(name: str) -> int | None:
    """
    The number of the process to which the lock *name* belongs; None when it is free.

    Raises `ValueError` when a link is no lock, and `OSError` when it is no link.
    """
    try:
        target = os.readlink(name)
    except FileNotFoundError:
        return None
    if not (target.isascii() and target.isdecimal() and int(target) > 0):
        raise ValueError(f"{name!r} is not a lock: it is a link to {target!r}")
    return int(target)


def _isAlive(name: str, process: int) -> bool:
    """Whether *process*, to which the lock *name* belongs, still is there."""
    if process == os.getpid():
        return os.path.abspath(name) in _ownLocks()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        # It is another user's; or no system has such a number, and then nobody knows.
        pass
    return True


def _removeStale(name: str) -> bool:
    """Remove the link of a process that is gone; False when somebody else is at it."""
    directory = os.open(os.path.dirname(os.path.abspath(name)), os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        owner = _readOwner(name)
        if owner is not None and not _isAlive(name, owner):
            os.unlink(name)
        return True
    finally:
        os.close(directory)


class FilesystemLock:
    """
    A lock with the path *name*, which one process at a time can hold.

    `locked`
        Whether this object holds it.
    `clean`
        Whether the last holder gave the lock back: False after `lock` took it over
        from a process that is gone, whose work may be half done.  None before `lock`.
    """

    clean: bool | None = None
    locked = False

    def __init__(self, name: str) -> None:
        self.name = name

    def lock(self) -> bool:
        """
        Take the lock if it is free, or if its holder is gone; whether that was possible.

        Raises `ValueError` or `OSError` when there is something else of that name, or
        when the directory cannot be written.
        """
        clean = True
        with _guard:
            while True:
                try:
                    os.symlink(str(os.getpid()), self.name)
                except FileExistsError:
                    owner = _readOwner(self.name)
                    if owner is None:
                        continue  # It was given back in between.
                    if _isAlive(self.name, owner) or not _removeStale(self.name):
                        return False
                    clean = False
                    continue
                _ownLocks().add(os.path.abspath(self.name))
                self.locked = True
                self.clean = clean
                return True

    def unlock(self) -> None:
        """
        Give the lock back.

        Raises `ValueError` when it belongs to another process, and
        `FileNotFoundError` when there is none.
        """
        owner = int(os.readlink(self.name))
        if owner != os.getpid():
            raise ValueError(f"the lock {self.name!r} belongs to the process {owner}")
        with _guard:
            os.unlink(self.name)
            _ownLocks().discard(os.path.abspath(self.name))
        self.locked = False


def isLocked(name: str) -> bool:
    """
    Whether some process, which may be this one, holds the lock *name*.

    Changes nothing.  Raises `ValueError` or `OSError` when there is something else of
    that name.
    """
    owner = _readOwner(name)
    return owner is not None and _isAlive(name, owner)
