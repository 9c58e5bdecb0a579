"""Cookies of clients, kept by `http.cookiejar`.

Theory of operation. A jar asks a policy which cookies to take and to send. The one of the standard
library, as it is, sends a cookie that a host has set for itself to all hosts below, and takes
cookies for what is no domain of anybody, such as ``co.uk``. `BrowserCookiePolicy` does not (RFC
6265, 5.3), and is what a jar has that is made here; a jar of the program's keeps the policy that
the program has given it.
"""

from __future__ import annotations

from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.web.client._uris import URI, hostHeader
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: How many cookies one host may have kept, and how long one may be with its name (RFC 6265, 6.1).
MAX_COOKIES_PER_DOMAIN = 180
MAX_COOKIE_BYTES = 4096

#: What is registered under by many, below a country: labels that are no domain of anybody there.
_SECOND_LEVEL = frozenset(
    [
        "ac",
        "ad",
        "asn",
        "co",
        "com",
        "edu",
        "firm",
        "gob",
        "go",
        "gouv",
        "gov",
        "gv",
        "id",
        "ind",
        "info",
        "int",
        "lg",
        "ltd",
        "me",
        "mil",
        "mod",
        "name",
        "ne",
        "net",
        "nhs",
        "nic",
        "nom",
        "or",
        "org",
        "plc",
        "police",
        "pro",
        "sch",
        "store",
        "web",
    ]
)


def isPublicSuffix(domain: str) -> bool:
    """Whether many strangers have names below a domain, as far as it can be told by its form.

    A top level; and below that of a country what is used there as a top level is elsewhere.
    """
    labels = domain.strip(".").lower().split(".")
    if len(labels) < 2:
        return True
    return len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SECOND_LEVEL


def _isAddress(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


class BrowserCookiePolicy(DefaultCookiePolicy):
    """Takes and sends cookies as browsers do.

    A cookie without a domain goes back to the one host that has set it; one with a domain to the
    hosts below that, if it is not above the host that has set it and no public suffix.
    """

    def __init__(self) -> None:
        super().__init__(
            strict_domain=True,
            strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain,
        )

    def set_ok(self, cookie: Cookie, request: Any) -> bool:
        """Whether to take a cookie."""
        value = cookie.value or ""
        if len(cookie.name) + len(value) > MAX_COOKIE_BYTES:
            return False
        if cookie.domain_specified:
            if _isAddress(request.origin_req_host) or isPublicSuffix(cookie.domain):
                return False
        if cookie.secure and request.type != "https":
            return False
        return super().set_ok(cookie, request)


class BrowserCookieJar(CookieJar):
    """A jar with the `BrowserCookiePolicy`, and a limit to what one host may put into it."""

    def __init__(self) -> None:
        super().__init__(BrowserCookiePolicy())

    def set_cookie(self, cookie: Cookie) -> None:
        """Keep a cookie; the oldest of its domain goes if there are too many."""
        super().set_cookie(cookie)
        ofDomain: dict[str, dict[str, Cookie]] = self._cookies[cookie.domain]  # type: ignore[attr-defined]  # no other way to count
        if sum(map(len, ofDomain.values())) > MAX_COOKIES_PER_DOMAIN:
            path = next(iter(ofDomain))
            self.clear(cookie.domain, path, next(iter(ofDomain[path])))


class _CookieRequest:
    """What a jar wants to know of a request, in the words of `urllib.request`."""

    def __init__(self, uri: bytes) -> None:
        parts = URI.fromBytes(uri)
        self._uri = uri.decode("ascii")
        self.host = hostHeader(parts).decode("ascii")
        self.type = parts.scheme.decode("ascii")
        self.origin_req_host = parts.host.decode("ascii").lower()
        self.unverifiable = False
        self.cookie: str | None = None

    def get_full_url(self) -> str:
        """The URI."""
        return self._uri

    def has_header(self, name: str) -> bool:
        """Whether there is a header that the jar would add; its cookies are added to those."""
        return False

    def add_unredirected_header(self, name: str, value: str) -> None:
        """Take the cookies."""
        if name.lower() == "cookie":
            self.cookie = value


class _CookieResponse:
    """What a jar wants to know of a response."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers

    def info(self) -> _CookieResponse:
        """The headers."""
        return self

    def get_all(self, name: str, default: Any = None) -> Any:
        """The values of one."""
        values = self._headers.getRawHeaders(name.encode("ascii"))
        return default if values is None else [value.decode("latin-1") for value in values]


def cookieHeader(jar: CookieJar, uri: bytes) -> bytes | None:
    """The value of ``Cookie`` for a request; None if there are no cookies for it."""
    asked: Any = _CookieRequest(uri)
    jar.add_cookie_header(asked)
    return None if asked.cookie is None else asked.cookie.encode("latin-1")


def extractCookies(jar: CookieJar, response: Any, uri: bytes) -> None:
    """Keep the cookies that a response to a request for `uri` sets."""
    if response.headers.hasHeader(b"set-cookie"):
        asked: Any = _CookieRequest(uri)
        told: Any = _CookieResponse(response.headers)
        jar.extract_cookies(told, asked)


def withCookies(headers: Headers | None, value: bytes | None) -> Headers | None:
    """Headers with cookies added to those that are there."""
    if value is None:
        return headers
    headers = Headers() if headers is None else headers.copy()
    own = headers.getRawHeaders(b"cookie", [])
    headers.setRawHeaders(b"cookie", [b"; ".join([*own, value])])
    return headers


@implementer(IAgent)
class CookieAgent:
    """Has another agent make requests, with the cookies that earlier responses have set.

    Put it inside of a `RedirectAgent`, so that each step has its own cookies.

    Args:
        agent: the other agent.
        cookieJar: a `http.cookiejar.CookieJar`, whose policy decides.
    """

    def __init__(self, agent: Any, cookieJar: CookieJar) -> None:
        self._agent = agent
        self.cookieJar = cookieJar

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Make a request; see `IAgent.request`."""
        if headers is None or not headers.hasHeader(b"cookie"):
            headers = withCookies(headers, cookieHeader(self.cookieJar, uri))
        asked: Deferred[IResponse] = self._agent.request(method, uri, headers, bodyProducer)
        return asked.addCallback(self._extract, uri)

    def _extract(self, response: Any, uri: bytes) -> Any:
        extractCookies(self.cookieJar, response, uri)
        return response
