"""Which address to try when: happy eyeballs, RFC 8305, as a machine without sockets or clocks.

Theory of operation.  A host may have many addresses, and some of them dead, often all of one
family; to wait for each in turn would take half a minute for each.  So attempts overlap: the next
one begins when the last has failed, or has not succeeded in a quarter of a second.  Families take
turns, beginning with that of the first address, which is the system's choice (RFC 6724).  Who
drives the machine tells it what happens and does what it returns; once an attempt has succeeded
there is no more to ask of it.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeAlias, TypeVar

#: Seconds between the beginnings of two attempts (RFC 8305, section 5: recommended).
ATTEMPT_DELAY = 0.25
#: Seconds that IPv6 addresses have to be known, too, once others are (section 3: recommended).
RESOLUTION_DELAY = 0.05

A = TypeVar("A", bound=Hashable)


class Connect(NamedTuple, Generic[A]):
    """Begin an attempt to connect to `address`."""

    address: A


class Wait(NamedTuple):
    """Call `waited` in `seconds`, and do not where that was promised before."""

    seconds: float


class GiveUp(NamedTuple):
    """All attempts have failed, or there was no address."""


Action: TypeAlias = Connect[A] | Wait | GiveUp


class Race(Generic[A]):
    """The attempts to connect to one host.

    Args:
        preferred: the class of addresses that are not kept waiting for others.
        attempt_delay: seconds between the beginnings of two attempts.
    """

    def __init__(self, preferred: type[A], attempt_delay: float = ATTEMPT_DELAY) -> None:
        self._preferred = preferred
        self._attempt_delay = attempt_delay
        self._known: set[A] = set()
        self._untried: list[A] = []
        self._running = 0
        self._last: type[A] | None = None
        self._all_known = False
        self._waiting = False

    def found(self, address: A) -> list[Action[A]]:
        """The host has this address."""
        if address in self._known:
            return []
        self._known.add(address)
        self._untried.append(address)
        return self._next()

    def all_found(self) -> list[Action[A]]:
        """The host has no more addresses than those that were told."""
        self._all_known = True
        if self._last is None:
            # What was waited for is known.
            self._waiting = False
        return self._next()

    def failed(self) -> list[Action[A]]:
        """An attempt has failed."""
        self._running -= 1
        self._waiting = False
        return self._next()

    def waited(self) -> list[Action[A]]:
        """The time of the last `Wait` has passed."""
        self._waiting = False
        if self._untried and self._last is None:
            return self._connect()
        return self._next()

    def _next(self) -> list[Action[A]]:
        if self._waiting:
            return []
        if not self._untried:
            if self._all_known and not self._running:
                return [GiveUp()]
            return []
        if self._last is None and not self._all_known:
            if not isinstance(self._untried[0], self._preferred):
                self._waiting = True
                return [Wait(RESOLUTION_DELAY)]
        return self._connect()

    def _connect(self) -> list[Action[A]]:
        chosen = next((a for a in self._untried if type(a) is not self._last), self._untried[0])
        self._untried.remove(chosen)
        self._last = type(chosen)
        self._running += 1
        if self._all_known and not self._untried:
            return [Connect(chosen)]
        self._waiting = True
        return [Connect(chosen), Wait(self._attempt_delay)]
