"""The reactor on GLib's main loop, for programs without windows; chapter 3.9.5.

It needs PyGObject (``pip install torsion[gui]``), and no display.
"""

from __future__ import annotations

from twisted.internet._glibhost import GLibReactor
from twisted.internet.main import installReactor

__all__ = ["Glib2Reactor", "install"]


class Glib2Reactor(GLibReactor):
    """The reactor on GLib's main loop, without GTK.

    Raises:
        ImportError: PyGObject is not installed.
    """


def install() -> None:
    """Make a `Glib2Reactor` the reactor of this process."""
    installReactor(Glib2Reactor())
