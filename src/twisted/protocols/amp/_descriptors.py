"""File descriptors that travel beside boxes, over a UNIX socket."""

from __future__ import annotations

import os
from typing import Any, Final

from zope.interface import implementer

from twisted.internet.interfaces import IFileDescriptorReceiver
from twisted.protocols.amp._errors import MalformedAmpBox

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

#: How many descriptors may have come that no box has asked for. The process has few of them.
MAX_UNCLAIMED: Final = 64


@implementer(IFileDescriptorReceiver)
class DescriptorExchanger:
    """Numbers the descriptors that are sent and received, from 0 on, as both ends do."""

    transport: Any

    # On the class, since subclasses need not call __init__.
    _ampPassed = 0
    _ampCome = 0
    _ampUnclaimed: dict[int, int] | None = None

    def fileDescriptorReceived(self, descriptor: int) -> None:
        """A descriptor has come: keep it until a box asks for it."""
        if self._ampUnclaimed is None:
            self._ampUnclaimed = {}
        self._ampUnclaimed[self._ampCome] = descriptor
        self._ampCome += 1
        if len(self._ampUnclaimed) > MAX_UNCLAIMED:
            self._ampOffend(MalformedAmpBox(f"{len(self._ampUnclaimed)} descriptors without a box"))

    def _ampOffend(self, error: Exception) -> None:
        """The peer has broken the rules: close the connection."""
        raise NotImplementedError

    def _ampPassDescriptor(self, descriptor: int) -> int:
        """Send a descriptor; return its number."""
        self.transport.sendFileDescriptor(descriptor)
        self._ampPassed += 1
        return self._ampPassed - 1

    def _ampClaimDescriptor(self, number: int) -> int:
        """Return the descriptor of that number, which is the caller's from now on."""
        try:
            return (self._ampUnclaimed or {}).pop(number)
        except KeyError:
            raise MalformedAmpBox(f"descriptor {number} has not come with the box") from None

    def _ampCloseDescriptors(self) -> None:
        """Close those that no box has asked for."""
        unclaimed, self._ampUnclaimed = self._ampUnclaimed or {}, None
        for descriptor in unclaimed.values():
            os.close(descriptor)
