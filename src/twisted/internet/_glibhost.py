"""GLib's main loop as a host, by PyGObject: ``pip install torsion[gui]``.

GTK runs on the default context of GLib, so one host serves GTK of every version, programs
without windows, and `Gio.Application`.

Our sources have the priority of idle ones: those of the windows' events and drawing are higher, so
that a window answers however busy the network is.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any

from twisted.internet._hostloop import HostLoopReactor
from twisted.internet._lifecycle import State
from twisted.internet.error import ReactorAlreadyRunning
from twisted.python.reflect import namedModule

_ADVICE = (
    "{what} cannot be loaded ({problem}): it comes with PyGObject (pip install 'torsion[gui]') "
    "and with the system's libraries (on Debian: libgirepository1.0-dev{packages})"
)


def require_glib() -> Any:
    """The module of GLib; ImportError, with what to install, if it is not there."""
    try:
        return namedModule("gi.repository.GLib")
    except ImportError as problem:
        raise ImportError(_ADVICE.format(what="GLib", problem=problem, packages="")) from problem


def require_gtk(version: str | None) -> None:
    """Make sure of GTK, in one version or in that which the program has chosen."""
    require_glib()
    try:
        if version is not None:
            vars(namedModule("gi"))["require_version"]("Gtk", version)
        namedModule("gi.repository.Gtk")
    except (ImportError, ValueError) as problem:
        packages = f", gir1.2-gtk-{version or '3.0'}"
        advice = _ADVICE.format(what="GTK", problem=problem, packages=packages)
        raise ImportError(advice) from problem


class GLibHost:
    """A `HostLoop` on the default context of GLib."""

    def __init__(self) -> None:
        self._glib = require_glib()
        self._context = self._glib.MainContext.default()
        self._loop = self._glib.MainLoop()
        self._source: int | None = None
        self._timer: int | None = None
        #: What is run in place of a plain loop, if the program has one.
        self.application: Any = None

    def watch(self, fd: int, callback: Callable[[], object]) -> None:
        glib = self._glib

        def ready(*_: object) -> bool:
            callback()
            return True

        self._source = glib.unix_fd_add_full(
            glib.PRIORITY_DEFAULT_IDLE, fd, glib.IOCondition.IN, ready
        )
        # A dialog that is run in a callback of ours does not hold up the network.
        self._context.find_source_by_id(self._source).set_can_recurse(True)

    def unwatch(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            self._glib.source_remove(source)

    def set_timer(self, seconds: float | None, callback: Callable[[], object]) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            self._glib.source_remove(timer)
        if seconds is None:
            return

        def due() -> bool:
            self._timer = None
            callback()
            return False

        # Rounded up: what is called early has to wait for the rest again.
        self._timer = self._glib.timeout_add(
            ceil(seconds * 1000), due, priority=self._glib.PRIORITY_DEFAULT_IDLE
        )

    def run(self) -> None:
        if self.application is None:
            self._loop.run()
        else:
            # It would end with its last window, and ends with the reactor instead.
            self.application.hold()
            self.application.run(None)

    def quit(self) -> None:
        if self.application is None:
            self._loop.quit()
        else:
            self.application.quit()

    def iterate(self, block: bool) -> None:
        self._context.iteration(block)


class GLibReactor(HostLoopReactor):
    """A base for reactors on GLib."""

    def __init__(self) -> None:
        self._glib = GLibHost()
        super().__init__(self._glib)

    def registerGApplication(self, app: Any) -> None:
        """Let `run` run an application, and `stop` quit it.

        The application is held: it does not end with its last window.

        Args:
            app: a `Gio.Application`, of GTK or not.

        Raises:
            ReactorAlreadyRunning: it is too late.
            ValueError: there is one already.
        """
        if self._lifecycle.state is not State.INITIAL:
            raise ReactorAlreadyRunning("register the application before reactor.run()")
        if self._glib.application is not None:
            raise ValueError(f"a reactor runs one application, and has {self._glib.application!r}")
        self._glib.application = app
