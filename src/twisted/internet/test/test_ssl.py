"""Certificates, keys and contexts: `twisted.internet.ssl`."""

from __future__ import annotations

import os
import ssl as stdlib
import subprocess
import sys
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from OpenSSL import SSL, crypto

from twisted.internet import ssl
from twisted.internet.defer import succeed
from twisted.internet.error import CertificateError, VerifyError
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.internet.test._tlspeers import Authority, pemOf, serving
from twisted.internet.test.test_ssl_faults import Recorder, over
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.filepath import FilePath
from twisted.trial.unittest import SynchronousTestCase

authority = Authority()
PEM, DER = crypto.FILETYPE_PEM, crypto.FILETYPE_ASN1


class NameTests(SynchronousTestCase):
    """`DN`."""

    def test_attributes(self) -> None:
        """Long names and short ones are the same attribute; values are bytes."""
        dn = ssl.DN(CN="a.example", organizationName=b"A")
        self.assertEqual(dn, {"commonName": b"a.example", "organizationName": b"A"})
        self.assertEqual((dn.commonName, dn.O), (b"a.example", b"A"))
        dn.L = "Here"
        self.assertEqual(dn["localityName"], b"Here")
        self.assertIn("localityName: Here", dn.inspect())

    def test_unknown(self) -> None:
        """An attribute that is none is told, with those that are."""
        problem = self.assertRaises(AttributeError, ssl.DN, X="y")
        self.assertIn("commonName", str(problem))
        self.assertRaises(AttributeError, getattr, ssl.DN(), "CN")


class CertificateTests(SynchronousTestCase):
    """Certificates, requests and keys."""

    def setUp(self) -> None:
        self.pair = ssl.KeyPair.generate()
        self.own = self.pair.selfSignedCert(7, CN="ca.example")

    def test_roundTrips(self) -> None:
        """What was dumped can be loaded."""
        again = ssl.PrivateCertificate.loadPEM(self.own.dumpPEM())
        self.assertEqual(again, self.own)
        self.assertTrue(again.privateKey.matches(self.pair))
        self.assertEqual(ssl.Certificate.load(self.own.dump()), self.own)
        self.assertTrue(ssl.KeyPair.load(self.pair.dump()).matches(self.pair))
        self.assertEqual(again.serialNumber(), 7)
        self.assertIn("ca.example", again.inspect())
        self.assertEqual(len(again.digest("sha256").split(b":")), 32)

    def test_request(self) -> None:
        """An authority issues what a callback approves of, now or later."""
        client = ssl.KeyPair.generate()
        request = client.certificateRequest(ssl.DN(CN="client.example"))
        for approve in (lambda dn: dn.CN == b"client.example", lambda dn: succeed(True)):
            issued = self.own.signCertificateRequest(request, approve, 3)
            data = issued if isinstance(issued, bytes) else self.successResultOf(issued)
            certificate = client.newCertificate(data)
            self.assertEqual(certificate.getIssuer(), self.own.getSubject())
            self.assertEqual(certificate.getSubject().CN, b"client.example")
        self.assertRaises(
            VerifyError, self.own.signCertificateRequest, request, lambda dn: False, 3
        )

    def test_forgedRequest(self) -> None:
        """A request that is not signed with its own key is refused."""
        request = bytearray(self.pair.certificateRequest(ssl.DN(CN="a.example")))
        request[-1] ^= 1
        self.assertRaises(VerifyError, ssl.CertificateRequest.load, bytes(request))
        self.assertRaises(CertificateError, ssl.CertificateRequest.load, b"nonsense")

    def test_notCertificates(self) -> None:
        """What is none says so."""
        self.assertRaises(CertificateError, ssl.Certificate.loadPEM, b"nonsense")
        self.assertRaises(CertificateError, ssl.KeyPair.load, b"nonsense")
        self.assertRaises(CertificateError, ssl.PrivateCertificate.loadPEM, authority.pem())
        other = ssl.KeyPair.generate()
        self.assertRaises(VerifyError, ssl.PrivateCertificate.load, self.own.dump(), other)

    def test_encryptedKey(self) -> None:
        """A key with a passphrase is refused in a sentence: nobody sits at a server's terminal."""
        key = ec.generate_private_key(ec.SECP256R1())
        secret = BestAvailableEncryption(b"secret")
        certificate = self.mktemp()
        with open(certificate, "wb") as file:
            file.write(authority.pem())
        for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
            pem = key.private_bytes(Encoding.PEM, form, secret)
            why = "the private key is encrypted: keep it without a passphrase"
            problem = self.assertRaises(
                CertificateError, ssl.KeyPair.load, pem, crypto.FILETYPE_PEM
            )
            self.assertIn(why, str(problem))
            path = self.mktemp()
            with open(path, "wb") as file:
                file.write(pem)
            refused = self.assertRaises(
                SSL.Error, ssl.DefaultOpenSSLContextFactory, path, certificate
            )
            self.assertIn(why, str(refused))

    def test_issuedIsAccepted(self) -> None:
        """What an authority made here has issued is accepted by who trusts it."""
        server = ssl.KeyPair.generate()
        request = server.certificateRequest(ssl.DN(CN="server.example"))
        data = self.own.signCertificateRequest(request, lambda dn: True, 4)
        options = server.newCertificate(data).options()
        _, client, _ = over(options, ssl.optionsForClientTLS("server.example", self.own))
        self.assertIsNone(client.reason)


class OptionsTests(SynchronousTestCase):
    """`CertificateOptions`."""

    def test_arguments(self) -> None:
        """Those that do not go together are refused, saying why."""
        own = authority.issue("a.example")
        key, certificate = own.privateKey.original, own.original
        for kind, arguments in (
            (ValueError, {"privateKey": key}),
            (ValueError, {"extraCertChain": [certificate]}),
            (ValueError, {"verify": True}),
            (TypeError, {"verify": True, "caCerts": [certificate], "trustRoot": own}),
            (TypeError, {"trustRoot": "/etc/ssl/certs"}),
            (TypeError, {"method": SSL.TLS_METHOD, "raiseMinimumTo": ssl.TLSVersion.TLSv1_3}),
            (
                ValueError,
                {
                    "raiseMinimumTo": ssl.TLSVersion.TLSv1_3,
                    "lowerMaximumSecurityTo": ssl.TLSVersion.TLSv1_2,
                },
            ),
        ):
            problem = self.assertRaises(kind, ssl.CertificateOptions, **arguments)
            self.assertTrue(str(problem))

    def test_alpn(self) -> None:
        """The server's first choice among the client's is agreed; or none."""
        for server, client, agreed in (
            ([b"h2", b"http/1.1"], [b"http/1.1", b"h2"], b"h2"),
            ([b"h2"], [b"spdy/1"], None),
            ([], [b"h2"], None),
        ):
            accepting, wanting, _ = over(
                authority.server(acceptableProtocols=server),
                authority.client("localhost", acceptableProtocols=client),
            )
            for end in (accepting, wanting):
                self.assertEqual(end.transport.negotiatedProtocol, agreed)  # type: ignore[attr-defined]  # an INegotiated

    def test_serverName(self) -> None:
        """A server presents the certificate of the host that the client asks for."""
        hosts = {
            name: serving(authority.issue(name.decode("ascii")))
            for name in (b"a.example", b"b.example")
        }
        options = authority.server(contextForServerName=hosts.get)
        for name in ("a.example", "b.example", "localhost"):
            _, client, _ = over(options, authority.client(name))
            self.assertIsNone(client.reason, name)

    def test_ciphers(self) -> None:
        """Only acceptable ciphers are used, and nonsense names none."""
        one = ssl.AcceptableCiphers.fromOpenSSLCipherString("ECDHE-ECDSA-AES128-GCM-SHA256")
        limits = {"lowerMaximumSecurityTo": ssl.TLSVersion.TLSv1_2}
        server, _, _ = over(
            authority.server(acceptableCiphers=one, **limits), authority.client("localhost")
        )
        cipher = server.transport.getHandle().get_cipher_name()  # type: ignore[attr-defined]  # an ISystemHandle
        self.assertEqual(cipher, "ECDHE-ECDSA-AES128-GCM-SHA256")
        problem = self.assertRaises(
            ValueError, ssl.AcceptableCiphers.fromOpenSSLCipherString, "nonsense"
        )
        self.assertIn("nonsense", str(problem))

    def test_resumption(self) -> None:
        """A client may resume its session where that is enabled, and only there."""
        for enabled in (False, True):
            options = authority.server(enableSessions=enabled, enableSessionTickets=enabled)
            context = authority.stdlibClient()
            session = None
            for expected in (False, enabled):
                handle = self.exchange(options, context, session)
                self.assertEqual(handle.session_reused, expected)
                session = handle.session

    def exchange(self, options: Any, context: stdlib.SSLContext, session: Any) -> Any:
        """Connect with a client of the standard library; returns its end."""
        incoming, outgoing = stdlib.MemoryBIO(), stdlib.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing, False, "localhost", session)
        factory = TLSMemoryBIOFactory(options, False, Factory.forProtocol(Recorder))
        server = factory.buildProtocol(None)
        from_server = _Wire()
        server.makeConnection(from_server)
        for step in (client.do_handshake, client.do_handshake, lambda: client.read(1)):
            try:
                step()
            except stdlib.SSLWantReadError:
                pass
            if outgoing.pending:
                server.dataReceived(outgoing.read())
            incoming.write(from_server.take())
        try:
            client.read(1)
        except stdlib.SSLWantReadError:
            pass
        return client


class _Wire:
    """A transport of which a test takes what was written."""

    def __init__(self) -> None:
        self._written = b""

    def write(self, data: bytes) -> None:
        self._written += data

    def loseConnection(self) -> None:
        pass

    def take(self) -> bytes:
        written, self._written = self._written, b""
        return written


class ReloadTests(SynchronousTestCase):
    """Files that change while the server runs."""

    def setUp(self) -> None:
        folder = self.mktemp()
        os.mkdir(folder)
        self.path = os.path.join(folder, "both.pem")
        self.clock = Clock()
        self.put(pemOf(authority.issue("first.example")))

    def put(self, data: bytes) -> None:
        """Change the file, all at once."""
        with open(self.path + ".new", "wb") as file:
            file.write(data)
        os.replace(self.path + ".new", self.path)

    def presented(self, factory: Any) -> str:
        """For whom the server presents a certificate."""
        context = SSL.Context(SSL.TLS_METHOD)

        class Anybody:
            def getContext(self) -> SSL.Context:
                return context

        _, client, _ = over(factory, Anybody())
        found = ssl.Certificate.peerFromTransport(client.transport)
        return found.getSubject().CN.decode("ascii")

    def reloads(self, factory: Any) -> None:
        """It does, and survives a file that makes no sense."""
        self.assertEqual(self.presented(factory), "first.example")
        self.put(pemOf(authority.issue("second.example")))
        self.assertEqual(self.presented(factory), "first.example", "looked at too often")
        self.clock.advance(2)
        self.assertEqual(self.presented(factory), "second.example")
        self.put(pemOf(authority.issue("third.example"))[:300])
        self.clock.advance(2)
        self.assertEqual(self.presented(factory), "second.example")
        os.remove(self.path)
        self.clock.advance(2)
        self.assertEqual(self.presented(factory), "second.example")
        self.put(pemOf(authority.issue("fourth.example")))
        self.clock.advance(2)
        self.assertEqual(self.presented(factory), "fourth.example")

    def test_contextFactory(self) -> None:
        """`DefaultOpenSSLContextFactory` follows its files."""
        self.reloads(ssl.DefaultOpenSSLContextFactory(self.path, self.path, clock=self.clock))

    def test_options(self) -> None:
        """So does `ReloadingOptions`."""
        self.reloads(ssl.ReloadingOptions(self.path, self.path, clock=self.clock))

    def test_missing(self) -> None:
        """A file that is not there from the start is named at once."""
        problem = self.assertRaises(
            SSL.Error, ssl.DefaultOpenSSLContextFactory, "/no/key.pem", self.path
        )
        self.assertEqual(str(problem), "cannot read /no/key.pem")
        self.assertRaises(OSError, ssl.ReloadingOptions, "/no/key.pem", self.path)

    def test_notPEM(self) -> None:
        """So is one that is there, but has something else in it."""
        other = FilePath(self.mktemp())
        other.setContent(b"something else")
        for key, certificate, what in (
            (self.path, other.path, "certificate"),
            (other.path, self.path, "private key"),
        ):
            problem = self.assertRaises(
                SSL.Error, ssl.DefaultOpenSSLContextFactory, key, certificate
            )
            self.assertEqual(str(problem), f"{other.path} has no {what} in PEM form")

    def test_otherKey(self) -> None:
        """So is a key that is another's."""
        other = FilePath(self.mktemp())
        other.setContent(authority.issue("other.example").privateKey.dump(PEM))
        problem = self.assertRaises(
            SSL.Error, ssl.DefaultOpenSSLContextFactory, other.path, self.path
        )
        self.assertEqual(str(problem), "the private key is not that of the certificate")
        self.assertRaises(VerifyError, ssl.ReloadingOptions, other.path, self.path)


class WithoutPyOpenSSLTests(SynchronousTestCase):
    """Where the extra is not installed."""

    def run_(self, code: str) -> str:
        """What an interpreter without pyOpenSSL prints."""
        hide = "import sys; sys.modules['OpenSSL'] = None\n"
        done = subprocess.run(
            [sys.executable, "-c", hide + code], capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    def test_module(self) -> None:
        """Importing the module says what to install."""
        self.assertIn("torsion[tls]", self.run_("import twisted.internet.ssl"))

    def test_call(self) -> None:
        """So does asking a reactor for TLS; with the standard library's it can."""
        code = (
            "from twisted.internet import reactor, protocol\n"
            "factory = protocol.Factory.forProtocol(protocol.Protocol)\n"
            "factory.noisy = False\n"
            "try: reactor.listenSSL(0, factory, object())\n"
            "except ImportError as e: print(e)\n"
            "import ssl\n"
            "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
            "print(reactor.listenSSL(0, factory, context, interface='127.0.0.1'))\n"
        )
        printed = self.run_(code)
        self.assertIn("torsion[tls]", printed)
        self.assertIn("<Port of TLSFactory", printed)

    def test_notAContext(self) -> None:
        """What makes no connections is refused at the call."""
        factory = Factory.forProtocol(Recorder)
        for isClient, right in ((True, "optionsForClientTLS"), (False, "CertificateOptions")):
            problem = self.assertRaises(
                TypeError, TLSMemoryBIOFactory, "cert.pem", isClient, factory
            )
            self.assertIn(right, str(problem))
