"""A chat server in memory, and clients of IRC that talk to it."""

from __future__ import annotations

from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.words.service import InMemoryWordsRealm, IRCFactory, WordsLimits

#: Limits under which nobody has to wait.
QUICK = WordsLimits(floodRate=None)

#: The server, and the password of everybody.
SERVER = "chat.example"
PASSWORD = "secret"
NAMES = ("alice", "bob", "carol", "dave")


def source(name: str) -> str:
    """Whom what a user does is from."""
    return f":{name}!{name}@{SERVER}"


class Server:
    """A realm with a few accounts, and a front end for IRC.

    Attributes:
        realm: the realm.
        portal: the portal.
        factory: the front end.
        clock: its clock.
    """

    def __init__(self, limits: WordsLimits | None = None, groups: tuple[str, ...] = ()) -> None:
        self.realm = InMemoryWordsRealm(SERVER)
        if limits is not None:
            self.realm.limits = limits
        self.realm.createGroupOnRequest = True
        for name in groups:
            self.realm.createGroup(name)
        checker = InMemoryUsernamePasswordDatabaseDontUse()
        for name in NAMES:
            checker.addUser(name, PASSWORD)
        self.portal = Portal(self.realm, [checker])
        self.clock = Clock()
        self.factory = IRCFactory(self.realm, self.portal)
        self.factory.clock = self.clock

    def connect(self) -> Client:
        """A client that has not said anything."""
        return Client(self.factory.buildProtocol(None))

    def login(self, name: str, *channels: str) -> Client:
        """A client that has logged in, and joined channels; what it was told is read."""
        client = self.connect()
        client.say(f"PASS {PASSWORD}", f"NICK {name}", f"USER {name} 0 * :{name.title()} Doe")
        for channel in channels:
            client.say(f"JOIN {channel}")
        client.heard()
        return client


class Client:
    """One end of a connection in memory, of which the other end is the server's.

    Attributes:
        protocol: the server's end.
        transport: what that writes to.
    """

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.transport = StringTransport()
        protocol.makeConnection(self.transport)

    def say(self, *lines: str) -> None:
        """Send lines."""
        self.send("".join(f"{line}\r\n" for line in lines).encode())

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.protocol.dataReceived(data)

    def heard(self) -> list[str]:
        """The lines that came since they were last read."""
        data = self.transport.value().decode()
        self.transport.clear()
        assert data == "" or data.endswith("\r\n"), data
        return data.split("\r\n")[:-1]

    def answers(self, *lines: str) -> list[str]:
        """What comes of lines: without the name of the server, where it begins with it."""
        self.heard()
        self.say(*lines)
        return [line.removeprefix(f":{SERVER} ") for line in self.heard()]

    def numbers(self, *lines: str) -> list[str]:
        """The numbers of replies, or the commands, that come of lines."""
        return [
            line.split(" ")[1] if line.startswith(":") else line.split(" ")[0]
            for line in self.answers(*lines)
        ]

    def leave(self) -> None:
        """End the connection."""
        self.protocol.connectionLost(Failure(ConnectionDone()))
