"""Checkers that have the passwords in memory and in files."""

from __future__ import annotations

import base64
import hashlib
import os
import pickle
from collections.abc import Callable
from typing import Any

from twisted.cred import _hashes, checkers, credentials
from twisted.cred.checkers import FilePasswordDB, InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.credentials import CramMD5Credentials, UsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase, TestCase


def sha(password: bytes) -> bytes:
    return b"{SHA}" + base64.b64encode(hashlib.sha1(password).digest())


class CheckerCase(SynchronousTestCase):
    def assertAdmits(self, checker: Any, name: Any, password: Any, avatarId: object) -> None:
        asked = checker.requestAvatarId(UsernamePassword(name, password))
        self.assertEqual(self.successResultOf(asked), avatarId)

    def assertRefuses(self, checker: Any, name: Any, password: Any) -> None:
        asked = checker.requestAvatarId(UsernamePassword(name, password))
        self.failureResultOf(asked, UnauthorizedLogin)


class MemoryTests(CheckerCase):
    def setUp(self) -> None:
        self.checker = InMemoryUsernamePasswordDatabaseDontUse(bob="secret", tim=b"tanstaaf")

    def test_users(self) -> None:
        """Names of keywords are bytes; names are admitted as they are said."""
        self.assertEqual(self.checker.users, {b"bob": "secret", b"tim": b"tanstaaf"})
        self.assertAdmits(self.checker, b"bob", b"secret", b"bob")
        self.assertAdmits(self.checker, "bob", "secret", "bob")
        self.checker.addUser("j\xfcrgen", "pw")
        self.assertAdmits(self.checker, "j\xfcrgen".encode(), b"pw", "j\xfcrgen".encode())
        self.assertAdmits(self.checker, "j\xfcrgen", b"pw", "j\xfcrgen")

    def test_wrong(self) -> None:
        """All others are refused, and all in the same way."""
        for name in (b"bob", "bob", b"eve", "eve", b"\xff", b"", b"bob\0"):
            self.assertRefuses(self.checker, name, b"wrong")
            self.assertRefuses(self.checker, name, checkers._DECOY)

    def test_challenge(self) -> None:
        """The password itself is known, so that challenges can be used."""
        answer = CramMD5Credentials()
        answer.challenge = b"<1896.697170952@postoffice.reston.mci.net>"
        answer.setResponse(b"tim 00")
        self.failureResultOf(self.checker.requestAvatarId(answer), UnauthorizedLogin)

    def test_sameCost(self) -> None:
        """A password is compared for those who do not exist, too."""
        asked: list[object] = []

        class Counting(UsernamePassword):
            def checkPassword(self, password: Any) -> bool:
                asked.append(password)
                return True

        unknown = self.checker.requestAvatarId(Counting(b"eve", b"x"))
        self.failureResultOf(unknown, UnauthorizedLogin)
        self.assertEqual(len(asked), 1)


class FileCase(CheckerCase):
    def setUp(self) -> None:
        self.path = self.mktemp()

    def write(self, *lines: bytes) -> None:
        with open(self.path, "wb") as file:
            file.writelines(line + b"\n" for line in lines)


class FileTests(FileCase):
    """Users in a file, passwords as they are."""

    def test_admits(self) -> None:
        """Names come out as the file has them, however they are said."""
        self.write(b"bob:secret", b"tim:pass:more")
        checker = FilePasswordDB(self.path)
        self.assertAdmits(checker, b"bob", b"secret", b"bob")
        self.assertAdmits(checker, "bob", "secret", b"bob")
        self.assertAdmits(checker, b"tim", b"pass", b"tim")
        for name, password in [
            (b"bob", b"x"),
            (b"eve", b"secret"),
            (b"Bob", b"secret"),
            (b"", b""),
        ]:
            self.assertRefuses(checker, name, password)
        self.assertEqual(checker.getUser(b"bob"), (b"bob", b"secret"))
        self.assertRaises(KeyError, checker.getUser, b"eve")

    def test_form(self) -> None:
        """Where fields are, what is between them, and whether case matters."""
        self.write(b"x|secret|BOB", b"y|Secret|bob")
        checker = FilePasswordDB(self.path, "|", 2, 1, caseSensitive=False)
        self.assertAdmits(checker, b"bOb", b"secret", b"bob")
        self.assertRefuses(checker, b"bob", b"Secret")

    def test_lines(self) -> None:
        """Comments, blank lines, ends of lines of other systems, and none at the end."""
        with open(self.path, "wb") as file:
            file.write(b"# users\r\n\r\n  \nbob:secret\r\nlast:one")
        checker = FilePasswordDB(self.path)
        with capturedLogs() as logged:
            self.assertAdmits(checker, b"bob", b"secret", b"bob")
            self.assertAdmits(checker, b"last", b"one", b"last")
        self.assertEqual(list(logged), [])

    def test_malformed(self) -> None:
        """Lines that make no sense are told once, by their numbers, not by what is in them."""
        self.write(b"bob:secret", b"hunter2", b"e\0ve:x", b":empty")
        checker = FilePasswordDB(self.path)
        with capturedLogs() as logged:
            for _ in range(3):
                self.assertAdmits(checker, b"bob", b"secret", b"bob")
        said = "".join(map(formatEvent, logged))
        self.assertEqual(len(logged), 2, said)
        self.assertIn("Line 2", said)
        self.assertIn("Line 3", said)
        self.assertIn(self.path, said)
        self.assertNotIn("hunter2", said)

    def test_missing(self) -> None:
        """Without the file nobody is admitted, and the log says why."""
        checker = FilePasswordDB(self.path)
        with capturedLogs() as logged:
            self.assertRefuses(checker, b"bob", b"secret")
            self.assertRaises(UnauthorizedLogin, checker.getUser, b"bob")
        self.assertIn(self.path, formatEvent(logged[0]))

    def test_edited(self) -> None:
        """A file that is edited counts as it is now, in its place or replaced."""
        for cache in (False, True):
            self.write(b"bob:one")
            checker = FilePasswordDB(self.path, cache=cache)
            self.assertEqual(checker.cache, cache)
            self.assertAdmits(checker, b"bob", b"one", b"bob")
            self.write(b"bob:three")
            self.assertAdmits(checker, b"bob", b"three", b"bob")
            with open(self.path + ".new", "wb") as file:
                file.write(b"bob:seven\n")
            os.replace(self.path + ".new", self.path)
            self.assertAdmits(checker, b"bob", b"seven", b"bob")
            self.assertRefuses(checker, b"bob", b"three")

    def test_cache(self) -> None:
        """With a cache, a file that has not changed is not read again; one that is gone counts."""
        self.write(b"bob:one")
        checker = FilePasswordDB(self.path, cache=True)
        self.assertAdmits(checker, b"bob", b"one", b"bob")
        self.patch(checker, "_parsed", None)
        self.assertAdmits(checker, b"bob", b"one", b"bob")
        os.unlink(self.path)
        with capturedLogs():
            self.assertRefuses(checker, b"bob", b"one")

    def test_pickle(self) -> None:
        """A saved application does not have the passwords in it."""
        self.write(b"bob:hunter2")
        checker = FilePasswordDB(self.path, cache=True)
        self.assertAdmits(checker, b"bob", b"hunter2", b"bob")
        saved = pickle.dumps(checker)
        self.assertNotIn(b"hunter2", saved)
        self.assertAdmits(pickle.loads(saved), b"bob", b"hunter2", b"bob")

    def test_challenge(self) -> None:
        """Answers to challenges, where passwords are as they are."""
        self.write(b"tim:tanstaaftanstaaf")
        answer = CramMD5Credentials()
        answer.challenge = b"<1896.697170952@postoffice.reston.mci.net>"
        answer.setResponse(b"tim b913a602c7eda7a495b4e6e7334d3890")
        self.assertEqual(
            self.successResultOf(FilePasswordDB(self.path).requestAvatarId(answer)), b"tim"
        )


class HashFunctionTests(FileCase):
    """A `hash` of the program's own."""

    def test_called(self) -> None:
        """It gets what was said and what is stored, and gives what should be stored."""
        asked: list[object] = []

        def swapped(name: bytes, password: bytes, stored: bytes) -> bytes:
            asked.append((name, password, stored))
            return password.swapcase()

        self.write(b"bob:SECRET", b"tim:$apr1$secret")
        checker = FilePasswordDB(self.path, hash=swapped)
        self.assertEqual(checker.credentialInterfaces, (credentials.IUsernamePassword,))
        self.assertAdmits(checker, b"bob", b"secret", b"bob")
        self.assertAdmits(checker, b"tim", b"$APR1$SECRET", b"tim")
        self.assertRefuses(checker, b"bob", b"SECRET")
        self.assertRefuses(checker, b"eve", b"SECRET")
        self.assertEqual(asked[0], (b"bob", b"secret", b"SECRET"))
        self.assertEqual(len(asked), 4)

    def test_deferred(self) -> None:
        """It may take its time."""
        waiting: Deferred[bytes] = Deferred()
        self.write(b"bob:1234")
        checker = FilePasswordDB(self.path, hash=lambda name, password, stored: waiting)
        asked = checker.requestAvatarId(UsernamePassword(b"bob", b"x"))
        self.assertNoResult(asked)
        waiting.callback(b"1234")
        self.assertEqual(self.successResultOf(asked), b"bob")

    def test_none(self) -> None:
        """It may not know how: then the password is wrong."""
        self.write(b"bob:None")
        checker = FilePasswordDB(self.path, hash=lambda name, password, stored: None)
        self.assertRefuses(checker, b"bob", b"None")

    def test_raises(self) -> None:
        """What it raises is what the login fails with."""
        self.write(b"bob:1234")
        checker = FilePasswordDB(self.path, hash=lambda name, password, stored: 1 // 0)
        asked = checker.requestAvatarId(UsernamePassword(b"bob", b"x"))
        self.failureResultOf(asked, ZeroDivisionError)


class StoredHashTests(FileCase):
    """Hashes that show what they are, with threads that do their work at once."""

    def setUp(self) -> None:
        super().setUp()
        self.inThreads: list[object] = []

        def atOnce(f: Callable[..., Any], *args: Any) -> Deferred[Any]:
            self.inThreads.append(args[0].name)
            return maybeDeferred(f, *args)

        self.patch(checkers, "deferToThread", atOnce)
        self.apache = _hashes.md5Crypt(b"secret", b"salt", b"$apr1$")

    def test_kinds(self) -> None:
        """Kinds may be mixed; the slow ones go to a thread."""
        self.write(b"bob:" + sha(b"secret"), b"tim:" + self.apache, b"eve:secret")
        checker = FilePasswordDB(self.path)
        for name in (b"bob", b"tim", b"eve"):
            self.assertAdmits(checker, name, b"secret", name)
            self.assertRefuses(checker, name, b"wrong")
        self.assertEqual(self.inThreads, ["Apache MD5", "Apache MD5"])

    def test_hashIsNoPassword(self) -> None:
        """Who has seen the file cannot log in with what is in it."""
        self.write(b"bob:" + sha(b"secret"), b"tim:" + self.apache)
        checker = FilePasswordDB(self.path)
        self.assertRefuses(checker, b"bob", sha(b"secret"))
        self.assertRefuses(checker, b"tim", self.apache)

    def test_unknownUser(self) -> None:
        """A hash is computed for those who do not exist: of the kind that most users have."""
        self.write(b"bob:" + sha(b"x"), b"tim:" + self.apache, b"eve:" + self.apache)
        self.assertRefuses(FilePasswordDB(self.path), b"nobody", b"secret")
        self.assertEqual(self.inThreads, ["Apache MD5"])

    def test_flood(self) -> None:
        """When too many wait for a thread, others are refused until there are less."""
        started: list[Deferred[bool]] = []

        def later(*arguments: object) -> Deferred[bool]:
            started.append(Deferred())
            return started[-1]

        self.patch(checkers, "deferToThread", later)
        self.patch(checkers, "MAX_CHECKS", 2)
        self.write(b"tim:" + self.apache)
        checker = FilePasswordDB(self.path)
        credentials = UsernamePassword(b"tim", b"secret")
        waiting = [checker.requestAvatarId(credentials) for _ in range(2)]
        with capturedLogs() as logged:
            for _ in range(2):
                self.assertRefuses(checker, b"tim", b"secret")
        self.assertEqual(
            [formatEvent(event).split(" logins")[0] for event in logged], ["More than 2"]
        )
        started[0].callback(True)
        self.assertEqual(self.successResultOf(waiting[0]), b"tim")
        third = checker.requestAvatarId(credentials)
        started[2].callback(True)
        self.assertEqual(self.successResultOf(third), b"tim")
        started[1].callback(False)
        self.failureResultOf(waiting[1], UnauthorizedLogin)

    def test_nobody(self) -> None:
        """A file without users admits nobody."""
        self.write()
        for password in (b"", checkers._DECOY):
            self.assertRefuses(FilePasswordDB(self.path), b"bob", password)

    def test_challenge(self) -> None:
        """Of an answer to a challenge there is no telling; the log says so once."""
        self.write(b"bob:" + sha(b"secret"))
        checker = FilePasswordDB(self.path)
        with capturedLogs() as logged:
            for _ in range(2):
                answer = CramMD5Credentials(b"h")
                answer.getChallenge()
                answer.setResponse(b"bob 00")
                self.failureResultOf(checker.requestAvatarId(answer), UnauthorizedLogin)
        self.assertEqual(len(logged), 1)
        self.assertIn("challenge", formatEvent(logged[0]))

    def test_unavailable(self) -> None:
        """A hash that cannot be checked admits nobody; the log says once what to install."""
        self.patch(_hashes, "requireModule", lambda name: None)
        self.write(b"bob:$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA")
        checker = FilePasswordDB(self.path)
        with capturedLogs() as logged:
            for _ in range(2):
                self.assertRefuses(checker, b"bob", b"secret")
        self.assertEqual(len(logged), 1)
        self.assertIn("argon2-cffi", formatEvent(logged[0]))


class ThreadTests(TestCase):
    """The same, in threads."""

    def test_thread(self) -> Deferred[object]:
        """The loop goes on while a hash is computed."""
        path = self.mktemp()
        with open(path, "wb") as file:
            file.write(b"bob:" + _hashes.md5Crypt(b"secret", b"salt", b"$apr1$") + b"\n")
        asked = FilePasswordDB(path).requestAvatarId(UsernamePassword(b"bob", b"secret"))
        self.assertFalse(asked.called)
        return asked.addCallback(self.assertEqual, b"bob")
