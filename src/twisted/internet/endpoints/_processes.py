"""Connecting to a program, by its standard input and output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from constantly import NamedConstant, Names
from zope.interface import implementer

from twisted.internet.defer import Deferred, execute
from twisted.internet.error import ConnectionDone, ProcessDone
from twisted.internet.interfaces import (
    IAddress,
    IProtocolFactory,
    IStreamClientEndpoint,
    ITransport,
)
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages

_log = Logger(namespace=__name__)

_STDIN, _STDOUT, _STDERR = range(3)


class StandardErrorBehavior(Names):  # type: ignore[misc]  # constantly has no types
    """What to do with what a program says on its standard error.

    Attributes:
        LOG: log it.
        DROP: ignore it.
    """

    LOG = NamedConstant()
    DROP = NamedConstant()


@implementer(IAddress)
class _ProcessAddress:
    """Where a program is that has no address."""

    def __repr__(self) -> str:
        return "<a program, by its standard input and output>"


@implementer(ITransport)
class _PipesTransport:
    """A process as a connection; what else a process can do is its transport's."""

    def __init__(self, process: Any) -> None:
        self._process = process

    def __getattr__(self, name: str) -> Any:
        return getattr(self._process, name)

    def write(self, data: bytes) -> None:
        """Write to the program's standard input."""
        self._process.writeToChild(_STDIN, data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Write each item to the program's standard input."""
        self._process.writeToChild(_STDIN, b"".join(data))

    def loseConnection(self) -> None:
        """Close the program's pipes, when all is written."""
        self._process.loseConnection()

    def abortConnection(self) -> None:
        """Kill the program."""
        self._process.signalProcess("KILL")

    def getHost(self) -> IAddress:
        """An address that says nothing."""
        return _ProcessAddress()

    def getPeer(self) -> IAddress:
        """An address that says nothing."""
        return _ProcessAddress()


class _Piped(ProcessProtocol):
    """Gives the pipes of a program to the protocol of a connection."""

    def __init__(self, protocol: Any, executable: str, errFlag: NamedConstant) -> None:
        self._protocol = protocol
        self._executable = executable
        self._errFlag = errFlag

    def connectionMade(self) -> None:
        """The program runs."""
        self._protocol.makeConnection(_PipesTransport(self.transport))

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """The program says something."""
        if childFD == _STDOUT:
            self._protocol.dataReceived(data)
        elif childFD == _STDERR and self._errFlag is StandardErrorBehavior.LOG:
            _log.info(
                "{executable!r} says on its standard error: {data!r}",
                executable=self._executable,
                data=data,
            )

    def processEnded(self, reason: Failure) -> None:
        """The program has ended: well, if its status is 0."""
        if isinstance(reason.value, ProcessDone):
            reason = Failure(ConnectionDone("the program has ended"))
        self._protocol.connectionLost(reason)


@implementer(IStreamClientEndpoint)
class ProcessEndpoint:
    """A program that is started by each connection, and is the other end of it.

    Args:
        reactor: has `spawnProcess`, which takes the other arguments, too.
        executable: the path of the program.
        args: its arguments; the first is the name that it goes by.
        env: its environment.
        path: its working directory.
        uid: the user that it runs as.
        gid: the group that it runs as.
        usePTY: whether it is to have a terminal.
        childFDs: its descriptors; pipes for 0, 1 and 2 by default.
        errFlag: what to do with what it says on its standard error.
    """

    def __init__(
        self,
        reactor: Any,
        executable: str,
        args: Sequence[str | bytes] = (),
        env: Mapping[str, str] | None = {},
        path: str | None = None,
        uid: int | None = None,
        gid: int | None = None,
        usePTY: bool | int = 0,
        childFDs: Mapping[int, int | str] | None = None,
        errFlag: NamedConstant = StandardErrorBehavior.LOG,
    ) -> None:
        self._reactor = reactor
        self._executable = executable
        self._args = args
        self._env = env
        self._path = path
        self._uid = uid
        self._gid = gid
        self._usePTY = usePTY
        self._childFDs = childFDs
        self._errFlag = errFlag

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Start the program, and connect to it; see `IStreamClientEndpoint.connect`."""
        return execute(self._start, protocolFactory)

    def _start(self, protocolFactory: IProtocolFactory) -> Any:
        protocol = protocolFactory.buildProtocol(_ProcessAddress())
        self._reactor.spawnProcess(
            _Piped(protocol, self._executable, self._errFlag),
            self._executable,
            self._args,
            self._env,
            self._path,
            self._uid,
            self._gid,
            self._usePTY,
            self._childFDs,
        )
        return protocol
