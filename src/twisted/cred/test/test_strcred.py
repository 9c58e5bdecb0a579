"""Checkers by descriptions on command lines, and the plugins that make them."""

from __future__ import annotations

import io
from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.cred import strcred
from twisted.cred.checkers import (
    AllowAnonymousAccess,
    FilePasswordDB,
    InMemoryUsernamePasswordDatabaseDontUse,
)
from twisted.cred.credentials import IAnonymous, IUsernameHashedPassword, IUsernamePassword
from twisted.plugin import IPlugin
from twisted.plugins import cred_sshkeys
from twisted.plugins.cred_file import FileCheckerFactory, invalidFileWarning
from twisted.python import usage
from twisted.trial.unittest import SynchronousTestCase


class ServerOptions(usage.Options, strcred.AuthOptionMixin):
    """Of a server with names and passwords."""

    supportedInterfaces = (IUsernamePassword,)

    def __init__(self) -> None:
        super().__init__()
        self.authOutput = io.StringIO()


class AnyOptions(usage.Options, strcred.AuthOptionMixin):
    """Of a server that takes whatever there is."""


class FindTests(SynchronousTestCase):
    def test_installed(self) -> None:
        """The kinds that come with the distribution, all of the right form."""
        factories = {factory.authType: factory for factory in strcred.findCheckerFactories()}
        self.assertLessEqual({"anonymous", "file", "memory", "sshkey", "unix"}, factories.keys())
        for factory in factories.values():
            verifyObject(strcred.ICheckerFactory, factory)
            self.assertTrue(IPlugin.providedBy(factory))
            self.assertTrue(factory.authHelp.strip())
            self.assertNotIn("\n", factory.argStringFormat)

    def test_find(self) -> None:
        """One is found by its name."""
        self.assertEqual(strcred.findCheckerFactory("memory").authType, "memory")
        self.assertRaises(strcred.InvalidAuthType, strcred.findCheckerFactory, "telepathy")

    def test_make(self) -> None:
        """A description has a name, and what comes after the first colon."""
        self.assertIsInstance(strcred.makeChecker("anonymous"), AllowAnonymousAccess)
        memory = strcred.makeChecker("memory:bob:secret:tim:x")
        self.assertIsInstance(memory, InMemoryUsernamePasswordDatabaseDontUse)
        self.assertEqual(memory.users, {"bob": "secret", "tim": "x"})
        self.assertEqual(strcred.makeChecker("memory").users, {})
        path = self.mktemp()
        open(path, "w").close()
        file = strcred.makeChecker(f"file:{path}")
        self.assertIsInstance(file, FilePasswordDB)
        self.assertEqual(file.filename, path)

    def test_wrong(self) -> None:
        """What makes no sense is told."""
        for description in ("memory:bob", "memory:bob:secret:tim", "file", "file:"):
            self.assertRaises(strcred.InvalidAuthArgumentString, strcred.makeChecker, description)
        for description in ("", ":", "telepathy:x"):
            self.assertRaises(strcred.InvalidAuthType, strcred.makeChecker, description)

    def test_noFile(self) -> None:
        """A file that is not there yet is worth a warning."""
        factory = FileCheckerFactory()
        factory.errorOutput = io.StringIO()
        path = self.mktemp()
        self.assertEqual(factory.generateChecker(path).filename, path)
        self.assertEqual(factory.errorOutput.getvalue(), f"{invalidFileWarning}: {path}\n")

    def test_keysWithoutConch(self) -> None:
        """What checks keys needs a part that may be missing."""
        self.patch(cred_sshkeys, "requireModule", lambda name: None)
        error = self.assertRaises(strcred.StrcredException, strcred.makeChecker, "sshkey")
        self.assertIn("pip install", str(error))


class OptionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.options: Any = ServerOptions()

    def output(self, *arguments: str) -> str:
        """What is written by options that end the program."""
        ended = self.assertRaises(SystemExit, self.options.parseOptions, arguments)
        self.assertFalse(ended.code)
        text: str = self.options.authOutput.getvalue()
        return text

    def assertUsage(self, why: str, *arguments: str) -> None:
        error = self.assertRaises(usage.UsageError, self.options.parseOptions, arguments)
        self.assertIn(why, str(error))
        self.assertNotIn("\n", str(error))

    def test_auth(self) -> None:
        """Checkers are in a list, and by the interfaces that the program has."""
        self.options.parseOptions(["--auth", "memory:bob:x", "--auth=memory:tim:y"])
        one, other = self.options["credCheckers"]
        self.assertEqual([one.users, other.users], [{"bob": "x"}, {"tim": "y"}])
        self.assertEqual(self.options["credInterfaces"], {IUsernamePassword: [one, other]})

    def test_any(self) -> None:
        """A program that says nothing has all interfaces."""
        options: Any = AnyOptions()
        options.parseOptions(["--auth", "memory:bob:x", "--auth", "anonymous"])
        memory, anonymous = options["credCheckers"]
        self.assertEqual(
            options["credInterfaces"],
            {
                IUsernamePassword: [memory],
                IUsernameHashedPassword: [memory],
                IAnonymous: [anonymous],
            },
        )
        self.assertTrue(options.supportsInterface(IAnonymous))
        self.assertFalse(self.options.supportsInterface(IAnonymous))

    def test_none(self) -> None:
        """Without the option there is nothing."""
        self.options.parseOptions([])
        self.assertNotIn("credCheckers", self.options)

    def test_wrong(self) -> None:
        """What is wrong is one line of usage."""
        self.assertUsage("not recognized: telepathy", "--auth", "telepathy")
        self.assertUsage("IAnonymous", "--auth", "anonymous")
        self.assertUsage("'bob' has no password", "--auth", "memory:bob")
        self.assertUsage("requires a filename", "--auth", "file")
        self.assertUsage("telepathy", "--help-auth-type", "telepathy")

    def test_broken(self) -> None:
        """A plugin that raises anything else is told in one line, too."""

        @implementer(strcred.ICheckerFactory)
        class Broken:
            authType = "broken"
            authHelp = argStringFormat = ""
            credentialInterfaces = (IUsernamePassword,)

            def generateChecker(self, argstring: str) -> Any:
                return int(argstring)

        self.patch(strcred, "findCheckerFactories", lambda: iter([Broken()]))
        self.assertUsage("--auth broken: invalid literal", "--auth", "broken:x")

    def test_addChecker(self) -> None:
        """A program may add checkers itself."""
        self.assertRaises(
            strcred.UnsupportedInterfaces, self.options.addChecker, AllowAnonymousAccess()
        )
        self.options.addChecker(InMemoryUsernamePasswordDatabaseDontUse())
        self.assertEqual(len(self.options["credCheckers"]), 1)

    def test_help(self) -> None:
        """The kinds that the program can use are listed, with what they take."""
        text = self.output("--help-auth")
        self.assertIn("--help-auth-type", text)
        self.assertRegex(text, r"(?m)^  memory +A colon-separated list \(name:password:\.\.\.\)$")
        self.assertRegex(text, r"(?m)^  file  +Location")
        self.assertNotIn("anonymous", text)

    def test_helpType(self) -> None:
        """All that there is to know of one."""
        text = self.output("--help-auth-type", "file")
        self.assertIn("--auth file[:ArgString]", text)
        self.assertIn("Location of a FilePasswordDB-formatted file.", text)
        self.assertIn("  Users in a file", text)
        self.assertNotIn(strcred.notSupportedWarning, text)

    def test_helpUnsupported(self) -> None:
        """Of one that would be refused, this is said as well."""
        self.assertIn(strcred.notSupportedWarning, self.output("--help-auth-type", "anonymous"))
