"""Small services for lines of text: wrapping, quoting, indenting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, AnyStr

__all__ = [
    "endsInNewline",
    "greedyWrap",
    "isMultiline",
    "removeLeadingBlanks",
    "removeLeadingTrailingBlanks",
    "splitQuoted",
    "strFile",
    "stringyString",
    "wordWrap",
]

_READ_SIZE = 65536

# A word of `splitQuoted`: a run of unquoted text and "quoted" or 'quoted' pieces.
_WORD = re.compile(r"""(?:[^\s"']+|"[^"]*(?:"|$)|'[^']*(?:'|$))+""")
_PIECE = re.compile(r"""[^\s"']+|"[^"]*(?:"|$)|'[^']*(?:'|$)""")


def isMultiline(s: str) -> bool:
    """Whether the text has a line break in it."""
    return "\n" in s


def endsInNewline(s: str) -> bool:
    """Whether the text ends with a line break."""
    return s.endswith("\n")


def _fill(words: Sequence[str], width: int) -> Iterator[str]:
    line: list[str] = []
    used = 0
    for word in words:
        if line and used + 1 + len(word) > width:
            yield " ".join(line)
            line, used = [], 0
        used += len(word) + bool(line)
        line.append(word)
    if line:
        yield " ".join(line)


def greedyWrap(inString: str, width: int = 80) -> list[str]:
    """Break a text into lines.

    Each line takes as many words as fit.  An empty line in the text ends a paragraph, and gives
    an empty line.  A word that is wider than a line stands on one of its own, whole.

    Args:
        inString: the text; other white space only separates words.
        width: how many characters a line has at most.
    """
    lines: list[str] = []
    for number, paragraph in enumerate(re.split(r"\n[^\S\n]*\n", inString.strip())):
        if number:
            lines.append("")
        lines.extend(_fill(paragraph.split(), width))
    return lines


wordWrap = greedyWrap


def removeLeadingBlanks(lines: Sequence[str]) -> list[str]:
    """The lines from the first one on that is not blank."""
    for number, line in enumerate(lines):
        if line.strip():
            return list(lines[number:])
    return []


def removeLeadingTrailingBlanks(s: str) -> str:
    """The text without blank lines at its start and end; the last line ends in a newline."""
    inner = removeLeadingBlanks(s.split("\n"))
    inner.reverse()
    inner = removeLeadingBlanks(inner)
    inner.reverse()
    return "\n".join(inner) + "\n"


def splitQuoted(s: str) -> list[str]:
    """Split at white space, except between quotes.

    Both kinds of quotes serve, and each protects the other.  The quotes themselves are dropped
    only when they surround a whole word; ``a"b"`` stays as it is.  A quote that is never closed
    reaches to the end.
    """
    words: list[str] = []
    for match in _WORD.finditer(s):
        word = match.group()
        pieces = _PIECE.findall(word)
        if len(pieces) == 1 and word[0] in "\"'":
            mark = word[0]
            word = word[1:]
            word = word[:-1] if word.endswith(mark) else word
        words.append(word)
    return words


def strFile(p: AnyStr, f: IO[AnyStr], caseSensitive: bool = True) -> bool:
    """Whether a text occurs in what is still to be read from a file.

    Args:
        p: what to look for.
        f: where; it is read from its position on, piece by piece.
        caseSensitive: whether capitals matter.
    """
    wanted = p if caseSensitive else p.lower()
    held = wanted[:0]
    while True:
        piece = f.read(_READ_SIZE)
        if not piece:
            return not wanted
        held += piece if caseSensitive else piece.lower()
        if wanted in held:
            return True
        held = held[max(len(held) - len(wanted) + 1, 0) :]


def stringyString(object: object, indentation: str = "") -> str:
    """A readable text for nested dicts and lists; other objects as `str` shows them.

    Args:
        object: what to show.
        indentation: what each line begins with.
    """
    if isinstance(object, Mapping):
        return "\n".join(
            _entry(f"{key}: ", stringyString(value, indentation + "   "), indentation, value)
            for key, value in object.items()
        )
    if isinstance(object, (list, tuple)):
        inner = [stringyString(value, indentation + " ") for value in object]
        return "\n".join(_brackets(object, inner, indentation))
    return "\n".join(indentation + line for line in str(object).split("\n"))


def _entry(label: str, shown: str, indentation: str, value: object) -> str:
    if isinstance(value, Mapping) or isMultiline(shown):
        return indentation + label.rstrip() + "\n" + shown
    return indentation + label + shown.strip()


def _brackets(sequence: Sequence[object], inner: list[str], indentation: str) -> list[str]:
    opening, closing = "()" if isinstance(sequence, tuple) else "[]"
    return [indentation + opening, *inner, indentation + closing]
