"""A real client, over real sockets: curl."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

from twisted.internet import defer, reactor, threads
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import SkipTest, TestCase
from twisted.web import resource, server, static

SECONDS = "20"


class Echo(resource.Resource):
    """Answers with the length of what was sent."""

    isLeaf = True

    def render_POST(self, request: Any) -> bytes:
        """The length, and what is a form."""
        return b"%d %a" % (len(request.content.read()), sorted(request.args.items()))

    render_PUT = render_POST


class CurlTests(TestCase):
    """What curl makes of our responses."""

    def setUp(self) -> None:
        curl = shutil.which("curl")
        if curl is None:
            raise SkipTest("curl is not installed")
        self.curl = curl
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / "digits").write_bytes(b"0123456789" * 100_000)
        self.large = folder / "digits"
        root = resource.Resource()
        root.putChild(b"echo", Echo())
        root.putChild(b"files", static.File(str(folder)))
        root.putChild(b"hello", static.Data(b"Hello", "text/plain"))
        self.connections: list[defer.Deferred[None]] = []
        site = server.Site(root)
        build = site.buildProtocol

        def counted(addr: Any) -> Any:
            channel = build(addr)
            lost = channel.connectionLost
            ended: defer.Deferred[None] = defer.Deferred()

            def connectionLost(reason: Any) -> None:
                lost(reason)
                ended.callback(None)

            channel.connectionLost = connectionLost
            self.connections.append(ended)
            return channel

        site.buildProtocol = counted  # type: ignore[method-assign]  # to see what arrives
        site.noisy = False
        listening: Any = reactor
        self.port = listening.listenTCP(0, site, interface="127.0.0.1")
        self.addCleanup(self.port.stopListening)
        # The client has ended before we are told of it.
        self.addCleanup(lambda: defer.gatherResults(self.connections))
        self.url = f"http://127.0.0.1:{self.port.getHost().port}"

    def runCurl(self, *arguments: str) -> defer.Deferred[bytes]:
        """What curl prints; it has to succeed."""

        def check(ended: tuple[bytes, bytes, int]) -> bytes:
            output, errors, status = ended
            self.assertEqual(status, 0, errors)
            return output

        command = ("-sS", "--max-time", SECONDS, *arguments)
        return getProcessOutputAndValue(self.curl, command, os.environ).addCallback(check)

    @defer.inlineCallbacks
    def test_keepAlive(self) -> Generator[defer.Deferred[bytes], bytes, None]:
        """Several requests go over one connection."""
        output = yield self.runCurl(*[f"{self.url}/hello"] * 3)
        self.assertEqual(output, b"Hello" * 3)
        self.assertEqual(len(self.connections), 1)

    @defer.inlineCallbacks
    def test_head(self) -> Generator[defer.Deferred[bytes], bytes, None]:
        """HEAD has the length, and curl does not wait for a body."""
        output = yield self.runCurl("-I", f"{self.url}/hello")
        self.assertIn(b"Content-Length: 5\r\n", output)

    @defer.inlineCallbacks
    def test_chunks(self) -> Generator[defer.Deferred[bytes], bytes, None]:
        """An upload of unknown length, and one that waits for our word."""
        for header in ("Transfer-Encoding: chunked", "Expect: 100-continue"):
            output = yield self.runCurl(
                "-H", header, "-H", "Content-Type: a/b", "--data-binary", f"@{self.large}",
                f"{self.url}/echo",
            )  # fmt: skip
            self.assertEqual(output, b"1000000 []")

    @defer.inlineCallbacks
    def test_forms(self) -> Generator[defer.Deferred[bytes], bytes, None]:
        """Forms, of both kinds."""
        output = yield self.runCurl("-d", "a=1&b=2", f"{self.url}/echo")
        self.assertIn(b"[(b'a', [b'1']), (b'b', [b'2'])]", output)
        output = yield self.runCurl("-F", "a=1", "-F", f"b=@{self.large}", f"{self.url}/echo")
        self.assertIn(b"(b'a', [b'1']), (b'b', [b'0123", output)

    @defer.inlineCallbacks
    def test_ranges(self) -> Generator[defer.Deferred[bytes], bytes, None]:
        """A file, as a whole and in part."""
        output = yield self.runCurl(f"{self.url}/files/digits")
        self.assertEqual(output, b"0123456789" * 100_000)
        output = yield self.runCurl("-r", "5-12", f"{self.url}/files/digits")
        self.assertEqual(output, b"56789012")

    @defer.inlineCallbacks
    def test_refused(self) -> Generator[defer.Deferred[bytes], bytes, None]:
        """One who is refused early hears why, though it was still sending."""
        self.limitBodies()
        output = yield self.runCurl(
            "-o", os.devnull, "-w", "%{http_code}", "-H", "Expect:",
            "--data-binary", f"@{self.large}", f"{self.url}/echo",
        )  # fmt: skip
        self.assertEqual(output, b"413")

    def limitBodies(self) -> None:
        """Have the site refuse bodies that are long."""
        site = self.port.factory
        site.limits = type(site.limits)(bodyBytes=1000)

    @defer.inlineCallbacks
    def test_pipelined(self) -> Generator[defer.Deferred[bytes], bytes, None]:
        """Requests at once, from a socket, are answered in order."""
        asked = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" * 3 + b"GET /x HTTP/1.0\r\n\r\n"

        def talk() -> bytes:
            with socket.create_connection(("127.0.0.1", self.port.getHost().port), 20) as one:
                one.sendall(asked)
                return b"".join(iter(lambda: one.recv(65536), b""))

        output = yield threads.deferToThread(talk)
        self.assertEqual(output.count(b"\r\n\r\nHello"), 3)
        self.assertIn(b"HTTP/1.1 404 ", output)
