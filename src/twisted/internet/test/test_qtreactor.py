"""Tests for the reactor on Qt: under the real one, on a screen in memory."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
from typing import Any

from twisted.internet import _qthost
from twisted.internet.qtreactor import QtReactor
from twisted.internet.test._everysuite import EVERY_SUITE
from twisted.internet.test.conformance import ReactorSuite, casesFor, core
from twisted.trial.unittest import SkipTest, SynchronousTestCase

HOUR = 3600.0


def application() -> Any:
    """The application, of which there is one in a process, and which keeps a descriptor.

    Raises:
        SkipTest: there is no Qt.
    """
    if all(importlib.util.find_spec(binding) is None for binding in _qthost.BINDINGS):
        raise SkipTest("Qt is not installed: pip install torsion[gui]")
    try:
        made = _qthost.require_qt().QCoreApplication
    except ImportError as problem:
        raise SkipTest(str(problem)) from problem
    # Else Qt would keep GLib's loop for this thread, and other tests run that in another.
    os.environ["QT_NO_GLIB"] = "1"
    try:
        return made.instance() or made([])
    finally:
        del os.environ["QT_NO_GLIB"]


try:
    APPLICATION, NO_QT = application(), None
except SkipTest as skip:
    APPLICATION, NO_QT = None, str(skip)


class TestedReactor(QtReactor):
    """The reactor on Qt, where it is installed."""

    testedWith = "Qt"

    def __init__(self) -> None:
        if NO_QT is not None:
            raise SkipTest(NO_QT)
        super().__init__()


suites = [suite for suite in EVERY_SUITE if suite is not core.LifeSuite]
globals().update(casesFor(suites, {"Qt": TestedReactor}, __name__))


class LifeSuiteOnQt(core.LifeSuite):
    """A reactor's life, but for other threads than that of the application."""

    reactorFactory = TestedReactor
    reactorName = "Qt"

    def test_runInAThread(self) -> None:
        """Where Qt cannot run it is said so, and the reactor can still run where it can."""
        errors: list[str] = []

        def run() -> None:
            try:
                self.runReactor(self.reactor)
            except RuntimeError as error:
                errors.append(str(error))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(self.patience)
        self.assertIn("in the main thread", errors[0])
        self.reactor.callLater(0, self.reactor.stop)
        self.runReactor(self.reactor)


class HostTests(ReactorSuite):
    """Qt's own timers and the reactor, in one loop."""

    reactorFactory = TestedReactor

    def setUp(self) -> None:
        super().setUp()
        self.core: Any = _qthost.require_qt()

    def test_timers(self) -> None:
        """Both keep their time."""
        seen: list[str] = []

        def planned() -> None:
            seen.append("Qt")
            self.reactor.callLater(0.001, last)

        def last() -> None:
            seen.append("reactor")
            self.reactor.stop()

        self.reactor.callWhenRunning(self.core.QTimer.singleShot, 1, planned)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["Qt", "reactor"])

    def test_qtEnds(self) -> None:
        """The application ends, as with its last window: the reactor stops, in order."""
        seen: list[str] = []
        self.reactor.addSystemEventTrigger("before", "shutdown", seen.append, "shutdown")
        application = self.core.QCoreApplication
        self.reactor.callLater(0, self.core.QTimer.singleShot, 0, application.quit)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["shutdown"])

    def test_aLoopWithin(self) -> None:
        """A slot runs a dialog: the reactor goes on meanwhile."""
        seen: list[str] = []

        def dialog() -> None:
            loop = self.core.QEventLoop()
            self.reactor.callLater(0.001, seen.append, "called")
            self.reactor.callLater(0.002, loop.quit)
            loop.exec()
            seen.append("closed")
            self.reactor.stop()

        self.reactor.callWhenRunning(self.core.QTimer.singleShot, 0, dialog)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["called", "closed"])

    def test_iterate(self) -> None:
        """`iterate` serves Qt's timers as well."""
        seen: list[str] = []
        self.core.QTimer.singleShot(0, lambda: seen.append("Qt"))
        while not seen:
            self.reactor.iterate(HOUR)
        self.assertEqual(seen, ["Qt"])


class InstallTests(SynchronousTestCase):
    """The names that programs use, and what is said where there is no Qt."""

    def test_install(self) -> None:
        """A program without windows needs no display, and makes no application."""
        if NO_QT is not None:
            self.skipTest(NO_QT)
        code = (
            "from twisted.internet import qtreactor\nqtreactor.install()\n"
            "from twisted.internet import reactor\nprint(type(reactor).__name__)\n"
            "reactor.callLater(0, reactor.stop)\nreactor.run()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, capture_output=True, text=True
        )
        self.assertEqual((done.stdout, done.returncode), ("QtReactor\n", 0), done.stderr)

    def loads(self, *there: str) -> list[str]:
        """Which modules are tried, of which these are there."""
        tried: list[str] = []

        def namedModule(name: str) -> str:
            tried.append(name)
            if name not in there:
                raise ImportError(name)
            return name

        self.patch(_qthost, "namedModule", namedModule)
        self.assertEqual(_qthost.require_qt(), there[0])
        return tried

    def test_binding(self) -> None:
        """The binding that the program has imported is preferred to others."""
        self.patch(_qthost, "sys", type("sys", (), {"modules": {"PyQt6": None}}))
        self.assertEqual(self.loads("PyQt6.QtCore", "PySide6.QtCore"), ["PyQt6.QtCore"])

    def test_otherBinding(self) -> None:
        """One that is there is found."""
        self.patch(_qthost, "sys", type("sys", (), {"modules": {}}))
        self.assertEqual(self.loads("PyQt6.QtCore"), ["PySide6.QtCore", "PyQt6.QtCore"])

    def test_missing(self) -> None:
        """The error says what to install."""
        self.patch(_qthost, "BINDINGS", ())
        with self.assertRaises(ImportError) as caught:
            QtReactor()
        self.assertIn("pip install 'torsion[gui]'", str(caught.exception))
