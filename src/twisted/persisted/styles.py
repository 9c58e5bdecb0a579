"""How objects of classes that change are kept: versions, upgrades, and what is not kept at all.

Importing this module teaches `pickle` (by `copyreg`) to pickle modules by their names, and methods
by theirs and the object that they are of.
"""

from __future__ import annotations

import copyreg
import io
import types
from collections.abc import Callable, Iterator
from typing import Any

from twisted.logger import Logger
from twisted.python.reflect import namedModule, qual

__all__ = [
    "Ephemeral",
    "Versioned",
    "doUpgrade",
    "oldModules",
    "pickleMethod",
    "pickleModule",
    "pickleStringI",
    "pickleStringO",
    "requireUpgrade",
    "unpickleMethod",
    "unpickleModule",
    "unpickleStringI",
    "unpickleStringO",
    "upgraded",
    "versionedsToUpgrade",
]

_log = Logger()

#: Modules that go by another name in what was pickled earlier: the module, by the old name.
oldModules: dict[str, types.ModuleType] = {}

#: What has been loaded and is not upgraded yet, by `id`.
versionedsToUpgrade: dict[int, Versioned] = {}
#: What the `doUpgrade` or `requireUpgrade` that is running has upgraded, by `id`.
upgraded: dict[int, Versioned] = {}


# --- What pickle is taught ---


def pickleMethod(method: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """For `copyreg`: a method as its name, its object and the object's class."""
    owner = method.__self__
    return unpickleMethod, (method.__name__, owner, type(owner))


def unpickleMethod(im_name: str, im_self: Any, im_class: type[Any]) -> Any:
    """The method of that name, of the object; of the class, if the object has none now.

    Args:
        im_name: the name, as it is in the source.
        im_self: the object; None for the function of the class.
        im_class: its class when it was pickled.

    Raises:
        AttributeError: neither of them has one.
    """
    if im_self is None:
        return getattr(im_class, im_name)
    name = _mangled(im_name, im_class)
    if hasattr(im_self, name):
        return getattr(im_self, name)
    # The object is of another class now, perhaps while it is being upgraded.
    return types.MethodType(getattr(im_class, name), im_self)


def _mangled(name: str, cls: type[Any]) -> str:
    """The name by which a class has what begins with two underscores in its source."""
    if name.startswith("__") and not name.endswith("__"):
        for owner in cls.__mro__:
            mangled = f"_{owner.__name__.lstrip('_')}{name}"
            if mangled in vars(owner):
                return mangled
    return name


def pickleModule(module: types.ModuleType) -> tuple[Callable[..., Any], tuple[str]]:
    """For `copyreg`: a module as its name."""
    return unpickleModule, (module.__name__,)


def unpickleModule(name: str) -> types.ModuleType:
    """The module of that name, or what `oldModules` has for it.

    Raises:
        ImportError: there is none.
    """
    if name in oldModules:
        return oldModules[name]
    return namedModule(name)


def pickleStringO(stringo: io.StringIO) -> tuple[Callable[..., Any], tuple[str, int]]:
    """For `copyreg`: a file in memory as its text and the position in it."""
    return unpickleStringO, (stringo.getvalue(), stringo.tell())


def unpickleStringO(val: str, sek: int) -> io.StringIO:
    """A file in memory with a text, at a position in it."""
    made = io.StringIO(val)
    made.seek(sek)
    return made


def pickleStringI(stringi: io.StringIO) -> tuple[Callable[..., Any], tuple[str, int]]:
    """`pickleStringO`, for programs of before Python 3, where there were two kinds of them."""
    return pickleStringO(stringi)


unpickleStringI = unpickleStringO

copyreg.pickle(types.MethodType, pickleMethod)
copyreg.pickle(types.ModuleType, pickleModule)


# --- What is not kept ---


class Ephemeral:
    """The base of classes whose objects are not kept: a connection, say, or a cache.

    One that is pickled nevertheless comes back as an empty `Ephemeral`, and a warning is logged.
    """

    def __reduce__(self) -> tuple[type[Ephemeral], tuple[()]]:
        _log.warn("An ephemeral {kind} is not kept", kind=qual(type(self)))
        return Ephemeral, ()

    def __getstate__(self) -> None:
        _log.warn("An ephemeral {kind} is not kept", kind=qual(type(self)))

    def __setstate__(self, state: object) -> None:
        """Take nothing."""


# --- What changes ---


class Versioned:
    """The base of classes whose objects, kept by an earlier version, are upgraded.

    A class that has changed counts up its `persistenceVersion`, and has a method
    ``upgradeToVersion2``, and so on, for each step, without arguments.  After loading, `doUpgrade`
    calls those that are missing; base classes come first.  What is without a version is of 0.

    Attributes:
        persistenceVersion: of the class itself: one that it inherits is its base's.
        persistenceForgets: names of attributes that are not kept.
    """

    persistenceVersion = 0
    persistenceForgets: tuple[str, ...] | list[str] = ()

    def __getstate__(self, dict: dict[str, Any] | None = None) -> Any:
        """What is kept: the attributes, less those to be forgotten, and the versions.

        Args:
            dict: the attributes, if they are not those of the object.
        """
        state = {**(vars(self) if dict is None else dict)}
        for cls in type(self).__mro__:
            for name in vars(cls).get("persistenceForgets", ()):
                state.pop(name, None)
        for cls in _versioned(type(self)):
            state[_keyOf(cls)] = cls.persistenceVersion
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what was kept, and wait to be upgraded."""
        versionedsToUpgrade[id(self)] = self
        vars(self).update(state)

    def versionUpgrade(self) -> None:
        """Bring the object to the versions of its classes.

        Raises:
            TypeError: a class has no method for one of the steps, or the object is of a later
                version than the class.
        """
        kept = vars(self)
        for cls in _versioned(type(self)):
            version = kept.pop(_keyOf(cls), 0)
            if version > cls.persistenceVersion:
                raise TypeError(
                    f"{qual(cls)} is of version {cls.persistenceVersion}, and an object that was "
                    f"kept of {version}: use the program that wrote it, or a later one"
                )
            for step in range(version + 1, cls.persistenceVersion + 1):
                method = getattr(cls, f"upgradeToVersion{step}", None)
                if method is None:
                    raise TypeError(
                        f"{qual(cls)} is of version {cls.persistenceVersion}, and has no method "
                        f"upgradeToVersion{step} for objects of before"
                    )
                method(self)


def _versioned(cls: type[Versioned]) -> Iterator[type[Versioned]]:
    """The classes with a version of their own, bases first."""
    for each in reversed(cls.__mro__):
        if each is not Versioned and "persistenceVersion" in vars(each):
            yield each


def _keyOf(cls: type[Versioned]) -> str:
    """Under which name a class's version is kept."""
    return f"{qual(cls)}.persistenceVersion"


def requireUpgrade(obj: Any) -> None:
    """Upgrade an object now, if it has not been: for methods that upgrade others, which need it."""
    pending = versionedsToUpgrade.pop(id(obj), None)
    if pending is not None:
        upgraded[id(pending)] = pending
        pending.versionUpgrade()


def doUpgrade() -> None:
    """Upgrade all that has been loaded and not been upgraded, what upgrades load included.

    Raises:
        Exception: whatever an upgrade raised; the others are still to be done.
    """
    try:
        while versionedsToUpgrade:
            requireUpgrade(next(iter(versionedsToUpgrade.values())))
    finally:
        upgraded.clear()
