"""Applications that were saved: run by twistd in each form, encrypted or not, and converted."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys

from twisted.application import app
from twisted.application.app import _loading
from twisted.application.test._daemons import PATIENCE, DaemonCase
from twisted.persisted import sob
from twisted.python.reflect import requireModule
from twisted.trial import unittest

#: How twistd is told of a form of files, and how their names end.
_FORMS = {"pickle": ("-f", "tap"), "source": ("-s", "tas"), "xml": ("-x", "tax")}

_SAVE = """
import sys
from twisted.application import service, internet
from twisted.internet import protocol
from twisted.persisted import sob
from twisted.protocols.wire import Echo

application = service.Application("kept")
factory = protocol.Factory()
factory.protocol = Echo
internet.TCPServer(0, factory, interface="127.0.0.1").setServiceParent(application)
_, style, filename, *passphrase = sys.argv
persistable = sob.IPersistable(application)
persistable.setStyle(style)
persistable.save(None, filename, *passphrase)
"""


class SavedTests(DaemonCase):
    """Saved by one process, run by another."""

    def save(self, style: str, filename: str, *passphrase: str) -> None:
        """Save an application."""
        if passphrase and requireModule("cryptography") is None:
            raise unittest.SkipTest("there is no cryptography here")
        self.write("save.py", _SAVE)
        words = [sys.executable, "save.py", style, filename, *passphrase]
        subprocess.run(words, cwd=self.folder, timeout=PATIENCE, check=True)

    def serves(self, *arguments: str) -> None:
        """Start a daemon, which serves, and stop it."""
        pid = self.daemon(*arguments)
        self.assertEqual(self.ask(self.port(), b"hello"), b"hello")
        self.stop(pid)
        os.unlink(self.path("twistd.log"))

    def test_runs(self) -> None:
        """Each form runs, and is saved in it when it stops, unless that is not wished."""
        for style, (option, extension) in _FORMS.items():
            again = f"kept-shutdown.{extension}"
            self.save(style, f"kept.{extension}")
            self.serves("--no_save", option, f"kept.{extension}")
            self.assertFalse(os.path.exists(self.path(again)))
            self.serves(option, f"kept.{extension}")
            self.serves("-o", option, again)

    def test_encrypted(self) -> None:
        """What was encrypted is saved encrypted, with the same passphrase, which is asked for."""
        for style, (option, extension) in _FORMS.items():
            self.save(style, f"kept.e{extension}", "secret")
            for name in ("kept", "kept-shutdown"):
                program = self.foreground("-n", "--encrypted", option, f"{name}.e{extension}")
                program.type("secret")
                program.until("Running as process")
                self.assertEqual(program.end(signal.SIGTERM)[0], 0)
            with open(self.path(f"kept-shutdown.e{extension}"), "rb") as file:
                self.assertNotIn(b"twisted.application", file.read())
        self.assertIn("the passphrase is needed", self.refused("-nf", "kept.etap"))
        program = self.foreground("-n", "--encrypted", "-f", "kept.etap")
        program.type("wrong")
        status, err = program.end()
        self.assertEqual(status, 1)
        self.assertIn("kept.etap cannot be decrypted: the passphrase is wrong", err)

    def test_otherForm(self) -> None:
        """A file of another form is refused in one line."""
        self.save("pickle", "kept.tap")
        self.assertIn("kept.tap cannot be loaded as source", self.refused("-ns", "kept.tap"))
        self.assertIn("kept.tap cannot be loaded as xml", self.refused("-nx", "kept.tap"))
        self.write("junk.tap", "junk")
        self.assertIn("junk.tap cannot be loaded as pickle", self.refused("-nf", "junk.tap"))

    def test_foreign(self) -> None:
        """To load a pickle is to run it: that of another user is refused."""
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root can give files away")
        self.save("pickle", "kept.tap")
        os.chown(self.path("kept.tap"), pwd.getpwnam("nobody").pw_uid, -1)
        self.assertIn("belongs to user", self.refused("-f", "kept.tap"))

    def test_convert(self) -> None:
        """`convertStyle`: from each form to each, encrypted in between; what comes out runs."""
        self.patch(_loading, "getPassword", lambda prompt, confirm: "other")
        path, sealed = self.path("from"), self.path("sealed")
        for before in _FORMS:
            self.save(before, path)
            for after in _FORMS:
                app.convertStyle(path, before, None, sealed, after, True)
                self.assertRaises(sob.LoadError, sob.load, sealed, after)
                app.convertStyle(sealed, after, "other", self.path(after), after, False)
            self.serves("-o", _FORMS[before][0], before)
