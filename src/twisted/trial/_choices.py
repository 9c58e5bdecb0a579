"""What the command line of trial offers by name: reporters, reactors, orders, traceback formats."""

from __future__ import annotations

import inspect
import types
import unittest
from typing import Any, Final, NamedTuple

from twisted.application.reactors import getReactorTypes
from twisted.plugin import getPlugins
from twisted.trial import itrial
from twisted.trial.runner import name


class Choice(NamedTuple):
    """A thing that can be chosen, and the words to say so."""

    value: Any
    description: str


#: The plugins of this package, which no other can stand in front of.
_OURS: Final = "twisted.trial.reporter"


def _isOthers(plugin: Any) -> bool:
    return bool(plugin.module != _OURS)


def reporters() -> dict[str, Choice]:
    """The reporters that are installed; the value of a choice is the full name of a class."""
    plugins: list[Any] = sorted(getPlugins(itrial.IReporter), key=_isOthers)
    found: dict[str, Choice] = {}
    for each in plugins:
        name = f"{each.module}.{each.klass}"
        found.setdefault(each.longOpt, Choice(name, each.description))
    return found


def reactors() -> dict[str, Choice]:
    """The reactors that are installed; the value of a choice is what installs one."""
    return {each.shortName: Choice(each, each.description) for each in getReactorTypes()}


#: Each format by its name, and by that of the tool whose form it has.
TRACEBACK_FORMATS: Final = {
    name: form
    for form, tool in (("default", "plain"), ("brief", "emacs"), ("verbose", "cgitb"))
    for name in (form, tool)
}


def _lineOf(thing: Any) -> int:
    """The line of its file on which a test or class begins; 0 when it is not known."""
    code = getattr(inspect.unwrap(thing), "__code__", None)
    if isinstance(code, types.CodeType):
        return code.co_firstlineno
    try:
        return inspect.getsourcelines(thing)[1]
    except (OSError, TypeError):
        return 0


def _asWritten(thing: Any) -> tuple[Any, ...]:
    if isinstance(thing, unittest.TestCase):
        method = getattr(thing, thing._testMethodName)
        return (name(type(thing)), _lineOf(method), name(thing))
    if isinstance(thing, type):
        return (thing.__module__, _lineOf(thing), name(thing))
    return (name(thing),)


ORDERS: Final[dict[str, Choice]] = {
    "alphabetical": Choice(name, "by the names of modules, classes and methods (the default)"),
    "toptobottom": Choice(_asWritten, "as classes and methods stand in their file"),
}


def table(choices: dict[str, Choice]) -> str:
    """Return lines that tell of the choices."""
    width = max(map(len, choices))
    return "".join(
        f"    {each.ljust(width)}  {choice.description}\n" for each, choice in choices.items()
    )
