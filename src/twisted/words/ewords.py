"""What can be wrong with what somebody asks of a chat server."""

from __future__ import annotations

import enum

__all__ = [
    "AlreadyLoggedIn",
    "BadText",
    "DuplicateGroup",
    "DuplicateUser",
    "NoSuchGroup",
    "NoSuchUser",
    "NotAllowed",
    "Refusal",
    "WordsError",
]


class WordsError(Exception):
    """The base of all errors of chat."""

    def __str__(self) -> str:
        return f"{type(self).__name__}: {', '.join(map(str, self.args))}"


class NoSuchUser(WordsError):
    """There is no user of this name, or it is not there now."""


class DuplicateUser(WordsError):
    """There is a user of this name already."""


class NoSuchGroup(WordsError):
    """There is no group of this name."""


class DuplicateGroup(WordsError):
    """There is a group of this name already."""


class AlreadyLoggedIn(WordsError):
    """The user is there already, by another connection."""


class BadText(WordsError, ValueError):
    """A name, a message or a topic that cannot be sent on: too long, or with a line break in it.

    What breaks a line could make others believe something that nobody said.
    """


class Refusal(enum.Enum):
    """Why a group, or the server, does not let somebody do something."""

    BANNED = "they are banned from it"
    INVITE_ONLY = "only those who are invited may join"
    BAD_KEY = "it has a key, and this is not it"
    FULL = "it has as many members as it may have"
    TOO_MANY_GROUPS = "they are in as many groups as one may be"
    NOT_A_MEMBER = "they are not in it"
    NOT_HEARD = "they may not speak there"
    NOT_AN_OPERATOR = "that is for its operators"
    LIST_FULL = "its list has as many entries as it may have"
    SERVER_FULL = "the server has as many of these as it may have"


class NotAllowed(WordsError):
    """A group, or the server, does not let somebody do something.

    Attributes:
        refusal: the `Refusal` that says why.
        subject: the name of what it is about.
    """

    def __init__(self, refusal: Refusal, subject: str) -> None:
        super().__init__(refusal, subject)
        self.refusal = refusal
        self.subject = subject

    def __str__(self) -> str:
        return f"{self.subject}: {self.refusal.value}"
