"""`IReactorUNIX`: what is particular to UNIX sockets."""

from __future__ import annotations

import os
import socket
import stat
import sys
from typing import Any

from zope.interface.verify import verifyObject

from twisted.internet.address import UNIXAddress
from twisted.internet.error import BadFileError, CannotListenError, ConnectError
from twisted.internet.interfaces import IReactorUNIX, IUNIXTransport
from twisted.internet.test.conformance._pairs import OverUNIX
from twisted.internet.test.conformance.recorders import (
    DescriptorRecorder,
    Echo,
    Fault,
    Peers,
    Recorder,
)
from twisted.python.lockfile import FilesystemLock, isLocked


class UNIXSuite(OverUNIX):
    """Paths, permissions, locks and descriptors."""

    async def exchange(self, address: Any, **kw: Any) -> None:
        """Connect to an address where an `Echo` serves, and have an answer."""
        clients = Peers(Recorder)
        self.reactor.connectUNIX(address, clients, **kw)
        client = await clients.connection()
        client.transport.write(b"hello")
        self.assertEqual(await client.received(5), b"hello")
        client.transport.loseConnection()
        await client.lost()

    async def refusal(self, address: Any, **kw: Any) -> Any:
        """Try to connect to an address, and return the error."""
        clients = Peers(Recorder)
        self.reactor.connectUNIX(address, clients, **kw)
        reason = await clients.failure()
        self.assertTrue(reason.check(ConnectError), reason)
        return reason.value

    def test_interface(self) -> None:
        async def scenario() -> None:
            self.assertTrue(verifyObject(IReactorUNIX, self.reactor))
            for end in await self.pair(Recorder, Recorder):
                self.assertTrue(verifyObject(IUNIXTransport, end.transport))

        self.play(scenario())

    def test_addresses(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            path = self.path()
            port = self.reactor.listenUNIX(path, servers)
            self.assertEqual(port.getHost(), UNIXAddress(path))
            connector = self.reactor.connectUNIX(path, clients)
            self.assertEqual(connector.getDestination(), UNIXAddress(path))
            server, client = await servers.connection(), await clients.connection()
            self.assertEqual(client.transport.getPeer(), UNIXAddress(path))
            self.assertEqual(client.transport.getHost(), UNIXAddress(None))
            self.assertEqual(server.transport.getHost(), UNIXAddress(path))
            self.assertEqual(server.transport.getPeer(), UNIXAddress(None))
            self.assertEqual(servers.addresses, [UNIXAddress(None)])
            self.assertEqual(clients.addresses, [UNIXAddress(path)])

        self.play(scenario())

    def test_pathsAsBytes(self) -> None:
        async def scenario() -> None:
            path = os.fsencode(self.path())
            self.reactor.listenUNIX(path, Peers(Echo))
            await self.exchange(path)

        self.play(scenario())

    def test_abstractNamespace(self) -> None:
        if sys.platform != "linux":
            self.skipTest("abstract names are Linux's")

        async def scenario() -> None:
            name = f"\0conformance-{os.getpid()}-{id(self)}"
            port = self.reactor.listenUNIX(name, Peers(Echo), wantPID=True)
            self.assertEqual(port.getHost(), UNIXAddress(name))
            await self.exchange(name)
            port.stopListening()
            await self.refusal(name)

        self.play(scenario())

    def test_mode(self) -> None:
        for mode in (0o600, 0o666, 0o640):
            path = self.path()
            port = self.reactor.listenUNIX(path, Peers(Recorder), mode=mode)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), mode)
            port.stopListening()

    def test_fileIsRemoved(self) -> None:
        path = self.path()
        port = self.reactor.listenUNIX(path, Peers(Recorder))
        self.assertTrue(os.path.exists(path))
        port.stopListening()
        self.assertFalse(os.path.exists(path))

    def test_fileIsRemovedWithTheReactor(self) -> None:
        path = self.path()

        async def scenario() -> None:
            self.reactor.listenUNIX(path, Peers(Recorder), wantPID=True)

        self.play(scenario())
        self.assertEqual(os.listdir(os.path.dirname(path)), [])

    def test_pathInUse(self) -> None:
        path = self.path()
        self.reactor.listenUNIX(path, Peers(Recorder))
        error = self.assertRaises(CannotListenError, self.reactor.listenUNIX, path, Peers(Recorder))
        self.assertIn(path, str(error))
        self.assertTrue(os.path.exists(path))

    def test_pathThatCannotBe(self) -> None:
        missing = os.path.join(self.path(), "directory", "socket")
        for path in (missing, "/tmp/" + "long" * 100):
            error = self.assertRaises(
                CannotListenError, self.reactor.listenUNIX, path, Peers(Recorder)
            )
            self.assertIn(path, str(error))

    def test_fileThatIsNoSocketIsLeftAlone(self) -> None:
        path = self.path()
        with open(path, "w") as precious:
            precious.write("precious")
        for wantPID in (False, True):
            self.assertRaises(
                CannotListenError, self.reactor.listenUNIX, path, Peers(Recorder), wantPID=wantPID
            )
        with open(path) as precious:
            self.assertEqual(precious.read(), "precious")
        self.assertFalse(isLocked(path + ".lock"))

    def test_nobodyThere(self) -> None:
        async def scenario() -> None:
            path = self.path()
            error = await self.refusal(path)
            self.assertIsInstance(error, BadFileError)
            self.assertIn(path, str(error))
            # A socket that a process has left behind.
            with socket.socket(socket.AF_UNIX) as stale:
                stale.bind(path)
            self.assertIn(path, str(await self.refusal(path)))
            os.remove(path)
            with open(path, "w"):
                await self.refusal(path)
            await self.refusal("/tmp/" + "long" * 100)

        self.play(scenario())

    def test_backlogIsFull(self) -> None:
        # The kernel does not begin an attempt then; there must be no phantom connection.
        async def scenario() -> None:
            path = self.path()
            with socket.socket(socket.AF_UNIX) as deaf:
                deaf.bind(path)
                deaf.listen(0)
                clients = Peers(Recorder)
                for _ in range(4):
                    self.reactor.connectUNIX(path, clients, timeout=0.05)
                await clients.when(lambda: len(clients.built) + len(clients.reasons) == 4)
                self.assertGreater(len(clients.reasons), 0)
                for client in clients.built:
                    client.transport.getHandle().getpeername()
                    client.transport.abortConnection()
                for client in clients.built:
                    await client.lost()

        self.play(scenario())

    # Locks

    def test_lock(self) -> None:
        async def scenario() -> None:
            path = self.path()
            port = self.reactor.listenUNIX(path, Peers(Echo), wantPID=True)
            self.assertTrue(isLocked(path + ".lock"))
            error = self.assertRaises(
                CannotListenError, self.reactor.listenUNIX, path, Peers(Recorder), wantPID=True
            )
            self.assertIn(path, str(error))
            await self.exchange(path, checkPID=True)
            port.stopListening()
            self.assertFalse(isLocked(path + ".lock"))
            self.assertEqual(os.listdir(os.path.dirname(path)), [])

        self.play(scenario())

    def test_staleSocketIsReplaced(self) -> None:
        async def scenario() -> None:
            path = self.path()
            self.leaveStale(path)
            # Without a lock nobody can tell that it is stale.
            self.assertRaises(CannotListenError, self.reactor.listenUNIX, path, Peers(Echo))
            self.reactor.listenUNIX(path, Peers(Echo), wantPID=True)
            await self.exchange(path, checkPID=True)

        self.play(scenario())

    @staticmethod
    def leaveStale(path: str) -> None:
        """Leave what a process leaves that was killed."""
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
        # No process has such a number.
        os.symlink(str(2**31 - 2), path + ".lock")

    def test_checkPID(self) -> None:
        async def scenario() -> None:
            path = self.path()
            self.reactor.listenUNIX(path, Peers(Echo))
            await self.exchange(path)
            self.assertIsInstance(await self.refusal(path, checkPID=True), BadFileError)
            lock = FilesystemLock(path + ".lock")
            self.assertTrue(lock.lock())
            await self.exchange(path, checkPID=True)
            lock.unlock()

        self.play(scenario())

    # Descriptors

    def test_sendFileDescriptor(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(DescriptorRecorder, Recorder)
            read, write = os.pipe()
            client.transport.sendFileDescriptor(read)
            client.transport.write(b"x")
            self.assertEqual(await server.received(1), b"x")
            self.assertEqual(server.events[1], "descriptor")
            (received,) = server.descriptors
            self.assertNotEqual(received, read)
            os.close(read)
            os.write(write, b"through the pipe")
            self.assertEqual(os.read(received, 100), b"through the pipe")
            os.close(write)
            os.close(received)

        self.play(scenario())

    def test_sendManyFileDescriptors(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(DescriptorRecorder, Recorder)
            pipes = [os.pipe() for _ in range(20)]
            for read, _ in pipes:
                client.transport.sendFileDescriptor(read)
            client.transport.write(b"y" * 20)
            await server.received(20)
            await server.when(lambda: len(server.descriptors) == 20)
            for (read, write), received in zip(pipes, server.descriptors, strict=True):
                os.write(write, b"z")
                self.assertEqual(os.read(received, 1), b"z")
                for number in (read, write, received):
                    os.close(number)

        self.play(scenario())

    def test_sendFileDescriptorBothWays(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(DescriptorRecorder, DescriptorRecorder)
            null = os.open(os.devnull, os.O_RDONLY)
            for near, far in ((server, client), (client, server)):
                near.transport.sendFileDescriptor(null)
                near.transport.write(b"x")
                await far.descriptor()
            for number in (null, *server.descriptors, *client.descriptors):
                os.close(number)

        self.play(scenario())

    def test_descriptorsForAProtocolThatTakesNone(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, Recorder)
            null = os.open(os.devnull, os.O_RDONLY)
            client.transport.sendFileDescriptor(null)
            client.transport.write(b"x")
            self.assertEqual(await server.received(1), b"x")
            # The suite finds out if the received one was left open.
            os.close(null)

        self.play(scenario())

    def test_exceptionInFileDescriptorReceived(self) -> None:
        class Broken(DescriptorRecorder):
            def fileDescriptorReceived(self, descriptor: int) -> None:
                os.close(descriptor)
                raise Fault("does not like it")

        async def scenario() -> None:
            server, client = await self.pair(Broken, Recorder)
            null = os.open(os.devnull, os.O_RDONLY)
            for _ in range(3):
                client.transport.sendFileDescriptor(null)
            client.transport.write(b"xxx")
            self.assertTrue((await server.lost()).check(Fault))
            await client.lost()
            os.close(null)
            self.assertLogged(Fault, mention="fileDescriptorReceived")

        self.play(scenario())

    def test_descriptorThatIsNotOpen(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(DescriptorRecorder, Recorder)
            client.transport.sendFileDescriptor(10**6)
            client.transport.write(b"x")
            # That is the sender's fault, so its connection ends.
            await client.lost()
            await server.lost()
            self.assertEqual(server.descriptors, [])
            self.flushLoggedErrors()

        self.play(scenario())


suites = [UNIXSuite]
