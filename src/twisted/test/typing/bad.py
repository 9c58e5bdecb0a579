"""A user's program that a type checker must not let pass.

Every mistake is marked with the error that the checker must find.  A mark without an error is one
itself (`warn_unused_ignores`), so the check of the tree's types covers this file as well.
"""

from __future__ import annotations

from collections.abc import Generator

from zope.interface import implementer

from twisted.internet import defer, reactor, task
from twisted.internet.defer import Deferred, inlineCallbacks, succeed
from twisted.internet.interfaces import IProtocolFactory
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.spread import pb
from twisted.spread.typed import Remote


class Echo(Protocol):
    """Text where bytes belong."""

    def dataReceived(self, data: str) -> None:  # type: ignore[override]  # it is given bytes
        assert self.transport is not None
        self.transport.write(data)  # type: ignore[arg-type]  # it sends bytes


class Answer(LineReceiver):
    """Text where a line belongs."""

    def lineReceived(self, line: bytes) -> None:
        self.sendLine(line.decode())  # type: ignore[arg-type]  # a line is bytes


@implementer(IProtocolFactory)
class Incomplete:  # type: ignore[misc]  # it does not build protocols
    """Promises what it does not keep."""

    def doStart(self) -> None:
        pass

    def doStop(self) -> None:
        pass


def useReactor() -> None:
    """Wrong uses of the reactor."""
    reactor.listenTCP("80", Factory())  # type: ignore[arg-type]  # a port is a number
    reactor.listenTCP(80, Echo())  # type: ignore[arg-type]  # a protocol is no factory
    reactor.callLater("1", print)  # type: ignore[arg-type]  # seconds are a number
    reactor.callLater(print, 1)  # type: ignore[arg-type]  # the delay comes first
    reactor.listenTPC(80, Factory())  # type: ignore[attr-defined]  # no such method
    reactor.callLater(1, print).stop()  # type: ignore[attr-defined]  # it is called cancel


def text(given: str) -> str:
    """A callback that takes text."""
    return given


def useDeferred() -> None:
    """Wrong uses of a Deferred."""
    d: Deferred[int] = Deferred()
    d.callback("three")  # type: ignore[arg-type]  # it was promised to be a number
    d.addCallback(text)  # type: ignore[call-overload]  # the callback takes no numbers
    d.addCallback(text("now"))  # type: ignore[call-overload]  # called, not passed
    d.addErrback(text)  # type: ignore[call-overload]  # an errback takes a failure
    wrong: Deferred[str] = succeed(1)  # type: ignore[arg-type]  # of a number
    wrong.addCallback(text)
    defer.gatherResults(succeed(1), succeed(2))  # type: ignore[arg-type]  # a list of them
    task.LoopingCall(text("now"))  # type: ignore[arg-type]  # called, not passed


@inlineCallbacks
def generator() -> Generator[Deferred[int], int, str]:
    """Wrong in what it yields, and in what it returns."""
    yield succeed("text")  # type: ignore[arg-type]  # said to yield numbers
    return 1  # type: ignore[return-value]  # said to return text


async def coroutine() -> str:
    """Wrong in what it makes of what it awaits."""
    number: str = await succeed(1)  # type: ignore[arg-type]  # it is a number
    await text("now")  # type: ignore[misc]  # text does not have to be waited for
    return number


def failed(reason: Failure) -> None:
    """Wrong use of a failure."""
    reason.trap(ValueError, 3)  # type: ignore[type-var]  # exceptions, or their names
    reason.getMessage()  # type: ignore[attr-defined]  # it is called getErrorMessage


class Calculator(pb.Root):
    """What peers can call."""

    def remote_add(self, a: int, b: int) -> int:
        return a + b


def remoteCalls(reference: pb.RemoteReference) -> None:
    """Wrong calls of what is at the other end of a connection."""
    calculator = Remote(Calculator, reference)
    calculator.call(Calculator.remote_add, "1", 2)  # type: ignore[call-overload]  # no number
    calculator.call(Calculator.remote_add, 1)  # type: ignore[call-overload]  # it takes two
    calculator.call(LineReceiver.sendLine, b"1")  # type: ignore[call-overload]  # another's
    print(Calculator.remote_sub)  # type: ignore[attr-defined]  # no such method
