"""One request to an application, and its response."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.asgi._messages import Fields, Head, MessageError, Response, State
from twisted.web.http import NO_BODY_CODES, BodyStream

__name__ = "twisted.web.asgi"  # the public path, for pickles and messages
__all__ = ["ClientDisconnected", "HTTPCall", "causedBy"]

_log = Logger(namespace="twisted.web.asgi")

#: How much of a body that lies in a file is given to the application at a time.
PIECE_BYTES = 65536
_LENGTH = b"content-length"


class ClientDisconnected(OSError):
    """The client has closed the connection, and nobody waits for what is sent."""


def causedBy(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an exception is of a kind, or was raised because of one that is."""
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False


@implementer(IPushProducer)
class HTTPCall:
    """A call of an application for one request: its `receive` and its `send`.

    Args:
        request: the request.
    """

    # Benchmark asgi-hello: what does not change in most calls is not set in each.
    _taken = False  # all of the body has been given to the application
    _complete = False
    _paused: Deferred[None] | None = None
    _producing = False
    _waiting: list[Deferred[None]] | None = None

    def __init__(self, request: Any) -> None:
        self._request = request
        self._response = Response()
        self._content = request.content if request._hasBody else None

    # --- For the application ---

    async def receive(self) -> dict[str, Any]:
        """The next message: a piece of the body, or that the client has gone, once it has."""
        request = self._request
        if not self._taken and not request._disconnected:
            content = self._content
            if content is None:
                self._taken = True
                return {"type": "http.request", "body": b"", "more_body": False}
            piece = await self._piece(content)
            if piece is not None:
                return {"type": "http.request", "body": piece, "more_body": not self._taken}
        if not request._disconnected and not self._complete:
            await self._ended()
        return {"type": "http.disconnect"}

    async def _piece(self, content: Any) -> bytes | None:
        """A piece of the body; None if the client has gone in the midst of it."""
        if not isinstance(content, BodyStream):
            piece: bytes = content.read(PIECE_BYTES)
            self._taken = len(piece) < PIECE_BYTES
            return piece
        try:
            async for streamed in content:
                return streamed
        except Exception:  # why no more comes: the connection is lost, or the response is complete
            if not self._request._disconnected and not self._complete:
                raise
            return None
        self._taken = True
        return b""

    def _ended(self) -> Deferred[None]:
        """Fires when the client has gone, or has its response."""
        waiting: Deferred[None] = Deferred()
        if self._waiting is None:
            self._waiting = []
            self._request.notifyFinish().addBoth(self._finished)
        self._waiting.append(waiting)
        return waiting

    def _finished(self, result: Any) -> None:
        waiting, self._waiting = self._waiting or (), []
        for one in waiting:
            if not one.called:
                one.callback(None)

    async def send(self, message: dict[str, Any]) -> None:
        """Send a message, when the client has room for it.

        Raises:
            ClientDisconnected: the client has gone.
            MessageError: it cannot be sent, or not now.
        """
        if self._paused is not None:
            await self._paused
        request = self._request
        if request._disconnected and not self._complete:
            raise ClientDisconnected("the client has closed the connection")
        piece = self._response.send(message)
        if piece is None:
            return
        head, body, last = piece
        try:
            if head is None:
                self._write(body, last)
            else:
                headers = self._begin(head)
                if last:
                    self._respond(headers, body)
                else:
                    self._write(body, last)
        except Exception as error:  # such as a header that cannot be sent
            if request.startedWriting:
                self._abort()
            else:
                request._responseHeaders = None
            raise MessageError(f"the response cannot be sent: {error}") from error

    def _begin(self, head: Head) -> Fields:
        """Set the status and the headers of the response; these are returned."""
        request = self._request
        status, fields = head
        request.setResponseCode(status)
        request.defaultContentType = None
        # Those of the server give way to those of the application.
        headers: Fields = request.responseHeaders._rawHeaders
        headers.update(fields)
        return headers

    def _respond(self, headers: Fields, body: bytes) -> None:
        """Send a response that is all there."""
        # Benchmark asgi-hello: it needs neither a producer nor chunks.
        request = self._request
        length = [b"%d" % len(body)]
        if request.method == b"HEAD" or request.code in NO_BODY_CODES:
            if body:
                headers.setdefault(_LENGTH, length)
            request.write(body)
            self._end()
            return
        if headers.pop(_LENGTH, length) != length:
            raise MessageError(f"the body has {len(body)} bytes, and content-length says otherwise")
        request._respond(body)
        self._complete = True

    def _write(self, body: bytes, last: bool) -> None:
        """Send a piece of a response."""
        request = self._request
        if not last and not self._producing:
            self._producing = True
            request.registerProducer(self, True)
        if body or not last:
            request.write(body)
        if last:
            self._end()

    def _end(self) -> None:
        self._complete = True
        self._unregister()
        self._request.finish()

    def _unregister(self) -> None:
        if self._producing:
            self._producing = False
            self._request.unregisterProducer()

    def _abort(self) -> None:
        """What has been sent is no response: have the client see that it is broken."""
        self._complete = True
        self._unregister()
        channel = self._request.channel
        if channel is not None:
            channel.forceAbortClient()

    # --- The end of the call ---

    def returned(self, result: object) -> None:
        """The application has returned."""
        if self._complete or self._request._disconnected:
            return
        self.failed(
            Failure(
                MessageError(
                    f"the application has returned without {_MISSING[self._response.state]}"
                )
            )
        )

    def failed(self, reason: Failure) -> None:
        """The application has raised an exception."""
        request = self._request
        gone = request._disconnected
        if gone and (causedBy(reason.value, ClientDisconnected) or reason.check(CancelledError)):
            return  # it was told so, or the program ends
        if gone or self._complete:
            _log.failure("After the response to {uri!r}", reason, uri=request.uri)
            return
        self._complete = True
        self._unregister()
        request.processingFailed(reason)

    # --- Flow ---

    def pauseProducing(self) -> None:
        """The client does not take what was sent: `send` waits."""
        if self._paused is None:
            self._paused = Deferred()

    def resumeProducing(self) -> None:
        """The client has taken what was sent."""
        paused, self._paused = self._paused, None
        if paused is not None:
            paused.callback(None)

    def stopProducing(self) -> None:
        """The client has gone."""
        self._producing = False
        self.resumeProducing()


_MISSING = {
    State.NOTHING: "a response",
    State.HEAD: "a body",
    State.BODY: "the end of the body",
}
