"""What the commands that run applications share: their options, the log, profiling, the order.

``twistd`` and ``twist`` are made of this (`twisted.scripts`).
"""

from twisted.application._options import ReactorSelectionMixin, ServerOptions, run
from twisted.application.app._loading import (
    convertStyle,
    getApplication,
    getPassphrase,
    getSavePassphrase,
)
from twisted.application.app._log import AppLogger
from twisted.application.app._profile import AppProfiler, CProfileRunner, ProfileRunner
from twisted.application.app._running import (
    ApplicationRunner,
    fixPdb,
    runReactorWithLogging,
    startApplication,
)

__all__ = [
    "AppLogger",
    "AppProfiler",
    "ApplicationRunner",
    "CProfileRunner",
    "ProfileRunner",
    "ReactorSelectionMixin",
    "ServerOptions",
    "convertStyle",
    "fixPdb",
    "getApplication",
    "getPassphrase",
    "getSavePassphrase",
    "run",
    "runReactorWithLogging",
    "startApplication",
]
