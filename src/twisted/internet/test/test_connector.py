"""Connectors: one destination, and a factory's attempts to connect to it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet._connector import TRANSITIONS
from twisted.internet.address import IPv4Address
from twisted.internet.base import BaseConnector
from twisted.internet.error import (
    ConnectionDone,
    ConnectionRefusedError,
    NotConnectingError,
    TimeoutError,
    UserError,
)
from twisted.internet.interfaces import IConnector
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial import unittest

SERVER = IPv4Address("TCP", "192.0.2.1", 4321)


class _Bug(Exception):
    """Raised on purpose."""


class _Attempt:
    """A transport that a test connects, fails and loses."""

    def __init__(self, connector: BaseConnector) -> None:
        self.connector = connector
        self.state = "connecting"
        self.closing = False

    def failIfNotConnected(self, err: Exception) -> None:
        if self.state == "connecting":
            self.state = "over"
            self.connector.connectionFailed(Failure(err))

    def loseConnection(self) -> None:
        self.closing = True

    def succeed(self) -> Any:
        """The connection is made."""
        self.state = "connected"
        return self.connector.buildProtocol(SERVER)

    def end(self) -> None:
        """The connection is lost."""
        self.state = "over"
        self.connector.connectionLost(Failure(ConnectionDone()))


class _Connector(BaseConnector):
    """A connector whose attempts a test decides.

    Attributes:
        attempts: all of them.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.attempts: list[_Attempt] = []

    def getDestination(self) -> IPv4Address:
        return SERVER

    def _makeTransport(self) -> _Attempt:
        self.attempts.append(_Attempt(self))
        return self.attempts[-1]


class _Factory(ClientFactory[Protocol]):
    """Keeps what it is told, and does what the test wants it to do about it.

    Attributes:
        told: the events, with the kinds of reasons.
        then: what to do with the connector at an event, the first time.
    """

    noisy = False
    protocol = Protocol

    def __init__(self) -> None:
        self.told: list[str] = []
        self.reasons: list[BaseException] = []
        self.then: dict[str, Callable[[], object]] = {}

    def _note(self, event: str) -> None:
        self.told.append(event)
        self.then.pop(event, lambda: None)()

    def startFactory(self) -> None:
        self._note("start")

    def stopFactory(self) -> None:
        self._note("stop")

    def startedConnecting(self, connector: Any) -> None:
        self._note("connecting")

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self.reasons.append(reason.value)
        self._note("failed")

    def clientConnectionLost(self, connector: Any, unused_reason: Failure) -> None:
        self.reasons.append(unused_reason.value)
        self._note("lost")

    def buildProtocol(self, addr: Any) -> Any:
        self._note("build")
        return super().buildProtocol(addr)


class _ConnectorCase(unittest.SynchronousTestCase):
    """A connector with a timeout of thirty seconds, and its factory."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.factory = _Factory()
        self.connector = _Connector(self.factory, 30, self.clock)

    def take(self) -> list[str]:
        """What the factory was told since this was last asked."""
        told, self.factory.told = self.factory.told, []
        return told

    def come(self, state: str) -> _Attempt | None:
        """Come to `state`; returns the attempt."""
        if state == "disconnected":
            return None
        self.connector.connect()
        attempt = self.connector.attempts[-1]
        if state == "connected":
            attempt.succeed()
        return attempt

    def assertIdle(self) -> None:
        """Nothing goes on, and nothing is left of what did."""
        self.assertEqual(self.connector.state, "disconnected")
        self.assertIs(self.connector.transport, None)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.factory.numPorts, 0)


class StateTests(_ConnectorCase):
    """What may be asked for when, and what the factory hears."""

    def test_interface(self) -> None:
        self.assertTrue(verifyObject(IConnector, self.connector))

    def test_table(self) -> None:
        """Every pair: what transports and users can do is there, the rest is nobody's."""
        states = ("disconnected", "connecting", "connected")
        after = {
            "connect": ("connecting", None, None),
            "stop": (None, "disconnected", None),
            # Connected: the factory could not build a protocol.
            "failed": ("disconnected", "disconnected", "disconnected"),
            "connected": (None, "connected", None),
            "lost": (None, None, "disconnected"),
        }
        expected = {
            (state, event): outcome
            for event, outcomes in after.items()
            for state, outcome in zip(states, outcomes, strict=True)
            if outcome is not None
        }
        self.assertEqual(TRANSITIONS, expected)

    def test_missingPairs(self) -> None:
        """A transport that reports what cannot be is told so, and nothing changes."""
        for state, event in product(
            ("disconnected", "connecting", "connected"), ("failed", "lost")
        ):
            if (state, event) in TRANSITIONS:
                continue
            self.setUp()
            self.come(state)
            self.take()
            report = getattr(
                self.connector, {"failed": "connectionFailed", "lost": "connectionLost"}[event]
            )
            self.assertRaises(KeyError, report, Failure(_Bug()))
            self.assertEqual((self.connector.state, self.take()), (state, []))

    def test_wholeLife(self) -> None:
        self.assertEqual(self.connector.state, "disconnected")
        attempt = self.come("connecting")
        assert attempt is not None
        self.assertEqual(self.connector.state, "connecting")
        self.assertIs(self.connector.transport, attempt)
        self.assertEqual(self.take(), ["start", "connecting"])
        self.assertIsInstance(attempt.succeed(), Protocol)
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(self.take(), ["build"])
        attempt.end()
        self.assertEqual(self.take(), ["lost", "stop"])
        self.assertIdle()

    def test_failure(self) -> None:
        attempt = self.come("connecting")
        assert attempt is not None
        attempt.failIfNotConnected(ConnectionRefusedError())
        self.assertEqual(self.take(), ["start", "connecting", "failed", "stop"])
        self.assertIsInstance(self.factory.reasons[0], ConnectionRefusedError)
        self.assertIdle()

    def test_again(self) -> None:
        """After a failure, and after a loss."""
        for end in ("failed", "lost"):
            attempt = self.come("connecting" if end == "failed" else "connected")
            assert attempt is not None
            attempt.failIfNotConnected(
                ConnectionRefusedError()
            ) if end == "failed" else attempt.end()
        self.assertEqual(len(self.connector.attempts), 2)
        self.assertEqual(self.take().count("start"), 2)
        self.assertIdle()

    def test_connectTwice(self) -> None:
        for state in ("connecting", "connected"):
            self.setUp()
            self.come(state)
            self.take()
            wrong = self.assertRaises(RuntimeError, self.connector.connect)
            self.assertIn("192.0.2.1", str(wrong))
            self.assertIn(state, str(wrong))
            self.assertEqual((self.take(), len(self.connector.attempts)), ([], 1))

    def test_stopConnecting(self) -> None:
        self.come("connecting")
        self.connector.stopConnecting()
        self.assertEqual(self.take(), ["start", "connecting", "failed", "stop"])
        self.assertIs(type(self.factory.reasons[0]), UserError)
        self.assertIdle()

    def test_stopConnectingWhenThereIsNoAttempt(self) -> None:
        for state in ("disconnected", "connected"):
            self.setUp()
            self.come(state)
            wrong = self.assertRaises(NotConnectingError, self.connector.stopConnecting)
            self.assertIn(state, str(wrong))
            self.assertEqual(self.connector.state, state)

    def test_disconnect(self) -> None:
        """Whatever the state."""
        self.connector.disconnect()
        self.assertEqual(self.take(), [])
        self.come("connecting")
        self.connector.disconnect()
        self.assertEqual(self.take()[-2:], ["failed", "stop"])
        self.assertIs(type(self.factory.reasons[0]), UserError)
        attempt = self.come("connected")
        assert attempt is not None
        self.connector.disconnect()
        self.assertTrue(attempt.closing)
        self.assertEqual(self.connector.state, "connected", "until it is lost")
        attempt.end()
        self.assertIdle()

    def test_noProtocol(self) -> None:
        """A factory that does not want the connection."""
        self.patch(self.factory, "buildProtocol", lambda addr: None)
        self.connector.connect()
        self.assertIs(self.connector.attempts[0].succeed(), None)
        self.assertEqual(self.connector.state, "connected", "for the transport to lose")


class TimeoutTests(_ConnectorCase):
    """How long an attempt may take."""

    def test_tooLate(self) -> None:
        self.come("connecting")
        self.clock.advance(29.9)
        self.assertEqual(self.connector.state, "connecting")
        self.clock.advance(0.1)
        self.assertEqual(self.take()[-2:], ["failed", "stop"])
        reason = self.factory.reasons[0]
        self.assertIsInstance(reason, TimeoutError)
        self.assertIn("192.0.2.1", str(reason))
        self.assertIn("30 seconds", str(reason))
        self.assertIdle()

    def test_notOnceItIsSettled(self) -> None:
        """Connected, failed or given up: nothing is left to wait for."""
        settle: list[Callable[[_Attempt], object]] = [
            _Attempt.succeed,
            lambda attempt: attempt.failIfNotConnected(ConnectionRefusedError()),
            lambda attempt: attempt.connector.stopConnecting(),
        ]
        for step in settle:
            self.setUp()
            attempt = self.come("connecting")
            assert attempt is not None
            step(attempt)
            self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_eachAttemptHasItsOwn(self) -> None:
        attempt = self.come("connecting")
        assert attempt is not None
        self.clock.advance(20)
        attempt.failIfNotConnected(ConnectionRefusedError())
        self.come("connecting")
        self.clock.advance(20)
        self.assertEqual(self.connector.state, "connecting")
        self.clock.advance(10)
        self.assertIdle()

    def test_none(self) -> None:
        """Left to the system."""
        self.connector = _Connector(self.factory, None, self.clock)
        self.come("connecting")
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.connector.cancelTimeout()

    def test_cancelTimeout(self) -> None:
        self.come("connecting")
        self.connector.cancelTimeout()
        self.connector.cancelTimeout()
        self.clock.advance(1e6)
        self.assertEqual(self.connector.state, "connecting")

    def test_impossible(self) -> None:
        """Refused before anything begins."""
        for timeout in (-1, float("nan")):
            self.connector = _Connector(self.factory, timeout, self.clock)
            self.assertRaises(ValueError, self.connector.connect)
            self.assertNotIn("connecting", self.take())
            self.assertIdle()


class ReentrancyTests(_ConnectorCase):
    """What a factory may do while it is told of an event."""

    def test_connectAgainWhenItFails(self) -> None:
        """The factory goes on: it is not stopped in between."""
        self.factory.then["failed"] = self.connector.connect
        attempt = self.come("connecting")
        assert attempt is not None
        attempt.failIfNotConnected(ConnectionRefusedError())
        self.assertEqual(self.take(), ["start", "connecting", "failed", "connecting"])
        self.assertEqual(self.connector.state, "connecting")
        self.assertIs(self.connector.transport, self.connector.attempts[1])
        self.assertEqual(self.factory.numPorts, 1)
        self.connector.attempts[1].succeed()
        self.connector.attempts[1].end()
        self.assertEqual(self.take(), ["build", "lost", "stop"])
        self.assertIdle()

    def test_connectAgainWhenItIsLost(self) -> None:
        self.factory.then["lost"] = self.connector.connect
        attempt = self.come("connected")
        assert attempt is not None
        attempt.end()
        self.assertEqual(self.take(), ["start", "connecting", "build", "lost", "connecting"])
        self.assertIs(self.connector.transport, self.connector.attempts[1])

    def test_connectAgainWhenItIsGivenUp(self) -> None:
        self.factory.then["failed"] = self.connector.connect
        self.come("connecting")
        self.connector.stopConnecting()
        self.assertEqual(self.connector.state, "connecting")
        self.assertIs(self.connector.transport, self.connector.attempts[1])
        self.clock.advance(30)
        self.assertIdle()

    def test_connectAgainWhenItTimesOut(self) -> None:
        self.factory.then["failed"] = self.connector.connect
        self.come("connecting")
        self.clock.advance(30)
        self.assertEqual(self.connector.state, "connecting")
        self.clock.advance(29)
        self.assertEqual(self.connector.state, "connecting")
        self.clock.advance(1)
        self.assertEqual([type(reason) for reason in self.factory.reasons], [TimeoutError] * 2)
        self.assertIdle()

    def test_stopAsSoonAsItStarts(self) -> None:
        self.factory.then["connecting"] = self.connector.stopConnecting
        self.connector.connect()
        self.assertEqual(self.take(), ["start", "connecting", "failed", "stop"])
        self.assertIdle()

    def test_disconnectAsSoonAsItStarts(self) -> None:
        self.factory.then["connecting"] = self.connector.disconnect
        self.connector.connect()
        self.assertIdle()

    def test_connectAgainAndStop(self) -> None:
        """Stopped once, though two attempts end."""

        def again() -> None:
            self.connector.connect()
            self.connector.stopConnecting()

        self.factory.then["failed"] = again
        self.come("connecting")
        self.connector.stopConnecting()
        self.assertEqual(
            self.take(), ["start", "connecting", "failed", "connecting", "failed", "stop"]
        )
        self.assertIdle()

    def test_stopWhenItFails(self) -> None:
        """The attempt is over by then."""
        self.factory.then["failed"] = lambda: self.assertRaises(
            NotConnectingError, self.connector.stopConnecting
        )
        attempt = self.come("connecting")
        assert attempt is not None
        attempt.failIfNotConnected(ConnectionRefusedError())
        self.assertIdle()

    def test_disconnectInBuildProtocol(self) -> None:
        self.factory.then["build"] = self.connector.disconnect
        attempt = self.come("connected")
        assert attempt is not None
        self.assertTrue(attempt.closing)

    def test_connectAgainWhenItIsStopped(self) -> None:
        """A factory that is started anew, from where it is told that it is done."""
        self.factory.then["stop"] = self.connector.connect
        attempt = self.come("connecting")
        assert attempt is not None
        attempt.failIfNotConnected(ConnectionRefusedError())
        self.assertEqual(
            self.take(), ["start", "connecting", "failed", "stop", "start", "connecting"]
        )
        self.connector.stopConnecting()
        self.assertIdle()


class BugTests(_ConnectorCase):
    """Factories that raise."""

    def _bug(self) -> None:
        raise _Bug

    def test_whenItHearsOfTheEnd(self) -> None:
        """The factory is stopped all the same, and can be used again."""
        for event in ("failed", "lost"):
            self.factory.then[event] = self._bug
            attempt = self.come("connecting" if event == "failed" else "connected")
            assert attempt is not None
            if event == "failed":
                self.assertRaises(_Bug, attempt.failIfNotConnected, ConnectionRefusedError())
            else:
                self.assertRaises(_Bug, attempt.end)
            self.assertEqual(self.take()[-1], "stop")
            self.assertIdle()

    def test_inBuildProtocol(self) -> None:
        """It is the transport that must end."""
        self.factory.then["build"] = self._bug
        self.connector.connect()
        attempt = self.connector.attempts[0]
        self.assertRaises(_Bug, attempt.succeed)
        attempt.end()
        self.assertEqual(self.take(), ["start", "connecting", "build", "lost", "stop"])
        self.assertIdle()

    def test_whenItIsStarted(self) -> None:
        """No attempt is made, and it may be tried again."""
        self.factory.then["start"] = self._bug
        self.assertRaises(_Bug, self.connector.connect)
        self.assertEqual(self.connector.state, "disconnected")
        self.assertEqual(self.connector.attempts, [])
        self.connector.connect()
        self.assertEqual(self.connector.state, "connecting")

    def test_noTransport(self) -> None:
        """What cannot even be tried."""
        patched = self.patch(self.connector, "_makeTransport", self._bug)
        self.assertRaises(_Bug, self.connector.connect)
        self.assertEqual(self.take(), ["start", "stop"])
        self.assertIdle()
        patched.restore()
        self.connector.connect()
        self.assertEqual(self.take(), ["start", "connecting"])
