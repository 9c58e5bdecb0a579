"""The client-to-client protocol: requests and answers inside of messages, and its two quotings.

A message of CTCP lies between two `X_DELIM` in the text of a PRIVMSG (a request) or a NOTICE (an
answer): a tag, a space, data. The lower quoting keeps CR, LF and NUL out of lines, the higher one
`X_DELIM` out of messages.

Source: "The Client-To-Client Protocol (CTCP)" of Zeuge, Rollo and Mesander.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from twisted.words.protocols.irc._grammar import CR, NL, NUL

__name__ = "twisted.words.protocols.irc"  # the public path, for messages

M_QUOTE = chr(0o20)
X_DELIM = chr(0o1)
X_QUOTE = chr(0o134)

#: What is quoted in a line, and by what; and back.
mQuoteTable = {NUL: M_QUOTE + "0", NL: M_QUOTE + "n", CR: M_QUOTE + "r", M_QUOTE: M_QUOTE * 2}
mDequoteTable = {quoted[1]: plain for plain, quoted in mQuoteTable.items()}
#: What is quoted in a message of CTCP, and by what; and back.
xQuoteTable = {X_DELIM: X_QUOTE + "a", X_QUOTE: X_QUOTE * 2}
xDequoteTable = {quoted[1]: plain for plain, quoted in xQuoteTable.items()}

_M_TRANSLATION = str.maketrans(mQuoteTable)
_X_TRANSLATION = str.maketrans(xQuoteTable)
_M_QUOTED = re.compile(f"{M_QUOTE}(.)", re.DOTALL)
_X_QUOTED = re.compile(r"\\(.)", re.DOTALL)

#: A message of CTCP: its tag, and its data, which may be several pieces or None.
Message = tuple[str, str | Sequence[str] | None]


def lowQuote(s: str) -> str:
    """Text as it may be in a line: without CR, LF and NUL."""
    return s.translate(_M_TRANSLATION)


def lowDequote(s: str) -> str:
    """The text that `lowQuote` was given; a quote of nothing known is dropped."""
    if M_QUOTE not in s:
        return s
    return _M_QUOTED.sub(lambda found: mDequoteTable.get(found[1], found[1]), s)


def ctcpQuote(s: str) -> str:
    """Text as it may be in a message of CTCP: without `X_DELIM`."""
    return s.translate(_X_TRANSLATION)


def ctcpDequote(s: str) -> str:
    """The text that `ctcpQuote` was given; a quote of nothing known is dropped."""
    if X_QUOTE not in s:
        return s
    return _X_QUOTED.sub(lambda found: xDequoteTable.get(found[1], found[1]), s)


def ctcpExtract(message: str) -> dict[str, list[tuple[str, str | None]] | list[str]]:
    """Find the messages of CTCP in the text of a message.

    Args:
        message: the text.

    Returns:
        ``"extended"``: those messages, each a tag and its data or None; ``"normal"``: what is
        before, after and between them.
    """
    extended, normal = extract(message)
    return {"extended": extended, "normal": normal}


def extract(message: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    """The messages of CTCP in a text, and what is not in one: see `ctcpExtract`."""
    pieces = message.split(X_DELIM)
    extended: list[tuple[str, str | None]] = []
    for piece in pieces[1::2]:
        if piece:
            tag, space, data = ctcpDequote(piece).partition(" ")
            extended.append((tag, data if space else None))
    return extended, [piece for piece in pieces[::2] if piece]


def ctcpStringify(messages: Iterable[Message]) -> str:
    """Put messages of CTCP into the text of a message.

    Args:
        messages: each a tag and its data: a text, several (with spaces in between) or None.

    Returns:
        The text.
    """
    return "".join(_stringify(tag, data) for tag, data in messages)


def _stringify(tag: str, data: object) -> str:
    if not data:
        text = tag
    elif isinstance(data, (list, tuple)):
        text = " ".join([tag, *map(str, data)])
    else:
        text = f"{tag} {data}"
    return X_DELIM + ctcpQuote(text) + X_DELIM
