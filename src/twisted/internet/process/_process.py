"""Processes on pipes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from zope.interface import implementer

from twisted.internet.interfaces import IAddress, IConsumer, IProcessTransport, IProducer
from twisted.internet.process._base import BaseProcess
from twisted.internet.process._launch import (
    Launch,
    checked_arguments,
    checked_descriptors,
    checked_environment,
    checked_id,
    checked_path,
)
from twisted.internet.process._pipes import ProcessReader, ProcessWriter
from twisted.python.failure import Failure

__name__ = "twisted.internet.process"  # the public path, for pickles and messages

#: Standard input, output and error.
DEFAULT_DESCRIPTORS: dict[int, int | str] = {0: "w", 1: "r", 2: "r"}


@implementer(IProcessTransport, IConsumer)
class Process(BaseProcess):
    """A child process, and the pipes between it and us.

    Args:
        reactor: who watches.
        executable: the path of the program; without a slash, it is looked for in the PATH of
            the child's environment.
        args: its arguments, which begin with its name.
        environment: what it finds in its environment; None for ours.
        path: the directory to start in; None for ours.
        proto: an `IProcessProtocol`.
        uid: the user to run as; None for ours.
        gid: the group to run as; None for ours.
        childFDs: what each descriptor of the child is; see `IReactorProcess`.

    Attributes:
        pipes: our ends of the pipes that are open, by the descriptor's number in the child.

    Raises:
        OSError: the program cannot be started.
        ValueError, TypeError: nor could any be, with such arguments.
    """

    processReaderFactory: ClassVar[Callable[..., Any]] = ProcessReader
    processWriterFactory: ClassVar[Callable[..., Any]] = ProcessWriter
    #: Kept for those who set them; nothing is printed.
    debug: ClassVar[bool] = False
    debug_child: ClassVar[bool] = False

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
        childFDs: Mapping[int, int | str] | None = None,
    ) -> None:
        super().__init__(proto)
        self.reactor = reactor
        self.pipes: dict[int, Any] = {}
        program, arguments = checked_arguments(executable, args)
        pipes = Pipes(checked_descriptors(DEFAULT_DESCRIPTORS if childFDs is None else childFDs))
        try:
            self._executable = program
            launch = Launch(
                program,
                arguments,
                checked_environment(environment),
                checked_path(path),
                checked_id("uid", uid),
                checked_id("gid", gid),
                pipes.open(),
            )
            pid = launch.start()
        except BaseException:
            pipes.closeOurs()
            raise
        finally:
            pipes.closeTheirs()
        for number, fd in pipes.read.items():
            self.pipes[number] = self.processReaderFactory(reactor, self, number, fd)
        for number, fd in pipes.written.items():
            writer = self.processWriterFactory(reactor, self, number, fd, forceReadHack=True)
            self.pipes[number] = writer
        self._started(reactor, pid)
        self._introduce()

    def __repr__(self) -> str:
        state = f"pid {self.pid}" if self.pid is not None else f"ended, status {self.status}"
        return f"<{type(self).__name__} {os.fsdecode(self._executable)}, {state}>"

    # Writing

    def write(self, data: bytes) -> None:
        """Write to the child's standard input; nothing happens if that is closed."""
        if 0 in self.pipes:
            self.pipes[0].write(data)

    def writeSequence(self, seq: Iterable[bytes]) -> None:
        """Write several pieces to the child's standard input, in order."""
        if 0 in self.pipes:
            self.pipes[0].writeSequence(seq)

    def writeToChild(self, childFD: int, data: bytes) -> None:
        """Write to the pipe that is `childFD` in the child.

        Raises:
            KeyError: there is none, or no more.
            TypeError: the pipe is one that we read.
        """
        self.pipes[childFD].write(data)

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Let `producer` write to the standard input; see `IConsumer.registerProducer`."""
        if 0 in self.pipes:
            self.pipes[0].registerProducer(producer, streaming)
        else:
            producer.stopProducing()

    def unregisterProducer(self) -> None:
        """The producer has nothing more to write."""
        if 0 in self.pipes:
            self.pipes[0].unregisterProducer()

    # Reading

    def pauseProducing(self) -> None:
        """Deliver nothing until `resumeProducing`; the child waits when its pipes are full."""
        for pipe in self._readers():
            pipe.pauseProducing()

    def resumeProducing(self) -> None:
        """Deliver again what the child writes."""
        for pipe in self._readers():
            pipe.resumeProducing()

    def stopProducing(self) -> None:
        """Close standard input, output and error."""
        self.loseConnection()

    def _readers(self) -> list[ProcessReader]:
        return [pipe for pipe in self.pipes.values() if isinstance(pipe, ProcessReader)]

    def childDataReceived(self, name: int, data: bytes) -> None:
        """A pipe passes on what the child wrote."""
        if self.proto is not None:
            self.proto.childDataReceived(name, data)

    # Closing

    def closeChildFD(self, childFD: int) -> None:
        """Close the pipe that is `childFD` in the child, when all has been sent."""
        if childFD in self.pipes:
            self.pipes[childFD].loseConnection()

    def closeStdin(self) -> None:
        """Close the child's standard input, when all has been sent."""
        self.closeChildFD(0)

    def closeStdout(self) -> None:
        """Close our end of the child's standard output."""
        self.closeChildFD(1)

    def closeStderr(self) -> None:
        """Close our end of the child's standard error."""
        self.closeChildFD(2)

    def loseConnection(self) -> None:
        """Close standard input, output and error."""
        self.closeStdin()
        self.closeStderr()
        self.closeStdout()

    def childConnectionLost(self, childFD: int, reason: Failure) -> None:
        """A pipe is closed."""
        if self.pipes.pop(childFD, None) is not None:
            self._tell(self.proto.childConnectionLost, childFD)
            self.maybeCallProcessEnded()

    def _isOver(self) -> bool:
        return self.lostProcess and not self.pipes

    # Where it is

    def getHost(self) -> IAddress:
        """Pipes have no address."""
        raise NotImplementedError("pipes have no address")

    def getPeer(self) -> IAddress:
        """Pipes have no address."""
        raise NotImplementedError("pipes have no address")


class Pipes:
    """The pipes of a child that is to be started.

    Args:
        wanted: what each descriptor of the child is to be.

    Attributes:
        read: our ends of those that we read, by their numbers in the child.
        written: our ends of those that we write.
    """

    def __init__(self, wanted: Mapping[int, int | str]) -> None:
        self._wanted = wanted
        self._theirs: list[int] = []
        self.read: dict[int, int] = {}
        self.written: dict[int, int] = {}

    def open(self) -> dict[int, int]:
        """Open them; returns which of our descriptors each of the child's is to be."""
        descriptors: dict[int, int] = {}
        for number, what in self._wanted.items():
            if isinstance(what, int):
                descriptors[number] = what
                continue
            out, into = os.pipe()
            ours, theirs = (out, into) if what == "r" else (into, out)
            (self.read if what == "r" else self.written)[number] = ours
            self._theirs.append(theirs)
            descriptors[number] = theirs
        return descriptors

    def closeOurs(self) -> None:
        """The child has not been started."""
        for fd in (*self.read.values(), *self.written.values()):
            os.close(fd)

    def closeTheirs(self) -> None:
        """The child has them now."""
        for fd in self._theirs:
            os.close(fd)
