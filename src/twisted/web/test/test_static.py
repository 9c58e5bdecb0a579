"""Files, folders and constant data, over a connection."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SkipTest
from twisted.web import pages, resource, server, static, util
from twisted.web.static._ranges import parseRanges
from twisted.web.test.test_server import SiteTestCase

CONTENT = bytes(range(65, 75)) * 20_000


class FileTestCase(SiteTestCase):
    """Tests with a folder: ``a.txt``, ``big.bin`` and ``sub/index.html``."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        (self.folder / "top" / "sub").mkdir(parents=True)
        (self.folder / "secret").write_bytes(b"secret")
        top = self.folder / "top"
        (top / "a.txt").write_bytes(b"0123456789")
        (top / "big.bin").write_bytes(CONTENT)
        (top / "sub" / "index.html").write_bytes(b"index")
        self.file = static.File(str(top))
        self.root.putChild(b"f", self.file)

    def fetch(
        self, path: bytes, headers: bytes = b"", method: bytes = b"GET"
    ) -> tuple[bytes, bytes]:
        """The head and the body of a response, all of which is asked of its producer."""
        self.send(b"%b %b HTTP/1.1\r\nHost: a\r\n%b\r\n" % (method, path, headers))
        while self.transport.producer is not self.channel:
            self.transport.producer.resumeProducing()
        head, _, body = self.written().partition(b"\r\n\r\n")
        return head, body

    def status(self, path: bytes) -> bytes:
        """The status of a response."""
        return self.fetch(path)[0][9:12]


class FileTests(FileTestCase):
    """What is served."""

    def test_whole(self) -> None:
        """A file has its type, its length and its age."""
        head, body = self.fetch(b"/f/a.txt")
        self.assertEqual(body, b"0123456789")
        for line in (
            b"Content-Type: text/plain",
            b"Content-Length: 10",
            b"Accept-Ranges: bytes",
        ):
            self.assertIn(line, head.split(b"\r\n"))
        self.assertRegex(head, rb'ETag: "[0-9a-f-]+"')
        self.assertEqual(self.fetch(b"/f/big.bin")[1], CONTENT)

    def test_head(self) -> None:
        """HEAD tells the length, and closes the file."""
        head, body = self.fetch(b"/f/a.txt", method=b"HEAD")
        self.assertIn(b"Content-Length: 10", head)
        self.assertEqual(body, b"")

    def test_conditions(self) -> None:
        """What the client has is not sent again."""
        head, _ = self.fetch(b"/f/a.txt")
        [tag] = re.findall(rb"ETag: (.*)", head.replace(b"\r", b""))
        [date] = re.findall(rb"Last-Modified: (.*)", head.replace(b"\r", b""))
        for header in (b"If-None-Match: " + tag, b"If-Modified-Since: " + date):
            head, body = self.fetch(b"/f/a.txt", header + b"\r\n")
            self.assertEqual((head[9:12], body), (b"304", b""))

    def test_folders(self) -> None:
        """A folder answers with its index, at a path with a slash."""
        self.assertEqual(self.fetch(b"/f/sub/")[1], b"index")
        head, _ = self.fetch(b"/f/sub?x")
        self.assertIn(b"Location: /f/sub/?x", head)

    def test_listing(self) -> None:
        """A folder without one is listed; what is in names is escaped."""
        (self.folder / "top" / '<b>&".txt').write_bytes(b"")
        _, body = self.fetch(b"/f/")
        self.assertIn(b'<a href="%3Cb%3E%26%22.txt">&lt;b&gt;&amp;&quot;.txt</a>', body)
        self.assertLess(body.index(b"sub/"), body.index(b"a.txt"))
        self.assertEqual(self.status(b"/f/%3Cb%3E%26%22.txt"), b"200")

    def test_escapes(self) -> None:
        """No path leads out of the folder."""
        for path in (
            b"/f/../secret",
            b"/f/..%2fsecret",
            b"/f/%2e%2e/secret",
            b"/f/sub/../../secret",
            b"/f/..%5csecret",
            b"/f/%5c%5chost%5cx",
            b"/f/a.txt%00",
            b"/f/%00",
            b"/f/%2fetc%2fpasswd",
            b"/f/%ff",
            b"/f/a.txt/b",
            b"/f/nothing",
        ):
            self.assertEqual(self.status(path), b"404", path)

    def test_symbolicLinks(self) -> None:
        """A symbolic link is followed within the folder, and not out of it."""
        os.symlink("a.txt", self.folder / "top" / "inside")
        os.symlink("../secret", self.folder / "top" / "outside")
        os.symlink("..", self.folder / "top" / "up")
        self.assertEqual(self.status(b"/f/inside"), b"200")
        for path in (b"/f/outside", b"/f/up/secret", b"/f/up/"):
            self.assertEqual(self.status(path), b"404", path)

    def test_forbidden(self) -> None:
        """What cannot be read is not for the client."""
        if os.getuid() == 0:
            raise SkipTest("root may read everything")
        (self.folder / "top" / "a.txt").chmod(0)
        self.assertEqual(self.status(b"/f/a.txt"), b"403")

    def test_endings(self) -> None:
        """Endings can be left away, if that is allowed."""
        self.assertEqual(self.status(b"/f/a"), b"404")
        self.file.ignoreExt(".txt")
        self.assertEqual(self.status(b"/f/a"), b"200")
        self.file.ignoredExts = ["*"]
        self.assertEqual(self.status(b"/f/big"), b"200")

    def test_processors(self) -> None:
        """A processor makes a resource of a file."""
        self.file.processors = {".asis": static.ASISProcessor}
        (self.folder / "top" / "x.asis").write_bytes(b"HTTP/1.1 203 Mine\r\nX: y\r\n\r\nbody")
        head, body = self.fetch(b"/f/x.asis")
        self.assertTrue(head.startswith(b"HTTP/1.1 203 Mine\r\n"))
        self.assertIn(b"\r\nX: y", head)
        self.assertEqual(body, b"body")

    def test_lost(self) -> None:
        """A client that goes away leaves no open file."""
        self.send(b"GET /f/big.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        producer = self.transport.producer
        producer.resumeProducing()
        self.lose()
        self.assertTrue(producer.fileObject.closed)
        producer.resumeProducing()

    def test_shrunk(self) -> None:
        """A part of a file that has become shorter is broken off."""
        self.send(b"GET /f/big.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=100000-199999\r\n\r\n")
        os.truncate(self.folder / "top" / "big.bin", 5)
        self.transport.producer.resumeProducing()
        self.assertTrue(self.transport.aborting)
        self.lose()

    def test_changedWhileSent(self) -> None:
        """A file that grows is sent as it was; one that shrinks is broken off."""
        path = self.folder / "top" / "big.bin"
        for size in (150_000, 70_000):
            whole = path.read_bytes()
            self.connect()
            self.transport.clear()
            self.channel.dataReceived(b"GET /f/big.bin HTTP/1.1\r\nHost: a\r\n\r\n")
            os.truncate(path, size if size < len(whole) else len(whole) + size)
            while self.transport.producer not in (None, self.channel):
                self.transport.producer.resumeProducing()
                if self.transport.aborting:
                    self.lose()
                    break
            _, _, body = self.transport.value().partition(b"\r\n\r\n")
            self.assertEqual(self.transport.aborting, size < len(whole))
            self.assertEqual(body, whole[: len(body)])
            self.assertEqual(len(body) == len(whole), size > len(whole))

    def test_nameWithoutEnding(self) -> None:
        """A file answers for its name without the ending until there is one of that name."""
        self.file.ignoreExt(".txt")
        self.assertEqual(self.fetch(b"/f/a")[1], b"0123456789")
        (self.folder / "top" / "a").write_bytes(b"itself")
        self.assertEqual(self.fetch(b"/f/a")[1], b"itself")


class RangeTests(FileTestCase):
    """Parts of files."""

    def test_one(self) -> None:
        """One part is the body."""
        for asked, told, expected in (
            (b"0-3", b"bytes 0-3/10", b"0123"),
            (b"5-", b"bytes 5-9/10", b"56789"),
            (b"-2", b"bytes 8-9/10", b"89"),
            (b"8-100", b"bytes 8-9/10", b"89"),
            (b"-100", b"bytes 0-9/10", b"0123456789"),
        ):
            head, body = self.fetch(b"/f/a.txt", b"Range: bytes=%b\r\n" % asked)
            self.assertEqual((head[9:12], body), (b"206", expected))
            self.assertIn(b"Content-Range: " + told, head)

    def test_several(self) -> None:
        """Several are in a body of several parts, as long as it says."""
        head, body = self.fetch(b"/f/a.txt", b"Range: bytes=0-1, 8-\r\n")
        self.assertIn(b"Content-Length: %d\r\n" % len(body), head + b"\r\n")
        self.assertEqual(re.findall(rb"\r\n\r\n(\d\d)\r\n--", body), [b"01", b"89"])
        self.assertIn(b"Content-Range: bytes 8-9/10\r\n", body)

    def test_none(self) -> None:
        """What the file does not reach is refused, with its size."""
        head, body = self.fetch(b"/f/a.txt", b"Range: bytes=10-\r\n")
        self.assertEqual((head[9:12], body), (b"416", b""))
        self.assertIn(b"Content-Range: bytes */10", head)

    def test_ignored(self) -> None:
        """What is no range, or is made to be work, gets the whole file."""
        for asked in (
            b"items=0-1",
            b"bytes=",
            b"bytes=a-b",
            b"bytes=3-1",
            b"bytes=-",
            b"bytes=+1-2",
            b"bytes=" + b",".join([b"0-"] * 2),
            b"bytes=" + b",".join([b"0-0"] * 17),
        ):
            head, body = self.fetch(b"/f/a.txt", b"Range: %b\r\n" % asked)
            self.assertEqual((head[9:12], body), (b"200", b"0123456789"), asked)
        self.assertIsNone(parseRanges(b"bytes=" + b",".join([b"0-0"] * 100_000), 10))

    def test_ifRange(self) -> None:
        """A part is sent of the version that the client has begun."""
        head, _ = self.fetch(b"/f/a.txt")
        [tag] = re.findall(rb"ETag: (.*)", head.replace(b"\r", b""))
        [date] = re.findall(rb"Last-Modified: (.*)", head.replace(b"\r", b""))
        for condition, status in (
            (tag, b"206"),
            (date, b"206"),
            (b'"other"', b"200"),
            (b"Sun, 06 Nov 1994 08:49:37 GMT", b"200"),
            (b"yesterday", b"200"),
        ):
            head, _ = self.fetch(b"/f/a.txt", b"Range: bytes=0-1\r\nIf-Range: %b\r\n" % condition)
            self.assertEqual(head[9:12], status, condition)


class SmallTests(SiteTestCase):
    """Data, redirections, and functions."""

    def test_data(self) -> None:
        """The same bytes each time."""
        self.root.putChild(b"data", static.Data(b"abc", "text/plain"))
        sent = self.get(b"/data")
        self.assertIn(b"Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc", sent)

    def test_redirectTo(self) -> None:
        """A page that leads elsewhere is escaped, and its header is one."""
        url = b'/"><script>'
        sent = self.ask(lambda request: util.redirectTo(url, request))
        self.assertIn(b"Location: " + url + b"\r\n", sent)
        self.assertNotIn(b"<script>", sent.partition(b"\r\n\r\n")[2])
        request: Any = server.Request(self.channel)
        self.assertRaises(ValueError, util.redirectTo, b"/\r\nX: y", request)
        self.assertRaises(TypeError, util.redirectTo, "/x", request)

    def test_addSlash(self) -> None:
        """A path that begins with two slashes does not lead to another host."""

        class Asked:
            uri = b"//evil.example/x?y"

        self.assertEqual(static.addSlash(Asked()), b"/evil.example/x/?y")
        Asked.uri = b"/"
        self.assertEqual(static.addSlash(Asked()), b"/")

    def test_redirects(self) -> None:
        """Resources that lead elsewhere."""
        self.root.putChild(b"r", util.Redirect(b"/other"))
        self.assertIn(b"Location: /other\r\n", self.get(b"/r/x/y"))
        folder = resource.Resource()
        folder.putChild(b"up", util.ParentRedirect())
        self.root.putChild(b"folder", folder)
        self.assertRegex(self.get(b"/folder/up"), rb"Location: http://[^/]+/folder/\r\n")

    def test_pages(self) -> None:
        """Pages for what goes wrong escape what they are told."""
        for page, status in (
            (pages.notFound("<b>", "<script>"), b"404"),
            (pages.forbidden("<b>", "<script>"), b"403"),
            (pages.errorPage(410, "<b>", "<script>"), b"410"),
        ):
            self.root.putChild(b"page", page)
            sent = self.get(b"/page/below")
            self.assertEqual(sent[9:12], status)
            self.assertIn(b"&lt;script&gt;", sent)
            self.assertNotIn(b"<b>", sent)

    def test_types(self) -> None:
        """Types and encodings are told by names."""
        types, encodings = {".txt": "text/plain"}, {".gz": "gzip"}
        for name, expected in (
            ("a.txt", ("text/plain", None)),
            ("a.TXT.gz", ("text/plain", "gzip")),
            ("a.x", ("b/c", None)),
        ):
            self.assertEqual(static.getTypeAndEncoding(name, types, encodings, "b/c"), expected)

    def test_sizes(self) -> None:
        """Sizes are for people."""
        sizes = [static.formatFileSize(size) for size in (5, 2048, 3 << 20, 4 << 30)]
        self.assertEqual(sizes, ["5B", "2K", "3M", "4G"])
