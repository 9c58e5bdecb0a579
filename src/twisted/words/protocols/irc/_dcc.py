"""Direct connections between clients: what is said of them, and files that go over them.

An offer says where to connect to, and whoever makes it may write what it likes: see
`twisted.words.protocols.irc._dccclient` for what is believed. Files come in as new files of one
folder. The receiver of a file acknowledges what it has by its number of bytes, 32 bits of it.
"""

from __future__ import annotations

import io
import ipaddress
import os
import re
import struct
from typing import IO, Any, cast

from zope.interface import implementer

from twisted.internet.interfaces import IConsumer, IPullProducer, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.persisted.styles import Ephemeral
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from twisted.words.protocols.irc._grammar import IRCBadMessage

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.words.protocols.irc")

#: Seconds in which nothing may happen before a connection is given up.
DCC_IDLE_SECONDS = 180
#: Bytes that a file may have of which the sender does not say how many: 2 GiB.
DCC_MAX_UNKNOWN_SIZE = 2**31

_WORD = re.compile(r'"([^"]*)"|(\S+)')
_COUNT = struct.Struct("!I")
_COUNT_MASK = 0xFFFFFFFF


def dccParseAddress(address: str) -> str:
    """The address that an offer names.

    Args:
        address: in decimal digits the 32 bits of an IPv4 address, or an address as it is.

    Returns:
        The address, as text.

    Raises:
        IRCBadMessage: it is none.
    """
    try:
        # The number of digits is limited because the time to read them is quadratic.
        if address.isascii() and address.isdecimal() and len(address) <= len(str(2**32)):
            return str(ipaddress.IPv4Address(int(address)))
        return str(ipaddress.ip_address(address))
    except ValueError:
        raise IRCBadMessage(f"Indecipherable address {address[:80]!r}")


def dccWords(data: str) -> list[str]:
    """The words of an offer; one in quotes may have spaces in it."""
    return [quoted or plain for quoted, plain in _WORD.findall(data)]


def dccDescribe(data: str) -> str:
    """Describe an offer in words.

    Args:
        data: an offer, such as ``SEND name 2130706433 1024 10``; what is none is returned.
    """
    words = dccWords(data)
    if len(words) < 4 or words[0] not in ("SEND", "CHAT"):
        return data
    kind, name, address, port, *size = words
    try:
        host = dccParseAddress(address)
    except IRCBadMessage:
        host = address
    place = f"host {host}, port {port}"
    if kind == "CHAT":
        return f"CHAT for {place}"
    if size:
        return f"SEND for file {name!r} of size {size[0]} bytes at {place}"
    return f"SEND for file {name!r} at {place}"


def fileSize(file: IO[Any]) -> int:
    """How many bytes a file has, or -1 if that is not known. Where it stands does not change."""
    try:
        return os.fstat(file.fileno()).st_size
    except (AttributeError, OSError, io.UnsupportedOperation):
        pass
    try:
        here = file.tell()
        size = file.seek(0, os.SEEK_END)
        file.seek(here)
    except (AttributeError, OSError, io.UnsupportedOperation):
        return -1
    return size


def opened(file: IO[bytes] | str | os.PathLike[str]) -> IO[bytes]:
    """A file that is open for reading, by what may be its name."""
    return open(file, "rb") if isinstance(file, (str, os.PathLike)) else file


def isPlainName(name: str) -> bool:
    """Whether a name is that of a file in a folder, and of none elsewhere or hidden."""
    return bool(name) and name[0] != "." and not any(char in "/\\\0" for char in name)


class DccFileReceiveBasic(Protocol, TimeoutMixin, Ephemeral):
    """Counts what arrives, and acknowledges it.

    Args:
        resumeOffset: the bytes that we have already.

    Attributes:
        bytesReceived: the bytes that we have now.
    """

    transport: ITCPTransport
    bytesReceived = 0

    def __init__(self, resumeOffset: int = 0) -> None:
        self.bytesReceived = resumeOffset
        self.resume = resumeOffset != 0

    def connectionMade(self) -> None:
        """Begin to wait."""
        self.setTimeout(DCC_IDLE_SECONDS)

    def dataReceived(self, data: bytes) -> None:
        """Some of the file has come: acknowledge it."""
        self.resetTimeout()
        self.bytesReceived += len(data)
        self.transport.write(_COUNT.pack(self.bytesReceived & _COUNT_MASK))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Wait no more."""
        self.setTimeout(None)


class DccFileReceive(DccFileReceiveBasic):
    """Receives a file into a folder, in which it must be new.

    Args:
        filename: its name there, without a folder.
        fileSize: how many bytes it is said to have; -1 if nothing is said. More are not taken.
        queryData: ``(user, channel, data)`` of the offer.
        destDir: the folder.
        resumeOffset: how many bytes of it are there already, of a transfer that was broken off.

    Attributes:
        filename: its name.
        fileSize: its size, or -1.
        destDir: the folder.
        overwrite: whether a file of that name may be replaced.
        queryData: as given.
        fromUser: whom it is from, as far as `queryData` tells.

    Raises:
        ValueError: `filename` is not one of a file in the folder.
    """

    filename = ""
    fileSize = -1
    destDir = "."
    overwrite = False
    fromUser: str | None = None
    queryData: Any = None

    _file: IO[bytes] | None = None

    def __init__(
        self,
        filename: str,
        fileSize: int = -1,
        queryData: Any = None,
        destDir: str = ".",
        resumeOffset: int = 0,
    ) -> None:
        super().__init__(resumeOffset)
        self.set_filename(filename)
        self.fileSize = fileSize
        self.destDir = destDir
        self.queryData = queryData
        if queryData is not None:
            self.fromUser = queryData[0]

    def set_directory(self, directory: str) -> None:
        """Put the file into another folder.

        Raises:
            FileNotFoundError: there is no such folder.
            PermissionError: nothing can be written there.
        """
        if not os.path.isdir(directory):
            raise FileNotFoundError(f"There is no folder {directory!r} to receive a file into.")
        if not os.access(directory, os.W_OK | os.X_OK):
            raise PermissionError(f"The folder {directory!r} cannot be written to.")
        self.destDir = directory

    def set_filename(self, filename: str) -> None:
        """Call the file something else.

        Raises:
            ValueError: it is not the name of a file in the folder.
        """
        if not isPlainName(filename):
            raise ValueError(
                f"{filename!r} is not the name of a file to receive: it must have no folder in it "
                "and not begin with a dot; for another folder use set_directory."
            )
        self.filename = filename

    def set_overwrite(self, boolean: bool) -> None:
        """Say whether a file of that name may be replaced."""
        self.overwrite = bool(boolean)

    def connectionMade(self) -> None:
        """Open the file; if that cannot be, close the connection."""
        super().connectionMade()
        try:
            self._file = self._opened()
        except OSError as problem:
            _log.error("{name} is not received: {problem}", name=self.filename, problem=problem)
            self.transport.loseConnection()

    def _opened(self) -> IO[bytes]:
        # A link of that name might lead anywhere, and must not be followed.
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        if self.resume:
            flags &= ~os.O_CREAT
        elif self.overwrite:
            flags |= os.O_TRUNC
        else:
            flags |= os.O_EXCL
        path = os.path.join(self.destDir, self.filename)
        file = os.fdopen(os.open(path, flags, 0o666), "wb")
        file.truncate(self.bytesReceived)
        file.seek(self.bytesReceived)
        return file

    def dataReceived(self, data: bytes) -> None:
        """Some of the file has come: keep it, unless it is more than was said."""
        if self._file is None:
            return
        most = self.fileSize if self.fileSize >= 0 else DCC_MAX_UNKNOWN_SIZE
        if self.bytesReceived + len(data) > most:
            _log.error("{name} is longer than {most} bytes", name=self.filename, most=most)
            self.transport.loseConnection()
            return
        try:
            self._file.write(data)
        except OSError as problem:  # No room, say.
            _log.error("{name} is not kept: {problem}", name=self.filename, problem=problem)
            self.transport.loseConnection()
            return
        super().dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Close the file, and log how much of it came."""
        super().connectionLost(reason)
        if self._file is None:
            return
        self._file.close()
        self._file = None
        _log.info(
            "Received {count} of {size} bytes of {name}",
            count=self.bytesReceived,
            size=self.fileSize if self.fileSize >= 0 else "?",
            name=self.filename,
        )


@implementer(IPullProducer)
class DccSendProtocol(Protocol, TimeoutMixin, Ephemeral):
    """Sends a file to whoever connects.

    Args:
        file: a file that is open for reading bytes, or the name of one. It is sent from where it
            stands.

    Attributes:
        blocksize: how many bytes are read from it at a time.
        bytesSent: how many have been sent.
        completed: whether the other side has acknowledged all of it.
        connected: whether there is a connection.
        file: the file.
    """

    transport: ITCPTransport
    blocksize = 64 * 1024
    bytesSent = 0
    completed = False
    connected = False
    file: IO[bytes] | None = None

    def __init__(self, file: IO[bytes] | str | os.PathLike[str]) -> None:
        self.file = opened(file)
        # What was there before a transfer was resumed is acknowledged as well.
        self._begin = self.file.tell() if self.file.seekable() else 0
        self._acknowledged = self._begin & _COUNT_MASK
        self._partial = b""
        self._read = False

    def connectionMade(self) -> None:
        """Send the file."""
        self.connected = True
        self.setTimeout(DCC_IDLE_SECONDS)
        cast(IConsumer, self.transport).registerProducer(self, False)

    def resumeProducing(self) -> None:
        """There is room for more."""
        self.sendBlock()

    def stopProducing(self) -> None:
        """There is nobody any more to send to."""

    def sendBlock(self) -> None:
        """Send a block of the file."""
        block = self.file.read(self.blocksize) if self.file is not None else b""
        if block:
            self.resetTimeout()
            self.bytesSent += len(block)
            self.transport.write(block)
        else:
            self._read = True
            cast(IConsumer, self.transport).unregisterProducer()
            self._hangUpIfDone()

    def dataReceived(self, data: bytes) -> None:
        """The other side acknowledges what it has."""
        self.resetTimeout()
        data = self._partial + data
        whole = len(data) - len(data) % _COUNT.size
        if whole:
            (self._acknowledged,) = _COUNT.unpack_from(data, whole - _COUNT.size)
        self._partial = data[whole:]
        self._hangUpIfDone()

    def _hangUpIfDone(self) -> None:
        if self._read and self._acknowledged == (self._begin + self.bytesSent) & _COUNT_MASK:
            self.completed = True
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Close the file."""
        self.connected = False
        self.setTimeout(None)
        if self.file is not None:
            self.file.close()
