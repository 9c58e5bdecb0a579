"""`StandardIO` on pipes; `standardkinds` has what else there is."""

from __future__ import annotations

import os

from zope.interface import implementer
from zope.interface.verify import verifyObject

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IHalfCloseableDescriptor,
    IPullProducer,
    IPushProducer,
    ITransport,
)
from twisted.internet.stdio import PipeAddress, StandardIO
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._harness import ReactorSuite
from twisted.internet.test.conformance.recorders import Echo, Fault, HalfRecorder, Recorder

# More than a pipe holds.
MUCH = bytes(range(256)) * 2048


class StandardSuite(ReactorSuite):
    """A transport of which the test has the other ends.

    Attributes:
        feed: what is written here is the input of the transport.
        drain: the output of the transport is read here.
    """

    capability = Capability.STANDARD_IO

    feed = -1
    drain = -1

    def setUp(self) -> None:
        super().setUp()
        self._ours: set[int] = set()
        self.addCleanup(self._closeOurs)

    def _closeOurs(self) -> None:
        for number in list(self._ours):
            self.close(number)

    def own(self, number: int) -> int:
        """A descriptor is the test's to close; returns it."""
        self._ours.add(number)
        self.ownsDescriptor(number)
        return number

    def close(self, number: int) -> None:
        """Close one that is the test's."""
        self._ours.remove(number)
        os.close(number)

    def ends(self) -> tuple[int, int]:
        """The two descriptors that a transport is made of."""
        stdin, feed = os.pipe()
        drain, stdout = os.pipe()
        self.feed, self.drain = self.own(feed), self.own(drain)
        return stdin, stdout

    def connect(self, protocol: Recorder) -> StandardIO:
        """A transport for a protocol."""
        stdin, stdout = self.ends()
        return StandardIO(protocol, stdin, stdout, self.reactor)

    async def read(self, count: int) -> bytes:
        """So many bytes of the output."""
        os.set_blocking(self.drain, False)
        found = b""
        while len(found) < count:
            try:
                found += os.read(self.drain, count - len(found))
            except BlockingIOError:
                await self.turns()
        return found

    async def readAll(self, number: int) -> bytes:
        """What can be read until the end."""
        os.set_blocking(number, False)
        found = bytearray()
        while True:
            try:
                data = os.read(number, 1 << 16)
            except BlockingIOError:
                await self.turns()
                continue
            if not data:
                return bytes(found)
            found += data


class PipeSuite(StandardSuite):
    """On pipes, which are what a shell's `|` makes."""

    def test_interfaces(self) -> None:
        async def scenario() -> None:
            transport = self.connect(Recorder())
            for interface in (ITransport, IConsumer, IPushProducer, IHalfCloseableDescriptor):
                self.assertTrue(verifyObject(interface, transport))
            for address in (transport.getHost(), transport.getPeer()):
                self.assertTrue(verifyObject(IAddress, address))
                self.assertEqual(address, PipeAddress())
                self.assertNotEqual(address, "PipeAddress()")
                self.assertEqual({address, PipeAddress()}, {PipeAddress()})
                self.assertEqual(repr(address), "PipeAddress()")
            transport.loseConnection()
            await self.turns(2)

        self.play(scenario())

    def test_echo(self) -> None:
        """What comes in can be answered; what was written is sent though the input has ended."""

        async def scenario() -> None:
            echo = Echo()
            self.connect(echo)
            os.write(self.feed, b"hello")
            await echo.when(lambda: "data" in echo.events)
            self.close(self.feed)
            self.assertEqual(await self.readAll(self.drain), b"hello")
            self.assertEqual((await echo.lost()).type, ConnectionDone)
            self.assertEqual(echo.events, ["made", "data", "lost"])

        self.play(scenario())

    def test_flushedAtEndOfInput(self) -> None:
        """More than the pipe takes has been written when the input ends."""

        async def scenario() -> None:
            recorder = Recorder()
            transport = self.connect(recorder)
            transport.writeSequence([MUCH, b"end"])
            self.close(self.feed)
            await self.turns(3)
            self.assertIsNone(recorder.reason)
            self.assertTrue(transport.disconnecting)
            self.assertEqual(await self.readAll(self.drain), MUCH + b"end")
            self.assertEqual((await recorder.lost()).type, ConnectionDone)
            self.assertTrue(transport.disconnected)

        self.play(scenario())

    def test_loseConnection(self) -> None:
        """It sends what was written, hears nothing more, and closes both."""

        async def scenario() -> None:
            recorder = Recorder()
            transport = self.connect(recorder)
            transport.write(MUCH)
            transport.loseConnection()
            transport.loseConnection()
            os.write(self.feed, b"not heard")
            transport.resumeProducing()
            self.assertEqual(await self.readAll(self.drain), MUCH)
            self.assertEqual((await recorder.lost()).type, ConnectionDone)
            self.assertEqual(recorder.events, ["made", "lost"])
            self.assertRaises(BrokenPipeError, os.write, self.feed, b"x")
            # It is over, and what is called now does nothing.
            transport.write(b"x")
            transport.writeSequence([b"x"])
            transport.loseConnection()
            transport.loseWriteConnection()
            transport.pauseProducing()
            transport.resumeProducing()
            transport.unregisterProducer()
            self.assertEqual(recorder.events, ["made", "lost"])

        self.play(scenario())

    def test_loseConnectionIsNotReentrant(self) -> None:
        """A protocol is not told of the end while it asks for it."""

        async def scenario() -> None:
            recorder = Recorder()
            transport = self.connect(recorder)
            transport.stopProducing()
            self.assertIsNone(recorder.reason)
            await recorder.lost()

        self.play(scenario())

    def test_readHalf(self) -> None:
        """A protocol that knows of halves goes on writing after the end of the input."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            transport = self.connect(recorder)
            self.close(self.feed)
            await recorder.when(lambda: "read lost" in recorder.events)
            transport.write(b"still here")
            transport.resumeProducing()
            self.assertEqual(await self.read(10), b"still here")
            transport.loseConnection()
            self.assertEqual((await recorder.lost()).type, ConnectionDone)
            self.assertEqual(recorder.events, ["made", "read lost", "lost"])

        self.play(scenario())

    def test_writeHalf(self) -> None:
        """Closing the output sends what was written, is seen there, and leaves the input."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            transport = self.connect(recorder)
            transport.write(MUCH)
            transport.loseWriteConnection()
            self.assertEqual(await self.readAll(self.drain), MUCH)
            await recorder.when(lambda: "write lost" in recorder.events)
            transport.write(b"nowhere to go")
            os.write(self.feed, b"heard")
            self.assertEqual(await recorder.received(5), b"heard")
            self.close(self.feed)
            self.assertEqual((await recorder.lost()).type, ConnectionDone)
            self.assertEqual(recorder.events, ["made", "write lost", "data", "read lost", "lost"])

        self.play(scenario())

    def test_writeHalfOfAProtocolWithoutHalves(self) -> None:
        """It is not told; it hears of the end when the other half has ended as well."""

        async def scenario() -> None:
            recorder = Recorder()
            transport = self.connect(recorder)
            transport.loseWriteConnection()
            self.assertEqual(await self.readAll(self.drain), b"")
            os.write(self.feed, b"heard")
            self.assertEqual(await recorder.received(5), b"heard")
            self.close(self.feed)
            self.assertEqual((await recorder.lost()).type, ConnectionDone)
            self.assertEqual(recorder.events, ["made", "data", "lost"])

        self.play(scenario())

    def test_loseConnectionAfterHalf(self) -> None:
        """Both ways round, the other half is closed soon."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            transport = self.connect(recorder)
            transport.loseWriteConnection()
            await recorder.when(lambda: "write lost" in recorder.events)
            transport.loseConnection()
            self.assertIsNone(recorder.reason)
            self.assertEqual((await recorder.lost()).type, ConnectionDone)

        self.play(scenario())

    def test_readerGone(self) -> None:
        """Nobody reads the output any more: noticed though nothing is written."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            self.connect(recorder)
            await self.turns(2)
            self.close(self.drain)
            self.assertEqual((await recorder.lost()).type, ConnectionLost)
            self.assertEqual(recorder.events, ["made", "lost"])
            self.assertRaises(BrokenPipeError, os.write, self.feed, b"x")

        self.play(scenario())

    def test_readerGoneWhileWriting(self) -> None:
        async def scenario() -> None:
            recorder = Recorder()
            transport = self.connect(recorder)
            transport.write(MUCH)
            await self.turns(2)
            self.close(self.drain)
            self.assertEqual((await recorder.lost()).type, ConnectionLost)

        self.play(scenario())

    def test_pause(self) -> None:
        """While it is paused nothing is delivered, from the beginning if the protocol says so."""

        async def scenario() -> None:
            class Shy(Recorder):
                def connectionMade(self) -> None:
                    self.transport.pauseProducing()

            recorder = Shy()
            transport = self.connect(recorder)
            os.write(self.feed, b"early")
            await self.turns(3)
            self.assertEqual(recorder.data, b"")
            transport.resumeProducing()
            self.assertEqual(await recorder.received(5), b"early")
            transport.loseConnection()
            await recorder.lost()

        self.play(scenario())

    def test_pushProducer(self) -> None:
        """A push producer is told to pause while the output is full."""

        async def scenario() -> None:
            producer = Push()
            recorder = Recorder()
            transport = self.connect(recorder)
            transport.registerProducer(producer, True)
            transport.write(MUCH)
            self.assertEqual(producer.told, ["pause"])
            os.set_blocking(self.drain, False)
            await self.read(len(MUCH))
            await self.until(lambda: len(producer.told) == 2)
            self.assertEqual(producer.told, ["pause", "resume"])
            transport.unregisterProducer()
            transport.loseConnection()
            await recorder.lost()
            transport.registerProducer(producer, True)
            self.assertEqual(producer.told, ["pause", "resume", "stop"])

        self.play(scenario())

    def test_pullProducerIsLetFinish(self) -> None:
        """The input has ended, and a pull producer has more to say."""

        async def scenario() -> None:
            recorder = Recorder()
            transport = self.connect(recorder)
            transport.registerProducer(Pull(transport, 5), False)
            self.close(self.feed)
            self.assertEqual(await self.readAll(self.drain), b"43210")
            self.assertEqual((await recorder.lost()).type, ConnectionDone)

        self.play(scenario())

    def test_text(self) -> None:
        async def scenario() -> None:
            transport = self.connect(Recorder())
            error = self.assertRaises(TypeError, transport.write, "text")
            self.assertIn("encode", str(error))
            transport.loseConnection()
            await self.turns(2)

        self.play(scenario())

    def test_blockingModeIsGivenBack(self) -> None:
        """Whoever shares the descriptors finds them as they were."""

        async def scenario() -> None:
            stdin, stdout = self.ends()
            shared = [self.own(os.dup(number)) for number in (stdin, stdout)]
            os.set_blocking(stdout, False)
            recorder = Recorder()
            transport = StandardIO(recorder, stdin, stdout, self.reactor)
            self.assertEqual([os.get_blocking(number) for number in shared], [False, False])
            transport.loseConnection()
            await recorder.lost()
            self.assertEqual([os.get_blocking(number) for number in shared], [True, False])

        self.play(scenario())

    def test_closedBySomebodyElse(self) -> None:
        """A descriptor that was closed behind our back makes no noise of its own."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            stdin, stdout = self.ends()
            transport = StandardIO(recorder, stdin, stdout, self.reactor)
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, stdin)
            os.close(null)
            transport.loseConnection()
            self.assertEqual((await recorder.lost()).type, ConnectionDone)
            self.assertRaises(OSError, os.fstat, stdin)

        self.play(scenario())

    def test_bugInConnectionMade(self) -> None:
        """The caller gets the exception, and the descriptors are closed."""

        class Broken(Recorder):
            def connectionMade(self) -> None:
                raise Fault("not today")

        async def scenario() -> None:
            broken = Broken()
            self.assertRaises(Fault, self.connect, broken)
            assert broken.reason is not None
            self.assertEqual(broken.reason.type, Fault)
            self.assertEqual(await self.readAll(self.drain), b"")

        self.play(scenario())

    def test_bugsInEvents(self) -> None:
        """A protocol that raises loses its connection for that, and the log has it."""

        class Broken(HalfRecorder):
            def dataReceived(self, data: bytes) -> None:
                raise Fault("data")

            def readConnectionLost(self) -> None:
                raise Fault("half")

        async def scenario() -> None:
            for data in (b"x", b""):
                broken = Broken()
                self.connect(broken)
                os.write(self.feed, data)
                self.close(self.feed)
                self.assertEqual((await broken.lost()).type, Fault)
                self.assertLogged(Fault)

        self.play(scenario())

    def test_shutdown(self) -> None:
        """When the reactor stops, the connection is lost, even one that is but half open."""

        async def scenario() -> HalfRecorder:
            recorder = HalfRecorder()
            self.connect(recorder)
            self.close(self.feed)
            await recorder.when(lambda: "read lost" in recorder.events)
            return recorder

        recorder = self.play(scenario())
        self.assertEqual(recorder.events, ["made", "read lost", "lost"])
        self.assertEqual(recorder.reason.type, ConnectionLost)


@implementer(IPushProducer)
class Push:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


@implementer(IPullProducer)
class Pull:
    """Writes so many digits, one each time."""

    def __init__(self, consumer: StandardIO, left: int) -> None:
        self.consumer = consumer
        self.left = left

    def resumeProducing(self) -> None:
        self.left -= 1
        self.consumer.write(b"%d" % self.left)
        if not self.left:
            self.consumer.unregisterProducer()

    def stopProducing(self) -> None:
        raise AssertionError("it was to be let finish")


suites = [PipeSuite]
