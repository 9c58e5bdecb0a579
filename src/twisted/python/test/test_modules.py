"""Tests for twisted.python.modules."""

from __future__ import annotations

import os
import sys
import zipfile
from typing import Any

import twisted.python
from twisted.python import modules
from twisted.python.filepath import FilePath
from twisted.python.modules import PythonPath
from twisted.python.zippath import ZipArchive
from twisted.trial import unittest


class ModulesCase(unittest.SynchronousTestCase):
    """Packages that are made for each test, on a path of their own."""

    def setUp(self) -> None:
        self.root = FilePath(os.path.abspath(self.mktemp()))
        # A name that no other test has imported.
        self.package = "pkg" + "".join(filter(str.isalnum, self.root.basename()))
        self.write("__init__", "from os import path\nX = 1\nclass C:\n    attribute = 2\n")
        self.write("mod", "Y = 2\n")
        self.write("broken", "1 / 0\n")
        self.write("sub.__init__")
        self.write("sub.deep")
        self.root.child("single.py").touch()
        self.root.child("not-a-module.py").touch()
        self.root.child("text.txt").touch()
        self.root.child("folder").makedirs()
        self.loaded: dict[str, Any] = {}
        self.path = PythonPath([self.root.path], self.loaded, importerCache={})

    def write(self, name: str, source: str = "") -> None:
        path = self.root.descendant([self.package, *name.split(".")]).siblingExtension(".py")
        path.parent().makedirs(ignoreExistingDirectory=True)
        path.setContent(source.encode())

    def importable(self) -> None:
        """Let Python find the modules too."""
        self.patch(sys, "path", [self.root.path, *sys.path])
        self.patch(self.path, "moduleDict", sys.modules)
        self.addCleanup(self.forget)

    def forget(self) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == self.package]:
            del sys.modules[name]

    def names(self, found: Any) -> list[str]:
        return [module.name.replace(self.package, "P") for module in found]


class FindTests(ModulesCase):
    """What is there, without importing it."""

    def test_iterModules(self) -> None:
        """Modules and packages at the top, by name, each once."""
        self.assertEqual(self.names(self.path.iterModules()), ["P", "single"])
        twice = PythonPath([self.root.path] * 2, {}, importerCache={})
        self.assertEqual(self.names(twice), ["P", "single"])

    def test_walkModules(self) -> None:
        """And everything in packages."""
        expected = ["P", "P.broken", "P.mod", "P.sub", "P.sub.deep", "single"]
        self.assertEqual(self.names(self.path.walkModules()), expected)
        [entry] = self.path.iterEntries()
        self.assertEqual(self.names(entry.walkModules()), expected)
        self.assertEqual(self.loaded, {})

    def test_getitem(self) -> None:
        """A module by name."""
        module = self.path[self.package + ".sub.deep"]
        self.assertEqual(self.names([module]), ["P.sub.deep"])
        [entry] = self.path.iterEntries()
        self.assertEqual(entry[self.package]["sub"]["deep"], module)
        self.assertEqual(hash(entry[self.package]["sub.deep"]), hash(module))
        self.assertNotEqual(module, self.path["single"])
        for name in ("nothing", "folder", "single.x", self.package + ".nothing", "text"):
            self.assertRaises(KeyError, self.path.__getitem__, name)
            self.assertNotIn(name, self.path)
        self.assertIn("single", self.path)

    def test_description(self) -> None:
        """What a module knows of itself."""
        package, single = self.path[self.package], self.path["single"]
        self.assertEqual(package.filePath, self.root.child(self.package).child("__init__.py"))
        self.assertEqual(single.filePath, self.root.child("single.py"))
        self.assertEqual((package.isPackage(), single.isPackage()), (True, False))
        self.assertFalse(package.isLoaded())
        self.assertEqual(list(single.iterModules()), [])
        self.assertEqual(package.pathEntry.filePath, self.root)
        self.assertIs(package.pathEntry.pythonPath, self.path)
        self.assertEqual(repr(single), "PythonModule<'single'>")
        self.assertEqual(repr(package.pathEntry), f"PathEntry<{self.root!r}>")
        self.assertEqual(repr(self.path), f"PythonPath([{self.root.path!r}])")

    def test_notIterable(self) -> None:
        """A package is not iterated by mistake."""
        self.assertRaises(NotImplementedError, list, self.path[self.package])

    def test_missingPlaces(self) -> None:
        """Places that are not there, or are no directories, hold nothing."""
        places = [self.root.child("nothing").path, self.root.child("single.py").path]
        self.assertEqual(list(PythonPath(places, {}, importerCache={}).iterModules()), [])

    def test_factory(self) -> None:
        """The places can be asked for each time."""
        places: list[str] = []
        path = PythonPath(sysPathFactory=lambda: places, moduleDict={})
        self.assertEqual(list(path.iterEntries()), [])
        places.append(self.root.path)
        self.assertEqual(self.names(path), ["P", "single"])
        self.assertIs(path.sysPath, places)

    def test_zip(self) -> None:
        """Modules in an archive."""
        filename = self.root.child("archive.zip").path
        with zipfile.ZipFile(filename, "w") as target:
            target.writestr("zpkg/__init__.py", "")
            target.writestr("zpkg/zmod.py", "")
            target.writestr("inner/deep.py", "")
        path = PythonPath([filename, os.path.join(filename, "inner")], {}, importerCache={})
        self.assertEqual(
            [module.name for module in path.walkModules()], ["zpkg", "zpkg.zmod", "deep"]
        )
        first, _ = path.iterEntries()
        self.assertIsInstance(first.filePath, ZipArchive)
        self.assertTrue(path["zpkg.zmod"].filePath.isfile())

    def test_system(self) -> None:
        """The path of this process."""
        module = modules.getModule("twisted.python")
        self.assertEqual(module.filePath, FilePath(str(twisted.python.__file__)).realpath())
        self.assertTrue(module.isLoaded())
        self.assertIn("twisted.python.modules", self.names(module.iterModules()))
        self.assertIs(module["modules"].load(), modules)
        self.assertIn("twisted", self.names(modules.iterModules()))
        self.assertEqual(next(iter(modules.walkModules())), next(iter(modules.iterModules())))
        self.assertRaises(KeyError, modules.getModule, "no such module")

    def test_elsewhere(self) -> None:
        """What was imported is found though it is not where its name says."""
        self.assertEqual(modules.getModule("os.path").filePath, FilePath(os.path.__file__))
        self.assertRaises(KeyError, modules.getModule, "sys")

    def test_constants(self) -> None:
        """What files of modules are called."""
        self.assertEqual(modules.PYTHON_EXTENSIONS[0], ".py")
        self.assertIs(modules.OPTIMIZED_MODE, sys.flags.optimize > 1)


class LoadTests(ModulesCase):
    """Importing what was found."""

    def test_load(self) -> None:
        """A module is imported, once."""
        self.importable()
        module = self.path[self.package + ".mod"]
        self.assertFalse(module.isLoaded())
        self.assertEqual(module.load().Y, 2)
        self.assertTrue(module.isLoaded())
        self.assertIs(module.load(), sys.modules[module.name])

    def test_loadFails(self) -> None:
        """An error is raised, or there is a default."""
        self.importable()
        module = self.path[self.package + ".broken"]
        self.assertRaises(ZeroDivisionError, module.load)
        self.assertIsNone(module.load(default=None))

    def test_loader(self) -> None:
        """The way to import can be given."""
        path = PythonPath([self.root.path], {}, importerCache={}, moduleLoader=str.upper)
        self.assertEqual(path["single"].load(), "SINGLE")

    def test_attributes(self) -> None:
        """What is in a module, once it is imported."""
        self.importable()
        module = self.path[self.package]
        self.assertRaises(NotImplementedError, list, module.iterAttributes())
        module.load()
        found = {
            attribute.name.removeprefix(self.package + "."): attribute
            for attribute in module.iterAttributes()
        }
        self.assertEqual(found["X"].load(), 1)
        self.assertTrue(found["X"].isLoaded())
        self.assertIs(found["C"].onObject, module)
        self.assertEqual(repr(found["X"]), f"PythonAttribute<'{self.package}.X'>")
        inner = {attribute.name: attribute.load() for attribute in found["C"].iterAttributes()}
        self.assertEqual(inner[self.package + ".C.attribute"], 2)

    def test_changedPath(self) -> None:
        """A package that was imported says itself where its modules are."""
        self.importable()
        other = self.root.child("other")
        other.makedirs()
        other.child("extra.py").touch()
        self.write("__init__", f"__path__.append({other.path!r})")
        package = self.path[self.package]
        self.assertNotIn("P.extra", self.names(package.walkModules()))
        self.assertIn("P.extra", self.names(package.walkModules(importPackages=True)))
        self.assertEqual(package["extra"].filePath, other.child("extra.py"))
