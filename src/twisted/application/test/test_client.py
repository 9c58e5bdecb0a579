"""The service that keeps a connection: its states, its patience, and its end."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.application.internet import ClientService, _client, backoffPolicy
from twisted.application.internet._client import TRANSITIONS, Event, State
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial import unittest


class FakeEndpoint:
    """Connects when it is told so."""

    def __init__(self) -> None:
        self.attempts: list[tuple[Deferred[Any], Any]] = []
        self.cancelled = 0

    def connect(self, factory: Any) -> Deferred[Any]:
        def cancel(ignored: object) -> None:
            self.cancelled += 1

        attempt: Deferred[Any] = Deferred(cancel)
        self.attempts.append((attempt, factory))
        return attempt

    def succeed(self) -> tuple[Any, StringTransport]:
        """The latest attempt has a connection."""
        attempt, factory = self.attempts[-1]
        protocol = factory.buildProtocol(None)
        transport = StringTransport()
        protocol.makeConnection(transport)
        attempt.callback(protocol)
        return protocol, transport

    def fail(self, problem: Exception) -> None:
        """The latest attempt has failed."""
        self.attempts[-1][0].errback(problem)


@implementer(IHalfCloseableProtocol)
class Telling(Protocol):
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def dataReceived(self, data: bytes) -> None:
        self.heard.append(data)

    def readConnectionLost(self) -> None:
        self.heard.append("read")

    def writeConnectionLost(self) -> None:
        self.heard.append("write")

    def connectionLost(self, reason: Any = None) -> None:
        self.heard.append(reason.type)


LOST = Failure(ConnectionLost())


class ClientCase(unittest.SynchronousTestCase):
    """A service whose endpoint and time are in the hands of the test."""

    def setUp(self) -> None:
        self.endpoint = FakeEndpoint()
        self.clock = Clock()
        self.policy: list[int] = []
        self.prepare: Any = None

    def make(self, start: bool = True) -> ClientService:
        def policy(failures: int) -> float:
            self.policy.append(failures)
            return 10.0 * failures

        endpoint: Any = self.endpoint
        factory: Any = Factory.forProtocol(Telling)
        service = ClientService(endpoint, factory, policy, self.clock, self.prepare)
        if start:
            service.startService()
        return service


class TableTests(unittest.SynchronousTestCase):
    """Every state, every event."""

    def test_table(self) -> None:
        """All that can be asked of a service may be asked in every state."""
        for state in State:
            for event in (Event.START, Event.STOP):
                self.assertIn((state, event), TRANSITIONS)
        linked = {State.CONNECTING, State.CONNECTED, State.CLOSING, State.RESTARTING}
        for state in State:
            self.assertEqual((state, Event.ENDED) in TRANSITIONS, state in linked)
            self.assertEqual((state, Event.OPENED) in TRANSITIONS, state is State.CONNECTING)
            self.assertEqual((state, Event.RETRY) in TRANSITIONS, state is State.WAITING)
        self.assertLessEqual(set(TRANSITIONS.values()), set(State))

    def test_entered(self) -> None:
        """For each state there is what is done as it begins."""
        self.assertEqual(set(ClientService._entered), set(State))


class ConnectingTests(ClientCase):
    """From the start to a connection, and again."""

    def test_connects(self) -> None:
        service = self.make(start=False)
        early = service.whenConnected()
        self.assertEqual(self.endpoint.attempts, [])
        service.startService()
        waiting = service.whenConnected()
        self.assertNoResult(waiting)
        watched, _ = self.endpoint.succeed()
        protocol = self.successResultOf(waiting)
        self.assertIsInstance(protocol, Telling)
        self.assertIs(self.successResultOf(early), protocol)
        self.assertIs(self.successResultOf(service.whenConnected()), protocol)
        watched.dataReceived(b"data")
        self.assertTrue(IHalfCloseableProtocol.providedBy(watched))
        watched.readConnectionLost()
        watched.writeConnectionLost()
        watched.connectionLost(LOST)
        self.assertEqual(protocol.heard, [b"data", "read", "write", ConnectionLost])

    def test_retries(self) -> None:
        """After each failure it waits as the policy says, and from one again after a success."""
        self.make()
        for number in (1, 2, 3):
            self.endpoint.fail(OSError("no"))
            self.assertEqual(len(self.endpoint.attempts), number)
            self.clock.advance(10 * number - 0.1)
            self.assertEqual(len(self.endpoint.attempts), number)
            self.clock.advance(0.1)
            self.assertEqual(len(self.endpoint.attempts), number + 1)
        watched, _ = self.endpoint.succeed()
        watched.connectionLost(LOST)
        self.assertEqual(self.policy, [1, 2, 3, 1])
        self.clock.advance(10)
        self.assertEqual(len(self.endpoint.attempts), 5)

    def test_startedTwice(self) -> None:
        service = self.make()
        service.startService()
        self.assertEqual(len(self.endpoint.attempts), 1)

    def test_brokenPolicy(self) -> None:
        """A policy that fails is logged, and no reason to give up."""

        def policy(failures: int) -> float:
            raise ValueError("no idea")

        endpoint: Any = self.endpoint
        service = ClientService(endpoint, Factory(), policy, self.clock)
        service.startService()
        self.endpoint.fail(OSError())
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        self.clock.advance(_client.MAX_DELAY)
        self.assertEqual(len(self.endpoint.attempts), 2)

    def test_impatient(self) -> None:
        """One may wait for as many failures as one likes, in a row."""
        service = self.make()
        waiting = [service.whenConnected(failAfterFailures=number) for number in (1, 2)]
        forever = service.whenConnected()
        self.endpoint.fail(OSError("first"))
        self.assertEqual(self.failureResultOf(waiting[0]).getErrorMessage(), "first")
        self.assertNoResult(waiting[1])
        self.clock.advance(10)
        self.endpoint.fail(OSError("second"))
        self.assertEqual(self.failureResultOf(waiting[1]).getErrorMessage(), "second")
        self.assertNoResult(forever)

    def test_waiterCancelled(self) -> None:
        service = self.make()
        waiting = service.whenConnected()
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.endpoint.succeed()


class PreparingTests(ClientCase):
    """What is done with a connection before anybody gets it."""

    def setUp(self) -> None:
        super().setUp()
        self.preparing: Deferred[None] = Deferred()
        self.prepared: list[Any] = []

        def prepare(protocol: Any) -> Deferred[None]:
            self.prepared.append(protocol)
            return self.preparing

        self.prepare = prepare

    def test_waits(self) -> None:
        waiting = self.make().whenConnected()
        self.endpoint.succeed()
        self.assertNoResult(waiting)
        self.preparing.callback(None)
        self.assertEqual([self.successResultOf(waiting)], self.prepared)

    def test_fails(self) -> None:
        """The connection is lost, and the attempt has failed."""
        waiting = self.make().whenConnected(failAfterFailures=1)
        watched, transport = self.endpoint.succeed()
        self.preparing.errback(ValueError("wrong password"))
        self.assertTrue(transport.disconnecting)
        self.assertNoResult(waiting)
        watched.connectionLost(LOST)
        self.failureResultOf(waiting, ValueError)

    def test_lost(self) -> None:
        """What prepares a connection that is lost is given up."""
        waiting = self.make().whenConnected(failAfterFailures=1)
        watched, _ = self.endpoint.succeed()
        watched.connectionLost(LOST)
        self.failureResultOf(waiting, ConnectionLost)

    def test_stopped(self) -> None:
        service = self.make()
        watched, transport = self.endpoint.succeed()
        stopped = service.stopService()
        self.assertTrue(transport.disconnecting)
        self.assertNoResult(stopped)
        watched.connectionLost(LOST)
        self.successResultOf(stopped)


class StoppingTests(ClientCase):
    """The end, and starting again."""

    def test_neverStarted(self) -> None:
        self.successResultOf(self.make(start=False).stopService())

    def test_connecting(self) -> None:
        service = self.make()
        waiting = service.whenConnected()
        self.successResultOf(service.stopService())
        self.assertEqual(self.endpoint.cancelled, 1)
        self.failureResultOf(waiting, CancelledError)
        self.failureResultOf(service.whenConnected(), CancelledError)

    def test_waiting(self) -> None:
        service = self.make()
        self.endpoint.fail(OSError())
        self.successResultOf(service.stopService())
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_connected(self) -> None:
        """It is over when the connection is."""
        service = self.make()
        watched, transport = self.endpoint.succeed()
        stopped = [service.stopService(), service.stopService()]
        self.assertTrue(transport.disconnecting)
        self.assertNoResult(stopped[0])
        watched.connectionLost(Failure(ConnectionDone()))
        for one in stopped:
            self.successResultOf(one)
        self.assertEqual(len(self.endpoint.attempts), 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_again(self) -> None:
        """It can be started again at any time; never are there two connections."""
        service = self.make()
        watched, _ = self.endpoint.succeed()
        stopped = service.stopService()
        service.startService()
        waiting = service.whenConnected()
        self.assertEqual(len(self.endpoint.attempts), 1)
        self.assertNoResult(stopped)
        watched.connectionLost(LOST)
        self.successResultOf(stopped)
        self.assertEqual(len(self.endpoint.attempts), 2)
        self.endpoint.succeed()
        self.successResultOf(waiting)

    def test_againAndNot(self) -> None:
        """Stopped, started, stopped, while the connection is being closed."""
        service = self.make()
        watched, _ = self.endpoint.succeed()
        first = service.stopService()
        service.startService()
        waiting = service.whenConnected()
        second = service.stopService()
        watched.connectionLost(LOST)
        self.successResultOf(first)
        self.successResultOf(second)
        self.failureResultOf(waiting, CancelledError)
        self.assertEqual(len(self.endpoint.attempts), 1)

    def test_afterStop(self) -> None:
        service = self.make()
        self.successResultOf(service.stopService())
        service.startService()
        self.assertEqual(len(self.endpoint.attempts), 2)

    def test_connectedTooLate(self) -> None:
        """An endpoint that answers to being cancelled with a connection gets it closed."""
        connecting: Deferred[Any] = Deferred(lambda ignored: connecting.callback(made()))
        transport = StringTransport()

        def made() -> Any:
            protocol = self.endpoint.attempts[-1][1].buildProtocol(None)
            protocol.makeConnection(transport)
            self.watched = protocol
            return protocol

        def connect(factory: Any) -> Deferred[Any]:
            self.endpoint.attempts.append((connecting, factory))
            return connecting

        self.endpoint.connect = connect  # type: ignore[method-assign]  # it is a fake
        service = self.make()
        stopped = service.stopService()
        self.assertTrue(transport.disconnecting)
        self.assertNoResult(stopped)
        self.watched.connectionLost(LOST)
        self.successResultOf(stopped)

    def test_stoppedByWaiter(self) -> None:
        """Those who are told of a connection may stop the service."""
        service = self.make()
        stopped: list[Any] = []
        service.whenConnected().addCallback(lambda ignored: stopped.append(service.stopService()))
        other = service.whenConnected()
        watched, transport = self.endpoint.succeed()
        self.assertTrue(transport.disconnecting)
        self.successResultOf(other)
        watched.connectionLost(LOST)
        self.successResultOf(stopped[0])

    def test_failsAtOnce(self) -> None:
        """An endpoint that raises is one that failed."""

        def connect(factory: Any) -> Deferred[Any]:
            raise OSError("no")

        self.endpoint.connect = connect  # type: ignore[method-assign]  # it is a fake
        service = self.make()
        self.assertEqual(self.policy, [1])
        self.successResultOf(service.stopService())


class PolicyTests(unittest.SynchronousTestCase):
    """`backoffPolicy`."""

    def test_grows(self) -> None:
        policy = backoffPolicy(1.0, 20.0, 2.0, jitter=lambda: 0.5)
        self.assertEqual([policy(n) for n in range(7)], [1.5, 2.5, 4.5, 8.5, 16.5, 20.5, 20.5])

    def test_huge(self) -> None:
        """However many failures, it is a number."""
        self.assertEqual(backoffPolicy(jitter=lambda: 0)(10**6), 60.0)

    def test_jitter(self) -> None:
        """By default it is different each time, by a second at most."""
        policy = backoffPolicy()
        delays = {policy(0) for _ in range(20)}
        self.assertGreater(len(delays), 1)
        self.assertTrue(all(1 <= delay <= 2 for delay in delays))


class SocketTests(unittest.TestCase):
    """With real sockets."""

    async def test_reconnects(self) -> None:
        """The server hangs up on the first; the second one stays."""
        made: list[Any] = []

        class Server(Protocol):
            def connectionMade(self) -> None:
                made.append(self)
                if len(made) == 1:
                    assert self.transport is not None
                    self.transport.loseConnection()
                else:
                    second.callback(None)

        second: Deferred[None] = Deferred()
        listening: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(
            Factory.forProtocol(Server)
        )
        where = TCP4ClientEndpoint(reactor, "127.0.0.1", listening.getHost().port)
        service = ClientService(where, Factory.forProtocol(Protocol), lambda failures: 0)
        service.startService()
        await second
        self.assertIsInstance(await service.whenConnected(), Protocol)
        await service.stopService()
        stopped: Any = listening.stopListening()
        await stopped
