"""Receivers of strings that have their length before them."""

from __future__ import annotations

from struct import calcsize, pack, unpack_from
from typing import Any

from twisted.protocols.basic._receiver import Receiver, _PauseableMixin, notBytes

__name__ = "twisted.protocols.basic"  # the public path, for pickles and messages


class StringTooLongError(AssertionError):
    """A string is too long for its length to be sent before it."""


class IntNStringReceiver(Receiver, _PauseableMixin):
    """Receives strings that have their length, as a number of fixed size, before them.

    Use a subclass, or make one, and override `stringReceived`.

    Attributes:
        structFormat: how the length is written, in the words of the `struct` module.
        prefixLength: how many bytes that takes.
        MAX_LENGTH: the longest string that is accepted, in bytes. A longer one goes to
            `lengthLimitExceeded`, and is never held in memory.
        recvd: what has been received and not delivered.
    """

    structFormat: str = "!I"
    prefixLength: int = 4
    MAX_LENGTH: int = 99999

    _needed: int = 0
    # How much is still to come of a string that is too long.
    _skipping: int = 0

    @property
    def recvd(self) -> bytes:
        """What has been received and not delivered. Setting it replaces that."""
        return self._data[self._pos :] + bytes(self._late or b"")

    @recvd.setter
    def recvd(self, data: bytes) -> None:
        self._takeUnread()
        self._data = data

    def stringReceived(self, string: bytes) -> None:
        """A string has arrived. Override this."""
        raise NotImplementedError(
            f"{type(self).__name__} has to define stringReceived(self, string)."
        )

    def lengthLimitExceeded(self, length: int) -> None:
        """A string longer than `MAX_LENGTH` is announced. This closes the connection.

        When overridden by something that does not, that string is skipped.

        Args:
            length: its length in bytes.
        """
        self.transport.loseConnection()

    def sendString(self, string: bytes) -> None:
        """Send a string, after its length.

        Raises:
            TypeError: `string` is a `str`.
            StringTooLongError: its length does not fit.
        """
        if isinstance(string, str):
            raise notBytes("sendString", string)
        if len(string) >= 1 << (8 * self.prefixLength):
            raise StringTooLongError(
                f"{len(string)} bytes are too many for a length of {self.prefixLength} bytes: "
                f"send at most {(1 << (8 * self.prefixLength)) - 1}."
            )
        self.transport.write(b"".join((pack(self.structFormat, len(string)), string)))

    def _isWorthParsing(self, unread: bytearray, before: int) -> bool:
        return len(unread) >= self._needed

    def _parse(self, watched: Any) -> bool:
        while not self.paused:
            data = self._data
            pos = self._pos
            if self._skipping:
                skipped = min(self._skipping, len(data) - pos)
                self._skipping -= skipped
                self._pos = pos = pos + skipped
            begin = pos + self.prefixLength
            if begin > len(data):
                self._needed = self.prefixLength
                return True
            (length,) = unpack_from(self.structFormat, data, pos)
            end = begin + length
            if length > self.MAX_LENGTH:
                self._pos = begin
                self._skipping = length
                self.lengthLimitExceeded(length)
            elif end <= len(data):
                self._pos = end
                self.stringReceived(data[begin:end])
            else:
                self._needed = end - pos
                return True
            if watched.disconnecting:
                self._takeUnread()
                return False
        return False


class Int32StringReceiver(IntNStringReceiver):
    """Receives strings with their length before them, as 32 bits in network order."""

    structFormat = "!I"
    prefixLength = calcsize(structFormat)


class Int16StringReceiver(IntNStringReceiver):
    """Receives strings with their length before them, as 16 bits in network order."""

    structFormat = "!H"
    prefixLength = calcsize(structFormat)


class Int8StringReceiver(IntNStringReceiver):
    """Receives strings with their length before them, as 8 bits."""

    structFormat = "!B"
    prefixLength = calcsize(structFormat)


class StatefulStringProtocol:
    """Gives each string to the method for the present state.

    Mix it into a receiver of strings, before the receiver, and define the methods
    ``proto_<state>(string)``. Each returns the name of the next state; after "done" the
    connection is closed.

    Attributes:
        state: the present state.
    """

    transport: Any
    state: str = "init"

    def stringReceived(self, string: bytes) -> None:
        """Call the method for the state, and go to the state that it returns."""
        self.state = getattr(self, f"proto_{self.state}")(string)
        if self.state == "done":
            self.transport.loseConnection()
