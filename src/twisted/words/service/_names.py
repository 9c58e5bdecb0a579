"""Which texts may be names, and which may be said: in every front end alike.

What breaks a line of IRC would let one user speak in the name of another, or of the server; it is
refused wherever it comes from. All else passes as it is: what is markup to one client is text to
another.
"""

from __future__ import annotations

import re

from twisted.words.ewords import BadText

#: What ends a line, or a string in C.
_BREAKS = re.compile("[\r\n\0]")

#: What has a meaning at the beginning of a name, or within one, in a line of IRC, and what cannot
#: be seen: white space, control characters, and those that turn the direction of text.
_NOT_IN_NAMES = re.compile("[\\s,:*?!@\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NOT_FIRST = frozenset("#&+~%$=-0123456789.")
_NOT_IN_GROUPS = re.compile("[\\s,:\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

#: What a message consists of: programs may add to its text and its type.
_MAX_PARTS = 8

#: Case, as the server tells clients of IRC that it folds it (``CASEMAPPING=ascii``).
_FOLD = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def fold(name: str) -> str:
    """The form by which a name is looked up."""
    return name.lower() if name.isascii() else name.translate(_FOLD)


def check_text(text: object, limit: int, what: str) -> str:
    """A text that may be sent on.

    Args:
        text: what somebody wants to say.
        limit: how many bytes it may have.
        what: what it is, for the message of the error.

    Raises:
        BadText: it may not.
    """
    if not isinstance(text, str):
        raise BadText(f"{what} is text, not {type(text).__name__}")
    if _BREAKS.search(text) is not None:
        raise BadText(f"{what} has a line break or a NUL in it: send each line by itself")
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        raise BadText(f"{what} has half a surrogate in it, which no encoding can tell")
    if size > limit:
        raise BadText(f"{what} has {size} bytes, and {limit} are allowed")
    return text


def check_message(message: object, limit: int) -> None:
    """
    Raises:
        BadText: that is no message that can be sent on.
    """
    if not isinstance(message, dict) or "text" not in message:
        raise BadText('a message is a dictionary with a "text", and, if need be, a "type"')
    if len(message) > _MAX_PARTS:
        raise BadText(f"a message has at most {_MAX_PARTS} parts")
    for key, value in message.items():
        check_text(key, limit, "a key of a message")
        check_text(value, limit, "a message")


def check_user_name(name: object, limit: int) -> str:
    """A name that a user may have.

    Raises:
        BadText: it is none.
    """
    name = check_text(name, limit, "the name of a user")
    if not name or name[0] in _NOT_FIRST or _NOT_IN_NAMES.search(name) is not None:
        raise BadText(
            f"{name!r} is no name of a user: it begins with a letter, and has no spaces, commas, "
            "colons, or any of * ? ! @ in it"
        )
    return name


def check_group_name(name: object, limit: int) -> str:
    """A name that a group may have.

    Raises:
        BadText: it is none.
    """
    name = check_text(name, limit, "the name of a group")
    if not name or _NOT_IN_GROUPS.search(name) is not None:
        raise BadText(f"{name!r} is no name of a group: it has no spaces, commas or colons in it")
    return name
