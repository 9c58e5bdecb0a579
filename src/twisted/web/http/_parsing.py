"""Small things that HTTP is made of, for those who put it together themselves."""

from __future__ import annotations

import re
from urllib.parse import ParseResultBytes, unquote_to_bytes
from urllib.parse import urlparse as _urlparse

__name__ = "twisted.web.http"  # the public path, for pickles and messages

_chunkSize = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;[\t\x20-\x7e\x80-\xff]*)?").fullmatch
_contentRange = re.compile(r"([0-9]+)-([0-9]+)/([0-9]+|\*)").fullmatch


def urlparse(url: bytes) -> ParseResultBytes:
    """Take a URL apart; see `urllib.parse.urlparse`. All parts are bytes.

    Raises:
        TypeError: `url` is a str.
    """
    if isinstance(url, str):
        raise TypeError(f"urlparse takes bytes: urlparse({url!r}.encode('ascii'))")
    return _urlparse(url)


def parse_qs(
    qs: bytes, keep_blank_values: bool | int = 0, strict_parsing: bool | int = 0
) -> dict[bytes, list[bytes]]:
    """The fields of a query, or of a form that is sent as one.

    Args:
        qs: such as ``b"a=1&b=2&a=3"``.
        keep_blank_values: whether fields without a value count.
        strict_parsing: whether a field without ``=`` is an error, and not ignored.

    Returns:
        The values of each field, in their order.

    Raises:
        ValueError: there is an error, and `strict_parsing`.
    """
    found: dict[bytes, list[bytes]] = {}
    for field in qs.replace(b"+", b" ").split(b"&"):
        name, equals, value = field.partition(b"=")
        if not equals and (strict_parsing and field):
            raise ValueError(f"a field without a value: {field!r}")
        if value or (keep_blank_values and field):
            if b"%" in field:
                name, value = unquote_to_bytes(name), unquote_to_bytes(value)
            found.setdefault(name, []).append(value)
    return found


def toChunk(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """A chunk: what to send, in parts, which are for `writeSequence`."""
    return b"%x" % len(data), b"\r\n", data, b"\r\n"


def fromChunk(data: bytes) -> tuple[bytes, bytes]:
    """Take one chunk off the beginning of `data`.

    Returns:
        What is in the chunk, and what follows it.

    Raises:
        ValueError: there is no whole chunk.
    """
    line, found, rest = data.partition(b"\r\n")
    match = _chunkSize(line)
    if not found or match is None:
        raise ValueError(f"not the size of a chunk: {line[:20]!r}")
    size = int(match.group(1), 16)
    if rest[size : size + 2] != b"\r\n":
        raise ValueError(f"a chunk of {size} bytes does not end there")
    return rest[:size], rest[size + 2 :]


def parseContentRange(header: str) -> tuple[int, int, int | None]:
    """Take the value of a `Content-Range` apart.

    Returns:
        The first byte, the last, and how many there are of all; None if that is not told.

    Raises:
        ValueError: it is none, or not in bytes.
    """
    kind, _, other = header.strip().partition(" ")
    if kind.lower() != "bytes":
        raise ValueError(f"a range in {kind!r}, not in bytes")
    match = _contentRange(other)
    if match is None:
        raise ValueError(f"not a range: {other!r}")
    begin, end, size = match.groups()
    return int(begin), int(end), None if size == "*" else int(size)
