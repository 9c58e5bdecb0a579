"""Digest authentication, RFC 7616 and 2617."""

from __future__ import annotations

import base64
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twisted.cred.credentials import (
    DigestCredentialFactory,
    DigestedCredentials,
    _digest,
    calcHA1,
    calcHA2,
    calcResponse,
)
from twisted.cred.error import LoginFailed
from twisted.trial.unittest import SynchronousTestCase

#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

HOST = "192.0.2.1"


class VectorTests(SynchronousTestCase):
    """The examples of the RFCs."""

    def test_rfc2617(self) -> None:
        """Section 3.5."""
        nonce, cnonce = b"dcd98b7102dd2f0e8b11d0f600bfb0c093", b"0a4f113b"
        user = calcHA1(b"md5", b"Mufasa", b"testrealm@host.com", b"Circle Of Life", nonce, cnonce)
        request = calcHA2(b"md5", b"GET", b"/dir/index.html", b"auth", None)
        digest = calcResponse(user, request, b"md5", nonce, b"00000001", cnonce, b"auth")
        self.assertEqual(digest, b"6629fae49393a05397450978507c4ef1")

    def test_rfc7616(self) -> None:
        """Section 3.9.1, in both algorithms."""
        nonce = b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
        cnonce = b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
        for algorithm, expected in [
            (b"md5", b"8ca523f5e9506fed4657c9700eebdbec"),
            (b"sha-256", b"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ]:
            user = calcHA1(
                algorithm, b"Mufasa", b"http-auth@example.org", b"Circle of Life", nonce, cnonce
            )
            request = calcHA2(algorithm, b"GET", b"/dir/index.html", b"auth", None)
            digest = calcResponse(user, request, algorithm, nonce, b"00000001", cnonce, b"auth")
            self.assertEqual(digest, expected)

    def test_rfc2069(self) -> None:
        """Without a quality of protection, neither counts nor client nonces are used."""
        user = calcHA1(b"md5", b"u", b"r", b"p", b"n", b"")
        request = calcHA2(b"md5", b"GET", b"/", None, None)
        digest = calcResponse(user, request, b"md5", b"n", None, None, None)
        self.assertEqual(calcResponse(user, request, b"md5", b"n", b"1", None, None), digest)

    def test_auth_int(self) -> None:
        """The hash of the body is part of it, and needed."""
        plain = calcHA2(b"md5", b"GET", b"/", b"auth", None)
        self.assertNotEqual(calcHA2(b"md5", b"GET", b"/", b"auth-int", b"00"), plain)
        self.assertRaises(TypeError, calcHA2, b"md5", b"GET", b"/", b"auth-int", None)

    def test_preHA1(self) -> None:
        """The hash may be known instead of what it is of; one of these it has to be."""
        hashed = calcHA1(b"md5", b"u", b"r", b"p", b"n", b"c")
        self.assertEqual(calcHA1(b"md5", None, None, None, b"n", b"c", preHA1=hashed), hashed)
        self.assertRaises(TypeError, calcHA1, b"md5", b"u", None, None, b"n", b"c", hashed)
        self.assertRaises(TypeError, calcHA1, b"md5", b"u", b"r", None, b"n", b"c")

    def test_session(self) -> None:
        """With -sess the nonces are part of what there is of the user."""
        hashed = calcHA1(b"md5", b"u", b"r", b"p", b"n", b"c")
        first = calcHA1(b"md5-sess", b"u", b"r", b"p", b"n", b"c")
        self.assertNotEqual(first, hashed)
        self.assertNotEqual(first, calcHA1(b"md5-sess", b"u", b"r", b"p", b"n", b"d"))
        self.assertEqual(calcHA1(b"md5-sess", None, None, None, b"n", b"c", hashed), first)


class FactoryCase(SynchronousTestCase):
    """A server that asks, and a client that knows how to answer."""

    algorithm = b"md5"

    def setUp(self) -> None:
        self.now = 1_000_000.0
        self.patch(time, "time", lambda: self.now)
        self.factory = DigestCredentialFactory(self.algorithm, b"a realm")
        self.challenge = self.factory.getChallenge(HOST)

    def answer(self, password: bytes = b"pw", qop: bytes | None = b"auth", **said: Any) -> bytes:
        """What a client sends; None for a field leaves it out."""
        fields: dict[str, Any] = {
            "username": b"bob",
            "realm": self.challenge["realm"],
            "nonce": self.challenge["nonce"],
            "opaque": self.challenge["opaque"],
            "uri": b"/x",
            "algorithm": self.challenge["algorithm"],
        }
        if qop is not None:
            fields |= {"qop": qop, "nc": b"00000001", "cnonce": b"0a"}
        fields |= said
        algorithm = self.algorithm.lower()
        asBytes = {key: value or b"" for key, value in fields.items()}
        name, nonce, uri = asBytes["username"], asBytes["nonce"], asBytes["uri"]
        count, cnonce = asBytes.get("nc", b""), asBytes.get("cnonce", b"")
        user = calcHA1(algorithm, name, b"a realm", password, nonce, cnonce)
        request = calcHA2(algorithm, b"GET", uri, None, None)
        digest = calcResponse(user, request, algorithm, nonce, count, cnonce, qop)
        fields.setdefault("response", digest)
        return b", ".join(
            b'%s="%s"' % (name.encode(), value)
            for name, value in fields.items()
            if value is not None
        )

    def decoded(self, response: bytes, host: str | None = HOST) -> DigestedCredentials:
        return self.factory.decode(response, b"GET", host)

    def assertRefused(self, response: bytes, why: str, host: str | None = HOST) -> None:
        error = self.assertRaises(LoginFailed, self.decoded, response, host)
        self.assertIn(why, str(error))


class FactoryTests(FactoryCase):
    def test_right(self) -> None:
        """Who knows the password, or its hash, has it right."""
        credentials = self.decoded(self.answer())
        self.assertEqual(credentials.username, b"bob")
        self.assertFalse(credentials.checkPassword(b"PW"))
        self.assertTrue(credentials.checkPassword(b"pw"))
        self.assertTrue(credentials.checkPassword("pw"))
        hashed = calcHA1(b"md5", b"bob", b"a realm", b"pw", b"", b"")
        self.assertTrue(credentials.checkHash(hashed))
        self.assertFalse(credentials.checkHash(hashed[::-1]))

    def test_challenge(self) -> None:
        """What a client is told, which is another each time."""
        self.assertEqual(sorted(self.challenge), ["algorithm", "nonce", "opaque", "qop", "realm"])
        self.assertEqual(self.challenge["qop"], b"auth")
        other = self.factory.getChallenge(HOST)
        self.assertNotEqual(other["nonce"], self.challenge["nonce"])
        self.assertNotEqual(other["opaque"], self.challenge["opaque"])

    def test_unquoted(self) -> None:
        """Values need no quotes, and may have escapes in them; lines may be folded."""
        response = self.answer().replace(b'algorithm="md5"', b"algorithm=MD5")
        response = response.replace(b'nc="00000001"', b"nc=00000001").replace(b'"bob"', b'"b\\ob"')
        response = response.replace(b", ", b" ,\r\n ")
        self.assertTrue(self.decoded(response).checkPassword(b"pw"))

    def test_realm(self) -> None:
        """The realm is ours, whatever the client says."""
        response = self.answer().replace(b"a realm", b"another")
        self.assertTrue(self.decoded(response).checkPassword(b"pw"))

    def test_old(self) -> None:
        """Clients of RFC 2069 give neither quality nor count: they have one request each time."""
        response = self.answer(qop=None)
        self.assertTrue(self.decoded(response).checkPassword(b"pw"))
        self.assertFalse(self.decoded(response).checkPassword(b"pw"))

    def test_unixAddress(self) -> None:
        """A peer may have no address."""
        self.challenge = self.factory.getChallenge(None)
        self.assertTrue(self.decoded(self.answer(), None).checkPassword(b"pw"))
        self.assertRefused(self.answer(), "another address")

    def test_address(self) -> None:
        """A challenge is for one address, which is text or bytes."""
        self.assertRefused(self.answer(), "another address", "192.0.2.2")
        self.assertRefused(self.answer(), "another address", None)
        self.challenge = self.factory.getChallenge(HOST.encode())
        self.assertTrue(self.decoded(self.answer()).checkPassword(b"pw"))

    def test_age(self) -> None:
        """A challenge is good for a quarter of an hour, and not before it was made."""
        response = self.answer()
        self.now += self.factory.CHALLENGE_LIFETIME_SECS
        self.assertTrue(self.decoded(response).checkPassword(b"pw"))
        self.now += 1
        self.assertRefused(response, "too old")
        self.now = 999_999
        self.assertRefused(response, "too old")

    def test_forged(self) -> None:
        """Nobody else makes challenges that this server takes."""
        other = DigestCredentialFactory(b"md5", b"a realm").getChallenge(HOST)
        self.assertRefused(self.answer(**other), "not of this server")
        mac, _, said = self.challenge["opaque"].partition(b"-")
        later = base64.urlsafe_b64decode(said).replace(b",1000000,", b",2000000,")
        for opaque in (
            b"-",
            b"x",
            mac,
            b"%s-%s" % (mac, base64.urlsafe_b64encode(later)),
            b"%s-%s" % (mac, base64.urlsafe_b64encode(b"")),
        ):
            self.assertRefused(self.answer(opaque=opaque), "not of this server")
        self.assertRefused(self.answer(opaque=mac + b"-*"), "opaque part is malformed")

    def test_nonce(self) -> None:
        """The nonce is that of the challenge."""
        self.assertRefused(self.answer(nonce=b"0" * 32), "nonce is not that")

    def test_algorithm(self) -> None:
        """The client does not choose a weaker algorithm; MD5 it may leave out."""
        self.assertRefused(self.answer(algorithm=b"sha-256"), "algorithm")
        self.assertRefused(self.answer(algorithm=b"none"), "algorithm")
        self.assertTrue(self.decoded(self.answer(algorithm=None)).checkPassword(b"pw"))
        self.assertTrue(self.decoded(self.answer(algorithm=b"MD5", nc=b"2")))

    def test_quality(self) -> None:
        """Only auth is offered, with a count and a nonce of the client's."""
        self.assertRefused(self.answer(qop=b"auth-int"), "quality")
        self.assertRefused(self.answer(qop=b"none"), "quality")
        self.assertRefused(self.answer(cnonce=None), "cnonce and nc")
        for count in (None, b"", b"-1", b"0x1", b"1 ", b"123456789", b"g"):
            self.assertRefused(self.answer(nc=count), "cnonce and nc")

    def test_missing(self) -> None:
        """What there has to be is asked for by name."""
        for name in ("username", "nonce", "opaque", "uri", "response"):
            for missing in (None, b""):
                said: dict[str, Any] = {name: missing}
                self.assertRefused(self.answer(**said), name)

    def test_malformed(self) -> None:
        """What is no list of fields is refused."""
        for response in (b"x", b"=", b'a="b', b"a=b c=d", b'a="b"c', b",", b"\0", b'a="\\"'):
            self.assertRefused(response, "name=value")
        self.assertRefused(b"", "username")
        self.assertRefused(self.answer() + b', username="eve"', "twice")
        self.assertRefused(self.answer() + b', UserName="eve"', "twice")
        self.assertRefused(b"a" * (_digest.MAX_RESPONSE + 1), "bytes")

    @given(st.binary() | st.text('abnc="\\, ').map(str.encode))
    @UNHURRIED
    def test_anything(self, response: bytes) -> None:
        """Any bytes are refused in the one way."""
        self.assertRaises(LoginFailed, self.decoded, response)

    def test_wrongFactory(self) -> None:
        """What cannot be asked for is told at once."""
        self.assertRaises(ValueError, DigestCredentialFactory, b"rot13", b"a realm")
        self.assertRaises(ValueError, DigestCredentialFactory, b"md5", b"a\r\nrealm")
        self.assertTrue(DigestCredentialFactory("MD5", "a realm").getChallenge("h"))

    def test_direct(self) -> None:
        """Credentials that nobody decoded are compared all the same."""
        said = {"algorithm": b"rot13", "uri": b"/", "nonce": b"n", "response": b""}
        self.assertFalse(DigestedCredentials(b"u", b"GET", b"r", said).checkPassword(b"p"))
        said = {"qop": b"auth-int", "uri": b"/", "nonce": b"n", "response": b""}
        self.assertFalse(DigestedCredentials(b"u", b"GET", b"r", said).checkPassword(b"p"))


class Sha256Tests(FactoryCase):
    """Another algorithm, with sessions."""

    algorithm = b"SHA-256-sess"

    def test_right(self) -> None:
        self.assertTrue(self.decoded(self.answer()).checkPassword(b"pw"))
        self.assertEqual(self.challenge["algorithm"], b"SHA-256-sess")

    def test_downgrade(self) -> None:
        """To leave the algorithm out is to say MD5, which was not asked for."""
        self.assertRefused(self.answer(algorithm=None), "algorithm")


class ReplayTests(FactoryCase):
    """An answer is good once."""

    def logsIn(self, count: int) -> bool:
        return self.decoded(self.answer(nc=b"%08x" % count)).checkPassword(b"pw")

    def test_replay(self) -> None:
        """The same count is not taken again; others are, in any order."""
        self.assertEqual([self.logsIn(n) for n in (1, 1, 3, 2, 2, 3, 4)], [1, 0, 1, 1, 0, 0, 1])

    def test_sameCredentials(self) -> None:
        """Checkers may ask the same credentials again."""
        credentials = self.decoded(self.answer())
        self.assertTrue(credentials.checkPassword(b"pw"))
        self.assertTrue(credentials.checkPassword(b"pw"))
        self.assertFalse(self.decoded(self.answer()).checkPassword(b"pw"))

    def test_wrongDoesNotCount(self) -> None:
        """Who does not know the password cannot use up the counts of one who does."""
        bad = self.decoded(self.answer(b"guess", nc=b"ffffffff"))
        self.assertFalse(bad.checkPassword(b"pw"))
        self.assertTrue(self.logsIn(1))

    def test_window(self) -> None:
        """Counts that are far behind are not taken; there is no telling."""
        self.assertTrue(self.logsIn(0xFFFFFFFF))
        self.assertFalse(self.logsIn(1))
        self.assertTrue(self.logsIn(0xFFFFFFFF - 255))
        self.assertFalse(self.logsIn(0xFFFFFFFF - 256))
        self.assertFalse(self.logsIn(0xFFFFFFFF - 255))

    def test_many(self) -> None:
        """Of many nonces the oldest are forgotten, and then refused."""
        self.patch(_digest, "MAX_NONCES", 10)
        self.assertTrue(self.logsIn(1))
        first = self.challenge
        for _ in range(12):
            self.now += 1
            self.challenge = self.factory.getChallenge(HOST)
            self.assertTrue(self.logsIn(1))
            self.assertFalse(self.logsIn(1))
        self.challenge = first
        self.assertFalse(self.logsIn(1))
        self.assertFalse(self.logsIn(2))

    def test_expired(self) -> None:
        """Those whose time is over make room first, and none is refused for that."""
        self.patch(_digest, "MAX_NONCES", 10)
        challenges = [self.factory.getChallenge(HOST) for _ in range(8)]
        for self.challenge in challenges:
            self.assertTrue(self.logsIn(1))
        self.now += self.factory.CHALLENGE_LIFETIME_SECS + 1
        fresh = [self.factory.getChallenge(HOST) for _ in range(8)]
        for self.challenge in fresh:
            self.assertTrue(self.logsIn(1))
            self.assertFalse(self.logsIn(1))
