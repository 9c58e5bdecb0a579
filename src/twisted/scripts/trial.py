"""The command `trial`: find tests, run them, tell how they went."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import os
import pdb  # noqa: T100  # running tests in it is an option
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from twisted.internet import defer
from twisted.internet.base import DelayedCall
from twisted.python import failure, reflect, usage
from twisted.python.util import spewer
from twisted.trial import _choices, runner
from twisted.trial._choices import TRACEBACK_FORMATS as TBFORMAT_MAP
from twisted.trial._testmodule import (
    getTestModules,
    isTestFile,
    loadLocalVariables,
)
from twisted.trial.reporter._junit import JUnitFile
from twisted.trial.reporter._wrappers import Both
from twisted.trial.unittest import TestSuite

__all__ = [
    "TBFORMAT_MAP",
    "Options",
    "TestSuite",
    "getTestModules",
    "isTestFile",
    "loadLocalVariables",
    "run",
]

#: What `--random` takes for a seed of its own choice.
_ANY_SEED = 0

_SHUFFLED = "Running tests shuffled with seed %d"

#: Which value of which option --jobs excludes, and why.
_IN_ONE_PROCESS = {
    "debug": (True, "a debugger needs the terminal, and the process that the test runs in"),
    "profile": (True, "it measures one process, in which no test would run"),
    "coverage": (True, "it measures one process, in which no test would run"),
    "spew": (True, "the calls of all processes would be in one heap"),
    "logfile": ("-", "each process has a log of its own, in its own folder: name a file"),
}


class Options(usage.Options):
    """The command line of trial."""

    synopsis = """trial [options] [[file|package|module|TestCase|testmethod]...]"""
    longdesc = (
        "trial loads and runs a suite of unit tests, found in the modules, packages and files "
        "listed on the command line. It works in the folder _trial_temp, which it makes anew."
    )

    optFlags = [
        ["no-recurse", "N", "Do not look into the packages inside a package."],
        ["rterrors", "e", "Show tracebacks as soon as they occur."],
        ["unclean-warnings", None, "Warn of an unclean reactor instead of failing the test."],
        ["force-gc", None, "Collect garbage before and after each test."],
        ["exitfirst", "x", "Stop after the first test that fails."],
        ["until-failure", "u", "Run the tests again and again, until one fails."],
        ["dry-run", "n", "Let all tests pass, without running them."],
        ["debug", "b", "Run the tests in the Python debugger, and fall into it on an exception."],
        ["nopm", None, "Do not fall into the debugger on an exception."],
        ["debug-stacktraces", "B", "Record where Deferreds and delayed calls are made."],
        ["profile", None, "Run the tests under the profiler; figures go to profile.data."],
        ["coverage", None, "Measure the coverage; the report goes to _trial_temp/coverage."],
    ]

    optParameters = [
        ["reporter", None, "verbose", "The reporter to use; see --help-reporters."],
        ["junit", None, None, "A file to write the results to as XML, beside the reporter."],
        ["logfile", "l", "test.log", "The file for the log, in the folder of the run."],
        ["temp-directory", None, "_trial_temp", "The folder to make and run in; it is emptied."],
        ["debugger", None, "pdb", "The debugger for --debug: a class, or a module that has Pdb."],
    ]

    compData = usage.Completions(
        descriptions={"junit": "a file for the results", "logfile": "a file for the log"},
        optActions={
            "tbformat": usage.CompleteList(sorted(TBFORMAT_MAP)),
            "reporter": usage.CompleteList(["verbose", "text", "timing", "minimal", "subunit"]),
            "reactor": usage.CompleteList(["default", "epoll", "poll", "select", "asyncio"]),
            "order": usage.CompleteList(list(_choices.ORDERS)),
            "logfile": usage.CompleteFiles("*.log"),
            "junit": usage.CompleteFiles("*.xml"),
            "temp-directory": usage.CompleteDirs(),
            "testmodule": usage.CompleteFiles("*.py"),
            "random": usage.Completer(descr="a seed, or 0"),
        },
        extraActions=[
            usage.CompleteFiles(
                "*.py", descr="file, package, module, TestCase or test method", repeat=True
            )
        ],
    )

    def __init__(self) -> None:
        super().__init__()
        self["tests"] = []
        self["tbformat"] = "default"
        self["random"] = None
        self["jobs"] = None
        self["spew"] = False
        self._sorter: Callable[[Any], Any] | None = None

    opt_h = usage.Options.opt_help

    def parseArgs(self, *args: str) -> None:
        """Take what is to be tested."""
        self["tests"].extend(args)

    def parseOptions(self, options: Any = None) -> None:
        """Understand the command line, and keep it for workers."""
        self._given = list(sys.argv[1:] if options is None else options)
        super().parseOptions(self._given)

    def opt_reactor(self, name: str) -> None:
        """Which reactor to use; see --help-reactors."""
        choice = _chosen(_choices.reactors(), "reactor", name)
        try:
            choice.value.install()
        except Exception as error:  # a toolkit is imported
            raise usage.UsageError(f"The {name} reactor cannot be used here: {error}") from error

    opt_r = opt_reactor

    def opt_help_reactors(self) -> NoReturn:
        """Show the names of the reactors, then exit."""
        _exitWith("Reactors, for --reactor (not every platform has each):", _choices.reactors())

    def opt_help_reporters(self) -> NoReturn:
        """Show the names of the reporters, then exit."""
        _exitWith("Reporters, for --reporter:", _choices.reporters())

    def opt_help_orders(self) -> NoReturn:
        """Show the names of the orders, then exit."""
        _exitWith("Orders, for --order:", _choices.ORDERS)

    def opt_order(self, name: str) -> None:
        """The order of the tests; see --help-orders."""
        self._sorter = _chosen(_choices.ORDERS, "order", name).value

    opt_o = opt_order

    def opt_random(self, seed: str) -> None:
        """Run the tests in a random order that the seed decides; 0 chooses a seed."""
        try:
            number = int(seed)
        except ValueError:
            raise usage.UsageError(f"--random needs a whole number, not {seed!r}") from None
        if number < 0:
            raise usage.UsageError(f"--random needs a number that is not negative, not {seed}")
        self["random"] = number if number != _ANY_SEED else int(time.time() * 100) % 1_000_000

    opt_z = opt_random

    def opt_tbformat(self, name: str) -> None:
        """How to show tracebacks: default, brief or verbose."""
        if name not in TBFORMAT_MAP:
            raise usage.UsageError(
                f"--tbformat is one of {', '.join(sorted(TBFORMAT_MAP))}, not {name!r}"
            )
        self["tbformat"] = TBFORMAT_MAP[name]

    def opt_jobs(self, number: str) -> None:
        """How many processes to run the tests in."""
        if not number.isdecimal() or int(number) < 1:
            raise usage.UsageError(f"--jobs needs a number of processes from 1 on, not {number!r}")
        self["jobs"] = int(number)

    opt_j = opt_jobs

    def opt_testmodule(self, filename: str) -> None:
        """Run the tests that a file names in its variable test-case-name, or is."""
        if not os.path.isfile(filename):
            raise usage.UsageError(f"File {filename!r} doesn't exist")
        if isTestFile(filename):
            self["tests"].append(filename)
        else:
            self["tests"].extend(getTestModules(filename) or ())

    def opt_extra(self, name: str) -> None:
        """One more thing to test; for editors that can only add options."""
        self["tests"].append(name)

    def opt_disablegc(self) -> None:
        """Do not collect garbage."""
        gc.disable()

    def opt_recursionlimit(self, depth: str) -> None:
        """See sys.setrecursionlimit()."""
        try:
            sys.setrecursionlimit(int(depth))
        except (ValueError, RecursionError) as error:
            raise usage.UsageError(f"--recursionlimit {depth}: {error}") from error

    def opt_spew(self) -> None:
        """Print each call that is made. Lots of output!"""
        sys.settrace(spewer)
        self["spew"] = True

    def opt_without_module(self, names: str) -> None:
        """Behave as if these modules, separated by commas, were not installed."""
        for each in names.split(","):
            if each in sys.modules:
                warnings.warn(f"Module {each!r} already imported, disabling anyway.", stacklevel=2)
            sys.modules[each] = None  # type: ignore[assignment]  # how Python marks a module that is not there

    def postOptions(self) -> None:
        """Check the options that others depend on."""
        if not self["tests"]:
            raise usage.UsageError(
                "No tests given: name packages, modules, files, classes or "
                "methods (see trial --help)"
            )
        self["reporter"] = _loadedReporter(self["reporter"])
        if self["junit"] is not None:
            self["reporter"] = _withJUnit(self["reporter"], self["junit"])
        if self["nopm"] and not self["debug"]:
            raise usage.UsageError("You must specify --debug when using --nopm")
        if self["random"] is not None and self._sorter is not None:
            raise usage.UsageError("--random and --order exclude each other")
        if self["jobs"] is not None:
            self._checkJobs()

    def _checkJobs(self) -> None:
        for option, (alone, why) in _IN_ONE_PROCESS.items():
            if self[option] == alone:
                raise usage.UsageError(f"--{option} cannot be used with --jobs: {why}")

    def makeLoader(self) -> runner.TestLoader:
        """Return what finds the tests, in the order that was asked for."""
        factory = TestSuite if self["until-failure"] else runner.DestructiveTestSuite
        if self["random"] is not None:
            dice = random.Random(self["random"])
            print(_SHUFFLED % self["random"])
            return runner.TestLoader(factory, lambda thing: dice.random())
        if self._sorter is not None:
            return runner.TestLoader(factory, self._sorter)
        return runner.TestLoader(factory)

    def makeRunner(self) -> runner.TrialRunner:
        """Return what runs the tests."""
        if self["jobs"] is not None and not self["dry-run"]:
            return self._makeDistributedRunner()
        mode = None
        debugger = None
        if self["debug"]:
            mode = runner.TrialRunner.DEBUG
            debugger = _makeDebugger(self["debugger"])
        if self["dry-run"]:
            mode = runner.TrialRunner.DRY_RUN
        return runner.TrialRunner(
            self["reporter"],
            mode=mode,
            logfile=self["logfile"],
            stream=sys.stdout,
            profile=self["profile"],
            tracebackFormat=self["tbformat"],
            realTimeErrors=self["rterrors"],
            uncleanWarnings=self["unclean-warnings"],
            workingDirectory=self["temp-directory"],
            forceGarbageCollection=self["force-gc"],
            debugger=debugger,
            exitFirst=self["exitfirst"],
        )

    def _makeDistributedRunner(self) -> runner.TrialRunner:
        if self["random"] is not None:
            sys.stdout.write(f"{_SHUFFLED % self['random']}\n")
        # By name, because most runs do without what it needs.
        make = reflect.namedAny("twisted.trial._dist._runner.DistributedRunner")
        made: runner.TrialRunner = make(
            self["reporter"],
            logfile=self["logfile"],
            stream=sys.stdout,
            tracebackFormat=self["tbformat"],
            realTimeErrors=self["rterrors"],
            uncleanWarnings=self["unclean-warnings"],
            workingDirectory=self["temp-directory"],
            exitFirst=self["exitfirst"],
            jobs=self["jobs"],
            options=self._given,
            seed=self["random"],
        )
        return made


def _chosen(choices: dict[str, _choices.Choice], kind: str, name: str) -> _choices.Choice:
    try:
        return choices[name]
    except KeyError:
        known = ", ".join(choices)
        raise usage.UsageError(f"There is no {kind} {name!r}: there are {known}") from None


def _loadedReporter(name: str) -> Any:
    choice = _chosen(_choices.reporters(), "reporter", name)
    try:
        return reflect.namedAny(choice.value)
    except Exception as error:  # a plugin's module is imported
        raise usage.UsageError(f"The reporter {name!r} cannot be loaded: {error}") from error


def _withJUnit(factory: Callable[..., Any], path: str) -> Callable[..., Any]:
    """What makes a reporter by `factory`, and one beside it that writes to a file."""
    # From where we are now, not from the folder of the run.
    path = os.path.abspath(path)
    try:
        # Results of another run must not be taken for those of this one.
        with open(path, "w", encoding="ascii"):
            pass
    except OSError as error:
        raise usage.UsageError(f"--junit: {path!r} cannot be written: {error.strerror}") from error
    return lambda *args: Both(factory(*args), JUnitFile(path))


def _exitWith(heading: str, choices: dict[str, _choices.Choice]) -> NoReturn:
    sys.stdout.write(f"{heading}\n{_choices.table(choices)}")
    sys.exit(0)


def _makeDebugger(name: str) -> Any:
    if name == "pdb":
        debugger = pdb.Pdb()
        # The user's own commands, from the folder where trial was started.
        debugger.rcLines.extend(_readDebuggerCommands())
        return debugger
    try:
        found = reflect.namedAny(name)
    except Exception as error:  # a debugger's module is imported
        raise usage.UsageError(f"The debugger {name!r} cannot be loaded: {error}") from error
    return found.Pdb() if hasattr(found, "Pdb") else found()


def _readDebuggerCommands() -> list[str]:
    try:
        with open(".pdbrc", encoding="utf-8") as commands:
            return commands.readlines()
    except FileNotFoundError:
        return []


class _Measured(TestSuite):
    """Writes a report of the coverage when its tests have run.

    Args:
        tests: The tests.
        measure: A `coverage.Coverage` that has been started.
    """

    _measure: Any = None

    def run(self, result: Any, debug: bool = False) -> Any:
        try:
            return super().run(result, debug)
        finally:
            self._measure.stop()
            self._measure.save()
            self._measure.html_report(directory="coverage")
            with open(os.path.join("coverage", "report.txt"), "w", encoding="utf-8") as report:
                self._measure.report(file=report)


def _startCoverage() -> Any:
    try:
        coverage = importlib.import_module("coverage")
    except ImportError:
        raise usage.UsageError("--coverage needs coverage.py: pip install coverage") from None
    measure = coverage.Coverage(data_file=None)
    measure.start()
    return measure


def _prepareDebugging(config: Options) -> None:
    if config["debug"] and not config["nopm"]:
        failure.startDebugMode()
    if config["debug-stacktraces"]:
        DelayedCall.debug = True
        defer.setDebugging(True)


def _getSuite(config: Options) -> Any:
    measure = _startCoverage() if config["coverage"] else None
    if config["jobs"] is not None and not config["dry-run"]:
        return None  # Workers find the tests.
    suite = config.makeLoader().loadByNames(config["tests"], not config["no-recurse"])
    if measure is None:
        return suite
    measured = _Measured([suite])
    measured._measure = measure
    return measured


@contextlib.contextmanager
def _whileSomebodyReads() -> Iterator[None]:
    """Exit without a word when what reads our output has had enough, as `head` does."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # What Python flushes when it ends has to go somewhere, or it would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _run(config: Options) -> bool:
    """Whether all is well."""
    try:
        config.parseOptions()
        _prepareDebugging(config)
        trial = config.makeRunner()
        suite = _getSuite(config)
        result = trial.runUntilFailure(suite) if config["until-failure"] else trial.run(suite)
    except (usage.UsageError, runner.CannotRun) as error:
        raise SystemExit(f"{os.path.basename(sys.argv[0])}: {error}") from None
    return bool(result.wasSuccessful())


def run() -> NoReturn:
    """Do what the command line says; exit with 0 if all is well, else with 1."""
    if len(sys.argv) == 1:
        sys.argv.append("--help")
    with contextlib.suppress(AttributeError, ValueError, OSError):
        # A test that crashes Python is named, if there is a file to write that to.
        faulthandler.enable()
    # Modules are found from here, even after the tests have another working directory.
    sys.path[:] = [os.path.abspath(each) for each in ("", *sys.path)]
    with _whileSomebodyReads():
        sys.exit(not _run(Options()))
