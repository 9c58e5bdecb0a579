"""What Windows calls things; these names mean the same on every platform.

Quoting a command line is pure text and works anywhere; `formatError` asks the system and knows
the meaning of an error only on Windows.
"""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import Iterable

__all__ = [
    "ERROR_DIRECTORY",
    "ERROR_FILE_NOT_FOUND",
    "ERROR_INVALID_NAME",
    "ERROR_PATH_NOT_FOUND",
    "O_BINARY",
    "FakeWindowsError",
    "WindowsError",
    "cmdLineQuote",
    "formatError",
    "quoteArguments",
]

# winerror.h
ERROR_FILE_NOT_FOUND = 2
ERROR_PATH_NOT_FOUND = 3
ERROR_INVALID_NAME = 123
ERROR_DIRECTORY = 267

O_BINARY: int = getattr(os, "O_BINARY", 0)


class FakeWindowsError(OSError):
    """Stands for ``WindowsError`` where there is none; nothing raises it."""


WindowsError: type[OSError] = getattr(builtins, "WindowsError", FakeWindowsError)

_BEFORE_QUOTE = re.compile(r'(\\*)"')
_AT_END = re.compile(r"(\\+)\Z")


def cmdLineQuote(s: str) -> str:
    """Quote one argument as the C runtime of Windows reads it.

    Backslashes count only before a quote: there, and before the closing one, each is doubled.
    """
    escaped = _BEFORE_QUOTE.sub(r'\1\1\\"', s)
    escaped = _AT_END.sub(r"\1\1", escaped)
    quote = '"' if not escaped or re.search(r'[\s"]', escaped) else ""
    if not quote:
        return s
    return quote + escaped + quote


def quoteArguments(arguments: Iterable[str]) -> str:
    """One command line of many arguments, see `cmdLineQuote`."""
    return " ".join(map(cmdLineQuote, arguments))


def formatError(errorcode: int) -> str:
    """What the system says about an error code.

    Elsewhere than on Windows the code is taken as an ``errno``.
    """
    return os.strerror(errorcode)
