"""Any bytes give messages or the one error, however they are cut; and wsproto says the same."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from unittest import SkipTest

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web._websocket import Connection, Deflate, HandshakeError, ServerHandshake
from twisted.web._websocket._limits import WebSocketLimits
from twisted.web.test._websockets import REQUEST, Producer, Recorder, ServerCase
from twisted.web.test.test_websocket_frames import frame, readAll
from twisted.web.websocket import WebSocketNotOpen

try:
    import wsproto
    from wsproto import events as heard
    from wsproto.connection import Connection as OtherConnection
    from wsproto.connection import ConnectionType
except ImportError:
    wsproto = None  # type: ignore[assignment]  # an extra, for tests

UNHURRIED = settings(deadline=None, max_examples=200)

SMALL = WebSocketLimits(messageBytes=5000)
PAYLOADS = st.one_of(
    st.binary(max_size=130),
    st.text(max_size=50).map(str.encode),
    st.sampled_from([b"\x03\xe8", b"\x03\xe8bye", b"\x03\xed", b"\x03", b"x" * 126, b"\xce"]),
    st.binary(max_size=40).map(lambda data: zlib.compress(data * 9, wbits=-15) + b"\x00"),
    st.integers(0, 9).map(lambda size: zlib.compress(bytes(size * 1000), wbits=-15) + b"\x00"),
)
#: Mostly frames that may come; the rest is anything.
FIRSTS = st.one_of(
    st.sampled_from([0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A, 0xC1, 0xC2, 0x41, 0x42]),
    st.sampled_from([0x88]),
    st.integers(0, 255),
)
FRAMES = st.builds(frame, FIRSTS, PAYLOADS)
UNMASKED = st.builds(lambda first, data: frame(first, data, b""), FIRSTS, PAYLOADS)
STREAMS = st.lists(st.one_of(FRAMES, FRAMES, FRAMES, UNMASKED, st.binary(max_size=9)), max_size=8)
BYTES = st.one_of(STREAMS.map(b"".join), st.binary(max_size=300))
CUTS = st.lists(st.integers(0, 2000), max_size=10)


def readPieces(connection: Connection, data: bytes, cuts: list[int]) -> tuple[list[Any], Any]:
    """As `readAll`, in pieces."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    events: list[Any] = []
    for start, end in pairwise(places):
        some, code = readAll(connection, data[start:end])
        events += some
        if code is not None:
            return events, code
    return events, None


class FuzzTests(SynchronousTestCase):
    """What is read of anything."""

    @UNHURRIED
    @given(BYTES, CUTS, st.booleans(), st.booleans())
    def test_cuts(self, data: bytes, cuts: list[int], client: bool, compressed: bool) -> None:
        """Pieces give what the whole gives."""
        deflate = Deflate() if compressed else None
        whole = readAll(Connection(client, SMALL, deflate), data)
        pieces = readPieces(Connection(client, SMALL, deflate), data, cuts)
        self.assertEqual(pieces, whole)
        for event in whole[0]:
            if isinstance(event, str | bytes):
                encoded = event.encode() if isinstance(event, str) else event
                self.assertLessEqual(len(encoded), SMALL.messageBytes)

    @UNHURRIED
    @given(st.lists(st.one_of(st.text(), st.binary(max_size=3000))), st.booleans(), CUTS)
    def test_bothWays(self, messages: list[str | bytes], compressed: bool, cuts: list[int]) -> None:
        """What one side sends, the other reads."""
        deflate = Deflate(send_bits=9, receive_bits=9) if compressed else None
        client, server = Connection(True, deflate=deflate), Connection(False, deflate=deflate)
        for sender, receiver in ((client, server), (server, client)):
            data = b"".join(
                sender.text(one) if isinstance(one, str) else sender.binary(one) for one in messages
            )
            self.assertEqual(readPieces(receiver, data, cuts), (messages, None))

    @UNHURRIED
    @given(STREAMS.map(b"".join), st.booleans())
    def test_wsproto(self, data: bytes, client: bool) -> None:
        """wsproto reads the same messages, and finds the same error."""
        if wsproto is None:
            raise SkipTest("wsproto is not installed")
        connection = Connection(client)
        events, code = readAll(connection, data)
        theirs = readWithWsproto(data, client)
        if code is None and theirs[1] is not None:
            # We look at a header when all of it is there.
            code = readAll(connection, bytes(14))[1]
        self.assertEqual((events, code), theirs)

    @UNHURRIED
    @given(
        st.dictionaries(
            st.sampled_from(
                [
                    b"upgrade",
                    b"connection",
                    b"sec-websocket-version",
                    b"sec-websocket-key",
                    b"sec-websocket-protocol",
                    b"sec-websocket-extensions",
                    b"origin",
                ]
            ),
            st.lists(
                st.one_of(
                    st.sampled_from(
                        [
                            b"websocket",
                            b"Upgrade",
                            b"13",
                            b"dGhlIHNhbXBsZSBub25jZQ==",
                            b"permessage-deflate; client_max_window_bits",
                            b'permessage-deflate; client_max_window_bits="10", x; y=z',
                            b"permessage-deflate; server_max_window_bits=8",
                        ]
                    ),
                    st.binary(max_size=20),
                ),
                max_size=2,
            ),
        )
    )
    def test_handshakes(self, headers: dict[bytes, list[bytes]]) -> None:
        """Any headers are agreed to, or are the one error."""
        try:
            handshake = ServerHandshake(b"GET", headers)
        except HandshakeError as error:
            self.assertIn(error.status, (400, 426))
        else:
            for name, value in handshake.accept(handshake.choose([b"chat"]))[0]:
                self.assertNotIn(b"\n", name + value)


def readWithWsproto(data: bytes, client: bool) -> tuple[list[Any], Any]:
    """What wsproto makes of some bytes: as `readAll`."""
    kind = ConnectionType.CLIENT if client else ConnectionType.SERVER
    connection = OtherConnection(kind)
    found: list[Any] = []
    parts: list[Any] = []
    connection.receive_data(data)
    for event in connection.events():
        if isinstance(event, heard.TextMessage | heard.BytesMessage):
            parts.append(event.data if isinstance(event, heard.TextMessage) else bytes(event.data))
            if event.message_finished:
                found.append(parts[0][:0].join(parts))
                parts = []
        elif isinstance(event, heard.Ping | heard.Pong):
            found.append((type(event).__name__.lower(), bytes(event.payload)))
        elif isinstance(event, heard.CloseConnection):
            if connection.state.name == "OPEN":
                return found, int(event.code)
            found.append(("close", int(event.code), event.reason or ""))
            break
    return found, None


STEPS = st.lists(
    st.one_of(
        BYTES,
        FRAMES,
        st.integers(1, 400),
        st.sampled_from(
            [
                "slow",
                "quick",
                "pause",
                "resume",
                "send",
                "ping",
                "close",
                "abort",
                "attach",
                "drain",
            ]
        ),
    ),
    max_size=15,
)


class ConnectionFuzzTests(ServerCase):
    """Anything that both sides may do to a connection, in any order."""

    def act(self, step: str) -> None:
        """Do something that a protocol or its transport does."""
        transport: Any = self.protocol.transport
        producer = Producer()
        transport.detachProducer()
        actions: dict[str, Callable[[], object]] = {
            "slow": self.outflow.pauseProducing,
            "quick": self.outflow.resumeProducing,
            "pause": transport.pauseProducing,
            "resume": transport.resumeProducing,
            "send": lambda: transport.sendTextMessage("x" * 200),
            "ping": transport.ping,
            "close": transport.loseConnection,
            "abort": transport.abortConnection,
            "attach": lambda: transport.attachProducer(producer),
            "drain": self.channel.drain,
        }
        try:
            actions[step]()
        except WebSocketNotOpen:
            self.assertIn("close", self.steps)

    @UNHURRIED
    @given(STEPS)
    def test_anything(self, steps: list[str | bytes | int]) -> None:
        """What is sent is WebSocket, nothing fails, and the end is told once."""
        self.clock = Clock()
        self.protocol = Recorder()
        self.steps = ["close" if step in ("drain", "abort") else step for step in steps]
        offer = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
        limits = WebSocketLimits(messageBytes=5000, slowBytes=500, unsentBytes=1500)
        self.ask(REQUEST + offer, limits=limits)
        self.transport.clear()
        self.outflow: Any = self.transport.producer
        for step in steps:
            if self.transport.disconnected:
                break
            if isinstance(step, bytes):
                self.receive(step)
            elif isinstance(step, int):
                self.clock.advance(step)
            else:
                self.act(step)
        peer = Connection(True, deflate=Deflate())
        events, code = readAll(peer, self.transport.value())
        self.assertIs(code, None)
        self.assertNotIn("close", [event[0] for event in events[:-1] if isinstance(event, tuple)])
        self.lose()
        self.assertIsNot(self.protocol.lost, None)
        self.assertEqual(self.clock.getDelayedCalls(), [])
