"""HTTP/1.1 as bytes: what is read, what is refused, and what is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase
from twisted.web import _h1
from twisted.web._h1 import _reader, _writer
from twisted.web._h1._reader import _Reader
from twisted.web._limits import DEFAULT_LIMITS, Limits

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

Told = list[tuple[object, ...]]


def tell(events: Iterable[_h1.Event], into: Told) -> None:
    """Add events to what was told, pieces of one body as one."""
    for event in events:
        if isinstance(event, bytes):
            if into and into[-1][0] == "body":
                into[-1] = ("body", bytes(into[-1][1]) + event)  # type: ignore[call-overload]  # a body holds bytes
            else:
                into.append(("body", event))
        elif isinstance(event, _h1.RequestHead):
            into.append((event.method, event.target, event.minor, event.headers, event.length))
        elif isinstance(event, _h1.ResponseHead):
            into.append((event.status, event.reason, event.minor, event.headers, event.length))
        else:
            into.append(("end", event.trailers))


def readAll(pieces: Iterable[bytes], reader: _Reader, eof: bool = False) -> Told:
    """What a reader makes of the pieces, message after message; the last is the error, if any."""
    told: Told = []
    try:
        for piece in pieces:
            tell(reader.feed(piece), told)
            while reader.state is _reader.State.DONE and reader.waiting:
                tell(reader.next_message(), told)
            if reader.state is _reader.State.DONE:
                tell(reader.next_message(), told)
        if eof:
            tell(reader.feed_eof(), told)
    except _h1.RemoteError as error:
        tell(error.events, told)
        told.append(("error", error.status))
    return told


def requests(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Told:
    """What is read of `data`, which has to be the same however it is cut."""
    whole = readAll([data], _h1.RequestReader(limits))
    single = readAll([data[i : i + 1] for i in range(len(data))], _h1.RequestReader(limits))
    assert whole == single, f"{whole} in one piece, {single} in bytes"
    for cut in range(1, len(data)):
        halves = readAll([data[:cut], data[cut:]], _h1.RequestReader(limits))
        assert whole == halves, f"{whole} in one piece, {halves} cut at {cut}"
    return whole


class RequestTests(SynchronousTestCase):
    """Requests that are in order."""

    def test_headers(self) -> None:
        """Names lose their case, values the whitespace around them, and repeated ones are kept."""
        told = requests(b"GET /a?b HTTP/1.1\r\nHOST: x\r\nA:1\r\na:\t2 3 \r\nB:\r\n\r\n")
        headers = {b"host": [b"x"], b"a": [b"1", b"2 3"], b"b": [b""]}
        self.assertEqual(told, [(b"GET", b"/a?b", 1, headers, 0), ("end", {})])

    def test_old(self) -> None:
        """HTTP/1.0 needs no Host, and closes unless it says otherwise."""
        [head, _] = _h1.RequestReader().feed(b"GET / HTTP/1.0\r\n\r\n")
        assert isinstance(head, _h1.RequestHead)
        self.assertEqual((head.minor, head.keep_alive), (0, False))
        [head, _] = _h1.RequestReader().feed(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
        assert isinstance(head, _h1.RequestHead)
        self.assertTrue(head.keep_alive)

    def test_close(self) -> None:
        """A client says that it will send no more."""
        [head, _] = _h1.RequestReader().feed(GET + b"Connection: x, Close\r\n\r\n")
        assert isinstance(head, _h1.RequestHead)
        self.assertFalse(head.keep_alive)

    def test_length(self) -> None:
        """A body of a length, then the next request."""
        told = requests(POST + b"Content-Length: 5\r\n\r\nhello" + GET + b"\r\n")
        self.assertEqual([one[0] for one in told], [b"POST", "body", "end", b"GET", "end"])
        self.assertEqual(told[1], ("body", b"hello"))

    def test_chunks(self) -> None:
        """A body in chunks, with extensions and trailers, then the next request."""
        told = requests(
            CHUNKED + b'5\r\nhello\r\n0a;x="y z"\r\n, world !!\r\n0\r\nA: b\r\n\r\n' + GET + b"\r\n"
        )
        self.assertEqual(told[1:3], [("body", b"hello, world !!"), ("end", {b"a": [b"b"]})])
        self.assertEqual(told[3][0], b"GET")

    def test_expect(self) -> None:
        """A client may wait for our word; there is none to wait for without a body."""
        [head] = _h1.RequestReader().feed(
            POST + b"Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n"
        )
        assert isinstance(head, _h1.RequestHead)
        self.assertTrue(head.expects_continue)
        [head, _] = _h1.RequestReader().feed(GET + b"Expect: 100-continue\r\n\r\n")
        assert isinstance(head, _h1.RequestHead)
        self.assertFalse(head.expects_continue)

    def test_targets(self) -> None:
        """A target may be a URL that agrees with Host, a star for OPTIONS, a host for CONNECT."""
        for line in (
            b"GET http://a/x HTTP/1.1",
            b"GET http://A:80 HTTP/1.1",
            b"OPTIONS * HTTP/1.1",
            b"CONNECT a:443 HTTP/1.1",
        ):
            self.assertEqual(requests(line + b"\r\nHost: a\r\n\r\n")[-1], ("end", {}), line)

    def test_inOrder(self) -> None:
        """After a message, nothing is read until it is asked for."""
        reader = _h1.RequestReader()
        self.assertEqual(len(reader.feed(GET + b"\r\n" + GET)), 2)
        self.assertEqual(reader.feed(b"\r\n"), [])
        self.assertEqual(reader.waiting, len(GET) + 2)
        self.assertEqual(len(reader.next_message()), 2)
        self.assertEqual(reader.waiting, 0)

    def test_switch(self) -> None:
        """Another protocol gets what follows the request."""
        reader = _h1.RequestReader()
        [head, _] = reader.feed(GET + b"Connection: Upgrade\r\nUpgrade: x\r\n\r\nab")
        assert isinstance(head, _h1.RequestHead)
        self.assertTrue(head.upgrade)
        self.assertEqual(reader.feed(b"c"), [])
        self.assertEqual(reader.switch(), b"abc")
        self.assertRaises(_h1.LocalError, reader.feed, b"d")


class RefusalTests(SynchronousTestCase):
    """Requests that are not, or are too much: the status, and nothing after it."""

    def assertRefused(
        self, data: bytes, status: int = 400, limits: Limits = DEFAULT_LIMITS, heads: int = 0
    ) -> None:
        """`data` is refused however it is cut, and the request that follows it is not read."""
        told = requests(data + GET + b"X: smuggled\r\n\r\n", limits)
        self.assertEqual(told[-1], ("error", status), data)
        found = [one for one in told if len(one) == 5]
        self.assertEqual(len(found), heads, found)

    def test_twoLengths(self) -> None:
        """Two lengths are refused, even if they are the same."""
        for lengths in (b"5", b"0"), (b"0", b"5"), (b"5", b"5"):
            self.assertRefused(
                POST + b"".join(b"Content-Length: %b\r\n" % one for one in lengths) + b"\r\nhello"
            )
        self.assertRefused(POST + b"Content-Length: 5, 5\r\n\r\nhello")

    def test_lengthAndChunks(self) -> None:
        """A length together with a coding is refused, in both orders."""
        both = [b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"]
        self.assertRefused(POST + both[0] + both[1] + b"\r\n0\r\n\r\n")
        self.assertRefused(POST + both[1] + both[0] + b"\r\n0\r\n\r\n")

    def test_lengthsThatAreNot(self) -> None:
        """A length is ASCII digits."""
        for length in (b"+1", b"-1", b"1_0", b"0x1", b"", b"1.0", b"\xb2", b"\xd9\xa1", b"1 1"):
            self.assertRefused(POST + b"Content-Length: " + length + b"\r\n\r\nhello")
        self.assertRefused(POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n")

    def test_chunkSizesThatAreNot(self) -> None:
        """The size of a chunk is hexadecimal digits."""
        for size in (b"0x1", b"+1", b"-1", b"1_0", b"", b" 1", b"1 ", b"g", b"\xb2", b"1" * 17):
            self.assertRefused(CHUNKED + size + b"\r\na\r\n0\r\n\r\n", heads=1)

    def test_chunkExtensions(self) -> None:
        """A line that tells a size ends with CR LF, holds no control characters, and is short."""
        for line in (b"1;a\n", b"1\n", b"1;a\rb\r\n", b"1;\0\r\n", b"1;a\nb\r\n"):
            self.assertRefused(CHUNKED + line + b"a\r\n0\r\n\r\n", heads=1)
        small = replace(DEFAULT_LIMITS, chunkLineBytes=8)
        self.assertRefused(CHUNKED + b"1;aaaaaa\r\na\r\n", heads=1, limits=small)
        self.assertEqual(requests(CHUNKED + b"1;aaaa\r\na\r\n0\r\n\r\n", small)[-1], ("end", {}))
        reader = _h1.RequestReader()
        reader.feed(CHUNKED)
        self.assertRaises(_h1.RemoteError, reader.feed, b"1;" + b"a" * 1024)

    def test_chunkBoundaries(self) -> None:
        """A chunk ends where its size says, with CR LF."""
        for junk in (b"xx", b"\n", b"\r", b"x\r\n", b""):
            self.assertRefused(CHUNKED + b"1\r\na" + junk + b"0\r\n\r\n", heads=1)

    def test_lineEnds(self) -> None:
        """Lines end with CR LF and nothing else."""
        self.assertRefused(b"GET / HTTP/1.1\nHost: a\n\n")
        self.assertRefused(b"GET / HTTP/1.1\nHost: a\r\n\r\n")
        self.assertRefused(GET + b"A: b\nB: c\r\n\r\n")
        self.assertRefused(GET + b"A: b\rB: c\r\n\r\n")
        self.assertRefused(CHUNKED + b"0\r\nA: b\n\r\n\r\n", heads=1)
        self.assertRefused(b"\r\n" + GET + b"\r\n")

    def test_bareLineEndAtOnce(self) -> None:
        """One who never sends an empty line is told at the first line."""
        self.assertRaises(_h1.RemoteError, _h1.RequestReader().feed, b"GET / HTTP/1.1\n")

    def test_headersThatAreNot(self) -> None:
        """Names are tokens, values hold no control characters, lines are not continued."""
        for line in (
            b"A : b",
            b" A: b",
            b"A: b\r\n c",
            b"A",
            b": b",
            b"A\xe9: b",
            b"A(: b",
            b"A: \0",
            b"A: \x0b",
            b"A: \x0c",
            b"A: \x7f",
        ):
            self.assertRefused(GET + line + b"\r\n\r\n")

    def test_whitespaceInFraming(self) -> None:
        """What tells the length takes no whitespace but spaces and tabs."""
        for odd in (b"\x0b", b"\x0c", b"\xa0", b"\x85"):
            self.assertRefused(POST + b"Content-Length: " + odd + b"1\r\n\r\na")
            self.assertRefused(POST + b"Transfer-Encoding:" + odd + b"chunked\r\n\r\n0\r\n\r\n")

    def test_codings(self) -> None:
        """One coding, chunked, is understood; the others are told so, or are no codings."""
        for status, lines in (
            (400, [b"chunked, chunked"]),
            (400, [b"chunked", b"chunked"]),
            (400, [b"gzip, chunked"]),
            (400, [b"chunked", b"identity"]),
            (400, [b""]),
            (400, [b"chunked;a"]),
            (501, [b"xchunked"]),
            (501, [b"identity"]),
        ):
            sent = b"".join(b"Transfer-Encoding: %b\r\n" % one for one in lines)
            self.assertRefused(POST + sent + b"\r\n0\r\n\r\n", status)

    def test_oldAndChunks(self) -> None:
        """HTTP/1.0 has no chunks."""
        self.assertRefused(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")

    def test_hosts(self) -> None:
        """HTTP/1.1 has one Host, which is one, and is that of the URL."""
        self.assertRefused(b"GET / HTTP/1.1\r\n\r\n")
        self.assertRefused(GET + b"Host: a\r\n\r\n")
        for host in (b"a b", b"a/b", b"a,b", b"a@b", b"a:b", b"[::1", b"<script>", b"\xe9"):
            self.assertRefused(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        for url in (b"http://b/", b"http://a:81/", b"http://x@a/", b"http:///a"):
            self.assertRefused(b"GET " + url + b" HTTP/1.1\r\nHost: a\r\n\r\n")

    def test_requestLines(self) -> None:
        """The first line is a method, a target and a version, with one space between."""
        for line in (
            b"GET /\0 HTTP/1.1",
            b"GET /\r/ HTTP/1.1",
            b"GET /\x1b HTTP/1.1",
            b"GET /\x7f HTTP/1.1",
            b"GET /\xe9 HTTP/1.1",
            b"GET  / HTTP/1.1",
            b"GET / x HTTP/1.1",
            b"GET /",
            b"GET / HTTP/1.1 ",
            b" GET / HTTP/1.1",
            b"G(T / HTTP/1.1",
            b"GET / http/1.1",
            b"GET / HTTP/1.11",
            b"GET / HTTP/\xd9\xa1.1",
            b"GET a HTTP/1.1",
            b"GET * HTTP/1.1",
            b"CONNECT / HTTP/1.1",
            b"CONNECT a HTTP/1.1",
        ):
            self.assertRefused(line + b"\r\nHost: a\r\n\r\n")

    def test_versions(self) -> None:
        """Another version of HTTP is told so."""
        for version in (b"HTTP/2.0", b"HTTP/0.9"):
            self.assertRefused(b"GET / " + version + b"\r\nHost: a\r\n\r\n", 505)

    def test_expectations(self) -> None:
        """There is one that we can meet."""
        self.assertRefused(GET + b"Expect: 200-ok\r\n\r\n", 417)

    def test_upgradeWithBody(self) -> None:
        """The body of a request that would switch is a body, and not the next request."""
        upgrade = b"Connection: upgrade\r\nUpgrade: x\r\n"
        told = requests(POST + upgrade + b"Content-Length: %d\r\n\r\n" % len(GET) + GET)
        self.assertEqual(told[1:], [("body", GET), ("end", {})])

    def test_longLines(self) -> None:
        """A first line that is too long has a status of its own."""
        small = replace(DEFAULT_LIMITS, lineBytes=20)
        self.assertRefused(b"GET /aaaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", 414, small)
        self.assertEqual(
            requests(b"GET /aaaaaa HTTP/1.1\r\nHost: a\r\n\r\n", small)[-1], ("end", {})
        )
        self.assertRefused(b"G" * 30, 414, small)

    def test_manyHeaders(self) -> None:
        """Headers are limited in number and in bytes, and so are trailers."""
        small = replace(DEFAULT_LIMITS, headerCount=3)
        self.assertRefused(GET + b"A: b\r\n" * 3 + b"\r\n", 431, small)
        self.assertEqual(requests(GET + b"A: b\r\n" * 2 + b"\r\n", small)[-1], ("end", {}))
        small = replace(DEFAULT_LIMITS, headerBytes=60)
        self.assertRefused(GET + b"A: b\r\n" * 7 + b"\r\n", 431, small)
        small = replace(DEFAULT_LIMITS, headerCount=3, headerBytes=60)
        self.assertRefused(CHUNKED + b"0\r\n" + b"A: b\r\n" * 4 + b"\r\n", 431, small, heads=1)
        self.assertRefused(CHUNKED + b"0\r\n" + b"A: b\r\n" * 20 + b"\r\n", 431, small, heads=1)

    def test_hundredThousandHeaders(self) -> None:
        """What has no end is refused before it is all there."""
        reader = _h1.RequestReader()
        reader.feed(GET)
        with self.assertRaises(_h1.RemoteError) as caught:
            for _ in range(100_000):
                reader.feed(b"A: b\r\n")
        self.assertEqual(caught.exception.status, 431)
        self.assertEqual(reader.waiting, 0)

    def test_bodies(self) -> None:
        """A body that is too long is refused at its announcement, or as it grows."""
        small = replace(DEFAULT_LIMITS, bodyBytes=4)
        # The head is known by then.
        self.assertRefused(POST + b"Content-Length: 5\r\n\r\nhello", 413, small, heads=1)
        self.assertRefused(CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n", 413, small, heads=1)
        self.assertRefused(CHUNKED + b"ffffffffffffffff\r\n", 413, small, heads=1)

    def test_trailersThatFrame(self) -> None:
        """A trailer does not change what has been."""
        self.assertRefused(CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n", heads=1)

    def test_smallChunks(self) -> None:
        """A body in chunks of a byte takes no more than it is long."""
        reader = _h1.RequestReader()
        reader.feed(CHUNKED)
        for _ in range(10_000):
            self.assertEqual(reader.feed(b"1\r\na\r\n"), [b"a"])
        self.assertEqual(reader.waiting, 0)

    def test_endInTheMiddle(self) -> None:
        """A connection may be closed between messages, and not in one."""
        for data in (GET, CHUNKED, CHUNKED + b"1\r\n", POST + b"Content-Length: 2\r\n\r\na"):
            reader = _h1.RequestReader()
            reader.feed(data)
            self.assertRaises(_h1.RemoteError, reader.feed_eof)
            self.assertRaises(_h1.RemoteError, reader.feed_eof)
        reader = _h1.RequestReader()
        self.assertEqual(reader.feed_eof(), [])
        self.assertRaises(_h1.LocalError, reader.feed, b"x")


class ResponseTests(SynchronousTestCase):
    """What a client reads."""

    def read(self, data: bytes, method: bytes = b"GET", eof: bool = False) -> Told:
        """What is read of the response to a request, however it is cut."""

        def once(pieces: list[bytes]) -> Told:
            reader = _h1.ResponseReader()
            reader.expect(method)
            return readAll(pieces, reader, eof)

        whole = once([data])
        self.assertEqual(once([data[i : i + 1] for i in range(len(data))]), whole)
        return whole

    def test_bodies(self) -> None:
        """Of a length, in chunks, or to the end."""
        for headers, body in (
            (b"Content-Length: 2\r\n", b"hi"),
            (b"Transfer-Encoding: chunked\r\n", b"2\r\nhi\r\n0\r\n\r\n"),
        ):
            told = self.read(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + body)
            self.assertEqual(told[1:], [("body", b"hi"), ("end", {})])
        told = self.read(b"HTTP/1.0 200\r\n\r\nhi", eof=True)
        self.assertEqual(told[1:], [("body", b"hi"), ("end", {})])

    def test_none(self) -> None:
        """Some responses have no body, whatever they say."""
        for method, status in (
            (b"HEAD", b"200"),
            (b"GET", b"204"),
            (b"GET", b"304"),
            (b"CONNECT", b"200"),
            (b"GET", b"101"),
        ):
            told = self.read(b"HTTP/1.1 %b X\r\nContent-Length: 5\r\n\r\n" % status, method)
            self.assertEqual(told[1:], [("end", {})])

    def test_interim(self) -> None:
        """Other responses may come first."""
        told = self.read(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nA: b\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        )
        self.assertEqual([one[0] for one in told], [100, 103, 200, "end"])

    def test_unasked(self) -> None:
        """A response needs a request."""
        self.assertRaises(_h1.RemoteError, _h1.ResponseReader().feed, b"HTTP/1.1 200 OK\r\n")

    def test_refused(self) -> None:
        """Status lines and headers that are none."""
        for data in (
            b"HTTP/1.1 20 OK\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1 099 OK\r\n\r\n",
            b"HTTP/2.0 200 OK\r\n\r\n",
            b"HTTP/1.1  200 OK\r\n\r\n",
            b"HTTP/1.1 200 O\0K\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        ):
            self.assertEqual(self.read(data)[-1], ("error", 400), data)


class WriterTests(SynchronousTestCase):
    """What we send."""

    def test_response(self) -> None:
        """A response of a length."""
        writer = _h1.ResponseWriter()
        sent = writer.head(200, b"OK", [(b"A", b"b")], 5) + writer.body(b"hello") + writer.end()
        self.assertEqual(sent, b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello")
        writer.next_message()
        self.assertEqual(writer.state, _writer.State.HEAD)

    def test_chunks(self) -> None:
        """A response in chunks, and one that HTTP/1.0 understands."""
        writer = _h1.ResponseWriter()
        head = writer.head(200, b"OK", [])
        self.assertEqual(head, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.assertEqual(writer.body(b"x" * 16), b"10\r\n" + b"x" * 16 + b"\r\n")
        self.assertEqual(writer.body(b""), b"")  # an empty chunk would be the end
        self.assertEqual(writer.end([(b"A", b"b")]), b"0\r\nA: b\r\n\r\n")
        old = _h1.ResponseWriter()
        head = old.head(200, b"OK", [], minor=0)
        self.assertEqual(head, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        self.assertEqual(old.body(b"x") + old.end(), b"x")

    def test_none(self) -> None:
        """What has no body sends none of it."""
        for status, method in ((200, b"HEAD"), (204, b"GET"), (304, b"GET")):
            writer = _h1.ResponseWriter()
            head = writer.head(status, b"X", [], 5, method)
            self.assertEqual(b"Content-Length: 5" in head, status != 204)
            self.assertEqual(writer.body(b"hello") + writer.end(), b"")

    def test_interim(self) -> None:
        """Another response can come first."""
        writer = _h1.ResponseWriter()
        self.assertEqual(writer.head(100, b"Continue", []), b"HTTP/1.1 100 Continue\r\n\r\n")
        self.assertTrue(writer.head(200, b"OK", [], 0))

    def test_request(self) -> None:
        """Requests, with and without a body."""
        writer = _h1.RequestWriter()
        sent = writer.head(b"GET", b"/x", [(b"Host", b"a")]) + writer.end()
        self.assertEqual(sent, b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        writer.next_message()
        self.assertIn(b"Content-Length: 0", writer.head(b"POST", b"/x", []))
        writer.end()
        writer.next_message()
        self.assertIn(b"chunked", writer.head(b"PUT", b"/x", [], None))

    def test_injection(self) -> None:
        """Nothing that we send can end a line but ourselves."""
        for name, value in (
            (b"A", b"b\r\nC: d"),
            (b"A", b"b\nC: d"),
            (b"A", b"b\r"),
            (b"A", b"\0"),
            (b"A: b\r\nC", b"d"),
            (b"A B", b"c"),
            (b"", b"c"),
        ):
            writer = _h1.ResponseWriter()
            self.assertRaises(_h1.LocalError, writer.head, 200, b"OK", [(name, value)], 0)
            self.assertEqual(writer.state, _writer.State.HEAD)
        for reason in (b"OK\r\nA: b", b"\r", b"\n"):
            self.assertRaises(_h1.LocalError, _h1.ResponseWriter().head, 200, reason, [])
        for method, target in (
            (b"GET", b"/ x"),
            (b"G T", b"/"),
            (b"GET", b"/\r\nA: b"),
            (b"", b""),
        ):
            self.assertRaises(_h1.LocalError, _h1.RequestWriter().head, method, target, [])

    def test_wrongLength(self) -> None:
        """A body is as long as was announced."""
        writer = _h1.ResponseWriter()
        writer.head(200, b"OK", [], 2)
        self.assertRaises(_h1.LocalError, writer.body, b"abc")
        writer.body(b"a")
        self.assertRaises(_h1.LocalError, writer.end)
        self.assertRaises(_h1.LocalError, writer.end, [(b"A", b"b")])
        self.assertEqual(writer.body(b"b") + writer.end(), b"b")

    def test_order(self) -> None:
        """What is not in the table is refused."""
        writer = _h1.ResponseWriter()
        self.assertRaises(_h1.LocalError, writer.body, b"a")
        self.assertRaises(_h1.LocalError, writer.end)
        self.assertRaises(_h1.LocalError, writer.next_message)
        writer.head(200, b"OK", [], 0)
        self.assertRaises(_h1.LocalError, writer.head, 200, b"OK", [], 0)


class TableTests(SynchronousTestCase):
    """The machines."""

    def test_reachable(self) -> None:
        """Every state is reached, and only the final ones are never left."""
        for states, table, final in (
            (
                _reader.State,
                _reader.STATES,
                {_reader.State.SWITCHED, _reader.State.FAILED},
            ),
            (_writer.State, _writer.STATES, set()),
        ):
            targets = {*table.values(), states["HEAD"]}
            self.assertEqual(targets, set(states))
            self.assertEqual(set(states) - {state for state, _ in table}, final)
