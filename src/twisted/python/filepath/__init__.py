"""Paths as objects: walk directories, read and replace files, without leaving a root.

`FilePath` stands for one path, in text or in bytes; `FilePath.child` takes a name from a
stranger and never leads out of the directory.
"""

# Programs take these from here, for the modes that `FilePath.chmod` sets.
from stat import (
    S_IMODE,
    S_IRGRP,
    S_IROTH,
    S_IRUSR,
    S_ISBLK,
    S_ISDIR,
    S_ISREG,
    S_ISSOCK,
    S_IWGRP,
    S_IWOTH,
    S_IWUSR,
    S_IXGRP,
    S_IXOTH,
    S_IXUSR,
)
from typing import TYPE_CHECKING

from twisted import _intact as _intact
from twisted.python.filepath._abstract import AbstractFilePath, OtherAnyStr
from twisted.python.filepath._errors import InsecurePath, LinkError, UnlistableError
from twisted.python.filepath._interface import IFilePath
from twisted.python.filepath._path import FilePath
from twisted.python.filepath._permissions import RWX, Permissions
from twisted.python.win32 import (
    ERROR_DIRECTORY,
    ERROR_FILE_NOT_FOUND,
    ERROR_INVALID_NAME,
    ERROR_PATH_NOT_FOUND,
    O_BINARY,
)

__all__ = [
    "ERROR_DIRECTORY",
    "ERROR_FILE_NOT_FOUND",
    "ERROR_INVALID_NAME",
    "ERROR_PATH_NOT_FOUND",
    "O_BINARY",
    "RWX",
    "S_IMODE",
    "S_IRGRP",
    "S_IROTH",
    "S_IRUSR",
    "S_ISBLK",
    "S_ISDIR",
    "S_ISREG",
    "S_ISSOCK",
    "S_IWGRP",
    "S_IWOTH",
    "S_IWUSR",
    "S_IXGRP",
    "S_IXOTH",
    "S_IXUSR",
    "TYPE_CHECKING",
    "AbstractFilePath",
    "FilePath",
    "IFilePath",
    "InsecurePath",
    "LinkError",
    "OtherAnyStr",
    "Permissions",
    "UnlistableError",
]
