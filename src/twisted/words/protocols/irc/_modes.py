"""Changes of modes, as RFC 1459 (4.2.3) writes them: ``+o-v nick other``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

#: A mode and what it takes, or None.
Mode = tuple[str, str | None]


class IRCBadModes(ValueError):
    """Changes of modes cannot be read."""


def parseModes(
    modes: str, params: Iterable[str], paramModes: Sequence[str] = ("", "")
) -> tuple[list[Mode], list[Mode]]:
    """Take changes of modes apart.

    Args:
        modes: letters with a "+" or "-" before them.
        params: what those modes have that take something, in their order.
        paramModes: the letters of the modes that take something when they are set, and of those
            that do when they are taken away.

    Returns:
        The modes that are set, and those that are taken away, each with what it takes or None.

    Raises:
        IRCBadModes: there are too few or too many parameters, or no modes where they belong.
    """
    if not modes:
        raise IRCBadModes("Empty mode string")
    if modes[0] not in "+-":
        raise IRCBadModes(f"Malformed modes string: {modes!r}")
    if modes[-1] in "+-" or "+-" in modes or "-+" in modes or "++" in modes or "--" in modes:
        raise IRCBadModes(f"Empty mode sequence: {modes!r}")
    left = list(params)
    left.reverse()
    added: list[Mode] = []
    removed: list[Mode] = []
    changed, taking = added, ""
    for mode in modes:
        if mode == "+":
            changed, taking = added, paramModes[0]
        elif mode == "-":
            changed, taking = removed, paramModes[1]
        elif mode not in taking:
            changed.append((mode, None))
        elif left:
            changed.append((mode, left.pop()))
        else:
            raise IRCBadModes(f"Not enough parameters: {mode!r}")
    if left:
        raise IRCBadModes(f"Too many parameters: {modes!r} {left[::-1]!r}")
    return added, removed
