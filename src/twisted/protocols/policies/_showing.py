"""Showing what goes over a connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from twisted.internet.interfaces import IProtocolFactory
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.protocols.policies._wrapping import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure

__name__ = "twisted.protocols.policies"  # the public path, for pickles and messages

_log = Logger("twisted.protocols.policies")


class SpewingProtocol(ProtocolWrapper):
    """Logs everything that is sent and received."""

    def dataReceived(self, data: bytes) -> None:
        """Log `data` and pass it in."""
        _log.info("Received: {data!r}", data=data)
        super().dataReceived(data)

    def write(self, data: bytes) -> None:
        """Log `data` and send it."""
        _log.info("Sending: {data!r}", data=data)
        super().write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Log each item of `data` and send it."""
        pieces = list(data)
        _log.info("Sending: {data!r}", data=pieces)
        super().writeSequence(pieces)


class SpewingFactory(WrappingFactory):
    """Logs everything that is sent and received on any connection."""

    protocol = SpewingProtocol


class TrafficLoggingProtocol(ProtocolWrapper):
    """Writes what happens on its connection to a file.

    A line begins with ``*`` for what happens to the connection, ``C`` for what the peer
    sends, ``S`` for what we send; the number of the connection follows.

    Args:
        logfile: a text file, closed when the connection is lost.
        lengthLimit: how many bytes of each piece to show; None for all.
        number: the number of the connection.
    """

    def __init__(
        self,
        factory: Any,
        wrappedProtocol: Any,
        logfile: IO[str],
        lengthLimit: int | None = None,
        number: int = 0,
    ) -> None:
        super().__init__(factory, wrappedProtocol)
        self.logfile = logfile
        self.lengthLimit = lengthLimit
        self._number = number

    def _note(self, kind: str, what: str) -> None:
        if self.logfile.closed:
            return
        self.logfile.write(f"{kind} {self._number}: {what}\n")
        self.logfile.flush()

    def _show(self, kind: str, data: bytes) -> None:
        limit = self.lengthLimit
        if limit is None or len(data) <= limit:
            self._note(kind, repr(data))
        else:
            self._note(kind, f"{data[:limit]!r} and {len(data) - limit} bytes more")

    def connectionMade(self) -> None:
        """Note it."""
        self._note("*", "connection made")

    def dataReceived(self, data: bytes) -> None:
        """Note `data` and pass it in."""
        self._show("C", data)
        super().dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Note it, tell the protocol inside and close the file."""
        self._note("*", f"connection lost: {reason.getErrorMessage()}")
        try:
            super().connectionLost(reason)
        finally:
            self.logfile.close()

    def write(self, data: bytes) -> None:
        """Note `data` and send it."""
        self._show("S", data)
        super().write(data)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Note each item and send it."""
        pieces = list(iovec)
        for piece in pieces:
            self._show("S", piece)
        super().writeSequence(pieces)

    def loseConnection(self) -> None:
        """Note it and close the connection."""
        self._note("*", "closing the connection")
        super().loseConnection()


class TrafficLoggingFactory(WrappingFactory):
    """Writes what happens on each connection to a file of its own.

    Args:
        wrappedFactory: the factory inside.
        logfilePrefix: the path of each file, to which "-1", "-2"... is added.
        lengthLimit: how many bytes of each piece to show; None for all.
    """

    protocol = TrafficLoggingProtocol

    def __init__(
        self,
        wrappedFactory: IProtocolFactory,
        logfilePrefix: str,
        lengthLimit: int | None = None,
    ) -> None:
        super().__init__(wrappedFactory)
        self.logfilePrefix = logfilePrefix
        self.lengthLimit = lengthLimit
        self._counter = 0

    def open(self, name: str) -> IO[str]:
        """The file with that name, for writing."""
        return open(name, "w", encoding="utf-8")

    def _wrap(self, wrapped: Any) -> Any:
        self._counter += 1
        logfile = self.open(f"{self.logfilePrefix}-{self._counter}")
        return self.protocol(self, wrapped, logfile, self.lengthLimit, self._counter)

    def resetCounter(self) -> None:
        """Number the next connection 1."""
        self._counter = 0
