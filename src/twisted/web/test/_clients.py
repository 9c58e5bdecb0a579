"""What tests of clients share: endpoints in memory, and what a server says on them."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial import unittest
from twisted.web.client import URI, Agent, ClientResponse, HTTPConnectionPool, Session
from twisted.web.iweb import IAgentEndpointFactory


class Wire(StringTransport):
    """The server's end of a connection, in memory."""

    def __init__(self, protocol: Any) -> None:
        super().__init__()
        self.protocol = protocol
        self.lost = False
        self.aborted = False

    def say(self, *pieces: bytes) -> None:
        """Send pieces to the client."""
        for piece in pieces:
            if not self.lost:
                self.protocol.dataReceived(piece)

    def heard(self) -> bytes:
        """What the client has sent since the last time."""
        data = self.value()
        self.clear()
        return data

    def end(self, clean: bool = True) -> None:
        """Close the connection."""
        if not self.lost:
            self.lost = True
            self.protocol.connectionLost(Failure(ConnectionDone() if clean else ConnectionLost()))

    def loseConnection(self) -> None:
        """The client closes it; it hears of that when the server lets it."""
        super().loseConnection()

    def abortConnection(self) -> None:
        """The client breaks it off."""
        self.aborted = True
        super().abortConnection()


@implementer(IStreamClientEndpoint)
class Memory:
    """Connects to nobody, and keeps the other ends of the connections."""

    def __init__(self) -> None:
        self.wires: list[Wire] = []

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        """Connect."""
        protocol = protocolFactory.buildProtocol(None)
        wire = Wire(protocol)
        self.wires.append(wire)
        protocol.makeConnection(wire)
        return succeed(protocol)


@implementer(IAgentEndpointFactory)
class Endpoints:
    """One `Memory` for each origin."""

    def __init__(self) -> None:
        self.byOrigin: dict[tuple[bytes, bytes, int], Memory] = {}

    def endpointForURI(self, uri: URI) -> Memory:
        """The endpoint for a URI."""
        key = (uri.scheme, uri.host, uri.port)
        return self.byOrigin.setdefault(key, Memory())

    @property
    def wires(self) -> list[Wire]:
        """All connections that were made, origin by origin."""
        return [wire for memory in self.byOrigin.values() for wire in memory.wires]

    @property
    def wire(self) -> Wire:
        """The connection that was made last, if all are of one origin."""
        return self.wires[-1]

    def to(self, host: bytes) -> Wire:
        """The last connection to a host."""
        (memory,) = [one for (_, name, _), one in self.byOrigin.items() if name == host]
        return memory.wires[-1]


class Setup:
    """An agent on endpoints in memory."""

    def __init__(self, persistent: bool = True) -> None:
        self.clock = Clock()
        self.endpoints = Endpoints()
        self.pool = HTTPConnectionPool(self.clock, persistent)
        self.agent = Agent.usingEndpointFactory(self.clock, self.endpoints, self.pool)


class Receiver(Protocol):
    """Keeps a body, and why it ended."""

    transport: Any

    def __init__(self) -> None:
        self.data = b""
        self.pieces: list[bytes] = []
        self.reason: Any = None

    def dataReceived(self, data: bytes) -> None:
        self.data += data
        self.pieces.append(data)

    def connectionLost(self, reason: Any = None) -> None:
        self.reason = reason.value


def answer(body: bytes = b"", status: bytes = b"200 OK", *fields: bytes) -> bytes:
    """A response of a known length."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class SessionCase(unittest.SynchronousTestCase):
    """Requests on connections in memory."""

    def setUp(self) -> None:
        self.setup = Setup()
        self.clock: Any = self.setup.clock
        self.session = Session(self.clock, self.setup.agent)

    @property
    def wire(self) -> Wire:
        return self.setup.endpoints.wire

    def ask(self, method: str = "GET", url: str = "http://a.example/x", **kw: Any) -> Deferred[Any]:
        return self.session.request(method, url, **kw)

    def heard(self, **arguments: Any) -> bytes:
        """What is sent for a request."""
        self.ask(**arguments)
        return self.wire.heard()

    def answered(self, *pieces: bytes, **arguments: Any) -> ClientResponse:
        """Make a request that is answered."""
        asked = self.ask(**arguments)
        self.wire.say(*pieces)
        response: ClientResponse = self.successResultOf(asked)
        return response

    def run_(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.successResultOf(Deferred.fromCoroutine(coroutine))
