"""Requests, and how they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IConsumer
from twisted.python.failure import Failure
from twisted.web._h1 import LocalError, RequestWriter
from twisted.web.client._bodies import BytesBody
from twisted.web.client._errors import ExcessWrite, WrongBodyLength
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IClientRequest

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: Headers that say how the message is framed, which the writer does by itself.
_FRAMING = frozenset([b"Content-Length", b"Transfer-Encoding"])


@implementer(IClientRequest)
class ClientRequest:
    """A request as it is given to a connection.

    Args:
        method: such as ``b"GET"``.
        absoluteURI: the whole URI.
        target: what the request line says instead.
        headers: with the ``Host``.
        bodyProducer: an `IBodyProducer`; None for no body.
        persistent: whether the connection is to be used again.

    Attributes:
        head: the request line and the headers, ready to be sent.
        writer: writes the body; whether it can is known.

    Raises:
        ValueError: one of them cannot be sent.
    """

    __slots__ = (
        "absoluteURI",
        "bodyProducer",
        "head",
        "headers",
        "method",
        "persistent",
        "target",
        "writer",
    )

    def __init__(
        self,
        method: bytes,
        absoluteURI: bytes,
        target: bytes,
        headers: Headers,
        bodyProducer: Any,
        persistent: bool,
    ) -> None:
        self.method = method
        self.absoluteURI = absoluteURI
        self.target = target
        self.headers = headers
        self.bodyProducer = bodyProducer
        fields = [
            (name, value)
            for name, values in headers.getAllRawHeaders()
            if name not in _FRAMING
            for value in values
        ]
        self.persistent = persistent and not _saysClose(headers)
        if not persistent:
            fields.append((b"Connection", b"close"))
        length = 0 if bodyProducer is None else bodyProducer.length
        self.writer = RequestWriter()
        try:
            self.head = self.writer.head(
                method, target, fields, None if length == UNKNOWN_LENGTH else length
            )
        except LocalError as e:
            raise ValueError(str(e)) from None

    def again(self) -> ClientRequest:
        """The same request, for another connection; only without a body."""
        return ClientRequest(
            self.method, self.absoluteURI, self.target, self.headers, None, self.persistent
        )


def _saysClose(headers: Headers) -> bool:
    options = headers.getRawHeaders(b"connection")
    return options is not None and b"close" in b",".join(options).lower()


@implementer(IConsumer)
class Upload:
    """Takes a body from its producer, and gives it to the transport as it is framed.

    Args:
        request: whose body it is.
        transport: takes bytes, and says when it takes no more for now.
        done: called with None when all was written, or with the Failure.
    """

    def __init__(
        self, request: ClientRequest, transport: Any, done: Callable[[Failure | None], None]
    ) -> None:
        self._request = request
        self._transport = transport
        self._done: Callable[[Failure | None], None] | None = done
        self._registered = False

    def start(self) -> None:
        """Send the head, and have the producer write the body."""
        request, transport = self._request, self._transport
        producer = request.bodyProducer
        if type(producer) is BytesBody:
            # Head and body in one piece need no consumer.
            writer = request.writer
            body = writer.body(producer.data) if producer.data else b""
            transport.write(request.head + body + writer.end())
            self._finish(None)
            return
        transport.write(request.head)
        self._register(producer, True)
        produced: Deferred[Any] = maybeDeferred(producer.startProducing, self)
        produced.addCallbacks(self._produced, self._finish)

    def stop(self) -> None:
        """The body is wanted no more."""
        if self._done is not None:
            self._done = None
            self._unregister()
            self._request.bodyProducer.stopProducing()

    def _register(self, producer: Any, streaming: bool) -> None:
        self._transport.registerProducer(producer, streaming)
        self._registered = True

    def _unregister(self) -> None:
        if self._registered:
            self._registered = False
            self._transport.unregisterProducer()

    def _finish(self, reason: Failure | None) -> None:
        done, self._done = self._done, None
        if done is not None:
            self._unregister()
            done(reason)

    def _produced(self, _: object) -> None:
        if self._done is None:
            return
        try:
            rest = self._request.writer.end()
        except LocalError as e:
            self._finish(Failure(WrongBodyLength(f"too little was written: {e}")))
            return
        if rest:
            self._transport.write(rest)
        self._finish(None)

    # IConsumer

    def write(self, data: bytes) -> None:
        """Send a piece of the body.

        Raises:
            ExcessWrite: the body has ended.
        """
        if self._done is None:
            raise ExcessWrite("the request has ended, or was given up: nothing more can be written")
        try:
            piece = self._request.writer.body(data)
        except LocalError as e:
            self._request.bodyProducer.stopProducing()
            self._finish(Failure(WrongBodyLength(f"too much was written: {e}")))
            return
        if piece:
            self._transport.write(piece)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Have `producer` write the body in place of the one that has been asked to."""
        self._unregister()
        self._register(producer, streaming)

    def unregisterProducer(self) -> None:
        """That producer has written all."""
        self._unregister()
