"""The small parts of `twisted.web.http`, and `Headers`."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import http
from twisted.web.http_headers import Headers


class DateTests(SynchronousTestCase):
    """Dates of HTTP and of logs."""

    WHEN = 784111777

    def test_write(self) -> None:
        """The forms that are sent and logged."""
        self.assertEqual(http.datetimeToString(self.WHEN), b"Sun, 06 Nov 1994 08:49:37 GMT")
        self.assertEqual(http.datetimeToLogString(self.WHEN), "[06/Nov/1994:08:49:37 +0000]")

    def test_read(self) -> None:
        """The three forms of RFC 9110."""
        for text in (
            b"Sun, 06 Nov 1994 08:49:37 GMT",
            b"Sunday, 06-Nov-94 08:49:37 GMT",
            b"Sun Nov  6 08:49:37 1994",
        ):
            self.assertEqual(http.stringToDatetime(text), self.WHEN)

    def test_notDates(self) -> None:
        """Anything else is an error."""
        for text in (b"", b"yesterday", b"Sun, 06 Foo 1994 08:49:37 GMT", b"a b c d e f"):
            self.assertRaises(ValueError, http.stringToDatetime, text)
        self.assertRaises(ValueError, http.timegm, 1969, 1, 1, 0, 0, 0)
        self.assertRaises(ValueError, http.timegm, 1994, 13, 1, 0, 0, 0)
        for date in (b"06 Nov 99999999999999", b"06 Nov 10000", b"99999999999 Nov 1994"):
            text = b"Sun, " + date + b" 08:49:37 GMT"
            self.assertRaises(ValueError, http.stringToDatetime, text)

    @settings(deadline=None)
    @given(st.integers(0, 4_000_000_000))
    def test_roundTrip(self, when: int) -> None:
        """What is written is read."""
        self.assertEqual(http.stringToDatetime(http.datetimeToString(when)), when)

    def test_now(self) -> None:
        """Without a time, it is now."""
        self.assertLess(abs(http.stringToDatetime(http.datetimeToString()) - time.time()), 100)


class ParsingTests(SynchronousTestCase):
    """Queries, URLs, chunks and ranges."""

    def test_queries(self) -> None:
        """Fields, with their values in order."""
        self.assertEqual(
            http.parse_qs(b"a=1&b=%26%3d+x&a=2&c=&d"), {b"a": [b"1", b"2"], b"b": [b"&= x"]}
        )
        blank = http.parse_qs(b"c=&d&", keep_blank_values=True)
        self.assertEqual(blank, {b"c": [b""], b"d": [b""]})
        self.assertRaises(ValueError, http.parse_qs, b"d", strict_parsing=True)
        self.assertEqual(http.parse_qs(b""), {})

    def test_urls(self) -> None:
        """Parts of a URL are bytes."""
        self.assertEqual(http.urlparse(b"http://a:1/b;c?d#e").netloc, b"a:1")
        text: Any = "http://a"
        self.assertRaises(TypeError, http.urlparse, text)

    def test_chunks(self) -> None:
        """What becomes a chunk is in it."""
        chunk = b"".join(http.toChunk(b"x" * 20))
        self.assertEqual(chunk, b"14\r\n" + b"x" * 20 + b"\r\n")
        self.assertEqual(http.fromChunk(chunk + b"rest"), (b"x" * 20, b"rest"))
        for bad in (
            b"",
            b"-1\r\na\r\n",
            b"+1\r\na\r\n",
            b"0x1\r\na\r\n",
            b"1\r\nab\r\n",
            b"2\r\na\r\n",
        ):
            self.assertRaises(ValueError, http.fromChunk, bad)

    def test_ranges(self) -> None:
        """What part of a whole a body is."""
        self.assertEqual(http.parseContentRange("bytes 0-9/20"), (0, 9, 20))
        self.assertEqual(http.parseContentRange("Bytes 0-9/*"), (0, 9, None))
        for bad in ("items 0-9/20", "bytes 0-9", "bytes -1-9/20", "bytes */20"):
            self.assertRaises(ValueError, http.parseContentRange, bad)

    def test_statuses(self) -> None:
        """Every status has its reason."""
        self.assertEqual(http.RESPONSES[http.NOT_FOUND], b"Not Found")
        numbers = [value for value in vars(http).values() if type(value) is int]
        self.assertEqual([number for number in numbers if number not in http.RESPONSES], [])


class HeadersTests(SynchronousTestCase):
    """`Headers`."""

    def test_names(self) -> None:
        """Names have no case; they are sent with capitals."""
        headers = Headers({b"content-type": [b"a"], b"etag": [b"b"]})
        headers.addRawHeader("X-y", "\xe9")
        self.assertTrue(headers.hasHeader(b"CONTENT-TYPE"))
        self.assertEqual(
            list(headers.getAllRawHeaders()),
            [(b"Content-Type", [b"a"]), (b"ETag", [b"b"]), (b"X-Y", [b"\xc3\xa9"])],
        )
        headers.removeHeader("content-TYPE")
        self.assertFalse(headers.hasHeader("content-type"))
        headers.removeHeader("content-type")

    def test_types(self) -> None:
        """The answer is of the type of the question."""
        headers = Headers({"a": ["b", "c"]})
        self.assertEqual(headers.getRawHeaders("A"), ["b", "c"])
        self.assertEqual(headers.getRawHeaders(b"A"), [b"b", b"c"])
        self.assertIsNone(headers.getRawHeaders(b"d"))
        self.assertEqual(headers.getRawHeaders(b"d", [b"e"]), [b"e"])

    def test_copies(self) -> None:
        """A copy is equal, until one of them changes."""
        headers = Headers({b"a": [b"b"]})
        copy = headers.copy()
        self.assertEqual(copy, headers)
        copy.addRawHeader(b"a", b"c")
        self.assertNotEqual(copy, headers)
        self.assertNotEqual(headers, 5)

    def test_refused(self) -> None:
        """What cannot be a header is refused, or made to be one line."""
        headers = Headers()
        one: Any = "b"
        number: Any = 5
        self.assertRaises(TypeError, headers.setRawHeaders, b"a", one)
        self.assertRaises(TypeError, headers.setRawHeaders, b"a", [number])
        self.assertRaises(TypeError, headers.setRawHeaders, number, [b"a"])
        for name in (b"a b", b"a\r\n", b"", "a:"):
            self.assertRaises(ValueError, headers.setRawHeaders, name, [b"c"])
        headers.setRawHeaders(b"a", [b"b\r\n c\nd\r"])
        self.assertEqual(headers.getRawHeaders(b"a"), [b"b c d"])


class Asking(http.HTTPClient):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[object, ...]] = []

    def handleStatus(self, version: bytes, status: bytes, message: bytes) -> None:
        self.told.append((version, status, message))

    def handleHeader(self, key: bytes, val: bytes) -> None:
        self.told.append((key, val))

    def handleEndHeaders(self) -> None:
        self.told.append(("end",))

    def handleResponse(self, response: bytes) -> None:
        self.told.append((response,))


class ClientTests(SynchronousTestCase):
    """`HTTPClient`."""

    def test_client(self) -> None:
        """A request is sent, and its response told."""
        client, transport = Asking(), StringTransport()
        client.makeConnection(transport)
        client.sendCommand(b"GET", b"/")
        client.sendHeader(b"A", 5)
        client.endHeaders()
        self.assertEqual(transport.value(), b"GET / HTTP/1.0\r\nA: 5\r\n\r\n")
        client.dataReceived(b"HTTP/1.0 200 All right\r\nContent-Length: 3\r\n\r\nab")
        client.dataReceived(b"c")
        client.connectionLost()
        self.assertEqual(
            client.told,
            [
                (b"HTTP/1.0", b"200", b"All right"),
                (b"Content-Length", b"3"),
                ("end",),
                (b"abc",),
            ],
        )

    def test_toTheEnd(self) -> None:
        """Without a length, the body ends with the connection."""
        client = Asking()
        client.makeConnection(StringTransport())
        client.dataReceived(b"HTTP/1.0 200 OK\r\n\r\nab")
        client.connectionLost()
        self.assertEqual(client.told[-1], (b"ab",))

    def test_stringTransport(self) -> None:
        """What is written in pieces is one."""
        transport = http.StringTransport()
        transport.writeSequence([b"a", b"b"])
        self.assertEqual(transport.getvalue(), b"ab")
