"""Requests that find their resource, and answer with what it renders."""

from __future__ import annotations

from collections.abc import Coroutine
from html import escape
from time import time
from typing import Any, BinaryIO, cast
from urllib.parse import quote_from_bytes, unquote_to_bytes

from zope.interface import implementer

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.python.components import Componentized
from twisted.python.failure import Failure
from twisted.python.urlpath import URLPath
from twisted.web import _h1, http
from twisted.web.error import UnsupportedMethod
from twisted.web.http._late import Late
from twisted.web.http_headers import Headers
from twisted.web.iweb import IRequest
from twisted.web.resource import errorPageFor, getChildForRequest, streams
from twisted.web.server._viewed import Viewed

__name__ = "twisted.web.server"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.server")

#: What `render` returns when `request.finish` will be called later.
NOT_DONE_YET = 1

supportedMethods = (b"GET", b"HEAD", b"POST")

#: What servers call themselves, in the header `Server`.
version = b"Torsion"

_COOKIE = b"TWISTED_SESSION"
_SECURE_COOKIE = b"TWISTED_SESSION_SECURE"


class _Clock:
    """The header `Date`, made once a second."""

    __slots__ = ("_lines", "second", "text")

    def __init__(self) -> None:
        self.second = -1
        self.text = b""
        self._lines: dict[bytes | None, bytes] = {}

    def now(self) -> bytes:
        second = int(time())
        if second != self.second:
            self.second, self.text = second, http.datetimeToString(second)
            self._lines = {}
        return self.text

    def lines(self, contentType: bytes | None) -> bytes:
        """The headers of responses that set none."""
        now = self.now()
        made = self._lines.get(contentType)
        if made is None:
            fields = [(b"Server", version), (b"Date", now)]
            if contentType is not None:
                fields.append((b"Content-Type", contentType))
            made = self._lines[contentType] = _h1.field_lines(fields)
        return made


_clock = _Clock()


@implementer(IRequest)
class Request(http.Request, Componentized, Viewed):
    """A request to a `Site`.

    Attributes:
        site: the site.
        prepath: the parts of the path, unquoted, up to the resource that was found.
        postpath: the parts after that.
        session: the session; see `getSession`.
        defaultContentType: what the response is if its resource does not say; None for nothing.
        appRootURL: where the application is; see `rememberRootURL`.
    """

    site: Any = None
    appRootURL: bytes | None = None
    prepath: list[bytes]
    postpath: list[bytes]
    sitepath: list[bytes]
    session: Any = None
    defaultContentType: bytes | None = b"text/html"

    _secureSession: Any = None
    _components: Late[dict[Any, Any]] = Late(lambda request: {})

    def __init__(
        self, channel: Any, *args: Any, parsePOSTFormSubmission: bool = True, **kw: Any
    ) -> None:
        # Benchmark http-hello: what Componentized begins with is made when it is looked at.
        if args or kw:
            kw["parsePOSTFormSubmission"] = parsePOSTFormSubmission
            http.Request.__init__(self, channel, *args, **kw)
        else:
            http.Request.__init__(self, channel, False, parsePOSTFormSubmission)

    def _makeResponseHeaders(self) -> Headers:
        return Headers._fromParsed({b"server": [version], b"date": [_clock.now()]})

    def _defaultLines(self) -> bytes:
        return _clock.lines(self.defaultContentType)

    # --- Finding the resource ---

    def gotLength(self, length: int | None) -> None:
        """A body will follow: `content` is a file, or a `BodyStream` for a resource that wants it.

        Args:
            length: of the body; None if that is not known.
        """
        if self._head is not None and streams(self.channel.site, self._head.target):
            self._streamTo(self.channel, length)
        else:
            super().gotLength(length)

    def _makeContent(self) -> BinaryIO:
        if self._head is None or not streams(self.site, self._head.target):
            return super()._makeContent()
        stream = http.BodyStream(self, self.channel, 0)
        stream.completed()
        return cast(BinaryIO, stream)

    def process(self) -> None:
        """Find the resource, and render it."""
        self.site = self.channel.site
        self.prepath = []
        parts = self.path[1:].split(b"/")
        self.postpath = list(map(unquote_to_bytes, parts)) if b"%" in self.path else parts
        try:
            if self.path == b"*":
                self._answerOptions([*supportedMethods, b"OPTIONS"])
            else:
                self._use(self.site.getResourceFor(self))
        except BaseException as error:  # of the program's resources
            self._caught(error)

    def _use(self, found: Any) -> None:
        """Render what was found, when it is known."""
        # Benchmark http-hello: to ask whether something is a coroutine takes long.
        if hasattr(found, "render"):
            self.render(found)
        else:
            later = ensureDeferred(found)
            later.addCallback(self._goOn).addErrback(self.processingFailed)

    def _goOn(self, found: Any) -> None:
        if not self._disconnected:
            self._use(getChildForRequest(found, self))

    # --- Answering ---

    def render(self, resrc: Any) -> None:
        """Answer with what a resource renders.

        Args:
            resrc: the resource.
        """
        try:
            body = resrc.render(self)
        except UnsupportedMethod as error:
            self._refuseMethod(error)
            return
        if type(body) is bytes:
            self._answer(body)
        else:
            self._rendered(body)

    def _rendered(self, body: Any) -> None:
        if body is NOT_DONE_YET or body == NOT_DONE_YET:
            # Programs that spoke WebSocket before we did take the transport from the channel.
            if self.channel is not None and self.channel.transport is None:
                self.channel.takenOver()
            return
        if isinstance(body, bytes):
            self._answer(body)
        elif isinstance(body, Deferred | Coroutine):
            later = ensureDeferred(body)
            self.notifyFinish().addErrback(lambda reason: later.cancel())
            later.addCallback(self._rendered).addErrback(self.processingFailed)
        else:
            raise TypeError(
                f"render for {self.uri!r} has returned {type(body).__name__}: it returns bytes,"
                " NOT_DONE_YET, or a Deferred or a coroutine for one of them"
            )

    def _answer(self, body: bytes) -> None:
        """The body is known, and all of it."""
        if self.finished or self._disconnected:
            return
        self._respond(body)

    def _answerOptions(self, methods: list[bytes]) -> None:
        self.setHeader(b"allow", b", ".join(methods))
        self._answer(b"")

    def _refuseMethod(self, error: UnsupportedMethod) -> None:
        """The resource does not answer this method; OPTIONS is answered for it."""
        allowed = list(error.allowedMethods)
        if self.method == b"OPTIONS":
            self._answerOptions([*allowed, b"OPTIONS"])
            return
        self.setHeader(b"allow", b", ".join(allowed))
        named = ", ".join(method.decode("latin-1") for method in allowed)
        page = errorPageFor(http.NOT_ALLOWED, f"This answers only: {named}.")
        self._answer(page.render(self))

    def _caught(self, error: BaseException) -> None:
        if not isinstance(error, Exception):
            raise error
        self.processingFailed(Failure())

    def processingFailed(self, reason: Failure) -> None:
        """Something has gone wrong: log it, and answer with 500, or break off what was begun."""
        if self._disconnected or self.finished:
            if not self._disconnected:
                _log.failure("After the response to {uri!r}", failure=reason, uri=self.uri)
            return
        if isinstance(reason.value, UnsupportedMethod):
            self._refuseMethod(reason.value)
            return
        _log.failure("Cannot answer {uri!r}", failure=reason, uri=self.uri)
        if self.startedWriting:
            # Whoever reads it must see that it is not all.
            self.channel.forceAbortClient()
            return
        # What was said of the body that will not come.
        self._encoder = self.etag = self.lastModified = None
        if self.producer is not None:
            producer = self.producer
            self.unregisterProducer()
            producer.stopProducing()
        if isinstance(reason.value, _h1.LocalError):
            # One of the headers cannot be sent.
            self._responseHeaders = self._cookies = None
        self.responseHeaders.removeHeader(b"content-length")
        self.responseHeaders.removeHeader(b"content-encoding")
        detail = "Something has gone wrong here. The log of the server says what."
        if self.site is not None and self.site.displayTracebacks:
            detail = reason.getTraceback()
        page = errorPageFor(http.INTERNAL_SERVER_ERROR, "")
        if self.site is not None and self.site.displayTracebacks:
            page.detail = f"<pre>{escape(detail)}</pre>"  # type: ignore[attr-defined]  # an error page
        else:
            page.detail = escape(detail)  # type: ignore[attr-defined]  # an error page
        self._answer(page.render(self))

    # --- Sessions ---

    def getSession(self, sessionInterface: Any = None, forceNotSecure: bool = False) -> Any:
        """The session of the client; a new one if it has none.

        Args:
            sessionInterface: what to ask the session for, instead of the session itself.
            forceNotSecure: under TLS, take the session that it has without TLS too.
        """
        secure = self.isSecure() and not forceNotSecure
        session = self._secureSession if secure else self.session
        if session is None:
            session = self._findSession(secure)
            if secure:
                self._secureSession = session
            else:
                self.session = session
        session.touch()
        return session if sessionInterface is None else session.getComponent(sessionInterface)

    def _findSession(self, secure: bool) -> Any:
        name = b"_".join([_SECURE_COOKIE if secure else _COOKIE, *self.sitepath])
        uid = self.getCookie(name)
        if uid is not None:
            try:
                return self.site.getSession(uid)
            except KeyError:
                # Forgotten, or made up: what a client chooses is never an identifier.
                pass
        session = self.site.makeSession()
        self.addCookie(name, session.uid, path=b"/", secure=secure, httpOnly=True, sameSite=b"lax")
        return session

    # --- Where we are ---

    def _root(self) -> bytes:
        """The scheme and the host that the client has used."""
        secure = self.isSecure()
        host = self.getRequestHostname()
        if b":" in host:
            host = b"[%b]" % host
        port = getattr(self.getHost(), "port", None)
        if port is not None and port != (443 if secure else 80):
            host = b"%b:%d" % (host, port)
        return (b"https://" if secure else b"http://") + host

    def prePathURL(self) -> bytes:
        """The URL of the resource that was found."""
        path = b"/".join(quote_from_bytes(part, safe="").encode() for part in self.prepath)
        return self._root() + b"/" + path

    def URLPath(self) -> Any:
        """The URL of the resource that was found, to go about in."""
        return URLPath.fromRequest(self)

    def rememberRootURL(self) -> None:
        """The application is here: `getRootURL` will tell, of this request."""
        url = self.prePathURL().removesuffix(b"/")
        self.appRootURL = url.rpartition(b"/")[0] if self.prepath[-1:] != [b""] else url

    def getRootURL(self) -> bytes | None:
        """What was remembered by `rememberRootURL`."""
        return self.appRootURL

    def sibLink(self, name: bytes) -> bytes:
        """A relative link from here to what is beside the resource."""
        return (len(self.postpath) * b"../" + name) if self.postpath else name

    def childLink(self, name: bytes) -> bytes:
        """A relative link from here to what is below the resource."""
        if len(self.postpath) > 1:
            return (len(self.postpath) - 1) * b"../" + name
        if len(self.postpath) == 1:
            return name
        last = self.prepath[-1] if self.prepath and self.prepath[-1] else b""
        return last + b"/" + name if last else name
