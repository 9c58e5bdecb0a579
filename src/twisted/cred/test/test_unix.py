"""The users of this machine."""

from __future__ import annotations

import os
import pwd
from types import SimpleNamespace
from typing import Any

from twisted.cred import _shadow
from twisted.cred._crypt import crypt
from twisted.cred.credentials import UsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import capturedLogs, formatEvent
from twisted.plugins import cred_unix
from twisted.plugins.cred_unix import UNIXChecker, verifyCryptedPassword
from twisted.trial.unittest import SkipTest, SynchronousTestCase

SETTING = b"$6$rounds=1000$abcdefgh$"


def hashed(password: bytes) -> str:
    made = crypt(password, SETTING)
    if made is None:
        raise SkipTest("the C library has no SHA-512")
    return made.decode()


class Database:
    """As `pwd` and what stands for `spwd`."""

    def __init__(self, **passwords: str) -> None:
        self.passwords = passwords

    def getpwnam(self, name: str) -> Any:
        if "\0" in name:
            raise ValueError("embedded null byte")
        return SimpleNamespace(pw_passwd=self.passwords[name])

    def getspnam(self, name: str) -> Any:
        return SimpleNamespace(sp_pwdp=self.passwords[name])


class Closed(Database):
    """As the shadow database is for most."""

    def getspnam(self, name: str) -> Any:
        raise PermissionError(13, "Permission denied")


class VerifyTests(SynchronousTestCase):
    def test_verify(self) -> None:
        """One password has the hash, text or bytes; no password has what is none."""
        stored = hashed(b"secret")
        self.assertIs(verifyCryptedPassword(stored, "secret"), True)
        self.assertIs(verifyCryptedPassword(stored.encode(), b"secret"), True)
        for bad in ("*", "!", "", "x", "!" + stored, stored[:-1], stored + "x", stored + "\0"):
            self.assertIs(verifyCryptedPassword(bad, "secret"), False, bad)
        for password in ("", "Secret", "secret\0", "secret\0x", "x" * 1_000_000):
            self.assertIs(verifyCryptedPassword(stored, password), False)


class CheckerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.stored = hashed(b"secret")
        self.patch(cred_unix, "deferToThread", maybeDeferred)
        self.checker = UNIXChecker()
        self.checker.pwd = Database(bob="x", tim=self.stored, off="*", eve="x")
        self.checker.spwd = Database(bob=self.stored, off="!" + self.stored)

    def ask(self, name: Any, password: Any) -> Deferred[Any]:
        return self.checker.requestAvatarId(UsernamePassword(name, password))

    def test_admits(self) -> None:
        """By the database of users, or by the shadow of it."""
        for name in (b"bob", "bob", b"tim", "tim"):
            self.assertEqual(self.successResultOf(self.ask(name, b"secret")), name)

    def test_refuses(self) -> None:
        """Wrong passwords, locked and unknown users, and names that cannot be."""
        for name in (b"bob", b"tim", b"off", b"eve", b"nobody", b"\xff", b"", b"b\0ob"):
            for password in (b"wrong", b"", b"*", b"x", b"a\0b"):
                self.failureResultOf(self.ask(name, password), UnauthorizedLogin)
        for name in (b"off", b"eve", b"nobody"):
            self.failureResultOf(self.ask(name, b"secret"), UnauthorizedLogin)

    def test_sameCost(self) -> None:
        """A hash is computed for those who do not exist."""
        asked: list[bytes] = []

        def counted(password: bytes, setting: bytes) -> bytes:
            asked.append(password)
            return b""

        self.patch(cred_unix, "crypt", counted)
        self.failureResultOf(self.ask(b"nobody", b"x" * 10_000), UnauthorizedLogin)
        self.assertEqual(asked, [b"x" * 1024])

    def test_closed(self) -> None:
        """Who is not root cannot see hashes; the log says so, the peer is not told."""
        self.checker.spwd = Closed()
        with capturedLogs() as logged:
            self.failureResultOf(self.ask(b"bob", b"secret"), UnauthorizedLogin)
        self.assertIn("cannot read", formatEvent(logged[0]))

    def test_noDatabase(self) -> None:
        """On systems without users nobody logs in."""
        self.checker.pwd = None
        with capturedLogs() as logged:
            self.failureResultOf(self.ask(b"bob", b"secret"), UnauthorizedLogin)
        self.assertIn("no database", formatEvent(logged[0]))

    def test_checkPwd(self) -> None:
        """By the one database alone; None says that it is not for that one to say."""
        pwd = self.checker.pwd
        self.assertEqual(self.successResultOf(self.checker.checkPwd(pwd, "tim", "secret")), "tim")
        self.failureResultOf(self.checker.checkPwd(pwd, "tim", "wrong"), UnauthorizedLogin)
        self.failureResultOf(self.checker.checkPwd(pwd, "nobody", "x"), UnauthorizedLogin)
        self.assertIsNone(self.checker.checkPwd(pwd, "bob", "secret"))

    def test_checkSpwd(self) -> None:
        """By the other alone."""
        spwd = self.checker.spwd
        self.assertEqual(self.successResultOf(self.checker.checkSpwd(spwd, "bob", "secret")), "bob")
        for name, password in [("bob", "wrong"), ("off", "secret"), ("nobody", "x")]:
            asked = self.checker.checkSpwd(spwd, name, password)
            self.failureResultOf(asked, UnauthorizedLogin)
        closed = self.checker.checkSpwd(Closed(), "bob", "secret")
        self.failureResultOf(closed, UnauthorizedLogin)


class ShadowTests(SynchronousTestCase):
    """The database of the system itself."""

    def test_own(self) -> None:
        """Root finds itself; others may not look."""
        name = pwd.getpwuid(os.geteuid()).pw_name
        try:
            entry = _shadow.getspnam(name)
        except PermissionError:
            self.assertNotEqual(os.geteuid(), 0)
        except KeyError:
            raise SkipTest("there is no shadow database, or it does not have this user")
        else:
            self.assertEqual(entry.sp_namp, name)
            self.assertIsInstance(entry.sp_pwdp, str)

    def test_unknown(self) -> None:
        """Nobody is of that name."""
        self.assertRaises((KeyError, PermissionError), _shadow.getspnam, "no such user")
