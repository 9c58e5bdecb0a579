"""Proxies, with Twisted's own before and behind them."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.web import http, proxy, resource, server, static
from twisted.web.test._serving import OURS, PEERS, ServedTestCase
from twisted.web.test.test_proxy import Echo

SITE = """
import sys
from twisted.internet import reactor
from twisted.web import resource, server, static

class Echo(resource.Resource):
    isLeaf = True

    def render_POST(self, request):
        return b"%d bytes" % len(request.content.read())

    def render_GET(self, request):
        return request.uri

root = resource.Resource()
root.putChild(b"echo", Echo())
root.putChild(b"files", static.File(sys.argv[1]))
port = reactor.listenTCP(0, server.Site(root), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""

REVERSE = """
import sys
from twisted.internet import reactor
from twisted.web import proxy, server

root = proxy.ReverseProxyResource("127.0.0.1", int(sys.argv[1]), b"")
port = reactor.listenTCP(0, server.Site(root), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""

FORWARD = """
from twisted.internet import reactor
from twisted.web import http, proxy

factory = http.HTTPFactory()
factory.protocol = proxy.Proxy
port = reactor.listenTCP(0, factory, interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""


class PeerTests(ServedTestCase):
    """curl asks one through the other."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.large = os.urandom(1024) * 2048
        (self.folder / "large").write_bytes(self.large)

    async def check(self, url: str, *options: str) -> None:
        """Ask for pages and files, and send something."""
        self.assertIn(b"/echo/a?b=c%20d", await self.curl(*options, f"{url}/echo/a?b=c%20d"))
        self.assertEqual(await self.curl(*options, f"{url}/files/large"), self.large)
        part = await self.curl(*options, "-r", "5-10", f"{url}/files/large")
        self.assertEqual(part, self.large[5:11])
        path = str(self.folder / "large")
        sending = ("-H", "Content-Type: a/b", "--data-binary", f"@{path}")
        said = await self.curl(*options, *sending, f"{url}/echo")
        self.assertEqual(said, b"%d bytes" % len(self.large))
        said = await self.curl(*options, "-I", f"{url}/files/large")
        self.assertIn(b"content-length: %d\r\n" % len(self.large), said.lower())
        said = await self.curl(*options, "-w%{http_code}", "-o", os.devnull, f"{url}/none")
        self.assertEqual(said, b"404")

    async def test_behindOurs(self) -> None:
        """It serves, and ours pass on."""
        for python in (PEERS, OURS):
            port = self.start(python, SITE, str(self.folder))
            reverse = self.serve(proxy.ReverseProxyResource("127.0.0.1", port, b""))
            await self.check(reverse)
            factory = http.HTTPFactory()
            factory.protocol = proxy.Proxy
            forward = f"http://127.0.0.1:{self.listen(factory)}"
            await self.check(f"http://127.0.0.1:{port}", "-x", forward)

    async def test_behindTheirs(self) -> None:
        """Ours serves, and it passes on."""
        root = resource.Resource()
        root.putChild(b"echo", Echo())
        root.putChild(b"files", static.File(str(self.folder)))
        port = self.listen(server.Site(root))
        reverse = self.start(PEERS, REVERSE, str(port))
        await self.check(f"http://127.0.0.1:{reverse}")
        forward = self.start(PEERS, FORWARD)
        await self.check(f"http://127.0.0.1:{port}", "-x", f"http://127.0.0.1:{forward}")
