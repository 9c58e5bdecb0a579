"""Any bytes give a parse or the one error; and what is a request to us is the same one to h11."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from unittest import SkipTest

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.trial.unittest import SynchronousTestCase
from twisted.web import _h1
from twisted.web.test.test_h1 import Told, readAll

try:
    import h11
except ImportError:
    h11 = None  # type: ignore[assignment]  # an extra, for tests

UNHURRIED = settings(deadline=None, max_examples=200)

#: Pieces that requests are made of, good, bad, and good in another place.
PIECES = st.sampled_from(
    [
        b"GET / HTTP/1.1\r\n",
        b"POST /a?b=c HTTP/1.1\r\n",
        b"GET / HTTP/1.0\r\n",
        b"HEAD http://a/ HTTP/1.1\r\n",
        b"Host: a\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length: +5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Connection: close\r\n",
        b"Connection: keep-alive, upgrade\r\n",
        b"Upgrade: x\r\n",
        b"Expect: 100-continue\r\n",
        b"A: b\r\n",
        b"A:\r\n",
        b"A : b\r\n",
        b" folded\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"hello",
        b"5\r\nhello\r\n",
        b"5;a=b\r\nhello\r\n",
        b"a\r\n",
        b"0\r\n\r\n",
        b"0\r\nT: u\r\n\r\n",
        b"0",
        b"\0",
        b"\xe9",
    ]
)
SOUP = st.lists(PIECES, max_size=12).map(b"".join)
HEAD = st.lists(PIECES, min_size=1, max_size=5).map(
    lambda pieces: b"POST / HTTP/1.1\r\nHost: a\r\n" + b"".join(pieces)
)
BYTES = st.one_of(SOUP, HEAD, st.binary(max_size=200))
CUTS = st.lists(st.integers(0, 300), max_size=6)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """`data` in pieces, none of them empty."""
    edges = [0, *sorted({place for place in places if 0 < place < len(data)}), len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a < b]


def heard(told: Told) -> list[tuple[object, ...]]:
    """What was told of requests, without what h11 has no word for."""
    return [one[:4] if len(one) == 5 else one for one in told]


def byH11(data: bytes) -> Told:
    """What h11 makes of the same bytes."""
    connection: Any = h11.Connection(h11.SERVER, max_incomplete_event_size=100_000)
    told: Told = []
    try:
        connection.receive_data(data)
        while True:
            event: Any = connection.next_event()
            if event is h11.PAUSED:
                if not connection.trailing_data[0] or connection.their_state is not h11.DONE:
                    return told
                connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
                connection.send(h11.EndOfMessage())
                connection.start_next_cycle()
            elif isinstance(event, h11.Request):
                headers: dict[bytes, list[bytes]] = {}
                for name, value in event.headers:
                    headers.setdefault(bytes(name), []).append(bytes(value))
                minor = int(event.http_version[-1:])
                told.append((event.method, event.target, minor, headers))
            elif isinstance(event, h11.Data):
                data = bytes(event.data)
                if told and told[-1][0] == "body":
                    data = bytes(told.pop()[1]) + data  # type: ignore[call-overload]  # a body holds bytes
                told.append(("body", data))
            elif isinstance(event, h11.EndOfMessage):
                told.append(("end", {bytes(k): [bytes(v)] for k, v in event.headers}))
            else:
                return told
    except h11.ProtocolError:
        told.append(("error",))
        return told


class FuzzTests(SynchronousTestCase):
    """Any bytes, in any pieces."""

    def check(self, make: Callable[[], Any], data: bytes, places: list[int]) -> None:
        """The same is found in one piece, in several, and byte by byte."""
        whole = readAll(cut(data, []), make())
        self.assertEqual(readAll(cut(data, places), make()), whole)
        self.assertEqual(readAll(cut(data, list(range(len(data)))), make()), whole)

    @UNHURRIED
    @given(BYTES, CUTS)
    def test_requests(self, data: bytes, places: list[int]) -> None:
        """A server raises one error, if any, wherever the bytes are cut."""
        self.check(_h1.RequestReader, data, places)

    @UNHURRIED
    @given(
        st.one_of(BYTES, BYTES.map(b"HTTP/1.1 200 OK\r\n".__add__)),
        CUTS,
        st.sampled_from([b"GET", b"HEAD"]),
    )
    def test_responses(self, data: bytes, places: list[int], method: bytes) -> None:
        """So does a client."""

        def make() -> _h1.ResponseReader:
            reader = _h1.ResponseReader()
            reader.expect(method)
            return reader

        self.check(make, data, places)

    @UNHURRIED
    @given(
        st.lists(st.binary(max_size=50), max_size=5),
        st.booleans(),
        st.dictionaries(
            st.from_regex(rb"\A[a-z]{1,9}\Z").filter(lambda name: name != b"host"),
            st.from_regex(rb"\A[!-~]{0,20}\Z"),
            max_size=3,
        ),
    )
    def test_roundTrip(
        self, pieces: list[bytes], inChunks: bool, trailers: dict[bytes, bytes]
    ) -> None:
        """What is written is read as what it was."""
        body = b"".join(pieces)
        writer = _h1.RequestWriter()
        sent = writer.head(
            b"POST", b"/x", [(b"Host", b"a")], None if inChunks else len(body)
        ) + b"".join(map(writer.body, pieces))
        ends = list(trailers.items()) if inChunks else []
        told = readAll([sent + writer.end(ends)], _h1.RequestReader())
        self.assertEqual(told[1:-1], [("body", body)] if body else [])
        self.assertEqual(told[-1], ("end", {name: [value] for name, value in ends}))


class PeerTests(SynchronousTestCase):
    """Our verdict and that of h11.

    Ours is stricter in what `_h1` says; where we find a request, h11 finds the same.
    """

    def setUp(self) -> None:
        if h11 is None:
            raise SkipTest("h11 is not installed")

    @UNHURRIED
    @given(BYTES)
    def test_sameRequests(self, data: bytes) -> None:
        """What we read is what h11 reads; we stop earlier, or at the same place."""
        ours = heard(readAll([data] if data else [], _h1.RequestReader()))
        theirs = byH11(data)
        if theirs[-1:] == [("error",)] and (not ours or ours[-1][0] != "error"):
            # They have said no to what we wait for the end of: then we say no at the end.
            finished = readAll([data + b"\r\n\r\n"], _h1.RequestReader())
            self.assertEqual(finished[-1][0], "error", data)
            theirs.pop()
        if ours and ours[-1][0] == "error":
            ours.pop()
            # What they found further on may go on with the body that we found the beginning of.
            last = ours[-1] if ours else ("",)
            if last[0] == "body" and len(theirs) >= len(ours):
                beginning = ours.pop()[1]
                assert isinstance(beginning, bytes)
                following = theirs[len(ours)]
                self.assertEqual(following[0], "body", data)
                self.assertTrue(bytes(following[1]).startswith(beginning), data)  # type: ignore[call-overload]  # a body holds bytes
            theirs = theirs[: len(ours)]
        self.assertEqual(ours, theirs, data)

    def test_same(self) -> None:
        """On requests that are in order, both read all."""
        for data in (
            b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"5\r\nhello\r\n0\r\nT: u\r\n\r\n",
        ):
            theirs = byH11(data)
            self.assertEqual(heard(readAll([data], _h1.RequestReader())), theirs)
            self.assertEqual(theirs[-1][0], "end")

    def test_stricter(self) -> None:
        """What h11 takes and we do not; the reasons are where the grammar is described."""
        for data in (
            b"GET / HTTP/1.1\nHost: a\n\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
            b"GET a HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0 \r\n\r\n",
        ):
            self.assertEqual(byH11(data)[-1][0], "end", data)
            self.assertEqual(readAll([data], _h1.RequestReader())[-1][0], "error", data)
