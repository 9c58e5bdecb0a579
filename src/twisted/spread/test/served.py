"""What the tests of Perspective Broker serve, and the case of a server and a client."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure
from twisted.python.reflect import qual
from twisted.spread import pb
from twisted.spread.test.pair import Pair
from twisted.trial import unittest


class Expected(pb.Error):
    """An exception that is part of what a method does."""


class Bug(Exception):
    """An exception that is not."""


class SentError(pb.Error, pb.Copyable):
    """An exception that goes as it is."""


class ReceivedError(pb.Error, pb.RemoteCopy):
    """What it is at the other end."""


pb.setUnjellyableForClass(SentError, ReceivedError)


class Plain:
    """A class whose objects cannot be sent."""


class Unknown(pb.Copyable):
    """A class that nobody has registered."""


class Thing(pb.Referenceable):
    """Something to refer to."""

    def remote_name(self) -> str:
        return "thing"


class View(pb.Viewable):
    """Something that asks who looks."""

    def view_who(self, perspective: Any, *args: Any, **kw: Any) -> Any:
        return (repr(perspective), args, kw)


class Server(pb.Root):
    """What is served."""

    def __init__(self) -> None:
        self.thing = Thing()
        self.waiting: list[Deferred[Any]] = []
        self.given: list[Any] = []

    def remote_echo(self, *args: Any, **kw: Any) -> Any:
        return (args, kw)

    def remote_same(self, value: Any) -> Any:
        return value

    def remote_keep(self, value: Any) -> None:
        self.given.append(value)

    def remote_isThing(self, value: Any) -> bool:
        return value is self.thing

    def remote_getThing(self) -> Thing:
        return self.thing

    def remote_getThings(self, count: int) -> list[Thing]:
        return [Thing() for _ in range(count)]

    def remote_later(self) -> Deferred[Any]:
        self.waiting.append(Deferred())
        return self.waiting[-1]

    async def remote_coroutine(self, value: Any) -> Any:
        return await succeed(value) + 1

    def remote_expected(self) -> None:
        raise Expected("as documented")

    def remote_bug(self) -> None:
        raise Bug("a bug")

    def remote_failed(self) -> Deferred[Any]:
        return fail(Bug("later"))

    def remote_sent(self) -> None:
        error = SentError()
        error.why = "because"  # type: ignore[attr-defined]  # any attribute goes
        raise error

    def remote_plain(self) -> Any:
        return Plain()

    def remote_unknown(self) -> Any:
        return Unknown()

    def remote_view(self) -> View:
        return View()

    def remote_big(self) -> bytes:
        return b"x" * 700_000

    def notRemote(self) -> None:
        self.given.append("called")


class PairTestCase(unittest.SynchronousTestCase):
    """A server and a client, in memory."""

    def setUp(self) -> None:
        self.served = Server()
        self.pair = Pair(self.served)

    def failed(self, result: Any, kind: type | str) -> Any:
        """The Failure that a call ended with."""
        self.assertIsInstance(result, Failure)
        name = kind if isinstance(kind, str) else qual(kind)
        self.assertIsNotNone(result.check(name), result)
        return result
