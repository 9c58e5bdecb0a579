"""The listings that get pages run, and get them from a server of ours."""

from __future__ import annotations

import sys

from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.utils import getProcessOutputAndValue
from twisted.protocols.test._programs import EXAMPLES
from twisted.trial.unittest import SkipTest, TestCase
from twisted.web import resource, server, static

CHAPTER = "ch01"


class GetPageTests(TestCase):
    """Chapter 1.3: callbacks and errbacks."""

    def setUp(self) -> None:
        if not EXAMPLES.is_dir():
            raise SkipTest(f"there is no {EXAMPLES}")
        root = resource.Resource()
        title = b"<TITLE>Example Domain</TITLE>"
        root.putChild(b"", static.Data(title, "text/html"))
        port = reactor.listenTCP(0, server.Site(root), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        address = port.getHost()
        assert isinstance(address, IPv4Address)
        self.site = f"http://127.0.0.1:{address.port}/"

    async def said(self, name: str, path: str = "") -> str:
        """What a program writes about a page of the site."""
        words = [str(EXAMPLES / CHAPTER / name), self.site + path]
        out, err, status = await getProcessOutputAndValue(sys.executable, words)
        self.assertEqual((err, status), (b"", 0))
        return out.decode()

    async def test_callback(self) -> None:
        """There is a Deferred at once, and later the page."""
        self.assertEqual(
            await self.said("callback.py"),
            "Waiting for the page.\n"
            "The Deferred has called printContents with the following contents:\n"
            "<TITLE>Example Domain</TITLE>\n",
        )

    async def test_twoCallbacks(self) -> None:
        """The second one gets what the first one makes of the page."""
        self.assertEqual(await self.said("two_callbacks.py"), "<title>example domain</title>\n")

    async def test_errback(self) -> None:
        """There is no page, and the errback is told so."""
        said = await self.said("errback.py", "does-not-exist")
        self.assertEqual(said, "An error has occurred: 404 Not Found\n")
