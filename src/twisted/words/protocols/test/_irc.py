"""A client of IRC that notes its events, connected to nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from twisted.words.protocols import irc

#: The methods that a subclass overrides.
EVENTS = [
    "action",
    "bounce",
    "capabilitiesChanged",
    "created",
    "isupport",
    "joined",
    "kickedFrom",
    "left",
    "loggedIn",
    "loginFailed",
    "luserChannels",
    "luserClient",
    "luserMe",
    "luserOp",
    "modeChanged",
    "myInfo",
    "nickChanged",
    "noticed",
    "pong",
    "privmsg",
    "quirkyMessage",
    "receivedMOTD",
    "signedOn",
    "topicUpdated",
    "userJoined",
    "userKicked",
    "userLeft",
    "userQuit",
    "userRenamed",
    "yourHost",
    "ctcpUnknownQuery",
    "ctcpUnknownReply",
    "irc_unknown",
    "dccDoAcceptResume",
    "dccDoChat",
    "dccDoResume",
    "dccDoSend",
]


def _noting(name: str) -> Callable[..., Any]:
    event = getattr(irc.IRCClient, name)

    def note(self: Noting, *args: object) -> Any:
        self.events.append((name, *args))
        return event(self, *args)

    return note


class Noting(irc.IRCClient):
    """Notes what it is told."""

    nickname = "me"
    performLogin = False

    def __init__(self) -> None:
        self.events: list[tuple[object, ...]] = []
        self.bad: list[str] = []
        self._ircClock = Clock()

    def badMessage(self, line: str, *what: Any) -> None:
        self.bad.append(f"{line[:80]} | {what[1]}")


for _name in EVENTS:
    setattr(Noting, _name, _noting(_name))


class ClientTests(SynchronousTestCase):
    """Tests with a client in `self.client`."""

    def setUp(self) -> None:
        self.connect(Noting())

    def connect(self, client: Noting, **settings: object) -> None:
        """Make a client ours, and connect it."""
        for name, value in settings.items():
            setattr(client, name, value)
        self.client = client
        self.transport = StringTransport()
        client.makeConnection(self.transport)

    def sent(self) -> list[str]:
        """The lines that were sent since the last call."""
        data = self.transport.value().decode()
        self.transport.clear()
        self.assertTrue(not data or data.endswith("\r\n"))
        return data.split("\r\n")[:-1]

    def hear(self, *lines: str | bytes) -> list[tuple[object, ...]]:
        """Have the server say something; what the client was told because of it."""
        self.client.events.clear()
        for line in lines:
            data = line if isinstance(line, bytes) else line.encode()
            self.client.dataReceived(data + b"\r\n")
        return list(self.client.events)
