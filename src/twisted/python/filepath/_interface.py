"""What can be asked of a path, wherever the file may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from zope.interface import Attribute, Interface


class IFilePath(Interface):
    """The path of a file or directory: in a file system, in an archive, or elsewhere."""

    __module__ = "twisted.python.filepath"

    sep = Attribute("The separator of the parts of the path.")

    def basename() -> str | bytes:
        """The last part of the path."""

    def parent() -> IFilePath:
        """The path of the directory that this one is in."""

    def sibling(name: str) -> IFilePath:
        """The path of something in the same directory as this one."""

    def child(name: str) -> IFilePath:
        """The path of something in this directory.

        Raises:
            InsecurePath: the name is none of something in this directory.
        """

    def children() -> Sequence[IFilePath]:
        """The paths of everything in this directory."""

    def exists() -> bool:
        """Whether there is anything at this path."""

    def isdir() -> bool:
        """Whether it is a directory."""

    def isfile() -> bool:
        """Whether it is a regular file."""

    def getsize() -> int:
        """How many bytes the file has."""

    def getAccessTime() -> float:
        """When the file was read last, in seconds since the epoch."""

    def getModificationTime() -> float:
        """When the content changed last, in seconds since the epoch."""

    def getStatusChangeTime() -> float:
        """When the content or the status changed last, in seconds since the epoch."""

    def changed() -> None:
        """Forget what is remembered about the file: it may have changed."""

    def open(mode: str = "r") -> IO[Any]:
        """Open the file, in binary mode always.

        Args:
            mode: as for the built-in `open`.
        """
