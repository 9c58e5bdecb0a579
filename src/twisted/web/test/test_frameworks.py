"""Applications of FastAPI and Django, unchanged, and curl."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.python.threadpool import ThreadPool
from twisted.trial.unittest import SkipTest
from twisted.web.asgi import ASGIResource, LifespanService
from twisted.web.resource import Resource
from twisted.web.test._serving import ServedTestCase
from twisted.web.websocket import (
    ConnectionRejected,
    WebSocketClientEndpoint,
    WebSocketClosed,
    WebSocketStream,
)
from twisted.web.wsgi import WSGIResource

reactor: Any = _reactor

try:
    from twisted.web.test import _fastapi
except ImportError:
    _fastapi = None  # type: ignore[assignment]  # an extra
try:
    from twisted.web.test import _django
except ImportError:
    _django = None  # type: ignore[assignment]  # an extra


class FrameworkTestCase(ServedTestCase):
    """Tests with an application below the path ``/app``."""

    def mount(self, resource: Any) -> str:
        """Serve it; its URL."""
        root = Resource()
        root.putChild(b"app", resource)
        return self.serve(root) + "/app"

    async def http2(self, *arguments: str) -> bytes:
        """What curl prints, over HTTP/2."""
        if b"HTTP2" not in await self.curl("--version"):
            raise SkipTest("curl is without HTTP/2")
        return await self.curl("--http2-prior-knowledge", *arguments)

    def large(self) -> str:
        """The path of a file of 3,000,000 bytes."""
        path = Path(self.mktemp())
        path.write_bytes(b"0123456789" * 300_000)
        return str(path)


class FastAPITests(FrameworkTestCase):
    """FastAPI, which does what it does in coroutines and threads of asyncio."""

    def setUp(self) -> None:
        super().setUp()
        if _fastapi is None:
            raise SkipTest("FastAPI is not installed")
        self.resource = ASGIResource(_fastapi.app)
        self.url = self.mount(self.resource)
        service = LifespanService(self.resource)
        service.startService()
        self.addCleanup(service.stopService)
        self.service = service

    async def test_paths(self) -> None:
        """The path, the query, and the state of the lifespan."""
        output = await self.curl(f"{self.url}/items/3?q=a%20b")
        expected = {"number": 3, "q": "a b", "answer": 42, "url": f"{self.url}/items/3?q=a%20b"}
        self.assertEqual(json.loads(output), expected)
        output = await self.curl("-w", " %{http_code}", f"{self.url}/items/three")
        self.assertTrue(output.endswith(b" 422"), output)

    async def test_threads(self) -> None:
        """What is no coroutine runs in a thread; JSON goes both ways."""
        for name in ("one", "two"):
            output = await self.curl("--json", json.dumps({"name": name}), f"{self.url}/items")
            self.assertEqual(json.loads(output), {"name": name, "price": 1.0})

    async def test_streams(self) -> None:
        """Bodies in pieces, both ways."""
        for header in ("A: b", "Transfer-Encoding: chunked"):
            output = await self.curl(
                "-H", header, "--data-binary", f"@{self.large()}", f"{self.url}/length"
            )
            self.assertEqual(output, b"3000000")
        output = await self.curl(f"{self.url}/numbers")
        self.assertEqual(output, b"0 1 2 3 4 5 6 7 8 9 ")

    async def test_http2(self) -> None:
        """The same over HTTP/2."""
        output = await self.http2("--data-binary", f"@{self.large()}", f"{self.url}/length")
        self.assertEqual(output, b"3000000")
        output = await self.http2("-w", "%{http_version}", f"{self.url}/numbers")
        self.assertEqual(output, b"0 1 2 3 4 5 6 7 8 9 2")

    async def test_documentation(self) -> None:
        """Its own pages know where they are."""
        output = await self.curl(f"{self.url}/docs")
        self.assertIn(b"'/app/openapi.json'", output)

    def connect(self, path: str, *protocols: str) -> Deferred[WebSocketStream]:
        """Connect by WebSocket."""
        url = self.url.replace("http:", "ws:") + path
        endpoint = WebSocketClientEndpoint.new(reactor, url, protocols=protocols)
        return endpoint.connect(WebSocketStream)

    async def test_webSocket(self) -> None:
        """WebSocket, with a subprotocol, until the application closes it."""
        stream = await self.connect("/echo", "lower", "upper")
        self.assertEqual(stream.subprotocol, "upper")
        for text in ("one", "x" * 100_000):
            await stream.send(text)
            self.assertEqual(await stream.receive(), text.upper())
        await stream.send("")
        with self.assertRaises(WebSocketClosed) as caught:
            await stream.receive()
        self.assertEqual((caught.exception.code, caught.exception.reason), (3000, "enough"))

    async def test_webSocketRefused(self) -> None:
        """A path that the application does not have is refused."""
        with self.assertRaises(ConnectionRejected):
            await self.connect("/nowhere")

    async def test_lifespan(self) -> None:
        """It is heard out when it ends."""
        assert _fastapi is not None
        await self.curl(f"{self.url}/items/1")
        del _fastapi.lived[:]
        await self.service.stopService()
        self.assertEqual(_fastapi.lived, ["down"])
        self.service.startService()


class DjangoTests(FrameworkTestCase):
    """Django, both ways."""

    def setUp(self) -> None:
        super().setUp()
        if _django is None:
            raise SkipTest("Django is not installed")
        pool = ThreadPool(0, 5)
        pool.start()
        self.addCleanup(lambda: self.inThread(pool.stop))
        self.urls = [
            self.mount(WSGIResource(reactor, pool, _django.wsgi)),
            self.mount(ASGIResource(_django.asgi)),
        ]

    async def test_paths(self) -> None:
        """The path, the query, and where it is."""
        for url in self.urls:
            output = await self.curl(f"{url}/items/3?q=%C3%A9")
            expected = {"number": 3, "q": "\xe9", "url": f"{url}/items/3?q=%C3%A9"}
            self.assertEqual(json.loads(output), expected)

    async def test_uploads(self) -> None:
        """A form with a long file; in chunks too, which Django's ASGI does not take."""
        wsgi, asgi = self.urls
        form = ("-F", "name=mine", "-F", f"file=@{self.large()}")
        for url, header in ((wsgi, "A: b"), (asgi, "A: b"), (wsgi, "Transfer-Encoding: chunked")):
            output = await self.curl("-H", header, *form, f"{url}/upload")
            self.assertEqual(output, b"mine 3000000")

    async def test_http2(self) -> None:
        """The same over HTTP/2."""
        form = ("-F", "name=mine", "-F", f"file=@{self.large()}")
        for url in self.urls:
            self.assertEqual(await self.http2(*form, f"{url}/upload"), b"mine 3000000")
            self.assertEqual(await self.http2(f"{url}/numbers"), b"0 1 2 3 4 5 6 7 8 9 ")

    async def test_views(self) -> None:
        """Coroutines, and responses in pieces."""
        for url in self.urls:
            self.assertEqual(await self.curl(f"{url}/later"), b"later")
            self.assertEqual(await self.curl(f"{url}/numbers"), b"0 1 2 3 4 5 6 7 8 9 ")
        # Under ASGI, Django makes as many streams of gzip as there are pieces.
        output = await self.curl("--compressed", f"{self.urls[0]}/numbers")
        self.assertEqual(output, b"0 1 2 3 4 5 6 7 8 9 ")

    async def test_head(self) -> None:
        """HEAD, and what is not there."""
        for url in self.urls:
            output = await self.curl("-I", f"{url}/later")
            self.assertIn(b"Content-Length: 5\r\n", output)
            output = await self.curl("-o", "/dev/null", "-w", "%{http_code}", f"{url}/nowhere")
            self.assertEqual(output, b"404")
