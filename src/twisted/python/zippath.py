"""Paths in zip archives: `twisted.python.filepath` for what is in one."""

from __future__ import annotations

import errno
import os
import time
import zipfile
from typing import IO, Any, AnyStr, cast

from zope.interface import implementer

from twisted.python.filepath import AbstractFilePath, FilePath, IFilePath, OtherAnyStr

__all__ = ["ZIP_PATH_SEP", "ZipArchive", "ZipPath"]

#: What is between the parts of a name in an archive, on every platform.
ZIP_PATH_SEP = "/"


def _like(model: AnyStr, text: str | bytes) -> AnyStr:
    """A text, or bytes, as the model is."""
    if isinstance(model, str):
        return os.fsdecode(text)
    return os.fsencode(text)


@implementer(IFilePath)
class ZipPath(AbstractFilePath[AnyStr]):
    """Something in a zip archive.

    ``path`` is that of the archive with the name in it; nothing but the eye should use it.

    Args:
        archive: the `ZipArchive`.
        pathInArchive: the name, without a separator at its end.
    """

    def __init__(self, archive: ZipArchive[Any], pathInArchive: AnyStr) -> None:
        self.archive = archive
        self.pathInArchive: AnyStr = pathInArchive
        self._name = os.fsdecode(pathInArchive)
        self.path: AnyStr = os.path.join(
            _like(pathInArchive, archive.zipfilePath), *pathInArchive.split(self.sep)
        )

    def _key(self) -> tuple[str, str]:
        return os.fsdecode(self.archive.zipfilePath), self._name

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ZipPath):
            return NotImplemented
        return self._key() == other._key()

    def __lt__(self, other: ZipPath[Any]) -> bool:
        if not isinstance(other, ZipPath):
            return NotImplemented
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"ZipPath({self.path!r})"

    @property
    def sep(self) -> AnyStr:
        """The separator of the parts of a name."""
        return _like(self.pathInArchive, ZIP_PATH_SEP)

    def parent(self) -> ZipPath[AnyStr]:
        """The directory that this is in; for what is at the top, the archive."""
        above = self.pathInArchive.rpartition(self.sep)[0]
        if not above:
            return cast("ZipPath[AnyStr]", self.archive)
        return ZipPath(self.archive, above)

    def child(self, path: OtherAnyStr) -> ZipPath[OtherAnyStr]:
        """Something in this directory.

        No name is special in an archive: ``..`` is merely one that is hardly there.
        """
        own = _like(path, self._name)
        return ZipPath(self.archive, own + _like(path, ZIP_PATH_SEP) + path)

    def sibling(self, path: OtherAnyStr) -> ZipPath[OtherAnyStr]:
        """Something in the same directory as this."""
        return self.parent().child(path)

    def basename(self) -> AnyStr:
        """The last part of the name."""
        return self.pathInArchive.rpartition(self.sep)[2]

    def dirname(self) -> AnyStr:
        """The path of the directory that this is in."""
        return self.parent().path

    def splitext(self) -> tuple[AnyStr, AnyStr]:
        """The path without its ending, and the ending with its dot."""
        return os.path.splitext(self.path)

    def exists(self) -> bool:
        """Whether there is anything of this name."""
        return self.isdir() or self.isfile()

    def isdir(self) -> bool:
        """Whether there is anything below this name."""
        return self._name in self.archive.directories

    def isfile(self) -> bool:
        """Whether it is a file in the archive."""
        return self._name in self.archive.zipfile.NameToInfo

    def islink(self) -> bool:
        """There are no links in archives."""
        return False

    def listdir(self) -> list[AnyStr]:
        """The names of everything in this directory."""
        if self.isdir():
            names = self.archive.directories[self._name]
            return [_like(self.pathInArchive, name) for name in names]
        code = errno.ENOTDIR if self.isfile() else errno.ENOENT
        raise OSError(code, os.strerror(code), self.path)

    def children(self) -> list[ZipPath[AnyStr]]:
        """The paths of everything in this directory.

        Raises:
            UnlistableError: it is no directory, or is not there.
        """
        return cast("list[ZipPath[AnyStr]]", super().children())

    def changed(self) -> None:
        """Nothing is remembered that could be wrong."""

    def _info(self) -> zipfile.ZipInfo:
        return self.archive.zipfile.getinfo(self._name)

    def getsize(self) -> int:
        """How many bytes the file has, unpacked.

        Raises:
            KeyError: it is no file.
        """
        return self._info().file_size

    def getModificationTime(self) -> float:
        """When the file was changed last before it was packed; of a directory, the archive."""
        if not self.isfile():
            return self.archive.getModificationTime()
        return time.mktime((*self._info().date_time, -1, -1, -1))

    # An archive knows no other time.
    getAccessTime = getModificationTime
    getStatusChangeTime = getModificationTime

    def open(self, mode: Any = "r") -> IO[bytes]:
        """Open the file for reading, in binary mode.

        Raises:
            KeyError: it is no file.
            ValueError: the mode is one for writing.
        """
        if mode not in ("r", "rb"):
            raise ValueError(f"a file in an archive can be read only; its mode cannot be {mode!r}")
        return self.archive.zipfile.open(self._name)


@implementer(IFilePath)
class ZipArchive(ZipPath[AnyStr]):
    """A zip archive, as the directory of what is in it.

    Args:
        archivePathname: its path.
    """

    def __init__(self, archivePathname: AnyStr) -> None:
        self.zipfilePath: AnyStr = archivePathname
        self.zipfile = zipfile.ZipFile(os.fsdecode(archivePathname))
        self.path = archivePathname
        self.pathInArchive = archivePathname[:0]
        self._name = ""
        #: The names in each directory; archives need not have entries for directories.
        self.directories: dict[str, list[str]] = {"": []}
        for name in self.zipfile.namelist():
            self._file(name.rstrip(ZIP_PATH_SEP), name.endswith(ZIP_PATH_SEP))

    def _file(self, name: str, isDirectory: bool) -> None:
        if isDirectory:
            self.directories.setdefault(name, [])
        while name:
            above, _, last = name.rpartition(ZIP_PATH_SEP)
            known = above in self.directories
            names = self.directories.setdefault(above, [])
            if last not in names:
                names.append(last)
            if known:
                break
            name = above

    @property
    def archive(self) -> ZipArchive[AnyStr]:
        """The archive itself."""
        return self

    @archive.setter
    def archive(self, value: object) -> None:
        raise AttributeError("an archive is in no other one")

    def __repr__(self) -> str:
        return f"ZipArchive({self.path!r})"

    def child(self, path: OtherAnyStr) -> ZipPath[OtherAnyStr]:
        """Something at the top of the archive."""
        return ZipPath(self, path)

    def parent(self) -> ZipPath[AnyStr]:
        """The archive: there is nothing above it that a `ZipPath` could be."""
        return self

    def basename(self) -> AnyStr:
        """The last part of the archive's path."""
        return os.path.basename(self.path)

    def dirname(self) -> AnyStr:
        """The path of the directory that the archive is in."""
        return os.path.dirname(self.path)

    def exists(self) -> bool:
        """Whether the archive is still there."""
        return self._filePath().exists()

    def getModificationTime(self) -> float:
        """When the archive was changed last."""
        return self._filePath().getModificationTime()

    def getStatusChangeTime(self) -> float:
        """When the archive or its status was changed last."""
        return self._filePath().getStatusChangeTime()

    def getAccessTime(self) -> float:
        """When the archive was read last."""
        return self._filePath().getAccessTime()

    def _filePath(self) -> FilePath[AnyStr]:
        return FilePath(self.path)
