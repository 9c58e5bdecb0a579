"""What a client is told of. Each method is for a subclass to override, and does nothing here."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from twisted.logger import Logger
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.words.protocols.irc")


class Events(LineReceiver):
    """The events of a connection to a server.

    Unless it says otherwise, `user` is ``nick!user@host``, `nick` or `...er` alone is a nickname,
    and a channel is one with its ``#``.
    """

    # --- The server ---

    def created(self, when: str) -> None:
        """The server says when it was started."""

    def yourHost(self, info: str) -> None:
        """The server says what it is called and which version it is."""

    def myInfo(
        self, servername: str, version: str | None, umodes: str | None, cmodes: str | None
    ) -> None:
        """The server tells of itself.

        Args:
            servername: what it is called.
            version: which program it is; None, as the following, if it does not say.
            umodes: the modes of users that it knows.
            cmodes: the modes of channels that it knows.
        """

    def luserClient(self, info: str) -> None:
        """The server says how many users, services and servers there are."""

    def bounce(self, info: str) -> None:
        """The server sends us away, to another."""

    def isupport(self, options: Sequence[str]) -> None:
        """The server says what it supports; ``self.supported`` has it read already."""

    def luserChannels(self, channels: int) -> None:
        """The server says how many channels there are."""

    def luserOp(self, ops: int) -> None:
        """The server says how many operators there are."""

    def luserMe(self, info: str) -> None:
        """The server says how many clients and servers it has itself."""

    def receivedMOTD(self, motd: Sequence[str]) -> None:
        """The message of the day has come.

        Args:
            motd: its lines. There may be none.
        """

    def signedOn(self) -> None:
        """The server has let us in: now channels can be joined."""

    def loggedIn(self, account: str) -> None:
        """The server knows us by an account (SASL), before it lets us in."""

    def loginFailed(self, reason: str) -> None:
        """We were to log in by SASL, and it did not work. The connection is being closed.

        Args:
            reason: why; what the server says, or what it cannot do.
        """

    def capabilitiesChanged(self, capabilities: frozenset[str]) -> None:
        """The capabilities of IRCv3 that are switched on are others now."""

    # --- Messages ---

    def privmsg(self, user: str, channel: str, message: str) -> None:
        """Somebody says something.

        Args:
            user: who.
            channel: where: a channel, or our nickname if it is for us alone.
            message: what, with its formatting: see `stripFormatting`.
        """

    def noticed(self, user: str, channel: str, message: str) -> None:
        """A notice has come, as `privmsg`. Never answer one by itself: that makes loops."""

    def action(self, user: str, channel: str, data: str) -> None:
        """Somebody does something ("/me"), as `privmsg`."""

    # --- Ourselves ---

    def joined(self, channel: str) -> None:
        """We have come into a channel."""

    def left(self, channel: str) -> None:
        """We have left a channel."""

    def nickChanged(self, nick: str) -> None:
        """We are called something else now. Call this one when you override it."""
        self.nickname = nick

    nickname: str

    def kickedFrom(self, channel: str, kicker: str, message: str) -> None:
        """Somebody has sent us out of a channel, for a reason."""

    # --- Others, and channels ---

    def modeChanged(
        self, user: str, channel: str, set: bool, modes: str, args: Sequence[str | None]
    ) -> None:
        """Modes of a channel or of a user have changed.

        Args:
            user: who has changed them.
            channel: the channel, or the nickname of the user.
            set: whether they are set, and not taken away.
            modes: their letters.
            args: for each, what it takes, or None.
        """

    def pong(self, user: str, secs: float) -> None:
        """The answer to a `ping` has come, after so many seconds."""

    def userJoined(self, user: str, channel: str) -> None:
        """Somebody (the nickname) has come into a channel that we are in."""

    def userLeft(self, user: str, channel: str) -> None:
        """Somebody (the nickname) has left a channel that we are in."""

    def userQuit(self, user: str, quitMessage: str) -> None:
        """Somebody (the nickname) with whom we share a channel has gone, with a message or ""."""

    def userKicked(self, kickee: str, channel: str, kicker: str, message: str) -> None:
        """Somebody has been sent out of a channel by somebody else, for a reason."""

    def topicUpdated(self, user: str, channel: str, newTopic: str) -> None:
        """A channel has a topic.

        Args:
            user: the nickname of who has just set it, or the server that says so after `join`.
            channel: the channel.
            newTopic: the topic; "" is none.
        """

    def userRenamed(self, oldname: str, newname: str) -> None:
        """Somebody is called something else now."""

    # --- What is not as it should be ---

    def quirkyMessage(self, s: str) -> None:
        """Something is said in a way in which it should not be. This logs it."""
        _log.info("{text}", text=s)

    def badMessage(
        self,
        line: str,
        excType: type[BaseException] | None,
        excValue: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """A line from the server cannot be read. This logs it; the connection goes on.

        Args:
            line: the line.
            excType: with the following, what is wrong with it.
            excValue: the exception.
            tb: where it was raised.
        """
        _log.failure("A line is no message: {line!r}", Failure(excValue, excType, tb), line=line)
