"""permessage-deflate (RFC 7692): what is agreed on, and messages made small and large again.

Theory of operation. Nothing is inflated further than there is room for it: `Inflater.inflate` is
told how much that is, and stops there, so that a bomb costs no more than the largest message. The
work areas of zlib are made when the first compressed message comes or goes; the one for compression
takes four times the window, and is made small: most messages are smaller than the window.

Parameters that do not belong there, or twice, make an offer one that is declined, and an answer
one that ends the connection (7.1).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from twisted.web._websocket._errors import HandshakeError, RemoteError

NAME = "permessage-deflate"
#: What a client says that it can do: have its window made smaller.
OFFER = b"permessage-deflate; client_max_window_bits"

#: Messages shorter than this are sent as they are: deflate takes longer than it saves.
_WORTH = 128
#: The windows that we ask for, and those that there are. zlib cannot deflate with a window of 8.
_WINDOW_BITS = 12
_MOST_BITS = 15
_LEAST_BITS = 8
_LEVEL = 6
#: With this and a window of 12 bits, zlib takes 32 KiB for a connection, instead of 256.
_MEMORY_LEVEL = 5
#: What ends each flush; it is not sent (7.2.1).
_TAIL = b"\x00\x00\xff\xff"
#: Blocks in a message that say that they are the last. Senders use none, or one; each costs a new
#: work area.
_MOST_LAST_BLOCKS = 16
_WINDOW_BYTES = 1 << _MOST_BITS

Parameters = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Deflate:
    """What two peers have agreed on, as one of them sees it.

    Attributes:
        send_bits, receive_bits: the windows, as powers of two.
        send_fresh, receive_fresh: whether each message begins without what was in those before.
    """

    send_bits: int = _MOST_BITS
    receive_bits: int = _MOST_BITS
    send_fresh: bool = False
    receive_fresh: bool = False


def _read(parameters: Parameters, valueless: str) -> dict[str, int] | None:
    """The parameters by name; None if one of them is not as it should be.

    Args:
        parameters: what was offered or answered.
        valueless: the one that tells a window, but may come without a value.
    """
    found: dict[str, int] = {}
    for name, value in parameters:
        if name in found:
            return None
        if name in ("server_no_context_takeover", "client_no_context_takeover"):
            if value is not None:
                return None
            found[name] = 1
        elif name in ("server_max_window_bits", "client_max_window_bits"):
            if value is None and name == valueless:
                found[name] = _MOST_BITS
            elif value in _BITS:
                found[name] = _BITS[value]
            else:
                return None
        else:
            return None
    return found


_BITS: Mapping[str | None, int] = {str(bits): bits for bits in range(_LEAST_BITS, _MOST_BITS + 1)}


def accept(parameters: Parameters) -> tuple[Deflate, bytes] | None:
    """As a server: what to agree on, and the answer to say so; None if the offer will not do."""
    offer = _read(parameters, valueless="client_max_window_bits")
    if offer is None:
        return None
    send_bits = min(offer.get("server_max_window_bits", _MOST_BITS), _WINDOW_BITS)
    if send_bits == _LEAST_BITS:
        return None
    answer = [NAME]
    send_fresh = "server_no_context_takeover" in offer
    if send_fresh:
        answer.append("server_no_context_takeover")
    receive_fresh = "client_no_context_takeover" in offer
    if receive_fresh:
        answer.append("client_no_context_takeover")
    answer.append(f"server_max_window_bits={send_bits}")
    receive_bits = _MOST_BITS
    if "client_max_window_bits" in offer:
        receive_bits = min(offer["client_max_window_bits"], _WINDOW_BITS)
        answer.append(f"client_max_window_bits={receive_bits}")
    agreed = Deflate(send_bits, receive_bits, send_fresh, receive_fresh)
    return agreed, "; ".join(answer).encode("ascii")


def agreed(parameters: Parameters) -> Deflate:
    """As a client: what the server's answer to `OFFER` says.

    Raises:
        HandshakeError: it is none.
    """
    answer = _read(parameters, valueless="")
    if answer is None:
        raise HandshakeError("the server answers permessage-deflate with what was not offered")
    send_bits = answer.get("client_max_window_bits", _MOST_BITS)
    if send_bits == _LEAST_BITS:
        raise HandshakeError("the server wants a window of 256 bytes, which zlib cannot have")
    return Deflate(
        min(send_bits, _WINDOW_BITS),
        answer.get("server_max_window_bits", _MOST_BITS),
        "client_no_context_takeover" in answer,
        "server_no_context_takeover" in answer,
    )


class Deflater:
    """Makes messages small.

    Args:
        agreed: how.
    """

    def __init__(self, agreed: Deflate) -> None:
        self._bits = agreed.send_bits
        self._fresh = agreed.send_fresh
        self._compressor: zlib._Compress | None = None

    def deflate(self, data: bytes) -> bytes | None:
        """A message as it is sent; None if it is not worth it."""
        if len(data) < _WORTH:
            return None
        compressor = self._compressor
        if compressor is None:
            compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -self._bits, _MEMORY_LEVEL)
            if not self._fresh:
                self._compressor = compressor
        small = compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return small[: -len(_TAIL)]


class Inflater:
    """Makes messages large again, up to a limit.

    Args:
        agreed: how they were made small.
    """

    def __init__(self, agreed: Deflate) -> None:
        self._bits = agreed.receive_bits
        self._fresh = agreed.receive_fresh
        self._decompressor: zlib._Decompress | None = None
        self._ends = 0

    def inflate(self, data: bytes, before: bytearray, most: int, last: bool) -> bytes:
        """A piece of a message.

        Args:
            data: the piece as it was sent.
            before: what has come out of this message so far.
            most: how large the message may be.
            last: whether the message ends here.

        Raises:
            RemoteError: it is no deflated data (1007), or too much comes out (1009).
        """
        if last:
            data += _TAIL
        room = most - len(before)
        pieces = []
        decompressor = self._decompressor
        try:
            while True:
                if decompressor is None:
                    decompressor = zlib.decompressobj(-self._bits)
                piece = decompressor.decompress(data, room + 1)
                room -= len(piece)
                if room < 0:
                    raise RemoteError(f"a message of more than {most} bytes, inflated", 1009)
                pieces.append(piece)
                if not decompressor.eof:
                    break
                data = decompressor.unused_data
                decompressor = self._restart(before, pieces)
                if not data or (last and data == _TAIL):
                    break
        except zlib.error as error:
            raise RemoteError(f"a message that cannot be inflated: {error}", 1007)
        if last:
            self._ends = 0
            if self._fresh:
                decompressor = None
        self._decompressor = decompressor
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _restart(self, before: bytearray, pieces: list[bytes]) -> zlib._Decompress:
        """After a block that says that it is the last, and is not (7.2.3.4)."""
        self._ends += 1
        if self._ends > _MOST_LAST_BLOCKS:
            raise RemoteError(
                "a message with too many blocks that say that they are the last", 1007
            )
        # What zlib remembered is gone. What this message has said so far can still be referred to.
        window = (bytes(before[-_WINDOW_BYTES:]) + b"".join(pieces))[-_WINDOW_BYTES:]
        return zlib.decompressobj(-self._bits, zdict=window)
