"""Finding tests."""

from __future__ import annotations

import email
import os
import string
import sys
import textwrap
import types
import unittest as pyunit
from collections.abc import Iterator
from typing import Any

from twisted.trial import runner, unittest
from twisted.trial.test.running import outcome, ran


def _tests(suite: Any) -> list[str]:
    """The last parts of the names of the tests in a suite, in order."""
    return [test.id().split(".")[-1] for test in _each(suite)]


def _each(suite: Any) -> Iterator[Any]:
    if isinstance(suite, pyunit.BaseTestSuite):
        for each in suite:
            yield from _each(each)
    else:
        yield suite


class _LoaderCase(unittest.SynchronousTestCase):
    def setUp(self) -> None:
        self.loader = runner.TestLoader()
        self.root = os.path.abspath(self.mktemp())
        self.write("loadme/__init__.py")
        self.write("loadme/core.py", '"""Core."""\n# -*- test-case-name: loadme.test.test_core -*-')
        self.write("loadme/test/__init__.py")
        self.write("loadme/test/test_core.py", self.module("CoreTests", "test_b", "test_a"))
        self.write("loadme/test/helper.py", "raise ValueError('not a test module')")
        self.write("loadme/sub/__init__.py")
        self.write("loadme/sub/test_sub.py", self.module("SubTests", "test_sub"))
        self.write("loadme/notapackage/test_hidden.py", "raise ValueError('not in a package')")
        self.write("alone/test_alone.py", self.module("AloneTests", "test_alone"))
        self.write("alone/test_broken.py", "import no_such_module_anywhere")
        self.write("alone/test_syntax.py", "def broken(:\n")
        before = set(sys.modules)
        sys.path.insert(0, self.root)
        self.addCleanup(sys.path.remove, self.root)
        self.addCleanup(lambda: [sys.modules.pop(each) for each in set(sys.modules) - before])

    def module(self, name: str, *methods: str) -> str:
        lines = ["from twisted.trial import unittest", f"class {name}(unittest.TestCase):"]
        for method in methods:
            lines += [f"    def {method}(self): pass"]
        return "\n".join([*lines, "    def other(self): pass"])

    def write(self, name: str, text: str = "") -> str:
        path = os.path.join(self.root, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as source:
            source.write(textwrap.dedent(text))
        return path

    def path(self, name: str) -> str:
        return os.path.join(self.root, *name.split("/"))

    def errorOf(self, suite: Any) -> Exception:
        result = ran(suite)
        self.assertEqual(outcome(result), {"errors": 1})
        error = result.errors[0][1].value
        assert isinstance(error, Exception)
        return error


class NameTests(_LoaderCase):
    """Names and paths."""

    def test_method(self) -> None:
        suite = self.loader.loadByName("loadme.test.test_core.CoreTests.test_a")
        self.assertEqual(_tests(suite), ["test_a"])
        self.assertEqual(outcome(ran(suite)), {"successes": 1})

    def test_anyMethod(self) -> None:
        """A method that was asked for by name need not be named as tests are."""
        self.assertEqual(
            _tests(self.loader.loadByName("loadme.test.test_core.CoreTests.other")), ["other"]
        )

    def test_inheritedMethod(self) -> None:
        self.write(
            "loadme/test/test_more.py",
            """
            from loadme.test.test_core import CoreTests
            class MoreTests(CoreTests):
                pass
            """,
        )
        suite = self.loader.loadByName("loadme.test.test_more.MoreTests.test_a")
        self.assertEqual([type(test).__name__ for test in _each(suite)], ["MoreTests"])

    def test_class(self) -> None:
        suite = self.loader.loadByName("loadme.test.test_core.CoreTests")
        self.assertEqual(_tests(suite), ["test_a", "test_b"])

    def test_module(self) -> None:
        self.assertEqual(_tests(self.loader.loadByName("loadme.sub.test_sub")), ["test_sub"])

    def test_package(self) -> None:
        self.assertEqual(_tests(self.loader.loadByName("loadme.sub")), ["test_sub"])

    def test_packageWithoutRecursion(self) -> None:
        self.assertEqual(_tests(self.loader.loadByName("loadme")), [])

    def test_packageWithRecursion(self) -> None:
        self.assertEqual(
            _tests(self.loader.loadByName("loadme", recurse=True)), ["test_sub", "test_a", "test_b"]
        )

    def test_file(self) -> None:
        """A file in a package is the module of that package."""
        suite = self.loader.loadByName(self.path("loadme/test/test_core.py"))
        self.assertEqual(_tests(suite), ["test_a", "test_b"])
        self.assertIn("loadme.test.test_core", sys.modules)

    def test_fileOfUnknownPackage(self) -> None:
        """Even if Python does not find the package so far."""
        self.patch(sys, "path", [each for each in sys.path if each != self.root])
        path = self.write(
            "loadme/test/test_relative.py",
            """
            from .. import core
            from twisted.trial import unittest
            class RelativeTests(unittest.TestCase):
                def test_it(self):
                    self.assertEqual(core.__doc__, "Core.")
            """,
        )
        self.assertEqual(outcome(ran(self.loader.loadByName(path))), {"successes": 1})

    def test_fileAlone(self) -> None:
        suite = self.loader.loadByName(self.path("alone/test_alone.py"))
        self.assertEqual(outcome(ran(suite)), {"successes": 1})

    def test_folder(self) -> None:
        suite = self.loader.loadByName(self.path("loadme/sub"))
        self.assertEqual(_tests(suite), ["test_sub"])

    def test_fileOfAnotherModule(self) -> None:
        """Two files of one name are two modules."""
        first = self.loader.loadByName(self.path("alone/test_alone.py"))
        other = self.write("second/test_alone.py", self.module("OtherTests", "test_other"))
        self.assertEqual(_tests(first), ["test_alone"])
        self.assertEqual(_tests(self.loader.loadByName(other)), ["test_other"])

    def test_names(self) -> None:
        """Several names; two of the same thing count once."""
        suite = self.loader.loadByNames(
            ["loadme.sub.test_sub", self.path("loadme/sub/test_sub.py"), "loadme.test.test_core"]
        )
        self.assertEqual(_tests(suite), ["test_sub", "test_a", "test_b"])

    def test_loadFile(self) -> None:
        suite = self.loader.loadFile(self.path("loadme/sub/test_sub.py"))
        self.assertEqual(_tests(suite), ["test_sub"])


class BadNameTests(_LoaderCase):
    """What cannot be loaded is a test that fails; the others run."""

    def test_missingModule(self) -> None:
        self.errorOf(self.loader.loadByName("no_such_module_anywhere"))

    def test_missingMethod(self) -> None:
        suite = self.loader.loadByName("loadme.test.test_core.CoreTests.test_zzz")
        self.assertIn("test_zzz", str(self.errorOf(suite)))

    def test_missingFile(self) -> None:
        error = self.errorOf(self.loader.loadByName(self.path("alone/test_missing.py")))
        self.assertIn("doesn't exist", str(error))

    def test_brokenModule(self) -> None:
        """The error is that of the module, not that the module is missing."""
        error = self.errorOf(self.loader.loadByName(self.path("alone/test_broken.py")))
        self.assertIn("no_such_module_anywhere", str(error))

    def test_syntaxError(self) -> None:
        error = self.errorOf(self.loader.loadByName(self.path("alone/test_syntax.py")))
        self.assertIsInstance(error, SyntaxError)

    def test_brokenModuleInPackage(self) -> None:
        self.write("loadme/sub/test_broken.py", "import no_such_module_anywhere")
        result = ran(self.loader.loadByName("loadme", recurse=True))
        self.assertEqual(outcome(result), {"successes": 3, "errors": 1})
        self.assertEqual(result.errors[0][0].id(), "loadme.sub.test_broken")

    def test_exitingModule(self) -> None:
        """A module that exits ends nothing."""
        self.write("loadme/sub/test_exits.py", "raise SystemExit(3)")
        result = ran(self.loader.loadByName("loadme.sub"))
        self.assertEqual(outcome(result), {"successes": 1, "errors": 1})

    def test_names(self) -> None:
        result = ran(self.loader.loadByNames(["no_such_module_anywhere", "loadme.sub"]))
        self.assertEqual(outcome(result), {"successes": 1, "errors": 1})

    def test_notTests(self) -> None:
        error = self.errorOf(self.loader.loadByName("os.sep"))
        self.assertIn("No loader for", str(error))
        self.errorOf(self.loader.loadByName("os.path.join"))

    def test_loadFile(self) -> None:
        self.errorOf(self.loader.loadFile(self.path("alone/test_broken.py")))


class LoadTests(_LoaderCase):
    """Objects."""

    def case(self) -> type[unittest.TestCase]:
        class Case(unittest.TestCase):
            def test_b(self) -> None: ...
            def test_a(self) -> None: ...

            test_notAMethod = 3

        return Case

    def test_class(self) -> None:
        self.assertEqual(self.loader.getTestCaseNames(self.case()), ["test_a", "test_b"])
        suite = self.loader.loadTestsFromTestCase(self.case())
        self.assertEqual(_tests(suite), ["test_a", "test_b"])

    def test_notAClass(self) -> None:
        self.assertRaises(TypeError, self.loader.loadClass, self.case()("test_a"))
        self.assertRaises(ValueError, self.loader.loadClass, int)

    def test_module(self) -> None:
        module = types.ModuleType("made")
        vars(module).update(A=self.case(), alias=self.case, B=int)
        vars(module)["again"] = vars(module)["A"]
        self.assertEqual(self.loader.findTestClasses(module), [vars(module)["A"]])
        self.assertEqual(_tests(self.loader.loadModule(module)), ["test_a", "test_b"])
        self.assertRaises(TypeError, self.loader.loadModule, 3)

    def test_ownSuite(self) -> None:
        for name in ("test_suite", "testSuite"):
            module = types.ModuleType("made")
            case = self.case()
            vars(module)[name] = lambda case=case: pyunit.TestSuite([case("test_b")])
            vars(module)["Case"] = case
            self.assertEqual(_tests(self.loader.loadModule(module)), ["test_b"])

    def test_doctests(self) -> None:
        module = types.ModuleType("documented")
        module.__doc__ = ">>> 1 + 1\n3\n"
        tests = types.ModuleType("tests")
        vars(tests)["__doctests__"] = [module]
        self.assertEqual(outcome(ran(self.loader.loadModule(tests))), {"failures": 1})

    def test_doctestsByName(self) -> None:
        self.write("loadme/documented.py", '"""\n>>> 1 + 1\n2\n"""')
        suite = self.loader.loadDoctests("loadme.documented")
        self.assertEqual(outcome(ran(suite)), {"successes": 1})
        self.errorOf(self.loader.loadDoctests("loadme.nothing"))
        self.errorOf(self.loader.loadDoctests(3))

    def test_package(self) -> None:
        self.assertRaises(TypeError, self.loader.loadPackage, types.ModuleType("made"))

    def test_anything(self) -> None:
        suite = pyunit.TestSuite()
        self.assertIs(self.loader.loadAnything(suite), suite)
        case = self.case()("test_a")
        self.assertIs(self.loader.loadAnything(case), case)
        method = self.loader.loadAnything(case._testMethod)
        self.assertEqual(_tests(method), ["test_a"])
        self.assertRaises(TypeError, self.loader.loadAnything, 3)

    def test_factory(self) -> None:
        loader = runner.TestLoader(runner.DestructiveTestSuite)
        self.assertIsInstance(loader.loadClass(self.case()), runner.DestructiveTestSuite)

    def test_sorter(self) -> None:
        class Reversed:
            def __init__(self, test: Any) -> None:
                self.name = runner.name(test)

            def __lt__(self, other: Reversed) -> bool:
                return self.name > other.name

        loader = runner.TestLoader(sorter=Reversed)
        self.assertEqual(_tests(loader.loadClass(self.case())), ["test_b", "test_a"])

    def test_plainCases(self) -> None:
        class Plain(pyunit.TestCase):
            def test_it(self) -> None: ...

        self.assertTrue(runner.isTestCase(Plain))
        self.assertFalse(runner.isTestCase(Plain("test_it")))
        self.assertEqual(outcome(ran(self.loader.loadClass(Plain))), {"successes": 1})


class FunctionTests(_LoaderCase):
    """The functions of the module."""

    def test_isPackage(self) -> None:
        self.assertTrue(runner.isPackage(email))
        self.assertFalse(runner.isPackage(string))
        self.assertFalse(runner.isPackage(sys))
        self.assertFalse(runner.isPackage("email"))

    def test_isPackageDirectory(self) -> None:
        self.assertEqual(runner.isPackageDirectory(self.path("loadme")), "__init__.py")
        self.assertEqual(runner.isPackageDirectory(self.path("alone")), False)

    def test_samefile(self) -> None:
        path = self.path("loadme/core.py")
        self.assertTrue(runner.samefile(path, os.path.join(self.root, ".", "loadme", "core.py")))
        self.assertFalse(runner.samefile(path, self.path("loadme/__init__.py")))

    def test_filenameToModule(self) -> None:
        module = runner.filenameToModule(self.path("loadme/core.py"))
        self.assertEqual(module.__name__, "loadme.core")
        self.assertIs(runner.filenameToModule(self.path("loadme/core.py")), module)
        self.assertRaises(ValueError, runner.filenameToModule, self.path("loadme/nothing.py"))

    def test_name(self) -> None:
        self.assertEqual(runner.name(os), "os")
        self.assertEqual(runner.name(pyunit.TestCase), "unittest.case.TestCase")
        self.assertEqual(runner.name(runner.TestHolder("x")), "x")
        self.assertEqual(runner.name("y"), "y")
