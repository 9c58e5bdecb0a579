"""Applications from files, and into files of another style."""

from __future__ import annotations

import _ast
import sys
import traceback
from typing import Any

from twisted.application import service
from twisted.application._options import programName
from twisted.logger import Logger
from twisted.persisted import sob
from twisted.python.util import getPassword

__name__ = "twisted.application.app"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)

#: Options that name a file, the strongest first, and the kind of what is in it.
_KINDS = (("python", "python"), ("source", "source"), ("xml", "xml"), ("file", "pickle"))


class CannotLoad(Exception):
    """There is no application in a file; the text is a sentence that says why, and where."""


def getApplication(config: Any, passphrase: str | bytes | None) -> Any:
    """The application in the file that the options name.

    To load one is to run the code that is in it, whatever its kind.

    Args:
        config: the options; the first of ``python``, ``source``, ``xml`` and ``file`` counts.
        passphrase: what the file was encrypted with; None if it was not.

    Raises:
        SystemExit: it cannot be loaded; the text says why, and where.
    """
    filename, kind = next((config[name], kind) for name, kind in _KINDS if config.get(name))
    _log.info("Loading {file}...", file=filename)
    try:
        if kind == "python" and passphrase is None:
            application = _fromPython(filename)
        else:
            application = service.loadApplication(filename, kind, passphrase)
        _checkIsApplication(application, filename)
    except (CannotLoad, sob.LoadError) as problem:
        raise SystemExit(f"{programName()}: {problem}")
    except OSError as problem:
        raise SystemExit(f"{programName()}: {problem.filename or filename}: {problem.strerror}")
    _log.info("Loaded.")
    return application


def _checkIsApplication(application: Any, filename: str) -> None:
    if service.IService(application, None) is None:
        raise CannotLoad(
            f"{filename}: the variable application is {application!r}, which is no application: "
            "write application = service.Application('name')"
        )


def _fromPython(filename: str) -> Any:
    """The application of a .tac file."""
    _readBeforehand(filename)
    try:
        return service.loadApplication(filename, "python")
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame.lineno for frame in frames if frame.filename == filename]
        if isinstance(error, KeyError) and not own:
            raise CannotLoad(
                f"{filename}: nothing is called application in it: write "
                "application = service.Application('name')"
            )
        if not own:
            raise
        if frames[-1].filename != filename:
            # Where it happened is not where the file is wrong, and both are of interest.
            traceback.print_exc(file=sys.__stderr__)
        raise CannotLoad(f"{filename}:{own[-1]}: {type(error).__name__}: {error}")


def _readBeforehand(filename: str) -> None:
    """Say what can be seen to be wrong with a .tac file.

    Raises:
        CannotLoad: it is not Python, or makes two applications.
    """
    with open(filename, "rb") as file:
        source = file.read()
    try:
        tree: Any = compile(source, filename, "exec", _ast.PyCF_ONLY_AST)
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise CannotLoad(f"{filename}:{error.lineno}: {error.msg}: {line}")
    made = [statement.lineno for statement in tree.body if _makesApplication(statement)]
    if len(made) > 1:
        raise CannotLoad(
            f"{filename}:{made[1]}: this is a second application, the first one is on line "
            f"{made[0]}: make one, and let the services of both belong to it"
        )


def _makesApplication(statement: Any) -> bool:
    """Whether a statement is ``application = ...Application(...)``."""
    if not isinstance(statement, _ast.Assign) or not isinstance(statement.value, _ast.Call):
        return False
    function: Any = statement.value.func
    called = getattr(function, "attr", getattr(function, "id", None))
    targets = [getattr(target, "id", None) for target in statement.targets]
    return called == "Application" and "application" in targets


def getPassphrase(needed: bool | int) -> str | None:
    """Ask the user for the passphrase of a file, if it is needed."""
    return _asked("Passphrase: ") if needed else None


def getSavePassphrase(needed: bool | int) -> str | None:
    """Ask the user for a passphrase for a file that is to be written, twice, if it is needed."""
    return _asked("Encryption passphrase: ", confirm=True) if needed else None


def _asked(prompt: str, confirm: bool = False) -> str:
    try:
        return getPassword(prompt, confirm=confirm)
    except EOFError:
        raise SystemExit(f"{programName()}: there is no passphrase: standard input has ended")


def convertStyle(
    filein: str,
    typein: str,
    passphrase: str | bytes | None,
    fileout: str,
    typeout: str,
    encrypt: Any,
) -> None:
    """Load an application from one file, and save it in another.

    Args:
        filein: the file to load; which runs what it says.
        typein: its kind, as for `service.loadApplication`.
        passphrase: what it was encrypted with; None if it was not.
        fileout: the file to write.
        typeout: its style: ``"pickle"``, ``"source"`` or ``"xml"``.
        encrypt: whether to ask for a passphrase for it.
    """
    application = service.loadApplication(filein, typein, passphrase)
    persistable: Any = sob.IPersistable(application)
    persistable.setStyle(typeout)
    persistable.save(filename=fileout, passphrase=getSavePassphrase(encrypt))
