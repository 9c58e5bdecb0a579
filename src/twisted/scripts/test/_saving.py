"""A project with a command of the days of mktap: what saved applications are made by in tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from twisted.application.test._daemons import PATIENCE, DaemonCase, command

_TML = """
register("Answering", "answering.tap",
         description="Build a server that answers", type="tap", tapname="answering")
"""

_TAP = """
from twisted.application import internet, strports
from twisted.internet.protocol import Factory
from twisted.protocols.wire import Echo
from twisted.python import usage

class Options(usage.Options):
    optParameters = [["port", "p", 0, "Where.", int], ["name", "n", None, "What it is called."]]
    optFlags = [["strports", None, "Listen by a description."],
                ["open", None, "Have something that cannot be saved."]]

def makeService(config):
    if config["port"] == 13:
        raise usage.UsageError("that port brings bad luck")
    if config["strports"]:
        where = f"tcp:{config['port']}:interface=127.0.0.1"
        return strports.service(where, Factory.forProtocol(Echo))
    made = internet.TCPServer(config["port"], Factory.forProtocol(Echo), interface="127.0.0.1")
    if config["name"]:
        made.setName(config["name"])
    if config["open"]:
        made.file = open(__file__)
    return made
"""


class SavingCase(DaemonCase):
    """Has the project on the path of every command."""

    def setUp(self) -> None:
        super().setUp()
        self.write("answering/__init__.py", "")
        self.write("answering/plugins.tml", _TML)
        self.write("answering/tap.py", _TAP)
        self.env = {"PYTHONPATH": self.folder}

    def make(self, *arguments: object) -> None:
        """Run mktap, which is to do its work without a word."""
        done = self.run_("mktap", *arguments, **self.env)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def complaint(self, run: Callable[[], None], name: str, *arguments: object) -> str:
        """What a command says that ends with status 1; run in this process, which is quicker."""
        self.patch(sys, "argv", [name, *map(str, arguments)])
        self.patch(sys, "path", [self.folder, *sys.path])
        before = os.getcwd()
        os.chdir(self.folder)
        try:
            with self.assertRaises(SystemExit) as raised:
                run()
        finally:
            os.chdir(before)
            for module in [one for one in sys.modules if one.partition(".")[0] == "answering"]:
                del sys.modules[module]
        said = str(raised.exception)
        self.assertTrue(said.startswith(name), said)
        self.assertNotIn("\n", said)
        return said

    def asked(self, answers: str, name: str, *arguments: object) -> tuple[int, str]:
        """Run a command that asks for passphrases; returns its status and standard error."""
        done = subprocess.run(
            command(name, *arguments),
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", **self.env},
            input=answers,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.returncode, done.stderr

    def assertRuns(self, *arguments: object) -> None:
        """What twistd runs answers."""
        started = self.daemon(*arguments, **self.env)
        self.assertEqual(self.ask(self.port(), b"hello"), b"hello")
        self.stop(started)
