"""Tell users that something will go away.

Each way here warns at the place that *uses* the deprecated thing, and says since which version,
and what to use instead::

    @deprecated(Version("Project", 1, 2, 0), "project.newThing")
    def oldThing(): ...
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
import warnings
from collections.abc import Callable
from dis import findlinestarts
from typing import Any, TypeVar, cast

from incremental import Version, getVersionString

from twisted.python.reflect import fullyQualifiedName

__all__ = [
    "deprecated",
    "deprecatedKeywordParameter",
    "deprecatedModuleAttribute",
    "deprecatedProperty",
    "getDeprecationWarningString",
    "getWarningMethod",
    "setWarningMethod",
    "warnAboutFunction",
]

_F = TypeVar("_F", bound=Callable[..., Any])

WarningMethod = Callable[..., None]

DEPRECATION_WARNING_FORMAT = "%(fqpn)s was deprecated in %(version)s"

# How warnings are issued when `setWarningMethod` chose a way of its own; None: by whatever
# warnings.warn is at that moment, so that programs and tests may replace that one too.
_chosen: WarningMethod | None = None


def getWarningMethod() -> WarningMethod:
    """The function by which warnings are issued here; it is called as `warnings.warn` is."""
    return warnings.warn if _chosen is None else _chosen


def setWarningMethod(newMethod: WarningMethod) -> None:
    """Issue warnings by another function, called as `warnings.warn` is.

    Args:
        newMethod: called with (message, category, stacklevel) or with these names.
    """
    global _chosen
    _chosen = None if newMethod is warnings.warn else newMethod


def _name(replacement: str | Callable[..., object]) -> str:
    return replacement if isinstance(replacement, str) else fullyQualifiedName(replacement)


def _instead(replacement: str | Callable[..., object] | None) -> str:
    return "" if replacement is None else f"; please use {_name(replacement)} instead"


def getDeprecationWarningString(
    callableThing: Any,
    version: Version,
    format: str | None = None,
    replacement: str | Callable[..., object] | None = None,
) -> str:
    """The sentence with which to warn.

    Args:
        callableThing: what is deprecated.
        version: since when.
        format: a text to fill in, with ``%(fqpn)s`` and ``%(version)s``.
        replacement: what to use instead, or its dotted name.
    """
    text = (DEPRECATION_WARNING_FORMAT if format is None else format) % {
        "fqpn": fullyQualifiedName(callableThing),
        "version": getVersionString(version),
    }
    return text + _instead(replacement)


def _note(version: Version, replacement: str | Callable[..., object] | None) -> str:
    """What to add to the documentation of a deprecated thing."""
    return f"Deprecated in {getVersionString(version)}{_instead(replacement)}."


def _withNote(docstring: str | None, note: str) -> str:
    """A docstring with a note after its summary, indented as the rest of it is."""
    lines = (docstring or "").split("\n")
    if len(lines) == 1:
        return f"{lines[0]}\n\n{note}" if lines[0] else note
    margin = lines[-1] if not lines[-1].strip() else ""
    # The summary ends at the first blank line after text.
    written = next((i for i, line in enumerate(lines) if line.strip()), 0)
    end = next((i for i in range(written, len(lines)) if not lines[i].strip()), len(lines))
    return "\n".join([*lines[:end], "", margin + note, *lines[end:]])


def deprecated(
    version: Version, replacement: str | Callable[..., object] | None = None
) -> Callable[[_F], _F]:
    """A decorator that deprecates a function, method or class: a call warns the caller.

    The docstring gets a note, and the result has ``deprecatedVersion``.

    Args:
        version: since when.
        replacement: what to use instead, or its dotted name.
    """

    def decorate(function: _F) -> _F:
        message = getDeprecationWarningString(function, version, None, replacement)

        @functools.wraps(function)
        def warning(*args: Any, **kwargs: Any) -> Any:
            getWarningMethod()(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        return _replacing(function, warning, version, _note(version, replacement))

    return decorate


def _replacing(original: _F, wrapper: Callable[..., Any], version: Version, note: str) -> _F:
    wrapper.__doc__ = _withNote(original.__doc__, note)
    wrapper.deprecatedVersion = version  # type: ignore[attr-defined]  # functions take any
    return cast(_F, wrapper)


class _DeprecatedProperty(property):
    """A property of which every use warns."""

    warningText = ""

    def _warn(self) -> None:
        # The frames are: this, the accessor, and the code that uses the property.
        getWarningMethod()(self.warningText, DeprecationWarning, stacklevel=3)

    def _same(self, made: property) -> property:
        # property copies itself with what it knows of, which our text is not.
        assert isinstance(made, _DeprecatedProperty)
        made.warningText = self.warningText
        made.__doc__ = self.__doc__
        return made

    def getter(self, fget: Callable[[Any], Any], /) -> property:
        return self._same(super().getter(fget))

    def setter(self, fset: Callable[[Any, Any], None], /) -> property:
        return self._same(super().setter(fset))

    def deleter(self, fdel: Callable[[Any], None], /) -> property:
        return self._same(super().deleter(fdel))

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        if instance is not None:
            self._warn()
        return super().__get__(instance, owner)

    def __set__(self, instance: Any, value: Any) -> None:
        self._warn()
        super().__set__(instance, value)

    def __delete__(self, instance: Any) -> None:
        self._warn()
        super().__delete__(instance)


def deprecatedProperty(
    version: Version, replacement: str | Callable[..., object] | None = None
) -> Callable[[Callable[[Any], Any]], property]:
    """A decorator as `property`, of which every use warns.

    Args:
        version: since when it is deprecated.
        replacement: what to use instead, or its dotted name.
    """

    def decorate(getter: Callable[[Any], Any]) -> property:
        made = _DeprecatedProperty(getter)
        # Not as an argument: Python 3.11 forgets that one in a subclass of property.
        made.__doc__ = _withNote(getter.__doc__, _note(version, replacement))
        made.warningText = getDeprecationWarningString(getter, version, None, replacement)
        return made

    return decorate


class _WatchedModule(types.ModuleType):
    """A module that warns when certain names of it are used.

    A class rather than a module-level ``__getattr__``: that is asked only for names that are
    missing, while these are there.
    """

    def __getattribute__(self, name: str) -> Any:
        notices = types.ModuleType.__getattribute__(self, "__dict__").get(_NOTICES)
        if notices is not None and name in notices:
            getWarningMethod()(notices[name], DeprecationWarning, stacklevel=2)
        return types.ModuleType.__getattribute__(self, name)


_NOTICES = "__deprecated_names__"


def deprecatedModuleAttribute(version: Version, message: str, moduleName: str, name: str) -> None:
    """Warn whenever a name of a module is used from outside of it.

    Args:
        version: since when it is deprecated.
        message: what to say, such as what to use instead.
        moduleName: dotted name of the module; it is being imported, or was.
        name: the name in the module.
    """
    module = sys.modules[moduleName]
    text = f"{moduleName}.{name} was deprecated in {getVersionString(version)}"
    if message:
        text += f": {message}"
    module.__dict__.setdefault(_NOTICES, {})[name] = text
    if not isinstance(module, _WatchedModule):
        module.__class__ = _WatchedModule


def warnAboutFunction(offender: Callable[..., Any], warningString: str) -> None:
    """Warn about a function that somebody else wrote, at the place where it is written.

    For code that is called back: the stack does not show who wrote it.

    Args:
        offender: a Python function or method.
        warningString: what to say.
    """
    function = inspect.unwrap(offender)
    function = getattr(function, "__func__", function)
    code: types.CodeType = function.__code__
    last = max((line for _, line in findlinestarts(code) if line), default=code.co_firstlineno)
    warnings.warn_explicit(
        warningString,
        category=DeprecationWarning,
        filename=code.co_filename,
        lineno=last,
        module=function.__module__,
        registry=function.__globals__.setdefault("__warningregistry__", {}),
    )


def deprecatedKeywordParameter(
    version: Version, name: str, replacement: str | None = None
) -> Callable[[_F], _F]:
    """A decorator that deprecates one parameter of a function.

    A call warns when it gives the parameter: by name, or by position.

    Args:
        version: since when.
        name: the parameter.
        replacement: the parameter to use instead.
    """

    def decorate(function: _F) -> _F:
        parameters = inspect.signature(function).parameters
        where = _positionOf(name, parameters)
        message = (
            f"The {name!r} parameter to {fullyQualifiedName(function)} was deprecated in"
            f" {getVersionString(version)}"
        )
        if replacement is not None:
            message += f"; please use {replacement!r} instead"

        @functools.wraps(function)
        def warning(*args: Any, **kwargs: Any) -> Any:
            if name in kwargs or (where is not None and len(args) > where):
                getWarningMethod()(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        note = f"The {name!r} parameter was deprecated in {getVersionString(version)}"
        if replacement is not None:
            note += f"; please use {replacement!r} instead"
        return _replacing(function, warning, version, note + ".")

    return decorate


def _positionOf(name: str, parameters: Any) -> int | None:
    """How many positional arguments a call may have before it gives this parameter."""
    byPosition = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [key for key, one in parameters.items() if one.kind in byPosition]
    return names.index(name) if name in names else None
