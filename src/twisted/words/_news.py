"""The form of what the servers of a cluster tell each other: JSON, checked as it comes in."""

from __future__ import annotations

import json
from typing import Any

from twisted.words.service._names import check_group_name

#: The form of the messages; a server that speaks another is told of, and not listened to.
VERSION = 1

#: Bytes of one message: the state of a server with a hundred thousand users.
MAX_MESSAGE = 16 * 1024 * 1024

#: Bytes of the name of a server, or of who set a topic.
MAX_NAME = 100


class BadNews(Exception):
    """What came is no message of a cluster: another program publishes there, too."""


def readNews(data: bytes) -> dict[str, Any]:
    """A message, if it is one of this version.

    Raises:
        BadNews: it is none.
    """
    if len(data) > MAX_MESSAGE:
        raise BadNews(f"a message has {len(data)} bytes, and at most {MAX_MESSAGE}")
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        raise BadNews("it is no JSON")
    if not isinstance(message, dict) or message.get("v") != VERSION:
        raise BadNews(f"it is no message of a server of version {VERSION}")
    kinds = {"from": str, "n": int, "op": str}
    for name, kind in kinds.items():
        if not isinstance(message.get(name), kind):
            raise BadNews(f"{name!r} is not there, or is no {kind.__name__}")
    return message


def userState(user: Any) -> dict[str, Any]:
    """What others are told of a user."""
    return {
        "name": user.name,
        "realName": user.realName,
        "away": user.away,
        "signOn": user.signOn,
    }


def groupState(group: Any) -> dict[str, Any]:
    """What others are told of a group, but for its members."""
    return {
        "name": group.name,
        "created": group.created,
        "transient": group.transient,
        "meta": plainMeta(group.meta),
        "modes": group.modes.state(),
        "changed": group.modes.changed,
    }


def plainMeta(meta: dict[str, Any]) -> dict[str, Any]:
    """What is said of a group, as far as all servers know what it means."""
    author = str(meta.get("topic_author") or "")
    return {
        "topic": str(meta.get("topic") or ""),
        "topic_author": author and check_group_name(author, MAX_NAME),
        "topic_date": int(meta.get("topic_date") or 0),
    }
