"""Saving and loading, in all styles, and under a passphrase."""

from __future__ import annotations

import os
import pickle
import stat
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zope.interface import implementer

from twisted.persisted import _atomic, _envelope, sob
from twisted.persisted._envelope import EnvelopeError, isSealed, seal, unseal
from twisted.persisted.sob import IPersistable, LoadError, Persistent
from twisted.persisted.test._things import Growing, Plain
from twisted.trial.unittest import SkipTest, SynchronousTestCase

#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

STYLES = {"pickle": "tap", "source": "tas", "xml": "tax"}


@implementer(IPersistable)
class Saveable(Plain):
    """Remembers its style."""

    def setStyle(self, style: str) -> None:
        self.a = style

    def save(
        self,
        tag: str | None = None,
        filename: str | None = None,
        passphrase: str | bytes | None = None,
    ) -> None:
        """Is not called."""


class SobCase(SynchronousTestCase):
    """In a directory of its own, and with passphrases that are cheap to try."""

    def setUp(self) -> None:
        self.directory = self.mktemp()
        os.mkdir(self.directory)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.directory)
        self.patch(_envelope, "_LOG2_N", 4)


class PersistentTests(SobCase):
    def setUp(self) -> None:
        super().setUp()
        self.thing = {"a": Plain(b=(1, [2]))}
        self.persistent = Persistent(self.thing, "web")

    def test_styles(self) -> None:
        """Files are called after the object, and have it in them."""
        self.assertEqual(self.persistent.style, "pickle")
        for style, extension in STYLES.items():
            self.persistent.setStyle(style)
            self.persistent.save()
            self.persistent.save("shutdown")
            for name in (f"web.{extension}", f"web-shutdown.{extension}"):
                self.assertEqual(sob.guessType(name), style)
                self.assertEqual(sob.load(name, style), self.thing)
                os.unlink(name)
        self.assertEqual(os.listdir(), [])

    def test_filename(self) -> None:
        """The name can be said as a whole."""
        self.persistent.save("tag", "other.x")
        self.assertEqual(os.listdir(), ["other.x"])
        self.assertEqual(sob.load("other.x", "pickle"), self.thing)

    def test_noStyle(self) -> None:
        """What is no style is told at once."""
        self.assertRaises(ValueError, self.persistent.setStyle, "fashion")
        self.assertRaises(ValueError, sob.load, "x", "python")

    def test_interface(self) -> None:
        """By both of its names it can be saved."""
        self.assertTrue(IPersistable.providedBy(self.persistent))
        self.assertIs(sob.Persistant, Persistent)

    def test_encrypted(self) -> None:
        """A passphrase, text or bytes, hides what there is, and is needed to see it."""
        for style, extension in STYLES.items():
            self.persistent.setStyle(style)
            self.persistent.save(passphrase="gr\xfcn")
            name = f"web.e{extension}"
            self.assertEqual(sob.guessType(name), style)
            with open(name, "rb") as file:
                self.assertNotIn(b"Plain", file.read())
            self.assertEqual(sob.load(name, style, "gr\xfcn".encode()), self.thing)
            for passphrase, why in [(None, "is needed"), ("green", "wrong"), ("", "wrong")]:
                error = self.assertRaises(LoadError, sob.load, name, style, passphrase)
                self.assertIn(why, str(error))

    def test_notEncrypted(self) -> None:
        """A file that should be encrypted is not taken without."""
        self.persistent.save(filename="web.etap")
        error = self.assertRaises(LoadError, sob.load, "web.etap", "pickle", "x")
        self.assertIn("not encrypted", str(error))

    def test_private(self) -> None:
        """Only the owner can read what is saved, whatever was there before."""
        open("web.tap", "w").close()
        os.chmod("web.tap", 0o644)
        self.persistent.save()
        self.assertEqual(stat.S_IMODE(os.stat("web.tap").st_mode), 0o600)

    def test_failing(self) -> None:
        """What cannot be saved leaves the file as it was."""
        self.persistent.save()
        for style, error in [("pickle", Exception), ("source", TypeError), ("xml", TypeError)]:
            other = Persistent(lambda: 0, "web")
            other.setStyle(style)
            self.assertRaises(error, other.save, filename="web.tap")
        self.assertEqual(os.listdir(), ["web.tap"])
        self.assertEqual(sob.load("web.tap", "pickle"), self.thing)
        self.assertRaises(OSError, self.persistent.save, filename="missing/web.tap")


class LoadTests(SobCase):
    def write(self, name: str, content: bytes) -> str:
        with open(name, "wb") as file:
            file.write(content)
        return name

    def test_missing(self) -> None:
        """A file that is not there is no other error."""
        for style in STYLES:
            self.assertRaises(FileNotFoundError, sob.load, "web.tap", style)

    def test_upgrade(self) -> None:
        """What has changed since is upgraded."""
        key = "twisted.persisted.test._things.Growing.persistenceVersion"
        source = f"app=Instance('twisted.persisted.test._things.Growing', {{'{key}': 2, 'x': 1}})"
        loaded = sob.load(self.write("web.tas", source.encode()), "source")
        self.assertIsInstance(loaded, Growing)
        self.assertEqual(vars(loaded), {"x": 1, "steps": [3]})

    def test_style(self) -> None:
        """What can be saved will be as it was."""
        for style, extension in STYLES.items():
            saving = Persistent(Saveable(), "web")
            saving.setStyle(style)
            saving.save()
            self.assertEqual(sob.load(f"web.{extension}", style).a, style)

    def test_bad(self) -> None:
        """What cannot be loaded is one kind of error, with its reason."""
        for style in STYLES:
            for content in (b"", b"x", b"\xff", b"\x80\x05.", b"app=", b"cnever\nheard\n."):
                name = self.write("web", content)
                error = self.assertRaises(LoadError, sob.load, name, style)
                self.assertIn(f"web cannot be loaded as {style}", str(error))
                self.assertIsNotNone(error.__cause__)

    @given(st.binary())
    @UNHURRIED
    def test_anything(self, content: bytes) -> None:
        """Any bytes are an object, or that error; those of pickles can do anything."""
        name = self.write("web", content)
        for style in ("source", "xml"):
            try:
                sob.load(name, style)
            except LoadError:
                pass
        self.assertRaises(LoadError, sob.load, name, "pickle", "x")

    def test_others(self) -> None:
        """A file of somebody else's, or that anybody can write, is not loaded."""
        name = self.write("web.tap", pickle.dumps(1))
        os.chmod(name, 0o602)
        error = self.assertRaises(LoadError, sob.load, name, "pickle")
        self.assertIn("chmod o-w", str(error))
        os.chmod(name, 0o660)
        self.assertEqual(sob.load(name, "pickle"), 1)
        self.patch(os, "geteuid", lambda: 12345)
        if os.stat(name).st_uid:
            error = self.assertRaises(LoadError, sob.load, name, "pickle")
            self.assertIn("chown", str(error))
        else:
            self.assertEqual(sob.load(name, "pickle"), 1)

    def test_folder(self) -> None:
        """Nor is a file that anybody can put another one in the place of."""
        os.mkdir("folder")
        name = self.write("folder/web.tap", pickle.dumps(1))
        os.chmod("folder", 0o777)
        error = self.assertRaises(LoadError, sob.load, name, "pickle")
        self.assertIn("folder, and to load one is to run what they say: chmod o-w", str(error))
        os.chmod("folder", 0o1777)
        self.assertEqual(sob.load(name, "pickle"), 1)

    def test_chown(self) -> None:
        """Nor does root load what a user has written."""
        if os.geteuid():
            raise SkipTest("only root can give files away")
        name = self.write("web.tap", pickle.dumps(1))
        os.chown(name, 12345, -1)
        error = self.assertRaises(LoadError, sob.load, name, "pickle")
        self.assertIn("belongs to user 12345", str(error))

    def test_value(self) -> None:
        """A file of Python leaves a value in a variable."""
        source = b"from os import sep\napplication = [__file__, sep]\n"
        name = self.write("web.tac", source)
        self.assertEqual(sob.loadValueFromFile(name, "application"), [name, os.sep])
        self.assertRaises(KeyError, sob.loadValueFromFile, name, "app")
        self.write("web.etac", seal(source, "x"))
        self.assertEqual(sob.loadValueFromFile("web.etac", "sep", "x"), os.sep)
        self.assertRaises(LoadError, sob.loadValueFromFile, "web.etac", "sep")
        self.assertRaises(LoadError, sob.loadValueFromFile, name, "sep", "x")

    def test_valueRaises(self) -> None:
        """What the file raises comes out as it is; its lines are named."""
        self.assertRaises(SyntaxError, sob.loadValueFromFile, self.write("a.tac", b"x ="), "x")
        error = self.assertRaises(
            ZeroDivisionError, sob.loadValueFromFile, self.write("a.tac", b"1/0"), "x"
        )
        frames: Any = error.__traceback__
        while frames.tb_next:
            frames = frames.tb_next
        self.assertEqual(frames.tb_frame.f_code.co_filename, "a.tac")

    def test_guessType(self) -> None:
        """By extensions, with the mark of encryption or without."""
        guessed = {"python": ["py", "tac", "etac"], **{s: [e, f"e{e}"] for s, e in STYLES.items()}}
        for kind, extensions in guessed.items():
            for extension in extensions:
                self.assertEqual(sob.guessType(f"some.dir/web.{extension}"), kind)
        for name in ("web", "web.x", "web.ee", "web.eetap", "tap", ".tap"):
            self.assertRaises(KeyError, sob.guessType, name)


class EnvelopeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.patch(_envelope, "_LOG2_N", 4)

    def test_roundTrip(self) -> None:
        """Anything can be hidden, and is different each time."""
        for content in (b"", b"x", b"x" * 100_000):
            one, other = seal(content, "p"), seal(content, b"p")
            self.assertNotEqual(one, other)
            self.assertEqual(unseal(one, b"p"), content)
            self.assertEqual(unseal(other, "p"), content)
            self.assertTrue(isSealed(one))

    def test_changed(self) -> None:
        """Each byte counts, those of the beginning included, and so does the end."""
        sealed = seal(b"content", "p")
        for index in range(len(sealed)):
            changed = bytearray(sealed)
            changed[index] ^= 1
            self.assertRaises(EnvelopeError, unseal, bytes(changed), "p")
        for cut in (0, 1, 20, len(sealed) - 1):
            self.assertRaises(EnvelopeError, unseal, sealed[:cut], "p")
        self.assertRaises(EnvelopeError, unseal, sealed + b"\0", "p")

    def test_greedy(self) -> None:
        """A file cannot ask for more memory than is reasonable."""
        sealed = seal(b"content", "p")
        at = len(_envelope._MAGIC) + 1
        for offset in range(3):
            for value in (0, 255):
                greedy = bytearray(sealed)
                greedy[at + offset] = value
                error = self.assertRaises(EnvelopeError, unseal, bytes(greedy), "p")
                self.assertIn("memory", str(error))

    def test_later(self) -> None:
        """A form that is not known is said to be one."""
        sealed = bytearray(seal(b"content", "p"))
        sealed[len(_envelope._MAGIC)] = 2
        error = self.assertRaises(EnvelopeError, unseal, bytes(sealed), "p")
        self.assertIn("later", str(error))

    def test_missing(self) -> None:
        """Without the library it is said what to install."""
        sealed = seal(b"content", "p")
        self.patch(_envelope, "requireModule", lambda name: None)
        for call in (lambda: seal(b"", "p"), lambda: unseal(sealed, "p")):
            self.assertIn("pip install", str(self.assertRaises(EnvelopeError, call)))

    def test_cost(self) -> None:
        """What is written by default may be read."""
        self.assertLessEqual(16, _envelope._MOST_LOG2_N)
        self.assertLessEqual(_envelope._R, _envelope._MOST_R)

    @given(st.binary())
    @UNHURRIED
    def test_anything(self, sealed: bytes) -> None:
        """Any bytes are refused in the one way."""
        for content in (sealed, _envelope._MAGIC + b"\1" + sealed):
            self.assertRaises(EnvelopeError, unseal, content, "p")


class ReplaceTests(SobCase):
    def test_replace(self) -> None:
        """The new content is there, and nothing beside it."""
        for sync in (False, True):
            for content in (b"old", b"x" * 1_000_000, b""):
                _atomic.replace("file", content, sync)
                with open("file", "rb") as file:
                    self.assertEqual(file.read(), content)
        self.assertEqual(os.listdir(), ["file"])

    def test_remains(self) -> None:
        """What is left by processes that are gone is told from what is being written."""
        dead, alive = 2**22 + 1, os.getpid()
        names = [f"a.new-{dead}-0", f"a.new-{alive}-0", "a.new-1-0", "a.new", f"new-{dead}-0", "a"]
        for name in names:
            open(name, "w").close()
        self.assertEqual([os.path.basename(p) for p in _atomic.remains(".")], names[:1])
