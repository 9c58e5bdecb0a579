"""Tests for the reactors on GLib: under the real one, without a display."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

from twisted.internet import _glibhost
from twisted.internet._glibhost import GLibHost, require_glib, require_gtk
from twisted.internet.error import ReactorAlreadyRunning
from twisted.internet.gireactor import GIReactor
from twisted.internet.glib2reactor import Glib2Reactor
from twisted.internet.gtk2reactor import Gtk2Reactor
from twisted.internet.gtkreactor import GtkReactor
from twisted.internet.test._everysuite import EVERY_SUITE
from twisted.internet.test.conformance import ReactorSuite, casesFor, mixing
from twisted.internet.test.test_examples_guis import requireGTK
from twisted.python.reflect import namedModule
from twisted.trial.unittest import SkipTest, SynchronousTestCase

HOUR = 3600.0


def whyNoGLib() -> str | None:
    """Why there is no GLib; warms it up where it is, for it keeps a descriptor from then on."""
    if importlib.util.find_spec("gi") is None:
        return "PyGObject is not installed: pip install torsion[gui]"
    GLibHost().iterate(False)
    return None


NO_GLIB = whyNoGLib()


class TestedReactor(Glib2Reactor):
    """The reactor on GLib, where it is installed."""

    testedWith = "GLib"

    def __init__(self) -> None:
        if NO_GLIB is not None:
            raise SkipTest(NO_GLIB)
        super().__init__()


suites = [*EVERY_SUITE, *mixing.ridingSuites]
globals().update(casesFor(suites, {"GLib": TestedReactor}, __name__))


class GLibCase(ReactorSuite):
    """A base for tests of a reactor on GLib."""

    reactorFactory = TestedReactor
    mine: Any

    def setUp(self) -> None:
        super().setUp()
        self.mine = self.reactor
        self.glib = require_glib()


class HostTests(GLibCase):
    """GLib's own sources and the reactor, in one loop."""

    def test_timers(self) -> None:
        """Both keep their time."""
        seen: list[str] = []

        def planned() -> bool:
            seen.append("GLib")
            self.reactor.callLater(0.001, last)
            return False

        def last() -> None:
            seen.append("reactor")
            self.reactor.stop()

        self.reactor.callWhenRunning(self.glib.timeout_add, 1, planned)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["GLib", "reactor"])

    def test_aLoopWithin(self) -> None:
        """A callback of the reactor may run a dialog: the network goes on meanwhile."""
        seen: list[str] = []
        loop = self.glib.MainLoop()

        def dialog() -> None:
            self.glib.timeout_add(1, self.reactor.callFromThread, seen.append, "called")
            self.glib.timeout_add(1, close)
            loop.run()
            self.reactor.stop()

        def close() -> bool:
            if seen:
                loop.quit()
            return not seen

        self.reactor.callFromThread(dialog)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["called"])

    def test_priority(self) -> None:
        """Windows are drawn and served first, however much there is to read."""
        seen: list[str] = []
        drawing = self.glib.PRIORITY_HIGH_IDLE + 20

        def act() -> None:
            self.reactor.callLater(0, seen.append, "reactor")
            self.reactor.callLater(0, self.reactor.stop)
            self.glib.idle_add(lambda: seen.append("window"), priority=drawing)

        self.reactor.callWhenRunning(act)
        self.runReactor(self.reactor)
        self.assertEqual(seen, ["window", "reactor"])

    def test_iterate(self) -> None:
        """`iterate` serves GLib's sources as well."""
        seen: list[str] = []
        self.glib.idle_add(lambda: seen.append("idle"))
        self.reactor.callLater(HOUR, self.fail).cancel()
        while not seen:
            self.reactor.iterate(HOUR)
        self.assertEqual(seen, ["idle"])

    def test_noSourceIsLeft(self) -> None:
        self.reactor.callLater(HOUR, self.fail)
        self.reactor.callLater(0, self.reactor.crash)
        before = self.mine._glib
        self.runReactor(self.reactor)
        self.assertEqual((before._source, before._timer), (None, None))
        for call in self.reactor.getDelayedCalls():
            call.cancel()


class ApplicationTests(GLibCase):
    """`registerGApplication`."""

    def setUp(self) -> None:
        super().setUp()
        gio: Any = namedModule("gi.repository.Gio")
        self.seen: list[str] = []
        self.application = gio.Application(flags=gio.ApplicationFlags.NON_UNIQUE)
        self.application.connect("activate", self.activate)

    def activate(self, application: object) -> None:
        self.seen.append("activated")
        self.reactor.callLater(0.001, self.reactor.stop)

    def test_run(self) -> None:
        """`run` runs the application, which has no window, until the reactor stops."""
        self.application.connect("shutdown", lambda _: self.seen.append("ended"))
        self.mine.registerGApplication(self.application)
        self.runReactor(self.reactor)
        self.assertEqual(self.seen, ["activated", "ended"])

    def test_quit(self) -> None:
        """The application quits: the reactor stops, in order."""
        self.reactor.addSystemEventTrigger("before", "shutdown", self.seen.append, "shutdown")
        self.application.connect("activate", lambda application: application.quit())
        self.mine.registerGApplication(self.application)
        self.runReactor(self.reactor)
        self.assertEqual(self.seen, ["activated", "shutdown"])

    def test_refused(self) -> None:
        """Only one, and before the reactor runs."""
        errors: list[type[Exception]] = []

        def late() -> None:
            try:
                self.mine.registerGApplication(self.application)
            except ReactorAlreadyRunning:
                errors.append(ReactorAlreadyRunning)
            self.reactor.stop()

        self.reactor.callWhenRunning(late)
        self.runReactor(self.reactor)
        self.assertEqual(errors, [ReactorAlreadyRunning])
        another: Any = self.buildReactor()
        another.registerGApplication(self.application)
        self.assertRaises(ValueError, another.registerGApplication, self.application)


class NameTests(SynchronousTestCase):
    """The names that programs use."""

    def test_install(self) -> None:
        """Each module installs its reactor."""
        requireGTK()
        for module, call, kind in (
            ("glib2reactor", "install()", "Glib2Reactor"),
            ("gireactor", "install()", "GIReactor"),
            ("gireactor", "install(useGtk=False)", "GIReactor"),
            ("gtk3reactor", "install()", "Gtk3Reactor"),
            ("gtk2reactor", "install(useGtk=False)", "Gtk2Reactor"),
            ("gtk2reactor", "portableInstall(useGtk=False)", "PortableGtkReactor"),
        ):
            code = (
                f"from twisted.internet import {module}\n{module}.{call}\n"
                "from twisted.internet import reactor\nprint(type(reactor).__name__)\n"
                "reactor.callLater(0, reactor.stop)\nreactor.run()\n"
            )
            # GTK's own initialization complains where there is no display.
            environment = {name: os.environ[name] for name in os.environ if name != "DISPLAY"}
            done = subprocess.run(
                [sys.executable, "-c", code],
                check=False,
                capture_output=True,
                text=True,
                env=environment,
            )
            self.assertEqual((done.stdout, done.returncode), (f"{kind}\n", 0), done.stderr)

    def test_older(self) -> None:
        """The oldest name is a name for the same."""
        self.assertTrue(issubclass(GtkReactor, Gtk2Reactor))


class MissingTests(SynchronousTestCase):
    """Where something is not installed, the error says what to install."""

    def missing(self, *names: str) -> None:
        def namedModule(name: str) -> Any:
            if name in names:
                raise ImportError(f"No module named {name!r}")
            return SimpleNamespace(require_version=self.requireVersion)

        self.patch(_glibhost, "namedModule", namedModule)

    def requireVersion(self, namespace: str, version: str) -> None:
        if version != "3.0":
            raise ValueError(f"Namespace {namespace} not available for version {version}")

    def test_glib(self) -> None:
        self.missing("gi.repository.GLib")
        for reactor in (Glib2Reactor, GIReactor):
            with self.assertRaises(ImportError) as caught:
                reactor()
            self.assertIn("pip install 'torsion[gui]'", str(caught.exception))

    def test_gtk(self) -> None:
        self.missing("gi.repository.Gtk")
        with self.assertRaises(ImportError) as caught:
            Gtk2Reactor()
        self.assertIn("gir1.2-gtk-3.0", str(caught.exception))

    def test_versionOfGTK(self) -> None:
        """Another version than the one that is installed, or has been chosen."""
        self.missing()
        require_gtk("3.0")
        with self.assertRaises(ImportError) as caught:
            require_gtk("4.0")
        self.assertIn("not available for version 4.0", str(caught.exception))
        self.assertIn("gir1.2-gtk-4.0", str(caught.exception))
