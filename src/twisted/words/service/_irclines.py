"""What happens in a group, as the lines by which clients of IRC hear of it.

Each event becomes bytes once, for all who hear of it; nothing here knows of connections. Texts have
been checked where they came in (`_names`): there is no line break in any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from twisted.words.iwords import IGroup
from twisted.words.service._modes import Change

#: Bytes of a line, CR LF included (RFC 2812, 2.3).
LINE_BYTES = 512
#: What the name of a group has before it.
CHANNEL = "#"

_ACTION = "\x01ACTION "
_QUOTE = "\x01"


def channel(group: Any) -> str:
    """What a group is called by clients of IRC."""
    return f"{CHANNEL}{group.name}"


def source(client: Any) -> str:
    """Whom something is from, as ``nick!user@host``."""
    who: str = client.avatar.who
    return who


def receive(sender: Any, recipient: Any, message: dict[str, Any]) -> bytes:
    """Somebody said something: in as many lines as it takes."""
    # Benchmark words-messages: once for each message, whoever hears of it.
    group = hasattr(recipient, "modes") or IGroup.providedBy(recipient)
    target = CHANNEL + recipient.name if group else recipient.name
    text = message["text"]
    kind = message.get("type")
    command = "NOTICE" if kind == "notice" else "PRIVMSG"
    if kind != "action":
        line = f":{sender.avatar.who} {command} {target} :{text}\r\n".encode()
        if len(line) <= LINE_BYTES:
            return line
        before, after = f":{source(sender)} {command} {target} :", ""
    else:
        before, after = f":{source(sender)} {command} {target} :{_ACTION}", _QUOTE
    room = LINE_BYTES - len(f"{before}{after}\r\n".encode())
    return "".join(f"{before}{part}{after}\r\n" for part in _parts(text, room)).encode()


def _parts(text: str, room: int) -> Iterable[str]:
    """A text in pieces of at most so many bytes, without a character cut in two."""
    data = text.encode()
    if not data:
        yield ""
    while data:
        end = room
        if len(data) > room:
            # Where a byte continues a character, the cut is before it.
            while end > 1 and data[end] & 0xC0 == 0x80:
                end -= 1
        yield data[:end].decode("utf-8", "replace")
        data = data[end:]


def userJoined(group: Any, user: Any) -> bytes:
    """Somebody came in."""
    return f":{source(user)} JOIN {channel(group)}\r\n".encode()


def userLeft(group: Any, user: Any, reason: str | None = None) -> bytes:
    """Somebody left."""
    said = f" :{reason}" if reason else ""
    return f":{source(user)} PART {channel(group)}{said}\r\n".encode()


def userKicked(group: Any, author: Any, victim: Any, reason: str | None) -> bytes:
    """Somebody was sent away."""
    said = reason or author.name
    return f":{source(author)} KICK {channel(group)} {victim.name} :{said}\r\n".encode()


def userQuit(user: Any, client: Any, groups: list[Any], reason: str | None) -> bytes:
    """Somebody is gone."""
    return f":{user.who} QUIT :{reason or ''}\r\n".encode()


def groupMetaUpdate(group: Any, meta: dict[str, Any]) -> bytes:
    """The topic has changed."""
    author = meta.get("topic_author") or ""
    member = group.member(author)
    who = source(member) if member is not None else author or channel(group)
    return f":{who} TOPIC {channel(group)} :{meta.get('topic') or ''}\r\n".encode()


def modesChanged(group: Any, author: Any, changes: list[Change]) -> bytes:
    """Modes have changed; an author of None is the server."""
    who = source(author) if author is not None else group.server
    before = f":{who} MODE {channel(group)} "
    lines = []
    words = ""
    values: list[str] = []
    sign = None
    for on, mode, value in changes:
        more = mode if on == sign else f"{'+' if on else '-'}{mode}"
        line = " ".join([before + words + more, *values, value or ""])
        if words and len(line.encode()) > LINE_BYTES - 2:
            lines.append(" ".join([before + words, *values]))
            words, values = "", []
            more = f"{'+' if on else '-'}{mode}"
        words += more
        sign = on
        if value is not None:
            values.append(value)
    lines.append(" ".join([before + words, *values]))
    return "".join(f"{line}\r\n" for line in lines).encode()


def invited(group: Any, client: Any, user: Any) -> bytes:
    """Somebody may come in."""
    return f":{source(client)} INVITE {user.name} :{channel(group)}\r\n".encode()


#: What becomes of each event.
RENDERED: dict[str, Callable[..., bytes]] = {
    function.__name__: function
    for function in (
        receive,
        userJoined,
        userLeft,
        userKicked,
        userQuit,
        groupMetaUpdate,
        modesChanged,
        invited,
    )
}
