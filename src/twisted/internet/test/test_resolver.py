"""Names to addresses: a system that answers as the test says, in threads that it runs."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from zope.interface import implementer
from zope.interface.verify import verifyClass, verifyObject

from twisted.internet import _resolver
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.base import BlockingResolver, PluggableResolverMixin, ThreadedResolver
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import (
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IReactorPluggableResolver,
    IResolutionReceiver,
    IResolverSimple,
)
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial import unittest

V4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))
V4_TOO = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.2", 80))
V6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 7, 3))
STRANGE = (9999, socket.SOCK_STREAM, 6, "", ("somewhere else",))


class _Bug(Exception):
    """Raised on purpose."""


class _System(Clock, PluggableResolverMixin):
    """The parts of a reactor that a resolver uses, and the system that it asks.

    Attributes:
        answers: of `getaddrinfo`: a list, or an exception.
        asked: its arguments, each time.
        work: what waits for a thread.
        fromThreads: what threads want to have called.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answers: Sequence[tuple[Any, ...]] | Exception = [V4, V6]
        self.asked: list[tuple[Any, ...]] = []
        self.work: deque[tuple[Callable[..., Any], Callable[[], Any]]] = deque()
        self.fromThreads: deque[Callable[[], Any]] = deque()
        self.names = _resolver.ThreadedNameResolver(self, self.getaddrinfo)
        self.nameResolver = self.names
        self.resolver = _resolver.SimpleResolver(self.names, self)

    def getaddrinfo(self, *arguments: Any) -> Sequence[tuple[Any, ...]]:
        self.asked.append(arguments)
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers

    def getThreadPool(self) -> Any:
        return self

    def callInThreadWithCallback(
        self, onResult: Callable[..., Any], func: Callable[[], Any]
    ) -> None:
        self.work.append((onResult, func))

    def callFromThread(self, f: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.fromThreads.append(lambda: f(*args, **kwargs))

    def think(self) -> None:
        """The threads do their work."""
        while self.work:
            onResult, func = self.work.popleft()
            try:
                result = func()
            except Exception:
                onResult(False, Failure())
            else:
                onResult(True, result)

    def listen(self) -> None:
        """The reactor makes the calls of its threads."""
        while self.fromThreads:
            self.fromThreads.popleft()()


@implementer(IResolutionReceiver)
class _Receiver:
    """Keeps what it is told; acts at an event, if it is to."""

    def __init__(self, **then: Callable[[Any], object]) -> None:
        self.events: list[Any] = []
        self._then = then
        self.resolution: Any = None

    def _note(self, event: str, what: object) -> None:
        self.events.append(what)
        self._then.get(event, lambda resolution: None)(self.resolution)

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        self.resolution = resolutionInProgress
        self._note("began", "began")

    def addressResolved(self, address: Any) -> None:
        self._note("address", address)

    def resolutionComplete(self) -> None:
        self._note("complete", "complete")


class _ResolverCase(unittest.SynchronousTestCase):
    """A reactor with a system behind it."""

    def setUp(self) -> None:
        self.system = _System()

    def ask(self, name: str, *arguments: Any, **then: Callable[[Any], object]) -> list[Any]:
        """Resolve a name to its end; returns what the receiver was told."""
        receiver = _Receiver(**then)
        self.system.nameResolver.resolveHostName(receiver, name, *arguments)
        self.system.think()
        self.system.listen()
        return receiver.events


class NameResolverTests(_ResolverCase):
    """`ThreadedNameResolver`: all addresses."""

    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(IHostnameResolver, self.system.names))
        receiver = _Receiver()
        returned = self.system.names.resolveHostName(receiver, "example.com")
        self.assertIs(returned, receiver.resolution)
        self.assertTrue(verifyObject(IHostResolution, receiver.resolution))
        self.assertEqual(receiver.resolution.name, "example.com")

    def test_addresses(self) -> None:
        """All, in the system's order, with the scope of those that have one."""
        self.system.answers = [V6, V4, STRANGE, V4_TOO]
        self.assertEqual(
            self.ask("example.com", 80),
            [
                "began",
                IPv6Address("TCP", "fe80::1", 80, 7, 3),
                IPv4Address("TCP", "192.0.2.1", 80),
                IPv4Address("TCP", "192.0.2.2", 80),
                "complete",
            ],
        )

    def test_question(self) -> None:
        """Only what is wanted is asked for."""
        self.ask("example.com", 80)
        self.ask("example.com", 81, [IPv4Address], "UDP")
        self.ask("example.com", 82, (IPv6Address,))
        self.ask("example.com", 83, [IPv6Address, IPv4Address])
        unspecified, stream = socket.AF_UNSPEC, socket.SOCK_STREAM
        self.assertEqual(
            self.system.asked,
            [
                ("example.com", 80, unspecified, stream),
                ("example.com", 81, socket.AF_INET, socket.SOCK_DGRAM),
                ("example.com", 82, socket.AF_INET6, stream),
                ("example.com", 83, unspecified, stream),
            ],
        )

    def test_datagrams(self) -> None:
        self.system.answers = [V4]
        events = self.ask("example.com", 53, None, "UDP")
        self.assertEqual(events[1], IPv4Address("UDP", "192.0.2.1", 80))

    def test_begunAtOnce(self) -> None:
        """The rest is told in the reactor's thread, when a thread has found out."""
        receiver = _Receiver()
        self.system.names.resolveHostName(receiver, "example.com")
        self.assertEqual((receiver.events, self.system.asked), (["began"], []))
        self.system.think()
        self.assertEqual((receiver.events, len(self.system.asked)), (["began"], 1))
        self.system.listen()
        self.assertEqual(len(receiver.events), 4)

    def test_unknown(self) -> None:
        """No addresses, which is not an error: of whatever kind the refusal is."""
        for refusal in (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            OSError("no network"),
            UnicodeError("label too long"),
        ):
            self.system.answers = refusal
            self.assertEqual(self.ask("no-such.invalid"), ["began", "complete"])
        self.system.answers = []
        self.assertEqual(self.ask("no-such.invalid"), ["began", "complete"])

    def test_bugInTheSystem(self) -> None:
        """No addresses, and the log says why."""
        self.system.answers = _Bug()
        self.assertEqual(self.ask("example.com"), ["began", "complete"])
        self.assertEqual(len(self.flushLoggedErrors(_Bug)), 1)

    def test_literals(self) -> None:
        """They wait for no thread."""
        for literal, kind in (("192.0.2.7", IPv4Address), ("2001:db8::7", IPv6Address)):
            for wanted in (None, [kind], [IPv4Address, IPv6Address]):
                for transport in ("TCP", "UDP"):
                    receiver = _Receiver()
                    self.system.names.resolveHostName(receiver, literal, 7, wanted, transport)
                    expected = ["began", kind(transport, literal, 7), "complete"]
                    self.assertEqual(receiver.events, expected)
        self.assertEqual(len(self.system.work), 0)

    def test_literalOfTheOtherFamily(self) -> None:
        """There is no such address, and no thread is needed to know."""
        for literal, wanted in (("192.0.2.7", IPv6Address), ("::1", IPv4Address)):
            receiver = _Receiver()
            self.system.names.resolveHostName(receiver, literal, 7, [wanted])
            self.assertEqual(receiver.events, ["began", "complete"])

    def test_nothingWanted(self) -> None:
        """No address is one of those that are wanted."""
        wanteds: list[list[Any]] = [[], [UNIXAddress]]
        for wanted in wanteds:
            self.assertEqual(self.ask("example.com", 80, wanted), ["began", "complete"])
            self.assertEqual(self.ask("192.0.2.7", 80, wanted), ["began", "complete"])

    def test_unknownTransport(self) -> None:
        """Whoever asks such a thing hears of it, at once."""
        for name in ("example.com", "192.0.2.7"):
            receiver = _Receiver()
            wrong = self.assertRaises(
                ValueError,
                self.system.names.resolveHostName,
                receiver,
                name,
                80,
                None,
                "PIGEON",
            )
            self.assertIn("PIGEON", str(wrong))
            self.assertEqual(receiver.events, [])

    def test_cancel(self) -> None:
        """The receiver hears that it is over, and nothing of an answer that comes later."""
        receiver = _Receiver()
        self.system.names.resolveHostName(receiver, "example.com").cancel()
        self.assertEqual(receiver.events, ["began", "complete"])
        receiver.resolution.cancel()
        self.system.think()
        self.system.listen()
        self.assertEqual(receiver.events, ["began", "complete"])

    def test_cancelWhenItIsOver(self) -> None:
        events = self.ask("example.com", complete=lambda resolution: resolution.cancel())
        self.assertEqual(events[-1:], ["complete"])
        self.assertEqual(events.count("complete"), 1)

    def test_cancelAtOnce(self) -> None:
        for name in ("example.com", "192.0.2.1"):
            events = self.ask(name, began=lambda resolution: resolution.cancel())
            self.assertEqual(events, ["began", "complete"])

    def test_cancelAtTheFirstAddress(self) -> None:
        """One was enough."""
        self.system.answers = [V4, V4_TOO, V6]
        events = self.ask("example.com", address=lambda resolution: resolution.cancel())
        self.assertEqual(events, ["began", IPv4Address("TCP", "192.0.2.1", 80), "complete"])


class SimpleResolverTests(_ResolverCase):
    """`SimpleResolver`: the first IPv4 address, as a Deferred."""

    def resolve(self, name: str = "example.com", *timeout: Sequence[int]) -> Deferred[str]:
        return self.system.resolver.getHostByName(name, *timeout)

    def finish(self) -> None:
        """The threads have done their work, and no timeout is left."""
        self.system.think()
        self.system.listen()
        self.assertEqual(self.system.getDelayedCalls(), [])

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IResolverSimple, self.system.resolver))
        self.assertTrue(verifyClass(IResolverSimple, ThreadedResolver))

    def test_firstAddress(self) -> None:
        self.system.answers = [V4, V4_TOO]
        found = self.resolve()
        self.assertNoResult(found)
        self.finish()
        self.assertEqual(self.successResultOf(found), "192.0.2.1")
        self.assertEqual(self.system.asked[0][2], socket.AF_INET)

    def test_literal(self) -> None:
        self.assertEqual(self.successResultOf(self.resolve("192.0.2.9")), "192.0.2.9")
        self.finish()
        self.assertEqual(self.system.asked, [])

    def test_unknown(self) -> None:
        self.system.answers = socket.gaierror(socket.EAI_NONAME, "not known")
        found = self.resolve("no-such.invalid")
        self.finish()
        reason = self.failureResultOf(found, DNSLookupError)
        self.assertIn("no-such.invalid", str(reason.value))

    def test_inTime(self) -> None:
        found = self.resolve()
        self.system.advance(59.9)
        self.finish()
        self.assertEqual(self.successResultOf(found), "192.0.2.1")

    def test_tooLate(self) -> None:
        """The sum of the timeouts, by default a minute; what comes then is ignored."""
        timeouts: list[tuple[tuple[Sequence[int], ...], int]] = [((), 60), (((1, 2),), 3)]
        for timeout, patience in timeouts:
            found = self.resolve("slow.invalid", *timeout)
            self.system.advance(patience - 0.1)
            self.assertNoResult(found)
            self.system.advance(0.1)
            reason = self.failureResultOf(found, DNSLookupError)
            self.assertIn(f"'slow.invalid' in {patience} seconds", str(reason.value))
            self.finish()

    def test_cancel(self) -> None:
        """It fails as any Deferred that is cancelled; what comes then is ignored."""
        found = self.resolve()
        found.cancel()
        self.failureResultOf(found, CancelledError)
        self.finish()

    def test_threadedResolver(self) -> None:
        resolver = ThreadedResolver(self.system)
        found = resolver.getHostByName("127.0.0.1")
        self.assertEqual(self.successResultOf(found), "127.0.0.1")
        self.assertNoResult(resolver.getHostByName("example.com"))
        self.assertEqual(len(self.system.work), 1, "it asks in a thread of that reactor")


class BlockingResolverTests(unittest.SynchronousTestCase):
    """`BlockingResolver`: for those who have no threads."""

    def test_interface(self) -> None:
        self.assertTrue(verifyClass(IResolverSimple, BlockingResolver))

    def test_found(self) -> None:
        self.patch(socket, "gethostbyname", {"example.com": "192.0.2.1"}.__getitem__)
        found = BlockingResolver().getHostByName("example.com")
        self.assertEqual(self.successResultOf(found), "192.0.2.1")

    def test_notFound(self) -> None:
        for refusal in (socket.gaierror(-2, "Name not known"), UnicodeError("label too long")):

            def refuse(name: str, refusal: Exception = refusal) -> str:
                raise refusal

            self.patch(socket, "gethostbyname", refuse)
            found = BlockingResolver().getHostByName("no-such.invalid")
            reason = self.failureResultOf(found, DNSLookupError)
            self.assertIn("'no-such.invalid'", str(reason.value))


@implementer(IResolverSimple)
class _Table:
    """A resolver of a program's own."""

    def __init__(self, answer: Deferred[str]) -> None:
        self.answer = answer

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        return self.answer


@implementer(IHostnameResolver)
class _Names:
    """A name resolver of a program's own: one IPv4 address, one IPv6 address."""

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[Any] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        @implementer(IHostResolution)
        class Resolution:
            name = hostName

            def cancel(self) -> None:
                raise AssertionError("there is nothing to cancel")

        resolution = Resolution()
        resolutionReceiver.resolutionBegan(resolution)
        resolutionReceiver.addressResolved(IPv4Address("TCP", "192.0.2.44", portNumber))
        resolutionReceiver.resolutionComplete()
        return resolution


class PluggingTests(_ResolverCase):
    """`installResolver` and `installNameResolver`: whom a reactor asks."""

    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(IReactorPluggableResolver, self.system))
        self.assertTrue(verifyObject(IReactorPluggableNameResolver, self.system))

    def test_installResolver(self) -> None:
        """It answers both kinds of question; the one before is returned."""
        before = self.system.resolver
        mine = _Table(succeed("192.0.2.33"))
        self.assertIs(self.system.installResolver(mine), before)
        self.assertIs(self.system.resolver, mine)
        self.assertTrue(verifyObject(IHostnameResolver, self.system.nameResolver))
        expected = ["began", IPv4Address("TCP", "192.0.2.33", 80), "complete"]
        self.assertEqual(self.ask("example.com", 80), expected)
        self.assertEqual(self.system.asked, [])

    def test_installNameResolver(self) -> None:
        before = self.system.nameResolver
        mine = _Names()
        self.assertIs(self.system.installNameResolver(mine), before)
        self.assertIs(self.system.nameResolver, mine)
        self.assertTrue(verifyObject(IResolverSimple, self.system.resolver))
        found = self.system.resolver.getHostByName("example.com")
        self.assertEqual(self.successResultOf(found), "192.0.2.44")
        self.assertEqual(self.system.asked, [])

    def test_roundTrip(self) -> None:
        """To put back what was returned is to have it as it was, of both kinds."""
        names, simple = self.system.nameResolver, self.system.resolver
        self.system.installResolver(self.system.installResolver(_Table(succeed("192.0.2.33"))))
        self.assertIs(self.system.resolver, simple)
        self.assertIs(self.system.nameResolver, names)
        mine = _Table(succeed("192.0.2.33"))
        self.system.installResolver(mine)
        self.system.installNameResolver(self.system.installNameResolver(_Names()))
        self.assertIs(self.system.resolver, mine)

    def test_ipv6(self) -> None:
        """A simple resolver may find one."""
        self.system.installResolver(_Table(succeed("2001:db8::5")))
        address = IPv6Address("UDP", "2001:db8::5", 53)
        self.assertEqual(self.ask("x", 53, None, "UDP"), ["began", address, "complete"])

    def test_notOfTheWantedKind(self) -> None:
        self.system.installResolver(_Table(succeed("192.0.2.33")))
        self.assertEqual(self.ask("example.com", 80, [IPv6Address]), ["began", "complete"])

    def test_notFound(self) -> None:
        self.system.installResolver(_Table(fail(DNSLookupError("no such name"))))
        self.assertEqual(self.ask("no-such.invalid"), ["began", "complete"])

    def test_bug(self) -> None:
        """No addresses, and the log says why."""
        self.system.installResolver(_Table(fail(_Bug())))
        self.assertEqual(self.ask("example.com"), ["began", "complete"])
        self.assertEqual(len(self.flushLoggedErrors(_Bug)), 1)

    def test_cancel(self) -> None:
        """The simple resolver hears of it."""
        cancelled: list[object] = []
        answer: Deferred[str] = Deferred(cancelled.append)
        self.system.installResolver(_Table(answer))
        receiver = _Receiver()
        self.system.nameResolver.resolveHostName(receiver, "example.com").cancel()
        self.assertEqual(receiver.events, ["began", "complete"])
        self.assertEqual(cancelled, [answer])
