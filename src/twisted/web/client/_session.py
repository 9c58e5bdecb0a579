"""One call that does what people want.

Theory of operation. What to do after a response or an error is decided by `redirection` and
`delayBefore`, which look and do nothing; `Session._run` is the loop that acts on it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar
from typing import Any, TypedDict, Unpack
from urllib.parse import unquote_to_bytes
from weakref import WeakKeyDictionary

from hyperlink import URL

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.error import (
    ConnectError,
    ConnectingCancelledError,
    DNSLookupError,
)
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.web.client._agent import IDEMPOTENT, Agent
from twisted.web.client._answers import ClientResponse
from twisted.web.client._cookies import (
    BrowserCookieJar,
    cookieHeader,
    extractCookies,
    withCookies,
)
from twisted.web.client._decoding import ContentDecoderAgent, GzipDecoder
from twisted.web.client._errors import (
    RequestNotSent,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
)
from twisted.web.client._forms import NO_BODY, Body, Fields, Text, makeBody, pairs, query
from twisted.web.client._policies import BrowserLikePolicyForHTTPS, HostnameCachingHTTPSPolicy
from twisted.web.client._pool import HTTPConnectionPool
from twisted.web.client._redirects import (
    REDIRECT_LIMIT,
    SENSITIVE,
    Redirection,
    Rules,
    firstLocation,
    redirection,
    withoutSecrets,
)
from twisted.web.client._response import keepSome
from twisted.web.client._uris import checkedMethod
from twisted.web.http._statuses import (
    BAD_GATEWAY,
    FOUND,
    GATEWAY_TIMEOUT,
    MOVED_PERMANENTLY,
    SEE_OTHER,
    SERVICE_UNAVAILABLE,
)
from twisted.web.http_headers import Headers

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: Seconds for a request with its redirections and its body, unless the program says otherwise.
REQUEST_TIMEOUT = 60.0
#: Idle connections that are kept for one host.
_KEPT_PER_HOST = 10
#: Seconds before the first repetition; each further one waits twice as long.
_FIRST_DELAY = 0.2
#: The longest that is waited, be it because of that or because the server asks for it.
_MAX_DELAY = 60.0
_TOO_MANY_REQUESTS = 429
#: Statuses of servers that may be able to answer a little later.
_FOR_NOW = (_TOO_MANY_REQUESTS, BAD_GATEWAY, SERVICE_UNAVAILABLE, GATEWAY_TIMEOUT)
_TO_GET = frozenset([MOVED_PERMANENTLY, FOUND, SEE_OTHER])

HeadersLike = Headers | Mapping[Any, Any]


def delayBefore(
    attempt: int, retries: int, method: bytes, repeatable: bool, outcome: Any
) -> float | None:
    """How long to wait before a request is made again.

    Args:
        attempt: how often it was repeated.
        retries: how often it may be.
        method: of the request.
        repeatable: whether its body can be sent again.
        outcome: the response, or a Failure.

    Returns:
        Seconds; None if it is not made again.
    """
    if attempt >= retries or not repeatable:
        return None
    delay: float = min(_FIRST_DELAY * 2**attempt, _MAX_DELAY)
    if isinstance(outcome, Failure):
        if outcome.check(ConnectingCancelledError):
            return None
        # The server has not seen it, so that it can be made again whatever it does.
        if outcome.check(ConnectError, DNSLookupError, RequestNotSent):
            return delay
        again = outcome.check(ResponseNeverReceived, RequestTransmissionFailed)
        return delay if again and method in IDEMPOTENT else None
    if outcome.code not in _FOR_NOW or method not in IDEMPOTENT:
        return None
    asked = outcome.headers.getRawHeaders(b"retry-after", [b""])[0]
    if asked.isdigit() and len(asked) < 10:
        return float(asked) if int(asked) <= _MAX_DELAY else None
    return delay


class RequestArguments(TypedDict, total=False):
    """What can be said of a request by name; see `request`."""

    params: Fields | Text | None
    headers: HeadersLike | None
    data: Any
    json: Any
    files: Any
    auth: tuple[Text, Text] | None
    cookies: Mapping[Text, Text] | CookieJar | None
    timeout: float | None
    retries: int
    redirects: int


@dataclass(frozen=True, slots=True)
class _Wishes:
    """The same, with what holds if it is not said."""

    params: Fields | Text | None = None
    headers: HeadersLike | None = None
    data: Any = None
    json: Any = None
    files: Any = None
    auth: tuple[Text, Text] | None = None
    cookies: Mapping[Text, Text] | CookieJar | None = None
    timeout: float | None = REQUEST_TIMEOUT
    retries: int = 0
    redirects: int = REDIRECT_LIMIT


@dataclass(slots=True)
class _Job:
    """A request on its way through redirections and repetitions."""

    method: bytes
    uri: bytes
    headers: Headers
    body: Body
    cookies: bytes | None
    jar: CookieJar
    rules: Rules
    retries: int
    end: float | None
    history: list[ClientResponse] = field(default_factory=list)


def _headersFrom(given: HeadersLike | None) -> Headers:
    if isinstance(given, Headers):
        return given.copy()
    headers = Headers()
    for name, values in (given or {}).items():
        headers.setRawHeaders(name, values if isinstance(values, list | tuple) else [values])
    return headers


def _basic(user: Text, password: Text) -> bytes:
    both = [one.encode("utf-8") if isinstance(one, str) else one for one in (user, password)]
    if b":" in both[0]:
        raise ValueError("a user whose name has a ':' in it cannot use basic authentication")
    return b"Basic " + b64encode(b":".join(both))


def _uri(url: Text, params: Fields | Text | None) -> tuple[bytes, bytes | None]:
    """A URL as it can be asked for, and who is to be authenticated by what it says."""
    text = url.decode("ascii") if isinstance(url, bytes) else url
    parsed = URL.from_text(text.strip(" ")).to_uri()
    authorization = None
    if parsed.userinfo:
        user, _, password = parsed.userinfo.partition(":")
        authorization = _basic(unquote_to_bytes(user), unquote_to_bytes(password))
        parsed = parsed.replace(userinfo="")
    uri = parsed.replace(fragment="").to_text().encode("ascii")
    if params is not None and (more := query(params)):
        uri += (b"&" if b"?" in uri else b"?") + more
    return uri, authorization


class Session:
    """Makes requests, and keeps connections and cookies for the next.

    Args:
        reactor: the installed one by default.
        agent: makes the requests; it neither follows redirections nor knows cookies.
        jar: keeps cookies, a `http.cookiejar.CookieJar`; a `BrowserCookieJar` by default.
        trustRoot: whom to trust; as for `BrowserLikePolicyForHTTPS`.
        http2: whether HTTP/2 is spoken with servers that do; it needs the extra of that name.
        arguments: what holds for requests that say nothing else; see `request`. The headers
            of a request are added to these.

    Attributes:
        jar: the same; None to have one for each request.
    """

    jar: CookieJar | None

    def __init__(
        self,
        reactor: Any = None,
        agent: Any = None,
        jar: CookieJar | None = None,
        trustRoot: Any = None,
        http2: bool = False,
        **arguments: Unpack[RequestArguments],
    ) -> None:
        self._reactor = installedReactor() if reactor is None else reactor
        self._pool = HTTPConnectionPool(self._reactor)
        self._pool.maxPersistentPerHost = _KEPT_PER_HOST
        if agent is None:
            offered = [b"h2", b"http/1.1"] if http2 else None
            policy = HostnameCachingHTTPSPolicy(BrowserLikePolicyForHTTPS(trustRoot, offered))
            agent = Agent(self._reactor, policy, pool=self._pool)
        self._agent = ContentDecoderAgent(
            agent, [(b"gzip", GzipDecoder), (b"deflate", GzipDecoder)]
        )
        self.jar = BrowserCookieJar() if jar is None else jar
        self._wishes = _Wishes(**arguments)

    def request(
        self, method: Text, url: Text, **arguments: Unpack[RequestArguments]
    ) -> Deferred[ClientResponse]:
        """Make a request; arguments, result and errors are those of `client.request`."""
        wishes = replace(self._wishes, **arguments)
        job = self._job(method, url, wishes)
        result = Deferred.fromCoroutine(self._run(job))
        if wishes.timeout is not None:
            result.addTimeout(wishes.timeout, self._reactor, _late)
        return result

    def _job(self, method: Text, url: Text, wishes: _Wishes) -> _Job:
        name = checkedMethod(method.encode("ascii") if isinstance(method, str) else method)
        uri, authorization = _uri(url, wishes.params)
        body = makeBody(wishes.data, wishes.json, wishes.files)
        headers = _headersFrom(self._wishes.headers)
        for key, values in _headersFrom(wishes.headers).getAllRawHeaders():
            headers.setRawHeaders(key, values)
        if body.contentType is not None and not headers.hasHeader(b"content-type"):
            headers.setRawHeaders(b"content-type", [body.contentType])
        if wishes.auth is not None:
            authorization = _basic(*wishes.auth)
        if authorization is not None:
            headers.setRawHeaders(b"authorization", [authorization])
        jar, own = self.jar, None
        if isinstance(wishes.cookies, CookieJar):
            jar = wishes.cookies
        elif wishes.cookies:
            own = b"; ".join([_cookie(*pair) for pair in pairs(wishes.cookies)])
        return _Job(
            method=name,
            uri=uri,
            headers=headers,
            body=body,
            cookies=own,
            jar=BrowserCookieJar() if jar is None else jar,
            rules=Rules(_TO_GET, body.repeatable, limit=wishes.redirects),
            retries=wishes.retries,
            end=None if wishes.timeout is None else self._reactor.seconds() + wishes.timeout,
        )

    async def _run(self, job: _Job) -> ClientResponse:
        while True:
            response = await self._withRetries(job)
            extractCookies(job.jar, response, job.uri)
            answer = ClientResponse(
                response, job.uri.decode("ascii"), job.history, self._reactor, job.end
            )
            if not job.rules.limit:
                return answer
            step = redirection(
                job.rules,
                len(job.history),
                job.method,
                job.uri,
                response.code,
                firstLocation(response),
            )
            if step is None:
                return answer
            if not isinstance(step, Redirection):
                raise ResponseFailed([Failure(step)], response)
            keepSome(response)
            job.history.append(answer)
            self._follow(job, step)

    def _follow(self, job: _Job, step: Redirection) -> None:
        """Have a job go where a response has sent it."""
        if step.crosses:
            job.cookies = None
            headers = withoutSecrets(job.headers, SENSITIVE)
            assert headers is not None, "it has headers"
            headers.removeHeader(b"host")
            job.headers = headers
        if not step.keepsBody and job.body is not NO_BODY:
            job.body = NO_BODY
            for name in (b"content-type", b"content-encoding", b"content-language"):
                job.headers.removeHeader(name)
        job.method, job.uri = step.method, step.uri

    async def _withRetries(self, job: _Job) -> Any:
        attempt = 0
        while True:
            outcome: Any
            try:
                outcome = await self._once(job)
            except Exception:  # whatever it is, it is raised again, or dealt with
                outcome = Failure()
            delay = delayBefore(attempt, job.retries, job.method, job.body.repeatable, outcome)
            if delay is None:
                if isinstance(outcome, Failure):
                    outcome.raiseException()
                return outcome
            if not isinstance(outcome, Failure):
                keepSome(outcome)
            attempt += 1
            await deferLater(self._reactor, delay)

    def _once(self, job: _Job) -> Deferred[Any]:
        headers = withCookies(job.headers, job.cookies)
        headers = withCookies(headers, cookieHeader(job.jar, job.uri))
        body = None if job.body.make is None else job.body.make()
        return self._agent.request(job.method, job.uri, headers, body)

    def close(self) -> Deferred[None]:
        """Close the idle connections; fires when they are closed."""
        return self._pool.closeCachedConnections()


def _cookie(name: Text, value: Text) -> bytes:
    pair = [one.encode("utf-8") if isinstance(one, str) else one for one in (name, value)]
    if any(sign in one for one in pair for sign in (b";", b"\r", b"\n", b"\0")):
        raise ValueError(f"a cookie has no ';' and no line ends in it: {name!r}")
    return b"=".join(pair)


def _late(result: Any, seconds: float) -> Any:
    if isinstance(result, Failure):
        raise TimeoutError(f"there was no response within {seconds:g} seconds")
    return result


_sessions: WeakKeyDictionary[Any, Session] = WeakKeyDictionary()


def defaultSession(reactor: Any = None) -> Session:
    """The session whose connections `request` uses.

    Args:
        reactor: the installed one by default.
    """
    reactor = installedReactor() if reactor is None else reactor
    session = _sessions.get(reactor)
    if session is None:
        session = _sessions[reactor] = Session(reactor)
        # Requests that know nothing of each other do not share what servers know them by.
        session.jar = None
    return session


def request(
    method: Text, url: Text, reactor: Any = None, **arguments: Unpack[RequestArguments]
) -> Deferred[ClientResponse]:
    """Make a request, on a connection that is kept for the next.

    Args:
        method: such as ``"GET"``.
        url: by http or https, of any characters.
        reactor: the installed one by default.
        params: fields to add to the query: a mapping, or pairs; or a query.
        headers: by name: a value, or a list of values.
        data: the body: bytes, a str, an open file, an `IBodyProducer`, or fields of a form.
        json: the body, written as JSON.
        files: files of a form, by name: bytes, an open file, or a tuple of a file name, one of
            these, and maybe a content type. The fields of `data` are in the same form.
        auth: user and password, for basic authentication.
        cookies: values by name, for this request; or a `http.cookiejar.CookieJar`, which also
            keeps what is set. Without one, what is set lives as long as the redirections.
        timeout: seconds for all, the body included; 60 by default; None for no limit.
        retries: how often to try again, if that does no harm: after errors of the connection, and
            after 429, 502, 503 and 504, with pauses that grow. 0 by default.
        redirects: how often to go where responses lead, 20 by default; 0 gives the redirection
            itself.

    Returns:
        Fires with a `ClientResponse` when the headers are there. Fails with the errors of
        `Agent.request`, with `TimeoutError`, and with `ResponseFailed` because of a
        `PageRedirect`, an `InfiniteRedirection` or a `RedirectWithNoLocation`.

    Raises:
        TypeError, ValueError: the arguments cannot be sent; nothing was.
    """
    return defaultSession(reactor).request(method, url, **arguments)
