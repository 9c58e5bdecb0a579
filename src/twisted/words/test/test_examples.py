"""The bot of section 2.2.5, on a server and with a client that are not ours."""

from __future__ import annotations

import re
import signal
import sys

from twisted.application.test._daemons import DaemonCase, Foreground
from twisted.application.test._listings import chapter
from twisted.words.test._programs import ircClient, ircServer

CHAPTER = "ch02_irc"


class LogBotTests(DaemonCase):
    """It hears, is asked, and comes back."""

    def bot(self, *arguments: object) -> Foreground:
        """Run it, with its log in the folder."""
        words = [sys.executable, str(chapter(CHAPTER) / "ircLogBot.py"), *map(str, arguments)]
        return Foreground(self, words, {})

    def test_bot(self) -> None:
        """What is said on the channel is in the log, and whoever speaks to it gets an answer."""
        server, port = ircServer(self)
        client = ircClient(self, port, "moshez")
        client.type(":j #twisted")
        client.until("JOIN|366")
        bot = self.bot("#twisted", "log.txt", "127.0.0.1", port)
        client.until("^twistedbot .*JOIN")
        for said in ("Hello, all.", "twistedbot: who are you?", "\x01ACTION waves\x01", "\x1b[2Jx"):
            client.type(said)
        client.until("<twistedbot> moshez: I am a log bot")
        client.type(":m twistedbot psst")
        client.until("<twistedbot> It isn't nice to whisper")
        client.type(":NICK shawn")
        client.until("NICK")
        client.type("Bye.")
        client.type(":m twistedbot done")
        client.until("<twistedbot> It isn't nice to whisper")
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

    def test_noServer(self) -> None:
        """Without a server it says so, and ends."""
        bot = self.bot("#twisted", "log.txt", "127.0.0.1", 1)
        bot.until("connection failed: .*refused")
        self.assertEqual(bot.end(), (0, ""))
