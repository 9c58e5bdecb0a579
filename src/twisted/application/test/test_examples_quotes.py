"""TwistedQuotes, of chapters 2.3 and 2.4: quoters, a protocol, and the command in both forms."""

from __future__ import annotations

import os
import shutil
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from zope.interface.verify import verifyObject

from twisted.application.test._listings import ListingCase, chapter, onPath, ports
from twisted.internet.testing import StringTransport
from twisted.trial import unittest

CHAPTER = "ch02_quotes"
PACKAGE = "TwistedQuotes"
APPLE = b"An apple a day keeps the doctor away\r\n"

#: Three quotes, the second of them of two lines; empty ones are none.
FORTUNES = "Less is more.\n%\nMore\nis more.\n%\n\n%\n100 % of it\n%\n"


class QuoteCase(unittest.SynchronousTestCase):
    """Imports modules of the package, and forgets them."""

    def module(self, name: str) -> ModuleType:
        folder = chapter(CHAPTER)
        self.patch(sys, "path", [os.fspath(folder), *sys.path])
        self.addCleanup(self.forget)
        return import_module(f"{PACKAGE}.{name}")

    def forget(self) -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


class QuoterTests(QuoteCase):
    """What knows quotes, and nothing of the network."""

    def setUp(self) -> None:
        self.quoters: Any = self.module("quoters")
        self.interface: Any = self.module("quoteproto").IQuoter

    def fortunes(self, text: str) -> str:
        path = self.mktemp()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_static(self) -> None:
        quoter = self.quoters.StaticQuoter(b"an apple a day")
        verifyObject(self.interface, quoter)
        self.assertEqual(quoter.getQuote(), b"an apple a day")

    def test_fortune(self) -> None:
        """One of the quotes in one of the files; what is empty is none."""
        chosen: list[list[bytes]] = []

        def last(among: list[bytes]) -> bytes:
            chosen.append(among)
            return among[-1]

        self.patch(self.quoters, "choice", last)
        quoter = self.quoters.FortuneQuoter(["nosuch", self.fortunes(FORTUNES)])
        verifyObject(self.interface, quoter)
        self.assertEqual(quoter.getQuote(), b"100 % of it")
        self.assertEqual(chosen[1], [b"Less is more.", b"More\nis more.", b"100 % of it"])

    def test_onlyOne(self) -> None:
        for text in ("alone", "alone\n", "%\nalone\n%\n", "\nalone\n%"):
            quoter = self.quoters.FortuneQuoter([self.fortunes(text)])
            self.assertEqual(quoter.getQuote(), b"alone", text)


class ProtocolTests(QuoteCase):
    """Whoever connects is told a quote."""

    def test_quote(self) -> None:
        quoters: Any = self.module("quoters")
        quoteproto: Any = self.module("quoteproto")
        factory = quoteproto.QOTDFactory(quoters.StaticQuoter(b"an apple a day"))
        transport = StringTransport()
        factory.buildProtocol(None).makeConnection(transport)
        self.assertEqual(transport.value(), b"an apple a day\r\n")
        self.assertTrue(transport.disconnecting)


class CommandTests(ListingCase):
    """`twistd qotd`, for which a plugin or a `plugins.tml` does."""

    def setUp(self) -> None:
        super().setUp()
        # Copied, since caches are written beside plugins.
        self.old, self.new = self.path("old"), self.path("new")
        shutil.copytree(chapter(CHAPTER), self.new)
        shutil.copytree(os.path.join(self.new, PACKAGE), os.path.join(self.old, PACKAGE))

    def help(self) -> str:
        return self.run_("twistd", "--help", **self.env).stdout

    def checkQuote(self, port: int) -> None:
        self.assertEqual(self.nc(port, b""), APPLE)

    def test_plugin(self) -> None:
        self.env = {"PYTHONPATH": onPath(self.new)}
        self.assertRegex(self.help(), r"qotd +A quote for whoever asks\.")
        self.inBothWays(self.checkQuote, "qotd", "--port", 0)

    def test_registered(self) -> None:
        self.env = {"PYTHONPATH": onPath(self.old)}
        self.assertRegex(self.help(), r"qotd +Example of a TAP builder module\.")
        self.inBothWays(self.checkQuote, "qotd", "--port", 0)

    def test_mktap(self) -> None:
        """The application that mktap makes has the name and the options of the command."""
        self.env = {"PYTHONPATH": onPath(self.old)}
        done = self.run_("mktap", "qotd", "--port", 0, "--static", "Saved.", **self.env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.inBothWays(
            lambda port: self.assertEqual(self.nc(port, b""), b"Saved.\r\n"), "-of", "qotd.tap"
        )

    def test_quotes(self) -> None:
        """Quotes come from the command line, or from files."""
        self.write("fortunes", "One alone.\n")
        self.env = {"PYTHONPATH": onPath(self.new)}
        for words, quote in (
            (("--static", "Lait et café"), "Lait et café"),
            (("-f", "fortunes", "--file", "fortunes"), "One alone."),
        ):
            self.inBothWays(
                lambda port, quote=quote: self.assertEqual(
                    self.nc(port, b""), f"{quote}\r\n".encode()
                ),
                *("qotd", "--port", 0, *words),
            )

    def test_noQuotes(self) -> None:
        """A file that is not there costs whoever asks the answer, and the log says why."""
        pid = self.daemon("qotd", "--port", 0, "--file", "nosuch", PYTHONPATH=onPath(self.new))
        [port] = ports(self.read("twistd.log"))
        self.assertEqual(self.nc(port, b""), b"")
        self.stop(pid)
        self.assertIn("No such file or directory: ", self.read("twistd.log"))

    def test_bad(self) -> None:
        self.env = {"PYTHONPATH": onPath(self.new)}
        self.assertIn("'many'", self.refused("qotd", "--port", "many", **self.env))
