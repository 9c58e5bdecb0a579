"""The command `twist`: run the service of a plugin in the foreground, with a structured log."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

from twisted.application import service
from twisted.application.app._loading import programName
from twisted.application.app._options import CommandOptions
from twisted.application.app._running import (
    applicationOf,
    clearAway,
    startApplication,
    whyNotStarted,
)
from twisted.application.app._running import (
    run as runCommand,
)
from twisted.internet._reactor import installedReactor
from twisted.logger import (
    FilteringLogObserver,
    InvalidLogLevelError,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    jsonFileLogObserver,
    textFileLogObserver,
)
from twisted.python import usage

__all__ = ["TwistOptions", "run", "runApp"]

_log = Logger()

_FORMATS = {"text": textFileLogObserver, "json": jsonFileLogObserver}


def _level(value: str) -> Any:
    try:
        return LogLevel.levelWithName(value)
    except InvalidLogLevelError:
        names = ", ".join(level.name for level in LogLevel.iterconstants())
        raise ValueError(f"there are {names}")


def _format(value: str) -> str:
    if value not in _FORMATS:
        raise ValueError(f"there are {', '.join(_FORMATS)}")
    return value


class TwistOptions(CommandOptions):
    """The command line of twist."""

    synopsis = "Usage: twist [options] command [options of the command]"
    longdesc = (
        "twist makes a service by a command, and runs it in the foreground until it is "
        "interrupted: what containers and init systems want."
    )
    optParameters = [
        ["log-file", None, "-", "Log to this file; - for standard output, + for standard error."],
        [
            "log-format",
            None,
            None,
            "The form of the log: text or json; by default text for a terminal and json otherwise.",
            _format,
        ],
        [
            "log-level",
            None,
            None,
            "The least level that is logged: debug, info (the default), warn, error or critical.",
            _level,
        ],
    ]
    compData = usage.Completions(
        optActions={
            "log-file": usage.CompleteFiles(descr="log file"),
            "log-format": usage.CompleteList(list(_FORMATS)),
            "log-level": usage.CompleteList([level.name for level in LogLevel.iterconstants()]),
        },
    )

    def postOptions(self) -> None:
        """Refuse a command line without a command."""
        if self.subCommand is None:
            raise usage.UsageError("no command was named")


def _openLog(name: str) -> IO[str]:
    standard = {"-": sys.stdout, "+": sys.stderr}.get(name)
    if standard is not None:
        return standard
    try:
        return open(name, "a", encoding="utf-8")
    except OSError as problem:
        raise SystemExit(f"{programName()}: the log {name} cannot be opened: {problem.strerror}")


def _startLogging(config: TwistOptions) -> None:
    file = _openLog(config["log-file"])
    form = config["log-format"] or ("text" if file.isatty() else "json")
    observer = FilteringLogObserver(
        _FORMATS[form](file),
        [LogLevelFilterPredicate(defaultLogLevel=config["log-level"] or LogLevel.info)],
    )
    globalLogBeginner.beginLoggingTo([observer])


def runApp(config: TwistOptions) -> None:
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


def run() -> None:
    """Do what the command line says; exit with 0 if all is well, else with 1."""
    if os.geteuid() != 0:
        sys.path.insert(0, os.getcwd())
    runCommand(runApp, TwistOptions)
