"""What an event loop watches: descriptors that can be read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Interface

from twisted.internet.interfaces._protocols import ILoggingContext

if TYPE_CHECKING:
    from twisted.python.failure import Failure

__name__ = "twisted.internet.interfaces"  # the public path, for pickles and messages


class IFileDescriptor(ILoggingContext):
    """Something with a file descriptor."""

    def fileno() -> int:
        """The number of the descriptor, or -1 when it is closed."""

    def connectionLost(reason: Failure) -> None:
        """The descriptor is of no more use: release it.

        Args:
            reason: why; usually wraps a `twisted.internet.error.ConnectionClosed`.
        """


class IReadDescriptor(IFileDescriptor):
    """A descriptor that can be read."""

    def doRead() -> Exception | Failure | None:
        """Data can be read, without blocking.

        Returns:
            None to go on; an exception to have `connectionLost` called with it.
        """


class IWriteDescriptor(IFileDescriptor):
    """A descriptor that can be written."""

    def doWrite() -> Exception | Failure | None:
        """Data can be written, without blocking.

        Returns:
            None to go on; an exception to have `connectionLost` called with it.
        """


class IReadWriteDescriptor(IReadDescriptor, IWriteDescriptor):
    """A descriptor that can be read and written."""


class IHalfCloseableDescriptor(Interface):
    """A descriptor whose two directions close one by one."""

    def writeConnectionLost(reason: Failure) -> None:
        """Our half is closed."""

    def readConnectionLost(reason: Failure) -> None:
        """The peer has closed its half."""
