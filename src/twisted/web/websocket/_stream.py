"""A connection that a coroutine iterates over."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from zope.interface import implementer

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IAddress, IPushProducer
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.websocket._errors import WebSocketClosed
from twisted.web.websocket._interfaces import WebSocketTransport

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.web.websocket")

#: How many messages wait for `receive`, and how long together, before the peer has to wait too.
_MOST_WAITING = 16
_MOST_WAITING_LENGTH = 256 * 1024
#: Codes of a close that nobody has to know about: all is well, a page was left, or no word on it.
_QUIET_CODES = (1000, 1001, 1005)
_OUR_ERROR = 1011


@implementer(IPushProducer)
class WebSocketStream:
    """A connection as a stream of messages, for coroutines::

        async for message in stream:
            await stream.send(message.upper())

    It is a protocol and its own factory: give the class to `WebSocketClientEndpoint.connect`, or
    let `WebSocketResource` call a coroutine function with one.

    Attributes:
        transport: the `WebSocketTransport`.
        subject: what it was made for: the request of a server, the URL of a client.
    """

    transport: WebSocketTransport

    def __init__(self, subject: Any = None) -> None:
        self.subject = subject
        self._messages: deque[str | bytes] = deque()
        self._length = 0  # of these together
        self._receivers: deque[Deferred[str | bytes]] = deque()
        self._lost: Failure | None = None
        self._closed: Deferred[None] = Deferred()
        self._flowing: list[Deferred[None]] | None = None  # those who wait, if sending must
        self._pings: deque[tuple[bytes, Deferred[None]]] = deque()

    @classmethod
    def buildProtocol(cls, subject: Any) -> Self:
        """One for the request of a client, or the URL of a server."""
        return cls(subject)

    # --- For coroutines ---

    @property
    def subprotocol(self) -> str | None:
        """What both sides have agreed to speak; None if nothing."""
        return self.transport.subprotocol

    def getPeer(self) -> IAddress:
        """The address of the peer."""
        return self.transport.getPeer()

    def receive(self) -> Deferred[str | bytes]:
        """The next message.

        Returns:
            Fires with the message. Fails with `WebSocketClosed` or `WebSocketLost` when there are
            no more.
        """
        result: Deferred[str | bytes] = Deferred(self._cancelled)
        if self._messages:
            message = self._messages.popleft()
            self._length -= len(message)
            if not self._full and self._lost is None:
                self.transport.resumeProducing()
            result.callback(message)
        elif self._lost is not None:
            result.errback(self._lost)
        else:
            self._receivers.append(result)
        return result

    @property
    def _full(self) -> bool:
        return len(self._messages) >= _MOST_WAITING or self._length >= _MOST_WAITING_LENGTH

    def _cancelled(self, result: Deferred[str | bytes]) -> None:
        self._receivers.remove(result)

    def send(self, message: str | bytes) -> Deferred[None]:
        """Send a message, text or bytes.

        Returns:
            Fires when there is room for more: at once, unless the peer does not take what it is
            sent. Fails with what `receive` would fail with if the connection is lost.
        """
        if self._lost is not None:
            return _failed(self._lost)
        if isinstance(message, str):
            self.transport.sendTextMessage(message)
        else:
            self.transport.sendBytesMessage(message)
        result: Deferred[None] = Deferred()
        if self._flowing is None:
            result.callback(None)
        else:
            self._flowing.append(result)
        return result

    def ping(self) -> Deferred[None]:
        """Ask whether the peer is there.

        Returns:
            Fires when it has answered. Fails as `receive` does.
        """
        if self._lost is not None:
            return _failed(self._lost)
        self._counter += 1
        payload = b"%d" % self._counter
        self.transport.ping(payload)
        result: Deferred[None] = Deferred()
        self._pings.append((payload, result))
        return result

    _counter = 0

    def close(self, code: int = 1000, reason: str = "") -> Deferred[None]:
        """Close the connection.

        Args:
            code, reason: see `WebSocketTransport.loseConnection`.

        Returns:
            Fires when it is closed.
        """
        if self._lost is None:
            self.transport.loseConnection(code, reason)
        return self.whenClosed()

    def whenClosed(self) -> Deferred[None]:
        """Fires when the connection is over, whoever has closed it."""
        result: Deferred[None] = Deferred()

        def closed(nothing: None) -> None:
            if not result.called:
                result.callback(None)

        self._closed.addCallback(closed)
        return result

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return self

    async def __anext__(self) -> str | bytes:
        try:
            return await self.receive()
        except WebSocketClosed as closed:
            if closed.code in _QUIET_CODES:
                raise StopAsyncIteration
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close(1000 if kind is None else _OUR_ERROR)

    # --- As a protocol ---

    def negotiationStarted(self, transport: WebSocketTransport) -> None:
        """There will be a connection."""
        self.transport = transport
        transport.attachProducer(self)

    def negotiationFinished(self) -> None:
        """The connection is open."""

    def textMessageReceived(self, message: str) -> None:
        """Keep a message for `receive`."""
        self._take(message)

    def bytesMessageReceived(self, data: bytes) -> None:
        """Keep a message for `receive`."""
        self._take(data)

    def _take(self, message: str | bytes) -> None:
        if self._receivers:
            self._receivers.popleft().callback(message)
            return
        self._messages.append(message)
        self._length += len(message)
        if self._full:
            self.transport.pauseProducing()

    def pongReceived(self, payload: bytes) -> None:
        """The peer has answered a ping, and with it all before it (RFC 6455, 5.5.3)."""
        if any(payload == sent for sent, result in self._pings):
            while True:
                sent, result = self._pings.popleft()
                result.callback(None)
                if sent == payload:
                    break

    def connectionLost(self, reason: Failure) -> None:
        """Tell everybody who waits."""
        self._lost = reason
        while self._receivers:
            self._receivers.popleft().errback(reason)
        while self._pings:
            self._pings.popleft()[1].errback(reason)
        waiting, self._flowing = self._flowing, None
        for result in waiting or ():
            result.errback(reason)
        self._closed.callback(None)

    # --- As a producer ---

    def pauseProducing(self) -> None:
        """Let `send` wait."""
        if self._flowing is None:
            self._flowing = []

    def resumeProducing(self) -> None:
        """Let those who wait send."""
        waiting, self._flowing = self._flowing, None
        for result in waiting or ():
            result.callback(None)

    def stopProducing(self) -> None:
        """The connection is closed; `connectionLost` tells."""


def _failed(reason: Failure) -> Deferred[Any]:
    result: Deferred[Any] = Deferred()
    result.errback(reason)
    return result


class _Handled(WebSocketStream):
    """A stream that a coroutine of the program serves."""

    def __init__(
        self, subject: Any, handler: Callable[[WebSocketStream], Awaitable[object]]
    ) -> None:
        super().__init__(subject)
        self._handler = handler

    def negotiationFinished(self) -> None:
        """Start the coroutine."""
        served = ensureDeferred(self._serve())
        served.addErrback(self._failed)

    async def _serve(self) -> None:
        await self._handler(self)
        await self.close()

    def _failed(self, failure: Failure) -> None:
        if self._lost is not None and failure.value is self._lost.value:
            return  # it has been told that the connection is over, and that is all
        _log.failure("A handler of WebSocket has failed", failure)
        self.close(_OUR_ERROR)


class HandlerFactory:
    """Has a coroutine serve each client.

    Args:
        handler: is called with a `WebSocketStream`.
    """

    def __init__(self, handler: Callable[[WebSocketStream], Awaitable[object]]) -> None:
        self._handler = handler

    def buildProtocol(self, request: Any) -> WebSocketStream:
        """A stream for one client."""
        return _Handled(request, self._handler)
