"""A page over HTTP/2 in a real browser."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import SkipTest
from twisted.web import resource, server, static
from twisted.web.test._http2 import SKIP
from twisted.web.test._serving import ServedTestCase
from twisted.web.test.browser import BrowserCase

try:
    from twisted.internet.test._tlspeers import Authority
except ImportError:  # extras
    Authority = None  # type: ignore[assignment,misc]  # the same

PARTS = 60

PAGE = b"""<!DOCTYPE html>
<title>HTTP/2</title>
<script>
async function load(count) {
    const parts = Array.from({length: count}, (_, at) => fetch("part/" + at));
    const texts = await Promise.all((await Promise.all(parts)).map(one => one.text()));
    const seen = performance.getEntriesByType("resource").map(one => one.nextHopProtocol);
    return [texts.join(","), Array.from(new Set(seen)).join(",")];
}
async function send(size) {
    const sent = await fetch("echo", {method: "POST", body: new Uint8Array(size).fill(65)});
    const text = await sent.text();
    return text.length;
}
async function giveUp() {
    const control = new AbortController();
    const asked = fetch("never", {signal: control.signal});
    await fetch("begun");
    control.abort();
    return await asked.then(() => "answered", error => error.name);
}
</script>
"""


class Part(resource.Resource):
    """Answers with the last part of its path."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        """The part."""
        part: bytes = request.postpath[0]
        return part


class Echo(resource.Resource):
    """Answers with what was sent."""

    isLeaf = True

    def render_POST(self, request: Any) -> bytes:
        """The body."""
        body: bytes = request.content.read()
        return body


class Never(resource.Resource):
    """Does not answer."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.begun: Deferred[None] = Deferred()
        self.cancelled: Deferred[Any] = Deferred()

    def render_GET(self, request: Any) -> Deferred[bytes]:
        """Wait until the client gives up."""
        self.begun.callback(None)
        return Deferred(lambda _: self.cancelled.callback(None))


class Begun(resource.Resource):
    """Answers when the other one was asked."""

    isLeaf = True

    def __init__(self, never: Never) -> None:
        super().__init__()
        self.never = never

    def render_GET(self, request: Any) -> Deferred[bytes]:
        """Wait for the other request."""
        asked: Deferred[bytes] = Deferred()
        self.never.begun.addCallback(lambda _: asked.callback(b"begun"))
        return asked


class BrowserTests(BrowserCase, ServedTestCase):
    """Chromium, which agrees on HTTP/2 by TLS."""

    def setUp(self) -> None:
        super().setUp()
        if SKIP or Authority is None:
            raise SkipTest(SKIP or "OpenSSL is not installed")
        self.never = Never()
        root = resource.Resource()
        root.putChild(b"", static.Data(PAGE, "text/html"))
        root.putChild(b"part", Part())
        root.putChild(b"echo", Echo())
        root.putChild(b"never", self.never)
        root.putChild(b"begun", Begun(self.never))
        port = self.listen(server.Site(root), Authority().server())
        self.url = f"https://127.0.0.1:{port}/"

    async def test_page(self) -> None:
        """Many requests at once, an upload, and one that the page gives up, on one connection."""
        page = self.page()
        page.trustAll()
        await deferToThread(page.open, self.url)
        texts, protocols = await deferToThread(page.run, f"load({PARTS})")
        self.assertEqual(texts, ",".join(map(str, range(PARTS))))
        self.assertEqual(protocols, "h2")
        self.assertEqual(await deferToThread(page.run, "send(1000000)"), 1_000_000)
        self.assertEqual(await deferToThread(page.run, "giveUp()"), "AbortError")
        await self.never.cancelled
        two = [channel for channel in self.connections if channel._successor is not None]
        self.assertEqual(len(two), 1)
        page.picture("http2")
