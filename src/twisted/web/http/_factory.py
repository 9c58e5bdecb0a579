"""What makes the connections of a server, and writes its access log."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from time import time
from typing import Any

from twisted.internet._reactor import installedReactor
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import ServerFactory
from twisted.logger import Logger, globalLogBeginner
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.http._accesslog import LogFormatter, combinedLogFormatter
from twisted.web.http._channel import HTTPChannel
from twisted.web.http._connections import Connections
from twisted.web.http._dates import datetimeToLogString

__name__ = "twisted.web.http"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.http")

#: Whether HTTP/2 can be spoken; ``pip install torsion[http2]`` brings what does.
H2_ENABLED = find_spec("h2") is not None


class HTTPFactory(ServerFactory[Any]):
    """Makes an `HTTPChannel` for each connection.

    Args:
        logPath: the file of the access log; by default, lines go to the log of the program.
        timeout: seconds without a request after which a connection is closed; None for never.
        logFormatter: makes the lines; called with the time and the request. That of the combined
            format by default; there is a `jsonLogFormatter` too.
        reactor: has the clock; the installed one by default.
        limits: what a client may ask.
    """

    protocol: Callable[[], Any] | None = HTTPChannel
    logPath: str | None = None
    logFile: Any = None
    timeOut: float | None = 60

    def __init__(
        self,
        logPath: str | bytes | None = None,
        timeout: float | None = 60,
        logFormatter: LogFormatter | None = None,
        reactor: Any = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._reactor = reactor
        if logPath is not None:
            self.logPath = os.path.abspath(os.fsdecode(logPath))
        self.timeOut = timeout
        self.limits = limits
        self._logFormatter = logFormatter or combinedLogFormatter
        self._connections: Connections | None = None
        self._stamp: tuple[int, str] = (-1, "")

    def __getstate__(self) -> dict[str, Any]:
        # An application is saved with its factories; what belongs to a run of it is not.
        run = ("_reactor", "_callLater", "_seconds", "_connections", "logFile")
        return {**self.__dict__, **dict.fromkeys(run)}

    @property
    def reactor(self) -> Any:
        """Has the clock."""
        if self._reactor is None:
            self._reactor = installedReactor()
        return self._reactor

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A channel for a new connection."""
        channel: Any = super().buildProtocol(addr)
        channel.timeOut = self.timeOut
        channel.limits = self.limits
        if self._connections is None:
            self._connections = Connections(self.reactor, self.limits.graceSeconds)
            self._callLater, self._seconds = self.reactor.callLater, self.reactor.seconds
        channel._connections = self._connections
        channel.callLater = self._callLater
        channel._seconds = self._seconds
        return channel

    def startFactory(self) -> None:
        """Open the access log."""
        if self.logPath is not None:
            self.logFile = self._openLogFile(self.logPath)

    def stopFactory(self) -> None:
        """Close the access log."""
        if self.logPath is not None and self.logFile is not None:
            self.logFile.close()
            self.logFile = None

    def _openLogFile(self, path: str) -> Any:
        return open(path, "a", buffering=1, encoding="utf-8")

    def log(self, request: Any) -> None:
        """A request was answered: write a line of the access log.

        Without a file, it goes to the log of the program, once that has begun.
        """
        if self.logFile is None and not globalLogBeginner.begun:
            return  # Benchmark http-hello: the program has no log, and may never have one.
        line = self._logFormatter(self._timestamp(), request)
        if self.logFile is None:
            _log.info("{line}", line=line)
        else:
            self.logFile.write(line + "\n")

    def _timestamp(self) -> str:
        now = int(time())
        if now != self._stamp[0]:
            self._stamp = now, datetimeToLogString(now)
        return self._stamp[1]
