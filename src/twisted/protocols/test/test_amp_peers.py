"""AMP over sockets, with another process at the other end: this implementation, and Twisted's own.

The tests with Twisted are skipped where there is no environment with it; see CONTRIBUTING.md.
"""

from __future__ import annotations

import datetime
import decimal
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from OpenSSL import crypto

import twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IReactorUNIX
from twisted.internet.protocol import (
    ClientCreator,
    ClientFactory,
    Protocol,
    connectionDone,
)
from twisted.internet.ssl import KeyPair, PrivateCertificate
from twisted.internet.test._tlspeers import Authority
from twisted.protocols import amp
from twisted.protocols.test import _amppeer
from twisted.protocols.test._amp import asked
from twisted.python.failure import Failure
from twisted.python.filepath import FilePath
from twisted.trial.unittest import SkipTest, TestCase

PEERS = Path(twisted.__file__).resolve().parents[2] / ".venv-peers" / "bin" / "python"

# A certificate that vouches for itself, so that one file is enough for both ends.
AUTHORITY = Authority("peer")
OWN = PrivateCertificate.fromCertificateAndKeyPair(
    AUTHORITY.certificate, KeyPair(crypto.PKey.from_cryptography_key(AUTHORITY.key))
)

EVERYTHING: dict[str, Any] = {
    "integer": -(10**40),
    "bytes": bytes(range(256)),
    "text": "caf\xe9 \U0001f40d",
    "float": 0.1,
    "boolean": True,
    "decimal": decimal.Decimal("-1.50E+7"),
    "moment": datetime.datetime(
        2012, 1, 23, 12, 34, 56, 54321, datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))
    ),
    "numbers": [1, -2, 3],
    "nested": [["a", "\xe9"], []],
    "rows": [{"number": 1, "text": "x"}, {"number": 2, "text": None}],
    "path": FilePath("/tmp/caf\xe9"),
    "left_out": None,
    "Class": 7,
}


class End(_amppeer.Peer):
    """This end, which tells when there is a connection and when it is over."""

    def __init__(self) -> None:
        super().__init__()
        self.made: Deferred[End] = Deferred()
        self.lost: Deferred[None] = Deferred()
        self.secured: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        super().connectionMade()
        self.made.callback(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self.lost.callback(None)

    @amp.StartTLS.responder
    def startTLS(self) -> Any:
        self.secured.callback(None)
        return self.parameters()


class Giving(ClientFactory):
    """Has one protocol, for one connection."""

    noisy = False

    def __init__(self, end: End) -> None:
        self.end = end

    def buildProtocol(self, addr: Any) -> End:
        return self.end


class OverSockets:
    """What is asked of a peer in another process; each peer is one class below."""

    python = sys.executable
    pem: str

    def setUp(self) -> None:
        if not os.path.exists(self.python):
            raise SkipTest(f"there is no {self.python}")
        case: Any = self
        self.pem = case.mktemp()
        with open(self.pem, "wb") as file:
            file.write(OWN.dumpPEM())
        case.patch(_amppeer.Peer, "pem", self.pem)

    def start(self, how: str, where: object) -> subprocess.Popen[bytes]:
        """Begin the other process, which ends with the test."""
        assert _amppeer.__file__ is not None
        program = subprocess.Popen(
            [self.python, "-P", _amppeer.__file__, how, str(where), os.path.abspath(self.pem)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        case: Any = self
        case.addCleanup(program.communicate)
        case.addCleanup(program.kill)
        return program

    async def connected(self, how: str) -> End:
        """This end of a connection to a peer that has listened, or has connected to us."""
        case: Any = self
        if how == "connect":
            end = End()
            port: Any = reactor.listenTCP(0, Giving(end), interface="127.0.0.1")
            case.addCleanup(port.stopListening)
            self.start("connect", port.getHost().port)
            await end.made
        else:
            creator = ClientCreator(reactor, End)
            if how == "listen-unix":
                path = os.path.join(os.path.dirname(self.pem), "socket")
                program = self.start(how, path)
                assert program.stdout is not None
                program.stdout.readline()
                end = await creator.connectUNIX(path)
            else:
                program = self.start(how, "")
                assert program.stdout is not None
                end = await creator.connectTCP("127.0.0.1", int(program.stdout.readline()))

        def hangUp() -> Deferred[None]:
            if end.transport is not None:
                end.transport.loseConnection()
            return end.lost

        case.addCleanup(hangUp)
        return end

    async def askEverything(self, end: End) -> None:
        """Both ends ask, with every type of argument."""
        case: Any = self
        calls = [
            asked(end.callRemote(each, **EVERYTHING)) for each in (_amppeer.Repeat, _amppeer.Back)
        ]
        case.assertEqual(await gatherResults(calls), [EVERYTHING, EVERYTHING])

    async def test_everyType(self) -> None:
        """Every type of argument, asked and answered by both ends."""
        await self.askEverything(await self.connected("listen"))

    async def test_peerConnects(self) -> None:
        """The same when the peer is the one that has connected."""
        await self.askEverything(await self.connected("connect"))

    async def test_errors(self) -> None:
        """Errors of all kinds, the last of which ends the connection."""
        case: Any = self
        end = await self.connected("listen")
        for command, arguments, kind, text in (
            (_amppeer.Refuse, {"fatal": False}, LookupError, "caf\xe9"),
            (_amppeer.Nobody, {}, amp.UnhandledCommand, "Nobody"),
            (_amppeer.Refuse, {"fatal": True}, ArithmeticError, "the last"),
        ):
            failed = await case.assertFailure(asked(end.callRemote(command, **arguments)), kind)
            case.assertIn(text, str(failed))
        await end.lost

    async def test_bug(self) -> None:
        """What the peer's bug was stays there."""
        case: Any = self
        end = await self.connected("listen")
        pending = asked(end.callRemote(_amppeer.Bug))
        failed = await case.assertFailure(pending, amp.UnknownRemoteError)
        case.assertNotIn("secret", str(failed))
        await end.lost

    async def test_descriptors(self) -> None:
        """Open files go over a UNIX socket, in both directions."""
        case: Any = self
        if not IReactorUNIX.providedBy(reactor):
            raise SkipTest("the reactor has no UNIX sockets")
        end = await self.connected("listen-unix")
        for text in (b"one", b"two"):
            path = case.mktemp()
            with open(path, "wb") as file:
                file.write(text)
            with open(path, "rb") as file:
                answer = await asked(end.callRemote(_amppeer.Read, file=file.fileno()))
            case.assertEqual(answer["content"], text)
            case.assertTrue(os.path.samestat(os.fstat(answer["null"]), os.stat(os.devnull)))
            os.close(answer["null"])

    async def test_switch(self) -> None:
        """The connection is given to another protocol."""
        case: Any = self
        heard: Deferred[bytes] = Deferred()

        class Hearing(Protocol):
            def dataReceived(self, data: bytes) -> None:
                heard.callback(data)

        end = await self.connected("listen")
        await asked(end.callRemote(_amppeer.Switch, ClientFactory.forProtocol(Hearing)))
        end.innerProtocol.transport.write(b"hello")
        case.assertEqual(await heard, b"HELLO")

    async def startTLS(self, end: End) -> None:
        case: Any = self
        await asked(end.callRemote(amp.StartTLS, **end.parameters()))
        await self.askEverything(end)
        certificate = end.parameters()["tls_verifyAuthorities"][0]
        case.assertEqual(end.peerCertificate, certificate)
        case.assertEqual(end.hostCertificate, certificate)

    async def test_startTLS(self) -> None:
        """We ask for TLS, as its client; both ends verify the other."""
        await self.startTLS(await self.connected("listen"))

    async def test_startTLSAsServer(self) -> None:
        """We ask for TLS, as its server."""
        await self.startTLS(await self.connected("connect"))

    async def peerStartsTLS(self, end: End) -> None:
        case: Any = self
        await asked(end.callRemote(_amppeer.Secure))
        await end.secured
        await self.askEverything(end)
        case.assertIsNotNone(end.peerCertificate)

    async def test_peerStartsTLS(self) -> None:
        """The peer asks for TLS, as its client."""
        await self.peerStartsTLS(await self.connected("connect"))

    async def test_untrusted(self) -> None:
        """A peer whose certificate nobody vouches for is refused."""
        case: Any = self
        end = await self.connected("listen")
        parameters = end.parameters()
        parameters["tls_verifyAuthorities"] = [Authority("another").certificate]
        await asked(end.callRemote(amp.StartTLS, **parameters))
        call = asked(end.callRemote(_amppeer.Repeat, **EVERYTHING))
        await case.assertFailure(call, Exception)
        await end.lost


class TorsionPeerTests(OverSockets, TestCase):
    """This implementation at both ends."""

    async def test_peerStartsTLSAsServer(self) -> None:
        """The peer asks for TLS, as its server.

        Twisted cannot, not even with itself: it loses the first of TLS, behind our answer.
        """
        await self.peerStartsTLS(await self.connected("listen"))

    async def test_temporaryCertificate(self) -> None:
        """Whoever does not look at certificates needs none."""
        server, client = End(), End()
        self.patch(End, "parameters", lambda self: {})
        port: Any = reactor.listenTCP(0, Giving(server), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        reactor.connectTCP("127.0.0.1", port.getHost().port, Giving(client))
        await client.made
        await asked(client.callRemote(amp.StartTLS))
        await self.askEverything(client)
        self.assertIsNone(client.peerCertificate)
        client.transport.loseConnection()
        await client.lost
        await server.lost


class TwistedPeerTests(OverSockets, TestCase):
    """Twisted at the other end."""

    python = str(PEERS)
