"""Tests for twisted.python.reflect."""

from __future__ import annotations

import os
import sys
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

import twisted.python
from twisted.python import reflect
from twisted.trial import unittest


class Fragile:
    """Shows itself by functions that a test may replace."""

    def __init__(self) -> None:
        self.texts: dict[str, Callable[[], str]] = {
            "str": lambda: "<fragile>",
            "repr": lambda: "Fragile()",
        }

    def __str__(self) -> str:
        return self.texts["str"]()

    def __repr__(self) -> str:
        return self.texts["repr"]()


def failing(message: str) -> Callable[[], str]:
    """A function that only raises."""

    def fail() -> str:
        raise RuntimeError(message)

    return fail


class BrokenClass:
    """Lies about its class and cannot be shown."""

    @property  # type: ignore[misc]  # breaking it is the purpose
    def __class__(self) -> type:
        raise RuntimeError("class!")

    def __repr__(self) -> str:
        raise RuntimeError("repr!")

    __str__ = __repr__


class SafeTextTests(unittest.SynchronousTestCase):
    """`safe_repr` and `safe_str`."""

    def test_working(self) -> None:
        """A sound object is shown as usual."""
        for obj in (1, "a", b"a", [1], None, Fragile(), Fragile):
            self.assertEqual(reflect.safe_repr(obj), repr(obj))
        self.assertEqual(reflect.safe_str(Fragile()), "<fragile>")

    def test_bytes(self) -> None:
        """Bytes are decoded if they are UTF-8, and shown as bytes if not."""
        self.assertEqual(reflect.safe_str("\N{SNOWMAN}".encode()), "\N{SNOWMAN}")
        self.assertEqual(reflect.safe_str(b"\xff"), "b'\\xff'")

    def test_broken(self) -> None:
        """What is raised becomes part of the text, with class and id of the object."""
        broken = Fragile()
        broken.texts = {"str": failing("str!"), "repr": failing("repr!")}
        for safe, error in ((reflect.safe_repr, "repr!"), (reflect.safe_str, "str!")):
            shown = safe(broken)
            self.assertIn(f"Fragile instance at {id(broken):#x}", shown)
            self.assertIn("Traceback", shown)
            self.assertIn(f"RuntimeError: {error}", shown)

    def test_strFallsOnRepr(self) -> None:
        """`safe_str` survives a broken `repr` under `str`."""

        class OnlyRepr:
            def __repr__(self) -> str:
                raise ValueError("only repr")

        self.assertIn("only repr", reflect.safe_str(OnlyRepr()))

    def test_brokenClassAttribute(self) -> None:
        """The object is not trusted to name its class."""
        for safe in (reflect.safe_repr, reflect.safe_str):
            self.assertIn("BrokenClass instance", safe(BrokenClass()))

    def test_brokenMetaclass(self) -> None:
        """Even a class that cannot tell its name does no harm."""

        class Meta(type):
            @property
            def __name__(self) -> str:  # type: ignore[override]  # breaking it is the purpose
                raise ValueError("no name")

            def __repr__(self) -> str:
                raise ValueError("no repr")

        class Nameless(metaclass=Meta):
            def __repr__(self) -> str:
                raise ValueError("no repr either")

        self.assertIn("ValueError: no repr either", reflect.safe_repr(Nameless()))
        self.assertIn("ValueError: no repr", reflect.safe_repr(Nameless))

    def test_interruptsPass(self) -> None:
        """Only errors are caught: the user may still interrupt."""

        class Interrupting:
            def __repr__(self) -> str:
                raise KeyboardInterrupt

        self.assertRaises(KeyboardInterrupt, reflect.safe_repr, Interrupting())


class Base:
    """The base of a small hierarchy."""

    rows: Any = [1]
    table: Any = {"a": 1, "b": 1}

    def do_one(self) -> str:
        return "one"

    def do_two(self) -> str:
        return "two"

    def dont_three(self) -> None:
        """Of another prefix."""


class Middle(Base):
    """Overrides one, adds one; defines neither rows nor table."""

    def do_two(self) -> str:
        return "two again"

    def do_four(self) -> str:
        return "four"

    do_notCallable = 3


class Derived(Middle):
    """Adds to what is declared."""

    rows = [2, 3]
    table = {"b": 2, "c": 2}


class PrefixTests(unittest.SynchronousTestCase):
    """Methods by prefix."""

    def test_names(self) -> None:
        """The names of all classes of the hierarchy come, each once, without the prefix."""
        self.assertEqual(
            sorted(reflect.prefixedMethodNames(Derived, "do_")), ["four", "one", "two"]
        )
        self.assertEqual(reflect.prefixedMethodNames(Derived, "nothing_"), [])

    def test_methods(self) -> None:
        """The methods come bound, those of the nearest class."""
        methods: list[Callable[[], str]] = reflect.prefixedMethods(Derived(), "do_")
        self.assertEqual(sorted(m() for m in methods), ["four", "one", "two again"])

    def test_accumulateMethods(self) -> None:
        """A dict gets them, from a class on upwards if one is given."""
        found: dict[str, Any] = {}
        reflect.accumulateMethods(Derived(), found, "do_")
        self.assertEqual(sorted(found), ["four", "one", "two"])
        found = {}
        reflect.accumulateMethods(Derived(), found, "do_", Base)
        self.assertEqual(sorted(found), ["one", "two"])
        found = {}
        reflect.accumulateMethods(Base(), found)
        self.assertIn("dont_three", found)

    def test_baseClass(self) -> None:
        """Only the classes directly below a given one count, if one is given."""
        names: dict[str, int] = {}
        reflect.addMethodNamesToDict(Derived, names, "do_", Base)
        self.assertEqual(names, {"two": 1, "four": 1})

    def test_bareprefix(self) -> None:
        """A method that is called as the prefix alone has no name to give."""

        class Bare:
            def do_(self) -> None: ...

        self.assertEqual(reflect.prefixedMethodNames(Bare, "do_"), [])


class AccumulateTests(unittest.SynchronousTestCase):
    """Declarations throughout a hierarchy."""

    def test_list(self) -> None:
        """Items of bases come first; a class that only inherits adds nothing."""
        found: list[int] = []
        reflect.accumulateClassList(Derived, "rows", found)
        self.assertEqual(found, [1, 2, 3])

    def test_dict(self) -> None:
        """The nearest class wins."""
        found: dict[str, int] = {}
        reflect.accumulateClassDict(Derived, "table", found)
        self.assertEqual(found, {"a": 1, "b": 2, "c": 2})

    def test_baseClass(self) -> None:
        """Only classes directly below a given one count."""
        found: list[int] = []
        reflect.accumulateClassList(Derived, "rows", found, Middle)
        self.assertEqual(found, [2, 3])


class NamesOfObjectsTests(unittest.SynchronousTestCase):
    """From objects to names."""

    def test_qual(self) -> None:
        """Module and name."""
        self.assertEqual(reflect.qual(reflect.QueueMethod), "twisted.python.reflect.QueueMethod")

    def test_fullyQualifiedName(self) -> None:
        """Whatever is defined in a module has a dotted name."""
        here = __name__
        table: list[tuple[Any, str]] = [
            (reflect, "twisted.python.reflect"),
            (reflect.qual, "twisted.python.reflect.qual"),
            (Derived, f"{here}.Derived"),
            (Derived.do_four, f"{here}.Middle.do_four"),
            (Derived().do_four, f"{here}.Derived.do_four"),
            (len, "builtins.len"),
        ]
        for obj, expected in table:
            self.assertEqual(reflect.fullyQualifiedName(obj), expected)

    def test_fullFuncName(self) -> None:
        """A function has a name under which it is found again, or none."""
        self.assertEqual(reflect.fullFuncName(reflect.qual), "twisted.python.reflect.qual")
        self.assertRaises((ValueError, AttributeError), reflect.fullFuncName, lambda: None)

        def qual() -> None: ...

        qual.__module__ = "twisted.python.reflect"
        self.assertRaises(ValueError, reflect.fullFuncName, qual)

    def test_getClass(self) -> None:
        """The class of an object, the metaclass of a class."""
        self.assertIs(reflect.getClass(Base()), Base)
        self.assertIs(reflect.getClass(Base), type)


class FilenameTests(unittest.SynchronousTestCase):
    """`filenameToModuleName`."""

    def setUp(self) -> None:
        self.root = self.mktemp()
        self.inner = os.path.join(self.root, "sub", "outer", "inner")
        os.makedirs(self.inner)
        for directory in (self.inner, os.path.dirname(self.inner)):
            with open(os.path.join(directory, "__init__.py"), "w"):
                pass

    def test_table(self) -> None:
        """Directories that are packages are part of the name."""
        outer = os.path.dirname(self.inner)
        table = {
            os.path.join(self.inner, "mod.py"): "outer.inner.mod",
            os.path.join(self.inner, "mod.pyc"): "outer.inner.mod",
            os.path.join(self.inner, "ext.cpython-311-x86_64-linux-gnu.so"): "outer.inner.ext",
            os.path.join(self.inner, "__init__.py"): "outer.inner",
            os.path.join(outer, "__init__.py"): "outer",
            os.path.join(outer, "mod.py"): "outer.mod",
            os.path.join(self.root, "mod.py"): "mod",
        }
        for path, expected in table.items():
            self.assertEqual(reflect.filenameToModuleName(path), expected)
            self.assertEqual(reflect.filenameToModuleName(os.fsencode(path)), expected)


class NamedTests(unittest.SynchronousTestCase):
    """From names to objects."""

    def test_found(self) -> None:
        """Packages, modules, classes, attributes of classes."""
        table: list[tuple[str, object]] = [
            ("twisted", twisted),
            ("twisted.python.reflect", reflect),
            ("twisted.python.reflect.QueueMethod", reflect.QueueMethod),
            ("twisted.python.reflect.QueueMethod.__init__", reflect.QueueMethod.__init__),
        ]
        for name, expected in table:
            self.assertIs(reflect.namedAny(name), expected)
        self.assertIs(reflect.namedModule("twisted.python"), twisted.python)
        self.assertIs(reflect.namedObject("twisted.python.reflect.qual"), reflect.qual)
        self.assertIs(reflect.namedClass("twisted.python.reflect.QueueMethod"), reflect.QueueMethod)

    def test_invalid(self) -> None:
        """Empty parts make no name."""
        for name in ("", ".", "..", "hello..world", "hello.world.", ".hello"):
            error = self.assertRaises(reflect.InvalidName, reflect.namedAny, name)
            self.assertIs(type(error), reflect.InvalidName)
        self.assertTrue(issubclass(reflect.InvalidName, ValueError))

    def test_notFound(self) -> None:
        """It is told apart what was not found."""
        error: Exception = self.assertRaises(
            reflect.ModuleNotFound, reflect.namedAny, "nosuchmodule"
        )
        self.assertIn("nosuchmodule", str(error))
        error = self.assertRaises(reflect.ObjectNotFound, reflect.namedAny, "nosuch.at.all")
        self.assertIn("nosuch.at.all", str(error))
        for name in ("twisted.nosuch", "twisted.python.reflect.nosuch", "os.path.nosuch.nosuch"):
            self.assertRaises(AttributeError, reflect.namedAny, name)
        self.assertRaises(ImportError, reflect.namedModule, "nosuchmodule")
        self.assertRaises(AttributeError, reflect.namedObject, "twisted.nosuch")

    def package(self, **files: str) -> str:
        """Make a package that can be imported until the test ends; gives its name."""
        root = self.mktemp()
        name = "made" + os.path.basename(root).replace("-", "_").replace(".", "_")
        directory = os.path.join(root, name)
        os.makedirs(directory)
        for module, source in {"__init__": "", **files}.items():
            with open(os.path.join(directory, module + ".py"), "w") as target:
                target.write(source)
        self.patch(sys, "path", [os.path.abspath(root), *sys.path])
        self.addCleanup(self.forget, name)
        return name

    def forget(self, package: str) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]

    def test_brokenModule(self) -> None:
        """A module that cannot import what it needs is blamed itself."""
        name = self.package(needs="import nosuchmodule", fails="1/0", other="from . import nope")
        error = self.assertRaises(ImportError, reflect.namedAny, f"{name}.needs")
        self.assertEqual(getattr(error, "name", None), "nosuchmodule")
        self.assertRaises(ZeroDivisionError, reflect.namedAny, f"{name}.fails.x")
        self.assertRaises(ImportError, reflect.namedAny, f"{name}.other")

    def test_packageNeedsItsOwn(self) -> None:
        """A package that misses a module of its own is no name that is not found."""
        name = self.package(__init__="import os.nosuch")
        self.assertRaises(ImportError, reflect.namedAny, f"{name}.x")

    def test_requireModule(self) -> None:
        """A module, or what to have instead."""
        self.assertIs(reflect.requireModule("twisted.python.reflect"), reflect)
        self.assertIsNone(reflect.requireModule("nosuchmodule"))
        self.assertEqual(reflect.requireModule("nosuchmodule", 3), 3)
        name = self.package(needs="import nosuchmodule", fails="1/0")
        self.assertIsNone(reflect.requireModule(f"{name}.needs"))
        self.assertRaises(ZeroDivisionError, reflect.requireModule, f"{name}.fails")


class QueueMethodTests(unittest.SynchronousTestCase):
    """`QueueMethod`."""

    def test_remembers(self) -> None:
        """Calls are kept in order, with their arguments."""
        calls: list[tuple[str, tuple[Any, ...]]] = []
        first, second = reflect.QueueMethod("first", calls), reflect.QueueMethod("second", calls)
        first(1, 2)
        second()
        first()
        self.assertEqual(calls, [("first", (1, 2)), ("second", ()), ("first", ())])


class GrepTests(unittest.SynchronousTestCase):
    """Who refers to an object."""

    def ways(self, start: object, goal: object, **kw: Any) -> list[str]:
        return reflect.objgrep(start, goal, reflect.isSame, **kw)

    def test_comparisons(self) -> None:
        """Same, equal, of a type."""
        a, b = [1], [1]
        self.assertFalse(reflect.isSame(a, b))
        self.assertTrue(reflect.isSame(a, a))
        self.assertTrue(reflect.isLike(a, b))
        self.assertTrue(reflect.isOfType(True, bool))
        self.assertFalse(reflect.isOfType(True, int))

    def test_containers(self) -> None:
        """Each kind of container is looked into, and the way is told."""
        goal = object()
        self.assertEqual(self.ways({"k": goal}, goal), ["['k']"])
        self.assertEqual(self.ways({goal: 1}, goal), [".keys()[0]"])
        self.assertEqual(self.ways([None, goal], goal), ["[1]"])
        self.assertEqual(self.ways((goal,), goal), ["[0]"])
        self.assertEqual(self.ways(deque([1, goal]), goal), ["[1]"])
        self.assertEqual(self.ways({goal}, goal), [f"{{{goal!r}}}"])

    def test_objects(self) -> None:
        """Attributes, classes, methods and weak references are looked into."""
        base = Base()
        holder: Any = Base()
        holder.held = base
        self.assertEqual(self.ways(holder, base), [".held"])
        self.assertIn(".__self__", self.ways(base.do_one, base))
        self.assertEqual(self.ways(weakref.ref(base), base), ["()"])
        self.assertIn(".__class__", self.ways(base, Base))

    def test_path(self) -> None:
        """The path given comes first."""
        self.assertEqual(reflect.objgrep([[3.5]], 3.5, path="x"), ["x[0][0]"])

    def test_cycle(self) -> None:
        """A cycle is gone through once."""
        goal = object()
        loop: list[object] = [goal]
        loop.append(loop)
        self.assertEqual(self.ways(loop, goal), ["[0]"])

    def test_depth(self) -> None:
        """No deeper than asked, and as deep as it gets without recursion."""
        goal = object()
        nested: object = goal
        for _ in range(5000):
            nested = [nested]
        self.assertEqual(self.ways(nested, goal, maxDepth=4999), [])
        self.assertEqual(len(self.ways(nested, goal, maxDepth=5000)), 1)
        self.assertEqual(len(self.ways(nested, goal)), 1)

    def test_findInstances(self) -> None:
        """Every object of a type."""
        self.assertEqual(
            sorted(reflect.findInstances([Base(), Middle(), {"x": Base()}], Base)),
            ["[0]", "[2]['x']"],
        )

    def test_modgrep(self) -> None:
        """An object can be found from the modules that are loaded."""
        self.patch(sys, "modules", {"here": {"QueueMethod": reflect.QueueMethod}})
        self.assertEqual(
            reflect.modgrep(reflect.QueueMethod), ["sys.modules['here']['QueueMethod']"]
        )
