"""Which reactor a process gets, and how it is asked for."""

from __future__ import annotations

import ast
import importlib
import json
import select
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from zope.interface import providedBy

import twisted.internet
from twisted.internet import default
from twisted.internet._fakereactor import FakeReactor
from twisted.internet.posixbase import PosixReactorBase
from twisted.trial import unittest

#: By module: the reactor's class, and what the platform must have.
REACTORS = {
    "epollreactor": ("EPollReactor", "epoll"),
    "kqreactor": ("KQueueReactor", "kqueue"),
    "pollreactor": ("PollReactor", "poll"),
    "selectreactor": ("SelectReactor", "select"),
}


class _ProcessCase(unittest.SynchronousTestCase):
    """Tests that need a process in which no reactor is installed."""

    def answer(self, program: str) -> Any:
        """Run a program that calls `answer`; returns what it gave."""
        prelude = "import json, sys\ndef answer(*a): print(json.dumps(a))\n"
        done = subprocess.run(
            [sys.executable, "-c", prelude + program], capture_output=True, text=True, check=False
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)


class InstallTests(_ProcessCase):
    """`install` of each reactor, and ``from twisted.internet import reactor``."""

    def test_default(self) -> None:
        """The import installs the best one, once, under all names that it has."""
        name, same, again = self.answer("""
from twisted.internet import reactor
import twisted.internet, twisted.internet.reactor as another, importlib
answer(
    type(reactor).__name__,
    reactor is another is twisted.internet.reactor is sys.modules["twisted.internet.reactor"],
    importlib.import_module("twisted.internet.reactor") is reactor,
)
""")
        best = next(cls for cls, feature in self._byPreference() if hasattr(select, feature))
        self.assertEqual((name, same, again), (best, True, True))

    def _byPreference(self) -> list[tuple[str, str]]:
        modules = [module.rpartition(".")[2] for _, module in default._BY_PREFERENCE]
        return [REACTORS[module] for module in modules]

    def test_importAsModule(self) -> None:
        """Where the attribute of the package is not asked for first."""
        (same,) = self.answer("""
import twisted.internet.reactor
from twisted.internet import reactor
answer(twisted.internet.reactor is reactor and hasattr(reactor, "callLater"))
""")
        self.assertTrue(same)

    def test_each(self) -> None:
        """Its `install` makes it the reactor of the process; no other is made."""
        for module, (cls, feature) in REACTORS.items():
            if not hasattr(select, feature):
                continue
            with self.subTest(module=module):
                name, others = self.answer(f"""
from twisted.internet import {module}
{module}.install()
from twisted.internet import reactor
answer(type(reactor).__name__, [
    m for m in {[*REACTORS]} if m != "{module}" and "twisted.internet." + m in sys.modules
])
""")
                self.assertEqual((name, others), (cls, []))

    def test_whatThePlatformLacks(self) -> None:
        """It fails, with a hint; another can be installed then."""
        lacking = [module for module, (_, need) in REACTORS.items() if not hasattr(select, need)]
        for module in lacking:
            message, name = self.answer(f"""
from twisted.internet import {module}
try:
    {module}.install()
except OSError as error:
    message = str(error)
from twisted.internet import reactor
answer(message, type(reactor).__name__)
""")
            self.assertIn("epoll", message)
            self.assertNotEqual(name, REACTORS[module][0])

    def test_onlyOne(self) -> None:
        """Whoever comes second hears of it, and changes nothing."""
        errors, name = self.answer("""
from twisted.internet import default, error, epollreactor, pollreactor, selectreactor
selectreactor.install()
errors = 0
for module in (selectreactor, pollreactor, default):
    try:
        module.install()
    except error.ReactorAlreadyInstalledError:
        errors += 1
from twisted.internet import reactor
answer(errors, type(reactor).__name__)
""")
        self.assertEqual((errors, name), (3, "SelectReactor"))

    def test_tooLate(self) -> None:
        """An import of the reactor has chosen already; the message says so."""
        (message,) = self.answer("""
from twisted.internet import reactor, error, selectreactor
try:
    selectreactor.install()
except error.ReactorAlreadyInstalledError as problem:
    answer(str(problem))
""")
        self.assertIn("before anything imports twisted.internet.reactor", message)

    def test_runs(self) -> None:
        """The object that stands in for the module is a reactor that runs."""
        ran, restarted = self.answer("""
from twisted.internet import reactor, error
done = []
reactor.callLater(0, done.append, "called")
reactor.callLater(0, reactor.stop)
reactor.run()
try:
    reactor.run()
except error.ReactorNotRestartable:
    answer(done, False)
""")
        self.assertEqual((ran, restarted), (["called"], False))

    def test_importingTheEngineInstallsNone(self) -> None:
        """A program that has imported all of it can still choose."""
        folder = Path(twisted.internet.__file__).parent
        names = sorted(
            path.stem if path.suffix else path.name
            for path in folder.iterdir()
            if (path.suffix == ".py" or (path / "__init__.py").exists())
            and path.stem not in ("reactor", "test", "__init__", "__pycache__")
        )
        (installed,) = self.answer(f"""
import importlib
for name in {names}:
    try:
        importlib.import_module("twisted.internet." + name)
    except ImportError as missing:
        # Of a library that is not always installed, or for another system.
        assert not (missing.name or "").startswith("twisted"), missing
answer("twisted.internet.reactor" in sys.modules)
""")
        self.assertFalse(installed)


class PreferenceTests(unittest.SynchronousTestCase):
    """`default.install` on platforms that have more or less than this one."""

    def setUp(self) -> None:
        self.installed: list[str] = []
        self.patch(default, "import_module", self._module)

    def _module(self, name: str) -> ModuleType:
        module = ModuleType(name)
        vars(module)["install"] = lambda: self.installed.append(name)
        return module

    def test_bestOfThoseThatThereAre(self) -> None:
        order = ["epollreactor", "kqreactor", "pollreactor", "selectreactor"]
        for position, module in enumerate(order):
            platform = ModuleType("select")
            for other in order[position:]:
                setattr(platform, REACTORS[other][1], object())
            self.patch(default, "select", platform)
            default.install()
            self.assertEqual(self.installed.pop(), f"twisted.internet.{module}")
            self.assertEqual(self.installed, [])

    def test_modules(self) -> None:
        """Each that is named has what is said of it, and a class of the right name."""
        for feature, name in default._BY_PREFERENCE:
            module = importlib.import_module(name)
            cls, needs = REACTORS[name.rpartition(".")[2]]
            self.assertEqual(feature, needs)
            self.assertEqual(module.__all__, [cls, "install"])
            self.assertTrue(issubclass(getattr(module, cls), PosixReactorBase))


class StubTests(unittest.SynchronousTestCase):
    """What type checkers are told of the module that is replaced at run time."""

    def setUp(self) -> None:
        stub = Path(twisted.internet.__file__).with_name("reactor.pyi")
        self.names = {
            target.id
            for statement in ast.parse(stub.read_text()).body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        self.reactor: Any = FakeReactor()
        self.addCleanup(self.reactor.run, installSignalHandlers=False)
        self.addCleanup(self.reactor.callWhenRunning, self.reactor.stop)

    def test_allThatAReactorProvides(self) -> None:
        promised = {name for interface in providedBy(self.reactor) for name in interface}
        self.assertEqual(promised - self.names, set())

    def test_nothingElse(self) -> None:
        for name in self.names:
            self.assertTrue(hasattr(self.reactor, name), name)
