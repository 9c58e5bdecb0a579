"""The bot of section 2.2.5, on a server and with a client that are not ours."""

from __future__ import annotations

import re
import signal
import sys
from types import SimpleNamespace

from twisted.application.test._daemons import DaemonCase, Foreground
from twisted.application.test._listings import chapter, load
from twisted.internet.error import ConnectError, ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.test._programs import Sic, ircServer

CHAPTER = "ch02_irc"

WHISPERED = "It isn't nice to whisper! Play nice with the group."


class LogBotTests(DaemonCase):
    """It hears, and answers."""

    def bot(self, *arguments: object, **env: str) -> Foreground:
        """Run it, with its log in the folder."""
        words = [sys.executable, str(chapter(CHAPTER) / "ircLogBot.py"), *map(str, arguments)]
        return Foreground(self, words, env)

    def test_bot(self) -> None:
        """What is said on the channel is in the log, and whoever speaks to it gets an answer."""
        server, port = ircServer(self)
        client = Sic(self, port, "moshez")
        client.join("#twisted")
        bot = self.bot("#twisted", "log.txt", "127.0.0.1", port)
        client.until("^twistedbot .* JOIN ")
        client.say("Hello, all.")
        client.say("twistedbot: who are you?")
        client.hear("twistedbot", "moshez: I am a log bot")
        client.say("\x01ACTION waves\x01")
        client.say("\x1b[2Jx")
        client.say("psst", "twistedbot")
        client.hear("twistedbot", WHISPERED)
        client.rename("shawn")
        client.say("Bye.")
        client.say("done", "twistedbot")
        client.hear("twistedbot", WHISPERED)
        self.assertEqual(bot.end(signal.SIGINT), (0, ""))
        log = re.sub(r"^\[[\d:]{8}\] ", "", self.read("log.txt"), flags=re.MULTILINE).splitlines()
        self.assertRegex(log[0], r"^\[connected at .*\]$")
        self.assertEqual(
            log[1:-1],
            [
                "[I have joined #twisted]",
                "<moshez> Hello, all.",
                "<moshez> twistedbot: who are you?",
                "<twistedbot> moshez: I am a log bot",
                "* moshez waves",
                "<moshez> \ufffd[2Jx",
                "<moshez> psst",
                "moshez is now known as shawn",
                "<shawn> Bye.",
                "<shawn> done",
            ],
        )
        self.assertRegex(log[-1], r"^\[disconnected at .*\]$")
        self.assertEqual(server.process.poll(), None)

    def test_words(self) -> None:
        """It does so on a server of ours, which asks who it is."""
        users = ("--auth", "memory:twistedbot:secret:moshez:hidden", "--group", "twisted")
        words = ("words", "--irc-port", "tcp:0:interface=127.0.0.1", *users)
        server = self.foreground("-n", "--pidfile=", *words)
        port = int(server.until(r"starting on (\d+)")[1])
        client = Sic(self, port, "moshez", "hidden")
        client.join("#twisted")
        bot = self.bot("#twisted", "log.txt", "127.0.0.1", port, IRC_PASSWORD="secret")
        client.until("^twistedbot .* JOIN ")
        client.say("twistedbot: who are you?")
        client.hear("twistedbot", "moshez: I am a log bot")
        client.say("psst", "twistedbot")
        client.hear("twistedbot", WHISPERED)
        self.assertEqual(bot.end(signal.SIGINT), (0, ""))
        self.assertIn("<moshez> twistedbot: who are you?\n", self.read("log.txt"))
        self.assertEqual(server.end(signal.SIGTERM), (0, ""))

    def test_noServer(self) -> None:
        """Without a server it says so, and ends."""
        bot = self.bot("#twisted", "log.txt", "127.0.0.1", 1)
        bot.until("connection failed: .*refused")
        self.assertEqual(bot.end(), (0, ""))


class ReconnectingTests(SynchronousTestCase):
    """A bot that loses its connection."""

    def test_lost(self) -> None:
        """It comes back, at first soon; if nobody is there then, it does not give up."""
        names = load(self, chapter(CHAPTER) / "ircLogBot.py")
        factory = names["LogBotFactory"]("#twisted", self.mktemp())
        factory.clock = clock = Clock()
        attempts = []
        connector = SimpleNamespace(connect=lambda: attempts.append(clock.seconds()))
        factory.clientConnectionLost(connector, Failure(ConnectionDone()))
        clock.advance(10)
        factory.clientConnectionFailed(connector, Failure(ConnectError()))
        clock.pump([1] * 60)
        first, second = attempts
        self.assertLess(first, 11)
        self.assertGreater(second, 10)
