"""Whatever servers say, a request ends in a response or in the documented error."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import (
    GzipDecoder,
    PartialDownloadError,
    ResponseFailed,
    readBody,
)
from twisted.web.client._connection import ClientConnection
from twisted.web.client._redirects import Redirection, Rules, redirection
from twisted.web.client._sending import ClientRequest
from twisted.web.error import Error
from twisted.web.http_headers import Headers
from twisted.web.test._clients import Wire

UNHURRIED = settings(deadline=None, max_examples=150)

#: Pieces that responses are made of, good, bad, and good in another place.
PIECES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n",
        b"HTTP/1.1 304 \r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: -5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n",
        b"Content-Encoding: gzip\r\n",
        b"X : a\r\n",
        b"\r\n",
        b"\n",
        b"hello",
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"zz\r\n",
        b"\0",
        b"\xe9",
    ]
)
SOUP = st.lists(PIECES, max_size=10).map(b"".join)


def outcome(said: bytes, cuts: list[int], method: bytes, clean: bool, decode: bool) -> Any:
    """What comes of a request: a body, or the type of an error."""
    connection = ClientConnection()
    wire = Wire(connection)
    connection.makeConnection(wire)
    headers = Headers({b"host": [b"a"]})
    asked: Deferred[Any] = connection.request(
        ClientRequest(method, b"http://a/", b"/", headers, None, True)
    )
    if decode:
        asked.addCallback(GzipDecoder)
    results: list[Any] = []
    asked.addCallback(readBody).addBoth(results.append)
    edges = sorted({0, len(said), *[cut % (len(said) + 1) for cut in cuts]})
    for begin, end in pairwise(edges):
        if wire.aborted or wire.disconnecting:
            break
        wire.say(said[begin:end])
    wire.end(clean)
    [result] = results
    if isinstance(result, Failure):
        result.trap(ResponseFailed, PartialDownloadError)
        return type(result.value)
    return result


class FuzzTests(SynchronousTestCase):
    """Anything at all."""

    @UNHURRIED
    @given(st.one_of(SOUP, st.binary()), st.lists(st.integers(0, 99)), st.booleans(), st.booleans())
    def test_ends(self, said: bytes, cuts: list[int], clean: bool, decode: bool) -> None:
        """There is one end, of a kind that is documented, however the bytes are cut."""
        for method in (b"GET", b"HEAD"):
            outcome(said, cuts, method, clean, decode)

    @UNHURRIED
    @given(SOUP, st.lists(st.integers(0, 99)))
    def test_cut(self, said: bytes, cuts: list[int]) -> None:
        """What comes of it does not depend on how the bytes are cut."""
        self.assertEqual(
            outcome(said, cuts, b"GET", True, False), outcome(said, [], b"GET", True, False)
        )

    @UNHURRIED
    @given(st.one_of(st.none(), st.binary()), st.sampled_from([301, 302, 303, 307, 308]))
    def test_locations(self, location: bytes | None, code: int) -> None:
        """Any location is followed, or is an error; none leads to another scheme."""
        step = redirection(Rules(frozenset([303])), 0, b"GET", b"http://a/b?c", code, location)
        assert step is not None
        if isinstance(step, Redirection):
            self.assertNotIn(b" ", step.uri)
            self.assertNotIn(b"\n", step.uri)
        else:
            self.assertIsInstance(step, Error)
