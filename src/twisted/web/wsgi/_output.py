"""From the application's thread to the client, no faster than the client reads."""

from __future__ import annotations

from threading import Condition
from typing import Any, NamedTuple

from zope.interface import implementer

from twisted.internet.interfaces import IPushProducer, IReactorFromThreads
from twisted.logger import Logger
from twisted.python.failure import Failure

__name__ = "twisted.web.wsgi"  # the public path, for pickles and messages
__all__ = ["ClientGone", "Head", "Output"]

_log = Logger(namespace="twisted.web.wsgi")

#: How much the application may be ahead of the reactor's thread.
QUEUE_BYTES = 65536


class ClientGone(ConnectionError):
    """The client has closed the connection, and nobody waits for the response."""


class Head(NamedTuple):
    """How a response begins."""

    code: int
    reason: bytes
    fields: list[tuple[bytes, bytes]]


@implementer(IPushProducer)
class Output:
    """The response to a request, written from another thread.

    Theory of operation. Pieces wait in a list, under a lock; the first of them has the reactor's
    thread called, which takes all that are there by then. The application waits while the list is
    full, and while the transport does not want more.

    Args:
        reactor: in whose thread the request is answered.
        request: the request.
    """

    def __init__(self, reactor: IReactorFromThreads, request: Any) -> None:
        self._reactor = reactor
        self._request = request
        self._condition = Condition()
        self._head: Head | None = None
        self._pieces: list[bytes] = []
        self._queued = 0
        self._called = False
        self._complete = False
        self._failure: Failure | None = None
        self._paused = False
        self._registered = False
        self.gone = False
        request.notifyFinish().addErrback(lambda reason: self.stopProducing())

    # --- In the thread of the application ---

    def begin(self, head: Head) -> None:
        """Send this before the next piece."""
        self._head = head

    def write(self, data: bytes, last: bool = False) -> None:
        """Send a piece, when there is room.

        Args:
            data: the piece.
            last: whether that is all.

        Raises:
            ClientGone: there is nobody to send it to.
        """
        with self._condition:
            while not self.gone and (self._paused or self._queued >= QUEUE_BYTES):
                self._condition.wait()
            if self.gone:
                raise ClientGone("the client has closed the connection")
            self._pieces.append(data)
            self._queued += len(data)
            self._complete = self._complete or last
            self._call()

    def finish(self) -> None:
        """That was all."""
        with self._condition:
            if not self._complete:
                self._complete = True
                self._call()

    def fail(self, failure: Failure) -> None:
        """The application has raised an exception."""
        with self._condition:
            self._failure = failure
            self._call()

    def _call(self) -> None:
        if not self._called:
            self._called = True
            self._reactor.callFromThread(self._flush)

    # --- In the thread of the reactor ---

    def _flush(self) -> None:
        with self._condition:
            pieces, self._pieces = self._pieces, []
            self._queued = 0
            self._called = False
            head, self._head = self._head, None
            complete, failure = self._complete, self._failure
            if not self._paused:
                self._condition.notify()
        if self.gone:
            if failure is not None and not failure.check(ClientGone):
                _log.failure("After the client of {uri!r} had gone", failure, uri=self._request.uri)
            return
        channel = self._request.channel
        try:
            if head is not None:
                self._apply(head)
            if not self._registered and pieces and not complete:
                # Not before: a client that says it will send no more has left, unless it is being
                # answered.
                self._registered = True
                self._request.registerProducer(self, True)
            if pieces:
                self._request.write(b"".join(pieces))
            if failure is not None:
                self._end()
                self._request.processingFailed(failure)
            elif complete:
                self._end()
                self._request.finish()
        except Exception:  # such as a body that is not of the length that was announced
            _log.failure("Cannot send the response to {uri!r}", uri=self._request.uri)
            self._end()
            channel.forceAbortClient()

    def _apply(self, head: Head) -> None:
        request = self._request
        request.setResponseCode(head.code, head.reason)
        # What a response is without a type is for the application to say.
        request.defaultContentType = None
        headers = request.responseHeaders
        for name, _ in head.fields:
            headers.removeHeader(name)
        for name, value in head.fields:
            headers.addRawHeader(name, value)

    def _end(self) -> None:
        with self._condition:
            self.gone = True
            self._condition.notify()
        if self._registered:
            self._request.unregisterProducer()

    def pauseProducing(self) -> None:
        """The client does not take what was written."""
        with self._condition:
            self._paused = True

    def resumeProducing(self) -> None:
        """The client has taken what was written."""
        with self._condition:
            self._paused = False
            self._condition.notify()

    def stopProducing(self) -> None:
        """The client has gone."""
        with self._condition:
            self._paused = False
            self.gone = True
            self._condition.notify()
