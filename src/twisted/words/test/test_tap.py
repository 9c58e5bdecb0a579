"""Tests of ``twistd words``: its options, and the server that it is, with programs that people use.

Programs that are not here are not tested with.
"""

from __future__ import annotations

import io
import os
import pty
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import twisted
from twisted.application.test._daemons import PATIENCE, DaemonCase, Foreground
from twisted.plugin import getPlugins
from twisted.python import usage
from twisted.spread.pb import PBServerFactory
from twisted.trial.unittest import SkipTest, SynchronousTestCase
from twisted.words import tap
from twisted.words.iwords import IProtocolPlugin
from twisted.words.protocols.test import _ircpeer
from twisted.words.protocols.toc import TOCFactory
from twisted.words.service import IRCFactory
from twisted.words.tap import Options, makeService
from twisted.words.test._chat import Server

PEERS = Path(twisted.__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"
AUTH = ["--auth", "memory:alice:secret:bob:secret"]


#: irssi waits by itself, so as not to flood.
IRSSI = 'settings = { "irc/core" = { cmd_queue_speed = "10msec"; cmds_max_at_once = "50"; }; };'


class OptionTests(SynchronousTestCase):
    """What can be asked for."""

    def parse(self, *words: str) -> Options:
        """What a command line says."""
        options = Options()
        options.parseOptions(list(words))
        return options

    def refused(self, *words: str) -> str:
        """Why a command line is none."""
        e = self.assertRaises(usage.UsageError, lambda: makeService(self.parse(*words)))
        return str(e)

    def test_service(self) -> None:
        service = makeService(
            self.parse(
                *AUTH, "--irc-port", "tcp:0", "--pb-port", "tcp:0", "--group", "a", "--group", "B",
                "--operator", "alice", "--hostname", "chat.example", "--limit", "floodRate=none",
                "--limit", "nameBytes=9", "--create-groups",
            )
        )  # fmt: skip
        self.assertEqual(len(list(service)), 2)
        realm = service.realm
        self.assertEqual((realm.name, sorted(realm.groups)), ("chat.example", ["a", "b"]))
        self.assertTrue(realm.createGroupOnRequest)
        self.assertTrue(realm.isOperator("alice"))
        self.assertEqual((realm.limits.floodRate, realm.limits.nameBytes), (None, 9))
        self.assertIs(service.portal.realm, realm)

    def test_passwd(self) -> None:
        """The option of old still says who may log in."""
        path = self.mktemp()
        Path(path).write_text("alice:secret\n")
        options = self.parse("--passwd", path, "--irc-port", "tcp:0")
        self.assertEqual(len(options["credCheckers"]), 1)

    def test_motd(self) -> None:
        path = self.mktemp()
        Path(path).write_text("Be nice.\nOr else.\n")
        made: list[Any] = []
        plugin = Options.interfacePlugins["irc"]

        class Watching:
            name = "irc"

            def getFactory(self, *args: Any) -> Any:
                made.append(plugin.getFactory(*args))
                return made[0]

        self.patch(Options, "interfacePlugins", {"irc": Watching()})
        makeService(self.parse(*AUTH, "--irc-port", "tcp:0", "--motd", path))
        self.assertEqual(made[0].motd, ["Be nice.", "Or else."])

    def test_refused(self) -> None:
        port = ["--irc-port", "tcp:0"]
        for words, why in (
            ([*AUTH], "--irc-port or --pb-port or --toc-port"),
            (port, "--auth"),
            ([*AUTH, *port, "--limit", "floodRate"], "floodRate"),
            ([*AUTH, *port, "--limit", "floodRate=-1"], "more than 0"),
            ([*AUTH, *port, "--limit", "floodRate=nan"], "more than 0"),
            ([*AUTH, *port, "--limit", "nameBytes=none"], "cannot be left out"),
            ([*AUTH, *port, "--limit", "nameBytes=x"], "nameBytes=x"),
            ([*AUTH, *port, "--limit", "x=1"], "--help-limits"),
            ([*AUTH, *port, "--group", "a b"], "no spaces"),
            ([*AUTH, *port, "--group", "a", "--group", "A"], "DuplicateGroup"),
            ([*AUTH, *port, "--hostname", "a b"], "one word"),
            ([*AUTH, *port, "--motd", "/nonexistent"], "--motd"),
            ([*AUTH, *port, "--cluster", "localhost"], "redis://"),
        ):
            self.assertIn(why, self.refused(*words), words)

    def test_noLibrary(self) -> None:
        """Without the library for Redis there is no cluster, and it is said what to install."""

        def missing(name: str) -> None:
            raise ImportError("No module named 'redis'")

        self.patch(tap, "namedAny", missing)
        words = [*AUTH, "--irc-port", "tcp:0", "--cluster", "redis://localhost"]
        self.assertIn("torsion[redis]", self.refused(*words))

    def test_helpLimits(self) -> None:
        options = Options()
        options.authOutput = io.StringIO()
        self.assertRaises(SystemExit, options.parseOptions, ["--help-limits"])
        self.assertIn("  lineBytes=512\n", options.authOutput.getvalue())

    def test_plugins(self) -> None:
        """The front ends are plugins."""
        found: dict[str, Any] = {plugin.name: plugin for plugin in getPlugins(IProtocolPlugin)}
        server = Server()
        self.assertIsInstance(found["irc"].getFactory(server.realm, server.portal), IRCFactory)
        self.assertIsInstance(found["pb"].getFactory(server.realm, server.portal), PBServerFactory)
        self.assertIsInstance(found["toc"].getFactory(server.realm, server.portal), TOCFactory)


class ProgramTests(DaemonCase):
    """The server as a program, and the programs that people use."""

    def setUp(self) -> None:
        super().setUp()
        words = ["--hostname", "chat.example", "--irc-port", "tcp:0:interface=127.0.0.1", *AUTH]
        self.server = self.foreground("-n", "words", *words, "--create-groups")
        self.number = int(self.server.until(r"IRCFactory starting on (\d+)")[1])

    def talker(self, name: str) -> Talker:
        """Somebody who waits in a channel."""
        talker = Talker(self.number, name)
        self.addCleanup(talker.close)
        return talker

    def need(self, program: str) -> str:
        """The path of a program."""
        path = shutil.which(program)
        if path is None:
            raise SkipTest(f"there is no {program}")
        return path

    def test_end(self) -> None:
        """It ends as it is told to."""
        talker = self.talker("alice")
        status, err = self.server.end(signal.SIGTERM)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(talker.lines.read(), "")

    def test_sic(self) -> None:
        alice = self.talker("alice")
        words = ["-h", "127.0.0.1", "-p", str(self.number), "-n", "bob", "-k", "secret"]
        sic = Foreground(self, [self.need("sic"), *words], {})
        sic.until(">< 376 ")
        sic.type(":j #chat")
        self.assertEqual(alice.hear("JOIN"), ":bob!bob@chat.example JOIN #chat")
        sic.until(">< 366 ")
        sic.type("hello")
        self.assertEqual(alice.hear("PRIVMSG"), ":bob!bob@chat.example PRIVMSG #chat :hello")
        alice.say("PRIVMSG #chat :hello yourself")
        sic.until("<alice> hello yourself")
        sic.type(":l #chat")
        self.assertIn("PART #chat", alice.hear("PART"))

    def test_ii(self) -> None:
        """A client whose connections are files."""
        alice = self.talker("alice")
        words = ["-s", "127.0.0.1", "-p", str(self.number), "-n", "bob", "-k", "PASS", "-i", "ii"]
        Foreground(self, [self.need("ii"), *words], {"PASS": "secret"})
        folder = os.path.join(self.folder, "ii", "127.0.0.1")
        # It makes its files before it connects.
        alice.until(lambda: os.path.exists(f"{folder}/in"))
        self._put(f"{folder}/in", "/j #chat")
        self.assertIn("bob!bob@chat.example JOIN", alice.hear("JOIN"))
        alice.until(lambda: os.path.exists(f"{folder}/#chat/in"))
        self._put(f"{folder}/#chat/in", "hello")
        self.assertEqual(alice.hear("PRIVMSG"), ":bob!bob@chat.example PRIVMSG #chat :hello")
        alice.say("PRIVMSG #chat :and to you")

        def heard() -> bool:
            with open(f"{folder}/#chat/out", encoding="utf-8") as file:
                return "<alice> and to you" in file.read()

        alice.until(heard)

    def _put(self, path: str, line: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def test_irssi(self) -> None:
        alice = self.talker("alice")
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.write("irssi/config", IRSSI)
        words = ["--home", self.path("irssi"), "-c", "127.0.0.1", "-p", str(self.number)]
        irssi = subprocess.Popen(
            [self.need("irssi"), *words, "-n", "bob", "-w", "secret"],
            stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "vt100"},
        )  # fmt: skip
        os.close(theirs)
        self.addCleanup(irssi.wait, PATIENCE)
        self.addCleanup(irssi.kill)
        alice.until(lambda: bool(alice.ask("ISON bob", " 303 ").endswith(":bob")))
        os.write(ours, b"/join #chat\n")
        self.assertEqual(alice.hear("JOIN"), ":bob!bob@chat.example JOIN #chat")
        for line, heard in (
            (b"hello", "PRIVMSG #chat :hello"),
            (b"/me waves", "PRIVMSG #chat :\x01ACTION waves\x01"),
            (b"/msg alice psst", "PRIVMSG alice :psst"),
            (b"/part #chat", "PART #chat"),
        ):
            os.write(ours, line + b"\n")
            self.assertIn(heard, alice.hear(heard.split(" ")[0]))
        os.write(ours, b"/quit\n")
        irssi.wait(PATIENCE)

    def test_twisted(self) -> None:
        """Twisted's own client."""
        if not PEERS.exists():
            raise SkipTest(f"there is no {PEERS}")
        alice = self.talker("alice")
        words = [str(PEERS), "-P", str(_ircpeer.__file__), "bot", str(self.number), "bob", "#chat"]
        bot = Foreground(self, words, {})
        self.assertIn("bob!bob@chat.example JOIN", alice.hear("JOIN"))
        alice.say("PRIVMSG bob :hello", 'PRIVMSG bob :do msg ["#chat", "hi"]')
        bot.until(r'"privmsg", "alice!alice@chat.example", "bob", "hello"')
        self.assertIn("PRIVMSG #chat :hi", alice.hear("PRIVMSG"))
        alice.say("TOPIC #chat :News", "MODE #chat +m", "KICK #chat bob :go")
        bot.until(r'"topicUpdated", "alice", "#chat", "News"')
        bot.until(r'"modeChanged", .*"m"')
        bot.until(r'"kickedFrom", "#chat", "alice", "go"')


class Talker:
    """Somebody who is in the channel, by a socket."""

    def __init__(self, port: int, name: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.lines = self.socket.makefile("r", encoding="utf-8", newline="\r\n")
        self.say("PASS secret", f"NICK {name}", f"USER {name} 0 * :{name}", "JOIN #chat")
        self.hear(" 366 ")

    def say(self, *lines: str) -> None:
        """Send lines."""
        self.socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def hear(self, part: str) -> str:
        """The next line with something in it."""
        for line in self.lines:
            if part in line:
                return line.rstrip("\r\n")
        raise AssertionError(f"{part!r} has not come")

    def ask(self, line: str, part: str) -> str:
        """What is answered."""
        self.say(line)
        return self.hear(part)

    def until(self, condition: Any) -> None:
        """Wait for something that another program does: one answer of the server after another."""
        for _ in range(PATIENCE * 10):
            if condition():
                return
            self.ask("PING :x", "PONG")
        raise AssertionError("that has not come")

    def close(self) -> None:
        """Hang up."""
        self.lines.close()
        self.socket.close()
