"""Going where a response sends us, if that is safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.client._errors import ResponseFailed
from twisted.web.client._response import keepSome
from twisted.web.client._uris import checkedURI, joined, origin
from twisted.web.error import (
    Error,
    InfiniteRedirection,
    PageRedirect,
    RedirectWithNoLocation,
)
from twisted.web.http._statuses import (
    FOUND,
    MOVED_PERMANENTLY,
    PERMANENT_REDIRECT,
    SEE_OTHER,
    TEMPORARY_REDIRECT,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: How often a request may be sent elsewhere; browsers stop at 20 as well.
REDIRECT_LIMIT = 20
#: Headers that only the server that they were meant for may see.
SENSITIVE = (b"Authorization", b"Cookie", b"Cookie2", b"Proxy-Authorization", b"WWW-Authenticate")

_ALL = frozenset([MOVED_PERMANENTLY, FOUND, SEE_OTHER, TEMPORARY_REDIRECT, PERMANENT_REDIRECT])
_SAFE = (b"GET", b"HEAD")


@dataclass(frozen=True, slots=True)
class Rules:
    """How redirections are taken.

    Attributes:
        toGet: statuses after which another method becomes GET.
        repeatsBody: whether other methods, and their bodies, are sent elsewhere again.
        downgrades: whether a response by https may send us to http, where all can read it.
        limit: how often, for one request.
    """

    toGet: frozenset[int]
    repeatsBody: bool = False
    downgrades: bool = False
    limit: int = REDIRECT_LIMIT


@dataclass(frozen=True, slots=True)
class Redirection:
    """What to do next.

    Attributes:
        method, uri: of the next request.
        keepsBody: whether it has the body of the first.
        crosses: whether it goes to another origin, which must not see secrets.
    """

    method: bytes
    uri: bytes
    keepsBody: bool
    crosses: bool


def redirection(
    rules: Rules, count: int, method: bytes, uri: bytes, code: int, location: bytes | None
) -> Redirection | Error | None:
    """Whether, and how, a response leads on.

    Args:
        rules: what is allowed.
        count: how many redirections there have been.
        method, uri: of the request.
        code: the status of the response.
        location: what the response says about where to go.

    Returns:
        What to do; None if it is no redirection; an error if it is one that is not taken.
    """
    if code not in _ALL:
        return None
    becomesGet = method not in _SAFE and code in rules.toGet
    if method not in _SAFE and not becomesGet and not rules.repeatsBody:
        return PageRedirect(code, location=uri)
    if count >= rules.limit:
        return InfiniteRedirection(code, b"Infinite redirection detected", location=uri)
    if location is None:
        return RedirectWithNoLocation(b"%d" % code, b"No location header field", uri)
    try:
        target = checkedURI(joined(uri, location))
        here, there = origin(uri), origin(target)
    except ValueError:
        return PageRedirect(code, b"Location is no URI; redirected", location=location)
    if here[0] == b"https" and there[0] == b"http" and not rules.downgrades:
        return PageRedirect(code, b"From https to http, which is not safe", location=target)
    nextMethod = b"GET" if becomesGet else method
    return Redirection(nextMethod, target, not becomesGet and rules.repeatsBody, here != there)


def withoutSecrets(headers: Headers | None, names: Sequence[bytes]) -> Headers | None:
    """Headers for another origin."""
    if headers is None:
        return None
    copied = headers.copy()
    for name in names:
        copied.removeHeader(name)
    return copied


def firstLocation(response: Any) -> bytes | None:
    """Where a response leads to, as it says."""
    values = response.headers.getRawHeaders(b"location", [])
    return values[0] if values else None


@implementer(IAgent)
class RedirectAgent:
    """Has another agent make requests, and goes where the responses lead.

    By RFC 9110: GET and HEAD are made again elsewhere; after 303, any method becomes GET. What
    leads from https to http is not followed, and other origins do not see secret headers.

    Args:
        agent: the other agent.
        redirectLimit: how often one request may be sent elsewhere.
        sensitiveHeaderNames: headers that other origins must not see, beside those about who
            the user is.
        allowDowngrade: whether to go from https to http all the same.
    """

    _toGet: frozenset[int] = frozenset([SEE_OTHER])

    def __init__(
        self,
        agent: Any,
        redirectLimit: int = REDIRECT_LIMIT,
        sensitiveHeaderNames: Sequence[bytes] = SENSITIVE,
        allowDowngrade: bool = False,
    ) -> None:
        self._agent = agent
        self._rules = Rules(self._toGet, downgrades=allowDowngrade, limit=redirectLimit)
        self._sensitive = (*SENSITIVE, *sensitiveHeaderNames)

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Make a request; see `IAgent.request`.

        Returns:
            Fires with the last response, whose `previousResponse` is the one that led there.
            Fails with `ResponseFailed` if a redirection is not followed, because of an
            `InfiniteRedirection`, a `RedirectWithNoLocation` or a `PageRedirect`.
        """
        asked: Deferred[IResponse] = self._agent.request(method, uri, headers, bodyProducer)
        return asked.addCallback(self._answered, method, uri, headers, 0)

    def _answered(
        self, response: Any, method: bytes, uri: bytes, headers: Headers | None, count: int
    ) -> Any:
        if response.code not in _ALL:
            return response
        return self._handleRedirect(response, method, uri, headers, count)

    def _handleRedirect(
        self, response: Any, method: bytes, uri: bytes, headers: Headers | None, count: int
    ) -> Any:
        # The tests of treq have something else in the place of this.
        location = firstLocation(response)
        step = redirection(self._rules, count, method, uri, response.code, location)
        if not isinstance(step, Redirection):
            raise ResponseFailed([Failure(step)], response)
        keepSome(response)
        if step.crosses:
            headers = withoutSecrets(headers, self._sensitive)
        asked = self._agent.request(step.method, step.uri, headers)
        asked.addCallback(self._led, response)
        return asked.addCallback(self._answered, step.method, step.uri, headers, count + 1)

    def _led(self, response: Any, previous: Any) -> Any:
        response.setPreviousResponse(previous)
        return response


class BrowserLikeRedirectAgent(RedirectAgent):
    """A `RedirectAgent` that does as browsers do: any method becomes GET after 301 and 302, too."""

    _toGet = frozenset([MOVED_PERMANENTLY, FOUND, SEE_OTHER])
