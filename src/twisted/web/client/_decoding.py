"""Bodies that are compressed.

Theory of operation. A few bytes can decode to gigabytes. What is decoded is handed on in pieces of
a bounded size; and a body that has become long is given up if it is longer by a factor which no
honest content comes near to, or longer than anything is.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.components import proxyForInterface
from twisted.python.failure import Failure
from twisted.web.client._errors import BodyTooLong, ResponseDone, ResponseFailed
from twisted.web.http._client import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IAgent, IBodyProducer, IResponse

__name__ = "twisted.web.client"  # the public path, for pickles and messages

#: How much is decoded at a time.
PIECE_BYTES = 2**18
#: The factor by which a body may grow: markup and logs come to 20 or 50, and zeros to 1030.
MAX_RATIO = 200
#: Below this, the factor does not matter.
ALLOWED_BYTES = 10 * 2**20
#: How long a body may become at all.
MAX_DECODED_BYTES = 2**32

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class _Inflating(Protocol):
    """Decodes a body on its way to a protocol."""

    transport: Any

    def __init__(self, protocol: Any, response: Any, wbits: int, most: int | None) -> None:
        self._protocol = protocol
        self._response = response
        self._wbits = wbits
        self._most = most
        self._taken = 0
        self._given = 0
        self._failure: Failure | None = None
        self._begin()

    def _begin(self) -> None:
        self._inflater = zlib.decompressobj(self._wbits)
        self._fresh = True

    def makeConnection(self, transport: Any) -> None:
        """Connect the protocol."""
        self.transport = transport
        self._protocol.makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Decode."""
        if self._failure is not None:
            return
        self._taken += len(data)
        try:
            self._decode(data)
        except zlib.error as e:
            self._giveUp(e)

    def _decode(self, data: bytes) -> None:
        while data and self._failure is None:
            piece = self._inflater.decompress(data, PIECE_BYTES)
            self._fresh = False
            data = self._inflater.unconsumed_tail
            if piece:
                self._given += len(piece)
                self._check()
                if self._failure is None:
                    self._protocol.dataReceived(piece)
            if self._inflater.eof:
                # There may be several members, one after the other (RFC 1952, 2.2).
                data = self._inflater.unused_data
                if not data:
                    return
                self._begin()

    def _check(self) -> None:
        tooLong = self._most is not None and self._given > self._most
        if tooLong or (self._given > ALLOWED_BYTES and self._given > MAX_RATIO * self._taken):
            self._giveUp(
                BodyTooLong(f"{self._taken} bytes have become {self._given}: this may be an attack")
            )

    def _giveUp(self, error: Exception) -> None:
        self._failure = Failure(ResponseFailed([Failure(error)], self._response))
        abort = getattr(self.transport, "abortConnection", None)
        (abort or self.transport.loseConnection)()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The body has ended: so has what is in it, or something is missing."""
        if self._failure is not None:
            reason = self._failure
        elif reason.check(ResponseDone, PotentialDataLoss) and self._taken:
            try:
                rest = self._inflater.flush()
                if rest:
                    self._protocol.dataReceived(rest)
                if not self._inflater.eof and not self._fresh:
                    raise zlib.error("the compressed body is not complete")
            except zlib.error as e:
                reason = Failure(ResponseFailed([Failure(e)], self._response))
        self._protocol.connectionLost(reason)


class GzipDecoder(proxyForInterface(IResponse)):  # type: ignore[misc]  # a class that is made
    """A response whose body is decoded, from gzip or zlib.

    Args:
        response: the response as it is.

    Attributes:
        length: `UNKNOWN_LENGTH`: of the decoded body.
        maxDecodedBytes: how long it may become; None for no limit.
    """

    maxDecodedBytes: int | None = MAX_DECODED_BYTES
    _wbits = _GZIP_OR_ZLIB

    def __init__(self, response: Any) -> None:
        super().__init__(response)
        self.original = response
        self.length = UNKNOWN_LENGTH

    def deliverBody(self, protocol: Any) -> None:
        """Give the decoded body to a protocol; see `IResponse.deliverBody`."""
        self.original.deliverBody(
            _Inflating(protocol, self.original, self._wbits, self.maxDecodedBytes)
        )


@implementer(IAgent)
class ContentDecoderAgent:
    """Has another agent make requests that allow compression, and decodes the responses.

    Args:
        agent: the other agent.
        decoders: names of codings, and what is called with a response that is in one and
            returns it decoded, such as ``[(b"gzip", GzipDecoder)]``.
    """

    def __init__(self, agent: Any, decoders: Sequence[tuple[bytes, Callable[[Any], Any]]]) -> None:
        self._agent = agent
        self._decoders = dict(decoders)
        self._supported = b",".join([name for name, _ in decoders])

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Make a request; see `IAgent.request`."""
        headers = Headers() if headers is None else headers.copy()
        headers.addRawHeader(b"accept-encoding", self._supported)
        asked: Deferred[IResponse] = self._agent.request(method, uri, headers, bodyProducer)
        return asked.addCallback(self._decoded)

    def _decoded(self, response: Any) -> Any:
        values = response.headers.getRawHeaders(b"content-encoding", [])
        codings = [one.strip() for one in b",".join(values).split(b",") if one.strip()]
        # The last was applied last; those that are not known stay as they are.
        while codings and (decoder := self._decoders.get(codings[-1].lower())) is not None:
            response = decoder(response)
            codings.pop()
        if codings:
            response.headers.setRawHeaders(b"content-encoding", [b",".join(codings)])
        else:
            response.headers.removeHeader(b"content-encoding")
        return response
