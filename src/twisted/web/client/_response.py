"""Responses, and how their bodies are had."""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client._errors import (
    BodyTooLong,
    PartialDownloadError,
    ResponseDone,
    ResponseFailed,
)
from twisted.web.http._client import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IClientRequest, IResponse

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: How long a body may be that is collected in memory, if the program does not say: more than
#: anybody wants there, and less than what brings a machine down.
MAX_BODY_BYTES = 2**30
#: How much is kept of the body of a response that nobody may ask for, such as a redirection:
#: browsers and proxies send a line or two with those.
KEPT_BYTES = 2**16


class Phase(Enum):
    """Where a body is."""

    __hash__ = object.__hash__  # Benchmark agent: a method of Enum, in Python, otherwise.

    WAITING = auto()  # some may have arrived, and nobody has asked
    WHOLE = auto()  # it has ended, and nobody has asked
    DELIVERING = auto()
    DELIVERED = auto()


class Step(Enum):
    """What changes that."""

    __hash__ = object.__hash__  # Benchmark agent: a method of Enum, in Python, otherwise.

    ASK = auto()
    END = auto()


PHASES: dict[tuple[Phase, Step], Phase] = {
    (Phase.WAITING, Step.ASK): Phase.DELIVERING,
    (Phase.WAITING, Step.END): Phase.WHOLE,
    (Phase.WHOLE, Step.ASK): Phase.DELIVERED,
    (Phase.DELIVERING, Step.END): Phase.DELIVERED,
}


@implementer(IPushProducer)
class BodyTransport:
    """What a protocol that is given a body has for a transport.

    When the response is complete it has no more say about the connection, which may then be
    used for another one; what it tells about the peer remains.
    """

    __slots__ = ("_connection", "_transport")

    disconnecting = False

    def __init__(self, connection: Any, transport: Any) -> None:
        self._connection = connection
        self._transport = transport

    def release(self) -> None:
        """The response is complete."""
        self._connection = None

    @property
    def _producer(self) -> BodyTransport:
        # Scrapy looks for the address and the certificate of the peer here.
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def pauseProducing(self) -> None:
        """Read nothing for now."""
        if self._connection is not None:
            self._connection.pauseReading()

    def resumeProducing(self) -> None:
        """Go on reading."""
        if self._connection is not None:
            self._connection.resumeReading()

    def stopProducing(self) -> None:
        """The rest is not wanted: close the connection."""
        self.loseConnection()

    def loseConnection(self) -> None:
        """The rest is not wanted: close the connection."""
        if self._connection is not None:
            self._connection.loseConnection()

    def abortConnection(self) -> None:
        """The rest is not wanted: break the connection off."""
        if self._connection is not None:
            self._connection.abort()


@implementer(IResponse)
class Response:
    """What a server has answered; see `IResponse`.

    Args:
        version: the protocol, as ``(b"HTTP", 1, 1)``.
        code: the status.
        phrase: what is said of it.
        headers: its `Headers`.
        _transport: stops and goes on with the body.
    """

    length: int | str = UNKNOWN_LENGTH
    request: IClientRequest | None = None
    previousResponse: IResponse | None = None

    def __init__(
        self,
        version: tuple[bytes, int, int],
        code: int,
        phrase: bytes,
        headers: Headers,
        _transport: Any,
    ) -> None:
        self.version = version
        self.code = code
        self.phrase = phrase
        self.headers = headers
        self._transport = _transport
        self._phase = Phase.WAITING
        self._pieces: deque[bytes] = deque()
        self._reason: Failure | None = None
        self._protocol: Any = None
        self._room: int | None = None

    def __repr__(self) -> str:
        return f"<Response {self.code} {self.phrase.decode('latin-1')!r}>"

    def setPreviousResponse(self, previousResponse: IResponse) -> None:
        """Say which redirection has led here."""
        self.previousResponse = previousResponse

    def _advance(self, step: Step) -> None:
        self._phase = PHASES[self._phase, step]

    def deliverBody(self, protocol: Any) -> None:
        """Give the body to a protocol; see `IResponse.deliverBody`.

        Raises:
            RuntimeError: it was given to one already.
        """
        if self._protocol is not None or (self._phase, Step.ASK) not in PHASES:
            raise RuntimeError("the body of a response can be had once, and it was asked for")
        self._protocol = protocol
        self._room = None
        protocol.makeConnection(self._transport)
        # It may stop, or abort, with each piece.
        while self._pieces:
            protocol.dataReceived(self._pieces.popleft())
        self._advance(Step.ASK)
        if self._phase is Phase.DELIVERED:
            self._tell()
        else:
            self._transport.resumeProducing()

    def _tell(self) -> None:
        protocol, reason = self._protocol, self._reason
        self._reason = None
        protocol.connectionLost(Failure(ResponseDone()) if reason is None else reason)

    def _takeWhole(self) -> tuple[bytes, Failure | None] | None:
        """The body, if all of it is here and nobody has asked; and why it ended."""
        if self._phase is not Phase.WHOLE or self._protocol is not None:
            return None
        self._advance(Step.ASK)
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return body, self._reason

    def _keepSome(self) -> None:
        """Read a short body at once, so that its connection is free; give up a long one."""
        if self._phase is Phase.WAITING and self._protocol is None:
            self._room = KEPT_BYTES
            self._transport.resumeProducing()

    @property
    def _unwanted(self) -> bool:
        """Whether more of the body would only be kept."""
        return self._phase is Phase.WAITING and self._room is None

    def _bodyDataReceived(self, data: bytes) -> None:
        if self._phase is Phase.DELIVERING:
            self._protocol.dataReceived(data)
            return
        self._pieces.append(data)
        if self._room is not None:
            self._room -= len(data)
            if self._room < 0:
                self._room = None
                self._transport.abortConnection()

    def _bodyDataFinished(self, reason: Failure | None = None) -> None:
        """There is no more.

        Args:
            reason: why, if it is not because all has arrived.
        """
        self._transport.release()
        self._reason = reason
        self._advance(Step.END)
        if self._phase is Phase.DELIVERED:
            self._tell()


def _asItCame(response: Any) -> Any:
    """A response before it was decoded, or was wrapped in another way."""
    while not isinstance(response, Response) and hasattr(response, "original"):
        response = response.original
    return response


def keepSome(response: Any) -> None:
    """Have the connection of a response free soon, though nobody may ask for its body."""
    came = _asItCame(response)
    if isinstance(came, Response):
        came._keepSome()


def giveUp(response: Any) -> None:
    """Have nothing more of a response."""
    transport = getattr(_asItCame(response), "_transport", None)
    if transport is not None:
        transport.abortConnection()


class _Collector(Protocol):
    """Collects a body."""

    transport: Any

    def __init__(self, response: Any, maximum: int | None) -> None:
        self._response = response
        self._maximum = maximum
        self._size = 0
        self._pieces: list[bytes] = []
        self.result: Deferred[bytes] | None = Deferred(self._cancelled)

    def dataReceived(self, data: bytes) -> None:
        """Keep a piece."""
        self._size += len(data)
        if self._maximum is not None and self._size > self._maximum:
            self._giveUp()
            self._end(_tooLong(self._response, self._maximum))
        elif self.result is not None:
            self._pieces.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The body has ended."""
        body, result = b"".join(self._pieces), self.result
        if result is None:
            return
        self.result = None
        if reason.check(ResponseDone):
            result.callback(body)
        else:
            result.errback(_partial(self._response, body, reason))

    def _end(self, reason: Failure) -> None:
        result, self.result = self.result, None
        self._pieces.clear()
        if result is not None:
            result.errback(reason)

    def _giveUp(self) -> None:
        # Responses of other agents may have a transport that can do less.
        abort = getattr(self.transport, "abortConnection", None)
        (abort or self.transport.loseConnection)()

    def _cancelled(self, result: Deferred[bytes]) -> None:
        self.result = None
        self._pieces.clear()
        self._giveUp()


def _tooLong(response: Any, maximum: int) -> Failure:
    return Failure(
        ResponseFailed([Failure(BodyTooLong(f"more than {maximum} bytes of body"))], response)
    )


def _partial(response: Any, body: bytes, reason: Failure) -> Failure:
    """What `readBody` fails with, for why a body ended."""
    if reason.check(PotentialDataLoss):
        return Failure(PartialDownloadError(response.code, response.phrase, body))
    return reason


def readBody(response: IResponse | Any, maximum: int | None = MAX_BODY_BYTES) -> Deferred[bytes]:
    """Collect the body of a response.

    Args:
        response: as an agent gives it.
        maximum: how many bytes it may be long; None for no limit.

    Returns:
        Fires with the body. Fails with `PartialDownloadError` if it ended with the connection
        and nothing says whether it is complete, with `ResponseFailed` if it is not, or is too
        long. Cancelling it breaks the connection off.
    """
    # Benchmark agent: a body that came with its headers needs no protocol.
    if type(response) is Response and (taken := response._takeWhole()) is not None:
        body, reason = taken
        if maximum is not None and len(body) > maximum:
            return fail(_tooLong(response, maximum))
        return succeed(body) if reason is None else fail(_partial(response, body, reason))
    collector = _Collector(response, maximum)
    result = collector.result
    assert result is not None, "nothing has happened yet"
    response.deliverBody(collector)
    return result
