"""The reactor's abilities, one interface each, and the objects that they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

from twisted.internet.interfaces._descriptors import IReadDescriptor, IWriteDescriptor
from twisted.internet.interfaces._names import IHostnameResolver, IResolverSimple
from twisted.internet.interfaces._protocols import IProcessProtocol, IProtocolFactory
from twisted.internet.interfaces._transports import IAddress, IProcessTransport

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.internet.protocol import (
        AbstractDatagramProtocol,
        ConnectedDatagramProtocol,
        DatagramProtocol,
    )
    from twisted.python.threadpool import ThreadPool

__name__ = "twisted.internet.interfaces"  # the public path, for pickles and messages


class IConnector(Interface):
    """One client connection, through attempts, life and new attempts."""

    def stopConnecting() -> None:
        """Give up the attempt.

        Raises:
            twisted.internet.error.NotConnectingError: there is no attempt.
        """

    def disconnect() -> None:
        """Close the connection, or give up the attempt, whichever there is."""

    def connect() -> None:
        """Begin an attempt; for a factory whose connection failed or was lost.

        Raises:
            RuntimeError: there is an attempt or a connection already.
        """

    def getDestination() -> IAddress:
        """The address that this connects to."""


class IListeningPort(Interface):
    """A port that accepts connections or datagrams."""

    def startListening() -> None:
        """Begin to listen.

        Raises:
            twisted.internet.error.CannotListenError: the address cannot be had.
        """

    def stopListening() -> Deferred[None] | None:
        """Stop; the result, if any, fires when the port is closed."""

    def getHost() -> IAddress:
        """The address that the port is bound to."""


class IDelayedCall(Interface):
    """A call that has been planned for later."""

    def getTime() -> float:
        """When the call is due, on the clock of ``reactor.seconds()``."""

    def cancel() -> None:
        """Take the call out of the plan.

        Raises:
            twisted.internet.error.AlreadyCalled: it has been made.
            twisted.internet.error.AlreadyCancelled: it has been cancelled.
        """

    def delay(secondsLater: float) -> None:
        """Move the call `secondsLater` seconds from its present time; may be negative.

        Raises as `cancel` does.
        """

    def reset(secondsFromNow: float) -> None:
        """Move the call to `secondsFromNow` seconds from now. Raises as `cancel` does."""

    def active() -> bool:
        """Whether the call has neither been made nor cancelled."""


class IReactorCore(Interface):
    """What every reactor can do."""

    running: bool = Attribute(
        """Whether the loop runs: from the start-up event until the shutdown event."""
    )

    def resolve(name: str, timeout: Sequence[int] = (1, 3, 11, 45)) -> Deferred[str]:
        """Find the IPv4 address of a host.

        Args:
            name: the host name, or an address.
            timeout: seconds to wait for each attempt.

        Returns:
            Fires with an address, or fails with `twisted.internet.error.DNSLookupError`.
        """

    def run() -> None:
        """Fire the startup event, then run until `stop` is called.

        Raises:
            twisted.internet.error.ReactorAlreadyRunning: it runs already.
            twisted.internet.error.ReactorNotRestartable: it has run before.
        """

    def stop() -> None:
        """Fire the shutdown event, then let `run` return.

        Raises:
            twisted.internet.error.ReactorNotRunning: it does not run.
        """

    def crash() -> None:
        """Let `run` return without any event; what is in progress is left as it is."""

    def iterate(delay: float = 0) -> None:
        """Run one turn of the loop.

        Args:
            delay: seconds to wait for something to happen.
        """

    def fireSystemEvent(eventType: str) -> None:
        """Run the triggers of an event: "startup", "shutdown", or one of your own."""

    def addSystemEventTrigger(
        phase: str, eventType: str, callable: Callable[..., Any], *args: Any, **kw: Any
    ) -> Any:
        """Have a function called when an event is fired.

        Args:
            phase: "before", "during" or "after". The next phase waits for the Deferreds
                that the "before" triggers return.
            eventType: "startup", "shutdown", or one of your own.
            callable: what to call, with `args` and `kw`.

        Returns:
            An identifier for `removeSystemEventTrigger`.
        """

    def removeSystemEventTrigger(triggerID: Any) -> None:
        """Remove a trigger that `addSystemEventTrigger` has added.

        Raises:
            ValueError, KeyError or TypeError: there is no such trigger.
        """

    def callWhenRunning(callable: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """Call a function when the reactor has started; at once if it runs already.

        Returns:
            An identifier for `removeSystemEventTrigger`, or None if the call was made.
        """


class IReactorTime(Interface):
    """A reactor that has a clock."""

    def seconds() -> float:
        """The time, in seconds since a fixed but unknown moment."""

    def callLater(
        delay: float, callable: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> IDelayedCall:
        """Call a function later.

        Args:
            delay: seconds from now, not negative.
            callable: what to call, with `args` and `kwargs`.
        """

    def getDelayedCalls() -> Sequence[IDelayedCall]:
        """The calls that are planned, in no particular order."""


class IReactorFromThreads(Interface):
    """A reactor that takes calls from other threads."""

    def callFromThread(callable: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        """Call a function in the reactor's thread, soon. Safe from any thread or signal."""


class IReactorInThreads(Interface):
    """A reactor that makes calls in other threads."""

    def callInThread(callable: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        """Call a function in a thread of the pool; its result is dropped."""


class IReactorThreads(IReactorFromThreads, IReactorInThreads):
    """A reactor that has a pool of threads."""

    def getThreadPool() -> ThreadPool:
        """The pool, made when first asked for."""

    def suggestThreadPoolSize(size: int) -> None:
        """Let the pool have at most `size` threads."""


class IReactorTCP(Interface):
    """A reactor that speaks TCP."""

    def listenTCP(
        port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """Accept TCP connections.

        Args:
            port: the number; 0 lets the system choose.
            factory: makes a protocol for each connection.
            backlog: how many connections may wait to be accepted.
            interface: the local IPv4 or IPv6 address; all IPv4 ones when it is empty.

        Raises:
            twisted.internet.error.CannotListenError: the address cannot be had.
        """

    def connectTCP(
        host: str,
        port: int,
        factory: IProtocolFactory,
        timeout: float = 30.0,
        bindAddress: tuple[str, int] | None = None,
    ) -> IConnector:
        """Connect to a TCP server.

        Args:
            host: a name, or an IPv4 or IPv6 address.
            port: the number.
            factory: a `twisted.internet.protocol.ClientFactory`.
            timeout: seconds until the attempt fails.
            bindAddress: the local address and port to connect from.
        """


class IReactorTCP2(IReactorTCP):
    """A reactor that speaks TCP, with everything that `IReactorTCP` says and no less.

    Declared apart so that code can ask for a reactor that takes IPv6 literals as `host`
    and as `interface`, which older reactors did not.
    """

    def listenTCP(
        port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """As `IReactorTCP.listenTCP`; `interface` may be an IPv6 literal."""

    def connectTCP(
        host: str,
        port: int,
        factory: IProtocolFactory,
        timeout: float = 30.0,
        bindAddress: tuple[str, int] | None = None,
    ) -> IConnector:
        """As `IReactorTCP.connectTCP`; `host` may be an IPv6 literal."""


class IReactorSSL(Interface):
    """A reactor that speaks TLS over TCP."""

    def connectSSL(
        host: str,
        port: int,
        factory: IProtocolFactory,
        contextFactory: Any,
        timeout: float = 30.0,
        bindAddress: tuple[str, int] | None = None,
    ) -> IConnector:
        """Connect to a TLS server; `contextFactory` as for `ITLSTransport.startTLS`."""

    def listenSSL(
        port: int,
        factory: IProtocolFactory,
        contextFactory: Any,
        backlog: int = 50,
        interface: str = "",
    ) -> IListeningPort:
        """Accept TLS connections; `contextFactory` as for `ITLSTransport.startTLS`."""


class IReactorUNIX(Interface):
    """A reactor that speaks over UNIX sockets."""

    def connectUNIX(
        address: str | bytes,
        factory: IProtocolFactory,
        timeout: float = 30,
        checkPID: bool = False,
    ) -> IConnector:
        """Connect to a UNIX socket.

        Args:
            address: its path; one that begins with NUL is in Linux's abstract namespace.
            factory: a `twisted.internet.protocol.ClientFactory`.
            timeout: seconds until the attempt fails.
            checkPID: whether to fail at once if the server's lock file names no live process.
        """

    def listenUNIX(
        address: str | bytes,
        factory: IProtocolFactory,
        backlog: int = 50,
        mode: int = 0o666,
        wantPID: bool = False,
    ) -> IListeningPort:
        """Accept connections on a UNIX socket.

        Args:
            address: its path; one that begins with NUL is in Linux's abstract namespace.
            factory: makes a protocol for each connection.
            backlog: how many connections may wait to be accepted.
            mode: the permissions of the socket file.
            wantPID: whether to keep a lock file beside the socket, and to remove a socket
                that a dead process has left.

        Raises:
            twisted.internet.error.CannotListenError: the address cannot be had.
        """


class IReactorUNIXDatagram(Interface):
    """A reactor that sends datagrams over UNIX sockets."""

    def connectUNIXDatagram(
        address: str | bytes,
        protocol: ConnectedDatagramProtocol,
        maxPacketSize: int = 8192,
        mode: int = 0o666,
        bindAddress: str | bytes | None = None,
    ) -> IListeningPort:
        """Exchange datagrams with the socket at `address`.

        Args:
            address: the peer's path.
            protocol: takes the datagrams.
            maxPacketSize: longest datagram that is received whole, in bytes.
            mode: the permissions of our socket file.
            bindAddress: the path of our socket; without it, nobody can answer.
        """

    def listenUNIXDatagram(
        address: str | bytes,
        protocol: DatagramProtocol,
        maxPacketSize: int = 8192,
        mode: int = 0o666,
    ) -> IListeningPort:
        """Take datagrams at the path `address`.

        Raises:
            twisted.internet.error.CannotListenError: the address cannot be had.
        """


class IReactorUDP(Interface):
    """A reactor that speaks UDP."""

    def listenUDP(
        port: int,
        protocol: AbstractDatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,
    ) -> IListeningPort:
        """Take datagrams.

        Args:
            port: the number; 0 lets the system choose.
            protocol: takes the datagrams; its `transport` is an `IUDPTransport`.
            interface: the local IPv4 or IPv6 address; all IPv4 ones when it is empty.
            maxPacketSize: longest datagram that is received whole, in bytes.

        Raises:
            twisted.internet.error.CannotListenError: the address cannot be had.
        """


class IReactorMulticast(Interface):
    """A reactor that speaks UDP with multicast."""

    def listenMulticast(
        port: int,
        protocol: AbstractDatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,
        listenMultiple: bool = False,
    ) -> IListeningPort:
        """As `IReactorUDP.listenUDP`, with an `IMulticastTransport`.

        Args:
            listenMultiple: whether several programs may listen at the same port.
        """


class IReactorSocket(Interface):
    """A reactor that takes over sockets that somebody else has opened.

    Each method uses a duplicate: the caller keeps, and closes, the descriptor it gives.
    """

    def adoptStreamPort(
        fileDescriptor: int, addressFamily: int, factory: IProtocolFactory
    ) -> IListeningPort:
        """Accept connections on a socket that is bound and listening.

        Args:
            fileDescriptor: the socket.
            addressFamily: such as ``socket.AF_INET6``.
            factory: makes a protocol for each connection.

        Raises:
            twisted.internet.error.UnsupportedAddressFamily: the family is not one of ours.
            twisted.internet.error.UnsupportedSocketType: it is not a stream socket.
        """

    def adoptStreamConnection(
        fileDescriptor: int, addressFamily: int, factory: IProtocolFactory
    ) -> Any:
        """Go on with a connection that is open; arguments and errors as above."""

    def adoptDatagramPort(
        fileDescriptor: int,
        addressFamily: int,
        protocol: AbstractDatagramProtocol,
        maxPacketSize: int = 8192,
    ) -> IListeningPort:
        """Take datagrams on a socket that is bound; arguments and errors as above."""


class IReactorProcess(Interface):
    """A reactor that runs other programs."""

    def spawnProcess(
        processProtocol: IProcessProtocol,
        executable: str | bytes,
        args: Sequence[str | bytes] = (),
        env: Mapping[str, str] | Mapping[bytes, bytes] | None = {},
        path: str | bytes | None = None,
        uid: int | None = None,
        gid: int | None = None,
        usePTY: bool | tuple[int, int, str | bytes] = False,
        childFDs: Mapping[int, int | str] | None = None,
    ) -> IProcessTransport:
        """Start a program.

        Args:
            processProtocol: is told what happens.
            executable: the path of the program.
            args: the whole argument list, beginning with the program's name.
            env: the environment; empty by default, None for ours.
            path: the directory to start in.
            uid: the user to run as.
            gid: the group to run as.
            usePTY: whether to give the program a terminal in a session of its own; or the
                descriptors of both ends of one that is there already, and its name.
            childFDs: what each descriptor of the child is: "r" for a pipe that we read,
                "w" for one that we write, or one of our descriptors. The default is
                ``{0: "w", 1: "r", 2: "r"}``.

        Raises:
            OSError: the program cannot be started.
            ValueError, TypeError: nor could any be, with such arguments.
        """


class IReactorFDSet(Interface):
    """A reactor that watches any descriptor."""

    def addReader(reader: IReadDescriptor) -> None:
        """Call ``reader.doRead`` whenever there is data, until it is removed."""

    def addWriter(writer: IWriteDescriptor) -> None:
        """Call ``writer.doWrite`` whenever there is room, until it is removed."""

    def removeReader(reader: IReadDescriptor) -> None:
        """Stop watching for data; nothing happens if it was not watched."""

    def removeWriter(writer: IWriteDescriptor) -> None:
        """Stop watching for room; nothing happens if it was not watched."""

    def removeAll() -> list[IReadDescriptor | IWriteDescriptor]:
        """Remove every reader and writer but the reactor's own; returns them."""

    def getReaders() -> list[IReadDescriptor]:
        """The watched readers."""

    def getWriters() -> list[IWriteDescriptor]:
        """The watched writers."""


class IReactorPluggableResolver(Interface):
    """A reactor whose resolver can be replaced."""

    def installResolver(resolver: IResolverSimple) -> IResolverSimple:
        """Resolve names with `resolver`; returns the one used before."""


class IReactorPluggableNameResolver(Interface):
    """A reactor whose resolver for all families can be replaced."""

    nameResolver: IHostnameResolver = Attribute("""The resolver in use.""")

    def installNameResolver(resolver: IHostnameResolver) -> IHostnameResolver:
        """Resolve names with `resolver`; returns the one used before."""


class IReactorDaemonize(Interface):
    """A reactor that has to be told when its process goes to the background."""

    def beforeDaemonize() -> None:
        """Called before the process forks."""

    def afterDaemonize() -> None:
        """Called in the child after the process has forked."""


class IReactorWin32Events(Interface):
    """A reactor that waits for Windows events."""

    def addEvent(event: Any, fd: Any, action: str) -> None:
        """Call the method `action` of `fd` whenever the handle `event` is set."""

    def removeEvent(event: Any) -> None:
        """Stop waiting for `event`."""
