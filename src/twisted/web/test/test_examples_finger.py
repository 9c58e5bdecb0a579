"""The finger tutorial on the web: its pages, asked for by curl and shown by a browser."""

from __future__ import annotations

import signal
import sys
from typing import Any
from urllib.parse import quote

from twisted.application.test._daemons import Foreground
from twisted.application.test._fingers import STRANGE, UNKNOWN, FingerCase
from twisted.application.test._listings import OURSELVES, chapter, load
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.trial import unittest
from twisted.web.test.browser import BrowserCase

CHAPTER = "ch02_finger"

#: A name and a status that are markup, and would run.
EVE = "<b>eve</b>&co"
SAYS = "<script>document.title = 'hacked'</script>"


class WebCase(BrowserCase, FingerCase):
    """Runs services that have pages, and looks at these."""

    users = f"{FingerCase.users}{EVE}: {SAYS}\n"

    def curl(self, port: object, path: str, *words: object) -> str:
        """What curl gets from a site."""
        address = f"http://127.0.0.1:{port}{path}"
        return self.program("curl", "--silent", "--fail", *words, address).decode()

    def checkUser(self, port: int) -> None:
        """There is a page for each user, and what users say is text."""
        page = self.page()
        for name, status in (
            ("moshez", "happy and well"),
            (EVE, SAYS),
            ("nobody<", "No such user"),
            ("\N{SNOWMAN}", "No such user"),
        ):
            said = page.open(f"http://127.0.0.1:{port}/{quote(name, safe='')}")
            self.assertEqual(page.all("h1"), [name])
            self.assertIn(status, said)
            self.assertNotEqual(page.title, "hacked")


class ListingTests(WebCase):
    """Listings with pages."""

    def test_finger10(self) -> None:
        """The page at an address is the answer, however strange the name at its end is."""
        words = ("-n", *OURSELVES, "--pidfile=", "-y", self.listing("finger15.tac"))
        site = self.foreground(*words, **self.env)
        site.until(r"starting on (\d+)")
        web = site.until(r"starting on (\d+)")[1]
        prefix = f"http://127.0.0.1:{web}/"
        program = Foreground(self, [sys.executable, self.listing("finger10.py"), "0", prefix], {})
        port = int(program.until(r"^Listening on port (\d+)")[1])
        self.assertEqual(self.nc(port, b"moshez\r\n"), b"<h1>moshez</h1><p>happy and well</p>\r\n")
        for name in (EVE.encode(), b"../?#", b"\xff\x00", b""):
            self.assertEqual(
                self.finger(port, name),
                self.curl(web, "/" + quote(name, safe="")).encode() + b"\r\n",
            )
        self.assertEqual(site.end(signal.SIGTERM), (0, ""))
        self.assertEqual(self.finger(port, b"moshez"), b"Internal error in server\r\n")
        self.assertEqual(program.end(signal.SIGINT), (0, ""))

    def test_finger15(self) -> None:
        """The web says what finger says."""

        def check(port: int, web: int) -> None:
            self.checkFile(port)
            self.assertEqual(self.curl(web, "/shawn"), "<h1>shawn</h1><p>alive</p>")
            self.checkUser(web)

        self.inBothWays(check, "-y", self.listing("finger15.tac"))


class ProxyTests(FingerCase):
    """fingerproxy: the answers of another server."""

    def test_fingerproxy(self) -> None:
        """The other is that of this machine, unless an address says whose."""
        words = ("-n", *OURSELVES, "--pidfile=", "-y", self.listing("finger14.tac"))
        other = self.foreground(*words, **self.env)
        self.env["FINGER"] = other.until(r"starting on (\d+)")[1]
        self.env["PROXY"] = "0"

        def check(port: int) -> None:
            self.assertEqual(self.nc(port, b"moshez\r\n"), b"happy and well\r\n")
            self.assertEqual(self.finger(port, b"shawn@localhost"), b"alive\r\n")
            self.assertEqual(self.finger(port, b" shawn "), b"alive\r\n")
            for name in STRANGE[1:5]:
                self.assertEqual(self.finger(port, name), UNKNOWN, name)
            for host in (b"\xff", b"a b", b"127.0.0.1@127.0.0.1"):
                said = self.finger(port, b"moshez@" + host)
                self.assertEqual(said, b"Could not connect to remote host\r\n", host)

        self.inBothWays(check, "-y", self.listing("fingerproxy.tac"))
        self.assertEqual(other.end(signal.SIGTERM), (0, ""))


class ProxyClientTests(unittest.SynchronousTestCase):
    """What the proxy does about servers that mean no good."""

    def setUp(self) -> None:
        self.names = load(self, chapter(CHAPTER) / "fingerproxy.tac")
        self.reactor = MemoryReactorClock()
        self.names["finger"].__globals__["reactor"] = self.reactor
        self.asked = self.names["f"].getUser(b"moshez@example.com")
        [(self.host, self.port, self.factory, *_)] = self.reactor.tcpClients

    def connect(self) -> tuple[Any, StringTransport]:
        """The other server is there."""
        transport = StringTransport()
        protocol = self.factory.buildProtocol(None)
        protocol.makeConnection(transport)
        return protocol, transport

    def test_asks(self) -> None:
        """It asks by what is before the @, and gives on what comes, until there is no more."""
        protocol, transport = self.connect()
        self.assertEqual((self.host, self.port), ("example.com", 79))
        self.assertEqual(transport.value(), b"moshez\r\n")
        protocol.dataReceived(b"one\r\n")
        protocol.dataReceived(b"two\r\n")
        self.assertNoResult(self.asked)
        protocol.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.successResultOf(self.asked), b"one\r\ntwo\r\n")
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_tooMuch(self) -> None:
        """An answer without end is cut off."""
        most = self.names["MAX_ANSWER"]
        protocol, transport = self.connect()
        protocol.dataReceived(b"x" * (most - 1))
        self.assertFalse(transport.disconnected)
        protocol.dataReceived(b"xyz")
        self.assertTrue(transport.disconnected)
        protocol.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.successResultOf(self.asked), b"x" * most)

    def test_tooLong(self) -> None:
        """A server that says nothing is not waited for longer than that."""
        self.connect()
        gone: list[object] = []

        def disconnect(connector: object) -> None:
            gone.append(connector)

        self.patch(type(self.reactor.connectors[0]), "disconnect", disconnect)
        self.names["f"].getUser(b"moshez@example.org")
        self.reactor.advance(self.names["PATIENCE"] - 1)
        self.assertEqual(gone, [])
        self.reactor.advance(1)
        self.assertEqual(gone, self.reactor.connectors[1:])
