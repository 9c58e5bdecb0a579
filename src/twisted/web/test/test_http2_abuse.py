"""What hostile clients send over HTTP/2, and that it costs them more than us.

Each test is named after what is safe; CVE-2019-9511 to 9518, CVE-2023-44487 and others are behind
them.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.web import server
from twisted.web._limits import DEFAULT_LIMITS, Limits
from twisted.web.test._http2 import (
    Fields,
    ServerTestCase,
    SettingCodes,
    frames,
    get,
    post,
)

PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR = 1, 3, 6
REFUSED_STREAM, CANCEL, CALM = 7, 8, 11

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame."""
    return len(payload).to_bytes(3, "big") + struct.pack(">BBL", kind, flags, stream) + payload


def limits(**changed: Any) -> Limits:
    """The limits, but for some of those of HTTP/2."""
    return replace(DEFAULT_LIMITS, http2=replace(DEFAULT_LIMITS.http2, **changed))


class AbuseTestCase(ServerTestCase):
    """Tests that send frames as they like."""

    def send(self, data: bytes) -> list[tuple[int, int, int, bytes]]:
        """The frames that come back for bytes."""
        self.transport.clear()
        self.channel.dataReceived(data)
        return frames(self.transport.value())

    def assertGone(self, data: bytes, code: int = CALM) -> None:
        """The connection ends with this code, and nothing more is read."""
        last = self.send(data)[-1]
        self.assertEqual((last[0], int.from_bytes(last[3][4:8], "big")), (GOAWAY, code))
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(self.send(data), [])

    def assertAlive(self) -> None:
        """The connection serves requests."""
        self.assertFalse(self.transport.disconnecting)
        self.assertEqual(self.peer.ask(get()).body, b"root")


class FloodTests(AbuseTestCase):
    """Frames that carry nothing have a budget."""

    def flood(self, one: bytes) -> None:
        """So many are answered, and one more ends it; as do as many in small pieces."""
        self.connect(limits(controlFrames=50, controlFramesPerSecond=1))
        self.send(one * 45)
        self.assertFalse(self.transport.disconnecting)
        self.assertGone(one * 10)

    def test_ping(self) -> None:
        """Pings (CVE-2019-9512)."""
        self.flood(frame(PING, 0, 0, bytes(8)))

    def test_settings(self) -> None:
        """Settings, with and without content (CVE-2019-9515)."""
        self.flood(frame(SETTINGS, 0, 0))
        self.flood(frame(SETTINGS, 0, 0, struct.pack(">HL", 3, 100)))

    def test_acknowledgements(self) -> None:
        """Answers to what was not asked."""
        self.flood(frame(PING, 1, 0, bytes(8)))

    def test_priority(self) -> None:
        """Priorities, of streams that there are and are not (CVE-2019-9513)."""
        self.flood(frame(PRIORITY, 0, 1, struct.pack(">LB", 3, 0)))
        self.flood(frame(PRIORITY, 0, 99, struct.pack(">LB", 0, 9)))

    def test_priorityLoop(self) -> None:
        """A stream that depends on itself ends the connection (CVE-2016-6580)."""
        self.assertGone(frame(PRIORITY, 0, 1, struct.pack(">LB", 1, 0)), PROTOCOL_ERROR)

    def test_window(self) -> None:
        """Windows that are opened by a byte."""
        self.flood(frame(WINDOW_UPDATE, 0, 0, struct.pack(">L", 1)))

    def test_empty(self) -> None:
        """Data without data, and with nothing but padding (CVE-2019-9518)."""
        for payload, flags in ((b"", 0), (b"\x02\0\0", 8)):
            self.connect(limits(controlFrames=50, controlFramesPerSecond=1))
            number = self.peer.open(post(b"/echo"))
            self.peer.exchange()
            self.assertGone(frame(DATA, flags, number, payload) * 60)

    def test_unknown(self) -> None:
        """Frames of a kind that nobody knows."""
        self.flood(frame(99, 0, 0, b"?"))

    def test_split(self) -> None:
        """A byte at a time is the same flood."""
        self.connect(limits(controlFrames=50, controlFramesPerSecond=1))
        for byte in frame(PING, 0, 0, bytes(8)) * 60:
            self.channel.dataReceived(bytes([byte]))
        self.assertTrue(self.transport.disconnecting)

    def test_slowly(self) -> None:
        """As many as are forgotten each second can go on for ever."""
        self.connect(limits(controlFrames=5, controlFramesPerSecond=2))
        for _ in range(40):
            self.peer.h2.ping(bytes(8))
            self.peer.exchange()
            self.clock.advance(1)
        self.assertAlive()

    def test_earned(self) -> None:
        """A client that opens its windows for much data is not abusing them."""
        self.connect(limits(controlFrames=20, controlFramesPerSecond=0))
        self.page(b"much", lambda request: b"x" * 2_000_000)
        answer = self.peer.ask(get(b"/much"))
        self.assertEqual(len(answer.body), 2_000_000)
        sent = [event for event in self.peer.log if type(event).__name__ == "DataReceived"]
        self.assertGreater(len(sent), 100)

    def test_unread(self) -> None:
        """A client that reads nothing is read no more, before its answers fill the memory."""
        self.peer.h2.increment_flow_control_window(2**30)
        number = self.peer.begin(get(b"/later"))
        self.peer.h2.increment_flow_control_window(2**30, number)
        self.peer.exchange()
        self.requests[0].write(b"x" * 200_000)
        self.assertTrue(self.transport.full)
        before = len(self.transport.value())
        for _ in range(10_000):
            self.peer.begin(get(method=b"HEAD"))
            self.peer.give(self.peer.h2.data_to_send())
            if self.transport.producerState == "paused":
                break
            # The client takes it for granted that they are answered.
            for stream in list(self.peer.h2.streams):
                if stream != number:
                    del self.peer.h2.streams[stream]
        self.assertEqual(self.transport.producerState, "paused")
        added = len(self.transport.value()) - before
        self.assertLess(added, DEFAULT_LIMITS.http2.controlBytes + 1000)
        self.transport.clear()
        self.transport.drain()
        self.assertEqual(self.transport.producerState, "producing")

    def test_buffering(self) -> None:
        """Many streams, and a client that takes none: each is paused at its measure (9517)."""
        self.connect()
        self.page(b"large", lambda request: server.NOT_DONE_YET)
        self.peer.takes = False
        for _ in range(100):
            self.peer.begin(get(b"/later"))
        self.peer.exchange()
        paused: list[Any] = []

        class Producer:
            def __init__(self, request: Any) -> None:
                self.request = request
                self.go = True

            def pauseProducing(self) -> None:
                self.go = False
                paused.append(self)

            def resumeProducing(self) -> None:
                self.go = True

        for request in self.requests:
            producer = Producer(request)
            request.registerProducer(producer, True)
            written = 0
            while producer.go:
                request.write(b"x" * 10_000)
                written += 10_000
                self.assertLess(written, 65536 * 3)
        self.assertEqual(len(paused), 100)


class DribbleTests(AbuseTestCase):
    """A client that has large responses sent a byte at a time pays for it (CVE-2019-9511)."""

    def test_windows(self) -> None:
        """By opening the window by a byte, again and again."""
        self.connect(limits(controlFrames=100, controlFramesPerSecond=0))
        self.page(b"much", lambda request: b"x" * 100_000)
        self.peer.takes = False
        self.peer.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 1})
        number = self.peer.begin(get(b"/much"))
        self.peer.exchange()
        for _ in range(200):
            if self.transport.disconnecting:
                break
            self.send(frame(WINDOW_UPDATE, 0, number, struct.pack(">L", 1)))
        self.assertTrue(self.transport.disconnecting)
        self.assertLess(_, 100)

    def test_settings(self) -> None:
        """By settings that open it, for many streams at once."""
        self.connect(limits(controlFrames=100, controlFramesPerSecond=0))
        self.page(b"much", lambda request: b"x" * 100_000)
        self.peer.takes = False
        self.peer.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 1})
        for _ in range(50):
            self.peer.begin(get(b"/much"))
        self.peer.exchange()
        for size in range(2, 50):
            if not self.transport.disconnecting:
                self.send(frame(SETTINGS, 0, 0, struct.pack(">HL", 4, size)))
        self.assertTrue(self.transport.disconnecting)
        self.assertLess(len(self.transport.value()), 10_000)


class ResetTests(AbuseTestCase):
    """Requests that are broken off have a budget, and their work is given up."""

    def test_rapidReset(self) -> None:
        """Requests that the client resets at once (CVE-2023-44487)."""
        self.connect(limits(resets=50, resetsPerSecond=1))
        cancelled: list[Any] = []
        self.page(b"work", lambda request: Deferred(cancelled.append))
        for at in range(60):
            if self.transport.disconnecting:
                break
            number = self.peer.begin(get(b"/work"))
            self.peer.give(self.peer.h2.data_to_send())
            self.assertEqual(len(cancelled), at)
            self.peer.h2.reset_stream(number, CANCEL)
            self.peer.give(self.peer.h2.data_to_send())
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(len(cancelled), 51)
        self.peer.read(self.transport.taken())
        self.assertEqual(self.peer.gone.error_code, CALM)

    def test_resetInTheSamePiece(self) -> None:
        """A request whose reset has come with it is not begun."""
        for _ in range(10):
            number = self.peer.begin(get(b"/later"))
            self.peer.h2.reset_stream(number, CANCEL)
        self.peer.exchange()
        self.assertEqual(self.requests, [])
        self.assertAlive()

    def test_slowly(self) -> None:
        """Somebody who changes their mind once a second can do so for ever."""
        self.connect(limits(resets=5, resetsPerSecond=1))
        for _ in range(40):
            self.peer.h2.reset_stream(self.peer.begin(get(b"/later")), CANCEL)
            self.peer.exchange()
            self.clock.advance(1)
        self.assertAlive()

    def madeUs(self, offence: Any) -> None:
        """Have the server reset streams for an offence; it counts, and the work is given up."""
        self.connect(limits(resets=20, resetsPerSecond=0))
        cancelled: list[Any] = []
        self.page(b"work", lambda request: Deferred(cancelled.append))
        begun = 0
        for _ in range(40):
            if self.transport.disconnecting:
                break
            number = self.peer.begin(get(b"/work"))
            self.peer.give(self.peer.h2.data_to_send())
            begun += 1
            self.channel.dataReceived(offence(number))
        self.assertTrue(self.transport.disconnecting)
        self.assertLess(begun, 30)
        self.assertEqual(len(cancelled), begun)

    def test_madeYouReset(self) -> None:
        """Streams that the server has to reset (CVE-2025-8671)."""
        full = struct.pack(">L", 2**31 - 1)
        self.madeUs(lambda number: frame(WINDOW_UPDATE, 0, number, full))
        self.madeUs(lambda number: frame(DATA, 0, number, b"after the end"))
        self.madeUs(lambda number: frame(WINDOW_UPDATE, 0, number, bytes(4)))

    def test_malformed(self) -> None:
        """Malformed requests are resets that the client has caused."""
        self.connect(limits(resets=20, resetsPerSecond=0))
        for _ in range(20):
            self.assertEqual(
                self.peer.ask(get(b"/", (b"connection", b"close"))).reset, PROTOCOL_ERROR
            )
        self.peer.ask(get(b"/", (b"connection", b"close")))
        self.assertEqual(self.peer.gone.error_code, CALM)

    def test_frameOnClosedStream(self) -> None:
        """What comes for streams that are gone has a budget too."""
        self.connect(limits(controlFrames=30, controlFramesPerSecond=0, resets=30))
        number = self.peer.open(post(b"/later"))
        self.peer.h2.reset_stream(number, CANCEL)
        self.peer.exchange()
        for _ in range(100):
            if not self.transport.disconnecting:
                self.send(frame(WINDOW_UPDATE, 0, number, struct.pack(">L", 1)))
        self.assertTrue(self.transport.disconnecting)

    def test_tooManyStreams(self) -> None:
        """More requests at a time than are allowed end the connection."""
        self.connect(limits(streams=3))
        block = b"\x82\x86\x04\x06/later\x01\x01a"
        for number in (1, 3, 5):
            self.send(frame(HEADERS, 5, number, block))
        self.assertEqual(len(self.requests), 3)
        self.assertGone(frame(HEADERS, 5, 7, block), PROTOCOL_ERROR)
        self.assertEqual((len(self.requests), len(self.lost)), (3, 3))


class HeaderTests(AbuseTestCase):
    """Headers are bounded before they are decoded, and while they are."""

    def test_continuations(self) -> None:
        """A block in more frames than are allowed, however small (CVE-2023-45288 and others)."""
        self.assertGone(frame(HEADERS, 0, 1, b"\x82") + frame(CONTINUATION, 0, 1) * 17)

    def test_longBlock(self) -> None:
        """A block that is longer than headers may be, in frames as large as may be."""
        self.assertGone(
            frame(HEADERS, 0, 1, b"\x82" * 16384) + frame(CONTINUATION, 0, 1, b"\x82" * 16384) * 2
        )

    def test_goodContinuations(self) -> None:
        """Headers in a few frames are read."""
        long = [(b"x-%d" % at, b"y" * 4000) for at in range(5)]
        self.assertEqual(self.peer.ask(get(b"/", *long)).body, b"root")

    def test_announced(self) -> None:
        """A frame that is longer than allowed is refused before it is there."""
        self.assertGone(bytes.fromhex("ffffff000000000001"), FRAME_SIZE_ERROR)

    def test_bomb(self) -> None:
        """A few bytes that stand for many, by the table (CVE-2016-6581)."""
        entry = b"\x40\x01a\x7f\xa1\x1e" + b"b" * 4000
        first = b"\x82\x87\x84\x41\x01a" + entry
        self.send(frame(HEADERS, 5, 1, first))
        self.assertFalse(self.transport.disconnecting)
        self.assertGone(frame(HEADERS, 5, 3, b"\x82\x87\x84\x01\x01a" + b"\xbe" * 1000))

    def test_tooMany(self) -> None:
        """Headers somewhat past the limits are answered with 431."""
        many = [(b"a%d" % at, b"") for at in range(501)]
        self.assertEqual(self.peer.ask(get(b"/", *many)).status, 431)
        large = [(b"a%d" % at, b"b" * 4000) for at in range(9)]
        self.assertEqual(self.peer.ask(get(b"/", *large)).status, 431)
        self.assertAlive()

    def test_empty(self) -> None:
        """Headers without a name are malformed, and nothing is kept of them (CVE-2019-9516)."""
        self.assertEqual(self.peer.ask(get(b"/", (b"", b""))).reset, PROTOCOL_ERROR)
        self.assertAlive()

    def test_longPath(self) -> None:
        """A path past the limit is answered with 414."""
        self.assertEqual(self.peer.ask(get(b"/" + b"a" * 16400)).status, 414)

    def test_notHpack(self) -> None:
        """What cannot be decoded ends the connection: the table is unknown after that."""
        last = self.send(frame(HEADERS, 5, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))[-1]
        self.assertEqual(last[0], GOAWAY)
        self.assertTrue(self.transport.disconnecting)


class SmugglingTests(AbuseTestCase):
    """What would be something else over HTTP/1.1 resets its stream, and no other."""

    def assertMalformed(self, fields: Fields) -> None:
        """The stream is reset, and the connection goes on."""
        self.assertEqual(self.peer.ask(fields).reset, PROTOCOL_ERROR, fields)
        self.assertEqual(self.peer.ask(get()).body, b"root")

    def test_values(self) -> None:
        """Values with line ends, NUL, other controls, and whitespace around them."""
        for value in (b"a\r\nb: c", b"a\nb", b"a\rb", b"a\0b", b"\x01", b"\x7f", b" a", b"a\t"):
            self.assertMalformed(get(b"/", (b"x", value)))

    def test_names(self) -> None:
        """Names that are none, or are not in small letters."""
        for name in (b"X", b"a b", b"a:", b"a\r\nb", b"a\0", b"\xe9", b"content-Length"):
            self.assertMalformed(get(b"/", (name, b"1")))

    def test_connection(self) -> None:
        """Headers about the connection, and TE with more than trailers."""
        for name in (b"connection", b"keep-alive", b"proxy-connection", b"upgrade"):
            self.assertMalformed(get(b"/", (name, b"x")))
        self.assertMalformed(post(b"/echo", (b"transfer-encoding", b"chunked")))
        self.assertMalformed(get(b"/", (b"te", b"gzip")))
        self.assertEqual(self.peer.ask(get(b"/", (b"te", b"trailers"))).body, b"root")

    def test_path(self) -> None:
        """Paths that are none."""
        for path in (b"", b"a", b"/ b", b"/\r\nX: y", b"/\0", b"http://a/", b"*", b"/\xe9"):
            self.assertMalformed(get(path))

    def test_method(self) -> None:
        """Methods that are none."""
        for method in (b"", b"GET /", b"G\r\nX", b"G\0"):
            self.assertMalformed(get(method=method))

    def test_host(self) -> None:
        """Hosts that are none, or differ."""
        for host in (b"", b"a b", b"user@a", b"a/b", b"a\r\nb", b"a:b"):
            fields = get()
            fields[2] = (b":authority", host)
            self.assertMalformed(fields)
        self.assertMalformed(get(b"/", (b"host", b"b")))
        self.assertEqual(self.peer.ask(get(b"/", (b"host", b"A"))).body, b"root")
        del (fields := get())[2]
        self.assertMalformed(fields)
        self.assertEqual(self.peer.ask([*fields, (b"host", b"a")]).body, b"root")

    def test_pseudo(self) -> None:
        """What begins with a colon: unknown, twice, late, missing, in trailers."""
        self.assertMalformed([*get(), (b":x", b"y")])
        self.assertMalformed([*get(), (b":path", b"/")])
        self.assertMalformed([*get()[1:], (b"a", b"b"), get()[0]])
        for at in range(4):
            if at != 2:  # the host may be said by a header
                fields = get()
                del fields[at]
                self.assertMalformed(fields)
        number = self.peer.open(post(b"/echo"))
        self.peer.h2.send_headers(number, [(b":path", b"/")], end_stream=True)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].reset, PROTOCOL_ERROR)

    def test_scheme(self) -> None:
        """Schemes that are none."""
        for scheme in (b"", b"1", b"http://a/", b"ht\r\ntp"):
            fields = get()
            fields[1] = (b":scheme", scheme)
            self.assertMalformed(fields)

    def test_contentLength(self) -> None:
        """Lengths that are no number, are said twice, or are not that of the body."""
        for length in (b"+5", b"-5", b"0x5", b"5,5", b"5 ", b"", b"\xd9\xa5", b"5" * 20):
            self.assertMalformed(post(b"/echo", (b"content-length", length)))
        self.assertMalformed(post(b"/echo", *[(b"content-length", b"5")] * 2))
        self.assertMalformed(get(b"/", (b"content-length", b"5")))

    def test_otherLength(self) -> None:
        """A body that is longer, or shorter, than it was said to be."""
        for body in (b"1234", b"123456"):
            number = self.peer.begin(post(b"/later", (b"content-length", b"5")), body)
            self.peer.exchange()
            self.assertEqual(self.peer.answers[number].reset, PROTOCOL_ERROR)
        number = self.peer.open(post(b"/later", (b"content-length", b"5")))
        self.peer.h2.send_data(number, b"1234")
        self.peer.h2.send_headers(number, [(b"a", b"b")], end_stream=True)
        self.peer.exchange()
        self.assertEqual(self.peer.answers[number].reset, PROTOCOL_ERROR)
        self.assertEqual(self.requests, [])
        self.assertAlive()

    def test_push(self) -> None:
        """A client does not promise anything."""
        self.assertGone(frame(PUSH_PROMISE, 4, 1, b"\0\0\0\2\x82"), PROTOCOL_ERROR)

    def test_order(self) -> None:
        """Frames where they have no place end the connection."""
        for data in (
            frame(DATA, 0, 1, b"x"),
            frame(HEADERS, 5, 0, b"\x82"),
            frame(HEADERS, 5, 2, b"\x82\x87\x84\x41\x01a"),
            frame(HEADERS, 0, 1, b"\x82") + frame(PING, 0, 0, bytes(8)),
            frame(CONTINUATION, 4, 1, b"\x82"),
            frame(PING, 0, 0, b"short"),
            frame(PING, 0, 1, bytes(8)),
            frame(SETTINGS, 0, 0, b"short"),
            frame(SETTINGS, 0, 0, struct.pack(">HL", 5, 1)),
            frame(WINDOW_UPDATE, 0, 0, bytes(4)),
            frame(WINDOW_UPDATE, 0, 0, struct.pack(">L", 2**31 - 1)),
            frame(RST_STREAM, 0, 1, bytes(4)),
            frame(GOAWAY, 0, 0, b"short"),
            frame(DATA, 8, 1, b"\xff"),
        ):
            self.connect()
            self.assertEqual(self.send(data)[-1][0], GOAWAY, data)
            self.assertTrue(self.transport.disconnecting, data)

    def test_noPreface(self) -> None:
        """A preface that is wrong late is no HTTP/2; what follows is not read."""
        self.accept()
        self.channel.dataReceived(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\rX")
        self.assertTrue(self.transport.value().startswith(b"HTTP/1.1 "))
        self.assertEqual(self.requests, [])
