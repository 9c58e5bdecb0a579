"""Digest authentication (RFC 7616, and RFC 2617 before it): challenges, and answers to them.

Theory of operation.  The server remembers nothing of a challenge that it has sent.  All that it has
to know later is in the *opaque* part, which the client sends back: the nonce, whom it was for and
when, under a MAC with a key that is made when the factory is.  What cannot do without memory is the
detection of replays: an answer whose password was right is good for one use.  `_UsedNonces` knows
which counts (`nc`) of which nonces have been used; only right answers get into it, so that nobody
can fill it who has no password.  It forgets a nonce when its time is over, or when there are too
many; what it had to forget early is then refused, which costs the client one more challenge.

What does not work: to ask that `nc` grows.  A browser has several connections, and what it counts
in one order comes in another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from zope.interface import implementer

from twisted.cred._secrets import asBytes, sameSecret
from twisted.cred.credentials._kinds import IUsernameDigestHash, IUsernameHashedPassword, Text
from twisted.cred.error import LoginFailed

__name__ = "twisted.cred.credentials"  # the public path, for pickles and messages

#: Bytes of the longest answer; those of today's clients have a few hundred, and a long URL.
MAX_RESPONSE = 16384
#: Nonces whose use is remembered. A busy server starts several logins each second.
MAX_NONCES = 10000
#: How far `nc` may be behind the highest that came, several connections being used at once.
_WINDOW = 256
#: Bytes of randomness in a nonce, and in the key of a factory.
_NONCE_BYTES = 16
_KEY_BYTES = 32

#: By the names of RFC 7616 (and "sha", which is none of its names, but has long been used).
_ALGORITHMS: dict[bytes, str] = {
    b"md5": "md5",
    b"sha": "sha1",
    b"sha-256": "sha256",
    b"sha-512-256": "sha512_256",
}
_SESSION = b"-sess"

_FIELD = re.compile(rb"""\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))\s*""")
_QUOTED = re.compile(rb"\\(.)", re.DOTALL)
_COUNT = re.compile(rb"[0-9a-fA-F]{1,8}")


def _isKnown(algorithm: bytes) -> bool:
    return algorithm.removesuffix(_SESSION) in _ALGORITHMS


def _hash(algorithm: bytes, *parts: bytes) -> bytes:
    """The hash of some parts with colons in between, in hexadecimal digits."""
    name = _ALGORITHMS[algorithm.removesuffix(_SESSION)]
    return hashlib.new(name, b":".join(parts), usedforsecurity=False).hexdigest().encode()


def calcHA1(
    pszAlg: bytes,
    pszUserName: bytes | None,
    pszRealm: bytes | None,
    pszPassword: bytes | None,
    pszNonce: bytes,
    pszCNonce: bytes,
    preHA1: bytes | None = None,
) -> bytes:
    """What a digest has of the user: H(A1) of RFC 7616, 3.4.2.

    Args:
        pszAlg: the algorithm in lower case, such as ``b"sha-256"`` or ``b"md5-sess"``.
        pszUserName: the user's name.
        pszRealm: where the user logs in.
        pszPassword: the password.
        pszNonce: the server's nonce; used by ``-sess`` algorithms only.
        pszCNonce: the client's; likewise.
        preHA1: instead of name, realm and password, their hash.

    Returns:
        Hexadecimal digits.

    Raises:
        TypeError: both `preHA1` and what it is instead of, or neither.
        KeyError: there is no such algorithm.
    """
    told = (pszUserName, pszRealm, pszPassword)
    if preHA1 is not None:
        if told != (None, None, None):
            raise TypeError(
                "preHA1 is the hash of name, realm and password: give None for each of these"
            )
        hashed = preHA1
    else:
        known = [part for part in told if part is not None]
        if len(known) < len(told):
            raise TypeError("without preHA1, name, realm and password are all needed")
        hashed = _hash(pszAlg, *known)
    if pszAlg.endswith(_SESSION):
        # RFC 2617 has the raw hash here in its sample code, and its digits in its text; with
        # RFC 7616, and with the clients, it is the digits.
        hashed = _hash(pszAlg, hashed, pszNonce, pszCNonce)
    return hashed


def calcHA2(
    algo: bytes,
    pszMethod: bytes,
    pszDigestUri: bytes,
    pszQop: bytes | None,
    pszHEntity: bytes | None,
) -> bytes:
    """What a digest has of the request: H(A2) of RFC 7616, 3.4.3.

    Args:
        algo: the algorithm, as for `calcHA1`.
        pszMethod: such as ``b"GET"``.
        pszDigestUri: what is asked for.
        pszQop: ``b"auth"``, ``b"auth-int"`` or None.
        pszHEntity: the hash of the body, for ``b"auth-int"``.

    Returns:
        Hexadecimal digits.
    """
    parts = [pszMethod, pszDigestUri]
    if pszQop == b"auth-int":
        if pszHEntity is None:
            raise TypeError("auth-int needs the hash of the body as pszHEntity")
        parts.append(pszHEntity)
    return _hash(algo, *parts)


def calcResponse(
    HA1: bytes,
    HA2: bytes,
    algo: bytes,
    pszNonce: bytes,
    pszNonceCount: bytes | None,
    pszCNonce: bytes | None,
    pszQop: bytes | None,
) -> bytes:
    """The digest: what a client sends to show that it knows the password (RFC 7616, 3.4.1).

    Args:
        HA1: of `calcHA1`.
        HA2: of `calcHA2`.
        algo: the algorithm, as for these.
        pszNonce: the server's nonce.
        pszNonceCount: how often the client has used it, as it says so.
        pszCNonce: the client's nonce.
        pszQop: ``b"auth"``, ``b"auth-int"``; None for clients of before RFC 2617, for which the
            two before are not used.

    Returns:
        Hexadecimal digits.
    """
    extra = (pszNonceCount, pszCNonce, pszQop)
    between = [part for part in extra if part is not None] if all(extra) else []
    return _hash(algo, HA1, pszNonce, *between, HA2)


@implementer(IUsernameHashedPassword, IUsernameDigestHash)
class DigestedCredentials:
    """An answer to a challenge of a `DigestCredentialFactory`.

    Attributes:
        username: who answered, as bytes.
        method: of the request, such as ``b"GET"``.
        realm: that of the challenge.
        fields: what the client said, by name; values without quotes.
    """

    def __init__(
        self,
        username: bytes,
        method: bytes,
        realm: bytes,
        fields: Mapping[str, bytes],
        claim: Callable[[], bool] = lambda: True,
    ) -> None:
        """
        Args:
            username: and the following: see the attributes.
            claim: called when the password was right for the first time; whether the answer may
                be used, which a replay may not.
        """
        self.username = username
        self.method = method
        self.realm = realm
        self.fields = fields
        self._claim: Callable[[], bool] = claim
        self._claimed: bool | None = None

    def checkPassword(self, password: Text) -> bool:
        """Whether this password leads to the answer, and it has not been used before."""
        return self._check(self.username, self.realm, asBytes(password), None)

    def checkHash(self, digestHash: bytes) -> bool:
        """Whether this H(name:realm:password) leads to the answer, and it has not been used."""
        return self._check(None, None, None, digestHash)

    def _check(
        self,
        username: bytes | None,
        realm: bytes | None,
        password: bytes | None,
        hashed: bytes | None,
    ) -> bool:
        said = self.fields.get
        algorithm = (said("algorithm") or b"md5").lower()
        nonce, count, clientNonce = said("nonce", b""), said("nc"), said("cnonce")
        qop = said("qop") or None
        if qop == b"auth-int" or not _isKnown(algorithm):
            return False  # it speaks of a body that is not here, or of nothing that there is
        user = calcHA1(algorithm, username, realm, password, nonce, clientNonce or b"", hashed)
        request = calcHA2(algorithm, self.method, said("uri", b""), qop, None)
        expected = calcResponse(user, request, algorithm, nonce, count, clientNonce, qop)
        return sameSecret(said("response", b"").lower(), expected) and self._mayBeUsed()

    def _mayBeUsed(self) -> bool:
        # Checkers may ask more than once; the answer still is one.
        if self._claimed is None:
            self._claimed = self._claim()
        return self._claimed


class _Issued(NamedTuple):
    """What the opaque part of a challenge says, and its MAC warrants."""

    nonce: bytes
    address: bytes
    when: int


class _Use:
    """Which counts of a nonce have been used: the highest, and a bit for each one below it."""

    __slots__ = ("highest", "seen", "when")

    def __init__(self, when: int) -> None:
        self.when = when
        self.highest = -1
        self.seen = 0

    def claim(self, count: int) -> bool:
        if count > self.highest:
            # A shift by as much as a peer likes would be a number as long as that.
            shift = min(count - self.highest, _WINDOW)
            self.seen = ((self.seen << shift) | 1) & ((1 << _WINDOW) - 1)
            self.highest = count
            return True
        bit = self.highest - count
        if bit >= _WINDOW or self.seen >> bit & 1:
            return False
        self.seen |= 1 << bit
        return True


class _UsedNonces:
    """The nonces with which somebody has logged in.

    Attributes:
        forgotten: when the latest nonce was issued whose use had to be forgotten early.
    """

    def __init__(self) -> None:
        self._uses: dict[bytes, _Use] = {}
        self.forgotten = -1

    def claim(self, issued: _Issued, count: int, oldest: int) -> bool:
        """Use a count of a nonce: whether that is the first time.

        Args:
            issued: the nonce.
            count: what the client says, 0 if nothing.
            oldest: no nonce is good that was issued before.
        """
        use = self._uses.get(issued.nonce)
        if use is None:
            if issued.when <= self.forgotten:
                return False
            self._makeRoom(oldest)
            use = self._uses[issued.nonce] = _Use(issued.when)
        return use.claim(count)

    def _makeRoom(self, oldest: int) -> None:
        if len(self._uses) < MAX_NONCES:
            return
        self._uses = {nonce: use for nonce, use in self._uses.items() if use.when >= oldest}
        # By a tenth at a time: to look at them all each time would cost each login so much.
        early = sorted(self._uses, key=lambda nonce: self._uses[nonce].when)
        for nonce in early[: max(0, len(early) - MAX_NONCES * 9 // 10)]:
            self.forgotten = max(self.forgotten, self._uses.pop(nonce).when)


class DigestCredentialFactory:
    """Makes challenges, and credentials of the answers to them.

    A challenge is good for `CHALLENGE_LIFETIME_SECS`, from the address that it was made for, under
    this factory, and for one request for each count (``nc``) that the client gives; without one
    (clients of before RFC 2617), for one request.  The quality of protection is ``auth``.

    Attributes:
        CHALLENGE_LIFETIME_SECS: seconds for which an answer is taken.
        algorithm: that of the challenges, such as ``b"md5"`` or ``b"sha-256"``.
        authenticationRealm: the realm that they name.
        privateKey: what makes them unforgeable.
    """

    CHALLENGE_LIFETIME_SECS = 15 * 60
    scheme = b"digest"

    def __init__(self, algorithm: Text, authenticationRealm: Text) -> None:
        """
        Args:
            algorithm: ``b"md5"``, ``b"sha-256"`` or ``b"sha-512-256"``, also with ``-sess``.
            authenticationRealm: what the user's name is good for, as it is shown to them.

        Raises:
            ValueError: there is no such algorithm, or the realm has control characters.
        """
        self.algorithm = asBytes(algorithm)
        self.authenticationRealm = asBytes(authenticationRealm)
        if not _isKnown(self.algorithm.lower()):
            known = ", ".join(name.decode() for name in _ALGORITHMS)
            raise ValueError(f"{algorithm!r} is no digest algorithm; there are {known}, and -sess")
        if re.search(rb"[\x00-\x1f\x7f]", self.authenticationRealm):
            raise ValueError(f"the realm {authenticationRealm!r} cannot go into a header")
        self.privateKey = secrets.token_bytes(_KEY_BYTES)
        self._used = _UsedNonces()

    def getChallenge(self, address: Text | None) -> dict[str, bytes]:
        """What to ask of a client.

        Args:
            address: from where the answer has to come; None if there is no telling.

        Returns:
            By name: ``nonce``, ``opaque``, ``qop``, ``algorithm``, ``realm``.
        """
        nonce = secrets.token_hex(_NONCE_BYTES).encode()
        return {
            "nonce": nonce,
            "opaque": self._sealed(_Issued(nonce, asBytes(address or b""), self._now())),
            "qop": b"auth",
            "algorithm": self.algorithm,
            "realm": self.authenticationRealm,
        }

    def decode(self, response: bytes, method: bytes, host: Text | None) -> DigestedCredentials:
        """Credentials of an answer.

        Args:
            response: what the client sent, without the word ``Digest``.
            method: that of the request.
            host: from where it came.

        Raises:
            twisted.cred.error.LoginFailed: it is malformed, is no answer to a challenge of this
                factory, or comes too late or from elsewhere; the text says which.
        """
        fields = _fieldsOf(response)
        for name in ("username", "nonce", "opaque", "uri", "response"):
            if not fields.get(name):
                raise LoginFailed(f"Invalid response, no {name} given.")
        issued = self._unsealed(fields["opaque"])
        if not hmac.compare_digest(issued.nonce, fields["nonce"]):
            raise LoginFailed("Invalid response, the nonce is not that of the challenge.")
        if not hmac.compare_digest(issued.address, asBytes(host or b"")):
            raise LoginFailed("Invalid response, the challenge was for another address.")
        if not 0 <= self._now() - issued.when <= self.CHALLENGE_LIFETIME_SECS:
            raise LoginFailed("Invalid response, the challenge is too old.")
        # RFC 7616 has MD5 for those that say nothing.
        if (fields.get("algorithm") or b"md5").lower() != self.algorithm.lower():
            raise LoginFailed("Invalid response, the algorithm is not that of the challenge.")
        count = _countOf(fields)

        def claim() -> bool:
            return self._used.claim(issued, count, self._now() - self.CHALLENGE_LIFETIME_SECS)

        return DigestedCredentials(
            fields["username"], method, self.authenticationRealm, fields, claim
        )

    def _now(self) -> int:
        return int(time.time())

    def _sealed(self, issued: _Issued) -> bytes:
        said = b",".join([issued.nonce, b"%d" % issued.when, issued.address])
        return b"%s-%s" % (self._mac(said), base64.urlsafe_b64encode(said))

    def _unsealed(self, opaque: bytes) -> _Issued:
        mac, _, encoded = opaque.partition(b"-")
        try:
            said = base64.b64decode(encoded, b"-_", validate=True)
        except ValueError:
            raise LoginFailed("Invalid response, the opaque part is malformed.")
        if not hmac.compare_digest(mac, self._mac(said)):
            raise LoginFailed("Invalid response, the opaque part is not of this server.")
        nonce, when, address = said.split(b",", 2)
        return _Issued(nonce, address, int(when))

    def _mac(self, said: bytes) -> bytes:
        return hmac.new(self.privateKey, said, "sha256").hexdigest().encode()


def _countOf(fields: Mapping[str, bytes]) -> int:
    """How often the client has used the nonce: once more than what it said before, or 0."""
    qop, count = fields.get("qop"), fields.get("nc")
    if not qop:
        return 0
    if qop != b"auth":
        raise LoginFailed("Invalid response, the quality of protection is not auth.")
    if not fields.get("cnonce") or count is None or not _COUNT.fullmatch(count):
        raise LoginFailed("Invalid response, with qop go cnonce and nc, which is hexadecimal.")
    return int(count, 16)


def _fieldsOf(response: bytes) -> dict[str, bytes]:
    """The names and values of an answer (RFC 9110, 11.2)."""
    if len(response) > MAX_RESPONSE:
        raise LoginFailed(f"Invalid response, it has more than {MAX_RESPONSE} bytes.")
    # A header that was folded is still in several lines.
    text = b" ".join(response.splitlines())
    fields: dict[str, bytes] = {}
    at = 0
    while at < len(text):
        found = _FIELD.match(text, at)
        if found is None or text[found.end() : found.end() + 1] not in (b",", b""):
            raise LoginFailed("Invalid response, it is not of the form name=value, ...")
        name = found[1].decode("latin-1").lower()
        if name in fields:
            raise LoginFailed(f"Invalid response, {name} is given twice.")
        fields[name] = found[3] if found[2] is None else _QUOTED.sub(rb"\1", found[2])
        at = found.end() + 1
    return fields
