"""The receiver of netstrings."""

from __future__ import annotations

from typing import Any

from twisted.logger import Logger
from twisted.protocols.basic._receiver import CALLING, HOLDING, OPEN, SHORT, Receiver, notBytes

__name__ = "twisted.protocols.basic"  # the public path, for pickles and messages


_log = Logger("twisted.protocols.basic")


class NetstringParseError(ValueError):
    """What has been received is not a netstring, or a longer one than is allowed."""


class IncompleteNetstring(Exception):
    """What has been received is the beginning of a netstring.

    Attributes:
        needed: how many bytes there have to be before it is worth looking again.
    """

    def __init__(self, needed: int = 0) -> None:
        super().__init__(needed)
        self.needed = needed


ZERO, COMMA = b"0,"

# Longer than any length that is allowed: enough of a header to tell that it is too long.
_HEADER_LIMIT = 21


def _netstringAt(data: bytes, pos: int, maximum: int) -> tuple[int, int]:
    """Where the string of the netstring that begins at `pos` begins and ends.

    The format is that of https://cr.yp.to/proto/netstrings.txt: the length in decimal
    without needless zeros, a colon, the string, a comma.

    Raises:
        NetstringParseError: it can never be a netstring of at most `maximum` bytes.
        IncompleteNetstring: it may become one.
    """
    colon = data.find(b":", pos, pos + _HEADER_LIMIT)
    digits = data[pos:colon] if colon >= 0 else data[pos : pos + _HEADER_LIMIT]
    if not digits.isdigit():
        raise NetstringParseError(f"a netstring cannot begin with {data[pos : pos + 8]!r}")
    if digits[0] == ZERO and len(digits) > 1:
        raise NetstringParseError(f"the length of a netstring cannot be {digits!r}")
    length = int(digits)
    if length > maximum:
        raise NetstringParseError(f"a netstring of {length} bytes is longer than {maximum}")
    if colon < 0:
        raise IncompleteNetstring(len(digits) + 1)
    end = colon + 1 + length
    if end >= len(data):
        raise IncompleteNetstring(end + 1 - pos)
    if data[end] != COMMA:
        raise NetstringParseError(f"a netstring must end with a comma, not {data[end : end + 1]!r}")
    return colon + 1, end


class NetstringReceiver(Receiver):
    """Receives netstrings, such as ``5:hello,``.

    Override `stringReceived`. A peer that sends anything else is logged and disconnected.

    Attributes:
        MAX_LENGTH: the longest string that is accepted, in bytes. Nothing is kept of a longer
            one: its announcement is enough.
        brokenPeer: whether the peer has sent something else.
    """

    MAX_LENGTH: int = 99999
    brokenPeer: int = 0

    _recvNeeded: int = 0

    def makeConnection(self, transport: Any) -> None:
        """Begin afresh with this transport."""
        self._recvTake()
        self.brokenPeer = 0
        self._recvState = self._recvState
        try:
            self.MAX_LENGTH = self.MAX_LENGTH
        except AttributeError:
            pass  # It is a property.
        super().makeConnection(transport)

    def stringReceived(self, string: bytes) -> None:
        """A string has arrived. Override this."""
        raise NotImplementedError(
            f"{type(self).__name__} has to define stringReceived(self, string)."
        )

    def sendString(self, string: bytes) -> None:
        """Send a string as a netstring.

        Raises:
            TypeError: `string` is a `str`.
        """
        if isinstance(string, str):
            raise notBytes("sendString", string)
        self.transport.write(b"%d:%b," % (len(string), string))

    def _recvIsWorthParsing(self, unread: bytearray, before: int) -> bool:
        return len(unread) >= self._recvNeeded

    def _recvParse(self, watched: Any) -> bool:
        data = self._recvData
        while self._recvPos < len(data):
            try:
                begin, end = _netstringAt(data, self._recvPos, self.MAX_LENGTH)
            except IncompleteNetstring as short:
                self._recvNeeded = short.needed
                return True
            except NetstringParseError as bad:
                self._recvHangUp(bad)
                return False
            self._recvPos = end + 1
            self.stringReceived(data[begin:end])
            if watched.disconnecting:
                self._recvTake()
                return False
        self._recvNeeded = 1
        return True

    def dataReceived(self, data: bytes) -> None:
        """Deliver the strings that `data` completes, unless the peer has sent garbage."""
        # What is a good string, or a good beginning of one, is done with here, for the sake of
        # benchmarks/parser_cases.py, "One" and "Halves".
        if self.brokenPeer:
            return
        kept = self._recvKept
        if kept:  # The state is OPEN.
            data = kept + data
            self._recvKept = b""
        elif self._recvState:
            self._recvLongWay(data)
            return
        transport: Any = self.transport
        digits, colon, rest = data.partition(b":")
        length = -1
        try:
            if (
                colon
                and len(digits) < _HEADER_LIMIT
                and digits.isdigit()
                and digits[0] != ZERO
                and not transport.disconnecting
            ):
                length = int(digits)
        except AttributeError:
            pass  # The transport does not say whether it is closing.
        size = len(rest)
        allowed = 0 <= length <= self.MAX_LENGTH
        if allowed and size == length + 1 and rest[length] == COMMA:
            self._recvState = CALLING
            try:
                self.stringReceived(rest[:length])
            except BaseException:
                self._recvState = HOLDING
                raise
            if self._recvState == CALLING:
                self._recvState = OPEN
            else:
                self._recvState = HOLDING
                self._recvDeliver()
        elif allowed and size <= length and len(data) < SHORT:
            self._recvKept = data
        else:
            self._recvLongWay(data)

    def _recvHangUp(self, offence: NetstringParseError) -> None:
        self.brokenPeer = 1
        self._recvTake()
        _log.info(
            "Closing the connection of {protocol!r}: {offence}", protocol=self, offence=offence
        )
        self.transport.loseConnection()
