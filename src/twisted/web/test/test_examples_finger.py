"""The finger tutorial on the web: its pages, asked for by curl and shown by a browser."""

from __future__ import annotations

import os
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
from twisted.web.test._fingersites import ANSWERS, EVE, SAYS, SHOWN, SiteCase
from twisted.words.test._programs import Sic, ircServer

CHAPTER = "ch02_finger"


class ListingTests(SiteCase):
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
            self.checkUsers(web)

        self.inBothWays(check, "-y", self.listing("finger15.tac"))

    def test_finger16(self) -> None:
        """So does a bot."""

        def check(port: int, web: int) -> None:
            self.checkFile(port)
            self.checkUsers(web)
            self.checkBot("{}: {}")

        self.inBothWays(check, "-y", self.listing("finger16.tac"))

    def test_finger17(self) -> None:
        """And who calls by XML-RPC hears the same."""

        def check(port: int, web: int) -> None:
            self.checkFile(port)
            self.checkUsers(web)
            self.checkBot("{}: {}")
            self.checkCalls(web)
            said = self.client("fingerXRclient.py", f"http://127.0.0.1:{web}/RPC2")
            self.assertEqual(said, ["happy and well"])

        self.inBothWays(check, "-y", self.listing("finger17.tac"))

    def test_trees(self) -> None:
        """The site has a list of all users."""
        for number, name in enumerate(("finger18.tac", "finger19.tac", "finger20.tac"), 18):

            def check(port: int, web: int, number: int = number) -> None:
                self.checkFile(port)
                self.checkTree(web, f"finger{number}")
                self.checkBot("Status of {}: {}")
                self.checkCalls(web, users=number == 20)

            self.inBothWays(check, "-y", self.listing(name))

    def test_finger19a(self) -> None:
        """Users in memory, who can be set, are seen by all that asks."""

        def check(port: int, web: int, setter: int) -> None:
            self.checkSetter(port, setter)
            self.ask(setter, f"moshez\n{SAYS}\n".encode())
            page = self.window
            self.assertIn(SAYS, page.open(f"http://127.0.0.1:{web}/moshez"))
            self.assertNotEqual(page.title, "hacked")
            self.assertEqual(self.irc.ask("fingerbot", "moshez"), [f"Status of moshez: {SAYS}"])

        self.inBothWays(check, "-y", self.listing("finger19a.tac"))

    def test_finger19b(self) -> None:
        """What the program writes is the answer; it is asked about nothing but names."""
        program = (
            '#!/bin/sh\ncase "$1" in\n'
            'moshez) echo "Login: $1"; echo "<i>Idle</i>";;\n*) echo "No such user" >&2;;\nesac\n'
        )
        os.chmod(self.write("bin/finger", program), 0o755)
        self.env["PATH"] = f"{self.path('bin')}:{os.environ['PATH']}"

        def check(port: int, web: int) -> None:
            self.checkUsual(port, b"Login: moshez\n<i>Idle</i>\r\n")
            for bad in (b"-l", b"moshez@localhost", b"moshez;ls", b"../moshez"):
                self.assertEqual(self.finger(port, bad), UNKNOWN)
            self.assertIn("Login: moshez\n&lt;i&gt;Idle&lt;/i&gt;", self.curl(web, "/moshez"))
            self.assertIn("No such user", self.curl(web, "/-l"))
            said = self.irc.ask("fingerbot", "moshez", "-l")
            expected = ["moshez: Login: moshez <i>Idle</i>", "-l: No such user"]
            self.assertEqual(said, [f"Status of {one}" for one in expected])

        self.inBothWays(check, "-y", self.listing("finger19b.tac"))

    def test_finger19c(self) -> None:
        """Here, it depends on the machine who has a plan; `PlanTests` does not."""

        def check(port: int, web: int) -> None:
            for name in STRANGE:
                self.assertEqual(self.finger(port, name), UNKNOWN)
            self.assertIn("<p>No such user</p>", self.curl(web, "/nobody%2F..%00"))

        self.inBothWays(check, "-y", self.listing("finger19c.tac"))

    def test_finger21(self) -> None:
        """Perspective broker gives objects."""

        def check(port: int, web: int, broker: int) -> None:
            self.checkFile(port)
            self.checkTree(web, "finger21")
            self.checkBot("Status of {}: {}")
            self.checkCalls(web, users=True)
            self.checkBroker(broker)
            root, *said = self.client("fingerPBclient.py", broker)
            self.assertTrue(root.startswith("got object: "), root)
            self.assertEqual(said, [f"server sent: {answer}" for answer in ANSWERS])

        self.inBothWays(check, "-y", self.listing("finger21.tac"))

    def test_finger22(self) -> None:
        """The site has two ports, and one of them TLS."""

        def check(port: int, web: int, https: int, broker: int) -> None:
            self.checkFile(port)
            self.checkTree(web, "finger22")
            self.checkSecured(https, "finger22-https")
            self.checkBot("Status of {}: {}")
            self.checkCalls(web, users=True)
            self.checkBroker(broker)

        self.inBothWays(check, "-y", self.listing("finger22.tac"))

    def test_noFile(self) -> None:
        """The shell hears which service has missed what."""
        self.env["USERS"] = self.path("nowhere")
        said = self.refused(*OURSELVES, "-y", self.listing("finger19.tac"), **self.env)
        self.assertRegex(said, "FingerService failed: .*No such file or directory: .*/nowhere'$")


class ServerTests(SiteCase):
    """A bot on a server that is not ours, asked by a client that is not."""

    def test_finger18(self) -> None:
        """Whoever whispers to it gets an answer; what is said to all does not concern it."""
        server, port = ircServer(self)
        client = Sic(self, port, "moshez")
        words = ("-n", *OURSELVES, "-y", self.listing("finger18.tac"))
        self.env["IRC"] = f"127.0.0.1:{port}"
        program = self.foreground(*words, **self.env)
        server.until('User "fingerbot!.*registered')
        for name, said in (("shawn", "alive"), ("nobody", "No such user"), ("colours", SHOWN)):
            client.say(name, "fingerbot")
            client.hear("fingerbot", f"Status of {name}: {said}")
        self.assertEqual(program.end(signal.SIGTERM), (0, ""))


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
