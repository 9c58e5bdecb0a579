"""The tags of a message, each with the text behind it.

Theory of operation. Nearly all messages are of tags and text alone, and one regular expression
finds these, without a call for each of them as expat has it. What has anything else in it, even a
reference to a character, an attribute or a carriage return, is left to expat. Both find the same
tags, which a test compares.

What does not work: to take references and attributes too. Then it would be a parser of XML, and
there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import cast
from xml.parsers.expat import ExpatError, ParserCreate

from twisted.web.xmlrpc._errors import BadMessage

__name__ = "twisted.web.xmlrpc"  # the public path, for pickles and messages

#: A tag: a slash if it ends an element, its name, a slash if it does both, and the text behind it.
Token = tuple[str, str, str, str]

#: The tags of longer messages are not all kept at a time.
SMALL = 64 * 1024
#: So much is given to expat at a time, which looks again at a tag that is not complete.
_PIECE = 1024 * 1024

_declaration = re.compile(
    r"""<\?xml version=(["'])1\.0\1(?: encoding=(["'])(?:utf|UTF)-8\2)? ?\?>[ \t\n]*"""
)
_NAME = r"[A-Za-z][A-Za-z0-9.]*+"
# An element ends by a tag of its own, or at once, and not both.
_token = re.compile(rf"<(/)?({_NAME})[ \t\n]*+(?(1)|(/)?)>([^<]*+)")
_are_tokens = re.compile(rf"(?:<(?:/{_NAME}[ \t\n]*+|{_NAME}[ \t\n]*+/?+)>[^<]*+)*+").fullmatch
# All but references, carriage returns, and control characters, which cannot be in XML.
_PLAIN = bytes({*range(0x20, 0x100), 0x09, 0x0A} - {ord("&")})
_is_bad = re.compile("[\ufffe\uffff]").search


def simple_tokens(data: bytes) -> Iterable[Token] | None:
    """The tags of a message that is of tags and text alone; None for others."""
    # Benchmark xmlrpc-calls: each of these looks at all of it, none of them character by character.
    if data.translate(None, _PLAIN) or b"]]>" in data:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not text.isascii() and _is_bad(text):
        return None
    match = _declaration.match(text)
    if match is not None:
        text = text[match.end() :]
    if len(text) > SMALL:
        if _are_tokens(text) is None:
            return None
        return (cast(Token, match.groups("")) for match in _token.finditer(text))
    tokens = _token.findall(text)
    # Every "<" has to be that of a tag, and the first of them at the begin.
    return tokens if len(tokens) == text.count("<") and text[:1] == "<" else None


def expat_tokens(data: bytes) -> Iterator[Token]:
    """The tags of any message.

    Raises:
        BadMessage: it is no XML, or has a document type.
    """
    tokens: list[Token] = []
    texts: list[str] = []
    last: tuple[str, str, str] | None = None

    def tag(slash: str, name: str) -> None:
        nonlocal last
        if last is not None:
            tokens.append((*last, "".join(texts)))
        texts.clear()
        last = (slash, name, "")

    def refuse(*said: object) -> None:
        raise BadMessage("the message has a document type, which XML-RPC has no use for")

    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: tag("", name)
    parser.EndElementHandler = lambda name: tag("/", name)
    parser.CharacterDataHandler = texts.append
    parser.StartDoctypeDeclHandler = refuse
    try:
        for at in range(0, len(data), _PIECE):
            parser.Parse(data[at : at + _PIECE], False)
            yield from tokens
            tokens.clear()
        parser.Parse(b"", True)
    except (ExpatError, LookupError, ValueError) as error:
        raise BadMessage(f"not a message of XML-RPC: {error}") from error
    tag("", "")
    yield from tokens
