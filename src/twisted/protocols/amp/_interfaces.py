"""What the parts of an AMP connection expect of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import Interface

if TYPE_CHECKING:
    from twisted.protocols.amp._boxes import AmpBox
    from twisted.python.failure import Failure

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages


class IArgumentType(Interface):
    """How one argument travels in a box."""

    def fromBox(
        name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any
    ) -> Any:
        """Take the strings of an argument out of a box that was received.

        Args:
            name: the name of the argument, as in the box.
            strings: the box.
            objects: gets the object, under the name that it has in Python.
            proto: who has received the box.
        """

    def toBox(name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> Any:
        """Put an argument into a box that is to be sent.

        Args:
            name: the name of the argument, as in the box.
            strings: the box, which gets the strings.
            objects: the objects, by their names in Python; the one that is used is removed.
            proto: who sends the box.
        """


class IBoxSender(Interface):
    """Sends boxes."""

    def sendBox(box: AmpBox) -> Any:
        """Send a box.

        Raises:
            ProtocolSwitched: The connection speaks another protocol now.
            ConnectionLost: There is no connection.
        """

    def unhandledError(failure: Failure) -> Any:
        """An error has happened that nobody takes care of: log it, and close the connection."""


class IBoxReceiver(Interface):
    """Gets boxes."""

    def startReceivingBoxes(boxSender: Any) -> Any:
        """Boxes will come now; answers may be sent.

        Args:
            boxSender: an `IBoxSender`.
        """

    def ampBoxReceived(box: AmpBox) -> Any:
        """A box has come."""

    def stopReceivingBoxes(reason: Failure) -> Any:
        """No more boxes will come."""


class IResponderLocator(Interface):
    """Knows who answers which command."""

    def locateResponder(name: bytes) -> Any:
        """Return a function that takes the box of a command and returns that of the answer.

        It may return a Deferred of it.

        Args:
            name: the command.

        Returns:
            The function; None if there is none.
        """
