"""What is agreed with a server before it lets us in: capabilities, and a login by SASL.

This decides, and `twisted.words.protocols.irc._client` does: each method takes what the server has
said and returns the lines to send. Source: IRCv3 "Capability Negotiation" (302) and "SASL" 3.2.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from enum import Enum, auto

from twisted.words.protocols.irc._sasl import External, LoginFailed, Mechanism

__name__ = "twisted.words.protocols.irc"  # the public path, for messages

#: Characters of base64 in one AUTHENTICATE; a piece as long as that is followed by another.
PIECE = 400
#: Bytes of a challenge that are put together. SCRAM's have some hundred.
MAX_CHALLENGE = 8192
#: Capabilities that are remembered; servers have some thirty.
MAX_CAPABILITIES = 500


class State(Enum):
    """How far it is."""

    IDLE = auto()
    LISTING = auto()
    REQUESTING = auto()
    CHOOSING = auto()
    PROVING = auto()
    DONE = auto()


class Event(Enum):
    """What happens."""

    BEGIN = auto()
    LISTED = auto()
    GRANTED = auto()
    LOGIN = auto()
    ASKED = auto()
    FINISHED = auto()


TRANSITIONS = {
    (State.IDLE, Event.BEGIN): State.LISTING,
    (State.LISTING, Event.LISTED): State.REQUESTING,
    (State.REQUESTING, Event.GRANTED): State.REQUESTING,
    (State.REQUESTING, Event.LOGIN): State.CHOOSING,
    (State.REQUESTING, Event.FINISHED): State.DONE,
    (State.CHOOSING, Event.LOGIN): State.CHOOSING,
    (State.CHOOSING, Event.ASKED): State.PROVING,
    (State.PROVING, Event.ASKED): State.PROVING,
    (State.PROVING, Event.LOGIN): State.CHOOSING,
    (State.PROVING, Event.FINISHED): State.DONE,
}


class Negotiation:
    """What we want of a server, and what has come of it.

    Args:
        wanted: the capabilities that we can use.
        mechanisms: the ways to log in, the best first. With any, the login must succeed.
        private: whether nobody can overhear the connection.

    Attributes:
        state: how far it is.
        offered: the capabilities that the server has, with their values.
        enabled: those that are switched on.
    """

    def __init__(
        self, wanted: Collection[str], mechanisms: Sequence[Mechanism], private: bool
    ) -> None:
        self.state = State.IDLE
        self.offered: dict[str, str] = {}
        self.enabled: set[str] = set()
        self._wanted = set(wanted) | ({"sasl"} if mechanisms else set())
        self._left = [one for one in mechanisms if private or not one.needs_privacy]
        self._refused = [one.name for one in mechanisms if one not in self._left]
        self._must_log_in = bool(mechanisms)
        self._using: Mechanism | None = None
        self._challenge = ""
        self._open = 0

    def _to(self, event: Event) -> None:
        try:
            self.state = TRANSITIONS[self.state, event]
        except KeyError:
            raise LoginFailed(
                f"The server is not to be understood: {event.name} while {self.state.name}."
            )

    def begin(self) -> list[str]:
        """The connection is there."""
        if not self._wanted:
            self.state = State.DONE
            return []
        self._to(Event.BEGIN)
        return ["CAP LS 302"]

    # --- CAP ---

    def listed(self, capabilities: str, more: bool) -> list[str]:
        """CAP LS: the server says what it can do; all, or `more` follows."""
        self._remember(capabilities)
        if more or self.state is not State.LISTING:
            return []
        self._to(Event.LISTED)
        wanted = sorted(self._wanted & self.offered.keys())
        if self._must_log_in and "sasl" not in wanted:
            raise LoginFailed("The server cannot do SASL.")
        if not wanted:
            return self._finish()
        self._open = len(wanted)
        # One by one, so that one refusal is not the refusal of all.
        return [f"CAP REQ :{name}" for name in wanted]

    def granted(self, capabilities: str) -> list[str]:
        """CAP ACK: some are switched on, or off."""
        for name in capabilities.split():
            if name.startswith("-"):
                self.enabled.discard(name[1:])
            elif name in self._wanted:
                self.enabled.add(name)
        return self._answered(capabilities)

    def refused(self, capabilities: str) -> list[str]:
        """CAP NAK: some are not switched on after all."""
        if self._must_log_in and "sasl" in capabilities.split():
            raise LoginFailed("The server does not allow SASL.")
        return self._answered(capabilities)

    def added(self, capabilities: str) -> list[str]:
        """CAP NEW: the server can do more now."""
        self._remember(capabilities)
        names = {name.partition("=")[0] for name in capabilities.split()}
        return [f"CAP REQ :{name}" for name in sorted(names & self._wanted - {"sasl"})]

    def removed(self, capabilities: str) -> list[str]:
        """CAP DEL: the server can do less now."""
        for name in capabilities.split():
            self.offered.pop(name, None)
            self.enabled.discard(name)
        return []

    def _remember(self, capabilities: str) -> None:
        for capability in capabilities.split():
            name, _, value = capability.partition("=")
            if name in self._wanted or len(self.offered) < MAX_CAPABILITIES:
                self.offered[name] = value

    def _answered(self, capabilities: str) -> list[str]:
        if self.state is not State.REQUESTING:
            return []
        self._to(Event.GRANTED)
        self._open -= len(capabilities.split())
        if self._open > 0:
            return []
        return self._choose() if self._must_log_in else self._finish()

    # --- SASL ---

    def _choose(self) -> list[str]:
        """Try the next mechanism."""
        listed = self.offered.get("sasl", "")
        known = listed.split(",") if listed else [one.name for one in self._left]
        while self._left:
            self._using = self._left.pop(0)
            if self._using.name in known:
                self._to(Event.LOGIN)
                return [f"AUTHENTICATE {self._using.name}"]
        why = f"The server's mechanisms ({listed or 'which it does not tell'}) are none of ours"
        if self._refused:
            why += f", or need TLS ({', '.join(self._refused)})"
        raise LoginFailed(why + ".")

    def asked(self, piece: str) -> list[str]:
        """AUTHENTICATE: the server sends a challenge, or a piece of one."""
        self._to(Event.ASKED)
        if piece != "+":
            self._challenge += piece
        if len(self._challenge) > MAX_CHALLENGE:
            raise LoginFailed(f"The server's challenge has more than {MAX_CHALLENGE} bytes.")
        if len(piece) == PIECE or self._using is None:
            return []
        try:
            challenge = base64.b64decode(self._challenge, validate=True)
        except (binascii.Error, ValueError):
            raise LoginFailed("The server's challenge is not base64.")
        self._challenge = ""
        written = base64.b64encode(self._using.respond(challenge)).decode()
        pieces = [written[at : at + PIECE] for at in range(0, len(written), PIECE)]
        if not pieces or len(pieces[-1]) == PIECE:
            pieces.append("+")
        return [f"AUTHENTICATE {piece}" for piece in pieces]

    def failed(self, why: str, listed: str | None = None) -> list[str]:
        """The login did not work by one mechanism: try the next.

        Args:
            why: what the server says.
            listed: the mechanisms that it has, if it says so.
        """
        if listed:
            self.offered["sasl"] = listed
        if self.state not in (State.CHOOSING, State.PROVING):
            return []
        self._challenge = ""
        # A password that is wrong is not tried by another way.
        wrong = self.state is State.PROVING and not isinstance(self._using, External)
        if wrong or not self._left:
            raise LoginFailed(why)
        return self._choose()

    def succeeded(self) -> list[str]:
        """The server says that it knows us now."""
        if self._using is None or not self._using.finished():
            raise LoginFailed("The server claims success, and has not proved that it knows us.")
        return self._finish()

    def welcomed(self) -> None:
        """The server lets us in. One that knows nothing of CAP does so without a word of it."""
        if self.state is State.DONE:
            return
        self.state = State.DONE
        if self._must_log_in:
            raise LoginFailed("The server has let us in without a login by SASL.")

    def _finish(self) -> list[str]:
        self._to(Event.FINISHED)
        return ["CAP END"]
