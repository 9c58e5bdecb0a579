"""How one proves who one is: the mechanisms of SASL (RFC 4422) that IRC servers have.

PLAIN (RFC 4616) tells the password; EXTERNAL points to the certificate of the connection;
SCRAM-SHA-256 (RFC 5802, RFC 7677) proves that we know the password, and that the server does.
A mechanism is `respond(challenge) -> response`, bytes both, the first challenge being empty.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from typing import Protocol

__name__ = "twisted.words.protocols.irc"  # the public path, for messages

#: How many rounds of hashing a server may ask for; RFC 7677 asks for at least 4096. A server that
#: asks for more would keep us from everything else: these take a quarter of a second.
MAX_ITERATIONS = 600_000
MIN_ITERATIONS = 4096


class LoginFailed(Exception):
    """What the server says in a login cannot be right, or we cannot do what it wants."""


class Mechanism(Protocol):
    """A way to log in.

    Attributes:
        name: what it is called.
        needs_privacy: whether who overhears it could log in as us.
    """

    name: str
    needs_privacy: bool

    def respond(self, challenge: bytes) -> bytes:
        """The answer to a challenge; raises `LoginFailed`."""

    def finished(self) -> bool:
        """Whether the server has said all that it has to."""


class Plain:
    """The name and the password, as they are."""

    name = "PLAIN"
    needs_privacy = True

    def __init__(self, username: str, password: str) -> None:
        if "\0" in username or "\0" in password:
            raise ValueError("A name or password with NUL in it cannot be sent by SASL PLAIN.")
        self._said = f"\0{username}\0{password}".encode()

    def respond(self, challenge: bytes) -> bytes:
        """The name and the password."""
        return self._said

    def finished(self) -> bool:
        """The server has nothing to say."""
        return True


class External:
    """Whoever the certificate says."""

    name = "EXTERNAL"
    needs_privacy = False

    def respond(self, challenge: bytes) -> bytes:
        """Nothing more."""
        return b""

    def finished(self) -> bool:
        """The server has nothing to say."""
        return True


class ScramSha256:
    """Proof of a password, without telling it."""

    name = "SCRAM-SHA-256"
    needs_privacy = False

    def __init__(self, username: str, password: str, nonce: str | None = None) -> None:
        name = prepared(username).replace("=", "=3D").replace(",", "=2C")
        self._password = prepared(password).encode()
        self._nonce = nonce or secrets.token_urlsafe(24)
        self._bare = f"n={name},r={self._nonce}"
        self._expected = b""
        self._steps = [self._first, self._proof, self._verify]
        self._done = False

    def respond(self, challenge: bytes) -> bytes:
        """The next of the three answers."""
        if not self._steps:
            raise LoginFailed("The server asks for more than SCRAM has.")
        return self._steps.pop(0)(challenge)

    def finished(self) -> bool:
        """Whether the server has proved that it knows the password, too."""
        return self._done

    def _first(self, challenge: bytes) -> bytes:
        return ("n,," + self._bare).encode()

    def _proof(self, challenge: bytes) -> bytes:
        said = _attributes(challenge)
        try:
            nonce, rounds = said["r"], int(said["i"])
            salt = base64.b64decode(said["s"], validate=True)
        except (KeyError, ValueError):
            raise LoginFailed("The server's challenge has no nonce, salt or number of rounds.")
        if not nonce.startswith(self._nonce) or nonce == self._nonce:
            raise LoginFailed("The server's challenge is not for us: its nonce is another.")
        if not MIN_ITERATIONS <= rounds <= MAX_ITERATIONS:
            raise LoginFailed(
                f"The server wants {rounds} rounds, and not {MIN_ITERATIONS} to {MAX_ITERATIONS}."
            )
        salted = hashlib.pbkdf2_hmac("sha256", self._password, salt, rounds)
        final = f"c=biws,r={nonce}"
        text = f"{self._bare},{challenge.decode()},{final}".encode()
        key = _keyed(salted, b"Client Key")
        signature = _keyed(hashlib.sha256(key).digest(), text)
        self._expected = _keyed(_keyed(salted, b"Server Key"), text)
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return f"{final},p={base64.b64encode(proof).decode()}".encode()

    def _verify(self, challenge: bytes) -> bytes:
        said = _attributes(challenge)
        try:
            proof = base64.b64decode(said.get("v", ""), validate=True)
        except binascii.Error:
            proof = b""
        if not hmac.compare_digest(proof, self._expected):
            raise LoginFailed(
                f"The server does not know the password either: {said.get('e', 'its proof is bad')}"
            )
        self._done = True
        return b""


def prepared(text: str) -> str:
    """Text as it is compared: SASLprep (RFC 4013).

    Raises:
        ValueError: it has a character in it that no password may have.
    """
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in text
        if not stringprep.in_table_b1(char)
    )
    normal = unicodedata.normalize("NFKC", mapped)
    prohibited = (
        stringprep.in_table_c12,
        stringprep.in_table_c21_c22,
        stringprep.in_table_c3,
        stringprep.in_table_c4,
        stringprep.in_table_c5,
        stringprep.in_table_c6,
        stringprep.in_table_c7,
        stringprep.in_table_c8,
        stringprep.in_table_c9,
    )
    for char in normal:
        if any(table(char) for table in prohibited):
            raise ValueError(f"The character {char!r} cannot be in a name or password.")
    return normal


def _keyed(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _attributes(message: bytes) -> dict[str, str]:
    """The attributes of a message of SCRAM: letters with their values."""
    try:
        pieces = message.decode().split(",")
    except UnicodeDecodeError:
        raise LoginFailed("The server's challenge is not text.")
    return {piece[0]: piece[2:] for piece in pieces if piece[1:2] == "="}
