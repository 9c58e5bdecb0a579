"""`StandardIO` on what else than pipes there is: files, devices, sockets, terminals."""

from __future__ import annotations

import os
import socket
import tty

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.stdio import StandardIO
from twisted.internet.test.conformance.recorders import Echo, HalfRecorder, Recorder
from twisted.internet.test.conformance.standardio import MUCH, StandardSuite

# A number that no descriptor has.
CLOSED = 1 << 24


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

    def test_peerGone(self) -> None:
        """That nobody reads a socket is noticed by writing to it."""

        async def scenario() -> None:
            ours, theirs = socket.socketpair()
            ours.close()
            stdin, feed = os.pipe()
            self.own(feed)
            recorder = Recorder()
            transport = StandardIO(recorder, stdin, theirs.detach(), self.reactor)
            await self.turns(2)
            self.assertIsNone(recorder.reason)
            transport.write(b"x")
            self.assertEqual((await recorder.lost()).type, ConnectionLost)

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


suites = [FileSuite, SocketSuite, TerminalSuite]
