"""The command `twistd`: run an application, as a daemon or in the foreground."""

from __future__ import annotations

import os
import sys
from typing import Any

from twisted.application import _options
from twisted.python import usage
from twisted.python.reflect import namedAny

__all__ = ["ServerOptions", "run", "runApp"]


def _mask(value: str) -> int:
    mask = int(value, 8)
    if not 0 <= mask <= 0o777:
        raise ValueError("it is not between 000 and 777")
    return mask


class ServerOptions(_options.ServerOptions):
    """The command line of twistd."""

    synopsis = "Usage: twistd [options] [command [options]]"

    optFlags = [
        ["nodaemon", "n", "Stay in the foreground, and do not change the umask."],
        ["originalname", None, "Do not change the name of the process."],
        ["syslog", None, "Log to the system's log, not to a file."],
        [
            "euid",
            "",
            "Set the effective user id alone, so that the process can be root again, to spawn "
            "processes for instance. Without effect unless it starts as root. Use with caution.",
        ],
        ["quiet", "q", "Does nothing; for old scripts."],
    ]
    optParameters = [
        ["prefix", None, "twisted", "The prefix of the entries in the system's log."],
        ["pidfile", None, "twistd.pid", "The file for the process id; empty for none."],
        ["chroot", None, None, "Make this directory the root of the file system, before --rundir."],
        ["uid", "u", None, "The user to run as, once ports are bound.", _options.userId],
        [
            "gid",
            "g",
            None,
            "The group to run as; by default that of the user of --uid.",
            _options.groupId,
        ],
        [
            "umask",
            None,
            None,
            "The mask, octal, of permissions for new files; 0077 for daemons by default.",
            _mask,
        ],
    ]
    compData = usage.Completions(
        optActions={
            "pidfile": usage.CompleteFiles("*.pid"),
            "chroot": usage.CompleteDirs(descr="chroot directory"),
            "uid": usage.CompleteUsernames(descr="user to run as"),
            "gid": usage.CompleteGroups(descr="group to run as"),
            "prefix": usage.Completer(descr="prefix of entries"),
        },
    )

    def postOptions(self) -> None:
        """Settle what follows from the options."""
        super().postOptions()
        self["nodaemon"] = bool(self["nodaemon"] or self["debug"])
        if self["pidfile"]:
            self["pidfile"] = os.path.abspath(self["pidfile"])
        if not self["nodaemon"] and self["logfile"] == "-":
            raise usage.UsageError("a daemon has no standard output to log to: add --nodaemon")


def runApp(config: Any) -> None:
    """Run an application.

    Args:
        config: a `ServerOptions` that has read a command line.
    """
    # Not loaded for those who only ask for help.
    namedAny("twisted.application._daemonrunner.UnixApplicationRunner")(config).run()


def run() -> None:
    """Do what the command line says; exit with 0 if all is well, else with 1."""
    # Modules of the program lie beside it. Not for root: anybody may have put them there.
    if os.geteuid() != 0:
        sys.path.insert(0, os.getcwd())
    _options.run(runApp, ServerOptions)
