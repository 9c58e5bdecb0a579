"""The reactor on GLib's main loop by GObject introspection: for GTK 3, GTK 4 and GLib alone.

It needs PyGObject (``pip install torsion[gui]``).  For windows, choose a version of GTK before it
is imported (``gi.require_version("Gtk", "4.0")``), and install this reactor as usual: GTK runs on
the same loop.
"""

from __future__ import annotations

from twisted.internet._glibhost import GLibReactor, require_gtk
from twisted.internet.main import installReactor

__all__ = ["GIReactor", "PortableGIReactor", "install"]


class GIReactor(GLibReactor):
    """The reactor on GLib's main loop.

    Args:
        useGtk: whether GTK must be there, in the version that the program has chosen.

    Raises:
        ImportError: PyGObject, or GTK, is not installed.
    """

    def __init__(self, useGtk: bool = False) -> None:
        if useGtk:
            require_gtk(None)
        super().__init__()


class PortableGIReactor(GIReactor):
    """The same: one way serves all platforms that have epoll or kqueue."""


def install(useGtk: bool = False) -> None:
    """Make a `GIReactor` the reactor of this process.

    Args:
        useGtk: whether GTK must be there; GLib's loop serves windows in any case.
    """
    installReactor(GIReactor(useGtk=useGtk))
