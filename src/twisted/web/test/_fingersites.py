"""The finger services of the tutorial: their pages, their bots, their remote calls."""

from __future__ import annotations

import socket
import sys
import xmlrpc.client
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import twisted
from twisted.application.test._daemons import PATIENCE
from twisted.application.test._fingers import FingerCase
from twisted.internet.test._tlspeers import Authority, pemOf
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.test.browser import BrowserCase, Page

PEERS = Path(twisted.__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"

#: A name and a status that are markup, and would run.
EVE = "<b>eve</b>&co"
SAYS = "<script>document.title = 'hacked'</script>"
#: What a terminal, or a client of IRC, would obey; and what is shown of it.
COLOURS = "\x02bold\x0304red\x1b[2J"
SHOWN = " bold 04red [2J"

NAMES = ["moshez", "shawn", EVE, "colours"]

#: What calls by perspective broker give for the first user, and for all.
ANSWERS = ["b'happy and well'", repr([name.encode() for name in NAMES])]

#: Asks for them.
BROKER_CLIENT = """
import sys
from twisted.internet import task
from twisted.spread import pb

async def main(reactor, port):
    factory = pb.PBClientFactory()
    reactor.connectTCP("127.0.0.1", int(port), factory)
    root = await factory.getRootObject()
    print(await root.callRemote("getUser", b"moshez"))
    print(await root.callRemote("getUsers"))

task.react(main, sys.argv[1:])
"""


class BotServer:
    """A server of IRC that has one bot, and one user, who whispers to it.

    Attributes:
        address: where it is.
    """

    def __init__(self, case: SynchronousTestCase) -> None:
        self._case = case
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(PATIENCE)
        case.addCleanup(self._listening.close)
        self.address = "{}:{}".format(*self._listening.getsockname())

    def ask(self, bot: str, *questions: str) -> list[str]:
        """Wait for a bot, and ask it; its answers."""
        connection, _ = self._listening.accept()
        connection.settimeout(PATIENCE)
        self._case.addCleanup(connection.close)
        lines = connection.makefile("rb")
        self._case.addCleanup(lines.close)
        told: list[bytes] = []
        while not (told and told[-1].startswith(b"USER ")):
            told.append(lines.readline())
        self._case.assertIn(f"NICK {bot}\r\n".encode(), told)
        connection.sendall(f":irc.test 001 {bot} :Welcome\r\n".encode())
        answers = []
        for question in questions:
            connection.sendall(f":moshez!m@h PRIVMSG {bot} :{question}\r\n".encode())
            head, _, answer = lines.readline().decode().rstrip("\r\n").partition(" :")
            self._case.assertEqual(head, "PRIVMSG moshez")
            answers.append(answer)
        return answers


class SiteCase(BrowserCase, FingerCase):
    """Runs services that have pages, and looks at these.

    What starts other programs, or shows pages, is checked once in each test: it takes a while, and
    a daemon has the same pages as what runs in the foreground.
    """

    users = f"{FingerCase.users}{EVE}: {SAYS}\ncolours: {COLOURS}\n"

    def setUp(self) -> None:
        super().setUp()
        self.irc = BotServer(self)
        self.checked: set[str] = set()
        authority = Authority()
        self.trusted = self.file("ca.pem", authority.pem())
        certificate = self.file("server.pem", pemOf(authority.issue("localhost")))
        self.env |= {"IRC": self.irc.address, "PEM": certificate}

    @cached_property
    def window(self) -> Page:
        """The one window of this test."""
        return self.page()

    def first(self, what: str) -> bool:
        """Whether this was not checked in this test yet."""
        new = what not in self.checked
        self.checked.add(what)
        return new

    def file(self, name: str, content: bytes) -> str:
        """Write a file in the folder; returns its path."""
        path = self.path(name)
        Path(path).write_bytes(content)
        return path

    def curl(self, port: object, path: str, *words: object) -> str:
        """What curl gets from a site."""
        address = f"http://127.0.0.1:{port}{path}"
        return self.program("curl", "--silent", "--fail", *words, address).decode()

    def checkUsers(self, port: int) -> None:
        """There is a page for each user, and what users say is text."""
        if not self.first("users"):
            return
        self.assertIn("<p>happy and well</p>", self.curl(port, "/moshez"))
        page = self.window
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

    def checkTree(self, port: int, picture: str) -> None:
        """There is a list of the users, which leads to the page of each; pictures are kept."""
        if self.first(picture):
            page = self.window
            page.open(f"http://127.0.0.1:{port}/")
            self.checkList(page, picture)
        self.checkUsers(port)

    def checkList(self, page: Page, picture: str) -> None:
        """A page that is open is the list."""
        self.assertEqual(page.all("li"), NAMES)
        self.assertEqual(page.all("li a"), NAMES)
        size = page.picture(picture).stat().st_size
        self.assertGreater(size, 1000)
        said = page.follow("li:nth-child(3) a")
        self.assertEqual(page.all("h1"), [EVE])
        self.assertIn(SAYS, said)
        page.picture(f"{picture}-user")

    def checkBot(self, answer: str) -> None:
        """A bot says what finger says, in one line, and nothing that would be obeyed."""
        answers = self.irc.ask("fingerbot", "moshez", "nobody", "colours", EVE)
        said = {"moshez": "happy and well", "nobody": "No such user", "colours": SHOWN, EVE: SAYS}
        self.assertEqual(answers, [answer.format(*pair) for pair in said.items()])

    def client(self, name: str, argument: object) -> list[str]:
        """The lines that a listing writes which is a client."""
        return self.program(sys.executable, self.listing(name), argument).decode().splitlines()

    def checkCalls(self, port: int, users: bool = False) -> None:
        """Calls by XML-RPC give what finger says."""
        address = f"http://127.0.0.1:{port}/RPC2"
        with xmlrpc.client.ServerProxy(address) as server:
            for name, status in (("nobody", "No such user"), ("colours", SHOWN), (EVE, SAYS)):
                self.assertEqual(server.getUser(name), status)
            if users:
                self.assertEqual(server.getUsers(), NAMES)
            self.assertRaises(xmlrpc.client.Fault, server.getSecrets)

    def checkBroker(self, port: int) -> None:
        """So do calls by perspective broker, from this package and from Twisted itself."""
        for python in (Path(sys.executable), PEERS):
            if self.first(f"broker {python}") and python.exists():
                said = self.program(python, "-c", BROKER_CLIENT, port).decode()
                self.assertEqual(said.splitlines(), ANSWERS)

    def checkSecured(self, port: int, picture: str) -> None:
        """The same site answers by TLS: to openssl, to curl, which verify it, and to a browser."""
        if not self.first(picture):
            return
        words = ["-connect", f"127.0.0.1:{port}", "-quiet", "-verify_return_error"]
        words += ["-verify_hostname", "localhost", "-CAfile", self.trusted]
        request = b"GET /shawn HTTP/1.0\r\n\r\n"
        answer = self.program("openssl", "s_client", *words, said=request)
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
        self.assertIn(b"<p>alive</p>", answer)
        words = ["--silent", "--fail", "--cacert", self.trusted]
        words += ["--resolve", f"localhost:{port}:127.0.0.1", f"https://localhost:{port}/shawn"]
        self.assertIn(b"<p>alive</p>", self.program("curl", *words))
        page = self.window
        page.trustAll()
        page.open(f"https://127.0.0.1:{port}/")
        self.checkList(page, picture)
