"""Peers that mean harm, peers that die, and peers of long ago."""

from __future__ import annotations

import pickle
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.testing import StringTransport
from twisted.spread import _login, pb
from twisted.spread._bananacodec import INCOMPLETE, Decoder, encode
from twisted.spread.test._pbpeer import Realm
from twisted.spread.test.pair import Pair
from twisted.test._source import modules
from twisted.trial.unittest import SynchronousTestCase, TestCase

MANY = 1_000


class Root(pb.Root):
    """What is served to them."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def remote_echo(self, *args: Any, **kw: Any) -> Any:
        self.heard.append((args, kw))
        return args[0] if args else kw

    def remote_never(self) -> Any:
        return Deferred()

    def remote_new(self) -> Any:
        return pb.Referenceable()

    def hidden(self) -> None:
        raise AssertionError("a private method was called")


class Stream:
    """A server that is fed by hand, in the profile "none"."""

    def __init__(self, served: Any) -> None:
        self.broker = pb.PBServerFactory(served).buildProtocol(None)
        self.transport = StringTransport()
        self.broker.makeConnection(self.transport)
        self.broker.dataReceived(encode(b"none"))
        self.transport.clear()

    def say(self, *messages: Any) -> list[Any]:
        """Feed messages; returns those that come back."""
        self.broker.dataReceived(b"".join(map(encode, messages)))
        decoder = Decoder()
        decoder.feed(self.transport.value())
        self.transport.clear()
        found = []
        while (message := decoder.receive()) is not INCOMPLETE:
            found.append(message)
        return found


NAMES = st.sampled_from([
    b"version", b"didNotUnderstand", b"message", b"cachemessage", b"answer", b"error", b"decref",
    b"decache", b"uncache", b"nothing",
])  # fmt: skip
TYPES = st.sampled_from([
    b"None", b"unicode", b"list", b"tuple", b"dictionary", b"set", b"reference", b"dereference",
    b"remote", b"local", b"lcache", b"cached", b"copy", b"class", b"module", b"instance", b"method",
    b"function", b"persistent", b"boolean", b"twisted.spread.pb.CopyableFailure", b"os.system",
])  # fmt: skip
LEAVES = st.one_of(
    st.integers(-3, 3), st.integers(-(2**80), 2**80), st.binary(max_size=4), TYPES, st.floats()
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.builds(lambda name, rest: [name, *rest], TYPES, st.lists(inner, max_size=3)),
    ),
    max_leaves=12,
)
METHODS = st.sampled_from([b"echo", b"never", b"new", b"_private", b"../hidden", b"\xff", b""])
CALLS = st.builds(
    lambda kind, number, target, method, asked, args, kw: [
        kind, number, target, method, asked, [b"tuple", *args], [b"dictionary", *kw],
    ],
    st.sampled_from([b"message", b"cachemessage"]),
    st.integers(-2, 2**40),
    st.sampled_from([b"root", 1, 2, -1]),
    METHODS,
    st.integers(0, 1),
    st.lists(EXPRESSIONS, max_size=3),
    st.lists(EXPRESSIONS, max_size=2),
)  # fmt: skip
MESSAGES = st.one_of(
    CALLS, CALLS, st.builds(lambda name, rest: [name, *rest], NAMES, st.lists(EXPRESSIONS))
)


class FuzzTests(SynchronousTestCase):
    """Any messages, in any pieces."""

    @settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)
    @given(st.lists(MESSAGES, max_size=6), st.lists(st.integers(1, 40), max_size=20))
    def test_anyMessages(self, messages: list[Any], cuts: list[int]) -> None:
        """Nothing escapes; the connection lives, or is ended for an offence; limits hold."""
        stream = Stream(Root())
        broker = stream.broker
        broker.maxReferences = 2
        data = b"".join(map(encode, messages))
        for cut in [*cuts, len(data)]:
            broker.dataReceived(data[:cut])
            data = data[cut:]
        self.assertEqual(stream.transport.disconnecting, broker.offence is not None)
        self.assertLessEqual(len(broker._references), 2)
        self.assertEqual(len(broker._originals), 0)
        self.assertEqual(broker._granted, [])
        self.assertEqual(broker._kept, [])
        self.assertEqual(broker.waitingForAnswers, {})
        if broker.offence is None:
            answers = stream.say(
                [b"message", 99, b"root", b"echo", 1, [b"tuple", 5], [b"dictionary"]]
            )
            self.assertIn([b"answer", 99, 5], answers)
        self.flushLoggedErrors()

    @settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)
    @given(st.lists(st.binary(max_size=60), max_size=8))
    def test_anyBytes(self, pieces: list[bytes]) -> None:
        """Bytes that are no messages, after the handshake."""
        stream = Stream(Root())
        for piece in pieces:
            stream.broker.dataReceived(piece)
        self.assertEqual(stream.transport.disconnecting, stream.broker.offence is not None)
        self.assertLessEqual(len(stream.broker.buffer), sum(map(len, pieces)))
        self.flushLoggedErrors()


class HarmTests(SynchronousTestCase):
    """Known ways to do harm."""

    def call(self, method: bytes, *args: Any, target: Any = b"root") -> Any:
        """What is said to a call of a method."""
        message = [b"message", 1, target, method, 1, [b"tuple", *args], [b"dictionary"]]
        (answer,) = Stream(Root()).say(message)
        self.flushLoggedErrors()
        return answer[0], str(answer[2])

    def test_privateNames(self) -> None:
        """Nothing is called that has not the prefix."""
        for name in (b"hidden", b"__init__", b"../hidden", b"_private", b"echo.__func__", b"\xff"):
            kind, text = self.call(name)
            self.assertEqual(kind, b"error")
            self.assertIn("NoSuchMethod", text)

    def test_unknownNumbers(self) -> None:
        """Objects are those that were given."""
        for target in (1, -1, 2**70, b"other"):
            kind, text = self.call(b"echo", target=target)
            self.assertEqual(kind, b"error")
            self.assertIn("there is no object", text)

    def test_deepNesting(self) -> None:
        """10,000 lists within each other end the connection, and nothing else."""
        stream = Stream(Root())
        stream.broker.dataReceived(b"\x01\x80" * 10_000)
        self.assertIn("nested", str(stream.broker.offence))
        self.assertTrue(stream.transport.disconnecting)

    def test_nothingIsUnpickled(self) -> None:
        """Pickles are byte strings, and nobody here could read them."""
        harm = pickle.dumps(KeyError("x"))
        with mock.patch("pickle.loads", side_effect=AssertionError):
            kind, text = self.call(b"echo", harm)
        self.assertEqual((kind, text), (b"answer", str(harm)))
        for name, module in modules().items():
            if name.startswith("twisted.spread") and ".test" not in name:
                self.assertNotIn("import pickle", module.source, name)
                self.assertNotIn("import marshal", module.source, name)

    def test_constantTime(self) -> None:
        """How long a wrong answer to a challenge takes does not say how wrong it is."""
        challenger = _login.Challenger(Portal(Realm()), None, b"bob", b"challenge")
        challenger._asked, challenger.response = b"challenge", pb.respond(b"challenge", b"x")
        with mock.patch("hmac.compare_digest", return_value=False) as compare:
            self.assertFalse(challenger.checkPassword(b"x"))
        compare.assert_called_once()


class OldPeerTests(SynchronousTestCase):
    """Peers of 8.x on Python 2: text, names and keys are byte strings there."""

    def test_calls(self) -> None:
        root = Root()
        keywords = [b"dictionary", [b"name", b"moshez"]]
        message = [b"message", 1, b"root", b"echo", 1, [b"tuple"], keywords]
        (answer,) = Stream(root).say([b"version", 6], message)
        self.assertEqual(root.heard, [((), {"name": b"moshez"})])
        self.assertEqual(answer[:2], [b"answer", 1])

    def test_words(self) -> None:
        """The same in the words of the profile "pb", byte for byte."""
        root = Root()
        broker = pb.PBServerFactory(root).buildProtocol(None)
        transport = StringTransport()
        broker.makeConnection(transport)
        broker.dataReceived(b"\x02\x82pb")
        transport.clear()
        broker.dataReceived(
            b"\x07\x80\x1a\x87\x01\x81\x04\x82root\x04\x82echo\x01\x81\x02\x80\x0b\x87\x02\x82hi"
            b"\x01\x80\x05\x87"
        )
        self.assertEqual(root.heard, [((b"hi",), {})])
        self.assertEqual(transport.value(), b"\x03\x80\x1b\x87\x01\x81\x02\x82hi")

    def test_login(self) -> None:
        """The two steps of logging in, and a call after that."""
        users = InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")
        stream = Stream(Portal(Realm(), [users]))
        none = [b"dictionary"]
        (said,) = stream.say([b"message", 1, b"root", b"login", 1, [b"tuple", b"bob"], none])
        _, _, (_, challenge, (_, challenger)) = said
        answer = [b"tuple", pb.respond(challenge, b"secret"), [b"None"]]
        (said,) = stream.say([b"message", 2, challenger, b"respond", 1, answer, none])
        (kind, _, (flavor, avatar)) = said
        self.assertEqual((kind, flavor), (b"answer", b"remote"))
        (said,) = stream.say([b"message", 3, avatar, b"whoami", 1, [b"tuple"], none])
        self.assertEqual(said, [b"answer", 3, [b"unicode", b"bob"]])

    def test_failure(self) -> None:
        """What failed there comes with names in byte strings."""
        pair = Pair(Root())
        call = pair.root.callRemote("never")
        pair.pump()
        state = [
            b"dictionary", [b"type", b"exceptions.KeyError"], [b"value", b"'x'"],
            [b"parents", [b"list", b"exceptions.KeyError", b"exceptions.Exception"]],
            [b"traceback", b"Traceback unavailable\n"],
        ]  # fmt: skip
        (number,) = pair.client.waitingForAnswers
        error = [b"error", number, [b"twisted.spread.pb.CopyableFailure", state]]
        pair.client.dataReceived(encode(error))
        failure = self.failureResultOf(call)
        self.assertEqual((failure.type, failure.getErrorMessage()), ("exceptions.KeyError", "'x'"))
        self.assertEqual(failure.check("exceptions.Exception"), "exceptions.Exception")


class DyingPeerTests(TestCase):
    """A peer that dies, over TCP."""

    async def test_pending(self) -> None:
        """All calls that wait fail, and nothing is left of them."""
        served = pb.PBServerFactory(Root())
        made: list[Any] = []
        self.patch(served, "clientConnectionMade", made.append)
        port: Any = reactor.listenTCP(0, served, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        factory = pb.PBClientFactory()
        reactor.connectTCP("127.0.0.1", port.getHost().port, factory)
        root = await factory.getRootObject()
        calls = [root.callRemote("never") for _ in range(MANY)]
        self.assertEqual(await root.callRemote("echo", 1), 1)
        made[0].transport.abortConnection()
        lost = await gatherResults(
            [self.assertFailure(call, pb.PBConnectionLost) for call in calls]
        )
        self.assertEqual(len(lost), MANY)
        self.assertEqual(root.broker.waitingForAnswers, {})
        self.assertRaises(pb.DeadReferenceError, root.callRemote, "echo", 1)
