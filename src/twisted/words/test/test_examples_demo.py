"""The server that `make demo` runs: five protocols, one list of users."""

from __future__ import annotations

import http.cookiejar
import re
import shutil
import socket
import ssl
import subprocess
import sys
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
import xmlrpc.client
from html import unescape
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.protocols.test._programs import EXAMPLES, PATIENCE
from twisted.trial import unittest
from twisted.web.test._serving import PEERS
from twisted.web.test.browser import BrowserCase
from twisted.words.test._demo import FOLDER, PORTS, Demo, DemoCase, start

#: What no page, line or call may be changed by.
HOSTILE = "<script>alert(1)</script> & \"x\" 'y' %s {0} \\ ; |"


class FingerTests(DemoCase):
    """Finger."""

    def test_answers(self) -> None:
        self.assertEqual(self.finger("moshez"), "Happy and well")
        self.assertEqual(self.finger("/W moshez"), "Happy and well")
        self.assertEqual(self.finger("nobody"), "No such user")
        self.assertEqual(self.finger(""), "moshez\r\nshawn\r\nzo\u00eb\r\nAda Lovelace")

    def test_lineEnds(self) -> None:
        """With a line feed alone, as `echo` writes it, it works as well."""
        self.assertEqual(self.demo.exchange(b"moshez\n"), b"Happy and well\r\n")

    def test_halfClosed(self) -> None:
        """Whoever says that this was all gets his answer; whoever has said nothing, none."""
        for question, answer in (
            (b"moshez\r\n", b"Happy and well\r\n"),
            (b"mosh", b""),
            (b"", b""),
        ):
            with socket.create_connection(("127.0.0.1", self.demo.port["finger"])) as asking:
                asking.sendall(question)
                asking.shutdown(socket.SHUT_WR)
                self.assertEqual(asking.makefile("rb").read(), answer)

    def test_badQueries(self) -> None:
        exchange = self.demo.exchange
        self.assertEqual(exchange(b"\x00\x1b[2J\xff\r\n"), b"No such user\r\n")
        self.assertEqual(exchange(b"zo\xeb\r\n"), b"No such user\r\n")
        self.assertEqual(
            exchange(b"moshez@example.com\r\n"), b"Finger forwarding service denied\r\n"
        )
        # Exactly as much as it reads, so that no reset overtakes the answer.
        self.assertEqual(exchange(b"x" * 1025), b"Finger query too long\r\n")

    def test_silentAndGone(self) -> None:
        """A peer that hangs up without asking, or says nothing, is in nobody's way."""
        with socket.create_connection(("127.0.0.1", self.demo.port["finger"])):
            socket.create_connection(("127.0.0.1", self.demo.port["finger"])).close()
            self.assertEqual(self.finger("moshez"), "Happy and well")


class PageTests(DemoCase):
    """The pages and their form, as a browser without a window sees them."""

    def setUp(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        # Nobody vouches for the certificate of the demonstration.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(self.jar),
        )
        self.url = f"http://127.0.0.1:{self.demo.port['web']}"

    def get(self, path: str, data: bytes | None = None) -> tuple[int, str]:
        """The status of a page, and what it says."""
        try:
            with self.opener.open(self.url + path, data, timeout=PATIENCE) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def token(self) -> str:
        found = re.search('name="token" value="([0-9a-f]+)"', self.get("/")[1])
        assert found is not None
        return found[1]

    def tell(self, name: str, text: str, token: str | None = None) -> tuple[int, str]:
        """Send the form."""
        token = self.token() if token is None else token
        fields = {"name": name, "text": text, "token": token}
        return self.get("/", urllib.parse.urlencode(fields).encode())

    def test_everybody(self) -> None:
        status, page = self.get("/")
        self.assertEqual(status, 200)
        self.assertIn('<a href="/users/Ada%20Lovelace">Ada Lovelace</a>', page)
        self.assertIn("At the other end of a very long wire", page)
        self.assertEqual(self.get("/style.css")[0], 200)

    def test_nobody(self) -> None:
        for path in ("/users/nobody", "/users/", "/users/%ff", "/other"):
            self.assertEqual(self.get(path)[0], 404)

    def test_tell(self) -> None:
        """What is told is on the pages, with what was told before, and is shown as text."""
        status, page = self.tell("zo\u00eb", HOSTILE)
        self.assertEqual(status, 200)
        self.assertNotIn("<script>", page)
        self.assertIn(HOSTILE, unescape(page))
        status, page = self.get("/users/zo%C3%AB")
        self.assertIn(HOSTILE, unescape(page))
        self.assertIn("Reading; asks not to be fingered before noon", page)
        self.assertLess(page.index("&lt;script&gt;"), page.index("Reading;"))
        self.assertEqual(self.finger("zo\u00eb"), HOSTILE)
        self.assertEqual(self.calls.getUser("zo\u00eb"), HOSTILE)

    def test_otherPeoplesForms(self) -> None:
        """A form that this browser was not given changes nothing."""
        stolen = self.token()
        for token in ("", "0" * 64, "\u00e9"):
            self.assertEqual(self.tell("moshez", "hacked", token)[0], 403)
        self.jar.clear()
        status, page = self.tell("moshez", "hacked", stolen)
        self.assertEqual(status, 403)
        self.assertIn("Please send it again", page)
        self.assertEqual(self.finger("moshez"), "Happy and well")

    def test_badStatuses(self) -> None:
        """What cannot be shown everywhere is refused, and says why."""
        for name, text, problem in [
            ("nobody", "well", "Nobody of that name"),
            ("moshez", " ", "there is nothing in it"),
            ("moshez", "x" * 301, "301 characters"),
            ("moshez", "a\r\nb", "cannot be printed"),
            ("moshez", "\x02bold\x1b[2J", "cannot be printed"),
        ]:
            status, page = self.tell(name, text)
            self.assertEqual(status, 400)
            self.assertIn(problem, page)
        self.assertEqual(self.tell("moshez", "x" * 60_000)[0], 413)
        self.assertEqual(self.finger("moshez"), "Happy and well")

    def test_headers(self) -> None:
        with self.opener.open(self.url + "/", timeout=PATIENCE) as response:
            policy = response.headers["Content-Security-Policy"]
            cookie = response.headers["Set-Cookie"]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=strict", cookie)

    def test_underTLS(self) -> None:
        self.url = f"https://127.0.0.1:{self.demo.port['https']}"
        self.assertIn("Happy and well", self.get("/users/moshez")[1])

    def test_bothForms(self) -> None:
        """The form works in a browser that has had it both with TLS and without.

        A browser does not let a page replace the cookie of another that came by TLS.
        """
        plain, self.url = self.url, f"https://127.0.0.1:{self.demo.port['https']}"
        self.assertEqual(self.tell("Ada Lovelace", "under TLS")[0], 200)
        self.url = plain
        self.assertEqual(self.tell("Ada Lovelace", "without")[0], 200)
        self.assertEqual(
            {(cookie.name, bool(cookie.secure)) for cookie in self.jar},
            {("__Host-visitor", True), ("visitor", False)},
        )


class CallTests(DemoCase):
    """XML-RPC and Perspective Broker."""

    def ask(self, python: Path, *arguments: object) -> str:
        """What the client of the demonstration prints."""
        if not python.exists():
            raise unittest.SkipTest(f"there is no {python}")
        words = [str(python), "-P", str(FOLDER / "ask.py"), *map(str, arguments)]
        done = subprocess.run(words, capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode().rstrip("\n")

    def test_xmlrpc(self) -> None:
        self.assertEqual(self.calls.getUser("moshez"), "Happy and well")
        self.assertIn("shawn", self.calls.getUsers())
        self.assertTrue(self.calls.setUser("shawn", "back \u2713"))
        self.assertEqual(self.finger("shawn"), "back \u2713")
        self.assertEqual(
            self.calls.system.methodSignature("setUser"), [["boolean", "string", "string"]]
        )

    def test_faults(self) -> None:
        binary = xmlrpc.client.Binary(b"well")
        wrong: list[tuple[tuple[Any, Any], str]] = [
            (("nobody", "well"), "No such user"),
            ((5, "well"), "No such user"),
            ((["moshez"], "well"), "No such user"),
            (("moshez", ""), "nothing in it"),
            (("moshez", 5), "not text"),
            (("moshez", binary), "not text"),
            (("moshez", "x" * 1000), "1000 characters"),
        ]
        for args, problem in wrong:
            with self.assertRaises(xmlrpc.client.Fault) as raised:
                self.calls.setUser(*args)
            self.assertIn(problem, raised.exception.faultString)
        with self.assertRaises(xmlrpc.client.ProtocolError) as refused:
            self.calls.setUser("moshez", "x" * 1024 * 1024)
        self.assertEqual(refused.exception.errcode, 413)
        self.assertEqual(self.finger("moshez"), "Happy and well")

    def test_callsOfPages(self) -> None:
        """A page cannot have a browser make a call."""
        body = xmlrpc.client.dumps(("moshez", "hacked"), "setUser").encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.demo.port['web']}/RPC2",
            body,
            {"Origin": "http://example.com", "Content-Type": "text/plain"},
        )
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(request, timeout=PATIENCE)
        raised.exception.close()
        self.assertEqual(raised.exception.code, 403)

    def test_broker(self) -> None:
        """From this Python, and from Twisted's own, with the same program."""
        port = self.demo.port["pb"]
        self.assertEqual(self.ask(Path(sys.executable), "pb", port, "moshez"), "Happy and well")
        text = self.ask(PEERS, "pb", port, "Ada Lovelace", "at the loom")
        self.assertEqual((text, self.finger("Ada Lovelace")), ("at the loom", "at the loom"))


class Chatter:
    """A client of IRC, by hand."""

    def __init__(self, port: int, nick: str, answer: str = "376") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.lines = self.socket.makefile("r", encoding="utf-8", newline="\r\n")
        self.say(f"PASS x\r\nNICK {nick}\r\nUSER {nick} 0 * :{nick}")
        self.wait(f" {answer} ")

    def say(self, line: str) -> None:
        self.socket.sendall(f"{line}\r\n".encode())

    def wait(self, part: str) -> str:
        """The next line with something in it; it comes, or the test is given up."""
        for line in self.lines:
            if part in line:
                return str(line.rstrip("\r\n"))
        raise AssertionError(f"the server hangs up; {part!r} did not come")

    def close(self) -> None:
        self.lines.close()
        self.socket.close()


class ChatTests(DemoCase):
    """IRC, and the bot in it."""

    def setUp(self) -> None:
        self.chatter = Chatter(self.demo.port["irc"], f"you{id(self) % 1000}")
        self.addCleanup(self.chatter.close)

    def ask(self, question: str) -> str:
        """What the bot answers to a question in private."""
        self.chatter.say(f"PRIVMSG townsman :{question}")
        return self.chatter.wait("PRIVMSG you").partition(" :")[2]

    def test_answers(self) -> None:
        self.assertEqual(self.ask("moshez"), "moshez: Happy and well")
        self.assertEqual(self.ask("nobody"), "No such user")
        self.assertIn("nothing in it", self.ask("moshez ="))
        self.assertIn("cannot be printed", self.ask("moshez = \x02bold"))

    def test_channel(self) -> None:
        """It answers who speaks to it, and tells of what changes, however it does."""
        self.chatter.say("JOIN #town")
        self.chatter.wait(" 366 ")
        self.chatter.say("PRIVMSG #town :townsman: shawn = at sea")
        self.assertTrue(self.chatter.wait("PRIVMSG #town").endswith(":shawn: at sea"))
        self.assertEqual(self.finger("shawn"), "at sea")
        self.calls.setUser("moshez", HOSTILE)
        self.assertTrue(self.chatter.wait("PRIVMSG #town").endswith(f":moshez: {HOSTILE}"))
        self.calls.setUser("moshez", "Happy and well")
        self.chatter.wait("PRIVMSG #town")

    def test_botsName(self) -> None:
        """Nobody else is called that."""
        Chatter(self.demo.port["irc"], "Townsman", "464").close()


class RunTests(unittest.SynchronousTestCase):
    """From the first line that it says to the last."""

    def setUp(self) -> None:
        if not FOLDER.is_dir():
            raise unittest.SkipTest(f"there is no {FOLDER}")

    def begin(self, *arguments: object) -> Demo:
        demo = Demo(*arguments)
        self.addCleanup(demo.process.communicate)
        self.addCleanup(demo.process.kill)
        return demo

    def write(self, content: bytes) -> Path:
        """Make a file of users."""
        path = Path(self.mktemp())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def complaint(self, *arguments: object) -> str:
        """Run it when it cannot; its one line of complaint."""
        words = [word for name in PORTS for word in (f"--{name}", "0")]
        program = start("finger", *words, *arguments)
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        out, err = program.communicate(timeout=PATIENCE)
        # There may be a log by then.
        self.assertNotIn(b"Ctrl-C", out)
        self.assertEqual(program.returncode, 1)
        self.assertEqual(err.count(b"\n"), 1, err)
        self.assertTrue(err.startswith((b"twistd: ", b"twistd finger: ")), err)
        return err.decode()

    def test_recipe(self) -> None:
        """`make demo` runs what these tests do."""
        makefile = (EXAMPLES.parents[1] / "Makefile").read_text()
        [recipe] = re.findall(r"^demo:.*\n\t(.*)$", makefile, re.MULTILINE)
        words = "$(BIN)/twistd --nodaemon --pidfile= finger --state .demo"
        self.assertEqual(recipe, f"PYTHONPATH=docs/examples/demo {words}")

    def test_asItSays(self) -> None:
        """The commands that it suggests do what they should, and so do those of the README."""
        readme = (EXAMPLES.parents[1] / "README.md").read_text("utf-8")
        documented = re.findall(r"^.*/1079.*$|^printf .* 1079$", readme, re.MULTILINE)
        self.assertEqual(len(documented), 2)
        demo = self.begin()
        commands = [demo.commands[name] for name in ("Finger", "HTTPS", "XML-RPC", "PB", "IRC")]
        commands += [line.replace("1079", str(demo.port["finger"])) for line in documented]
        for command in commands:
            for tool in ("nc", "curl"):
                if tool in command and shutil.which(tool) is None:
                    raise unittest.SkipTest(f"there is no {tool} to ask with")
            done = subprocess.run(
                ["bash", "-c", command], capture_output=True, timeout=PATIENCE, check=False
            )
            self.assertIn("Happy and well", done.stdout.decode(), (command, done.stderr))
        said = demo.stop()
        self.assertIn("Asked for 'moshez'\n", said)
        self.assertIn("Stopped.", said.splitlines()[-2:])
        # Nobody draws on the terminal of who runs it.
        visible = said.replace("\n", "")
        self.assertEqual([c for c in visible if unicodedata.category(c) == "Cc"], [])

    def test_state(self) -> None:
        """What was told is there the next time, and so is the certificate."""
        folder = Path(self.mktemp())
        demo = self.begin("--state", folder)
        calls = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{demo.port['web']}/RPC2")
        calls.setUser("moshez", "asleep")
        demo.stop()
        certificate = (folder / "certificate.pem").read_bytes()
        self.assertEqual((folder / "certificate.pem").stat().st_mode & 0o777, 0o600)
        demo = self.begin("--state", folder)
        self.assertEqual(demo.exchange(b"moshez\r\n"), b"asleep\r\n")
        demo.stop()
        self.assertEqual((folder / "certificate.pem").read_bytes(), certificate)

    def test_ownUsers(self) -> None:
        """Names and what there is to say are UTF-8 on the wire."""
        users = "\ufeff# Comment\n\nzo\u00eb :\tna\u00efve: \u2713\r\n  Ada  Lovelace: away\n"
        demo = self.begin("--users", self.write(users.encode()))
        self.assertEqual(demo.exchange("zo\u00eb\r\n".encode()), "na\u00efve: \u2713\r\n".encode())
        self.assertEqual(demo.exchange(b"Ada Lovelace\r\n"), b"away\r\n")
        self.assertEqual(demo.exchange(b"\r\n"), "zo\u00eb\r\nAda Lovelace\r\n".encode())
        demo.stop()

    def test_portInUse(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            complaint = self.complaint("--irc", port)
        self.assertIn(f":{port}: ", complaint)
        self.assertIn("Address already in use", complaint)
        self.assertIn("--irc", complaint)

    def test_badArguments(self) -> None:
        self.assertIn("99999", self.complaint("--finger", "99999"))
        self.assertIn("--prot not recognized", self.complaint("--prot", "1079"))

    def test_badUsers(self) -> None:
        """The line that makes no sense is named, and what is wrong with it."""
        path = Path(self.mktemp())
        self.assertIn(f"{path}: No such file or directory", self.complaint("--users", path))
        for content, problem in [
            (b"# Nobody yet\n", ": there is no user in it"),
            (b"moshez: well\nshawn: \xff", ", line 2: this is not UTF-8"),
        ]:
            path = self.write(content)
            self.assertIn(f"{path}{problem}", self.complaint("--users", path))


class ModuleCase(unittest.TestCase):
    """Tests with parts of the server, in this process."""

    def setUp(self) -> None:
        if not FOLDER.is_dir():
            raise unittest.SkipTest(f"there is no {FOLDER}")
        self.addCleanup(self.forget, list(sys.path))
        sys.path.insert(0, str(FOLDER))

    def forget(self, path: list[str]) -> None:
        sys.path[:] = path
        for name in [name for name in sys.modules if name.partition(".")[0] == "town"]:
            del sys.modules[name]


class UsersFileTests(ModuleCase):
    """The file of users."""

    def test_badLines(self) -> None:
        from town.users import readUsers  # type: ignore[import-not-found]  # an example

        for line, problem in [
            (b"shawn", "not of the form"),
            (b": well", "not of the form"),
            (b"shawn:", "not of the form"),
            (b"shawn: \x1b[2J", "cannot be printed"),
            (b"shawn@home: well", "@"),
            (b"shawn=x: well", "="),
            (b"moshez: again", "moshez has a line already"),
            (b"shawn: " + b"x" * 301, "301 characters"),
        ]:
            path = Path(self.mktemp())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"# Users\nmoshez: well\n" + line + b"\n")
            error = self.assertRaises(ValueError, readUsers, path)
            self.assertIn(f"{path}, line 3: ", str(error))
            self.assertIn(problem, str(error))


class UsersTests(ModuleCase):
    """The list of users."""

    async def test_order(self) -> None:
        """They stay in their order, whatever of what was said is forgotten."""
        from town import users  # type: ignore[import-not-found]  # an example

        everybody = users.Users(None, {"moshez": "well", "shawn": "far"})
        self.addCleanup(everybody.pool.close)
        for number in range(users.REMEMBERED + 1):
            await everybody.tell("moshez", f"at {number}", "a test")
        self.assertEqual(len(await everybody.history("moshez")), users.REMEMBERED)
        self.assertEqual([name for name, _, _ in await everybody.everybody()], ["moshez", "shawn"])


class ProtocolTests(ModuleCase):
    """Finger when answers or queries are long in coming."""

    def setUp(self) -> None:
        super().setUp()
        from town.finger import FingerFactory  # type: ignore[import-not-found]  # an example

        self.found: Deferred[str] = Deferred()
        factory = FingerFactory(None)
        factory.getUser = lambda user: self.later()
        self.clock = Clock()
        self.protocol: Any = factory.buildProtocol(None)
        self.protocol.callLater = self.clock.callLater
        self.transport = StringTransport()
        self.protocol.makeConnection(self.transport)

    async def later(self) -> str:
        return await self.found

    def test_answerLater(self) -> None:
        self.protocol.dataReceived(b"moshez\r\n")
        self.assertEqual(self.transport.value(), b"")
        self.assertFalse(self.transport.disconnecting)
        self.found.callback("Happy\nand well\n")
        self.assertEqual(self.transport.value(), b"Happy\r\nand well\r\n")
        self.assertTrue(self.transport.disconnecting)

    def test_answerFails(self) -> None:
        """The asker learns that, and the log what."""
        self.protocol.dataReceived(b"moshez\r\n")
        self.found.errback(ZeroDivisionError())
        self.assertEqual(self.transport.value(), b"Internal error in server\r\n")
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_patience(self) -> None:
        """A minute is enough, also for who sends a little now and then."""
        self.clock.advance(59)
        self.protocol.dataReceived(b"mosh")
        self.assertFalse(self.transport.disconnected)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnected)

    def test_gone(self) -> None:
        self.transport.loseConnection()
        self.protocol.connectionLost(None)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class BrowserTests(BrowserCase, DemoCase):
    """The pages in a real browser; the picture of the README is one of these."""

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        cls.demo.stop()

    def test_tell(self) -> None:
        page = self.page()
        page.open(f"http://127.0.0.1:{self.demo.port['web']}/")
        page.fill("input[name=text]", "At the <b>beach</b> \u2713")
        page.follow("button")
        self.assertIn("At the <b>beach</b>", page.text)
        page.picture("demo")
        page.follow("a[href='/users/moshez']")
        self.assertEqual(page.title, "moshez")
        self.assertIn("Happy and well", page.text)
        page.picture("demo-person")
