"""Direct connections between clients of IRC."""

from __future__ import annotations

import io
import os
import pathlib
import struct
from typing import Any, cast

from twisted.internet import protocol, reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.words.protocols import irc
from twisted.words.protocols.irc import _dcc, _dccclient
from twisted.words.protocols.test._irc import ClientTests, Noting

PUBLIC = "134744072"  # 8.8.8.8
LOST = Failure(ConnectionDone())


class ParseTests(SynchronousTestCase):
    """What offers say."""

    def test_addresses(self) -> None:
        """Numbers, and addresses as they are."""
        for text, address in [
            ("16777343", "1.0.0.127"),
            ("127.0.0.1", "127.0.0.1"),
            ("0", "0.0.0.0"),
            ("::1", "::1"),
        ]:
            self.assertEqual(irc.dccParseAddress(text), address)
        for text in ("x", "-1", "4294967296", "1.2.3", "", "9" * 5000):
            self.assertRaises(irc.IRCBadMessage, irc.dccParseAddress, text)

    def test_describe(self) -> None:
        """Offers in words; what is none stays."""
        for offer, words in [
            (
                "SEND file 2130706433 1024 10",
                "SEND for file 'file' of size 10 bytes at host 127.0.0.1, port 1024",
            ),
            (
                'SEND "a b" 1.2.3.4 1024',
                "SEND for file 'a b' at host 1.2.3.4, port 1024",
            ),
            ("CHAT chat 2130706433 1024", "CHAT for host 127.0.0.1, port 1024"),
            ("CHAT chat x y", "CHAT for host x, port y"),
            ("RESUME f 5 6", "RESUME f 5 6"),
            ("", ""),
        ]:
            self.assertEqual(irc.dccDescribe(offer), words)


class OfferTests(ClientTests):
    """Offers that a client gets."""

    def offer(self, text: str) -> list[tuple[object, ...]]:
        """What the client is told of an offer."""
        self.client._ircClock.advance(60)
        return self.hear(f":o!u@h PRIVMSG me :\x01DCC {text}\x01")

    def assertRefused(self, text: str, why: str) -> None:
        """The client is not told of an offer, and who made it is told why."""
        self.assertEqual(self.offer(text), [])
        (answer,) = self.sent()
        self.assertTrue(answer.startswith(f"NOTICE o :\x01ERRMSG DCC {text}"[:30]), answer)
        self.assertIn(why, answer)

    def test_offers(self) -> None:
        """What is harmless is told."""
        send = ["f", PUBLIC, "2024", "10"]
        self.assertEqual(
            self.offer(f"SEND f {PUBLIC} 2024 10"),
            [("dccDoSend", "o!u@h", "8.8.8.8", 2024, "f", 10, send)],
        )
        self.assertEqual(
            self.offer(f'SEND "a b" {PUBLIC} 2024'),
            [("dccDoSend", "o!u@h", "8.8.8.8", 2024, "a b", -1, ["a b", *send[1:3]])],
        )
        self.assertEqual(
            self.offer(f"CHAT chat {PUBLIC} 2024"),
            [("dccDoChat", "o!u@h", "me", "8.8.8.8", 2024, ["chat", *send[1:3]])],
        )
        self.assertEqual(self.offer("RESUME f 5 6"), [("dccDoResume", "o!u@h", "f", 5, 6)])
        self.assertEqual(self.offer("ACCEPT f 5 6"), [("dccDoAcceptResume", "o!u@h", "f", 5, 6)])
        self.assertEqual(self.sent(), [])

    def test_private(self) -> None:
        """Nobody has us connect to ourselves or into our network, unless it is allowed."""
        hosts = "127.0.0.1 10.0.0.1 192.168.1.1 172.16.0.1 169.254.169.254 0.0.0.0 224.0.0.1 ::1"
        for host in [*hosts.split(), "fe80::1", "fd00::1", "::ffff:127.0.0.1", "2130706433"]:
            self.assertRefused(f"SEND f {host} 2024 10", "not public")
            self.assertRefused(f"CHAT chat {host} 2024", "not public")
        self.client.dccAllowPrivate = True
        ((name, *_),) = self.offer("SEND f 2130706433 80 10")
        self.assertEqual(name, "dccDoSend")

    def test_ports(self) -> None:
        """Nor to a service, or to no port."""
        for port in ("0", "25", "1023", "65536", "99999999999999999999999"):
            self.assertRefused(f"SEND f {PUBLIC} {port} 10", "ort")
        self.client.dccAllowPrivate = True
        self.assertRefused(f"SEND f {PUBLIC} 0 10", "Port 0")

    def test_names(self) -> None:
        """Nobody says where a file is to be written, unless it is allowed."""
        for name in ("../x", "..", "a/b", "/etc/passwd", "c:\\\\x", ".bashrc", '""'):
            self.assertRefused(f"SEND {name} {PUBLIC} 2024 10", "name it plainly")
            self.assertRefused(f"ACCEPT {name} 2024 10", "name it plainly")
        self.client.dccAllowPaths = True
        (heard,) = self.offer(f"SEND ../x {PUBLIC} 2024 10")
        self.assertEqual(heard[4], "../x")

    def test_malformed(self) -> None:
        """What is no offer is answered so."""
        for text in ("SEND x y", "SEND f x 5 5", "SEND f 1.2.3.4 x 5", "CHAT chat", "RESUME f"):
            self.assertRefused(text, " :")
        self.assertRefused(f"SEND f {PUBLIC} 2024 -1", "Indecipherable size")
        self.assertRefused("FOO", "Unknown DCC type 'FOO'")
        self.assertRefused("__class__", "Unknown DCC type")
        self.assertEqual(self.offer(""), [])
        self.assertEqual(self.sent(), [])


class OfferingTests(ClientTests):
    """Files that a client offers."""

    def setUp(self) -> None:
        super().setUp()
        self.reactor = MemoryReactorClock()
        self.client._ircClock = self.reactor
        self.transport.hostAddr = IPv4Address("TCP", "10.1.2.3", 999)
        self.path = pathlib.Path(self.mktemp())
        self.path.mkdir()
        self.path = self.path / "a file"
        self.path.write_bytes(b"0123456789")

    def offered(self) -> Any:
        """The factory of what is offered."""
        return self.reactor.tcpServers[-1][1]

    def test_send(self) -> None:
        """The offer says where, and for how much; one may come."""
        port = self.client.dccSend("u", str(self.path))
        (told,) = self.sent()
        number = struct.unpack("!I", bytes([10, 1, 2, 3]))[0]
        self.assertEqual(
            told,
            f'PRIVMSG u :\x01DCC SEND "a file" {number} {cast(Any, port.getHost()).port} 10\x01',
        )
        self.assertEqual(self.reactor.tcpServers[-1][3], "10.1.2.3")
        factory = self.offered()
        self.assertEqual(self.client.dcc_sessions, [factory])
        self.assertIsNotNone(factory.buildProtocol(None))
        self.assertIsNone(factory.buildProtocol(None))

    def test_missing(self) -> None:
        """A file that is not there is not offered."""
        self.assertRaises(OSError, self.client.dccSend, "u", str(self.path) + "x")
        self.assertEqual(self.sent(), [])

    def test_resume(self) -> None:
        """Who has a part of it gets the rest; who has more than all of it gets no answer.

        Nor does anybody else: they could spoil what the other gets.
        """
        port = cast(Any, self.client.dccSend("u", str(self.path)).getHost()).port
        self.sent()
        for position in (11, 0):
            self.hear(f":u!u@h PRIVMSG me :\x01DCC RESUME f {port} {position}\x01")
        self.hear(f":u!u@h PRIVMSG me :\x01DCC RESUME f {port + 1} 4\x01")
        self.hear(f":other!u@h PRIVMSG me :\x01DCC RESUME f {port} 9\x01")
        self.assertEqual(self.sent(), [])
        self.hear(f':u!u@h PRIVMSG me :\x01DCC RESUME "a file" {port} 4\x01')
        self.assertEqual(self.sent(), [f'PRIVMSG u :\x01DCC ACCEPT "a file" {port} 4\x01'])
        protocol = self.offered().buildProtocol(None)
        transport = StringTransport()
        protocol.makeConnection(transport)
        protocol.resumeProducing()
        protocol.setTimeout(None)
        self.assertEqual(transport.value(), b"456789")

    def test_asking(self) -> None:
        """We may have a part, too."""
        self.client.dccResume("u", "a b", 5, 6)
        self.client.dccAcceptResume("u", "f", 5, 6)
        self.assertEqual(
            self.sent(),
            ['PRIVMSG u :\x01DCC RESUME "a b" 5 6\x01', "PRIVMSG u :\x01DCC ACCEPT f 5 6\x01"],
        )


class FileTests(SynchronousTestCase):
    """Files over connections."""

    def setUp(self) -> None:
        self.folder = pathlib.Path(self.mktemp())
        self.folder.mkdir()
        self.clock = Clock()

    def connected(self, end: Any) -> StringTransport:
        """Connect one end."""
        end.callLater = self.clock.callLater
        transport = StringTransport()
        end.makeConnection(transport)
        return transport

    def receive(self, name: str = "f", size: int = -1, offset: int = 0) -> Any:
        """A receiver into the folder."""
        return irc.DccFileReceive(name, size, ("o!u@h", "#c", "data"), str(self.folder), offset)

    def finish(self, end: Any) -> None:
        """The connection is lost, and no call is left over."""
        end.connectionLost(LOST)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_counting(self) -> None:
        """All that was received is acknowledged."""
        end = irc.DccFileReceiveBasic(10)
        transport = self.connected(end)
        end.dataReceived(b"x" * 5)
        self.assertEqual((transport.value(), end.bytesReceived), (b"\0\0\0\x0f", 15))
        end.bytesReceived = 2**32 + 1
        end.dataReceived(b"x")
        self.assertEqual(transport.value()[4:], b"\0\0\0\x02")
        self.finish(end)

    def test_receive(self) -> None:
        """A file is written into the folder."""
        end = self.receive(size=5)
        self.assertEqual((end.filename, end.fileSize, end.fromUser), ("f", 5, "o!u@h"))
        self.connected(end)
        end.dataReceived(b"he")
        end.dataReceived(b"llo")
        self.finish(end)
        self.assertEqual((self.folder / "f").read_bytes(), b"hello")

    def test_exists(self) -> None:
        """What is there is not written over, unless that is wanted; a link is not followed."""
        (self.folder / "f").write_bytes(b"old and long")
        end = self.receive()
        self.assertTrue(self.connected(end).disconnecting)
        end.dataReceived(b"new")
        self.finish(end)
        self.assertEqual((self.folder / "f").read_bytes(), b"old and long")
        end = self.receive()
        end.set_overwrite(True)
        self.connected(end)
        end.dataReceived(b"new")
        self.finish(end)
        self.assertEqual((self.folder / "f").read_bytes(), b"new")
        (self.folder / "link").symlink_to(self.folder / "f")
        for overwrite in (False, True):
            end = self.receive("link")
            end.set_overwrite(overwrite)
            self.assertTrue(self.connected(end).disconnecting)
            self.finish(end)
        self.assertEqual((self.folder / "f").read_bytes(), b"new")
        self.assertEqual(len(self.flushLoggedErrors()), 0)

    def test_resume(self) -> None:
        """The rest of a file goes behind what is there; there must be something."""
        (self.folder / "f").write_bytes(b"01234xx")
        end = self.receive(size=10, offset=5)
        transport = self.connected(end)
        end.dataReceived(b"56789")
        self.finish(end)
        self.assertEqual((self.folder / "f").read_bytes(), b"0123456789")
        self.assertEqual(transport.value(), b"\0\0\0\x0a")
        end = self.receive("other", offset=5)
        self.assertTrue(self.connected(end).disconnecting)
        self.finish(end)
        self.assertEqual(os.listdir(self.folder), ["f"])

    def test_tooMuch(self) -> None:
        """More than was said is not taken."""
        end = self.receive(size=5)
        transport = self.connected(end)
        end.dataReceived(b"hello!")
        self.assertTrue(transport.disconnecting)
        self.finish(end)
        end = self.receive("g")
        transport = self.connected(end)
        end.bytesReceived = _dcc.DCC_MAX_UNKNOWN_SIZE
        end.dataReceived(b"x")
        self.assertTrue(transport.disconnecting)
        self.finish(end)

    def test_names(self) -> None:
        """The name is one of a file in the folder."""
        for name in ("../x", "a/b", "/x", "..", ".", ".x", "", "a\0b"):
            self.assertRaises(ValueError, irc.DccFileReceive, name)
            self.assertRaises(ValueError, self.receive().set_filename, name)

    def test_directory(self) -> None:
        """The folder must be there."""
        end = self.receive()
        end.set_directory(str(self.folder))
        self.assertRaises(FileNotFoundError, end.set_directory, str(self.folder / "none"))

    def test_silence(self) -> None:
        """Who says nothing for long is not waited for."""
        for end in (self.receive(), irc.DccSendProtocol(io.BytesIO(b"x"))):
            transport = self.connected(end)
            self.clock.advance(_dcc.DCC_IDLE_SECONDS - 1)
            self.assertFalse(transport.disconnecting)
            self.clock.advance(2)
            self.assertTrue(transport.disconnecting)
            self.finish(end)

    def test_send(self) -> None:
        """A file is sent; when all is acknowledged, in whatever pieces, it is done."""
        end = irc.DccSendProtocol(io.BytesIO(b"z" * 300_000))
        transport = self.connected(end)
        while transport.producer is not None:
            end.resumeProducing()
        self.assertEqual((len(transport.value()), end.bytesSent), (300_000, 300_000))
        count = struct.pack("!I", 300_000)
        end.dataReceived(struct.pack("!I", 1000) + count[:3])
        self.assertFalse(end.completed)
        self.assertFalse(transport.disconnecting)
        end.dataReceived(count[3:])
        self.assertTrue(end.completed)
        self.assertTrue(transport.disconnecting)
        self.finish(end)
        assert end.file is not None
        self.assertTrue(end.file.closed)

    def test_sendNothing(self) -> None:
        """An empty file is sent at once."""
        end = irc.DccSendProtocol(io.BytesIO())
        transport = self.connected(end)
        end.resumeProducing()
        self.assertTrue(end.completed and transport.disconnecting)
        self.finish(end)

    def test_offerLapses(self) -> None:
        """Nobody fetches it: it is forgotten."""
        client = Noting()
        client._ircClock = clock = MemoryReactorClock()
        client.makeConnection(StringTransport(hostAddress=IPv4Address("TCP", "127.0.0.1", 1)))
        path = self.folder / "f"
        path.write_bytes(b"x")
        for _ in range(_dccclient.MAX_DCC_OFFERS):
            client.dccSend("u", str(path))
        error = self.assertRaises(ValueError, client.dccSend, "u", str(path))
        self.assertIn("offered already", str(error))
        clock.advance(_dccclient.DCC_OFFER_SECONDS)
        for _, factory, *_ in clock.tcpServers:
            factory.stopFactory()
            self.assertTrue(cast(Any, factory).file.closed)
        self.assertEqual(client.dcc_sessions, [])


class ChatTests(ClientTests):
    """Conversations without the server."""

    def test_chat(self) -> None:
        """What is said is told to the client; bytes or text may be answered."""
        factory = irc.DccChatFactory(self.client, ("o!u@h", "me", "data"))
        chat = cast(irc.DccChat, factory.buildProtocol(None))
        transport = StringTransport()
        chat.makeConnection(transport)
        chat.dataReceived(b"hel")
        self.assertEqual(chat.buffer, b"hel")
        chat.dataReceived("lo\nyou \u20ac\r\n".encode() + b"\xe9\n")
        self.assertEqual(
            self.client.events,
            [("privmsg", "o!u@h", "me", text) for text in ("hello", "you \u20ac", "\xe9")],
        )
        chat.sendLine("\u20ac")
        chat.sendLine(b"x")
        self.assertEqual(transport.value(), "\u20ac\nx\n".encode())
        chat.dataReceived(b"x" * 100_000)
        self.assertTrue(transport.disconnecting)

    def test_forgotten(self) -> None:
        """A conversation that ends, or does not begin, is forgotten."""
        factory = irc.DccChatFactory(self.client, None)
        self.client.dcc_sessions = [factory, factory]
        nothing: Any = None
        factory.clientConnectionFailed(nothing, nothing)
        factory.clientConnectionLost(nothing, nothing)
        factory.clientConnectionLost(nothing, nothing)
        self.assertEqual(self.client.dcc_sessions, [])


class Fetching(Noting):
    """Fetches what it is offered."""

    dccAllowPrivate = True

    def __init__(self, done: Deferred[None]) -> None:
        super().__init__()
        self.done = done

    def dccDoSend(
        self, user: str, address: str, port: int, fileName: str, size: int, data: list[str]
    ) -> None:
        receiver = Receiving(fileName, size, (user, "", data), self.dcc_destdir)
        receiver.done = self.done
        factory = protocol.ClientFactory()
        factory.protocol = lambda: receiver
        TCP4ClientEndpoint(reactor, address, port).connect(factory)


class Receiving(irc.DccFileReceive):
    """Says when the connection is lost."""

    done: Deferred[None]

    def connectionLost(self, reason: Failure = LOST) -> None:
        super().connectionLost(reason)
        self.done.callback(None)


class WholeTests(TestCase):
    """Two clients, a file, and real sockets."""

    async def test_file(self) -> None:
        """It arrives, and nothing is left over."""
        folder = pathlib.Path(self.mktemp())
        (folder / "in").mkdir(parents=True)
        content = os.urandom(1_000_000)
        (folder / "data.bin").write_bytes(content)
        done: Deferred[None] = Deferred()
        getter, giver = Fetching(done), Noting()
        getter.dcc_destdir = str(folder / "in")
        getter.makeConnection(StringTransport())
        giver._ircClock = cast(Any, reactor)
        transport = StringTransport(hostAddress=IPv4Address("TCP", "127.0.0.1", 1))
        giver.makeConnection(transport)
        giver.dccSend("me", str(folder / "data.bin"))
        getter.dataReceived(b":giver!u@h " + transport.value())
        await done
        self.assertEqual((folder / "in" / "data.bin").read_bytes(), content)
        self.assertEqual(giver.dcc_sessions, [])
