"""The class that programs subclass to read their command lines."""

from __future__ import annotations

import inspect
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from twisted.python import text, util
from twisted.python.reflect import namedAny
from twisted.python.usage import _shells, _zsh
from twisted.python.usage._completion import Completions
from twisted.python.usage._declared import (
    Declared,
    UsageError,
    declaredFlags,
    declaredMethods,
    declaredParameters,
)
from twisted.python.usage._help import describe, docMakeChunks, layOut
from twisted.python.usage._words import takeApart

SubCommand = Sequence[Any]


class Options(dict[str, Any]):
    """A command line: subclass it, declare what there may be, and ask it as a dict afterwards.

    In a subclass:

    ``optFlags``
        a list of [long name, letter or None, description]; the value is 1 if given, else 0.
    ``optParameters``
        a list of [long name, letter or None, default, description, coerce]; ``coerce`` is called
        with the text and gives the value or raises `ValueError`.  Its ``coerceDoc`` is added to
        the description.  The last ones may be left out.  A default is not coerced.
    ``opt_name(self)``, ``opt_name(self, value)``
        a method that is called each time that ``--name`` is met.  Another name for the same
        method (``opt_n = opt_name``) makes a synonym; underscores stand for hyphens.
    ``subCommands``
        a list of [name, short name or None, class of options, description]: the first word that
        is no option chooses one of them, and what follows is for its options.  ``subCommand`` is
        the name then, ``subOptions`` the options.  ``defaultSubCommand`` is the name to use when
        there is no such word.
    ``synopsis``, ``longdesc``
        the first line of the help, and what is said at its end (the docstring of the program
        otherwise).
    ``compData``
        a `Completions`: what a shell may offer (``completionData`` means the same).

    Classes inherit what their bases declare.
    """

    __module__ = "twisted.python.usage"

    subCommand: str | None = None
    defaultSubCommand: str | None = None
    parent: Options | None = None
    completionData: ClassVar[Completions | None] = None
    subCommands: Sequence[SubCommand] = ()
    subOptions: Options

    def __init__(self) -> None:
        super().__init__()
        #: The values, for code that wants to name them; they are the items of this dict.
        self.opts = self
        self._declared: list[Declared] = []
        self._known: dict[str, Declared] = {}
        for collect in (declaredFlags, declaredParameters, declaredMethods):
            for declared in collect(self):
                self._declare(declared)

    def _declare(self, declared: Declared) -> None:
        """Know an option, in place of what had one of its names before."""
        for name in declared.spellings:
            before = self._known.get(name)
            if before is not None:
                before.spellings.remove(name)
            self._known[name] = declared
        self._declared.append(declared)
        self._declared = [one for one in self._declared if one.spellings]

    def __hash__(self) -> int:  # type: ignore[override]  # options are what they are, not equal ones
        return id(self)

    # Read a command line

    def parseOptions(self, options: Iterable[str] | None = None) -> None:
        """Read a command line, and store what it says.

        Options are acted on in their order; then the rest goes to the chosen subcommand or to
        `parseArgs`; at last `postOptions` is called.

        Args:
            options: the words; those of the program's own command line by default.

        Raises:
            UsageError: something is wrong with them.
        """
        words = list(sys.argv[1:] if options is None else options)
        if self.parent is None and _zsh.isAsked(words):
            sys.stdout.write(_shells.answer(self, os.path.basename(sys.argv[0]), words))
            sys.exit(0)
        found, rest = takeApart(words, self._known)
        for declared, value in found:
            declared.act(value)
        if self.subCommands and (rest or self.defaultSubCommand is not None):
            self._parseSubCommand(rest or [str(self.defaultSubCommand)])
        else:
            self._parseRest(rest)
        self.postOptions()

    def _parseSubCommand(self, words: list[str]) -> None:
        wanted = words[0]
        for row in self.subCommands:
            name, short, makeOptions, _ = util.padTo(4, row)
            if wanted in (name, short):
                self.subCommand = name
                self.subOptions = makeOptions()
                self.subOptions.parent = self
                self.subOptions.parseOptions(words[1:])
                return
        names = ", ".join(str(row[0]) for row in self.subCommands)
        raise UsageError(f"Unknown command: {wanted} (there are: {names})")

    def _parseRest(self, words: list[str]) -> None:
        # Whether they fit is asked beforehand: a TypeError from within is a fault of the program.
        signature = inspect.signature(self.parseArgs)
        try:
            signature.bind(*words)
        except TypeError:
            raise UsageError(_wrongNumber(signature, len(words))) from None
        self.parseArgs(*words)

    # Any arguments at all, for type checkers: only so may a subclass name the ones it wants.
    def parseArgs(self, *args: Any, **kwargs: Any) -> None:
        """Called with the words that are left after the options; here, there may be none.

        Override it with a parameter for each word that there must be, or with ``*words``.
        """
        if args:
            raise UsageError(f"Wrong number of arguments: expected none, got {len(args)}.")

    def postOptions(self) -> None:
        """Called when all has been read; override it to check how the options fit together.

        It may raise `UsageError`.
        """

    # The options that each program has

    def opt_version(self) -> None:
        """Display Twisted version and exit."""
        # It is made by a module that loads much, and is seldom asked for.
        util.println("Twisted version:", namedAny("twisted.__version__"))
        sys.exit(0)

    def opt_help(self) -> None:
        """Display this help and exit."""
        sys.stdout.write(str(self))
        sys.exit(0)

    # Explain

    def __str__(self) -> str:
        """The help: the synopsis, and what `getUsage` says; of the subcommand if one was chosen."""
        if hasattr(self, "subOptions"):
            return str(self.subOptions)
        return f"{self.getSynopsis()}\n{self.getUsage()}"

    def getSynopsis(self) -> str:
        """The line that shows how to call the program, or the subcommand of one."""
        options = "[options]" if self._declared else ""
        synopsis: str | None = getattr(self, "synopsis", None)
        if self.parent is None:
            program = os.path.basename(sys.argv[0])
            return (synopsis or f"Usage: {program} {options}").rstrip()
        above = [self.parent.getSynopsis(), self.parent.subCommand or ""]
        return " ".join([*above, options if synopsis is None else synopsis]).rstrip()

    def getUsage(self, width: int | None = None) -> str:
        """What options and subcommands there are.

        Once a subcommand was chosen, it is about that one.

        Args:
            width: how many characters a line has at most; those of the terminal by default.
        """
        if hasattr(self, "subOptions"):
            return self.subOptions.getUsage(width)
        columns = width or shutil.get_terminal_size().columns
        parts = []
        if self._declared:
            chunks = docMakeChunks([describe(one) for one in self._declared], columns)
            parts.append("Options:\n" + "".join(chunks))
        if description := self._longDescription():
            parts.append("\n".join(text.greedyWrap(description, columns)) + "\n")
        if self.subCommands:
            rows = [_commandRow(row) for row in self.subCommands]
            parts.append("Commands:\n" + "".join(layOut(rows, columns)))
        return "\n".join(parts)

    def _longDescription(self) -> str:
        longdesc = getattr(self, "longdesc", None)
        if longdesc is None:
            longdesc = getattr(sys.modules.get("__main__"), "__doc__", None)
        return longdesc or ""


def _commandRow(row: SubCommand) -> tuple[str, str]:
    name, short, _, doc = util.padTo(4, row)
    return (f"{name}, {short}" if short else name), " ".join((doc or "").split())


def _wrongNumber(signature: inspect.Signature, given: int) -> str:
    wanted = [
        f"[{one.name}]" if one.default is not one.empty else one.name
        for one in signature.parameters.values()
        if one.kind is not one.VAR_POSITIONAL
    ]
    return f"Wrong number of arguments: expected {' '.join(wanted) or 'none'}, got {given}."
