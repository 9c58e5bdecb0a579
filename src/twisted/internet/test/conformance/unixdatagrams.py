"""`IReactorUNIXDatagram`: datagrams over UNIX sockets."""

from __future__ import annotations

import os
import socket
import stat
import sys
from typing import Any, cast

from zope.interface.verify import verifyObject

from twisted.internet.address import UNIXAddress
from twisted.internet.error import CannotListenError, ConnectError, MessageLengthError
from twisted.internet.interfaces import (
    IReactorUNIXDatagram,
    IUNIXDatagramConnectedTransport,
    IUNIXDatagramTransport,
)
from twisted.internet.test.conformance._capabilities import Capability
from twisted.internet.test.conformance._pairs import OverUNIX
from twisted.internet.test.conformance.recorders import (
    ConnectedDatagrams,
    Datagrams,
    EchoDatagrams,
    Fault,
)


class UNIXDatagramSuite(OverUNIX):
    """Ports that receive at a path, and ports that have one peer."""

    capability = Capability.UNIX_DATAGRAMS
    requires = (IReactorUNIXDatagram,)

    def open(self, protocol: Datagrams | None = None, **kw: Any) -> tuple[Any, str]:
        """Receive at a new path; returns the protocol and the path."""
        protocol, path = protocol or Datagrams(), self.path()
        self.reactor.listenUNIXDatagram(path, cast(Any, protocol), **kw)
        return protocol, path

    def connected(self, to: str, bound: bool = True) -> tuple[ConnectedDatagrams, str]:
        """Exchange datagrams with one path; returns the protocol and our own path."""
        protocol, path = ConnectedDatagrams(), self.path()
        self.reactor.connectUNIXDatagram(to, protocol, bindAddress=path if bound else None)
        return protocol, path

    def test_interfaces(self) -> None:
        self.assertTrue(verifyObject(IReactorUNIXDatagram, self.reactor))
        server, path = self.open()
        self.assertTrue(verifyObject(IUNIXDatagramTransport, server.transport))
        client, _ = self.connected(path)
        self.assertTrue(verifyObject(IUNIXDatagramConnectedTransport, client.transport))

    def test_exchange(self) -> None:
        async def scenario() -> None:
            _, echo = self.open(EchoDatagrams())
            client, path = self.open()
            for payload in (b"x", b"\0\xff" * 1000):
                client.transport.write(payload, echo)
                received, source = await client.received()
                self.assertEqual((received, os.fsdecode(source)), (payload, echo))
            self.assertEqual(client.transport.getHost(), UNIXAddress(path))

        self.play(scenario())

    def test_connectedExchange(self) -> None:
        async def scenario() -> None:
            _, echo = self.open(EchoDatagrams())
            client, path = self.connected(echo)
            client.transport.write(b"hello")
            self.assertEqual(await client.received(), b"hello")
            self.assertEqual(client.transport.getPeer(), UNIXAddress(echo))
            self.assertEqual(client.transport.getHost(), UNIXAddress(path))

        self.play(scenario())

    def test_connectedWithoutAPathOfItsOwn(self) -> None:
        async def scenario() -> None:
            server, path = self.open()
            client, _ = self.connected(path, bound=False)
            client.transport.write(b"one way")
            self.assertEqual((await server.received())[0], b"one way")

        self.play(scenario())

    def test_abstractNamespace(self) -> None:
        if sys.platform != "linux":
            self.skipTest("abstract names are Linux's")

        async def scenario() -> None:
            server = Datagrams()
            name = f"\0conformance-{os.getpid()}-{id(self)}"
            self.reactor.listenUNIXDatagram(name, cast(Any, server))
            client, _ = self.open()
            client.transport.write(b"abstract", name)
            self.assertEqual((await server.received())[0], b"abstract")

        self.play(scenario())

    def test_nobodyThere(self) -> None:
        async def scenario() -> None:
            client = ConnectedDatagrams()
            self.reactor.connectUNIXDatagram(self.path(), client)
            await client.when(lambda: client.reason)
            assert client.reason is not None
            self.assertTrue(client.reason.check(ConnectError), client.reason)

        self.play(scenario())

    def test_peerIsGone(self) -> None:
        async def scenario() -> None:
            server, path = self.open()
            client, _ = self.connected(path)
            server.transport.stopListening()
            client.transport.write(b"anybody?")
            await client.when(lambda: "refused" in client.events)

        self.play(scenario())

    def test_modeAndRemoval(self) -> None:
        protocol, path = self.open(mode=0o600)
        status = os.stat(path)
        self.assertTrue(stat.S_ISSOCK(status.st_mode))
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o600)
        protocol.transport.stopListening()
        self.assertFalse(os.path.exists(path))
        self.assertEqual(protocol.events, ["start", "stop"])

    def test_pathInUse(self) -> None:
        _, path = self.open()
        error = self.assertRaises(
            CannotListenError, self.reactor.listenUNIXDatagram, path, cast(Any, Datagrams())
        )
        self.assertIn(path, str(error))

    def test_maxPacketSize(self) -> None:
        async def scenario() -> None:
            server, path = self.open(maxPacketSize=4)
            client, _ = self.open()
            client.transport.write(b"0123456789", path)
            self.assertEqual((await server.received())[0], b"0123")

        self.play(scenario())

    def test_tooLong(self) -> None:
        _, path = self.open()
        client, _ = self.open()
        client.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.assertRaises(MessageLengthError, client.transport.write, b"x" * 10**6, path)
        self.assertRaises(TypeError, client.transport.write, "text", path)

    def test_exceptionInDatagramReceived(self) -> None:
        class Broken(Datagrams):
            def datagramReceived(self, datagram: bytes, addr: Any) -> None:
                super().datagramReceived(datagram, addr)
                raise Fault("on purpose")

        async def scenario() -> None:
            server, path = self.open(Broken())
            client, _ = self.open()
            for payload in (b"one", b"two"):
                client.transport.write(payload, path)
                self.assertEqual((await server.received())[0], payload)
            await self.turns(2)
            self.assertLogged(Fault, 2, mention="datagramReceived")

        self.play(scenario())


suites = [UNIXDatagramSuite]
