"""The connection of a client of IRC: what it may send, how fast, and what waits for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.words.ewords import BadText, NotAllowed, Refusal, WordsError
from twisted.words.protocols import irc
from twisted.words.service._flood import Budget
from twisted.words.service._irclines import CHANNEL, LINE_BYTES
from twisted.words.service._outlet import Outlet

__name__ = "twisted.words.service"  # the public path, for pickles and messages

#: IRCv3 allows this much for the tags that a client sends, beside the line (message tags).
_TAG_BYTES = 4096
#: "A line is too long", of which there is no word in the RFCs: https://modern.ircdocs.horse.
ERR_INPUTTOOLONG = "417"
#: "That is no value for this", likewise.
ERR_INVALID = "696"

#: What clients of IRC are told of each refusal.
_REFUSALS = {
    Refusal.BANNED: (irc.ERR_BANNEDFROMCHAN, "Cannot join channel (+b)"),
    Refusal.INVITE_ONLY: (irc.ERR_INVITEONLYCHAN, "Cannot join channel (+i)"),
    Refusal.BAD_KEY: (irc.ERR_BADCHANNELKEY, "Cannot join channel (+k)"),
    Refusal.FULL: (irc.ERR_CHANNELISFULL, "Cannot join channel (+l)"),
    Refusal.TOO_MANY_GROUPS: (irc.ERR_TOOMANYCHANNELS, "You have joined too many channels"),
    Refusal.NOT_A_MEMBER: (irc.ERR_NOTONCHANNEL, "You're not on that channel"),
    Refusal.NOT_HEARD: (irc.ERR_CANNOTSENDTOCHAN, "Cannot send to channel"),
    Refusal.NOT_AN_OPERATOR: (irc.ERR_CHANOPRIVSNEEDED, "You're not channel operator"),
    Refusal.LIST_FULL: (irc.ERR_BANLISTFULL, "Channel list is full"),
    Refusal.SERVER_FULL: (irc.ERR_UNAVAILRESOURCE, "The server has no room for more"),
}


class IRCConnection(irc.IRC):
    """A connection that is slow to those who flood, and does not wait for those who do not read.

    Attributes:
        avatar: the `twisted.words.iwords.IUser` who is logged in, or None.
        nickname: what the client wants to be called, or is; None if it has not said.
        factory: the `IRCFactory`.
        quitReason: why it ends, if that is known.
        write: sends bytes; what is rendered once is sent to many by it.
    """

    transport: Any
    write: Callable[[bytes], Any]
    avatar: Any = None
    nickname: str | None = None
    quitReason: str | None = None
    factory: Any = None
    # Tags, and one line more than is taken, so that one that is too long is answered.
    MAX_LENGTH = _TAG_BYTES + 2 * LINE_BYTES

    _budget: Budget | None = None
    _timer: Any = None
    _alive = True
    _over = False

    def connectionMade(self) -> None:
        """Begin to count, and to wait for a login."""
        self.hostname = self.factory.realm.name
        super().connectionMade()
        limits = self.factory.limits
        clock = self.factory.clock
        self._held: deque[bytes] = deque()
        self._draining: Any = None
        if limits.floodRate is not None:
            self._budget = Budget(limits.floodBurst, limits.floodRate, clock.seconds)
        self._outlet = Outlet(self, self.transport, limits.queueBytes)
        self._timer = clock.callLater(limits.loginSeconds, self._loginLate)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # always given
        """Forget what is left to do."""
        self._over = True
        self._held.clear()
        for call in (self._timer, self._draining):
            if call is not None and call.active():
                call.cancel()
        self._outlet.close()

    def end(self, reason: str) -> None:
        """Tell the client why, and disconnect it."""
        if self._over:
            return
        self._over = True
        if self.quitReason is None:
            self.quitReason = reason
        self._held.clear()
        self.sendLine(f"ERROR :Closing link: {reason}")
        self._outlet.close()
        self.transport.loseConnection()

    # What comes in.

    def dataReceived(self, data: bytes) -> None:
        """See `irc.IRC.dataReceived`."""
        self._alive = True
        super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """Handle a line, now or when it is its turn."""
        # Benchmark words-messages.
        if self._budget is not None and (self._held or self._budget.use()):
            self._hold(line)
        else:
            self._handle(line)

    def _handle(self, line: bytes) -> None:
        if self._over:
            return
        if len(line) > self.factory.limits.lineBytes:
            text = line.partition(b" ")[2] if line.startswith(b"@") else line
            if len(text) > self.factory.limits.lineBytes - 1:
                self.reply(ERR_INPUTTOOLONG, "Input line was too long")
                return
        super().lineReceived(line)

    def _hold(self, line: bytes) -> None:
        # No more than one read of the transport is held: after it, nothing is read.
        self._held.append(line)
        if self._draining is None:
            self.transport.pauseProducing()
            self._drainLater()

    def _drainLater(self) -> None:
        assert self._budget is not None
        wait = (1 - self._budget.left) / self._budget.rate
        self._draining = self.factory.clock.callLater(max(wait, 0), self._drain)

    def _drain(self) -> None:
        self._draining = None
        assert self._budget is not None
        while self._held:
            if self._budget.use():
                self._drainLater()
                return
            self._handle(self._held.popleft())
        self.transport.resumeProducing()

    def badMessage(self, line: str, problem: irc.IRCBadMessage) -> None:
        """See `irc.IRC.badMessage`."""
        self.end(str(problem))

    def lineLengthExceeded(self, line: bytes) -> None:
        """See `irc.IRC.lineLengthExceeded`."""
        self.end(f"A line is longer than {self.MAX_LENGTH} bytes")

    # What goes out.

    def sendLine(self, line: str) -> None:  # type: ignore[override]  # as in irc.IRC
        """See `irc.IRC.sendLine`."""
        self.write(f"{line}\r\n".encode(self.encoding or "utf-8", "replace"))

    def reply(self, number: str, *words: str) -> None:
        """Send a reply of the server: the last of its words may have spaces in it."""
        *middle, last = words
        before = " ".join([f":{self.hostname}", number, self.nickname or "*", *middle])
        self.sendLine(f"{before} :{last}")

    def replyPacked(self, number: str, words: Iterable[str], *middle: str) -> None:
        """Send a reply with a list, in as many lines as it takes; none if it is empty."""
        before = " ".join([f":{self.hostname}", number, self.nickname or "*", *middle])
        room = LINE_BYTES - len(f"{before} :\r\n".encode())
        line: list[str] = []
        used = 0
        for word in words:
            size = len(word.encode()) + 1
            if line and used + size > room:
                self.sendLine(f"{before} :{' '.join(line)}")
                line, used = [], 0
            line.append(word)
            used += size
        if line:
            self.sendLine(f"{before} :{' '.join(line)}")

    def serverNotice(self, text: str, sender: str | None = None) -> None:
        """Say something to the client, as the server or one of its services."""
        self.sendLine(f":{sender or self.hostname} NOTICE {self.nickname or '*'} :{text}")

    def refused(self, failure: Failure, subject: str) -> None:
        """Tell the client what it cannot have, and why.

        Args:
            failure: an error of `twisted.words.ewords`; others are passed on.
            subject: what the client asked about, in its own words.
        """
        failure.trap(WordsError)
        error = failure.value
        if isinstance(error, NotAllowed):
            number, text = _REFUSALS[error.refusal]
            self.reply(number, subject, text)
        elif isinstance(error, BadText):
            self.reply(ERR_INVALID, "*", subject, error.args[0])
        elif subject.startswith(CHANNEL):
            self.reply(irc.ERR_NOSUCHCHANNEL, subject, "No such channel")
        else:
            self.reply(irc.ERR_NOSUCHNICK, subject, "No such nick/channel")

    def attempt(self, subject: str, function: Callable[..., Any], *args: Any) -> bool:
        """Call a function; what it refuses is told to the client.

        Returns:
            Whether it has not refused.
        """
        try:
            function(*args)
        except WordsError:
            self.refused(Failure(), subject)
            return False
        return True

    def lookUp(self, subject: str, found: Deferred[Any], then: Callable[[Any], Any]) -> None:
        """Go on with what a Deferred brings; what it fails with is told to the client."""
        found.addCallback(lambda thing: then(thing) if self.avatar is not None else None)
        found.addErrback(self.refused, subject)
        found.addErrback(self._failed, subject)

    def _failed(self, failure: Failure, subject: str) -> None:
        self.factory.log.failure("What {nick} asked of {subject} failed", failure,
                                 nick=self.nickname, subject=subject)  # fmt: skip
        self.serverNotice(f"{subject}: something is wrong with the server")

    def clogged(self) -> None:
        """The client does not read, and too much waits for it: it has been disconnected."""
        self._over = True
        self.quitReason = "does not read what is sent"

    # Signs of life.

    def loggedInNow(self) -> None:
        """The login is over: from now on silence is what counts."""
        self._timer.cancel()
        self._alive = False
        self._timer = self.factory.clock.callLater(self.factory.limits.idleSeconds, self._idle)

    def _loginLate(self) -> None:
        self.end("You did not log in in time")

    def _idle(self) -> None:
        limits, clock = self.factory.limits, self.factory.clock
        if self._alive:
            self._alive = False
            self._timer = clock.callLater(limits.idleSeconds, self._idle)
            return
        self.sendLine(f"PING :{self.hostname}")
        self._timer = clock.callLater(limits.answerSeconds, self._unanswered)

    def _unanswered(self) -> None:
        if self._alive:
            self._idle()
        else:
            self.end(f"Ping timeout: {self.factory.limits.answerSeconds:g} seconds")
