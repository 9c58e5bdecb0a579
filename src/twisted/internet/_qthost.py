"""Qt's event loop as a host, by PySide6 (``pip install torsion[gui]``) or PyQt6."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import ceil
from typing import Any

from twisted.python.reflect import namedModule

#: The bindings that are known to work, best first; what the program has imported goes before.
BINDINGS = ("PySide6", "PyQt6")


def require_qt() -> Any:
    """The module QtCore of a binding; ImportError, with what to install, if there is none."""
    for binding in sorted(BINDINGS, key=lambda binding: binding not in sys.modules):
        try:
            return namedModule(f"{binding}.QtCore")
        except ImportError:
            # The next one, perhaps.
            pass
    raise ImportError(
        "Qt cannot be loaded: install PySide6 (pip install 'torsion[gui]') or PyQt6, "
        "and the libraries of the system that they name when they are imported"
    )


class QtHost:
    """A `HostLoop` on the event loop of the application.

    The application is asked for only when the reactor is about to run, so that the program may
    make its `QApplication` before or after it installs the reactor.

    Args:
        core: the module QtCore.
    """

    def __init__(self, core: Any) -> None:
        self._core = core
        self._application: Any = None
        self._notifier: Any = None
        self._timer: Any = None
        self._due: Callable[[], object] | None = None

    def _prepare(self) -> None:
        application = self._core.QCoreApplication
        # Kept: nobody else holds the one that we make, for a program without windows.
        self._application = application.instance() or application(sys.argv[:1])
        if self._core.QThread.currentThread() != self._application.thread():
            raise RuntimeError(
                "Qt's loop runs in the thread in which the application was made: "
                "make the application, and call reactor.run(), in the main thread"
            )
        if self._timer is not None:
            return
        self._timer = self._core.QTimer()
        self._timer.setSingleShot(True)
        # The others may be late by a twentieth of the delay, or early.
        self._timer.setTimerType(self._core.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._time_is_up)

    def watch(self, fd: int, callback: Callable[[], object]) -> None:
        self._prepare()
        self._notifier = self._core.QSocketNotifier(fd, self._core.QSocketNotifier.Type.Read)
        self._notifier.activated.connect(lambda *_: callback())

    def unwatch(self) -> None:
        notifier, self._notifier = self._notifier, None
        if notifier is not None:
            notifier.setEnabled(False)
            # Later, since this may be called by it.
            notifier.deleteLater()

    def set_timer(self, seconds: float | None, callback: Callable[[], object]) -> None:
        if seconds is None:
            self._due = None
            self._timer.stop()
        else:
            self._due = callback
            # Rounded up: what is called early has to wait for the rest again.
            self._timer.start(ceil(seconds * 1000))

    def _time_is_up(self) -> None:
        due, self._due = self._due, None
        if due is not None:
            due()

    def run(self) -> None:
        self._application.exec()

    def quit(self) -> None:
        # Rather than quit(), which windows may refuse.
        self._application.exit(0)

    def iterate(self, block: bool) -> None:
        flags = self._core.QEventLoop.ProcessEventsFlag
        chosen = flags.WaitForMoreEvents if block else flags.AllEvents
        self._core.QCoreApplication.processEvents(chosen)
