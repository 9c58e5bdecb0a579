"""One connection to a server: requests one after the other, and their responses.

Theory of operation. What the server sends is read by `_h1.ResponseReader`; what may happen when is
in `PHASES`. A batch of events is worked through before the program hears of it: a response that has
come as a whole leaves its connection free for the next request, which the program may make at once.

A body that the program does not ask for is not read: the connection is paused when the headers were
given to the program and it has done nothing about the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web._h1 import RemoteError, ResponseHead, ResponseReader
from twisted.web._limits import Limits
from twisted.web.client._errors import (
    RequestGenerationFailed,
    RequestNotSent,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
)
from twisted.web.client._response import BodyTransport, Response
from twisted.web.client._sending import ClientRequest, Upload
from twisted.web.http._client import PotentialDataLoss, _DataLoss
from twisted.web.http._statuses import SWITCHING
from twisted.web.http_headers import Headers

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: What a server may send. Bodies have no limit here: who collects one has (see `readBody`).
#: Cookies make the headers of responses longer than those of requests; browsers take 256 KiB.
RESPONSE_LIMITS = Limits(headerBytes=2**18, bodyBytes=None)
#: How many responses may come before the response, such as 100 Continue and 103 Early Hints.
MAX_INTERIM = 20

#: Headers about the connection, which is not the program's business.
_HOP_BY_HOP = (
    b"connection",
    b"content-length",
    b"keep-alive",
    b"proxy-connection",
    b"te",
    b"trailers",
    b"transfer-encoding",
    b"upgrade",
)
_VERSIONS = ((b"HTTP", 1, 0), (b"HTTP", 1, 1))


class Phase(Enum):
    """What is going on."""

    __hash__ = object.__hash__  # Benchmark agent: a method of Enum, in Python, otherwise.

    IDLE = auto()
    WAITING = auto()  # for the headers of a response
    READING = auto()  # its body
    CLOSING = auto()
    CLOSED = auto()


class Step(Enum):
    """What changes it."""

    __hash__ = object.__hash__  # Benchmark agent: a method of Enum, in Python, otherwise.

    ASK = auto()
    HEAD = auto()
    KEEP = auto()
    CLOSE = auto()
    LOSE = auto()


PHASES: dict[tuple[Phase, Step], Phase] = {
    (Phase.IDLE, Step.ASK): Phase.WAITING,
    (Phase.WAITING, Step.HEAD): Phase.READING,
    (Phase.READING, Step.KEEP): Phase.IDLE,
    **{(phase, Step.CLOSE): Phase.CLOSING for phase in Phase if phase is not Phase.CLOSED},
    **{(phase, Step.LOSE): Phase.CLOSED for phase in Phase if phase is not Phase.CLOSED},
}


def _ignore(connection: Any) -> None:
    """Nobody wants to know."""


class _Exchange:
    """A request and the response to it, while they are under way."""

    __slots__ = ("heard", "interim", "keepAlive", "request", "response", "result", "upload")

    def __init__(self, request: ClientRequest, result: Deferred[Response]) -> None:
        self.request = request
        self.result: Deferred[Response] | None = result
        self.response: Response | None = None
        self.upload: Upload | None = None
        self.heard = False
        self.interim = 0
        self.keepAlive = False

    def neverReceived(self, reason: Failure) -> Failure:
        """Why there is no response, from why the connection ends."""
        if self.upload is not None:
            return Failure(RequestTransmissionFailed([reason]))
        if self.heard:
            return Failure(ResponseFailed([reason]))
        return Failure(ResponseNeverReceived([reason]))

    def fail(self, failure: Failure, incomplete: list[Failure]) -> None:
        """End it.

        Args:
            failure: if there is no response, why.
            incomplete: if there is one, why it is not complete.
        """
        upload, self.upload = self.upload, None
        if upload is not None:
            upload.stop()
        result, self.result = self.result, None
        response = self.response
        if response is not None:
            reasons = [*incomplete, Failure(_DataLoss("the rest of the body is missing"))]
            response._bodyDataFinished(Failure(ResponseFailed(reasons, response)))
        elif result is not None:
            result.errback(failure)


class ClientConnection(Protocol):
    """Speaks HTTP/1.1 to a server.

    Args:
        quiescent: called with this when it can take another request.
        limits: what the server may send.

    Attributes:
        lost: called with this when the connection is lost.
        served: how many requests it has taken.
        multiplexes: whether it takes more than one at a time.
        since: when it became free; the pool keeps it here.
    """

    transport: Any
    multiplexes = False
    since = 0.0

    def __init__(
        self,
        quiescent: Callable[[Any], None] = _ignore,
        limits: Limits = RESPONSE_LIMITS,
    ) -> None:
        self._quiescent = quiescent
        self.lost: Callable[[Any], None] = _ignore
        self.served = 0
        self._reader = ResponseReader(limits)
        self._phase = Phase.IDLE
        self._exchange: _Exchange | None = None
        self._paused = False
        self._waiting: list[Deferred[None]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._phase.name.lower()}>"

    @property
    def usable(self) -> bool:
        """Whether it can take a request."""
        return self._phase is Phase.IDLE

    def _advance(self, step: Step) -> None:
        self._phase = PHASES[self._phase, step]

    # --- Requests ---

    def request(self, request: ClientRequest) -> Deferred[Response]:
        """Make a request.

        Returns:
            Fires with the response when its headers are there. Fails with `RequestNotSent` if
            there is a request already, with `RequestGenerationFailed`,
            `RequestTransmissionFailed`, `ResponseNeverReceived` or `ResponseFailed`. Cancelling
            it breaks the connection off.
        """
        if self._phase is not Phase.IDLE:
            return fail(RequestNotSent(f"{self!r} cannot take a request now"))
        self._advance(Step.ASK)
        if self.served:
            self._reader.next_message()
        self.served += 1
        self._reader.expect(request.method)
        result: Deferred[Response] = Deferred(self._cancelled)
        self._exchange = exchange = _Exchange(request, result)
        if request.bodyProducer is None:
            # Benchmark agent: what most requests are needs no producer and no consumer.
            self.transport.write(request.head + request.writer.end())
        else:
            exchange.upload = Upload(request, self.transport, self._uploaded)
            exchange.upload.start()
        return result

    def _uploaded(self, reason: Failure | None) -> None:
        exchange = self._exchange
        if exchange is None:
            return
        exchange.upload = None
        if reason is not None:
            self._break(Failure(RequestGenerationFailed([reason])), reason)

    def _cancelled(self, result: Deferred[Response]) -> None:
        exchange = self._exchange
        reason = Failure(CancelledError())
        if exchange is not None and exchange.result is result:
            self._break(exchange.neverReceived(reason), reason)

    def _break(self, failure: Failure, incomplete: Failure) -> None:
        """Give the request up, and the connection; arguments as of `_Exchange.fail`."""
        exchange, self._exchange = self._exchange, None
        self.abort()
        if exchange is not None:
            exchange.fail(failure, [incomplete])

    # --- Responses ---

    def dataReceived(self, data: bytes) -> None:
        """Read what the server has sent."""
        # Benchmark agent: a response in one piece comes down here once.
        exchange = self._exchange
        if exchange is None:
            # What nobody has asked for would be taken for the response to the next request.
            self.abort()
            return
        exchange.heard = True
        error: RemoteError | None = None
        try:
            events = self._reader.feed(data)
        except RemoteError as e:
            error, events = e, e.events
        for event in events:
            if type(event) is bytes:
                exchange.response._bodyDataReceived(event)  # type: ignore[union-attr]  # a body follows a head
            elif type(event) is ResponseHead:
                if event.final:
                    self._headReceived(exchange, event)
                    continue
                exchange.interim += 1
                if exchange.interim > MAX_INTERIM:
                    error = RemoteError(f"more than {MAX_INTERIM} responses before the response")
                    break
            else:
                self._complete(exchange)
        if exchange.result is not None and exchange.response is not None:
            self._announce(exchange, exchange.response)
        if error is not None:
            self._break(Failure(ResponseFailed([Failure(error)])), Failure(error))

    def _headReceived(self, exchange: _Exchange, head: ResponseHead) -> None:
        self._advance(Step.HEAD)
        headers = head.headers
        for name in _HOP_BY_HOP:
            if name in headers:
                del headers[name]
        exchange.keepAlive = head.keep_alive and head.status != SWITCHING
        exchange.response = response = Response(
            _VERSIONS[head.minor],
            head.status,
            head.reason,
            Headers._fromParsed(headers),
            BodyTransport(self, self.transport),
        )
        response.request = exchange.request
        if head.length is not None:
            response.length = head.length

    def _announce(self, exchange: _Exchange, response: Response) -> None:
        """Give the program the response."""
        result, exchange.result = exchange.result, None
        assert result is not None, "the program waits for it"
        result.callback(response)
        if response._unwanted and self._exchange is exchange:
            self.pauseReading()

    def _complete(self, exchange: _Exchange, reason: Failure | None = None) -> None:
        """All of the response is here: have the connection take the next request, if it can."""
        self._exchange = None
        upload, exchange.upload = exchange.upload, None
        if upload is not None:
            # The server has said what it has to say, and may not read the rest.
            upload.stop()
            self.loseConnection()
        elif (
            self._phase is Phase.READING
            and exchange.keepAlive
            and exchange.request.persistent
            and not self._reader.waiting
        ):
            self._advance(Step.KEEP)
            self.resumeReading()
            self._quiescent(self)
        else:
            self.loseConnection()
        response = exchange.response
        assert response is not None, "it is complete"
        response._bodyDataFinished(reason)

    # --- The transport ---

    def pauseReading(self) -> None:
        """Read nothing for now."""
        if not self._paused:
            self._paused = True
            self.transport.pauseProducing()

    def resumeReading(self) -> None:
        """Go on reading."""
        if self._paused:
            self._paused = False
            self.transport.resumeProducing()

    def loseConnection(self) -> None:
        """Close the connection, after what was written has been sent."""
        if self._phase is not Phase.CLOSED:
            self._advance(Step.CLOSE)
            self.transport.loseConnection()

    def abort(self) -> None:
        """Break the connection off."""
        if self._phase is not Phase.CLOSED:
            self._advance(Step.CLOSE)
            self.transport.abortConnection()

    def whenLost(self) -> Deferred[None]:
        """Fires when the connection is lost."""
        result: Deferred[None] = Deferred()
        if self._phase is Phase.CLOSED:
            result.callback(None)
        else:
            self._waiting.append(result)
        return result

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell who waits for a response that there will be no more of it."""
        self._advance(Step.LOSE)
        exchange, self._exchange = self._exchange, None
        self.lost(self)
        if exchange is not None:
            self._end(exchange, reason)
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)

    def _end(self, exchange: _Exchange, reason: Failure) -> None:
        reasons = [reason]
        if exchange.response is not None and reason.check(ConnectionDone):
            try:
                self._reader.feed_eof()
            except RemoteError as e:
                reasons.append(Failure(e))
            else:
                self._complete(exchange, Failure(PotentialDataLoss()))
                return
        exchange.fail(exchange.neverReceived(reason), reasons)
