"""Paths in the file system."""

from __future__ import annotations

import builtins
import errno
import functools
import glob
import os
import secrets
import stat
from collections.abc import Sequence
from typing import IO, Any, AnyStr, cast, overload

from zope.interface import implementer

from twisted.python.filepath._abstract import AbstractFilePath, OtherAnyStr
from twisted.python.filepath._errors import InsecurePath, LinkError
from twisted.python.filepath._interface import IFilePath
from twisted.python.filepath._permissions import Permissions
from twisted.python.win32 import O_BINARY

_COPY_SIZE = 1 << 16


def _like(model: AnyStr, path: str | bytes, encoding: str | None = None) -> AnyStr:
    """The path as text or as bytes, whichever the model is."""
    if isinstance(model, str):
        if isinstance(path, str):
            return path
        return os.fsdecode(path) if encoding is None else path.decode(encoding)
    if isinstance(path, bytes):
        return path
    return os.fsencode(path) if encoding is None else path.encode(encoding)


@functools.total_ordering
@implementer(IFilePath)
class FilePath(AbstractFilePath[AnyStr]):
    """A path in the file system.

    It is made absolute at once, against the directory that is current then.  What the system
    says about the file (kind, size, times) is asked once and remembered until `restat` or
    `changed`; but that a file is *not* there is never remembered.

    A path is text or bytes, and so are the names that it gives; a name given to `child` decides
    for what comes of it.  Paths compare and hash by their ``path``.

    Args:
        path: the path; relative to the current directory, or absolute.
        alwaysCreate: `open` makes a new file, and fails if there is one.
    """

    __module__ = "twisted.python.filepath"

    def __init__(self, path: AnyStr | os.PathLike[AnyStr], alwaysCreate: bool = False) -> None:
        self.path: AnyStr = os.path.abspath(path)
        self.alwaysCreate = alwaysCreate
        self._stat: os.stat_result | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r})"

    def __fspath__(self) -> AnyStr:
        return self.path

    def __hash__(self) -> int:
        return hash(self.path)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FilePath):
            return NotImplemented
        return bool(self.path == other.path)

    def __lt__(self, other: FilePath[Any]) -> bool:
        if not isinstance(other, FilePath):
            return NotImplemented
        # Text and bytes have no order among themselves, so all bytes come first.
        mine = isinstance(self.path, str), self.path
        theirs = isinstance(other.path, str), other.path
        return bool(mine < theirs)

    def __getstate__(self) -> dict[str, Any]:
        """What to pickle: all but what the system said about the file."""
        return {**self.__dict__, "_stat": None}

    @property
    def sep(self) -> AnyStr:
        """The separator of the parts of a path, in text or bytes as the path is."""
        return _like(self.path, os.sep)

    def clonePath(self, path: OtherAnyStr, alwaysCreate: bool = False) -> FilePath[OtherAnyStr]:
        """Make the paths that the other methods give; a subclass may make its own kind."""
        return FilePath(path, alwaysCreate)

    def asBytesMode(self, encoding: str | None = None) -> FilePath[bytes]:
        """The same path in bytes.

        Args:
            encoding: how to write text; that of the file system by default.
        """
        return self.clonePath(_like(b"", self.path, encoding))

    def asTextMode(self, encoding: str | None = None) -> FilePath[str]:
        """The same path in text.

        Args:
            encoding: how to read bytes; that of the file system by default.
        """
        return self.clonePath(_like("", self.path, encoding))

    # Paths from this one

    def child(self, path: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """The path of something directly in this directory.

        The name may come from a stranger.  The check is of the name alone: if there is a symbolic
        link of this name, the system follows it wherever it leads.  An empty name and ``.`` give
        this path.

        Args:
            path: a name.

        Raises:
            InsecurePath: the name has a separator or a null byte in it, or is ``..``.
        """
        name = os.path.normpath(path)
        if _like(path, os.sep) in name:
            raise InsecurePath(f"{path!r} has a directory separator in it; it cannot be a child.")
        return self._inside(path, name)

    def preauthChild(self, path: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """The path of something in this directory or below.

        Args:
            path: a relative path that may have separators in it, and may come from a stranger.

        Raises:
            InsecurePath: it leads out of this directory, or has a null byte in it.
        """
        return self._inside(path, os.path.normpath(path))

    def _inside(self, given: OtherAnyStr, name: OtherAnyStr) -> FilePath[OtherAnyStr]:
        root = _like(given, self.path)
        separator = _like(given, os.sep)
        found = os.path.abspath(os.path.join(root, name))
        fence = root if root.endswith(separator) else root + separator
        if found != root and not found.startswith(fence):
            raise InsecurePath(f"{given!r} leads out of {root!r}.")
        if _like(given, "\0") in name:
            raise InsecurePath(f"{given!r} has a null byte in it; no file has such a name.")
        return self.clonePath(found)

    def descendant(self, segments: Sequence[OtherAnyStr]) -> FilePath[OtherAnyStr]:
        """The child of the child, and so on: `child` for each of the names."""
        return cast("FilePath[OtherAnyStr]", super().descendant(segments))

    def sibling(self, path: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """The path of something in the same directory as this one; see `child`."""
        return self.parent().child(path)

    def childSearchPreauth(self, *paths: OtherAnyStr) -> FilePath[OtherAnyStr] | None:
        """The first of some paths that exists.

        The names must be ones that you trust: they are not checked.

        Args:
            paths: relative to this directory.

        Returns:
            None if there is nothing at any of them.
        """
        for path in paths:
            candidate = os.path.join(_like(path, self.path), path)
            if os.path.exists(candidate):
                return self.clonePath(candidate)
        return None

    def siblingExtensionSearch(self, *exts: OtherAnyStr) -> FilePath[OtherAnyStr] | None:
        """The first path that exists among this one with endings added.

        Args:
            exts: endings such as ``.html``.  An empty one stands for this path as it is;
                ``*`` for any path that goes on with a dot.

        Returns:
            None if there is nothing at any of them.
        """
        for ext in exts:
            here = _like(ext, self.path)
            if ext == _like(ext, "*"):
                pattern = glob.escape(here) + _like(ext, ".*")
                candidates = sorted(glob.glob(pattern))
            else:
                candidates = [here + ext]
            for candidate in candidates:
                if os.path.exists(candidate):
                    return self.clonePath(candidate)
        return None

    def siblingExtension(self, ext: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """This path with an ending added."""
        return self.clonePath(_like(ext, self.path) + ext)

    @overload
    def temporarySibling(self, extension: None = None) -> FilePath[AnyStr]: ...

    @overload
    def temporarySibling(self, extension: OtherAnyStr) -> FilePath[OtherAnyStr]: ...

    def temporarySibling(self, extension: str | bytes | None = None) -> FilePath[Any]:
        """A path in the same directory that nobody can foretell; `open` creates the file.

        Args:
            extension: what the name ends with; nothing by default.
        """
        text = f"{_like('', self.basename())}.{secrets.token_hex(8)}{_like('', extension or '')}"
        model = self.path if extension is None else extension
        path: FilePath[Any] = self.sibling(text if isinstance(model, str) else os.fsencode(text))
        path.requireCreate()
        return path

    def parent(self) -> FilePath[AnyStr]:
        """The directory that this is in; for the root, the root."""
        return self.clonePath(self.dirname())

    def basename(self) -> AnyStr:
        """The last part of the path."""
        return os.path.basename(self.path)

    def dirname(self) -> AnyStr:
        """The path of the directory that this is in."""
        return os.path.dirname(self.path)

    def splitext(self) -> tuple[AnyStr, AnyStr]:
        """The path without its ending, and the ending with its dot."""
        return os.path.splitext(self.path)

    def isabs(self) -> bool:
        """Whether the path is absolute, as it always is."""
        return os.path.isabs(self.path)

    def realpath(self) -> FilePath[AnyStr]:
        """The path without symbolic links in it; this one if there are none.

        Raises:
            LinkError: the links lead in a circle.
        """
        real = os.path.realpath(self.path)
        if os.path.islink(real):
            raise LinkError(f"The links of {self.path!r} lead in a circle.")
        return self if real == self.path else self.clonePath(real)

    def _whereabouts(self) -> object:
        return os.path.realpath(self.path)

    def _childrenOf(self, names: list[AnyStr]) -> list[AbstractFilePath[AnyStr]]:
        # The system gives no name that child() would have to check.
        return [self.clonePath(os.path.join(self.path, name)) for name in names]

    def children(self) -> list[FilePath[AnyStr]]:
        """The paths of everything in this directory.

        Raises:
            UnlistableError: it is no directory, it is not there, or it may not be read.
        """
        return cast("list[FilePath[AnyStr]]", super().children())

    def listdir(self) -> list[AnyStr]:
        """The names of everything in this directory."""
        return os.listdir(self.path)

    def globChildren(self, pattern: OtherAnyStr) -> list[FilePath[OtherAnyStr]]:
        """The paths below this directory that a pattern of the `glob` module fits."""
        root = _like(pattern, self.path)
        return [
            self.clonePath(os.path.join(root, name)) for name in glob.glob(pattern, root_dir=root)
        ]

    # What the system says about the file

    def changed(self) -> None:
        """Forget what the system said about the file, for it may be true no more."""
        self._stat = None

    def restat(self, reraise: bool = True) -> None:
        """Ask the system about the file now.

        Args:
            reraise: whether to raise when there is nothing to ask about.

        Raises:
            OSError: there is nothing at this path, or it cannot be reached.
        """
        try:
            self._stat = os.stat(self.path)
        except (OSError, ValueError):
            # ValueError: a null byte in the path, which no file can have.
            self._stat = None
            if reraise:
                raise

    def _asked(self) -> os.stat_result:
        if self._stat is None:
            self._stat = os.stat(self.path)
        return self._stat

    def _isKind(self, test: Any) -> bool:
        if self._stat is None:
            self.restat(False)
        return self._stat is not None and test(self._stat.st_mode)

    def exists(self) -> bool:
        """Whether there is anything at this path; a link that leads nowhere is nothing."""
        return self._isKind(bool)

    def isdir(self) -> bool:
        """Whether it is a directory, or a link to one."""
        return self._isKind(stat.S_ISDIR)

    def isfile(self) -> bool:
        """Whether it is a regular file, or a link to one."""
        return self._isKind(stat.S_ISREG)

    def isBlockDevice(self) -> bool:
        """Whether it is a block device."""
        return self._isKind(stat.S_ISBLK)

    def isSocket(self) -> bool:
        """Whether it is a socket."""
        return self._isKind(stat.S_ISSOCK)

    def islink(self) -> bool:
        """Whether it is a symbolic link; asked anew each time."""
        return os.path.islink(self.path)

    def getsize(self) -> int:
        """How many bytes the file has."""
        return self._asked().st_size

    def getModificationTime(self) -> float:
        """When the content changed last, in seconds since the epoch."""
        return self._asked().st_mtime

    def getStatusChangeTime(self) -> float:
        """When the content or the status changed last, in seconds since the epoch."""
        return self._asked().st_ctime

    def getAccessTime(self) -> float:
        """When the file was read last, in seconds since the epoch."""
        return self._asked().st_atime

    def getInodeNumber(self) -> int:
        """The number of the file on its device."""
        return self._asked().st_ino

    def getDevice(self) -> int:
        """The number of the device that the file is on."""
        return self._asked().st_dev

    def getNumberOfHardLinks(self) -> int:
        """How many names the file has."""
        return self._asked().st_nlink

    def getUserID(self) -> int:
        """The id of the user who owns the file."""
        return self._asked().st_uid

    def getGroupID(self) -> int:
        """The id of the group that owns the file."""
        return self._asked().st_gid

    def getPermissions(self) -> Permissions:
        """Who may do what with the file."""
        return Permissions(stat.S_IMODE(self._asked().st_mode))

    # Changes

    def requireCreate(self, val: bool = True) -> None:
        """Let `open` make a new file and fail if there is one, or no longer do so."""
        self.alwaysCreate = val

    def create(self) -> IO[bytes]:
        """Make a new file, open for reading and writing.

        Raises:
            FileExistsError: there is one already, or a symbolic link of this name.
        """
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | O_BINARY
        return os.fdopen(os.open(self.path, flags, 0o666), "w+b")

    def open(self, mode: str = "r") -> IO[bytes]:
        """Open the file, in binary mode always.

        Args:
            mode: as for the built-in `open`.
        """
        if self.alwaysCreate:
            return self.create()
        return cast("IO[bytes]", builtins.open(self.path, mode.replace("b", "") + "b"))

    def touch(self) -> None:
        """Set the times of the file to now; makes an empty file if there is none."""
        builtins.open(self.path, "a").close()
        os.utime(self.path)
        self.changed()

    def setContent(self, content: bytes, ext: str | bytes = b".new") -> None:
        """Replace the file, so that others see either what was in it or what is in it now.

        The content goes into a new file beside this one, which then takes its place.

        Args:
            content: the bytes.
            ext: what the name of the new file ends with.
        """
        if isinstance(content, str):
            raise TypeError(
                "A file holds bytes, not text: encode it first, as in"
                ' path.setContent(text.encode("utf-8")).'
            )
        fresh = self.temporarySibling(_like(self.path, ext))
        try:
            with fresh.open("w") as target:
                target.write(content)
            os.replace(fresh.path, self.path)
        except BaseException:
            # Whatever happened, half a file must not be left behind.
            if os.path.lexists(fresh.path):
                os.remove(fresh.path)
            raise
        self.changed()

    def chmod(self, mode: int) -> None:
        """Set who may do what with the file.

        Args:
            mode: such as ``0o644``.
        """
        os.chmod(self.path, mode)
        self.changed()

    def createDirectory(self) -> None:
        """Make a directory in one that is there."""
        os.mkdir(self.path)
        self.changed()

    def makedirs(self, ignoreExistingDirectory: bool = False) -> None:
        """Make a directory, and those above it that are missing.

        Args:
            ignoreExistingDirectory: it is no error if it is there already.

        Raises:
            FileExistsError: it is there already, or something else is.
        """
        os.makedirs(self.path, exist_ok=ignoreExistingDirectory)
        self.changed()

    def linkTo(self, linkFilePath: FilePath[Any]) -> None:
        """Make a symbolic link that leads here.

        Args:
            linkFilePath: where to make it.
        """
        os.symlink(self.path, linkFilePath.path)
        linkFilePath.changed()

    def remove(self) -> None:
        """Remove the file; or the directory and everything in it, following no links."""
        self.changed()
        if self.isdir() and not self.islink():
            for path in self.children():
                path.remove()
            os.rmdir(self.path)
        else:
            os.remove(self.path)
        self.changed()

    def copyTo(self, destination: FilePath[Any], followLinks: bool = True) -> None:
        """Copy the file; or the directory and everything in it, into one that may be there.

        Args:
            destination: the path of the copy.
            followLinks: copy what a symbolic link leads to; else copy the link.

        Raises:
            FileNotFoundError: there is nothing at this path.
            NotImplementedError: it is neither a file nor a directory.
        """
        if not followLinks and self.islink():
            os.symlink(os.readlink(self.path), _like(self.path, destination.path))
            destination.changed()
            return
        self.restat()
        if self.isdir():
            if not destination.exists():
                destination.createDirectory()
            for path in self.children():
                path.copyTo(destination.child(path.basename()), followLinks)
        elif self.isfile():
            with self.open() as source, destination.open("w") as target:
                while piece := source.read(_COPY_SIZE):
                    target.write(piece)
        else:
            raise NotImplementedError(
                f"{self.path!r} is neither a file nor a directory; only those can be copied."
            )
        destination.changed()

    def moveTo(self, destination: FilePath[Any], followLinks: bool = True) -> None:
        """Give the file or directory another path; a file that is there is replaced.

        To another device, it is copied and then removed; nobody sees a part of the copy under
        the new path.

        Args:
            destination: the new path.
            followLinks: if it has to be copied, copy what links lead to; else the links.
        """
        try:
            os.rename(self.path, _like(self.path, destination.path))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            copy = destination.temporarySibling(_like(destination.path, ""))
            copy.requireCreate(False)
            self.copyTo(copy, followLinks)
            copy.moveTo(destination, followLinks)
            self.remove()
        self.changed()
        destination.changed()
