"""TLS with peers that are not who they should be, or do not do what they should."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from twisted.internet import error
from twisted.internet._tls._engine import MAX_REPLIES
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    KeyPair,
    TLSVersion,
    VerificationError,
    optionsForClientTLS,
    trustRootFromCertificates,
)
from twisted.internet.test._tlspeers import Authority, serving
from twisted.internet.testing import IOPump, connect, makeFakeClient, makeFakeServer
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

authority = Authority()

#: OpenSSL 3 has it off, and the standard library has no name for it.
ALLOW_CLIENT_RENEGOTIATION = 1 << 8


class Recorder(Protocol):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.data = b""
        self.reason: Any = None

    def dataReceived(self, data: bytes) -> None:
        self.data += data

    def connectionLost(self, reason: Failure = Failure(error.ConnectionDone())) -> None:  # noqa: B008
        self.reason = reason.value


def over(
    serverContext: Any, clientContext: Any, greet: bool = True
) -> tuple[Recorder, Recorder, IOPump]:
    """A server's and a client's protocol, joined by TLS in memory."""
    ends = []
    for isClient, context in ((False, serverContext), (True, clientContext)):
        factory = TLSMemoryBIOFactory(context, isClient, Factory.forProtocol(Recorder))
        ends.append(factory.buildProtocol(None))
    server, client = ends
    inside = server.wrappedProtocol, client.wrappedProtocol
    pump = connect(server, makeFakeServer(server), client, makeFakeClient(client), greet=greet)
    return inside[0], inside[1], pump


class Counting(SSL.Connection):
    """A connection that wants to hear of all that is read: one with a method of its own."""

    reads = 0

    def recv(self, bufsiz: int, flags: int | None = None) -> bytes:
        self.reads += 1
        return super().recv(bufsiz, flags)


class _Documented(CertificateOptions):
    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        return Counting(self.getContext(), None)


def documented(authority: Authority) -> CertificateOptions:
    """A server's context factory, over what pyOpenSSL documents alone."""
    own = authority.issue("localhost")
    return _Documented(privateKey=own.privateKey.original, certificate=own.original)


class IdentityTests(SynchronousTestCase):
    """Who the peer is."""

    def refused(self, server: Any, client: Any, kind: type[Exception], sentence: str) -> Recorder:
        """The client does not accept the server, and says why; returns the server."""
        accepting, wanting, _ = over(server, client)
        self.assertIsInstance(wanting.reason, kind)
        self.assertEqual(str(wanting.reason), sentence)
        self.assertIsNotNone(accepting.reason)
        self.assertNotIsInstance(accepting.reason, error.ConnectionDone)
        return accepting

    def test_right(self) -> None:
        """The certificate for the host is accepted."""
        server, client, pump = over(
            authority.server("example.com"), authority.client("example.com")
        )
        client.transport.write(b"hello")
        pump.flush()
        self.assertEqual(server.data, b"hello")
        self.assertIsNone(client.reason)

    def test_address(self) -> None:
        """So is the certificate for an address, which is not asked for by SNI."""
        names: list[bytes | None] = []
        options = authority.server("127.0.0.1", contextForServerName=names.append)
        server, client, pump = over(options, authority.client("127.0.0.1"))
        client.transport.write(b"hello")
        pump.flush()
        self.assertEqual(server.data, b"hello")
        self.assertEqual(names, [None])

    def test_otherHost(self) -> None:
        """A certificate for another host is not."""
        self.refused(
            authority.server("other.example", "more.example"),
            authority.client("example.com"),
            VerificationError,
            "the certificate of the peer is not for 'example.com', "
            "but for other.example, more.example",
        )

    def test_otherAddress(self) -> None:
        """Nor one for another address, nor one for no address."""
        for hosts, found in ((("10.0.0.1",), "10.0.0.1"), (("localhost",), "localhost")):
            self.refused(
                serving(authority.issue(*hosts)),
                authority.client("127.0.0.1"),
                VerificationError,
                f"the certificate of the peer is not for '127.0.0.1', but for {found}",
            )

    def test_internationalName(self) -> None:
        """A name is looked for as it is in certificates."""
        _, client, _ = over(
            authority.server("xn--bcher-kva.example"), authority.client("bücher.example")
        )
        self.assertIsNone(client.reason)

    def test_expired(self) -> None:
        """A certificate whose time is over is refused."""
        self.refused(
            serving(authority.expired("localhost")),
            authority.client("localhost"),
            SSL.Error,
            "the certificate of the peer could not be verified: it has expired",
        )

    def test_selfSigned(self) -> None:
        """So is one that nobody vouches for."""
        own = KeyPair.generate().selfSignedCert(1, CN="localhost")
        self.refused(
            own.options(),
            authority.client("localhost"),
            SSL.Error,
            "the certificate of the peer could not be verified: it is self-signed, and not trusted",
        )

    def test_selfSignedAndTrusted(self) -> None:
        """Unless it is trusted itself."""
        own = KeyPair.generate().selfSignedCert(1, CN="localhost")
        _, client, _ = over(own.options(), optionsForClientTLS("localhost", trustRoot=own))
        self.assertIsNone(client.reason)

    def test_brokenChain(self) -> None:
        """A chain with a link missing is refused; with that link it is not."""
        between = Authority("between", authority)
        own = between.issue("localhost")
        self.refused(
            serving(own),
            authority.client("localhost"),
            SSL.Error,
            "the certificate of the peer could not be verified: its issuer is not known, "
            "nor trusted",
        )
        whole = serving(own, extraCertChain=[between.certificate.original])
        _, client, _ = over(whole, authority.client("localhost"))
        self.assertIsNone(client.reason)

    def test_stdlib(self) -> None:
        """The standard library's contexts tell the same."""
        stranger = Authority("stranger")
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bare.check_hostname = False
        _, client, _ = over(stranger.stdlibServer(), bare)
        self.assertIsInstance(client.reason, ssl.SSLCertVerificationError)
        self.assertIn("could not be verified: its issuer is not known", str(client.reason))

    def test_clientWithoutCertificate(self) -> None:
        """A server that requires one says so, and the client hears of it."""
        server, client, _ = over(
            authority.server(trustRoot=authority.certificate), authority.client("localhost")
        )
        self.assertIsInstance(server.reason, SSL.Error)
        self.assertEqual(
            str(server.reason), "the peer presented no certificate, and one is required"
        )
        self.assertIn("certificate", str(client.reason))

    def test_clientCertificate(self) -> None:
        """With it, the server knows who the client is."""
        server, client, pump = over(
            authority.server(trustRoot=authority.certificate),
            authority.client("localhost", clientCertificate=authority.issue("client.example")),
        )
        client.transport.write(b"it is me")
        pump.flush()
        self.assertEqual(server.data, b"it is me")
        subject = Certificate.peerFromTransport(server.transport).getSubject().commonName
        self.assertEqual(subject, b"client.example")

    def test_noCommonVersion(self) -> None:
        """Versions that do not meet are told of on both sides."""
        server, client, _ = over(
            authority.server(raiseMinimumTo=TLSVersion.TLSv1_3),
            authority.client(
                "localhost",
                extraCertificateOptions={"lowerMaximumSecurityTo": TLSVersion.TLSv1_2},
            ),
        )
        self.assertEqual(str(server.reason), "the peer offers no version of TLS that we accept")
        self.assertEqual(str(client.reason), "the peer accepts no version of TLS that we offer")

    def test_otherKey(self) -> None:
        """A key that is not the certificate's is refused before anybody connects."""
        own, other = authority.issue("a.example"), authority.issue("b.example")
        options = CertificateOptions(privateKey=other.privateKey.original, certificate=own.original)
        problem = self.assertRaises(SSL.Error, options.getContext)
        self.assertEqual(str(problem), "the private key is not that of the certificate")
        self.assertRaises(
            SSL.Error, TLSMemoryBIOFactory, options, False, Factory.forProtocol(Recorder)
        )


class BytesTests(SynchronousTestCase):
    """Peers that do not speak TLS, or badly."""

    def serverAfter(self, data: bytes) -> Recorder:
        """A server that was sent these bytes, and then the end."""
        factory = TLSMemoryBIOFactory(authority.server(), False, Factory.forProtocol(Recorder))
        server = factory.buildProtocol(None)
        inside: Recorder = server.wrappedProtocol
        transport = makeFakeServer(server)
        server.makeConnection(transport)
        server.dataReceived(data)
        if inside.reason is None:
            self.assertEqual(transport.disconnecting, bool(server._layer._reason))
            server.connectionLost(Failure(error.ConnectionDone()))
        return inside

    def test_http(self) -> None:
        """A browser that was told http:// is recognised."""
        server = self.serverAfter(b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
        self.assertIsInstance(server.reason, SSL.Error)
        self.assertEqual(str(server.reason), "the peer speaks HTTP, not TLS")

    def test_notTLS(self) -> None:
        """Something else is at least not taken for TLS."""
        server = self.serverAfter(b"EHLO example.com\r\n" * 10)
        self.assertEqual(str(server.reason), "the peer does not speak TLS")

    def test_serverSpeaksHTTP(self) -> None:
        """Nor is a server's answer in HTTP."""
        factory = TLSMemoryBIOFactory(
            authority.client("localhost"), True, Factory.forProtocol(Recorder)
        )
        client = factory.buildProtocol(None)
        inside = client.wrappedProtocol
        client.makeConnection(makeFakeClient(client))
        client.dataReceived(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        client.connectionLost(Failure(error.ConnectionDone()))
        self.assertEqual(str(inside.reason), "the peer does not speak TLS")

    def test_endBeforeAgreement(self) -> None:
        """A peer that goes away during the handshake has not ended in order."""
        server = self.serverAfter(b"\x16\x03\x01")
        self.assertIsInstance(server.reason, error.ConnectionLost)
        self.assertIn("before TLS was agreed", str(server.reason))

    @settings(deadline=None, max_examples=60)
    @given(st.binary(min_size=1, max_size=200))
    def test_anything(self, data: bytes) -> None:
        """Whatever comes, the connection ends with one of the documented errors."""
        server = self.serverAfter(data)
        self.assertIsInstance(server.reason, (SSL.Error, error.ConnectionLost))
        self.assertEqual(server.data, b"")

    @settings(deadline=None, max_examples=40)
    @given(
        st.lists(st.integers(1, 600), min_size=1, max_size=30),
        st.sampled_from([Authority.server, Authority.stdlibServer, documented]),
    )
    def test_cutAnywhere(self, sizes: list[int], serving: Callable[[Authority], Any]) -> None:
        """Records arrive in pieces of any size, and what they carry is the same."""
        context = serving(authority)
        server, client, pump = over(context, authority.client("localhost"), greet=False)
        message = bytes(range(256)) * 100
        client.transport.write(message)
        ends = (pump.clientIO, pump.serverIO)
        turn = 0
        for _ in range(20):
            for mine, theirs in (ends, ends[::-1]):
                out = mine.getOutBuffer() or b""
                while out:
                    size = sizes[turn % len(sizes)]
                    theirs.protocol.dataReceived(out[:size])
                    out, turn = out[size:], turn + 1
        self.assertEqual(server.data, message)

    def test_overridden(self) -> None:
        """A connection's own methods are called, not passed by, to the end."""
        server, client, pump = over(documented(authority), authority.client("localhost"))
        handle = cast(Counting, server.transport.getHandle())  # type: ignore[attr-defined]  # an ISystemHandle
        self.assertGreater(handle.reads, 0)
        message = bytes(range(256)) * 1000
        client.transport.write(message)
        server.transport.write(message)
        pump.flush()
        client.transport.loseConnection()
        pump.flush()
        self.assertEqual((server.data, client.data), (message, message))
        self.assertIsInstance(server.reason, error.ConnectionDone)
        self.assertIsInstance(client.reason, error.ConnectionDone)

    def test_large(self) -> None:
        """A write of any size goes out, in records."""
        for server in (authority.server(), authority.stdlibServer(), documented(authority)):
            sending, receiving, pump = over(server, authority.client("localhost"))
            message = bytes(range(256)) * (1 << 12)
            sending.transport.write(message)
            pump.flush()
            self.assertEqual(receiving.data, message)

    def test_damaged(self) -> None:
        """A record that was changed on its way ends the connection; the one before is read."""
        for context in (authority.server(), authority.stdlibServer(), documented(authority)):
            self.checkDamaged(context)

    def checkDamaged(self, context: Any) -> None:
        """A server with this context finds out."""
        server, client, pump = over(context, authority.client("localhost"))
        wire = pump.clientIO
        client.transport.write(b"good")
        good = wire.getOutBuffer() or b""
        client.transport.write(b"bad")
        bad = bytearray(wire.getOutBuffer() or b"")
        bad[-1] ^= 1
        pump.serverIO.protocol.dataReceived(good + bytes(bad))
        pump.flush()
        self.assertEqual(server.data, b"good")
        self.assertIsInstance(server.reason, (SSL.Error, ssl.SSLError))
        self.assertEqual(str(server.reason), "the data of the peer were damaged on their way")

    def test_truncated(self) -> None:
        """An end without TLS's own may be an attacker's."""
        server, client, pump = over(authority.server(), authority.client("localhost"))
        client.transport.write(b"all is")
        pump.flush()
        pump.clientIO.loseConnection()
        pump.flush()
        self.assertEqual(server.data, b"all is")
        self.assertIsInstance(server.reason, error.ConnectionLost)
        self.assertIn("may be missing", str(server.reason))

    def test_renegotiation(self) -> None:
        """A client that asks to renegotiate is refused, and the connection stays as it was."""
        client = Renegotiating(authority.server())
        before = client.server.getHandle().get_finished()
        client.ask()
        self.assertIn("no renegotiation", client.refusals[0])
        self.assertEqual(client.server.getHandle().get_finished(), before)
        self.assertIsNone(client.inside.reason)
        client = Renegotiating(authority.stdlibServer())
        client.ask()
        self.assertIn("no renegotiation", client.refusals[0])
        self.assertIsNone(client.inside.reason)

    def test_renegotiationFlood(self) -> None:
        """Where the program's own context allows it, it may be asked for so many times in a row."""
        context = authority.stdlibServer()
        context.options |= ALLOW_CLIENT_RENEGOTIATION
        client = Renegotiating(context)
        for _ in range(MAX_REPLIES):
            client.ask()
        self.assertIn("again and again", str(client.inside.reason))


class Renegotiating:
    """A client of TLS 1.2 that has agreed with a server, and is not content."""

    def __init__(self, serverContext: Any) -> None:
        # Our own clients do not ask.
        context = SSL.Context(SSL.TLS_METHOD)
        context.set_max_proto_version(SSL.TLS1_2_VERSION)
        self._raw = SSL.Connection(context, None)
        self._raw.set_connect_state()
        factory = TLSMemoryBIOFactory(serverContext, False, Factory.forProtocol(Recorder))
        self.server = factory.buildProtocol(None)
        self.inside: Recorder = self.server.wrappedProtocol
        self._transport = makeFakeServer(self.server)
        self.server.makeConnection(self._transport)
        self.refusals: list[str] = []
        self._exchange()
        assert not self.refusals, "agreed"

    def ask(self) -> None:
        """Ask for a renegotiation, as long as the server does not hang up."""
        if self.inside.reason is not None:
            return
        if self._transport.disconnecting:
            self.server.connectionLost(Failure(error.ConnectionDone()))
        else:
            self._raw.renegotiate()
            self._exchange()

    def _exchange(self) -> None:
        for _ in range(4):
            try:
                self._raw.do_handshake()
            except SSL.WantReadError:
                pass
            except SSL.Error as e:
                self.refusals.append(str(e))
            try:
                self.server.dataReceived(self._raw.bio_read(1 << 16))
            except SSL.WantReadError:
                pass
            answer = self._transport.getOutBuffer()
            if answer:
                self._raw.bio_write(answer)


class VerificationByOthersTests(SynchronousTestCase):
    """Programs that check the peer themselves, and tell by `failVerification`."""

    def test_duringHandshake(self) -> None:
        """What they tell is what the protocol hears, and nothing is sent to the peer."""

        class Unhappy(Exception):
            pass

        def check(connection: SSL.Connection, where: int, _: int) -> None:
            if where & SSL.SSL_CB_HANDSHAKE_DONE:
                connection.get_app_data().failVerification(Failure(Unhappy("not you")))

        options = authority.client("localhost")
        options._ctx.set_info_callback(check)
        server, client, _ = over(authority.server(), options)
        self.assertIsInstance(client.reason, Unhappy)
        self.assertIsInstance(server.reason, error.ConnectionLost)

    def test_authorities(self) -> None:
        """What is no certificate is not trusted."""
        problem = self.assertRaises(TypeError, trustRootFromCertificates, [b"PEM"])
        self.assertIn("loadPEM", str(problem))
