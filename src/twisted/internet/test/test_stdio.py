"""`StandardIO` on pipes, files, sockets, devices and terminals, over every reactor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tty

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
from twisted.internet.test.conformance import ReactorSuite, casesFor, shippedReactors
from twisted.internet.test.conformance.recorders import Echo, Fault, HalfRecorder, Recorder
from twisted.internet.test.test_examples_engine import (
    EXAMPLES,
    LOOPBACK,
    PATIENCE,
    EngineExampleCase,
)

# More than a pipe holds.
MUCH = bytes(range(256)) * 2048

# A number that no descriptor has.
CLOSED = 1 << 24

REACTORS = {name: make for name, make in shippedReactors().items() if name != "Fake"}


class StandardSuite(ReactorSuite):
    """A transport of which the test has the other ends.

    Attributes:
        feed: what is written here is the input of the transport.
        drain: the output of the transport is read here.
    """

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


class FileSuite(StandardSuite):
    """On plain files, as a shell's `<` and `>` make, and on devices."""

    def path(self, content: bytes) -> str:
        path = self.mktemp()
        with open(path, "wb") as made:
            made.write(content)
        return path

    def test_copy(self) -> None:
        async def scenario() -> None:
            source, target = self.path(MUCH), self.path(b"old;")
            echo = Echo()
            StandardIO(
                echo,
                os.open(source, os.O_RDONLY),
                os.open(target, os.O_WRONLY | os.O_APPEND),
                self.reactor,
            )
            self.assertEqual((await echo.lost()).type, ConnectionDone)
            with open(target, "rb") as written:
                self.assertEqual(written.read(), b"old;" + MUCH)

        self.play(scenario())

    def test_pause(self) -> None:
        """A file is not read while it is paused, though it could be."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            transport = StandardIO(
                recorder,
                os.open(self.path(MUCH), os.O_RDONLY),
                os.open(os.devnull, os.O_WRONLY),
                self.reactor,
            )
            await recorder.when(lambda: recorder.data)
            transport.pauseProducing()
            before = len(recorder.data)
            self.assertLess(before, len(MUCH))
            await self.turns(3)
            self.assertEqual(len(recorder.data), before)
            transport.resumeProducing()
            await recorder.when(lambda: "read lost" in recorder.events)
            self.assertEqual(recorder.data, MUCH)
            transport.loseConnection()
            await recorder.lost()

        self.play(scenario())

    def test_null(self) -> None:
        """The null device has ended before it begins, and takes everything."""

        async def scenario() -> None:
            recorder = Recorder()
            number = os.open(os.devnull, os.O_RDWR)
            transport = StandardIO(recorder, number, number, self.reactor)
            transport.write(MUCH)
            self.assertEqual((await recorder.lost()).type, ConnectionDone)

        self.play(scenario())

    def test_full(self) -> None:
        """Why nothing more could be written is said."""
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full")

        async def scenario() -> None:
            recorder = Recorder()
            stdin, feed = os.pipe()
            self.own(feed)
            transport = StandardIO(recorder, stdin, os.open("/dev/full", os.O_WRONLY), self.reactor)
            transport.write(b"x")
            reason = await recorder.lost()
            self.assertEqual(reason.type, ConnectionLost)
            self.assertIn("No space left", str(reason.value))

        self.play(scenario())

    def test_unreadable(self) -> None:
        """A descriptor that is open for writing only cannot be read, and that is said."""

        async def scenario() -> None:
            recorder = Recorder()
            StandardIO(
                recorder,
                os.open(self.path(b""), os.O_WRONLY),
                os.open(os.devnull, os.O_WRONLY),
                self.reactor,
            )
            reason = await recorder.lost()
            self.assertEqual(reason.type, ConnectionLost)
            self.assertIn("standard input", str(reason.value))

        self.play(scenario())

    def test_closed(self) -> None:
        """An input that is not open has ended; an output that is not open is lost."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            null = os.open(os.devnull, os.O_WRONLY)
            transport = StandardIO(recorder, CLOSED, null, self.reactor)
            await recorder.when(lambda: "read lost" in recorder.events)
            transport.loseConnection()
            self.assertEqual((await recorder.lost()).type, ConnectionDone)

            stdin, feed = os.pipe()
            self.own(feed)
            recorder = HalfRecorder()
            StandardIO(recorder, stdin, CLOSED, self.reactor)
            self.assertEqual((await recorder.lost()).type, ConnectionLost)
            self.assertRaises(BrokenPipeError, os.write, feed, b"x")

        self.play(scenario())


class SocketSuite(StandardSuite):
    """On one socket for both, as inetd starts its servers."""

    def connectSocket(self, protocol: Recorder) -> tuple[StandardIO, socket.socket]:
        ours, theirs = socket.socketpair()
        self.ownsDescriptor(ours.fileno())
        self.addCleanup(ours.close)
        ours.setblocking(False)
        transport = StandardIO(protocol, os.dup(theirs.fileno()), theirs.detach(), self.reactor)
        return transport, ours

    def test_half(self) -> None:
        """Our half is closed though the socket is still open for reading."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            transport, peer = self.connectSocket(recorder)
            transport.write(b"all")
            transport.loseWriteConnection()
            await recorder.when(lambda: "write lost" in recorder.events)
            self.assertEqual((peer.recv(100), peer.recv(100)), (b"all", b""))
            self.assertFalse(transport.disconnected)
            peer.send(b"more")
            self.assertEqual(await recorder.received(4), b"more")
            peer.close()
            self.assertEqual((await recorder.lost()).type, ConnectionDone)

        self.play(scenario())

    def test_oneNumber(self) -> None:
        """The same number for both is closed once."""

        async def scenario() -> None:
            ours, theirs = socket.socketpair()
            self.ownsDescriptor(ours.fileno())
            self.addCleanup(ours.close)
            number = theirs.detach()
            echo = Echo()
            StandardIO(echo, number, number, self.reactor)
            ours.send(b"hello")
            await echo.when(lambda: "data" in echo.events)
            ours.shutdown(socket.SHUT_WR)
            self.assertEqual((await echo.lost()).type, ConnectionDone)
            self.assertEqual((ours.recv(100), ours.recv(100)), (b"hello", b""))

        self.play(scenario())


class TerminalSuite(StandardSuite):
    """On a terminal, which is input and output at once."""

    def ends(self) -> tuple[int, int]:
        master, slave = os.openpty()
        tty.setraw(slave)
        self.feed = self.drain = self.own(master)
        return slave, os.dup(slave)

    def test_echo(self) -> None:
        async def scenario() -> None:
            echo = Echo()
            self.connect(echo)
            os.write(self.feed, b"hello")
            await echo.when(lambda: "data" in echo.events)
            self.assertEqual(await self.read(5), b"hello")
            self.close(self.feed)
            # Whether a terminal that hangs up has ended or has failed depends on the kernel.
            reason = await echo.lost()
            self.assertIn(reason.type, (ConnectionDone, ConnectionLost))

        self.play(scenario())

    def test_blockingMode(self) -> None:
        """The half that stays keeps its mode; the terminal is given back by the last."""

        async def scenario() -> None:
            recorder = HalfRecorder()
            stdin, stdout = self.ends()
            shared = self.own(os.dup(stdin))
            transport = StandardIO(recorder, stdin, stdout, self.reactor)
            self.assertFalse(os.get_blocking(shared))
            transport.loseWriteConnection()
            await recorder.when(lambda: "write lost" in recorder.events)
            self.assertFalse(os.get_blocking(shared))
            os.write(self.feed, b"heard")
            self.assertEqual(await recorder.received(5), b"heard")
            transport.loseConnection()
            await recorder.lost()
            self.assertTrue(os.get_blocking(shared))

        self.play(scenario())


globals().update(casesFor([PipeSuite, FileSuite, SocketSuite, TerminalSuite], REACTORS, __name__))
# Nor are the suites themselves, which have no reactor, to be run.
del StandardSuite, PipeSuite, FileSuite, SocketSuite, TerminalSuite


# What a whole program does with its own standard descriptors: prints how it ended.
WHOLE = """
import sys
from twisted.internet import reactor, stdio
from twisted.internet.protocol import Protocol
class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)
    def connectionLost(self, reason):
        print(reason.type.__name__, file=sys.stderr)
        reactor.stop()
stdio.StandardIO(Echo())
reactor.run()
"""


class ProgramTests(EngineExampleCase):
    """Real programs on the other sides, joined by a shell."""

    chapter = "stdio"

    def shell(self, line: str, *arguments: str) -> tuple[str, str]:
        """What a line of a shell writes and complains; in it, "$0" is the interpreter."""
        done = subprocess.run(
            ["sh", "-c", line, sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout, done.stderr

    def test_all(self) -> None:
        self.assertChapter("echo.py", "sort.py", "connect.py")

    def test_pipes(self) -> None:
        """`cat` on both sides."""
        out, err = self.shell('printf "one\\ntwo\\n" | cat | "$0" -c "$1" | cat', WHOLE)
        self.assertEqual((out, err), ("one\ntwo\n", "ConnectionDone\n"))

    def test_files(self) -> None:
        path = self.mktemp()
        with open(path, "w") as made:
            made.write("line\n" * 100_000)
        self.shell('"$0" -c "$1" < "$2" > "$2.copy"; cmp "$2" "$2.copy"', WHOLE, path)

    def test_head(self) -> None:
        """`head` takes one line of an endless input, and goes."""
        out, err = self.shell('yes | "$0" -c "$1" | head -1', WHOLE)
        self.assertEqual((out, err), ("y\n", "ConnectionLost\n"))

    def test_notOpen(self) -> None:
        """A daemon may be started without any."""
        self.assertEqual(self.shell('"$0" -c "$1" <&-', WHOLE), ("", "ConnectionDone\n"))
        self.assertEqual(self.shell('printf x | "$0" -c "$1" >&-', WHOLE), ("", "ConnectionLost\n"))

    def test_modeAfterCrash(self) -> None:
        """The parent's pipe blocks again, though the program ended without its reactor."""
        crash = (
            "from twisted.internet import stdio, protocol; stdio.StandardIO(protocol.Protocol())"
        )
        ours, theirs = os.pipe()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        for _ in range(2):
            subprocess.run([sys.executable, "-c", crash], stdin=ours, check=True, timeout=PATIENCE)
            self.assertTrue(os.get_blocking(ours))

    def test_numbersStayTaken(self) -> None:
        """The numbers 0 and 1 do not go to the next file that is opened."""
        source = (
            WHOLE + "import os\nprint(os.open(os.devnull, 0) > 2, file=sys.stderr)\nprint('x')\n"
        )
        self.assertEqual(
            self.shell('printf 1 | "$0" -c "$1" | cat', source), ("1", "ConnectionDone\nTrue\n")
        )

    def test_echo(self) -> None:
        out, err = self.shell(
            'printf "one\\nquit\\nnot heard\\n" | "$0" "$1"', self.example("echo.py")
        )
        self.assertEqual((out, err), ("you said: one\nbye\n", ""))

    def example(self, name: str) -> str:
        return str(EXAMPLES / self.chapter / name)

    def test_sort(self) -> None:
        out, err = self.shell('printf "pear\\napple\\n" | "$0" "$1" | cat', self.example("sort.py"))
        self.assertEqual((out, err), ("apple\npear\n", ""))

    def test_connect(self) -> None:
        """All that is piped in reaches the server, and its answer comes out, each to its end."""
        listening = socket.create_server((LOOPBACK, 0))
        self.addCleanup(listening.close)
        listening.settimeout(PATIENCE)
        program = subprocess.Popen(
            [sys.executable, self.example("connect.py"), LOOPBACK, str(listening.getsockname()[1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(program.communicate)
        self.addCleanup(program.kill)
        server, _ = listening.accept()
        assert program.stdin is not None and program.stdout is not None
        with server, program.stdin, server.makefile("rb") as received:
            server.settimeout(PATIENCE)
            program.stdin.write(b"question")
            program.stdin.close()
            program.stdin = None
            self.assertEqual(received.read(), b"question")
            server.sendall(b"answer")
        self.assertEqual(program.stdout.read(), b"answer")
        self.assertEqual(program.wait(PATIENCE), 0)

    def test_terminal(self) -> None:
        """On the terminal of a session: a line in, a line out, and Ctrl-D is the end."""
        master, slave = os.openpty()
        self.addCleanup(os.close, master)
        with os.fdopen(slave, "rb") as terminal:
            program = subprocess.Popen(
                [sys.executable, self.example("echo.py")],
                stdin=terminal,
                stdout=terminal,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            self.addCleanup(program.communicate)
            self.addCleanup(program.kill)
            os.write(master, b"hi\n")
            seen = b""
            while b"you said: hi\r\n" not in seen:
                seen += os.read(master, 100)
            os.write(master, b"\x04")
            self.assertEqual(program.wait(PATIENCE), 0)
            self.assertTrue(os.get_blocking(terminal.fileno()))
