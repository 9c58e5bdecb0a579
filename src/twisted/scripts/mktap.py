"""The command `mktap`: make an application by a plugin, and save it for `twistd` to run."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from twisted.application import _options, app, service
from twisted.application.app._running import applicationOf
from twisted.persisted import sob
from twisted.python import usage

__all__ = ["Options", "run", "runApp"]

_STYLES = ("pickle", "source", "xml")


def _style(value: str) -> str:
    if value not in _STYLES:
        raise ValueError(f"there are {', '.join(_STYLES)}")
    return value


def _fileName(value: str) -> str:
    if not value or "/" in value or "\0" in value:
        raise ValueError("a file is called after it, in this folder")
    return value


class Options(_options.MakerOptions):
    """The command line of mktap."""

    synopsis = "Usage: mktap [options] command [options of the command]"
    longdesc = (
        "mktap makes an application by a command, and saves it: in a .tap (a pickle), .tas "
        "(source) or .tax (XML) file, which twistd runs by -f, -s or -x. To load such a file is to "
        "run the code in it, whatever its form: load what you have saved, and nothing else. New "
        "programs have no need of mktap: twistd runs the commands themselves."
    )
    optFlags = [
        ["encrypted", "e", "Encrypt the file; ask for a passphrase."],
    ]
    optParameters = [
        [
            "uid",
            "u",
            None,
            "The user to run as, once ports are bound, by name or number.",
            _options.userId,
        ],
        ["gid", "g", None, "The group to run as, by name or number.", _options.groupId],
        [
            "append",
            "a",
            None,
            "Add the service to the application in this file, and save it there. Loading it runs "
            "the code in it.",
        ],
        [
            "appname",
            "n",
            None,
            "What the application, and so its file, is called; by default as the command.",
            _fileName,
        ],
        [
            "type",
            "t",
            None,
            "The form of the file: pickle (the default), source or xml; that of the file with "
            "--append.",
            _style,
        ],
    ]
    compData = usage.Completions(
        optActions={
            "uid": usage.CompleteUsernames(descr="user to run as"),
            "gid": usage.CompleteGroups(descr="group to run as"),
            "append": usage.CompleteFiles("*.(tap|tas|tax)", descr="file to add to"),
            "appname": usage.Completer(descr="name of the application"),
            "type": usage.CompleteList(_STYLES),
        },
    )

    def parseArgs(self, *words: str) -> None:
        """Refuse a command line without a command."""
        # There are words where there is no command at all, and so none to choose from.
        unknown = f"there is no command {words[0]}: no plugin brings one" if words else None
        raise usage.UsageError(unknown or "no command was named")

    def postOptions(self) -> None:
        """Refuse options that say two things."""
        if self["append"] is not None and self["type"] is not None:
            raise usage.UsageError("--append keeps the form of the file: leave --type out")


def runApp(config: Any) -> None:
    """Make the application that the options say, and save it.

    Args:
        config: an `Options` that has read a command line.

    Raises:
        SystemExit: that is not possible; the text says why.
    """
    made = applicationOf(config)
    filename, passphrase = config["append"], None
    application = made
    if filename is not None:
        if config["encrypted"]:
            passphrase = app.getPassphrase(True)
        application = _load(filename, passphrase)
        _move(made, application)
    elif config["encrypted"]:
        passphrase = app.getSavePassphrase(True)
    _settle(application, config)
    _save(application, filename, passphrase)


def _load(filename: str, passphrase: str | None) -> Any:
    """The application in a file that `mktap` has written."""
    try:
        style = sob.guessType(filename)
    except KeyError:
        style = "python"
    if style == "python":
        _fail(f"{filename} is not called .tap, .tas or .tax, so nothing can be added to it")
    try:
        application = service.loadApplication(filename, style, passphrase)
    except sob.LoadError as problem:
        _fail(str(problem))
    except OSError as problem:
        _fail(f"{filename} cannot be read: {problem.strerror}")
    if sob.IPersistable(application, None) is None or service.IService(application, None) is None:
        _fail(f"{filename} has no application in it, but {application!r}")
    return application


def _move(made: Any, application: Any) -> None:
    """Let the services of one application belong to another."""
    for one in list(service.IServiceCollection(made)):
        one.disownServiceParent()
        try:
            one.setServiceParent(application)
        except RuntimeError as problem:
            _fail(str(problem))


def _settle(application: Any, config: Any) -> None:
    """Give the application what the options say."""
    persistable: Any = sob.IPersistable(application)
    process: Any = service.IProcess(application)
    if config["type"] is not None:
        persistable.setStyle(config["type"])
    if config["appname"] is not None:
        persistable.name = config["appname"]
        root: Any = service.IService(application)
        root.setName(config["appname"])
    if config["uid"] is not None:
        process.uid = config["uid"]
    if config["gid"] is not None:
        process.gid = config["gid"]


def _save(application: Any, filename: str | None, passphrase: str | None) -> None:
    persistable: Any = sob.IPersistable(application)
    try:
        persistable.save(filename=filename, passphrase=passphrase)
    except OSError as problem:
        _fail(f"{problem.filename or filename} cannot be written: {problem.strerror}")
    except Exception as problem:
        # Anything: what a service has may refuse to be taken apart, and each does in its own way.
        _fail(
            f"{persistable.name} cannot be saved as {persistable.style}: "
            f"{type(problem).__name__}: {problem}"
        )


def _fail(reason: str) -> NoReturn:
    raise SystemExit(f"{_options.programName()}: {reason}")


def run() -> None:
    """Do what the command line says; exit with 0 if all is well, else with 1."""
    # As for twistd: modules of the program lie beside it, but not for root.
    if os.geteuid() != 0:
        sys.path.insert(0, os.getcwd())
    _options.run(runApp, Options)
