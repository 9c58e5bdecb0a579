"""Versions and upgrades, what is not kept, and what pickle learns."""

from __future__ import annotations

import copy
import io
import os
import pickle
from typing import Any

from twisted.logger import capturedLogs, formatEvent
from twisted.persisted import styles
from twisted.persisted.styles import Versioned, doUpgrade, requireUpgrade
from twisted.persisted.test import _things
from twisted.persisted.test._things import Growing, Plain, Temporary
from twisted.trial.unittest import SynchronousTestCase

KEY = "twisted.persisted.test._things.Growing.persistenceVersion"


class Base(Versioned):
    persistenceVersion = 1

    def upgradeToVersion1(self) -> None:
        self.order = [*getattr(self, "order", []), "base"]


class Middle(Base):
    """Has no version of its own."""


class Derived(Middle):
    persistenceVersion = 1
    persistenceForgets = ["socket"]

    def upgradeToVersion1(self) -> None:
        self.order = [*getattr(self, "order", []), "derived"]


class Needy(Versioned):
    """Needs another object as it is upgraded."""

    other: Any
    persistenceVersion = 1

    def upgradeToVersion1(self) -> None:
        requireUpgrade(self.other)
        self.seen = self.other.steps


class Broken(Versioned):
    persistenceVersion = 2


class StyleCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.addCleanup(styles.versionedsToUpgrade.clear)

    def loaded(self, cls: Any, state: dict[str, Any]) -> Any:
        """An object as it comes out of a file."""
        made = cls.__new__(cls)
        made.__setstate__(state)
        return made


class VersionedTests(StyleCase):
    def test_kept(self) -> None:
        """The attributes are, and the version; but not what is to be forgotten."""
        thing = Growing()
        thing.x, thing.cache = 1, 2
        self.assertEqual(thing.__getstate__(), {"x": 1, KEY: 3})
        self.assertEqual(thing.cache, 2)
        self.assertEqual(thing.__getstate__({"y": 1, "cache": 0}), {"y": 1, KEY: 3})
        again = pickle.loads(pickle.dumps(thing))
        doUpgrade()
        self.assertEqual(vars(again), {"x": 1})

    def test_upgrade(self) -> None:
        """The steps that are missing are taken, once, when all is loaded."""
        for version, taken in [(1, {"steps": [2, 3]}), (2, {"steps": [3]}), (3, {})]:
            thing = self.loaded(Growing, {"x": 1, KEY: version})
            self.assertEqual(vars(thing), {"x": 1, KEY: version})
            doUpgrade()
            doUpgrade()
            self.assertEqual(vars(thing), {"x": 1, **taken})
        self.assertEqual(styles.versionedsToUpgrade, {})
        self.assertEqual(styles.upgraded, {})

    def test_bases(self) -> None:
        """Base classes come first; a version that is inherited is the base's."""
        thing = self.loaded(Derived, {})
        doUpgrade()
        self.assertEqual(thing.order, ["base", "derived"])
        self.assertEqual(len(thing.__getstate__()), 3)
        thing.socket = 1
        self.assertNotIn("socket", thing.__getstate__())

    def test_require(self) -> None:
        """An upgrade may need that of another object first; each is done once."""
        other = self.loaded(Growing, {KEY: 1})
        needy = self.loaded(Needy, {"other": other})
        styles.versionedsToUpgrade.clear()
        for each in (needy, other):
            styles.versionedsToUpgrade[id(each)] = each
        doUpgrade()
        self.assertEqual(needy.seen, [2, 3])
        requireUpgrade(other)
        requireUpgrade("anything")
        self.assertEqual(other.steps, [2, 3])

    def test_missingStep(self) -> None:
        """A class without a method for a step is named, and the step."""
        self.loaded(Broken, {})
        error = self.assertRaises(TypeError, doUpgrade)
        self.assertIn("Broken", str(error))
        self.assertIn("upgradeToVersion1", str(error))

    def test_later(self) -> None:
        """What a later version has kept cannot be upgraded."""
        self.loaded(Growing, {KEY: 4})
        self.assertIn("later", str(self.assertRaises(TypeError, doUpgrade)))

    def test_failing(self) -> None:
        """One that fails does not keep the others from being upgraded next."""
        self.loaded(Broken, {})
        thing = self.loaded(Growing, {KEY: 2})
        self.assertRaises(TypeError, doUpgrade)
        doUpgrade()
        self.assertEqual(thing.steps, [3])

    def test_copy(self) -> None:
        """A copy is of the same version."""
        thing = Growing()
        thing.x = 1
        again = copy.copy(thing)
        doUpgrade()
        self.assertEqual(vars(again), {"x": 1})


class EphemeralTests(SynchronousTestCase):
    def test_notKept(self) -> None:
        """Something empty comes back, and the log says what was not kept."""
        thing = Temporary()
        thing.secret = 1  # type: ignore[attr-defined]  # of no class
        with capturedLogs() as logged:
            again = pickle.loads(pickle.dumps([thing]))[0]
        self.assertIs(type(again), styles.Ephemeral)
        self.assertEqual(vars(again), {})
        self.assertIn("Temporary", formatEvent(logged[0]))
        with capturedLogs() as logged:
            thing.__getstate__()
        self.assertEqual(len(logged), 1)
        again.__setstate__({"x": 1})
        self.assertEqual(vars(again), {})


class PickleTests(SynchronousTestCase):
    """What pickle can do beside what it can do anyway."""

    def test_modules(self) -> None:
        """A module is its name; some had others."""
        for module in (os, os.path, styles):
            self.assertIs(pickle.loads(pickle.dumps(module)), module)
        self.patch(styles, "oldModules", {"twisted.gone": os})
        self.assertIs(styles.unpickleModule("twisted.gone"), os)
        self.assertRaises(ImportError, styles.unpickleModule, "twisted.never")

    def test_methods(self) -> None:
        """A method is its name and its object, hidden ones and those of classes included."""
        thing = Plain(a=1)
        methods: list[Any] = [thing.method, thing.hidden(), Plain.ofClass]
        for method in methods:
            again = pickle.loads(pickle.dumps(method))
            self.assertEqual(again(), method())
            self.assertEqual(again.__self__, method.__self__)

    def test_methodOfOther(self) -> None:
        """An object that is of another class by now is taken as it is."""
        unpickle = styles.unpickleMethod
        self.assertEqual(unpickle("method", _things.Stateful(), Plain)(), "method")
        self.assertIs(unpickle("method", None, Plain), Plain.method)
        self.assertRaises(AttributeError, unpickle, "never", Plain(), Plain)

    def test_files(self) -> None:
        """Files in memory, with their positions."""
        file = io.StringIO("a text")
        file.read(2)
        for take in (styles.pickleStringO, styles.pickleStringI):
            make, arguments = take(file)
            self.assertEqual(make(*arguments).read(), "text")
        self.assertIs(styles.unpickleStringI, styles.unpickleStringO)
        self.assertEqual(pickle.loads(pickle.dumps(file)).read(), "text")
