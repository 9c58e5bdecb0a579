"""Endpoints on sockets of this host, with the reactor."""

from __future__ import annotations

import gc
import os
import socket
from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import (
    HostnameEndpoint,
    ProcessEndpoint,
    clientFromString,
    connectProtocol,
    quoteStringArgument,
    serverFromString,
    wrapClientTLS,
    wrapServerTLS,
)
from twisted.internet.error import (
    CannotListenError,
    ConnectError,
    ConnectingCancelledError,
    ConnectionAborted,
    ConnectionDone,
    ConnectionRefusedError,
    DNSLookupError,
)
from twisted.internet.interfaces import IReactorProcess
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.internet.test._endpoints import Names
from twisted.python.failure import Failure
from twisted.python.reflect import requireModule
from twisted.trial import unittest

reactor: Any = installed

#: How OpenSSL calls the format of files.
_PEM = 1


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)


class Asking(Protocol):
    """Sends something, waits until it comes back, and hangs up."""

    def __init__(self, said: bytes = b"hello") -> None:
        self.said = said
        self.heard = b""
        self.lost: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(self.said)

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.heard += data
        if self.heard == self.said:
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if reason.check(ConnectionDone):
            self.lost.callback(self.heard)
        else:
            self.lost.errback(reason)


class EchoFactory(Factory[Any]):
    noisy = False
    protocol = Echo


class _Case(unittest.TestCase):
    async def listen(self, description: str, factory: Any = None) -> Any:
        port = await serverFromString(reactor, description).listen(factory or EchoFactory())
        self.addCleanup(port.stopListening)
        return port

    async def ask(self, endpoint: Any) -> bytes:
        """What comes back of what is sent."""
        protocol = Asking()
        self.assertIs(await connectProtocol(endpoint, protocol), protocol)
        return await protocol.lost

    def refusing(self) -> int:
        """A port at which nobody listens, and which nobody gets while the test runs."""
        held = socket.socket()
        self.addCleanup(held.close)
        held.bind(("127.0.0.1", 0))
        number: int = held.getsockname()[1]
        return number

    async def failing(self, waiting: Any, kind: type[BaseException]) -> Any:
        """The error that a Deferred fails with."""
        try:
            result = await waiting
        except kind as e:
            return e
        self.fail(f"{result!r} instead of {kind.__name__}")


class StreamTests(_Case):
    """Data goes there and back."""

    async def test_tcp(self) -> None:
        port = await self.listen("tcp:0:interface=127.0.0.1")
        client = clientFromString(reactor, f"tcp:127.0.0.1:{port.getHost().port}")
        self.assertEqual(await self.ask(client), b"hello")

    async def test_tcp6(self) -> None:
        try:
            port = await self.listen(r"tcp6:0:interface=\:\:1")
        except CannotListenError:
            raise unittest.SkipTest("this host has no IPv6")
        client = clientFromString(reactor, rf"tcp6:\:\:1:{port.getHost().port}")
        self.assertEqual(await self.ask(client), b"hello")

    async def test_unix(self) -> None:
        path = quoteStringArgument(os.path.relpath(self.mktemp()))
        await self.listen(f"unix:{path}:mode=600")
        self.assertEqual(await self.ask(clientFromString(reactor, f"unix:{path}")), b"hello")

    async def test_fd(self) -> None:
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            opened.listen()
            address = opened.getsockname()
            await self.listen(f"fd:{os.dup(opened.fileno())}")
        client = clientFromString(reactor, f"tcp:127.0.0.1:{address[1]}")
        self.assertEqual(await self.ask(client), b"hello")

    async def test_proxied(self) -> None:
        """The header of a proxy on this host gives the client's address."""
        peers: list[Any] = []

        class Telling(EchoFactory):
            def buildProtocol(self, addr: Any) -> Any:
                peers.append(addr)
                return super().buildProtocol(addr)

        port = await self.listen("haproxy:tcp:0:interface=127.0.0.1", Telling())
        client = clientFromString(reactor, f"tcp:127.0.0.1:{port.getHost().port}")
        protocol = Asking(b"PROXY TCP4 192.0.2.7 198.51.100.1 1234 443\r\nhello")
        protocol.lost.addErrback(lambda reason: None)
        await connectProtocol(client, protocol)
        while protocol.heard != b"hello":
            await _turn()
        self.assertEqual(peers, [IPv4Address("TCP", "192.0.2.7", 1234)])
        assert protocol.transport is not None
        protocol.transport.loseConnection()
        await protocol.lost

    async def test_process(self) -> None:
        if not IReactorProcess.providedBy(reactor):
            raise unittest.SkipTest("this reactor runs no programs")
        self.assertEqual(await self.ask(ProcessEndpoint(reactor, "/bin/cat", ["cat"])), b"hello")


class _Pair(Names):
    """Every host has two addresses; keeps nothing of who asks."""

    def resolveHostName(self, resolutionReceiver: Any, *args: Any, **kwargs: Any) -> Any:
        number = kwargs["portNumber"]
        self.addresses = [IPv4Address("TCP", host, number) for host in ("127.0.0.2", "127.0.0.1")]
        resolution = super().resolveHostName(resolutionReceiver, *args, **kwargs)
        del self.receiver, self.resolution
        return resolution


def _turn() -> Deferred[None]:
    """Fires in a later turn of the loop."""
    waiting: Deferred[None] = Deferred()
    reactor.callLater(0, waiting.callback, None)
    return waiting


class HostnameTests(_Case):
    """Happy eyeballs."""

    def named(self, *addresses: Any, **options: Any) -> HostnameEndpoint:
        """The endpoint of a host with these addresses."""
        before = reactor.installNameResolver(Names(*addresses))
        self.addCleanup(reactor.installNameResolver, before)
        return HostnameEndpoint(reactor, "host.example", 80, **options)

    async def test_oneIsDead(self) -> None:
        port = await self.listen("tcp:0:interface=127.0.0.1")
        dead = IPv4Address("TCP", "127.0.0.1", self.refusing())
        alive = IPv4Address("TCP", "127.0.0.1", port.getHost().port)
        endpoint = self.named(dead, alive, attemptDelay=3600)
        self.assertEqual(await self.ask(endpoint), b"hello")

    async def test_allAreDead(self) -> None:
        numbers = [self.refusing() for _ in range(3)]
        endpoint = self.named(*[IPv4Address("TCP", "127.0.0.1", n) for n in numbers])
        error = await self.failing(endpoint.connect(EchoFactory()), ConnectionRefusedError)
        self.assertEqual(str(error).count("127.0.0.1: "), 3)

    async def test_silent(self) -> None:
        """One that never answers is not waited for, and called off when another does."""
        port = await self.listen("tcp:0:interface=127.0.0.1")
        deaf = socket.socket()
        self.addCleanup(deaf.close)
        deaf.bind(("127.0.0.1", 0))
        # With its backlog full, it answers nobody.
        deaf.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            self.addCleanup(filler.close)
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        silent = IPv4Address("TCP", "127.0.0.1", deaf.getsockname()[1])
        alive = IPv4Address("TCP", "127.0.0.1", port.getHost().port)
        endpoint = self.named(silent, alive, attemptDelay=0.01)
        self.assertEqual(await self.ask(endpoint), b"hello")

    async def test_localhost(self) -> None:
        port = await self.listen("tcp:0:interface=127.0.0.1")
        endpoint = HostnameEndpoint(reactor, "localhost", port.getHost().port)
        self.assertEqual(await self.ask(endpoint), b"hello")

    async def test_noHost(self) -> None:
        """Labels of more than 63 letters are names of no host; nobody need be asked."""
        endpoint = HostnameEndpoint(reactor, "x" * 64 + ".invalid", 80)
        await self.failing(endpoint.connect(EchoFactory()), DNSLookupError)

    async def test_cancel(self) -> None:
        endpoint = self.named(IPv6Address("TCP", "::1", self.refusing()))
        connecting = endpoint.connect(EchoFactory())
        connecting.cancel()
        await self.failing(connecting, ConnectingCancelledError)

    async def test_cannotBind(self) -> None:
        """An address that is not ours cannot be connected from; the error says so."""
        endpoint = HostnameEndpoint(reactor, "127.0.0.1", 1, bindAddress="192.0.2.1")
        error = await self.failing(endpoint.connect(EchoFactory()), ConnectError)
        self.assertIn("192.0.2.1", str(error))


class CycleTests(_Case):
    """What is over is gone at once, without the garbage collector."""

    def left(self) -> list[str]:
        """What there is of attempts."""
        # An attempt is its connector's factory, and lives as long as that.
        kinds = ("_Awaited", "_Contest", "Race")
        found = [type(thing).__name__ for thing in gc.get_objects()]
        return [name for name in found if name in kinds]

    async def test_noCycles(self) -> None:
        port = await self.listen("tcp:0:interface=127.0.0.1")
        resolver = _Pair()
        before = reactor.installNameResolver(resolver)
        self.addCleanup(reactor.installNameResolver, before)
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        alive = HostnameEndpoint(reactor, "host.example", port.getHost().port)
        dead = HostnameEndpoint(reactor, "host.example", self.refusing())
        self.assertEqual(await self.ask(alive), b"hello")
        await _turn()
        self.assertEqual(self.left(), [], "after success")
        await self.failing(dead.connect(EchoFactory()), ConnectError)
        await _turn()
        self.assertEqual(self.left(), [], "after failure")
        connecting = alive.connect(EchoFactory())
        connecting.cancel()
        await self.failing(connecting, ConnectingCancelledError)
        del connecting
        await _turn()
        self.assertEqual(self.left(), [], "after cancellation")


class TLSTests(_Case):
    """``ssl:``, ``tls:`` and TLS around endpoints, with a certificate of this test."""

    def setUp(self) -> None:
        if requireModule("OpenSSL") is None:
            raise unittest.SkipTest("pyOpenSSL is not installed")
        self.ssl = requireModule("twisted.internet.ssl")
        self.folder = self.mktemp()
        os.mkdir(self.folder)
        self.identity = self.newIdentity()
        self.certificate = self.ssl.Certificate(self.identity.original)
        self.both = self.write("server.key", self.identity.dumpPEM())
        self.key = self.write("key", self.identity.privateKey.dump(_PEM))
        self.cert = self.write("cert.pem", self.certificate.dumpPEM())

    def newIdentity(self) -> Any:
        # Of a kind that is found at once: two primes may take seconds on a busy machine.
        ec: Any = requireModule("cryptography.hazmat.primitives.asymmetric.ec")
        crypto: Any = requireModule("OpenSSL.crypto")
        key = crypto.PKey.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()))
        return self.ssl.KeyPair(key).selfSignedCert(1, commonName="host.example")

    def write(self, name: str, data: bytes) -> str:
        path = os.path.abspath(os.path.join(self.folder, name))
        with open(path, "wb") as file:
            file.write(data)
        return quoteStringArgument(path)

    async def serve(self, arguments: str, word: str = "ssl") -> int:
        port = await self.listen(f"{word}:0:interface=127.0.0.1:{arguments}")
        number: int = port.getHost().port
        return number

    def client(self, number: int) -> Any:
        """An endpoint that trusts the certificate."""
        options = self.ssl.optionsForClientTLS("host.example", trustRoot=self.certificate)
        return wrapClientTLS(options, clientFromString(reactor, f"tcp:127.0.0.1:{number}"))

    async def test_server(self) -> None:
        """Key and certificate are in two files, or in one; there may be a third."""
        for arguments in (
            f"privateKey={self.key}:certKey={self.cert}",
            f"privateKey={self.both}",
            f"privateKey={self.key}:certKey={self.cert}:extraCertChain={self.cert}",
        ):
            for word in ("ssl", "tls"):
                number = await self.serve(arguments, word)
                self.assertEqual(await self.ask(self.client(number)), b"hello")

    async def test_reload(self) -> None:
        """All of the files are read again when they have changed."""
        clock = Clock()
        self.patch(requireModule("twisted.internet.ssl._contexts"), "seconds", clock.seconds)
        more = self.write("more", self.certificate.dumpPEM())
        number = await self.serve(
            f"privateKey={self.key}:certKey={self.cert}:extraCertChain={more}", "tls"
        )
        chains = []

        class Looking(Asking):
            def dataReceived(self, data: bytes) -> None:
                transport: Any = self.transport
                chains.append(len(transport.getHandle().get_peer_cert_chain()))
                super().dataReceived(data)

        for content in (b"", self.certificate.dumpPEM() * 2):
            self.write("more", content)
            clock.advance(1)
            protocol = Looking()
            await connectProtocol(self.client(number), protocol)
            await protocol.lost
        self.assertEqual(chains, [1, 3])

    async def test_handshakeTimeout(self) -> None:
        """Who does not begin TLS in time is disconnected."""
        number = await self.serve(f"privateKey={self.both}:handshakeTimeout=0", "tls")
        protocol = Asking(b"")
        await connectProtocol(clientFromString(reactor, f"tcp:127.0.0.1:{number}"), protocol)
        self.assertEqual(await protocol.lost, b"")

    async def test_cancelResolving(self) -> None:
        """Cancelled while the name is looked up, the look-up is cancelled and nobody is called."""
        names = Names()
        before = reactor.installNameResolver(names)
        self.addCleanup(reactor.installNameResolver, before)
        connecting = clientFromString(reactor, "tls:host.example:443").connect(EchoFactory())
        connecting.cancel()
        await self.failing(connecting, ConnectingCancelledError)
        self.assertTrue(names.resolution.cancelled)

    async def test_cancelConnecting(self) -> None:
        """Cancelled while the connection is made, the attempt ends, for either word."""
        full = socket.socket()
        self.addCleanup(full.close)
        full.bind(("127.0.0.1", 0))
        # Nobody accepts here, and soon nobody is answered either.
        full.listen(0)
        number = full.getsockname()[1]
        for _ in range(3):
            waiting = socket.socket()
            self.addCleanup(waiting.close)
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", number))
        for description in (f"ssl:127.0.0.1:{number}", f"tls:127.0.0.1:{number}"):
            connecting = clientFromString(reactor, description).connect(EchoFactory())
            await _turn()
            connecting.cancel()
            await self.failing(connecting, ConnectingCancelledError)

    async def test_cancelHandshaking(self) -> None:
        """Once connected there is nothing left to cancel; TLS is ended by the protocol."""
        silent: list[Protocol] = []

        class Silent(Protocol):
            def connectionMade(self) -> None:
                silent.append(self)

        factory: Any = Factory.forProtocol(Silent)
        factory.noisy = False
        port = await self.listen("tcp:0:interface=127.0.0.1", factory)
        number = port.getHost().port
        for description in (f"ssl:127.0.0.1:{number}", f"tls:127.0.0.1:{number}"):
            ended: Deferred[Any] = Deferred()

            class Handshaking(Protocol):
                def connectionLost(
                    self, reason: Failure = connectionDone, ended: Deferred[Any] = ended
                ) -> None:
                    ended.callback(reason.value)

            protocol = Handshaking()
            connecting = connectProtocol(clientFromString(reactor, description), protocol)
            self.assertIs(await connecting, protocol)
            connecting.cancel()
            await _turn()
            self.assertFalse(ended.called)
            transport: Any = protocol.transport
            transport.abortConnection()
            self.assertIsInstance(await ended, ConnectionAborted)

    async def test_wrapServer(self) -> None:
        endpoint = serverFromString(reactor, "tcp:0:interface=127.0.0.1")
        wrapped = wrapServerTLS(self.identity.options(), endpoint)
        port: Any = await wrapped.listen(EchoFactory())
        self.addCleanup(port.stopListening)
        self.assertEqual(await self.ask(self.client(port.getHost().port)), b"hello")

    async def test_clients(self) -> None:
        """Whom to trust is in a folder."""
        number = await self.serve(f"privateKey={self.both}")
        before = reactor.installNameResolver(Names(IPv4Address("TCP", "127.0.0.1", number)))
        self.addCleanup(reactor.installNameResolver, before)
        folder = quoteStringArgument(os.path.abspath(self.folder))
        for description in (
            f"ssl:127.0.0.1:{number}:hostname=host.example:caCertsDir={folder}",
            f"tls:host.example:{number}:trustRoots={folder}:privateKey={self.both}",
        ):
            self.assertEqual(await self.ask(clientFromString(reactor, description)), b"hello")

    async def test_notTrusted(self) -> None:
        """The protocol hears of it: nothing is sent to the wrong host."""
        number = await self.serve(f"privateKey={self.both}")
        heard: list[bytes] = []
        self.patch(Echo, "dataReceived", lambda self, data: heard.append(data))
        for description in (
            f"ssl:127.0.0.1:{number}:hostname=host.example",
            f"ssl:127.0.0.1:{number}:hostname=other.example"
            f":caCertsDir={quoteStringArgument(os.path.abspath(self.folder))}",
        ):
            protocol = Asking()
            await connectProtocol(clientFromString(reactor, description), protocol)
            await self.failing(protocol.lost, Exception)
        self.assertEqual(heard, [])

    def test_badFiles(self) -> None:
        other = self.write("other", self.newIdentity().privateKey.dump(_PEM))
        text = self.write("text", b"nothing of use")
        for description, why in (
            (f"ssl:443:privateKey={other}:certKey={self.cert}", other),
            (f"ssl:443:privateKey={text}:certKey={self.cert}", text),
            (f"ssl:443:privateKey={other}:certKey={self.cert}:extraCertChain={self.cert}", other),
            (f"ssl:443:privateKey={self.key}", "no certificate"),
            (f"ssl:443:privateKey={self.key}:certKey={text}", "no certificate"),
            (f"ssl:443:privateKey={self.both}:extraCertChain={text}", "no certificate"),
            (f"ssl:443:privateKey={self.both}:dhParameters={text}", "no parameters"),
            (f"ssl:443:privateKey={self.both}:handshakeTimeout=soon", "number of seconds"),
        ):
            error = self.assertRaises(ValueError, serverFromString, reactor, description)
            self.assertIn(why, str(error))
            self.assertIn("; write ssl:PORT:privateKey=FILE", str(error))
        empty = self.mktemp()
        os.mkdir(empty)
        for description, why in (
            (f"tls:x:443:trustRoots={quoteStringArgument(empty)}", "no certificates"),
            (f"ssl:x:443:privateKey={text}", "cannot be used"),
        ):
            error = self.assertRaises(ValueError, clientFromString, reactor, description)
            self.assertIn(why, str(error))
