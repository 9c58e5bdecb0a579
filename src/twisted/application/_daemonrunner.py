"""An application as a process of its own: what `twistd` does when its command line is read."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

from twisted.application import app, service
from twisted.application._daemon import Daemon, daemonize
from twisted.application._options import programName
from twisted.application._pidfile import PidFile, PidFileError
from twisted.application._privileges import CannotBecome, shed
from twisted.application.app._running import clearAway, whyNotStarted
from twisted.internet._reactor import installedReactor
from twisted.internet.error import BindError
from twisted.internet.interfaces import IReactorDaemonize
from twisted.logger import Logger
from twisted.python.reflect import requireModule

_log = Logger(namespace="twisted.scripts.twistd")

#: What a daemon's files can be read and written by: its user alone.
DAEMON_UMASK = 0o077

#: Modules that are loaded when they are used, and those without which they are not.  After
#: `chroot`, and for a user who may not read the interpreter's files, that would be too late.
_LATE = {
    "encodings.ascii": None,
    "encodings.latin_1": None,
    "encodings.idna": None,  # names of hosts that are text
    "encodings.punycode": None,
    "idna": None,
    "subprocess": None,  # spawnProcess
    "syslog": None,
    "twisted.internet._asyncioloop": "asyncio",
    "twisted.internet._asynciotasks": "asyncio",
    "twisted.internet._tls._openssl": "OpenSSL",
    "twisted.internet._tls._stdlib": "ssl",
    "argon2": "twisted.cred.checkers",
    "bcrypt": "twisted.cred.checkers",
}


class UnixApplicationRunner(app.ApplicationRunner):
    """Runs an application as a process of its own, the way daemons are run."""

    _daemon: Daemon | None = None
    _pidFile: PidFile | None = None

    def preApplication(self) -> None:
        """Make sure that it does not run already."""
        self._oldstdout, self._oldstderr = sys.stdout, sys.stderr
        if self.config["pidfile"]:
            try:
                self._pidFile = PidFile(self.config["pidfile"])
                self._pidFile.check()
            except PidFileError as problem:
                raise SystemExit(f"{programName()}: {problem}")

    def postApplication(self) -> None:
        """Become what the process is to be, start the services, and run until they stop.

        Raises:
            SystemExit: it could not start.
        """
        try:
            self.setupEnvironment()
            self.startApplication(self.application)
        except Exception as problem:  # of anybody's service
            self._giveUp(problem)
        if self._daemon is not None:
            # When signals are heard: the shell may send one at once.
            installedReactor().callWhenRunning(self._daemon.started)
        try:
            self.startReactor(None, self._oldstdout, self._oldstderr)
        finally:
            self._removePidFile()

    def setupEnvironment(self) -> None:
        """The process's root, directory, mask and session, its pid file and its name."""
        config = self.config
        if not config["nodaemon"]:
            self._becomeDaemon()
        if config["chroot"] is not None:
            _loadBeforehand()
            os.chroot(config["chroot"])
            if config["rundir"] == ".":
                config["rundir"] = "/"
        os.chdir(config["rundir"])
        umask = config["umask"]
        if umask is None and not config["nodaemon"]:
            umask = DAEMON_UMASK
        if umask is not None:
            os.umask(umask)
        if self._pidFile is not None:
            self._pidFile.write()
        if not config["originalname"]:
            self._takeName(self._process.processName)

    def _becomeDaemon(self) -> None:
        reactor = installedReactor()
        special = IReactorDaemonize.providedBy(reactor)
        if special:
            reactor.beforeDaemonize()
        self._daemon = daemonize(programName())
        if special:
            reactor.afterDaemonize()

    @property
    def _process(self) -> Any:
        """Who the application wants to be; nobody else, if it does not say."""
        return service.IProcess(self.application, service.Process())

    def _takeName(self, name: str | None) -> None:
        if name:
            # Linux shows it in ps and top; elsewhere there is no such file.
            with suppress(OSError), open("/proc/self/comm", "w") as comm:
                comm.write(name)

    def startApplication(self, application: Any) -> None:
        """Start its services: what needs privileges, then what does not."""
        process = self._process
        service.IService(application).privilegedStartService()
        asked = (self.config["uid"], self.config["gid"])
        its = (process.uid, process.gid)
        # What the command line says goes before what the application says; 0 is root, and said.
        uid, gid = (b if a is None else a for a, b in zip(asked, its, strict=True))
        if (uid, gid) != (None, None):
            _loadBeforehand()
        shed(uid, gid, bool(self.config["euid"]))
        save = not self.config["no_save"]
        app.startApplication(application, save, self.config["grace"], self.passphrase)

    def _giveUp(self, problem: Exception) -> None:
        reason = whyNotStarted(problem)
        if isinstance(problem, (OSError, BindError, PidFileError, CannotBecome)):
            _log.critical("{reason}", reason=reason)
        else:
            _log.failure("{reason}", reason=reason)
        clearAway(installedReactor())
        self._removePidFile()
        self.logger.stop()
        if self._daemon is not None:
            self._daemon.failed(reason)
            raise SystemExit(1)
        self._oldstderr.write(f"{programName()}: {reason}\n")
        raise SystemExit(1)

    def _removePidFile(self) -> None:
        if self._pidFile is not None:
            try:
                self._pidFile.remove()
            except OSError as problem:
                _log.warn(
                    "The pid file {path} stays, and will be found to be stale: {reason}",
                    path=self._pidFile.path,
                    reason=problem.strerror,
                )


def _loadBeforehand() -> None:
    """Load what cannot be loaded any more when the process is somebody else, or elsewhere."""
    for name, user in _LATE.items():
        if user is None or user in sys.modules:
            requireModule(name)
