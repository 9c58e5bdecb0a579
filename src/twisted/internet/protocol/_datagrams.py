"""Protocols of datagram ports."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.internet.interfaces import ILoggingContext
from twisted.logger import Logger
from twisted.python.failure import Failure

__name__ = "twisted.internet.protocol"  # the public path, for pickles and messages


class AbstractDatagramProtocol:
    """What datagram protocols have in common.

    Attributes:
        transport: the port; None when there is none.
        numPorts: how many ports this is connected to.
        noisy: whether starts and stops are logged.
    """

    transport: Any = None
    numPorts: int = 0
    noisy: bool = True

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "transport"}

    def doStart(self) -> None:
        """Called by a port that begins to use this; the first calls `startProtocol`."""
        if self.numPorts == 0:
            self._tell("Starting")
            self.startProtocol()
        self.numPorts += 1

    def doStop(self) -> None:
        """Called by a port that stops using this; the last calls `stopProtocol`.

        Raises:
            RuntimeError: more stops than starts.
        """
        if self.numPorts <= 0:
            raise RuntimeError(f"{self!r} was stopped more often than it was started.")
        self.numPorts -= 1
        self.transport = None
        if self.numPorts == 0:
            self._tell("Stopping")
            self.stopProtocol()

    def _tell(self, what: str) -> None:
        if self.noisy:
            Logger("twisted.internet.protocol", source=self).info(
                "{what} protocol {protocol!r}", what=what, protocol=self
            )

    def startProtocol(self) -> None:
        """The port is open: the place for set-up that needs `transport`."""

    def stopProtocol(self) -> None:
        """The last port is closed: the place to tear down what `startProtocol` set up."""

    def makeConnection(self, transport: Any) -> None:
        """Remember the port and start.

        Raises:
            RuntimeError: this belongs to a port already.
        """
        if self.transport is not None:
            raise RuntimeError(f"{self!r} is in use by {self.transport!r}: make another one.")
        self.transport = transport
        self.doStart()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """A datagram has arrived.

        Args:
            datagram: the payload.
            addr: where it came from: address and port, or the path of a UNIX socket.
        """


@implementer(ILoggingContext)
class DatagramProtocol(AbstractDatagramProtocol):
    """The behaviour of a datagram port."""

    def logPrefix(self) -> str:
        """How lines logged on this port's behalf are marked: the class's name."""
        return self.__class__.__name__

    def connectionRefused(self) -> None:
        """A datagram sent over a connected port found nobody there."""


class ConnectedDatagramProtocol(DatagramProtocol):
    """The behaviour of a UNIX datagram port that talks with one peer."""

    def datagramReceived(  # type: ignore[override]  # documented: one peer, so no address
        self, datagram: bytes
    ) -> None:
        """A datagram has arrived from the peer."""

    def connectionFailed(self, failure: Failure) -> None:
        """The port could not be connected to its peer."""
