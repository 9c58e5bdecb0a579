"""Sessions that clients resume, and handshakes that take too long."""

from __future__ import annotations

import ssl as stdlib
from typing import Any, cast

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import crypto

from twisted.internet import error, ssl
from twisted.internet._tls._layer import HANDSHAKE_TIMEOUT
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.protocol import Factory
from twisted.internet.ssl._hostnames import MAX_SESSIONS, ClientTLSOptions
from twisted.internet.task import Clock
from twisted.internet.test._tlspeers import Authority, serving
from twisted.internet.test.test_ssl_faults import Recorder, over
from twisted.internet.testing import StringTransportWithDisconnection, makeFakeServer
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import SynchronousTestCase

authority = Authority()
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def isResumed(protocol: Any) -> bool:
    """Whether a protocol's connection goes on with an earlier session."""
    return bool(Binding.lib.SSL_session_reused(protocol.transport.getHandle()._ssl))


class ResumptionTests(SynchronousTestCase):
    """Clients that have been there before."""

    def options(self, **extra: Any) -> Any:
        """A client's."""
        return authority.client("localhost", extraCertificateOptions=extra)

    def serverFor(self, version: Any, **extra: Any) -> ssl.CertificateOptions:
        """A server of one version of TLS, which lets clients resume."""
        return authority.server(
            insecurelyLowerMinimumTo=version,
            lowerMaximumSecurityTo=version,
            **{"enableSessions": True, "enableSessionTickets": True, **extra},
        )

    def visit(self, server: Any, client: Any, inOrder: bool = True) -> bool:
        """Connect, talk, and end; returns whether an earlier session was resumed."""
        accepting, connecting, pump = over(server, client)
        connecting.transport.write(b"hello")
        pump.flush()
        accepting.transport.write(b"hello yourself")
        pump.flush()
        self.assertEqual((accepting.data, connecting.data), (b"hello", b"hello yourself"))
        resumed = isResumed(connecting)
        self.assertEqual(isResumed(accepting), resumed)
        if inOrder:
            connecting.transport.loseConnection()
        else:
            cast(ITCPTransport, connecting.transport).abortConnection()
        pump.flush()
        self.assertIsNotNone(connecting.reason)
        return resumed

    def test_again(self) -> None:
        """The second connection resumes what the first agreed, and so on."""
        for version in VERSIONS:
            for extra in ({}, {"enableSessionTickets": False}):
                server, client = self.serverFor(version, **extra), self.options()
                resumed = [self.visit(server, client) for _ in range(3)]
                self.assertEqual(resumed, [False, True, True], (version, extra))

    def test_serverCloses(self) -> None:
        """It does not matter who ends first."""
        server, client = self.serverFor(VERSIONS[1]), self.options()
        accepting, _, pump = over(server, client)
        accepting.transport.loseConnection()
        pump.flush()
        self.assertTrue(self.visit(server, client))

    def test_serverForgets(self) -> None:
        """A server that knows nothing of the session agrees on a new one."""
        for version in VERSIONS:
            client = self.options()
            self.assertFalse(self.visit(self.serverFor(version), client))
            self.assertFalse(self.visit(self.serverFor(version), client))

    def test_disabled(self) -> None:
        """Without sessions, each connection is new."""
        for version in VERSIONS:
            server = self.serverFor(version)
            client = self.options(enableSessions=False)
            self.assertEqual([self.visit(server, client) for _ in range(2)], [False, False])
            self.assertIsNone(client._sessions)

    def test_aborted(self) -> None:
        """What did not end in order is not resumed."""
        for version in VERSIONS:
            server, client = self.serverFor(version), self.options()
            self.assertFalse(self.visit(server, client, inOrder=False))
            self.assertFalse(self.visit(server, client))

    def test_bounded(self) -> None:
        """Only so many are kept, the newest."""
        server, client = self.serverFor(VERSIONS[1]), self.options()
        visits = [over(server, client) for _ in range(MAX_SESSIONS + 2)]
        for _, connecting, pump in visits:
            connecting.transport.loseConnection()
            pump.flush()
        self.assertEqual(len(client._sessions), MAX_SESSIONS)

    def test_identity(self) -> None:
        """A session does not lead past the question whose host it is."""
        for version in VERSIONS:
            server, known = self.serverFor(version), self.options()
            self.visit(server, known)
            other = ClientTLSOptions("other.example", known._ctx)
            other._sessions = known._sessions
            _, client, _ = over(server, other)
            self.assertIsInstance(client.reason, ssl.VerificationError)


class HandshakeTimeoutTests(SynchronousTestCase):
    """Peers that connect, and then do not agree."""

    def server(self, **options: Any) -> tuple[Recorder, Any, Clock]:
        """A server's protocol, the one below, and the time."""
        clock = Clock()
        factory = TLSMemoryBIOFactory(
            authority.server(), False, Factory.forProtocol(Recorder), clock, **options
        )
        below = factory.buildProtocol(None)
        transport = StringTransportWithDisconnection()
        transport.protocol = below
        below.makeConnection(transport)
        inside: Recorder = below.wrappedProtocol
        return inside, below, clock

    def test_silent(self) -> None:
        """A client that says nothing is disconnected after a while, and the protocol told why."""
        inside, _, clock = self.server()
        clock.advance(HANDSHAKE_TIMEOUT - 1)
        self.assertIsNone(inside.reason)
        clock.advance(1)
        self.assertIsInstance(inside.reason, error.TimeoutError)
        self.assertIn(
            "the peer did not finish the TLS handshake within 60 seconds", str(inside.reason)
        )
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_slow(self) -> None:
        """A byte now and then is not enough."""
        inside, below, clock = self.server(handshakeTimeout=10)
        for byte in (0x16, 3, 1, 2, 0):
            below.dataReceived(bytes([byte]))
            clock.advance(1.9)
        self.assertIsNone(inside.reason)
        clock.advance(1)
        self.assertIn("within 10 seconds", str(inside.reason))

    def test_never(self) -> None:
        """There need be no limit."""
        inside, _, clock = self.server(handshakeTimeout=None)
        self.assertEqual(clock.getDelayedCalls(), [])
        clock.advance(1e6)
        self.assertIsNone(inside.reason)

    def test_agreed(self) -> None:
        """Whoever has agreed may be silent for as long as they like."""
        inside, below, clock = self.server()
        incoming, outgoing = stdlib.MemoryBIO(), stdlib.MemoryBIO()
        client = authority.stdlibClient().wrap_bio(incoming, outgoing, False, "localhost")
        for _ in range(2):
            try:
                client.do_handshake()
            except stdlib.SSLWantReadError:
                pass
            below.dataReceived(outgoing.read())
            clock.advance(0)
            incoming.write(below.transport.value())
            below.transport.clear()
        self.assertEqual(clock.getDelayedCalls(), [])
        clock.advance(1e6)
        self.assertIsNone(inside.reason)

    def test_gone(self) -> None:
        """Nothing is left of a client that has gone away."""
        inside, below, clock = self.server()
        below.transport.loseConnection()
        self.assertIsInstance(inside.reason, error.ConnectionLost)
        self.assertEqual(clock.getDelayedCalls(), [])


class AlertTests(SynchronousTestCase):
    """What the peer hears of why it was not accepted."""

    def test_otherHost(self) -> None:
        """A server whose certificate is for another host is told that it was not accepted."""
        for version in VERSIONS:
            limits = {"insecurelyLowerMinimumTo": version, "lowerMaximumSecurityTo": version}
            server, client, _ = over(
                authority.server("other.example", **limits), authority.client("example.com")
            )
            self.assertIsInstance(client.reason, ssl.VerificationError)
            self.assertEqual(str(server.reason), "the peer did not accept our certificate")

    def test_contextOfSomebodyElse(self) -> None:
        """A context that does not ask for the identity gets no alert out, and no agreement."""
        options = authority.client("example.com")
        options._ctx.set_verify(1, lambda *_: True)
        server, client, _ = over(authority.server("other.example"), options)
        self.assertIsInstance(client.reason, ssl.VerificationError)
        self.assertIsInstance(server.reason, error.ConnectionLost)

    def test_nobody(self) -> None:
        """A certificate for no host is for another host."""
        pair = ssl.KeyPair(crypto.PKey.from_cryptography_key(authority.key))
        own = ssl.PrivateCertificate(authority.certificate.original, pair)
        server, client, _ = over(serving(own), authority.client("example.com"))
        self.assertEqual(
            str(client.reason),
            "the certificate of the peer is not for 'example.com', but for no host at all",
        )
        self.assertEqual(str(server.reason), "the peer did not accept our certificate")

    def test_senseless(self) -> None:
        """Who cannot even say hello is told, by number (RFC 8446 section 6)."""
        factory = TLSMemoryBIOFactory(authority.server(), False, Factory.forProtocol(Recorder))
        server = factory.buildProtocol(None)
        transport = makeFakeServer(server)
        server.makeConnection(transport)
        server.dataReceived(b"\x16\x03\x01\x00\x04\x01\x00\x00\x00")
        sent = transport.getOutBuffer() or b""
        alert, fatal, decodeError = 21, 2, 50
        self.assertEqual((sent[0], *sent[5:7]), (alert, fatal, decodeError))
