"""The other end of IRC, under whichever `twisted` the interpreter has.

As a program, it is a bot or a chat server:

    python -P _ircpeer.py bot <port> <nickname> <channel>
    python -P _ircpeer.py server

The bot prints what happens to it, and does what it is told to: ``do <method> <JSON arguments>``.
The server prints its port; ``alice`` and ``bob`` may come, with the password ``secret``. Nothing of
this file is particular to one implementation.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory
from twisted.words.protocols import irc
from twisted.words.service import InMemoryWordsRealm, IRCFactory

EVENTS = [
    "signedOn",
    "joined",
    "left",
    "privmsg",
    "noticed",
    "action",
    "kickedFrom",
    "userJoined",
    "userLeft",
    "userQuit",
    "userKicked",
    "userRenamed",
    "nickChanged",
    "topicUpdated",
    "modeChanged",
    "pong",
]


class Bot(irc.IRCClient):
    """Tells of what happens to it, and does what it is told to."""

    channel = ""

    def signedOn(self) -> None:
        self.join(self.channel)

    def tell(self, name: str, *what: object) -> None:
        """An event has come."""
        print(json.dumps([name, *what], default=str), flush=True)

    def privmsg(self, user: str, channel: str, message: str) -> None:
        if message.startswith("do "):
            _, name, arguments = message.split(" ", 2)
            getattr(self, name)(*json.loads(arguments))
        else:
            self.tell("privmsg", user, channel, message)


def _telling(name: str) -> Any:
    event = getattr(irc.IRCClient, name)

    def tell(self: Any, *what: object) -> None:
        event(self, *what)
        self.tell(name, *what)

    return tell


for _name in EVENTS:
    if _name not in ("privmsg", "signedOn"):
        setattr(Bot, _name, _telling(_name))


def bot(port: str, nickname: str, channel: str) -> None:
    """Connect, and be a bot."""
    factory = ClientFactory()
    factory.protocol = Bot
    Bot.nickname, Bot.channel = nickname, channel
    Bot.username, Bot.realname, Bot.password = nickname, "A Bot", "secret"
    there: Any = reactor
    there.connectTCP("127.0.0.1", int(port), factory)


def server() -> None:
    """Listen."""
    realm = InMemoryWordsRealm("peer.example")
    realm.createGroupOnRequest = True
    checker = InMemoryUsernamePasswordDatabaseDontUse()
    for name in ("alice", "bob"):
        checker.addUser(name, "secret")
    there: Any = reactor
    port = there.listenTCP(0, IRCFactory(realm, Portal(realm, [checker])), interface="127.0.0.1")
    print(port.getHost().port, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "bot":
        bot(*sys.argv[2:])
    else:
        server()
    running: Any = reactor
    running.run()
