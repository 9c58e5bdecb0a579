"""Tests of copies, of copies that are kept up to date, and of views."""

from __future__ import annotations

import gc
import threading
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.python._turn import turn
from twisted.python.failure import Failure
from twisted.spread import _references, flavors, jelly, pb
from twisted.spread.test.pair import Pair
from twisted.trial import unittest


class Point(pb.Copyable):
    """Something that is copied."""

    def __init__(self, x: int) -> None:
        self.x = x


class RemotePoint(pb.RemoteCopy):
    """The copy."""

    x: int


class Secretive(pb.Copyable):
    """Something that tells different peers different things."""

    def getStateToCopyFor(self, perspective: Any) -> Any:
        return {"for": repr(perspective)}

    def getTypeToCopyFor(self, perspective: Any) -> str:
        return "their.Secretive"


class Both(pb.Copyable, pb.RemoteCopy):
    """A class that is the same at both ends; its copies may be part of themselves."""

    me: Any


class Listed(pb.Copyable):
    """Something whose state is no dictionary."""

    def getStateToCopy(self) -> Any:
        return [1, 2]


class RemoteListed(pb.RemoteCopy):
    """Its copy."""

    def setCopyableState(self, state: Any) -> None:
        self.items = state


class Pond(pb.Cacheable):
    """Something that is cached."""

    def __init__(self) -> None:
        self.ducks = ["one"]
        self.observers: list[Any] = []
        self.left: list[Any] = []
        self.states = 0

    def getStateToCacheAndObserveFor(self, perspective: Any, observer: Any) -> Any:
        self.states += 1
        self.observers.append(observer)
        return {"ducks": self.ducks}

    def stoppedObserving(self, perspective: Any, observer: Any) -> None:
        self.observers.remove(observer)
        self.left.append(perspective)


class RemotePond(pb.RemoteCache):
    """The copy.  An empty one is false, as a list is."""

    ducks: list[str]
    pond: Any

    def __len__(self) -> int:
        return len(self.ducks)

    def observe_add(self, duck: str) -> int:
        self.ducks.append(duck)
        return len(self.ducks)

    def observe_clear(self) -> None:
        del self.ducks[:]

    def observe_fail(self) -> None:
        raise pb.Error("no")


for here, there in ((Point, RemotePoint), (Both, Both), (Listed, RemoteListed), (Pond, RemotePond)):
    pb.setUnjellyableForClass(here, there)
pb.setUnjellyableForClass("their.Secretive", RemotePoint)


class Server(pb.Root):
    """Gives and takes."""

    def __init__(self) -> None:
        self.pond = Pond()
        self.taken: list[Any] = []

    def remote_take(self, value: Any) -> None:
        self.taken.append(value)

    def remote_drop(self) -> None:
        self.taken.clear()

    def remote_pond(self) -> Pond:
        return self.pond

    def remote_isPond(self, value: Any) -> bool:
        return value is self.pond

    def remote_same(self, value: Any) -> Any:
        return value


class FlavorTestCase(unittest.SynchronousTestCase):
    """A server and a client, in memory."""

    def setUp(self) -> None:
        self.served = Server()
        self.pond = self.served.pond
        self.pair = Pair(self.served)

    def collect(self) -> None:
        """Have what nobody refers to die, and say so."""
        gc.collect()
        self.pair.pump()


class CopyTests(FlavorTestCase):
    """Copyable and RemoteCopy."""

    def test_copied(self) -> None:
        """The peer gets another object each time, with the state of that time."""
        point = Point(1)
        self.pair.call("take", point)
        point.x = 2
        self.pair.call("take", point)
        self.assertEqual(
            [(type(p), p.x) for p in self.served.taken], [(RemotePoint, 1), (RemotePoint, 2)]
        )

    def test_sameMessage(self) -> None:
        """Within a message it is one object."""
        point = Point(1)
        self.pair.call("take", [point, point])
        one, two = self.served.taken[0]
        self.assertIs(one, two)

    def test_forPerspective(self) -> None:
        """State and name may depend on who gets it; without a login nobody in particular does."""
        self.pair.call("take", Secretive())
        self.assertEqual(vars(self.served.taken[0]), {"for": "None"})

    def test_symmetric(self) -> None:
        """One class may be both, and go back and forth; cycles hold."""
        one = Both()
        one.me = one
        found = self.pair.call("same", one)
        self.assertIsInstance(found, Both)
        self.assertIsNot(found, one)
        self.assertIs(found.me, found)

    def test_anyState(self) -> None:
        """The state is what both ends make of it."""
        self.pair.call("take", Listed())
        self.assertEqual(self.served.taken[0].items, [1, 2])

    def test_wrongState(self) -> None:
        """A state that is no dictionary needs a class that takes it."""
        sexp = [b"their.Secretive", [b"list"]]
        self.assertRaises(jelly.InsecureJelly, jelly.unjelly, sexp)
        self.assertRaises(jelly.InsecureJelly, jelly.unjelly, [b"their.Secretive"])

    def test_fromPython2(self) -> None:
        """Names of attributes may be byte strings."""
        found = jelly.unjelly([b"their.Secretive", [b"dictionary", [b"x", 1]]])
        self.assertEqual(found.x, 1)

    def test_withoutConnection(self) -> None:
        """Flavors can be written without a connection too, as instances."""
        self.assertEqual(jelly.unjelly(jelly.jelly(Point(3))).x, 3)
        self.assertEqual(jelly.jelly(Server().pond)[0], b"twisted.spread.test.test_flavors.Pond")
        self.assertEqual(jelly.jelly(pb.Referenceable())[1], [b"dictionary"])
        self.assertEqual(jelly.jelly(pb.Viewable())[1], [b"dictionary"])


class CacheTests(FlavorTestCase):
    """Cacheable and RemoteCache."""

    def test_once(self) -> None:
        """The state goes once; later it is a number, and the copy is the same object."""
        one, two = self.pair.call("pond"), self.pair.call("pond")
        self.assertIs(one, two)
        self.assertEqual((self.pond.states, one.ducks), (1, ["one"]))

    def test_itself(self) -> None:
        """Its state can mean the object: the copy, at the other end."""
        state = {"ducks": ["one"], "pond": self.pond}
        self.patch(self.pond, "getStateToCacheAndObserveFor", lambda perspective, observer: state)
        copy = self.pair.call("pond")
        self.assertIs(copy.pond, copy)
        self.assertEqual(copy.ducks, ["one"])

    def test_updated(self) -> None:
        """What observers are told is done to the copy; they get the answers."""
        copy = self.pair.call("pond")
        (observer,) = self.pond.observers
        self.assertEqual(self.pair.result(observer.callRemote("add", "two")), 2)
        self.assertEqual(copy.ducks, ["one", "two"])
        self.assertTrue(self.pair.result(observer.remoteMethod("fail")()).check(pb.Error))
        self.assertTrue(self.pair.result(observer.callRemote("nothing")).check(pb.NoSuchMethod))

    def test_empty(self) -> None:
        """A copy that is false is a copy."""
        copy = self.pair.call("pond")
        self.pair.result(self.pond.observers[0].callRemote("clear"))
        self.assertIs(self.pair.call("pond"), copy)
        self.pair.result(self.pond.observers[0].callRemote("add", "three"))
        self.assertEqual(copy.ducks, ["three"])

    def test_comesBack(self) -> None:
        """Sent back, it is the object itself."""
        self.assertIs(self.pair.call("isPond", self.pair.call("pond")), True)

    def test_letGo(self) -> None:
        """When the peer has no copy any more the object is told, and may be sent anew."""
        one = self.pair.call("pond")
        two = self.pair.call("pond")
        del one
        self.collect()
        self.assertEqual(len(self.pond.observers), 1)
        del two
        self.collect()
        self.assertEqual((self.pond.observers, self.pond.left), ([], [None]))
        self.assertEqual(self.pair.call("pond").ducks, ["one"])
        self.assertEqual(self.pond.states, 2)

    def test_sentAgainBeforeTheEnd(self) -> None:
        """It may be sent again before its owner has heard that the copy is gone."""
        copy = self.pair.call("pond")
        again = self.pair.root.callRemote("pond")
        del copy
        gc.collect()
        self.assertEqual(self.pair.result(again).ducks, ["one"])
        del again
        self.collect()
        self.assertEqual(self.pond.observers, [])

    def test_deadObserver(self) -> None:
        """An observer whose copy is gone fails, and so does one whose connection is."""
        self.pair.call("pond")
        observer = self.pond.observers[0]
        self.collect()
        self.failureResultOf(observer.callRemote("add", "x"), pb.DeadReferenceError)
        self.pair.disconnect(ConnectionDone())
        self.assertRaises(pb.DeadReferenceError, observer.callRemote, "add", "x")

    def test_connectionLost(self) -> None:
        """At the end of the connection the object is told."""
        copy = self.pair.call("pond")
        self.pair.disconnect(ConnectionDone())
        self.assertEqual(self.pond.observers, [])
        self.assertEqual(copy.ducks, ["one"])

    def test_brokenObject(self) -> None:
        """An object that fails when it is told keeps it from no other."""
        other = Pond()
        self.pair.call("pond")
        self.patch(self.pond, "stoppedObserving", lambda perspective, observer: 1 / 0)
        self.patch(self.served, "remote_pond", lambda: other)
        copies = self.pair.call("pond")
        self.pair.disconnect(ConnectionDone())
        self.assertEqual(other.observers, [])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        del copies

    def test_twoPeers(self) -> None:
        """Each peer has its own copy and observer; all hear of a change."""
        other = Pair(self.served)
        copies = [self.pair.call("pond"), other.call("pond")]
        self.assertEqual(len(set(self.pond.observers)), 2)
        for observer in self.pond.observers:
            observer.callRemote("add", "two")
        self.pair.pump()
        other.pump()
        self.assertEqual([copy.ducks for copy in copies], [["one", "two"]] * 2)

    def test_notSent(self) -> None:
        """If the message cannot be sent there is no copy, and the object is told."""
        call = self.pair.root.callRemote("take", [self.pond, object()])
        self.failureResultOf(call, jelly.InsecureJelly)
        self.assertEqual(self.pond.observers, [])

    def test_thirdParty(self) -> None:
        """A copy cannot be sent on."""
        copy = self.pair.call("pond")
        failure = Pair(Server()).call("take", copy)
        self.assertIsInstance(failure, Failure)
        failure.trap(jelly.InsecureJelly)

    def test_noState(self) -> None:
        """A cacheable that has no state to begin with says what is missing."""
        error = self.failureResultOf(self.pair.root.callRemote("take", pb.Cacheable()))
        self.assertIn("getStateToCacheAndObserveFor", error.getErrorMessage())

    def test_cacheWithoutNumber(self) -> None:
        """A copy that does not come as one is refused."""
        name = b"twisted.spread.test.test_flavors.Pond"
        for sexp in ([name, [b"dictionary"]], [name, b"x", [b"dictionary"]]):
            args = [b"tuple", sexp]
            self.pair.client.sendCall(b"message", 9, b"root", b"take", 0, args, [b"dictionary"])
        self.pair.pump()
        self.assertEqual(self.served.taken, [])

    def test_diesInAThread(self) -> None:
        """References that die in another thread are told of in the loop's."""
        calls: list[Any] = []

        class Reactor:
            def callFromThread(self, function: Any, *args: Any) -> None:
                calls.append((function, args))

        copy = self.pair.call("pond")
        reference = pb.RemoteReference(None, self.pair.client, 50, True)
        self.patch(_references, "installedReactor", Reactor)
        self.patch(turn, "thread", threading.get_ident())
        kept = [copy, reference]
        del copy, reference
        thread = threading.Thread(target=kept.clear)
        thread.start()
        thread.join()
        self.assertEqual(len(calls), 2)
        for function, args in calls:
            function(*args)
        self.pair.pump()
        self.assertEqual(self.pond.observers, [])


class ObserverTests(unittest.SynchronousTestCase):
    """RemoteCacheObserver."""

    def test_equal(self) -> None:
        """Observers are equal if object, connection and perspective are the same."""
        broker, pond = object(), Pond()
        one = flavors.RemoteCacheObserver(broker, pond, None)
        self.assertEqual(one, flavors.RemoteCacheObserver(broker, pond, None))
        self.assertEqual(hash(one), hash(flavors.RemoteCacheObserver(broker, pond, None)))
        self.assertNotEqual(one, flavors.RemoteCacheObserver(broker, pond, "me"))
        self.assertNotEqual(one, flavors.RemoteCacheObserver(broker, Pond(), None))
        self.assertIn("Pond", repr(one))
