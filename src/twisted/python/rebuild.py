"""Use changed code in a program that runs.

`rebuild` imports a module again, and gives the objects that are there the classes of the new
code.  It serves to try things out; a program that must not fail is better started anew.
"""

from __future__ import annotations

import gc
import importlib
import sys
import time
import types
from typing import Any

from twisted.python import log, reflect

__all__ = [
    "RebuildError",
    "Sensitive",
    "lastRebuild",
    "latestClass",
    "latestFunction",
    "rebuild",
    "updateInstance",
]

#: When a module was rebuilt last, in seconds since the epoch.
lastRebuild = time.time()


class RebuildError(Exception):
    """A module cannot be rebuilt, or an object cannot have the new class."""


class Sensitive:
    """A base for objects that keep functions or classes of code that may be rebuilt."""

    lastRebuild = lastRebuild

    def needRebuildUpdate(self) -> bool:
        """Whether something was rebuilt since `rebuildUpToDate`."""
        return self.lastRebuild < lastRebuild

    def rebuildUpToDate(self) -> None:
        """Note that this object was brought up to date."""
        self.lastRebuild = time.time()

    def latestVersionOf(self, anObject: Any) -> Any:
        """What a function, method, class or instance is in the newest code.

        An instance is given the new class, and returned.
        """
        if isinstance(anObject, types.FunctionType):
            return latestFunction(anObject)
        if isinstance(anObject, types.MethodType):
            owner = anObject.__self__
            if isinstance(owner, type):
                return getattr(latestClass(owner), anObject.__name__)
            updateInstance(owner)
            return getattr(owner, anObject.__name__)
        if isinstance(anObject, type):
            return latestClass(anObject)
        if hasattr(anObject, "__dict__"):
            updateInstance(anObject)
        return anObject


def latestFunction(oldFunc: Any) -> Any:
    """What a function is in the newest code of its module."""
    return getattr(sys.modules[oldFunc.__module__], oldFunc.__name__)


def latestClass(oldClass: type[Any]) -> type[Any]:
    """What a class is in the newest code of its module; its bases are brought up to date.

    A class that the module no longer has is returned as it is.
    """
    if oldClass.__module__ == "builtins":
        return oldClass
    newClass = getattr(sys.modules.get(oldClass.__module__), oldClass.__name__, oldClass)
    if not isinstance(newClass, type):
        return oldClass
    bases = tuple(map(latestClass, newClass.__bases__))
    if bases != newClass.__bases__:
        newClass.__bases__ = bases
    return newClass


def updateInstance(self: Any) -> None:
    """Give an object the newest version of its class.

    Raises:
        RebuildError: the new class keeps its attributes otherwise (``__slots__``).
    """
    newClass = latestClass(type(self))
    if newClass is type(self):
        return
    try:
        self.__class__ = newClass
    except TypeError as error:
        raise RebuildError(f"{reflect.safe_repr(self)} cannot be a new {newClass}") from error


def rebuild(module: types.ModuleType, doLog: bool = True) -> types.ModuleType:
    """Import a module again, and use what is new in it.

    Instances get the new classes.  Where other modules hold a class or function of this one
    under a name of theirs, they get the new one.

    Args:
        module: the module.
        doLog: whether to write a line to the log.

    Returns:
        The module.

    Raises:
        RebuildError: it is the one that the program began with, or this one.
    """
    global lastRebuild
    name = module.__name__
    if name in ("__main__", __name__):
        raise RebuildError(f"{name} cannot be rebuilt")
    if doLog:
        log.msg(f"Rebuilding {name}...")
    before = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, (type, types.FunctionType)) and value.__module__ == name
    }
    lastRebuild = time.time()
    importlib.reload(module)
    replaced = {
        id(old): (old, vars(module)[key])
        for key, old in before.items()
        if vars(module).get(key, old) is not old
    }
    _updateModules(replaced)
    _updateInstances(replaced)
    return module


def _updateModules(replaced: dict[int, tuple[Any, Any]]) -> None:
    for other in list(sys.modules.values()):
        for key, value in list(getattr(other, "__dict__", {}).items()):
            if id(value) in replaced:
                setattr(other, key, replaced[id(value)][1])


def _updateInstances(replaced: dict[int, tuple[Any, Any]]) -> None:
    for old, new in replaced.values():
        if not isinstance(old, type) or not isinstance(new, type):
            continue
        subclasses: list[type[Any]] = old.__subclasses__()
        for subclass in subclasses:
            subclass.__bases__ = tuple(new if base is old else base for base in subclass.__bases__)
        for instance in gc.get_referrers(old):
            if type(instance) is old:
                updateInstance(instance)
