"""Which tests a source file says belong to it, in its Emacs-style local variables::

# -*- test-case-name: package.test.test_module -*-
"""

from __future__ import annotations

import os

# Where Emacs looks for them.
_LINES = 2


def loadLocalVariables(filename: str) -> dict[str, str]:
    """Return the local variables in the first two lines of a file.

    Raises:
        OSError: The file cannot be read.
        ValueError: Its variables cannot be understood.
    """
    with open(filename, encoding="utf-8", errors="replace") as source:
        lines = [source.readline() for _ in range(_LINES)]
    for line in lines:
        marked = line.split("-*-")
        if len(marked) > 2:
            return _parse(marked[1], filename)
    return {}


def _parse(text: str, filename: str) -> dict[str, str]:
    variables: dict[str, str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        key, colon, value = part.partition(":")
        if not colon:
            raise ValueError(f"{filename}: {part.strip()!r} is not of the form 'variable: value'")
        variables[key.strip()] = value.strip()
    return variables


def getTestModules(filename: str) -> list[str] | None:
    """Return the names of the modules of tests that a file asks for; None if it does not."""
    names = loadLocalVariables(filename).get("test-case-name")
    if names is None:
        return None
    return [each.strip() for each in names.split(",")]


def isTestFile(filename: str) -> bool:
    """Whether the name of a file is that of a module of tests."""
    base = os.path.basename(filename)
    return base.startswith("test_") and os.path.splitext(base)[1] == ".py"
