"""Redirections: which are followed, and what other origins see."""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial import unittest
from twisted.web.client import (
    BrowserLikeRedirectAgent,
    CookieAgent,
    RedirectAgent,
    ResponseFailed,
    _redirects,
    readBody,
)
from twisted.web.client._redirects import Redirection, Rules, redirection
from twisted.web.error import InfiniteRedirection, PageRedirect, RedirectWithNoLocation
from twisted.web.http_headers import Headers
from twisted.web.test._clients import Setup, answer

SECRETS = {
    b"authorization": [b"Basic eA=="],
    b"cookie": [b"a=b"],
    b"cookie2": [b"$Version=1"],
    b"proxy-authorization": [b"Basic eQ=="],
    b"www-authenticate": [b"x"],
    b"x-token": [b"t"],
    b"x-harmless": [b"h"],
}


class DecisionTests(unittest.SynchronousTestCase):
    """What to do, from a response."""

    def decide(
        self,
        code: int,
        location: bytes | None = b"/b",
        method: bytes = b"GET",
        uri: bytes = b"http://a/",
        count: int = 0,
        **rules: Any,
    ) -> Any:
        rules.setdefault("toGet", frozenset([303]))
        return redirection(Rules(**rules), count, method, uri, code, location)

    def test_none(self) -> None:
        """Other statuses lead nowhere, whatever they say."""
        for code in (200, 201, 300, 304, 305, 404, 500):
            self.assertIs(self.decide(code), None)

    def test_follow(self) -> None:
        for code in (301, 302, 303, 307, 308):
            for method in (b"GET", b"HEAD"):
                self.assertEqual(
                    self.decide(code, method=method),
                    Redirection(method, b"http://a/b", False, False),
                )

    def test_unsafe(self) -> None:
        """What may have done something is done again only if that was asked for."""
        for code in (301, 302, 307, 308):
            self.assertIsInstance(self.decide(code, method=b"POST"), PageRedirect)
            self.assertEqual(
                self.decide(code, method=b"POST", repeatsBody=True),
                Redirection(b"POST", b"http://a/b", True, False),
            )
        self.assertEqual(
            self.decide(303, method=b"POST", repeatsBody=True),
            Redirection(b"GET", b"http://a/b", False, False),
        )

    def test_crossing(self) -> None:
        """Another scheme, host or port is another origin."""
        for uri, location, crosses in (
            (b"http://a/", b"http://a:80/", False),
            (b"http://a/", b"http://A/", False),
            (b"http://a/", b"//a/", False),
            (b"http://a/", b"http://a:81/", True),
            (b"http://a/", b"https://a/", True),
            (b"http://a/", b"http://b/", True),
            (b"http://a/", b"//b/", True),
            (b"http://a/", b"http://a.b/", True),
        ):
            self.assertEqual(self.decide(302, location, uri=uri).crosses, crosses, location)

    def test_downgrade(self) -> None:
        """Nothing leads from https to http, unless that was asked for."""
        error = self.decide(302, b"http://a/b", uri=b"https://a/")
        self.assertIsInstance(error, PageRedirect)
        self.assertEqual(error.location, b"http://a/b")
        self.assertIn("not safe", str(error))
        self.assertIsInstance(
            self.decide(302, b"http://a/b", uri=b"https://a/", downgrades=True), Redirection
        )
        self.assertIsInstance(self.decide(302, uri=b"https://a/"), Redirection)

    def test_limit(self) -> None:
        self.assertIsInstance(self.decide(302, count=19), Redirection)
        self.assertIsInstance(self.decide(302, count=20), InfiniteRedirection)

    def test_location(self) -> None:
        self.assertIsInstance(self.decide(302, None), RedirectWithNoLocation)
        for bad in (b"http://a/\r\nX: y", b"/a b", b"/\xff", b"http://a:99999/"):
            self.assertIsInstance(self.decide(302, bad), PageRedirect, bad)

    def test_fragment(self) -> None:
        """The fragment goes with it, unless there is a new one."""
        self.assertEqual(self.decide(302, uri=b"http://a/#f").uri, b"http://a/b#f")
        self.assertEqual(self.decide(302, b"/b#g", uri=b"http://a/#f").uri, b"http://a/b#g")


class RedirectCase(unittest.SynchronousTestCase):
    """Tests of an agent that follows."""

    kind: type[RedirectAgent] = RedirectAgent

    def setUp(self) -> None:
        self.setup = Setup()
        self.agent = self.kind(self.setup.agent)

    def ask(
        self, method: bytes = b"GET", uri: bytes = b"http://a/", headers: Headers | None = None
    ) -> Deferred[Any]:
        return self.agent.request(method, uri, headers)

    def lead(self, location: bytes, code: bytes = b"302 Found", host: bytes = b"a") -> None:
        """Have a host send the client elsewhere."""
        wire = self.setup.endpoints.to(host)
        wire.heard()
        wire.say(answer(b"elsewhere", code, b"Location: " + location))

    def reason(self, asked: Deferred[Any], kind: type[Exception]) -> Any:
        error: Any = self.failureResultOf(asked, ResponseFailed).value
        [reason] = error.reasons
        self.assertIsInstance(reason.value, kind)
        self.assertIsNot(error.response, None)
        return reason.value


class RedirectAgentTests(RedirectCase):
    """`RedirectAgent`."""

    def test_follow(self) -> None:
        """It goes there on the same connection; the response knows where it comes from."""
        asked = self.ask()
        self.lead(b"/b?c")
        wire = self.setup.endpoints.wire
        self.assertEqual(wire.heard(), b"GET /b?c HTTP/1.1\r\nHost: a\r\n\r\n")
        wire.say(answer(b"here"))
        response = self.successResultOf(asked)
        self.assertEqual(self.successResultOf(readBody(response)), b"here")
        self.assertEqual(response.request.absoluteURI, b"http://a/b?c")
        previous = response.previousResponse
        self.assertEqual((previous.code, previous.previousResponse), (302, None))
        self.assertEqual(self.successResultOf(readBody(previous)), b"elsewhere")

    def test_notFollowed(self) -> None:
        for code in (b"301 Moved", b"302 Found", b"307 Temporary", b"308 Permanent"):
            self.setUp()
            asked = self.ask(b"POST")
            self.lead(b"/b", code)
            error = self.reason(asked, PageRedirect)
            self.assertEqual((error.status, error.location), (code[:3], b"http://a/"))

    def test_seeOther(self) -> None:
        self.ask(b"POST")
        self.lead(b"/b", b"303 See Other")
        self.assertTrue(self.setup.endpoints.wire.heard().startswith(b"GET /b "))

    def test_loop(self) -> None:
        asked = self.ask()
        for _ in range(_redirects.REDIRECT_LIMIT + 1):
            self.lead(b"/")
        self.reason(asked, InfiniteRedirection)

    def test_limit(self) -> None:
        self.agent = RedirectAgent(self.setup.agent, 1)
        asked = self.ask()
        self.lead(b"/b")
        self.lead(b"/c")
        self.reason(asked, InfiniteRedirection)

    def test_nowhere(self) -> None:
        asked = self.ask()
        self.setup.endpoints.wire.say(answer(b"", b"302 Found"))
        self.reason(asked, RedirectWithNoLocation)

    def test_sameOrigin(self) -> None:
        """The same origin sees everything."""
        self.ask(headers=Headers(SECRETS))
        self.lead(b"/b")
        heard = self.setup.endpoints.wire.heard().lower()
        for name in SECRETS:
            self.assertIn(b"\r\n" + name + b": ", heard)

    def test_otherOrigins(self) -> None:
        """Others see nothing that is secret."""
        for location in (b"http://b/", b"http://a:81/", b"https://a/"):
            self.setUp()
            self.agent = RedirectAgent(self.setup.agent, sensitiveHeaderNames=[b"X-Token"])
            headers = Headers(SECRETS)
            self.ask(headers=headers)
            self.lead(location)
            heard = self.setup.endpoints.wires[-1].heard().lower()
            for name in SECRETS:
                self.assertEqual(b"\r\n" + name + b": " in heard, name == b"x-harmless", name)
            self.assertEqual(headers, Headers(SECRETS))

    def test_thereAndBack(self) -> None:
        """What was dropped on the way does not come back."""
        self.ask(headers=Headers({b"cookie": [b"a=b"]}))
        self.lead(b"http://b/")
        self.lead(b"http://a/", host=b"b")
        self.assertNotIn(b"Cookie", self.setup.endpoints.to(b"a").heard())

    def test_downgrade(self) -> None:
        asked = self.ask(uri=b"https://a/")
        self.lead(b"http://a/")
        self.reason(asked, PageRedirect)
        self.agent = RedirectAgent(self.setup.agent, allowDowngrade=True)
        self.ask(uri=b"https://a/")
        self.lead(b"http://b/")
        self.assertTrue(self.setup.endpoints.to(b"b").heard().startswith(b"GET / "))

    def test_longBody(self) -> None:
        """A redirection with an endless body costs its connection, and nothing else."""
        asked = self.ask()
        wire = self.setup.endpoints.wire
        wire.say(b"HTTP/1.1 302 Found\r\nContent-Length: 999999999\r\nLocation: http://b/\r\n\r\n")
        wire.say(b"a" * 100_000)
        self.assertTrue(wire.aborted)
        self.setup.endpoints.to(b"b").say(answer(b"here"))
        self.assertEqual(self.successResultOf(asked).code, 200)

    def test_cookies(self) -> None:
        """With a `CookieAgent` inside, each step has the cookies that are its own."""
        self.agent = RedirectAgent(CookieAgent(self.setup.agent, CookieJar()))
        self.ask(uri=b"http://a.example/")
        wire = self.setup.endpoints.wire
        wire.say(answer(b"", b"302 Found", b"Location: /b", b"Set-Cookie: one=1"))
        self.assertIn(b"Cookie: one=1\r\n", wire.heard())
        wire.say(answer(b"", b"302 Found", b"Location: http://b.example/"))
        self.assertNotIn(b"Cookie", self.setup.endpoints.to(b"b.example").heard())


class BrowserLikeRedirectAgentTests(RedirectCase):
    """`BrowserLikeRedirectAgent`."""

    kind = BrowserLikeRedirectAgent

    def test_toGet(self) -> None:
        for code in (b"301 Moved", b"302 Found", b"303 See Other"):
            self.setUp()
            self.ask(b"POST")
            self.lead(b"/b", code)
            self.assertTrue(self.setup.endpoints.wire.heard().startswith(b"GET /b "))

    def test_notFollowed(self) -> None:
        for code in (b"307 Temporary", b"308 Permanent"):
            asked = self.ask(b"POST")
            self.lead(b"/b", code)
            self.reason(asked, PageRedirect)
