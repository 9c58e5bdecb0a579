"""The two kinds of pipe between us and a child."""

from __future__ import annotations

import fcntl
import os
import stat
from typing import Any

from twisted.internet import fdesc, main
from twisted.internet._reactor import TransportReactor
from twisted.internet.abstract import FileDescriptor, Reason
from twisted.python.failure import Failure

__name__ = "twisted.internet.process"  # the public path, for pickles and messages


class ProcessWriter(FileDescriptor):
    """A pipe that we write and somebody else reads.

    The end of the reader is noticed at once, even if nothing is being written: the
    kernel calls the descriptor readable then.

    Args:
        reactor: who watches.
        proc: its ``childConnectionLost(name, reason)`` is called when the pipe is closed.
        name: how `proc` calls this pipe: the descriptor's number in the child.
        fileno: our descriptor, which is closed with the pipe.
        forceReadHack: watch for the end of the reader without looking at what kind of
            descriptor this is; others than pipes have data to be read.

    Attributes:
        enableReadHack: whether the end of the reader is noticed.
    """

    enableReadHack = False

    def __init__(
        self,
        reactor: TransportReactor | None,
        proc: Any,
        name: Any,
        fileno: int,
        forceReadHack: bool = False,
    ) -> None:
        super().__init__(reactor)
        fdesc.setNonBlocking(fileno)
        self.proc = proc
        self.name = name
        self.fd = fileno
        self.connected = True
        self.enableReadHack = bool(forceReadHack) or _isWritingEnd(fileno)
        if self.enableReadHack:
            self.startReading()

    def fileno(self) -> int:
        """The descriptor, or -1 once it is closed."""
        return self.fd

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        """Write what the pipe takes."""
        return fdesc.writeToFD(self.fd, data)

    def doRead(self) -> Reason | None:
        """Nobody reads the other end any more."""
        if self.enableReadHack:
            return main.CONNECTION_LOST
        self.stopReading()
        return None

    def connectionLost(self, reason: Failure) -> None:
        """Close the pipe, and tell."""
        if self.fd == -1:
            return
        super().connectionLost(reason)
        fd, self.fd = self.fd, -1
        os.close(fd)
        self.proc.childConnectionLost(self.name, reason)


def _isWritingEnd(fd: int) -> bool:
    # A FIFO may be open for both, and then has data that are not for us to read.
    if not stat.S_ISFIFO(os.fstat(fd).st_mode):
        return False
    return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY


class ProcessReader(FileDescriptor):
    """A pipe that somebody else writes and we read.

    Args:
        reactor: who watches.
        proc: its ``childDataReceived(name, data)`` is called with what arrives, and its
            ``childConnectionLost(name, reason)`` when the pipe is closed.
        name: how `proc` calls this pipe: the descriptor's number in the child.
        fileno: our descriptor, which is closed with the pipe.
    """

    def __init__(self, reactor: TransportReactor | None, proc: Any, name: Any, fileno: int) -> None:
        super().__init__(reactor)
        fdesc.setNonBlocking(fileno)
        self.proc = proc
        self.name = name
        self.fd = fileno
        self.connected = True
        self.startReading()

    def fileno(self) -> int:
        """The descriptor, or -1 once it is closed."""
        return self.fd

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        """Never asked for: this pipe is read."""
        raise TypeError(f"descriptor {self.name} of the child is read, and cannot be written to")

    def write(self, data: bytes) -> None:
        """Refused: this pipe is read.

        Raises:
            TypeError: always.
        """
        self.writeSomeData(data)

    def doRead(self) -> Reason | None:
        """Pass on what has arrived."""
        return fdesc.readFromFD(self.fd, self.dataReceived)

    def dataReceived(self, data: bytes) -> None:
        """Pass `data` on."""
        self.proc.childDataReceived(self.name, data)

    def loseConnection(self) -> None:
        """Close the pipe, soon."""
        if self.connected and not self.disconnecting:
            self.disconnecting = True
            self.stopReading()
            self.reactor.callLater(0, self.connectionLost, Failure(type(main.CONNECTION_DONE)()))

    def connectionLost(self, reason: Failure) -> None:
        """Close the pipe, and tell."""
        if self.fd == -1:
            return
        super().connectionLost(reason)
        fd, self.fd = self.fd, -1
        os.close(fd)
        self.proc.childConnectionLost(self.name, reason)
