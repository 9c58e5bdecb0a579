"""A program that chats by Perspective Broker, with this implementation or with Twisted's own.

    python _pbpeer.py PORT: a client of a server; notes what it is told, as lines of JSON
    python _pbpeer.py serve: a server, which tells its port

It uses what both have, and nothing else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.credentials import UsernamePassword
from twisted.cred.portal import Portal
from twisted.internet import defer, reactor, task
from twisted.spread import pb
from twisted.words import service


def note(*what: Any) -> None:
    """Tell what has happened."""
    print(json.dumps(what), flush=True)


class Mind(service.PBMind):
    """Notes what it is told, and lets those wait who want to know."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[str, Any] = {}

    def wait(self, event: str) -> Any:
        """A Deferred of the next event of a kind."""
        self.waiting[event] = defer.Deferred()
        return self.waiting[event]

    def _happened(self, event: str, *what: Any) -> None:
        note(event, *what)
        if event in self.waiting:
            self.waiting.pop(event).callback(None)

    def remote_receive(self, sender: Any, recipient: Any, message: dict[str, Any]) -> None:
        kind = type(sender).__name__
        self._happened("receive", kind, getattr(recipient, "name", None), message)

    def remote_userJoined(self, user: Any, group: Any) -> None:
        self._happened("joined", user.name)

    def remote_userLeft(self, user: Any, group: Any, reason: Any) -> None:
        self._happened("left", user.name, reason)

    def remote_groupMetaUpdate(self, group: Any, meta: dict[str, Any]) -> None:
        self._happened("meta", group.name, meta["topic"])


@defer.inlineCallbacks
def chat(port: int) -> Generator[Any, Any, None]:
    """Two users, who say what there is to be said."""
    minds: list[Any] = []
    avatars: list[Any] = []
    groups: list[Any] = []
    for name in (b"alice", b"bob"):
        factory = pb.PBClientFactory()
        reactor.connectTCP("127.0.0.1", port, factory)
        mind = Mind()
        joined = minds[0].wait("joined") if minds else None
        avatar = yield factory.login(UsernamePassword(name, b"secret"), mind)
        note(type(avatar).__name__)
        group = yield avatar.join("Chat")
        note(type(group).__name__, group.name)
        minds.append(mind)
        avatars.append(avatar)
        groups.append(group)
        if joined is not None:
            yield joined
    for message in ({"text": "hello"}, {"text": "hops é", "type": "action"}):
        heard = minds[0].wait("receive")
        result = yield groups[1].send(message)
        note("sent", result)
        yield heard
    try:
        yield avatars[0].join("none")
    except Exception as e:
        note(type(e).__name__, str(e))
    heard = minds[0].wait("left")
    yield groups[1].leave("bye")
    yield heard
    for factory_avatar in avatars:
        yield factory_avatar.quit()
    note("quit")


def serve() -> None:
    """A server with one group."""
    realm = service.InMemoryWordsRealm("chat.example")
    realm.createGroup("chat")
    checker = InMemoryUsernamePasswordDatabaseDontUse()
    for name in (b"alice", b"bob"):
        checker.addUser(name, b"secret")
    factory = pb.PBServerFactory(Portal(realm, [checker]))
    where: Any = reactor.listenTCP(0, factory, interface="127.0.0.1").getHost()
    note(where.port)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        reactor.callWhenRunning(serve)
        reactor.run()
    else:
        task.react(lambda _: chat(int(sys.argv[1])))
