"""Being told of changes to files and directories, on Linux: inotify(7).

Theory of operation
-------------------
The kernel watches what a path leads to, not the path, and a directory's watch tells of its
entries but not of theirs.  Whoever wants a whole tree needs a watch for each directory, and
there is a moment between the making of a directory and its watch.  So a new directory is
looked through once it is watched; what is found is told as made.  What was made between those
two would be told twice, so it is remembered until the kernel tells of it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from twisted.internet import main
from twisted.internet._bugs import reportBug
from twisted.internet._inotify import (
    LONGEST_EVENT,
    Event,
    add_watch,
    open_queue,
    parse_events,
    remove_watch,
)
from twisted.internet._reactor import TransportReactor
from twisted.internet.abstract import FileDescriptor, Reason
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.filepath import FilePath

__all__ = [
    "IN_ACCESS",
    "IN_ATTRIB",
    "IN_CHANGED",
    "IN_CLOSE",
    "IN_CLOSE_NOWRITE",
    "IN_CLOSE_WRITE",
    "IN_CREATE",
    "IN_DELETE",
    "IN_DELETE_SELF",
    "IN_DONT_FOLLOW",
    "IN_IGNORED",
    "IN_ISDIR",
    "IN_MASK_ADD",
    "IN_MODIFY",
    "IN_MOVED",
    "IN_MOVED_FROM",
    "IN_MOVED_TO",
    "IN_MOVE_SELF",
    "IN_ONESHOT",
    "IN_ONLYDIR",
    "IN_OPEN",
    "IN_Q_OVERFLOW",
    "IN_UNMOUNT",
    "IN_WATCH_MASK",
    "INotify",
    "humanReadableMask",
]

# What can be asked for, and happens.
IN_ACCESS = 0x0001  # was read
IN_MODIFY = 0x0002  # was written
IN_ATTRIB = 0x0004  # permissions, owner, times...
IN_CLOSE_WRITE = 0x0008  # was closed by somebody who could write
IN_CLOSE_NOWRITE = 0x0010  # was closed by somebody who could not
IN_OPEN = 0x0020
IN_MOVED_FROM = 0x0040  # an entry has gone elsewhere, or has another name
IN_MOVED_TO = 0x0080  # an entry has come from elsewhere, or had another name
IN_CREATE = 0x0100
IN_DELETE = 0x0200  # an entry was deleted
IN_DELETE_SELF = 0x0400  # what is watched was deleted
IN_MOVE_SELF = 0x0800  # what is watched was moved

# What happens, whether it was asked for or not.
IN_UNMOUNT = 0x2000
IN_Q_OVERFLOW = 0x4000  # events were lost
IN_IGNORED = 0x8000  # the watch has ended

# How to watch.
IN_ONLYDIR = 0x01000000
IN_DONT_FOLLOW = 0x02000000  # a symbolic link itself
IN_MASK_ADD = 0x20000000  # in addition to what is asked for already
IN_ONESHOT = 0x80000000  # until the first event

#: Goes with an event of a directory.
IN_ISDIR = 0x40000000

IN_CLOSE = IN_CLOSE_WRITE | IN_CLOSE_NOWRITE
IN_MOVED = IN_MOVED_FROM | IN_MOVED_TO
IN_CHANGED = IN_MODIFY | IN_ATTRIB

#: What `INotify.watch` asks for if it is not told: all but reading, opening and closing.
IN_WATCH_MASK = (
    IN_CHANGED | IN_MOVED | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT
)

_NAMES = {
    IN_ACCESS: "access",
    IN_MODIFY: "modify",
    IN_ATTRIB: "attrib",
    IN_CLOSE_WRITE: "close_write",
    IN_CLOSE_NOWRITE: "close_nowrite",
    IN_OPEN: "open",
    IN_MOVED_FROM: "moved_from",
    IN_MOVED_TO: "moved_to",
    IN_CREATE: "create",
    IN_DELETE: "delete",
    IN_DELETE_SELF: "delete_self",
    IN_MOVE_SELF: "move_self",
    IN_UNMOUNT: "unmount",
    IN_Q_OVERFLOW: "queue_overflow",
    IN_IGNORED: "ignored",
    IN_ONLYDIR: "only_dir",
    IN_DONT_FOLLOW: "dont_follow",
    IN_MASK_ADD: "mask_add",
    IN_ISDIR: "is_dir",
    IN_ONESHOT: "one_shot",
}

# Asked for in addition where new directories are to be watched as well.
_TREE_MASK = IN_CREATE | IN_MOVED
# After these there is nothing left to watch.
_LAST = IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED
# Told of what is found in a new directory; it may have been written before it was seen.
_FOUND_FILE = IN_CREATE | IN_CLOSE_WRITE
_FOUND_DIRECTORY = IN_CREATE | IN_ISDIR

# Some hundred events of common names; others wait in the kernel.
_READ_SIZE = max(1 << 14, LONGEST_EVENT)

_log = Logger(namespace="twisted.internet.inotify")

Path = FilePath[bytes]
Callback = Callable[[Any, Path, int], object]


def humanReadableMask(mask: int) -> list[str]:
    """The names of what is in a mask: ``["create", "is_dir"]``."""
    return [name for bit, name in _NAMES.items() if mask & bit]


class _Watch:
    """One path that is watched.

    Attributes:
        found: the names of entries that were found, and that the kernel may yet tell of.
        inTree: whether it is watched because a directory above it is.
    """

    def __init__(self, path: Path, inTree: bool) -> None:
        self.path = path
        self.inTree = inTree
        self.mask = 0
        self.autoAdd = False
        self.callbacks: list[Callback] = []
        self.found: set[bytes] = set()

    def tell(self, path: Path, mask: int) -> None:
        for callback in self.callbacks[:]:
            try:
                callback(self, path, mask)
            except BaseException:
                reportBug(f"Unhandled error in {callback!r}, which was told of {path!r}")


class INotify(FileDescriptor):
    """Watches paths, and calls when something happens to them.

    Call `startReading`; `loseConnection` is the end.

    A callback gets an object that does not matter, the path of what it happened to, in bytes, and a
    mask of what has.  What it raises is logged.

    If events come so fast that the kernel loses some, that is logged, and each callback is called
    with the path that is watched and `IN_Q_OVERFLOW`: look for yourself.

    Args:
        reactor: who watches; the installed one by default.

    Raises:
        NotImplementedError: this system has no inotify.
        OSError: the user has too many of these.
    """

    _fd = -1

    def __init__(self, reactor: TransportReactor | None = None) -> None:
        super().__init__(reactor)
        self._fd = open_queue()
        self._watches: dict[int, _Watch] = {}
        self._numbers: dict[Path, int] = {}
        self.connected = True

    def fileno(self) -> int:
        """The descriptor, or -1 once it is closed."""
        return self._fd

    def logPrefix(self) -> str:
        """Who this is, in the log."""
        return "INotify"

    def watch(
        self,
        path: FilePath[Any],
        mask: int = IN_WATCH_MASK,
        autoAdd: bool = False,
        callbacks: Iterable[Callback] | None = None,
        recursive: bool = False,
    ) -> int:
        """Watch a file or a directory; of a directory, its entries.

        What is watched already is watched for more, and calls the new callbacks, too.

        Args:
            path: what to watch.
            mask: what for.
            autoAdd: watch each directory that is made in it in the same way, and so on.  What is
                found in a new directory is told as made, even if it was made before the watch; what
                moves out of the tree is watched no more.
            callbacks: what to call.
            recursive: watch all directories below it in the same way.

        Returns:
            a number for what is watched.

        Raises:
            OSError: the path is not there, may not be read, or the user has too many watches
                (sysctl ``fs.inotify.max_user_watches``).
        """
        given = path.asBytesMode()
        number = self._add(given, mask, autoAdd, callbacks or (), inTree=False)
        if recursive:
            for directory, _, isDirectory in _below(given):
                if isDirectory:
                    self._addBelow(directory, self._watches[number])
        return number

    def ignore(self, path: FilePath[Any]) -> None:
        """Watch a path no more.

        Raises:
            KeyError: it is not watched.
        """
        given = path.asBytesMode()
        if given not in self._numbers:
            raise KeyError(f"{path!r} is not watched")
        self._remove(self._numbers[given])

    def _add(
        self, path: Path, mask: int, autoAdd: bool, callbacks: Iterable[Callback], inTree: bool
    ) -> int:
        wanted = mask | IN_MASK_ADD | (_TREE_MASK if autoAdd else 0)
        number = add_watch(self._fd, path.path, wanted)
        watch = self._watches.get(number)
        if watch is None:
            watch = self._watches[number] = _Watch(path, inTree)
        # By another name than before, perhaps: it was moved.
        self._numbers.pop(watch.path, None)
        self._numbers[path] = number
        watch.path = path
        watch.mask |= mask
        watch.autoAdd |= autoAdd
        watch.inTree &= inTree
        watch.callbacks += [one for one in callbacks if one not in watch.callbacks]
        return number

    def _addBelow(self, path: Path, above: _Watch) -> _Watch | None:
        """Watch a directory as one above it, unless it has gone in the meantime."""
        # A link is not a part of the tree, and could lead out of it.
        mask = above.mask | IN_ONLYDIR | IN_DONT_FOLLOW
        try:
            number = self._add(path, mask, above.autoAdd, above.callbacks, inTree=True)
        except OSError as problem:
            if problem.errno not in (errno.ENOENT, errno.ENOTDIR):
                _log.warn(
                    "{path} is not watched, though it is in a tree that is: {problem}",
                    path=path,
                    problem=_withLimit(problem),
                )
            return None
        return self._watches[number]

    def _remove(self, number: int) -> None:
        self._forget(number)
        try:
            remove_watch(self._fd, number)
        except OSError as problem:
            # What it was about is gone, of which the kernel has yet to tell.
            if problem.errno != errno.EINVAL:
                raise

    def _forget(self, number: int) -> None:
        watch = self._watches.pop(number, None)
        if watch is not None and self._numbers.get(watch.path) == number:
            del self._numbers[watch.path]

    # Events

    def doRead(self) -> Reason | None:
        """Tell what has happened."""
        try:
            data = os.read(self._fd, _READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return main.CONNECTION_LOST
        for event in parse_events(data):
            if self.disconnecting:
                break
            if event.mask & IN_Q_OVERFLOW:
                self._overflowed()
            elif (watch := self._watches.get(event.watch)) is not None:
                self._happened(event, watch)
        return None

    def _overflowed(self) -> None:
        _log.warn(
            "changes were lost, as they came faster than they were read; "
            "sysctl fs.inotify.max_queued_events sets how many may wait"
        )
        for watch in list(self._watches.values()):
            watch.tell(watch.path, IN_Q_OVERFLOW)

    def _happened(self, event: Event, watch: _Watch) -> None:
        name, mask = event.name, event.mask
        path = watch.path.child(name) if name else watch.path
        if name in watch.found:
            watch.found.discard(name)
            if mask & IN_CREATE:
                return
        below: list[tuple[_Watch, Path, int]] = []
        if watch.autoAdd and mask & IN_ISDIR and name:
            if mask & IN_MOVED_FROM:
                self._removeTree(path)
            elif mask & (IN_CREATE | IN_MOVED_TO):
                below = self._addTree(path, watch)
        if mask & _LAST:
            # Before it is told, for whoever then watches what has come in its place.
            self._forget(event.watch)
        if mask & watch.mask:
            watch.tell(path, mask)
        if mask & IN_CREATE:
            for one, found, kind in below:
                one.found.add(found.basename())
                one.tell(found, kind)

    def _addTree(self, path: Path, above: _Watch) -> list[tuple[_Watch, Path, int]]:
        """Watch a new directory and those in it; returns what is there."""
        watches = {path: self._addBelow(path, above)}
        there = []
        for found, parent, isDirectory in _below(path):
            owner = watches.get(parent)
            if owner is not None:
                there.append((owner, found, _FOUND_DIRECTORY if isDirectory else _FOUND_FILE))
            if isDirectory:
                watches[found] = self._addBelow(found, above)
        return there

    def _removeTree(self, path: Path) -> None:
        """A directory was moved: end the watches that it had for being in a tree."""
        inside = os.path.join(path.path, b"")
        for number, watch in list(self._watches.items()):
            if watch.inTree and (watch.path == path or watch.path.path.startswith(inside)):
                self._remove(number)

    def connectionLost(self, reason: Failure) -> None:
        """Watch nothing any more."""
        if self._fd == -1:
            return
        super().connectionLost(reason)
        fd, self._fd = self._fd, -1
        os.close(fd)
        self._watches.clear()
        self._numbers.clear()


def _below(path: Path) -> Iterator[tuple[Path, Path, bool]]:
    """All that is below a directory: its path, that of its directory, and whether it is one."""
    waiting = [path]
    while waiting:
        parent = waiting.pop()
        try:
            entries = list(os.scandir(parent.path))
        except OSError:
            # Gone, or no directory, or not ours to read: then it cannot be watched either.
            continue
        for entry in entries:
            found = parent.child(entry.name)
            isDirectory = entry.is_dir(follow_symlinks=False)
            yield found, parent, isDirectory
            if isDirectory:
                waiting.append(found)


def _withLimit(problem: OSError) -> str:
    if problem.errno == errno.ENOSPC:
        return "too many are; sysctl fs.inotify.max_user_watches sets how many may be"
    return str(problem.strerror)
