"""The documentation's reactor for GTK 1.2, on the living GTK; chapter 3.9.5.

See `twisted.internet.gtk2reactor`, of which these are older names.
"""

from __future__ import annotations

from twisted.internet.gtk2reactor import Gtk2Reactor, PortableGtkReactor, portableInstall
from twisted.internet.main import installReactor

__all__ = ["GtkReactor", "PortableGtkReactor", "install", "portableInstall"]


class GtkReactor(Gtk2Reactor):
    """The reactor on the main loop of GTK.

    Raises:
        ImportError: PyGObject, or GTK 3, is not installed.
    """

    def __init__(self) -> None:
        super().__init__(useGtk=True)


def install() -> None:
    """Make a `GtkReactor` the reactor of this process."""
    installReactor(GtkReactor())
