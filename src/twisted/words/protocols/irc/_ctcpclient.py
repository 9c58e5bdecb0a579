"""Requests and answers of CTCP that a client gets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.protocols.irc._commands import Commands
from twisted.words.protocols.irc._ctcp import Message, ctcpStringify
from twisted.words.protocols.irc._grammar import MAX_COMMAND_LENGTH, checkLine
from twisted.words.protocols.irc._limits import CTCP_BURST, CTCP_SECONDS, Allowance

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.words.protocols.irc")

#: What is done at once, and makes no answer that could be used to have us flood.
UNANSWERED = frozenset(["ACTION"])


class CtcpClient(Commands):
    """Answers requests of CTCP.

    A request calls the method ``ctcpQuery_<TAG>(user, channel, data)``, an answer
    ``ctcpReply_<TAG>(user, channel, data)``. After `CTCP_BURST` requests at once, one each
    `CTCP_SECONDS` is heeded, whoever they are from.

    Attributes:
        versionName: what this program is called; None is not told.
        versionNum: its version.
        versionEnv: what it runs on.
        sourceURL: where it is to be had; None is not told.
        userinfo: what its user says of themselves; None is not told.
        fingerReply: what there is to say of the user and their idle time, or a function that
            returns it; None is not told.
    """

    versionName: str | None = None
    versionNum: str | None = None
    versionEnv: str | None = None
    sourceURL: str | None = None
    userinfo: str | None = None
    fingerReply: str | Callable[[], str] | None = None

    _ctcpIgnored = 0

    @cached_property
    def _ctcpAllowance(self) -> Allowance:
        return Allowance(CTCP_BURST, CTCP_SECONDS)

    def connectionMade(self) -> None:
        """Answer as much as anew."""
        super().connectionMade()
        self._ircForget("_ircPings", "_ctcpAllowance", "_ctcpIgnored")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell how much was not answered."""
        if self._ctcpIgnored:
            _log.info("{count} requests of CTCP not answered", count=self._ctcpIgnored)
        super().connectionLost(reason)

    # --- Requests ---

    def ctcpQuery(
        self, user: str, channel: str, messages: Sequence[tuple[str, str | None]]
    ) -> None:
        """Requests have come: call the method of each. Of several alike only the first counts.

        Args:
            user: whom they are from, as ``nick!user@host``.
            channel: whom they are for: a channel, or our nickname.
            messages: each a tag and its data, or None.
        """
        queries: dict[str, str | None] = {}
        for tag, data in messages:
            queries.setdefault(tag.upper(), data)
        for tag, data in queries.items():
            if tag not in UNANSWERED and not self._ctcpAllowance.take(self._ircTime().seconds()):
                if not self._ctcpIgnored:
                    _log.warn("Too many requests of CTCP, the last by {user}: ignored", user=user)
                self._ctcpIgnored += 1
                continue
            method: Callable[[str, str, str | None], object] | None
            method = getattr(self, "ctcpQuery_" + tag, None)
            if method is not None:
                method(user, channel, data)
            else:
                self.ctcpUnknownQuery(user, channel, tag, data)

    def ctcpUnknownQuery(self, user: str, channel: str, tag: str, data: str | None) -> None:
        """A request that there is no method for. This ignores it, as RFC 2812 wants of PRIVMSG."""

    def ctcpMakeReply(self, user: str, messages: Sequence[Message]) -> None:
        """Send answers of CTCP.

        Args:
            user: to whom: the nickname.
            messages: each a tag and its data, or None.
        """
        line = checkLine(f"NOTICE {user} :{ctcpStringify(messages)}")
        if len(line.encode()) > MAX_COMMAND_LENGTH - len("\r\n"):
            _log.warn("An answer of CTCP for {user} is too long to be sent", user=user)
        else:
            self.sendLine(line)

    def ctcpQuery_ACTION(self, user: str, channel: str, data: str | None) -> None:
        """Somebody does something: `action`."""
        self.action(user, channel, data or "")

    def ctcpQuery_PING(self, user: str, channel: str, data: str | None) -> None:
        """Somebody wants the same back."""
        self.ctcpMakeReply(nickOf(user), [("PING", data)])

    def ctcpQuery_FINGER(self, user: str, channel: str, data: str | None) -> None:
        """Somebody wants to know about the user: `fingerReply`."""
        if self.fingerReply is not None:
            told = self.fingerReply() if callable(self.fingerReply) else self.fingerReply
            self.ctcpMakeReply(nickOf(user), [("FINGER", told)])

    def ctcpQuery_VERSION(self, user: str, channel: str, data: str | None) -> None:
        """Somebody wants to know which program this is: `versionName`."""
        if self.versionName:
            parts = (self.versionName, self.versionNum or "", self.versionEnv or "")
            self.ctcpMakeReply(nickOf(user), [("VERSION", ":".join(parts))])

    def ctcpQuery_SOURCE(self, user: str, channel: str, data: str | None) -> None:
        """Somebody wants to know where to get this program: `sourceURL`."""
        if self.sourceURL:
            self.ctcpMakeReply(nickOf(user), [("SOURCE", self.sourceURL), ("SOURCE", None)])

    def ctcpQuery_USERINFO(self, user: str, channel: str, data: str | None) -> None:
        """Somebody wants to know what the user says of themselves: `userinfo`."""
        if self.userinfo:
            self.ctcpMakeReply(nickOf(user), [("USERINFO", self.userinfo)])

    def ctcpQuery_CLIENTINFO(self, user: str, channel: str, data: str | None) -> None:
        """Somebody wants to know what there is to ask for, or what one request is."""
        asked = getattr(self, f"ctcpQuery_{data.upper()}", None) if data else None
        if asked is not None:
            told = (asked.__doc__ or "").partition("\n")[0]
        else:
            begin = "ctcpQuery_"
            told = " ".join(name[len(begin) :] for name in dir(self) if name.startswith(begin))
        self.ctcpMakeReply(nickOf(user), [("CLIENTINFO", told)])

    def ctcpQuery_ERRMSG(self, user: str, channel: str, data: str | None) -> None:
        """Somebody tries whether we answer."""
        self.ctcpMakeReply(nickOf(user), [("ERRMSG", f"{data or ''} :No error has occurred.")])

    def ctcpQuery_TIME(self, user: str, channel: str, data: str | None) -> None:
        """Somebody wants to know what time it is here."""
        self.ctcpMakeReply(nickOf(user), [("TIME", ":" + time.asctime())])

    # --- Answers ---

    def ctcpReply(
        self, user: str, channel: str, messages: Sequence[tuple[str, str | None]]
    ) -> None:
        """Answers have come: call the method of each; as `ctcpQuery`."""
        for tag, data in messages:
            method: Callable[[str, str, Any], object] | None
            method = getattr(self, "ctcpReply_" + tag.upper(), None)
            if method is not None:
                method(user, channel, data)
            else:
                self.ctcpUnknownReply(user, channel, tag, data)

    def ctcpReply_PING(self, user: str, channel: str, data: str | None) -> None:
        """The answer to a `ping`: `pong`."""
        nick = nickOf(user)
        asked = self._ircPings.pop((nick, data or ""), None)
        if asked is None:
            self.quirkyMessage(f"{nick} answers a PING that was not asked: {data!r}")
        else:
            self.pong(user, self._ircTime().seconds() - asked)

    def ctcpUnknownReply(self, user: str, channel: str, tag: str, data: str | None) -> None:
        """An answer that there is no method for. This ignores it."""


def nickOf(user: str) -> str:
    """The nickname in ``nick!user@host``."""
    return user.partition("!")[0]
