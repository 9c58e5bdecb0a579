"""Requests and channels without a connection, for the tests of programs that have resources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from zope.interface import implementer

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.http import FOUND
from twisted.web.http_headers import Headers
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Session, Site

__all__ = ["DummyChannel", "DummyRequest", "NullAddress"]


@implementer(IAddress)
class NullAddress:
    """An address of no kind that a program knows."""


class DummyChannel:
    """A channel that keeps what a request sends.

    Attributes:
        transport: what was sent is its `value()`.
        site: a `Site` with nothing in it.
        heads: the arguments of `writeHeaders`.
        done: the requests that were finished.
    """

    factory: Any = None
    limits: Limits = DEFAULT_LIMITS
    requestFactory: Any = None

    def __init__(self) -> None:
        self.transport = StringTransport(
            IPv4Address("TCP", "10.0.0.1", 12345), IPv4Address("TCP", "192.168.1.1", 12344)
        )
        self.site = Site(Resource(), reactor=Clock())
        self.heads: list[tuple[bytes, int, bytes, list[tuple[bytes, bytes]]]] = []
        self.done: list[Any] = []
        self.aborted = False

    def writeHeaders(
        self, version: bytes, code: int, reason: bytes, headers: Iterable[tuple[bytes, bytes]]
    ) -> None:
        """Note the status and the headers, and write them as they are sent."""
        fields = list(headers)
        self.heads.append((version, code, reason, fields))
        lines = [b"%b: %b\r\n" % field for field in fields]
        self.transport.write(b"%b %d %b\r\n%b\r\n" % (version, code, reason, b"".join(lines)))

    def write(self, data: bytes) -> None:
        """Keep a piece of the body."""
        self.transport.write(data)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Keep pieces of the body."""
        self.transport.write(b"".join(iovec))

    def requestDone(self, request: Any) -> None:
        """Note that a response is complete."""
        self.done.append(request)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer write to the transport."""
        self.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """It has written all."""
        self.transport.unregisterProducer()

    def getPeer(self) -> IAddress:
        """The address of the client."""
        peer: IAddress = self.transport.getPeer()
        return peer

    def getHost(self) -> IAddress:
        """The address of the server."""
        host: IAddress = self.transport.getHost()
        return host

    def isSecure(self) -> bool:
        """Whether there is TLS: there is not."""
        return False

    def loseConnection(self) -> None:
        """Close the transport."""
        self.transport.loseConnection()

    def forceAbortClient(self) -> None:
        """Note that the connection was to be broken off."""
        self.aborted = True
        self.transport.abortConnection()


class DummyRequest:
    """A request that keeps what a resource answers.

    Args:
        postpath: the parts of the path below the resource.
        session: what `getSession` gives; a new one by default.
        client: the address of the client.

    Attributes:
        written: the pieces of the body.
        finished: how often `finish` was called.
        responseCode: the status, if one was set.
        args: fields of the query; see `addArg`.
    """

    uri = b"http://dummy/"
    method = b"GET"
    clientproto = b"HTTP/1.0"

    def __init__(
        self, postpath: Sequence[bytes], session: Any = None, client: IAddress | None = None
    ) -> None:
        self.postpath = list(postpath)
        self.prepath: list[bytes] = []
        self.sitepath: list[bytes] = []
        self.args: dict[bytes, list[bytes]] = {}
        self.requestHeaders = Headers()
        self.responseHeaders = Headers()
        self.responseCode: int | None = None
        self.written: list[bytes] = []
        self.finished = 0
        self.session: Any = None
        self.protoSession = session or Session(site=None, uid=b"0", reactor=Clock())
        self.client = client
        self.producer: Any = None
        self.go = 0
        self._host: IAddress = IPv4Address("TCP", "127.0.0.1", 80)
        self._named = b"dummy"
        self._waiting: list[Deferred[None]] = []

    # --- What the client says ---

    def addArg(self, name: bytes, value: bytes) -> None:
        """Set a field of the query."""
        self.args[name] = [value]

    def getHeader(self, name: bytes) -> Any:
        """The last value of a header of the request; None if there is none."""
        values = self.requestHeaders.getRawHeaders(name)
        return values[-1] if values else None

    def getAllHeaders(self) -> dict[bytes, bytes]:
        """The last value of each header of the request, by name in small letters."""
        pairs = self.requestHeaders.getAllRawHeaders()
        return {name.lower(): values[-1] for name, values in pairs}

    def getSession(self) -> Any:
        """The session."""
        self.session = self.protoSession
        return self.session

    def getClientAddress(self) -> IAddress:
        """The address of the client; a `NullAddress` if none was given."""
        return NullAddress() if self.client is None else self.client

    def getClientIP(self) -> str | None:
        """The IP address of the client; None if it has none."""
        return getattr(self.client, "host", None)

    def getRequestHostname(self) -> bytes:
        """The host that the client means."""
        return self._named

    def getHost(self) -> IAddress:
        """The address that the client has connected to."""
        return self._host

    def setHost(self, host: bytes, port: int, ssl: bool | int = 0) -> None:
        """Have the request say that it was made to another host."""
        self._named = host
        self._host = IPv4Address("TCP", host.decode("ascii"), port)

    def isSecure(self) -> bool:
        """Whether there is TLS: there is not."""
        return False

    # --- What is answered ---

    def setResponseCode(self, code: int, message: bytes | None = None) -> None:
        """Note the status.

        Raises:
            RuntimeError: something was written before.
        """
        if self.written:
            raise RuntimeError("a status is set before anything is written")
        self.responseCode = code

    def setHeader(self, name: bytes, value: bytes) -> None:
        """Set a header of the response."""
        self.responseHeaders.setRawHeaders(name, [value])

    def redirect(self, url: bytes) -> None:
        """Send the client elsewhere."""
        self.setResponseCode(FOUND)
        self.setHeader(b"location", url)

    def setLastModified(self, when: float) -> None:
        """Say when this has changed.

        Raises:
            RuntimeError: something was written before.
        """
        if self.written:
            raise RuntimeError("what the headers say is set before anything is written")

    def setETag(self, tag: bytes) -> None:
        """Say which version this is.

        Raises:
            RuntimeError: something was written before.
        """
        self.setLastModified(0)

    def write(self, data: bytes) -> None:
        """Keep a piece of the body.

        Raises:
            TypeError: `data` is not bytes.
        """
        if not isinstance(data, bytes):
            raise TypeError(f"write takes bytes, not {type(data).__name__}")
        self.written.append(data)

    def render(self, resource: Any) -> None:
        """Answer with what a resource renders."""
        body = resource.render(self)
        if body is not NOT_DONE_YET:
            self.write(body)
            self.finish()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Have a producer write everything, at once."""
        self.producer = producer
        self.go = 1
        while self.go:
            producer.resumeProducing()

    def unregisterProducer(self) -> None:
        """It has written all."""
        self.go = 0

    def notifyFinish(self) -> Deferred[None]:
        """A Deferred that fires when the response is complete, or fails by `processingFailed`."""
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def finish(self) -> None:
        """The response is complete."""
        self.finished += 1
        for each in self._taken():
            each.callback(None)

    def processingFailed(self, reason: Failure) -> None:
        """The connection is lost."""
        for each in self._taken():
            each.errback(reason)

    def _taken(self) -> list[Deferred[None]]:
        waiting, self._waiting = self._waiting, []
        return waiting
