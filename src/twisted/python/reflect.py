"""Look into Python: names to objects, objects to names, methods by prefix, safe texts.

Importing this module loads nothing but the standard library's smallest parts, since everything
that logs or reports an error needs it.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
import types
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

__all__ = [
    "InvalidName",
    "ModuleNotFound",
    "ObjectNotFound",
    "QueueMethod",
    "accumulateClassDict",
    "accumulateClassList",
    "accumulateMethods",
    "addMethodNamesToDict",
    "filenameToModuleName",
    "findInstances",
    "fullFuncName",
    "fullyQualifiedName",
    "getClass",
    "isLike",
    "isOfType",
    "isSame",
    "modgrep",
    "namedAny",
    "namedClass",
    "namedModule",
    "namedObject",
    "objgrep",
    "prefixedMethodNames",
    "prefixedMethods",
    "qual",
    "requireModule",
    "safe_repr",
    "safe_str",
]


class InvalidName(ValueError):
    """A text that cannot name a Python object: it is empty, or has an empty part."""


class ModuleNotFound(InvalidName):
    """A name without a dot, and no module is called so."""


class ObjectNotFound(InvalidName):
    """A dotted name of which not even the first part is a module."""


# From objects to names


def qual(clazz: type[Any]) -> str:
    """Module and name of a class, such as ``twisted.python.failure.Failure``."""
    return f"{clazz.__module__}.{clazz.__name__}"


def fullyQualifiedName(obj: Any) -> str:
    """Where a module, class, function or method is defined, as a dotted name."""
    inner = getattr(obj, "__qualname__", None) or obj.__name__
    if isinstance(obj, types.MethodType):
        owner = obj.__self__ if isinstance(obj.__self__, type) else type(obj.__self__)
        return f"{owner.__module__}.{owner.__qualname__}.{obj.__name__}"
    module = None if isinstance(obj, types.ModuleType) else getattr(obj, "__module__", None)
    return f"{module}.{inner}" if module else str(inner)


def fullFuncName(func: Callable[..., object]) -> str:
    """The dotted name under which a function can be found again.

    Raises:
        ValueError: what is found there is not this function (a local one, for example).
    """
    name = f"{func.__module__}.{func.__name__}"
    if namedObject(name) is not func:
        raise ValueError(f"{func!r} cannot be found again as {name}")
    return name


def getClass(obj: object) -> type[Any]:
    """The class of an object; for a class, its metaclass."""
    return type(obj)


def filenameToModuleName(fn: str | bytes) -> str:
    """The name of the module that lives in a file.

    Directories above the file count as packages as long as they have an ``__init__`` file.  The
    file need not exist.
    """
    path = os.path.abspath(os.fsdecode(fn))
    base = os.path.basename(path)
    stem = base.partition(".")[0]
    parts = [] if stem == "__init__" else [stem]
    directory = os.path.dirname(path)
    if not parts:
        parts.append(os.path.basename(directory))
        directory = os.path.dirname(directory)
    while _isPackage(directory):
        parts.append(os.path.basename(directory))
        directory = os.path.dirname(directory)
    return ".".join(reversed(parts))


def _isPackage(directory: str) -> bool:
    return any(
        os.path.isfile(os.path.join(directory, "__init__" + ending))
        for ending in (".py", ".pyc", ".pyo")
    )


# From names to objects


def namedModule(name: str) -> types.ModuleType:
    """Import a module by its dotted name.

    Raises:
        ImportError: there is none.
    """
    return importlib.import_module(name)


def namedObject(name: str) -> Any:
    """An attribute of a module, by a dotted name of which the last part is the attribute.

    Raises:
        ImportError: there is no such module.
        AttributeError: the module has no such attribute.
    """
    module, _, attribute = name.rpartition(".")
    return getattr(namedModule(module), attribute)


namedClass = namedObject


def requireModule(name: str, default: Any = None) -> Any:
    """Import a module, or give ``default`` when it (or what it needs) cannot be imported."""
    try:
        return namedModule(name)
    except ImportError:
        return default


def namedAny(name: str) -> Any:
    """Any object by its dotted name: package, module, class, function, attribute of a class.

    Modules are imported from the left for as long as they are found; the rest of the name is
    looked up as attributes.

    Raises:
        InvalidName: the name is empty or has an empty part.
        ModuleNotFound: the name has no dot, and no module is called so.
        ObjectNotFound: the name has dots, and not even its first part is a module.
        AttributeError: a module was found, but the rest of the name is not in it.
        ImportError: a module was found and failed to import what it needs itself.
    """
    if not name:
        raise InvalidName("An empty text names no object.")
    parts = name.split(".")
    if "" in parts:
        raise InvalidName(
            f"{name!r} names no object: a name must be parts with exactly one dot between them."
        )
    found: Any = None
    rest = deque(parts)
    name = ""
    while rest:
        name = f"{name}.{rest[0]}" if name else rest[0]
        module = _importIfThere(name)
        if module is None:
            break
        found = module
        rest.popleft()
    if found is None:
        if len(parts) == 1:
            raise ModuleNotFound(f"There is no module {name!r}.")
        raise ObjectNotFound(f"{'.'.join(parts)!r} names no object: there is no module {name!r}.")
    for attribute in rest:
        found = getattr(found, attribute)
    return found


def _importIfThere(name: str) -> types.ModuleType | None:
    """Import a module whose parents are imported; None when there is no such module.

    A module that is there but cannot import what it needs raises: to hide that would blame the
    name for a fault of the module.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


# Texts of objects that may be broken


def safe_repr(o: object) -> str:
    """As `repr`, but a ``__repr__`` that raises becomes part of the text."""
    try:
        return repr(o)
    except Exception:  # of any object's repr
        return _describeBroken(repr, o)


def safe_str(o: object) -> str:
    """As `str`, but bytes are decoded if they are UTF-8, and a ``__str__`` that raises becomes
    part of the text."""
    try:
        # Even isinstance may ask the object.
        return _decoded(o) if isinstance(o, bytes) else str(o)
    except Exception:  # of any object's str
        return _describeBroken(str, o)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return repr(data)


def _describeBroken(formatter: type[str] | Callable[[object], str], o: object) -> str:
    # type() asks the interpreter; o.__class__ would ask the object, which is broken.
    kind = type(o)
    try:
        label = kind.__name__
    except Exception:  # of a class that lies about its name
        label = "(unnamed class)"
    try:
        report = traceback.format_exc()
    except Exception:  # of any exception's str
        report = "(its traceback cannot be shown either)"
    what = "str" if formatter is str else "repr"
    return f"<{label} instance at 0x{id(o):x} with {what} error:\n {report}>"


# Methods and attributes throughout a hierarchy of classes


def prefixedMethodNames(classObj: type[Any], prefix: str) -> list[str]:
    """The methods of a class and its bases whose names begin with a prefix.

    Returns:
        Names without the prefix, each once.
    """
    names: dict[str, int] = {}
    addMethodNamesToDict(classObj, names, prefix)
    return list(names)


def addMethodNamesToDict(
    classObj: type[Any],
    dict: MutableMapping[str, int],
    prefix: str,
    baseClass: type[Any] | None = None,
) -> None:
    """Collect names of methods that begin with a prefix.

    Args:
        classObj: the class to begin at; its bases follow.
        dict: gets each name, without the prefix, with the value 1.
        prefix: how the name begins.
        baseClass: consider only classes that have this one among their direct bases.
    """
    for base in classObj.__bases__:
        addMethodNamesToDict(base, dict, prefix, baseClass)
    if baseClass is not None and baseClass not in classObj.__bases__:
        return
    for name, value in classObj.__dict__.items():
        if name.startswith(prefix) and name != prefix and isinstance(value, types.FunctionType):
            dict[name.removeprefix(prefix)] = 1


def prefixedMethods(obj: object, prefix: str = "") -> list[Callable[..., Any]]:
    """The methods of an object, bound, whose names begin with a prefix."""
    methods: dict[str, Callable[..., Any]] = {}
    accumulateMethods(obj, methods, prefix)
    return list(methods.values())


def accumulateMethods(
    obj: object,
    dict: MutableMapping[str, Callable[..., Any]],
    prefix: str = "",
    curClass: type[Any] | None = None,
) -> None:
    """Collect the methods of an object whose names begin with a prefix.

    Args:
        obj: the object.
        dict: gets the bound methods by their names without the prefix.
        prefix: how the name begins.
        curClass: the class to begin at, that of the object by default; its bases follow.
    """
    here = type(obj) if curClass is None else curClass
    for base in here.__bases__:
        accumulateMethods(obj, dict, prefix, base)
    for name, value in here.__dict__.items():
        if name.startswith(prefix) and isinstance(value, types.FunctionType):
            dict[name.removeprefix(prefix)] = getattr(obj, name)


def accumulateClassDict(
    classObj: type[Any],
    attr: str,
    adict: MutableMapping[Any, Any],
    baseClass: type[Any] | None = None,
) -> None:
    """Merge a dict that each class of a hierarchy may define: the nearest class wins.

    Args:
        classObj: the class to begin at.
        attr: name of the class attribute.
        adict: gets the items.
        baseClass: consider only classes that have this one among their direct bases.
    """
    for values in _definitions(classObj, attr, baseClass):
        adict.update(values)


def accumulateClassList(
    classObj: type[Any],
    attr: str,
    listObj: list[Any],
    baseClass: type[Any] | None = None,
) -> None:
    """Join a list that each class of a hierarchy may define: the bases' items come first.

    Args:
        classObj: the class to begin at.
        attr: name of the class attribute.
        listObj: gets the items.
        baseClass: consider only classes that have this one among their direct bases.
    """
    for values in _definitions(classObj, attr, baseClass):
        listObj.extend(values)


def _definitions(classObj: type[Any], attr: str, baseClass: type[Any] | None) -> Iterator[Any]:
    for base in classObj.__bases__:
        yield from _definitions(base, attr, baseClass)
    if (baseClass is None or baseClass in classObj.__bases__) and attr in classObj.__dict__:
        yield classObj.__dict__[attr]


class QueueMethod:
    """Stands for a method that cannot be called yet: it remembers the calls.

    Args:
        name: what to remember it as.
        calls: list that gets a pair (name, arguments) for each call.
    """

    def __init__(self, name: str, calls: list[tuple[str, tuple[Any, ...]]]) -> None:
        self.name = name
        self.calls = calls

    def __call__(self, *args: Any) -> None:
        self.calls.append((self.name, args))


# Who refers to an object

_Same = Callable[[Any, Any], bool]


def isSame(a: object, b: object) -> bool:
    """Whether both are the same object."""
    return a is b


def isLike(a: object, b: object) -> bool:
    """Whether both are equal."""
    return bool(a == b)


def isOfType(start: object, goal: type[Any]) -> bool:
    """Whether ``start`` is exactly of the type ``goal``."""
    return type(start) is goal


def findInstances(start: object, t: type[Any]) -> list[str]:
    """The ways from ``start`` to each object of type ``t``; see `objgrep`."""
    return objgrep(start, t, isOfType)


def modgrep(goal: object) -> list[str]:
    """The ways from ``sys.modules`` to each object equal to ``goal``; see `objgrep`."""
    return objgrep(sys.modules, goal, isLike, "sys.modules")


def objgrep(
    start: object,
    goal: object,
    eq: _Same = isLike,
    path: str = "",
    paths: list[str] | None = None,
    seen: dict[int, object] | None = None,
    showUnknowns: bool = False,
    maxDepth: int | None = None,
) -> list[str]:
    """Search what hangs on an object, to learn who keeps another one alive.

    Args:
        start: where to begin.
        goal: what to look for.
        eq: called with an object met and ``goal``; says whether this is it.
        path: a Python expression for ``start``; the results begin with it.
        paths: list to append results to.
        seen: what need not be looked into again, by id.
        showUnknowns: print objects that cannot be looked into.
        maxDepth: how many steps to take at most; no limit by default.

    Returns:
        Expressions, nearly Python, that lead from ``start`` to each object found.
    """
    results = [] if paths is None else paths
    known: dict[int, object] = {} if seen is None else seen
    # A queue of our own: what hangs on sys.modules is nested deeper than calls may be.
    todo: deque[tuple[object, str, int]] = deque([(start, path, 0)])
    while todo:
        here, way, depth = todo.popleft()
        if eq(here, goal):
            results.append(way)
        if id(here) in known or (maxDepth is not None and depth >= maxDepth):
            continue
        known[id(here)] = here
        if showUnknowns and not _canLookInto(here):
            print("unknown type", type(here), here)
        todo.extend((inner, way + step, depth + 1) for step, inner in _hangsOn(here))
    return results


_LEAVES = (str, bytes, int, float, complex, type(None), types.BuiltinFunctionType, types.CodeType)
_CONTAINERS = (Mapping, list, tuple, deque, set, frozenset, types.MethodType, weakref.ref)


def _canLookInto(obj: object) -> bool:
    return isinstance(obj, _LEAVES + _CONTAINERS) or hasattr(obj, "__dict__")


def _hangsOn(obj: object) -> Iterator[tuple[str, object]]:
    """The objects directly reachable from one, each with the expression that reaches it."""
    if isinstance(obj, _LEAVES):
        return
    if isinstance(obj, dict):
        for number, (key, value) in enumerate(list(obj.items())):
            yield f"[{safe_repr(key)}]", value
            yield f".keys()[{number}]", key
    elif isinstance(obj, (list, tuple, deque)):
        for number, value in enumerate(list(obj)):
            yield f"[{number}]", value
    elif isinstance(obj, (set, frozenset)):
        for value in list(obj):
            yield f"{{{safe_repr(value)}}}", value
    elif isinstance(obj, types.MethodType):
        yield ".__self__", obj.__self__
        yield ".__func__", obj.__func__
    elif isinstance(obj, weakref.ref):
        yield "()", obj()
    attributes = getattr(obj, "__dict__", None)
    if isinstance(attributes, Mapping):
        for name, value in list(attributes.items()):
            yield f".{name}", value
    if not isinstance(obj, type) and hasattr(obj, "__dict__"):
        yield ".__class__", type(obj)
