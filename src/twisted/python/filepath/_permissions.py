"""Who may do what with a file."""

from __future__ import annotations

from twisted.python.util import FancyEqMixin

_PUBLIC = "twisted.python.filepath"


class RWX(FancyEqMixin):
    """What somebody may do with a file: ``read``, ``write``, ``execute``."""

    __module__ = _PUBLIC
    compareAttributes = ("read", "write", "execute")

    def __init__(self, readable: bool, writable: bool, executable: bool) -> None:
        self.read, self.write, self.execute = readable, writable, executable

    def __repr__(self) -> str:
        return f"RWX(read={self.read}, write={self.write}, execute={self.execute})"

    def shorthand(self) -> str:
        """As ls(1) shows it: ``r-x``."""
        return "".join(
            letter if allowed else "-"
            for letter, allowed in zip("rwx", (self.read, self.write, self.execute), strict=True)
        )


class Permissions(FancyEqMixin):
    """What the ``user``, the ``group`` and ``other`` people may do with a file, an `RWX` each.

    Args:
        statModeInt: the mode of a file, as `os.stat` or chmod(1) has it; the kind of file in it
            is ignored.
    """

    __module__ = _PUBLIC
    compareAttributes = ("user", "group", "other")

    def __init__(self, statModeInt: int) -> None:
        self.user, self.group, self.other = (
            RWX(*(bool(statModeInt >> shift & bit) for bit in (4, 2, 1))) for shift in (6, 3, 0)
        )

    def __repr__(self) -> str:
        return f"[{self.user!r} | {self.group!r} | {self.other!r}]"

    def shorthand(self) -> str:
        """As ls(1) shows it: ``rwxr-x---``."""
        return "".join(who.shorthand() for who in (self.user, self.group, self.other))
