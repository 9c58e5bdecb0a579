"""Boxes, and finding them in a stream.

A box is a sequence of pairs. Each key and each value has its length before it, as two bytes in
network order; an empty key ends the box. Keys have 1 to 255 bytes, so that the first byte of a
length of a key is always zero: a stream that is something else is found out at once.

`BoxParser` is without input and output. It hands out one box at a time, and what follows a box can
be taken from it unread, because after some boxes the connection speaks another protocol.
"""

from __future__ import annotations

from typing import IO, Any, Final

from twisted.protocols.amp._errors import MalformedAmpBox, TooLong

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

#: A length is two bytes; that of a key has to leave the first of them zero.
MAX_KEY_LENGTH: Final = 0xFF
MAX_VALUE_LENGTH: Final = 0xFFFF
#: The format does not limit the number of keys. This is 256 values of the greatest length.
MAX_BOX_LENGTH: Final = 256 * (MAX_VALUE_LENGTH + 1)

# To look a short length up is faster than to pack it.
_LENGTHS: Final = [size.to_bytes(2, "big") for size in range(MAX_KEY_LENGTH + 1)]
_END: Final = b"\0\0"
# What the two lengths of a pair, and one for the object in memory, count for at least: many small
# pairs are as good a way to fill memory as one large value.
_PAIR: Final = 128


def lengthBefore(value: bytes, key: bytes | None = None) -> bytes:
    """Return what goes before a value: its length, as two bytes.

    Raises:
        TooLong: It does not fit. `key` is for the message.
    """
    size = len(value)
    if size <= MAX_KEY_LENGTH:
        return _LENGTHS[size]
    if size > MAX_VALUE_LENGTH:
        raise TooLong(False, True, value, key)
    return size.to_bytes(2, "big")


class AmpBox(dict[bytes, bytes]):
    """Keys and values, both bytes, that travel together.

    Keys that are text, such as those of keyword arguments, are encoded.
    """

    def __init__(self, *args: Any, **kw: Any) -> None:
        if not args and not kw:
            return
        super().__init__(*args, **kw)
        for key in list[Any](self):
            if isinstance(key, str):
                self[key.encode("ascii")] = self.pop(key)  # type: ignore[call-overload]  # to be mended

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict.__repr__(self)})"

    def copy(self) -> AmpBox:
        """Return another box with the same keys and values."""
        return type(self)(self)

    def serialize(self) -> bytes:
        """Return the bytes that stand for the box.

        Raises:
            TooLong: A key or value is longer than the format allows.
            TypeError: A key or value is not bytes.
            ValueError: A key is empty.
        """
        parts: list[bytes] = []
        try:
            for key, value in sorted(self.items()):
                size = len(key)
                if not 0 < size <= MAX_KEY_LENGTH:
                    raise _badKey(key)
                parts += (_LENGTHS[size], key, lengthBefore(value, key), value)
            parts.append(_END)
            return b"".join(parts)
        except TypeError:
            raise self._complaint() from None

    def _complaint(self) -> TypeError:
        for key, value in self.items():
            for what, part in (("the key", key), (f"the value of {key!r}", value)):
                if not isinstance(part, bytes):
                    return TypeError(
                        f"a box holds bytes, but {what} is {part!r}: encode text first, "
                        f'as in text.encode("utf-8")'
                    )
        return TypeError("a box holds bytes")

    def _ampEmit(self, protocol: Any) -> None:
        """Send this box, and do what else is due when it has been sent.

        Args:
            protocol: what sends boxes.
        """
        protocol.sendBox(self)


Box = AmpBox


class QuitBox(AmpBox):
    """A box after which the connection is closed."""

    def _ampEmit(self, protocol: Any) -> None:
        """Send this box, and close the connection."""
        protocol.sendBox(self)
        protocol.transport.loseConnection()


def _badKey(key: bytes) -> Exception:
    if key:
        return TooLong(True, True, key, None)
    return ValueError("a key in a box cannot be empty: that would end the box")


class BoxParser:
    """Finds boxes in a stream, however it is split.

    Args:
        maxBoxLength: how many bytes one box may have, a little being added for each pair.
    """

    __slots__ = ("_box", "_data", "_key", "_late", "_maxBoxLength", "_needed", "_pos", "_size")

    def __init__(self, maxBoxLength: int = MAX_BOX_LENGTH) -> None:
        self._maxBoxLength = maxBoxLength
        self._box = AmpBox()
        self._size = 0
        self._key: bytes | None = None
        # What has not been parsed is _data[_pos:], and after it _late, which grows until it has the
        # bytes that are needed: so bytes are copied twice, and not once for each small piece.
        self._data = b""
        self._pos = 0
        self._late = bytearray()
        self._needed = 0

    @property
    def idle(self) -> bool:
        """Whether nothing of a further box has come."""
        empty = self._pos >= len(self._data) and not self._late
        return empty and not self._box and self._key is None

    def receive(self, data: bytes) -> None:
        """Take more of the stream; call `next` after it."""
        if self._pos < len(self._data) or self._late:
            self._late += data
        else:
            self._data = data
            self._pos = 0

    def take(self) -> bytes:
        """Return what has not been parsed of the stream, and forget it."""
        rest = self._data[self._pos :] + self._late
        self._data = b""
        self._pos = 0
        self._late.clear()
        return rest

    def next(self) -> AmpBox | None:
        """Return the next box, or None if there is none yet.

        Raises:
            TooLong: A key is too long. The stream cannot be read any further.
            MalformedAmpBox: A box is too long.
        """
        if self._late:
            if len(self._data) - self._pos + len(self._late) < self._needed:
                return None
            self._data = self.take()
        # One function, and no object but the box: benchmarks/amp_cases.py, "parse".
        data = self._data
        pos = self._pos
        size = len(data)
        box = self._box
        key = self._key
        while pos + 2 <= size:
            begin = pos + 2
            end = begin + (data[pos] << 8) + data[pos + 1]
            if key is not None:
                if self._size + end - begin > self._maxBoxLength:
                    raise MalformedAmpBox(f"a box is longer than {self._maxBoxLength} bytes")
                if end > size:
                    break
                self._size += end - begin
                box[key] = data[begin:end]
                key = None
            elif end > begin:
                if data[pos]:
                    raise TooLong(True, False, None, None)
                if end > size:
                    break
                key = data[begin:end]
                self._size += _PAIR + end - begin
            else:
                self._pos = end
                self._key = None
                self._box = AmpBox.__new__(AmpBox)
                self._size = self._needed = 0
                return box
            pos = end
        self._needed = end - pos if pos + 2 <= size else 2
        self._pos = pos
        self._key = key
        return None


def parse(fileObj: IO[bytes]) -> list[AmpBox]:
    """Return all boxes in a file.

    Raises:
        MalformedAmpBox: It ends in the middle of a box.
        TooLong: A key is too long.
    """
    return parseString(fileObj.read())


def parseString(data: bytes) -> list[AmpBox]:
    """Return all boxes in bytes.

    Raises:
        MalformedAmpBox: They end in the middle of a box.
        TooLong: A key is too long.
    """
    parser = BoxParser(maxBoxLength=max(MAX_BOX_LENGTH, len(data) * _PAIR))
    parser.receive(data)
    boxes = []
    while (box := parser.next()) is not None:
        boxes.append(box)
    if not parser.idle:
        raise MalformedAmpBox(f"{len(data)} bytes end in the middle of box {len(boxes) + 1}")
    return boxes
