"""The mask of what clients send (RFC 6455, 5.3): each byte of four, in turn, XORed to the data."""

from __future__ import annotations

#: From this length on, four translations of every fourth byte are faster than one large number.
_LONG = 2048
_XOR = [bytes(byte ^ key for byte in range(256)) for key in range(256)]


def masked(data: bytes, key: bytes) -> bytes:
    """Mask `data`, or take the mask off.

    Args:
        data: the bytes.
        key: four bytes.
    """
    size = len(data)
    if size < _LONG:
        # Benchmark websocket-echo: numbers are XORed in C.
        pad = (key * (size // 4 + 1))[:size]
        return (int.from_bytes(data) ^ int.from_bytes(pad)).to_bytes(size)
    result = bytearray(data)
    for place in range(4):
        result[place::4] = result[place::4].translate(_XOR[key[place]])
    return bytes(result)


def rotated(key: bytes, by: int) -> bytes:
    """The mask for what follows `by` bytes that it was used for."""
    by &= 3
    return key[by:] + key[:by] if by else key
