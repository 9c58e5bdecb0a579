"""The command `tapconvert`: bring a saved application into another form; decrypt it, encrypt it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from twisted.application import _options, app
from twisted.persisted import sob
from twisted.python import usage

__all__ = ["Options", "run", "runApp"]

_GUESS = "guess"
_TYPES_IN = (_GUESS, "python", "pickle", "xml", "source")
_TYPES_OUT = ("pickle", "xml", "source")


def _oneOf(names: tuple[str, ...]) -> Callable[[str], str]:
    def chosen(value: str) -> str:
        if value not in names:
            raise ValueError(f"there are {', '.join(names)}")
        return value

    return chosen


class Options(usage.Options):
    """The command line of tapconvert."""

    synopsis = "Usage: tapconvert -i input -o output [-f input-type] [-t output-type] [-d] [-e]"
    longdesc = (
        "tapconvert loads an application from one file and saves it in another. To load it is to "
        "run the code in it, whatever its form. A file that belongs to another user, or that "
        "anybody can write, is refused, unless its type is python."
    )
    optFlags = [
        ["decrypt", "d", "The input is encrypted; ask for its passphrase."],
        ["encrypt", "e", "Encrypt the output; ask for a passphrase for it."],
    ]
    optParameters = [
        ["in", "i", None, "The name of the input. It is loaded, which runs the code in it."],
        ["out", "o", None, "The name of the output; a file that is there is replaced."],
        [
            "typein",
            "f",
            _GUESS,
            "The type of the input: python, pickle, xml, source, or guess, by its name.",
            _oneOf(_TYPES_IN),
        ],
        [
            "typeout",
            "t",
            "source",
            "The type of the output: pickle, xml or source.",
            _oneOf(_TYPES_OUT),
        ],
    ]
    compData = usage.Completions(
        optActions={
            "in": usage.CompleteFiles("*.(tap|tas|tax|tac|py)", descr="file to load"),
            "out": usage.CompleteFiles(descr="file to write"),
            "typein": usage.CompleteList(_TYPES_IN),
            "typeout": usage.CompleteList(_TYPES_OUT),
        },
    )

    def postOptions(self) -> None:
        """Settle what the input is.

        Raises:
            usage.UsageError: a file is missing on the command line, or its type cannot be guessed.
        """
        for name in ("in", "out"):
            if not self[name]:
                raise usage.UsageError(f"--{name} is needed")
        if self["typein"] == _GUESS:
            try:
                self["typein"] = sob.guessType(self["in"])
            except KeyError:
                raise usage.UsageError(
                    f"the name of {self['in']} does not say what it is: say so by --typein"
                )


def runApp(config: Any) -> None:
    """Convert as the options say.

    Args:
        config: an `Options` that has read a command line.

    Raises:
        SystemExit: that is not possible; the text says why.
    """
    try:
        app.convertStyle(
            config["in"],
            config["typein"],
            app.getPassphrase(config["decrypt"]),
            config["out"],
            config["typeout"],
            config["encrypt"],
        )
    except sob.LoadError as problem:
        reason = str(problem)
    except OSError as problem:
        reason = f"{problem.filename or config['out']}: {problem.strerror}"
    except Exception as problem:
        # Anything: a file of Python is run, and what is in an application may refuse to be saved.
        reason = f"{config['in']} cannot be converted: {type(problem).__name__}: {problem}"
    else:
        return
    raise SystemExit(f"{_options.programName()}: {reason}")


def run() -> None:
    """Do what the command line says; exit with 0 if all is well, else with 1."""
    # As for twistd: modules of the program lie beside it, but not for root.
    if os.geteuid() != 0:
        sys.path.insert(0, os.getcwd())
    _options.run(runApp, Options)
