"""What IRC costs, for whichever `twisted` the interpreter has.

In "parse", a server's end of a connection gets commands, each in a piece, as people type them, and
calls an empty method for each; in "pasted", they are a hundred in a piece. In "client", a client
gets messages, ten in a piece. In "serve", 1,000 clients are in 100
channels of one chat server, in one process and without sockets; one says something, and the nine
others of its channel are told: each of these ten is a message. As a program, prints the name of
each case and its messages per second of processor time, as JSON:

    .venv/bin/python benchmarks/irc_cases.py [seconds per case] [name ...]
"""

import os
import sys

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet.testing import StringTransport
from twisted.words import service
from twisted.words.protocols import irc

# The harness keeps this folder off the path, on which there might be another `twisted`.
sys.path.append(os.path.dirname(__file__))
import timing

MANY = 100
CLIENTS = 1000
CHANNELS = 100
MEMBERS = CLIENTS // CHANNELS
TEXT = "so I said to them: it is not the parser that is slow, it is what you do with it"


class Sink(StringTransport):
    """Counts what is written, and forgets it."""

    count = 0

    def write(self, data):
        self.count += data.count(b"\n")

    def writeSequence(self, data):
        self.write(b"".join(data))


class Server(irc.IRC):
    """Does nothing."""

    def irc_PRIVMSG(self, prefix, params):
        pass

    irc_PING = irc_MODE = irc_PRIVMSG


class Client(irc.IRCClient):
    """Does nothing, either."""

    performLogin = False
    nickname = "me"

    def privmsg(self, *what):
        pass

    userJoined = modeChanged = privmsg


def _feeding(protocol, lines, count):
    """A case: pieces of `count` lines each, again and again."""
    texts = [lines[at % len(lines)].format(at % CHANNELS) + "\r\n" for at in range(MANY)]
    pieces = ["".join(texts[at : at + count]).encode() for at in range(0, MANY, count)]

    def case(rounds):
        end = protocol()
        end.makeConnection(Sink())
        for _ in range(rounds // MANY):
            for piece in pieces:
                end.dataReceived(piece)

    return case


class Party:
    """Clients in channels."""

    def __init__(self):
        realm = service.InMemoryWordsRealm("bench")
        realm.createGroupOnRequest = True
        if hasattr(service, "WordsLimits"):
            realm.limits = service.WordsLimits(floodRate=None)
        checker = InMemoryUsernamePasswordDatabaseDontUse()
        factory = service.IRCFactory(realm, Portal(realm, [checker]))
        self.ends, self.sinks = [], []
        for number in range(CLIENTS):
            name = f"user{number}"
            checker.addUser(name, "secret")
            end, sink = factory.buildProtocol(None), Sink()
            end.makeConnection(sink)
            for line in (
                "PASS secret",
                f"NICK {name}",
                f"USER {name} 0 * :A Name",
                f"JOIN #channel{number % CHANNELS}",
            ):
                end.dataReceived(f"{line}\r\n".encode())
            self.ends.append(end)
            self.sinks.append(sink)
        self.said = [
            f"PRIVMSG #channel{number % CHANNELS} :{TEXT}\r\n".encode() for number in range(CLIENTS)
        ]


_party = None


def serve(rounds):
    """One says something, and its channel hears it."""
    global _party
    if _party is None:
        _party = Party()
    party = _party
    before = sum(sink.count for sink in party.sinks)
    times = rounds // MEMBERS
    for at in range(times):
        party.ends[at % CLIENTS].dataReceived(party.said[at % CLIENTS])
    heard = sum(sink.count for sink in party.sinks) - before
    if heard != times * (MEMBERS - 1):
        raise AssertionError(f"{heard} of {times * (MEMBERS - 1)} heard")


# Most of what there is on a chat server is talk.
TALK = 8
COMMANDS = [
    *[f"PRIVMSG #channel{{}} :{TEXT}"] * TALK,
    "PING :server",
    ":nick{} MODE #channel +o somebody",
]
MESSAGES = [
    *[f":nick{{}}!user@host.example PRIVMSG #channel :{TEXT}"] * TALK,
    ":nick{}!user@host.example JOIN #channel",
    ":nick{}!user@host.example MODE #channel +o somebody",
]
CASES = {
    "parse": _feeding(Server, COMMANDS, 1),
    "pasted": _feeding(Server, COMMANDS, MANY),
    "client": _feeding(Client, MESSAGES, 10),
    "serve": serve,
}


if __name__ == "__main__":
    timing.main(CASES, timing.measure_cpu)
