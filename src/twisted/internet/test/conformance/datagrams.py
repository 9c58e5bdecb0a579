"""`IReactorUDP`: datagrams over IPv4 and IPv6."""

from __future__ import annotations

import socket
from typing import Any, cast

from zope.interface.verify import verifyObject

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import (
    CannotListenError,
    InvalidAddressError,
    MessageLengthError,
    NotListeningError,
)
from twisted.internet.interfaces import IListeningPort, IReactorSocket, IReactorUDP, IUDPTransport
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import ReactorSuite
from twisted.internet.test.conformance._pairs import Over6
from twisted.internet.test.conformance.recorders import Datagrams, EchoDatagrams, Fault


class DatagramCase(ReactorSuite):
    """A base for suites about datagrams."""

    requires = (IReactorUDP,)
    host = "127.0.0.1"
    # An address that the port cannot reach, being of the other family.
    otherHost = "::1"
    addressKind: Any = IPv4Address

    def listen(self, protocol: Datagrams, **kw: Any) -> Any:
        """Receive datagrams where nobody else does; returns the port."""
        return self.reactor.listenUDP(0, cast(Any, protocol), interface=self.host, **kw)

    def open(self, protocol: Datagrams | None = None, **kw: Any) -> tuple[Any, Any]:
        """As `listen`; returns the protocol and the address that it can be reached at."""
        protocol = protocol or Datagrams()
        port = self.listen(protocol, **kw)
        return protocol, (self.host, port.getHost().port)


class DatagramSuite(DatagramCase):
    """What is sent is received, and errors are told to whom they concern."""

    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(IReactorUDP, self.reactor))
        port = self.listen(Datagrams())
        self.assertTrue(verifyObject(IListeningPort, port))
        self.assertTrue(verifyObject(IUDPTransport, port))

    def test_echo(self) -> None:
        async def scenario() -> None:
            _, echo = self.open(EchoDatagrams())
            client, address = self.open()
            for payload in (b"x", b"", b"\0\xff" * 2000):
                client.transport.write(payload, echo)
                received, source = await client.received()
                self.assertEqual(received, payload)
                self.assertEqual(tuple(source[:2]), echo)
            self.assertNotEqual(address, echo)

        self.play(scenario())

    def test_manyAtOnce(self) -> None:
        async def scenario() -> None:
            _, echo = self.open(EchoDatagrams())
            client, _ = self.open()
            for number in range(50):
                client.transport.write(b"%d" % number, echo)
            received = [(await client.received())[0] for _ in range(50)]
            self.assertEqual(received, [b"%d" % number for number in range(50)])

        self.play(scenario())

    def test_bytesLikeDataAndSequences(self) -> None:
        async def scenario() -> None:
            receiver, address = self.open()
            sender, _ = self.open()
            sender.transport.write(bytearray(b"mutable"), address)
            sender.transport.write(memoryview(b"a view"), address)
            sender.transport.writeSequence([b"in ", b"pieces"], address)
            for expected in (b"mutable", b"a view", b"in pieces"):
                self.assertEqual((await receiver.received())[0], expected)

        self.play(scenario())

    def test_addresses(self) -> None:
        protocol, (_, number) = self.open()
        self.assertGreater(number, 0)
        self.assertEqual(protocol.transport.getHost(), self.addressKind("UDP", self.host, number))

    def test_textIsRefused(self) -> None:
        protocol, address = self.open()
        error = self.assertRaises(TypeError, protocol.transport.write, "text", address)
        self.assertIn("encode", str(error))

    def test_nameIsRefused(self) -> None:
        protocol, (_, number) = self.open()
        for name in ("localhost", "example.com", "", "127.0.0.1.example"):
            error = self.assertRaises(
                InvalidAddressError, protocol.transport.write, b"x", (name, number)
            )
            self.assertEqual(error.address, name)
            self.assertRaises(InvalidAddressError, protocol.transport.connect, name, number)

    def test_addressOfTheOtherFamilyIsRefused(self) -> None:
        protocol, (_, number) = self.open()
        self.assertRaises(
            InvalidAddressError, protocol.transport.write, b"x", (self.otherHost, number)
        )

    def test_noAddress(self) -> None:
        protocol, _ = self.open()
        self.assertRaises((TypeError, ValueError, AssertionError), protocol.transport.write, b"x")

    def test_tooLong(self) -> None:
        async def scenario() -> None:
            protocol, address = self.open()
            self.assertRaises(MessageLengthError, protocol.transport.write, b"x" * 70_000, address)
            protocol.transport.write(b"fits", address)
            self.assertEqual((await protocol.received())[0], b"fits")

        self.play(scenario())

    def test_maxPacketSize(self) -> None:
        async def scenario() -> None:
            protocol, address = self.open(maxPacketSize=10)
            protocol.transport.write(b"0123456789abcdef", address)
            protocol.transport.write(b"next", address)
            self.assertEqual((await protocol.received())[0], b"0123456789")
            self.assertEqual((await protocol.received())[0], b"next")

        self.play(scenario())

    def test_startAndStop(self) -> None:
        async def scenario() -> None:
            protocol, address = self.open()
            port = protocol.transport
            self.assertEqual(protocol.events, ["start"])
            await _done(port.stopListening())
            self.assertEqual(protocol.events, ["start", "stop"])
            self.assertIsNone(protocol.transport)
            await _done(port.stopListening())
            # The number is free again.
            with socket.socket(self.family(), socket.SOCK_DGRAM) as other:
                other.bind(address)

        self.play(scenario())

    def family(self) -> int:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    def test_stoppedWithTheReactor(self) -> None:
        protocol = Datagrams()

        async def scenario() -> None:
            self.listen(protocol)

        self.play(scenario())
        self.assertEqual(protocol.events, ["start", "stop"])

    def test_stopFromWithin(self) -> None:
        class Once(Datagrams):
            def datagramReceived(self, datagram: bytes, addr: Any) -> None:
                super().datagramReceived(datagram, addr)
                self.transport.stopListening()

        async def scenario() -> None:
            protocol, address = self.open(Once())
            sender, _ = self.open()
            for _ in range(3):
                sender.transport.write(b"x", address)
            await protocol.when(lambda: "stop" in protocol.events)
            await self.turns(3)
            self.assertEqual(protocol.events, ["start", "datagram", "stop"])

        self.play(scenario())

    def test_writeAfterStop(self) -> None:
        protocol, address = self.open()
        port = protocol.transport
        port.stopListening()
        self.assertRaises((NotListeningError, OSError), port.write, b"x", address)

    def test_startListeningAgain(self) -> None:
        async def scenario() -> None:
            protocol, _ = self.open()
            port = protocol.transport
            await _done(port.stopListening())
            port.startListening()
            port.write(b"again", (self.host, port.getHost().port))
            self.assertEqual((await protocol.received())[0], b"again")

        self.play(scenario())

    def test_protocolInUse(self) -> None:
        protocol, _ = self.open()
        self.assertRaises(RuntimeError, self.listen, protocol)

    def test_portInUse(self) -> None:
        _, (_, number) = self.open()
        other = Datagrams()
        error = self.assertRaises(
            CannotListenError,
            self.reactor.listenUDP,
            number,
            cast(Any, other),
            interface=self.host,
        )
        self.assertIn(str(number), str(error))
        self.assertIn(self.host, str(error))
        self.assertEqual(other.events, [])

    def test_interfaceThatIsNoAddress(self) -> None:
        self.assertRaises(
            InvalidAddressError,
            self.reactor.listenUDP,
            0,
            cast(Any, Datagrams()),
            interface="localhost",
        )

    def test_exceptionInDatagramReceived(self) -> None:
        class Broken(Datagrams):
            def datagramReceived(self, datagram: bytes, addr: Any) -> None:
                super().datagramReceived(datagram, addr)
                raise Fault("cannot read this")

        async def scenario() -> None:
            protocol, address = self.open(Broken())
            for payload in (b"one", b"two"):
                protocol.transport.write(payload, address)
                self.assertEqual((await protocol.received())[0], payload)
            await self.turns(2)
            self.assertLogged(Fault, 2, mention="datagramReceived")

        self.play(scenario())

    def test_refusalWithoutAConnectionIsNobodysBusiness(self) -> None:
        async def scenario() -> None:
            gone, nowhere = self.open()
            gone.transport.stopListening()
            protocol, address = self.open()
            for _ in range(3):
                protocol.transport.write(b"x", nowhere)
                await self.turns(2)
            protocol.transport.write(b"still here", address)
            self.assertEqual((await protocol.received())[0], b"still here")
            self.assertNotIn("refused", protocol.events)

        self.play(scenario())

    def test_aFloodDoesNotStarveOthers(self) -> None:
        async def scenario() -> None:
            class Flood(Datagrams):
                def datagramReceived(self, datagram: bytes, addr: Any) -> None:
                    self.transport.write(datagram, addr)

            flood, address = self.open(Flood())
            # It sends to itself for ever.
            for _ in range(20):
                flood.transport.write(b"x" * 1000, address)
            _, echo = self.open(EchoDatagrams())
            client, _ = self.open()
            client.transport.write(b"a word", echo)
            self.assertEqual((await client.received())[0], b"a word")

        self.play(scenario())

    def test_adoptDatagramPort(self) -> None:
        async def scenario() -> None:
            if not IReactorSocket.providedBy(self.reactor):
                self.skipTest("this reactor adopts no sockets")
            protocol = EchoDatagrams()
            with socket.socket(self.family(), socket.SOCK_DGRAM) as ours:
                ours.bind((self.host, 0))
                address = ours.getsockname()[:2]
                self.reactor.adoptDatagramPort(ours.fileno(), self.family(), cast(Any, protocol))
            client, _ = self.open()
            client.transport.write(b"adopted", address)
            self.assertEqual((await client.received())[0], b"adopted")

        self.play(scenario())

    # Connected ports

    def test_connected(self) -> None:
        async def scenario() -> None:
            _, echo = self.open(EchoDatagrams())
            client, address = self.open()
            client.transport.connect(*echo)
            client.transport.write(b"to whom it concerns")
            received, source = await client.received()
            self.assertEqual(received, b"to whom it concerns")
            self.assertEqual(tuple(source[:2]), echo)
            client.transport.writeSequence([b"in ", b"pieces"], None)
            self.assertEqual((await client.received())[0], b"in pieces")
            # Others are not heard.
            stranger, _ = self.open()
            stranger.transport.write(b"hey", address)
            await self.after(0.01)
            self.assertEqual(client.packets, [])

        self.play(scenario())

    def test_connectedPortSendsOnlyThere(self) -> None:
        async def scenario() -> None:
            _, echo = self.open(EchoDatagrams())
            client, address = self.open()
            client.transport.connect(*echo)
            client.transport.write(b"explicit", echo)
            self.assertEqual((await client.received())[0], b"explicit")
            self.assertRaises((ValueError, AssertionError), client.transport.write, b"x", address)

        self.play(scenario())

    def test_connectTwice(self) -> None:
        protocol, address = self.open()
        protocol.transport.connect(*address)
        self.assertRaises(RuntimeError, protocol.transport.connect, *address)

    def test_connectionRefused(self) -> None:
        async def scenario() -> None:
            gone, nowhere = self.open()
            gone.transport.stopListening()
            client, _ = self.open()
            client.transport.connect(*nowhere)
            client.transport.write(b"anybody?")
            await client.when(lambda: "refused" in client.events)
            # The port is of use all the same.
            client.transport.write(b"really?")
            await client.when(lambda: client.events.count("refused") >= 2)

        self.play(scenario())

    def test_exceptionInConnectionRefused(self) -> None:
        class Broken(Datagrams):
            def connectionRefused(self) -> None:
                super().connectionRefused()
                raise Fault("on purpose")

        async def scenario() -> None:
            gone, nowhere = self.open()
            gone.transport.stopListening()
            client, _ = self.open(Broken())
            client.transport.connect(*nowhere)
            client.transport.write(b"anybody?")
            await client.when(lambda: "refused" in client.events)
            await self.turns(2)
            self.assertLogged(Fault, mention="connectionRefused")
            self.assertIsNotNone(client.transport)

        self.play(scenario())


class Datagram4Suite(DatagramSuite):
    """Datagrams over IPv4, which has broadcasts."""

    capability = Capability.UDP4

    def test_broadcastFlag(self) -> None:
        protocol, _ = self.open()
        self.assertFalse(protocol.transport.getBroadcastAllowed())
        for value in (True, False, True):
            protocol.transport.setBroadcastAllowed(value)
            self.assertEqual(bool(protocol.transport.getBroadcastAllowed()), value)


class Datagram6Suite(Over6, DatagramSuite):
    """Datagrams over IPv6."""

    capability = Capability.UDP6

    otherHost = "127.0.0.1"
    addressKind = IPv6Address


async def _done(result: Any) -> None:
    """Wait for what `stopListening` returns, which may be nothing."""
    if result is not None:
        await result


suites = [Datagram4Suite, Datagram6Suite]
