"""Processes on a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from zope.interface import implementer

from twisted.internet import fdesc
from twisted.internet.abstract import FileDescriptor, Reason
from twisted.internet.interfaces import IAddress, IProcessTransport
from twisted.internet.process._base import BaseProcess
from twisted.internet.process._launch import (
    Launch,
    checked_arguments,
    checked_environment,
    checked_id,
    checked_path,
)
from twisted.python.failure import Failure

__name__ = "twisted.internet.process"  # the public path, for pickles and messages

Terminal = tuple[int, int, "str | bytes"]


@implementer(IProcessTransport)
class PTYProcess(FileDescriptor, BaseProcess):
    """A child process in a session of its own, on a terminal that we are the other end of.

    A terminal is one descriptor for both directions and for errors: what the child writes comes
    as its descriptor 1, and there is nothing to close of it but all.

    Args:
        reactor: who watches.
        executable: the path of the program; without a slash, it is looked for in the PATH of
            the child's environment.
        args: its arguments, which begin with its name.
        environment: what it finds in its environment; None for ours.
        path: the directory to start in; None for ours.
        proto: an `IProcessProtocol`.
        uid: the user to run as, to whom a new terminal is given; None for ours.
        gid: the group to run as; None for ours.
        usePTY: the descriptors of both ends and the name of a terminal that is there
            already, as `os.openpty` and `os.ttyname` give them; True for a new one. Of the former,
            our end is closed with the connection, and the child's is the caller's to close.

    Raises:
        OSError: the program cannot be started, or there are no more terminals.
        ValueError, TypeError: nor could any be, with such arguments.
    """

    def __init__(
        self,
        reactor: Any,
        executable: str | bytes,
        args: Iterable[str | bytes],
        environment: Mapping[str, str] | Mapping[bytes, bytes] | None,
        path: str | bytes | None,
        proto: Any,
        uid: int | None = None,
        gid: int | None = None,
        usePTY: bool | Terminal | None = None,
    ) -> None:
        FileDescriptor.__init__(self, reactor)
        BaseProcess.__init__(self, proto)
        program, arguments = checked_arguments(executable, args)
        checked = (
            checked_environment(environment),
            checked_path(path),
            checked_id("uid", uid),
            checked_id("gid", gid),
        )
        self._executable = program
        given = usePTY if isinstance(usePTY, (tuple, list)) else None
        master, slave, name = openTerminal(uid) if given is None else checkedTerminal(given)
        try:
            launch = Launch(program, arguments, *checked, {}, (slave, os.fsencode(name)))
            pid = launch.start()
        except BaseException:
            if given is None:
                os.close(master)
            raise
        finally:
            if given is None:
                os.close(slave)
        fdesc.setNonBlocking(master)
        self.fd = master
        self.connected = True
        self.startReading()
        self._started(reactor, pid)
        self._introduce()

    def __repr__(self) -> str:
        state = f"pid {self.pid}" if self.pid is not None else f"ended, status {self.status}"
        return f"<{type(self).__name__} {os.fsdecode(self._executable)}, {state}>"

    def fileno(self) -> int:
        """Our end of the terminal, or -1 once it is closed."""
        return self.fd

    def writeToChild(self, childFD: int, data: bytes) -> None:
        """Type `data` at the terminal.

        Raises:
            KeyError: `childFD` is none of 0, 1 and 2, which are the terminal.
        """
        if childFD not in (0, 1, 2):
            raise KeyError(childFD)
        self.write(data)

    def closeChildFD(self, descriptor: int) -> None:
        """Nothing happens: the directions of a terminal cannot be closed one by one."""

    def closeStdin(self) -> None:
        """Nothing happens; to type the end of file, write ``b"\\x04"``."""

    def closeStdout(self) -> None:
        """Nothing happens: the directions of a terminal cannot be closed one by one."""

    def closeStderr(self) -> None:
        """Nothing happens: the directions of a terminal cannot be closed one by one."""

    def loseConnection(self) -> None:
        """Hang up, when all has been sent."""
        FileDescriptor.loseConnection(self)

    def doRead(self) -> Reason | None:
        """Pass on what the child has written."""
        return fdesc.readFromFD(self.fd, self._received)

    def _received(self, data: bytes) -> None:
        if self.proto is not None:
            self.proto.childDataReceived(1, data)

    def writeSomeData(self, data: bytes | memoryview) -> int | Exception:
        """Write what the terminal takes."""
        return fdesc.writeToFD(self.fd, data)

    def connectionLost(self, reason: Failure) -> None:
        """Hang up, now."""
        if self.fd == -1:
            return
        super().connectionLost(reason)
        fd, self.fd = self.fd, -1
        os.close(fd)
        self.maybeCallProcessEnded()

    def _isOver(self) -> bool:
        return self.lostProcess and self.fd == -1

    def getHost(self) -> IAddress:
        """Terminals have no address."""
        raise NotImplementedError("terminals have no address")

    def getPeer(self) -> IAddress:
        """Terminals have no address."""
        raise NotImplementedError("terminals have no address")


def openTerminal(uid: int | None) -> Terminal:
    """Open a terminal: our end, the child's, and its name."""
    master, slave = os.openpty()
    try:
        if uid is not None and os.geteuid() == 0:
            os.fchown(slave, uid, -1)
        return master, slave, os.ttyname(slave)
    except BaseException:
        os.close(master)
        os.close(slave)
        raise


def checkedTerminal(given: object) -> Terminal:
    """A terminal that the caller has opened.

    Raises:
        ValueError: it is none.
    """
    match given:
        case (int(master), int(slave), str() | bytes() as name) if os.isatty(slave):
            return master, slave, name
    raise ValueError(
        "usePTY is True, or our descriptor, the child's descriptor and the name of a terminal "
        f"that is open, not {given!r}"
    )
