"""Child processes: their pipes or terminal, and their end; chapter 3.3.

Programs call ``reactor.spawnProcess``.
"""

from twisted.internet.process._base import BaseProcess as BaseProcess
from twisted.internet.process._pipes import ProcessReader as ProcessReader
from twisted.internet.process._pipes import ProcessWriter as ProcessWriter
from twisted.internet.process._process import Process as Process
from twisted.internet.process._pty import PTYProcess as PTYProcess
from twisted.internet.process._reaper import reapAllProcesses as reapAllProcesses
from twisted.internet.process._reaper import reapProcessHandlers as reapProcessHandlers
from twisted.internet.process._reaper import (
    registerReapProcessHandler as registerReapProcessHandler,
)
from twisted.internet.process._reaper import (
    unregisterReapProcessHandler as unregisterReapProcessHandler,
)

__all__ = [
    "BaseProcess",
    "PTYProcess",
    "Process",
    "ProcessReader",
    "ProcessWriter",
    "reapAllProcesses",
    "reapProcessHandlers",
    "registerReapProcessHandler",
    "unregisterReapProcessHandler",
]
