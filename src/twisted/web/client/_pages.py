"""Pages, the short way: `getPage` and `downloadPage`, and what they are made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client._bodies import BytesBody
from twisted.web.client._connection import ClientConnection
from twisted.web.client._errors import BodyTooLong, PartialDownloadError, ResponseDone
from twisted.web.client._policies import policyFrom
from twisted.web.client._redirects import (
    REDIRECT_LIMIT,
    SENSITIVE,
    Rules,
    firstLocation,
    redirection,
)
from twisted.web.client._response import MAX_BODY_BYTES
from twisted.web.client._sending import ClientRequest
from twisted.web.client._uris import URI, checkedMethod, checkedURI, hostHeader
from twisted.web.error import Error, PageRedirect, SchemeNotSupported
from twisted.web.http._client import PotentialDataLoss
from twisted.web.http._parsing import parseContentRange
from twisted.web.http._statuses import (
    FOUND,
    PARTIAL_CONTENT,
    SEE_OTHER,
)
from twisted.web.http_headers import Headers

__name__ = "twisted.web.client"  # the public path, for pickles and messages

_AGENT = b"Twisted PageGetter"
_Text = bytes | str


def _bytes(text: _Text) -> bytes:
    return text.encode("utf-8") if isinstance(text, str) else text


class _Receiver(Protocol):
    """Gives a body to a getter, piece by piece."""

    def __init__(self, getter: HTTPPageGetter) -> None:
        self._getter = getter

    def dataReceived(self, data: bytes) -> None:
        """Pass it on."""
        self._getter.handleResponsePart(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass it on."""
        self._getter.handleResponseEnd(reason)


class HTTPPageGetter(ClientConnection):
    """Asks for what its factory, an `HTTPClientFactory`, wants, and tells it what has come."""

    factory: Any

    def __init__(self) -> None:
        super().__init__()
        self._answer: Any = None
        self._error = False
        self._size = 0
        self._parts: list[bytes] = []

    def connectionMade(self) -> None:
        """Ask."""
        factory = self.factory
        body = None if factory.postdata is None else BytesBody(factory.postdata)
        asked = ClientRequest(
            factory.method, factory.url, factory.path, factory._requestHeaders(), body, False
        )
        self.request(asked).addCallback(self._answered).addErrback(self._failed)

    def _failed(self, reason: Failure) -> None:
        self.factory.noPage(reason)
        self.abort()

    def _answered(self, response: Any) -> None:
        factory = self.factory
        version, major, minor = response.version
        factory.gotStatus(
            b"%b/%d.%d" % (version, major, minor), b"%d" % response.code, response.phrase
        )
        factory.gotHeaders(dict(response.headers._rawHeaders))
        if factory._redirected(response):
            self.abort()
            return
        self._answer = response
        self._error = not 200 <= response.code < 300
        self.handleEndHeaders()
        response.deliverBody(_Receiver(self))

    def handleEndHeaders(self) -> None:
        """The headers are there, and a body follows."""

    def handleResponsePart(self, data: bytes) -> None:
        """A piece of the body is there. This keeps it."""
        self._size += len(data)
        if self._size > MAX_BODY_BYTES:
            self._failed(Failure(BodyTooLong(f"the page is longer than {MAX_BODY_BYTES} bytes")))
        else:
            self._parts.append(data)

    def handleResponseEnd(self, reason: Failure) -> None:
        """The body has ended."""
        body, response = b"".join(self._parts), self._answer
        self._parts.clear()
        if not reason.check(ResponseDone, PotentialDataLoss):
            self.factory.noPage(reason)
        elif self._error:
            self.factory.noPage(Failure(Error(response.code, response.phrase, body)))
        else:
            self.pageReceived(body)

    def pageReceived(self, body: bytes) -> None:
        """The page is complete. This tells the factory."""
        self.factory.page(body)


class HTTPPageDownloader(HTTPPageGetter):
    """An `HTTPPageGetter` that gives the page to its `HTTPDownloader` as it comes."""

    def handleEndHeaders(self) -> None:
        """Have the factory make ready."""
        if not self._error:
            self.factory.pageStart(self._answer.code == PARTIAL_CONTENT)

    def handleResponsePart(self, data: bytes) -> None:
        """Pass it on, unless it is the page of an error."""
        if self._error:
            super().handleResponsePart(data)
        else:
            self.factory.pagePart(data)

    def handleResponseEnd(self, reason: Failure) -> None:
        """Tell the factory, which closes the file in any case."""
        if reason.check(PotentialDataLoss) and not self._error:
            response = self._answer
            reason = Failure(PartialDownloadError(response.code, response.phrase))
        super().handleResponseEnd(reason)

    def pageReceived(self, body: bytes) -> None:
        """The page is complete."""
        self.factory.pageEnd()


class HTTPClientFactory(ClientFactory[Any]):
    """Gets one page; give it to `reactor.connectTCP`, with `host` and `port`.

    Args:
        url: where it is.
        method: such as ``b"POST"``.
        postdata: the body of the request.
        headers: values by name.
        agent: what to say of oneself.
        timeout: seconds for all; 0 for no limit.
        cookies: values by name; those that are set are added.
        followRedirect: whether to go where the response leads.
        redirectLimit: how often.
        afterFoundGet: whether to ask with GET after 302.

    Attributes:
        deferred: fires with the page; fails with an `Error` that has the status.
        status, version, message: of the response, as bytes; None as long as there is none.
        response_headers: lists of values by name, in small letters.
        scheme, host, port, path: the parts of the URL.
    """

    protocol = HTTPPageGetter
    noisy = False

    url: bytes
    scheme: bytes
    host: str
    port: int
    path: bytes
    version: bytes | None = None
    status: bytes | None = None
    message: bytes | None = None
    response_headers: dict[bytes, list[bytes]] | None = None

    def __init__(
        self,
        url: _Text,
        method: _Text = b"GET",
        postdata: _Text | None = None,
        headers: Mapping[_Text, _Text] | None = None,
        agent: _Text = _AGENT,
        timeout: float = 0,
        cookies: Mapping[_Text, _Text] | None = None,
        followRedirect: bool | int = True,
        redirectLimit: int = REDIRECT_LIMIT,
        afterFoundGet: bool = False,
    ) -> None:
        self.method = checkedMethod(_bytes(method))
        self.postdata = None if postdata is None else _bytes(postdata)
        self.headers = {_bytes(k).lower(): _bytes(v) for k, v in (headers or {}).items()}
        self.agent = _bytes(agent)
        self.timeout = timeout
        self.cookies = {_bytes(k): _bytes(v) for k, v in (cookies or {}).items()}
        self.followRedirect = followRedirect
        self.redirectLimit = redirectLimit
        self.afterFoundGet = afterFoundGet
        self.deferred: Deferred[Any] = Deferred()
        self.waiting = True
        self._timer: Any = None
        self._reactor: Any = None
        self._redirections = 0
        self._connect: Callable[[HTTPClientFactory], Any] | None = None
        self.setURL(url)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.url.decode('ascii')}>"

    def setURL(self, url: _Text) -> None:
        """Get this one instead.

        Raises:
            ValueError: it is none.
        """
        self.url = checkedURI(_bytes(url))
        parts = URI.fromBytes(self.url)
        self.scheme = parts.scheme
        self.host = parts.host.decode("ascii")
        self.port = parts.port
        self.path = parts.originForm

    def _requestHeaders(self) -> Headers:
        headers = Headers({b"host": [hostHeader(URI.fromBytes(self.url))]})
        headers.setRawHeaders(b"user-agent", [self.agent])
        for name, value in self.headers.items():
            headers.setRawHeaders(name, [value])
        if self.cookies:
            pairs = [name + b"=" + value for name, value in self.cookies.items()]
            headers.setRawHeaders(b"cookie", [b"; ".join(pairs)])
        return headers

    # Time

    def startedConnecting(self, connector: Any) -> None:
        """Have a clock run, if there is a limit."""
        if self.timeout and self._timer is None:
            self._reactor = self._reactor or installedReactor()
            self._timer = self._reactor.callLater(self.timeout, self._tooLate, connector)

    def _tooLate(self, connector: Any) -> None:
        self._timer = None
        late = f"getting {self.url.decode('ascii')} took longer than {self.timeout:g} seconds"
        self.noPage(Failure(TimeoutError(late)))
        connector.disconnect()

    def _end(self) -> bool:
        """Whether this is the first time."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        waiting, self.waiting = self.waiting, False
        return waiting

    # What has come

    def gotStatus(self, version: bytes, status: bytes, message: bytes) -> None:
        """The status is there."""
        self.version, self.status, self.message = version, status, message

    def gotHeaders(self, headers: dict[bytes, list[bytes]]) -> None:
        """The headers are there: keep them, and the cookies among them."""
        self.response_headers = headers
        for line in headers.get(b"set-cookie", []):
            name, equals, value = line.partition(b";")[0].partition(b"=")
            if equals and name.strip():
                self.cookies[name.strip()] = value.strip()

    def page(self, page: bytes) -> None:
        """The page is there."""
        if self._end():
            self.deferred.callback(page)

    def noPage(self, reason: Failure) -> None:
        """The page cannot be had."""
        if self._end():
            self.deferred.errback(reason)

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """There is no connection."""
        self.noPage(reason)

    # Elsewhere

    def _redirected(self, response: Any) -> bool:
        """Whether the response is dealt with, since it leads elsewhere."""
        toGet = {SEE_OTHER, FOUND} if self.afterFoundGet else {SEE_OTHER}
        limit = self.redirectLimit if self.followRedirect else 0
        rules = Rules(frozenset(toGet), repeatsBody=True, limit=limit)
        location = firstLocation(response)
        step = redirection(
            rules, self._redirections, self.method, self.url, response.code, location
        )
        if step is None:
            return False
        if isinstance(step, Error):
            self.noPage(Failure(self._notFollowed(step, response)))
            return True
        self._redirections += 1
        if step.crosses:
            self.cookies.clear()
            for name in SENSITIVE:
                self.headers.pop(name.lower(), None)
        self.method = step.method
        if not step.keepsBody:
            self.postdata = None
        self.setURL(step.uri)
        connect = self._connect or _connector(None, installedReactor())
        connect(self)
        return True

    def _notFollowed(self, error: Error, response: Any) -> Error:
        """What to fail with: what leads elsewhere is not an endless loop if it is not wanted."""
        if self.followRedirect:
            return error
        return PageRedirect(response.code, response.phrase, location=firstLocation(response))


class HTTPDownloader(HTTPClientFactory):
    """Gets one page into a file.

    Args:
        fileOrName: a file that is open for writing, or the path of one, in which the page is
            replaced, or completed.
        supportPartial: whether to ask for the rest only of what is there.

    The other arguments are those of `HTTPClientFactory`. `deferred` fires with None when the file
    is complete and closed.
    """

    protocol = HTTPPageDownloader

    def __init__(
        self,
        url: _Text,
        fileOrName: str | bytes | os.PathLike[str] | BinaryIO | Any,
        method: _Text = b"GET",
        postdata: _Text | None = None,
        headers: Mapping[_Text, _Text] | None = None,
        agent: _Text = b"Twisted client",
        supportPartial: bool | int = False,
        timeout: float = 0,
        cookies: Mapping[_Text, _Text] | None = None,
        followRedirect: bool | int = True,
        redirectLimit: int = REDIRECT_LIMIT,
        afterFoundGet: bool = False,
    ) -> None:
        super().__init__(
            url, method, postdata, headers, agent, timeout, cookies,
            followRedirect, redirectLimit, afterFoundGet,
        )  # fmt: skip
        self.fileName: Any = None
        self.file: Any = None
        if isinstance(fileOrName, str | bytes | os.PathLike):
            self.fileName = fileOrName
        else:
            self.file = fileOrName
        self.requestedPartial = 0
        if supportPartial and self.fileName is not None and os.path.exists(self.fileName):
            self.requestedPartial = os.path.getsize(self.fileName)
            if self.requestedPartial:
                self.headers[b"range"] = b"bytes=%d-" % self.requestedPartial

    def gotHeaders(self, headers: dict[bytes, list[bytes]]) -> None:
        """Look whether the rest that comes is the one that was asked for."""
        super().gotHeaders(headers)
        if not self.requestedPartial:
            return
        ranges = headers.get(b"content-range", [b""])
        try:
            begin = parseContentRange(ranges[0].decode("ascii"))[0]
        except ValueError:
            begin = -1
        if self.status != b"%d" % PARTIAL_CONTENT or begin != self.requestedPartial:
            self.requestedPartial = 0

    def openFile(self, partialContent: bool) -> Any:
        """The file, open for writing: after what is there, or empty."""
        return open(self.fileName, "ab" if partialContent else "wb")

    def pageStart(self, partialContent: bool) -> None:
        """The page begins.

        Args:
            partialContent: whether it is the rest of one.
        """
        if partialContent and not self.requestedPartial:
            raise Error(PARTIAL_CONTENT, b"Part of the page, which is not what was asked for")
        if self.file is None:
            self.file = self.openFile(bool(partialContent))

    def pagePart(self, data: bytes) -> None:
        """A piece of the page is there."""
        try:
            self.file.write(data)
        except OSError:
            self.noPage(Failure())
            raise

    def pageEnd(self) -> None:
        """The page is complete."""
        try:
            self._closeFile()
        except OSError:
            self.noPage(Failure())
        else:
            if self._end():
                self.deferred.callback(None)

    def noPage(self, reason: Failure) -> None:
        """The page cannot be had; what there is of it is in the file."""
        if self.waiting and self.file is not None:
            try:
                self._closeFile()
            except OSError:
                reason = Failure()
        super().noPage(reason)

    def _closeFile(self) -> None:
        file, self.file = self.file, None
        file.close()


def _connector(contextFactory: Any, reactor: Any) -> Callable[[HTTPClientFactory], Any]:
    """What connects a factory to where its page is."""

    def connect(factory: HTTPClientFactory) -> Any:
        if factory.scheme == b"https":
            context = contextFactory
            if context is None:
                policy = policyFrom(None)
                context = policy.creatorForNetloc(factory.host.encode("ascii"), factory.port)
            return reactor.connectSSL(factory.host, factory.port, factory, context)
        if factory.scheme == b"http":
            return reactor.connectTCP(factory.host, factory.port, factory)
        raise SchemeNotSupported(f"pages are got by http and https, not by {factory.scheme!r}")

    return connect


def _begin(factory: HTTPClientFactory, contextFactory: Any, reactor: Any) -> Deferred[Any]:
    factory._reactor = installedReactor() if reactor is None else reactor
    factory._connect = _connector(contextFactory, factory._reactor)
    factory._connect(factory)
    return factory.deferred


def getPage(
    url: _Text, contextFactory: Any = None, *args: Any, reactor: Any = None, **kwargs: Any
) -> Deferred[bytes]:
    """Get a page.

    Args:
        url: where it is.
        contextFactory: makes the context for https; without it, the server is verified.
        args, kwargs: for `HTTPClientFactory`.
        reactor: makes the connection; the installed one by default.

    Returns:
        Fires with the page, as bytes. Fails with a `twisted.web.error.Error` that has the status
        if that is an error, and else with why there is no page.

    Raises:
        ValueError: the URL is none, or the method is.
    """
    return _begin(HTTPClientFactory(url, *args, **kwargs), contextFactory, reactor)


def downloadPage(
    url: _Text,
    file: str | bytes | os.PathLike[str] | BinaryIO | Any,
    contextFactory: Any = None,
    *args: Any,
    reactor: Any = None,
    **kwargs: Any,
) -> Deferred[None]:
    """Get a page into a file.

    Args:
        url: where it is.
        file: a path, or a file that is open for writing, and is closed at the end.
        contextFactory: makes the context for https; without it, the server is verified.
        args, kwargs: for `HTTPDownloader`.
        reactor: makes the connection; the installed one by default.

    Returns:
        Fires when the file is complete; fails as that of `getPage` does.
    """
    return _begin(HTTPDownloader(url, file, *args, **kwargs), contextFactory, reactor)
