"""How much a peer may ask a client for."""

from __future__ import annotations

__name__ = "twisted.words.protocols.irc"  # the public path, for messages

#: Requests of CTCP that are answered in a burst, and seconds after which there is room for one
#: more. People ask now and then; a storm is to make us be thrown out for flooding.
CTCP_BURST = 6
CTCP_SECONDS = 3.0
#: The same for PING from the server. Servers ask once in a minute or two.
PING_BURST = 50
PING_SECONDS = 1.0
#: Lines of the message of the day that are kept.
MAX_MOTD_LINES = 2000
#: Nicknames that are tried one after the other before the server is left.
MAX_NICKNAMES = 20
#: Own requests of CTCP PING that wait for an answer; the oldest are forgotten.
MAX_PINGS = 12


class Allowance:
    """How often something may be done: in a burst, and then once in so many seconds.

    Args:
        burst: how often at once.
        seconds: after which there is one more, up to `burst`.
    """

    def __init__(self, burst: int, seconds: float) -> None:
        self._burst = burst
        self._seconds = seconds
        self._left = float(burst)
        self._since = 0.0

    def take(self, now: float) -> bool:
        """Whether it may be done once more, at a time in seconds; if so, it counts as done."""
        # The clock may be another than at the last call, but does not run backwards.
        self._left = min(self._burst, self._left + max(0.0, now - self._since) / self._seconds)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
