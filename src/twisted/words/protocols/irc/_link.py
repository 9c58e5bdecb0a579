"""Lines from and to a server, as text; slowly, if the server wants it so.

Here and in the classes above, up to `IRCClient`, private names begin with ``_irc``, ``_ctcp`` or
``_dcc``: bots are subclasses, and have private names of their own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from twisted.internet._reactor import installedReactor
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import connectionDone
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.protocols.irc._ctcp import M_QUOTE, lowDequote, lowQuote
from twisted.words.protocols.irc._events import Events
from twisted.words.protocols.irc._grammar import (
    MAX_COMMAND_LENGTH,
    NO_TAGS,
    IRCBadMessage,
    checkText,
    parseMessage,
)
from twisted.words.protocols.irc._isupport import ServerSupportedFeatures
from twisted.words.protocols.irc._limits import PING_BURST, PING_SECONDS, Allowance
from twisted.words.protocols.irc._numerics import numeric_to_symbolic

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

_log = Logger(namespace="twisted.words.protocols.irc")

#: How many parameters a message from the server must have, so that its method finds them.
FEWEST_PARAMETERS = {
    "JOIN": 1,
    "KICK": 2,
    "MODE": 2,
    "NICK": 1,
    "NOTICE": 2,
    "PART": 1,
    "PING": 1,
    "PRIVMSG": 2,
    "TOPIC": 2,
    "CAP": 3,
    "AUTHENTICATE": 1,
    "RPL_WELCOME": 1,
    "RPL_YOURHOST": 2,
    "RPL_CREATED": 2,
    "RPL_MYINFO": 2,
    "RPL_BOUNCE": 2,
    "RPL_ISUPPORT": 1,
    "RPL_LUSERCLIENT": 2,
    "RPL_LUSEROP": 2,
    "RPL_LUSERCHANNELS": 2,
    "RPL_LUSERME": 2,
    "RPL_MOTDSTART": 2,
    "RPL_MOTD": 2,
    "RPL_TOPIC": 3,
    "RPL_NOTOPIC": 2,
    "RPL_NAMREPLY": 2,
    "RPL_ENDOFNAMES": 2,
    "333": 3,  # who has set the topic; RPL_TOPICWHOTIME, which no RFC has
}

#: What servers send, as they write it: how it is called here, and how many parameters it has.
_KNOWN = {
    number: (name, FEWEST_PARAMETERS.get(name, 0)) for number, name in numeric_to_symbolic.items()
} | {name: (name, count) for name, count in FEWEST_PARAMETERS.items() if "_" not in name}


class Link(Events):
    """A connection to a server, on which lines of text are exchanged.

    Attributes:
        lineRate: seconds between two lines that are sent; None sends each at once.
        heartbeatInterval: seconds between two PING that are sent, so that nothing on the way
            forgets the connection; None for none.
        hostname: what the server is called, once it has said so.
        encoding: how text is read and written.
        fallbackEncoding: how lines are read that `encoding` cannot read.
        supported: what the server supports.
        tags: the IRCv3 tags of the message that is being handled.
    """

    delimiter = b"\n"
    MAX_LENGTH = 16384
    encoding = "utf-8"
    fallbackEncoding = "latin-1"
    hostname: str | None = None
    lineRate: float | None = None
    heartbeatInterval: float | None = 120
    tags: Mapping[str, str] = NO_TAGS

    #: What has the time; the reactor, if None.
    _ircClock: Any = None
    _ircHeartbeat: LoopingCall | None = None
    _ircQueueEmptying: IDelayedCall | None = None

    # What is known of one connection is made when it is asked for: tests of programs call methods
    # of clients that have never been connected.

    @cached_property
    def supported(self) -> ServerSupportedFeatures:
        """What the server supports."""
        return ServerSupportedFeatures()

    @cached_property
    def _ircQueue(self) -> deque[str]:
        return deque()

    @cached_property
    def _ircPingAllowance(self) -> Allowance:
        return Allowance(PING_BURST, PING_SECONDS)

    def connectionMade(self) -> None:
        """Forget what was known of another connection."""
        self._ircForget("supported", "_ircQueue", "_ircPingAllowance")

    def _ircForget(self, *names: str) -> None:
        for name in names:
            vars(self).pop(name, None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Let the lines be that wait, and tell how many they are."""
        self.stopHeartbeat()
        if self._ircQueueEmptying is not None:
            self._ircQueueEmptying.cancel()
            self._ircQueueEmptying = None
        if self._ircQueue:
            _log.info("The connection is lost: {count} lines not sent", count=len(self._ircQueue))
            self._ircQueue.clear()

    def _ircTime(self) -> Any:
        return self._ircClock or installedReactor()

    # --- What arrives ---

    def lineReceived(self, line: bytes | str) -> None:
        """A line has come: handle the message that is in it."""
        if isinstance(line, str):
            text = line
        else:
            try:
                text = line.decode(self.encoding)
            except UnicodeDecodeError:
                text = line.decode(self.fallbackEncoding, "replace")
        text = text.rstrip("\r")
        if not text:
            return  # RFC 1459, 2.3: empty messages are silently ignored.
        try:
            self.tags, prefix, command, params = parseMessage(text)
            command, fewest = _KNOWN.get(command) or (command.upper(), 0)
            if len(params) < fewest:
                raise IRCBadMessage(f"{command} with {len(params)} parameters: some are missing.")
        except IRCBadMessage as problem:
            self.badMessage(text, type(problem), problem, problem.__traceback__)
            return
        if M_QUOTE in text:
            params = [lowDequote(param) for param in params]
        self.handleCommand(command, prefix, params)

    def handleCommand(self, command: str, prefix: str, params: list[str]) -> None:
        """Call the method for a message: ``irc_<command>(prefix, params)``, or `irc_unknown`.

        Args:
            command: in capitals; for a number, the name that it has in RFC 2812, if it has one.
            prefix: whom it is from.
            params: its parameters.
        """
        method: Callable[[str, list[str]], object] | None
        method = getattr(self, "irc_" + command, None)
        try:
            if method is not None:
                method(prefix, params)
            else:
                self.irc_unknown(prefix, command, params)
        except Exception:
            # A mistake in one event's method must not end the conversation.
            _log.failure("{command} could not be handled", command=command)

    def irc_unknown(self, prefix: str, command: str, params: list[str]) -> None:
        """A message that there is no method for. This ignores it."""

    def irc_PING(self, prefix: str, params: list[str]) -> None:
        """The server asks whether we are there. This answers, but no flood of them."""
        if not self._ircPingAllowance.take(self._ircTime().seconds()):
            _log.warn("The server sends too many PING: the connection is closed")
            self.transport.loseConnection()
            return
        # At once: a server does not wait for what is said before.
        self._ircSendNow(f"PONG :{params[-1]}" if " " in params[-1] else f"PONG {params[-1]}")

    # --- What is sent ---

    def sendLine(self, line: str) -> None:  # type: ignore[override]  # IRC is text: see `encoding`
        """Send a line, as soon as `lineRate` allows.

        Args:
            line: text. CR, LF and NUL in it are quoted as CTCP does, so that it stays one line.

        Raises:
            TypeError: it is not text.
        """
        checkText(self, line)
        if self.lineRate is None:
            self._ircSendNow(line)
        else:
            self._ircQueue.append(line)
            if self._ircQueueEmptying is None:
                self._ircSendNext()

    def _ircSendNow(self, line: str) -> None:
        data = (lowQuote(line) + "\r\n").encode(self.encoding, "replace")
        if len(data) > MAX_COMMAND_LENGTH and not line.startswith("@"):
            _log.warn("A line has {size} bytes: servers cut it off, or us", size=len(data))
        self.transport.write(data)

    def _ircSendNext(self) -> None:
        self._ircQueueEmptying = None
        if self._ircQueue:
            self._ircSendNow(self._ircQueue.popleft())
            self._ircQueueEmptying = self._ircTime().callLater(
                self.lineRate or 0, self._ircSendNext
            )

    # --- Staying connected ---

    def startHeartbeat(self) -> None:
        """Send a PING each `heartbeatInterval` from now on."""
        self.stopHeartbeat()
        if self.heartbeatInterval is not None:
            self._ircHeartbeat = LoopingCall(self._ircBeat)
            self._ircHeartbeat.clock = self._ircTime()
            self._ircHeartbeat.start(self.heartbeatInterval, now=False)

    def stopHeartbeat(self) -> None:
        """Send no more PING."""
        if self._ircHeartbeat is not None:
            self._ircHeartbeat.stop()
            self._ircHeartbeat = None

    def _ircBeat(self) -> None:
        self.sendLine(f"PING {self.hostname}")
