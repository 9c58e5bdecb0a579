"""What rows and reflectors have in common: their error, and what a name may be."""

from __future__ import annotations

import re

__all__ = ["DBError", "checkName"]

#: Names go into statements as they are, so that the database folds their case as it always does.
_NAME = re.compile(r"[^\W\d]\w*")


class DBError(Exception):
    """A class does not describe its table, or a row is not what the table asks for."""


def checkName(name: object, what: str, dots: bool = False) -> str:
    """
    A name of a table or column that may be part of a statement.

    Args:
        name: what may be one.
        what: what it is the name of, for the message.
        dots: whether it may have a schema before it, as in `public.rooms`.

    Raises:
        DBError: it is no name: it is empty, or has anything but letters, digits and underscores.
    """
    parts = name.split(".") if dots and isinstance(name, str) else [name]
    if isinstance(name, str) and all(
        _NAME.fullmatch(part) for part in parts if isinstance(part, str)
    ):
        return name
    raise DBError(f"{name!r} cannot be {what}: a name has letters, digits and underscores")
