"""What a client does about direct connections.

Who makes an offer writes the address and the name of the file. What would have us connect to
ourselves or into the network behind us, to a port of a service, or write elsewhere than where
files are received, is refused before any method that one overrides is called.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable
from typing import IO, Any, cast

from twisted.internet.interfaces import IAddress, IConnector, IListeningPort, ITransport
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.logger import Logger
from twisted.persisted.styles import Ephemeral
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.words.protocols.irc._ctcpclient import CtcpClient, nickOf
from twisted.words.protocols.irc._dcc import (
    DccSendProtocol,
    dccParseAddress,
    dccWords,
    fileSize,
    isPlainName,
    opened,
)
from twisted.words.protocols.irc._grammar import IRCBadMessage

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.words.protocols.irc")

#: Seconds in which an offered file must be fetched.
DCC_OFFER_SECONDS = 300
#: Files that are offered and not fetched; more are refused.
MAX_DCC_OFFERS = 20
#: The first port that is nobody's in particular (RFC 6335).
FIRST_USER_PORT = 1024
LAST_PORT = 65535


class DccSendFactory(Factory):
    """Sends a file to the first who connects.

    Args:
        file: a file that is open for reading bytes, or the name of one.

    Attributes:
        file: the file, open.
        taken: whether somebody has connected.
    """

    protocol: Callable[..., Protocol] | None = DccSendProtocol
    noisy = False

    def __init__(self, file: IO[bytes] | str | os.PathLike[str]) -> None:
        self.file = opened(file)
        self.taken = False

    def buildProtocol(self, connection: IAddress | None) -> Protocol | None:
        """Send the file, if nobody has come for it before."""
        if self.taken or self.protocol is None:
            return None
        self.taken = True
        protocol = self.protocol(self.file)
        protocol.factory = self
        return protocol

    def stopFactory(self) -> None:
        """Nobody can come any more."""
        if not self.taken:
            self.file.close()


class _Offer(DccSendFactory):
    """A file that is offered: waits for somebody on a port, and not for ever.

    Args:
        file: the file, or its name.
        nick: whom it is offered to.
        sessions: the list in which this is while it waits.
    """

    port = 0

    def __init__(
        self, file: IO[bytes] | str | os.PathLike[str], nick: str, sessions: list[Any]
    ) -> None:
        super().__init__(file)
        self._nick = nick.lower()
        self.name = os.path.basename(str(getattr(self.file, "name", "file")))
        self._sessions = sessions

    def wait(self, listening: IListeningPort, clock: Any) -> None:
        """Wait on a port, by a clock."""
        self.port = cast(Any, listening.getHost()).port
        self._listening = listening
        self._sessions.append(self)
        self._end = clock.callLater(DCC_OFFER_SECONDS, listening.stopListening)

    def isFor(self, nick: str, port: int) -> bool:
        """Whether it is offered to somebody, on a port, and still there."""
        return not self.taken and self.port == port and self._nick == nick.lower()

    def buildProtocol(self, connection: IAddress | None) -> Protocol | None:
        """Send the file, and wait for nobody else."""
        protocol = super().buildProtocol(connection)
        if protocol is not None:
            self._listening.stopListening()
        return protocol

    def stopFactory(self) -> None:
        """Nobody can come any more: forget the offer."""
        super().stopFactory()
        if self._end.active():
            self._end.cancel()
        self._sessions.remove(self)


class DccChat(LineReceiver, Ephemeral):
    """A conversation with one other client, without the server.

    Args:
        client: the `IRCClient`, whose `privmsg` is called with what is said.
        queryData: ``(user, channel, data)`` of the offer.

    Attributes:
        client: as given.
        queryData: as given.
        remoteParty: whom it is with, as far as `queryData` tells.
    """

    delimiter = b"\n"
    transport: ITransport
    remoteParty: str | None = None
    client: Any = None
    queryData: Any = None

    def __init__(self, client: Any, queryData: Any = None) -> None:
        self.client = client
        self.queryData = queryData
        if queryData is not None:
            self.remoteParty = queryData[0]

    @property
    def buffer(self) -> bytes:
        """What has arrived of a line that is not complete."""
        return self._recvKept

    def lineReceived(self, line: bytes) -> None:
        """The other says something: the client's `privmsg`."""
        line = line.rstrip(b"\r")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("latin-1")
        self.client.privmsg(self.remoteParty, self.client.nickname, text)

    def sendLine(self, line: str | bytes) -> None:
        """Say something: one line."""
        super().sendLine(line.encode("utf-8") if isinstance(line, str) else line)


class DccChatFactory(ClientFactory):
    """Connects to who offers a conversation.

    Args:
        client: the `IRCClient`.
        queryData: ``(user, channel, data)`` of the offer.
    """

    protocol: Callable[..., Protocol] | None = DccChat
    noisy = False

    def __init__(self, client: Any, queryData: Any) -> None:
        self.client = client
        self.queryData = queryData

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        """Make the conversation."""
        if self.protocol is None:
            return None
        protocol = self.protocol(client=self.client, queryData=self.queryData)
        protocol.factory = self
        return protocol

    def clientConnectionFailed(self, unused_connector: IConnector, unused_reason: Failure) -> None:
        """There is nobody where the offer said. The client forgets it."""
        self._ircForget()

    def clientConnectionLost(self, unused_connector: IConnector, unused_reason: Failure) -> None:
        """The conversation is over. The client forgets it."""
        self._ircForget()

    def _ircForget(self) -> None:
        sessions = self.client.dcc_sessions
        if sessions and self in sessions:
            sessions.remove(self)


class DccClient(CtcpClient):
    """Offers files, and hears of what is offered.

    An offer calls ``dcc_<KIND>(user, channel, data)``, which reads it, looks whether it is
    harmless, and calls a method for a subclass to override: `dccDoSend`, `dccDoChat`.

    Attributes:
        dcc_destdir: where files are to be received; for subclasses.
        dcc_sessions: the factories of what is going on.
        dccAllowPrivate: whether addresses that only a network of our own has may be offered, and
            ports below 1024.
        dccAllowPaths: whether files may be offered by names with folders in them, or with a dot
            before them. `DccFileReceive` takes only the last part then, and none with a dot.
    """

    dcc_destdir = "."
    dcc_sessions: list[Any] | None = None
    dccAllowPrivate = False
    dccAllowPaths = False

    # --- Offers to us ---

    def ctcpQuery_DCC(self, user: str, channel: str, data: str | None) -> None:
        """An offer has come: read it by the method for its kind."""
        kind, _, rest = (data or "").partition(" ")
        if not kind:
            return
        method: Callable[[str, str, str], object] | None
        method = getattr(self, "dcc_" + kind.upper(), None) if kind.isalpha() else None
        if method is None:
            self._dccRefuse(user, f"DCC {data}", f"Unknown DCC type {kind!r}")
            return
        try:
            method(user, channel, rest)
        except IRCBadMessage as problem:
            self._dccRefuse(user, f"DCC {data}", str(problem))

    def dcc_SEND(self, user: str, channel: str, data: str) -> None:
        """A file is offered: `dccDoSend`, if that is harmless."""
        words = dccWords(data)
        if len(words) < 3:
            raise IRCBadMessage("A file is offered by a name, an address, a port and a size.")
        address, port = self._dccPlace(words[1], words[2])
        size = _number(words[3], "size") if len(words) > 3 else -1
        self.dccDoSend(user, address, port, self._dccName(words[0]), size, words)

    def dcc_CHAT(self, user: str, channel: str, data: str) -> None:
        """A conversation is offered: `dccDoChat`, if that is harmless."""
        words = dccWords(data)
        if len(words) < 3:
            raise IRCBadMessage("A conversation is offered by a kind, an address and a port.")
        address, port = self._dccPlace(words[1], words[2])
        self.dccDoChat(user, channel, address, port, words)

    def dcc_RESUME(self, user: str, channel: str, data: str) -> None:
        """Somebody has a part of a file that we offer: `dccDoResume`."""
        self.dccDoResume(user, *self._dccPosition(data))

    def dcc_ACCEPT(self, user: str, channel: str, data: str) -> None:
        """Somebody will send only the rest of a file to us: `dccDoAcceptResume`."""
        self.dccDoAcceptResume(user, *self._dccPosition(data))

    def dccDoSend(
        self, user: str, address: str, port: int, fileName: str, size: int, data: list[str]
    ) -> None:
        """A file is offered. Override this; to get it, connect a `DccFileReceive`.

        Args:
            user: by whom, as ``nick!user@host``.
            address: where to connect to.
            port: its port.
            fileName: what it is called.
            size: how many bytes it is said to have; -1 if nothing is said.
            data: the words of the offer.
        """

    def dccDoChat(self, user: str, channel: str, address: str, port: int, data: list[str]) -> None:
        """A conversation is offered. Override this; to begin it, connect a `DccChatFactory`."""

    def dccDoResume(self, user: str, file: str, port: int, resumePos: int) -> None:
        """Somebody has the first `resumePos` bytes of a file offered on `port`.

        Of a file that was offered to them by `dccSend` and has that many, this sends only the rest.
        """
        for factory in self.dcc_sessions or ():
            if isinstance(factory, _Offer) and factory.isFor(nickOf(user), port):
                if 0 < resumePos <= fileSize(factory.file) and factory.file.seekable():
                    factory.file.seek(resumePos)
                    self.dccAcceptResume(nickOf(user), file, port, resumePos)

    def dccDoAcceptResume(self, user: str, file: str, port: int, resumePos: int) -> None:
        """Somebody will send a file from byte `resumePos` on, as `dccResume` asked. Override it."""

    def _dccPlace(self, address: str, port: str) -> tuple[str, int]:
        """Where to connect to, if that is nowhere near home."""
        host, number = dccParseAddress(address), _number(port, "port")
        lowest = 1 if self.dccAllowPrivate else FIRST_USER_PORT
        if not lowest <= number <= LAST_PORT:
            raise IRCBadMessage(f"Port {number} is not connected to")
        where = ipaddress.ip_address(host)
        if not self.dccAllowPrivate and (not where.is_global or where.is_multicast):
            raise IRCBadMessage(f"The address {host} is not connected to: it is not public")
        return host, number

    def _dccName(self, name: str) -> str:
        """The name of a file, if it is one in the folder where it will be."""
        if not self.dccAllowPaths and not isPlainName(name):
            raise IRCBadMessage(f"A file called {name!r} is not received: name it plainly")
        return name

    def _dccPosition(self, data: str) -> tuple[str, int, int]:
        words = dccWords(data)
        if len(words) < 3:
            raise IRCBadMessage("A transfer is resumed by a name, a port and a position.")
        return self._dccName(words[0]), _number(words[1], "port"), _number(words[2], "position")

    def _dccRefuse(self, user: str, offer: str, why: str) -> None:
        _log.warn("Refused from {user}: {offer!r}: {why}", user=user, offer=offer, why=why)
        self.ctcpMakeReply(nickOf(user), [("ERRMSG", f"{offer} :{why}")])

    # --- Offers of ours ---

    def dccSend(self, user: str, file: IO[bytes] | str | os.PathLike[str]) -> IListeningPort:
        """Offer a file.

        Args:
            user: to whom: the nickname.
            file: a file that is open for reading bytes, or the name of one.

        Returns:
            The port on which it is waited for somebody to fetch it, for `DCC_OFFER_SECONDS`.

        Raises:
            OSError: there is no such file.
            ValueError: too many files are offered already.
        """
        self.dcc_sessions = sessions = [] if self.dcc_sessions is None else self.dcc_sessions
        if len(sessions) >= MAX_DCC_OFFERS:
            raise ValueError(f"{len(sessions)} files are offered already: wait for some to go.")
        factory = _Offer(file, user, sessions)
        host = cast(Any, self.transport.getHost()).host
        listening: IListeningPort = self._ircTime().listenTCP(0, factory, interface=host)
        factory.wait(listening, self._ircTime())
        size = fileSize(factory.file)
        words = [_quoted(factory.name), _written(host), str(factory.port)]
        if size >= 0:
            words.append(str(size))
        self.ctcpMakeQuery(user, [("DCC", ["SEND", *words])])
        return listening

    def dccResume(self, user: str, fileName: str, port: int, resumePos: int) -> None:
        """Ask for the rest of a file that is offered; `dccDoAcceptResume` follows.

        Args:
            user: whom: the nickname.
            fileName: what it is called.
            port: the port of the offer.
            resumePos: how many bytes of it we have.
        """
        data = ["RESUME", _quoted(fileName), str(port), str(resumePos)]
        self.ctcpMakeQuery(user, [("DCC", data)])

    def dccAcceptResume(self, user: str, fileName: str, port: int, resumePos: int) -> None:
        """Say that only the rest of a file will be sent; as `dccResume`."""
        data = ["ACCEPT", _quoted(fileName), str(port), str(resumePos)]
        self.ctcpMakeQuery(user, [("DCC", data)])


def _number(text: str, what: str) -> int:
    if not text.isdecimal() or len(text) > len(str(2**64)):
        raise IRCBadMessage(f"Indecipherable {what} {text[:80]!r}")
    return int(text)


def _quoted(name: str) -> str:
    """The name of a file as one word of an offer."""
    return f'"{name}"' if " " in name else name


def _written(host: str) -> str:
    """An address as it is in an offer: of IPv4, its 32 bits in decimal digits."""
    address = ipaddress.ip_address(host)
    return str(int(address)) if address.version == 4 else host
