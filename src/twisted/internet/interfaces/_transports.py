"""What carries bytes, and what makes and takes them: producers, consumers, transports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

__name__ = "twisted.internet.interfaces"  # the public path, for pickles and messages


class IAddress(Interface):
    """The address of one end of a connection.

    Providers compare by value and can be keys of a dictionary.
    """


class IProducer(Interface):
    """Something that writes data to a consumer, at the consumer's pace."""

    def stopProducing() -> None:
        """Stop for ever: the consumer has died and takes no more."""


class IPushProducer(IProducer):
    """A producer that writes when it likes, until it is told to pause."""

    def pauseProducing() -> None:
        """Write nothing more until `resumeProducing` is called."""

    def resumeProducing() -> None:
        """Go on writing."""


class IPullProducer(IProducer):
    """A producer that writes one piece each time it is asked."""

    def resumeProducing() -> None:
        """Write one piece now; the consumer asks again when it has been sent."""


class IConsumer(Interface):
    """Something that takes data from a producer."""

    def registerProducer(producer: IProducer, streaming: bool) -> None:
        """Take data from `producer` from now on.

        Args:
            producer: provides `IPushProducer` when `streaming` is true, `IPullProducer`
                when it is false.
            streaming: whether the producer writes unasked.

        Raises:
            RuntimeError: another producer is registered.
        """

    def unregisterProducer() -> None:
        """Forget the registered producer; it may finish what it has to write first."""

    def write(data: bytes) -> None:
        """Take some data from the producer."""


class ITransport(Interface):
    """The way to the peer of a stream connection.

    All methods return at once; what they start goes on in the background.
    """

    def write(data: bytes) -> None:
        """Send `data`, after everything written before it.

        Raises:
            TypeError: `data` is a `str`: encode it first, as in `text.encode("utf-8")`.
        """

    def writeSequence(data: Iterable[bytes]) -> None:
        """Send each item of `data` in order, as `write` would."""

    def loseConnection() -> None:
        """Close the connection when everything written so far has been sent."""

    def getPeer() -> IAddress:
        """The address of the other end."""

    def getHost() -> IAddress:
        """The address of this end."""


class ITCPTransport(ITransport):
    """A TCP connection."""

    def loseWriteConnection() -> None:
        """Close our half when all is sent; the peer sees the end, we still receive.

        A protocol that provides `IHalfCloseableProtocol` is told in `writeConnectionLost`.
        """

    def abortConnection() -> None:
        """Close at once and drop what has not been sent."""

    def getTcpNoDelay() -> bool:
        """Whether small segments leave at once (TCP_NODELAY)."""

    def setTcpNoDelay(enabled: bool) -> None:
        """Choose whether small segments leave at once (TCP_NODELAY)."""

    def getTcpKeepAlive() -> bool:
        """Whether the kernel probes an idle peer (SO_KEEPALIVE)."""

    def setTcpKeepAlive(enabled: bool) -> None:
        """Choose whether the kernel probes an idle peer (SO_KEEPALIVE)."""

    def getHost() -> IAddress:
        """The `IPv4Address` or `IPv6Address` of this end."""

    def getPeer() -> IAddress:
        """The `IPv4Address` or `IPv6Address` of the other end."""


class IUNIXTransport(ITransport):
    """A stream connection over a UNIX socket."""

    def sendFileDescriptor(descriptor: int) -> None:
        """Send a duplicate of an open file descriptor along with the next byte written.

        At least one byte has to be written after this call. The descriptor must stay open
        until it has been sent.
        """


class ITLSTransport(ITCPTransport):
    """A TCP connection that can be switched to TLS."""

    def startTLS(contextFactory: Any) -> None:
        """Begin TLS on this connection.

        Args:
            contextFactory: what makes the TLS connection: `ssl.CertificateOptions`, an
                `IOpenSSLContextFactory`, or the result of `ssl.optionsForClientTLS`.
        """


class ISSLTransport(ITCPTransport):
    """A connection under TLS."""

    def getPeerCertificate() -> Any:
        """The `OpenSSL.crypto.X509` that the peer presented, or None."""


class INegotiated(ISSLTransport):
    """A TLS connection that can agree with the peer on the protocol to speak (ALPN)."""

    negotiatedProtocol: bytes | None = Attribute(
        """The agreed protocol, such as ``b"h2"``, or None when there is none (yet)."""
    )


class ISystemHandle(Interface):
    """An object that wraps one of the operating system's, such as a socket."""

    def getHandle() -> Any:
        """The wrapped object: the `socket.socket`, or the TLS connection over it."""


class IProcessTransport(ITransport):
    """The way to a child process."""

    pid: int | None = Attribute(
        """The process identifier; None once the process has ended and been reaped."""
    )

    def closeStdin() -> None:
        """Close the child's standard input when all that was written has been sent."""

    def closeStdout() -> None:
        """Close our end of the child's standard output."""

    def closeStderr() -> None:
        """Close our end of the child's standard error."""

    def closeChildFD(descriptor: int) -> None:
        """Close our end of the pipe that is `descriptor` in the child."""

    def writeToChild(childFD: int, data: bytes) -> None:
        """Write to the pipe that is `childFD` in the child.

        Raises:
            KeyError: there is no such pipe.
        """

    def loseConnection() -> None:
        """Close standard input, output and error."""

    def signalProcess(signalID: str | int) -> None:
        """Send a signal to the process.

        Args:
            signalID: a number, or a name without its prefix: "KILL", "TERM", "INT", "HUP"...

        Raises:
            twisted.internet.error.ProcessExitedAlready: the process has ended.
        """


class IUDPTransport(Interface):
    """A UDP port."""

    def write(packet: bytes, addr: tuple[str, int] | None = None) -> int | None:
        """Send one datagram.

        Args:
            packet: the payload.
            addr: IP address (not a name) and port; None on a connected port.

        Raises:
            twisted.internet.error.MessageLengthError: the payload is too long to be sent.
        """

    def connect(host: str, port: int) -> None:
        """Talk only with this address from now on. Nothing is sent; it returns at once.

        Args:
            host: an IP address, not a name: use ``reactor.resolve`` first.
            port: a number from 1 to 65535.
        """

    def getHost() -> IAddress:
        """The `IPv4Address` or `IPv6Address` that the port is bound to."""

    def stopListening() -> Deferred[None] | None:
        """Close the port; the result, if any, fires when that is done."""

    def setBroadcastAllowed(enabled: bool) -> None:
        """Choose whether datagrams may be sent to a broadcast address."""

    def getBroadcastAllowed() -> bool:
        """Whether datagrams may be sent to a broadcast address."""


class IUNIXDatagramTransport(Interface):
    """A UNIX datagram port."""

    def write(packet: bytes, address: str) -> None:
        """Send one datagram to the socket at the path `address`."""

    def getHost() -> IAddress:
        """The `UNIXAddress` that the port is bound to."""


class IUNIXDatagramConnectedTransport(Interface):
    """A UNIX datagram port that talks with one peer."""

    def write(packet: bytes) -> None:
        """Send one datagram to the peer."""

    def getHost() -> IAddress:
        """The `UNIXAddress` of this end."""

    def getPeer() -> IAddress:
        """The `UNIXAddress` of the peer."""


class IMulticastTransport(IUDPTransport):
    """A UDP port that can belong to multicast groups."""

    def getOutgoingInterface() -> str | int:
        """The interface that multicast datagrams leave by: an IPv4 address, or an index."""

    def setOutgoingInterface(addr: str | int) -> Deferred[int]:
        """Choose the interface that multicast datagrams leave by; fires when it is set."""

    def getLoopbackMode() -> bool:
        """Whether our multicast datagrams come back to members on this host."""

    def setLoopbackMode(mode: bool) -> None:
        """Choose whether our multicast datagrams come back to members on this host."""

    def getTTL() -> int:
        """How many routers a multicast datagram may pass."""

    def setTTL(ttl: int) -> None:
        """Choose how many routers a multicast datagram may pass."""

    def joinGroup(addr: str, interface: str = "") -> Deferred[None]:
        """Join a multicast group.

        Args:
            addr: the group: an IP address or a name that resolves to one.
            interface: the local address to join on; the system chooses when it is empty.

        Returns:
            Fires with None, or fails with `twisted.internet.error.MulticastJoinError`.
        """

    def leaveGroup(addr: str, interface: str = "") -> Deferred[None]:
        """Leave a multicast group; arguments and result as for `joinGroup`."""


class IServiceCollection(Interface):
    """A set of named services, as programs of the time before `twisted.application` used it."""

    def getServiceNamed(serviceName: str) -> Any:
        """The service with that name.

        Raises:
            KeyError: there is none.
        """

    def addService(service: Any) -> None:
        """Add a service to the set."""

    def removeService(service: Any) -> None:
        """Remove a service from the set."""
