"""The command `twist`: run the service of a plugin in the foreground, with a structured log."""

from __future__ import annotations

import os
import sys
from typing import Any

from twisted.application import _options
from twisted.logger import InvalidLogLevelError, LogLevel
from twisted.python import usage
from twisted.python.reflect import namedAny

__all__ = ["TwistOptions", "run", "runApp"]

_FORMATS = ("text", "json")


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


class TwistOptions(_options.CommandOptions):
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
            "log-format": usage.CompleteList(_FORMATS),
            "log-level": usage.CompleteList([level.name for level in LogLevel.iterconstants()]),
        },
    )

    def postOptions(self) -> None:
        """Refuse a command line without a command."""
        if self.subCommand is None:
            raise usage.UsageError("no command was named")


def runApp(config: TwistOptions) -> None:
    """Make the service that the options say, and run it until the reactor stops.

    Args:
        config: has read a command line.

    Raises:
        SystemExit: it could not start.
    """
    # Not loaded for those who only ask for help.
    namedAny("twisted.application._foreground.runApp")(config)


def run() -> None:
    """Do what the command line says; exit with 0 if all is well, else with 1."""
    if os.geteuid() != 0:
        sys.path.insert(0, os.getcwd())
    _options.run(runApp, TwistOptions)
