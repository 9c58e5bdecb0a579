"""Tests of Banana: the format of chapter 9.2, its limits, and the protocol around it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.testing import StringTransport
from twisted.spread import _bananacodec as codec
from twisted.spread import banana
from twisted.spread.banana import Banana, BananaError
from twisted.trial import unittest

ELEMENTS: Any = st.recursive(
    st.integers(-(2**440), 2**440)
    | st.binary(max_size=300)
    | st.floats(allow_nan=False)
    | st.sampled_from([b"None", b"unicode", b"dictionary", b"uncache"]),
    lambda inner: st.lists(inner, max_size=6) | inner.map(lambda text: [b"unicode", text]),
    max_leaves=25,
)


def receiveAll(decoder: codec.Decoder) -> list[Any]:
    """All expressions that are whole."""
    found = []
    while (item := decoder.receive()) is not codec.INCOMPLETE:
        found.append(item)
    return found


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Bytes, cut at some places."""
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


class FormatTests(unittest.SynchronousTestCase):
    """The examples of 9.2.3, byte for byte, and what is at the edges."""

    EXAMPLES = [
        (1, "01 81"),
        (-1, "01 83"),
        (1.5, "84 3f f8 00 00 00 00 00 00"),
        (b"hello", "05 82 68 65 6c 6c 6f"),
        ([], "00 80"),
        ([1, 23], "02 80 01 81 17 81"),
        (123456789123456789, "15 3e 41 66 3a 69 26 5b 01 85"),
        ([1, [b"hello"]], "02 80 01 81 01 80 05 82 68 65 6c 6c 6f"),
    ]
    EDGES = [
        (0, "00 81"),
        (127, "7f 81"),
        (128, "00 01 81"),
        (2**31 - 1, "7f 7f 7f 7f 07 81"),
        (2**31, "00 00 00 00 08 85"),
        (-(2**31), "00 00 00 00 08 83"),
        (-(2**31) - 1, "01 00 00 00 08 86"),
        (b"", "00 82"),
        (b"x" * 128, "00 01 82" + "78" * 128),
        ([b"unicode", b"hi"], "02 80 07 82 75 6e 69 63 6f 64 65 02 82 68 69"),
    ]

    def test_encode(self) -> None:
        """Elements are written as the chapter has them."""
        for element, written in self.EXAMPLES + self.EDGES:
            self.assertEqual(banana.encode(element), bytes.fromhex(written), repr(element)[:40])

    def test_decode(self) -> None:
        """They are read as they were written."""
        for element, written in self.EXAMPLES + self.EDGES:
            self.assertEqual(banana.decode(bytes.fromhex(written)), element)

    def test_base128(self) -> None:
        """The chapter's example of a length: 4674 is 0x42 0x24."""
        written: list[bytes] = []
        banana.int2b128(4674, written.append)
        self.assertEqual(written, [b"\x42\x24"])
        self.assertEqual(banana.b1282int(b"\x42\x24"), 4674)

    def test_negativeLength(self) -> None:
        """There is no prefix for a negative number."""
        self.assertRaises(ValueError, banana.int2b128, -1, lambda _: None)

    def test_subclasses(self) -> None:
        """What is nearly an element is written as that."""

        class Number(int):
            pass

        for given_, meant in [
            (True, 1),
            (Number(300), 300),
            ((1, 2), [1, 2]),
            (bytearray(b"a"), b"a"),
            (memoryview(b"b"), b"b"),
        ]:
            self.assertEqual(banana.decode(banana.encode(given_)), meant)

    def test_noElement(self) -> None:
        """What is none is refused, and a string is told to be encoded."""
        for value in (None, {}, object(), [1, [None]]):
            self.assertRaises(BananaError, banana.encode, value)
        error = self.assertRaises(BananaError, banana.encode, ["text"])
        self.assertIn("text.encode()", str(error))

    def test_notOne(self) -> None:
        """`decode` takes one whole element."""
        self.assertIn("not whole", str(self.assertRaises(BananaError, banana.decode, b"\x05\x82h")))
        self.assertIn(
            "2 bytes after", str(self.assertRaises(BananaError, banana.decode, b"\x01\x81" * 2))
        )

    def test_floatWithLength(self) -> None:
        """A float has no length."""
        self.assertRaises(BananaError, banana.decode, b"\x01\x84" + bytes(8))

    def test_unknownDelimiter(self) -> None:
        """A byte that no type has is an error."""
        for kind in range(0x88, 0x100):
            self.assertRaises(BananaError, banana.decode, bytes((1, kind)))

    def test_words(self) -> None:
        """The words of the profile "pb" are two bytes; their number is on either side."""
        for word, number in codec.VOCABULARY.items():
            self.assertEqual(codec.encode(word, codec.PB_WORDS), bytes((number, 0x87)))
            for written in (bytes((number, 0x87)), bytes((0x87, number))):
                decoder = codec.Decoder()
                decoder.numbers = codec.PB_NUMBERS
                decoder.feed(written)
                self.assertEqual(receiveAll(decoder), [word])

    def test_noWords(self) -> None:
        """The profile "none" has no words, and "pb" has no more than its own."""
        self.assertRaises(BananaError, banana.decode, b"\x01\x87")
        decoder = codec.Decoder()
        decoder.numbers = codec.PB_NUMBERS
        decoder.feed(b"\x20\x87")
        self.assertRaises(BananaError, decoder.receive)


class StreamTests(unittest.SynchronousTestCase):
    """Expressions do not depend on how their bytes come."""

    @settings(deadline=None, max_examples=100)
    @given(st.lists(ELEMENTS, min_size=1, max_size=4), st.lists(st.integers(0, 10**6)))
    def test_anyCuts(self, expressions: list[Any], cuts: list[int]) -> None:
        """They are the same wherever the stream is cut."""
        data = b"".join(codec.encode(each, codec.PB_WORDS) for each in expressions)
        decoder = codec.Decoder()
        decoder.numbers = codec.PB_NUMBERS
        found = []
        for piece in pieces(data, cuts):
            decoder.feed(piece)
            found += receiveAll(decoder)
        self.assertEqual(found, expressions)
        self.assertEqual(decoder.pending, b"")

    def test_everyByte(self) -> None:
        """They are the same byte by byte."""
        expression = [b"None", [b"unicode", b"x" * 200], -(2**70), 1.5, [], [b"unicode", b"y"], 300]
        decoder = codec.Decoder()
        decoder.numbers = codec.PB_NUMBERS
        found = []
        for byte in codec.encode(expression, codec.PB_WORDS) * 2:
            decoder.feed(bytes((byte,)))
            found += receiveAll(decoder)
        self.assertEqual(found, [expression, expression])

    @settings(deadline=None, max_examples=200)
    @given(st.binary(max_size=200), st.lists(st.integers(0, 10**6)))
    def test_anyBytes(self, data: bytes, cuts: list[int]) -> None:
        """Any bytes are expressions, or a BananaError; the same, however they are cut."""

        def read(parts: list[bytes]) -> list[Any]:
            decoder = codec.Decoder(
                codec.Limits(size=50, prefix=5, depth=4, elements=60, bytes=150)
            )
            decoder.numbers = codec.PB_NUMBERS
            found: list[Any] = []
            try:
                for part in parts:
                    decoder.feed(part)
                    while (item := decoder.receive()) is not codec.INCOMPLETE:
                        found.append(repr(item))
            except BananaError:
                found.append("offence")
            return found

        whole, cut = read([data]), read(pieces(data, cuts))
        if cut[-1:] == ["offence"]:
            # A limit in bytes is noticed when an expression has to wait: what is whole has none.
            self.assertEqual(cut[:-1], whole[: len(cut) - 1])
        else:
            self.assertEqual(cut, whole)

    def test_largeStringsAlone(self) -> None:
        """A large string is written as it is, rather than copied."""
        large = bytes(codec.LARGE)
        element = [b"a", large, b"b", [large], 1]
        pieces = codec.encode_pieces(element, codec.NO_WORDS, codec.Limits())
        self.assertEqual([piece for piece in pieces if piece is large], [large, large])
        self.assertEqual(len(pieces), 5)
        self.assertEqual(banana.decode(b"".join(pieces)), element)
        self.assertEqual(len(codec.encode_pieces([b"a", b"b"], codec.NO_WORDS, codec.Limits())), 1)

    def test_longStringOnce(self) -> None:
        """A long string in small pieces is put together once: its pieces are kept as they come."""
        decoder = codec.Decoder()
        decoder.feed(codec.digits(600_000) + b"\x82")
        self.assertIs(decoder.receive(), codec.INCOMPLETE)
        for _ in range(599):
            decoder.feed(b"x" * 1000)
            self.assertIs(decoder.receive(), codec.INCOMPLETE)
        self.assertEqual(len(decoder._pieces), 600)
        decoder.feed(b"x" * 1000)
        self.assertEqual(receiveAll(decoder), [b"x" * 600_000])


class LimitTests(unittest.SynchronousTestCase):
    """A limit on everything that a peer can send; what passes it is refused at once."""

    def refused(self, data: bytes, limits: codec.Limits = codec.Limits()) -> str:  # noqa: B008
        """Feed bytes, and return why they are refused."""
        decoder = codec.Decoder(limits)
        decoder.feed(data)
        return str(self.assertRaises(BananaError, decoder.receive))

    def test_string(self) -> None:
        """A string that is announced to be too long is refused before it comes."""
        self.assertIn("655361 bytes", self.refused(codec.head(codec.STRING, 640 * 1024 + 1)))

    def test_list(self) -> None:
        """So is a list."""
        self.assertIn("655361 elements", self.refused(codec.head(codec.LIST, 640 * 1024 + 1)))

    def test_prefix(self) -> None:
        """A prefix of more than 64 digits is refused without waiting for its end."""
        self.assertIn("64 digits", self.refused(b"\x01" * 65))
        self.assertEqual(banana.decode(b"\x01" * 64 + b"\x85"), sum(1 << 7 * i for i in range(64)))

    def test_depth(self) -> None:
        """Ten thousand lists within lists are refused at the first that is too deep."""
        self.assertIn("256 deep", self.refused(b"\x01\x80" * 10_000))

    def test_elements(self) -> None:
        """Lists that declare more elements in all than there may be are refused."""
        limits = codec.Limits(elements=10)
        self.assertIn(
            "10 in all", self.refused(b"\x05\x80" + b"\x03\x80\x01\x81\x01\x81\x01\x81" * 5, limits)
        )

    def test_elementsOfOneExpression(self) -> None:
        """The next expression begins to count anew."""
        decoder = codec.Decoder(codec.Limits(elements=3))
        decoder.feed(b"\x03\x80\x01\x81\x02\x81\x03\x81" * 5)
        self.assertEqual(receiveAll(decoder), [[1, 2, 3]] * 5)

    def test_bytes(self) -> None:
        """An expression that goes on and on is refused."""
        decoder = codec.Decoder(codec.Limits(bytes=1000))
        decoder.feed(b"\x7f\x80")
        self.assertIs(decoder.receive(), codec.INCOMPLETE)
        with self.assertRaises(BananaError):
            for _ in range(100):
                decoder.feed(b"\x14\x82" + b"x" * 20)
                decoder.receive()

    def test_toSend(self) -> None:
        """What the peer would refuse is refused here, and the message tells how to go on."""
        cases = [
            (b"x" * (640 * 1024 + 1), "StringPager"),
            ([1] * (640 * 1024 + 1), "SIZE_LIMIT"),
            (2 ** (7 * 64), "setPrefixLimit"),
            (-(2 ** (7 * 64)), "setPrefixLimit"),
        ]
        for value, hint in cases:
            self.assertIn(hint, str(self.assertRaises(BananaError, banana.encode, value)))

    def test_depthToSend(self) -> None:
        """So are lists that are nested too deep, cycles among them."""
        cycle: list[Any] = []
        cycle.append(cycle)
        self.assertIn("256 deep", str(self.assertRaises(BananaError, banana.encode, cycle)))

    def test_sizeLimit(self) -> None:
        """`SIZE_LIMIT` is the module's: whoever rebinds it changes it."""
        self.patch(banana, "SIZE_LIMIT", 3)
        self.assertRaises(BananaError, banana.encode, b"1234")
        self.assertRaises(BananaError, banana.decode, b"\x04\x821234")
        self.assertEqual(Banana().sizeLimit, 3)

    def test_prefixLimit(self) -> None:
        """`setPrefixLimit` is for connections from then on; a connection has its own, too."""
        before = Banana()
        banana.setPrefixLimit(2)
        self.addCleanup(banana.setPrefixLimit, 64)
        self.assertEqual((before.prefixLimit, Banana().prefixLimit), (64, 2))
        before.setPrefixLimit(3)
        self.assertEqual(before.prefixLimit, 3)
        self.assertRaises(BananaError, banana.encode, 2**14)


class Recorder(Banana):
    """Keeps what it receives."""

    def __init__(self, isClient: bool = True) -> None:
        super().__init__(isClient)
        self.received: list[Any] = []
        self.ready = 0

    def connectionReady(self) -> None:
        self.ready += 1

    def expressionReceived(self, lst: Any) -> None:
        self.received.append(lst)


class ProtocolTests(unittest.SynchronousTestCase):
    """The handshake of 9.2.5, and what comes after."""

    def connect(self, isClient: bool) -> tuple[Recorder, StringTransport]:
        """A protocol with a transport that remembers."""
        protocol, transport = Recorder(isClient), StringTransport()
        protocol.makeConnection(transport)
        return protocol, transport

    def offences(self) -> list[str]:
        """The warnings that were logged."""
        return [str(event["offence"]) for event in self.logged]

    def setUp(self) -> None:
        self.logged: list[Any] = []
        self.patch(banana, "_log", self)

    def warn(self, text: str, **event: Any) -> None:
        """Take a warning, as the module's logger."""
        self.logged.append(event)

    def test_server(self) -> None:
        """The server offers its profiles; the one that is chosen holds from then on."""
        server, transport = self.connect(False)
        self.assertEqual(banana.decode(transport.value()), [b"pb", b"none"])
        transport.clear()
        server.dataReceived(banana.encode(b"pb") + b"\x02\x80\x1a\x87\x01\x81")
        self.assertEqual((server.ready, server.received), (1, [[b"message", 1]]))
        server.sendEncoded([b"answer"])
        self.assertEqual(transport.value(), b"\x01\x80\x1b\x87")

    def test_client(self) -> None:
        """The client takes the first that it knows."""
        client, transport = self.connect(True)
        self.assertEqual(transport.value(), b"")
        client.dataReceived(banana.encode([b"new", b"none", b"pb"]))
        self.assertEqual(banana.decode(transport.value()), b"none")
        self.assertEqual((client.currentDialect, client.ready), (b"none", 1))
        transport.clear()
        client.sendEncoded(b"answer")
        self.assertEqual(transport.value(), b"\x06\x82answer")

    def test_noProfileInCommon(self) -> None:
        """If there is none, or no list of them, the client ends the connection."""
        for offer in ([b"new"], b"pb", 7, [], [[b"pb"]]):
            client, transport = self.connect(True)
            client.dataReceived(banana.encode(offer))
            self.assertTrue(transport.disconnecting, offer)
            self.assertEqual(client.ready, 0)
        self.assertIn("no profile that we know", self.offences()[0])

    def test_notOffered(self) -> None:
        """A choice that was not offered ends the connection."""
        for choice in (b"new", 1, [b"pb"]):
            server, transport = self.connect(False)
            server.dataReceived(banana.encode(choice))
            self.assertTrue(transport.disconnecting, choice)
        self.assertIn("not offered", self.offences()[0])

    def test_offence(self) -> None:
        """An offence ends the connection, in one line of the log; nothing is read after it."""
        server, transport = self.connect(False)
        server.dataReceived(banana.encode(b"none") + b"\x01\x81\x01\xff\x02\x81")
        server.dataReceived(b"\x03\x81")
        self.assertEqual(server.received, [1])
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.offences(), ["0xff is no type of element"])
        self.assertIsInstance(server.offence, BananaError)

    def test_bugIsNoOffence(self) -> None:
        """What `expressionReceived` raises is not the peer's."""
        server, _ = self.connect(False)
        self.patch(server, "expressionReceived", lambda _: banana.encode(None))
        with self.assertRaises(BananaError):
            server.dataReceived(banana.encode(b"none") + b"\x01\x81")
        self.assertIsNone(server.offence)

    def test_nothingToReceive(self) -> None:
        """A protocol that does not say what to do with expressions says so."""
        plain = Banana(False)
        plain.makeConnection(StringTransport())
        plain.dataReceived(banana.encode(b"none"))
        self.assertRaises(NotImplementedError, plain.dataReceived, b"\x01\x81")

    def test_buffer(self) -> None:
        """What has come of an element that is not whole can be looked at."""
        server, _ = self.connect(False)
        server.dataReceived(banana.encode(b"none") + b"\x05\x82hel")
        self.assertEqual(server.buffer, b"\x05\x82hel")

    def test_limitsOfAConnection(self) -> None:
        """A connection has limits of its own."""
        server, transport = self.connect(False)
        server.dataReceived(banana.encode(b"none"))
        server.sizeLimit = 2
        self.assertRaises(BananaError, server.sendEncoded, b"123")
        server.dataReceived(b"\x02\x82ab\x03\x82abc")
        self.assertEqual(server.received, [b"ab"])
        self.assertTrue(transport.disconnecting)

    def test_notSent(self) -> None:
        """Nothing is sent of what cannot be sent whole."""
        server, transport = self.connect(False)
        transport.clear()
        self.assertRaises(BananaError, server.sendEncoded, [b"begin", None])
        self.assertEqual(transport.value(), b"")
