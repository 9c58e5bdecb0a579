"""TLS with programs that are not ours: OpenSSL's own, and sockets of the standard library."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import ssl
import subprocess
import threading
import weakref
from collections.abc import Callable
from typing import Any, cast

from zope.interface import implementer

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener, INegotiated, ITLSTransport
from twisted.internet.protocol import ClientFactory, Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.internet.test._tlspeers import Authority, pemOf
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, TestCase

authority = Authority()
MUCH = bytes(range(256)) * 4096


@implementer(IHandshakeListener)
class Echo(Protocol):
    """Sends back what it gets, and tells how it ended."""

    factory: Any
    name = ""

    def handshakeCompleted(self) -> None:
        self.name = self.transport.logPrefix()  # type: ignore[attr-defined]  # an ILoggingContext

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.ended.append(self)
        self.reason = reason
        self.factory.over.callback(self)


class Upgrading(Echo):
    """Begins TLS when it is asked to, between two lines."""

    context: Any = None

    def dataReceived(self, data: bytes) -> None:
        if data == b"STARTTLS\n":
            self.transport.write(b"GO AHEAD\n")
            self.transport.startTLS(self.context)  # type: ignore[attr-defined]  # an ITLSTransport
            self.transport.write(b"welcome under TLS\n")
        else:
            super().dataReceived(data)


class Serving(TestCase):
    """A base for tests with a server of ours."""

    def listen(self, protocol: type[Echo], context: Any) -> int:
        """Listen; returns the number of the port."""
        self.factory = cast(Any, Factory.forProtocol(protocol))
        self.factory.noisy = False
        self.factory.ended = []
        self.factory.over = Deferred()
        if context is None:
            port = installedReactor().listenTCP(0, self.factory, interface="127.0.0.1")
        else:
            port = installedReactor().listenSSL(0, self.factory, context, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)

    def files(self, *contents: bytes) -> list[str]:
        """Files with these contents."""
        paths = [self.mktemp() for _ in contents]
        for path, content in zip(paths, contents, strict=True):
            with open(path, "wb") as file:
                file.write(content)
        return paths


class StdlibTests(Serving):
    """Sockets of the standard library, in a thread."""

    def echoed(self, sock: socket.socket, context: ssl.SSLContext) -> bytes:
        """What comes back of what is sent by TLS on a socket."""
        with context.wrap_socket(sock, server_hostname="localhost") as secured:
            sender = threading.Thread(target=secured.sendall, args=(MUCH,))
            sender.start()
            got = bytearray()
            while len(got) < len(MUCH):
                got += secured.recv(1 << 16)
            sender.join()
            secured.unwrap().close()
        return bytes(got)

    async def check(self, serverContext: Any) -> None:
        """A client of the standard library gets all that it sends."""
        port = self.listen(Echo, serverContext)

        def talk() -> bytes:
            sock = socket.create_connection(("127.0.0.1", port))
            return self.echoed(sock, authority.stdlibClient())

        self.assertEqual(await deferToThread(talk), MUCH)
        server = await self.factory.over
        self.assertTrue(server.reason.check(ConnectionDone), server.reason)
        self.assertTrue(INegotiated.providedBy(server.transport))
        self.assertEqual(server.name, "Echo (TLS),1,127.0.0.1")

    async def test_server(self) -> None:
        """With pyOpenSSL."""
        await self.check(authority.server())

    async def test_serverOfContext(self) -> None:
        """With the standard library's own context."""
        await self.check(authority.stdlibServer())

    async def test_startTLS(self) -> None:
        """TLS begins on a live connection, after what was written before."""

        class WithContext(Upgrading):
            context = authority.server()

        port = self.listen(WithContext, None)

        def talk() -> tuple[bytes, bytes, bytes]:
            sock = socket.create_connection(("127.0.0.1", port))
            sock.sendall(b"plain")
            plain = sock.recv(5)
            sock.sendall(b"STARTTLS\n")
            answer = b""
            while not answer.endswith(b"\n"):
                answer += sock.recv(1)
            with authority.stdlibClient().wrap_socket(sock, server_hostname="localhost") as secured:
                welcome = secured.recv(100)
                secured.sendall(b"secret")
                return plain + answer, welcome, secured.recv(100)

        plain, welcome, secret = await deferToThread(talk)
        self.assertEqual(plain, b"plainGO AHEAD\n")
        self.assertEqual(welcome, b"welcome under TLS\n")
        self.assertEqual(secret, b"secret")
        server = await self.factory.over
        self.assertTrue(server.transport.TLS)
        self.assertRaises(RuntimeError, server.transport.startTLS, authority.server())


class LeftoverTests(Serving):
    """What is over is gone at once, without the garbage collector."""

    async def check(self, serverContext: Any, clientContext: Any) -> None:
        """Nothing is left of a connection, at either end."""
        remembered: list[weakref.ref[Any]] = []

        def remember(protocol: Any) -> None:
            transport = protocol.transport
            remembered.extend(map(weakref.ref, (protocol, transport, transport._tls)))

        class Server(Echo):
            def dataReceived(self, data: bytes) -> None:
                remember(self)
                super().dataReceived(data)

            def connectionLost(self, reason: Failure = connectionDone) -> None:
                self.factory.over.callback(None)

        class Client(Protocol):
            factory: Any

            def connectionMade(self) -> None:
                self.transport.write(b"hello")

            def dataReceived(self, data: bytes) -> None:
                remember(self)
                self.transport.loseConnection()

            def connectionLost(self, reason: Failure = connectionDone) -> None:
                # Who still holds a transport that is gone may still call it.
                transport: Any = self.transport
                installedReactor().callLater(0, self.factory.over.callback, transport)

        factory = cast(Any, ClientFactory.forProtocol(Client))
        factory.noisy = False
        factory.over = Deferred()
        number = self.listen(Server, serverContext)
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        installedReactor().connectSSL("127.0.0.1", number, factory, clientContext)
        transport = await factory.over
        await self.factory.over
        transport.write(b"too late")
        transport.loseWriteConnection()
        transport.loseConnection()
        transport.abortConnection()
        transport.pauseProducing()
        transport.resumeProducing()
        transport.unregisterProducer()
        self.assertIsNotNone(transport.getHandle())
        del transport
        factory.over = self.factory.over = None
        await deferLater(installedReactor(), 0)
        self.assertEqual(len(remembered), 6)
        self.assertEqual([found for each in remembered if (found := each())], [])

    async def test_openSSL(self) -> None:
        """With pyOpenSSL."""
        await self.check(authority.server(), authority.client("localhost"))

    async def test_stdlib(self) -> None:
        """With the standard library."""
        await self.check(authority.stdlibServer(), authority.stdlibClient())


class UpgradeTests(Serving):
    """Both sides are ours."""

    async def test_bothSides(self) -> None:
        """A client begins TLS as well, and keeps its transport, and its connector knows why."""

        class WithContext(Upgrading):
            context = authority.server()

        port = self.listen(WithContext, None)
        lost: Deferred[BaseException] = Deferred()

        class Client(Protocol):
            data = b""

            def connectionMade(self) -> None:
                self.transport.write(b"STARTTLS\n")

            def dataReceived(self, data: bytes) -> None:
                if data == b"GO AHEAD\n":
                    self.transport.startTLS(authority.client("other.example"))  # type: ignore[attr-defined]  # an ITLSTransport
                    self.transport.write(b"secret")

        class Connecting(ClientFactory[Client]):
            noisy = False
            protocol = Client

            def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
                lost.callback(reason.value)

        connector = installedReactor().connectTCP("127.0.0.1", port, Connecting())
        reason = await lost
        self.assertIn("not for 'other.example'", str(reason))
        self.assertEqual(connector.state, "disconnected")
        await self.factory.over

    async def test_interfaces(self) -> None:
        """A plain transport can begin TLS, and says so."""
        port = self.listen(Echo, None)
        connected: Deferred[Any] = Deferred()

        class Client(Protocol):
            def connectionMade(self) -> None:
                connected.callback(self.transport)

        factory: Any = ClientFactory.forProtocol(Client)
        factory.noisy = False
        installedReactor().connectTCP("127.0.0.1", port, factory)
        transport = await connected
        self.assertTrue(ITLSTransport.providedBy(transport))
        self.assertFalse(transport.TLS)
        transport.loseConnection()
        await self.factory.over


class OpenSSLTests(Serving):
    """The programs of the `openssl` command."""

    def setUp(self) -> None:
        found = shutil.which("openssl")
        if found is None:
            raise SkipTest("there is no openssl command here")
        self.openssl = found

    async def test_client(self) -> None:
        """`openssl s_client` verifies our server, and talks with it."""
        port = self.listen(Echo, authority.server(acceptableProtocols=[b"echo"]))
        (trusted,) = self.files(authority.pem())

        def talk() -> bytes:
            command = f"s_client -connect 127.0.0.1:{port} -CAfile {trusted} -alpn echo -quiet "
            command += "-verify_return_error -verify_hostname localhost -servername localhost"
            with subprocess.Popen(
                [self.openssl, *command.split()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as program:
                assert program.stdin is not None and program.stdout is not None
                program.stdin.write(b"hello\n")
                program.stdin.flush()
                answer = program.stdout.readline()
                program.terminate()
            return answer

        self.assertEqual(await deferToThread(talk), b"hello\n")
        server = await self.factory.over
        self.assertEqual(server.transport.negotiatedProtocol, b"echo")

    async def test_server(self) -> None:
        """Our client verifies `openssl s_server`, which turns our lines round."""
        (path,) = self.files(pemOf(authority.issue("localhost")))
        command = f"s_server -accept 127.0.0.1:0 -cert {path} -key {path} -rev"
        program = subprocess.Popen(
            [self.openssl, *command.split()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LANG": "C"},
        )

        def end() -> None:
            program.terminate()
            program.communicate()

        self.addCleanup(end)
        assert program.stdout is not None
        port = await deferToThread(_portOf, program.stdout.readline)
        answered: Deferred[bytes] = Deferred()
        over: Deferred[None] = Deferred()

        class Client(Protocol):
            data = b""

            def connectionMade(self) -> None:
                self.transport.write(b"hello\n")

            def dataReceived(self, data: bytes) -> None:
                self.data += data
                if b"\n" in self.data:
                    answered.callback(self.data)
                    self.transport.loseConnection()

            def connectionLost(self, reason: Failure = connectionDone) -> None:
                if not answered.called:
                    answered.errback(reason)
                over.callback(None)

        factory: Any = ClientFactory.forProtocol(Client)
        factory.noisy = False
        installedReactor().connectSSL("127.0.0.1", port, factory, authority.client("localhost"))
        self.assertEqual(await answered, b"olleh\n")
        await over


def _portOf(readLine: Callable[[], bytes]) -> int:
    """The port that `openssl s_server` says it listens on."""
    while line := readLine():
        if line.startswith(b"ACCEPT"):
            return int(line.rsplit(b":", 1)[1])
    raise AssertionError("openssl s_server has ended")
