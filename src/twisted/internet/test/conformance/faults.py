"""What a fault of the user's code, or of the peer, may do: end its own connection, no more."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.test.conformance._pairs import Over6, OverUNIX, PairSuite
from twisted.internet.test.conformance.recorders import (
    Echo,
    Fault,
    Faulty,
    HalfRecorder,
    Peers,
    Recorder,
)
from twisted.python import log

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # struct linger: on, no seconds


def faulty(*faults: str) -> Callable[[], Faulty]:
    """A protocol that raises in these events."""

    class FaultyHere(Faulty):
        pass

    FaultyHere.faults = faults
    return FaultyHere


class FaultyHalves(Faulty, HalfRecorder):
    """Raises when it hears of the end of a half."""

    faults = ("read lost", "write lost")


class FaultSuite(PairSuite):
    """Exceptions in every callback: logged once, with the traceback of where they were raised."""

    async def assertAlive(self, port: Any) -> None:
        """The port serves others as before."""
        clients = Peers(Recorder)
        self.connect(port, clients)
        client = await clients.connection()
        client.transport.write(b"alive")
        self.assertEqual(await client.received(5), b"alive")
        client.transport.loseConnection()
        await client.lost()

    def serverFault(self, event: str, provoke: Callable[[Recorder], object]) -> None:
        """A server whose first protocol raises in `event` once a client has provoked it."""

        async def scenario() -> None:
            servers: Peers[Recorder] = Peers(faulty(event))
            clients = Peers(Recorder)
            port = self.listen(servers)
            self.connect(port, clients)
            client = await clients.connection()
            server = await servers.connection()
            provoke(client)
            await client.lost()
            await server.lost()
            # What an event raises is logged after those who wait for it have been told.
            await self.turns(2)
            self.assertLogged(Fault, mention="note")
            servers.protocol = Echo
            await self.assertAlive(port)

        self.play(scenario())

    def test_connectionMadeOfAServer(self) -> None:
        self.serverFault("made", lambda client: None)

    def test_dataReceivedOfAServer(self) -> None:
        self.serverFault("data", lambda client: client.transport.write(b"x"))

    def test_connectionLostOfAServer(self) -> None:
        self.serverFault("lost", lambda client: client.transport.loseConnection())

    def test_reasonIsWhatWasRaised(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(faulty("data"), Recorder)
            client.transport.write(b"x")
            reason = await server.lost()
            self.assertTrue(reason.check(Fault), reason)
            self.assertEqual(server.events, ["made", "data", "lost"])
            await client.lost()
            self.assertLogged(Fault)

        self.play(scenario())

    def test_connectionMadeOfAClient(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(faulty("made"))
            self.connect(self.listen(servers), clients)
            server = await servers.connection()
            await server.lost()
            reason = await clients.failure()
            self.assertTrue(reason.check(Fault), reason)
            self.assertEqual(clients.built[0].events, ["made", "lost"])
            self.assertLogged(Fault, mention="note")

        self.play(scenario())

    def test_dataReceivedOfAClient(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(Recorder, faulty("data"))
            server.transport.write(b"x")
            self.assertTrue((await client.lost()).check(Fault))
            await server.lost()
            await self.turns(2)
            self.assertLogged(Fault, mention="note")

        self.play(scenario())

    def test_connectionLostOfAClient(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(faulty("lost"))
            self.connect(self.listen(servers), clients)
            client = await clients.connection()
            client.transport.loseConnection()
            # The factory hears of the end all the same.
            await clients.failure()
            await (await servers.connection()).lost()
            await self.turns(2)
            self.assertLogged(Fault, mention="note")

        self.play(scenario())

    def test_halves(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(FaultyHalves, HalfRecorder)
            client.transport.loseWriteConnection()
            await server.lost()
            await client.lost()
            self.assertLogged(Fault, mention="note")

        self.play(scenario())

    def test_writeHalf(self) -> None:
        async def scenario() -> None:
            server, client = await self.pair(FaultyHalves, Recorder)
            server.transport.loseWriteConnection()
            await server.lost()
            await client.lost()
            self.assertLogged(Fault, mention="note")

        self.play(scenario())

    def test_buildProtocolOfAServer(self) -> None:
        async def scenario() -> None:
            servers: Peers[Any] = Peers(self.raise_)
            port = self.listen(servers)
            clients = Peers(Recorder)
            self.connect(port, clients)
            await (await clients.connection()).lost()
            self.assertLogged(Fault, mention="raise_")
            await self.patchedToRefuse(servers, port)
            servers.protocol = Echo
            await self.assertAlive(port)

        self.play(scenario())

    @staticmethod
    def raise_() -> None:
        raise Fault("on purpose")

    async def patchedToRefuse(self, servers: Peers[Any], port: Any) -> None:
        original = servers.buildProtocol
        servers.buildProtocol = lambda addr: None  # type: ignore[method-assign]  # as documented
        clients = Peers(Recorder)
        self.connect(port, clients)
        await (await clients.connection()).lost()
        servers.buildProtocol = original  # type: ignore[method-assign]
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_buildProtocolOfAClient(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            clients: Peers[Any] = Peers(self.raise_)
            self.connect(self.listen(servers), clients)
            await (await servers.connection()).lost()
            self.assertTrue((await clients.failure()).check(Fault))
            self.assertLogged(Fault, mention="raise_")

        self.play(scenario())

    def test_clientThatWantsNoProtocol(self) -> None:
        async def scenario() -> None:
            servers, clients = Peers(Recorder), Peers(Recorder)
            clients.buildProtocol = lambda addr: None  # type: ignore[assignment,method-assign,return-value]
            self.connect(self.listen(servers), clients)
            await (await servers.connection()).lost()
            await clients.failure()
            self.assertEqual(self.flushLoggedErrors(), [])

        self.play(scenario())

    def test_exitInACallbackDoesNotEndTheProcess(self) -> None:
        class Quitter(Recorder):
            def dataReceived(self, data: bytes) -> None:
                raise SystemExit(3)

        async def scenario() -> None:
            server, client = await self.pair(Quitter, Recorder)
            client.transport.write(b"x")
            await client.lost()
            await server.lost()
            self.assertLogged(SystemExit)

        self.play(scenario())

    def test_whoseFaultItIsIsInTheLog(self) -> None:
        systems: list[str] = []

        def observe(event: dict[str, Any]) -> None:
            if event.get("isError"):
                systems.append(event["system"])

        async def scenario() -> None:
            server, client = await self.pair(faulty("data"), Recorder)
            log.addObserver(observe)
            self.addCleanup(log.removeObserver, observe)
            client.transport.write(b"x")
            await client.lost()
            await server.lost()
            await self.turns(2)
            self.assertLogged(Fault)

        self.play(scenario())
        self.assertIn("FaultyHere,", systems[0])


class Fault4Suite(FaultSuite):
    """Faults over IPv4."""


class FaultUNIXSuite(OverUNIX, FaultSuite):
    """Faults over UNIX sockets."""


class ResetSuite(PairSuite):
    """A peer that resets the connection."""

    def reset(self, raw: socket.socket) -> None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        raw.close()

    def test_resetWhileIdle(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            raw = self.rawClient(self.listen(servers))
            server = await servers.connection()
            self.reset(raw)
            reason = await server.lost()
            self.assertTrue(reason.check(ConnectionLost), reason)
            self.assertFalse(reason.check(ConnectionDone))

        self.play(scenario())

    def test_resetBeforeItIsAccepted(self) -> None:
        async def scenario() -> None:
            servers = Peers(Echo)
            port = self.listen(servers)
            self.reset(self.rawClient(port))
            await self.turns(3)
            clients = Peers(Recorder)
            self.connect(port, clients)
            client = await clients.connection()
            client.transport.write(b"alive")
            self.assertEqual(await client.received(5), b"alive")

        self.play(scenario())

    def test_resetWhileWriting(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            raw = self.rawClient(self.listen(servers))
            server = await servers.connection()
            # Paused, so that it is writing that finds out.
            server.transport.pauseProducing()
            server.transport.write(bytes(16 << 20))
            await self.turns(5)
            self.reset(raw)
            self.assertTrue((await server.lost()).check(ConnectionLost))

        self.play(scenario())

    def test_resetOfAPausedConnectionIsSeenLater(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            raw = self.rawClient(self.listen(servers))
            server = await servers.connection()
            server.transport.pauseProducing()
            self.reset(raw)
            await self.after(0.01)
            server.transport.resumeProducing()
            self.assertTrue((await server.lost()).check(ConnectionLost))

        self.play(scenario())

    def test_abortIsAResetForThePeer(self) -> None:
        async def scenario() -> None:
            servers = Peers(Recorder)
            raw = self.rawClient(self.listen(servers))
            server = await servers.connection()
            server.transport.abortConnection()
            await server.lost()
            self.assertRaises(ConnectionResetError, raw.recv, 1)

        self.play(scenario())

    def test_halfClosedPeerThatResets(self) -> None:
        async def scenario() -> None:
            servers = Peers(HalfRecorder)
            raw = self.rawClient(self.listen(servers))
            server = await servers.connection()
            raw.shutdown(socket.SHUT_WR)
            await server.when(lambda: "read lost" in server.events)
            self.reset(raw)
            # A connection that only writes learns of it when it writes.
            while server.reason is None:
                server.transport.write(b"is there anybody?")
                await self.turns(2)
            self.assertTrue(server.reason.check(ConnectionLost))

        self.play(scenario())


class Reset6Suite(Over6, ResetSuite):
    """A peer that resets the connection, over IPv6."""


suites = [Fault4Suite, FaultUNIXSuite, ResetSuite, Reset6Suite]
