"""The options of the commands that run applications."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, NoReturn

from twisted.application import _commands, reactors
from twisted.python import failure, usage, util
from twisted.python.usage._shells import script as shellScript

__name__ = "twisted.application.app"  # the public path, for pickles and messages

#: Seconds that services have to stop. A web page or a transaction takes less; the init systems
#: that end a process by force wait for 90.
GRACE = 30.0


def programName() -> str:
    """What the command is called that runs."""
    return os.path.basename(sys.argv[0])


def run(runApp: Callable[[Any], object], ServerOptions: Callable[[], Any]) -> None:
    """Read the command line, and run what it says.

    Args:
        runApp: called with the options.
        ServerOptions: makes the options.

    Raises:
        SystemExit: the command line is wrong; the text says what about it.
    """
    config = ServerOptions()
    try:
        config.parseOptions()
    except usage.UsageError as problem:
        command = " ".join([programName(), *([config.subCommand] if config.subCommand else [])])
        raise SystemExit(f"{command}: {problem} (--help tells what there is)")
    runApp(config)


def positiveSeconds(value: str) -> float:
    """A number of seconds from text.

    Raises:
        ValueError: it is none, or negative.
    """
    seconds = float(value)
    if not 0 <= seconds < float("inf"):
        raise ValueError("it is a number of seconds, 0 or more")
    return seconds


def userId(value: str) -> int:
    """The number of a user, from a name or a number.

    Raises:
        ValueError: there is no such user.
    """
    try:
        return util.uidFromString(value)
    except KeyError:
        raise ValueError("there is no such user")


def groupId(value: str) -> int:
    """The number of a group, from a name or a number.

    Raises:
        ValueError: there is no such group.
    """
    try:
        return util.gidFromString(value)
    except KeyError:
        raise ValueError("there is no such group")


class _ReactorNames(usage.CompleteList):
    """The reactors, found when they are asked for."""

    def __init__(self, descr: str) -> None:
        usage.Completer.__init__(self, descr)

    @property
    def items(self) -> list[str]:  # type: ignore[override]  # computed, since it takes a while
        return sorted(_commands.names(reactors.IReactorInstaller, "shortName"))


class ReactorSelectionMixin:
    """Options that choose a reactor, for a class of `usage.Options`.

    Attributes:
        messageOutput: where the list of reactors goes; standard output.
    """

    compData = usage.Completions(optActions={"reactor": _ReactorNames("reactor to use")})
    messageOutput: Any = sys.stdout

    def opt_help_reactors(self) -> NoReturn:
        """Display the names of the reactors, and which of them work here."""
        works, doesNot = [], []
        for installer in sorted(reactors.getReactorTypes(), key=lambda one: one.shortName):
            problem = _commands.whyUnusable(installer)
            row = f"    {installer.shortName:<10} {installer.description}"
            if problem is None:
                works.append(row)
            else:
                doesNot.append(f"{row} ({problem})")
        lines = ["Reactors, for --reactor:", *works]
        if doesNot:
            lines += ["", "Not on this machine:", *doesNot]
        self.messageOutput.write("\n".join(lines) + "\n")
        sys.exit(0)

    def opt_reactor(self, shortName: str) -> None:
        """Which reactor to use; see --help-reactors."""
        try:
            reactors.installReactor(shortName)
        except reactors.NoSuchReactor:
            raise usage.UsageError(
                f"there is no reactor {shortName!r}; --help-reactors lists those that there are"
            )
        except Exception as error:  # a plugin's module is imported, and its toolkit
            raise usage.UsageError(f"the {shortName} reactor cannot be used here: {error}")
        # For those who want to know: it is installed.
        self["reactor"] = shortName  # type: ignore[index]  # it is mixed into a dict

    opt_r = opt_reactor


class MakerOptions(usage.Options):
    """What the commands have that make services by plugins.

    A subcommand is the `tapname` of a plugin that provides `IServiceMaker`, or of one in a
    ``plugins.tml``.  After parsing, `loadedPlugins` has the plugin of the chosen one by its name.
    """

    compData = usage.Completions(optActions={"completion": usage.CompleteList(["bash", "zsh"])})

    def opt_completion(self, shell: str) -> NoReturn:
        """Print what makes a shell, bash or zsh, complete command lines; eval or install it."""
        try:
            script = shellScript(shell, programName())
        except KeyError:
            raise usage.UsageError(f"--completion is for bash and zsh, not for {shell!r}")
        sys.stdout.write(script)
        sys.exit(0)

    def __init__(self, *a: Any, **kw: Any) -> None:
        self.loadedPlugins: dict[str, Any] = {}
        self._rows: list[Any] | None = None
        super().__init__(*a, **kw)

    @property
    def subCommands(self) -> Sequence[Any]:  # type: ignore[override]  # found when they are asked for
        """The commands that plugins bring."""
        if self._rows is None:
            self._rows = list(self._commandRows())
        return self._rows

    def _commandRows(self) -> Iterator[list[Any]]:
        for command in _commands.commands():
            yield [command.name, None, self._optionsOf(command), command.description]

    def _optionsOf(self, command: _commands.Command) -> Any:
        def makeOptions() -> Any:
            self.loadedPlugins[command.name] = plugin = command.load()
            return plugin.options()

        return makeOptions


class CommandOptions(MakerOptions, ReactorSelectionMixin):
    """What ``twistd`` and ``twist`` have."""

    optParameters: ClassVar[list[list[Any]]] = [
        [
            "grace",
            None,
            GRACE,
            "Seconds that services have to stop after SIGTERM or SIGINT; a second signal ends at "
            "once.",
            positiveSeconds,
        ],
    ]


class ServerOptions(CommandOptions):
    """What all commands that run applications as daemons have."""

    longdesc = (
        "twistd reads a twisted.application.service.Application out of a file, or makes one by a "
        "command, and runs it. To read one from a file is to run the code in it, whatever its "
        "form: a .tap (pickle), .tas or .tax that belongs to another user is refused."
    )

    optFlags = [
        ["savestats", None, "Save the profiler's figures as they are, not as text."],
        ["no_save", "o", "Do not save the state of the application on shutdown."],
        ["encrypted", "e", "The .tap, .tas or .tax file is encrypted; ask for its passphrase."],
    ]
    optParameters = [
        [
            "logfile",
            "l",
            None,
            "Log to this file; - for standard output. Daemons log to twistd.log by default.",
        ],
        [
            "logger",
            None,
            None,
            "The whole name of a function that makes the observer to log to. Before --logfile and "
            "--syslog.",
        ],
        ["profile", "p", None, "Run under the profiler, and save its figures in this file."],
        ["profiler", None, "cprofile", "The profiler: cprofile or profile."],
        ["file", "f", "twistd.tap", "Read a .tap file: a pickle, so loading it runs its code."],
        [
            "python",
            "y",
            None,
            "Run a file of Python, and take its variable application; implies --no_save.",
        ],
        ["xml", "x", None, "Read a .tax file (XML); loading it runs code that it names."],
        ["source", "s", None, "Read a .tas file (source); loading it runs code that it names."],
        ["plugin", None, None, "Run config.tac of a package, as --python does."],
        ["rundir", "d", ".", "Change to this directory before running."],
    ]
    compData = usage.Completions(
        mutuallyExclusive=[("file", "python", "xml", "source", "plugin")],
        optActions={
            "file": usage.CompleteFiles("*.tap", descr="tap file to read"),
            "python": usage.CompleteFiles("*.(tac|py)", descr="Python file to run"),
            "xml": usage.CompleteFiles("*.tax", descr="tax file to read"),
            "source": usage.CompleteFiles("*.tas", descr="tas file to read"),
            "logfile": usage.CompleteFiles(descr="log file"),
            "profile": usage.CompleteFiles(descr="file for figures"),
            "profiler": usage.CompleteList(["cprofile", "profile"]),
            "rundir": usage.CompleteDirs(),
        },
    )

    def __init__(self, *a: Any, **kw: Any) -> None:
        super().__init__(*a, **kw)
        self["debug"] = False

    def opt_debug(self) -> None:
        """Run in the Python debugger, in the foreground; SIGUSR2 falls into it."""
        failure.startDebugMode()
        self["debug"] = True

    opt_b = opt_debug

    def opt_spew(self) -> None:
        """Print every call: for finding where complex code hangs."""
        sys.settrace(util.spewer)
        # Threads that are still to come.
        _commands.traceThreads(util.spewer)

    def parseOptions(self, options: Iterable[str] | None = None) -> None:
        """Read a command line, the program's own by default; an empty one is --help.

        Raises:
            usage.UsageError: something is wrong with it.
        """
        words = list(sys.argv[1:] if options is None else options)
        super().parseOptions(words or ["--help"])

    def postOptions(self) -> None:
        """Settle what follows from the options.

        Raises:
            usage.UsageError: the package of --plugin is not there.
        """
        if self["plugin"] is not None:
            self["python"] = _commands.configOf(self["plugin"])
        if self.subCommand or self["python"]:
            self["no_save"] = True
        for name in ("logfile", "python", "xml", "source", "file"):
            path = self[name]
            if name == "logfile" and path in (None, "", "-"):
                continue
            # The working directory is not for long what it was as this was typed.
            self[name] = os.path.abspath(path) if path else path
