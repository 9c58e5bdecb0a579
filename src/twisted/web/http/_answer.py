"""The response to a request: what is said of it, and how it is sent."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web import _h1
from twisted.web.http._cookies import asBytes, setCookie
from twisted.web.http._dates import datetimeToString, stringToDatetime
from twisted.web.http._statuses import (
    CACHED,
    FOUND,
    NO_BODY_CODES,
    NOT_MODIFIED,
    OK,
    PRECONDITION_FAILED,
    RESPONSES,
)
from twisted.web.http_headers import Headers, wireName

__name__ = "twisted.web.http"  # the public path, for pickles and messages

# Benchmark http-static-small: files have few dates.
_dateOf = lru_cache(256)(datetimeToString)
_SAFE = (b"GET", b"HEAD")
#: Methods whose responses have no body.
_BODILESS = (b"HEAD", b"CONNECT")
#: Headers that say where a message ends, and what becomes of the connection.
_FRAMING = frozenset([b"content-length", b"connection", b"transfer-encoding"])


class Answer:
    """What a `Request` is besides what the client has said: the response.

    Attributes:
        code, code_message: the status of the response; see `setResponseCode`.
        startedWriting: whether the headers have been sent.
        finished: whether the response is complete.
        sentLength: how many bytes of the body there have been.
        chunked: whether the body of the response is sent in chunks.
        etag, lastModified: what was set with `setETag` and `setLastModified`.
        producer: who writes the response, if one is registered.
    """

    channel: Any
    method: bytes
    clientproto: bytes
    code: int = OK
    code_message: bytes = RESPONSES[OK]
    startedWriting: int | bool = 0
    finished: int | bool = 0
    sentLength: int = 0
    chunked: int | bool = 0
    etag: bytes | None = None
    lastModified: float | None = None
    producer: Any = None

    defaultContentType: bytes | None = None

    _disconnected = False
    _encoder: Any = None  # compresses the response, if anything does
    _responseHeaders: Headers | None = None
    _cookies: list[bytes] | None = None
    _notifications: list[Deferred[None]] | None = None

    def getHeader(self, key: str | bytes) -> Any:
        """The last value of a header of the request; None if there is none."""
        raise NotImplementedError

    def _close(self) -> None:
        """The response is complete, or nobody waits for it."""
        raise NotImplementedError

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
        self.responseHeaders._setOne(name, value)

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
        raw = self.responseHeaders._rawHeaders
        self._complete(raw)
        fields = self._fields(raw)
        if self.clientproto == b"HTTP/1.1" and b"content-length" not in raw:
            self.chunked = self.method != b"HEAD" and self.code not in NO_BODY_CODES
        self.channel.writeHeaders(self.clientproto, self.code, self.code_message, fields)
        self.startedWriting = 1  # if they could be sent: there may be an error page otherwise

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
            not self._sendsAsHere()
            or self.startedWriting
            or code < 200
            or code in NO_BODY_CODES
            or self.method in _BODILESS
            or self._encoder is not None
            or self.producer is not None
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

    def _sendsAsHere(self) -> bool:
        """Whether nobody has put something of his own between this and the transport."""
        request: Any = self
        try:
            return (
                request.write.__func__ is _WRITE
                and request.finish.__func__ is _FINISH
                and bool(type(self.channel).sendsWhole)
            )
        except AttributeError:  # somebody else's
            return False

    def _respondInPieces(self, body: bytes) -> None:
        if not self.startedWriting and self._encoder is None:
            raw = self.responseHeaders._rawHeaders
            if body or self.method not in _BODILESS:
                raw[b"content-length"] = [b"%d" % len(body)]
            else:
                # What would have been sent, if the resource has said it.
                raw.setdefault(b"content-length", [b"0"])
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
            if not isinstance(data, bytes | bytearray | memoryview):
                raise TypeError(
                    f"write takes bytes, not {type(data).__name__}: encode text, with 'utf-8'"
                )
            data = bytes(data)  # which nobody changes before it is sent
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

    def _sendFile(self, fileno: int) -> int | None:
        """Send the next part of a body from the file that is it.

        Returns:
            How many bytes are left; None if this cannot be done; -1 if the file has ended.
        """
        send = getattr(self.channel, "sendFile", None)
        if send is None or self._encoder is not None or not self._sendsAsHere():
            return None
        if not self.startedWriting:
            self._begin()
        sent: int | None = send(fileno, self.sentLength)
        if sent is None or sent < 0:
            return sent
        self.sentLength += sent
        left: int = self.channel.bodyLeft
        return left

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
            if not self.startedWriting:
                self.responseHeaders.removeHeader(b"content-length")
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
        self._cleanup()

    def _cleanup(self) -> None:
        """The response is complete: tell the channel, and who asked. Klein's tests call this."""
        self.channel.requestDone(self)
        self._close()
        if self._notifications:
            self._notify(None)

    def _notify(self, reason: Failure | None) -> None:
        waiting, self.notifications = self.notifications, []
        for deferred in waiting:
            if reason is None:
                deferred.callback(None)
            else:
                deferred.errback(reason)

    def notifyFinish(self) -> Deferred[None]:
        """A Deferred that fires with None when the response was finished.

        It fails with the reason if the connection is lost before.
        """
        deferred: Deferred[None] = Deferred()
        self.notifications.append(deferred)
        return deferred

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


#: Programs put their own in the place of these, in subclasses and in single requests.
_WRITE, _FINISH = Answer.write, Answer.finish
