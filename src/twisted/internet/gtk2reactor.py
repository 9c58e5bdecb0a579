"""The documentation's reactor for GTK 2, on the living GTK; chapter 3.9.5.

PyGTK, which was GTK 2 for Python, has come to its end: its successor is PyGObject with GTK 3
(``pip install torsion[gui]``), and this reactor is for that.
"""

from __future__ import annotations

from twisted.internet._glibhost import GLibReactor, require_gtk
from twisted.internet.main import installReactor

__all__ = ["Gtk2Reactor", "PortableGtkReactor", "install", "portableInstall"]


class Gtk2Reactor(GLibReactor):
    """The reactor on the main loop of GTK.

    Args:
        useGtk: whether GTK must be there; without it, the loop is GLib's, and needs no display.

    Raises:
        ImportError: PyGObject, or GTK 3, is not installed.
    """

    def __init__(self, useGtk: bool = True) -> None:
        if useGtk:
            require_gtk("3.0")
        super().__init__()


class PortableGtkReactor(Gtk2Reactor):
    """The same: one way serves all platforms that have epoll or kqueue."""


def install(useGtk: bool = True) -> None:
    """Make a `Gtk2Reactor` the reactor of this process.

    Args:
        useGtk: whether GTK must be there; without it, the loop is GLib's, and needs no display.
    """
    installReactor(Gtk2Reactor(useGtk))


def portableInstall(useGtk: bool = True) -> None:
    """Make a `PortableGtkReactor` the reactor of this process; see `install`."""
    installReactor(PortableGtkReactor(useGtk))
