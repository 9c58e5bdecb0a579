"""`LineReceiver` and `LineOnlyReceiver`: lines, raw data, limits, pauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from twisted.internet.testing import StringTransport
from twisted.protocols.basic import LineOnlyReceiver, LineReceiver
from twisted.protocols.test._streams import cuts, feed, piecesOf
from twisted.trial import unittest

Event = tuple[str, bytes]


class Recorder(LineReceiver):
    """Notes what happens, and does what lines that begin with a command say."""

    MAX_LENGTH = 20

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.rawWanted = 0

    def lineReceived(self, line: bytes) -> None:
        self.events.append(("line", line))
        command, _, argument = line.partition(b" ")
        if command == b"raw":
            self.rawWanted = len(argument)
            if self.rawWanted:
                self.setRawMode()
        elif command == b"delimiter":
            self.delimiter = argument or b"\r\n"
        elif command == b"pause":
            self.pauseProducing()
        elif command == b"blink":
            self.pauseProducing()
            self.resumeProducing()
        elif command == b"close":
            self.transport.loseConnection()

    def rawDataReceived(self, data: bytes) -> None:
        data, rest = data[: self.rawWanted], data[self.rawWanted :]
        # Raw data comes in whatever pieces it came in, so it is noted byte by byte.
        self.events.extend(("raw", bytes([byte])) for byte in data)
        self.rawWanted -= len(data)
        if not self.rawWanted:
            self.setLineMode(rest)

    def lineLengthExceeded(self, line: bytes) -> None:
        self.events.append(("exceeded", b""))
        super().lineLengthExceeded(line)


def eventsOf(pieces: list[bytes], make: Callable[[], Any] = Recorder) -> list[Event]:
    """What a protocol notes that gets these pieces, and is resumed whenever it pauses."""
    protocol = make()
    transport = StringTransport()
    protocol.makeConnection(transport)
    for piece in pieces:
        protocol.dataReceived(piece)
        while protocol.paused and not transport.disconnecting:
            protocol.resumeProducing()
    events: list[Event] = protocol.events
    return events


class SimpleRecorder(LineOnlyReceiver):
    """As `Recorder`, without modes."""

    MAX_LENGTH = 20

    def __init__(self) -> None:
        self.events: list[Event] = []

    def lineReceived(self, line: bytes) -> None:
        self.events.append(("line", line))
        if line == b"close":
            self.transport.loseConnection()
        elif line.startswith(b"delimiter "):
            self.delimiter = line[10:] or b"\r\n"

    def lineLengthExceeded(self, line: bytes) -> None:
        self.events.append(("exceeded", b""))
        super().lineLengthExceeded(line)


# Streams with something to trip over: commands, lines about as long as allowed, odd ends.
fragment = st.sampled_from(
    [
        b"\r\n",
        b"\r",
        b"\n",
        b"raw abc\r\n",
        b"raw a\r\n",
        b"raw \r\n",
        b"pause\r\n",
        b"blink\r\n",
        b"delimiter \n\r\n",
        b"delimiter \n",
        b"delimiter ab\r\n",
        b"ab",
        b"a",
        b"close\r\n",
        b"x" * 19,
        b"x" * 20 + b"\r\n",
        b"x" * 21 + b"\r\n",
        b"x" * 22,
    ]
)
stream = st.lists(fragment | st.binary(max_size=6), max_size=25).map(b"".join)


class SplittingTests(unittest.SynchronousTestCase):
    """The events are the same however the bytes are split."""

    @given(stream, cuts())
    @example(b"delimiter \n\r\nabc\ndef\nraw abc\nabcghi\n", list(range(60)))
    @example(b"x" * 20 + b"\r\n" + b"x" * 21 + b"\r\nmore\r\n", list(range(60)))
    @settings(deadline=None, max_examples=200)
    def test_lineReceiver(self, data: bytes, where: list[int]) -> None:
        self.assertEqual(eventsOf(piecesOf(data, where)), eventsOf([data]))

    @given(stream, cuts())
    @settings(deadline=None, max_examples=200)
    def test_lineOnlyReceiver(self, data: bytes, where: list[int]) -> None:
        self.assertEqual(
            eventsOf(piecesOf(data, where), SimpleRecorder), eventsOf([data], SimpleRecorder)
        )

    @given(st.lists(st.binary(max_size=20).filter(lambda line: b"\r" not in line)))
    @settings(deadline=None, max_examples=100)
    def test_linesComeOutAsTheyWentIn(self, lines: list[bytes]) -> None:
        class Collector(LineOnlyReceiver):
            def __init__(self) -> None:
                self.lines: list[bytes] = []

            def lineReceived(self, line: bytes) -> None:
                self.lines.append(line)

        sender, receiver = Collector(), Collector()
        transport = feed(sender, [])
        for line in lines:
            sender.sendLine(line)
        feed(receiver, [transport.value()])
        self.assertEqual(receiver.lines, lines)


class CommonTests:
    """What both receivers of lines do."""

    base: type[LineOnlyReceiver] | type[LineReceiver]
    assertEqual: Any
    assertIn: Any
    assertRaises: Any
    assertTrue: Any

    def make(self, **members: Any) -> Any:
        """A protocol that notes its lines in `lines` and long ones in `exceeded`."""

        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.lines.append(line)

        members.setdefault("lineReceived", lineReceived)
        protocol: Any = type("Lines", (self.base,), {"MAX_LENGTH": 20, **members})()
        protocol.lines = []
        return protocol

    def test_linesWithoutDelimiter(self) -> None:
        protocol = self.make()
        feed(protocol, [b"one\r\ntwo\r\n\r\nthr", b"ee\r", b"\nfour"])
        self.assertEqual(protocol.lines, [b"one", b"two", b"", b"three"])

    def test_longestLine(self) -> None:
        protocol = self.make()
        transport = feed(protocol, [b"x" * 20 + b"\r", b"\n"])
        self.assertEqual(protocol.lines, [b"x" * 20])
        self.assertEqual(transport.disconnecting, False)

    def test_tooLongLineClosesTheConnection(self) -> None:
        for pieces in ([b"one\r\n" + b"x" * 21 + b"\r\ntwo\r\n"], [b"one\r\n", b"x" * 22]):
            protocol = self.make()
            transport = feed(protocol, pieces)
            self.assertTrue(transport.disconnecting)
            protocol.dataReceived(b"\r\nthree\r\n")
            self.assertEqual(protocol.lines, [b"one"])

    def test_excessIsHandedOverAndForgotten(self) -> None:
        excess: list[bytes] = []
        protocol = self.make(lineLengthExceeded=lambda self, line: excess.append(line))
        feed(protocol, [b"one\r\n" + b"x" * 21 + b"\r\ntwo\r\n", b"x" * 30, b"\r\nthree\r\n"])
        self.assertEqual(excess, [b"x" * 21 + b"\r\ntwo\r\n", b"x" * 30])
        self.assertEqual(protocol.lines, [b"one", b"", b"three"])

    def test_endlessLineIsNotKept(self) -> None:
        excess: list[bytes] = []
        protocol = self.make(lineLengthExceeded=lambda self, line: excess.append(line))
        feed(protocol, [b"x"] * 1000)
        self.assertEqual({len(each) for each in excess}, {22})

    def test_nothingIsDeliveredAfterHangingUp(self) -> None:
        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.lines.append(line)
            protocol.transport.loseConnection()

        protocol = self.make(lineReceived=lineReceived)
        feed(protocol, [b"one\r\ntwo\r\nthr", b"ee\r\n"])
        self.assertEqual(protocol.lines, [b"one"])

    def test_transportThatDoesNotSayWhetherItCloses(self) -> None:
        protocol = self.make()
        protocol.makeConnection(object())
        protocol.dataReceived(b"one\r\ntwo\r\n")
        self.assertEqual(protocol.lines, [b"one", b"two"])

    def test_delimiterChangedBetweenPieces(self) -> None:
        protocol = self.make()
        feed(protocol, [b"one\ntwo"])
        protocol.delimiter = b"\n"
        protocol.dataReceived(b"!")
        self.assertEqual(protocol.lines, [b"one"])
        protocol.dataReceived(b"\n")
        self.assertEqual(protocol.lines, [b"one", b"two!"])

    def test_emptyDelimiter(self) -> None:
        protocol = self.make(delimiter=b"")
        with self.assertRaises(ValueError) as caught:
            feed(protocol, [b"one"])
        self.assertIn("delimiter is empty", str(caught.exception))

    def test_dataThatComesInsideACallback(self) -> None:
        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.lines.append(line)
            if line == b"one":
                protocol.dataReceived(b"ree\r\nfour\r\n")

        protocol = self.make(lineReceived=lineReceived)
        feed(protocol, [b"one\r\ntwo\r\nth"])
        self.assertEqual(protocol.lines, [b"one", b"two", b"three", b"four"])

    def test_exceptionLosesNoOtherLine(self) -> None:
        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.lines.append(line)
            if line == b"bad":
                raise ZeroDivisionError

        protocol = self.make(lineReceived=lineReceived)
        self.assertRaises(ZeroDivisionError, feed, protocol, [b"one\r\nbad\r\ntwo\r\nth"])
        self.assertEqual(protocol.lines, [b"one", b"bad"])
        protocol.dataReceived(b"ree\r\n")
        self.assertEqual(protocol.lines, [b"one", b"bad", b"two", b"three"])

    def test_exceptionForTheOnlyLine(self) -> None:
        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.lines.append(line)
            if line == b"bad":
                protocol.dataReceived(b"meanwhile\r\n")
                raise ZeroDivisionError

        protocol = self.make(lineReceived=lineReceived)
        self.assertRaises(ZeroDivisionError, feed, protocol, [b"bad\r\n"])
        protocol.dataReceived(b"one\r\n")
        self.assertEqual(protocol.lines, [b"bad", b"meanwhile", b"one"])

    def test_dataThatComesInsideTheOnlyCallback(self) -> None:
        """It waits until the callback has returned."""
        order: list[Event] = []

        def lineReceived(protocol: Any, line: bytes) -> None:
            order.append(("begin", line))
            if line == b"one":
                protocol.dataReceived(b"two\r\nth")
                protocol.dataReceived(b"ree\r\n")
            order.append(("end", line))

        feed(self.make(lineReceived=lineReceived), [b"one\r\n"])
        self.assertEqual(
            order,
            [(what, line) for line in (b"one", b"two", b"three") for what in ("begin", "end")],
        )

    def test_limitChangedByALine(self) -> None:
        """It holds for the very next line, whether that is in the same piece or not."""

        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.lines.append(line)
            if line == b"long line":
                protocol.MAX_LENGTH = 3

        lines = [b"one", b"longest line", b"long line", b"two", b"three", b"four"]
        stream = b"".join(line + b"\r\n" for line in lines)
        for width in (len(stream), 7, 1):
            protocol = self.make(lineReceived=lineReceived)
            transport = feed(protocol, piecesOf(stream, range(0, len(stream), width)))
            self.assertEqual(protocol.lines, lines[:4])
            self.assertTrue(transport.disconnecting)

    def test_pieceLongerThanAnyLine(self) -> None:
        protocol = self.make()
        transport = feed(protocol, [b"0123456789\r\n" * 50 + b"part"])
        self.assertEqual(protocol.lines, [b"0123456789"] * 50)
        protocol.dataReceived(b"\r\n" + b"a\r\n" * 50 + b"x" * 21 + b"\r\nb\r\n")
        self.assertEqual(protocol.lines[50:], [b"part"] + [b"a"] * 50)
        self.assertTrue(transport.disconnecting)

    def test_settingsThatAreProperties(self) -> None:
        protocol = self.make(
            delimiter=property(lambda self: b"\n"), MAX_LENGTH=property(lambda self: len("four"))
        )
        transport = feed(protocol, [b"one\ntwo\nfour\n"])
        self.assertEqual(protocol.lines, [b"one", b"two", b"four"])
        protocol.dataReceived(b"three\n")
        self.assertTrue(transport.disconnecting)

    def test_withoutConnection(self) -> None:
        protocol = self.make()
        protocol.dataReceived(b"one\r\ntw")
        protocol.dataReceived(b"o\r\n")
        self.assertEqual(protocol.lines, [b"one", b"two"])

    def test_namesThatProgramsUse(self) -> None:
        """A subclass may have attributes of its own by any likely name."""
        names = ("_data", "_state", "_buffer", "_parse", "_pos", "_settings", "buffer", "state")
        protocol = self.make(**dict.fromkeys(names, 7))
        feed(protocol, [b"one\r\ntw", b"o\r\nthree\r\n"])
        self.assertEqual(protocol.lines, [b"one", b"two", b"three"])

    def test_lineReceivedHasToBeDefined(self) -> None:
        protocol: Any = self.base()
        with self.assertRaises(NotImplementedError) as caught:
            feed(protocol, [b"one\r\n"])
        self.assertIn("lineReceived(self, line)", str(caught.exception))

    def test_sendLine(self) -> None:
        protocol = self.make(delimiter=b"\n")
        transport = feed(protocol, [])
        for line in (b"one", bytearray(b"two"), memoryview(b"three")):
            protocol.sendLine(line)
        self.assertEqual(transport.value(), b"one\ntwo\nthree\n")

    def test_sendLineOfText(self) -> None:
        protocol = self.make()
        transport = feed(protocol, [])
        with self.assertRaises(TypeError) as caught:
            protocol.sendLine("one")
        self.assertIn('text.encode("utf-8")', str(caught.exception))
        with self.assertRaises(TypeError) as caught:
            protocol.sendLine(1)
        self.assertEqual(str(caught.exception), "sendLine takes bytes, not int")
        self.assertEqual(transport.value(), b"")


class LineOnlyReceiverTests(CommonTests, unittest.SynchronousTestCase):
    """`LineOnlyReceiver`."""

    base = LineOnlyReceiver


class LineReceiverTests(CommonTests, unittest.SynchronousTestCase):
    """`LineReceiver`."""

    base = LineReceiver

    def test_rawModeBeginsBehindTheLine(self) -> None:
        self.assertEqual(
            eventsOf([b"raw ab\r\n\r\nline\r\n"]),
            [("line", b"raw ab"), ("raw", b"\r"), ("raw", b"\n"), ("line", b"line")],
        )

    def test_rawDataIsNotBuffered(self) -> None:
        received: list[bytes] = []

        class Raw(LineReceiver):
            line_mode = 0

            def rawDataReceived(self, data: bytes) -> None:
                received.append(data)

        feed(Raw(), [b"one\r\n", b"two"])
        self.assertEqual(received, [b"one\r\n", b"two"])

    def test_partOfALineGoesRaw(self) -> None:
        protocol = Recorder()
        feed(protocol, [b"half a l"])
        protocol.rawWanted = 9
        protocol.setRawMode()
        protocol.dataReceived(b"i\r\n")
        self.assertEqual(b"".join(data for _, data in protocol.events), b"half a li")
        self.assertEqual({kind for kind, _ in protocol.events[:9]}, {"raw"})
        self.assertEqual(protocol.events[9:], [("line", b"")])

    def test_setLineModeFromOutside(self) -> None:
        protocol = Recorder()
        feed(protocol, [])
        protocol.setRawMode()
        protocol.setLineMode(b"one\r\ntwo\r\nthr")
        protocol.dataReceived(b"ee\r\n")
        self.assertEqual(protocol.events, [("line", b"one"), ("line", b"two"), ("line", b"three")])

    def test_extraComesBeforeWhatIsBuffered(self) -> None:
        protocol = Recorder()
        feed(protocol, [b"ne\r"])
        protocol.setLineMode(b"o")
        protocol.dataReceived(b"\n")
        self.assertEqual(protocol.events, [("line", b"one")])

    def test_rawDataReceivedHasToBeDefined(self) -> None:
        protocol = self.make(line_mode=0)
        with self.assertRaises(NotImplementedError) as caught:
            feed(protocol, [b"one\r\n"])
        self.assertIn("rawDataReceived(self, data)", str(caught.exception))

    def test_clearLineBuffer(self) -> None:
        cleared: list[bytes] = []

        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.lines.append(line)
            if line == b"clear":
                cleared.append(protocol.clearLineBuffer())

        protocol = self.make(lineReceived=lineReceived)
        feed(protocol, [b"one\r\nclear\r\ntwo\r\nthr"])
        protocol.dataReceived(b"ee\r\nfo")
        self.assertEqual(protocol.clearLineBuffer(), b"fo")
        self.assertEqual(protocol.clearLineBuffer(), b"")
        protocol.dataReceived(b"ur\r\n")
        self.assertEqual(cleared, [b"two\r\nthr"])
        self.assertEqual(protocol.lines, [b"one", b"clear", b"ee", b"ur"])

    def test_pauseHoldsBackWhatIsBuffered(self) -> None:
        protocol = Recorder()
        transport = feed(protocol, [b"pause\r\none\r\npause\r\ntwo\r\nth"])
        self.assertEqual(protocol.events, [("line", b"pause")])
        self.assertEqual(transport.producerState, "paused")
        protocol.dataReceived(b"ree\r\n")
        protocol.resumeProducing()
        self.assertEqual(transport.producerState, "paused")
        self.assertEqual([line for _, line in protocol.events], [b"pause", b"one", b"pause"])
        protocol.resumeProducing()
        self.assertEqual(transport.producerState, "producing")
        self.assertEqual([line for _, line in protocol.events[3:]], [b"two", b"three"])

    def test_linesThatCameWhilePausedBehindAPart(self) -> None:
        protocol = Recorder()
        feed(protocol, [b"on"])
        protocol.pauseProducing()
        protocol.dataReceived(b"e\r\ntwo\r\nth")
        self.assertEqual(protocol.events, [])
        protocol.resumeProducing()
        self.assertEqual(protocol.events, [("line", b"one"), ("line", b"two")])

    def test_stopProducing(self) -> None:
        protocol = Recorder()
        transport = feed(protocol, [])
        protocol.stopProducing()
        protocol.dataReceived(b"one\r\n")
        self.assertEqual(transport.producerState, "stopped")
        self.assertEqual(protocol.events, [])

    def test_pauseForEachLineIsNotQuadratic(self) -> None:
        """Each resumption looks at the next line alone, not at all that is buffered."""

        class Sized(bytes):
            """Counts how many bytes are copied out of it, and out of what it joins."""

            copied = 0

            def __getitem__(self, key: Any) -> Any:
                part = super().__getitem__(key)
                Sized.copied += len(part) if isinstance(part, bytes) else 0
                return part

            def join(self, parts: Any) -> Sized:
                whole = Sized(super().join(parts))
                Sized.copied += len(whole)
                return whole

        class Pausing(LineReceiver):
            delimiter = Sized(b"\r\n")
            count = 0

            def lineReceived(self, line: bytes) -> None:
                self.count += 1
                self.pauseProducing()

        protocol = Pausing()
        data = Sized(b"x\r\n" * 1000)
        feed(protocol, [data])
        while protocol.count < 1000:
            protocol.resumeProducing()
        self.assertGreaterEqual(Sized.copied, 999)
        self.assertLess(Sized.copied, 2 * len(data))

    def test_modeAndPauseMayBeSetAsAttributes(self) -> None:
        protocol = Recorder()
        feed(protocol, [])

        def lineReceived(line: bytes) -> None:
            protocol.events.append(("line", line))
            protocol.line_mode = int(line != b"raw")
            protocol.paused = line == b"pause"

        protocol.lineReceived = lineReceived  # type: ignore[method-assign]  # simplest here
        protocol.rawWanted = 2
        protocol.dataReceived(b"one\r\nraw\r\nabtwo\r\npause\r\nthree\r\nfo")
        self.assertEqual(
            protocol.events,
            [("line", b"one"), ("line", b"raw"), ("raw", b"a"), ("raw", b"b")]
            + [("line", b"two"), ("line", b"pause")],
        )
        del protocol.events[:]
        protocol.resumeProducing()
        protocol.dataReceived(b"ur\r\n")
        self.assertEqual(protocol.events, [("line", b"three"), ("line", b"four")])

    def test_lineModeWithExtraInsideALine(self) -> None:
        """What is put in comes next, whether or not more lines are waiting."""

        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.lines.append(line)
            if line == b"more":
                protocol.setLineMode(b"extra\r\nand ")

        for pieces in ([b"more\r\n", b"one\r\n"], [b"more\r\none\r\n"], [b"more\r", b"\none\r\n"]):
            protocol = self.make(lineReceived=lineReceived)
            feed(protocol, pieces)
            self.assertEqual(protocol.lines, [b"more", b"extra", b"and one"])

    def test_clearLineBufferAfterAChangeOfDelimiter(self) -> None:
        cleared: list[bytes] = []

        def lineReceived(protocol: Any, line: bytes) -> None:
            protocol.delimiter = b"\n"
            cleared.append(protocol.clearLineBuffer())

        protocol = self.make(lineReceived=lineReceived)
        feed(protocol, [b"one\r\ntwo\r\nthr"])
        self.assertEqual(cleared, [b"two\r\nthr"])

    def test_exceptionInRawData(self) -> None:
        def rawDataReceived(protocol: Any, data: bytes) -> None:
            protocol.setLineMode(data[3:])
            raise ZeroDivisionError

        protocol = self.make(line_mode=0, rawDataReceived=rawDataReceived)
        self.assertRaises(ZeroDivisionError, feed, protocol, [b"rawone\r\ntw"])
        protocol.dataReceived(b"o\r\n")
        self.assertEqual(protocol.lines, [b"one", b"two"])
