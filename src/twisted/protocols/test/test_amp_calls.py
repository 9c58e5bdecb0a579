"""Commands and answers over AMP, between two ends in memory; and peers that break the rules."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.protocols import amp
from twisted.protocols.test._amp import (
    Calculator,
    Declared,
    Fatal,
    MoreDeclared,
    Sum,
    Tell,
    Unknown,
    alone,
    asked,
    pair,
)
from twisted.python import log
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


def raising(error: Exception) -> Any:
    """A function that raises it."""

    def function() -> None:
        raise error

    return function


class CommandTests(SynchronousTestCase):
    """What a declaration is checked for, and what it gives."""

    def test_names(self) -> None:
        """A command is called what its class is, unless it says otherwise."""

        class Other(Sum):
            commandName = b"something-else"

        self.assertEqual(Sum.commandName, b"Sum")
        self.assertEqual(Other.commandName, b"something-else")

    def test_namesAreBytes(self) -> None:
        """Names that are text are refused, where they are declared."""
        bad: list[dict[str, Any]] = [
            {"commandName": "x"},
            {"arguments": [("a", amp.Integer())]},
            {"response": [("a", amp.Integer())]},
            {"errors": {Declared: "x"}},
        ]
        for namespace in bad:
            error = self.assertRaises(TypeError, type, "Bad", (amp.Command,), namespace)
            self.assertIn('write b"..."', str(error))

    def test_errors(self) -> None:
        """Errors may be pairs, and those of the base class count too."""

        class More(Sum):
            errors: ClassVar[Any] = [(KeyError, b"KEY")]

        self.assertEqual(More.errors, {KeyError: b"KEY"})
        self.assertEqual(More.allErrors, {Declared: b"DECLARED", Fatal: b"FATAL", KeyError: b"KEY"})
        self.assertEqual(More.reverseErrors[b"FATAL"], Fatal)
        self.assertEqual(Sum.allErrors, {Declared: b"DECLARED", Fatal: b"FATAL"})


class CallTests(SynchronousTestCase):
    """Asking and answering."""

    def test_onWire(self) -> None:
        """A command and its answer are the boxes that the specification shows, each one write."""
        end, transport = alone()
        pending = asked(end.callRemote(Sum, a=13, b=81))
        self.assertEqual(
            transport.value(),
            b"\0\x04_ask\0\x011\0\x08_command\0\x03Sum\0\x01a\0\x0213\0\x01b\0\x0281\0\0",
        )
        end.dataReceived(b"\0\x07_answer\0\x011\0\x05total\0\x0294\0\0")
        self.assertEqual(self.successResultOf(pending), {"total": 94})

    def test_bothDirections(self) -> None:
        """Each end asks the other."""
        client, server, pump = pair()
        answers = [asked(client.callRemote(Sum, a=1, b=2)), asked(server.callRemote(Sum, a=3, b=4))]
        pump.flush()
        self.assertEqual(
            [self.successResultOf(each) for each in answers], [{"total": 3}, {"total": 7}]
        )

    def test_anyOrder(self) -> None:
        """Answers find their questions in whatever order they come."""
        client, server, pump = pair()
        made: list[Deferred[Any]] = []

        def later() -> Deferred[Any]:
            made.append(Deferred())
            return made[-1]

        server.answer = later
        first, second = (asked(client.callRemote(Sum, a=0, b=0)) for _ in range(2))
        pump.flush()
        made[1].callback({"total": 2})
        pump.flush()
        self.assertEqual(self.successResultOf(second), {"total": 2})
        self.assertNoResult(first)
        made[0].callback({"total": 1})
        pump.flush()
        self.assertEqual(self.successResultOf(first), {"total": 1})

    def test_coroutine(self) -> None:
        """A responder may be a coroutine, which may wait and may raise what is declared."""
        client, server, pump = pair()
        wait: Deferred[int] = Deferred()

        async def answer() -> dict[str, int]:
            if await wait:
                raise MoreDeclared("more")
            return {"total": 0}

        server.answer = answer
        pending = asked(client.callRemote(Sum, a=0, b=0))
        pump.flush()
        wait.callback(1)
        pump.flush()
        self.assertEqual(str(self.failureResultOf(pending, Declared).value), "more")

    def test_noAnswer(self) -> None:
        """A command that requires no answer gives None, and nothing comes back."""
        client, server, pump = pair()
        self.assertIsNone(client.callRemote(Tell, what="news"))
        pump.pump()
        self.assertEqual(server.told, ["news"])
        self.assertFalse(pump.pump())

    def test_byName(self) -> None:
        """Without declarations, boxes go in and out."""
        client, _, pump = pair()
        pending = asked(client.callRemoteString(b"Echo", say=b"this"))
        self.assertIsNone(client.callRemoteString(b"Echo", requiresAnswer=False, say=b"this"))
        pump.flush()
        self.assertEqual(self.successResultOf(pending)[b"said"], b"this")

    def test_badCalls(self) -> None:
        """What is missing fails the Deferred; what cannot be sent raises; nothing is sent."""
        end, transport = alone()
        self.failureResultOf(asked(end.callRemote(Sum, a=1)), amp.InvalidSignature)
        self.assertRaises(amp.InvalidSignature, end.callRemote, Sum, a=1, b=2, c=3)
        self.assertRaises(TypeError, end.callRemote, Sum, a="1", b=2)
        self.assertRaises(amp.TooLong, end.callRemote, Tell, what="x" * 65536)
        self.assertEqual(transport.value(), b"")

    def test_tooLongIsForgotten(self) -> None:
        """A command that could not be sent is not waited for."""
        end, _ = alone()
        self.assertRaises(amp.TooLong, end.callRemoteString, b"Echo", say=b"x" * 65536)
        end.connectionLost(Failure(ConnectionDone()))

    def test_beforeConnection(self) -> None:
        """A call without a connection says so."""
        error = self.assertRaises(ConnectionLost, amp.AMP().callRemote, Sum, a=1, b=2)
        self.assertIn("wait for connectionMade", str(error))


class ErrorTests(SynchronousTestCase):
    """Answers that are errors."""

    def ask(self, answer: Any) -> tuple[Deferred[Any], Calculator]:
        client, server, pump = pair()
        server.answer = answer
        pending = asked(client.callRemote(Sum, a=1, b=2))
        pump.flush()
        return pending, client

    def test_declared(self) -> None:
        """An error that the command declares, or a kind of it, comes out at the other end."""
        for error in (Declared("why"), MoreDeclared("why")):
            pending, client = self.ask(raising(error))
            self.assertEqual(str(self.failureResultOf(pending, Declared).value), "why")
            self.assertFalse(client.reasons)

    def test_fatal(self) -> None:
        """One that is fatal ends the connection."""
        pending, client = self.ask(raising(Fatal("why")))
        self.failureResultOf(pending, Fatal)
        self.assertTrue(client.reasons)

    def test_notDeclared(self) -> None:
        """One that is not declared is logged here; the peer learns nothing of it."""
        pending, client = self.ask(raising(ValueError("a secret")))
        error: Any = self.failureResultOf(pending, amp.UnknownRemoteError).value
        self.assertEqual(error.description, "Unknown Error")
        self.assertTrue(client.reasons)
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_chosenCode(self) -> None:
        """A responder may choose the code itself."""
        end, transport = alone()
        end.answer = raising(amp.RemoteAmpError(b"ODD", "caf\xe9"))
        end.dataReceived(amp.Box(_command=b"Sum", _ask=b"7", a=b"1", b=b"2").serialize())
        self.assertEqual(
            amp.parseString(transport.value()),
            [
                {
                    b"_error": b"7",
                    b"_error_code": b"ODD",
                    b"_error_description": "caf\xe9".encode(),
                }
            ],
        )
        self.assertFalse(transport.disconnecting)

    def test_unhandled(self) -> None:
        """A command that nobody answers."""
        client, _, pump = pair()
        pending = asked(client.callRemote(Unknown))
        pump.flush()
        self.failureResultOf(pending, amp.UnhandledCommand)
        self.assertFalse(client.reasons)

    def test_badReturn(self) -> None:
        """What is no answer is a bug of the responder, logged with what it returned."""
        for bad in (None, {}, {"total": "x"}):
            pending, client = self.ask(lambda bad=bad: bad)
            self.failureResultOf(pending, amp.UnknownRemoteError)
            [logged] = self.flushLoggedErrors(amp.BadLocalReturn)
            self.assertIn(f"returned {bad!r}, which is no answer to Sum", str(logged.value))
            self.assertTrue(client.reasons)

    def test_answerTooLong(self) -> None:
        """An answer that cannot be sent is an error too."""
        client, server, pump = pair()
        server.amp_ECHO = lambda box: amp.Box(said=b"x" * 65536)  # type: ignore[method-assign]  # the test's own answer
        pending = asked(client.callRemoteString(b"Echo"))
        pump.flush()
        self.failureResultOf(pending, amp.RemoteAmpError)
        self.assertEqual(len(self.flushLoggedErrors(amp.TooLong)), 1)

    def test_nobodyWaits(self) -> None:
        """An error in a command without an answer is logged, and ends the connection."""
        client, server, pump = pair()
        server.answer = raising(Declared("why"))
        client.callRemote(Tell, what="news")
        pump.flush()
        self.assertTrue(client.reasons)
        self.assertEqual(len(self.flushLoggedErrors(Declared)), 1)

    def test_text(self) -> None:
        """What errors say of themselves."""
        local = Failure(ValueError("inside"))
        error = amp.RemoteAmpError(b"X", b"why", False, local)
        self.assertTrue(str(error).startswith("Code<X> (local): why\n"))
        self.assertIn("inside", str(error))
        self.assertEqual(str(amp.UnknownRemoteError("why")), "Code<UNKNOWN>: why")


class LocatorTests(SynchronousTestCase):
    """Who answers."""

    def test_interfaces(self) -> None:
        """The parts are what they say."""
        end, _ = alone()
        verifyObject(amp.IBoxReceiver, end)
        verifyObject(amp.IBoxSender, end)
        verifyObject(amp.IResponderLocator, end)
        verifyObject(amp.IArgumentType, amp.Integer())

    def test_subclass(self) -> None:
        """A responder in a subclass comes before that of the base."""

        class Wrong(Calculator):
            @Sum.responder
            def different(self, a: int, b: int) -> dict[str, int]:
                return {"total": a * b}

        end, transport = Wrong(), StringTransport()
        end.makeConnection(transport)
        end.dataReceived(amp.Box(_command=b"Sum", _ask=b"1", a=b"6", b=b"7").serialize())
        self.assertEqual(amp.parseString(transport.value())[0][b"total"], b"42")

    def test_mixin(self) -> None:
        """Responders may be in a class that knows nothing of AMP."""

        class Mixin:
            @Tell.responder
            def tell(self, what: str) -> dict[str, Any]:
                return {}

        class Both(Mixin, amp.AMP):
            pass

        self.assertIsNotNone(Both().locateResponder(b"Tell"))
        self.assertIsNone(amp.AMP().locateResponder(b"Tell"))

    def test_apart(self) -> None:
        """The locator and the receiver of boxes may be other objects."""
        end, transport = amp.AMP(locator=Calculator()), StringTransport()
        end.makeConnection(transport)
        end.dataReceived(amp.Box(_command=b"Sum", _ask=b"1", a=b"6", b=b"7").serialize())
        self.assertEqual(amp.parseString(transport.value())[0][b"total"], b"13")

    def test_formerName(self) -> None:
        """A locator that overrides `lookupFunction` works, and is warned of."""

        class Former(amp.CommandLocator):
            def lookupFunction(self, name: bytes) -> Any:
                return name.lower

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found: Any = Former().locateResponder(b"X")
        self.assertEqual(found(), b"x")
        self.assertEqual(caught[0].category, DeprecationWarning)
        self.assertEqual(caught[0].filename.rpartition("/")[2], "test_amp_calls.py")

    def test_oddNames(self) -> None:
        """Names that no method can have are nobody's."""
        for name in (b"", b"\xff", b"no such", b"__init__"):
            self.assertIsNone(Calculator().locateResponder(name))

    def test_dispatchCommand(self) -> None:
        """A subclass may look at each command before it is answered."""

        class Looking(Calculator):
            def dispatchCommand(self, box: amp.AmpBox) -> Deferred[Any]:
                self.told.append(box[b"_command"].decode())
                return super().dispatchCommand(box)

        end, transport = Looking(), StringTransport()
        end.makeConnection(transport)
        end.dataReceived(amp.Box(_command=b"Sum", _ask=b"1", a=b"6", b=b"7").serialize())
        self.assertEqual(end.told, ["Sum"])
        self.assertEqual(amp.parseString(transport.value())[0][b"total"], b"13")


class EndTests(SynchronousTestCase):
    """The end of a connection."""

    def test_everythingPendingFails(self) -> None:
        """All that is asked and not answered fails with the reason, be it very much."""
        end, _ = alone()
        many = 100_000
        reasons: list[Failure] = []
        for _ in range(many):
            asked(end.callRemote(Sum, a=1, b=2)).addErrback(reasons.append)
        reason = Failure(ConnectionAborted())
        end.connectionLost(reason)
        self.assertEqual(len(reasons), many)
        self.assertEqual({id(each) for each in reasons}, {id(reason)})

    def test_afterwards(self) -> None:
        """Later calls fail at once, with the same reason."""
        end, _ = alone()
        end.connectionLost(Failure(ConnectionDone()))
        self.failureResultOf(asked(end.callRemote(Sum, a=1, b=2)), ConnectionDone)
        self.failureResultOf(asked(end.callRemoteString(b"x")), ConnectionDone)
        self.assertIsNone(end.callRemote(Tell, what="x"))
        self.assertRaises(ConnectionLost, end.sendBox, amp.Box(a=b"1"))

    def test_callFromErrback(self) -> None:
        """To ask again when a call fails is no trap."""
        end, _ = alone()
        again: list[Deferred[Any]] = []
        asked(end.callRemote(Sum, a=1, b=2)).addErrback(
            lambda _: again.append(asked(end.callRemote(Sum, a=1, b=2)))
        )
        end.connectionLost(Failure(ConnectionDone()))
        self.failureResultOf(again[0], ConnectionDone)

    def test_answerTooLate(self) -> None:
        """An answer that is found when nobody is there any more goes nowhere."""
        end, transport = alone()
        wait: Deferred[Any] = Deferred()
        end.answer = lambda: wait
        end.dataReceived(amp.Box(_command=b"Sum", _ask=b"1", a=b"6", b=b"7").serialize())
        end.connectionLost(Failure(ConnectionDone()))
        wait.callback({"total": 1})
        self.assertEqual(transport.value(), b"")

    def test_log(self) -> None:
        """Connections are logged as they come and go; what `repr` says names the class."""
        logged: list[str] = []

        def observe(event: dict[str, Any]) -> None:
            logged.append(str(log.textFromEventDict(event)))

        log.addObserver(observe)
        self.addCleanup(log.removeObserver, observe)
        end, _ = alone()
        end.connectionLost(Failure(ConnectionDone()))
        self.assertTrue(logged[0].startswith("Calculator connection established (HOST:IPv4"))
        self.assertTrue(logged[1].startswith("Calculator connection lost (HOST:IPv4"))
        self.assertTrue(repr(end).startswith("<Calculator at 0x"))


class HostileTests(SynchronousTestCase):
    """Peers that break the rules are disconnected, with a reason that names the offence."""

    def offend(self, data: bytes) -> Calculator:
        end, transport = alone()
        pending = asked(end.callRemote(Sum, a=1, b=2))
        transport.clear()
        end.dataReceived(data)
        self.assertTrue(transport.disconnecting)
        self.assertEqual(transport.value(), b"")
        # Nothing more is listened to.
        end.dataReceived(amp.Box(_command=b"Tell", what=b"x").serialize())
        self.assertEqual(end.told, [])
        end.connectionLost(Failure(ConnectionDone()))
        reason = self.failureResultOf(pending, amp.AmpError)
        self.assertEqual(end.reasons, [reason])
        return end

    def test_keyTooLong(self) -> None:
        """A key of 256 bytes; the value in the error is not kept."""
        error: Any = self.offend(b"\x01\x00").reasons[0].value
        self.assertIsInstance(error, amp.TooLong)
        self.assertEqual((error.isKey, error.isLocal), (True, False))

    def test_boxTooLong(self) -> None:
        """A box beyond the limit, however it comes."""
        end = Calculator()
        end.maxBoxLength = 1000
        end.makeConnection(StringTransport())
        for _ in range(20):
            end.dataReceived(b"\0\x01a\0\x40" + b"x" * 64)
        end.connectionLost(Failure(ConnectionDone()))
        self.assertIn("longer than 1000 bytes", str(end.reasons[0].value))

    def test_noCommand(self) -> None:
        """A box that is nothing."""
        for box in (amp.Box(), amp.Box(a=b"1"), amp.Box(_ask=b"1")):
            self.assertIsInstance(self.offend(box.serialize()).reasons[0].value, amp.NoEmptyBoxes)

    def test_wrongTag(self) -> None:
        """An answer or error that nobody has asked for, or for the second time."""
        error = {b"_error_code": b"X", b"_error_description": b"x"}
        for box in (amp.Box(_answer=b"2"), amp.Box(_answer=b""), amp.Box(error, _error=b"2")):
            reason = self.offend(box.serialize()).reasons[0].value
            self.assertIn("an answer to what was not asked", str(reason))

    def test_answeredTwice(self) -> None:
        """The second answer is the offence."""
        end, transport = alone()
        pending = asked(end.callRemote(Sum, a=1, b=2))
        end.dataReceived(amp.Box(_answer=b"1", total=b"3").serialize() * 2)
        self.assertEqual(self.successResultOf(pending), {"total": 3})
        self.assertTrue(transport.disconnecting)

    def test_errorWithoutCode(self) -> None:
        """An error has a code and a description."""
        for box in (amp.Box(_error=b"1"), amp.Box(_error=b"1", _error_code=b"X")):
            self.assertIn("an error without", str(self.offend(box.serialize()).reasons[0].value))

    def test_badAnswer(self) -> None:
        """An answer that does not fit fails the call that it is for."""
        end, _ = alone()
        first, second = (asked(end.callRemote(Sum, a=1, b=2)) for _ in range(2))
        end.dataReceived(amp.Box(_answer=b"1").serialize())
        self.failureResultOf(first, amp.MalformedAmpBox)
        end.dataReceived(amp.Box(_answer=b"2", total=b"x").serialize())
        self.failureResultOf(second, ValueError)

    def test_badArguments(self) -> None:
        """A command that does not fit is refused, and is the last."""
        for box in (amp.Box(a=b"1"), amp.Box(a=b"1", b=b"x")):
            end, transport = alone()
            end.dataReceived(amp.Box(box, _command=b"Sum", _ask=b"1").serialize())
            [answer] = amp.parseString(transport.value())
            self.assertEqual(answer[b"_error_code"], b"UNKNOWN")
            self.assertTrue(transport.disconnecting)
            self.assertEqual(len(self.flushLoggedErrors(amp.MalformedAmpBox, ValueError)), 1)

    def test_tooManyUnanswered(self) -> None:
        """Commands that wait for their answers are limited in number."""
        end, transport = alone()
        end.maxUnanswered = 3
        waiting: list[Deferred[Any]] = []

        def later() -> Deferred[Any]:
            waiting.append(Deferred())
            return waiting[-1]

        end.answer = later
        command = amp.Box(_command=b"Sum", _ask=b"1", a=b"1", b=b"2").serialize()
        end.dataReceived(command * 3)
        waiting.pop().callback({"total": 1})
        end.dataReceived(command)
        self.assertFalse(transport.disconnecting)
        end.dataReceived(command)
        self.assertTrue(transport.disconnecting)
        self.assertEqual(len(waiting), 3)

    def test_manyThatAreAnswered(self) -> None:
        """Any number of commands may come if they are answered."""
        end, transport = alone()
        end.maxUnanswered = 3
        end.dataReceived(amp.Box(_command=b"Echo", _ask=b"1", say=b"").serialize() * 100)
        self.assertEqual(len(amp.parseString(transport.value())), 100)

    @given(
        st.lists(
            st.dictionaries(
                st.sampled_from([b"_ask", b"_answer", b"_error", b"_command", b"a", b"b", b"x"])
                | st.binary(min_size=1, max_size=3),
                st.sampled_from([b"Sum", b"Tell", b"Echo", b"StartTLS", b"1", b"2", b""])
                | st.binary(max_size=3),
                max_size=5,
            ),
            max_size=5,
        ),
        st.binary(max_size=10),
    )
    @settings(deadline=None, max_examples=150)
    def test_anyBoxes(self, boxes: list[dict[bytes, bytes]], rest: bytes) -> None:
        """No boxes of a peer raise anything into the reactor, or leave a call without an end."""
        end, _ = alone()
        pending = asked(end.callRemote(Sum, a=1, b=2)).addErrback(lambda _: None)
        end.dataReceived(b"".join(amp.Box(box).serialize() for box in boxes) + rest)
        end.connectionLost(Failure(ConnectionDone()))
        self.assertTrue(pending.called)
        self.flushLoggedErrors()


class StringsTests(SynchronousTestCase):
    """What comes string by string, from somewhere else than a stream."""

    def test_box(self) -> None:
        """Keys and values in turns, and an empty key at the end."""
        end, _ = alone()
        for _ in range(2):
            for string in (b"_command", b"Tell", b"what", b"x", b""):
                end.stringReceived(string)
        self.assertEqual(end.told, ["x", "x"])

    def test_lengthLimit(self) -> None:
        """A key that is too long is the same offence as in a stream."""
        end, transport = alone()
        end.lengthLimitExceeded(256)
        end.connectionLost(Failure(ConnectionDone()))
        self.assertIsInstance(end.reasons[0].value, amp.TooLong)
        self.assertTrue(transport.disconnecting)

    def test_pause(self) -> None:
        """While paused, nothing is delivered; then all that has come."""
        end, _ = alone()
        end.pauseProducing()
        end.dataReceived(amp.Box(_command=b"Tell", what=b"x").serialize() * 2)
        self.assertEqual(end.told, [])
        end.resumeProducing()
        self.assertEqual(end.told, ["x", "x"])
