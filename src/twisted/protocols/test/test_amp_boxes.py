"""Boxes of AMP: how they are written, and found in a stream."""

from __future__ import annotations

import io
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.protocols import amp
from twisted.protocols.amp._boxes import BoxParser
from twisted.trial.unittest import SynchronousTestCase

KEYS = st.binary(min_size=1, max_size=amp.MAX_KEY_LENGTH)
BOXES = st.dictionaries(KEYS, st.binary(max_size=700), max_size=5)


def parsed(pieces: list[bytes], limit: int = amp.MAX_BOX_LENGTH) -> list[amp.AmpBox]:
    """What a parser finds in pieces of a stream."""
    parser = BoxParser(limit)
    found = []
    for piece in pieces:
        parser.receive(piece)
        while (box := parser.next()) is not None:
            found.append(box)
    return found


def split(data: bytes, at: list[int]) -> list[bytes]:
    """The data in pieces."""
    cuts = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[begin:end] for begin, end in pairwise(cuts)]


class SerializeTests(SynchronousTestCase):
    """From boxes to bytes."""

    def test_format(self) -> None:
        """Keys and values come in order, each after its length; an empty key is the end."""
        box = amp.Box({b"b": b"2", b"a": b"one"})
        self.assertEqual(box.serialize(), b"\0\x01a\0\x03one\0\x01b\0\x012\0\0")
        self.assertEqual(amp.Box().serialize(), b"\0\0")

    def test_longest(self) -> None:
        """Keys of 255 bytes and values of 65535 are the longest."""
        box = amp.Box({b"k" * 255: b"v" * 65535})
        self.assertEqual(amp.parseString(box.serialize()), [box])

    def test_tooLong(self) -> None:
        """Longer ones are refused, with the error that tells which."""
        error = self.assertRaises(amp.TooLong, amp.Box({b"k" * 256: b""}).serialize)
        self.assertEqual((error.isKey, error.isLocal, error.keyName), (True, True, None))
        error = self.assertRaises(amp.TooLong, amp.Box({b"k": b"v" * 65536}).serialize)
        self.assertEqual((error.isKey, error.isLocal, error.keyName), (False, True, b"k"))
        self.assertEqual(str(error), "local value of b'k' too long: 65536 bytes")

    def test_emptyKey(self) -> None:
        """A key that would end the box is refused: the rest could be taken for another box."""
        self.assertRaises(ValueError, amp.Box({b"": b"x"}).serialize)

    def test_text(self) -> None:
        """Keys may be text; a value that is text is refused, with the way to mend it."""
        self.assertEqual(amp.Box(a=b"1"), {b"a": b"1"})
        error = self.assertRaises(TypeError, amp.Box(a="1").serialize)
        self.assertIn("the value of b'a' is '1'", str(error))
        self.assertIn(".encode(", str(error))

    def test_copy(self) -> None:
        """A copy is a box of the same class, and another object."""
        box = amp.QuitBox(a=b"1")
        copy = box.copy()
        copy[b"b"] = b"2"
        self.assertEqual(box, {b"a": b"1"})
        self.assertIsInstance(copy, amp.QuitBox)
        self.assertEqual(repr(amp.AmpBox(a=b"1")), "AmpBox({b'a': b'1'})")


class ParserTests(SynchronousTestCase):
    """From bytes to boxes."""

    @given(st.lists(BOXES, max_size=4), st.lists(st.integers(0, 1 << 16), max_size=9))
    @settings(deadline=None, max_examples=60)
    def test_splitAnywhere(self, boxes: list[dict[bytes, bytes]], at: list[int]) -> None:
        """The same boxes are found however the stream is split."""
        data = b"".join(amp.Box(box).serialize() for box in boxes)
        self.assertEqual(parsed(split(data, at)), boxes)
        self.assertEqual(amp.parseString(data), boxes)

    def test_splitAtEachByte(self) -> None:
        """One byte at a time, and in two at each place."""
        boxes = [amp.Box(a=b"1", bc=b"x" * 300), amp.Box(), amp.Box({b"k" * 255: b""})]
        data = b"".join(box.serialize() for box in boxes)
        self.assertEqual(parsed([data[at : at + 1] for at in range(len(data))]), boxes)
        for at in range(len(data)):
            self.assertEqual(parsed([data[:at], data[at:]]), boxes)

    @given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5))
    @settings(deadline=None, max_examples=100)
    def test_anyBytes(self, data: bytes, at: list[int]) -> None:
        """Any bytes give boxes or the documented error, and the same ones however split."""

        def outcome(pieces: list[bytes]) -> object:
            parser = BoxParser(300)
            found: list[object] = []
            try:
                for piece in pieces:
                    parser.receive(piece)
                    while (box := parser.next()) is not None:
                        found.append(box)
            except amp.AmpError as error:
                found.append(type(error))
            return found

        self.assertEqual(outcome([data]), outcome(split(data, at)))

    def test_keyTooLong(self) -> None:
        """A key of more than 255 bytes is refused when its length has come."""
        for data in (b"\x01\x00", b"GET / HTTP/1.0\r\n", b"\0\x01a\0\x01b\x01\x01"):
            error = self.assertRaises(amp.TooLong, parsed, [data])
            self.assertEqual((error.isKey, error.isLocal), (True, False))

    def test_boxTooLong(self) -> None:
        """A box may not be longer than the limit: it is refused before the value has come."""
        parsed([amp.Box(a=b"x" * 100).serialize()], 300)
        self.assertRaises(amp.MalformedAmpBox, parsed, [b"\0\x01a\x01\x00"], 300)

    def test_manySmallPairs(self) -> None:
        """A box of very many keys is refused too, though they are short."""
        data = b"".join(b"\0\x03%03d\0\0" % number for number in range(1000))
        self.assertRaises(amp.MalformedAmpBox, parsed, [data], 50_000)

    def test_limitIsForOneBox(self) -> None:
        """Any number of boxes within the limit may come."""
        data = amp.Box(a=b"x" * 100).serialize() * 1000
        self.assertEqual(len(parsed([data], 300)), 1000)
        self.assertEqual(
            len(parsed([data[at : at + 7] for at in range(0, len(data), 7)], 300)), 1000
        )

    def test_take(self) -> None:
        """What follows a box can be taken unread."""
        parser = BoxParser()
        parser.receive(amp.Box(a=b"1").serialize() + b"GET /")
        self.assertEqual(parser.next(), {b"a": b"1"})
        self.assertFalse(parser.idle)
        self.assertEqual(parser.take(), b"GET /")
        self.assertTrue(parser.idle)

    def test_receiveBetweenBoxes(self) -> None:
        """More may come while boxes are left."""
        parser = BoxParser()
        parser.receive(b"\0\x01a\x01\x00")
        self.assertIsNone(parser.next())
        parser.receive(b"v" * 256 + b"\0\0" + amp.Box(b=b"2").serialize())
        self.assertEqual(parser.next(), {b"a": b"v" * 256})
        parser.receive(amp.Box(c=b"3").serialize())
        self.assertEqual(parser.next(), {b"b": b"2"})
        self.assertEqual(parser.next(), {b"c": b"3"})
        self.assertIsNone(parser.next())


class ParseTests(SynchronousTestCase):
    """Boxes that are all there."""

    def test_file(self) -> None:
        """All boxes of a file."""
        boxes = [amp.Box(a=b"1"), amp.Box(b=b"2")]
        data = b"".join(box.serialize() for box in boxes)
        self.assertEqual(amp.parse(io.BytesIO(data)), boxes)

    def test_truncated(self) -> None:
        """An end within a box is an error, at each place."""
        data = amp.Box(a=b"1").serialize()
        for at in range(1, len(data)):
            error = self.assertRaises(amp.MalformedAmpBox, amp.parseString, data + data[:at])
            self.assertIn("in the middle of box 2", str(error))
