"""The reactor of this process, and the two reasons that nearly every connection ends for.

Programs import ``twisted.internet.reactor``; this is for those who write one.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import cast

import twisted.internet
from twisted.internet import _asynciohook, error
from twisted.internet.interfaces import IReactorCore

__all__ = ["CONNECTION_DONE", "CONNECTION_LOST", "installReactor"]

CONNECTION_DONE = error.ConnectionDone("Connection done")
CONNECTION_LOST = error.ConnectionLost("Connection lost")


def installReactor(reactor: IReactorCore) -> None:
    """Make `reactor` the one that ``from twisted.internet import reactor`` gives.

    Raises:
        twisted.internet.error.ReactorAlreadyInstalledError: there is one already, perhaps
            because some module has imported ``twisted.internet.reactor`` before.
    """
    if "twisted.internet.reactor" in sys.modules:
        raise error.ReactorAlreadyInstalledError(
            "A reactor is installed already: install yours before anything imports "
            "twisted.internet.reactor."
        )
    # `from twisted.internet import reactor` looks for the attribute, `import
    # twisted.internet.reactor` for the module: the object stands in for both.
    vars(twisted.internet)["reactor"] = reactor
    sys.modules["twisted.internet.reactor"] = cast(ModuleType, reactor)
    _asynciohook.expect()
