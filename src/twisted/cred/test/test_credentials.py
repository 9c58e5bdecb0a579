"""Credentials that are simple, or of one challenge; the digests have a module of their own."""

from __future__ import annotations

import hmac
import re

from twisted.cred import credentials as module
from twisted.cred.credentials import (
    CramMD5Credentials,
    ISSHPrivateKey,
    SSHPrivateKey,
    UsernamePassword,
)
from twisted.trial.unittest import SynchronousTestCase


class PasswordTests(SynchronousTestCase):
    def test_checkPassword(self) -> None:
        """Passwords are compared as bytes; text is its UTF-8."""
        cases: list[tuple[str | bytes, str | bytes, bool]] = [
            (b"secret", b"secret", True),
            ("secret", b"secret", True),
            ("gr\xfc\xdfe", "gr\xfc\xdfe".encode(), True),
            ("gr\xfc\xdfe", "gr\xfc\xdfe".encode("latin-1"), False),
            (b"secret", b"secret\0", False),
            (b"", b"", True),
            (b"x" * 1_000_000, b"x", False),
            ("\ud800", "\ud801", False),
        ]
        for said, asked, expected in cases:
            for kind in (UsernamePassword, module.UsernameHashedPassword):
                self.assertEqual(kind(b"bob", said).checkPassword(asked), expected)

    def test_deprecated(self) -> None:
        """Who uses the hash as if it were the password is told so, at their line."""
        for kind in ("UsernameHashedPassword", "UsernamePassword"):
            getattr(module, kind)
        [warning] = self.flushWarnings([PasswordTests.test_deprecated])
        self.assertEqual(warning["category"], DeprecationWarning)
        self.assertEqual(
            warning["message"],
            "twisted.cred.credentials.UsernameHashedPassword was deprecated in Twisted 21.2.0: "
            "Use twisted.cred.credentials.UsernamePassword instead.",
        )

    def test_types(self) -> None:
        """What is neither text nor bytes is a mistake, and not a wrong password."""
        error = self.assertRaises(TypeError, UsernamePassword(b"bob", b"x").checkPassword, None)
        self.assertIn("NoneType", str(error))


class CramTests(SynchronousTestCase):
    """RFC 2195."""

    def test_known(self) -> None:
        """The example of the RFC."""
        credentials = CramMD5Credentials()
        credentials.challenge = b"<1896.697170952@postoffice.reston.mci.net>"
        credentials.setResponse(b"tim b913a602c7eda7a495b4e6e7334d3890")
        self.assertEqual(credentials.username, b"tim")
        self.assertTrue(credentials.checkPassword(b"tanstaaftanstaaf"))
        self.assertTrue(credentials.checkPassword("tanstaaftanstaaf"))
        self.assertFalse(credentials.checkPassword(b"tanstaaf"))
        self.assertFalse(credentials.moreChallenges())

    def test_challenge(self) -> None:
        """Each is different, stays the same, and names the server."""
        one, other = CramMD5Credentials(b"example.com"), CramMD5Credentials("example.com")
        self.assertRegex(one.getChallenge().decode(), r"^<\d+\.\d+@example\.com>$")
        self.assertEqual(one.getChallenge(), one.challenge)
        self.assertNotEqual(one.getChallenge(), other.getChallenge())
        self.assertTrue(re.match(rb"<\d+\.\d+@.+>$", CramMD5Credentials().getChallenge()))

    def test_spaces(self) -> None:
        """A name may have spaces in it."""
        credentials = CramMD5Credentials(b"h")
        digest = hmac.new(b"pw", credentials.getChallenge(), "md5").hexdigest().encode()
        credentials.setResponse(b"two words " + digest.upper())
        self.assertEqual(credentials.username, b"two words")
        self.assertTrue(credentials.checkPassword(b"pw"))

    def test_bad(self) -> None:
        """What is no answer is a wrong one."""
        for response in (b"", b" ", b"tim", b"tim ", b"\xff\0\xff", b"tim " + b"f" * 100_000):
            credentials = CramMD5Credentials(b"h")
            credentials.getChallenge()
            credentials.setResponse(response)
            self.assertFalse(credentials.checkPassword(b""))

    def test_unasked(self) -> None:
        """An answer without a challenge is none, though it would be right."""
        credentials = CramMD5Credentials(b"h")
        credentials.setResponse(b"tim " + hmac.new(b"pw", b"", "md5").hexdigest().encode())
        self.assertFalse(credentials.checkPassword(b"pw"))


class KeyTests(SynchronousTestCase):
    def test_attributes(self) -> None:
        """All that a checker of keys needs."""
        credentials = SSHPrivateKey(b"bob", b"ssh-ed25519", b"blob", b"data", None)
        for name in ISSHPrivateKey.names():
            self.assertTrue(hasattr(credentials, name), name)
        self.assertTrue(ISSHPrivateKey.providedBy(credentials))
