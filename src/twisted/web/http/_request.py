"""One request and the response to it."""

from __future__ import annotations

import warnings
from base64 import b64decode
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import Any, BinaryIO, cast

from zope.interface import implementer

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IConsumer
from twisted.python.failure import Failure
from twisted.web import _h1
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.http._cookies import asBytes, readCookies, setCookie
from twisted.web.http._dates import datetimeToString, stringToDatetime
from twisted.web.http._forms import BadForm as BadForm
from twisted.web.http._forms import checkFields, parseMultipart
from twisted.web.http._parsing import parse_qs
from twisted.web.http._statuses import (
    CACHED,
    FOUND,
    NO_BODY_CODES,
    NOT_MODIFIED,
    OK,
    PRECONDITION_FAILED,
    RESPONSES,
)
from twisted.web.http._stream import BodyStream
from twisted.web.http_headers import Headers, wireName

__name__ = "twisted.web.http"  # the public path, for pickles and messages
__all__ = ["BadForm", "Request", "monotonic"]

# Benchmark http-static-small: files have few dates.
_dateOf = lru_cache(256)(datetimeToString)
_URL_ENCODED = b"application/x-www-form-urlencoded"
_MULTIPART = b"multipart/form-data"
_SAFE = (b"GET", b"HEAD")
#: Methods whose responses have no body.
_BODILESS = (b"HEAD", b"CONNECT")
#: Headers that say where a message ends, and what becomes of the connection.
_FRAMING = frozenset([b"content-length", b"connection", b"transfer-encoding"])


@implementer(IConsumer)
class Request:
    """A request, and the response to it; override `process`.

    Args:
        channel: the connection.
        queued: is not used.
        parsePOSTFormSubmission: whether forms in the body become `args`.

    Attributes:
        method, uri, path, clientproto: what the request line says; `path` has no query.
        args: fields of the query, and of a form: lists of values by name.
        content: the body of the request, as a file.
        received_cookies: cookies of the client, by name.
        code, code_message: the status of the response; see `setResponseCode`.
        startedWriting: whether the headers have been sent.
        finished: whether the response is complete.
        sentLength: how many bytes of the body there have been.
        chunked: whether the body of the response is sent in chunks.
        etag, lastModified: what was set with `setETag` and `setLastModified`.
        producer: who writes the response, if one is registered.
    """

    method: bytes = b"(no method yet)"
    uri: bytes = b"(no uri yet)"
    path: bytes
    clientproto: bytes = b"(no clientproto yet)"
    args: dict[bytes, list[bytes]]
    received_cookies: dict[bytes, bytes]
    content: BinaryIO
    code: int = OK
    code_message: bytes = RESPONSES[OK]
    startedWriting: int | bool = 0
    finished: int | bool = 0
    sentLength: int = 0
    chunked: int | bool = 0
    etag: bytes | None = None
    lastModified: float | None = None
    producer: Any = None
    queued: int | bool = 0

    defaultContentType: bytes | None = None

    _disconnected = False
    _encoder: Any = None  # compresses the response, if anything does
    _hasBody = False
    _head: _h1.RequestHead | None = None
    _stream: BodyStream | None = None  # the body, for a resource that does not wait for all of it
    _requestHeaders: Headers | None = None
    _responseHeaders: Headers | None = None
    _cookies: list[bytes] | None = None
    _notifications: list[Deferred[None]] | None = None
    _sendsAsHere = True  # whether `write` and `finish` are the ones below
    _madeHost: tuple[IAddress, bool] | None = None

    def __init__(
        self, channel: Any, queued: bool = False, parsePOSTFormSubmission: bool = True
    ) -> None:
        self.channel: Any = channel
        self._parsesForms = parsePOSTFormSubmission

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._sendsAsHere = cls.write is Request.write and cls.finish is Request.finish

    def __getattr__(self, name: str) -> Any:
        # Benchmark http-hello: what most resources do not look at is made when they do.
        make = _MADE_LATE.get(name)
        if make is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        made = make(self)
        setattr(self, name, made)
        return made

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} at 0x{id(self):x} method={self.method.decode('latin-1')}"
            f" uri={self.uri.decode('latin-1')} clientproto={self.clientproto.decode('latin-1')}>"
        )

    __hash__ = object.__hash__

    @property
    def requestHeaders(self) -> Headers:
        """What the client says."""
        headers = self._requestHeaders
        if headers is None:
            headers = self._requestHeaders = self._makeHeaders()
        return headers

    @requestHeaders.setter
    def requestHeaders(self, headers: Headers) -> None:
        self._requestHeaders = headers

    @property
    def responseHeaders(self) -> Headers:
        """What is sent before the body."""
        headers = self._responseHeaders
        if headers is None:
            headers = self._responseHeaders = self._makeResponseHeaders()
        return headers

    @responseHeaders.setter
    def responseHeaders(self, headers: Headers) -> None:
        self._responseHeaders = headers

    def _makeResponseHeaders(self) -> Headers:
        return Headers()

    @property
    def cookies(self) -> list[bytes]:
        """The cookies that are set, each as the value of a header."""
        if self._cookies is None:
            self._cookies = []
        return self._cookies

    @cookies.setter
    def cookies(self, cookies: list[bytes]) -> None:
        self._cookies = cookies

    @property
    def notifications(self) -> list[Deferred[None]]:
        """The Deferreds of `notifyFinish` that have not fired."""
        if self._notifications is None:
            self._notifications = []
        return self._notifications

    @notifications.setter
    def notifications(self, waiting: list[Deferred[None]]) -> None:
        self._notifications = waiting

    @property
    def transport(self) -> Any:
        """The connection."""
        return self.channel

    @property
    def _limits(self) -> Limits:
        return getattr(self.channel, "limits", DEFAULT_LIMITS)

    # --- The request arrives ---

    def gotLength(self, length: int | None) -> None:
        """A body will follow. This makes `content`, a file.

        Args:
            length: of the body; None if that is not known.
        """
        most = self._limits.memoryBytes
        self._hasBody = True
        if length is not None and length <= most:
            self.content = BytesIO()
        else:
            spool: Any = SpooledTemporaryFile(max_size=most)  # noqa: SIM115  # closed by _close
            self.content = spool

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body. This writes it to `content`."""
        if self._stream is not None:
            self._stream.arrived(data)
        else:
            self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The request is complete. This calls `process`.

        Args:
            command: the method.
            path: the target, with the query.
            version: such as ``b"HTTP/1.1"``.
        """
        if self._stream is not None:
            self._stream.completed()
            return
        self._setLine(command, path, version)
        if self._hasBody:
            self.content.seek(0)
            if command == b"POST" and self._parsesForms:
                self._readForm()
        self.process()

    def _setLine(self, command: bytes, target: bytes, version: bytes) -> None:
        self.method = command
        self.uri = target
        self.clientproto = version
        if b"?" in target:
            target = target.partition(b"?")[0]
        if target[:1] != b"/" and b"://" in target:
            target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
        self.path = target

    def _streamTo(self, channel: Any, length: int | None) -> None:
        """Let `content` be the body as it arrives; `_beginStreaming` is called next."""
        self._hasBody = True
        self._stream = BodyStream(self, channel, length)
        self.content = cast(BinaryIO, self._stream)

    def _beginStreaming(self, command: bytes, target: bytes, version: bytes) -> None:
        """The headers are there, and the body follows: call `process` now."""
        self._setLine(command, target, version)
        self.process()

    def process(self) -> None:
        """The request is complete: answer it. Override this."""

    def _readForm(self) -> None:
        contentType = self.getHeader(b"content-type")
        if contentType is None:
            return
        kind = contentType.partition(b";")[0].strip().lower()
        if kind not in (_URL_ENCODED, _MULTIPART):
            return
        limits = self._limits
        body = self.content.read(limits.formBytes + 1)
        if len(body) > limits.formBytes:
            raise BadForm(f"a form of more than {limits.formBytes} bytes", 413)
        if kind == _MULTIPART:
            fields = parseMultipart(body, contentType, limits)
        else:
            checkFields(body.count(b"&") + 1, limits)
            fields = parse_qs(body, keep_blank_values=True)
        for name, values in fields.items():
            self.args.setdefault(name, []).extend(values)
        self.content.seek(0)

    def _makeArgs(self) -> dict[bytes, list[bytes]]:
        return parse_qs(self.uri.partition(b"?")[2], keep_blank_values=True)

    def _makeHeaders(self) -> Headers:
        if self._head is None:
            return Headers()
        # The reader shares what it has read between requests that say the same.
        return Headers._fromParsed({name: values[:] for name, values in self._head.headers.items()})

    def parseCookies(self) -> None:
        """Read the cookies of the client anew from its headers, into `received_cookies`."""
        self.received_cookies = self._makeCookies()

    def _makeCookies(self) -> dict[bytes, bytes]:
        return readCookies(list(self.requestHeaders.getRawHeaders(b"cookie", [])))

    # --- What the client says ---

    def getHeader(self, key: str | bytes) -> Any:
        """The last value of a header of the request; None if there is none.

        Args:
            key: the name; the value is of its type.
        """
        if self._requestHeaders is None and self._head is not None and type(key) is bytes:
            # Benchmark http-static-small: most requests are asked for little.
            values: Any = self._head.headers.get(key.lower())
        else:
            values = self.requestHeaders.getRawHeaders(key)
        return values[-1] if values else None

    def getAllHeaders(self) -> dict[bytes, bytes]:
        """The last value of each header of the request, by name in small letters."""
        return {name.lower(): values[-1] for name, values in self.requestHeaders.getAllRawHeaders()}

    def getCookie(self, key: bytes) -> bytes | None:
        """The value of a cookie that the client has sent; None if it has not."""
        return self.received_cookies.get(key)

    def getRequestHostname(self) -> bytes:
        """The host that the client means, without the port."""
        host = self.getHeader(b"host")
        if host:
            name, _, port = host.rpartition(b":")
            return cast(bytes, name if name and port.isdigit() else host).strip(b"[]")
        return asBytes(getattr(self.getHost(), "host", b""))

    def getHost(self) -> IAddress:
        """The address that the client has connected to, or what `setHost` was told."""
        return self._madeHost[0] if self._madeHost else self.channel.getHost()

    def setHost(self, host: bytes, port: int, ssl: bool | int = 0) -> None:
        """Have the request say that it was made to another host: a proxy in front of us knows.

        Args:
            host: its name.
            port: its port.
            ssl: whether the client speaks TLS with it.
        """
        named = host if port == (443 if ssl else 80) else b"%b:%d" % (host, port)
        self.requestHeaders.setRawHeaders(b"host", [named])
        self._madeHost = IPv4Address("TCP", host.decode("ascii"), port), bool(ssl)

    def isSecure(self) -> bool:
        """Whether the client speaks TLS."""
        if self._madeHost:
            return self._madeHost[1]
        return bool(self.channel is not None and self.channel.isSecure())

    def getClientAddress(self) -> IAddress:
        """The address of the client."""
        peer: IAddress = self.channel.getPeer()
        return peer

    def getClientIP(self) -> str | None:
        """The IP address of the client; None if it has none."""
        peer = self.getClientAddress()
        return peer.host if isinstance(peer, IPv4Address | IPv6Address) else None

    def _credentials(self) -> tuple[bytes, bytes]:
        scheme, _, encoded = (self.getHeader(b"authorization") or b"").partition(b" ")
        if scheme.lower() != b"basic":
            return b"", b""
        try:
            user, _, password = b64decode(encoded.strip()).partition(b":")
        except ValueError:
            return b"", b""
        return user, password

    def getUser(self) -> bytes:
        """The name that the client gives by HTTP's basic authentication; empty if none."""
        return self._credentials()[0]

    def getPassword(self) -> bytes:
        """The password that goes with it."""
        return self._credentials()[1]

    # --- What we say ---

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:
        """Set the status.

        Args:
            code: such as 404.
            message: what is said of it; that which belongs to the number by default.

        Raises:
            TypeError: they are of other types.
        """
        if not isinstance(code, int):
            raise TypeError(f"a status is an int, not {type(code).__name__}")
        if message is not None and not isinstance(message, bytes):
            raise TypeError(f"the message of a status is bytes, not {type(message).__name__}")
        self.code = code
        if message is not None:
            self.code_message = message
        else:
            self.code_message = RESPONSES.get(code, b"Unknown Status")

    def setHeader(self, name: bytes | str, value: bytes | str) -> None:
        """Set a header of the response, in place of others of that name."""
        self.responseHeaders.setRawHeaders(name, [value])

    def addCookie(
        self,
        k: bytes | str,
        v: bytes | str,
        expires: bytes | str | None = None,
        domain: bytes | str | None = None,
        path: bytes | str | None = None,
        max_age: bytes | str | int | None = None,
        comment: bytes | str | None = None,
        secure: bool | None = None,
        httpOnly: bool = False,
        sameSite: bytes | str | None = None,
    ) -> None:
        """Have the client keep a cookie (RFC 6265).

        Args:
            k, v: its name and its value.
            expires: until when, as `datetimeToString` has it.
            domain: for which hosts.
            path: for which paths.
            max_age: for how many seconds.
            comment: what it is for.
            secure: whether it is sent under TLS alone.
            httpOnly: whether scripts may not see it.
            sameSite: ``b"lax"``, ``b"strict"`` or ``b"none"``.

        Raises:
            ValueError: one of these holds what would end it.
        """
        attributes = {
            b"Expires": expires,
            b"Domain": domain,
            b"Path": path,
            b"Max-Age": max_age,
            b"Comment": comment,
        }
        self.cookies.append(setCookie(k, v, attributes, bool(secure), httpOnly, sameSite))

    def redirect(self, url: bytes | str) -> None:
        """Send the client elsewhere: sets the status to 302, and `Location`.

        Raises:
            ValueError: there is a control character in `url`.
        """
        if any(byte < 0x20 or byte == 0x7F for byte in asBytes(url)):
            raise ValueError(f"a URL has no control characters: {url!r}")
        self.setResponseCode(FOUND)
        self.setHeader(b"location", url)

    def setLastModified(self, when: float) -> str | None:
        """Say when what is answered has changed, if it is later than what was said before.

        Args:
            when: seconds since 1970.

        Returns:
            `CACHED` if the client has asked for what is newer, and there is nothing to send;
            otherwise None.
        """
        seconds = -int(-when // 1)  # to the next whole second
        if self.lastModified is None or self.lastModified < seconds:
            self.lastModified = seconds
        if self.getHeader(b"if-none-match") is not None:
            return None  # that one is asked, and not this (RFC 9110, 13.2.2)
        since = self.getHeader(b"if-modified-since")
        if since is None or self.method not in _SAFE:
            return None
        try:
            known = stringToDatetime(since)
        except ValueError:
            return None
        if known < self.lastModified:
            return None
        self.setResponseCode(NOT_MODIFIED)
        return CACHED

    def setETag(self, etag: bytes) -> str | None:
        """Say which version of something is answered (RFC 9110, 8.8.3).

        Args:
            etag: with its quotes, such as ``b'"version 5"'``.

        Returns:
            `CACHED` if the client has this version, and there is nothing to send; otherwise None.
        """
        self.etag = etag
        known = self.getHeader(b"if-none-match")
        if known is None:
            return None
        weak = etag.removeprefix(b"W/")
        tags = [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]
        if weak not in tags and tags != [b"*"]:
            return None
        self.setResponseCode(NOT_MODIFIED if self.method in _SAFE else PRECONDITION_FAILED)
        return CACHED

    # --- Sending ---

    def _begin(self) -> None:
        """Send the status and the headers."""
        self.startedWriting = 1
        raw = self.responseHeaders._rawHeaders
        self._complete(raw)
        fields = self._fields(raw)
        if self.clientproto == b"HTTP/1.1" and b"content-length" not in raw:
            self.chunked = self.method != b"HEAD" and self.code not in NO_BODY_CODES
        self.channel.writeHeaders(self.clientproto, self.code, self.code_message, fields)

    def _complete(self, raw: dict[bytes, list[bytes]]) -> None:
        """Add the headers that were set otherwise."""
        if (
            b"content-type" not in raw
            and self.defaultContentType is not None
            and self.code not in NO_BODY_CODES
        ):
            raw[b"content-type"] = [self.defaultContentType]
        if self.etag is not None:
            raw[b"etag"] = [self.etag]
        if self.lastModified is not None:
            raw[b"last-modified"] = [_dateOf(int(self.lastModified))]

    def _fields(self, raw: dict[bytes, list[bytes]]) -> list[tuple[bytes, bytes]]:
        # Benchmark http-hello: one list, of what is in the dictionary.
        fields = [(wireName(name), value) for name, values in raw.items() for value in values]
        if self._cookies:
            fields += [(b"Set-Cookie", cookie) for cookie in self._cookies]
        return fields

    def _respond(self, body: bytes) -> None:
        """Send the response, all at once, if nothing of it was sent, and be done."""
        # Benchmark http-hello: instead of write and finish.
        code = self.code
        if (
            self.startedWriting
            or code < 200
            or code in NO_BODY_CODES
            or self.method in _BODILESS
            or not self._sendsAsHere
            or self._encoder is not None
            or self.producer is not None
            or not hasattr(self.channel, "respond")
        ):
            self._respondInPieces(body)
            return
        if (
            self._responseHeaders is None
            and self._cookies is None
            and self.etag is None
            and self.lastModified is None
        ):
            lines = self._defaultLines()
        else:
            raw = self.responseHeaders._rawHeaders
            if not _FRAMING.isdisjoint(raw):
                self._respondInPieces(body)
                return
            self._complete(raw)
            lines = _h1.field_lines(self._fields(raw))
        channel = self.channel
        response = channel.whole(self, code, self.code_message, lines, body)
        self.startedWriting = self.finished = 1
        self.sentLength = len(body)
        channel.logRequest(self)
        channel.respond(self, response)
        self._close()
        if self._notifications:
            self._notify(None)

    def _respondInPieces(self, body: bytes) -> None:
        if not self.startedWriting and self._encoder is None:
            self.responseHeaders._rawHeaders.setdefault(b"content-length", [b"%d" % len(body)])
        self.write(body)
        self.finish()

    def _defaultLines(self) -> bytes:
        """The headers of a response that has set none."""
        if self.defaultContentType is None:
            return b""
        return _h1.field_lines([(b"Content-Type", self.defaultContentType)])

    def write(self, data: bytes) -> None:
        """Send a piece of the response; before the first, the headers.

        Raises:
            TypeError: `data` is not bytes.
            RuntimeError: the response was finished.
        """
        if self.finished:
            raise RuntimeError("the response was finished: write before finish")
        if type(data) is not bytes:
            if not isinstance(data, bytes):
                raise TypeError(
                    f"write takes bytes, not {type(data).__name__}: encode text, with 'utf-8'"
                )
        if self._disconnected:
            return
        if self._encoder is not None:
            data = self._encoder.encode(data)
            if not data and self.startedWriting:
                return
        self._send(data)

    def _send(self, data: bytes) -> None:
        if not self.startedWriting:
            self._begin()
        if self.method != b"HEAD":
            self.sentLength += len(data)
        self.channel.write(data)

    def finish(self) -> None:
        """The response is complete.

        Raises:
            RuntimeError: the connection was lost before (see `notifyFinish`), or a producer is
                still registered.
        """
        if self._disconnected:
            raise RuntimeError(
                "the connection was lost before the response was finished: use notifyFinish to know"
            )
        if self.finished:
            warnings.warn("finish was called a second time", stacklevel=2)
            return
        if self.producer is not None:
            raise RuntimeError(f"unregister {self.producer!r} before the response is finished")
        if self._encoder is not None:
            rest, self._encoder = self._encoder.finish(), None
            self._send(rest)
        if not self.startedWriting:
            if self.method != b"HEAD" and self.code not in NO_BODY_CODES:
                self.responseHeaders._rawHeaders.setdefault(b"content-length", [b"0"])
            self._begin()
        self.finished = 1
        channel = self.channel
        log = getattr(channel, "logRequest", None)
        if log is not None:
            log(self)
        channel.requestDone(self)
        self._close()
        if self._notifications:
            self._notify(None)

    def _close(self) -> None:
        self.channel = None
        if self._hasBody:
            self.content.close()

    def _notify(self, result: Any) -> None:
        waiting, self.notifications = self.notifications, []
        for deferred in waiting:
            if isinstance(result, Failure):
                deferred.errback(result)
            else:
                deferred.callback(result)

    def notifyFinish(self) -> Deferred[None]:
        """A Deferred that fires with None when the response was finished.

        It fails with the reason if the connection is lost before.
        """
        deferred: Deferred[None] = Deferred()
        self.notifications.append(deferred)
        return deferred

    def connectionLost(self, reason: Failure) -> None:
        """Nobody waits for the response any more."""
        self._disconnected = True
        if self._stream is not None:
            self._stream.failed(reason)
        producer, self.producer = self.producer, None
        if producer is not None:
            producer.stopProducing()
        self._close()
        if self._notifications:
            self._notify(reason)

    def loseConnection(self) -> None:
        """Close the connection."""
        if self.channel is not None:
            self.channel.loseConnection()

    def noLongerQueued(self) -> None:
        """It is this request's turn; it always is, as each is made when those before are done."""
        self.queued = 0

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let `producer` write the response; see `IConsumer`.

        Raises:
            ValueError: there is one already.
        """
        if self.producer is not None:
            raise ValueError(f"cannot register {producer!r}: {self.producer!r} is registered")
        if self._disconnected:
            producer.stopProducing()
            return
        self.producer = producer
        self.channel.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """The producer will write no more."""
        if self.producer is not None:
            self.producer = None
            self.channel.unregisterProducer()


_MADE_LATE: dict[str, Callable[[Request], Any]] = {
    "args": Request._makeArgs,
    "received_cookies": Request._makeCookies,
    "content": lambda request: BytesIO(),
    "path": lambda request: b"(no path yet)",
}
