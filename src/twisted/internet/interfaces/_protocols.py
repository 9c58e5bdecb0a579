"""What the user writes: protocols and factories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Interface

from twisted.internet.interfaces._transports import IAddress, IProcessTransport, ITransport

if TYPE_CHECKING:
    from twisted.python.failure import Failure

__name__ = "twisted.internet.interfaces"  # the public path, for pickles and messages


class ILoggingContext(Interface):
    """Something that names itself in the log."""

    def logPrefix() -> str:
        """A short name for lines that are logged on this object's behalf."""


class IProtocol(Interface):
    """The behaviour of one stream connection.

    Events come in this order: `makeConnection`, which calls `connectionMade`; any number
    of `dataReceived`; `connectionLost`, once.
    """

    def dataReceived(data: bytes) -> None:
        """Some bytes have arrived.

        Where one call ends and the next begins means nothing: a message may come in pieces,
        and one call may bring several messages.
        """

    def connectionLost(reason: Failure) -> None:
        """The connection is gone; nothing can be sent or received.

        Args:
            reason: wraps `twisted.internet.error.ConnectionDone` after a clean close,
                another `ConnectionClosed` otherwise.
        """

    def makeConnection(transport: ITransport) -> None:
        """Remember the transport and call `connectionMade`."""

    def connectionMade() -> None:
        """The connection is open: the place for a greeting."""


class IProcessProtocol(Interface):
    """The behaviour of our side towards a child process."""

    def makeConnection(process: IProcessTransport) -> None:
        """The process has been started; `process` is the way to it."""

    def childDataReceived(childFD: int, data: bytes) -> None:
        """The child wrote `data` to its descriptor `childFD`."""

    def childConnectionLost(childFD: int) -> None:
        """The pipe of the child's descriptor `childFD` has been closed."""

    def processExited(reason: Failure) -> None:
        """The process has ended; its pipes may still hold data.

        Args:
            reason: wraps `twisted.internet.error.ProcessDone` after exit status 0,
                `ProcessTerminated` otherwise.
        """

    def processEnded(reason: Failure) -> None:
        """The process has ended and all its pipes are closed; `reason` as above."""


class IHalfCloseableProtocol(Interface):
    """A protocol that goes on with one direction after the other has been closed."""

    def readConnectionLost() -> None:
        """The peer sends no more; we may still write."""

    def writeConnectionLost() -> None:
        """Our half is closed; the peer may still send."""


class IHandshakeListener(Interface):
    """A protocol that wants to know when TLS has been agreed."""

    def handshakeCompleted() -> None:
        """The TLS handshake is done: certificates and the negotiated protocol are known."""


class IFileDescriptorReceiver(Interface):
    """A protocol that takes file descriptors sent over a UNIX socket."""

    def fileDescriptorReceived(descriptor: int) -> None:
        """A descriptor has arrived. It is now the protocol's to close."""


class IProtocolFactory(Interface):
    """What makes a protocol for each connection."""

    def buildProtocol(addr: IAddress) -> IProtocol | None:
        """The protocol for a new connection.

        Args:
            addr: the peer's address.

        Returns:
            The protocol, or None to close the connection at once.
        """

    def doStart() -> None:
        """Called each time the factory is connected to a port or a connector."""

    def doStop() -> None:
        """Called each time the factory is disconnected from one."""


class IProtocolNegotiationFactory(Interface):
    """A factory that lets TLS choose between several protocols (ALPN)."""

    def acceptableProtocols() -> list[bytes]:
        """The names that we speak, the preferred one first."""
