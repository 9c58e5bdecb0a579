"""The reactor for programs with windows of Qt.

It needs PySide6 (``pip install torsion[gui]``) or PyQt6.  The `QApplication` is made by the
program, before or after this reactor is installed, and before it runs; a program that has made
none gets a `QCoreApplication`, which needs no display.
"""

from __future__ import annotations

from typing import Any

from twisted.internet._hostloop import HostLoopReactor
from twisted.internet._qthost import QtHost, require_qt
from twisted.internet.main import installReactor

__all__ = ["QtReactor", "install"]


class QtReactor(HostLoopReactor):
    """The reactor on the event loop of Qt.

    When the last window is closed, Qt's loop ends, and so the reactor stops; a program that is to
    go on calls ``QApplication.setQuitOnLastWindowClosed(False)``.

    Args:
        core: the module QtCore of the binding; by default of the one that the program has
            imported, or that is installed.

    Raises:
        ImportError: there is none.
    """

    def __init__(self, core: Any = None) -> None:
        super().__init__(QtHost(require_qt() if core is None else core))


def install(core: Any = None) -> None:
    """Make a `QtReactor` the reactor of this process.

    Args:
        core: the module QtCore of the binding; see `QtReactor`.
    """
    installReactor(QtReactor(core))
