"""Where the log of an application goes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted import logger
from twisted._version import __version__
from twisted.application._options import programName
from twisted.internet._reactor import installedReactor
from twisted.python import log, logfile
from twisted.python.reflect import namedAny, namedModule, qual

__name__ = "twisted.application.app"  # the public path, for pickles and messages

#: Where a daemon logs if nobody says otherwise.
DEFAULT_LOG = "twistd.log"

#: Seconds after which the file of a log is looked for again: short for somebody who removed it,
#: long for a program that logs a thousand lines in a second.
LOOK = 1.0

Observer = Callable[[dict[str, Any]], object]


class AppLogger:
    """Begins and ends the log of an application.

    It goes to the observer that ``--logger`` makes, or to the component `ILogObserver` of the
    application (that of `twisted.logger` or of `twisted.python.log`), or to the system's log for
    ``--syslog``, or else to the file of ``--logfile``: by default ``twistd.log`` for a daemon and
    standard output otherwise.  SIGUSR1 begins the file anew.

    Args:
        options: of `ServerOptions`.
    """

    _log = logger.Logger(namespace=__name__)

    def __init__(self, options: Any) -> None:
        self._syslog = options.get("syslog", False)
        self._prefix = options.get("prefix", "twisted")
        self._daemon = not options.get("nodaemon", True)
        self._file = options.get("logfile") or ""
        self._factory: Callable[[], Observer] | None = None
        self._observer: Observer | None = None
        name = options.get("logger")
        if name:
            self._factory = self._named(name)

    def _named(self, name: str) -> Callable[[], Observer]:
        try:
            found: Callable[[], Observer] = namedAny(name)
        except Exception as problem:
            raise SystemExit(f"{programName()}: the logger {name!r} cannot be had: {problem}")
        return found

    def start(self, application: Any) -> None:
        """Begin to log; the first lines say what runs.

        Args:
            application: may have a component `ILogObserver`.

        Raises:
            SystemExit: the log cannot be opened; the text says why.
        """
        observer = self._chosen(application)
        if not logger.ILogObserver.providedBy(observer):
            observer = logger.LegacyLogObserverWrapper(observer)
        self._observer = Insistent(observer, self._daemon)
        logger.globalLogBeginner.beginLoggingTo([self._observer])
        self._log.info(
            "{program} {version} ({executable} {python}) starting up.",
            program=programName(),
            version=__version__.short(),
            executable=sys.executable,
            python=".".join(map(str, sys.version_info[:3])),
        )
        self._log.info("reactor class: {reactor}.", reactor=qual(type(installedReactor())))

    def stop(self) -> None:
        """Log no more."""
        self._log.info("Server Shut Down.")
        observer, self._observer = self._observer, None
        if observer is not None:
            logger.globalLogPublisher.removeObserver(observer)

    def _chosen(self, application: Any) -> Any:
        if self._factory is not None:
            return self._factory()
        for interface in (logger.ILogObserver, log.ILogObserver):
            component: Any = interface(application, None)
            if component is not None:
                return component
        return self._usual()

    def _usual(self) -> Any:
        """The observer that the options ask for."""
        if self._syslog:
            # Not every platform has one.
            return namedAny("twisted.python.syslog.SyslogObserver")(self._prefix).emit
        if self._file == "-" or (not self._file and not self._daemon):
            if self._daemon:
                raise SystemExit(
                    f"{programName()}: a daemon has no standard output to log to: add --nodaemon"
                )
            return logger.textFileLogObserver(sys.stdout)
        path = self._file or DEFAULT_LOG
        try:
            file = PlacedLogFile.fromFullPath(path)
        except OSError as problem:
            raise SystemExit(
                f"{programName()}: the log {path} cannot be opened: {problem.strerror}"
            )
        self._rotateOnSignal(file)
        return logger.textFileLogObserver(file)

    def _rotateOnSignal(self, file: logfile.LogFile) -> None:
        number = getattr(signal, "SIGUSR1", None)
        # A program that has its own use for the signal keeps it.
        if number is None or signal.getsignal(number) != signal.SIG_DFL:
            return

        def rotate(number: int, frame: object) -> None:
            # Python calls this between two of its own instructions, but a line may be half written.
            installedReactor().callFromThread(file.rotate)

        signal.signal(number, rotate)


class PlacedLogFile(logfile.LogFile):
    """A log file that is looked for now and then.

    To write to one that has been removed goes well, and is in vain: it is made anew, or it is an
    error if that cannot be done.
    """

    _clock = staticmethod(time.monotonic)
    _lookAt = 0.0

    def shouldRotate(self) -> bool:
        """Whether the file is as long as it may be.

        Raises:
            OSError: it has been removed, and cannot be made anew: its folder is gone, too.
        """
        now = self._clock()
        if now >= self._lookAt:
            self._lookAt = now + LOOK
            # Not by its path, which may mean nothing after `chroot`: by its number of names.
            if not os.fstat(self._file.fileno()).st_nlink:
                self.reopen()
        return super().shouldRotate()


@implementer(logger.ILogObserver)
class Insistent:
    """Goes on though the log cannot be written, and says so once where somebody may see it.

    Args:
        observer: writes the log.
        daemon: whether standard error goes nowhere, so that the system's log has to do.
    """

    def __init__(self, observer: Observer, daemon: bool) -> None:
        self._observer = observer
        self._daemon = daemon
        self._saidSo = False

    def __call__(self, event: dict[str, Any]) -> None:
        """Write an event, if that can be done."""
        try:
            self._observer(event)
        except OSError as problem:
            if not self._saidSo:
                self._saidSo = True
                self._say(f"The log cannot be written, and entries are lost: {problem}")

    def _say(self, text: str) -> None:
        if self._daemon:
            syslog = namedModule("syslog")
            syslog.syslog(syslog.LOG_ERR, f"{programName()}: {text}")
        if sys.__stderr__ is not None:
            sys.__stderr__.write(f"{programName()}: {text}\n")
            sys.__stderr__.flush()
