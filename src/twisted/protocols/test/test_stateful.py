"""`StatefulProtocol`: a function for each piece, of a size known before."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.protocols.stateful import StatefulProtocol
from twisted.protocols.test._streams import cuts, feed, piecesOf
from twisted.trial import unittest


class Counted(StatefulProtocol):
    """Receives strings after their length, a byte; 255 hangs up."""

    def __init__(self) -> None:
        self.strings: list[bytes] = []

    def getInitialState(self) -> Any:
        return self.gotLength, 1

    def gotLength(self, data: bytes) -> Any:
        if data == b"\xff":
            self.transport.loseConnection()
        return self.gotString, data[0]

    def gotString(self, data: bytes) -> Any:
        self.strings.append(data)
        return self.getInitialState()


class StatefulProtocolTests(unittest.SynchronousTestCase):
    """`StatefulProtocol`."""

    @given(st.lists(st.binary(max_size=20)), st.binary(max_size=3), cuts())
    @settings(deadline=None, max_examples=100)
    def test_sameEventsHoweverSplit(
        self, strings: list[bytes], rest: bytes, where: list[int]
    ) -> None:
        data = b"".join(bytes([len(each)]) + each for each in strings)
        whole, split = Counted(), Counted()
        feed(whole, [data + rest])
        feed(split, piecesOf(data + rest, where))
        self.assertEqual(split.strings, whole.strings)
        self.assertEqual(whole.strings[: len(strings)], strings)

    def test_noneStaysInTheState(self) -> None:
        pairs: list[bytes] = []

        class Pairs(StatefulProtocol):
            def getInitialState(self) -> Any:
                return pairs.append, 2

        feed(Pairs(), [b"a", b"bcde"])
        self.assertEqual(pairs, [b"ab", b"cd"])

    def test_nothingAfterHangingUp(self) -> None:
        protocol = Counted()
        feed(protocol, [b"\x01a\xff\x01b", b"\x01c"])
        self.assertEqual(protocol.strings, [b"a"])

    def test_newConnectionBeginsAfresh(self) -> None:
        protocol = Counted()
        feed(protocol, [b"\x05ab"])
        feed(protocol, [b"\x01c"])
        self.assertEqual(protocol.strings, [b"c"])

    def test_withoutConnection(self) -> None:
        protocol = Counted()
        protocol.dataReceived(b"\x01a")
        self.assertEqual(protocol.strings, [b"a"])

    def test_stateThatWantsNothing(self) -> None:
        class Stuck(StatefulProtocol):
            def getInitialState(self) -> Any:
                return (lambda data: None), 0

        with self.assertRaises(RuntimeError) as caught:
            feed(Stuck(), [b"a"])
        self.assertIn("for ever", str(caught.exception))

    def test_initialStateHasToBeDefined(self) -> None:
        with self.assertRaises(NotImplementedError):
            feed(StatefulProtocol(), [])
