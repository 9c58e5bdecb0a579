"""The engine of WebSocket: frames in, messages out, and the other way round."""

from __future__ import annotations

import tracemalloc
import zlib
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from twisted.web import _websocket
from twisted.web._websocket import (
    Close,
    Connection,
    Deflate,
    LocalError,
    Ping,
    Pong,
    RemoteError,
    State,
    WebSocketLimits,
)
from twisted.web._websocket._connection import MESSAGES, STATES, Did, may_be_sent
from twisted.web._websocket._masking import masked, rotated

KEY = b"\x37\xfa\x21\x3d"
SMALL = WebSocketLimits(messageBytes=1000)


def frame(first: int, payload: bytes = b"", key: bytes = KEY) -> bytes:
    """A frame as a client sends it; without a key, as a server does."""
    mask = 0x80 if key else 0
    size = len(payload)
    if size < 126:
        header = bytes((first, mask | size))
    elif size < 65536:
        header = bytes((first, mask | 126)) + size.to_bytes(2)
    else:
        header = bytes((first, mask | 127)) + size.to_bytes(8)
    return header + key + (masked(payload, key) if key else payload)


def plain(event: Any) -> Any:
    """An event as something that can be compared."""
    if isinstance(event, Close):
        return "close", event.code, event.reason
    if isinstance(event, Ping | Pong):
        return type(event).__name__.lower(), event.payload
    return event


def readAll(connection: Connection, data: bytes) -> tuple[list[Any], int | None]:
    """All events in some bytes, and the code of the error after them, if there is one."""
    events: list[Any] = []
    try:
        events += connection.feed(data)
        while connection.waiting:
            events += connection.feed(b"")
    except RemoteError as error:
        events += error.events
        return [plain(event) for event in events], error.code
    return [plain(event) for event in events], None


class ReadingTests(SynchronousTestCase):
    """What a server reads; `limits` are small."""

    def assertReads(self, data: bytes, *events: Any, code: int | None = None) -> None:
        """These bytes give these events and this error, whole and byte by byte."""
        self.assertEqual(readAll(Connection(False, SMALL), data), (list(events), code))
        connection = Connection(False, SMALL)
        found: list[Any] = []
        for at in range(len(data)):
            some, error = readAll(connection, data[at : at + 1])
            found += some
            if error is not None:
                self.assertEqual(error, code)
                break
        else:
            self.assertIs(code, None)
        self.assertEqual(found, list(events))

    def test_examples(self) -> None:
        """The examples of RFC 6455, 5.7."""
        self.assertReads(bytes.fromhex("818537fa213d7f9f4d5158"), "Hello")
        client = Connection(True)
        self.assertEqual(readAll(client, bytes.fromhex("810548656c6c6f")), (["Hello"], None))
        self.assertEqual(readAll(client, bytes.fromhex("010348656c80026c6f")), (["Hello"], None))
        self.assertEqual(
            readAll(client, bytes.fromhex("890548656c6c6f")), ([("ping", b"Hello")], None)
        )

    def test_lengths(self) -> None:
        """Lengths are told in one byte, in two or in eight."""
        for size in (0, 1, 125, 126, 127, 1000):
            self.assertReads(frame(0x82, b"x" * size), b"x" * size)
        large = b"y" * 70_000
        self.assertEqual(readAll(Connection(False), frame(0x82, large)), ([large], None))

    def test_notTheShortest(self) -> None:
        """A length that could be told in fewer bytes is an error, and so is one of 64 bits."""
        for header in ("82fe007d", "82ff000000000000ffff", "82ff8000000000000000"):
            self.assertReads(bytes.fromhex(header) + KEY, code=1002)

    def test_fragments(self) -> None:
        """A message may come in several frames, empty ones too, and control frames between."""
        self.assertReads(
            frame(0x01, b"a")
            + frame(0x89, b"p")
            + frame(0x00)
            + frame(0x8A, b"q")
            + frame(0x00, b"b")
            + frame(0x80),
            ("ping", b"p"),
            ("pong", b"q"),
            "ab",
        )

    def test_order(self) -> None:
        """Frames out of their order are errors."""
        self.assertReads(frame(0x80, b"a"), code=1002)
        self.assertReads(frame(0x00, b"a"), code=1002)
        self.assertReads(frame(0x01, b"a") + frame(0x81, b"b"), code=1002)
        self.assertReads(frame(0x02, b"a") + frame(0x02, b"b"), code=1002)
        self.assertReads(frame(0x81, b"a") + frame(0x80, b"b"), "a", code=1002)

    def test_control(self) -> None:
        """Control frames are short and whole."""
        self.assertReads(frame(0x89, b"x" * 125), ("ping", b"x" * 125))
        self.assertReads(frame(0x89, b"x" * 126), code=1002)
        for first in (0x08, 0x09, 0x0A):
            self.assertReads(frame(first), code=1002)

    def test_opcodes(self) -> None:
        """There are six kinds of frames."""
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
            self.assertReads(frame(0x80 | opcode), code=1002)

    def test_reserved(self) -> None:
        """Reserved bits are errors without an extension that uses them."""
        for bits in (0x40, 0x20, 0x10, 0x70):
            self.assertReads(frame(0x81 | bits, b"a"), code=1002)
            self.assertReads(frame(0x89 | bits), code=1002)

    def test_masks(self) -> None:
        """A client masks what it sends, and a server does not."""
        self.assertReads(frame(0x81, b"a", key=b""), code=1002)
        self.assertReads(frame(0x88, key=b""), code=1002)
        self.assertEqual(readAll(Connection(True), frame(0x81, b"a")), ([], 1002))

    def test_utf8(self) -> None:
        """Text is UTF-8, wherever it is cut; what is not is told as soon as it is there."""
        text = "κόσμε \U0001f30d"
        encoded = text.encode()
        self.assertReads(frame(0x81, encoded), text)
        for at in range(len(encoded)):
            self.assertReads(frame(0x01, encoded[:at]) + frame(0x80, encoded[at:]), text)
        for wrong in (b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"ab\xce"):
            self.assertReads(frame(0x81, wrong), code=1007)
            self.assertReads(frame(0x01, wrong) + frame(0x80), code=1007)
        server = Connection(False)
        self.assertEqual(readAll(server, frame(0x01, b"a\xf4\x90")), ([], 1007))

    def test_close(self) -> None:
        """What is said when a connection is closed."""
        self.assertReads(frame(0x88), ("close", 1005, ""))
        self.assertReads(frame(0x88, b"\x03\xe8"), ("close", 1000, ""))
        self.assertReads(frame(0x88, b"\x0f\xa0" + "né".encode()), ("close", 4000, "né"))
        self.assertReads(frame(0x88, b"\x03"), code=1002)
        self.assertReads(frame(0x88, b"\x03\xe8\xff"), code=1007)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535):
            self.assertReads(frame(0x88, code.to_bytes(2)), code=1002)

    def test_afterClose(self) -> None:
        """What follows a close is not read."""
        server = Connection(False)
        data = frame(0x88, b"\x03\xe8") + frame(0x81, b"late") + b"\xff\xff"
        self.assertEqual(readAll(server, data), ([("close", 1000, "")], None))
        self.assertEqual(server.state, State.ANSWERING)
        self.assertEqual(server.feed(b"\xff" * 9), [])

    def test_afterError(self) -> None:
        """What follows an error is not read, and what was before it is told."""
        server = Connection(False)
        data = frame(0x81, b"a") + frame(0x83) + frame(0x81, b"b")
        self.assertEqual(readAll(server, data), (["a"], 1002))
        self.assertEqual(server.state, State.FAILED)
        self.assertEqual(server.feed(frame(0x81, b"b")), [])

    def test_tooLarge(self) -> None:
        """A message or a frame above the limit is an error before any of it is there."""
        self.assertReads(frame(0x82, b"x" * 1001), code=1009)
        header = frame(0x82, b"x" * 1001)[:8]
        self.assertEqual(readAll(Connection(False, SMALL), header), ([], 1009))
        self.assertEqual(
            readAll(Connection(False), b"\x82\xff" + (1 << 40).to_bytes(8) + KEY), ([], 1009)
        )
        self.assertReads(frame(0x02, b"x" * 900) + frame(0x80, b"x" * 101), code=1009)
        frames = Connection(False, WebSocketLimits(frameBytes=10))
        self.assertEqual(readAll(frames, frame(0x82, b"x" * 10)), ([b"x" * 10], None))
        self.assertEqual(readAll(frames, frame(0x82, b"x" * 11)), ([], 1009))

    def test_small(self) -> None:
        """Frames below the limit do not add up over messages."""
        server = Connection(False, SMALL)
        self.assertEqual(readAll(server, frame(0x82, b"x" * 900) * 5), ([b"x" * 900] * 5, None))

    def test_manyPieces(self) -> None:
        """A message in the smallest of pieces takes no more memory than its size."""
        pieces = [frame(0x02, b"x"), *[frame(0x00, b"x")] * 100_000]
        server = Connection(False)
        tracemalloc.start()
        try:
            for piece in pieces:
                server.feed(piece[:1])
                server.feed(piece[1:])
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak, 300_000)
        self.assertEqual(server.feed(frame(0x80, b"y")), [b"x" * 100_001 + b"y"])

    def test_batches(self) -> None:
        """One call gives no more than a batch; nothing is lost."""
        data = frame(0x82, b"x" * 50_000) * 5
        server = Connection(False)
        self.assertEqual(len(server.feed(data)), 2)
        self.assertTrue(server.waiting)
        self.assertEqual(len(server.feed(b"")), 2)
        self.assertEqual(len(server.feed(frame(0x81, b"more"))), 2)
        self.assertFalse(server.waiting)


class SendingTests(SynchronousTestCase):
    """What is sent."""

    def test_server(self) -> None:
        """A server does not mask; lengths are told in the shortest way."""
        server = Connection(False)
        self.assertEqual(server.text("Hello"), bytes.fromhex("810548656c6c6f"))
        self.assertEqual(server.binary(b"x" * 126)[:4], bytes.fromhex("827e007e"))
        self.assertEqual(server.binary(b"x" * 65536)[:10], bytes.fromhex("827f0000000000010000"))
        self.assertEqual(server.ping(b"a"), b"\x89\x01a")
        self.assertEqual(server.pong(b"a"), b"\x8a\x01a")

    def test_client(self) -> None:
        """A client masks with a key that is new each time, and a server reads it."""
        client, server = Connection(True), Connection(False)
        sent = [client.binary(b"x" * size) for size in (0, 1, 125, 126, 3000, 70_000)]
        events = readAll(server, b"".join(sent))[0]
        self.assertEqual([len(event) for event in events], [0, 1, 125, 126, 3000, 70_000])
        keys = {client.text("a")[2:6] for _ in range(20)}
        self.assertEqual(len(keys), 20)

    def test_notText(self) -> None:
        """Half of a surrogate pair cannot be sent."""
        self.assertRaises(UnicodeEncodeError, Connection(False).text, "\ud800")

    def test_longPing(self) -> None:
        """A ping is short."""
        self.assertRaises(ValueError, Connection(False).ping, b"x" * 126)

    def test_close(self) -> None:
        """A close says why, as far as there is room, and nothing follows it."""
        server = Connection(False)
        self.assertEqual(server.close(1000, "ok"), b"\x88\x04\x03\xe8ok")
        self.assertRaises(LocalError, server.text, "a")
        self.assertRaises(LocalError, server.ping, b"a")
        self.assertRaises(LocalError, server.close, 1000)
        self.assertEqual(Connection(False).close(1005, "unsaid"), b"\x88\x00")
        long = Connection(False).close(4000, "é" * 100)
        self.assertEqual(long[4:].decode(), "é" * 61)

    def test_codes(self) -> None:
        """There are codes that no peer is told."""
        for code in (0, 999, 1004, 1006, 1015, 2999, 5000, -1, 70_000):
            self.assertFalse(may_be_sent(code))
            self.assertRaises(ValueError, Connection(False).close, code)

    def test_beforeTheAnswer(self) -> None:
        """What was begun when the peer closes can be sent before that is answered."""
        server = Connection(False)
        readAll(server, frame(0x81, b"a") + frame(0x88))
        self.assertEqual(server.text("b"), b"\x81\x01b")
        self.assertEqual(server.close(1005), b"\x88\x00")
        self.assertEqual(server.state, State.CLOSED)
        self.assertRaises(LocalError, server.text, "c")


class StateTests(SynchronousTestCase):
    """The tables."""

    def bring(self, state: State) -> Connection:
        """A server in a state."""
        connection = Connection(False)
        if state in (State.CLOSING, State.CLOSED):
            connection.close(1000)
        if state in (State.ANSWERING, State.CLOSED):
            readAll(connection, frame(0x88))
        if state is State.FAILED:
            readAll(connection, frame(0x83))
        self.assertIs(connection.state, state)
        return connection

    def test_every(self) -> None:
        """Each pair of a state and what happens leads on, is ignored, or raises."""
        for state in State:
            for did in Did:
                connection = self.bring(state)
                after = STATES.get((state, did))
                if did is Did.SEND_CLOSE:
                    if after is None:
                        self.assertRaises(LocalError, connection.close, 1000)
                    else:
                        connection.close(1000)
                else:
                    readAll(connection, frame(0x88 if did is Did.RECEIVE_CLOSE else 0x83))
                self.assertIs(connection.state, after or state, (state, did))

    def test_messages(self) -> None:
        """Each frame at each place of a message is in the table, or an error."""
        begun = {0: b"", 1: frame(0x01, b"a"), 2: frame(0x02, b"a")}
        for kind, before in begun.items():
            for opcode in range(16):
                for final in (True, False):
                    connection = Connection(False)
                    readAll(connection, before)
                    code = readAll(connection, frame(0x80 * final | opcode))[1]
                    allowed = (kind, opcode, final) in MESSAGES
                    self.assertEqual(code is None, allowed, (kind, opcode, final))


def pair(limits: WebSocketLimits = _websocket.DEFAULT_LIMITS) -> tuple[Connection, Connection]:
    """A client and a server that make messages small."""
    return Connection(True, limits, Deflate()), Connection(False, limits, Deflate())


class DeflateTests(SynchronousTestCase):
    """permessage-deflate."""

    def test_examples(self) -> None:
        """The examples of RFC 7692, 7.2.3."""
        for payloads, expected in (
            (["c107f248cdc9c90700"], ["Hello"]),
            (["4103f248cd", "8004c9c90700"], ["Hello"]),
            (["c107f248cdc9c90700", "c105f200110000"], ["Hello", "Hello"]),
            (["c10b000500faff48656c6c6f00"], ["Hello"]),
            (["c108f348cdc9c9070000"], ["Hello"]),
            (["c10df248050000 00ffffcac9c90700"], ["Hello"]),
        ):
            client = Connection(True, deflate=Deflate())
            data = b"".join(bytes.fromhex(payload) for payload in payloads)
            self.assertEqual(readAll(client, data), (expected, None), payloads)
            client = Connection(True, deflate=Deflate())
            found = [readAll(client, data[at : at + 1])[0] for at in range(len(data))]
            self.assertEqual([event for events in found for event in events], expected)

    def test_bothWays(self) -> None:
        """What is sent is small, is read again, and refers to what was before."""
        for fresh in (False, True):
            agreed = Deflate(12, 12, fresh, fresh)
            client = Connection(True, deflate=agreed)
            server = Connection(False, deflate=agreed)
            text = "".join(str(number) for number in range(500))
            sizes = []
            for _ in range(3):
                data = client.text(text)
                sizes.append(len(data))
                self.assertEqual(readAll(server, data), ([text], None))
            self.assertLess(sizes[0], len(text) * 2 // 3)
            self.assertEqual(sizes[1] == sizes[0], fresh)

    def test_short(self) -> None:
        """What is short is sent as it is, and what is not compressed can be read."""
        client, server = pair()
        data = client.text("short")
        self.assertEqual(data[0], 0x81)
        self.assertEqual(readAll(server, data), (["short"], None))

    def test_pieces(self) -> None:
        """A message may come in several frames, of which the first says that it is compressed."""
        small = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = small.compress(b"abc" * 100) + small.flush(zlib.Z_SYNC_FLUSH)
        data = data[:-4]
        server = pair()[1]
        whole = frame(0x41, data[:5]) + frame(0x89) + frame(0x00, data[5:6]) + frame(0x80, data[6:])
        self.assertEqual(readAll(server, whole), ([("ping", b""), "abc" * 100], None))

    def test_bomb(self) -> None:
        """A message is not inflated further than it may be long."""
        limits = WebSocketLimits(messageBytes=100_000)
        client = pair()[0]
        bomb = client.binary(bytes(50_000_000))
        self.assertLess(len(bomb), 100_000)
        server = pair(limits)[1]
        inflated: list[int] = []
        real = zlib.decompressobj

        class Watched:
            """A decompressor whose output is counted."""

            def __init__(self, *arguments: Any) -> None:
                self._real = real(*arguments)

            def decompress(self, data: bytes, most: int) -> bytes:
                result = self._real.decompress(data, most)
                inflated.append(len(result))
                return result

        self.patch(zlib, "decompressobj", Watched)
        self.assertEqual(readAll(server, bomb), ([], 1009))
        self.assertEqual(sum(inflated), 100_001)

    def test_bombInPieces(self) -> None:
        """The limit holds for all the frames of a message together."""
        server = pair(WebSocketLimits(messageBytes=1000))[1]
        small = zlib.compressobj(9, zlib.DEFLATED, -15)
        for number in range(11):
            piece = small.compress(bytes(100)) + small.flush(zlib.Z_SYNC_FLUSH)
            events, code = readAll(server, frame(0x42 if not number else 0x00, piece))
            self.assertEqual((events, code), ([], 1009 if number == 10 else None))

    def test_exactly(self) -> None:
        """A message may be as long as the limit."""
        limits = WebSocketLimits(messageBytes=100_000)
        client, server = pair(limits)
        self.assertEqual(readAll(server, client.binary(bytes(100_000))), ([bytes(100_000)], None))
        self.assertEqual(readAll(server, client.binary(bytes(100_001))), ([], 1009))

    def test_wrong(self) -> None:
        """What is no deflated data, or no text when it was inflated, is 1007."""
        self.assertEqual(readAll(pair()[1], frame(0xC2, b"\xff\xff\xff\xff")), ([], 1007))
        data = zlib.compress(b"\xff" * 200, wbits=-15)
        self.assertEqual(readAll(pair()[1], frame(0xC1, data + b"\x00")), ([], 1007))

    def test_reserved(self) -> None:
        """The bit is for the first frame of a message."""
        for data in (
            frame(0x41, b"") + frame(0xC0, b""),
            frame(0xC9, b""),
            frame(0xC8, b""),
            frame(0xA1, b""),
            frame(0xE1, b""),
        ):
            self.assertEqual(readAll(pair()[1], data)[1], 1002)

    def test_lastBlocks(self) -> None:
        """Blocks that say that they are the last are not, up to a number."""
        last = zlib.compress(b"abc", wbits=-15)
        server = pair()[1]
        self.assertEqual(readAll(server, frame(0xC1, last)), (["abc"], None))
        self.assertEqual(readAll(server, frame(0xC1, last + b"\x00")), (["abc"], None))
        self.assertEqual(readAll(server, frame(0xC1, last * 3 + b"\x00")), (["abcabcabc"], None))
        self.assertEqual(readAll(server, frame(0xC1, last * 16)), (["abc" * 16], None))
        self.assertEqual(readAll(server, frame(0xC1, last * 17)), ([], 1007))

    def test_afterLastBlock(self) -> None:
        """What follows such a block may refer to what the message has said before."""
        server = pair()[1]
        first = zlib.compress(b"a long enough word", wbits=-15)
        again = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=b"a long enough word")
        second = again.compress(b"a long enough word") + again.flush(zlib.Z_SYNC_FLUSH)
        self.assertEqual(
            readAll(server, frame(0xC1, first + second[:-4])), (["a long enough word" * 2], None)
        )


class MaskingTests(SynchronousTestCase):
    """Masks."""

    def test_bytes(self) -> None:
        """Each byte is XORed with one of the four, in turn; twice is nothing."""
        for size in (*range(10), 2047, 2048, 2049, 2050, 2051, 10_000):
            data = bytes(number % 251 for number in range(size))
            expected = bytes(byte ^ KEY[at % 4] for at, byte in enumerate(data))
            self.assertEqual(masked(data, KEY), expected)
            self.assertEqual(masked(expected, KEY), data)

    def test_rotated(self) -> None:
        """A mask goes on where it has ended."""
        data = bytes(range(50))
        for at in range(50):
            pieces = masked(data[:at], KEY) + masked(data[at:], rotated(KEY, at))
            self.assertEqual(pieces, masked(data, KEY))
