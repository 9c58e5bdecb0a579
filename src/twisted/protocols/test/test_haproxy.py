"""The PROXY protocol: its headers, whole, in pieces and wrong, and the endpoint behind it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.endpoints import TCP4ServerEndpoint, serverFromString
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IAddress, IStreamServerEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import EventLoggingObserver, MemoryReactor, StringTransport
from twisted.logger import globalLogPublisher
from twisted.protocols import _proxyheader
from twisted.protocols._proxyheader import Header, HeaderParser, ProxyHeaderError
from twisted.protocols.haproxy import HEADER_TIMEOUT, proxyEndpoint
from twisted.python.failure import Failure
from twisted.trial import unittest

SIGNATURE = bytes.fromhex("0D0A0D0A000D0A515549540A")
CLIENT = IPv4Address("TCP", "192.0.2.7", 1234)
SERVER = IPv4Address("TCP", "198.51.100.1", 443)
LINE = b"PROXY TCP4 192.0.2.7 198.51.100.1 1234 443\r\n"


def binary(command: int, family: int, rest: bytes, length: int | None = None) -> bytes:
    """A header of version 2."""
    size = len(rest) if length is None else length
    return SIGNATURE + bytes([command, family]) + size.to_bytes(2, "big") + rest


FOUR = bytes([192, 0, 2, 7, 198, 51, 100, 1]) + (1234).to_bytes(2, "big") + (443).to_bytes(2, "big")
SIX = bytes.fromhex("20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02") + FOUR[8:]
UNIX = b"/client".ljust(108, b"\0") + b"/server".ljust(108, b"\0")
#: Headers, and what they say.
GOOD: list[tuple[bytes, Header]] = [
    (LINE, Header(CLIENT, SERVER)),
    (
        b"PROXY TCP6 2001:db8::1 2001:DB8:0:0:0:0:0:2 0 65535\r\n",
        Header(IPv6Address("TCP", "2001:db8::1", 0), IPv6Address("TCP", "2001:db8::2", 65535)),
    ),
    (b"PROXY UNKNOWN\r\n", Header(None, None)),
    (b"PROXY UNKNOWN ffff:f...f:ffff \xff what ever 1\r\n", Header(None, None)),
    (binary(0x21, 0x11, FOUR), Header(CLIENT, SERVER)),
    (binary(0x21, 0x11, FOUR + b"\x04\x00\x02xx\x20\x00\x00"), Header(CLIENT, SERVER)),
    (
        binary(0x21, 0x12, FOUR),
        Header(IPv4Address("UDP", "192.0.2.7", 1234), IPv4Address("UDP", "198.51.100.1", 443)),
    ),
    (
        binary(0x21, 0x21, SIX),
        Header(IPv6Address("TCP", "2001:db8::1", 1234), IPv6Address("TCP", "2001:db8::2", 443)),
    ),
    (binary(0x21, 0x31, UNIX), Header(UNIXAddress("/client"), UNIXAddress("/server"))),
    (
        binary(0x21, 0x31, b"\0abstract".ljust(108, b"\0") + bytes(108)),
        Header(UNIXAddress(b"\0abstract"), UNIXAddress(None)),
    ),
    (binary(0x20, 0x00, b""), Header(None, None)),
    (binary(0x20, 0x11, FOUR), Header(None, None)),
    (binary(0x21, 0x00, b"ignored"), Header(None, None)),
    (binary(0x21, 0x10, FOUR), Header(None, None)),
    (binary(0x21, 0x02, b""), Header(None, None)),
    (binary(0x21, 0x11, FOUR + b"\x04\x0f\xf1" + bytes(4081)), Header(CLIENT, SERVER)),
]
#: What is no header, and why.
BAD: list[tuple[bytes, str]] = [
    (b"GET / HTTP/1.1\r\n", "neither"),
    (b"proxy TCP4", "neither"),
    (b"\r\n\r\n\0\r\nQUIT\r", "neither"),
    (b"PROXY\r\n", "neither"),
    (b"PROXY \r\n", "form"),
    (b"PROXY TCP4\r\n", "form"),
    (b"PROXY TCP5 192.0.2.7 198.51.100.1 1234 443\r\n", "form"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 1234\r\n", "form"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 1234 443 1\r\n", "form"),
    (b"PROXY TCP4  192.0.2.7 198.51.100.1 1234 443\r\n", "form"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 1234 443 \r\n", "form"),
    (b"PROXY TCP4 192.0.2.07 198.51.100.1 1234 443\r\n", "not an address"),
    (b"PROXY TCP4 192.0.2.256 198.51.100.1 1234 443\r\n", "not an address"),
    (b"PROXY TCP4 localhost 198.51.100.1 1234 443\r\n", "not an address"),
    (b"PROXY TCP4 192.0.2.7 \xff 1234 443\r\n", "not an address"),
    (b"PROXY TCP4 ::1 ::1 1234 443\r\n", "not an address"),
    (b"PROXY TCP6 192.0.2.7 198.51.100.1 1234 443\r\n", "not an address"),
    (b"PROXY TCP6 fe80::1%eth0 ::1 1234 443\r\n", "not an address"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n", "not a port"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n", "not a port"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 +1 443\r\n", "not a port"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 1_0 443\r\n", "not a port"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 0443 443\r\n", "zero"),
    (b"PROXY TCP4 192.0.2.7 198.51.100.1 443 443\n\n" + b"x" * 107, "no end"),
    (b"PROXY UNKNOWN " + b"x" * 92 + b"\r\n", "no end in 107"),
    (binary(0x11, 0x11, FOUR), "version 1"),
    (binary(0x31, 0x11, FOUR), "version 3"),
    (binary(0x22, 0x11, FOUR), "command 2"),
    (binary(0x21, 0x41, FOUR), "family"),
    (binary(0x21, 0x13, FOUR), "family"),
    (binary(0x21, 0x11, b""), "have 12 bytes, and these 0"),
    (binary(0x21, 0x11, FOUR[:-1]), "have 12 bytes, and these 11"),
    (binary(0x21, 0x21, FOUR), "have 36 bytes, and these 12"),
    (binary(0x21, 0x31, UNIX[:-1]), "have 216 bytes, and these 215"),
    (binary(0x21, 0x11, FOUR + b"\x04"), "extension"),
    (binary(0x21, 0x11, FOUR + b"\x04\x00\x03xx"), "extension"),
    (binary(0x21, 0x11, b"", 4097), "4097 bytes are announced"),
    (binary(0x20, 0x00, b"", 65535), "65535 bytes are announced"),
]


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """The pieces of some bytes."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


class HeaderTests(unittest.SynchronousTestCase):
    """The parser."""

    def test_good(self) -> None:
        for data, header in GOOD:
            parser = HeaderParser()
            self.assertEqual(parser.feed(data + b"rest"), header)
            self.assertEqual(parser.rest, b"rest")

    def test_byByte(self) -> None:
        """A header is known by its last byte, and not before."""
        for data, header in GOOD:
            parser = HeaderParser()
            for byte in data[:-1]:
                self.assertIdentical(parser.feed(bytes([byte])), None)
            self.assertEqual(parser.feed(data[-1:]), header)
            self.assertEqual(parser.rest, b"")

    def test_bad(self) -> None:
        for data, why in BAD:
            error = self.assertRaises(ProxyHeaderError, HeaderParser().feed, data)
            self.assertIn(why, str(error), data)

    def test_longestLine(self) -> None:
        """A line has 107 bytes at most; the 107th says whether it has more."""
        line = b"PROXY UNKNOWN " + b"x" * 91 + b"\r\n"
        self.assertEqual(len(line), _proxyheader.MAX_LINE)
        self.assertEqual(HeaderParser().feed(line), Header(None, None))
        parser = HeaderParser()
        self.assertIdentical(parser.feed(line[:-2] + b"x"), None)
        self.assertRaises(ProxyHeaderError, parser.feed, b"x")

    def test_early(self) -> None:
        """A wrong beginning is known at once, a wrong length before what it is of."""
        self.assertRaises(ProxyHeaderError, HeaderParser().feed, b"p")
        start = binary(0x21, 0x11, b"", 4097)
        parser = HeaderParser()
        self.assertIdentical(parser.feed(start[:-1]), None)
        self.assertRaises(ProxyHeaderError, parser.feed, start[-1:])

    @settings(deadline=None, max_examples=100)
    @given(st.sampled_from(GOOD), st.binary(max_size=20), st.lists(st.integers(0), max_size=8))
    def test_splitAnywhere(
        self, good: tuple[bytes, Header], rest: bytes, places: list[int]
    ) -> None:
        parser, found = HeaderParser(), None
        data = b""
        for piece in cut(good[0] + rest, places):
            if found is None:
                found = parser.feed(piece)
                data = parser.rest
            else:
                data += piece
        self.assertEqual((found, data), (good[1], rest))

    @settings(deadline=None, max_examples=200)
    @given(
        st.one_of(
            st.binary(max_size=300),
            st.binary(max_size=120).map(lambda rest: b"PROXY " + rest + b"\r\n"),
            st.binary(max_size=300).map(lambda rest: SIGNATURE + rest),
            st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=300)).map(
                lambda said: binary(*said)
            ),
        ),
        st.lists(st.integers(0), max_size=8),
    )
    def test_anyBytes(self, data: bytes, places: list[int]) -> None:
        """Whatever comes, however it is split: a header, the one error, or more is needed."""

        def outcome(pieces: list[bytes]) -> object:
            parser = HeaderParser()
            try:
                for piece in pieces:
                    header = parser.feed(piece)
                    if header is not None:
                        return header
            except ProxyHeaderError:
                return ProxyHeaderError
            return None

        self.assertEqual(outcome([data]), outcome(cut(data, places)))


class _Inside(Protocol):
    """Notes what it is told, and who it is that it speaks with."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.told.append((self.transport.getPeer(), self.transport.getHost()))

    def dataReceived(self, data: bytes) -> None:
        self.told.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.told.append(reason.type)


class _InsideFactory(Factory[Any]):
    noisy = False

    def __init__(self) -> None:
        self.built: list[_Inside] = []
        self.addresses: list[Any] = []
        self.refuses = False

    def buildProtocol(self, addr: IAddress | None) -> Any:
        self.addresses.append(addr)
        if self.refuses:
            return None
        self.built.append(_Inside())
        return self.built[-1]


class EndpointTests(unittest.SynchronousTestCase):
    """`proxyEndpoint`."""

    proxy: Any = IPv4Address("TCP", "127.0.0.1", 5000)

    def setUp(self) -> None:
        self.clock = Clock()
        self.inside = _InsideFactory()
        self.observer = EventLoggingObserver()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)

    def logged(self) -> list[str]:
        return [str(event["log_format"]).format(**event) for event in self.observer]

    def outside(self, trusted: Any = None) -> Any:
        """The factory that listens."""
        reactor = MemoryReactor()
        endpoint = TCP4ServerEndpoint(reactor, 80)
        proxied = proxyEndpoint(endpoint) if trusted is None else proxyEndpoint(endpoint, trusted)
        self.assertTrue(verifyObject(IStreamServerEndpoint, proxied))
        self.successResultOf(proxied.listen(self.inside))
        factory = reactor.tcpServers[0][1]
        factory.callLater = self.clock.callLater
        return factory

    def accept(self, trusted: Any = None, addr: Any = None) -> Any:
        """A connection of a proxy; None if it is refused."""
        protocol = self.outside(trusted).buildProtocol(addr or self.proxy)
        if protocol is not None:
            self.transport = StringTransport(
                IPv4Address("TCP", "127.0.0.1", 80), addr or self.proxy
            )
            protocol.makeConnection(self.transport)
        return protocol

    def test_line(self) -> None:
        """The client's address is known to the factory and to the protocol, from the beginning."""
        outer = self.accept()
        self.assertEqual(self.inside.addresses, [])
        outer.dataReceived(LINE + b"hello")
        self.assertEqual(self.inside.addresses, [CLIENT])
        (inner,) = self.inside.built
        self.assertEqual(inner.told, [(CLIENT, SERVER), b"hello"])
        outer.dataReceived(b"again")
        inner.transport.write(b"answer")
        self.assertEqual(self.transport.value(), b"answer")
        outer.connectionLost(Failure(ConnectionLost()))
        self.assertEqual(inner.told[2:], [b"again", ConnectionLost])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_pieces(self) -> None:
        """What is behind the header is passed on once, however the bytes come."""
        for data, _ in GOOD:
            self.inside = _InsideFactory()
            outer = self.accept()
            for byte in data + b"xyz":
                outer.dataReceived(bytes([byte]))
            self.assertEqual(b"".join(self.inside.built[0].told[1:]), b"xyz")

    def test_nothingSaid(self) -> None:
        """The proxy speaks for itself, in a check of health: the addresses are its own."""
        for data in (b"PROXY UNKNOWN\r\n", binary(0x20, 0, b"")):
            self.inside = _InsideFactory()
            self.accept().dataReceived(data)
            self.assertEqual(self.inside.addresses, [self.proxy])
            expected = (self.proxy, IPv4Address("TCP", "127.0.0.1", 80))
            self.assertEqual(self.inside.built[0].told, [expected])

    def test_bad(self) -> None:
        """The connection is ended, with the reason in the log; nothing reaches the factory."""
        for data, why in BAD:
            self.observer._events.clear()
            outer = self.accept()
            outer.dataReceived(data)
            self.assertTrue(self.transport.aborting, data)
            self.assertIn(why, "".join(self.logged()))
            # What was on its way is ignored, a good header, too.
            outer.dataReceived(LINE)
            outer.connectionLost(Failure(ConnectionLost()))
            self.assertEqual(self.inside.addresses, [])
            self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_timeout(self) -> None:
        outer = self.accept()
        outer.dataReceived(LINE[:-1])
        self.clock.advance(HEADER_TIMEOUT - 1)
        self.assertFalse(self.transport.aborting)
        self.clock.advance(1)
        self.assertTrue(self.transport.aborting)
        self.assertIn("no header in 10 seconds", "".join(self.logged()))

    def test_noTimeoutAfterwards(self) -> None:
        self.accept().dataReceived(LINE)
        self.clock.advance(3600)
        self.assertFalse(self.transport.aborting)

    def test_refusedInside(self) -> None:
        """A factory that builds nothing for a client ends its connection."""
        self.inside.refuses = True
        outer = self.accept()
        outer.dataReceived(LINE + b"hello")
        self.assertTrue(self.transport.aborting)
        outer.dataReceived(b"more")
        outer.connectionLost(Failure(ConnectionLost()))

    def test_trusted(self) -> None:
        """By default only this host may say for whom it speaks."""
        for host, trusted, isIn in (
            ("127.0.0.1", None, True),
            ("127.8.9.10", None, True),
            ("10.0.0.1", None, False),
            ("10.0.0.1", ["10.0.0.0/8"], True),
            ("11.0.0.1", ["10.0.0.0/8"], False),
            ("127.0.0.1", ["10.0.0.0/8"], False),
            ("10.0.0.1", ["192.0.2.1", "10.0.0.1"], True),
            ("10.0.0.2", ["192.0.2.1", "10.0.0.1"], False),
            ("10.0.0.1", [], False),
        ):
            addr = IPv4Address("TCP", host, 5000)
            self.assertEqual(self.accept(trusted, addr) is not None, isIn, (host, trusted))

    def test_trustedSix(self) -> None:
        """An IPv4 address is the same one on a socket that serves IPv6, too."""
        for host, trusted, isIn in (
            ("::1", None, True),
            ("::ffff:127.0.0.1", None, True),
            ("::ffff:10.0.0.1", None, False),
            ("2001:db8::1", ["2001:db8::/32"], True),
            ("2001:db9::1", ["2001:db8::/32"], False),
            ("fe80::1%eth0", ["fe80::/10"], True),
        ):
            addr = IPv6Address("TCP", host, 5000)
            self.assertEqual(self.accept(trusted, addr) is not None, isIn, (host, trusted))

    def test_trustedUNIX(self) -> None:
        """Whoever may connect to a UNIX socket is trusted."""
        self.assertIsNot(self.accept([], UNIXAddress(None)), None)

    def test_untrustedIsLogged(self) -> None:
        self.assertIdentical(self.accept(None, IPv4Address("TCP", "192.0.2.9", 5000)), None)
        (line,) = self.logged()
        self.assertIn("192.0.2.9", line)
        self.assertIn("`trusted`", line)

    def test_badNetworks(self) -> None:
        endpoint = TCP4ServerEndpoint(MemoryReactor(), 80)
        for text in ("", "x", "10.0.0.1/8", "10.0.0.0/33"):
            error = self.assertRaises(ValueError, proxyEndpoint, endpoint, [text])
            self.assertIn("10.0.0.0/8", str(error))


class DescriptionTests(unittest.SynchronousTestCase):
    """``haproxy:`` before any other description."""

    def listen(self, description: str) -> MemoryReactor:
        reactor = MemoryReactor()
        self.successResultOf(serverFromString(reactor, description).listen(_InsideFactory()))
        return reactor

    def test_tcp(self) -> None:
        reactor = self.listen("haproxy:tcp:80:interface=127.0.0.1:backlog=7")
        ((port, factory, backlog, interface),) = reactor.tcpServers
        self.assertEqual((port, backlog, interface), (80, 7, "127.0.0.1"))
        self.assertIdentical(factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)), None)
        self.assertIsNot(factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1)), None)

    def test_quoted(self) -> None:
        """What is quoted stays what it is."""
        reactor = self.listen(r"haproxy:unix:/a\:b\=c\\d:mode=600")
        self.assertEqual(reactor.unixServers[0][0], "/a:b=c\\d")
        self.assertEqual(reactor.unixServers[0][3], 0o600)

    def test_trusted(self) -> None:
        reactor = self.listen(r"haproxy:tcp:80:trusted=192.0.2.1, 2001\:db8\:\:/32")
        factory = reactor.tcpServers[0][1]
        self.assertIsNot(factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)), None)
        self.assertIsNot(factory.buildProtocol(IPv6Address("TCP", "2001:db8::1", 1)), None)
        self.assertIdentical(factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1)), None)

    def test_bad(self) -> None:
        for description, why in (
            ("haproxy:", "haproxy:tcp:8080"),
            ("haproxy", "haproxy:tcp:8080"),
            ("haproxy:nope:1", "'tcp:8080'"),
            ("haproxy:tcp:x", "not a port"),
            ("haproxy:tcp:80:trusted=me", "'me' cannot be trusted"),
        ):
            error = self.assertRaises(ValueError, serverFromString, MemoryReactor(), description)
            self.assertIn(why, str(error))
