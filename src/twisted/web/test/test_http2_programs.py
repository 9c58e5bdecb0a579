"""HTTP/2 with real programs at the other end: curl, nghttp and h2load."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SkipTest
from twisted.web import resource, server, static
from twisted.web.http import HTTP2Limits, Limits
from twisted.web.test._http2 import SKIP
from twisted.web.test._serving import ServedTestCase

try:
    from twisted.internet.test._tlspeers import Authority
except ImportError:  # extras
    Authority = None  # type: ignore[assignment,misc]  # the same

LARGE = os.urandom(3_000_000)


class Echo(resource.Resource):
    """Answers with what was sent."""

    isLeaf = True

    def render_POST(self, request: Any) -> bytes:
        """The body."""
        body: bytes = request.content.read()
        return body


class ProgramTestCase(ServedTestCase):
    """Tests of a site, with and without TLS."""

    def setUp(self) -> None:
        super().setUp()
        if SKIP:
            raise SkipTest(SKIP)
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.large = self.folder / "large"
        self.large.write_bytes(LARGE)
        self.root = resource.Resource()
        self.root.putChild(b"echo", Echo())
        self.root.putChild(b"files", static.File(str(self.folder)))
        self.root.putChild(b"hello", static.Data(b"Hello", "text/plain"))

    def program(self, name: str) -> str:
        """Where a program is."""
        found = shutil.which(name)
        if found is None:
            raise SkipTest(f"{name} is not installed")
        return found

    def secure(self, **options: Any) -> str:
        """Serve the resources under TLS; the URL."""
        if Authority is None:
            raise SkipTest("OpenSSL is not installed")
        port = self.listen(server.Site(self.root, **options), Authority().server())
        return f"https://127.0.0.1:{port}"


class CurlTests(ProgramTestCase):
    """curl, by prior knowledge and by what TLS agrees on."""

    async def test_priorKnowledge(self) -> None:
        """Pages, bodies in both directions, and several requests on one connection."""
        url = self.serve(self.root)
        two = ("--http2-prior-knowledge", "-H", "Content-Type: a/b")
        told = await self.curl(*two, "-w", "%{http_version}", f"{url}/hello")
        self.assertEqual(told, b"Hello2")
        self.assertEqual(await self.curl(*two, f"{url}/files/large"), LARGE)
        sent = await self.curl(*two, "--data-binary", f"@{self.large}", f"{url}/echo")
        self.assertEqual(sent, LARGE)
        part = await self.curl(*two, "-r", "5-1000004", f"{url}/files/large")
        self.assertEqual(part, LARGE[5:1000005])
        head = await self.curl(*two, "-I", f"{url}/files/large")
        self.assertIn(b"content-length: 3000000\r\n", head)

    async def test_continue(self) -> None:
        """curl waits for our word before it sends the body."""
        url = self.serve(self.root)
        sent = await self.curl(
            "--http2-prior-knowledge", "-H", "Expect: 100-continue", "-H", "Content-Type: a/b",
            "--data-binary", f"@{self.large}", f"{url}/echo",
        )  # fmt: skip
        self.assertEqual(sent, LARGE)

    async def test_refused(self) -> None:
        """One who is refused early hears why, though it was still sending."""
        url = self.serve(self.root, limits=Limits(bodyBytes=1000))
        told = await self.curl(
            "--http2-prior-knowledge", "-o", os.devnull, "-w", "%{http_code}",
            "--data-binary", f"@{self.large}", f"{url}/echo",
        )  # fmt: skip
        self.assertEqual(told, b"413")

    async def test_tls(self) -> None:
        """TLS agrees on HTTP/2, or on what the client has."""
        url = self.secure()
        told = await self.curl("-k", "--http2", "-w", "%{http_version}", f"{url}/hello")
        self.assertEqual(told, b"Hello2")
        told = await self.curl("-k", "--http1.1", "-w", "%{http_version}", f"{url}/hello")
        self.assertEqual(told, b"Hello1.1")
        self.assertEqual(await self.curl("-k", "--http2", f"{url}/files/large"), LARGE)
        before = len(self.connections)
        many = await self.curl("-k", "--http2", *[f"{url}/hello"] * 5)
        self.assertEqual((many, len(self.connections) - before), (b"Hello" * 5, 1))


class NghttpTests(ProgramTestCase):
    """The programs of nghttp2."""

    async def test_nghttp(self) -> None:
        """Requests at once, with priorities and padding; and a window that is small."""
        program = self.program("nghttp")
        url = self.serve(self.root)
        page = f"{url}/files/large"
        for options in (("-m", "5"), ("-b", "100"), ("-w", "12", "-W", "12"), ("-c", "100")):
            told = await self.output(program, "-n", "-s", *options, page)
            statuses = re.findall(rb"ms +(\d{3}) +2M /files/large", told)
            self.assertEqual(set(statuses), {b"200"}, told)
        told = await self.output(
            program, "-d", str(self.large), "-H", "content-type: a/b", f"{url}/echo"
        )
        self.assertEqual(told, LARGE)

    async def test_trailers(self) -> None:
        """Headers that follow the body of a request."""
        program = self.program("nghttp")
        url = self.serve(self.root)
        small = self.folder / "small"
        small.write_bytes(b"small")
        kind = "content-type: a/b"
        told = await self.output(
            program, "-d", str(small), "--trailer", "x: y", "-H", kind, f"{url}/echo"
        )
        self.assertEqual(told, b"small")

    async def test_h2load(self) -> None:
        """Many requests on many connections all succeed."""
        program = self.program("h2load")
        for url in (self.serve(self.root), self.secure()):
            told = await self.output(program, "-n", "2000", "-c", "10", "-m", "20", f"{url}/hello")
            self.assertIn(b" 2000 succeeded, 0 failed, 0 errored", told)
            self.assertIn(b"protocol: h2", told)

    async def test_flood(self) -> None:
        """A client of many small windows is served, within the budget that it has."""
        program = self.program("h2load")
        limits = Limits(http2=HTTP2Limits(controlFrames=200, controlFramesPerSecond=0))
        url = self.serve(self.root, limits=limits)
        told = await self.output(program, "-n", "20", "-c", "1", "-m", "2", f"{url}/files/large")
        self.assertIn(b" 20 succeeded, 0 failed, 0 errored", told)
