"""Who may do what in a group: the modes of channels, as clients of IRC know them.

This knows names, and nothing of connections. RFC 2811 and what today's servers and clients agree
on (https://modern.ircdocs.horse): a *flag* is on or off, a *setting* has a value, a *list* holds
masks, and a *rank* is that of a member.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from twisted.words.ewords import BadText, NotAllowed, Refusal
from twisted.words.service._limits import DEFAULT_LIMITS, WordsLimits
from twisted.words.service._names import check_text, fold

#: Ranks, the highest first, and what stands for them before a name.
RANKS = {"o": "@", "v": "+"}
#: Lists of masks: who may not come in or speak, who may nevertheless, who needs no invitation.
LISTS = "beI"
#: The setting that takes a value to be changed at all, and the one that takes none to be unset.
KEY, LIMIT = "k", "l"
#: Flags: only the invited, only those with a rank speak, only members speak, not listed (twice, as
#: clients know both), only operators change the topic.
FLAGS = "imnpst"
#: All of them.
MODES = frozenset([*RANKS, *LISTS, KEY, LIMIT, *FLAGS])
#: How ISUPPORT tells of them.
CHANMODES = f"{LISTS},{KEY},{LIMIT},{FLAGS}"
PREFIX = f"({''.join(RANKS)}){''.join(RANKS.values())}"

#: A change: whether it sets or unsets, which mode, and its value if it has one.
Change = tuple[bool, str, str | None]

#: Seconds that are between two changes at least.
_TICK = 1e-6

#: How many masks are kept compiled: the lists of all groups that are busy.
_COMPILED = 1024


@dataclass(frozen=True, slots=True)
class Mask:
    """An entry of a list of masks."""

    mask: str
    author: str
    date: int


@lru_cache(_COMPILED)
def _pattern(mask: str) -> re.Pattern[str]:
    # What follows a star is looked for once, and never again further on (atomic groups): otherwise
    # a mask with many stars would take exponential time.
    first, *rest = [
        re.escape(part).replace(r"\?", ".") for part in re.sub(r"\*+", "*", mask).split("*")
    ]
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


def normal_mask(given: str) -> str:
    """A mask in full: ``nick!user@host``, of which people leave out what does not matter."""
    if "!" not in given and "@" not in given:
        return f"{given}!*@*"
    if "!" not in given:
        return f"*!{given}"
    return given if "@" in given else f"{given}@*"


def matches(mask: str, who: str) -> bool:
    """Whether a mask means somebody."""
    return _pattern(fold(mask)).fullmatch(fold(who)) is not None


@dataclass(slots=True)
class Modes:
    """The modes of one group.

    Attributes:
        flags: those that are on.
        key: what one has to know to join, or None.
        limit: how many may be in, or None.
        lists: the masks of each list.
        ranks: the names, folded, of those who have each rank.
        invited: names, folded, in the order of their invitations.
        limits: how long the lists may get.
        changed: when it was last changed, in seconds since 1970.
    """

    flags: set[str] = field(default_factory=lambda: {"n"})
    key: str | None = None
    limit: int | None = None
    lists: dict[str, list[Mask]] = field(default_factory=lambda: {each: [] for each in LISTS})
    ranks: dict[str, set[str]] = field(default_factory=lambda: {each: set() for each in RANKS})
    invited: dict[str, None] = field(default_factory=dict)
    limits: WordsLimits = DEFAULT_LIMITS
    changed: float = 0
    #: Nothing is set that could forbid a member to speak: the usual case, asked for each message.
    quiet: bool = True

    # Who may do what.

    def check_join(self, group: str, name: str, who: str, key: str | None, members: int) -> None:
        """
        Args:
            group: the group's name, for the error.
            name: the name of the user who wants to come in.
            who: the same as ``nick!user@host``.
            key: what they think the key is.
            members: how many are in.

        Raises:
            NotAllowed: they may not.
        """
        if fold(name) in self.invited:
            return
        if self._listed("b", who) and not self._listed("e", who):
            raise NotAllowed(Refusal.BANNED, group)
        if "i" in self.flags and not self._listed("I", who):
            raise NotAllowed(Refusal.INVITE_ONLY, group)
        if self.key is not None and key != self.key:
            raise NotAllowed(Refusal.BAD_KEY, group)
        limits = [limit for limit in (self.limit, self.limits.membersPerGroup) if limit is not None]
        if limits and members >= min(limits):
            raise NotAllowed(Refusal.FULL, group)

    def may_speak(self, name: str, who: str, member: bool) -> bool:
        """Whether somebody may say something there."""
        if not member:
            return "n" not in self.flags and "m" not in self.flags and not self._silenced(who)
        if self.quiet or self.rank(name):
            return True
        return "m" not in self.flags and not self._silenced(who)

    def is_operator(self, name: str) -> bool:
        """Whether somebody is an operator of the group."""
        return fold(name) in self.ranks["o"]

    def rank(self, name: str) -> str:
        """What stands for the ranks of a member, the highest first: ``@+``, ``@``, ``+``, or ""."""
        folded = fold(name)
        return "".join(sign for mode, sign in RANKS.items() if folded in self.ranks[mode])

    @property
    def hidden(self) -> bool:
        """Whether others than its members do not hear of the group."""
        return "s" in self.flags or "p" in self.flags

    def _silenced(self, who: str) -> bool:
        return self._listed("b", who) and not self._listed("e", who)

    def _listed(self, mode: str, who: str) -> bool:
        return any(matches(entry.mask, who) for entry in self.lists[mode])

    # Changes.

    def apply(self, changes: Iterable[Change], author: str, group: str) -> list[Change]:
        """Change modes.

        Args:
            changes: what to change; the names of members must be in it as members have them.
            author: who does.
            group: the group's name, for the error.

        Returns:
            What has changed: what was so already is left out.

        Raises:
            NotAllowed: a list is full.
            BadText: a value is none.
        """
        done = []
        try:
            for on, mode, value in changes:
                real = self._change(on, mode, value, author, group)
                if real is not None:
                    done.append(real)
        finally:
            self.quiet = "m" not in self.flags and not self.lists["b"]
        if done:
            # Later than before, however coarse the clock is: servers compare it.
            self.changed = max(time.time(), self.changed + _TICK)
        return done

    def _change(
        self, on: bool, mode: str, value: str | None, author: str, group: str
    ) -> Change | None:
        if mode in FLAGS:
            if on == (mode in self.flags):
                return None
            (self.flags.add if on else self.flags.discard)(mode)
            return on, mode, None
        value = value or ""
        check_text(value, self.limits.maskBytes, "the value of a mode")
        if mode in RANKS:
            names = self.ranks[mode]
            if on == (fold(value) in names):
                return None
            (names.add if on else names.discard)(fold(value))
            return on, mode, value
        if mode in LISTS:
            return self._change_list(on, mode, normal_mask(value), author, group)
        return self._change_key(on, value) if mode == KEY else self._change_limit(on, value)

    def _change_key(self, on: bool, value: str) -> Change | None:
        if not on:
            gone, self.key = self.key, None
            return None if gone is None else (False, KEY, gone)
        if not value or " " in value or "," in value or value[0] == ":":
            raise BadText("a key has no spaces and no commas in it")
        if len(value.encode()) > self.limits.keyBytes:
            raise BadText(f"a key has at most {self.limits.keyBytes} bytes")
        if value == self.key:
            return None
        self.key = value
        return True, KEY, value

    def _change_limit(self, on: bool, value: str) -> Change | None:
        if not on:
            gone, self.limit = self.limit, None
            return None if gone is None else (False, LIMIT, None)
        # Nine digits: no group has more members, and a number of any length takes time to read.
        if not re.fullmatch("[0-9]{1,9}", value) or int(value) < 1:
            raise BadText("a limit is a number from 1 on")
        if int(value) == self.limit:
            return None
        self.limit = int(value)
        return True, LIMIT, str(self.limit)

    def _change_list(
        self, on: bool, mode: str, mask: str, author: str, group: str
    ) -> Change | None:
        entries = self.lists[mode]
        found = next((entry for entry in entries if fold(entry.mask) == fold(mask)), None)
        if on == (found is not None):
            return None
        if found is not None:
            entries.remove(found)
            return False, mode, found.mask
        if " " in mask:
            raise BadText("a mask has no spaces in it")
        check_text(mask, self.limits.maskBytes, "a mask")
        if sum(map(len, self.lists.values())) >= self.limits.masksPerGroup:
            raise NotAllowed(Refusal.LIST_FULL, group)
        entries.append(Mask(mask, author, int(time.time())))
        return True, mode, mask

    def invite(self, name: str) -> None:
        """Let somebody in, whatever the modes; once."""
        self.invited.pop(fold(name), None)
        self.invited[fold(name)] = None
        if len(self.invited) > self.limits.invitationsPerGroup:
            del self.invited[next(iter(self.invited))]

    def joined(self, name: str) -> None:
        """Somebody came in: an invitation is used up."""
        self.invited.pop(fold(name), None)

    def left(self, name: str) -> None:
        """Somebody left: their ranks are gone."""
        for names in self.ranks.values():
            names.discard(fold(name))

    def text(self, show_key: bool) -> str:
        """Flags and settings in the form of IRC: ``+klnt key 10``."""
        letters = sorted(self.flags)
        values = []
        if self.key is not None:
            letters.append(KEY)
            values.append(self.key if show_key else "*")
        if self.limit is not None:
            letters.append(LIMIT)
            values.append(str(self.limit))
        return " ".join(["+" + "".join(letters), *values])

    # Between processes.

    def state(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "flags": "".join(sorted(self.flags)),
            "key": self.key,
            "limit": self.limit,
            "lists": {
                mode: [[entry.mask, entry.author, entry.date] for entry in entries]
                for mode, entries in self.lists.items()
            },
            "ranks": {mode: sorted(names) for mode, names in self.ranks.items()},
        }

    def changes_to(self, state: dict[str, Any]) -> list[Change]:
        """What to change to be as another process says.

        Raises:
            KeyError, TypeError, ValueError: that is no state of modes.
        """
        changes: list[Change] = []
        flags = set(state["flags"]) & set(FLAGS)
        changes += [(False, each, None) for each in sorted(self.flags - flags)]
        changes += [(True, each, None) for each in sorted(flags - self.flags)]
        for mode, mine in ((KEY, self.key), (LIMIT, self.limit)):
            theirs = state["key" if mode == KEY else "limit"]
            if theirs is None and mine is not None:
                changes.append((False, mode, None))
            elif theirs is not None and str(theirs) != str(mine):
                changes.append((True, mode, str(theirs)))
        for mode in LISTS:
            there = [entry.mask for entry in self.lists[mode]]
            wanted = [str(mask) for mask, _, _ in state["lists"][mode]]
            changes += [(False, mode, mask) for mask in there if mask not in wanted]
            changes += [(True, mode, mask) for mask in wanted if mask not in there]
        for mode in RANKS:
            names = set(map(str, state["ranks"][mode]))
            changes += [(False, mode, name) for name in sorted(self.ranks[mode] - names)]
            changes += [(True, mode, name) for name in sorted(names - self.ranks[mode])]
        return changes


def parse_changes(
    words: list[str], most: int, member: Callable[[str], str | None]
) -> tuple[list[Change], list[str], list[str], list[str]]:
    """What a command for modes asks for.

    Args:
        words: letters with ``+`` and ``-``, values, more letters, and so on.
        most: how many changes with values are taken; the others are left out, as servers do.
        member: the name of a member as it is, from what somebody wrote, or None.

    Returns:
        Changes; lists that are asked for; letters that mean nothing; names of nobody.
    """
    changes: list[Change] = []
    asked: list[str] = []
    unknown: list[str] = []
    nobody: list[str] = []
    values = words[1:]
    on = True
    for letter in words[0] if words else "":
        if letter in "+-":
            on = letter == "+"
        elif letter in FLAGS or (letter == LIMIT and not on):
            changes.append((on, letter, None))
        elif letter in LISTS and not values:
            asked.append(letter)
        elif letter in LISTS or letter in RANKS or letter in (KEY, LIMIT):
            value: str | None = values.pop(0) if values else None
            if value is None and not (letter == KEY and not on):
                continue
            most -= 1
            if most < 0:
                continue
            if letter in RANKS and value is not None:
                name = member(value)
                if name is None:
                    nobody.append(value)
                    continue
                value = name
            changes.append((on, letter, value))
        elif letter not in unknown:
            unknown.append(letter)
    return changes, asked, unknown, nobody
