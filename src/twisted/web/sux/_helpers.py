"""What goes with the parser: its error, and functions on the names of methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.python.reflect import prefixedMethodNames

__name__ = "twisted.web.sux"

# Besides letters and digits, what names are made of, and what values without quotes begin with.
identChars = ".-_:"
lenientIdentChars = identChars + ";+#/%~"

# What `begin_`, `do_` and `end_` methods of a state are in its entry of the table of a parser.
BEGIN_HANDLER, DO_HANDLER, END_HANDLER = 0, 1, 2


def nop(*args: Any, **kw: Any) -> None:
    """Take anything, and do nothing."""


def unionlist(*args: Any) -> list[Any]:
    """What is in any of some sequences, each once."""
    return list(dict.fromkeys(item for one in args for item in one))


def zipfndict(*args: dict[Any, Any], **kw: Any) -> dict[Any, tuple[Any, ...]]:
    """One dictionary of several: for each key, a tuple with the value of each of them.

    Args:
        args: The dictionaries.
        kw: `default`, the value where a dictionary has none; by default `nop`.
    """
    default = kw.get("default", nop)
    return {key: tuple([one.get(key, default) for one in args]) for key in unionlist(*args)}


def prefixedMethodClassDict(clazz: type, prefix: str) -> dict[str, Any]:
    """The functions of a class whose names begin with a prefix, by the rest of their names."""
    return {name: getattr(clazz, prefix + name) for name in prefixedMethodNames(clazz, prefix)}


def prefixedMethodObjDict(obj: object, prefix: str) -> dict[str, Callable[..., Any]]:
    """The methods of an object whose names begin with a prefix, by the rest of their names."""
    names = prefixedMethodNames(type(obj), prefix)
    return {name: getattr(obj, prefix + name) for name in names}


class ParseError(Exception):
    """A document is not well-formed, or beyond a limit.

    Args:
        filename, line, col: Where.
        message: What is wrong there.
    """

    def __init__(self, filename: str, line: int, col: int, message: str) -> None:
        super().__init__(filename, line, col, message)
        self.filename, self.message = filename, message
        self.line, self.col = line, col

    def __str__(self) -> str:
        return f"{self.filename}:{self.line}:{self.col}: {self.message}"
