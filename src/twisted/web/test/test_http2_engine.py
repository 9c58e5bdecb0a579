"""The engine of HTTP/2 and its parts: compression, frames, states, budgets; and any bytes."""

from __future__ import annotations

import struct
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.task import Clock
from twisted.trial.unittest import SkipTest, SynchronousTestCase
from twisted.web._limits import DEFAULT_LIMITS
from twisted.web.test._http2 import SKIP, frames

if not SKIP:
    import hpack

    from twisted.web._h1 import LocalError, RequestHead
    from twisted.web._http2._budget import Budget
    from twisted.web._http2._engine import Engine
    from twisted.web._http2._errors import ConnectionFault, code_name
    from twisted.web._http2._events import Body, Ended, Head, Reset
    from twisted.web._http2._frames import PREFACE, FrameGuard, go_away
    from twisted.web._http2._hpack import BlockDecoder, FieldEncoder
    from twisted.web._http2._inbox import Inbox
    from twisted.web._http2._streams import STATES, State, Step, Stream

UNHURRIED = settings(deadline=None, max_examples=150)

NAME = st.sampled_from([b"a", b"b", b"server", b"date", b"cookie", b"x" * 200, b":path", b"etag"])
FIELDS = st.lists(st.tuples(NAME, st.binary(max_size=300)), max_size=8)
BLOCKS = st.lists(FIELDS, max_size=40)


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame."""
    return len(payload).to_bytes(3, "big") + struct.pack(">BBL", kind, flags, stream) + payload


GET = b"\x82\x86\x84\x01\x01a"
POST = b"\x83\x86\x84\x01\x01a"

#: Frames, good, bad, and good in another place.
PIECES = st.one_of(
    st.builds(
        frame,
        st.integers(0, 11),
        st.sampled_from([0, 1, 4, 5, 8, 0x20, 0x2D, 255]),
        st.sampled_from([0, 1, 2, 3, 5, 7, 2**31 - 1]),
        st.sampled_from(
            [b"", GET, POST, b"hello", bytes(4), bytes(5), bytes(8), b"\0\0\0\1", b"\0\3\0\0\0\1"]
        ),
    ),
    st.binary(max_size=20),
)
SOUP = st.lists(PIECES, max_size=15).map(b"".join)


class EngineTestCase(SynchronousTestCase):
    """Tests that need h2."""

    def setUp(self) -> None:
        if SKIP:
            raise SkipTest(SKIP)


class CompressionTests(EngineTestCase):
    """Our encoder and decoder, with those of hpack at the other end."""

    @UNHURRIED
    @given(BLOCKS, st.integers(0, 10_000))
    def test_encoder(self, blocks: Any, size: int) -> None:
        """What is encoded is what is decoded, whatever the size of the table."""
        encoder, decoder = FieldEncoder(), hpack.Decoder(2**20)
        for at, fields in enumerate(blocks):
            if at == len(blocks) // 2:
                encoder.header_table_size = size
                decoder.max_allowed_table_size = max(size, 4096)
            self.assertEqual(list(decoder.decode(encoder.encode(fields), raw=True)), fields)

    def test_small(self) -> None:
        """What was said before is one byte; what changes, and secrets, are not remembered."""
        encoder = FieldEncoder()
        fields = [(b":status", b"200"), (b"server", b"Torsion"), (b"x", b"y")]
        encoder.encode(fields)
        self.assertEqual(len(encoder.encode(fields)), 3)
        for name in (b"date", b"set-cookie", b"authorization"):
            first = encoder.encode([(name, b"value")])
            self.assertEqual(encoder.encode([(name, b"value")]), first)
        self.assertEqual(encoder.encode([(b"cookie", b"a")])[0] & 0xF0, 0x10)

    def test_fullTable(self) -> None:
        """A table that is full of what is not said any more is begun anew."""
        encoder, decoder = FieldEncoder(), hpack.Decoder()
        for at in range(1000):
            fields = [(b"x-%d" % (at // 300), b"%d" % at), (b"same", b"same")]
            self.assertEqual(list(decoder.decode(encoder.encode(fields), raw=True)), fields)
        for _ in range(2):
            last = encoder.encode([(b"same", b"same")])
        self.assertEqual(len(last), 1)

    @UNHURRIED
    @given(BLOCKS, st.lists(st.integers(0, 5000), max_size=3))
    def test_decoder(self, blocks: Any, sizes: list[int]) -> None:
        """What was decoded before is what would be decoded anew."""
        encoder, ours, theirs = hpack.Encoder(), BlockDecoder(2**20), hpack.Decoder(2**20)
        for at, fields in enumerate(blocks + blocks):
            if sizes and at % 3 == 2:
                encoder.header_table_size = min(4096, sizes[at % len(sizes)])
            data = encoder.encode(fields)
            [(name, block)] = ours.decode(data)
            self.assertEqual(name, b":status")
            self.assertEqual(block.fields, list(theirs.decode(data, raw=True)))

    def test_remembered(self) -> None:
        """A block that changes nothing is decoded once; after a change, again."""
        decoder = BlockDecoder(2**16)
        first = decoder.decode(GET)
        self.assertIs(decoder.decode(GET), first)
        decoder.decode(b"\x40\x01a\x01b")
        self.assertIsNot(decoder.decode(GET), first)
        self.assertEqual(decoder.decode(b"\xbe")[0][1].fields, [(b"a", b"b")])
        decoder.decode(b"\x40\x01c\x01d")
        self.assertEqual(decoder.decode(b"\xbe")[0][1].fields, [(b"c", b"d")])


class FrameTests(EngineTestCase):
    """What is looked at before h2 is."""

    def guard(self, budget: float = 1000, preface: int = 0) -> Any:
        """A guard."""
        return FrameGuard(1000, 3, Budget(budget, 0, lambda: 0.0), preface)

    @UNHURRIED
    @given(SOUP, st.data())
    def test_splits(self, soup: bytes, data: Any) -> None:
        """Where bytes are split does not matter: the same passes, the same is found."""

        def read(pieces: list[bytes]) -> tuple[bytes, list[Any], str]:
            guard = self.guard(preface=3)
            passed, found, error = b"", [], ""
            try:
                for piece in pieces:
                    clean, gone = guard.scan(piece)
                    passed += clean
                    found += gone
            except ConnectionFault as fault:
                error = str(fault)
            return passed if not error else b"", found if not error else [], error

        soup = b"pre" + soup
        whole = read([soup])
        self.assertEqual(read([soup[at : at + 1] for at in range(len(soup))])[2], whole[2])
        at = data.draw(st.integers(0, len(soup)))
        parted = read([soup[:at], soup[at:]])
        self.assertEqual(parted[1:], whole[1:])
        # What is at the end of a piece may wait for the rest of its frame.
        self.assertTrue(whole[0].startswith(parted[0]) or parted[0].startswith(whole[0]))

    def test_goaway(self) -> None:
        """These frames are taken out."""
        other = frame(0, 0, 1, b"data")
        data = other + go_away(5, 11) + other + go_away(3, 0)
        for size in (1, 5, 100):
            guard = self.guard()
            passed, found = b"", []
            for at in range(0, len(data), size):
                clean, gone = guard.scan(data[at : at + size])
                passed += clean
                found += gone
            self.assertEqual(passed, other + other)
            self.assertEqual([(one.last, one.code) for one in found], [(5, 11), (3, 0)])

    def test_within(self) -> None:
        """It is known whether something has begun that has to be completed soon."""
        guard = self.guard(preface=2)
        self.assertTrue(guard.within)
        guard.scan(b"pr")
        self.assertFalse(guard.within)
        guard.scan(frame(0, 0, 1, b"data")[:-1])
        self.assertFalse(guard.within)
        guard.scan(b"a" + frame(6, 0, 0, bytes(8))[:-1])
        self.assertTrue(guard.within)
        guard.scan(b"\0" + frame(1, 0, 1, b"\x82"))
        self.assertTrue(guard.within)
        guard.scan(frame(9, 4, 1, b"\x82"))
        self.assertFalse(guard.within)

    def test_longData(self) -> None:
        """A frame that is longer than the piece that it comes in is not kept."""
        guard = self.guard()
        data = frame(0, 0, 1, bytes(16384))
        self.assertEqual(guard.scan(data[:100]), (data[:100], []))
        self.assertEqual(guard.scan(data[100:]), (data[100:], []))

    def test_codes(self) -> None:
        """Codes have names, if they are known."""
        self.assertEqual((code_name(8), code_name(99)), ("CANCEL", "0x63"))


class BudgetTests(EngineTestCase):
    """So many at once, and so many each second."""

    def test_spend(self) -> None:
        """The burst, and then the rate."""
        clock = Clock()
        budget = Budget(3, 2, clock.seconds)
        self.assertEqual([budget.spend() for _ in range(4)], [True, True, True, False])
        clock.advance(1)
        self.assertEqual([budget.spend() for _ in range(3)], [True, False, False])
        clock.advance(100)
        self.assertEqual([budget.spend() for _ in range(4)], [True, True, True, False])

    def test_earn(self) -> None:
        """No more than the burst can be had."""
        budget = Budget(2, 0, lambda: 0.0)
        budget.spend()
        budget.earn(100)
        self.assertEqual([budget.spend() for _ in range(3)], [True, True, False])


class StreamTests(EngineTestCase):
    """States, and what waits to be sent."""

    def test_states(self) -> None:
        """Every step in every state leads somewhere, or is an error."""
        for state, step in product(State, Step):
            stream = Stream(1, b"GET")
            stream.state = state
            if (state, step) in STATES:
                stream.step(step)
                self.assertIs(stream.state, STATES[state, step])
            else:
                self.assertRaises(KeyError, stream.step, step)

    def test_sides(self) -> None:
        """Who may still send."""
        expected = {
            State.OPEN: (True, True),
            State.WE_ENDED: (False, True),
            State.PEER_ENDED: (True, False),
            State.CLOSED: (False, False),
        }
        for state in State:
            stream = Stream(1, b"GET")
            stream.state = state
            self.assertEqual((stream.sending, stream.receiving), expected[state])

    @UNHURRIED
    @given(st.lists(st.binary(max_size=50), max_size=10), st.integers(1, 60))
    def test_take(self, pieces: list[bytes], most: int) -> None:
        """What is put comes out, in pieces of the size that is asked for."""
        stream = Stream(1, b"GET")
        for piece in pieces:
            stream.put(piece)
        taken = []
        while stream.waiting:
            taken.append(bytes(stream.take(most)))
        self.assertEqual(b"".join(taken), b"".join(pieces))
        self.assertEqual(stream.take(1), b"")
        self.assertTrue(all(len(piece) == most for piece in taken[:-1]))

    def test_announced(self) -> None:
        """No more than was announced."""
        stream = Stream(1, b"GET")
        stream.announced = 3
        stream.put(b"12")
        self.assertRaises(LocalError, stream.put, b"34")


class InboxTests(EngineTestCase):
    """Bodies that wait."""

    def setUp(self) -> None:
        super().setUp()
        self.told: list[Any] = []
        self.inbox = Inbox(self.told.append, self.told.append, lambda: self.told.append("end"))

    def test_through(self) -> None:
        """Pieces are passed on, and are then out of the way."""
        self.inbox.receive(b"a")
        self.inbox.receive(b"bc")
        self.inbox.finish()
        self.assertEqual(self.told, [b"a", 1, b"bc", 2, "end"])

    def test_held(self) -> None:
        """What is held waits, in its order, and the end with it."""
        self.inbox.hold()
        self.inbox.receive(b"a")
        self.inbox.receive(b"bc")
        self.inbox.finish()
        self.assertEqual((self.told, self.inbox.waiting, self.inbox.ended), ([], True, True))
        self.inbox.release()
        self.assertEqual(self.told, [b"a", 1, b"bc", 2, "end"])

    def test_oneAtATime(self) -> None:
        """Who holds with each piece gets one at a time, also if it lets go with each."""

        def deliver(data: bytes) -> None:
            self.told.append(data)
            inbox.hold()

        inbox = self.inbox = Inbox(deliver, self.told.append, lambda: None)
        inbox.receive(b"a")
        inbox.receive(b"b")
        self.assertEqual(self.told, [b"a", 1])
        inbox.release()
        self.assertEqual(self.told, [b"a", 1, b"b", 1])

    def test_drop(self) -> None:
        """What nobody wants is out of the way at once, now and later."""
        self.inbox.hold()
        self.inbox.receive(b"abc")
        self.inbox.drop()
        self.assertEqual(self.told, [3])
        self.inbox.release()
        self.inbox.receive(b"de")
        self.inbox.finish()
        self.assertEqual(self.told, [3, 2])


class FuzzTests(EngineTestCase):
    """Any bytes give events, or the one error."""

    def read(
        self, client: bool, pieces: list[bytes], answers: bool = True
    ) -> tuple[list[Any], int | None, Any]:
        """The events in what is read, and the code of the error, if any."""
        limits = replace(DEFAULT_LIMITS, headerBytes=2000)
        engine = Engine(client, limits, lambda: 0.0)
        engine.begin()
        if client:
            for _ in range(3):
                engine.open(b"GET", [(b":method", b"GET"), (b":path", b"/")], True)
        found: list[Any] = []
        code = None
        try:
            for piece in pieces:
                for event in engine.feed(piece):
                    found.append(self.plain(event))
                    if isinstance(event, Body):
                        engine.consumed(event.number, len(event.data))
                    elif isinstance(event, Head) and answers and not client:
                        stream = engine.streams.get(event.number)
                        if stream is not None:
                            engine.answer(stream, [(b":status", b"200")])
                            engine.send(stream, b"body")
                            engine.end(stream)
                engine.pump(10_000)
                engine.take()
        except ConnectionFault as fault:
            code = int(fault.code)
        return found, code, frames(engine.take())

    def plain(self, event: Any) -> Any:
        """An event as it can be compared."""
        if isinstance(event, Head):
            head = event.head
            named = head.target if isinstance(head, RequestHead) else head.status
            return event.number, named, head.length, event.ended
        if isinstance(event, Reset):
            return event.number, event.reason.code
        return tuple(event) if not isinstance(event, Ended) else (event.number, "end")

    @UNHURRIED
    @given(SOUP)
    def test_server(self, soup: bytes) -> None:
        """A server takes any bytes."""
        self.read(False, [PREFACE + frame(4, 0, 0) + soup])
        self.read(False, [soup])

    @UNHURRIED
    @given(SOUP)
    def test_client(self, soup: bytes) -> None:
        """So does a client."""
        self.read(True, [frame(4, 0, 0) + soup])

    @settings(deadline=None, max_examples=60)
    @given(SOUP)
    def test_bytewise(self, soup: bytes) -> None:
        """What ends the connection does so however it comes."""
        data = frame(4, 0, 0) + soup
        whole = self.read(True, [data])[1]
        parted = self.read(True, [data[at : at + 1] for at in range(len(data))])[1]
        self.assertEqual(parted is None, whole is None)

    def test_events(self) -> None:
        """What good frames mean."""
        data = PREFACE + frame(4, 0, 0) + frame(1, 4, 1, POST) + frame(0, 1, 1, b"hello")
        expected = [(1, b"/", None, False), (1, b"hello"), (1, "end")]
        for pieces in ([data], [data[at : at + 1] for at in range(len(data))]):
            found, code, _ = self.read(False, pieces, answers=False)
            self.assertEqual((found, code), (expected, None))
