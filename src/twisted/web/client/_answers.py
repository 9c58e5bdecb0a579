"""Responses as coroutines like them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from email.message import Message
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError, succeed
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client._errors import ResponseDone
from twisted.web.client._response import MAX_BODY_BYTES, giveUp, readBody
from twisted.web.error import Error
from twisted.web.http._client import PotentialDataLoss
from twisted.web.http_headers import Headers

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: How much of a body is read ahead of a program that takes it piece by piece.
_AHEAD_BYTES = 2**17


class _Stream(Protocol):
    """Keeps a little of a body ahead of who takes it."""

    transport: Any

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._paused = False
        self._reason: Failure | None = None
        self._waiter: Deferred[bytes] | None = None

    def dataReceived(self, data: bytes) -> None:
        """Give it to who waits, or keep it."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.callback(data)
            return
        self._pieces.append(data)
        self._size += len(data)
        if self._size > _AHEAD_BYTES and not self._paused:
            self._paused = True
            self.transport.pauseProducing()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """There is no more."""
        self._reason = reason
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            self._end(waiter)

    def _end(self, waiter: Deferred[bytes]) -> None:
        reason = self._reason
        assert reason is not None, "it has ended"
        if reason.check(ResponseDone, PotentialDataLoss):
            waiter.callback(b"")
        else:
            waiter.errback(reason)

    def next(self) -> Deferred[bytes]:
        """The next piece; empty at the end."""
        if self._pieces:
            data = self._pieces.popleft()
            self._size -= len(data)
            if self._paused and not self._pieces:
                self._paused = False
                self.transport.resumeProducing()
            return succeed(data)
        waiter: Deferred[bytes] = Deferred(self._cancelled)
        if self._reason is not None:
            self._end(waiter)
        else:
            self._waiter = waiter
        return waiter

    def _cancelled(self, waiter: Deferred[bytes]) -> None:
        self._waiter = None


class ClientResponse:
    """What a server has answered to `request`.

    Its body is had by one of `content`, `text`, `json` and ``async for``. A program that wants none
    of them calls `close`, or uses ``async with``.

    Attributes:
        status: the number.
        reason: what is said of it.
        headers: its `Headers`.
        url: where it is from, after redirections.
        version: ``"HTTP/1.1"`` or ``"HTTP/2.0"``.
        history: the responses that have led here, the first one first.
    """

    def __init__(
        self,
        response: Any,
        url: str,
        history: Sequence[ClientResponse],
        clock: Any,
        end: float | None,
    ) -> None:
        name, major, minor = response.version
        self.status: int = response.code
        self.reason: str = response.phrase.decode("latin-1")
        self.headers: Headers = response.headers
        self.url = url
        self.version = f"{name.decode('ascii')}/{major}.{minor}"
        self.history = list(history)
        self._response = response
        self._clock = clock
        self._end = end
        self._content: bytes | None = None
        self._stream: _Stream | None = None

    def __repr__(self) -> str:
        return f"<ClientResponse {self.status} {self.reason} from {self.url}>"

    @property
    def ok(self) -> bool:
        """Whether the status is no error."""
        return self.status < 400

    def raiseForStatus(self) -> None:
        """Raise an `Error` if the status is one."""
        if not self.ok:
            raise Error(self.status, self.reason.encode("latin-1"))

    def _inTime(self, waiting: Deferred[Any]) -> Deferred[Any]:
        """The same, but no longer than the request may take."""
        if self._end is None:
            return waiting

        def late(result: Any, seconds: float) -> Any:
            if isinstance(result, Failure):
                self.close()
                raise TimeoutError(f"the body of {self.url} did not come in time")
            return result

        left = max(0, self._end - self._clock.seconds())
        return waiting.addTimeout(left, self._clock, late)

    async def content(self, maximum: int | None = MAX_BODY_BYTES) -> bytes:
        """The body, which is kept: it can be had again.

        Args:
            maximum: how long it may be; None for no limit.

        Raises:
            ResponseFailed: it is not complete, or too long.
            PartialDownloadError: it cannot be told whether it is complete.
            TimeoutError: it did not come in time.
        """
        if self._content is None:
            self._content = await self._inTime(readBody(self._response, maximum))
        assert self._content is not None, "it was read"
        return self._content

    @property
    def encoding(self) -> str | None:
        """The character set of the text, as the headers have it."""
        said = self.headers.getRawHeaders("content-type", [])
        if not said:
            return None
        message = Message()
        message["content-type"] = said[0]
        charset: str | None = message.get_content_charset()
        return charset

    async def text(self, encoding: str | None = None) -> str:
        """The body as text.

        Args:
            encoding: its character set; what the headers say by default, or else UTF-8. What
                is not text in it becomes U+FFFD.
        """
        body = await self.content()
        try:
            return body.decode(encoding or self.encoding or "utf-8", "replace")
        except LookupError:
            if encoding is not None:
                raise
            # The server has named a character set that there is not.
            return body.decode("utf-8", "replace")

    async def json(self) -> Any:
        """What the body means as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(await self.content())

    def __aiter__(self) -> ClientResponse:
        """The body, piece by piece: no more of it is read than is taken."""
        if self._stream is None:
            self._stream = _Stream()
            self._response.deliverBody(self._stream)
        return self

    async def __anext__(self) -> bytes:
        stream = self._stream
        assert stream is not None, "__aiter__ comes first"
        piece: bytes = await self._inTime(stream.next())
        if not piece:
            raise StopAsyncIteration
        return piece

    def close(self) -> None:
        """The rest of the body is not wanted."""
        giveUp(self._response)

    async def __aenter__(self) -> ClientResponse:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
