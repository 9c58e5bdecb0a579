"""Daemons: started, stopped, killed, refused; what the shell sees, and what they leave."""

from __future__ import annotations

import os
import re
import signal
import stat

from twisted.application.test._daemons import ECHO, NOISY, DaemonCase
from twisted.trial import unittest

_NOBODY = "nobody"


class DaemonTests(DaemonCase):
    """In the background."""

    def test_lifecycle(self) -> None:
        """It serves, its pid file names it, and SIGTERM ends it and leaves nothing but the log."""
        self.write("echo.tac", ECHO)
        pid = self.daemon("-y", "echo.tac")
        self.assertNotEqual(pid, os.getpid())
        self.assertEqual(self.ask(self.port(), b"hello"), b"hello")
        self.assertEqual(sorted(os.listdir(self.folder)), ["echo.tac", "twistd.log", "twistd.pid"])
        self.stop(pid)
        self.assertEqual(sorted(os.listdir(self.folder)), ["echo.tac", "twistd.log"])
        log = self.read("twistd.log")
        self.assertIn("starting up", log)
        self.assertIn("reactor class: twisted.internet.", log)
        self.assertIn("Received SIGTERM", log)
        self.assertIn("Server Shut Down", log)

    def test_umask(self) -> None:
        """What a daemon writes is its user's alone, unless a mask is given."""
        self.write("echo.tac", ECHO)
        for arguments, mode in (([], 0o600), (["--umask", "027"], 0o640)):
            pid = self.daemon("-y", "echo.tac", *arguments)
            status = os.stat(self.path("twistd.pid"))
            self.assertEqual(stat.S_IMODE(status.st_mode), mode)
            self.stop(pid)

    def test_session(self) -> None:
        """It has no terminal, is in a session of its own, and its standard files are null."""
        self.write(
            "echo.tac",
            ECHO + "from twisted.internet import reactor\nimport os\n"
            "reactor.callWhenRunning(lambda: print('session', os.getsid(0) == os.getpid(),"
            " os.getppid(), [os.readlink(f'/proc/self/fd/{n}') for n in range(3)]))\n",
        )
        if not os.path.exists("/proc/self/fd"):
            raise unittest.SkipTest("there is no /proc here")
        pid = self.daemon("-y", "echo.tac")
        self.stop(pid)
        self.assertIn(
            "session False", self.read("twistd.log"), "one that leads a session may get a terminal"
        )
        self.assertIn("['/dev/null', '/dev/null', '/dev/null']", self.read("twistd.log"))

    def test_twice(self) -> None:
        """A second one is refused, and the first goes on."""
        self.write("echo.tac", ECHO)
        pid = self.daemon("-y", "echo.tac")
        self.assertIn(f"names process {pid}", self.refused("-y", "echo.tac"))
        self.assertEqual(self.ask(self.port(), b"still"), b"still")
        self.stop(pid)

    def test_killed(self) -> None:
        """One that was killed does not stand in the way of the next."""
        self.write("echo.tac", ECHO)
        first = self.daemon("-y", "echo.tac")
        self.stop(first, signal.SIGKILL)
        self.assertEqual(int(self.read("twistd.pid")), first)
        second = self.daemon("-y", "echo.tac")
        self.assertNotEqual(second, first)
        self.stop(second)

    def test_cannotListen(self) -> None:
        """The shell hears from the daemon which service could not start, and why."""
        other = self.write("echo.tac", ECHO)
        pid = self.daemon("-y", other)
        tcp = (
            "from twisted.application import service, internet\n"
            "from twisted.internet import protocol\n"
            "application = service.Application('web')\n"
            f"web = internet.TCPServer({self.port()}, protocol.Factory(), interface='127.0.0.1')\n"
            "web.setName('front')\n"
            "web.setServiceParent(application)\n"
        )
        self.write("web.tac", tcp)
        for more in ([], ["-n"]):
            said = self.refused("-y", "web.tac", "--pidfile", "web.pid", "-l", "web.log", *more)
            self.assertIn("'front' (TCPServer)", said)
            self.assertIn("Address already in use", said)
            self.assertFalse(os.path.exists(self.path("web.pid")))
            self.assertIn("'front' (TCPServer)", self.read("web.log"))
        self.stop(pid)

    def test_failsStrangely(self) -> None:
        """What nobody expects is said in one line as well; the traceback is in the log."""
        self.write(
            "odd.tac",
            "from twisted.application import service\n"
            "class Odd(service.Service):\n"
            "    def startService(self):\n        1 / 0\n"
            "application = service.Application('odd')\n"
            "Odd().setServiceParent(application)\n",
        )
        said = self.refused("-y", "odd.tac")
        self.assertEqual(
            said, "twistd: starting the service Odd failed: ZeroDivisionError: division by zero"
        )
        self.assertIn("in startService", self.read("twistd.log"))

    def test_name(self) -> None:
        """The process takes the name that the application asks for, unless that is not wished."""
        if not os.path.exists("/proc/self/comm"):
            raise unittest.SkipTest("processes have no names of their own here")
        self.write(
            "noisy.tac",
            NOISY.format(extra="") + "service.IProcess(application).processName = 'frog'\n",
        )
        for options, isTaken in (([], True), (["--originalname"], False)):
            pid = self.daemon("-y", "noisy.tac", *options)
            with open(f"/proc/{pid}/comm") as comm:
                taken = comm.read()
            self.stop(pid)
            self.assertEqual(taken == "frog\n", isTaken, taken)

    def test_dies(self) -> None:
        """A daemon that dies while it starts does not let the shell believe that all is well."""
        self.write(
            "dead.tac",
            "import os\n"
            + NOISY.format(extra="")
            + "Noisy.startService = lambda self: os._exit(7)",
        )
        self.assertIn("ended while it was starting", self.refused("-y", "dead.tac"))

    def test_order(self) -> None:
        """Started in order, privileges first; stopped in reverse."""
        self.write("noisy.tac", NOISY.format(extra=""))
        self.stop(self.daemon("-y", "noisy.tac"))
        said = re.findall(r"\] (privileged|start|stop) (\w+)", self.read("twistd.log"))
        self.assertEqual(
            said,
            [
                ("privileged", "first"),
                ("privileged", "second"),
                ("start", "first"),
                ("start", "second"),
                ("stop", "second"),
                ("stop", "first"),
            ],
        )

    def test_rotate(self) -> None:
        """SIGUSR1 begins the log anew."""
        self.write(
            "tell.tac",
            ECHO + "from twisted.internet import reactor\nfrom twisted.python import logfile\n"
            "rotate = logfile.LogFile.rotate\n"
            "def told(self):\n    rotate(self)\n    print('anew')\n    reactor.stop()\n"
            "logfile.LogFile.rotate = told\n",
        )
        pid = self.daemon("-y", "tell.tac", "-l", "some.log")
        self.stop(pid, signal.SIGUSR1)
        self.assertIn("starting up", self.read("some.log.1"))
        self.assertIn("anew", self.read("some.log"))

    def test_paths(self) -> None:
        """Log and pid file are where the shell was, whatever the directory to run in."""
        os.mkdir(self.path("there"))
        self.write(
            "noisy.tac",
            NOISY.format(extra="") + "import atexit\n"
            "atexit.register(lambda: open('here', 'w').close())\n",
        )
        self.stop(self.daemon("-y", "noisy.tac", "--rundir", "there"))
        self.assertEqual(os.listdir(self.path("there")), ["here"])
        self.assertIn("Shut Down", self.read("twistd.log"))


class GraceTests(DaemonCase):
    """Services that take their time to stop."""

    SLOW = (
        NOISY.format(extra="")
        + "reactor.callWhenRunning(print, 'running')\n"
        + "Noisy.stopService = lambda self: (print('asked', self.name), defer.Deferred())[1]\n"
    )

    def test_deadline(self) -> None:
        """One that never stops is given up, by name, and the process ends in good order."""
        self.write("slow.tac", self.SLOW)
        self.stop(self.daemon("-y", "slow.tac", "--grace", "0"))
        self.assertIn(
            "Not stopped after 0.0 seconds: 'first' (Noisy), 'second' (Noisy)",
            self.read("twistd.log"),
        )
        self.assertFalse(os.path.exists(self.path("twistd.pid")))

    def test_second(self) -> None:
        """A second signal does not wait."""
        self.write("slow.tac", self.SLOW)
        program = self.foreground("-ny", "slow.tac", "--grace", "1000")
        program.until("running")
        program.process.send_signal(signal.SIGINT)
        program.until("asked first")
        status, err = program.end(signal.SIGTERM)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("not waiting any longer", program.said)

    def test_wrong(self) -> None:
        """Not a time."""
        self.assertIn("--grace cannot be '-1'", self.refused("--grace", "-1", "-y", "slow.tac"))


class ForegroundTests(DaemonCase):
    """With --nodaemon."""

    def test_serves(self) -> None:
        """It logs to standard output, has a pid file, and an interrupt ends it."""
        self.write("echo.tac", ECHO)
        program = self.foreground("-noy", "echo.tac")
        port = int(program.until(r"starting on (\d+)")[1])
        self.assertEqual(self.ask(port, b"hello"), b"hello")
        self.assertEqual(int(self.read("twistd.pid")), program.process.pid)
        self.assertEqual(program.end(signal.SIGINT), (0, ""))
        self.assertEqual(os.listdir(self.folder), ["echo.tac"])
        self.assertIn("Received SIGINT", program.said)

    def test_noPidFile(self) -> None:
        """An empty name is none."""
        self.write("echo.tac", ECHO)
        program = self.foreground("-ny", "echo.tac", "--pidfile=")
        program.until("Running as process")
        self.assertEqual(os.listdir(self.folder), ["echo.tac"])
        program.end(signal.SIGTERM)

    def test_logger(self) -> None:
        """--logger names what makes the observer."""
        self.write("echo.tac", ECHO)
        self.write(
            "observing.py",
            "def make():\n    return lambda event: print('seen', event['log_namespace'],"
            " file=__import__('sys').__stdout__, flush=True)\n",
        )
        program = self.foreground("-ny", "echo.tac", "--logger", "observing.make")
        # A user's own modules are found in the working directory, but not root's.
        if os.geteuid() == 0:
            status, err = program.end()
            self.assertEqual(status, 1)
            self.assertIn("observing.make", err)
        else:
            program.until("seen twisted.internet")
            program.end(signal.SIGTERM)

    def test_component(self) -> None:
        """An application may bring its own log, as in chapter 4.6.3."""
        self.write(
            "own.tac",
            ECHO
            + "from twisted.python.log import ILogObserver, FileLogObserver\n"
            + "from twisted.python.logfile import DailyLogFile\n"
            + "application.setComponent(ILogObserver,"
            + " FileLogObserver(DailyLogFile('my.log', '.')).emit)\n",
        )
        self.stop(self.daemon("-y", "own.tac"))
        self.assertIn("Server Shut Down", self.read("my.log"))
        self.assertFalse(os.path.exists(self.path("twistd.log")))

    def test_profile(self) -> None:
        """The profiler's figures are in the file."""
        self.write(
            "echo.tac",
            ECHO + "from twisted.internet import reactor\nreactor.callWhenRunning(reactor.stop)\n",
        )
        for profiler in ("cprofile", "profile"):
            arguments = ("-ny", "echo.tac", "-p", "figures", "--profiler", profiler)
            self.assertEqual(self.run_("twistd", *arguments).returncode, 0)
            self.assertIn("function calls", self.read("figures"))
            self.assertEqual(self.run_("twistd", *arguments, "--savestats").returncode, 0)
            with open(self.path("figures"), "rb") as figures:
                self.assertNotIn(b"function calls", figures.read())
        said = self.refused("-ny", "echo.tac", "-p", "figures", "--profiler", "hotshot")
        self.assertIn("no profiler 'hotshot'", said)

    def test_debug(self) -> None:
        """In the debugger from the start, and again by SIGUSR2; it ends in good order."""
        self.write("noisy.tac", NOISY.format(extra=""))
        program = self.foreground("--debug", "-oy", "noisy.tac")
        program.until(r"^> .*\brun\(\)")
        program.type("continue")
        program.until("Running as process")
        program.process.send_signal(signal.SIGUSR2)
        program.until(r"^(\(Pdb\) )?> ")
        program.type("quit")
        self.assertEqual(program.end(), (0, ""))
        self.assertIn("stop first", program.said)

    def test_spew(self) -> None:
        """Every call is shown."""
        self.write("quick.tac", NOISY.format(extra="") + "reactor.callWhenRunning(reactor.stop)\n")
        done = self.run_("twistd", "--spew", "-noy", "quick.tac")
        self.assertEqual(done.returncode, 0)
        self.assertTrue("method startService of " in done.stdout, "nothing was shown of it")

    def test_reactor(self) -> None:
        """--reactor chooses one, by its name."""
        self.write("echo.tac", ECHO)
        program = self.foreground("--reactor", "select", "-ny", "echo.tac")
        program.until("reactor class: twisted.internet.selectreactor.SelectReactor")
        program.until("Running as process")
        program.end(signal.SIGTERM)
        self.assertIn("no reactor 'none'", self.refused("--reactor", "none", "-ny", "echo.tac"))


class LogTests(DaemonCase):
    """Logs that cannot be written."""

    def test_full(self) -> None:
        """A full disk: it goes on, and says so once."""
        if not os.path.exists("/dev/full"):
            raise unittest.SkipTest("there is no /dev/full here")
        self.write(
            "echo.tac",
            ECHO + "import sys\nfrom twisted.internet import reactor\n"
            "reactor.callWhenRunning(lambda: print('one', file=sys.__stdout__, flush=True))\n",
        )
        program = self.foreground("-ny", "echo.tac", "-l", "/dev/full")
        program.until("one")
        status, err = program.end(signal.SIGTERM)
        self.assertEqual(status, 0)
        self.assertEqual(err.count("The log cannot be written"), 1)
        self.assertIn("No space left", err)

    def test_noFolder(self) -> None:
        """A folder that is not there is an error before anything runs."""
        self.write("echo.tac", ECHO)
        said = self.refused("-y", "echo.tac", "-l", "nowhere/some.log")
        self.assertIn("nowhere/some.log cannot be opened: No such file", said)

    def test_folderGoes(self) -> None:
        """A folder that goes while it runs: it goes on."""
        self.write("echo.tac", ECHO)
        os.mkdir(self.path("logs"))
        pid = self.daemon("-y", "echo.tac", "-l", "logs/some.log")
        port = self.port("logs/some.log")
        os.unlink(self.path("logs/some.log"))
        os.rmdir(self.path("logs"))
        self.assertEqual(self.ask(port, b"hello"), b"hello")
        os.kill(pid, signal.SIGUSR1)
        self.assertEqual(self.ask(port, b"hello"), b"hello")
        self.stop(pid)

    def test_folderGoesAndComes(self) -> None:
        """It is said once, and the log goes on when it can."""
        self.write(
            "gone.tac",
            ECHO + "import os, shutil\nfrom twisted.application.app import _log\n"
            "from twisted.internet import reactor\n_log.LOOK = 0.0\ndef go():\n"
            "    shutil.rmtree('logs')\n    print('one')\n    print('two')\n"
            "    os.mkdir('logs')\n    print('three')\n    reactor.stop()\n"
            "reactor.callWhenRunning(go)\n",
        )
        os.mkdir(self.path("logs"))
        done = self.run_("twistd", "-ny", "gone.tac", "-l", "logs/some.log")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertRegex(done.stderr, "^twistd: The log cannot be written.*No such file")
        self.assertRegex(self.read("logs/some.log"), "^.* three\n")

    def test_daemonToStandardOutput(self) -> None:
        """A daemon has none."""
        self.write("echo.tac", ECHO)
        self.assertIn("add --nodaemon", self.refused("-y", "echo.tac", "-l", "-"))


class TacTests(DaemonCase):
    """Files that are not what they should be: one clear sentence each."""

    def test_bad(self) -> None:
        cases = {
            "x = (\n": r"bad\.tac:1: .*never closed: x = \($",
            "def f():\nreturn\n": r"bad\.tac:2: expected an indented block",
            "x = 1\n": r"bad\.tac: nothing is called application in it",
            "application = 5\n": r"bad\.tac: the variable application is 5, which is no",
            "import nosuch\n": r"bad\.tac:1: ModuleNotFoundError: No module named 'nosuch'",
            "\n\n{}['a']\n": r"bad\.tac:3: KeyError: 'a'",
            "from twisted.application import service\n"
            "application = service.Application('one')\n"
            "application = service.Application('two')\n": (
                r"bad\.tac:3: this is a second application, the first one is on line 2"
            ),
        }
        for text, expected in cases.items():
            self.write("bad.tac", text)
            self.assertRegex(self.refused("-y", "bad.tac"), expected)
        self.assertRegex(self.refused("-ny", "bad.tac"), expected)

    def test_missing(self) -> None:
        self.assertIn("nosuch.tac: No such file", self.refused("-y", "nosuch.tac"))
        self.assertIn("twistd.tap: No such file", self.refused("-n"))
