"""Plugins of the days of ``mktap``: a file ``plugins.tml`` in a package registers them.

    register("finger", "finger.tap",
             description="Build a finger server tap", type="tap", tapname="finger")

The file has the syntax of Python, but it is read, not run: it is calls of `register` with constant
arguments, and nothing else has ever been of use there.
"""

from __future__ import annotations

import _ast
import os
from collections.abc import Iterable, Iterator
from typing import Any

from twisted.application._makers import ServiceMaker
from twisted.logger import Logger

_log = Logger(namespace="twisted.application.app")

FILE = "plugins.tml"
#: The type of those that are subcommands; others were for programs that are gone.
_TAP = "tap"


def serviceMakers(path: Iterable[str]) -> Iterator[ServiceMaker]:
    """What the files in the packages of some folders register.

    A file that makes no sense is logged.

    Args:
        path: folders, as in `sys.path`.
    """
    for folder in dict.fromkeys(path):
        for file in _files(folder or os.curdir):
            try:
                yield from _read(file)
            except (OSError, SyntaxError, ValueError, TypeError) as problem:
                _log.error("{file} cannot be read: {problem}", file=file, problem=problem)


def _files(folder: str) -> Iterator[str]:
    try:
        packages = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
    except OSError:
        # An archive, or a folder that is not there: neither has such files.
        return
    for package in packages:
        file = os.path.join(package, FILE)
        if os.path.exists(file):
            yield file


def _read(file: str) -> Iterator[ServiceMaker]:
    with open(file, "rb") as opened:
        tree: Any = compile(opened.read(), file, "exec", _ast.PyCF_ONLY_AST)
    for statement in tree.body:
        call = getattr(statement, "value", None)
        if not isinstance(call, _ast.Call) or getattr(call.func, "id", None) != "register":
            raise ValueError(f"line {statement.lineno}: this is not a call of register")
        values = [_constant(argument) for argument in call.args]
        named = {str(keyword.arg): _constant(keyword.value) for keyword in call.keywords}
        maker = _registered(*values, **named)
        if maker is not None:
            yield maker


def _constant(node: Any) -> Any:
    if not isinstance(node, _ast.Constant):
        raise ValueError(f"line {node.lineno}: this is not a constant")
    return node.value


def _registered(
    name: str,
    module: str,
    *,
    type: str = _TAP,
    tapname: str | None = None,
    description: str = "",
    **others: object,
) -> ServiceMaker | None:
    """What one call registers; None if it is no subcommand."""
    if type != _TAP:
        return None
    return ServiceMaker(name, module, description, tapname or name.lower())
