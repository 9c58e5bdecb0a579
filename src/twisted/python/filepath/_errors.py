"""What can go wrong with paths, beyond what the system reports."""

from __future__ import annotations

_PUBLIC = "twisted.python.filepath"


class InsecurePath(Exception):
    """A name was given that leads out of the directory that it was to stay in."""

    __module__ = _PUBLIC


class LinkError(Exception):
    """Symbolic links lead in a circle."""

    __module__ = _PUBLIC


class UnlistableError(OSError):
    """The children of something were asked for that is no directory one may list.

    It looks like the system's error, which is its ``originalException``; a disk that fails, for
    example, is *not* reported this way.
    """

    __module__ = _PUBLIC

    def __init__(self, originalException: OSError) -> None:
        super().__init__(*originalException.args)
        self.filename = originalException.filename
        self.originalException = originalException
