"""mktap: applications made by commands, and saved for twistd."""

from __future__ import annotations

import os
import pwd
from typing import Any

from twisted.application import service
from twisted.internet import reactor
from twisted.persisted import sob
from twisted.python.reflect import requireModule
from twisted.scripts.test._saving import SavingCase
from twisted.trial import unittest


class MktapTests(SavingCase):
    def load(self, name: str) -> Any:
        """A saved application; its classes are those of the product alone."""
        return sob.load(self.path(name), sob.guessType(name))

    def test_styles(self) -> None:
        """Each form is run by the option of twistd that is for it."""
        forms = (("pickle", "tap", "-f"), ("source", "tas", "-s"), ("xml", "tax", "-x"))
        for style, extension, option in forms:
            self.make("--type", style, "answering")
            self.assertRuns(option, f"answering.{extension}")

    def test_strports(self) -> None:
        """The reactor that an endpoint has is that of the process which loads it."""
        self.make("answering", "--strports")
        self.assertRuns("-f", "answering.tap")
        (server,) = service.IServiceCollection(self.load("answering.tap"))
        self.assertIs(server.endpoint._reactor, reactor)

    def test_default(self) -> None:
        """A pickle, after the command, that only its owner can read."""
        self.make("answering", "--port", 1025)
        self.assertEqual(os.stat(self.path("answering.tap")).st_mode & 0o777, 0o600)
        application = self.load("answering.tap")
        (server,) = service.IServiceCollection(application)
        self.assertEqual(server.args[0], 1025)
        process: Any = service.IProcess(application)
        self.assertEqual((process.uid, process.gid), (None, None))

    def test_names(self) -> None:
        """The name, the user and the group."""
        self.make("--appname", "web", "--uid", "root", "--gid", 7, "-t", "source", "answering")
        application = self.load("web.tas")
        process: Any = service.IProcess(application)
        self.assertEqual((process.uid, process.gid), (pwd.getpwnam("root").pw_uid, 7))
        root: Any = service.IService(application)
        self.assertEqual(root.name, "web")

    def test_append(self) -> None:
        """Services are added to a file, which keeps its form, and what it says beside them."""
        self.make("-t", "xml", "-n", "both", "-u", "0", "answering", "--port", 1025)
        self.make("--append", "both.tax", "answering", "--port", 1026, "--name", "second")
        application = self.load("both.tax")
        servers = service.IServiceCollection(application)
        self.assertEqual([one.args[0] for one in servers], [1025, 1026])
        self.assertEqual(servers.getServiceNamed("second").args[0], 1026)
        process: Any = service.IProcess(application)
        self.assertEqual(process.uid, 0)
        said = self.refused(
            "-a", "both.tax", "answering", "--name", "second", command="mktap", **self.env
        )
        self.assertIn("'second'", said)
        self.assertEqual(len(list(service.IServiceCollection(self.load("both.tax")))), 2)

    def test_encrypted(self) -> None:
        """The passphrase is asked for twice, and twistd asks for it."""
        if requireModule("cryptography") is None:
            raise unittest.SkipTest("cryptography is not installed")
        self.assertEqual(self.asked("pw\npw\n", "mktap", "-e", "answering")[0], 0)
        with open(self.path("answering.etap"), "rb") as file:
            self.assertNotIn(b"TCPServer", file.read())
        status, said = self.asked("pw\n", "mktap", "-e", "-a", "answering.etap", "answering")
        self.assertEqual(status, 0, said)
        status, said = self.asked("guess\n", "twistd", "-n", "-e", "-f", "answering.etap")
        self.assertEqual(status, 1)
        self.assertIn("the passphrase is wrong", said)
        status, said = self.asked("pw\n", "twistd", "-e", "-f", "answering.etap")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.ask(self.port(), b"hello"), b"hello")
        self.stop(int(self.read("twistd.pid")))
        status, said = self.asked("", "mktap", "-e", "answering")
        self.assertEqual(status, 1)
        self.assertIn("there is no passphrase", said)

    def test_refused(self) -> None:
        """What is wrong is told in a line."""
        self.make("answering")
        self.write("other.tap", "this is no pickle")
        self.write("plain.tas", "app=[1]\n")
        cases: list[tuple[tuple[object, ...], str]] = [
            ((), "no command was named"),
            (("nothing",), "Unknown command: nothing"),
            (("-t", "json", "answering"), "there are pickle, source, xml"),
            (("-u", "nobody-here", "answering"), "there is no such user"),
            (("-g", "nobody-here", "answering"), "there is no such group"),
            (("-n", "../web", "answering"), "a file is called after it"),
            (("-a", "answering.tap", "-t", "xml", "answering"), "leave --type out"),
            (("-a", "missing.tap", "answering"), "missing.tap cannot be read: No such file"),
            (("-a", "answering/tap.py", "answering"), "is not called .tap, .tas or .tax"),
            (("-a", "other.tap", "answering"), "other.tap cannot be loaded as pickle"),
            (("-a", "plain.tas", "answering"), "has no application in it, but [1]"),
            (("answering", "--port", 13), "that port brings bad luck"),
            (("answering", "--open"), "answering cannot be saved as pickle: TypeError"),
            (("-n", "x" * 300, "answering"), "cannot be written: File name too long"),
        ]
        for arguments, reason in cases:
            self.assertIn(reason, self.complaint("mktap", *arguments))

    def test_help(self) -> None:
        """It lists the commands, and says what loading is."""
        said = " ".join(self.run_("mktap", "--help", **self.env).stdout.split())
        self.assertIn("answering Build a server that answers", said)
        self.assertIn("To load such a file is to run the code in it", said)
