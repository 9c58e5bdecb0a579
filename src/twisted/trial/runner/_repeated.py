"""Tests that are not there: of two with one name in one class, Python keeps the second.

Theory of operation
-------------------
Nothing of the first is left in the class, but its code is among the constants of the compiled
module, which Python has in its cache.  So a look at that is all that most modules cost.  Only where
a name comes twice is the source parsed, because two definitions may be each other's alternatives.
"""

from __future__ import annotations

import ast
import inspect
import types
import warnings
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from twisted.trial._broken import BrokenTestCaseWarning

_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _codeOf(module: types.ModuleType) -> types.CodeType | None:
    getCode = getattr(getattr(module.__spec__, "loader", None), "get_code", None)
    if getCode is None:
        return None
    try:
        code = getCode(module.__name__)
    except (ImportError, OSError):
        # It has been loaded by other means than those that are left.
        return None
    return code if isinstance(code, types.CodeType) else None


def _mayRepeat(code: types.CodeType) -> bool:
    """Whether some name is defined twice, in a module or in a class of it."""
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    names = [each.co_name for each in inner if not each.co_name.startswith("<")]
    if len(names) != len(set(names)):
        return True
    # The body of a class is not a function, which has fast locals.
    return any(_mayRepeat(each) for each in inner if not each.co_flags & inspect.CO_OPTIMIZED)


def _hasTests(node: _Definition, prefix: str) -> bool:
    if isinstance(node, ast.ClassDef):
        return any(_hasTests(each, prefix) for each in node.body if isinstance(each, _Definition))
    return node.name.startswith(prefix)


def _uses(node: _Definition, name: str) -> bool:
    """Whether a definition goes on from what had its name: a subclass, or part of a property."""
    outside = [*node.decorator_list, *(node.bases if isinstance(node, ast.ClassDef) else ())]
    return any(
        isinstance(part, ast.Name) and part.id == name
        for each in outside
        for part in ast.walk(each)
    )


def repeated(
    body: Sequence[ast.stmt], prefix: str = "test", owner: str = ""
) -> Iterator[tuple[str, int, int]]:
    """Find tests, and classes with tests, that another definition has replaced.

    Args:
        body: The statements of a module.
        prefix: How the names of tests begin.
        owner: The name of the class that they are in, and a dot.

    Returns:
        For each its name, its line, and the line of the other.
    """
    seen: dict[str, _Definition] = {}
    for node in body:
        if not isinstance(node, _Definition):
            continue
        before = seen.get(node.name)
        if before is not None and _hasTests(before, prefix) and not _uses(node, node.name):
            yield f"{owner}{node.name}", before.lineno, node.lineno
        seen[node.name] = node
        if isinstance(node, ast.ClassDef):
            yield from repeated(node.body, prefix, f"{owner}{node.name}.")


def warnOfRepeated(module: types.ModuleType, prefix: str) -> None:
    """Warn of the tests of a module that another of the same name has replaced.

    Args:
        module: The module.
        prefix: How the names of tests begin.
    """
    code = _codeOf(module)
    if code is None or not _mayRepeat(code):
        return
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, SyntaxError):
        return
    for name, line, other in repeated(tree.body, prefix):
        warnings.warn_explicit(
            f"{name} is defined again on line {other}, and so never runs",
            BrokenTestCaseWarning,
            module.__file__ or module.__name__,
            line,
        )
