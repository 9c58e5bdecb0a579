"""Standard input and output, or any two descriptors, as one connection.

Theory of operation
-------------------
Two descriptors, each with its own place in the loop, make up one transport.  What is special
about them is that they are *shared*: a terminal, a pipe or a file is used by our parent and
siblings as well, and "does not block" is a property of what they share.  So it is remembered
which descriptors were changed, and each is given back as it was, also if the interpreter ends
without the reactor.  Standard input and output are often one and the same terminal: the half
that is closed first must not take the other one's mode with it.

The numbers 0, 1 and 2 are never free.  When a half is closed its number gets the null device,
so that the other side sees the end, and so that the next socket does not get the number to
which some ``print`` writes.

A plain file can always be read; it is at its end after its last byte.
"""

from __future__ import annotations

import atexit
import errno
import fcntl
import os
import socket
import stat
import sys
from collections.abc import Iterable
from typing import Any

from zope.interface import implementer

from twisted.internet import main
from twisted.internet._bugs import reportBug
from twisted.internet._reactor import TransportReactor, installedReactor
from twisted.internet.abstract import FileDescriptor, Reason
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IAddress,
    IConsumer,
    IHalfCloseableDescriptor,
    IHalfCloseableProtocol,
    IProducer,
    IProtocol,
    IPushProducer,
    ITransport,
)
from twisted.python.failure import Failure

__all__ = ["PipeAddress", "StandardIO"]

# The last of the numbers that a program believes to be open without having opened them.
_STANDARD_ERROR = 2

READ = "read"
WRITE = "write"


@implementer(IAddress)
class PipeAddress:
    """The address of either end of a `StandardIO`: it has none that could be told."""

    def __repr__(self) -> str:
        return "PipeAddress()"

    def __eq__(self, other: object) -> bool:
        return type(other) is PipeAddress or NotImplemented

    def __hash__(self) -> int:
        return hash(PipeAddress)


class _Loan:
    """Open descriptors that are not ours alone, and how to give them back.

    Args:
        fds: their numbers; one that is used twice is closed when it is returned twice.
    """

    def __init__(self, fds: Iterable[int]) -> None:
        self._open: list[int] = []
        #: Those that blocked before.
        self._changed: set[int] = set()
        atexit.register(self._restore)
        for fd in fds:
            self._open.append(fd)
            self._neverBlock(fd)

    def _neverBlock(self, fd: int) -> None:
        # Of two numbers for one terminal the second does not block once the first does not.
        if os.get_blocking(fd):
            os.set_blocking(fd, False)
            self._changed.add(fd)

    def _restore(self) -> None:
        """Have those block that did."""
        while self._changed:
            try:
                os.set_blocking(self._changed.pop(), True)
            except OSError:
                # Closed by somebody else: whatever it was, it blocks again or is no more.
                pass

    def giveBack(self, fd: int) -> None:
        """Close one of them, as it was."""
        self._open.remove(fd)
        if fd not in self._open:
            self._restore()
            _close(fd)
        for other in self._open:
            self._neverBlock(other)
        if not self._open:
            atexit.unregister(self._restore)


def _close(fd: int) -> None:
    if fd > _STANDARD_ERROR:
        os.close(fd)
        return
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, fd)
    os.close(null)


def _isOpen(fd: int) -> bool:
    # If the program was started without it, the number may since have gone to something else.
    if (fd == 0 and sys.__stdin__ is None) or (fd == 1 and sys.__stdout__ is None):
        return False
    try:
        os.fstat(fd)
    except OSError as problem:
        if problem.errno != errno.EBADF:
            raise
        return False
    return True


class _Half(FileDescriptor):
    """One of the two descriptors.

    Args:
        owner: is told what happens.
        fd: the number.
        loan: takes the descriptor back.
    """

    name = ""

    def __init__(self, owner: StandardIO, fd: int, loan: _Loan) -> None:
        super().__init__(owner.reactor)
        self._owner = owner
        self._fd = fd
        self._loan = loan
        self.connected = True

    def fileno(self) -> int:
        return self._fd

    def logPrefix(self) -> str:
        return self._owner.logPrefix()

    def connectionLost(self, reason: Failure) -> None:
        if self.disconnected:
            return
        super().connectionLost(reason)
        fd, self._fd = self._fd, -1
        self._loan.giveBack(fd)
        self._owner.childConnectionLost(self.name, reason)


class _Input(_Half):
    """What is read."""

    name = READ

    def doRead(self) -> Reason | None:
        try:
            data = os.read(self._fd, self.bufferSize)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as problem:
            return _lost("standard input", problem)
        if not data:
            return main.CONNECTION_DONE
        self._owner.childDataReceived(self.name, data)
        return None


class _Output(_Half):
    """What is written."""

    name = WRITE

    def __init__(self, owner: StandardIO, fd: int, loan: _Loan) -> None:
        super().__init__(owner, fd, loan)
        mode = os.fstat(fd).st_mode
        self._isSocket = stat.S_ISSOCK(mode)
        if stat.S_ISFIFO(mode) and _isWriteOnly(fd):
            # Nothing is ever read there, but the kernel tells when its reader has gone.
            self.startReading()
        # Hears of the shutdown, even if nothing is to be written.
        self._unwatched.add(self)

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        try:
            return os.write(self._fd, data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as problem:
            return _lost("standard output", problem)

    def doRead(self) -> Reason | None:
        return main.CONNECTION_LOST

    def connectionLost(self, reason: Failure) -> None:
        if self._isSocket and not self.disconnected and reason.check(ConnectionDone) is not None:
            # Closing would not do: standard input is often the same socket.
            _endSocket(self._fd)
        super().connectionLost(reason)


def _isWriteOnly(fd: int) -> bool:
    return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY


def _endSocket(fd: int) -> None:
    with socket.socket(fileno=os.dup(fd)) as ours:
        try:
            ours.shutdown(socket.SHUT_WR)
        except OSError:
            # The peer was quicker.
            pass


def _lost(what: str, problem: OSError) -> Exception:
    if problem.errno in (errno.EPIPE, errno.ECONNRESET):
        return main.CONNECTION_LOST
    return ConnectionLost(f"{what}: {problem.strerror}")


@implementer(ITransport, IConsumer, IPushProducer, IHalfCloseableDescriptor)
class StandardIO:
    """A connection to whoever is at the other ends of two descriptors.

    They may be pipes, sockets, terminals, devices or files.  From now on they belong to the
    transport: do not use ``print`` and ``input`` on them.

    The end of standard input is the peer's half-close.  A protocol that provides
    `IHalfCloseableProtocol` is told by ``readConnectionLost`` and may go on writing; for any other
    the connection ends: what it has written is sent, and ``connectionLost`` is called with
    `ConnectionDone`.  If whoever reads the output has gone, it is called with `ConnectionLost`.

    A descriptor that was not open to begin with counts as one that has ended.

    Args:
        proto: the protocol; its ``makeConnection`` has been called when this returns.
        stdin: the number of the descriptor to read.
        stdout: the number of the one to write.
        reactor: who watches; the installed one by default.

    Attributes:
        protocol: the protocol; None when the connection is lost.
        disconnecting: whether `loseConnection` was called, and bytes are still being sent.
        disconnected: whether the connection is lost.
    """

    disconnected = False
    disconnecting = False

    def __init__(
        self,
        proto: IProtocol,
        stdin: int = 0,
        stdout: int = 1,
        reactor: TransportReactor | None = None,
    ) -> None:
        self.reactor: Any = installedReactor() if reactor is None else reactor
        self.protocol: Any = proto
        hasInput, hasOutput = _isOpen(stdin), _isOpen(stdout)
        loan = _Loan(fd for fd, there in ((stdin, hasInput), (stdout, hasOutput)) if there)
        self._reader = _Input(self, stdin, loan) if hasInput else None
        self._writer = _Output(self, stdout, loan) if hasOutput else None
        # Before the protocol is told, which may want to read later.
        self.startReading()
        try:
            proto.makeConnection(self)
        except BaseException:
            self.connectionLost(Failure())
            raise
        if not hasInput:
            self.reactor.callLater(0, self._halfIsMissing, READ, ConnectionDone())
        if not hasOutput:
            self.reactor.callLater(0, self._halfIsMissing, WRITE, ConnectionLost("no output"))

    def _halfIsMissing(self, name: str, why: Exception) -> None:
        self.childConnectionLost(name, Failure(why))

    # What it is

    def getHost(self) -> IAddress:
        """A `PipeAddress`."""
        return PipeAddress()

    def getPeer(self) -> IAddress:
        """A `PipeAddress`."""
        return PipeAddress()

    def logPrefix(self) -> str:
        """Who this is, in the log."""
        return type(self.protocol).__name__

    # Writing

    def write(self, data: bytes) -> None:
        """Send `data` after all that was written before; see `ITransport.write`."""
        if self._writer is not None:
            self._writer.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send several pieces, in order."""
        if self._writer is not None:
            self._writer.writeSequence(data)

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let `producer` write; see `IConsumer.registerProducer`."""
        if self._writer is None:
            producer.stopProducing()
        else:
            self._writer.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """The producer has nothing more to write."""
        if self._writer is not None:
            self._writer.unregisterProducer()

    # Reading

    def startReading(self) -> None:
        """Deliver what arrives, until there is no more."""
        if self._reader is not None and not self.disconnecting:
            self._reader.resumeProducing()

    def stopReading(self) -> None:
        """Deliver nothing until `startReading`."""
        if self._reader is not None:
            self._reader.pauseProducing()

    def resumeProducing(self) -> None:
        """Deliver again what arrives."""
        self.startReading()

    def pauseProducing(self) -> None:
        """Deliver nothing until `resumeProducing`."""
        self.stopReading()

    def stopProducing(self) -> None:
        """Close the connection."""
        self.loseConnection()

    # Ending

    def loseConnection(self) -> None:
        """Close both halves once everything written is sent."""
        if self.disconnecting or self.disconnected:
            return
        self.stopReading()
        self.disconnecting = True
        if self._writer is not None:
            self._writer.loseConnection()
        else:
            self.reactor.callLater(0, self._ended)

    def loseWriteConnection(self) -> None:
        """Close standard output once everything written is sent, and go on reading."""
        if self._writer is not None:
            self._writer.loseConnection()

    def childDataReceived(self, fd: str, data: bytes) -> None:
        """Data have arrived.

        Args:
            fd: ``"read"``.
            data: what has.
        """
        self.protocol.dataReceived(data)

    def childConnectionLost(self, fd: str, reason: Failure) -> None:
        """One half has ended.

        Args:
            fd: ``"read"`` or ``"write"``.
            reason: `ConnectionDone` if that is in good order; else the other half ends, too.
        """
        if fd == READ:
            self._reader = None
        else:
            self._writer = None
        if self.disconnected:
            return
        if reason.check(ConnectionDone) is None or self.disconnecting:
            self.connectionLost(reason)
        elif fd == READ:
            self.readConnectionLost(reason)
        else:
            self.writeConnectionLost(reason)

    def readConnectionLost(self, reason: Failure) -> None:
        """Standard input has ended."""
        if IHalfCloseableProtocol.providedBy(self.protocol):
            self._tellHalf("readConnectionLost")
        else:
            self.loseConnection()

    def writeConnectionLost(self, reason: Failure) -> None:
        """Standard output is closed, as we wanted."""
        if IHalfCloseableProtocol.providedBy(self.protocol):
            self._tellHalf("writeConnectionLost")
        elif self._reader is None:
            self._ended()

    def _tellHalf(self, event: str) -> None:
        try:
            getattr(self.protocol, event)()
        except BaseException:
            bug = reportBug(f"Unhandled error in {event} of {self.protocol!r}")
            self.connectionLost(Failure(bug))
        else:
            if self._reader is None and self._writer is None:
                self._ended()

    def _ended(self) -> None:
        self.connectionLost(Failure(ConnectionDone()))

    def connectionLost(self, reason: Failure) -> None:
        """Close what is still open, and tell the protocol."""
        if self.disconnected:
            return
        self.disconnected = True
        self.disconnecting = False
        for half in (self._reader, self._writer):
            if half is not None:
                half.connectionLost(reason)
        protocol, self.protocol = self.protocol, None
        protocol.connectionLost(reason)
