"""Compression of headers (RFC 7541), by hpack, with what is known of the field not done twice.

h2 has a decoder and an encoder, and these take their places.

**Decoding.** What h2 makes of headers ends a connection where only a stream is at fault, and looks
at each of them several times. So h2 is not shown them: of a block it gets one field, which is the
block. A block that has changed nothing in the table, because all that it says was said before,
means the same when it comes again; it is decoded once.

**Encoding.** What is worth being remembered by the peer is put into the table until that is full,
and nothing is ever moved in it, so that each field has its number. If much of what is sent is not
in the table it is begun anew. Values that differ each time are sent as they are, and secrets are
never put into the table (RFC 7541, 7.1.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from h2.errors import ErrorCodes
from hpack import Decoder, Encoder, HPACKError, OversizedHeaderListError
from hpack.hpack import encode_integer
from hpack.table import HeaderTable

from twisted.web._http2._errors import ConnectionFault

Field = tuple[bytes, bytes]

#: How many blocks are remembered, and of what length.
_BLOCKS = 64
_BLOCK_BYTES = 1024

#: What the table of an encoder may hold: all indices fit into one byte, and RFC 7541's size.
_MAX_ENTRIES = 64
_MAX_TABLE_BYTES = 4096
_ENTRY_OVERHEAD = 32
#: After so many fields that found no room the table is begun anew.
_MISSES = 200

_STATIC = len(HeaderTable.STATIC_TABLE)
_INDEXED = [bytes([0x80 | index]) for index in range(128)]
_FIXED = {
    (name, value): _INDEXED[index]
    for index, (name, value) in enumerate(HeaderTable.STATIC_TABLE, 1)
    if value
}

#: Values that are seldom the same twice.
_CHANGING = frozenset(
    [
        b":path",
        b"age",
        b"content-length",
        b"content-range",
        b"date",
        b"etag",
        b"expires",
        b"if-modified-since",
        b"if-none-match",
        b"last-modified",
        b"location",
        b"range",
    ]
)
#: Who can have fields sent could find these out, letter by letter, from what gets shorter.
_SECRET = frozenset([b"authorization", b"cookie", b"proxy-authorization", b"set-cookie"])


class Block:
    """A decoded block of headers.

    Attributes:
        fields: as they were sent.
        size: as RFC 9113, 6.5.2 counts it.
        message: what was made of it, by whom that concerns.
    """

    __slots__ = ("fields", "message", "size")

    def __init__(self, fields: list[Any]) -> None:
        self.fields: list[Field] = fields
        self.size = sum([len(name) + len(value) + _ENTRY_OVERHEAD for name, value in fields])
        self.message: Any = None

    def startswith(self, prefix: bytes) -> bool:
        """Whether it has a status that begins so; h2 asks for those below 200."""
        for name, value in self.fields:
            if name == b":status":
                return value.startswith(prefix)
        return False


class BlockDecoder(Decoder):
    """Decodes headers for h2, and keeps them from it."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._known: dict[bytes, Any] = {}
        self._newest: object = None
        self._count = 0

    def decode(self, data: bytes, raw: bool = False) -> Any:
        """One field: the status, if that is asked for, and the value is a `Block`.

        Raises:
            ConnectionFault: it is none. h2 would find a less precise code for that.
            OversizedHeaderListError: it is too long; h2 knows what to do.
        """
        known = self._known.get(data)
        if known is not None:
            return known
        try:
            fields = list(super().decode(data, raw=True))
        except OversizedHeaderListError:
            raise
        except (HPACKError, IndexError) as error:
            message = f"headers that cannot be decoded: {error}"
            raise ConnectionFault(message, ErrorCodes.COMPRESSION_ERROR) from error
        decoded = [(b":status", Block(fields))]
        entries = self.header_table.dynamic_entries
        newest = entries[0] if entries else None
        if newest is not self._newest or len(entries) != self._count:
            self._newest, self._count = newest, len(entries)
            self._known.clear()
        elif len(data) <= _BLOCK_BYTES and data and data[0] & 0xE0 != 0x20:
            # The last was a change of the table's size, which has to be made each time.
            if len(self._known) >= _BLOCKS:
                self._known.clear()
            self._known[data] = decoded
        return decoded


def _text(value: bytes) -> bytes:
    # Not by Huffman's code: that is slow in Python, and saves a fifth of what is sent once.
    return bytes(encode_integer(len(value), 7)) + value


@lru_cache(maxsize=1024)
def _literal(name: bytes, value: bytes, prefix: int, bits: int) -> bytes:
    known = HeaderTable.STATIC_TABLE_MAPPING.get(name)
    start = encode_integer(known[0] if known is not None else 0, bits)
    start[0] |= prefix
    return bytes(start) + (b"" if known is not None else _text(name)) + _text(value)


class FieldEncoder(Encoder):
    """Encodes headers for h2.

    Attributes:
        message: what is encoded next, whatever h2 has of it: it looks at each field several times.
    """

    def __init__(self) -> None:
        super().__init__()
        self.message: Iterable[Any] | None = None
        self._numbers: dict[Field, int] = {}
        self._size = 0
        self._most = _MAX_TABLE_BYTES
        self._misses = 0
        self._anew = False

    @property
    def header_table_size(self) -> int:
        """How large the table may be."""
        return self._most

    @header_table_size.setter
    def header_table_size(self, value: int) -> None:
        value = min(value, _MAX_TABLE_BYTES)
        if value != self._most:
            self._most = value
            self._anew = True

    def encode(self, headers: Iterable[Any], huffman: bool = True) -> bytes:
        """Headers as they are sent.

        Args:
            headers: pairs of a name and a value, if there is no `message`.
            huffman: is not used.
        """
        # Benchmark http2-hello: a lookup or two for each field.
        out = self._begin_anew() if self._anew else []
        if self.message is not None:
            headers, self.message = self.message, None
        numbers = self._numbers
        for field in headers:
            code = _FIXED.get(field)
            if code is None:
                number = numbers.get(field)
                if number is not None:
                    code = _INDEXED[_STATIC + len(numbers) - number]
                else:
                    code = self._new(*field)
            out.append(code)
        return b"".join(out)

    def _new(self, name: bytes, value: bytes) -> bytes:
        if name in _SECRET:
            return _literal(name, value, 0x10, 4)
        if name in _CHANGING:
            return _literal(name, value, 0, 4)
        size = len(name) + len(value) + _ENTRY_OVERHEAD
        if len(self._numbers) >= _MAX_ENTRIES or self._size + size > self._most:
            self._misses += 1
            self._anew = self._misses >= _MISSES and size <= self._most
            return _literal(name, value, 0, 4)
        self._numbers[name, value] = len(self._numbers)
        self._size += size
        return _literal(name, value, 0x40, 6)

    def _begin_anew(self) -> list[bytes]:
        self._anew = False
        self._misses = self._size = 0
        self._numbers.clear()
        sizes = []
        for size in (0, self._most):
            code = encode_integer(size, 5)
            code[0] |= 0x20
            sizes.append(bytes(code))
        return sizes
