"""The grammar of IRC: a line is tags, who it is from, a command and its parameters.

After RFC 1459 (2.3), RFC 2812 (2.3) and the message tags of IRCv3. Nothing here reads or writes;
lines are text, without what ends them.

What does not work: `str.split` without an argument. It also splits at the control characters by
which IRC marks underlined and italic text, and at the spaces of other scripts. Only U+0020 parts
one word of a line from another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

NUL = chr(0)
CR = chr(0o15)
LF = chr(0o12)
NL = LF
SPC = chr(0o40)

#: What the name of a channel begins with (RFC 2811, 2.1).
CHANNEL_PREFIXES = "&#!+"
#: Bytes of a line without its tags, CR and LF included (RFC 2812, 2.3).
MAX_COMMAND_LENGTH = 512
#: Bytes of the tags that a server may send, with the "@" and the space (IRCv3 message tags).
MAX_TAGS_LENGTH = 8191
#: Parameters of one message, text behind " :" not counted. RFC 2812 has 14; some servers send a few
#: more, and none needs the thousands that a line could hold.
MAX_PARAMETERS = 64

#: Beginnings of messages that are remembered: as many as people talk at a time on a large server.
REMEMBERED_HEADS = 1024
#: Characters of such a beginning; longer ones are not worth their place.
REMEMBERED_LENGTH = 200

#: The tags of a message that has none.
NO_TAGS: Mapping[str, str] = MappingProxyType({})

# A key may be the client's own ("+"), and a vendor's.
_TAG_KEY = re.compile(r"\+?(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+")
_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)
_UNESCAPED = re.compile(r"[; \\\r\n]")
_ESCAPES = {";": r"\:", SPC: r"\s", "\\": r"\\", CR: r"\r", LF: r"\n"}
_UNESCAPES = {":": ";", "s": SPC, "\\": "\\", "r": CR, "n": LF}


class IRCBadMessage(Exception):
    """What a peer has sent is not a message of IRC."""


def parseMessage(line: str) -> tuple[Mapping[str, str], str, str, list[str]]:
    """Take a message apart.

    Args:
        line: a line, without CR and LF. Of its command neither the case nor the meaning matters.

    Returns:
        The tags (of several values of one tag, the last), whom it is from or "", the command and
        its parameters.

    Raises:
        IRCBadMessage: it is no message, or has more tags or parameters than are taken.
    """
    if NUL in line or CR in line or LF in line:
        raise IRCBadMessage("The line has a CR, LF or NUL in it.")
    tags = NO_TAGS
    if line[:1] == "@":
        tags, line = _parseTags(line)
    head, colon, last = line.partition(" :")
    parse = _rememberedHead if len(head) <= REMEMBERED_LENGTH else _parseHead
    prefix, command, words = parse(head)
    return tags, prefix, command, [*words, last] if colon else [*words]


def _parseHead(head: str) -> tuple[str, str, tuple[str, ...]]:
    """The prefix, command and parameters of a message without tags and without text behind " :"."""
    prefix = ""
    if head[:1] == ":":
        prefix, _, head = head[1:].partition(SPC)
    words = [word for word in head.split(SPC) if word]
    if not words:
        raise IRCBadMessage("The line has no command.")
    command = words[0]
    if not (command.isalnum() and command.isascii()):
        raise IRCBadMessage(f"{command[:32]!r} is no command: it is not made of letters.")
    if len(words) - 1 > MAX_PARAMETERS:
        raise IRCBadMessage(f"There are {len(words) - 1} parameters, and at most {MAX_PARAMETERS}.")
    return prefix, command, tuple(words[1:])


# What is before the text of a message comes again and again while somebody talks in a channel:
# to remember it saves a third of the work. See the benchmark irc-parse.
_rememberedHead = lru_cache(maxsize=REMEMBERED_HEADS)(_parseHead)


def parsemsg(s: str) -> tuple[str, str, list[str]]:
    """Take a message apart, but for its tags.

    Args:
        s: a line, without CR and LF.

    Returns:
        Whom it is from, or ""; the command; and its parameters.

    Raises:
        IRCBadMessage: it is no message.
    """
    _, prefix, command, parameters = parseMessage(s)
    return prefix, command, parameters


def buildMessage(
    command: str,
    parameters: Sequence[str],
    prefix: str | None = None,
    tags: Mapping[str, str | None] | None = None,
) -> str:
    """Put a message together.

    Args:
        command: a name or a number.
        parameters: none but the last may have a space in it, or be empty; a last one that has or
            is gets the ":" that it needs, unless it begins with one, which then is that.
        prefix: whom it is from, or None or "".
        tags: the IRCv3 tags; None is a tag without a value.

    Returns:
        The line, without CR and LF. It may be longer than servers take: see `MAX_COMMAND_LENGTH`.

    Raises:
        ValueError: something would be read as something else by the peer.
    """
    checkCommand(command)
    words = [command, *parameters]
    last = words[-1]
    if len(words) > 1 and (not last or (SPC in last and last[0] != ":")):
        words[-1] = ":" + last
    if prefix:
        words.insert(0, ":" + prefix)
    if tags:
        words.insert(0, "@" + ";".join(_buildTag(key, value) for key, value in tags.items()))
    return checkLine(SPC.join(words))


def checkCommand(command: str) -> None:
    """Raise `ValueError` if `command` cannot be the command of a message."""
    if not command:
        raise ValueError("IRC message requires a command: it is empty.")
    if SPC in command or command[0] in ":@":
        raise ValueError(f"{command!r} is not a command of IRC: give it its parameters apart.")


def checkLine(line: str) -> str:
    """A line, if it is one.

    Raises:
        ValueError: it has a CR, LF or NUL in it, so that the peer would read another message, or
            would refuse it.
    """
    if LF in line or CR in line or NUL in line:
        raise ValueError(
            f"{line[:80]!r} has a CR, LF or NUL in it, which no IRC message has: send a message "
            "for each of its lines."
        )
    return line


def checkText(end: object, line: object) -> None:
    """Raise `TypeError` if what one end of a connection is to send as a line is not text."""
    if not isinstance(line, str):
        raise TypeError(
            f"{type(end).__name__}.sendLine() was given {type(line).__name__}: a line of IRC is a "
            "str here; use .decode()."
        )


def _parseTags(line: str) -> tuple[dict[str, str], str]:
    """The tags at the beginning of a line, and what follows them."""
    written, _, rest = line.partition(SPC)
    if len(written.encode("utf-8", "surrogatepass")) >= MAX_TAGS_LENGTH:
        raise IRCBadMessage(f"The tags are longer than {MAX_TAGS_LENGTH} bytes.")
    tags = {}
    for tag in written[1:].split(";"):
        key, _, value = tag.partition("=")
        if key:
            tags[key] = _ESCAPED.sub(_unescaped, value) if "\\" in value else value
    return tags, rest.lstrip(SPC)


def _unescaped(found: re.Match[str]) -> str:
    return _UNESCAPES.get(found[1], found[1])


def _buildTag(key: str, value: str | None) -> str:
    if not key:
        raise ValueError("A tag name is required.")
    if not _TAG_KEY.fullmatch(key):
        raise ValueError(f"The tag {key!r} contains invalid characters.")
    if value is None:
        return key
    return key + "=" + _UNESCAPED.sub(lambda found: _ESCAPES[found[0]], value)
