"""Password hashes as they are in files: of ``htpasswd``, of ``/etc/shadow``, of argon2.

Each says by its beginning what it is, as in ``$2y$10$...``.  What begins otherwise is no hash here
(the oldest form, DES, has no beginning, and looks like any word of 13 letters).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from twisted.cred._crypt import crypt
from twisted.cred._secrets import sameSecret
from twisted.python.reflect import requireModule

#: Bytes of the longest password that is hashed; what takes time by length must not take long.
MAX_PASSWORD = 1024
#: bcrypt sees no more of a password. Programs that make hashes do not ask for more, so neither
#: can those that check them.
_BCRYPT_BYTES = 72


class HashUnavailable(Exception):
    """A hash is of a kind that cannot be checked here; the text says what to install."""


class Scheme(NamedTuple):
    """A kind of hash.

    Attributes:
        name: how people call it.
        prefix: how each such hash begins.
        verify: whether a password has a hash, (password, hash).
        isSlow: whether that takes so long that the loop must not wait for it.
    """

    name: str
    prefix: bytes
    verify: Callable[[bytes, bytes], bool]
    isSlow: bool


def schemeOf(stored: bytes) -> Scheme | None:
    """The kind of a hash; None for what is none."""
    return next((scheme for scheme in _SCHEMES if stored.startswith(scheme.prefix)), None)


def verify(scheme: Scheme, password: bytes, stored: bytes) -> bool:
    """Whether a password has a hash of this kind.

    A password with a NUL in it, or of more than `MAX_PASSWORD` bytes, has none; nor has a hash
    that is malformed any password.

    Raises:
        HashUnavailable: there is no way to tell.
    """
    if b"\0" in password or len(password) > MAX_PASSWORD:
        return False
    return scheme.verify(password, stored)


def _verifySha(password: bytes, stored: bytes) -> bool:
    digest = hashlib.sha1(password, usedforsecurity=False).digest()
    return sameSecret(stored, b"{SHA}" + base64.b64encode(digest))


def _verifySystem(password: bytes, stored: bytes) -> bool:
    hashed = crypt(password, stored)
    if hashed is None:
        raise HashUnavailable(f"the C library cannot check {_method(stored)} hashes")
    return sameSecret(stored, hashed)


def _method(stored: bytes) -> str:
    """The beginning of a hash, which tells its kind and nothing else."""
    return b"$".join(stored.split(b"$", 2)[:2]).decode("latin-1") + "$"


def _verifyBcrypt(password: bytes, stored: bytes) -> bool:
    bcrypt: Any = requireModule("bcrypt")
    cut = password[:_BCRYPT_BYTES]
    if bcrypt is None:
        try:
            return _verifySystem(cut, stored)
        except HashUnavailable:
            raise HashUnavailable("for bcrypt hashes, pip install 'torsion[cred]' (bcrypt)")
    try:
        return bool(bcrypt.checkpw(cut, stored))
    except ValueError:
        return False  # malformed


def _verifyArgon2(password: bytes, stored: bytes) -> bool:
    argon2: Any = requireModule("argon2")
    if argon2 is None:
        raise HashUnavailable("for argon2 hashes, pip install 'torsion[cred]' (argon2-cffi)")
    try:
        return bool(argon2.PasswordHasher().verify(stored, password))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _verifyApache(password: bytes, stored: bytes) -> bool:
    _, _, salt, *_ = [*stored.split(b"$"), b"", b""]
    return sameSecret(stored, md5Crypt(password, salt, b"$apr1$"))


#: The digits of the base-64 of crypt(3), and the order in which the MD5 scheme takes its bytes.
_DIGITS = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TRIPLES = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))
_MD5_SALT, _MD5_ROUNDS = 8, 1000


def md5Crypt(password: bytes, salt: bytes, magic: bytes) -> bytes:
    """The hash of a password in P.-H. Kamp's scheme, which has MD5 a thousand times over.

    Args:
        password: any.
        salt: of which eight bytes are used.
        magic: ``b"$1$"`` as in ``/etc/shadow``, or ``b"$apr1$"``, as Apache has it.
    """

    def md5(*parts: bytes) -> bytes:
        return hashlib.md5(b"".join(parts), usedforsecurity=False).digest()

    salt = salt[:_MD5_SALT]
    inner = md5(password, salt, password)
    # One byte for each bit of the length: an inadvertence that has become the definition.
    bits = [
        b"\0" if len(password) >> bit & 1 else password[:1]
        for bit in range(len(password).bit_length())
    ]
    stretched = (inner * (len(password) // len(inner) + 1))[: len(password)]
    digest = md5(password, magic, salt, stretched, *bits)
    for turn in range(_MD5_ROUNDS):
        first, last = (password, digest) if turn & 1 else (digest, password)
        digest = md5(first, salt if turn % 3 else b"", password if turn % 7 else b"", last)
    encoded = bytearray()
    for high, middle, low in _TRIPLES:
        _append(encoded, digest[high] << 16 | digest[middle] << 8 | digest[low], 4)
    _append(encoded, digest[11], 2)
    return magic + salt + b"$" + bytes(encoded)


def _append(encoded: bytearray, value: int, digits: int) -> None:
    for _ in range(digits):
        encoded.append(_DIGITS[value & 63])
        value >>= 6


_SCHEMES = (
    Scheme("SHA-1", b"{SHA}", _verifySha, False),
    Scheme("Apache MD5", b"$apr1$", _verifyApache, True),
    Scheme("bcrypt", b"$2a$", _verifyBcrypt, True),
    Scheme("bcrypt", b"$2b$", _verifyBcrypt, True),
    Scheme("bcrypt", b"$2y$", _verifyBcrypt, True),
    Scheme("argon2", b"$argon2", _verifyArgon2, True),
    Scheme("MD5 of crypt(3)", b"$1$", _verifySystem, True),
    Scheme("SHA-256 of crypt(3)", b"$5$", _verifySystem, True),
    Scheme("SHA-512 of crypt(3)", b"$6$", _verifySystem, True),
    Scheme("yescrypt", b"$y$", _verifySystem, True),
    Scheme("gost-yescrypt", b"$gy$", _verifySystem, True),
    Scheme("scrypt", b"$7$", _verifySystem, True),
)
