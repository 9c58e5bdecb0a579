"""Logging in over HTTP: basic and digest, and what clients do with challenges."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import md5
from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyClass, verifyObject

from twisted.cred.checkers import (
    AllowAnonymousAccess,
    ICredentialsChecker,
    InMemoryUsernamePasswordDatabaseDontUse,
)
from twisted.cred.credentials import IUsernamePassword, UsernamePassword
from twisted.cred.error import LoginFailed
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred
from twisted.web import guard, resource
from twisted.web.iweb import ICredentialFactory
from twisted.web.server import NOT_DONE_YET
from twisted.web.test._serving import ServedTestCase
from twisted.web.test.test_server import Page, SiteTestCase

REALM = 'The "inner"\\realm'
GET = b"GET %b HTTP/1.1\r\nHost: a\r\n%b\r\n"


def basic(name: bytes, password: bytes) -> bytes:
    """The header of somebody who logs in."""
    return b"Authorization: Basic " + b64encode(name + b":" + password) + b"\r\n"


@implementer(IRealm)
class Realm:
    """A page for everyone, who is greeted by name."""

    def __init__(self) -> None:
        self.avatars: list[Any] = []
        self.left: list[Any] = []
        self.kept: list[Any] = []

    def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> Any:
        """The pages of somebody."""
        assert resource.IResource in interfaces
        self.avatars.append(avatarId)
        name = avatarId or b"nobody"
        root = resource.Resource()
        root.putChild(b"", Page(lambda request: b"Welcome, " + name))
        root.putChild(b"path", Page(lambda request: b"/".join(request.postpath)))
        root.putChild(b"later", Page(self.keep))
        return resource.IResource, root, lambda: self.left.append(avatarId)

    def keep(self, request: Any) -> int:
        """Answer nothing for now."""
        self.kept.append(request)
        return NOT_DONE_YET


@implementer(ICredentialsChecker)
class SlowChecker:
    """Takes its time."""

    credentialInterfaces = (IUsernamePassword,)

    def __init__(self) -> None:
        self.cancelled = 0

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes]:
        """Who that is, later."""
        self.answer: Deferred[bytes] = Deferred(self.count)
        return self.answer

    def count(self, _: object) -> None:
        """It is not waited for any more."""
        self.cancelled += 1


class GuardTestCase(SiteTestCase):
    """Tests with guarded resources."""

    def setUp(self) -> None:
        super().setUp()
        self.realm = Realm()
        self.guard(guard.BasicCredentialFactory(REALM))

    def guard(self, *factories: Any, checkers: Any = None) -> None:
        """Serve what only users see."""
        if checkers is None:
            checkers = [InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")]
        self.wrapper = guard.HTTPAuthSessionWrapper(Portal(self.realm, checkers), factories)
        self.root.putChild(b"in", self.wrapper)
        self.connect()

    def assertRefused(self, sent: bytes) -> list[bytes]:
        """The response asks for credentials; how."""
        self.assertTrue(sent.startswith(b"HTTP/1.1 401 "), sent)
        return re.findall(rb"WWW-Authenticate: (.*)\r\n", sent)

    def assertPage(self, sent: bytes, body: bytes) -> None:
        """The response has a page."""
        self.assertTrue(sent.startswith(b"HTTP/1.1 200 "), sent)
        self.assertEqual(sent.partition(b"\r\n\r\n")[2], body)


class BasicTests(GuardTestCase):
    """`BasicCredentialFactory`."""

    def test_interfaces(self) -> None:
        verifyObject(resource.IResource, self.wrapper)
        verifyClass(ICredentialFactory, guard.BasicCredentialFactory)
        verifyClass(ICredentialFactory, guard.DigestCredentialFactory)

    def test_challenge(self) -> None:
        """Who has not logged in is asked to."""
        self.assertEqual(
            self.assertRefused(self.get(b"/in/")), [b'basic realm="The \\"inner\\"\\\\realm"']
        )
        self.assertEqual(self.get(b"/").partition(b"\r\n\r\n")[2], b"root")

    def test_right(self) -> None:
        """Each request logs in, and out when it has ended."""
        bob = basic(b"bob", b"secret")
        self.assertPage(self.get(b"/in/", bob), b"Welcome, bob")
        self.assertPage(self.get(b"/in/path/a/b", bob.replace(b"Basic", b"bAsIc")), b"a/b")
        self.assertEqual(self.realm.avatars, [b"bob"] * 2)
        self.assertEqual(self.realm.left, [b"bob"] * 2)
        self.assertIn(b"404", self.get(b"/in/none", bob))
        self.assertEqual(len(self.realm.left), 3)

    def test_wrong(self) -> None:
        for header in (
            basic(b"bob", b"wrong"),
            basic(b"eve", b"secret"),
            basic(b"", b""),
            b"Authorization: Basic\r\n",
            b"Authorization: Basic !!!\r\n",
            b"Authorization: Basic Ym9i\r\n",
            b"Authorization: Basic Y\r\n",
            b"Authorization: Bearer abc\r\n",
            b"Authorization: Digest abc\r\n",
            b"Authorization:\r\n",
        ):
            self.assertEqual(len(self.assertRefused(self.get(b"/in/", header))), 1, header)
        self.assertEqual(self.realm.avatars, [])

    def test_decode(self) -> None:
        """Passwords may have colons, and be any bytes; padding may be missing."""
        decode = guard.BasicCredentialFactory("realm").decode
        for response in (b64encode(b"a:b:\xff"), b64encode(b"a:b:\xff").rstrip(b"=")):
            found = decode(response, None)
            self.assertEqual((found.username, found.password), (b"a", b"b:\xff"))
        self.assertRaises(LoginFailed, decode, b"\xff", None)

    def test_anonymous(self) -> None:
        """Those who do not say who they are may be let in."""
        self.guard(guard.BasicCredentialFactory(REALM), checkers=[AllowAnonymousAccess()])
        self.assertPage(self.get(b"/in/"), b"Welcome, nobody")

    def test_itself(self) -> None:
        """What is rendered is what the realm gives, not the wrapper."""
        self.assertIn(b" 405 ", self.get(b"/in", basic(b"bob", b"secret")))
        self.assertRefused(self.get(b"/in"))

    def test_noChildren(self) -> None:
        self.assertRaises(NotImplementedError, self.wrapper.putChild, b"a", resource.Resource())

    def test_ended(self) -> None:
        """The logout comes when the response has been sent, or nobody waits for it."""
        bob = basic(b"bob", b"secret")
        self.get(b"/in/later", bob)
        self.assertEqual(self.realm.left, [])
        self.realm.kept[0].finish()
        self.assertEqual(self.realm.left, [b"bob"])
        self.get(b"/in/later", bob)
        self.lose()
        self.assertEqual(self.realm.left, [b"bob"] * 2)

    def test_realmFails(self) -> None:
        """A bug of the program is a 500, which says nothing of it."""

        def fall(*args: object) -> None:
            raise LookupError("a secret")

        self.realm.requestAvatar = fall  # type: ignore[assignment]  # a bug
        sent = self.get(b"/in/", basic(b"bob", b"secret"))
        self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
        self.assertNotIn(b"a secret", sent)
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)

    def test_logoutFails(self) -> None:
        """A logout that fails is logged, and changes nothing."""

        class Falling(list[Any]):
            def append(self, item: Any) -> None:
                raise LookupError("a bug")

        self.realm.left = Falling()
        self.assertPage(self.get(b"/in/", basic(b"bob", b"secret")), b"Welcome, bob")
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)

    def test_factoryFails(self) -> None:
        """So does a factory that falls over what it is sent."""

        class Falling(guard.BasicCredentialFactory):
            def decode(self, response: bytes, request: Any) -> UsernamePassword:
                raise LookupError("a bug")

        self.guard(Falling("realm"))
        self.assertIn(b" 500 ", self.get(b"/in/", basic(b"bob", b"secret")))
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)


class LaterTests(GuardTestCase):
    """A checker that takes its time."""

    def setUp(self) -> None:
        super().setUp()
        self.checker = SlowChecker()
        self.guard(guard.BasicCredentialFactory(REALM), checkers=[self.checker])
        self.bob = basic(b"bob", b"secret")

    def test_right(self) -> None:
        for path, body in ((b"/in/", b"Welcome, bob"), (b"/in/path/a", b"a")):
            self.assertEqual(self.get(path, self.bob), b"")
            self.checker.answer.callback(b"bob")
            self.assertPage(self.written(), body)
        self.assertEqual(self.realm.left, [b"bob"] * 2)

    def test_wrong(self) -> None:
        self.get(b"/in/", self.bob)
        self.checker.answer.errback(LoginFailed())
        self.assertRefused(self.written())

    def test_lost(self) -> None:
        """Nobody waits for it: it is cancelled, and nobody is logged in."""
        self.get(b"/in/", self.bob)
        self.lose()
        self.assertEqual((self.checker.cancelled, self.realm.avatars), (1, []))

    def test_lostForAll(self) -> None:
        """A checker that cannot be cancelled logs somebody in, who is logged out at once."""
        self.checker.count = lambda waiting: waiting.callback(b"bob")  # type: ignore[assignment,attr-defined]
        self.get(b"/in/", self.bob)
        self.lose()
        self.assertEqual((self.realm.avatars, self.realm.left), ([b"bob"], [b"bob"]))


def h(text: bytes) -> bytes:
    """A digest, in hexadecimal digits."""
    return md5(text, usedforsecurity=False).hexdigest().encode()


class DigestTests(GuardTestCase):
    """`DigestCredentialFactory`; the digests are made here by the letter of RFC 7616."""

    def setUp(self) -> None:
        super().setUp()
        self.factory = guard.DigestCredentialFactory(b"md5", b"realm")
        self.guard(self.factory, guard.BasicCredentialFactory("realm"))

    def challenge(self) -> dict[bytes, bytes]:
        """What the server asks for."""
        digest, other = self.assertRefused(self.get(b"/in/"))
        self.assertTrue(digest.startswith(b"digest "))
        self.assertTrue(other.startswith(b"basic "))
        return dict(re.findall(rb'(\w+)="?([^",]*)"?', digest.partition(b" ")[2]))

    def answer(
        self,
        challenge: dict[bytes, bytes],
        password: bytes = b"secret",
        uri: bytes = b"/in/",
        count: bytes = b"00000001",
    ) -> bytes:
        """The header of who knows the password."""
        user = h(b"bob:realm:" + password)
        said = b":".join([challenge[b"nonce"], count, b"cnonce", b"auth", h(b"GET:" + uri)])
        return (
            b'Authorization: Digest username="bob", realm="realm", nonce="%b", uri="%b",'
            b' response="%b", opaque="%b", algorithm=MD5, qop=auth, nc=%b, cnonce="cnonce"\r\n'
            % (
                challenge[b"nonce"],
                uri,
                h(user + b":" + said),
                challenge[b"opaque"],
                count,
            )
        )

    def test_challenge(self) -> None:
        """What RFC 7616 has in quotes is, and what it has not is not."""
        said = self.assertRefused(self.get(b"/in/"))[0]
        self.assertRegex(
            said,
            rb'^(?i:digest) nonce="[^"]+", opaque="[^"]+", qop="auth", algorithm=md5,'
            rb' realm="realm"$',
        )
        self.assertNotEqual(self.challenge()[b"nonce"], self.challenge()[b"nonce"])

    def test_right(self) -> None:
        asked = self.challenge()
        self.assertPage(self.get(b"/in/", self.answer(asked)), b"Welcome, bob")
        more = self.answer(asked, count=b"00000002")
        self.assertPage(self.get(b"/in/", more), b"Welcome, bob")

    def test_wrong(self) -> None:
        self.assertRefused(self.get(b"/in/", self.answer(self.challenge(), b"wrong")))
        self.assertEqual(self.realm.avatars, [])

    def test_replayed(self) -> None:
        """An answer is good for one request."""
        answer = self.answer(self.challenge())
        self.assertPage(self.get(b"/in/", answer), b"Welcome, bob")
        self.assertRefused(self.get(b"/in/", answer))

    def test_otherURL(self) -> None:
        """An answer is good for its URL, with the query."""
        for uri in (b"/in/path", b"/in/?a", b"http://a/in/path"):
            answer = self.answer(self.challenge(), uri=uri)
            self.assertRefused(self.get(b"/in/", answer))
        self.assertPage(
            self.get(b"/in/", self.answer(self.challenge(), uri=b"http://a/in/")), b"Welcome, bob"
        )
        self.factory.checksURI = False
        answer = self.answer(self.challenge(), uri=b"/prefix/in/")
        self.assertPage(self.get(b"/in/", answer), b"Welcome, bob")

    def test_expired(self) -> None:
        """A challenge is good for some minutes."""
        asked = self.challenge()
        now = self.factory.digest._now()
        life = self.factory.digest.CHALLENGE_LIFETIME_SECS
        self.patch(self.factory.digest, "_now", lambda: now + life + 1)
        self.assertRefused(self.get(b"/in/", self.answer(asked)))

    def test_forged(self) -> None:
        """A challenge of another server is none."""
        asked = self.challenge()
        self.factory.digest = guard.DigestCredentialFactory(b"md5", b"realm").digest
        self.assertRefused(self.get(b"/in/", self.answer(asked)))

    def test_malformed(self) -> None:
        """Whatever is sent, it is refused."""
        right = self.answer(self.challenge())
        for header in (
            b"Authorization: Digest\r\n",
            b"Authorization: Digest username\r\n",
            b'Authorization: Digest username="bob\r\n',
            right.replace(b"opaque=", b"o="),
            right.replace(b"nc=00000001", b"nc=x"),
            right.replace(b'opaque="', b'opaque="\xff'),
            right.replace(b"MD5", b"md4"),
        ):
            self.assertRefused(self.get(b"/in/", header))


class CurlTests(ServedTestCase):
    """curl logs in."""

    async def test_curl(self) -> None:
        portal = Portal(Realm(), [InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")])
        for factory, option in (
            (guard.BasicCredentialFactory("realm"), "--basic"),
            (guard.DigestCredentialFactory("md5", "realm"), "--digest"),
            (guard.DigestCredentialFactory("sha-256", "realm"), "--digest"),
        ):
            url = self.serve(guard.HTTPAuthSessionWrapper(portal, [factory])) + "/"
            said = await self.curl(option, "-u", "bob:secret", url, url + "path/x?y")
            self.assertEqual(said, b"Welcome, bobx")
            said = await self.curl(option, "-u", "bob:wrong", "-w%{http_code}", url)
            self.assertEqual(said, b"Unauthorized401")
