"""tapconvert: saved applications in other forms, decrypted and encrypted."""

from __future__ import annotations

import os

from twisted.application.test._daemons import ECHO
from twisted.python.reflect import requireModule
from twisted.scripts.test._saving import SavingCase
from twisted.trial import unittest


class TapconvertTests(SavingCase):
    def convert(self, *arguments: object) -> None:
        """Convert, without a word."""
        self.assertEqual(self.perform("tapconvert", *arguments), ("", None))

    def test_round(self) -> None:
        """From each form into each, and what comes out runs."""
        self.make("answering")
        self.convert("-i", "answering.tap", "-o", "one.tas")
        self.convert("--in", "one.tas", "--out", "two.tax", "--typeout", "xml")
        self.convert("-i", "two.tax", "-o", "three.tap", "-t", "pickle")
        self.convert("-i", "three.tap", "-o", "four.tas", "-t", "source")
        self.assertEqual(self.read("one.tas"), self.read("four.tas"))
        self.assertTrue(self.read("one.tas").startswith("app="))
        self.assertRuns("-x", "two.tax")

    def test_typein(self) -> None:
        """The type is told where the name does not."""
        self.make("answering")
        os.rename(self.path("answering.tap"), self.path("saved"))
        self.convert("-i", "saved", "-f", "pickle", "-o", "out", "-t", "source")
        self.convert("-i", "out", "--typein", "source", "-o", "out.tax", "-t", "xml")
        self.assertIn("TCPServer", self.read("out.tax"))

    def test_python(self) -> None:
        """A file of Python is run, and what it makes is saved."""
        self.write(
            "plain.tac",
            ECHO.replace('"tcp:0:interface=127.0.0.1"', "0")
            .replace("strports.service(", "internet.TCPServer(")
            .replace("import service, strports", "import internet, service"),
        )
        self.convert("-i", "plain.tac", "-o", "plain.tap", "-t", "pickle")
        self.convert("-i", "plain.tac", "-f", "python", "-o", "plain.tas")
        self.assertRuns("-s", "plain.tas")

    def test_encryption(self) -> None:
        """Nobody without the passphrase can read or change what was encrypted."""
        if requireModule("cryptography") is None:
            raise unittest.SkipTest("cryptography is not installed")
        self.make("answering")
        encrypt = ("-i", "answering.tap", "-o", "secret.etas", "-e")
        self.assertEqual(self.asked("pw\npw\n", "tapconvert", *encrypt)[0], 0)
        with open(self.path("secret.etas"), "rb") as file:
            content = file.read()
        self.assertNotIn(b"TCPServer", content)
        decrypt = ("-i", "secret.etas", "-o", "plain.tas", "--decrypt")
        status, said = self.asked("guess\n", "tapconvert", *decrypt)
        self.assertEqual(status, 1)
        self.assertIn("secret.etas cannot be decrypted: the passphrase is wrong", said)
        self.assertFalse(os.path.exists(self.path("plain.tas")))
        self.assertEqual(self.asked("pw\n", "tapconvert", *decrypt)[0], 0)
        self.assertIn("TCPServer", self.read("plain.tas"))
        said = self.refused(*decrypt[:-1], command="tapconvert", **self.env)
        self.assertIn("secret.etas is encrypted: the passphrase is needed", said)
        with open(self.path("secret.etas"), "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(bytes([content[-1] ^ 1]))
        status, said = self.asked("pw\n", "tapconvert", *decrypt)
        self.assertEqual(status, 1)
        self.assertIn("or the file has been changed", said)
        status, said = self.asked("pw\n", "tapconvert", "-d", "-i", "plain.tas", "-o", "out")
        self.assertEqual(status, 1)
        self.assertIn("it is not encrypted", said)

    def test_refused(self) -> None:
        """What is wrong is told in a line, and no file is made."""
        self.make("answering")
        self.write("other.tap", "this is no pickle")
        self.write("empty.tac", "")
        self.write("list.tas", "app=[1]\n")
        self.write("bad.tac", "1 +")
        tap = ("-i", "answering.tap")
        cases: list[tuple[tuple[str, ...], str]] = [
            ((), "--in is needed"),
            (tap, "--out is needed"),
            (("-o", "out"), "--in is needed"),
            (("-i", "list", "-o", "out"), "say so by --typein"),
            ((*tap, "-o", "out", "-f", "json"), "there are guess, python, pickle, xml, source"),
            ((*tap, "-o", "out", "-t", "python"), "there are pickle, xml, source"),
            ((*tap, "-o", "out", "word"), "Wrong number of arguments"),
            (("-i", "missing.tap", "-o", "out"), "missing.tap: No such file or directory"),
            (("-i", "other.tap", "-o", "out"), "other.tap cannot be loaded as pickle"),
            ((*tap, "-o", "out", "-f", "xml"), "answering.tap cannot be loaded as xml"),
            ((*tap, "-o", "out", "-f", "source"), "answering.tap cannot be"),
            (("-i", "list.tas", "-o", "out"), "list.tas cannot be converted: TypeError"),
            (("-i", "empty.tac", "-o", "out"), "empty.tac cannot be converted: KeyError"),
            (("-i", "bad.tac", "-o", "out"), "bad.tac cannot be converted: SyntaxError"),
            ((*tap, "-o", "missing/out"), "No such file or directory"),
            ((*tap, "-o", "answering"), "Is a directory"),
        ]
        before = sorted(os.listdir(self.folder))
        for arguments, reason in cases:
            self.assertIn(reason, self.complaint("tapconvert", *arguments))
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_foreign(self) -> None:
        """What others could have written is not loaded."""
        self.make("answering")
        os.chmod(self.path("answering.tap"), 0o666)
        arguments = ("-i", "answering.tap", "-o", "out")
        said = self.refused(*arguments, command="tapconvert", **self.env)
        self.assertIn("can be written by anybody", said)

    def test_help(self) -> None:
        """It says what loading is."""
        said = " ".join(self.run_("tapconvert", "--help").stdout.split())
        self.assertIn("To load it is to run the code in it", said)
