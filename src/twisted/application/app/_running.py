"""In which order an application is loaded, logged, started, run and stopped."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Any, ClassVar, TextIO

from twisted.application import service
from twisted.application._options import GRACE, programName
from twisted.application.app._loading import getApplication, getPassphrase
from twisted.application.app._log import AppLogger
from twisted.application.app._profile import AppProfiler
from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import BindError
from twisted.logger import Logger
from twisted.persisted import sob
from twisted.python import usage
from twisted.python.failure import Failure
from twisted.python.reflect import namedModule

__name__ = "twisted.application.app"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)

#: Where a daemon leaves the traceback of what should not have happened.
CRASH_LOG = "TWISTD-CRASH.log"


def startApplication(
    application: Any,
    save: bool | int,
    grace: float = GRACE,
    passphrase: str | bytes | None = None,
) -> None:
    """Start the services of an application, and have them stopped before the reactor stops.

    Args:
        application: what provides `IService`, and `sob.IPersistable` if it is to be saved.
        save: whether to save it after they have stopped.
        grace: seconds that they have to stop.
        passphrase: to encrypt with what is saved; None not to.
    """
    root: Any = service.IService(application)
    root.startService()
    reactor = installedReactor()
    # From then on signals are heard.
    reactor.callWhenRunning(_log.info, "Running as process {pid}.", pid=os.getpid())
    if save:
        persistable: Any = sob.IPersistable(application)
        reactor.addSystemEventTrigger(
            "after", "shutdown", persistable.save, "shutdown", passphrase=passphrase
        )
    reactor.addSystemEventTrigger("before", "shutdown", stopInTime, reactor, root, grace)


def stopInTime(reactor: Any, root: Any, grace: float) -> Deferred[Any]:
    """Stop a service, and do not wait longer than that.

    Args:
        reactor: tells the time.
        root: the service.
        grace: seconds that it has.

    Returns:
        Fires when it has stopped, or has not within that time, which is logged.
    """

    done: Deferred[None] = Deferred()

    def late() -> None:
        still = ", ".join(service.stillStopping(root))
        _log.error("Not stopped after {grace} seconds: {still}", grace=grace, still=still)
        done.callback(None)

    def failed(reason: Failure) -> None:
        _log.failure("The services could not stop", reason)

    def stopped(ignored: object) -> None:
        if call.active():
            call.cancel()
            done.callback(None)

    # What is late is not cancelled: it may still be of use until the process ends.
    call = reactor.callLater(grace, late)
    maybeDeferred(root.stopService).addErrback(failed).addCallback(stopped)
    return done


def runReactorWithLogging(
    config: Any,
    oldstdout: TextIO,
    oldstderr: TextIO,
    profiler: AppProfiler | None = None,
    reactor: Any = None,
) -> None:
    """Run the reactor until it stops: in the profiler or in the debugger, if that is asked for.

    Args:
        config: of `ServerOptions`.
        oldstdout: standard output as it was before printing went to the log.
        oldstderr: the same of standard error.
        profiler: the profiler that is to be used if there is a ``--profile``.
        reactor: the reactor; that of the process by default.

    Raises:
        SystemExit: the reactor ended by an exception; its traceback is on standard error, or, for a
            daemon, in ``TWISTD-CRASH.log``.
    """
    if reactor is None:
        reactor = installedReactor()
    try:
        if config["profile"]:
            if profiler is not None:
                profiler.run(reactor)
        elif config["debug"]:
            sys.stdout, sys.stderr = oldstdout, oldstderr
            fixPdb()
            _debugOnSignal()
            namedModule("pdb").runcall(reactor.run)
        else:
            reactor.run()
    except Exception:  # of the program's, that left the reactor
        if config["nodaemon"]:
            traceback.print_exc(file=oldstderr)
        else:
            with open(CRASH_LOG, "a", encoding="utf-8") as crash:
                traceback.print_exc(file=crash)
        raise SystemExit(1)


def fixPdb() -> None:
    """Teach the debugger of Python to leave a program with a reactor, by ``stop`` or ``quit``."""

    def stop(self: Any, argument: str) -> bool:
        """Stop the reactor, and continue: an exception out of nowhere would end nothing well."""
        self.set_continue()
        installedReactor().callLater(0, installedReactor().stop)
        return True

    # Not loaded before: it is slow, and few programs run in it.
    debugger = namedModule("pdb").Pdb
    for name in ("stop", "quit", "q", "exit", "EOF"):
        setattr(debugger, f"do_{name}", stop)


def _debugOnSignal() -> None:
    debugger = namedModule("pdb").Pdb
    if hasattr(signal, "SIGUSR2"):
        signal.signal(signal.SIGUSR2, lambda number, frame: debugger().set_trace(frame))


class ApplicationRunner:
    """Runs an application as the options say: a base class.

    Args:
        config: of `ServerOptions`.

    Attributes:
        profilerFactory: called with the options, makes the profiler.
        loggerFactory: called with the options, makes the log.
        passphrase: what the application was encrypted with; it is saved with the same.
    """

    profilerFactory: ClassVar[type[Any]] = AppProfiler
    loggerFactory: ClassVar[type[Any]] = AppLogger

    def __init__(self, config: Any) -> None:
        self.config = config
        self.passphrase: str | None = None
        self.profiler = self.profilerFactory(config)
        self.logger = self.loggerFactory(config)

    def run(self) -> None:
        """Load or make the application, and run it until the reactor stops."""
        self.preApplication()
        self.application = self.createOrGetApplication()
        self.logger.start(self.application)
        self.postApplication()
        self.logger.stop()

    def startReactor(self, reactor: Any, oldstdout: TextIO, oldstderr: TextIO) -> None:
        """Run the reactor; see `runReactorWithLogging`."""
        if reactor is None:
            reactor = installedReactor()
        runReactorWithLogging(self.config, oldstdout, oldstderr, self.profiler, reactor)

    def preApplication(self) -> None:
        """What comes before the application is there: override it."""
        raise NotImplementedError(f"{type(self).__name__} must say what comes before")

    def postApplication(self) -> None:
        """What is done with the application, until the reactor has stopped: override it."""
        raise NotImplementedError(f"{type(self).__name__} must start the application")

    def createOrGetApplication(self) -> Any:
        """Make the application of the subcommand, or load that of the file.

        Raises:
            SystemExit: that is not possible; the text says why.
        """
        if self.config.subCommand:
            return applicationOf(self.config)
        self.passphrase = getPassphrase(self.config["encrypted"])
        return getApplication(self.config, self.passphrase)


def applicationOf(config: Any) -> Any:
    """The application that the subcommand makes.

    Args:
        config: of `ServerOptions`, or of another class that has its commands.

    Raises:
        SystemExit: it makes none; the text says why.
    """
    plugin = config.loadedPlugins[config.subCommand]
    try:
        made = plugin.makeService(config.subOptions)
    except (usage.UsageError, ValueError) as problem:
        raise SystemExit(f"{programName()} {config.subCommand}: {problem}")
    application = service.Application(plugin.tapname)
    root: Any = service.IService(made)
    root.setServiceParent(application)
    return application


def whyNotStarted(error: BaseException) -> str:
    """One line that says which service could not start, and why."""
    notes = [note for note in getattr(error, "__notes__", ()) if note.startswith(service.BLAME)]
    which = notes[0].removeprefix("while ") if notes else "starting the application"
    reason = " ".join(str(error).split()).rstrip(".")
    if not reason or not isinstance(error, (OSError, BindError, RuntimeError)):
        reason = f"{type(error).__name__}: {reason}".removesuffix(": ")
    return f"{which} failed: {reason}"


def clearAway(reactor: Any) -> None:
    """Give back what a start that failed has taken: ports, and files of UNIX sockets."""
    reactor.fireSystemEvent("shutdown")
