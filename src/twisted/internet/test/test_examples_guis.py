"""The listings of the chapter on toolkits run: real windows, on a display without a screen."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from twisted.internet.test._display import openDisplay
from twisted.internet.test.test_examples_engine import LOOPBACK, PATIENCE, EngineExampleCase
from twisted.python.reflect import namedModule
from twisted.trial import unittest

#: Where Debian has the modules of wxPython, which is not easily built, and of pygame.
DEBIAN = "/usr/lib/python3/dist-packages"
SEE_DEBIAN = f"import sys; sys.path.append({DEBIAN!r})\n"


class WindowCase(EngineExampleCase):
    """A program of the chapter opens its window on a display of its own."""

    chapter = "ch03_guis"

    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # Debian's folder comes last: what the project's environment has goes before.
        Path(folder.name, "sitecustomize.py").write_text(SEE_DEBIAN)
        paths = [folder.name, *filter(None, [os.environ.get("PYTHONPATH")])]
        self.environment = {
            **os.environ,
            "DISPLAY": openDisplay(self),
            "PYTHONPATH": os.pathsep.join(paths),
            # What a desktop has, and a toolkit complains about where there is none.
            "XDG_RUNTIME_DIR": folder.name,
            "GSETTINGS_BACKEND": "memory",
            "NO_AT_BRIDGE": "1",
            "GTK_A11Y": "none",
        }

    def showsAndCloses(self, name: str) -> None:
        """A notice that comes by TCP is shown in the window; then the window is closed."""
        program = self.start(name, 0)
        address = LOOPBACK, self.portOf(program)
        with socket.create_connection(address, PATIENCE) as plain, plain.makefile("rw") as lines:
            for text in ("hello", "the second"):
                print(text, file=lines, flush=True)
                self.assertEqual(lines.readline(), f"shown: {text}\n")
            print("close", file=lines, flush=True)
            self.assertEqual(lines.readline(), "")
        self.assertEqual(self.finish(program), "")

    def interrupted(self, name: str) -> None:
        """Ctrl-C ends the program, though the toolkit's loop is not Python's."""
        program = self.start(name, 0)
        self.portOf(program)
        self.assertEqual(self.finish(program, interrupt=True), "")


class ChapterTests(EngineExampleCase):
    """All programs of the chapter are tested."""

    chapter = "ch03_guis"

    def test_all(self) -> None:
        self.assertChapter(
            "board.py",
            "glib.py",
            "gtk.py",
            "gtk4.py",
            "gtk_application.py",
            "gtk_main.py",
            "pygame_window.py",
            "qt.py",
            "tk.py",
            "wx_support.py",
            "wx_window.py",
        )


class GTKExampleTests(WindowCase):
    """GLib, and GTK on it."""

    def setUp(self) -> None:
        requireGTK()
        super().setUp()

    def test_glib(self) -> None:
        """GLib needs no display."""
        assert self.environment is not None
        del self.environment["DISPLAY"]
        self.assertEqual(self.output("glib.py"), "called by GLib\ncalled by the reactor\n")

    def test_gtk(self) -> None:
        self.showsAndCloses("gtk.py")

    def test_gtkInterrupted(self) -> None:
        self.interrupted("gtk.py")

    def test_gtkApplication(self) -> None:
        self.showsAndCloses("gtk_application.py")

    def test_gtkMain(self) -> None:
        self.showsAndCloses("gtk_main.py")

    def test_gtk4(self) -> None:
        requireGTK("4.0")
        self.showsAndCloses("gtk4.py")

    def test_gtk4Interrupted(self) -> None:
        requireGTK("4.0")
        self.interrupted("gtk4.py")


class QtExampleTests(WindowCase):
    """Qt."""

    def setUp(self) -> None:
        try:
            namedModule("PySide6.QtWidgets")
        except ImportError as problem:
            raise unittest.SkipTest(f"no PySide6, pip install torsion[gui]: {problem}") from problem
        super().setUp()

    def test_qt(self) -> None:
        self.showsAndCloses("qt.py")

    def test_qtInterrupted(self) -> None:
        self.interrupted("qt.py")


class TkExampleTests(WindowCase):
    """Tk, in a program that the reactor runs."""

    def setUp(self) -> None:
        if importlib.util.find_spec("_tkinter") is None:
            raise unittest.SkipTest("Tk is not installed, on Debian: python3-tk")
        super().setUp()

    def test_tk(self) -> None:
        self.showsAndCloses("tk.py")

    def test_tkInterrupted(self) -> None:
        self.interrupted("tk.py")


class WxExampleTests(WindowCase):
    """wx, as the loop that owns the reactor, and in a program that the reactor runs."""

    def setUp(self) -> None:
        if not has("wx"):
            raise unittest.SkipTest("wxPython is not installed, on Debian: python3-wxgtk4.0")
        super().setUp()

    def test_wx(self) -> None:
        self.showsAndCloses("wx_window.py")

    def test_wxInterrupted(self) -> None:
        self.interrupted("wx_window.py")

    def test_support(self) -> None:
        self.showsAndCloses("wx_support.py")

    def test_supportInterrupted(self) -> None:
        self.interrupted("wx_support.py")


class PygameExampleTests(WindowCase):
    """pygame, on which PyUI stood."""

    def setUp(self) -> None:
        if not has("pygame"):
            raise unittest.SkipTest("pygame is not installed, on Debian: python3-pygame")
        super().setUp()
        assert self.environment is not None
        # It greets on standard output, otherwise; and there is no loudspeaker.
        self.environment |= {"PYGAME_HIDE_SUPPORT_PROMPT": "1", "SDL_AUDIODRIVER": "dummy"}

    def test_pygame(self) -> None:
        self.showsAndCloses("pygame_window.py")

    def test_pygameInterrupted(self) -> None:
        self.interrupted("pygame_window.py")


@cache
def has(module: str) -> bool:
    """Whether programs of the chapter find a module that is for this Python."""
    found = subprocess.run(
        [sys.executable, "-c", f"{SEE_DEBIAN}import {module}"], capture_output=True, check=False
    )
    return found.returncode == 0


def requireGTK(version: str = "3.0") -> None:
    """Skip the test where this version of GTK is not installed."""
    if importlib.util.find_spec("gi") is None:
        raise unittest.SkipTest("PyGObject is not installed: pip install torsion[gui]")
    repository = vars(namedModule("gi"))["Repository"].get_default()
    if version not in repository.enumerate_versions("Gtk"):
        raise unittest.SkipTest(f"GTK is not installed, on Debian: gir1.2-gtk-{version}")
