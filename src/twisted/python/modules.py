"""The modules that could be imported, as objects, without importing them.

::

    for module in getModule("twisted").walkModules():
        print(module.name, module.filePath)

A `PythonPath` is a list of places as ``sys.path`` is, a `PathEntry` one of them, and a
`PythonModule` a module or package that is there, whether it was imported or not.
"""

from __future__ import annotations

import inspect
import os
import sys
import zipimport
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, cast

from zope.interface import Interface, implementer

from twisted.python.components import registerAdapter
from twisted.python.filepath import AbstractFilePath, FilePath, UnlistableError
from twisted.python.reflect import namedAny
from twisted.python.zippath import ZipArchive

__all__ = [
    "OPTIMIZED_MODE",
    "PYTHON_EXTENSIONS",
    "IPathImportMapper",
    "PathEntry",
    "PythonAttribute",
    "PythonModule",
    "PythonPath",
    "getModule",
    "iterModules",
    "theSystemPath",
    "walkModules",
]

#: What names of files of modules end with.
PYTHON_EXTENSIONS = [".py", ".pyc"]

#: Whether Python was told to drop docstrings.
OPTIMIZED_MODE = __doc__ is None

_MISSING: Any = object()

Path = AbstractFilePath[str]


class IPathImportMapper(Interface):
    """Turns an item of ``sys.path`` into a path object.

    An importer is adapted to it; without an adapter, the item is taken for a directory.
    """

    def mapPath(pathLikeString: str) -> Any:
        """The path object for an item."""


@implementer(IPathImportMapper)
class _DirectoryMapper:
    def mapPath(self, pathLikeString: str) -> Any:
        return FilePath(pathLikeString)


@implementer(IPathImportMapper)
class _ZipMapper:
    def __init__(self, importer: zipimport.zipimporter) -> None:
        self.importer = importer

    def mapPath(self, pathLikeString: str) -> Any:
        # The item may be a directory within the archive.
        path: Any = ZipArchive(self.importer.archive)
        inside = os.path.relpath(pathLikeString, self.importer.archive)
        for name in [] if inside == os.curdir else inside.split(os.sep):
            path = path.child(name)
        return path


registerAdapter(_ZipMapper, zipimport.zipimporter, IPathImportMapper)


class _ModuleContainer:
    """Somewhere modules are: a place of the path, or a package."""

    @abstractmethod
    def _packagePaths(self) -> Iterable[Path]:
        """The directories in which to look."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def _submoduleName(self, name: str) -> str:
        """The dotted name of a module in here."""
        raise NotImplementedError(type(self))

    @abstractmethod
    def _entry(self) -> PathEntry:
        """The place of the path that this is, or belongs to."""
        raise NotImplementedError(type(self))

    def iterModules(self) -> Iterator[PythonModule]:
        """The modules and packages directly in here, by name; in each package only itself."""
        seen = set()
        for directory in self._packagePaths():
            try:
                children = sorted(directory.children(), key=lambda path: path.basename())
            except UnlistableError:
                # The path has places that are not there.
                continue
            for path in children:
                name, filePath = _moduleAt(path)
                if filePath is not None and name not in seen:
                    seen.add(name)
                    yield PythonModule(self._submoduleName(name), filePath, self._entry())

    def walkModules(self, importPackages: bool = False) -> Iterator[PythonModule]:
        """The modules and packages in here, and in those packages, and so on.

        Args:
            importPackages: import each package before looking into it, since one may change
                where its modules are.
        """
        for module in self.iterModules():
            yield from module.walkModules(importPackages)

    def __getitem__(self, modname: str) -> PythonModule:
        """A module in here by name, which may have dots.

        Raises:
            KeyError: there is none.
        """
        first, _, rest = modname.partition(".")
        wanted = self._submoduleName(first)
        for module in self.iterModules():
            if module.name == wanted:
                return module[rest] if rest else module
        raise KeyError(modname)

    def __iter__(self) -> Iterator[Any]:
        """Not there, lest `__getitem__` be asked for numbers."""
        raise NotImplementedError("call iterModules() or walkModules()")


def _moduleAt(path: Path) -> tuple[str, Path | None]:
    """The name of the module that a file or directory is, and its file if it is one."""
    name, ending = os.path.splitext(path.basename())
    if not name.isidentifier() or name == "__init__":
        return name, None
    if ending in PYTHON_EXTENSIONS:
        return name, None if path.isdir() else path
    if not ending and path.isdir():
        for extension in PYTHON_EXTENSIONS:
            initial: Any = path.child("__init__" + extension)
            if initial.exists():
                return name, cast(Path, initial)
    return name, None


class PythonAttribute:
    """Something in a module or class.

    Args:
        name: its dotted name.
        onObject: the `PythonModule` or `PythonAttribute` that it is in.
        loaded: whether it is there already.
        pythonValue: the object itself.
    """

    def __init__(self, name: str, onObject: object, loaded: bool, pythonValue: Any) -> None:
        self.name = name
        self.onObject = onObject
        self.pythonValue = pythonValue
        self._loaded = loaded

    def __repr__(self) -> str:
        return f"PythonAttribute<{self.name!r}>"

    def isLoaded(self) -> bool:
        """Whether it is there already."""
        return self._loaded

    def load(self, default: Any = _MISSING) -> Any:
        """The object itself; ``default`` is never needed."""
        return self.pythonValue

    def iterAttributes(self) -> Iterator[PythonAttribute]:
        """What is in the object."""
        for name, value in inspect.getmembers(self.load()):
            yield PythonAttribute(f"{self.name}.{name}", self, True, value)


class PythonModule(_ModuleContainer):
    """A module or package that could be imported, or was.

    Args:
        name: its dotted name.
        filePath: its file; of a package, that of ``__init__``.
        pathEntry: the place of the path where it is.
    """

    def __init__(self, name: str, filePath: Any, pathEntry: PathEntry) -> None:
        self.name = name
        self.filePath = filePath
        self.pathEntry = pathEntry
        #: Of a package, the directory.
        self.parentPath = filePath.parent()

    def __repr__(self) -> str:
        return f"PythonModule<{self.name!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PythonModule):
            return NotImplemented
        return self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def isLoaded(self) -> bool:
        """Whether it was imported."""
        return self.name in self.pathEntry.pythonPath.moduleDict

    def isPackage(self) -> bool:
        """Whether it is a package."""
        return os.path.splitext(str(self.filePath.basename()))[0] == "__init__"

    def load(self, default: Any = _MISSING) -> Any:
        """Import it.

        Args:
            default: what to return when that fails, whatever the reason; without it, the
                exception is let through.
        """
        try:
            return self.pathEntry.pythonPath.moduleLoader(self.name)
        except Exception:
            if default is _MISSING:
                raise
            return default

    def iterAttributes(self) -> Iterator[PythonAttribute]:
        """What is in the module.

        Raises:
            NotImplementedError: it was not imported yet.
        """
        if not self.isLoaded():
            raise NotImplementedError(
                f"{self.name} is not imported, so nobody knows what is in it; call load() first."
            )
        for name, value in inspect.getmembers(self.load()):
            yield PythonAttribute(f"{self.name}.{name}", self, True, value)

    def walkModules(self, importPackages: bool = False) -> Iterator[PythonModule]:
        """This one, and the modules in it if it is a package, and so on."""
        if importPackages and self.isPackage():
            self.load()
        yield self
        yield from super().walkModules(importPackages)

    def _submoduleName(self, name: str) -> str:
        return f"{self.name}.{name}"

    def _entry(self) -> PathEntry:
        return self.pathEntry

    def _packagePaths(self) -> Iterable[Path]:
        if not self.isPackage():
            return
        if self.isLoaded():
            # A package says where its modules are, once it can.
            places = getattr(self.load(), "__path__", None)
            if places is not None:
                for place in places:
                    if place == self.parentPath.path:
                        yield self.parentPath
                    else:
                        yield self.pathEntry.pythonPath.mapPath(place)
                return
        yield self.parentPath


class PathEntry(_ModuleContainer):
    """A place where modules are.

    Args:
        filePath: the directory or archive.
        pythonPath: the path that it is of.
    """

    def __init__(self, filePath: Any, pythonPath: PythonPath) -> None:
        self.filePath = filePath
        self.pythonPath = pythonPath

    def __repr__(self) -> str:
        return f"PathEntry<{self.filePath!r}>"

    def _submoduleName(self, name: str) -> str:
        return name

    def _entry(self) -> PathEntry:
        return self

    def _packagePaths(self) -> Iterable[Path]:
        yield self.filePath


class PythonPath:
    """The places where modules are looked for.

    Args:
        sysPath: the places, as in ``sys.path``.
        moduleDict: what is imported, as in ``sys.modules``.
        sysPathHooks: what makes importers for places, as in ``sys.path_hooks``.
        importerCache: the importers that were made, as in ``sys.path_importer_cache``.
        moduleLoader: imports a module by its name.
        sysPathFactory: gives the places, each time that they are needed; instead of ``sysPath``.
    """

    def __init__(
        self,
        sysPath: Sequence[str] | None = None,
        moduleDict: Mapping[str, Any] = sys.modules,
        sysPathHooks: Iterable[Callable[[str], Any]] = sys.path_hooks,
        importerCache: MutableMapping[str, Any] = sys.path_importer_cache,
        moduleLoader: Callable[[str], Any] = namedAny,
        sysPathFactory: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        self._sysPath = sysPath
        self._factory = sysPathFactory
        self.moduleDict = moduleDict
        self.sysPathHooks = sysPathHooks
        self.importerCache = importerCache
        self.moduleLoader = moduleLoader

    def __repr__(self) -> str:
        return f"PythonPath({list(self.sysPath)!r})"

    @property
    def sysPath(self) -> Sequence[str]:
        """The places."""
        if self._factory is not None:
            return self._factory()
        return sys.path if self._sysPath is None else self._sysPath

    def mapPath(self, place: str) -> Any:
        """The path object for a place."""
        importer = self.importerCache.get(place)
        if importer is None:
            importer = self._makeImporter(place)
        mapper = None if importer is None else IPathImportMapper(importer, None)
        return (mapper or _DirectoryMapper()).mapPath(place)

    def _makeImporter(self, place: str) -> Any:
        for hook in self.sysPathHooks:
            try:
                importer = hook(place)
            except ImportError:
                continue
            self.importerCache[place] = importer
            return importer
        return None

    def iterEntries(self) -> Iterator[PathEntry]:
        """The places as objects."""
        for place in self.sysPath:
            yield PathEntry(self.mapPath(place), self)

    def iterModules(self) -> Iterator[PythonModule]:
        """The modules and packages at the top, each once."""
        seen = set()
        for entry in self.iterEntries():
            for module in entry.iterModules():
                if module.name not in seen:
                    seen.add(module.name)
                    yield module

    def walkModules(self, importPackages: bool = False) -> Iterator[PythonModule]:
        """The modules and packages at the top, and in those packages, and so on."""
        for module in self.iterModules():
            yield from module.walkModules(importPackages)

    def __getitem__(self, modname: str) -> PythonModule:
        """A module by its dotted name.

        Raises:
            KeyError: there is none in any of the places.
        """
        for entry in self.iterEntries():
            try:
                return entry[modname]
            except KeyError:
                continue
        # What was imported may be elsewhere than its name says, as os.path is.
        filename = getattr(self.moduleDict.get(modname), "__file__", None)
        if filename is None:
            raise KeyError(modname)
        path = FilePath(str(filename))
        return PythonModule(modname, path, PathEntry(path.parent(), self))

    def __contains__(self, modname: object) -> bool:
        try:
            self[str(modname)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[PythonModule]:
        return self.iterModules()


theSystemPath = PythonPath()


def walkModules(importPackages: bool = False) -> Iterator[PythonModule]:
    """Every module that could be imported; see `PythonPath.walkModules`."""
    return theSystemPath.walkModules(importPackages)


def iterModules() -> Iterator[PythonModule]:
    """Every module and package at the top; see `PythonPath.iterModules`."""
    return theSystemPath.iterModules()


def getModule(moduleName: str) -> PythonModule:
    """A module by its dotted name.

    Raises:
        KeyError: there is none.
    """
    return theSystemPath[moduleName]
