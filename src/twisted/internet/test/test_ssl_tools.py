"""TLS with the programs that people look at servers with: curl, socat, `openssl s_client`."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from typing import Any, ClassVar, cast

from OpenSSL import SSL

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import IReactorProcess, IReactorSSL
from twisted.internet.protocol import (
    ClientFactory,
    Factory,
    ProcessProtocol,
    Protocol,
    connectionDone,
)
from twisted.internet.ssl import CertificateOptions, TLSVersion, VerificationError
from twisted.internet.test._tlspeers import Authority, pemOf, serving
from twisted.internet.test.test_ssl_sessions import isResumed
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, TestCase

authority = Authority()
#: Enough for a program on a machine that does much else; a test that takes it has failed.
PATIENCE = 60
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "HOME": "/nonexistent"}
BODY = b"served under TLS\n"


class Program(ProcessProtocol):
    """A program, and what it says on both of its outputs."""

    def __init__(self) -> None:
        self.output = b""
        self.errors = b""
        self._waiting: list[tuple[bytes, Deferred[re.Match[bytes]]]] = []
        self.ended: Deferred[int | None] = Deferred()

    def outReceived(self, data: bytes) -> None:
        self.output += data
        self._look()

    def errReceived(self, data: bytes) -> None:
        self.errors += data
        self._look()

    def says(self, pattern: bytes) -> Deferred[re.Match[bytes]]:
        """Fires when `pattern` is found in one of the outputs; fails if the program ends before."""
        found: Deferred[re.Match[bytes]] = Deferred()
        self._waiting.append((pattern, found))
        self._look()
        return found

    def _look(self) -> None:
        waiting, self._waiting = self._waiting, []
        for pattern, found in waiting:
            match = re.search(pattern, self.output) or re.search(pattern, self.errors)
            if match:
                found.callback(match)
            else:
                self._waiting.append((pattern, found))

    def processEnded(self, reason: Failure) -> None:
        for pattern, found in self._waiting:
            said = f"{pattern!r} not in {self.output!r} nor {self.errors!r}"
            found.errback(Failure(AssertionError(said)))
        self.ended.callback(cast(ProcessTerminated, reason.value).exitCode)


class Page(Protocol):
    """Answers every request with the same page, and keeps what it hears of the end."""

    factory: Any

    def connectionMade(self) -> None:
        self.factory.connections.append(self)
        self.request = b""
        self.reason: Any = None

    def dataReceived(self, data: bytes) -> None:
        self.request += data
        if self.request.endswith(b"\r\n\r\n"):
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\nConnection: close\r\n\r\n"
            self.transport.write(head.encode("ascii") + BODY)
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.reason = reason.value
        self.factory.over.callback(self)


class Echo(Page):
    """Sends back what it gets."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class Exchange(Protocol):
    """A client that says one thing, and ends when it has heard the other."""

    factory: Any

    def connectionMade(self) -> None:
        self.heard = b""
        self.transport.write(b"hello\n")

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if b"\n" in self.heard:
            self.factory.resumed = isResumed(self)
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.over.callback((self.heard, reason.value))


class ProgramTests(TestCase):
    """A base: servers and clients of ours, and a program on the other side."""

    timeout = PATIENCE
    program: ClassVar[str] = ""

    def setUp(self) -> None:
        found = shutil.which(self.program)
        if found is None:
            raise SkipTest(f"the program {self.program} is not installed here")
        self.path = found

    def start(self, *arguments: str) -> Program:
        """Start the program of this test."""
        program = Program()
        reactor = cast(IReactorProcess, installedReactor())
        reactor.spawnProcess(program, self.path, [self.program, *arguments], ENVIRONMENT)

        def end() -> Deferred[int | None]:
            with contextlib.suppress(ProcessExitedAlready):
                program.transport.signalProcess("KILL")
            return program.ended

        self.addCleanup(end)
        return program

    def serve(self, protocol: type[Page], context: Any) -> int:
        """Listen with TLS; returns the number of the port."""
        self.factory = cast(Any, Factory.forProtocol(protocol))
        self.factory.noisy = False
        self.factory.connections = []
        self.factory.over = Deferred()
        reactor = cast(IReactorSSL, installedReactor())
        port = reactor.listenSSL(0, self.factory, context, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)  # type: ignore[attr-defined]  # an IPv4Address

    def exchange(self, port: int, context: Any) -> Deferred[tuple[bytes, Any]]:
        """Connect as a client; fires with what was heard, and how it ended."""
        factory = self.connecting = cast(Any, ClientFactory.forProtocol(Exchange))
        factory.noisy = False
        factory.over = Deferred()
        reactor = cast(IReactorSSL, installedReactor())
        reactor.connectSSL("127.0.0.1", port, factory, context)
        over: Deferred[tuple[bytes, Any]] = factory.over
        return over

    def file(self, content: bytes) -> str:
        """A file with this content."""
        path = self.mktemp()
        with open(path, "wb") as file:
            file.write(content)
        return os.path.abspath(path)


class CurlTests(ProgramTests):
    """`curl`, which verifies whom it talks to."""

    program = "curl"

    def fetch(self, port: int, *arguments: str, host: str = "localhost") -> Program:
        """Fetch a page from a port of this host, whatever its name is."""
        place = ["--resolve", f"{host}:{port}:127.0.0.1", f"https://{host}:{port}/"]
        quiet = ["--silent", "--show-error", "--verbose", "--noproxy", "*", "--max-time", "50"]
        return self.start(*quiet, *arguments, *place)

    async def test_page(self) -> None:
        """A page is served, over either version of TLS, and both sides end in order."""
        trusted = self.file(authority.pem())
        for version, name in (("1.2", b"TLSv1.2"), ("1.3", b"TLSv1.3")):
            port = self.serve(Page, authority.server())
            limits = [f"--tlsv{version}", "--tls-max", version]
            curl = self.fetch(port, "--cacert", trusted, *limits)
            self.assertEqual(await curl.ended, 0, curl.errors)
            self.assertEqual(curl.output, BODY)
            self.assertIn(b"SSL connection using " + name, curl.errors)
            self.assertIn(b"SSL certificate verify ok", curl.errors)
            page = await self.factory.over
            self.assertIsInstance(page.reason, ConnectionDone)
            self.assertTrue(page.request.startswith(b"GET / HTTP/1.1\r\n"), page.request)

    async def test_untrusted(self) -> None:
        """Without the authority curl refuses, and our side says so in a sentence."""
        curl = self.fetch(self.serve(Page, authority.server()))
        self.assertEqual(await curl.ended, 60, curl.errors)
        page = await self.factory.over
        self.assertIsInstance(page.reason, SSL.Error)
        self.assertEqual(
            str(page.reason), "the peer does not trust the authority of our certificate"
        )
        self.assertEqual(page.request, b"")

    async def test_otherHost(self) -> None:
        """Nor does it talk to another host, or with an old certificate."""
        trusted = self.file(authority.pem())
        for own in (authority.issue("other.example"), authority.expired("localhost")):
            curl = self.fetch(self.serve(Page, serving(own)), "--cacert", trusted)
            self.assertEqual(await curl.ended, 60, curl.errors)
            page = await self.factory.over
            self.assertEqual(page.request, b"")

    async def test_serverName(self) -> None:
        """The name that curl asks for decides on the certificate."""
        inside = authority.server("inside.example")

        def choose(name: bytes | None) -> CertificateOptions | None:
            return inside if name == b"inside.example" else None

        port = self.serve(Page, authority.server("localhost", contextForServerName=choose))
        trusted = self.file(authority.pem())
        curl = self.fetch(port, "--cacert", trusted, host="inside.example")
        self.assertEqual(await curl.ended, 0, curl.errors)
        self.assertEqual(curl.output, BODY)
        await self.factory.over

    async def test_clientCertificate(self) -> None:
        """A server that wants to know who calls is told."""
        port = self.serve(Page, authority.server(trustRoot=authority.certificate))
        trusted, own = self.file(authority.pem()), self.file(pemOf(authority.issue("me.example")))
        curl = self.fetch(port, "--cacert", trusted, "--cert", own)
        self.assertEqual(await curl.ended, 0, curl.errors)
        await self.factory.over

    async def test_plain(self) -> None:
        """http:// on a port of TLS is called by its name."""
        port = self.serve(Page, authority.server())
        curl = self.start("--silent", "--noproxy", "*", f"http://127.0.0.1:{port}/")
        self.assertNotEqual(await curl.ended, 0)
        page = await self.factory.over
        self.assertEqual(str(page.reason), "the peer speaks HTTP, not TLS")


class SocatTests(ProgramTests):
    """`socat`, from both sides."""

    program = "socat"

    async def test_client(self) -> None:
        """Our server sends back what socat sends."""
        port = self.serve(Echo, authority.server())
        trusted = self.file(authority.pem())
        socat = self.start("-", f"OPENSSL:localhost:{port},pf=ip4,cafile={trusted},verify=1")
        socat.transport.write(b"round and round\n")
        await socat.says(rb"round and round\n")
        socat.transport.closeStdin()
        self.assertEqual(await socat.ended, 0, socat.errors)
        page = await self.factory.over
        self.assertIsInstance(page.reason, ConnectionDone)

    async def listening(self, certificate: bytes) -> int:
        """Have socat listen, and send back what it gets; returns its port."""
        path = self.file(certificate)
        listen = f"OPENSSL-LISTEN:0,bind=127.0.0.1,cert={path},verify=0"
        socat = self.start("-d", "-d", listen, "PIPE")
        match = await socat.says(rb"listening on .*:(\d+)")
        return int(match[1])

    async def test_server(self) -> None:
        """Our client verifies socat, and hears what it has said."""
        port = await self.listening(pemOf(authority.issue("localhost")))
        heard, _ = await self.exchange(port, authority.client("localhost"))
        self.assertEqual(heard, b"hello\n")

    async def test_stranger(self) -> None:
        """One for another host is not talked to."""
        port = await self.listening(pemOf(authority.issue("other.example")))
        heard, reason = await self.exchange(port, authority.client("localhost"))
        self.assertEqual(heard, b"")
        self.assertIsInstance(reason, VerificationError)


class OpenSSLSessionTests(ProgramTests):
    """`openssl s_client` and `s_server`, which tell what is resumed."""

    program = "openssl"

    def options(self, **versions: Any) -> CertificateOptions:
        """A server's, which lets clients resume."""
        return authority.server(enableSessions=True, enableSessionTickets=True, **versions)

    def client(self, port: int, *arguments: str) -> Program:
        """`openssl s_client`, which verifies us."""
        trusted = self.file(authority.pem())
        return self.start(
            *("s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", trusted),
            *("-verify_return_error", "-verify_hostname", "localhost", *arguments),
        )

    async def test_sessions(self) -> None:
        """A session that was kept in a file goes on in another process, in either version."""
        for version in ("-tls1_2", "-tls1_3"):
            port = self.serve(Echo, self.options())
            kept = os.path.abspath(self.mktemp())
            for direction, told in (("-sess_out", rb"New, TLSv1"), ("-sess_in", rb"Reused, TLSv1")):
                self.factory.over = Deferred()
                client = self.client(port, version, direction, kept)
                await client.says(told)
                client.transport.write(b"hello\n")
                # In TLS 1.3, what resumes the session came before this.
                await client.says(rb"(?m)^hello\n")
                client.transport.closeStdin()
                self.assertEqual(await client.ended, 0, client.errors)
                await self.factory.over

    async def test_reconnect(self) -> None:
        """Five connections in a row resume what the first agreed."""
        over: list[Any] = []

        class Counted(Echo):
            def connectionLost(self, reason: Failure = connectionDone) -> None:
                over.append(self)
                if len(over) == 6:
                    self.factory.over.callback(None)

        port = self.serve(Counted, self.options(lowerMaximumSecurityTo=TLSVersion.TLSv1_2))
        client = self.client(port, "-reconnect")
        client.transport.closeStdin()
        self.assertEqual(await client.ended, 0, client.errors)
        await self.factory.over
        self.assertEqual(client.output.count(b"New, TLSv1"), 1)
        self.assertEqual(client.output.count(b"Reused, TLSv1"), 5)

    async def test_ours(self) -> None:
        """Our client resumes a session with `openssl s_server`."""
        for version in ("-tls1_2", "-tls1_3"):
            path = self.file(pemOf(authority.issue("localhost")))
            accept = ["-accept", "127.0.0.1:0", "-cert", path, "-key", path]
            server = self.start("s_server", *accept, version, "-rev")
            match = await server.says(rb"ACCEPT .*:(\d+)")
            context = authority.client("localhost")
            for resumed in (False, True):
                heard, _ = await self.exchange(int(match[1]), context)
                self.assertEqual(heard, b"olleh\n")
                self.assertEqual(self.connecting.resumed, resumed, version)
