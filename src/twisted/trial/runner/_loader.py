"""Finding tests: by name, in files, modules, packages and classes.

Theory of operation
-------------------
A name is resolved to an object, and an object to a suite; what cannot be loaded
becomes an `ErrorHolder`, a test that fails with the reason, so that the rest of a
run is not lost with it, and the run still fails.

Suites nest as the things that they were made from do: a package holds modules, a
module classes, a class methods.
"""

from __future__ import annotations

import doctest
import importlib.machinery
import importlib.util
import inspect
import os
import sys
import types
import unittest
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from twisted.python import reflect
from twisted.python.failure import Failure
from twisted.trial._asyncrunner import TestSuite
from twisted.trial.runner._repeated import warnOfRepeated
from twisted.trial.runner._suites import ErrorHolder


def isPackage(module: Any) -> bool:
    """Whether `module` is a package."""
    if not isinstance(module, types.ModuleType):
        return False
    filename = getattr(module, "__file__", None) or ""
    return os.path.splitext(os.path.basename(filename))[0] == "__init__"


def isPackageDirectory(dirname: str) -> str | bool:
    """Return the name of the file that makes the folder a package, or False."""
    for suffix in importlib.machinery.all_suffixes():
        initial = f"__init__{suffix}"
        if os.path.exists(os.path.join(dirname, initial)):
            return initial
    return False


def samefile(filename1: str, filename2: str) -> bool:
    """Whether both paths name one file, links aside; neither has to exist."""
    return os.path.realpath(filename1) == os.path.realpath(filename2)


def filenameToModule(fn: str) -> types.ModuleType:
    """Import the file `fn` and return its module.

    The module gets the name that its packages give it, and the folder of the outermost
    one is added to `sys.path` if it is not found otherwise.  A file that another one of
    the same name stands in front of is imported by itself.

    Raises:
        ValueError: There is no such file.
    """
    if not os.path.exists(fn):
        raise ValueError(f"{fn!r} doesn't exist")
    path = os.path.abspath(fn)
    name = reflect.filenameToModuleName(path)
    try:
        module = reflect.namedModule(name)
    except ModuleNotFoundError as error:
        # Only if it is this module that cannot be found: what it imports is its own affair.
        if error.name is None or not (name + ".").startswith(error.name + "."):
            raise
        if "." not in name:
            return _importFile(path, name)
        sys.path.insert(0, _folderOf(path, name))
        importlib.invalidate_caches()
        module = reflect.namedModule(name)
    source = getattr(module, "__file__", None)
    wanted = os.path.join(path, "__init__.py") if os.path.isdir(path) else path
    if source is None or not samefile(_sourceOf(source), _sourceOf(wanted)):
        return _importFile(path, name.rpartition(".")[2])
    return module


def _folderOf(path: str, name: str) -> str:
    """The folder in which Python finds the module of that name, if it is that file's."""
    if os.path.basename(path).startswith("__init__."):
        path = os.path.dirname(path)
    for _ in name.split("."):
        path = os.path.dirname(path)
    return path


def _sourceOf(filename: str) -> str:
    return filename[:-1] if filename.endswith((".pyc", ".pyo")) else filename


def _importFile(path: str, name: str) -> types.ModuleType:
    if os.path.isdir(path):
        path = os.path.join(path, "__init__.py")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path!r} is not a file that Python can import")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def isTestCase(obj: Any) -> bool:
    """Whether `obj` is a class of test cases."""
    return isinstance(obj, type) and issubclass(obj, unittest.TestCase)


def name(thing: Any) -> str:
    """Return the name by which tests, classes and modules are put in order."""
    if isinstance(thing, str):
        return thing
    if isinstance(thing, types.ModuleType):
        return thing.__name__
    if isinstance(thing, type):
        return f"{thing.__module__}.{thing.__qualname__}"
    if hasattr(thing, "id"):
        return str(thing.id())
    return str(thing.name)


class TestLoader:
    """Makes suites.

    Args:
        suiteFactory: Makes a suite of a list of tests.
        sorter: The key by which tests, classes and modules are put in order.

    Attributes:
        methodPrefix: What the names of test methods begin with.
        modulePrefix: What the names of test modules in a package begin with.
    """

    __module__ = "twisted.trial.runner"

    methodPrefix = "test"
    modulePrefix = "test_"
    suiteFactory: Callable[[Iterable[Any]], Any] = TestSuite
    sorter: Callable[[Any], Any] = staticmethod(name)

    def __init__(
        self,
        suiteFactory: Callable[[Iterable[Any]], Any] = TestSuite,
        sorter: Callable[[Any], Any] = name,
    ) -> None:
        self.suiteFactory = suiteFactory
        self.sorter = sorter

    def sort(self, xs: Iterable[Any]) -> list[Any]:
        """Return the tests, classes or modules of `xs` in order."""
        return sorted(xs, key=self.sorter)

    # Classes.

    def findTestClasses(self, module: types.ModuleType) -> list[type[unittest.TestCase]]:
        """Return the classes of test cases that `module` has names for, in order."""
        found: dict[type, None] = {}
        for value in list(vars(module).values()):
            if isTestCase(value):
                found[value] = None
        return self.sort(found)

    def getTestCaseNames(self, klass: type[unittest.TestCase]) -> list[str]:
        """Return the names of the test methods of `klass`, in alphabetical order."""
        prefix = self.methodPrefix
        return sorted(
            each
            for each in dir(klass)
            if each.startswith(prefix) and callable(getattr(klass, each, None))
        )

    def loadClass(self, klass: Any) -> Any:
        """Return a suite of the test methods of a class.

        Raises:
            TypeError: `klass` is not a class.
            ValueError: It is not one of test cases.
        """
        if not isinstance(klass, type):
            raise TypeError(f"{klass!r} is not a class")
        if not isTestCase(klass):
            raise ValueError(f"{klass!r} is not a test case")
        tests = self.sort([self._makeCase(klass, each) for each in self.getTestCaseNames(klass)])
        return self.suiteFactory(tests)

    loadTestsFromTestCase = loadClass

    def _makeCase(self, klass: type[Any], methodName: str) -> Any:
        return klass(methodName)

    # Modules and packages.

    def loadModule(self, module: Any) -> Any:
        """Return a suite of the tests of a module.

        The module may make it itself, with a function `test_suite` or `testSuite`
        without arguments; and it may name modules, in a list `__doctests__`, whose
        doctests belong to it.

        Raises:
            TypeError: `module` is not a module.
        """
        if not isinstance(module, types.ModuleType):
            raise TypeError(f"{module!r} is not a module")
        for own in ("testSuite", "test_suite"):
            if hasattr(module, own):
                return getattr(module, own)()
        warnOfRepeated(module, self.methodPrefix)
        tests = [self.loadClass(klass) for klass in self.findTestClasses(module)]
        tests += [self.loadDoctests(each) for each in getattr(module, "__doctests__", ())]
        return self.suiteFactory(tests)

    loadTestsFromModule = loadModule

    def loadDoctests(self, module: Any) -> Any:
        """Return a suite of the examples in the docstrings of a module.

        Args:
            module: The module, or its name.
        """
        if isinstance(module, str):
            try:
                module = reflect.namedAny(module)
            except Exception:
                return ErrorHolder(module, Failure())
        if not isinstance(module, types.ModuleType):
            return ErrorHolder(repr(module), Failure(TypeError(f"{module!r} is not a module")))
        cases = doctest.DocTestSuite(module, test_finder=doctest.DocTestFinder(exclude_empty=True))
        return self.suiteFactory(list(cases))

    def loadPackage(self, package: Any, recurse: bool = False) -> Any:
        """Return a suite of the test modules of a package.

        Args:
            package: The package.
            recurse: Look into the packages inside it too.

        Raises:
            TypeError: `package` is not a package.
        """
        if not isPackage(package):
            raise TypeError(f"{package!r} is not a package")
        tests = []
        for moduleName in self.sort(self._modulesIn(package, recurse)):
            try:
                module = reflect.namedModule(moduleName)
                tests.append(self.loadModule(module))
            except KeyboardInterrupt:
                raise
            except BaseException:
                tests.append(ErrorHolder(moduleName, Failure()))
        return self.suiteFactory(tests)

    def _modulesIn(self, package: types.ModuleType, recurse: bool) -> Iterator[str]:
        for folder in package.__path__:
            yield from self._modulesUnder(folder, package.__name__, recurse)

    def _modulesUnder(self, folder: str, packageName: str, recurse: bool) -> Iterator[str]:
        with os.scandir(folder) as entries:
            for entry in entries:
                stem, suffix = os.path.splitext(entry.name)
                if entry.is_dir():
                    if recurse and isPackageDirectory(entry.path):
                        yield from self._modulesUnder(
                            entry.path, f"{packageName}.{entry.name}", recurse
                        )
                elif suffix == ".py" and stem.startswith(self.modulePrefix):
                    yield f"{packageName}.{stem}"

    # Names.

    def loadFile(self, fileName: str, recurse: bool = False) -> Any:
        """Return a suite of the tests in the file or folder `fileName`."""
        base = os.path.basename(os.path.normpath(fileName))
        try:
            module = filenameToModule(fileName)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return ErrorHolder(base, Failure())
        return self.loadAnything(module, recurse)

    def findByName(self, _name: str, recurse: bool = False) -> Any:
        """Return the module, class, method or function that a path or dotted name means.

        Raises:
            Exception: There is none; `reflect.namedAny` tells which.
        """
        if os.sep in _name or os.path.exists(_name):
            return filenameToModule(_name)
        return reflect.namedAny(_name)

    def loadAnything(
        self, obj: Any, recurse: bool = False, parent: Any = None, qualName: list[str] | None = None
    ) -> Any:
        """Return a suite of the tests in, or a test of, `obj`.

        Args:
            obj: A package, module, class, test method, suite or test case.
            recurse: Look into the packages inside a package.
            parent: The class that `obj` was found in, if it is a method.
            qualName: The parts of the name by which it was found.

        Raises:
            TypeError: It is none of these.
        """
        if isinstance(obj, types.ModuleType):
            return self.loadPackage(obj, recurse) if isPackage(obj) else self.loadModule(obj)
        if isTestCase(obj):
            return self.loadClass(obj)
        if isinstance(obj, unittest.TestCase | unittest.BaseTestSuite | ErrorHolder):
            return obj
        if inspect.isfunction(obj) and isTestCase(parent):
            methodName = qualName[-1] if qualName else obj.__name__
            return self._makeCase(parent, methodName)
        if inspect.ismethod(obj) and isTestCase(type(obj.__self__)):
            return self._makeCase(type(obj.__self__), obj.__name__)
        raise TypeError(
            f"No loader for {obj!r}. Unrecognized type: give a package, module, "
            f"file, class or method of tests"
        )

    def loadByName(self, name: str, recurse: bool = False) -> Any:
        """Return a suite of the tests that a path or dotted name means.

        What cannot be found or imported becomes a test that fails with the reason.
        """
        try:
            found, parent = self._findWithParent(name)
            return self.loadAnything(found, recurse, parent, name.split("."))
        except KeyboardInterrupt:
            raise
        except BaseException:
            return ErrorHolder(name, Failure())

    loadTestsFromName = loadByName

    def _findWithParent(self, name: str) -> tuple[Any, Any]:
        found = self.findByName(name)
        if isinstance(found, types.FunctionType) and "." in name:
            # A method does not know the class that it was found in.
            return found, reflect.namedAny(name.rpartition(".")[0])
        return found, None

    def loadByNames(self, names: Iterable[str], recurse: bool = False) -> Any:
        """Return a suite of the tests that the paths and dotted names mean.

        Two names of one thing, such as a module and its file, count once.
        """
        suites: list[Any] = []
        seen: list[Any] = []
        for each in names:
            try:
                found = self._findWithParent(each)
                if found not in seen:
                    seen.append(found)
                    suites.append(self.loadAnything(found[0], recurse, found[1], each.split(".")))
            except KeyboardInterrupt:
                raise
            except BaseException:
                suites.append(ErrorHolder(each, Failure()))
        return self.suiteFactory(suites)
