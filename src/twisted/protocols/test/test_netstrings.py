"""`NetstringReceiver`: the grammar, the limit, the same events however split."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from twisted.logger import capturedLogs
from twisted.protocols.basic import NetstringParseError, NetstringReceiver
from twisted.protocols.test._streams import cuts, feed, piecesOf
from twisted.trial import unittest


class Recorder(NetstringReceiver):
    """Keeps its strings."""

    MAX_LENGTH = 12

    def __init__(self) -> None:
        self.strings: list[bytes] = []

    def stringReceived(self, string: bytes) -> None:
        self.strings.append(string)
        if string == b"close":
            self.transport.loseConnection()


def outcome(pieces: list[bytes]) -> tuple[list[bytes], bool]:
    """The strings that come of these pieces, and whether the connection is closed."""
    protocol = Recorder()
    transport = feed(protocol, pieces)
    return protocol.strings, transport.disconnecting


fragment = st.sampled_from(
    [b"0:,", b"5:hello,", b"5:close,", b"12:" + b"x" * 12 + b",", b"1", b":", b",", b"0", b"13:"]
    + [b"1:a;", b"+1:a,", b" 1:a,", b"01:a,", b"1 :a,", b"1_0:", "\u0661:a,".encode()]
)
stream = st.lists(fragment | st.binary(max_size=4), max_size=12).map(b"".join)


class SplittingTests(unittest.SynchronousTestCase):
    """Any bytes give strings, or strings and a closed connection, however they are split."""

    @given(stream, cuts())
    @example(b"5:hello,12:xxxxxxxxxxxx,13:", list(range(40)))
    @settings(deadline=None, max_examples=200)
    def test_sameEvents(self, data: bytes, where: list[int]) -> None:
        self.assertEqual(outcome(piecesOf(data, where)), outcome([data]))

    @given(stream)
    @settings(deadline=None, max_examples=200)
    def test_grammar(self, data: bytes) -> None:
        """A parser of another kind finds the same strings."""
        expected = []
        rest = data
        while found := re.match(rb"(0|[1-9][0-9]*):", rest):
            length = int(found[1])
            end = found.end() + length
            if length > 12 or rest[end : end + 1] != b",":
                break
            expected.append(rest[found.end() : end])
            rest = rest[end + 1 :]
            if expected[-1] == b"close":
                break
        self.assertEqual(outcome([data])[0], expected)

    @given(st.lists(st.binary(max_size=300)), cuts())
    @settings(deadline=None, max_examples=100)
    def test_stringsComeOutAsTheyWentIn(self, strings: list[bytes], where: list[int]) -> None:
        sender, receiver = Recorder(), Recorder()
        receiver.MAX_LENGTH = 300
        transport = feed(sender, [])
        for string in strings:
            sender.sendString(string)
        closing = feed(receiver, piecesOf(transport.value(), where))
        until = strings.index(b"close") + 1 if b"close" in strings else len(strings)
        self.assertEqual(receiver.strings, strings[:until])
        self.assertEqual(closing.disconnecting, b"close" in strings)


class NetstringReceiverTests(unittest.SynchronousTestCase):
    """`NetstringReceiver`."""

    def test_good(self) -> None:
        self.assertEqual(
            outcome([b"5:hello,0:,1:,,3::::,"]), ([b"hello", b"", b",", b":::"], False)
        )

    def test_badPeerIsDisconnectedAtTheFirstBadByte(self) -> None:
        for bad in (
            b"a",
            b":",
            b",",
            b"-",
            b" ",
            b"00",
            b"01",
            b"1a",
            b"1 ",
            b"1,",
            b"13",
            b"99",
            b"1:ab",
            b"0:a",
            b"5:hello\n",
        ):
            before = piecesOf(bad, [len(bad) - 1])
            if len(before) > 1:
                self.assertEqual(outcome([b"2:ok,", before[0]]), ([b"ok"], False), bad)
            self.assertEqual(outcome([b"2:ok,", bad, b"2:no,"]), ([b"ok"], True), bad)

    def test_hugeLengthIsNotConverted(self) -> None:
        """A header is looked at up to a fixed length, whatever `MAX_LENGTH` is."""
        protocol = Recorder()
        protocol.MAX_LENGTH = 10**30
        transport = feed(protocol, [b"1" * 100000])
        self.assertFalse(transport.disconnecting)
        self.assertEqual(outcome([b"9" * 100000]), ([], True))

    def test_offenceIsLogged(self) -> None:
        with capturedLogs() as events:
            outcome([b"100:"])
        self.assertEqual(len(events), 1)
        offence = events[0]["offence"]
        self.assertIsInstance(offence, NetstringParseError)
        self.assertIn("100 bytes is longer than 12", str(offence))

    def test_brokenPeerIsNotListenedTo(self) -> None:
        protocol = Recorder()
        transport = feed(protocol, [b"bad"])
        self.assertTrue(protocol.brokenPeer)
        transport.disconnecting = False
        protocol.dataReceived(b"2:no,")
        self.assertEqual(protocol.strings, [])

    def test_newConnectionBeginsAfresh(self) -> None:
        protocol = Recorder()
        feed(protocol, [b"2:ok,bad"])
        feed(protocol, [b"5:he"])
        feed(protocol, [b"2:ok,"])
        self.assertEqual(protocol.strings, [b"ok", b"ok"])

    def test_longStringInSmallPieces(self) -> None:
        protocol = Recorder()
        protocol.MAX_LENGTH = 10**6
        feed(protocol, [b"100000:", *[b"x"] * 100000, b","])
        self.assertEqual(protocol.strings, [b"x" * 100000])

    def test_dataThatComesInsideACallback(self) -> None:
        class Reentrant(Recorder):
            def stringReceived(self, string: bytes) -> None:
                super().stringReceived(string)
                if string == b"1":
                    self.dataReceived(b"3,")

        protocol = Reentrant()
        feed(protocol, [b"1:1,1:2,1:"])
        self.assertEqual(protocol.strings, [b"1", b"2", b"3"])

    def test_dataThatComesInsideTheOnlyCallback(self) -> None:
        order: list[bytes] = []

        class Reentrant(Recorder):
            def stringReceived(self, string: bytes) -> None:
                order.append(b"begin " + string)
                if string == b"1":
                    self.dataReceived(b"1:2,1:")
                    self.dataReceived(b"3,")
                order.append(b"end " + string)

        feed(Reentrant(), [b"1:1,"])
        self.assertEqual(
            order, [what + digit for digit in (b"1", b"2", b"3") for what in (b"begin ", b"end ")]
        )

    def test_exception(self) -> None:
        class Raising(Recorder):
            def stringReceived(self, string: bytes) -> None:
                super().stringReceived(string)
                if string == b"!":
                    raise ZeroDivisionError

        for pieces in ([b"1:!,", b"1:a,"], [b"1:!,1:", b"a,"]):
            protocol = Raising()
            transport = feed(protocol, [])
            with self.assertRaises(ZeroDivisionError):
                protocol.dataReceived(pieces[0])
            protocol.dataReceived(pieces[1])
            self.assertEqual(protocol.strings, [b"!", b"a"])
            self.assertFalse(transport.disconnecting)

    def test_transportThatDoesNotSayWhetherItCloses(self) -> None:
        protocol = Recorder()
        protocol.makeConnection(object())
        for piece in (b"1:a,", b"1:b", b",1:c,1"):
            protocol.dataReceived(piece)
        self.assertEqual(protocol.strings, [b"a", b"b", b"c"])

    def test_sendString(self) -> None:
        protocol = Recorder()
        transport = feed(protocol, [])
        protocol.sendString(b"hello")
        protocol.sendString(b"")
        self.assertEqual(transport.value(), b"5:hello,0:,")

    def test_sendStringOfText(self) -> None:
        protocol = Recorder()
        feed(protocol, [])
        with self.assertRaises(TypeError) as caught:
            protocol.sendString("hello")  # type: ignore[arg-type]  # what this is about
        self.assertIn('text.encode("utf-8")', str(caught.exception))

    def test_stringReceivedHasToBeDefined(self) -> None:
        with self.assertRaises(NotImplementedError):
            feed(NetstringReceiver(), [b"0:,"])
