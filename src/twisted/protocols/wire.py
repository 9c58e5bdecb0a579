"""The small services of the early Internet, good for trying things out."""

from __future__ import annotations

import struct
import time
from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import IPullProducer
from twisted.internet.protocol import Protocol

__all__ = ["QOTD", "Chargen", "Daytime", "Discard", "Echo", "Time", "Who"]

# From the beginning of 1900, where RFC 868 counts from, to that of 1970; in seconds.
_FROM_1900_TO_1970 = 2208988800


class Echo(Protocol):
    """Sends back what it receives (RFC 862)."""

    def dataReceived(self, data: bytes) -> None:
        """Send it back."""
        self.transport.write(data)


class Discard(Protocol):
    """Drops what it receives (RFC 863)."""

    def dataReceived(self, data: bytes) -> None:
        """Drop it."""


@implementer(IPullProducer)
class Chargen(Protocol):
    """Sends characters for as long as the peer takes them (RFC 864).

    Attributes:
        noise: what is sent, over and over.
    """

    transport: Any
    noise: bytes = bytes(range(0x21, 0x7F)) + b"\r\n"

    def connectionMade(self) -> None:
        """Begin to send, at the pace of the connection."""
        self.transport.registerProducer(self, False)

    def resumeProducing(self) -> None:
        """Send the characters once."""
        self.transport.write(self.noise)

    def pauseProducing(self) -> None:
        """Nothing: characters are sent only when asked for."""

    def stopProducing(self) -> None:
        """Nothing: the connection that asked for characters is gone."""


class QOTD(Protocol):
    """Sends a quotation and closes the connection (RFC 865)."""

    def connectionMade(self) -> None:
        """Send the quotation."""
        self.transport.write(self.getQuote())
        self.transport.loseConnection()

    def getQuote(self) -> bytes:
        """The quotation. Override this."""
        return b"An apple a day keeps the doctor away.\r\n"


class Who(Protocol):
    """Sends the names of the active users and closes the connection (RFC 866)."""

    def connectionMade(self) -> None:
        """Send the names."""
        self.transport.write(self.getUsers())
        self.transport.loseConnection()

    def getUsers(self) -> bytes:
        """The users, one to a line. Override this; here there are none."""
        return b""


class Daytime(Protocol):
    """Sends the date and time, in words, and closes the connection (RFC 867)."""

    def connectionMade(self) -> None:
        """Send the time, in UTC."""
        self.transport.write(time.asctime(time.gmtime(time.time())).encode("ascii") + b"\r\n")
        self.transport.loseConnection()


class Time(Protocol):
    """Sends the time as a number and closes the connection (RFC 868)."""

    def connectionMade(self) -> None:
        """Send the seconds since 1900 as 32 bits, which begin again at 0 in 2036."""
        seconds = int(time.time()) + _FROM_1900_TO_1970
        self.transport.write(struct.pack("!I", seconds & 0xFFFFFFFF))
        self.transport.loseConnection()
