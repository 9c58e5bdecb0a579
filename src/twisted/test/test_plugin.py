"""Plugins: found wherever they may be, cached, and not in the way when they are broken."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from zope.interface import Attribute, Interface

from twisted.internet.interfaces import IStreamServerEndpointStringParser
from twisted.internet.testing import EventLoggingObserver
from twisted.logger import formatEvent, globalLogPublisher
from twisted.plugin import IPlugin, getPlugins, knownPlugins, pluginPackagePaths
from twisted.python.reflect import namedModule
from twisted.trial import unittest


class IMaterial(Interface):
    """What the plugins of the tests are."""

    name = Attribute("What it is called.")
    hardness = Attribute("How hard it is.")

    def weigh() -> None:
        """A method, which is no fact."""


class IMetal(IMaterial):
    """A narrower one."""


class IOther(Interface):
    """What some of them are not."""


_MODULE = """
from zope.interface import implementer
from twisted.plugin import IPlugin
from twisted.test.test_plugin import {interface}

@implementer(IPlugin, {interface})
class Material:
    name = {name!r}
    weigh = "not much"

    @property
    def hardness(self):
        return "very " + self.name

@implementer({interface})
class NoPlugin:
    pass

{name} = Material()
stray = NoPlugin()
"""

_PACKAGE = """
from twisted.plugin import pluginPackagePaths
__path__.extend(pluginPackagePaths(__name__))
__all__ = []
"""


class _PluginCase(unittest.SynchronousTestCase):
    """A package of plugins, and folders beside it."""

    def setUp(self) -> None:
        self.root = os.path.abspath(self.mktemp())
        self.home = os.path.join(self.root, "home", "material", "plugins")
        self.beside = os.path.join(self.root, "beside", "material", "plugins")
        os.makedirs(self.home)
        os.makedirs(self.beside)
        self.write(os.path.join(self.root, "home", "material", "__init__.py"), "")
        self.write(os.path.join(self.home, "__init__.py"), _PACKAGE)
        path = [os.path.join(self.root, "home"), os.path.join(self.root, "beside"), *sys.path]
        self.patch(sys, "path", path)
        self.patch(sys, "dont_write_bytecode", True)
        self.addCleanup(self.forget)
        self.observer = EventLoggingObserver()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)

    def said(self) -> list[str]:
        """What the log says of plugins that cannot be loaded."""
        return [formatEvent(event) for event in self.observer if event["log_level"].name != "debug"]

    def forget(self) -> None:
        """As if nothing had been imported."""
        for name in [name for name in sys.modules if name.split(".")[0] == "material"]:
            del sys.modules[name]

    def write(self, path: str, text: str, age: int = 0) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        # Times are set, since those of the file system may be coarse.
        os.utime(path, (1_000_000_000 + age, 1_000_000_000 + age))

    def material(self, folder: str, name: str, interface: str = "IMaterial", age: int = 0) -> str:
        """A module with one plugin, which has the name of the module."""
        path = os.path.join(folder, f"{name}.py")
        self.write(path, _MODULE.format(name=name, interface=interface), age)
        return path

    def package(self) -> ModuleType:
        namedModule("material")
        return namedModule("material.plugins")

    def find(self, interface: Any = IMaterial) -> list[str]:
        """The names of the plugins, in a process that has not looked before."""
        self.forget()
        return sorted(found.name for found in getPlugins(interface, self.package()))

    def imported(self) -> list[str]:
        """Which modules of plugins have been imported."""
        prefix = "material.plugins."
        return sorted(name[len(prefix) :] for name in sys.modules if name.startswith(prefix))

    def cache(self, folder: str) -> str:
        return os.path.join(folder, "dropin.cache")


class PluginTests(_PluginCase):
    """`getPlugins`."""

    def test_everywhere(self) -> None:
        self.material(self.home, "wood")
        self.material(self.beside, "stone")
        self.assertEqual(self.find(), ["stone", "wood"])
        self.assertEqual(len(self.observer), 0)

    def test_interfaces(self) -> None:
        """A plugin for a narrower interface is one for the wider; all are plugins."""
        self.material(self.home, "wood")
        self.material(self.home, "iron", "IMetal")
        self.assertEqual(self.find(IMetal), ["iron"])
        self.assertEqual(self.find(IMaterial), ["iron", "wood"])
        self.assertEqual(self.find(IPlugin), ["iron", "wood"])
        self.assertEqual(self.find(IOther), [])

    def test_lazy(self) -> None:
        """What is cached is imported only if it is wanted."""
        self.material(self.home, "wood")
        self.material(self.home, "iron", "IMetal")
        self.find()
        self.assertEqual(self.imported(), ["iron", "wood"])
        self.find(IMetal)
        self.assertEqual(self.imported(), ["iron"])
        self.find(IOther)
        self.assertEqual(self.imported(), [])

    def test_facts(self) -> None:
        """Attributes that are texts are known without the plugin; others are asked of it."""
        self.material(self.home, "wood")
        self.find()
        self.forget()
        [known] = knownPlugins(IMaterial.__identifier__, self.package())
        self.assertEqual(known.facts, {"name": "wood"})
        self.assertEqual(known.fact("name"), "wood")
        self.assertEqual(self.imported(), [])
        self.assertEqual(known.fact("hardness"), "very wood")
        self.assertEqual(known.fact("colour"), None)
        self.assertEqual(self.imported(), ["wood"])

    def test_generator(self) -> None:
        """Plugins are loaded one after the other, as they are asked for."""
        found = getPlugins(IMaterial, self.package())
        self.assertIsInstance(found, Iterator)

    def test_new(self) -> None:
        self.material(self.home, "wood")
        self.find()
        self.material(self.home, "bone")
        self.assertEqual(self.find(), ["bone", "wood"])

    def test_changed(self) -> None:
        """A module of another time, later or earlier, is imported again."""
        for age in (10, -10):
            self.material(self.home, "wood", "IMaterial")
            self.assertEqual(self.find(IMetal), [])
            self.material(self.home, "wood", "IMetal", age)
            self.assertEqual(self.find(IMetal), ["wood"])

    def test_removed(self) -> None:
        path = self.material(self.home, "wood")
        self.material(self.home, "bone")
        self.find()
        os.remove(path)
        self.assertEqual(self.find(), ["bone"])
        self.assertEqual(self.observer._events, [])
        with open(self.cache(self.home), encoding="utf-8") as file:
            self.assertNotIn("wood", file.read())

    def test_broken(self) -> None:
        """A module that cannot be imported is logged, and not in the way of others."""
        self.material(self.home, "wood")
        self.write(os.path.join(self.home, "bad.py"), "1 / 0")
        self.assertEqual(self.find(), ["wood"])
        [said] = self.said()
        self.assertRegex(
            said,
            r"^Plugins of material\.plugins\.bad cannot be loaded: "
            r"ZeroDivisionError: division by zero \(.*/bad\.py:1\)$",
        )
        # It is looked for again, but once is enough to say so.
        self.assertEqual(self.find(), ["wood"])
        self.assertEqual(len(self.said()), 1)

    def test_brokenLater(self) -> None:
        """So is a plugin that the cache knows, and that is not there any more."""
        path = self.material(self.home, "wood")
        self.material(self.home, "bone")
        self.find()
        self.write(path, "")
        self.assertEqual(self.find(), ["bone"])
        [said] = self.said()
        self.assertIn("Plugin wood of material.plugins.wood cannot be loaded", said)

    def test_spoiltCache(self) -> None:
        """A cache that makes no sense is made anew."""
        self.material(self.home, "wood")
        for text in (
            "",
            "\x80pickle",
            "[]",
            "[1, 2, 3]",
            "[1, [1]]",
            '[1, {"wood": 1}]',
            '[1, {"wood": ["x", {}]}]',
            '[1, {"wood": [1, []]}]',
            '[1, {"wood": [1, {"a": 2}]}]',
            "[0, {}]",
        ):
            self.write(self.cache(self.home), text)
            self.assertEqual(self.find(), ["wood"], text)
            with open(self.cache(self.home), encoding="utf-8") as file:
                self.assertIn("wood", json.load(file)[1])

    def test_noCache(self) -> None:
        """A folder that cannot be written to is searched anew each time."""
        self.material(self.home, "wood")
        os.mkdir(self.cache(self.home))
        self.assertEqual(self.find(), ["wood"])
        self.assertEqual(self.find(IOther), [])
        self.assertEqual(self.imported(), ["wood"])
        self.assertEqual([name for name in os.listdir(self.home) if name.endswith(".new")], [])

    def test_sameName(self) -> None:
        """Of two modules of one name the first is the module; there is one plugin."""
        self.material(self.home, "wood")
        self.material(self.beside, "wood")
        self.assertEqual(self.find(), ["wood"])

    def test_noModules(self) -> None:
        """Other files are none of our business, and an empty folder gets no cache."""
        self.write(os.path.join(self.beside, "README"), "1 / 0")
        self.assertEqual(self.find(), [])
        self.assertEqual(os.listdir(self.beside), ["README"])


class PathTests(_PluginCase):
    """`pluginPackagePaths`."""

    def test_paths(self) -> None:
        """Folders that are packages themselves are left to whoever imports them."""
        self.assertEqual(pluginPackagePaths("material.plugins"), [self.beside])
        self.write(os.path.join(self.beside, "__init__.py"), "")
        self.assertEqual(pluginPackagePaths("material.plugins"), [])


class OwnTests(unittest.SynchronousTestCase):
    """The plugins that come with the package."""

    def test_default(self) -> None:
        """They are found where plugins are looked for if nothing is said."""
        found: Any = list(getPlugins(IStreamServerEndpointStringParser))
        self.assertIn("haproxy", [parser.prefix for parser in found])
