"""Names of hosts, as the name service spells them."""

from __future__ import annotations

from typing import Any

from twisted.internet import _idna
from twisted.internet._idna import encodedName
from twisted.internet._resolver import ThreadedNameResolver
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.base import PluggableResolverMixin
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.python.reflect import requireModule
from twisted.trial import unittest

BOOKS = "b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example"


class NameTests(unittest.SynchronousTestCase):
    """`encodedName`."""

    def test_ascii(self) -> None:
        """It stays as it is: services have names with underscores, and addresses are names."""
        for name in ("example.com", "EXAMPLE.com", "_xmpp.example", "x", "a.", "::1", "x" * 253):
            self.assertEqual(encodedName(name), name)
            self.assertEqual(encodedName(name.encode("ascii")), name)

    def test_otherLetters(self) -> None:
        self.assertEqual(encodedName(BOOKS), "xn--bcher-kva.example")
        self.assertEqual(encodedName(BOOKS.upper()), "xn--bcher-kva.example")

    def test_withoutThePackage(self) -> None:
        """The standard library knows an older form."""
        self.patch(_idna, "requireModule", lambda name: None)
        self.assertEqual(encodedName(BOOKS), "xn--bcher-kva.example")
        self.assertRaises(ValueError, encodedName, "\N{LATIN SMALL LETTER U WITH DIAERESIS}" * 64)

    def test_newerForm(self) -> None:
        """IDNA 2008 tells letters apart that its predecessor joined."""
        if requireModule("idna") is None:
            raise unittest.SkipTest("the package idna is not installed")
        self.assertEqual(encodedName("stra\N{LATIN SMALL LETTER SHARP S}e"), "xn--strae-oqa")

    def test_bad(self) -> None:
        for name in (
            "",
            b"",
            "a b",
            "a\tb",
            "a\nb",
            "a\0b",
            b"\xff",
            "x" * 254,
            "\N{SNOWMAN}" * 70,
        ):
            error = self.assertRaises(ValueError, encodedName, name)
            self.assertIn(repr(name), str(error))


class _Reactor(Clock, PluggableResolverMixin):
    """The parts of a reactor that know resolvers."""


class _Receiver:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        self.resolution = resolutionInProgress

    def addressResolved(self, address: Any) -> None:
        self.told.append(address)

    def resolutionComplete(self) -> None:
        self.told.append("complete")


class ThreadedTests(unittest.SynchronousTestCase):
    """The threads' resolver: questions that are called off, and names of other scripts."""

    def setUp(self) -> None:
        self.work: list[tuple[Any, Any]] = []
        self.asked: list[str] = []
        resolver = ThreadedNameResolver(self, self.getaddrinfo)  # type: ignore[arg-type]  # stands for a reactor
        self.ask = resolver.resolveHostName

    def getaddrinfo(self, name: str, *arguments: Any) -> Any:
        self.asked.append(name)
        return []

    def getThreadPool(self) -> Any:
        return self

    def callInThreadWithCallback(self, onResult: Any, func: Any) -> None:
        self.work.append((onResult, func))

    def callFromThread(self, function: Any, *arguments: Any) -> None:
        function(*arguments)

    def think(self) -> None:
        """The threads do their work."""
        for onResult, function in self.work:
            onResult(True, function())

    def test_cancelInTime(self) -> None:
        """A thread that has not asked yet does not."""
        receiver: Any = _Receiver()
        self.ask(receiver, "example.com").cancel()
        self.think()
        self.assertEqual((self.asked, receiver.told), ([], ["complete"]))

    def test_otherLetters(self) -> None:
        receiver: Any = _Receiver()
        resolution = self.ask(receiver, BOOKS)
        self.think()
        self.assertEqual(self.asked, ["xn--bcher-kva.example"])
        self.assertEqual(resolution.name, BOOKS)

    def test_bad(self) -> None:
        """No thread is asked for what cannot be a name."""
        receiver: Any = _Receiver()
        self.ask(receiver, "a b")
        self.assertEqual((self.work, receiver.told), ([], ["complete"]))

    def test_bug(self) -> None:
        """What is not the system's answer is not taken for one."""
        receiver: Any = _Receiver()
        self.ask(receiver, "example.com")
        ((onResult, _),) = self.work
        onResult(False, Failure(ZeroDivisionError()))
        self.assertEqual(receiver.told, ["complete"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class SimpleResolverTests(unittest.SynchronousTestCase):
    """A resolver of the program's that knows one address, asked for all."""

    def setUp(self) -> None:
        self.asked: list[str] = []
        self.answer: Deferred[str] = Deferred()
        self.reactor = _Reactor()
        self.reactor.resolver = object()  # type: ignore[assignment]  # is replaced
        self.reactor.installResolver(self)  # type: ignore[arg-type]  # has what is asked of one

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:
        self.asked.append(name)
        return self.answer

    def ask(self, name: str, *arguments: Any) -> _Receiver:
        receiver: Any = _Receiver()
        self.reactor.nameResolver.resolveHostName(receiver, name, 80, *arguments)
        asked: _Receiver = receiver
        return asked

    def test_cancel(self) -> None:
        """The question is called off, and the receiver told that it is over."""
        receiver = self.ask("example.com")
        receiver.resolution.cancel()
        self.assertEqual(receiver.told, ["complete"])
        receiver.resolution.cancel()
        self.assertEqual(receiver.told, ["complete"])
        # Its failure was of use to nobody, and is not logged.
        self.assertTrue(self.answer.called)
        self.assertEqual(self.flushLoggedErrors(CancelledError), [])

    def test_cancelWhenOver(self) -> None:
        receiver = self.ask("example.com")
        self.answer.callback("192.0.2.1")
        receiver.resolution.cancel()
        self.assertEqual(receiver.told, [IPv4Address("TCP", "192.0.2.1", 80), "complete"])

    def test_literals(self) -> None:
        """Addresses are their own answer."""
        receiver = self.ask("192.0.2.1")
        self.assertEqual(receiver.told, [IPv4Address("TCP", "192.0.2.1", 80), "complete"])
        receiver = self.ask("2001:db8::1")
        self.assertEqual(receiver.told, [IPv6Address("TCP", "2001:db8::1", 80), "complete"])
        self.assertEqual(self.asked, [])

    def test_wantedTypes(self) -> None:
        """An address of another family than is wanted is none."""
        receiver = self.ask("example.com", [IPv6Address])
        self.answer.callback("192.0.2.1")
        self.assertEqual(receiver.told, ["complete"])
