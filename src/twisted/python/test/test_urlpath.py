"""Tests for twisted.python.urlpath."""

from __future__ import annotations

from typing import Any

from twisted.python.urlpath import URLPath
from twisted.trial import unittest

WHOLE = "http://example.com/foo/bar?yes=no&no=yes#footer"


class URLPathTests(unittest.SynchronousTestCase):
    """`URLPath`."""

    def setUp(self) -> None:
        self.path = URLPath.fromString(WHOLE)

    def test_parts(self) -> None:
        """The parts are bytes; all of them together are the URL."""
        path = self.path
        self.assertEqual(
            (path.scheme, path.netloc, path.path, path.query, path.fragment),
            (b"http", b"example.com", b"/foo/bar", b"yes=no&no=yes", b"footer"),
        )
        self.assertEqual(str(path), WHOLE)
        self.assertEqual(str(URLPath.fromBytes(WHOLE.encode())), WHOLE)
        self.assertEqual(
            repr(path),
            "URLPath(scheme=b'http', netloc=b'example.com', path=b'/foo/bar',"
            " query=b'yes=no&no=yes', fragment=b'footer')",
        )

    def test_defaults(self) -> None:
        """Without arguments, it is the root of this host."""
        self.assertEqual(str(URLPath()), "http://localhost/")
        self.assertEqual(str(URLPath.fromString("http://example.com")), "http://example.com/")
        self.assertEqual(str(URLPath("https", "x", "/a", "b", "c")), "https://x/a?b#c")

    def test_types(self) -> None:
        """Text and bytes have a way each."""
        self.assertRaises(ValueError, URLPath.fromString, WHOLE.encode())
        self.assertRaises(ValueError, URLPath.fromBytes, WHOLE)

    def test_set(self) -> None:
        """Parts can be set."""
        self.path.path = b"/z"
        self.path.scheme = b"https"
        self.path.netloc = b"x:8443"
        self.assertEqual(str(self.path), "https://x:8443/z?yes=no&no=yes#footer")

    def test_table(self) -> None:
        """Where one gets to."""
        table = [
            (self.path.sibling(b"sib"), "http://example.com/foo/sib"),
            (self.path.child(b"kid"), "http://example.com/foo/bar/kid"),
            (self.path.parent(), "http://example.com/"),
            (self.path.here(), "http://example.com/foo/"),
            (self.path.sibling(b"sib", True), "http://example.com/foo/sib?yes=no&no=yes"),
            (
                self.path.child(b"kid", keepQuery=True),
                "http://example.com/foo/bar/kid?yes=no&no=yes",
            ),
            (self.path.parent(True), "http://example.com/?yes=no&no=yes"),
            (self.path.here(True), "http://example.com/foo/?yes=no&no=yes"),
            (self.path.child(b"").child(b"x"), "http://example.com/foo/bar/x"),
            (self.path.click(b"/baz"), "http://example.com/baz"),
            (self.path.click(b"../baz?a#b"), "http://example.com/baz?a#b"),
            (self.path.click(b"https://other/"), "https://other/"),
            (self.path.click(b""), WHOLE),
        ]
        for found, expected in table:
            self.assertEqual(str(found), expected)
            self.assertIsInstance(found, URLPath)

    def test_quoting(self) -> None:
        """A segment stays one segment, whatever is in it."""
        self.assertEqual(
            str(self.path.child(b"a b/c?d")), "http://example.com/foo/bar/a%20b%2Fc%3Fd"
        )
        self.assertEqual(str(self.path.child("\xf6".encode())), "http://example.com/foo/bar/%C3%B6")

    def test_notClimbing(self) -> None:
        """There is nothing above the root."""
        self.assertEqual(str(self.path.click(b"../../../..")), "http://example.com/")
        self.assertEqual(str(self.path.parent().parent()), "http://example.com/")

    def test_pathList(self) -> None:
        """The segments, as they are or decoded."""
        path = URLPath.fromString("http://h/a%20b/c//%ff")
        self.assertEqual(path.pathList(), [b"", b"a%20b", b"c", b"", b"%ff"])
        self.assertEqual(path.pathList(unquote=True), [b"", b"a b", b"c", b"", b"\xff"])
        path.pathList(copy=False).append(b"x")
        self.assertEqual(path.path, b"/a%20b/c//%ff")

    def test_userinfo(self) -> None:
        """Name and password of a URL are kept."""
        url = "http://user:secret@h:81/"
        self.assertEqual(str(URLPath.fromString(url).child(b"x")), url + "x")

    def test_international(self) -> None:
        """A URL in other letters is brought into its form on the wire."""
        self.assertEqual(str(URLPath.fromString("http://h\xf6/\xf6")), "http://xn--h-1ga/%C3%B6")

    def test_withoutHost(self) -> None:
        """A path alone."""
        path = URLPath.fromString("/a/b")
        self.assertEqual((str(path), path.netloc), ("/a/b", b""))
        self.assertEqual(str(path.sibling(b"c")), "/a/c")

    def test_request(self) -> None:
        """From what a request says."""

        class Request:
            def prePathURL(self) -> bytes:
                return b"http://h/pre"

        request: Any = Request()
        self.assertEqual(str(URLPath.fromRequest(request)), "http://h/pre")

    def test_subclass(self) -> None:
        """A subclass gives its own kind."""

        class Mine(URLPath): ...

        self.assertIs(type(Mine.fromString(WHOLE).child(b"x")), Mine)
