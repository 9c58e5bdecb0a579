"""Two ends of AMP in memory, and what they ask of each other."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.testing import IOPump, StringTransport, connectedServerAndClient
from twisted.protocols import amp
from twisted.python.failure import Failure


class Declared(Exception):
    """An error that commands declare."""


class MoreDeclared(Declared):
    """A kind of it."""


class Fatal(Exception):
    """An error that ends the connection."""


class Sum(amp.Command):
    """Adds up."""

    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer())]
    response = [(b"total", amp.Integer())]
    errors = {Declared: b"DECLARED"}
    fatalErrors = {Fatal: b"FATAL"}


class Tell(amp.Command):
    """Wants no answer."""

    arguments = [(b"what", amp.Unicode())]
    requiresAnswer = False


class Unknown(amp.Command):
    """Nobody answers it."""


class Calculator(amp.AMP):
    """Answers with what it is given.

    Attributes:
        answer: called for the answer to `Sum`; by default, it is the sum.
        told: what was told.
        reasons: why the connection has ended.
    """

    answer: Any = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.told: list[str] = []
        self.reasons: list[Failure] = []

    @Sum.responder
    def sum(self, a: int, b: int) -> Any:
        return {"total": a + b} if self.answer is None else self.answer()

    @Tell.responder
    def tell(self, what: str) -> Any:
        self.told.append(what)
        return {} if self.answer is None else self.answer()

    def amp_ECHO(self, box: amp.AmpBox) -> amp.AmpBox:
        return amp.AmpBox(said=box[b"say"])

    def stopReceivingBoxes(self, reason: Failure) -> None:
        self.reasons.append(reason)
        super().stopReceivingBoxes(reason)


def pair() -> tuple[Calculator, Calculator, IOPump]:
    """A client and a server that are connected."""
    client, server, pump = connectedServerAndClient(Calculator, Calculator)
    return client, server, pump


def alone() -> tuple[Calculator, StringTransport]:
    """One end, and the transport that tells what it has sent."""
    end, transport = Calculator(), StringTransport()
    end.makeConnection(transport)
    return end, transport


def asked(pending: Deferred[Any] | None) -> Deferred[Any]:
    """What `callRemote` has returned for a command that has an answer."""
    assert pending is not None
    return pending
