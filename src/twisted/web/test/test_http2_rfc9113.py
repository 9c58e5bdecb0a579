"""What RFC 9113 says of frames and streams, one sentence after the other, to a server.

Each entry has the section, what is sent after the preface and the settings, and what may come of
it: a page, a reset of the stream with one of these codes, or the end of the connection with one of
them. Where the RFC leaves a choice, ending the connection is always one (5.4.1).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from twisted.web.test._http2 import ServerTestCase, frames

NO_ERROR, PROTOCOL, INTERNAL, FLOW, _, CLOSED, SIZE, REFUSED, CANCEL, COMPRESSION = range(10)
CALM = 11
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)
ACK = END_STREAM = 1
END_HEADERS, PADDED, WITH_PRIORITY = 4, 8, 0x20
WHOLE = END_STREAM | END_HEADERS

GET = b"\x82\x86\x84\x01\x01a"
POST = b"\x83\x86\x84\x01\x01a"
#: A page that is answered later, so that its stream stays open.
LATER = b"\x82\x86\x04\x06/later\x01\x01a"


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame."""
    return len(payload).to_bytes(3, "big") + struct.pack(">BBL", kind, flags, stream) + payload


def setting(name: int, value: int) -> bytes:
    """A setting."""
    return frame(SETTINGS, 0, 0, struct.pack(">HL", name, value))


def window(stream: int, size: int) -> bytes:
    """A window that is opened."""
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">L", size))


class Rule(NamedTuple):
    """What is sent, and what may come of it."""

    section: str
    what: str
    sent: bytes
    answered: bool = False
    reset: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()


#: A request that is open in both directions, one that is complete, and one that is reset.
OPEN = frame(HEADERS, END_HEADERS, 1, POST)
DONE = frame(HEADERS, WHOLE, 1, LATER)
RESET = OPEN + frame(RST_STREAM, 0, 1, struct.pack(">L", CANCEL))
PAGE = frame(HEADERS, WHOLE, 1, GET)
EIGHT = bytes(8)

RULES = [
    Rule("4.1", "a frame of an unknown type", frame(0x16, 0, 0, EIGHT) + PAGE, True),
    Rule("4.1", "flags that are not defined", frame(PING, 0x16, 0, EIGHT) + PAGE, True),
    Rule("4.1", "a reserved bit", frame(PING, 0, 2**31, EIGHT) + PAGE, True),
    Rule("4.2", "data that is too long", OPEN + frame(DATA, 0, 1, bytes(16385)), gone=(SIZE,)),
    Rule("4.2", "headers too long", frame(HEADERS, WHOLE, 1, bytes(16385)), gone=(SIZE, CALM)),
    Rule(
        "4.3",
        "an index of no entry",
        frame(HEADERS, WHOLE, 1, b"\xff\xff\x00"),
        gone=(COMPRESSION,),
    ),
    Rule(
        "4.3",
        "a string without its end",
        frame(HEADERS, WHOLE, 1, b"\x00\x7f"),
        gone=(COMPRESSION,),
    ),
    Rule("4.3", "index zero", frame(HEADERS, WHOLE, 1, b"\x80"), gone=(COMPRESSION,)),
    Rule(
        "4.3",
        "another frame within headers",
        frame(HEADERS, 0, 1, GET) + frame(PRIORITY, 0, 1, bytes(5)),
        gone=(PROTOCOL,),
    ),
    Rule(
        "4.3",
        "another stream within headers",
        frame(HEADERS, 0, 1, GET) + frame(HEADERS, WHOLE, 3, GET),
        gone=(PROTOCOL,),
    ),
    Rule("5.1", "data on an idle stream", frame(DATA, 1, 1, b"x"), gone=(PROTOCOL, CLOSED)),
    Rule("5.1", "a reset of an idle stream", frame(RST_STREAM, 0, 1, bytes(4)), gone=(PROTOCOL,)),
    Rule("5.1", "a window of an idle stream", window(1, 100), gone=(PROTOCOL,)),
    Rule("5.1", "a continuation of nothing", frame(CONTINUATION, 4, 1, GET), gone=(PROTOCOL,)),
    Rule(
        "5.1", "data after the end", DONE + frame(DATA, 1, 1, b"x"), reset=(CLOSED,), gone=(CLOSED,)
    ),
    Rule("5.1", "headers after the end", DONE + PAGE, reset=(CLOSED,), gone=(CLOSED,)),
    Rule(
        "5.1",
        "a continuation after the end",
        DONE + frame(CONTINUATION, 4, 1, GET),
        gone=(CLOSED, PROTOCOL),
    ),
    Rule(
        "5.1",
        "data after a reset",
        RESET + frame(DATA, 1, 1, b"x"),
        reset=(CLOSED,),
        gone=(CLOSED,),
    ),
    Rule("5.1", "headers after a reset", RESET + PAGE, reset=(CLOSED,), gone=(CLOSED,)),
    Rule("5.1", "data after both ends", PAGE + frame(DATA, 1, 1, b"x"), True, (CLOSED,), (CLOSED,)),
    Rule("5.1", "headers after both ends", PAGE + PAGE, True, (CLOSED,), (CLOSED, PROTOCOL)),
    Rule("5.1", "a window after both ends", PAGE + window(1, 10) + frame(PING, 0, 0, EIGHT), True),
    Rule("5.1.1", "an even number", frame(HEADERS, WHOLE, 2, GET), gone=(PROTOCOL,)),
    Rule(
        "5.1.1",
        "a number that is lower",
        frame(HEADERS, WHOLE, 5, LATER) + frame(HEADERS, WHOLE, 3, GET),
        gone=(PROTOCOL,),
    ),
    Rule(
        "5.3.1",
        "its own parent",
        frame(PRIORITY, 0, 1, b"\0\0\0\1\0"),
        reset=(PROTOCOL,),
        gone=(PROTOCOL,),
    ),
    Rule(
        "5.5",
        "an extension within headers",
        frame(HEADERS, 0, 1, GET) + frame(0x16, 0, 0),
        gone=(PROTOCOL,),
    ),
    Rule("6.1", "data on no stream", frame(DATA, 1, 0, b"x"), gone=(PROTOCOL,)),
    Rule(
        "6.1", "padding longer than data", OPEN + frame(DATA, 9, 1, b"\x06test"), gone=(PROTOCOL,)
    ),
    Rule("6.2", "headers on no stream", frame(HEADERS, WHOLE, 0, GET), gone=(PROTOCOL,)),
    Rule(
        "6.2",
        "padding longer than headers",
        frame(HEADERS, WHOLE | PADDED, 1, bytes([len(GET) + 1]) + GET),
        gone=(PROTOCOL,),
    ),
    Rule(
        "6.2",
        "headers with padding and a priority",
        frame(HEADERS, WHOLE | PADDED | WITH_PRIORITY, 1, b"\2\0\0\0\0\x10" + GET + b"\0\0"),
        True,
    ),
    Rule("6.3", "a priority of no stream", frame(PRIORITY, 0, 0, bytes(5)), gone=(PROTOCOL,)),
    Rule(
        "6.3", "a priority too short", frame(PRIORITY, 0, 1, bytes(4)), reset=(SIZE,), gone=(SIZE,)
    ),
    Rule(
        "6.3", "a priority of what is not begun", frame(PRIORITY, 0, 9, b"\0\0\0\7\1") + PAGE, True
    ),
    Rule("6.4", "a reset of no stream", frame(RST_STREAM, 0, 0, bytes(4)), gone=(PROTOCOL,)),
    Rule("6.4", "a reset too short", OPEN + frame(RST_STREAM, 0, 1, bytes(3)), gone=(SIZE,)),
    Rule(
        "6.5",
        "an acknowledgement with content",
        frame(SETTINGS, ACK, 0, bytes(6)),
        gone=(SIZE, PROTOCOL),
    ),
    Rule("6.5", "settings on a stream", frame(SETTINGS, 0, 1, bytes(6)), gone=(PROTOCOL,)),
    Rule("6.5", "settings of a strange length", frame(SETTINGS, 0, 0, bytes(3)), gone=(SIZE,)),
    Rule("6.5.2", "push that is 2", setting(2, 2), gone=(PROTOCOL,)),
    Rule("6.5.2", "a window too large", setting(4, 2**31), gone=(FLOW,)),
    Rule("6.5.2", "frames too small", setting(5, 16383), gone=(PROTOCOL,)),
    Rule("6.5.2", "frames too large", setting(5, 2**24), gone=(PROTOCOL,)),
    Rule("6.5.2", "an unknown setting", setting(0xFF, 1) + PAGE, True),
    Rule("6.7", "a ping on a stream", frame(PING, 0, 1, EIGHT), gone=(PROTOCOL,)),
    Rule("6.7", "a ping too short", frame(PING, 0, 0, bytes(6)), gone=(SIZE,)),
    Rule("6.8", "a parting on a stream", frame(GOAWAY, 0, 1, EIGHT), gone=(PROTOCOL,)),
    Rule("6.8", "a parting too short", frame(GOAWAY, 0, 0, bytes(7)), gone=(SIZE,)),
    Rule("6.9", "a window of nothing", window(0, 0), gone=(PROTOCOL,)),
    Rule(
        "6.9",
        "a stream's window of nothing",
        DONE + window(1, 0),
        reset=(PROTOCOL,),
        gone=(PROTOCOL,),
    ),
    Rule("6.9", "a window too short", frame(WINDOW_UPDATE, 0, 0, bytes(3)), gone=(SIZE,)),
    Rule("6.9.1", "a window past its limit", window(0, 2**31 - 1) * 2, gone=(FLOW,)),
    Rule("6.9.1", "a stream's, too", DONE + window(1, 2**31 - 1), reset=(FLOW,), gone=(FLOW,)),
    Rule(
        "6.9.2",
        "settings that take it there",
        DONE + window(1, 2**30) + setting(4, 2**31 - 1),
        gone=(FLOW,),
    ),
    Rule(
        "6.10",
        "continuations",
        frame(HEADERS, 1, 1, GET[:1])
        + frame(CONTINUATION, 0, 1, GET[1:2])
        + frame(CONTINUATION, 4, 1, GET[2:]),
        True,
    ),
    Rule(
        "6.10",
        "a continuation on no stream",
        frame(HEADERS, 1, 1, GET) + frame(CONTINUATION, 4, 0),
        gone=(PROTOCOL,),
    ),
    Rule(
        "6.10",
        "after the end of headers",
        PAGE + frame(CONTINUATION, 4, 1),
        True,
        gone=(PROTOCOL, CLOSED),
    ),
    Rule(
        "6.10",
        "after data",
        OPEN + frame(DATA, 0, 1, b"x") + frame(CONTINUATION, 4, 1),
        gone=(PROTOCOL,),
    ),
    Rule(
        "7",
        "an unknown code in a reset",
        OPEN + frame(RST_STREAM, 0, 1, b"\0\0\0\xff") + frame(HEADERS, WHOLE, 3, GET),
        True,
    ),
    Rule(
        "7",
        "an unknown code in a parting",
        frame(GOAWAY, 0, 0, bytes(7) + b"\xff"),
        gone=(NO_ERROR,),
    ),
    Rule(
        "8.1",
        "trailers without an end",
        OPEN + frame(HEADERS, END_HEADERS, 1, b"\x00\x01x\x01y"),
        reset=(PROTOCOL,),
        gone=(PROTOCOL,),
    ),
    Rule(
        "8.4",
        "a promise of a client",
        OPEN + frame(PUSH_PROMISE, 4, 1, b"\0\0\0\2" + GET),
        gone=(PROTOCOL,),
    ),
]


class RuleTests(ServerTestCase):
    """Every rule, with what is sent whole, and a byte at a time."""

    def outcome(self, sent: bytes, piece: int) -> tuple[bool, list[int], list[int]]:
        """Whether there was a page, and the codes of resets and of the end."""
        self.connect()
        self.transport.clear()
        for at in range(0, len(sent), piece):
            self.channel.dataReceived(sent[at : at + piece])
        found = frames(self.transport.value())
        page = any(kind == DATA and payload == b"root" for kind, _, _, payload in found)
        resets = [int.from_bytes(one[3], "big") for one in found if one[0] == RST_STREAM]
        ends = [int.from_bytes(one[3][4:8], "big") for one in found if one[0] == GOAWAY]
        if not ends:
            self.assertFalse(self.transport.disconnecting)
        return page, resets, ends

    def test_rules(self) -> None:
        """What comes of them is one of what may."""
        for rule in RULES:
            for piece in (len(rule.sent), 1):
                page, resets, ends = self.outcome(rule.sent, piece)
                told = f"{rule.section}, {rule.what}: {page}, resets {resets}, ends {ends}"
                if not rule.gone:
                    self.assertEqual((page, ends), (rule.answered, []), told)
                if rule.gone or rule.reset:
                    self.assertTrue(resets or ends, told)
                self.assertLessEqual(set(resets), {*rule.reset}, told)
                self.assertLessEqual(set(ends), {*rule.gone}, told)

    def test_answers(self) -> None:
        """Pings and settings are answered."""
        self.transport.clear()
        self.channel.dataReceived(frame(PING, 0, 0, b"12345678") + setting(3, 100))
        self.assertEqual(
            [(kind, flags, payload) for kind, flags, _, payload in frames(self.transport.value())],
            [(PING, ACK, b"12345678"), (SETTINGS, ACK, b"")],
        )

    def test_negativeWindow(self) -> None:
        """A window may fall below zero, and data goes on when it has risen above (6.9.2)."""
        self.page(b"much", lambda request: b"x" * 100)
        asked = frame(HEADERS, WHOLE, 1, b"\x82\x86\x04\x05/much\x01\x01a")
        self.transport.clear()
        self.channel.dataReceived(setting(4, 60) + asked)
        self.channel.dataReceived(setting(4, 20) + window(1, 30))
        self.channel.dataReceived(window(1, 11) + window(1, 60))
        sizes = [len(one[3]) for one in frames(self.transport.value()) if one[0] == DATA]
        self.assertEqual(sizes[0], 60)
        self.assertEqual(sum(sizes), 100)
