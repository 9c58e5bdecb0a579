"""Tests of Perspective Broker: calls, references, errors, connections that end."""

from __future__ import annotations

import gc
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.python.reflect import qual
from twisted.spread import jelly, pb
from twisted.spread.test.pair import Pair
from twisted.spread.test.served import (
    Bug,
    Expected,
    PairTestCase,
    Plain,
    ReceivedError,
    SentError,
    Server,
    Thing,
    Unknown,
)


class CallTests(PairTestCase):
    """Calls and their answers."""

    def test_values(self) -> None:
        """Arguments and results are what they were."""
        values = (1, "text", b"bytes", None, True, 1.5, [1], {"k": (2,)}, {3}, 2**100, "\u20ac")
        self.assertEqual(self.pair.call("echo", *values, key=1), (values, {"key": 1}))

    def test_deferred(self) -> None:
        """A Deferred is waited for."""
        call = self.pair.root.callRemote("later")
        self.pair.pump()
        self.assertNoResult(call)
        self.served.waiting[0].callback("now")
        self.assertEqual(self.pair.result(call), "now")

    def test_anyOrder(self) -> None:
        """Answers may come in any order."""
        calls = [self.pair.root.callRemote("later") for _ in range(3)]
        self.pair.pump()
        for index in (2, 0, 1):
            self.served.waiting[index].callback(index)
        self.assertEqual([self.pair.result(call) for call in calls], [0, 1, 2])

    def test_coroutine(self) -> None:
        """A method may be a coroutine; a call can be awaited."""

        async def ask() -> Any:
            return await self.pair.root.callRemote("coroutine", 1)

        self.assertEqual(self.pair.result(Deferred.fromCoroutine(ask())), 2)

    def test_bothWays(self) -> None:
        """The server calls the client's objects in the same way."""
        self.pair.call("keep", Thing())
        self.assertEqual(self.pair.result(self.served.given[0].callRemote("name")), "thing")

    def test_only(self) -> None:
        """A call that wants no answer gets none, and leaves nothing behind."""
        self.pair.root.callRemoteOnly("keep", 1)
        self.assertIsNone(self.pair.root.callRemote("keep", 2, pbanswer=False))
        self.pair.pump()
        self.assertEqual(self.served.given, [1, 2])
        self.assertEqual(self.pair.client.waitingForAnswers, {})

    def test_onlyFails(self) -> None:
        """What goes wrong in it stays there, in the log."""
        self.pair.root.callRemoteOnly("bug")
        self.pair.pump()
        self.assertEqual(len(self.flushLoggedErrors(Bug)), 1)

    def test_method(self) -> None:
        """A method can be kept and called later; equal ones are equal."""
        method = self.pair.root.remoteMethod("same")
        self.assertEqual(self.pair.result(method(5)), 5)
        self.assertEqual(method, self.pair.root.remoteMethod("same"))
        self.assertNotEqual(method, self.pair.root.remoteMethod("echo"))
        self.assertEqual(len({method, self.pair.root.remoteMethod("same")}), 1)

    def test_cancel(self) -> None:
        """A cancelled call lets go of its answer, whatever that is."""
        for outcome in ("late", Failure(Expected())):
            call = self.pair.root.callRemote("later")
            self.pair.pump()
            call.cancel()
            self.failureResultOf(call, CancelledError)
            self.served.waiting.pop().callback(outcome)
            self.pair.pump()
        self.assertEqual(self.pair.client.waitingForAnswers, {})

    def test_timeout(self) -> None:
        """A limit in time is the Deferred's."""
        clock = Clock()
        call = self.pair.root.callRemote("later").addTimeout(5, clock)
        self.pair.pump()
        clock.advance(5)
        self.failureResultOf(call, TimeoutError)

    def test_viewable(self) -> None:
        """A viewable is told who calls: nobody in particular, without a login."""
        view = self.pair.call("view")
        self.assertEqual(self.pair.result(view.callRemote("who", 1, k=2)), ("None", (1,), {"k": 2}))

    def test_rootForEach(self) -> None:
        """A root may be another for each connection."""

        class Own(pb.Root):
            def rootObject(self, broker: Any) -> Any:
                return Thing()

        self.assertEqual(Pair(Own()).call("name"), "thing")


class ErrorTests(PairTestCase):
    """What goes wrong is told to those who can do something about it."""

    def test_expected(self) -> None:
        """The caller gets what an expected exception says; nothing is logged."""
        failure = self.failed(self.pair.call("expected"), Expected)
        self.assertIsInstance(failure, pb.CopiedFailure)
        self.assertEqual(failure.getErrorMessage(), "as documented")
        self.assertEqual(failure.type, qual(Expected))
        self.assertIs(failure.trap(Bug, pb.Error), pb.Error)
        self.assertIsNone(failure.check(Bug))

    def test_bug(self) -> None:
        """Any other is logged here, and told as well."""
        for name in ("bug", "failed"):
            self.failed(self.pair.call(name), Bug)
            self.assertEqual(len(self.flushLoggedErrors(Bug)), 1)

    def test_noTraceback(self) -> None:
        """The peer does not see our code."""
        failure = self.failed(self.pair.call("bug"), Bug)
        self.flushLoggedErrors(Bug)
        text = failure.getTraceback()
        self.assertIn("Traceback unavailable", text)
        self.assertIn("a bug", text)
        self.assertNotIn("remote_bug", text)

    def test_unsafeTracebacks(self) -> None:
        """Unless the server says so."""
        self.pair = Pair(None, pb.PBServerFactory(self.served, unsafeTracebacks=True))
        failure = self.failed(self.pair.call("bug"), Bug)
        self.flushLoggedErrors(Bug)
        for text in (failure.getTraceback(), failure.getBriefTraceback()):
            self.assertIn("remote_bug", text)

    def test_raised(self) -> None:
        """In a coroutine it is a RemoteError, which knows the type."""

        async def ask() -> Any:
            try:
                await self.pair.root.callRemote("expected")
            except pb.RemoteError as e:
                return (str(e), e.remoteType)

        found = self.pair.result(Deferred.fromCoroutine(ask()))
        self.assertEqual(found, ("as documented", qual(Expected).encode()))

    def test_raiseException(self) -> None:
        """So it is when the failure is asked to raise it."""
        failure = self.failed(self.pair.call("expected"), Expected)
        self.assertRaises(pb.RemoteError, failure.raiseException)

    def test_passedOn(self) -> None:
        """A failure of one peer's can be told to another, by its name there."""
        first = self.failed(self.pair.call("expected"), Expected)
        copy = pb.failure2Copyable(first)
        state = copy.getStateToCopy()
        self.assertEqual(
            (state["value"], state["type"]), ("as documented", qual(Expected).encode())
        )
        self.assertIn(qual(pb.Error), state["parents"])

    def test_itself(self) -> None:
        """An exception that can be copied comes as what is registered for it."""
        failure = self.failed(self.pair.call("sent"), ReceivedError)
        self.assertEqual(failure.value.why, "because")

    def test_noSuchMethod(self) -> None:
        """Only methods with the prefix are there to be called."""
        for name in ("nothing", "notRemote", "_private", "__init__", "", "remote_echo"):
            failure = self.failed(self.pair.call(name), pb.NoSuchMethod)
            self.assertIsNotNone(failure.check(AttributeError))
        self.assertEqual(self.served.given, [])

    def test_wrongArguments(self) -> None:
        """Arguments that do not fit are a bug of somebody's; the connection lives."""
        self.failed(self.pair.call("same", 1, 2), TypeError)
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 1)
        self.assertEqual(self.pair.call("same", 3), 3)

    def test_cannotBeSent(self) -> None:
        """What cannot be sent fails the call, and nothing is sent or held."""
        call = self.pair.root.callRemote("same", [Thing(), Plain()])
        self.failureResultOf(call, jelly.InsecureJelly)
        self.assertEqual(len(self.pair.client._references), 0)
        self.failureResultOf(self.pair.root.callRemote("same", b"x" * 700_000))
        self.assertRaises(jelly.InsecureJelly, self.pair.root.callRemoteOnly, "same", Plain())
        self.assertEqual(self.pair.client.waitingForAnswers, {})

    def test_cannotBeAnswered(self) -> None:
        """What cannot be sent as an answer fails the call."""
        self.failed(self.pair.call("plain"), jelly.InsecureJelly)
        self.failed(self.pair.call("big"), "twisted.spread.banana.BananaError")
        self.assertEqual(len(self.flushLoggedErrors()), 1)

    def test_notRegistered(self) -> None:
        """A class that the peer does not know is refused there, and the sender is told."""
        self.failed(self.pair.call("same", Unknown()), jelly.InsecureJelly)
        self.assertIsNotNone(self.pair.call("unknown").check(jelly.InsecureJelly))
        self.assertEqual(self.pair.call("same", 1), 1)

    def test_cannotBeTold(self) -> None:
        """An exception that cannot be sent itself is told of in short; the connection lives."""

        class Unsendable(SentError):
            def getStateToCopy(self) -> Any:
                return Plain()

        for error in (Expected("x" * 700_000), Unsendable()):

            def fails(error: Exception = error) -> None:
                raise error

            self.patch(self.served, "remote_expected", fails)
            failure = self.failed(self.pair.call("expected"), pb.Error)
            self.assertIn("cannot be sent", failure.getErrorMessage())
            self.assertEqual(self.pair.call("same", 1), 1)

    def test_thirdParty(self) -> None:
        """A reference to one peer's object cannot be given to another."""
        thing = self.pair.call("getThing")
        other = Pair(Server())
        self.failed(other.call("same", thing), jelly.InsecureJelly)


class ReferenceTests(PairTestCase):
    """References, and how long what they are of is held."""

    def test_comesBack(self) -> None:
        """What comes back is the object itself, on either side."""
        thing = self.pair.call("getThing")
        self.assertIs(self.pair.call("isThing", thing), True)
        mine = Thing()
        self.assertIs(self.pair.call("same", mine), mine)
        self.assertEqual(self.pair.call("echo", mine, mine)[0], (mine, mine))

    def test_equal(self) -> None:
        """Two references to one object are equal."""
        one, two = self.pair.call("getThing"), self.pair.call("getThing")
        self.assertEqual(one, two)
        self.assertEqual(hash(one), hash(two))
        self.assertNotEqual(one, self.pair.call("getThings", 1)[0])
        self.assertNotEqual(one, Pair(self.served).call("getThing"))

    def test_letGo(self) -> None:
        """An object is held until the last reference to it is gone."""
        held = self.pair.server._references
        one, two = self.pair.call("getThing"), self.pair.call("getThing")
        self.assertEqual(len(held), 1)
        del one
        gc.collect()
        self.pair.pump()
        self.assertEqual(len(held), 1)
        del two
        gc.collect()
        self.pair.pump()
        self.assertEqual((len(held), held.byID), (0, {}))

    def test_sentBackWhileLetGo(self) -> None:
        """A reference that is sent back is let go of after that message."""
        things = [Thing() for _ in range(5)]
        self.assertEqual(self.pair.call("same", things), things)
        self.assertEqual(len(self.pair.client._references), 0)

    def test_letGoFirst(self) -> None:
        """A peer that lets go before it sends back, as Twisted does, means the object still."""
        mine = Thing()
        call = self.pair.root.callRemote("later")
        self.pair.pump()
        (number,) = self.pair.client.waitingForAnswers
        luid = self.pair.client.registerReference(mine)
        self.pair.server.sendCall(b"decref", luid)
        self.pair.server.sendCall(b"answer", number, [b"local", luid])
        self.assertIs(self.pair.result(call), mine)
        self.assertEqual(len(self.pair.client._references), 0)

    def test_manyReferences(self) -> None:
        """There is a limit on what a peer may have; a few attempts at more end the connection."""
        self.pair.server.maxReferences = 10
        kept = self.pair.call("getThings", 9)
        for _ in range(3):
            self.failed(self.pair.call("getThings", 2), pb.Error)
            self.assertEqual(len(self.pair.server._references), 9)
        self.assertFalse(self.pair.server.transport.disconnecting)
        self.failed(self.pair.call("getThings", 2), pb.Error)
        self.assertTrue(self.pair.server.transport.disconnecting)
        del kept

    def test_limitIsTheModules(self) -> None:
        """The limit of new connections is `MAX_BROKER_REFS`."""
        self.patch(pb, "MAX_BROKER_REFS", 1)
        pair = Pair(self.served)
        self.failed(pair.call("getThings", 2), pb.Error)

    def test_unknownNumbers(self) -> None:
        """Numbers that mean nothing do no harm: calls fail, and the rest is let pass."""
        client = self.pair.client
        for luid in (77, b"no name"):
            call = client.callObject(None, luid, "x", (), {})
            self.failed(self.pair.result(call), pb.ProtocolError)
        for message in (b"decref", b"decache", b"uncache"):
            client.sendCall(message, 77)
        self.failed(self.pair.result(client.callCache(None, 77, "x", (), {})), pb.ProtocolError)
        for sexp in ([b"local", 77], [b"lcache", 77], [b"cached", 77], [b"remote", [b"list"]]):
            client.sendCall(b"message", 99, b"root", b"keep", 0, [b"tuple", sexp], [b"dictionary"])
        self.pair.pump()
        self.assertEqual(self.served.given, [])
        self.assertEqual(self.pair.call("same", 1), 1)

    def test_twoPeersReferToEachOther(self) -> None:
        """Two objects that refer to each other over a connection are let go of when it ends."""

        class Node(pb.Referenceable):
            other: Any = None

        mine, theirs = Node(), Node()

        def swap(value: Any) -> Node:
            theirs.other = value
            return theirs

        self.patch(self.served, "remote_same", swap)
        mine.other = self.pair.call("same", mine)
        self.pair.disconnect(ConnectionDone())
        self.assertEqual(len(self.pair.server._references), 0)
        self.assertEqual(len(self.pair.client._references), 0)

    def test_asReferenceable(self) -> None:
        """Any object can be served that takes calls."""

        class Calls:
            def remoteMessageReceived(self, broker: Any, message: bytes, args: Any, kw: Any) -> Any:
                return broker.serialize((message, broker.unserialize(args)))

        self.patch(self.served, "remote_getThing", lambda: pb.AsReferenceable(Calls()))
        reference = self.pair.call("getThing")
        self.assertEqual(self.pair.result(reference.callRemote("any", 1)), (b"any", (1,)))


class EndTests(PairTestCase):
    """Connections that end."""

    def test_pending(self) -> None:
        """A thousand calls that wait for an answer fail when there will be none."""
        calls = [self.pair.root.callRemote("later") for _ in range(1000)]
        self.pair.pump()
        self.pair.disconnect(ConnectionDone("gone"))
        for call in calls:
            self.failureResultOf(call, pb.PBConnectionLost)

    def test_cancelledPending(self) -> None:
        """Calls that were cancelled have heard of it, and hear nothing of the end."""
        calls = [self.pair.root.callRemote("later") for _ in range(3)]
        self.pair.pump()
        for call in calls[:2]:
            call.cancel()
        self.pair.disconnect(ConnectionDone("gone"))
        for call in calls[:2]:
            self.failureResultOf(call, CancelledError)
        self.failureResultOf(calls[2], pb.PBConnectionLost)

    def test_answerTooLate(self) -> None:
        """An answer for a peer that is gone goes nowhere."""
        self.pair.root.callRemote("later").addErrback(lambda _: None)
        self.pair.pump()
        self.pair.disconnect(ConnectionDone())
        self.served.waiting[0].callback([Thing()])

    def test_stale(self) -> None:
        """A call by a connection that has ended is told at once."""
        self.pair.disconnect(ConnectionDone())
        self.assertRaises(pb.DeadReferenceError, self.pair.root.callRemote, "same", 1)
        self.assertRaises(pb.DeadReferenceError, self.pair.root.callRemoteOnly, "same", 1)

    def test_notified(self) -> None:
        """Those who asked are told, once; one that fails keeps it from no other."""
        told: list[Any] = []

        def broken(reference: Any) -> None:
            raise Bug()

        thing = self.pair.call("getThing")
        unasked = told.append
        thing.notifyOnDisconnect(unasked)
        thing.dontNotifyOnDisconnect(unasked)
        self.pair.root.notifyOnDisconnect(broken)
        thing.notifyOnDisconnect(told.append)
        self.pair.disconnect(ConnectionDone())
        self.assertEqual(told, [thing])
        self.assertEqual(len(self.flushLoggedErrors(Bug)), 1)
        self.assertRaises(ValueError, thing.dontNotifyOnDisconnect, told.append)
        self.assertRaises(pb.DeadReferenceError, thing.notifyOnDisconnect, told.append)

    def test_nothingHeld(self) -> None:
        """References that die after the end are not told."""
        thing = self.pair.call("getThing")
        self.pair.disconnect(ConnectionDone())
        transport = self.pair.client.transport
        transport.clear()
        del thing
        gc.collect()
        self.assertEqual(transport.value(), b"")

    def test_offence(self) -> None:
        """Messages of no form end the connection, with a reason that names the offence."""
        for message in (
            b"root",
            7,
            [],
            [7],
            [[b"message"]],
            [b"message", 1],
            [b"message", b"1", b"root", b"same", 1, [b"tuple"], [b"dictionary"]],
            [b"message", 1, b"root", b"same", 1, b"tuple", [b"dictionary"]],
            [b"answer", 5, 5],
            [b"error", [], 5],
            [b"decref", b"root"],
            [b"version", 5],
        ):
            pair = Pair(self.served)
            call = pair.root.callRemote("later")
            pair.pump()
            pair.server.sendEncoded(message)
            pair.pump()
            self.assertTrue(pair.client.transport.disconnecting, message)
            pair.disconnect(ConnectionDone())
            lost = self.failureResultOf(call, pb.PBConnectionLost)
            self.assertIn("BananaError", str(lost.value))

    def test_notUnderstood(self) -> None:
        """A message that is not known is answered so, and the connection lives."""
        self.pair.client.sendCall(b"shutdown", 1)
        self.assertEqual(self.pair.call("same", 1), 1)

    def test_noKeywords(self) -> None:
        """Arguments have to be a tuple and a dictionary."""
        for args, kw in (([b"list"], [b"dictionary"]), ([b"tuple"], [b"list", 1])):
            self.pair.client.sendCall(b"message", 50, b"root", b"keep", 0, args, kw)
        self.pair.pump()
        self.assertEqual(self.served.given, [])


class FactoryTests(PairTestCase):
    """Clients' and servers' factories."""

    def test_beforeTheConnection(self) -> None:
        """The root object can be asked for before there is a connection."""
        factory = pb.PBClientFactory()
        asked = [factory.getRootObject(), factory.getRootObject()]
        asked[0].cancel()
        self.failureResultOf(asked[0], CancelledError)
        pair = Pair(self.served, clientFactory=factory)
        self.assertEqual(self.successResultOf(asked[1]), pair.root)

    def test_noConnection(self) -> None:
        """If there is none, whoever asked is told why."""
        factory = pb.PBClientFactory()
        asked = factory.getRootObject()
        factory.clientConnectionFailed(None, Failure(ConnectionDone()))
        self.failureResultOf(asked, ConnectionDone)

    def test_lost(self) -> None:
        """When it is lost, those who ask from then on wait for another, or are told."""
        factory = self.pair.clientFactory
        self.pair.disconnect(ConnectionDone())
        factory.clientConnectionLost(None, Failure(ConnectionDone()), reconnecting=True)
        asked = factory.getRootObject()
        self.assertNoResult(asked)
        factory.clientConnectionLost(None, Failure(ConnectionDone()))
        self.failureResultOf(asked, ConnectionDone)

    def test_disconnect(self) -> None:
        """A client can end the connection, and may try to when there is none."""
        self.pair.clientFactory.disconnect()
        self.assertTrue(self.pair.client.transport.disconnecting)
        pb.PBClientFactory().disconnect()

    def test_security(self) -> None:
        """A factory says what peers may name."""
        options = jelly.SecurityOptions()
        pair = Pair(None, pb.PBServerFactory(self.served, security=options))
        self.failed(pair.call("same", 1), jelly.InsecureJelly)

    def test_notARoot(self) -> None:
        """What cannot be a root is refused when it is given."""
        self.assertRaises(TypeError, pb.PBServerFactory, object())
