"""Subcommands by plugins, old and new; the options around them; completion; `twist`."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import Any

from twisted.application import _commands, _tml, app, reactors, service
from twisted.application.test._daemons import ECHO, PATIENCE, DaemonCase
from twisted.persisted import sob
from twisted.python import usage
from twisted.scripts.twist import TwistOptions
from twisted.scripts.twistd import ServerOptions
from twisted.test._source import ROOT
from twisted.trial import unittest

#: A plugin as in chapter 4.3.4, for a module `answering` beside it.
PLUGIN = """
from zope.interface import implementer
from twisted.application import internet
from twisted.application.service import IServiceMaker
from twisted.plugin import IPlugin
from twisted.persisted import sob
from twisted.python import usage
from answering import makeFactory

open(__file__ + ".imported", "w").close()

class Options(usage.Options):
    optParameters = [["port", "p", 0, "The port number to listen on.", usage.portCoerce]]

@implementer(IServiceMaker, IPlugin)
class MyServiceMaker:
    tapname = "answering"
    description = "Run this! It'll make your dog happy."
    options = Options

    def makeService(self, options):
        if options["port"] == 13:
            raise usage.UsageError("that port brings bad luck")
        return internet.TCPServer(options["port"], makeFactory(), interface="127.0.0.1")

serviceMaker = MyServiceMaker()
"""

ANSWERING = """
from twisted.internet.protocol import Factory
from twisted.protocols.wire import Echo

def makeFactory():
    return Factory.forProtocol(Echo)
"""

#: As in chapter 2.16.2.
TML = """
register('Old', 'old.tap',
         description='Build an old server tap',
         type='tap', tapname='old')
register('Another', 'old.other', type='lore')
"""

OLD_TAP = """
from twisted.application import internet
from twisted.persisted import sob
from twisted.python import usage
from answering import makeFactory

class Options(usage.Options):
    optParameters = [["port", "p", 0, "Where.", int]]

def makeService(config):
    return internet.TCPServer(config["port"], makeFactory(), interface="127.0.0.1")
"""


class PluginTests(DaemonCase):
    """A project with a plugin, and one of the days of mktap, both on the path."""

    def setUp(self) -> None:
        super().setUp()
        self.write("twisted/plugins/answering_plugin.py", PLUGIN)
        self.write("answering.py", ANSWERING)
        self.write("old/__init__.py", "")
        self.write("old/plugins.tml", TML)
        self.write("old/tap.py", OLD_TAP)
        self.env = {"PYTHONPATH": self.folder}

    def test_help(self) -> None:
        """Commands are listed, and their modules are imported at most once for that."""
        first = self.run_("twistd", "--help", **self.env)
        self.assertRegex(first.stdout, r"answering +Run this! It'll make your dog happy\.")
        self.assertRegex(first.stdout, r"old +Build an old server tap")
        mark = self.path("twisted/plugins/answering_plugin.py.imported")
        os.unlink(mark)
        second = self.run_("twistd", "--help", **self.env)
        self.assertFalse(os.path.exists(mark))
        self.assertIn("dog happy", second.stdout)
        self.assertEqual((first.stderr, second.stderr), ("", ""))

    def test_helpOfOne(self) -> None:
        done = self.run_("twistd", "answering", "--help", **self.env)
        self.assertIn("The port number to listen on.", done.stdout)

    def test_daemon(self) -> None:
        """Both kinds run."""
        for name in ("answering", "old"):
            pid = self.daemon(name, "--port", 0, **self.env)
            self.assertEqual(self.ask(self.port(), b"hello"), b"hello")
            self.stop(pid)

    def test_refused(self) -> None:
        """Wrong command lines."""
        self.assertEqual(
            self.refused("answering", "--port", "a", **self.env),
            "twistd answering: Parameter type enforcement failed: --port cannot be 'a': invalid "
            "literal for int() with base 10: 'a' (--help tells what there is)",
        )
        self.assertEqual(
            self.refused("answering", "--port", "13", **self.env),
            "twistd answering: that port brings bad luck",
        )
        self.assertIn("Unknown command: nosuch", self.refused("nosuch", **self.env))

    def test_broken(self) -> None:
        """A plugin that cannot be imported is one entry in the log, and the others work."""
        self.write("twisted/plugins/broken.py", "import nosuch")
        self.write("other/__init__.py", "")
        self.write("other/plugins.tml", "import os")
        done = self.run_("twistd", "--help", **self.env)
        self.assertEqual(done.returncode, 0)
        self.assertIn("dog happy", done.stdout)
        program = self.foreground("--pidfile=", "-n", "answering", **self.env)
        program.until("Running as process")
        program.end(signal.SIGTERM)
        self.assertEqual(program.said.count("broken cannot be loaded"), 1)
        self.assertIn("other/plugins.tml cannot be read: line 1", program.said)

    def test_readOnly(self) -> None:
        """A folder that cannot be written has no cache, and works."""
        folder = self.path("twisted/plugins")
        shutil.rmtree(os.path.join(folder, "__pycache__"), ignore_errors=True)
        os.mkdir(os.path.join(folder, "dropin.cache"))
        done = self.run_("twistd", "--help", **self.env)
        self.assertIn("dog happy", done.stdout)
        self.assertEqual(done.stderr, "")

    def asked(self, shell: str, *options: str) -> list[str]:
        """What a shell says that runs a script which asks it to complete, line by line."""
        program = shutil.which(shell)
        if program is None:
            raise unittest.SkipTest(f"there is no {shell} here")
        os.mkdir(self.path("bin"))
        script = self.write("bin/twistd", f"#!{sys.executable} -P\n" + _RUN)
        os.chmod(script, 0o755)
        self.run_("twistd", "--help", **self.env)
        done = subprocess.run(
            [program, *options, self.write(f"asking.{shell}", _ASKING[shell])],
            cwd=self.folder,
            env={**os.environ, **self.env, "PATH": f"{self.path('bin')}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def test_bash(self) -> None:
        """Bash asks, and is told of options, values and commands."""
        self.assertEqual(
            self.asked("bash", "--norc"),
            [
                "--reactor",
                "select",
                "select",
                "asking.bash",
                "answering old web words",
                "answering",
                "--port",
                "cprofile profile",
                "",
            ],
        )

    def test_zsh(self) -> None:
        """Zsh, at a terminal, completes options, values, files and commands."""
        self.write("only.tac", ECHO)
        self.write(".zshrc", _ZSHRC)
        self.assertEqual(
            self.asked("zsh", "-f"),
            [
                "ready",
                "twistd --reactor=select ",
                "twistd -y only.tac ",
                "twistd -n answering --port=",
                "twistd -n old --port=",
                "twistd --profiler profile ",
            ],
        )

    def test_zshFile(self) -> None:
        """The script may lie in a folder of zsh's functions as well."""
        script = self.run_("twistd", "--completion", "zsh").stdout
        self.assertTrue(script.startswith("#compdef twistd\n"))

    def test_otherShell(self) -> None:
        self.assertIn("not for 'fish'", self.refused("--completion", "fish"))

    def test_twist(self) -> None:
        """`twist` runs the same in the foreground, with a log of JSON if that is no terminal."""
        program = self.foreground("answering", name="twist", **self.env)
        program.until("Running as process")
        self.assertEqual(program.end(signal.SIGTERM), (0, ""))
        events = [json.loads(line) for line in program.said.split("\x1e") if line]
        self.assertIn("SIGTERM", [event.get("signal") for event in events])
        program = self.foreground("--log-format", "text", "answering", name="twist", **self.env)
        port = int(program.until(r"starting on (\d+)")[1])
        self.assertEqual(self.ask(port, b"hello"), b"hello")
        self.assertIn(
            "Address already in use",
            self.refused("answering", "-p", port, command="twist", **self.env),
        )
        program.until("Running as process")
        self.assertEqual(program.end(signal.SIGINT), (0, ""))

    def test_twistFull(self) -> None:
        """A log that cannot be written is said once, and no reason not to serve."""
        if not os.path.exists("/dev/full"):
            raise unittest.SkipTest("there is no /dev/full here")
        self.write(
            "twisted/plugins/brief.py",
            "from twisted.application.service import ServiceMaker\n"
            "maker = ServiceMaker('Brief', 'briefly', 'Run, and end.', 'brief')\n",
        )
        self.write(
            "briefly.py",
            "from twisted.application.service import Service\n"
            "from twisted.internet import reactor\n"
            "from twisted.python.usage import Options\n"
            "def makeService(options):\n"
            "    reactor.callWhenRunning(reactor.stop)\n"
            "    return Service()\n",
        )
        done = self.run_("twist", "--log-file", "/dev/full", "brief", **self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("The log cannot be written, and entries are lost: [Errno 28]", done.stderr)

    def test_twistRefused(self) -> None:
        self.assertIn("no command was named", self.refused(command="twist"))
        for words in (
            ["--log-level", "loud"],
            ["--log-format", "xml"],
            ["--log-file", "no/where"],
        ):
            said = self.refused(*words, "answering", command="twist", **self.env)
            self.assertRegex(said, "there are|cannot be opened")


_RUN = "from twisted.scripts.twistd import run\nrun()\n"

#: What a user of zsh has.
_ZSHRC = """
autoload -Uz compinit
compinit -u -D
eval "$(twistd --completion zsh)"
show() {
    print -r -- "<$BUFFER>"
    BUFFER=
}
zle -N show
bindkey '^X' show
unsetopt beep
# When it reads keys: others would be echoed by the terminal, and be lost.
zle-line-init() { print '<ready>' }
zle -N zle-line-init
"""

_ASKING = {
    "bash": """
eval "$(twistd --completion bash)"
ask() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _twistd
    echo "${COMPREPLY[*]}"
}
ask twistd --re
ask twistd --reactor s
ask twistd --reactor = s
ask twistd -y ask
ask twistd -n ""
ask twistd -n ans
ask twistd -n answering --po
ask twistd --profiler ""
ask twistd answering --port ""
""",
    # Keys that are typed, at their end one that shows what has become of the line.
    "zsh": r"""
zmodload zsh/zpty
export ZDOTDIR=$PWD
zpty shell zsh -i
heard() {
    local text
    zpty -r shell text '*<*>'
    print -r -- ${${text##*<}%>}
}
heard
ask() {
    zpty -w -n shell "$1"$'\x18'
    heard
}
ask $'twistd --rea\tsel\t'
ask $'twistd -y onl\t'
ask $'twistd -n ans\t--po\t'
ask $'twistd -n old --po\t'
ask $'twistd --profiler p\t'
zpty -d shell
""",
}


class TmlTests(unittest.SynchronousTestCase):
    """Files of the days of mktap."""

    def read(self, text: str) -> list[Any]:
        folder = self.mktemp()
        os.makedirs(os.path.join(folder, "package"))
        with open(os.path.join(folder, "package", "plugins.tml"), "w") as file:
            file.write(text)
        return list(_tml.serviceMakers([folder, "/nosuchfolder", folder]))

    def test_read(self) -> None:
        [maker] = self.read(TML)
        self.assertEqual(
            (maker.name, maker.module, maker.tapname, maker.description),
            ("Old", "old.tap", "old", "Build an old server tap"),
        )

    def test_defaults(self) -> None:
        [maker] = self.read("register('Old', 'old.tap')")
        self.assertEqual(maker.tapname, "old")

    def test_notRun(self) -> None:
        """The file is not run, and what makes no sense is in the log."""
        for text in (
            "import os",
            "register(",
            "register('a')",
            "register(5 + 5, 'b')",
            "print('a', 'b')",
        ):
            self.assertEqual(self.read(text), [])


_OPTIONS_OF_2008 = """
nodaemon quiet profile profiler savestats debug encrypted euid no_save originalname logfile pidfile
chroot rundir uid gid umask reactor help-reactors spew file xml source python plugin syslog version
prefix
"""


class OptionTests(unittest.SynchronousTestCase):
    """`ServerOptions`, as far as it needs no process of its own."""

    def test_old(self) -> None:
        """Every option of the manual page of 2008 is there."""
        options = ServerOptions()
        for name in _OPTIONS_OF_2008.split():
            self.assertIn(f"--{name}", options._known)
        for letter in "nqpbeoldugrfxsy":
            self.assertIn(f"-{letter}", options._known)

    def test_values(self) -> None:
        options = ServerOptions()
        options.parseOptions(["-ny", "a.tac", "--umask", "022", "-u", "0", "-g", "0", "-q"])
        self.assertEqual((options["umask"], options["uid"], options["gid"]), (0o22, 0, 0))
        self.assertEqual(options["python"], os.path.abspath("a.tac"))
        self.assertTrue(options["no_save"])
        for words in (["--umask", "9"], ["--umask", "7777"], ["-g", "no such group"]):
            self.assertRaises(usage.UsageError, ServerOptions().parseOptions, words)

    def test_empty(self) -> None:
        """Without any word it explains itself."""
        output = io.StringIO()
        self.patch(sys, "stdout", output)
        self.assertRaises(SystemExit, ServerOptions().parseOptions, [])
        self.assertIn("Usage: twistd", output.getvalue())

    def test_reactors(self) -> None:
        output = io.StringIO()
        options = ServerOptions()
        options.messageOutput = output
        self.assertRaises(SystemExit, options.opt_help_reactors)
        works, _, doesNot = output.getvalue().partition("Not on this machine:")
        self.assertIn("    select ", works)
        self.assertIn("    iocp ", doesNot)
        error = self.assertRaises(usage.UsageError, options.opt_reactor, "nosuch")
        self.assertIn("no reactor 'nosuch'", str(error))

    def test_plugin(self) -> None:
        """--plugin is config.tac of a package."""
        error = self.assertRaises(usage.UsageError, _commands.configOf, "twisted.application")
        self.assertIn("no config.tac", str(error))
        self.assertRaises(usage.UsageError, _commands.configOf, "nosuch.package")


class ManualTests(unittest.SynchronousTestCase):
    """The pages of the manual."""

    def test_options(self) -> None:
        """Every option is explained there, and every one that is explained exists."""
        for name, options in (("twistd", ServerOptions()), ("twist", TwistOptions())):
            page = ROOT.parents[1] / "man" / f"{name}.1"
            if not page.exists():
                raise unittest.SkipTest("the manual is not installed")
            text = page.read_text("utf-8").partition(".SH OPTIONS")[2].partition(".SH SIGNALS")[0]
            told = set()
            for line in text.splitlines():
                if line.startswith((".B \\-", ".BR \\-")):
                    told.update(re.findall(r"-[-\w]+", line.replace("\\-", "-")))
            # This one is an example.
            told -= {"-"}
            self.assertEqual(told, set(options._known))


class ReactorTests(unittest.SynchronousTestCase):
    """Reactors by name."""

    def test_all(self) -> None:
        names = [one.shortName for one in reactors.getReactorTypes()]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({"default", "epoll", "poll", "select", "asyncio"}, set(names))

    def test_unknown(self) -> None:
        self.assertRaises(reactors.NoSuchReactor, reactors.installReactor, "nosuch")


class RunnerTests(unittest.SynchronousTestCase):
    """The base classes."""

    def test_abstract(self) -> None:
        config = {"profiler": "cprofile"}
        runner = app.ApplicationRunner(config)
        self.assertRaises(NotImplementedError, runner.preApplication)
        self.assertRaises(NotImplementedError, runner.postApplication)

    def test_convert(self) -> None:
        """From one style to another."""
        application = service.Application("a")
        source, target = self.mktemp(), self.mktemp()
        persistable: Any = sob.IPersistable(application)
        persistable.save(filename=source)
        app.convertStyle(source, "pickle", None, target, "pickle", 0)
        self.assertEqual(service.IService(service.loadApplication(target, "pickle")).name, "a")
        self.assertIs(app.getPassphrase(0), None)
        self.assertIs(app.getSavePassphrase(0), None)
