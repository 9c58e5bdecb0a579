"""What tests of WebSocket share: both ends without a socket."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha1
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial import unittest
from twisted.web._websocket import Connection
from twisted.web.server import Site
from twisted.web.test.test_websocket_frames import frame, readAll
from twisted.web.websocket import (
    WebSocketClientEndpoint,
    WebSocketLimits,
    WebSocketResource,
    WebSocketTransport,
)

#: What keys are answered with (RFC 6455, 1.3).
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n" % KEY
)
#: What the server agrees with (RFC 6455, 1.3).
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


class Recorder:
    """A protocol that remembers what it was told."""

    transport: WebSocketTransport

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.lost: Failure | None = None

    def buildProtocol(self, subject: Any) -> Any:
        self.subject = subject
        return self

    def negotiationStarted(self, transport: WebSocketTransport) -> None:
        self.transport = transport
        self.seen.append("started")

    def negotiationFinished(self) -> None:
        self.seen.append("finished")

    def textMessageReceived(self, message: str) -> None:
        self.seen.append(message)

    def bytesMessageReceived(self, data: bytes) -> None:
        self.seen.append(data)

    def pongReceived(self, payload: bytes) -> None:
        self.seen.append(("pong", payload))

    def connectionLost(self, reason: Failure) -> None:
        self.lost = reason

    @property
    def ending(self) -> tuple[str, int, str]:
        """How it has ended: class, code, reason."""
        assert self.lost is not None, "it has not ended"
        value: Any = self.lost.value
        return type(value).__name__, value.code, value.reason


class Echo(Recorder):
    """Sends back what it is sent."""

    def textMessageReceived(self, message: str) -> None:
        self.transport.sendTextMessage(message)

    def bytesMessageReceived(self, data: bytes) -> None:
        self.transport.sendBytesMessage(data)


class Producer:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


class ServerCase(unittest.TestCase):
    """A server, its transport, and a clock."""

    transport: StringTransport

    def setUp(self) -> None:
        self.clock = Clock()
        self.protocol = Recorder()

    def serve(self, resource: Any, path: bytes = b"") -> None:
        """Begin a connection to a site."""
        self.transport = StringTransport(lenient=True)
        site = Site(resource, reactor=self.clock)
        site.doStart()
        self.addCleanup(site.doStop)
        self.channel: Any = site.buildProtocol(None)
        self.channel.makeConnection(self.transport)

    def ask(self, request: bytes, factory: Any = None, **options: Any) -> bytes:
        """What a resource answers to a request without its last line."""
        self.serve(WebSocketResource(factory or self.protocol, **options))
        self.channel.dataReceived(request + b"\r\n")
        return self.transport.value()

    def open(self, limits: WebSocketLimits | None = None, **options: Any) -> None:
        """Open a connection."""
        if limits is not None:
            options["limits"] = limits
        answer = self.ask(REQUEST, **options)
        self.assertTrue(answer.startswith(b"HTTP/1.1 101 "), answer)
        self.transport.clear()

    def receive(self, *frames: bytes) -> None:
        """Have something arrive from the client."""
        self.channel.dataReceived(b"".join(frames))

    def text(self, message: str) -> None:
        """Have a message arrive."""
        self.receive(frame(0x81, message.encode()))

    def sent(self) -> list[Any]:
        """What was sent since the last time."""
        data = self.transport.value()
        self.transport.clear()
        return readAll(Connection(True), data)[0]

    def lose(self, reason: Exception | None = None) -> None:
        """End the connection."""
        self.channel.connectionLost(Failure(reason or ConnectionDone()))

    def tearDown(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls() if self.protocol.lost else [], [])


class Place:
    """An endpoint, and the factory that gives it."""

    def __init__(self) -> None:
        self.transport = StringTransport(lenient=True)
        self.protocol: Any = None
        self.uris: list[Any] = []

    def endpointForURI(self, uri: Any) -> Any:
        self.uris.append(uri)
        return self

    def connect(self, factory: Any) -> Deferred[Any]:
        self.protocol = factory.buildProtocol(None)
        self.protocol.makeConnection(self.transport)
        return succeed(self.protocol)


class ClientCase(unittest.SynchronousTestCase):
    """A client and what it is told."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.place = Place()
        self.protocol: Any = Recorder()

    def connect(self, url: str = "ws://a.example/chat?x=1", **options: Any) -> Deferred[Any]:
        """Begin to connect."""
        endpoint = WebSocketClientEndpoint(self.place, url, **options)
        endpoint._callLater = self.clock.callLater
        self.connecting = endpoint.connect(self.protocol)
        self.request = self.place.transport.value()
        self.place.transport.clear()
        return self.connecting

    def answer(self, *more: bytes, accept: bytes | None = None, status: bytes = b"101 Yes") -> None:
        """Agree."""
        match = re.search(rb"Sec-WebSocket-Key: (.*)\r\n", self.request)
        assert match is not None
        if accept is None:
            accept = b64encode(sha1(match[1] + GUID).digest())
        lines = [b"HTTP/1.1 " + status, b"Upgrade: WebSocket", b"Connection: upgrade"]
        lines += [b"Sec-WebSocket-Accept: " + accept, *more]
        self.receive(b"\r\n".join(lines) + b"\r\n\r\n")

    def receive(self, data: bytes) -> None:
        """Have something arrive from the server."""
        self.place.protocol.dataReceived(data)

    def lose(self, reason: Exception | None = None) -> None:
        """End the connection."""
        self.place.protocol.connectionLost(Failure(reason or ConnectionDone()))

    def sent(self) -> list[Any]:
        """What was sent since the last time."""
        data = self.place.transport.value()
        self.place.transport.clear()
        return readAll(Connection(False), data)[0]

    def assertFails(self, kind: type[Exception]) -> Any:
        """Connecting has failed, the protocol knows, and no timer is left."""
        value = self.failureResultOf(self.connecting, kind).value
        self.assertTrue(self.place.transport.disconnecting)
        self.lose()
        self.assertIsNot(self.protocol.lost, None)
        self.assertNotIn("finished", self.protocol.seen)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        return value
