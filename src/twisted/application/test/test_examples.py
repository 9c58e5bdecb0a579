"""The listings of chapters 4.2, 4.3 and 4.6 run: as programs, as daemons and in the foreground."""

from __future__ import annotations

import os
import shutil
import signal
import socket

from twisted.application.test._daemons import PATIENCE, DaemonCase
from twisted.protocols.test._programs import EXAMPLES, ServerCase
from twisted.trial import unittest

CHAPTER = "ch04_application"


class ProgramTests(ServerCase):
    """Programs that are run by Python."""

    chapter = CHAPTER

    def test_materials(self) -> None:
        """Those of both packages are found."""
        said = self.finish(self.start("materials.py")).splitlines()
        stresses = (2.06842719e11 * 500, 1.03421359e11 * 500, 4.0e7)
        expected = {f"A material with yield stress {one} at 500 K" for one in stresses}
        self.assertEqual(set(said[0::2]), expected)
        self.assertEqual(len(said), 6)
        self.assertIn("Also a dielectric constant of (2+0.1j).", said)

    def test_regenerate(self) -> None:
        said = self.finish(self.start("regenerate.py"))
        self.assertGreater(int(said.split()[0]), 3)

    def test_byHand(self) -> None:
        """Services run without twistd, too."""
        with self.server("by_hand.py") as port:
            self.assertEqual(self.ask(port, b"hello"), b"hello")


class TacTests(DaemonCase):
    """Applications that are run by twistd, each in both ways."""

    def setUp(self) -> None:
        super().setUp()
        self.examples = EXAMPLES / CHAPTER
        if not self.examples.is_dir():
            raise unittest.SkipTest(f"there is no {self.examples}")

    def example(self, name: str) -> str:
        return os.fspath(self.examples / name)

    def test_echo(self) -> None:
        pid = self.daemon("-y", self.example("echo.tac"), PORT="0")
        self.assertEqual(self.ask(self.port(), b"hello"), b"hello")
        self.stop(pid)
        self.assertIn("Received SIGTERM", self.read("twistd.log"))
        self.assertFalse(os.path.exists(self.path("twistd.pid")))
        program = self.foreground("-ny", self.example("echo.tac"), PORT="0")
        port = int(program.until(r"starting on (\d+)")[1])
        self.assertEqual(self.ask(port, b"hello"), b"hello")
        self.assertEqual(program.end(signal.SIGTERM), (0, ""))

    def test_service(self) -> None:
        """The files of the working directory are served."""
        self.write("hello <&>.txt", "Hello")
        pid = self.daemon("-y", self.example("service.tac"), PORT="0")
        listed = self.ask(self.port(), b"GET / HTTP/1.0\r\n\r\n")
        self.assertIn(b'"hello%20%3C%26%3E.txt"', listed)
        self.assertIn(b"twistd.log", listed)
        said = self.ask(self.port(), b"GET /hello%20%3C%26%3E.txt HTTP/1.0\r\n\r\n")
        self.assertTrue(said.endswith(b"\r\n\r\nHello"), said)
        self.stop(pid)

    def test_dailyLog(self) -> None:
        """The log is where the application wants it."""
        pid = self.daemon("-y", self.example("daily_log.tac"), LOGS=self.folder)
        self.stop(pid)
        self.assertIn("Server Shut Down", self.read("my.log"))
        self.assertEqual(os.listdir(self.folder), ["my.log"])

    def test_collection(self) -> None:
        """Both halves answer."""
        pid = self.daemon("-y", self.example("collection.tac"), PORT="0")
        log = self.read("twistd.log")
        tcp = int(log.partition("Factory starting on ")[2].split()[0])
        udp = int(log.partition("EchoDatagrams starting on ")[2].split()[0])
        self.assertEqual(self.ask(tcp, b"hello"), b"hello")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(PATIENCE)
            client.connect(("127.0.0.1", udp))
            client.send(b"hello")
            self.assertEqual(client.recv(10), b"hello")
        self.stop(pid)


class PluginTests(DaemonCase):
    """The commands of chapter 4.3."""

    def setUp(self) -> None:
        super().setUp()
        if not (EXAMPLES / CHAPTER).is_dir():
            raise unittest.SkipTest("the examples are not installed")
        # A copy, since caches are written beside plugins.
        project = self.path("project")
        shutil.copytree(EXAMPLES / CHAPTER, project)
        self.env = {"PYTHONPATH": project}

    def test_help(self) -> None:
        said = self.run_("twistd", "--help", **self.env).stdout
        self.assertRegex(said, r"myproject +Run this! It'll make your dog happy\.")
        self.assertRegex(said, r"myserver +This server does nothing productive\.")

    def test_myproject(self) -> None:
        pid = self.daemon("myproject", "--port", 0, **self.env)
        self.assertEqual(self.ask(self.port(), b"hello"), b"hello")
        self.stop(pid)

    def test_myserver(self) -> None:
        """Users log in by the checkers of the command line."""
        arguments = ("myserver", "--port", 0, "--host", "127.0.0.1")
        pid = self.daemon(*arguments, "--auth", "memory:alice:secret", **self.env)
        answer = self.ask(self.port(), b"alice secret\r\nalice guess\r\n")
        self.assertEqual(answer, b"Welcome to 127.0.0.1, alice\r\nNo\r\n")
        self.stop(pid)
        self.assertIn("memory", self.run_("twistd", "myserver", "--help-auth", **self.env).stdout)
        said = self.run_("twistd", "myserver", "--help-auth-type", "memory", **self.env).stdout
        self.assertIn("memory", said)
