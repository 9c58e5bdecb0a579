"""What paths can do whatever they lead to, told by the few things that they know to do."""

from __future__ import annotations

import errno
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, AnyStr, Generic, Self, TypeVar

from twisted.python.filepath._errors import LinkError, UnlistableError
from twisted.python.win32 import (
    ERROR_DIRECTORY,
    ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_NAME,
    ERROR_PATH_NOT_FOUND,
)

OtherAnyStr = TypeVar("OtherAnyStr", str, bytes)

# These mean: not a directory that can be listed.  Any other error is a trouble of its own.
_UNLISTABLE = frozenset([errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM])
_UNLISTABLE_WINDOWS = frozenset(
    [ERROR_PATH_NOT_FOUND, ERROR_FILE_NOT_FOUND, ERROR_INVALID_NAME, ERROR_DIRECTORY]
)


class AbstractFilePath(Generic[AnyStr]):
    """The base of paths; a kind of path defines the methods that raise `NotImplementedError`."""

    __module__ = "twisted.python.filepath"

    Selfish = TypeVar("Selfish", bound="AbstractFilePath[Any]")

    path: AnyStr

    @abstractmethod
    def basename(self) -> AnyStr:
        """The last part of the path."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def parent(self) -> AbstractFilePath[AnyStr]:
        """The path of the directory that this one is in."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def child(self, path: OtherAnyStr) -> AbstractFilePath[OtherAnyStr]:
        """The path of something in this directory."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def listdir(self) -> list[AnyStr]:
        """The names of everything in this directory."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def isdir(self) -> bool:
        """Whether it is a directory."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def open(self, mode: Any = "r") -> IO[bytes]:
        """Open the file, in binary mode."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def getAccessTime(self) -> float:
        """When the file was read last, in seconds since the epoch."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def getModificationTime(self) -> float:
        """When the content changed last, in seconds since the epoch."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def getStatusChangeTime(self) -> float:
        """When the content or the status changed last, in seconds since the epoch."""
        raise NotImplementedError(type(self))

    def getatime(self) -> int:
        """`getAccessTime` in whole seconds."""
        return int(self.getAccessTime())

    def getmtime(self) -> int:
        """`getModificationTime` in whole seconds."""
        return int(self.getModificationTime())

    def getctime(self) -> int:
        """`getStatusChangeTime` in whole seconds."""
        return int(self.getStatusChangeTime())

    def getContent(self) -> bytes:
        """Everything that is in the file."""
        with self.open() as source:
            return source.read()

    def sibling(self, path: OtherAnyStr) -> AbstractFilePath[OtherAnyStr]:
        """The path of something in the same directory as this one.

        Raises:
            InsecurePath: the name leads elsewhere.
        """
        return self.parent().child(path)

    def descendant(self, segments: Sequence[OtherAnyStr]) -> AbstractFilePath[OtherAnyStr]:
        """The child of the child, and so on.

        Args:
            segments: a name for each step.

        Raises:
            InsecurePath: one of the names is none of a child.
        """
        path: Any = self
        for name in segments:
            path = path.child(name)
        found: AbstractFilePath[OtherAnyStr] = path
        return found

    def parents(self) -> Iterator[AbstractFilePath[AnyStr]]:
        """The directory that this is in, the one above, and so on to the root."""
        path: AbstractFilePath[AnyStr] = self
        above = self.parent()
        while above != path:
            yield above
            path, above = above, above.parent()

    def segmentsFrom(self, ancestor: AbstractFilePath[AnyStr]) -> list[AnyStr]:
        """The names on the way from a directory above to this path.

        Raises:
            ValueError: the other path is not above this one.
        """
        names: list[AnyStr] = []
        here: AbstractFilePath[AnyStr] = self
        while here != ancestor:
            above = here.parent()
            if above == here:
                raise ValueError(f"{self!r} is not in {ancestor!r}")
            names.append(here.basename())
            here = above
        names.reverse()
        return names

    def children(self) -> Iterable[AbstractFilePath[AnyStr]]:
        """The paths of everything in this directory.

        Raises:
            UnlistableError: it is no directory, it is not there, or it may not be read.
        """
        try:
            names = self.listdir()
        except OSError as error:
            code = getattr(error, "winerror", None)
            if code in _UNLISTABLE_WINDOWS or error.errno in _UNLISTABLE:
                raise UnlistableError(error) from error
            raise
        return self._childrenOf(names)

    def _childrenOf(self, names: list[AnyStr]) -> list[AbstractFilePath[AnyStr]]:
        return [self.child(name) for name in names]

    def walk(self, descend: Callable[[Self], bool] | None = None) -> Iterator[Self]:
        """This path, and everything below it.

        A directory comes before what is in it.

        Args:
            descend: called with each directory, says whether to look into it; the directory
                itself comes in any case.

        Raises:
            LinkError: a symbolic link leads back to a directory on the way to it.
        """
        yield self
        if not self.isdir():
            return
        # Each level is the children yet to come, and where the directory really is.  A stack of
        # our own, since a tree may be deeper than calls can be.
        levels: list[tuple[Iterator[Any], Any]] = [(iter(self.children()), self._whereabouts())]
        while levels:
            path = next(levels[-1][0], None)
            if path is None:
                levels.pop()
                continue
            yield path
            if path.isdir() and (descend is None or descend(path)):
                place = path._whereabouts()
                if any(place == above for _, above in levels):
                    raise LinkError(f"{path!r} is a link that leads back to a directory above it.")
                levels.append((iter(path.children()), place))

    def _whereabouts(self) -> object:
        """What two paths have in common if and only if they lead to the same directory."""
        return self.path
