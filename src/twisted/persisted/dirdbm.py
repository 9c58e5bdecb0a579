"""A mapping that is a directory: one file for each value, under the name of its key.

A value is replaced whole: a process that is killed at any moment, even by ``kill -9``, leaves the
old value or the new one.  With ``sync=True`` that holds for a machine that loses its power as well,
at the price of a write to the disk for each change.  Several processes may use a directory at the
same time; each change is seen by all, at once.

The files have the names and contents that they always had: the key in base 64, with ``-`` for a
slash and ``_`` for each end of a line.
"""

from __future__ import annotations

import base64
import binascii
import os
import pickle
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from twisted.persisted._atomic import remains, replace, syncDirectory
from twisted.python.win32 import O_BINARY

__all__ = ["DirDBM", "Shelf", "open"]

#: How earlier programs called a value that was being written, and one that was to replace another.
_OLD_NEW, _OLD_REPLACEMENT = "_.new", "_.rpl"
#: A line of base 64 has so many bytes; keys that are longer have several.
_LINE_BYTES, _END = 57, "\n"
#: Bytes that are read at a time.
_PIECE = 1 << 16
#: Readable as the umask says, as files of values always were.
_PUBLIC = 0o666


class DirDBM:
    """Values by key, both bytes; otherwise much like a dictionary.

    Attributes:
        dname: the whole path of the directory.
    """

    def __init__(self, name: str | bytes, sync: bool = False) -> None:
        """
        Args:
            name: the directory, which is made if it is not there.  What a process has left there
                that was killed in the middle of a write is removed.
            sync: whether changes are to survive that the machine stops, not the process alone.

        Raises:
            OSError: the directory cannot be made, or read.
        """
        self.dname = os.path.abspath(os.fsdecode(name))
        self.sync = sync
        os.makedirs(self.dname, exist_ok=True)
        self._recover()

    def _recover(self) -> None:
        for path in [*remains(self.dname), *self._withExtension(_OLD_NEW)]:
            with suppress(FileNotFoundError):  # another process is at it as well
                os.unlink(path)
        for path in self._withExtension(_OLD_REPLACEMENT):
            # It was written as a whole before the old value was removed.
            old = os.path.splitext(path)[0]
            with suppress(FileNotFoundError):
                if os.path.exists(old):
                    os.unlink(path)
                else:
                    os.rename(path, old)

    def _withExtension(self, extension: str) -> list[str]:
        names = os.listdir(self.dname)
        return [os.path.join(self.dname, name) for name in names if name.endswith(extension)]

    # Keys and files

    def _path(self, key: bytes) -> str:
        if not isinstance(key, bytes):
            raise TypeError(f"DirDBM key must be bytes, not {type(key).__name__}: b'...'")
        # Most keys are short, and most of their time would go into loops for long ones
        # (benchmark dirdbm-reads).
        short = len(key) <= _LINE_BYTES
        encoded = (binascii.b2a_base64 if short else base64.encodebytes)(key).decode("ascii")
        return f"{self.dname}{os.sep}{encoded.replace(_END, '_').replace('/', '-')}"

    def _names(self) -> Iterator[tuple[bytes, str]]:
        """Each key, and the path of its file."""
        with os.scandir(self.dname) as entries:
            for entry in entries:
                if not entry.name.endswith("_") or not entry.is_file():
                    continue  # somebody else's
                encoded = entry.name.replace("_", "\n").replace("-", "/")
                try:
                    key = base64.decodebytes(encoded.encode("ascii"))
                except (binascii.Error, UnicodeEncodeError):
                    continue
                # The decoder passes over what it does not know.
                if self._path(key) == entry.path:
                    yield key, entry.path

    def _pack(self, value: Any) -> bytes:
        if not isinstance(value, bytes):
            raise TypeError(f"DirDBM value must be bytes, not {type(value).__name__}: b'...'")
        return value

    def _unpack(self, content: bytes) -> Any:
        return content

    # As a dictionary

    def __len__(self) -> int:
        return sum(1 for _ in self._names())

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.keys())

    def __contains__(self, key: bytes) -> bool:
        return os.path.isfile(self._path(key))

    has_key = __contains__

    def __getitem__(self, key: bytes) -> Any:
        try:
            content = _read(self._path(key))
        except FileNotFoundError:
            raise KeyError(key)
        return self._unpack(content)

    def __setitem__(self, key: bytes, value: Any) -> None:
        path = self._path(key)
        replace(path, self._pack(value), self.sync, _PUBLIC)

    def __delitem__(self, key: bytes) -> None:
        try:
            os.unlink(self._path(key))
        except FileNotFoundError:
            raise KeyError(key)
        if self.sync:
            syncDirectory(self.dname)

    def keys(self) -> list[bytes]:
        """The keys, in no particular order."""
        return [key for key, _ in self._names()]

    def items(self) -> list[tuple[bytes, Any]]:
        """The keys, each with its value."""
        found = []
        for key, path in self._names():
            with suppress(FileNotFoundError):  # another process has deleted it since
                found.append((key, self._unpack(_read(path))))
        return found

    def values(self) -> list[Any]:
        """The values."""
        return [value for _, value in self.items()]

    def get(self, key: bytes, default: Any = None) -> Any:
        """The value of a key, or `default` if it has none."""
        try:
            return self[key]
        except KeyError:
            return default

    def setdefault(self, key: bytes, value: Any) -> Any:
        """The value of a key, which is `value` from now on if it had none."""
        if key not in self:
            self[key] = value
            return value
        return self[key]

    def update(self, other: Mapping[bytes, Any]) -> None:
        """Set all values of another mapping; each is one change."""
        for key in other:
            self[key] = other[key]

    def clear(self) -> None:
        """Delete all values."""
        for key in self.keys():
            with suppress(KeyError):
                del self[key]

    # As files

    def copyTo(self, path: str | bytes) -> DirDBM:
        """Copy all values into another directory, instead of what is there.

        Args:
            path: the directory, which is made if it is not there.

        Returns:
            That one, of the same class.

        Raises:
            ValueError: it is this one.
        """
        copy = type(self)(path, self.sync)
        if os.path.samefile(copy.dname, self.dname):
            raise ValueError(f"{self.dname} cannot be copied to itself")
        copy.clear()
        for key, source in self._names():
            with suppress(FileNotFoundError):
                replace(copy._path(key), _read(source), self.sync, _PUBLIC)
        return copy

    def getModificationTime(self, key: bytes) -> float:
        """When the value of a key was set, in seconds since the epoch.

        Raises:
            KeyError: it has none.
        """
        try:
            return os.stat(self._path(key)).st_mtime
        except FileNotFoundError:
            raise KeyError(key)

    def close(self) -> None:
        """Nothing is open: this is for programs that close what they have opened."""


class Shelf(DirDBM):
    """Values are any objects that can be pickled, and come back as copies of what was set.

    *To read a value is to run what it says*: nobody else may be able to write to the directory.
    """

    def _pack(self, value: Any) -> bytes:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)

    def _unpack(self, content: bytes) -> Any:
        return pickle.loads(content)


def _read(path: str) -> bytes:
    """All of a file: without the objects of Python's files, which cost more than the file does."""
    descriptor = os.open(path, os.O_RDONLY | O_BINARY)
    try:
        content = os.read(descriptor, _PIECE)
        if len(content) < _PIECE:
            return content
        pieces = [content]
        while pieces[-1]:
            pieces.append(os.read(descriptor, _PIECE))
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def open(file: str | bytes, flag: str | None = None, mode: int | None = None) -> DirDBM:
    """A `DirDBM`, as modules of databases open theirs.

    Args:
        file: the directory.
        flag: not used: it is made if it is not there, and can be written.
        mode: not used.
    """
    return DirDBM(file)
