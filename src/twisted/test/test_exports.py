"""What the public modules offer, and by which name it goes.

A public module that has grown into a package is a table of contents over private modules.  Programs
must not notice: pickles, messages, log filters and warnings name what is public.
"""

from __future__ import annotations

import ast
import importlib
import pickle
import types
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from twisted.logger import Logger
from twisted.test._source import Definition, Module, imports, product
from twisted.trial.unittest import SynchronousTestCase

#: Public modules without `__all__`, and why.
WITHOUT_ALL = {
    "twisted": "its two names are made when they are asked for",
    "twisted.internet.reactor": "is replaced by the reactor",
}


def isPrivate(name: str) -> bool:
    """Whether a dotted name has a part that begins with an underscore."""
    return any(part.startswith("_") for part in name.split("."))


def publicModules() -> list[Module]:
    """The modules that programs import."""
    return [module for module in product() if not isPrivate(module.name)]


def loaded(name: str) -> ModuleType:
    """A module; all of ours can be imported anywhere."""
    return importlib.import_module(name)


def contents() -> list[Module]:
    """The packages that stand for one public module: those that re-export private modules."""
    return [
        module
        for module in publicModules()
        if module.isPackage
        and module.name not in WITHOUT_ALL
        and any(
            one.module.startswith(f"{module.name}._") and not one.where for one in imports(module)
        )
    ]


def visible(module: ModuleType) -> list[str]:
    """What a program finds in a module: not its neighbours, nor what it keeps to itself."""
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    )


class ContentsTests(SynchronousTestCase):
    """Packages that are tables of contents."""

    def test_found(self) -> None:
        """The rules below are about something."""
        names = [module.name for module in contents()]
        for name in ("twisted.internet.defer", "twisted.internet.protocol", "twisted.logger"):
            self.assertIn(name, names)

    def test_noCode(self) -> None:
        """They hold nothing of their own."""
        for module in contents():
            own = [node.name for node in module.tree.body if isinstance(node, Definition)]
            self.assertEqual(own, [], f"{module.name} is a table of contents: move these")

    def test_all(self) -> None:
        """`__all__` is all that they have."""
        for module in contents():
            exported = sorted(module.exported() or [])
            self.assertEqual(exported, visible(loaded(module.name)), module.name)

    def test_visible(self) -> None:
        """Neighbours and private names do not count."""
        module = ModuleType("example")
        vars(module).update(b=1, a=int, _c=2, d=ast)
        self.assertEqual(visible(module), ["a", "b"])


class PublicTests(SynchronousTestCase):
    """All public modules."""

    def offers(self) -> Iterator[tuple[str, Any]]:
        """Everything that the public modules offer, by its full name."""
        for module in publicModules():
            for name in module.exported() or ():
                yield f"{module.name}.{name}", getattr(loaded(module.name), name)

    def test_all(self) -> None:
        """A module that offers something says what."""
        silent = [
            module.name
            for module in publicModules()
            if module.exported() is None
            and module.name not in WITHOUT_ALL
            and any(isinstance(node, Definition) for node in module.tree.body)
        ]
        self.assertEqual(silent, [], "these have no __all__")

    def test_offers(self) -> None:
        """All that is offered is there."""
        self.assertIn("twisted.internet.defer.Deferred", dict(self.offers()))

    def test_classes(self) -> None:
        """A class goes by a public name, by which it can be had again."""
        wrong = []
        for name, thing in self.offers():
            if isinstance(thing, type) and thing.__module__.startswith("twisted."):
                home = loaded(thing.__module__)
                if isPrivate(thing.__module__) or vars(home).get(thing.__name__) is not thing:
                    wrong.append(f"{name} says that it is {thing.__module__}.{thing.__name__}")
        self.assertFalse(wrong, "\n".join(wrong))

    def test_functions(self) -> None:
        """A function can be pickled, which is by its name, unless another has made it."""
        for name, thing in self.offers():
            if isinstance(thing, types.FunctionType) and "<locals>" not in thing.__qualname__:
                self.assertIdentical(pickle.loads(pickle.dumps(thing)), thing, name)


def loggers() -> Iterator[tuple[str, Logger]]:
    """The loggers of modules and classes, and where they are."""
    for module in product():
        if module.name != "twisted.internet.reactor":
            for name, value in vars(loaded(module.name)).items():
                yield from _loggersIn(f"{module.name}.{name}", value)
                if isinstance(value, type):
                    for inner, attribute in vars(value).items():
                        yield from _loggersIn(f"{module.name}.{name}.{inner}", attribute)


def _loggersIn(where: str, value: Any) -> Iterator[tuple[str, Logger]]:
    if isinstance(value, Logger):
        yield where, value


class LoggerTests(SynchronousTestCase):
    """The namespaces that filters go by."""

    def test_namespaces(self) -> None:
        """They are the names of public modules."""
        public = {module.name for module in publicModules()}
        found = list(loggers())
        self.assertNotEqual(found, [])
        for where, logger in found:
            self.assertIn(logger.namespace, public, where)

    def test_standardLibrary(self) -> None:
        """Nothing logs past the project's own log."""
        for module in product():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "logging.getLogger":
                    self.assertIn(module.package, ("logger", "python"), module.path)


class WarningTests(SynchronousTestCase):
    """Whom warnings blame; what each says is tested with what warns."""

    def test_stacklevel(self) -> None:
        """A warning says which caller it is about."""
        for module in product():
            for node in warnings(module):
                levels = [k.value for k in node.keywords if k.arg == "stacklevel"]
                where = f"{module.path}:{node.lineno}"
                self.assertNotEqual(levels, [], where)
                self.assertGreaterEqual(ast.literal_eval(levels[0]), 2, where)

    def test_bad(self) -> None:
        """Calls are found by whatever way the function is had."""
        source = "import warnings\nwarnings.warn('a')\ngetWarningMethod()('b', stacklevel=1)\n"
        found = warnings(Module.fromSource("twisted.x", source))
        self.assertEqual([node.lineno for node in found], [2, 3])


def warnings(module: Module) -> Iterable[ast.Call]:
    """The calls that warn."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) in ("warnings.warn", "getWarningMethod()"):
                yield node
