"""The reactor for programs with windows of GTK 3; chapter 3.9.5.

It needs PyGObject (``pip install torsion[gui]``) and GTK 3.
"""

from __future__ import annotations

from twisted.internet._glibhost import GLibReactor, require_gtk
from twisted.internet.main import installReactor

__all__ = ["Gtk3Reactor", "PortableGtk3Reactor", "install"]


class Gtk3Reactor(GLibReactor):
    """The reactor on the main loop of GTK 3.

    Raises:
        ImportError: PyGObject, or GTK 3, is not installed, or another version is in use.
    """

    def __init__(self) -> None:
        require_gtk("3.0")
        super().__init__()


class PortableGtk3Reactor(Gtk3Reactor):
    """The same: one way serves all platforms that have epoll or kqueue."""


def install() -> None:
    """Make a `Gtk3Reactor` the reactor of this process."""
    installReactor(Gtk3Reactor())
