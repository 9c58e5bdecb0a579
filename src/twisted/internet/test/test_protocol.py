"""`twisted.internet.protocol`: protocols, factories, clients, a file as a transport."""

from __future__ import annotations

import pickle
from io import BytesIO
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet import error, protocol
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IConsumer,
    ILoggingContext,
    IProcessProtocol,
    IProtocol,
    IProtocolFactory,
    ITransport,
)
from twisted.internet.protocol import (
    ClientCreator,
    ConnectedDatagramProtocol,
    DatagramProtocol,
    Factory,
    FileWrapper,
    ProcessProtocol,
    Protocol,
    ReconnectingClientFactory,
)
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import capturedLogs, formatEvent
from twisted.python.failure import Failure
from twisted.trial import unittest

ADDRESS = IPv4Address("TCP", "127.0.0.1", 80)


class PublicNamesTests(unittest.SynchronousTestCase):
    """The module is a table of contents over private modules."""

    def test_modulePath(self) -> None:
        for name in protocol.__all__:
            value = getattr(protocol, name)
            if isinstance(value, type):
                self.assertEqual(value.__module__, "twisted.internet.protocol")
                self.assertEqual(value.__name__, name)

    def test_connectionDone(self) -> None:
        self.assertIsInstance(protocol.connectionDone.value, error.ConnectionDone)


class ProtocolTests(unittest.SynchronousTestCase):
    """`Protocol`."""

    def test_interface(self) -> None:
        verifyObject(IProtocol, Protocol())
        verifyObject(ILoggingContext, Protocol())

    def test_makeConnection(self) -> None:
        class Greeting(Protocol):
            def connectionMade(self) -> None:
                self.transport.write(b"hello")

        greeting, transport = Greeting(), StringTransport()
        self.assertFalse(greeting.connected)
        self.assertIsNone(greeting.transport)
        greeting.makeConnection(transport)
        self.assertTrue(greeting.connected)
        self.assertIs(greeting.transport, transport)
        self.assertEqual(transport.value(), b"hello")

    def test_defaultsDoNothing(self) -> None:
        plain = Protocol()
        plain.dataReceived(b"data")
        plain.connectionLost()

    def test_logPrefix(self) -> None:
        class Mine(Protocol):
            pass

        self.assertEqual(Mine().logPrefix(), "Mine")


class ProcessProtocolTests(unittest.SynchronousTestCase):
    """`ProcessProtocol`."""

    def setUp(self) -> None:
        self.events: list[object] = []
        self.process: Any = ProcessProtocol()

    def test_interface(self) -> None:
        verifyObject(IProcessProtocol, self.process)

    def test_data(self) -> None:
        self.process.outReceived = lambda data: self.events.append(("out", data))
        self.process.errReceived = lambda data: self.events.append(("err", data))
        for childFD in (0, 1, 2, 3):
            self.process.childDataReceived(childFD, b"%d" % childFD)
        self.assertEqual(self.events, [("out", b"1"), ("err", b"2")])

    def test_closing(self) -> None:
        for name in ("in", "out", "err"):
            setattr(
                self.process, f"{name}ConnectionLost", lambda name=name: self.events.append(name)
            )
        for childFD in (2, 1, 0, 3):
            self.process.childConnectionLost(childFD)
        self.assertEqual(self.events, ["err", "out", "in"])

    def test_defaultsDoNothing(self) -> None:
        for childFD in range(4):
            self.process.childDataReceived(childFD, b"")
            self.process.childConnectionLost(childFD)
        reason = Failure(error.ProcessDone(0))
        self.process.processExited(reason)
        self.process.processEnded(reason)


class DatagramProtocolTests(unittest.SynchronousTestCase):
    """`DatagramProtocol` and its base."""

    def make(self) -> tuple[Any, list[str]]:
        events: list[str] = []

        class Counting(DatagramProtocol):
            def startProtocol(self) -> None:
                events.append("start")

            def stopProtocol(self) -> None:
                events.append("stop")

        return Counting(), events

    def test_startAndStop(self) -> None:
        counting, events = self.make()
        counting.makeConnection("transport")
        counting.doStart()
        self.assertEqual((events, counting.numPorts), (["start"], 2))
        counting.doStop()
        self.assertEqual(events, ["start"])
        counting.doStop()
        self.assertEqual((events, counting.numPorts), (["start", "stop"], 0))
        self.assertIsNone(counting.transport)

    def test_stoppedTooOften(self) -> None:
        counting, _ = self.make()
        self.assertRaises(RuntimeError, counting.doStop)

    def test_oneTransportAtATime(self) -> None:
        counting, _ = self.make()
        counting.makeConnection("transport")
        with self.assertRaises(RuntimeError) as caught:
            counting.makeConnection("other")
        self.assertIn("in use by 'transport'", str(caught.exception))

    def test_noisy(self) -> None:
        counting, _ = self.make()
        with capturedLogs() as logged:
            counting.doStart()
            counting.doStop()
            counting.noisy = False
            counting.doStart()
            counting.doStop()
        texts = [formatEvent(event) for event in logged]
        self.assertEqual(
            texts, [f"Starting protocol {counting!r}", f"Stopping protocol {counting!r}"]
        )

    def test_state(self) -> None:
        plain = DatagramProtocol()
        plain.makeConnection("transport")
        plain.noisy = False
        self.assertEqual(plain.__getstate__(), {"numPorts": 1, "noisy": False})

    def test_defaultsDoNothing(self) -> None:
        plain = ConnectedDatagramProtocol()
        plain.datagramReceived(b"")
        plain.connectionRefused()
        plain.connectionFailed(Failure(error.ConnectError()))
        self.assertEqual(plain.logPrefix(), "ConnectedDatagramProtocol")


class FactoryTests(unittest.SynchronousTestCase):
    """`Factory`."""

    def test_interface(self) -> None:
        verifyObject(IProtocolFactory, Factory())
        verifyObject(ILoggingContext, Factory())

    def test_buildProtocol(self) -> None:
        factory: Factory[Protocol] = Factory()
        factory.protocol = Protocol
        first, second = factory.buildProtocol(ADDRESS), factory.buildProtocol(ADDRESS)
        assert first is not None
        self.assertIsInstance(first, Protocol)
        self.assertIs(first.factory, factory)
        self.assertIsNot(first, second)

    def test_nothingToBuild(self) -> None:
        with self.assertRaises(RuntimeError) as caught:
            Factory().buildProtocol(ADDRESS)
        self.assertIn("set its protocol attribute", str(caught.exception))

    def test_forProtocol(self) -> None:
        class Mine(Factory[Protocol]):
            def __init__(self, *args: object, **kwargs: object) -> None:
                self.given = (args, kwargs)

        factory = Mine.forProtocol(Protocol, 1, key=2)
        self.assertIsInstance(factory, Mine)
        self.assertEqual(factory.given, ((1,), {"key": 2}))
        self.assertIs(factory.protocol, Protocol)

    def test_firstStartAndLastStopCount(self) -> None:
        events: list[str] = []

        class Counting(Factory[Protocol]):
            def startFactory(self) -> None:
                events.append("start")

            def stopFactory(self) -> None:
                events.append("stop")

        factory = Counting()
        factory.doStart()
        factory.doStart()
        factory.doStop()
        self.assertEqual((events, factory.numPorts), (["start"], 1))
        factory.doStop()
        factory.doStop()
        self.assertEqual((events, factory.numPorts), (["start", "stop"], 0))

    def test_factoryThatCannotStart(self) -> None:
        class Failing(Factory[Protocol]):
            def startFactory(self) -> None:
                raise OSError("no such file")

        factory = Failing()
        self.assertRaises(OSError, factory.doStart)
        self.assertEqual(factory.numPorts, 0)

    def test_noisy(self) -> None:
        factory: Factory[Protocol] = Factory()
        with capturedLogs() as logged:
            factory.doStart()
            factory.doStop()
            factory.noisy = False
            factory.doStart()
            factory.doStop()
        texts = [formatEvent(event) for event in logged]
        self.assertEqual(texts, [f"Starting factory {factory!r}", f"Stopping factory {factory!r}"])
        self.assertEqual(
            {event["log_namespace"] for event in logged}, {"twisted.internet.protocol"}
        )

    def test_logPrefix(self) -> None:
        self.assertEqual(Factory().logPrefix(), "Factory")


class RecordingConnector:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.connecting = False

    def connect(self) -> None:
        self.events.append("connect")

    def stopConnecting(self) -> None:
        if not self.connecting:
            raise error.NotConnectingError()
        self.events.append("stopConnecting")

    def __repr__(self) -> str:
        return "<connector>"


class ReconnectingClientFactoryTests(unittest.SynchronousTestCase):
    """`ReconnectingClientFactory`."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.connector: Any = RecordingConnector()
        self.factory: ReconnectingClientFactory[Protocol] = ReconnectingClientFactory()
        self.factory.clock = self.clock
        self.factory.noisy = False
        self.factory.jitter = None

    def waits(self, times: int = 1) -> list[float]:
        """Let attempts fail; returns how long each wait was."""
        found = []
        for _ in range(times):
            self.factory.clientConnectionFailed(self.connector, Failure(error.ConnectError()))
            (call,) = self.clock.getDelayedCalls()
            found.append(call.getTime() - self.clock.seconds())
            self.clock.advance(found[-1])
        return found

    def test_waitsGrow(self) -> None:
        self.factory.factor = 2
        self.factory.maxDelay = 10
        self.assertEqual(self.waits(6), [2, 4, 8, 10, 10, 10])
        self.assertEqual(self.connector.events, ["connect"] * 6)

    def test_sameWhenLost(self) -> None:
        self.factory.factor = 3
        self.factory.clientConnectionLost(self.connector, Failure(error.ConnectionLost()))
        self.clock.advance(2.9)
        self.assertEqual(self.connector.events, [])
        self.clock.advance(0.1)
        self.assertEqual(self.connector.events, ["connect"])

    def test_resetDelay(self) -> None:
        self.factory.factor = 2
        self.factory.initialDelay = 0.5
        self.waits(5)
        self.factory.resetDelay()
        self.assertEqual((self.factory.retries, self.factory.continueTrying), (0, 1))
        self.assertEqual(self.waits(2), [1, 2])

    def test_jitterSpreadsButNeverExceedsTheLimit(self) -> None:
        self.factory.jitter = 0.2
        self.factory.maxDelay = 20
        waits = self.waits(300)
        self.assertEqual(len(set(waits)), 300)
        self.assertTrue(all(0 < wait <= 20 for wait in waits))
        self.assertGreater(sum(waits[10:]) / 290, 10)

    def test_maxRetries(self) -> None:
        self.factory.maxRetries = 2
        self.waits(2)
        with capturedLogs() as logged:
            self.factory.noisy = True
            self.factory.clientConnectionFailed(self.connector, Failure(error.ConnectError()))
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(
            [formatEvent(event) for event in logged], ["Abandoning <connector> after 2 retries"]
        )

    def test_stopTryingWhileWaiting(self) -> None:
        self.factory.clientConnectionFailed(self.connector, Failure(error.ConnectError()))
        self.factory.stopTrying()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.factory.clientConnectionLost(self.connector, Failure(error.ConnectionLost()))
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.factory.stopTrying()

    def test_stopTryingWhileConnecting(self) -> None:
        self.factory.startedConnecting(self.connector)
        self.connector.connecting = True
        self.factory.stopTrying()
        self.assertEqual(self.connector.events, ["stopConnecting"])

    def test_stopTryingBeforeAnything(self) -> None:
        self.factory.stopTrying()
        self.factory.retry(self.connector)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_retryWithNothingToRetry(self) -> None:
        self.assertRaises(ValueError, self.factory.retry)

    def test_log(self) -> None:
        self.factory.noisy = True
        self.factory.factor = 2
        with capturedLogs() as logged:
            self.factory.retry(self.connector)
        self.assertEqual(
            [formatEvent(event) for event in logged], ["<connector> will retry in 2 seconds"]
        )

    def test_pickle(self) -> None:
        """What one run of the program learned does not go into the next."""
        self.factory.maxDelay = 7
        self.waits(3)
        self.factory.clientConnectionFailed(self.connector, Failure(error.ConnectError()))
        copy = pickle.loads(pickle.dumps(self.factory))
        self.assertEqual(copy.maxDelay, 7)
        self.assertEqual((copy.delay, copy.retries, copy.continueTrying), (1.0, 0, 1))
        self.assertEqual((copy.clock, copy.connector), (None, None))


class ClientCreatorTests(unittest.SynchronousTestCase):
    """`ClientCreator`."""

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()

    def start(self) -> tuple[Deferred[Any], Any]:
        """Begin to connect; returns the result, and the factory that the reactor got."""
        done = ClientCreator(self.reactor, Protocol).connectTCP("10.0.0.1", 80)
        return done, self.reactor.tcpClients[0][2]

    def test_arguments(self) -> None:
        creator = ClientCreator(self.reactor, Protocol)
        contextFactory = object()
        creator.connectTCP("10.0.0.1", 80, timeout=5, bindAddress=("10.0.0.2", 1))
        creator.connectUNIX("/socket", timeout=6, checkPID=True)
        creator.connectSSL("10.0.0.1", 81, contextFactory, timeout=7, bindAddress=("10.0.0.2", 2))
        (tcp,), (unix,), (ssl,) = (
            self.reactor.tcpClients,
            self.reactor.unixClients,
            self.reactor.sslClients,
        )
        self.assertEqual((tcp[:2], tcp[3:]), (("10.0.0.1", 80), (5, ("10.0.0.2", 1))))
        self.assertEqual((unix[:1], unix[2:]), (("/socket",), (6, True)))
        self.assertEqual(
            (ssl[:2], ssl[3:]), (("10.0.0.1", 81), (contextFactory, 7, ("10.0.0.2", 2)))
        )

    def test_argumentsOfTheProtocol(self) -> None:
        class Mine(Protocol):
            def __init__(self, *args: object, **kwargs: object) -> None:
                self.given = (args, kwargs)

        ClientCreator(self.reactor, Mine, 1, key=2).connectTCP("10.0.0.1", 80)
        built = self.reactor.tcpClients[0][2].buildProtocol(ADDRESS)
        self.assertEqual(built.given, ((1,), {"key": 2}))

    def test_firesWhenConnectionMadeIsDone(self) -> None:
        done, factory = self.start()
        built = factory.buildProtocol(ADDRESS)
        self.assertNoResult(done)
        built.makeConnection(StringTransport())
        self.reactor.advance(0)
        self.assertIs(self.successResultOf(done), built)

    def test_failure(self) -> None:
        done, factory = self.start()
        reason = Failure(error.ConnectionRefusedError())
        factory.clientConnectionFailed(None, reason)
        self.assertIs(self.failureResultOf(done), reason)

    def test_cancelWhileConnecting(self) -> None:
        done, factory = self.start()
        done.cancel()
        self.failureResultOf(done, error.ConnectingCancelledError)
        self.assertTrue(self.reactor.connectors[0].stoppedConnecting)
        factory.clientConnectionFailed(None, Failure(error.UserError()))

    def test_cancelJustConnected(self) -> None:
        done, factory = self.start()
        transport = StringTransport()
        factory.buildProtocol(ADDRESS).makeConnection(transport)
        done.cancel()
        trouble: Any = self.failureResultOf(done, error.ConnectingCancelledError).value
        self.assertEqual(trouble.address, self.reactor.connectors[0].getDestination())
        self.assertTrue(transport.aborting)
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_cancelTooLate(self) -> None:
        done, factory = self.start()
        transport = StringTransport()
        factory.buildProtocol(ADDRESS).makeConnection(transport)
        self.reactor.advance(0)
        done.cancel()
        self.assertFalse(transport.disconnecting)


class PullProducer:
    """Writes numbers from 1 to a limit, one when asked."""

    def __init__(self, consumer: FileWrapper, limit: int) -> None:
        self.consumer = consumer
        self.limit = limit
        self.count = 0

    def resumeProducing(self) -> None:
        if self.count == self.limit:
            self.consumer.unregisterProducer()
        else:
            self.count += 1
            self.consumer.write(b"%d\n" % self.count)


class FileWrapperTests(unittest.SynchronousTestCase):
    """`FileWrapper`."""

    def setUp(self) -> None:
        self.file = BytesIO()
        self.wrapper = FileWrapper(self.file)

    def test_interface(self) -> None:
        verifyObject(ITransport, self.wrapper)
        verifyObject(IConsumer, self.wrapper)

    def test_write(self) -> None:
        self.wrapper.write(b"one")
        self.wrapper.writeSequence([b"two", b"three"])
        self.assertEqual(self.file.getvalue(), b"onetwothree")

    def test_loseConnection(self) -> None:
        self.wrapper.loseConnection()
        self.assertTrue(self.file.closed)
        self.assertTrue(self.wrapper.closed)

    def test_stopProducingAndStopConsuming(self) -> None:
        self.wrapper.stopProducing()
        self.assertTrue(self.file.closed)
        wrapper: Any = FileWrapper(BytesIO())
        wrapper.registerProducer(object(), True)
        wrapper.stopConsuming()
        self.assertIsNone(wrapper.producer)
        self.assertTrue(wrapper.file.closed)

    def test_pullProducer(self) -> None:
        """It is asked in a loop: the stack does not grow."""
        producer: Any = PullProducer(self.wrapper, 5000)
        self.wrapper.registerProducer(producer, False)
        self.assertEqual(len(self.file.getvalue().splitlines()), 5000)
        self.assertIsNone(self.wrapper.producer)

    def test_pushProducerIsNotAsked(self) -> None:
        producer: Any = PullProducer(self.wrapper, 5)
        self.wrapper.registerProducer(producer, True)
        self.wrapper.write(b"")
        self.assertEqual(producer.count, 0)

    def test_oneProducerAtATime(self) -> None:
        producer: Any = PullProducer(self.wrapper, 5)
        self.wrapper.registerProducer(producer, True)
        self.assertRaises(RuntimeError, self.wrapper.registerProducer, producer, True)

    def test_brokenFile(self) -> None:
        """The exception is logged; what writes goes on."""
        self.file.close()
        self.wrapper.write(b"data")
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_addresses(self) -> None:
        self.assertEqual(self.wrapper.getHost(), "file")
        self.assertEqual(self.wrapper.getPeer(), ("file", "file"))
