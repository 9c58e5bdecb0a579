"""Hashes of passwords, as other programs have made them."""

from __future__ import annotations

import subprocess
from typing import Any

from twisted.cred import _crypt, _hashes
from twisted.cred._crypt import crypt
from twisted.cred._hashes import MAX_PASSWORD, HashUnavailable, schemeOf, verify
from twisted.python.procutils import which
from twisted.python.reflect import requireModule
from twisted.trial.unittest import SkipTest, SynchronousTestCase

#: Of the password "secret", made by another program: openssl.
KNOWN = [
    b"{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    b"$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/",
    b"$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1",
    b"$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.",
    b"$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8P"
    b"SwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG.",
]


def matches(password: bytes, stored: bytes) -> bool:
    scheme = schemeOf(stored)
    assert scheme is not None, stored
    return verify(scheme, password, stored)


class HashTests(SynchronousTestCase):
    def test_known(self) -> None:
        """The right password is found right, and others are not."""
        for stored in KNOWN:
            self.assertTrue(matches(b"secret", stored), stored)
            for wrong in (b"Secret", b"secret ", b"", b"secre"):
                self.assertFalse(matches(wrong, stored), stored)

    def test_openssl(self) -> None:
        """Apache's scheme, for passwords of many lengths, as openssl has it."""
        if not which("openssl"):
            raise SkipTest("there is no openssl")
        passwords = [b"x" * length for length in (1, 2, 7, 15, 16, 17, 33, 100)]
        given = b"".join(password + b"\n" for password in passwords)
        command = ["openssl", "passwd", "-apr1", "-salt", "s.lt/5", "-stdin"]
        made = subprocess.run(command, input=given, capture_output=True, check=True).stdout
        for password, stored in zip(passwords, made.split(), strict=True):
            self.assertTrue(matches(password, stored), password)

    def test_bcrypt(self) -> None:
        """All three names of the one scheme; no more than 72 bytes count, as anywhere else."""
        bcrypt: Any = requireModule("bcrypt")
        if bcrypt is None:
            raise SkipTest("bcrypt is not installed")
        made = bcrypt.hashpw(b"p" * 72, bcrypt.gensalt(4))
        for prefix in (b"$2a$", b"$2b$", b"$2y$"):
            stored = prefix + made[4:]
            self.assertTrue(matches(b"p" * 72, stored))
            self.assertTrue(matches(b"p" * 80, stored))
            self.assertFalse(matches(b"p" * 71, stored))

    def test_bcryptByLibrary(self) -> None:
        """Without its module, the C library checks bcrypt if it can; or it is said what to do."""
        stored = b"$2y$04$abcdefghijklmnopqrstuuxgeYBz8MN2U/MBw0q1QYaxFlIzQdVVq"
        self.patch(_hashes, "requireModule", lambda name: None)
        made = crypt(b"secret", stored)
        if made is not None:
            self.assertTrue(matches(b"secret", made))
            self.assertFalse(matches(b"geheim", made))
        self.patch(_hashes, "crypt", lambda password, setting: None)
        error = self.assertRaises(HashUnavailable, matches, b"secret", stored)
        self.assertIn("pip install", str(error))

    def test_argon2(self) -> None:
        """All kinds of argon2, by what the hash says of itself."""
        argon2: Any = requireModule("argon2")
        if argon2 is None:
            raise SkipTest("argon2-cffi is not installed")
        for kind in argon2.Type:
            stored = argon2.PasswordHasher(1, 8, 1, type=kind).hash(b"secret").encode()
            self.assertTrue(matches(b"secret", stored))
            self.assertFalse(matches(b"geheim", stored))

    def test_argon2Missing(self) -> None:
        """It is said what to install."""
        self.patch(_hashes, "requireModule", lambda name: None)
        error = self.assertRaises(HashUnavailable, matches, b"x", b"$argon2id$v=19$")
        self.assertIn("argon2-cffi", str(error))

    def test_unknownToLibrary(self) -> None:
        """Nor is a hash passed over that the C library does not know."""
        self.patch(_hashes, "crypt", lambda password, setting: None)
        error = self.assertRaises(HashUnavailable, matches, b"x", b"$y$j9T$salt$hash")
        self.assertIn("$y$", str(error))
        self.assertNotIn("salt", str(error))

    def test_malformed(self) -> None:
        """A spoilt hash is that of no password, or cannot be checked: never an accident."""
        for stored in KNOWN + [
            b"$2y$10$abc",
            b"$argon2id$v=19$x",
            b"$argon2",
            b"$2b$99$" + b"a" * 53,
        ]:
            for end in (len(stored), len(stored) - 1, len(stored) // 2, 5):
                for spoilt in (stored[:end], stored[:end] + b"\xff", stored[:end] + b"$$"):
                    if schemeOf(spoilt) is None:
                        continue
                    try:
                        self.assertFalse(matches(b"geheim", spoilt), spoilt)
                    except HashUnavailable as e:
                        self.assertIn("C library", str(e))

    def test_noHash(self) -> None:
        """What is none is told from those that are."""
        for stored in (b"", b"secret", b"$", b"$3$", b"{MD5}x", b"*", b"!", b"x", b"{sha}x"):
            self.assertIsNone(schemeOf(stored), stored)

    def test_hostile(self) -> None:
        """Passwords that are too long, or that C would take for shorter ones, are wrong."""
        for stored in KNOWN:
            self.assertFalse(matches(b"secret\0", stored))
            self.assertFalse(matches(b"secret\0more", stored))
        long = b"x" * (MAX_PASSWORD + 1)
        self.assertFalse(matches(long, _hashes.md5Crypt(long, b"salt", b"$apr1$")))
        self.assertTrue(matches(long[1:], _hashes.md5Crypt(long[1:], b"salt", b"$apr1$")))


class CryptTests(SynchronousTestCase):
    """crypt(3)."""

    def test_unknown(self) -> None:
        """What is no method gives nothing."""
        for setting in (b"!", b"*", b"", b"$zz$", b"*0"):
            self.assertIsNone(crypt(b"x", setting))

    def test_nul(self) -> None:
        """C would stop there."""
        self.assertRaises(ValueError, crypt, b"a\0b", b"$1$abcdefgh")
        self.assertRaises(ValueError, crypt, b"ab", b"$1$abc\0")

    def test_missing(self) -> None:
        """Without the library there are no hashes."""
        self.patch(_crypt, "_function", lambda: None)
        self.assertIsNone(crypt(b"x", b"$1$abcdefgh"))
