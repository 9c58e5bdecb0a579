"""A project with a command of the days of mktap: what saved applications are made by in tests."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout

from twisted.application.test._daemons import PATIENCE, DaemonCase, command
from twisted.scripts import mktap, tap2deb, tap2rpm, tapconvert

_COMMANDS = {
    "mktap": mktap.run,
    "tap2deb": tap2deb.run,
    "tap2rpm": tap2rpm.run,
    "tapconvert": tapconvert.run,
}

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

    def perform(self, name: str, *arguments: object) -> tuple[str, str | None]:
        """Run one of our commands in this process, which is quicker.

        Returns:
            What it prints, and what it complains of as it ends with status 1, or None.
        """
        self.patch(sys, "argv", [name, *map(str, arguments)])
        self.patch(sys, "path", [self.folder, *sys.path])
        before = os.getcwd()
        os.chdir(self.folder)
        complaint = None
        with redirect_stdout(io.StringIO()) as printed:
            try:
                _COMMANDS[name]()
            except SystemExit as exiting:
                complaint = str(exiting)
            finally:
                os.chdir(before)
                for module in [one for one in sys.modules if one.partition(".")[0] == "answering"]:
                    del sys.modules[module]
        return printed.getvalue(), complaint

    def make(self, *arguments: object) -> None:
        """Run mktap, which is to do its work without a word."""
        self.assertEqual(self.perform("mktap", *arguments), ("", None))

    def complaint(self, name: str, *arguments: object) -> str:
        """The line that a command ends with which cannot do its work."""
        printed, complaint = self.perform(name, *arguments)
        assert complaint is not None, f"no complaint, but {printed!r}"
        self.assertEqual(printed, "")
        self.assertTrue(complaint.startswith(name), complaint)
        self.assertNotIn("\n", complaint)
        return complaint

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
