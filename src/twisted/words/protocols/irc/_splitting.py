"""Text in pieces that fit into lines of so many bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

__name__ = "twisted.words.protocols.irc"  # the public path, for messages

_LINE_ENDS = re.compile("\r\n|\r|\n")
#: Bytes of the longest character in UTF-8.
_WIDEST = 4


def split(str: str, length: int = 80) -> list[str]:  # the documented name
    """Split text into pieces, between words where that is possible.

    Args:
        str: the text. Each of its lines begins a new piece; empty ones are left out.
        length: the most bytes of a piece, as UTF-8. No character is cut.

    Returns:
        The pieces, without the spaces at which the text was split.

    Raises:
        ValueError: `length` is too small for one of the characters.
    """
    if length <= 0:
        raise ValueError(f"A piece of at most {length} bytes holds no text: split at more.")
    return [piece for line in _LINE_ENDS.split(str) for piece in _wrapped(line, length)]


def _wrapped(line: str, length: int) -> Iterator[str]:
    """The pieces of one line; spaces at its beginning stay."""
    while line := line.rstrip(" "):
        # Characters are no shorter than a byte, so this need not look at all of a long text.
        head = line[: length + 1].encode("utf-8", "surrogatepass")
        if len(head) <= length:
            yield line
            return
        end = len(_whole(head[:length]))
        if not end:
            raise ValueError(
                f"{line[0]!r} does not fit into a piece of {length} bytes: allow {_WIDEST}."
            )
        if line[end] != " ":
            end = line.rfind(" ", 0, end) if line[:end].lstrip(" ").rfind(" ") > 0 else end
        if piece := line[:end].rstrip(" "):
            yield piece
        line = line[end:].lstrip(" ")


def _whole(data: bytes) -> str:
    """The characters of which all bytes are there."""
    for cut in range(_WIDEST):
        try:
            return data[: len(data) - cut].decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            continue
    return ""
