"""A user's program that must pass a strict type checker, and be understood by it.

`assert_type` says what the checker must know; the check of the tree's types covers this file.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import assert_type

from zope.interface import implementer

from twisted.internet import defer, reactor, task, threads
from twisted.internet.defer import Deferred, inlineCallbacks, succeed
from twisted.internet.interfaces import IAddress, IListeningPort, IProtocol, IProtocolFactory
from twisted.internet.protocol import (
    ClientFactory,
    DatagramProtocol,
    Factory,
    Protocol,
    connectionDone,
)
from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python import log
from twisted.python.failure import Failure
from twisted.spread import pb
from twisted.spread.typed import Remote
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import websocket


class Echo(Protocol):
    """Bytes in, bytes out."""

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(b"hello")
        self.transport.writeSequence([b"you ", b"there"])

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        log.msg("lost", reason.getErrorMessage())


class Answer(LineReceiver):
    """Lines in, lines out."""

    delimiter = b"\n"
    log = Logger()

    def lineReceived(self, line: bytes) -> None:
        self.log.info("received {line}", line=line)
        self.sendLine(line.upper())


class Ping(DatagramProtocol):
    """Datagrams in, datagrams out."""

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        assert self.transport is not None
        self.transport.write(datagram, addr)


class EchoFactory(Factory[Echo]):
    """A factory of its own kind of protocol."""

    def buildProtocol(self, addr: IAddress | None) -> Echo:
        return Echo()


@implementer(IProtocolFactory)
class FromScratch:
    """A factory that inherits nothing."""

    def buildProtocol(self, addr: IAddress) -> IProtocol | None:
        return None

    def doStart(self) -> None:
        pass

    def doStop(self) -> None:
        pass


def serve() -> Deferred[None]:
    """The reactor is an object whose methods are known."""
    port: IListeningPort = reactor.listenTCP(0, Factory.forProtocol(Answer), interface="127.0.0.1")
    reactor.listenTCP(0, EchoFactory(), backlog=5).stopListening()
    reactor.listenUDP(0, Ping()).stopListening()
    reactor.listenTCP(0, FromScratch()).stopListening()
    reactor.connectTCP("127.0.0.1", 1, ClientFactory(), timeout=1.5).disconnect()
    call = reactor.callLater(1.5, print, "late", file=sys.stderr)
    assert_type(call.getTime(), float)
    call.cancel()
    reactor.callWhenRunning(reactor.stop)
    return defer.maybeDeferred(port.stopListening).addCallback(lambda _: None)


def promise() -> Deferred[int]:
    """A Deferred knows of what."""
    d: Deferred[int] = Deferred()
    d.callback(3)
    return d


def later(number: int) -> Deferred[str]:
    """A callback that has its result later."""
    return succeed(str(number))


def chains() -> None:
    """Callbacks change what a Deferred is of."""
    assert_type(succeed(1), Deferred[int])
    assert_type(promise().addCallback(str), Deferred[str])
    assert_type(promise().addCallback(later), Deferred[str])
    assert_type(promise().addCallback(lambda number: number > 2), Deferred[bool])
    assert_type(promise().addCallback(float.__add__, 2.5), Deferred[float])
    assert_type(promise().addErrback(lambda reason: reason.getErrorMessage()), Deferred[int | str])
    assert_type(defer.gatherResults([promise(), promise()]), Deferred[list[int]])
    assert_type(defer.maybeDeferred(len, "text"), Deferred[int])
    assert_type(task.deferLater(reactor, 0, len, "text"), Deferred[int])
    assert_type(threads.deferToThread(len, "text"), Deferred[int])
    assert_type(promise().addTimeout(5, reactor), Deferred[int])


@inlineCallbacks
def generator() -> Generator[Deferred[int], int, str]:
    """A generator whose results are known by its annotation."""
    number = yield promise()
    return str(number + 1)


async def coroutine() -> str:
    """A coroutine, whose results are known without one."""
    assert_type(await promise(), int)
    assert_type(await generator(), str)
    try:
        return str(await promise())
    except ZeroDivisionError:
        return "0"


def outcomes() -> None:
    """Both are Deferreds in the end."""
    assert_type(generator(), Deferred[str])
    assert_type(Deferred.fromCoroutine(coroutine()), Deferred[str])
    assert_type(defer.ensureDeferred(coroutine()), Deferred[str])


def failed(reason: Failure) -> int:
    """An errback that knows one error."""
    reason.trap(ValueError)
    return 0


class Calculator(pb.Root):
    """What peers can call."""

    def remote_add(self, a: int, b: int = 1) -> int:
        return a + b

    def remote_later(self, a: int) -> Deferred[str]:
        return succeed(str(a))

    async def remote_coroutine(self) -> float:
        return 0.5


def remoteCalls(reference: pb.RemoteReference) -> None:
    """Methods at the other end of a connection have the types that they have here."""
    calculator = Remote(Calculator, reference)
    assert_type(calculator.call(Calculator.remote_add, 1, b=2), Deferred[int])
    assert_type(calculator.call(Calculator.remote_later, 1), Deferred[str])
    assert_type(calculator.call(Calculator.remote_coroutine), Deferred[float])


class Shouts:
    """A protocol of WebSocket: it has the methods, and names no base class."""

    def __init__(self, url: str) -> None:
        self.url = url

    def negotiationStarted(self, transport: websocket.WebSocketTransport) -> None:
        self.transport = transport

    def negotiationFinished(self) -> None: ...

    def textMessageReceived(self, message: str) -> None:
        assert_type(self.transport.subprotocol, str | None)
        self.transport.sendTextMessage(message.upper())

    def bytesMessageReceived(self, data: bytes) -> None: ...

    def pongReceived(self, payload: bytes) -> None: ...

    def connectionLost(self, reason: Failure) -> None: ...


class ShoutsFactory:
    """Makes them for a client."""

    def buildProtocol(self, url: str) -> Shouts:
        return Shouts(url)


async def stream(stream: websocket.WebSocketStream) -> None:
    """A coroutine that serves a client of WebSocket."""
    async for message in stream:
        assert_type(message, str | bytes)


def sockets() -> None:
    """Endpoints give what their factories build."""
    websocket.WebSocketResource(stream, origins=["https://example.org"])
    endpoint = websocket.WebSocketClientEndpoint.new(reactor, "ws://example.org/")
    assert_type(endpoint.connect(ShoutsFactory()), Deferred[Shouts])
    assert_type(endpoint.connect(websocket.WebSocketStream), Deferred[websocket.WebSocketStream])


class ExampleTests(SynchronousTestCase):
    """A test that knows what it is given."""

    def test_results(self) -> None:
        """Results have their types."""
        assert_type(self.successResultOf(promise()), int)
        assert_type(self.failureResultOf(promise(), ValueError), Failure)
        self.assertEqual(self.successResultOf(promise().addErrback(failed)), 3)
