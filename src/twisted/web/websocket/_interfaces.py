"""What programs implement, and what they are given.

These are for type checkers and readers: a class need not name them, it is enough that it has the
methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from twisted.internet.interfaces import IPushProducer
    from twisted.web.server import Request

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages


class WebSocketTransport(Protocol):
    """What a `WebSocketProtocol` sends with.

    Attributes:
        subprotocol: what both sides have agreed to speak over the connection; None if nothing.
    """

    subprotocol: str | None

    def sendTextMessage(self, text: str) -> None:
        """Send a message of text.

        Nothing is sent, and nothing said, if the peer has just closed the connection;
        `WebSocketProtocol.connectionLost` is called next.

        Raises:
            TypeError: `text` is not str.
            ValueError: there is half of a surrogate pair in it, which cannot be encoded.
            WebSocketNotOpen: the connection is not open yet, or was closed by us, or lost.
        """

    def sendBytesMessage(self, data: bytes | bytearray | memoryview) -> None:
        """Send a message of bytes.

        Raises:
            TypeError: `data` is not bytes.
            WebSocketNotOpen: as in `sendTextMessage`.
        """

    def loseConnection(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection. What was sent arrives; messages of the peer do so no more.

        Args:
            code: why: 1000, or 3000 to 4999, or one of RFC 6455, 7.4.1.
            reason: the same in words, up to 123 bytes of UTF-8.

        Raises:
            ValueError: there is no such code.
        """

    def ping(self, payload: bytes = b"") -> None:
        """Have the peer answer; see `WebSocketProtocol.pongReceived`.

        Args:
            payload: comes back with the answer.

        Raises:
            ValueError: the payload is longer than 125 bytes.
            WebSocketNotOpen: as in `sendTextMessage`.
        """

    def attachProducer(self, producer: IPushProducer) -> None:
        """Have `producer` paused while the peer does not take what it is sent.

        It is stopped when the connection is closed.

        Raises:
            ValueError: there is one already.
        """

    def detachProducer(self) -> None:
        """The producer will send no more."""

    def pauseProducing(self) -> None:
        """Receive no messages until `resumeProducing` is called; the peer has to wait."""

    def resumeProducing(self) -> None:
        """Receive messages again."""

    def abortConnection(self) -> None:
        """Break the connection off, without a word."""

    def getPeer(self) -> IAddress:
        """The address of the peer."""

    def getHost(self) -> IAddress:
        """Our address."""


class WebSocketProtocol(Protocol):
    """What receives messages; one for each connection."""

    def negotiationStarted(self, transport: WebSocketTransport) -> None:
        """There will be a connection; nothing can be sent yet.

        Args:
            transport: sends messages when there is one; to be kept.
        """

    def negotiationFinished(self) -> None:
        """The connection is open."""

    def pongReceived(self, payload: bytes) -> None:
        """The peer has answered a ping.

        Args:
            payload: of the ping; but a peer may send a pong that nobody has asked for.
        """

    def textMessageReceived(self, message: str) -> None:
        """A message of text has arrived."""

    def bytesMessageReceived(self, data: bytes) -> None:
        """A message of bytes has arrived."""

    def connectionLost(self, reason: Failure) -> None:
        """The connection is over, or there will be none.

        Args:
            reason: of a `WebSocketClosed` or a `WebSocketLost`, if it was open.
        """


_P = TypeVar("_P", bound=WebSocketProtocol, covariant=True)


class WebSocketServerFactory(Protocol[_P]):
    """What a `WebSocketResource` asks for protocols."""

    def buildProtocol(self, request: Request) -> _P:
        """A protocol for one client.

        Args:
            request: what it has asked. Headers and cookies that are set in it go into the answer.
        """


class WebSocketClientFactory(Protocol[_P]):
    """What a `WebSocketClientEndpoint` asks for protocols."""

    def buildProtocol(self, url: str) -> _P:
        """A protocol for a connection to `url`."""
