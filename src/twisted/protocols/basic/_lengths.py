"""Receivers of strings that have their length before them."""

from __future__ import annotations

from struct import calcsize, pack, unpack_from
from typing import Any

from twisted.protocols.basic._receiver import (
    BUSY,
    CALLING,
    HOLDING,
    OPEN,
    SHORT,
    Receiver,
    _PauseableMixin,
    notBytes,
)

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

    _recvNeeded: int = 0

    @property
    def recvd(self) -> bytes:
        """What has been received and not delivered. Setting it replaces that."""
        return self._recvKept + self._recvData[self._recvPos :] + bytes(self._recvLate or b"")

    @recvd.setter
    def recvd(self, data: bytes) -> None:
        self._recvTake()
        self._recvData = data
        self._recvState = BUSY if self._recvState >= CALLING else HOLDING

    def makeConnection(self, transport: Any) -> None:
        """Remember the transport and call `connectionMade`."""
        self._recvState = self._recvState
        self._recvKept = self._recvKept
        self._recvSkipping = self._recvSkipping
        self.paused = self.paused
        try:
            self.structFormat = self.structFormat
            self.prefixLength = self.prefixLength
            self.MAX_LENGTH = self.MAX_LENGTH
        except AttributeError:
            pass  # One is a property.
        super().makeConnection(transport)

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

    def dataReceived(self, data: bytes) -> None:
        """Deliver the strings that `data` completes, and keep the rest."""
        # What has no string or just one is done with here, for the sake of
        # benchmarks/parser_cases.py, "One" and "Halves".
        kept = self._recvKept
        if kept:  # The state is OPEN.
            data = kept + data
            self._recvKept = b""
        elif self._recvState:
            self._recvLongWay(data)
            return
        transport: Any = self.transport
        size = len(data)
        begin = self.prefixLength
        try:
            simple = not transport.disconnecting and not self.paused
        except AttributeError:
            simple = False  # The transport does not say whether it is closing.
        if not simple:
            self._recvLongWay(data)
            return
        if size < begin:
            self._recvKept = data
            return
        (length,) = unpack_from(self.structFormat, data)
        end = begin + length
        if size == end and length <= self.MAX_LENGTH:
            self._recvState = CALLING
            try:
                self.stringReceived(data[begin:])
            except BaseException:
                self._recvState = HOLDING
                raise
            if self._recvState == CALLING:
                self._recvState = OPEN
            else:
                self._recvState = HOLDING
                self._recvDeliver()
        elif size < end and size < SHORT and length <= self.MAX_LENGTH:
            self._recvKept = data
        else:
            self._recvData = data
            self._recvParseAll(transport)

    def _recvIsWorthParsing(self, unread: bytearray, before: int) -> bool:
        return len(unread) >= self._recvNeeded

    def _recvParse(self, watched: Any) -> bool:
        while not self.paused:
            data = self._recvData
            size = len(data)
            pos = self._recvPos
            if self._recvSkipping:
                skipped = min(self._recvSkipping, size - pos)
                self._recvSkipping -= skipped
                self._recvPos = pos = pos + skipped
            begin = pos + self.prefixLength
            if begin > size:
                self._recvNeeded = self.prefixLength
                return True
            (length,) = unpack_from(self.structFormat, data, pos)
            end = begin + length
            if length > self.MAX_LENGTH:
                self._recvPos = begin
                self._recvSkipping = length
                self.lengthLimitExceeded(length)
            elif end <= size:
                self._recvPos = end
                self.stringReceived(data[begin:end])
            else:
                self._recvNeeded = end - pos
                return True
            if watched.disconnecting:
                self._recvTake()
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
