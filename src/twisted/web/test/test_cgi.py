"""What scripts answer, as bytes."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from twisted.trial.unittest import SynchronousTestCase
from twisted.web._cgi import Head, Phase, ResponseReader, ScriptError


def read(*pieces: bytes) -> tuple[Head | None, bytes]:
    """The head and the body that the pieces make."""
    reader = ResponseReader()
    head, body = None, b""
    for piece in pieces:
        found, rest = reader.feed(piece)
        head = found or head
        body += rest
    reader.end()
    return head, body


def outcome(*pieces: bytes) -> object:
    """What the pieces make, or what is wrong with them."""
    try:
        return read(*pieces)
    except ScriptError as error:
        return str(error)


class ReaderTests(SynchronousTestCase):
    """`ResponseReader`."""

    def assertRefused(self, data: bytes, words: str) -> None:
        """These bytes are no answer, whole or byte by byte."""
        for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
            error = self.assertRaises(ScriptError, read, *pieces)
            self.assertIn(words, str(error))

    def test_document(self) -> None:
        """A document has a type, and the status 200."""
        head, body = read(b"Content-Type: text/plain\n\nbody\n\nbody")
        self.assertEqual(head, Head(200, None, [(b"content-type", b"text/plain")]))
        self.assertEqual(body, b"body\n\nbody")

    def test_status(self) -> None:
        """A script may say another, with or without a reason."""
        head = read(b"Status: 404 Not here\r\nX-A: 1\r\nX-A: 2 \r\n\r\n")[0]
        self.assertEqual(head, Head(404, b"Not here", [(b"x-a", b"1"), (b"x-a", b"2")]))
        self.assertEqual(read(b"status:204\n\n")[0], Head(204, None, []))

    def test_location(self) -> None:
        """A location is a redirection, unless the script says something else."""
        fields = [(b"location", b"/a")]
        self.assertEqual(read(b"Location: /a\n\n")[0], Head(302, None, fields))
        self.assertEqual(read(b"Location: /a\nStatus: 201\n\n")[0], Head(201, None, fields))

    def test_connection(self) -> None:
        """What is between server and client is not for a script to say."""
        sent = b"Connection: close\nTransfer-Encoding: chunked\nTrailer: a\nA: b\n\n"
        self.assertEqual(read(sent)[0], Head(200, None, [(b"a", b"b")]))

    def test_refused(self) -> None:
        """What is no answer."""
        for data, words in (
            (b"", "ended before"),
            (b"Content-Type: text/plain\n", "ended before"),
            (b"\n\nbody", "is not a header"),
            (b"no header\n\n", "is not a header"),
            (b"a b: c\n\n", "is not a header"),
            (b"a: b\rc\n\n", "is not a header"),
            (b"a: b\n c\n\n", "is not a header"),
            (b"a: \x00\n\n", "is not a header"),
            (b"Status: OK\n\n", "is not a status"),
            (b"Status: 100 Continue\n\n", "is not a status"),
            (b"Status: 1000\n\n", "is not a status"),
            (b"Content-Length: -1\n\n", "is not a length"),
            (b"HTTP/1.1 200 OK\n\n", "is not a header"),
            (b"a: " + b"b" * 65536, "more than 65536"),
            (b"a: b\n" * 20000 + b"\n", "more than 65536"),
        ):
            self.assertRefused(data, words)

    def test_afterwards(self) -> None:
        """After an error there is nothing to be read."""
        reader = ResponseReader()
        self.assertRaises(ScriptError, reader.feed, b"x\n\n")
        self.assertIs(reader.phase, Phase.BROKEN)
        self.assertRaises(ScriptError, reader.feed, b"a: b\n\n")

    @given(st.lists(st.sampled_from([b"\n", b"\r\n", b"a: b", b"Status: 404", b"\x00", b": "])),
           st.lists(st.integers(0, 60), max_size=4))  # fmt: skip
    def test_split(self, parts: list[bytes], cuts: list[int]) -> None:
        """The same bytes are the same answer, however they are split."""
        data = b"".join(parts)
        places = [0, *sorted(cuts), len(data)]
        pieces = [data[a:b] for a, b in itertools.pairwise(places)]
        self.assertEqual(outcome(*pieces), outcome(data))

    @given(st.binary(max_size=200))
    def test_any(self, data: bytes) -> None:
        """Any bytes are an answer, or the one error."""
        outcome(data)
