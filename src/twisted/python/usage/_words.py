"""Take the words of a command line apart, as getopt_long(3) does.

Options end at the first word that is none, or after ``--``.  A long option may be shortened as
far as it stays unique.  Letters without values may share a hyphen; a value may follow its letter
at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from twisted.python.usage._declared import Declared, UsageError


def takeApart(
    words: Sequence[str], known: Mapping[str, Declared]
) -> tuple[list[tuple[Declared, str | None]], list[str]]:
    """The options with their values in the order given, and the words left over.

    Args:
        words: the command line, without the name of the program.
        known: the options by each of their spellings.

    Raises:
        UsageError: an option is not known or not unique, or lacks a value, or has one too many.
    """
    found: list[tuple[Declared, str | None]] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        if word.startswith("--"):
            found.append(_long(word, rest, known))
        else:
            found.extend(_shorts(word[1:], rest, known))
    return found, rest


def _long(word: str, rest: list[str], known: Mapping[str, Declared]) -> tuple[Declared, str | None]:
    written, equals, value = word.partition("=")
    declared = known[_complete(written, known)]
    if not declared.takesValue:
        if equals:
            raise UsageError(f"option {written} must not have an argument, but got {value!r}")
        return declared, None
    return declared, value if equals else _next(written, rest)


def _complete(written: str, known: Mapping[str, Declared]) -> str:
    """The long spelling that is meant."""
    if written in known:
        return written
    # A name may be declared with _ or with -; either may be written.
    plain = written.replace("_", "-")
    longs = {name.replace("_", "-"): name for name in known if name.startswith("--")}
    if plain in longs:
        return longs[plain]
    fits = [name for spelling, name in longs.items() if spelling.startswith(plain)]
    if plain != "--" and len({id(known[name]) for name in fits}) == 1:
        return fits[0]
    if plain != "--" and fits:
        choices = ", ".join(sorted(fits))
        raise UsageError(f"option {written} not a unique prefix: it could be any of {choices}")
    near = difflib.get_close_matches(written, longs.values(), 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise UsageError(f"option {written} not recognized{hint}")


def _shorts(
    letters: str, rest: list[str], known: Mapping[str, Declared]
) -> list[tuple[Declared, str | None]]:
    found: list[tuple[Declared, str | None]] = []
    while letters:
        option, letters = f"-{letters[0]}", letters[1:]
        if option not in known:
            raise UsageError(f"option {option} not recognized")
        declared = known[option]
        if declared.takesValue:
            found.append((declared, letters or _next(option, rest)))
            break
        found.append((declared, None))
    return found


def _next(option: str, rest: list[str]) -> str:
    if not rest:
        raise UsageError(f"option {option} requires argument")
    return rest.pop(0)
