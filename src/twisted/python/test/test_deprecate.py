"""Tests for twisted.python.deprecate."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from typing import Any

from incremental import Version

from twisted.python import deprecate
from twisted.python.deprecate import (
    deprecated,
    deprecatedKeywordParameter,
    deprecatedModuleAttribute,
    deprecatedProperty,
    getDeprecationWarningString,
    getWarningMethod,
    setWarningMethod,
    warnAboutFunction,
)
from twisted.trial import unittest

version = Version("Twisted", 8, 0, 0)


def sample() -> None:
    """A function."""


class WarningCase(unittest.SynchronousTestCase):
    """Collects the warnings of a test."""

    def setUp(self) -> None:
        catcher = warnings.catch_warnings(record=True)
        self.caught: Any = catcher.__enter__()
        self.addCleanup(catcher.__exit__, None, None, None)
        warnings.simplefilter("always")

    def assertWarned(self, *messages: str) -> None:
        """These warnings came, from this file."""
        self.assertEqual([str(w.message) for w in self.caught], list(messages))
        for warning in self.caught:
            self.assertEqual(warning.category, DeprecationWarning)
            self.assertEqual(
                os.path.basename(warning.filename).replace(".pyc", ".py"),
                os.path.basename(__file__).replace(".pyc", ".py"),
            )
        del self.caught[:]


class StringTests(unittest.SynchronousTestCase):
    """`getDeprecationWarningString`."""

    def test_sentence(self) -> None:
        """The name, the version, and what to use instead."""
        name = f"{__name__}.sample"
        self.assertEqual(
            getDeprecationWarningString(sample, version),
            f"{name} was deprecated in Twisted 8.0.0",
        )
        for replacement in (sample, name):
            self.assertEqual(
                getDeprecationWarningString(sample, version, replacement=replacement),
                f"{name} was deprecated in Twisted 8.0.0; please use {name} instead",
            )

    def test_format(self) -> None:
        """Another sentence may be given."""
        self.assertEqual(
            getDeprecationWarningString(sample, version, "%(version)s! %(fqpn)s", "x.y"),
            f"Twisted 8.0.0! {__name__}.sample; please use x.y instead",
        )


class MethodTests(WarningCase):
    """How warnings are issued."""

    def test_default(self) -> None:
        """They are issued by `warnings.warn`, whatever that is at the time."""
        self.assertIs(getWarningMethod(), warnings.warn)
        self.patch(warnings, "warn", sample)
        self.assertIs(getWarningMethod(), sample)

    def test_set(self) -> None:
        """Another way can be set."""
        calls: list[Any] = []

        def method(message: str, category: type, stacklevel: int) -> None:
            calls.append((message, category))

        self.addCleanup(setWarningMethod, getWarningMethod())
        setWarningMethod(method)
        self.assertIs(getWarningMethod(), method)
        deprecated(version)(sample)()
        self.assertEqual(
            calls, [(f"{__name__}.sample was deprecated in Twisted 8.0.0", DeprecationWarning)]
        )
        self.assertWarned()


class DeprecatedTests(WarningCase):
    """`deprecated`."""

    def test_function(self) -> None:
        """A call warns the caller, and does what it did."""

        @deprecated(version, "new.thing")
        def old(a: int, b: int = 2) -> int:
            return a + b

        self.assertEqual(old(1, b=5), 6)
        self.assertWarned(
            f"{__name__}.DeprecatedTests.test_function.<locals>.old was deprecated in"
            " Twisted 8.0.0; please use new.thing instead"
        )
        self.assertEqual(old.__name__, "old")
        self.assertEqual(old.deprecatedVersion, version)  # type: ignore[attr-defined]  # added

    def test_method(self) -> None:
        """Methods can be deprecated too."""

        class Thing:
            @deprecated(version)
            def method(self) -> Thing:
                return self

        thing = Thing()
        self.assertIs(thing.method(), thing)
        self.assertEqual(len(self.caught), 1)

    def test_class(self) -> None:
        """And classes."""

        class Thing:
            """A class."""

        old: Any = deprecated(version)(Thing)
        self.assertIsInstance(old(), Thing)
        self.assertIn("Thing was deprecated in Twisted 8.0.0", str(self.caught[0].message))

    def test_wrongCall(self) -> None:
        """The wrapper takes what the function takes."""
        self.assertRaises(TypeError, deprecated(version)(sample), 1)

    def test_docstring(self) -> None:
        """The note stands after the summary, indented as the rest."""

        def none() -> None: ...

        def oneLine() -> None:
            """Summary."""

        def lines() -> None:
            """
            Summary.

            Details.
            """

        def compact() -> None:
            """Summary, in
            two lines.
            """

        note = "Deprecated in Twisted 8.0.0; please use x.y instead."
        margin = " " * 12
        table = {
            none: note,
            oneLine: f"Summary.\n\n{note}",
            lines: f"\n{margin}Summary.\n\n{margin}{note}\n\n{margin}Details.\n{margin}",
            compact: f"Summary, in\n{margin}two lines.\n\n{margin}{note}\n{margin}",
        }
        for function, expected in table.items():
            self.assertEqual(deprecated(version, "x.y")(function).__doc__, expected)


class PropertyTests(WarningCase):
    """`deprecatedProperty`."""

    class Thing:
        """Has one."""

        held: Any = 1

        @deprecatedProperty(version, "other")
        def old(self) -> Any:
            """Documented."""
            return self.held

        @old.setter  # type: ignore[no-redef]  # only property itself is known to mypy
        def old(self, value: Any) -> None:
            self.held = value

        @old.deleter  # type: ignore[no-redef]  # only property itself is known to mypy
        def old(self) -> None:
            del self.held

    def test_uses(self) -> None:
        """Reading, setting and deleting warn at the place of the use."""
        thing: Any = self.Thing()
        message = f"{__name__}.PropertyTests.Thing.old was deprecated in Twisted 8.0.0"
        message += "; please use other instead"
        self.assertEqual(thing.old, 1)
        self.assertWarned(message)
        thing.old = 2
        self.assertWarned(message)
        self.assertEqual(thing.held, 2)
        del thing.old
        self.assertWarned(message)
        self.assertEqual(thing.held, 1)

    def test_onClass(self) -> None:
        """On the class it is a property, with a note in its docstring."""
        prop: Any = self.Thing.old
        self.assertIn("Deprecated in Twisted 8.0.0", prop.__doc__)
        self.assertWarned()

    def test_readOnly(self) -> None:
        """Without a setter it cannot be set."""

        class Fixed:
            @deprecatedProperty(version)
            def old(self) -> int:
                return 1

        fixed: Any = Fixed()
        with self.assertRaises(AttributeError):
            fixed.old = 2


class ModuleAttributeTests(WarningCase):
    """`deprecatedModuleAttribute`."""

    def module(self, source: str) -> Any:
        """A module with this text, for the length of the test."""
        root = self.mktemp()
        os.makedirs(root)
        name = "made" + os.path.basename(root).replace("-", "_").replace(".", "_")
        with open(os.path.join(root, name + ".py"), "w") as target:
            target.write(source)
        self.patch(sys, "path", [os.path.abspath(root), *sys.path])
        self.addCleanup(sys.modules.pop, name, None)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    SOURCE = """
from incremental import Version
from twisted.python.deprecate import deprecatedModuleAttribute
OLD, NEW = 1, 2
def use(): return OLD
deprecatedModuleAttribute(Version("Twisted", 8, 0, 0), "use NEW", __name__, "OLD")
"""

    def test_use(self) -> None:
        """Use from outside warns; other names and use inside do not."""
        module = self.module(self.SOURCE)
        self.assertEqual((module.NEW, module.use()), (2, 1))
        self.assertWarned()
        self.assertEqual(module.OLD, 1)
        self.assertWarned(f"{module.__name__}.OLD was deprecated in Twisted 8.0.0: use NEW")
        self.assertEqual(getattr(module, "OLD"), 1)  # noqa: B009  # each way to get it
        self.assertEqual(len(self.caught), 1)

    def test_stillAModule(self) -> None:
        """It stays the same module, and can be changed."""
        module = self.module(self.SOURCE)
        self.assertIs(sys.modules[module.__name__], module)
        module.OLD = 5
        self.assertEqual(module.use(), 5)
        self.assertRaises(AttributeError, lambda: module.nothing)

    def test_two(self) -> None:
        """Several names of a module may be deprecated."""
        module = self.module(self.SOURCE)
        deprecatedModuleAttribute(version, "", module.__name__, "NEW")
        self.assertEqual((module.NEW, module.OLD), (2, 1))
        self.assertEqual(len(self.caught), 2)

    def test_fromImport(self) -> None:
        """Importing the name from the module warns at that import."""
        module = self.module(self.SOURCE)
        names: dict[str, Any] = {}
        exec(compile(f"from {module.__name__} import OLD", __file__, "exec"), names)
        self.assertEqual(names["OLD"], 1)
        self.assertIn("OLD was deprecated", str(self.caught[0].message))


class WarnAboutTests(WarningCase):
    """`warnAboutFunction`."""

    def test_place(self) -> None:
        """The warning is where the function ends, not where it is called."""

        def offender() -> int:
            a = 1
            return a

        warnAboutFunction(offender, "so it is")
        [warning] = self.caught
        self.assertEqual(warning.lineno, offender.__code__.co_firstlineno + 2)
        self.assertWarned("so it is")

    def test_method(self) -> None:
        """A method, or a function in decorators, is seen through."""

        class Thing:
            @deprecated(version)
            def method(self) -> None: ...

        warnAboutFunction(Thing().method, "so it is")
        self.assertWarned("so it is")


class KeywordTests(WarningCase):
    """`deprecatedKeywordParameter`."""

    def test_byName(self) -> None:
        """Giving the parameter warns; not giving it does not."""

        @deprecatedKeywordParameter(version, "old")
        def function(a: int, old: int = 1, new: int = 2) -> tuple[int, ...]:
            """Summary."""
            return a, old, new

        self.assertEqual(function(0, new=4), (0, 1, 4))
        self.assertWarned()
        self.assertEqual(function(0, old=3), (0, 3, 2))
        message = f"The 'old' parameter to {__name__}.KeywordTests.test_byName.<locals>.function"
        self.assertWarned(f"{message} was deprecated in Twisted 8.0.0")
        self.assertEqual(function(0, 5), (0, 5, 2))
        self.assertEqual(len(self.caught), 1)
        self.assertIn("'old' parameter was deprecated in Twisted 8.0.0.", function.__doc__ or "")

    def test_replacement(self) -> None:
        """What to use instead is said."""

        @deprecatedKeywordParameter(version, "old", "new")
        def function(**kw: int) -> dict[str, int]:
            return kw

        self.assertEqual(function(old=1), {"old": 1})
        self.assertIn("; please use 'new' instead", str(self.caught[0].message))

    def test_keywordOnly(self) -> None:
        """A parameter by name only is not given by any number of others."""

        @deprecatedKeywordParameter(version, "old")
        def function(*args: int, old: int = 0) -> int:
            return old

        self.assertEqual(function(1, 2, 3), 0)
        self.assertWarned()


class PrivateTests(unittest.SynchronousTestCase):
    """What other code reads of the module."""

    def test_format(self) -> None:
        """The sentence is a constant."""
        self.assertIn("%(fqpn)s", deprecate.DEPRECATION_WARNING_FORMAT)
