"""Requests of CTCP that a client of IRC makes and answers."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.words.protocols.irc import _limits
from twisted.words.protocols.test._irc import ClientTests


class CtcpTests(ClientTests):
    """Requests that a client makes and answers."""

    def ask(self, query: str, channel: str = "me") -> list[str]:
        """Ask the client; its answers."""
        self.client._ircClock.advance(60)
        self.hear(f":o!u@h PRIVMSG {channel} :\x01{query}\x01")
        return self.sent()

    def test_answers(self) -> None:
        """What everybody is answered, in a channel too, whatever the case."""
        self.assertEqual(self.ask("PING 1 2"), ["NOTICE o :\x01PING 1 2\x01"])
        self.assertEqual(self.ask("ping x", "#c"), ["NOTICE o :\x01PING x\x01"])
        self.assertEqual(
            self.ask("ERRMSG x"), ["NOTICE o :\x01ERRMSG x :No error has occurred.\x01"]
        )
        (told,) = self.ask("TIME")
        self.assertTrue(told.startswith("NOTICE o :\x01TIME :"), told)
        (told,) = self.ask("CLIENTINFO")
        names = "ACTION CLIENTINFO DCC ERRMSG FINGER PING SOURCE TIME USERINFO VERSION"
        self.assertEqual(told, f"NOTICE o :\x01CLIENTINFO {names}\x01")
        (told,) = self.ask("CLIENTINFO PING")
        self.assertIn("the same back", told)

    def test_private(self) -> None:
        """What is told only if it is set."""
        for query in ("VERSION", "SOURCE", "USERINFO", "FINGER"):
            self.assertEqual(self.ask(query), [])
        self.client.versionName = "Bot"
        self.assertEqual(self.ask("VERSION"), ["NOTICE o :\x01VERSION Bot::\x01"])
        self.client.versionNum, self.client.versionEnv = "1", "Linux"
        self.assertEqual(self.ask("VERSION"), ["NOTICE o :\x01VERSION Bot:1:Linux\x01"])
        self.client.sourceURL = "http://x"
        self.assertEqual(self.ask("SOURCE"), ["NOTICE o :\x01SOURCE http://x\x01\x01SOURCE\x01"])
        self.client.userinfo = "I am"
        self.assertEqual(self.ask("USERINFO"), ["NOTICE o :\x01USERINFO I am\x01"])
        self.client.fingerReply = "idle"
        self.assertEqual(self.ask("FINGER"), ["NOTICE o :\x01FINGER idle\x01"])
        self.client.fingerReply = lambda: "called"
        self.assertEqual(self.ask("FINGER"), ["NOTICE o :\x01FINGER called\x01"])

    def test_alike(self) -> None:
        """Of several alike in one message, one is answered."""
        self.assertEqual(self.ask("PING 1\x01\x01PING 2"), ["NOTICE o :\x01PING 1\x01"])

    def test_storm(self) -> None:
        """A storm is not answered, and time makes good."""
        storm = [f":o{n}!u@h PRIVMSG #c :\x01PING {n}\x01" for n in range(100)]
        self.client._ircClock.advance(60)
        self.hear(*storm)
        self.assertEqual(len(self.sent()), _limits.CTCP_BURST)
        self.client._ircClock.advance(_limits.CTCP_SECONDS * 2)
        self.hear(*storm)
        self.assertEqual(len(self.sent()), 2)
        self.client.connectionLost(Failure(ConnectionDone()))

    def test_actionsCount(self) -> None:
        """What needs no answer is heard, however much of it there is."""
        self.assertEqual(len(self.hear(*[":o!u@h PRIVMSG #c :\x01ACTION a\x01"] * 50)), 50)

    def test_longAnswer(self) -> None:
        """An answer that would be cut off is not sent."""
        self.assertEqual(self.ask("PING " + "x" * 600), [])

    def test_ping(self) -> None:
        """The time of an answer is told; an answer to nothing is not believed."""
        self.client.ping("o")
        (asked,) = self.sent()
        text = asked.removeprefix("PRIVMSG o :\x01PING ").rstrip("\x01")
        self.client.ping("o", "again")
        self.client._ircClock.advance(3)
        self.assertEqual(
            self.hear(f":o!u@h NOTICE me :\x01PING {text}\x01"), [("pong", "o!u@h", 3)]
        )
        for answer in (text, "", "\x10"):
            ((name, _),) = self.hear(f":o!u@h NOTICE me :\x01PING {answer}\x01")
            self.assertEqual(name, "quirkyMessage")
        ((name, _),) = self.hear(":p!u@h NOTICE me :\x01PING again\x01")
        self.assertEqual(name, "quirkyMessage")

    def test_pingsForgotten(self) -> None:
        """Answers are not waited for without end."""
        for number in range(100):
            self.client.ping("o", str(number))
        heard = self.hear(":o!u@h NOTICE me :\x01PING 0\x01", ":o!u@h NOTICE me :\x01PING 99\x01")
        self.assertEqual([name for name, *_ in heard], ["quirkyMessage", "pong"])

    def test_make(self) -> None:
        """Requests and answers of one's own."""
        self.client.ctcpMakeQuery("u", [("A", "b"), ("C", None)])
        self.client.ctcpMakeReply("u", [("A", ["x", "y"])])
        self.assertEqual(
            self.sent(), ["PRIVMSG u :\x01A b\x01\x01C\x01", "NOTICE u :\x01A x y\x01"]
        )
