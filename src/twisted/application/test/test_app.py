"""What the commands are made of, without processes: the log, profilers, debugging, the end."""

from __future__ import annotations

import io
import os
import pdb  # noqa: T100  # what is tested changes it
import shutil
import sys
import syslog
from typing import Any

from twisted import logger
from twisted.application import app, service
from twisted.application.app import _log, _running
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactor, MemoryReactorClock
from twisted.python import log
from twisted.trial import unittest


def options(**given: Any) -> dict[str, Any]:
    """The options that matter here, as if nothing but these was said."""
    return {"nodaemon": True, "profiler": "cprofile", "profile": None, "debug": False, **given}


class AppLoggerTests(unittest.SynchronousTestCase):
    """Where the log goes."""

    def setUp(self) -> None:
        self.began: list[Any] = []
        self.patch(logger, "globalLogBeginner", self)
        self.application: Any = service.Application("some")

    def beginLoggingTo(self, observers: list[Any]) -> None:
        self.began.extend(observers)
        for observer in observers:
            logger.globalLogPublisher.addObserver(observer)
            self.addCleanup(logger.globalLogPublisher.removeObserver, observer)

    def start(self, **given: Any) -> app.AppLogger:
        one = app.AppLogger(options(**given))
        one.start(self.application)
        return one

    def test_standardOutput(self) -> None:
        """In the foreground; what runs is said first, and in the end that it was the end."""
        output = io.StringIO()
        self.patch(sys, "stdout", output)
        one = self.start()
        one.stop()
        self.assertRegex(output.getvalue(), r"starting up\.\n.*reactor class: .*\n.*Shut Down\.\n$")
        logger.Logger().info("later")
        self.assertNotIn("later", output.getvalue())

    def test_file(self) -> None:
        path = self.mktemp()
        self.start(logfile=path).stop()
        with open(path) as file:
            self.assertIn("starting up", file.read())

    def test_components(self) -> None:
        """Observers of both kinds; that of today's is the stronger."""
        old: list[Any] = []
        new: list[Any] = []
        self.application.setComponent(log.ILogObserver, old.append)
        self.start().stop()
        self.assertEqual(old[0]["isError"], 0)
        count = len(old)
        self.application.setComponent(logger.ILogObserver, new.append)
        self.start().stop()
        self.assertEqual(len(old), count)
        self.assertIn("log_format", new[0])

    def test_named(self) -> None:
        """A function by its name is before them."""
        self.application.setComponent(logger.ILogObserver, self.fail)
        self.start(logger=f"{__name__}.makeObserver").stop()
        self.assertIn("starting up", SEEN.pop(0)["log_format"])
        error = self.assertRaises(SystemExit, app.AppLogger, options(logger="no.such.name"))
        self.assertIn("'no.such.name' cannot be had", str(error))

    def test_syslog(self) -> None:
        entries: list[Any] = []
        opened: list[Any] = []
        observer = "twisted.python.syslog.SyslogObserver"
        module = __import__("twisted.python.syslog", fromlist=["SyslogObserver"])
        self.patch(module.SyslogObserver, "openlog", staticmethod(lambda *a: opened.append(a)))
        self.patch(module.SyslogObserver, "syslog", staticmethod(lambda *a: entries.append(a)))
        self.start(syslog=True, prefix="shop").stop()
        self.assertEqual(opened[0][0], "shop", observer)
        self.assertIn("starting up", entries[0][1])

    def test_daemon(self) -> None:
        """A daemon has no standard output, and cannot log into a folder that is not there."""
        for file, expected in (("-", "add --nodaemon"), ("/no/such/folder", "cannot be opened")):
            error = self.assertRaises(SystemExit, self.start, nodaemon=False, logfile=file)
            self.assertIn(expected, str(error))


SEEN: list[Any] = []


def makeObserver() -> Any:
    """What `--logger` names."""
    return SEEN.append


class InsistentTests(unittest.SynchronousTestCase):
    """An observer that cannot write."""

    def test_once(self) -> None:
        """It is said once: on standard error, and for a daemon in the system's log too."""
        for daemon in (False, True):
            told: list[Any] = []
            stderr = io.StringIO()
            self.patch(sys, "__stderr__", stderr)
            self.patch(syslog, "syslog", lambda *entry, told=told: told.append(entry))

            def full(event: Any) -> None:
                raise OSError(28, "No space left on device")

            observer = _log.Insistent(full, daemon)
            observer({})
            observer({})
            self.assertEqual(stderr.getvalue().count("No space left on device\n"), 1)
            self.assertEqual(len(told), daemon)


class PlacedLogFileTests(unittest.SynchronousTestCase):
    """A log file that somebody removes."""

    def test_removed(self) -> None:
        """It is made anew within a second; if its folder is gone too, that is an error."""
        folder, now = self.mktemp(), [0.0]
        os.mkdir(folder)
        file = _log.PlacedLogFile("some.log", folder)
        self.addCleanup(file.close)
        self.patch(file, "_clock", lambda: now[0])
        file.write("first\n")
        os.unlink(file.path)
        file.write("lost\n")
        now[0] += _log.LOOK
        file.write("second\n")
        with open(file.path) as log:
            self.assertEqual(log.read(), "second\n")
        shutil.rmtree(folder)
        for _ in range(2):
            now[0] += _log.LOOK
            self.assertRaises(FileNotFoundError, file.write, "in vain\n")
            file.write("in vain\n")
        os.mkdir(folder)
        now[0] += _log.LOOK
        file.write("third\n")
        with open(file.path) as log:
            self.assertEqual(log.read(), "third\n")

    def test_moved(self) -> None:
        """One that has another name goes on: whoever moved it will say when to begin anew."""
        path = self.mktemp()
        file = _log.PlacedLogFile.fromFullPath(path)
        self.addCleanup(file.close)
        os.rename(path, f"{path}.old")
        self.patch(_log, "LOOK", 0.0)
        file.write("still\n")
        self.assertFalse(os.path.exists(path))
        with open(f"{path}.old") as log:
            self.assertEqual(log.read(), "still\n")


class ReactorTests(unittest.SynchronousTestCase):
    """Running the reactor."""

    def run_(self, reactor: Any, **given: Any) -> str:
        """Run a reactor; what is on standard error."""
        stderr = io.StringIO()
        config = options(**given)
        app.runReactorWithLogging(config, sys.stdout, stderr, app.AppProfiler(config), reactor)
        return stderr.getvalue()

    def test_plain(self) -> None:
        reactor = MemoryReactor()
        self.run_(reactor)
        self.assertTrue(reactor.hasRun)

    def test_profiled(self) -> None:
        for profiler in ("cprofile", "profile"):
            reactor, path = MemoryReactor(), self.mktemp()
            self.run_(reactor, profile=path, profiler=profiler)
            self.assertTrue(reactor.hasRun)
            with open(path) as figures:
                self.assertIn("function calls", figures.read())
        error = self.assertRaises(SystemExit, app.AppProfiler, options(profiler="hotshot"))
        self.assertIn("no profiler 'hotshot', but profile, cprofile", str(error))

    def test_fails(self) -> None:
        """A traceback: on standard error, or in a file."""

        class Failing:
            def run(self) -> None:
                raise ZeroDivisionError("no")

        stderr = io.StringIO()
        for nodaemon in (True, False):
            config = options(nodaemon=nodaemon)
            path = self.mktemp()
            self.patch(_running, "CRASH_LOG", path)
            error = self.assertRaises(
                SystemExit, app.runReactorWithLogging, config, stderr, stderr, None, Failing()
            )
            self.assertEqual(error.code, 1)
            self.assertEqual(os.path.exists(path), not nodaemon)
        self.assertEqual(stderr.getvalue().count("ZeroDivisionError: no"), 1)

    def test_debugger(self) -> None:
        """The debugger knows how to stop the reactor."""
        self.patch(pdb, "Pdb", type("Pdb", (pdb.Pdb,), {}))
        app.fixPdb()
        reactor = MemoryReactorClock()
        self.patch(_running, "installedReactor", lambda: reactor)
        debugger: Any = pdb.Pdb()
        debugger.reset()
        self.assertTrue(debugger.do_stop(""))
        self.assertTrue(debugger.do_q(""))
        self.assertFalse(debugger.quitting)
        self.assertEqual(len(reactor.getDelayedCalls()), 2)


class StoppingTests(unittest.SynchronousTestCase):
    """The end of services, within a time."""

    def test_inTime(self) -> None:
        clock, root, ending = Clock(), service.Service(), Deferred[None]()
        root.stopService = lambda: ending  # type: ignore[method-assign]  # a service of its own kind
        stopped = _running.stopInTime(clock, root, 5)
        clock.advance(4)
        self.assertNoResult(stopped)
        ending.callback(None)
        self.successResultOf(stopped)
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_late(self) -> None:
        clock, root, ending = Clock(), service.Service(), Deferred[None]()
        root.setName("slow")
        root.stopService = lambda: ending  # type: ignore[method-assign]  # a service of its own kind
        said: list[Any] = []
        logger.globalLogPublisher.addObserver(said.append)
        self.addCleanup(logger.globalLogPublisher.removeObserver, said.append)
        stopped = _running.stopInTime(clock, root, 5)
        clock.advance(5)
        self.successResultOf(stopped)
        self.assertEqual(said[-1]["still"], "'slow' (Service)")
        # That it stops at last is of no interest.
        ending.callback(None)

    def test_fails(self) -> None:
        """That is logged, and the end all the same."""
        clock, root = Clock(), service.Service()
        root.stopService = lambda: fail(OSError())  # type: ignore[method-assign]  # as above
        self.successResultOf(_running.stopInTime(clock, root, 5))
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)


class WordsTests(unittest.SynchronousTestCase):
    """Why something could not start, in one line."""

    def test_words(self) -> None:
        listen = CannotListenError("", 80, OSError(13, "Permission denied"))
        listen.add_note(f"{service.BLAME}'web' (TCPServer)")
        self.assertEqual(
            _running.whyNotStarted(listen),
            "starting the service 'web' (TCPServer) failed: "
            "Couldn't listen on any:80: [Errno 13] Permission denied",
        )
        self.assertEqual(
            _running.whyNotStarted(KeyError("a\nb")),
            "starting the application failed: KeyError: 'a\\nb'",
        )
        self.assertEqual(
            _running.whyNotStarted(ValueError()),
            "starting the application failed: ValueError",
        )
