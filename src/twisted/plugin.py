"""Plugins: objects that others have installed, found by what they provide.

Theory of operation.  A plugin is an object in a module of a package such as `twisted.plugins`, or
in a file of a folder ``twisted/plugins`` anywhere on `sys.path`; it provides `IPlugin` and the
interface that it is a plugin for.  To find those, all such modules must have been imported once;
what was found is kept in a file ``dropin.cache`` in each folder, with the times of the modules, so
that next time only those are imported whose plugins are wanted.  What interfaces declare as an
attribute, and is a text, is kept too: so a command lists its plugins with their names and
descriptions without importing any.  The file is JSON: there is nothing
in it to be executed.  A cache that cannot be read is made anew; one that cannot be written is
done without.
"""

from __future__ import annotations

import inspect
import json
import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

from zope.interface import Interface, providedBy
from zope.interface.interface import Method

from twisted.logger import Logger
from twisted.python.reflect import namedAny, namedModule

__all__ = ["IPlugin", "getPlugins", "knownPlugins", "pluginPackagePaths"]

_log = Logger()

_P = TypeVar("_P")

_CACHE = "dropin.cache"
#: What is in the file may change its form; one of another form is made anew.
_FORM = 2


class IPlugin(Interface):
    """What every plugin provides, beside what it is a plugin for."""


class _Plugin(NamedTuple):
    """What is known of a plugin that need not be imported.

    Attributes:
        module: the whole name of its module.
        name: the name that it has there.
        provided: the whole names of the interfaces that it provides, inherited ones included.
        facts: those attributes of the interfaces that are texts.
    """

    module: str
    name: str
    provided: frozenset[str]
    facts: dict[str, str]

    def fact(self, name: str) -> Any:
        """An attribute, from the cache if it is there; None if the plugin has no such attribute."""
        known = self.facts.get(name)
        return getattr(self.load(), name, None) if known is None else known

    def load(self) -> Any:
        """The plugin itself; None if it cannot be had, which is logged."""
        try:
            return namedAny(f"{self.module}.{self.name}")
        except Exception as error:  # importing a plugin may raise anything
            _complain(f"Plugin {self.name} of {self.module}", error)
            return None


class _Dropin(NamedTuple):
    """A module with plugins, as it was at some time.

    Attributes:
        changed: when its file was changed, in nanoseconds.
        plugins: names in it, what they provide, and the facts.
    """

    changed: int
    plugins: dict[str, tuple[list[str], dict[str, str]]]


def getPlugins(interface: type[_P], package: ModuleType | None = None) -> Iterator[_P]:
    """The plugins that provide an interface, in no particular order.

    A module that cannot be imported is logged in one line, and the others are searched
    nevertheless.

    Args:
        interface: what they are to provide; `IPlugin` for all of them.
        package: where they are; `twisted.plugins` by default.
    """
    wanted: Any = interface
    for plugin in knownPlugins(wanted.__identifier__, package):
        loaded = plugin.load()
        adapted = None if loaded is None else wanted(loaded, None)
        if adapted is not None:
            yield adapted


def knownPlugins(identifier: str, package: ModuleType | None = None) -> Iterator[_Plugin]:
    """What is known of the plugins that provide an interface; none of them is imported for it.

    Args:
        identifier: the whole name of the interface.
        package: where they are; `twisted.plugins` by default.
    """
    for plugin in _found(namedModule("twisted.plugins") if package is None else package):
        if identifier in plugin.provided:
            yield plugin


def pluginPackagePaths(name: str) -> list[str]:
    """Folders on `sys.path` that extend a package of plugins.

    To be used in the package: ``__path__.extend(pluginPackagePaths(__name__))``.

    Args:
        name: the package, such as ``"twisted.plugins"``.

    Returns:
        Its folders that are not packages, having no ``__init__.py``, by their whole paths.
    """
    parts = name.split(".")
    candidates = (os.path.abspath(os.path.join(entry, *parts)) for entry in sys.path)
    return [
        folder
        for folder in candidates
        if os.path.isdir(folder) and not os.path.exists(os.path.join(folder, "__init__.py"))
    ]


def _found(package: ModuleType) -> Iterator[_Plugin]:
    """All plugins of a package; of two modules of one name, those of the first."""
    seen: set[str] = set()
    for folder in dict.fromkeys(package.__path__):
        dropins = _dropins(package.__name__, folder)
        for name, dropin in dropins.items():
            if name in seen:
                continue
            seen.add(name)
            module = f"{package.__name__}.{name}"
            for attribute, (provided, facts) in dropin.plugins.items():
                yield _Plugin(module, attribute, frozenset(provided), facts)


def _dropins(package: str, folder: str) -> Mapping[str, _Dropin]:
    """The modules of a folder: the cache knows those that have not changed."""
    cached = _readCache(folder)
    current: dict[str, _Dropin] = {}
    for name, changed in _modules(folder):
        known = cached.get(name)
        if known is not None and known.changed == changed:
            current[name] = known
            continue
        try:
            module = namedModule(f"{package}.{name}")
        except Exception as error:  # importing a plugin may raise anything
            _complain(f"Plugins of {package}.{name}", error)
            continue
        current[name] = _Dropin(changed, _pluginsIn(module))
    if current != cached:
        _writeCache(folder, current)
    return current


#: What has been said of broken plugins: they are looked for again and again.
_said: set[str] = set()


def _complain(what: str, error: Exception) -> None:
    """Log, in a line and once, that something cannot be loaded, and where that went wrong."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    reason = " ".join(str(error).split())
    said = f"{what} cannot be loaded: {type(error).__name__}: {reason}{where}"
    if said not in _said:
        _said.add(said)
        _log.critical("{said}", said=said)


def _modules(folder: str) -> Iterator[tuple[str, int]]:
    """The modules in a folder, and when each was changed."""
    for found in pkgutil.iter_modules([folder]):
        if found.ispkg:
            path = os.path.join(folder, found.name, "__init__.py")
        else:
            path = os.path.join(folder, f"{found.name}.py")
        try:
            yield found.name, os.stat(path).st_mtime_ns
        except OSError:
            # Not a file of source, which has a time that is never that of a cache.
            yield found.name, -1


def _pluginsIn(module: ModuleType) -> dict[str, tuple[list[str], dict[str, str]]]:
    """The plugins among the values of a module, what each provides, and the facts."""
    found = {}
    for name, value in vars(module).items():
        # Of a class, what it provides itself counts, not what its instances do.
        provided = _provided(value)
        if IPlugin in provided:
            identifiers = sorted(interface.__identifier__ for interface in provided)
            found[name] = (identifiers, _factsOf(value, provided))
    return found


def _factsOf(plugin: object, provided: set[Any]) -> dict[str, str]:
    """Those attributes of a plugin that its interfaces declare, and that are texts."""
    facts = {}
    for interface in provided:
        for name, declared in interface.namesAndDescriptions():
            if isinstance(declared, Method):
                continue
            # What is computed may change, and may take long: that of a `ServiceMaker` imports.
            if isinstance(getattr(type(plugin), name, None), property):
                continue
            value = getattr(plugin, name, None)
            if isinstance(value, str):
                facts[name] = value
    return facts


def _provided(value: object) -> set[Any]:
    if inspect.ismodule(value):
        return set()
    return set(providedBy(value).flattened())


def _readCache(folder: str) -> dict[str, _Dropin]:
    try:
        with open(os.path.join(folder, _CACHE), encoding="utf-8") as file:
            form, dropins = json.load(file)
        if form != _FORM:
            return {}
        return {
            name: _Dropin(int(changed), {str(k): _checked(*v) for k, v in plugins.items()})
            for name, (changed, plugins) in dropins.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        # It is not there, of another form, or spoilt; it is made anew.
        return {}


def _checked(provided: Any, facts: Any) -> tuple[list[str], dict[str, str]]:
    return [str(one) for one in provided], {str(k): str(v) for k, v in facts.items()}


def _writeCache(folder: str, dropins: Mapping[str, _Dropin]) -> None:
    path = os.path.join(folder, _CACHE)
    # Others may read, and write, at the same time: each finds one file or the other, whole.
    new = f"{path}.{os.getpid()}.new"
    try:
        with open(new, "w", encoding="utf-8") as file:
            json.dump([_FORM, dropins], file)
        os.replace(new, path)
    except OSError as e:
        _log.debug("{path} cannot be written: {reason}", path=path, reason=e)
        with suppress(OSError):
            os.unlink(new)
