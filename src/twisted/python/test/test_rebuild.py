"""Tests for twisted.python.rebuild."""

from __future__ import annotations

import importlib
import os
import sys
import time
import types
from typing import Any

from twisted.python import rebuild
from twisted.trial import unittest

OLD = """
class Base:
    def base(self): return "old base"
class Thing(Base):
    def method(self): return "old"
    @classmethod
    def make(cls): return "old"
class Gone: pass
def function(): return "old"
class Slots: pass
"""

NEW = """
class Base:
    def base(self): return "new base"
class Thing(Base):
    def method(self): return "new"
    @classmethod
    def make(cls): return "new"
def function(): return "new"
class Slots:
    __slots__ = ("x",)
"""


class RebuildTests(unittest.SynchronousTestCase):
    """A module that changes while it is used."""

    def setUp(self) -> None:
        root = os.path.abspath(self.mktemp())
        os.makedirs(root)
        self.name = "rebuilt" + "".join(filter(str.isalnum, os.path.basename(root)))
        self.filename = os.path.join(root, self.name + ".py")
        self.patch(sys, "path", [root, *sys.path])
        # Files of one second would be taken for the same.
        self.patch(sys, "dont_write_bytecode", True)
        self.write(OLD)
        self.addCleanup(sys.modules.pop, self.name, None)
        self.module: Any = importlib.import_module(self.name)

    def write(self, source: str) -> None:
        with open(self.filename, "w") as target:
            target.write(source)
        importlib.invalidate_caches()

    def rebuild(self) -> None:
        self.write(NEW)
        self.assertIs(rebuild.rebuild(self.module, doLog=False), self.module)

    def test_instances(self) -> None:
        """Objects do what the new code says."""
        thing = self.module.Thing()
        self.rebuild()
        self.assertEqual((thing.method(), thing.base()), ("new", "new base"))
        self.assertIs(type(thing), self.module.Thing)

    def test_subclassElsewhere(self) -> None:
        """A subclass in another module has the new base."""

        class Elsewhere(self.module.Thing):  # type: ignore[misc,name-defined]  # made while running
            pass

        one = Elsewhere()
        self.rebuild()
        self.assertEqual(one.method(), "new")
        self.assertIs(rebuild.latestClass(Elsewhere), Elsewhere)

    def test_otherModules(self) -> None:
        """Names in other modules are the new objects."""
        user: Any = types.ModuleType("user_of_" + self.name)
        user.function, user.Renamed = self.module.function, self.module.Thing
        self.addCleanup(sys.modules.pop, user.__name__)
        sys.modules[user.__name__] = user
        self.rebuild()
        self.assertEqual(user.function(), "new")
        self.assertIs(user.Renamed, self.module.Thing)

    def test_latest(self) -> None:
        """What something is in the newest code."""
        old = self.module.Thing, self.module.function, self.module.Gone
        thing = self.module.Thing()
        method = thing.method
        self.rebuild()
        self.assertIs(rebuild.latestClass(old[0]), self.module.Thing)
        self.assertIs(rebuild.latestFunction(old[1]), self.module.function)
        self.assertIs(rebuild.latestClass(int), int)
        sensitive = rebuild.Sensitive()
        self.assertIs(sensitive.latestVersionOf(old[0]), self.module.Thing)
        self.assertIs(sensitive.latestVersionOf(old[1]), self.module.function)
        self.assertEqual(sensitive.latestVersionOf(method)(), "new")
        self.assertEqual(sensitive.latestVersionOf(old[0].make)(), "new")
        self.assertIs(sensitive.latestVersionOf(thing), thing)
        self.assertEqual(sensitive.latestVersionOf(3), 3)

    def test_sensitive(self) -> None:
        """An object can ask whether it has to look again."""
        times = iter([10.0, 20.0, 30.0])
        self.patch(time, "time", lambda: next(times))
        self.patch(rebuild, "lastRebuild", 5.0)
        sensitive = rebuild.Sensitive()
        sensitive.rebuildUpToDate()
        self.assertFalse(sensitive.needRebuildUpdate())
        self.rebuild()
        self.assertTrue(sensitive.needRebuildUpdate())
        sensitive.rebuildUpToDate()
        self.assertFalse(sensitive.needRebuildUpdate())

    def test_incompatible(self) -> None:
        """An object that cannot have the new class is an error that says so."""
        one = self.module.Slots()
        self.write(NEW)
        error = self.assertRaises(rebuild.RebuildError, rebuild.rebuild, self.module, False)
        self.assertIn("Slots", str(error))
        self.assertRaises(rebuild.RebuildError, rebuild.updateInstance, one)

    def test_refused(self) -> None:
        """The program itself, and this module, cannot be rebuilt."""
        for module in (sys.modules["__main__"], rebuild):
            if module.__name__ in ("__main__", rebuild.__name__):
                self.assertRaises(rebuild.RebuildError, rebuild.rebuild, module, False)

    def test_brokenCode(self) -> None:
        """An error in the new code is raised."""
        self.write("1 / 0")
        self.assertRaises(ZeroDivisionError, rebuild.rebuild, self.module, False)
