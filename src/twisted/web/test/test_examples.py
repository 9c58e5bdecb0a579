"""Listings that get pages, and one that serves files, run: with our server, curl and a browser."""

from __future__ import annotations

import shutil
import subprocess
import sys

from twisted.application.test._daemons import PATIENCE, DaemonCase
from twisted.application.test._listings import chapter
from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.utils import getProcessOutputAndValue
from twisted.protocols.test._programs import EXAMPLES
from twisted.trial.unittest import SkipTest, TestCase
from twisted.web import resource, server, static
from twisted.web.test.browser import BrowserCase

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


class ServiceTests(BrowserCase, DaemonCase):
    """Section 4.6.3: service.tac, which serves the working directory."""

    def test_service(self) -> None:
        """A browser shows what there is, and the file that is chosen."""
        name = "<b>Grüße & co</b>.txt"
        self.write(name.replace("/", "-"), "Hello, <i>you</i>")
        tac = chapter("ch04_application") / "service.tac"
        pid = self.daemon("-y", tac, PORT="0")
        address = f"http://127.0.0.1:{self.port()}/"
        page = self.page()
        page.open(address)
        self.assertIn(name.replace("/", "-"), page.all("a"))
        self.assertEqual(page.all("b"), [])
        self.assertGreater(page.picture("service").stat().st_size, 1000)
        self.assertEqual(page.follow('a[href$=".txt"]'), "Hello, <i>you</i>")
        if shutil.which("curl") is None:
            raise SkipTest("there is no curl")
        words = ["--silent", "--fail", "--path-as-is", f"{address}../../etc/passwd"]
        done = subprocess.run(["curl", *words], capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual((done.returncode, done.stdout), (22, b""))
        self.stop(pid)
