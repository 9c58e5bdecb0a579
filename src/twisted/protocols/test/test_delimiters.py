"""`LineReceiver` and `LineOnlyReceiver` with delimiters of any kind, against `bytes.split`."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from twisted.protocols.basic import LineOnlyReceiver, LineReceiver
from twisted.protocols.test._streams import cuts, piecesOf
from twisted.protocols.test.test_lines import Event, eventsOf
from twisted.trial import unittest


class Noting:
    """Notes lines, and that one is too long."""

    MAX_LENGTH = 9

    def __init__(self, delimiter: bytes) -> None:
        self.delimiter = delimiter
        self.events: list[Event] = []

    def lineReceived(self, line: bytes) -> None:
        self.events.append(("line", line))

    def lineLengthExceeded(self, line: bytes) -> None:
        self.events.append(("exceeded", b""))
        self.transport.loseConnection()

    transport: Any = None


class NotingLines(Noting, LineReceiver):
    """As `Noting`."""


class NotingLinesOnly(Noting, LineOnlyReceiver):
    """As `Noting`."""


class DelimiterTests(unittest.SynchronousTestCase):
    """Lines are what is between delimiters, the leftmost first, whatever these are."""

    @given(
        st.sampled_from([b"\n", b"\r\n", b"aa", b"aba", b"abcdefghij"]),
        st.lists(st.sampled_from([b"a", b"b", b"\n", b"\r", b"cdefghij", b"xxxx"]), max_size=40),
        cuts(),
    )
    @example(b"aa", [b"xxxx", b"xxxx", b"a", b"a", b"a", b"xxxx", b"xxxx", b"a", b"a"], [])
    @settings(deadline=None, max_examples=300)
    def test_events(self, delimiter: bytes, parts: list[bytes], where: list[int]) -> None:
        stream = b"".join(parts)
        *lines, rest = stream.split(delimiter)
        expected: list[Event] = [("line", line) for line in lines if len(line) <= 9]
        tooLong = [at for at, line in enumerate(lines) if len(line) > 9]
        if tooLong or len(rest) >= 9 + len(delimiter):
            expected = [*expected[: (tooLong or [len(expected)])[0]], ("exceeded", b"")]
        for make in (NotingLines, NotingLinesOnly):
            for pieces in ([stream], piecesOf(stream, where)):
                self.assertEqual(eventsOf(pieces, partial(make, delimiter)), expected)
