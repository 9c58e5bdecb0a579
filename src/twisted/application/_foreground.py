"""A service in the foreground: what `twist` does when its command line is read."""

from __future__ import annotations

import sys
from typing import IO, Any

from twisted.application import service
from twisted.application._options import programName
from twisted.application.app._log import Insistent
from twisted.application.app._running import (
    applicationOf,
    clearAway,
    startApplication,
    whyNotStarted,
)
from twisted.internet._reactor import installedReactor
from twisted.logger import (
    FilteringLogObserver,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    jsonFileLogObserver,
    textFileLogObserver,
)

_log = Logger(namespace="twisted.scripts.twist")

_OBSERVERS = {"text": textFileLogObserver, "json": jsonFileLogObserver}


def _openLog(name: str) -> IO[str]:
    standard = {"-": sys.stdout, "+": sys.stderr}.get(name)
    if standard is not None:
        return standard
    try:
        return open(name, "a", encoding="utf-8")
    except OSError as problem:
        raise SystemExit(f"{programName()}: the log {name} cannot be opened: {problem.strerror}")


def _startLogging(config: Any) -> None:
    file = _openLog(config["log-file"])
    form = config["log-format"] or ("text" if file.isatty() else "json")
    observer = FilteringLogObserver(
        _OBSERVERS[form](file),
        [LogLevelFilterPredicate(defaultLogLevel=config["log-level"] or LogLevel.info)],
    )
    globalLogBeginner.beginLoggingTo([Insistent(observer, daemon=False)])


def runApp(config: Any) -> None:
    """Make the service that the options say, and run it until the reactor stops.

    Args:
        config: has read a command line.

    Raises:
        SystemExit: it could not start.
    """
    stderr = sys.stderr
    application = applicationOf(config)
    _startLogging(config)
    reactor = installedReactor()
    try:
        service.IService(application).privilegedStartService()
        startApplication(application, False, config["grace"])
    except Exception as problem:
        reason = whyNotStarted(problem)
        _log.failure("{reason}", reason=reason)
        clearAway(reactor)
        stderr.write(f"{programName()}: {reason}\n")
        raise SystemExit(1)
    reactor.run()
