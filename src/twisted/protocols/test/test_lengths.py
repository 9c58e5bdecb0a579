"""Strings with their length before them, and the state machine over them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.testing import StringTransport
from twisted.protocols.basic import (
    Int8StringReceiver,
    Int16StringReceiver,
    Int32StringReceiver,
    IntNStringReceiver,
    StatefulStringProtocol,
    StringTooLongError,
)
from twisted.protocols.test._streams import cuts, feed, piecesOf
from twisted.trial import unittest

RECEIVERS: list[type[IntNStringReceiver]] = [
    Int8StringReceiver,
    Int16StringReceiver,
    Int32StringReceiver,
]


def make(base: type[IntNStringReceiver], **members: Any) -> Any:
    """A protocol that notes its strings and announcements of longer ones in `events`."""

    def stringReceived(protocol: Any, string: bytes) -> None:
        protocol.events.append(string)
        if string == b"close":
            protocol.transport.loseConnection()
        elif string == b"pause":
            protocol.pauseProducing()

    def lengthLimitExceeded(protocol: Any, length: int) -> None:
        protocol.events.append(length)
        if not protocol.lenient:
            protocol.transport.loseConnection()

    body = {
        "MAX_LENGTH": 12,
        "lenient": False,
        "stringReceived": stringReceived,
        "lengthLimitExceeded": lengthLimitExceeded,
        **members,
    }
    protocol: Any = type("Strings", (base,), body)()
    protocol.events = []
    return protocol


def eventsOf(base: type[IntNStringReceiver], pieces: list[bytes], lenient: bool) -> list[object]:
    """What a protocol notes that gets these pieces, and is resumed whenever it pauses."""
    protocol = make(base, lenient=lenient)
    transport = StringTransport()
    protocol.makeConnection(transport)
    for piece in pieces:
        protocol.dataReceived(piece)
        while protocol.paused and not transport.disconnecting:
            protocol.resumeProducing()
    events: list[object] = protocol.events
    return events


def encode(base: type[IntNStringReceiver], string: bytes) -> bytes:
    """`string` with its length before it."""
    return len(string).to_bytes(base.prefixLength, "big") + string


string = st.sampled_from([b"close", b"pause", b"x" * 12, b"x" * 13, b"x" * 200]) | st.binary(
    max_size=15
)


class SplittingTests(unittest.SynchronousTestCase):
    """The events are the same however the bytes are split."""

    @given(
        st.sampled_from(RECEIVERS),
        st.lists(string, max_size=10),
        st.binary(max_size=10),
        cuts(),
        st.booleans(),
    )
    @settings(deadline=None, max_examples=300)
    def test_sameEvents(
        self,
        base: type[IntNStringReceiver],
        strings: list[bytes],
        garbage: bytes,
        where: list[int],
        lenient: bool,
    ) -> None:
        data = b"".join(encode(base, each) for each in strings) + garbage
        self.assertEqual(
            eventsOf(base, piecesOf(data, where), lenient), eventsOf(base, [data], lenient)
        )

    @given(st.sampled_from(RECEIVERS), st.lists(st.binary(max_size=12)), cuts())
    @settings(deadline=None, max_examples=100)
    def test_stringsComeOutAsTheyWentIn(
        self, base: type[IntNStringReceiver], strings: list[bytes], where: list[int]
    ) -> None:
        strings = [each for each in strings if each != b"close"]
        sender = make(base)
        transport = feed(sender, [])
        for each in strings:
            sender.sendString(each)
        self.assertEqual(eventsOf(base, piecesOf(transport.value(), where), False), strings)


class IntNStringReceiverTests(unittest.SynchronousTestCase):
    """`Int8StringReceiver` and its sisters."""

    def test_prefixes(self) -> None:
        for base, prefix in zip(RECEIVERS, [b"\x02", b"\0\x02", b"\0\0\0\x02"], strict=True):
            protocol = make(base)
            transport = feed(protocol, [prefix + b"hi"])
            protocol.sendString(b"ho")
            self.assertEqual(protocol.events, [b"hi"])
            self.assertEqual(transport.value(), prefix + b"ho")

    def test_otherFormats(self) -> None:
        protocol = make(IntNStringReceiver, structFormat="<H", prefixLength=2)
        transport = feed(protocol, [b"\x02\0hi"])
        protocol.sendString(b"ho")
        self.assertEqual(protocol.events, [b"hi"])
        self.assertEqual(transport.value(), b"\x02\0ho")

    def test_tooLongToReceive(self) -> None:
        """The announcement is enough: nothing of the string is waited for, or kept."""
        for base in RECEIVERS:
            protocol = make(base)
            transport = feed(protocol, [encode(base, b"ok") + encode(base, b"x" * 13)[:-13]])
            self.assertEqual(protocol.events, [b"ok", 13])
            self.assertTrue(transport.disconnecting)

    def test_defaultOfLengthLimitExceeded(self) -> None:
        protocol = Int32StringReceiver()
        transport = feed(protocol, [b"\xff\xff\xff\xff"])
        self.assertTrue(transport.disconnecting)

    def test_longStringCanBeSkipped(self) -> None:
        for base in RECEIVERS:
            protocol = make(base, lenient=True)
            data = encode(base, b"x" * 100)
            feed(protocol, [*piecesOf(data, range(0, 100, 7)), encode(base, b"ok")])
            self.assertEqual(protocol.events, [100, b"ok"])
            self.assertEqual(protocol.recvd, b"")

    def test_tooLongToSend(self) -> None:
        for base, limit in [(Int8StringReceiver, 2**8), (Int16StringReceiver, 2**16)]:
            protocol = make(base)
            transport = feed(protocol, [])
            with self.assertRaises(StringTooLongError) as caught:
                protocol.sendString(b"x" * limit)
            self.assertIn(f"at most {limit - 1}", str(caught.exception))
            protocol.sendString(b"x" * (limit - 1))
            self.assertEqual(len(transport.value()), limit - 1 + base.prefixLength)

    def test_sendStringOfText(self) -> None:
        protocol = make(Int8StringReceiver)
        feed(protocol, [])
        with self.assertRaises(TypeError) as caught:
            protocol.sendString("hello")
        self.assertIn('text.encode("utf-8")', str(caught.exception))

    def test_recvd(self) -> None:
        protocol = make(Int8StringReceiver)
        seen: list[bytes] = []
        protocol.stringReceived = lambda string: seen.append(protocol.recvd)
        feed(protocol, [b"\x01a\x01b\x02c"])
        self.assertEqual(seen, [b"\x01b\x02c", b"\x02c"])
        self.assertEqual(protocol.recvd, b"\x02c")

    def test_recvdCanBeReplaced(self) -> None:
        protocol = make(Int8StringReceiver)
        feed(protocol, [b"\x05a"])
        protocol.recvd = b"\x02"
        protocol.dataReceived(b"hi")
        self.assertEqual(protocol.events, [b"hi"])

    def test_recvdCanBeReplacedInsideACallback(self) -> None:
        for pieces in ([b"\x01a"], [b"\x01a\x01b"], [b"\x01", b"a"]):
            protocol = make(Int8StringReceiver)

            def stringReceived(string: bytes, protocol: Any = protocol) -> None:
                protocol.events.append(string)
                if string == b"a":
                    protocol.recvd = b"\x02hi\x02"

            protocol.stringReceived = stringReceived
            feed(protocol, pieces)
            protocol.dataReceived(b"ho")
            self.assertEqual(protocol.events, [b"a", b"hi", b"ho"])

    def test_recvdWhilePartIsKept(self) -> None:
        protocol = make(Int16StringReceiver, MAX_LENGTH=5000)
        feed(protocol, [b"\0"])
        self.assertEqual(protocol.recvd, b"\0")
        protocol.dataReceived(b"\x05a")
        self.assertEqual(protocol.recvd, b"\0\x05a")
        protocol.dataReceived(b"bcde\x10\0" + b"x" * 3000)
        self.assertEqual(protocol.events, [b"abcde"])
        self.assertEqual(protocol.recvd, b"\x10\0" + b"x" * 3000)
        protocol.dataReceived(b"x" * 1096)
        self.assertEqual(protocol.events[1:], [b"x" * 4096])
        self.assertEqual(protocol.recvd, b"")

    def test_exception(self) -> None:
        """The string is delivered no second time, and the next ones are."""
        for pieces in ([b"\x01!", b"\x01a"], [b"\x01!\x01a\x01", b"b"], [b"\x01", b"!", b"\x01a"]):
            protocol = make(Int8StringReceiver)

            def stringReceived(string: bytes, protocol: Any = protocol) -> None:
                protocol.events.append(string)
                if string == b"!":
                    raise ZeroDivisionError

            protocol.stringReceived = stringReceived
            transport = feed(protocol, [])
            for piece in pieces:
                try:
                    protocol.dataReceived(piece)
                except ZeroDivisionError:
                    protocol.events.append("raised")
            expected = [b"!", "raised", b"a"] + [b"b"] * (len(pieces[0]) == 5)
            self.assertEqual(protocol.events, expected)
            self.assertFalse(transport.disconnecting)

    def test_withoutConnection(self) -> None:
        protocol = make(Int8StringReceiver)
        protocol.dataReceived(b"\x01a\x01")
        protocol.dataReceived(b"b")
        self.assertEqual(protocol.events, [b"a", b"b"])

    def test_limitThatIsAProperty(self) -> None:
        protocol = make(Int8StringReceiver, MAX_LENGTH=property(lambda self: 2))
        transport = feed(protocol, [b"\x02hi", b"\x03hey"])
        self.assertEqual(protocol.events, [b"hi", 3])
        self.assertTrue(transport.disconnecting)

    def test_pause(self) -> None:
        protocol = make(Int8StringReceiver)
        transport = feed(protocol, [b"\x05pause\x01a\x05pause\x01b"])
        self.assertEqual(protocol.events, [b"pause"])
        self.assertEqual(transport.producerState, "paused")
        protocol.resumeProducing()
        self.assertEqual(protocol.events, [b"pause", b"a", b"pause"])
        protocol.dataReceived(b"\x01c")
        protocol.resumeProducing()
        self.assertEqual(protocol.events[3:], [b"b", b"c"])

    def test_dataThatComesInsideACallback(self) -> None:
        protocol = make(Int8StringReceiver)

        def stringReceived(string: bytes) -> None:
            protocol.events.append(string)
            if string == b"1":
                protocol.dataReceived(b"3")

        protocol.stringReceived = stringReceived
        feed(protocol, [b"\x011\x012\x01"])
        self.assertEqual(protocol.events, [b"1", b"2", b"3"])

    def test_stringReceivedHasToBeDefined(self) -> None:
        with self.assertRaises(NotImplementedError):
            feed(Int8StringReceiver(), [b"\0"])


class Stateful(StatefulStringProtocol, Int8StringReceiver):
    """Wants a name, then any number of words, then nothing."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes]] = []

    def proto_init(self, string: bytes) -> str:
        self.seen.append(("init", string))
        return "word"

    def proto_word(self, string: bytes) -> str:
        self.seen.append(("word", string))
        return "done" if string == b"bye" else "word"


class StatefulStringProtocolTests(unittest.SynchronousTestCase):
    """`StatefulStringProtocol`."""

    def test_states(self) -> None:
        protocol = Stateful()
        transport = feed(protocol, [b"\x02me\x02hi\x03bye\x02no"])
        self.assertEqual(protocol.seen, [("init", b"me"), ("word", b"hi"), ("word", b"bye")])
        self.assertEqual(protocol.state, "done")
        self.assertTrue(transport.disconnecting)

    def test_unknownState(self) -> None:
        protocol = Stateful()
        protocol.state = "nowhere"
        with self.assertRaises(AttributeError) as caught:
            feed(protocol, [b"\x02me"])
        self.assertIn("proto_nowhere", str(caught.exception))
