"""Either end of Perspective Broker, under whichever `twisted` the interpreter has.

    python -P _pbpeer.py serve <profile> <endpoint> <endpoint>
    python -P _pbpeer.py ask <profile> <endpoint> <endpoint>

The first endpoint has a root object, the second a portal.  A server says where it listens; a client
says what became of each thing that it asked for.  Nothing here is particular to one implementation.
"""

from __future__ import annotations

import gc
import io
import json
import sys
from typing import Any

from zope.interface import implementer

from twisted.cred import checkers, credentials, portal
from twisted.internet import defer, reactor, task
from twisted.internet.endpoints import clientFromString, serverFromString
from twisted.spread import pb, util

#: Both know classes by names of bytes; only one of them by names of text.
NAME = b"twisted.spread.test._pbpeer."


class Point(pb.Copyable, pb.RemoteCopy):
    """Goes as a copy, in both directions."""

    def getTypeToCopy(self) -> Any:
        return NAME + b"Point"


class Failing(pb.Error, pb.Copyable):
    """An error that goes as it is."""

    def getTypeToCopy(self) -> Any:
        return NAME + b"Failing"

    def getStateToCopy(self) -> Any:
        return {"code": self.args[0]}


class Failed(pb.RemoteCopy, Exception):
    """What becomes of it."""

    code: int


class Expected(pb.Error):
    """An error that goes by its name."""


class Pond(pb.Cacheable):
    """Goes as a copy that is kept up to date."""

    def __init__(self) -> None:
        self.ducks = 1
        self.observers: list[Any] = []

    def getTypeToCopy(self) -> Any:
        return NAME + b"Pond"

    def getStateToCacheAndObserveFor(self, perspective: Any, observer: Any) -> Any:
        self.observers.append(observer)
        return {"ducks": self.ducks}

    def stoppedObserving(self, perspective: Any, observer: Any) -> None:
        self.observers.remove(observer)

    def add(self) -> Any:
        self.ducks += 1
        return defer.gatherResults([o.callRemote("ducks", self.ducks) for o in self.observers])


class RemotePond(pb.RemoteCache):
    """What becomes of it."""

    ducks: int

    def observe_ducks(self, ducks: int) -> None:
        self.ducks = ducks


pb.setUnjellyableForClass(NAME + b"Point", Point)
pb.setUnjellyableForClass(NAME + b"Failing", Failed)
pb.setUnjellyableForClass(NAME + b"Pond", RemotePond)


class Unknown(pb.Copyable):
    """A class that the other end does not know."""


class View(pb.Viewable):
    """Is told who calls."""

    def view_whose(self, perspective: Any, value: Any) -> Any:
        return [type(perspective).__name__, perspective.name, value]


class Thing(pb.Referenceable):
    """Something to refer to."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def remote_hear(self, value: Any) -> int:
        self.heard.append(value)
        return len(self.heard)


class Root(pb.Root):
    """What a server serves."""

    def __init__(self) -> None:
        self.pond = Pond()
        self.thing = Thing()
        self.kept: Any = None

    def remote_echo(self, *args: Any, **kw: Any) -> Any:
        return [args, kw]

    def remote_later(self, value: Any) -> Any:
        return task.deferLater(reactor, 0, lambda: value)

    def remote_thing(self) -> Any:
        return self.thing

    def remote_isThing(self, thing: Any) -> bool:
        return thing is self.thing

    def remote_call(self, thing: Any, value: Any) -> Any:
        return thing.callRemote("hear", value)

    def remote_back(self, thing: Any) -> Any:
        return thing

    def remote_fail(self, how: str) -> Any:
        raise {"expected": Expected, "copyable": Failing, "bug": LookupError}[how](7)

    def remote_pond(self) -> Any:
        return self.pond

    def remote_isPond(self, pond: Any) -> bool:
        return pond is self.pond

    def remote_addDuck(self) -> Any:
        return self.pond.add().addCallback(lambda _: len(self.pond.observers))

    def remote_observers(self) -> int:
        return len(self.pond.observers)

    def remote_keep(self, pond: Any) -> Any:
        before, self.kept = self.kept, pond
        return getattr(before, "ducks", None)

    def remote_pages(self, collector: Any, size: int) -> None:
        util.StringPager(collector, bytes(size), 100_000)

    def remote_file(self, collector: Any, size: int) -> None:
        util.FilePager(collector, io.BytesIO(bytes(size)))


class User(pb.Avatar):
    """An avatar."""

    def __init__(self, name: Any, mind: Any) -> None:
        self.name = name
        self.mind = mind

    def perspective_whoami(self) -> Any:
        return self.name

    def perspective_view(self) -> Any:
        return View()

    def perspective_askMind(self, value: Any) -> Any:
        return self.mind.callRemote("hear", value)


@implementer(portal.IRealm)
class Realm:
    """Avatars for all."""

    def requestAvatar(self, avatarId: Any, mind: Any, *interfaces: Any) -> Any:
        name = "nobody" if avatarId is checkers.ANONYMOUS else avatarId.decode()
        return interfaces[0], User(name, mind), lambda: None


def shown(value: Any) -> Any:
    """A value as text that is the same for all."""
    if isinstance(value, pb.RemoteReference):
        return "a reference"
    if isinstance(value, (Point, RemotePond)):
        return [type(value).__name__, getattr(value, "ducks", None) or value.__dict__]
    return value


class Asking:
    """Asks for everything there is, and notes what became of it."""

    def __init__(self) -> None:
        self.notes: list[Any] = []

    async def ask(self, note: str, reference: Any, method: str, *args: Any, **kw: Any) -> Any:
        """Call a method; returns what it returns, and None if it fails."""
        try:
            result = await reference.callRemote(method, *args, **kw)
        except Failed as error:
            self.notes.append([note, "Failed", error.code])
        except pb.RemoteError as error:
            self.notes.append([note, error.remoteType.decode(), str(error)])
        except Exception as error:
            self.notes.append([note, type(error).__name__])
        else:
            self.notes.append([note, repr(shown(result))])
            return result

    async def everything(self, connect: Any, connectPortal: Any) -> list[Any]:
        """Returns what is noted."""
        ask = self.ask
        root = await connect()
        await ask("values", root, "echo", 1, -(2**70), 1.5, "t\xe9", b"b", None, True, b=[(), {}])
        shared = ["shared"]
        both = (await ask("shared", root, "echo", shared, shared))[0]
        self.notes.append(both[0] is both[1])
        await ask("later", root, "later", {"a": {1, 2}})
        thing = await ask("a reference", root, "thing")
        await ask("called", thing, "hear", "x")
        await ask("comes back", root, "isThing", thing)
        mine = Thing()
        await ask("calls us", root, "call", mine, "y")
        self.notes.append([mine.heard, (await root.callRemote("back", mine)) is mine])
        for how in ("expected", "copyable", "bug"):
            await ask(how, root, "fail", how)
        await ask("no such method", root, "nothing")
        # Not the other way round: a call whose answer Twisted refuses has no end there.
        await ask("unknown class", root, "echo", Unknown())
        point = Point()
        point.x, point.y = 1, "2"  # type: ignore[attr-defined]  # a copy has what came
        await ask("a copy", root, "later", point)
        await self.caching(root)
        for method in ("pages", "file"):
            pages = await util.getAllPages(root, method, 1 << 20)
            self.notes.append([method, b"".join(pages) == bytes(1 << 20)])
        root.callRemote("echo", pbanswer=0)
        await ask("lives", root, "echo")
        await self.logins(connectPortal)
        return self.notes

    async def caching(self, root: Any) -> None:
        """Both ends have a copy of the other's."""
        pond = await self.ask("a cache", root, "pond")
        await self.ask("changed", root, "addDuck")
        again = await root.callRemote("pond")
        self.notes.append([pond.ducks, again.ducks])
        await self.ask("comes back", root, "isPond", pond)
        del pond, again
        gc.collect()
        await root.callRemote("echo")  # gives them time
        await self.ask("let go", root, "observers")
        ours = Pond()
        await self.ask("they keep ours", root, "keep", ours)
        await ours.add()
        await self.ask("they saw", root, "keep", None)
        await root.callRemote("echo")
        self.notes.append(["observers of ours", len(ours.observers)])

    async def logins(self, connect: Any) -> None:
        """By name, and without; and not."""
        for name, password in ((b"bob", b"secret"), (b"bob", b"wrong"), (b"eve", b"secret")):
            mind = Thing()
            try:
                user = await connect(credentials.UsernamePassword(name, password), mind)
            except pb.RemoteError as error:
                self.notes.append(["login", error.remoteType.decode()])
                continue
            await self.ask("who", user, "whoami")
            await self.ask("mind", user, "askMind", 5)
            view = await self.ask("view", user, "view")
            await self.ask("whose", view, "whose", [1])
        nobody = await connect(credentials.Anonymous(), None)
        await self.ask("anonymous", nobody, "whoami")


def restrict(profile: str) -> None:
    """Speak one profile of Banana only."""
    pb.Broker.knownDialects = [profile.encode()]


async def serve(root: str, login: str) -> None:
    """Listen at two endpoints, and say where."""
    checker = checkers.InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")
    doors = portal.Portal(Realm(), [checker, checkers.AllowAnonymousAccess()])
    where = []
    for endpoint, served in ((root, Root()), (login, doors)):
        listening = await serverFromString(reactor, endpoint).listen(pb.PBServerFactory(served))
        where.append(getattr(listening.getHost(), "port", None))
    print(json.dumps(where), flush=True)
    await defer.Deferred()


async def ask(root: str, login: str) -> None:
    """Ask for everything, and print what became of it."""
    asking = Asking()

    async def connect() -> Any:
        factory = pb.PBClientFactory()
        await clientFromString(reactor, root).connect(factory)
        return await factory.getRootObject()

    async def connectPortal(known: Any, mind: Any) -> Any:
        factory = pb.PBClientFactory()
        await clientFromString(reactor, login).connect(factory)
        return await factory.login(known, mind)

    try:
        print(json.dumps(await asking.everything(connect, connectPortal)), flush=True)
    except BaseException:
        print(json.dumps(asking.notes), flush=True)
        raise


if __name__ == "__main__":
    restrict(sys.argv[2])
    task.react(
        lambda _: defer.ensureDeferred({"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[3:]))
    )
