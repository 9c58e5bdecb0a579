"""`HostnameEndpoint`: which address is tried when, what comes of it, and how it is called off."""

from __future__ import annotations

import errno
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, TCP6ClientEndpoint
from twisted.internet.error import (
    ConnectBindError,
    ConnectError,
    ConnectingCancelledError,
    ConnectionRefusedError,
    DNSLookupError,
    NoRouteError,
    TimeoutError,
)
from twisted.internet.interfaces import IResolutionReceiver, IStreamClientEndpoint
from twisted.internet.test._endpoints import Names, Noting, NotingFactory, Reactor
from twisted.trial import unittest

FOUR = IPv4Address("TCP", "192.0.2.1", 80)
FOUR_TOO = IPv4Address("TCP", "192.0.2.2", 80)
SIX = IPv6Address("TCP", "2001:db8::1", 80)
SIX_TOO = IPv6Address("TCP", "2001:db8::2", 80)


def refused() -> ConnectionRefusedError:
    return ConnectionRefusedError(errno.ECONNREFUSED, "refused")


class _Case(unittest.SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Reactor()
        self.factory = NotingFactory()

    def connect(self, *addresses: Any, host: Any = "example.com", **options: Any) -> Deferred[Any]:
        """Connect to a host with these addresses; with none, to one that is not known yet."""
        self.names = Names(*addresses)
        self.reactor.installNameResolver(self.names)
        return HostnameEndpoint(self.reactor, host, 80, **options).connect(self.factory)

    def assertQuiet(self) -> None:
        """Nothing is left that may happen later."""
        self.assertEqual(self.reactor.getDelayedCalls(), [])


class SuccessTests(_Case):
    """Some address answers."""

    def test_interfaces(self) -> None:
        self.assertTrue(
            verifyObject(IStreamClientEndpoint, HostnameEndpoint(self.reactor, "x", 80))
        )
        self.connect()
        self.assertTrue(verifyObject(IResolutionReceiver, self.names.receiver))

    def test_one(self) -> None:
        d = self.connect(FOUR, timeout=7, bindAddress="127.0.0.9")
        self.assertNoResult(d)
        self.assertEqual(self.names.asked, [("example.com", 80, [IPv4Address])])
        ((host, port, _, timeout, bindAddress),) = self.reactor.tcpClients
        self.assertEqual((host, port, timeout), ("192.0.2.1", 80, 7))
        self.assertEqual(bindAddress, ("127.0.0.9", 0))
        self.reactor.succeed()
        protocol = self.successResultOf(d)
        self.assertIsInstance(protocol, Noting)
        self.assertEqual(protocol.told, ["made"])
        self.assertEqual(self.factory.addresses, [FOUR])
        self.assertQuiet()

    def test_literals(self) -> None:
        """An address is not looked up."""
        for host in ("192.0.2.7", "2001:db8::7", b"192.0.2.7"):
            self.connect(host=host)
            self.assertEqual(self.names.asked, [])
        self.assertEqual(self.reactor.hosts(), ["192.0.2.7", "2001:db8::7", "192.0.2.7"])

    def test_familyOfBindAddress(self) -> None:
        """Only addresses that can be reached from the local one are asked for."""
        for local, wanted in (
            ("::1", [IPv6Address]),
            (b"127.0.0.1", [IPv4Address]),
            (("127.0.0.1", 99), [IPv4Address]),
            (None, None),
            ("some name", None),
        ):
            self.connect(bindAddress=local)
            self.assertEqual(self.names.asked[0][2], wanted, local)

    def test_familiesTakeTurns(self) -> None:
        """Beginning with the first address, a quarter of a second apart."""
        self.connect(SIX, SIX_TOO, FOUR, FOUR_TOO, SIX)
        self.assertEqual(self.reactor.hosts(), [SIX.host])
        self.reactor.advance(0.2)
        self.assertEqual(len(self.reactor.hosts()), 1)
        self.reactor.advance(0.05)
        self.assertEqual(self.reactor.hosts(), [SIX.host, FOUR.host])
        self.reactor.advance(0.25)
        self.reactor.advance(0.25)
        self.assertEqual(self.reactor.hosts(), [SIX.host, FOUR.host, SIX_TOO.host, FOUR_TOO.host])
        self.assertQuiet()

    def test_attemptDelay(self) -> None:
        self.connect(SIX, FOUR, attemptDelay=1)
        self.reactor.advance(0.99)
        self.assertEqual(len(self.reactor.hosts()), 1)
        self.reactor.advance(0.01)
        self.assertEqual(len(self.reactor.hosts()), 2)

    def test_failureIsNotWaitedFor(self) -> None:
        """The next attempt begins when one has failed."""
        self.connect(SIX, FOUR, SIX_TOO)
        self.reactor.fail(refused())
        self.assertEqual(self.reactor.hosts(), [SIX.host, FOUR.host])
        self.reactor.advance(0.24)
        self.assertEqual(len(self.reactor.hosts()), 2)
        self.reactor.advance(0.02)
        self.assertEqual(len(self.reactor.hosts()), 3)

    def test_othersAreCalledOff(self) -> None:
        """The first to answer wins, whichever it is; nothing is left of the others."""
        for winner in range(3):
            self.reactor = Reactor()
            d = self.connect(SIX, FOUR, SIX_TOO)
            self.reactor.advance(0.25)
            self.reactor.advance(0.25)
            self.reactor.succeed(winner)
            self.assertIsInstance(self.successResultOf(d), Noting)
            stopped = self.reactor.stopped()
            self.assertEqual(stopped, [index != winner for index in range(3)])
            self.assertQuiet()

    def test_noMoreAttempts(self) -> None:
        """Once there is a connection."""
        d = self.connect(SIX, FOUR)
        self.reactor.succeed()
        self.successResultOf(d)
        self.reactor.advance(60)
        self.assertEqual(self.reactor.hosts(), [SIX.host])

    def test_zone(self) -> None:
        """An address that is of one network only says which."""
        self.connect(IPv6Address("TCP", "fe80::1", 80, 0, 3))
        self.assertEqual(self.reactor.hosts(), ["fe80::1%3"])

    def test_names(self) -> None:
        """Names are those of the name service, in whatever script they are given."""
        self.connect(host="b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example")
        self.assertEqual(self.names.asked[0][0], "xn--bcher-kva.example")
        self.connect(host=b"example.com")
        self.assertEqual(self.names.asked[0][0], "example.com")


class SlowNamesTests(_Case):
    """Addresses are found one after the other."""

    def test_sixFirst(self) -> None:
        """An IPv6 address is tried at once."""
        self.connect()
        self.names.receiver.addressResolved(SIX)
        self.assertEqual(self.reactor.hosts(), [SIX.host])

    def test_fourFirst(self) -> None:
        """An IPv4 address waits a little for others."""
        self.connect()
        self.names.receiver.addressResolved(FOUR)
        self.assertEqual(self.reactor.hosts(), [])
        self.reactor.advance(0.05)
        self.assertEqual(self.reactor.hosts(), [FOUR.host])
        self.names.receiver.addressResolved(SIX)
        self.reactor.advance(0.25)
        self.assertEqual(self.reactor.hosts(), [FOUR.host, SIX.host])

    def test_complete(self) -> None:
        """It does not when there are no others."""
        self.connect()
        self.names.receiver.addressResolved(FOUR)
        self.names.receiver.resolutionComplete()
        self.assertEqual(self.reactor.hosts(), [FOUR.host])
        self.assertQuiet()

    def test_failedBeforeTheNextIsKnown(self) -> None:
        d = self.connect()
        self.names.receiver.addressResolved(SIX)
        self.reactor.fail(refused())
        self.assertNoResult(d)
        self.names.receiver.addressResolved(FOUR)
        self.assertEqual(self.reactor.hosts(), [SIX.host, FOUR.host])
        self.reactor.succeed()
        self.assertIsInstance(self.successResultOf(d), Noting)
        self.assertTrue(self.names.resolution.cancelled)

    def test_lateAddresses(self) -> None:
        """What is found after a connection is made is of no use."""
        d = self.connect()
        self.names.receiver.addressResolved(SIX)
        self.reactor.succeed()
        self.successResultOf(d)
        self.names.receiver.addressResolved(FOUR)
        self.names.receiver.resolutionComplete()
        self.assertEqual(self.reactor.hosts(), [SIX.host])
        self.assertQuiet()


class FailureTests(_Case):
    """No address answers."""

    def test_noAddress(self) -> None:
        d = self.connect()
        self.names.receiver.resolutionComplete()
        error = self.failureResultOf(d, DNSLookupError).value
        self.assertIn("'example.com'", str(error))

    def test_badNames(self) -> None:
        """A name that no host can have fails, and nobody is asked."""
        for host in ("", "a b", "a\nb", b"\xff", "x" * 300, "\N{SNOWMAN}" * 100):
            d = self.connect(host=host)
            self.assertIn("the name of a host", str(self.failureResultOf(d, ValueError).value))
            self.assertEqual(self.names.asked, [])

    def test_one(self) -> None:
        """One failure is told as it is."""
        d = self.connect(FOUR)
        error = refused()
        self.reactor.fail(error)
        self.assertIs(self.failureResultOf(d).value, error)
        self.assertQuiet()

    def test_each(self) -> None:
        """Of many, the kind that says most; and each is named."""
        d = self.connect(SIX, FOUR, SIX_TOO)
        self.reactor.fail(NoRouteError(errno.ENETUNREACH, "no way"))
        self.reactor.fail(refused())
        self.assertNoResult(d)
        self.reactor.fail(TimeoutError(string="too late"))
        error: Any = self.failureResultOf(d, ConnectionRefusedError).value
        self.assertEqual(error.osError, errno.ECONNREFUSED)
        text = str(error)
        for expected in (
            "3 addresses of 'example.com'",
            f"{SIX.host}: No route",
            "no way",
            f"{FOUR.host}: Connection was refused",
            f"{SIX_TOO.host}: ",
            "too late",
        ):
            self.assertIn(expected, text)
        self.assertQuiet()

    def test_kinds(self) -> None:
        """The best of two, in either order; a kind that is not known is a ConnectError."""
        bind, route = ConnectBindError(1, "a"), NoRouteError(2, "b")
        for first, second, kind in (
            (bind, route, NoRouteError),
            (route, bind, NoRouteError),
            (bind, ValueError("x"), ConnectBindError),
            (ValueError("x"), KeyError("y"), ConnectError),
        ):
            self.reactor = Reactor()
            d = self.connect(SIX, FOUR)
            self.reactor.fail(first)
            self.reactor.fail(second)
            self.assertIs(self.failureResultOf(d).type, kind)

    def test_manyThatFailAtOnce(self) -> None:
        """A thousand attempts that cannot even begin use no stack."""

        def connectTCP(*args: Any, **kwargs: Any) -> None:
            raise ConnectError(string="no more sockets")

        self.patch(self.reactor, "connectTCP", connectTCP)
        many = [IPv4Address("TCP", f"10.0.{i // 250}.{i % 250}", 80) for i in range(1000)]
        d = self.connect(*many)
        error = self.failureResultOf(d, ConnectError).value
        self.assertIn("1000 addresses", str(error))
        self.assertQuiet()

    def test_factoryFails(self) -> None:
        """A factory that raises, or builds nothing, ends the attempt."""
        self.patch(self.factory, "buildProtocol", lambda addr: None)
        d = self.connect(FOUR)
        self.assertIdentical(self.reactor.succeed(), None)
        self.assertIn("no protocol", str(self.failureResultOf(d, ConnectError).value))

        def buildProtocol(addr: Any) -> Any:
            raise ZeroDivisionError

        self.patch(self.factory, "buildProtocol", buildProtocol)
        d = self.connect(FOUR)
        self.assertIdentical(self.reactor.succeed(), None)
        self.failureResultOf(d, ZeroDivisionError)


class CancelTests(_Case):
    """It is called off, whatever it is at."""

    def assertCancelled(self, d: Deferred[Any]) -> None:
        d.cancel()
        error: Any = self.failureResultOf(d, ConnectingCancelledError).value
        self.assertEqual(error.address, HostnameAddress(b"example.com", 80))
        self.assertQuiet()
        self.reactor.advance(60)
        self.assertTrue(all(self.reactor.stopped()))

    def test_lookUp(self) -> None:
        d = self.connect()
        self.assertCancelled(d)
        self.assertTrue(self.names.resolution.cancelled)
        self.names.receiver.addressResolved(FOUR)
        self.names.receiver.resolutionComplete()
        self.assertEqual(self.reactor.hosts(), [])

    def test_waitForOthers(self) -> None:
        d = self.connect()
        self.names.receiver.addressResolved(FOUR)
        self.assertCancelled(d)
        self.assertEqual(self.reactor.hosts(), [])

    def test_attempts(self) -> None:
        for count in (1, 2, 3):
            self.reactor = Reactor()
            d = self.connect(SIX, FOUR, SIX_TOO)
            self.reactor.pump([0.25] * (count - 1))
            self.assertEqual(len(self.reactor.hosts()), count)
            self.assertCancelled(d)
            self.assertEqual(len(self.reactor.hosts()), count)

    def test_betweenAttempts(self) -> None:
        """All have failed so far, and the rest is being looked up."""
        d = self.connect()
        self.names.receiver.addressResolved(SIX)
        self.reactor.fail(refused())
        d.cancel()
        self.failureResultOf(d, ConnectingCancelledError)
        self.assertTrue(self.names.resolution.cancelled)
        self.assertQuiet()

    def test_literal(self) -> None:
        d = self.connect(host="192.0.2.7")
        d.cancel()
        error: Any = self.failureResultOf(d, ConnectingCancelledError).value
        self.assertEqual(error.address, IPv4Address("TCP", "192.0.2.7", 80))
        self.assertEqual(self.reactor.stopped(), [True])


class OnlySixTests(_Case):
    """`TCP6ClientEndpoint`."""

    def test_literal(self) -> None:
        endpoint = TCP6ClientEndpoint(self.reactor, "::1", 80, 7, ("::1", 0))
        d = endpoint.connect(self.factory)
        ((host, port, _, timeout, bindAddress),) = self.reactor.tcpClients
        self.assertEqual((host, port, timeout, bindAddress), ("::1", 80, 7, ("::1", 0)))
        self.reactor.succeed()
        self.assertIsInstance(self.successResultOf(d), Noting)

    def test_name(self) -> None:
        """Only IPv6 addresses are asked for."""
        for host in ("example.com", "192.0.2.7"):
            names = Names()
            self.reactor.installNameResolver(names)
            TCP6ClientEndpoint(self.reactor, host, 80).connect(self.factory)
            self.assertEqual([*names.asked[0][2]], [IPv6Address])

    def test_repr(self) -> None:
        text = repr(TCP6ClientEndpoint(self.reactor, "example.com", 80))
        self.assertEqual(text, "<TCP6ClientEndpoint 'example.com', port 80>")
