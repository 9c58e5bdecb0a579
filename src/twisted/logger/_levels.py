"""How grave an event is."""

from __future__ import annotations

import logging

from constantly import NamedConstant, Names


class InvalidLogLevelError(Exception):
    """
    Someone asked for a level that is not one of `LogLevel`.

    `level` is what was asked for.
    """

    def __init__(self, level: object) -> None:
        super().__init__(level)
        self.level = level

    def __str__(self) -> str:
        known = ", ".join(constant.name for constant in LogLevel.iterconstants())
        return f"{self.level!r} is not a log level; the levels are {known}"


class LogLevel(Names):  # type: ignore[misc]  # constantly has no types
    """
    The levels, from the least to the most grave; they compare in this order.

    `debug`
        Of use to whoever looks for a fault; too much for every day.
    `info`
        What the program does, for its user to see.
    `warn`
        Something that may become an error, or that its user should change.
    `error`
        Something failed, and the program knew what to do about it.
    `critical`
        Something failed that the program did not foresee.
    """

    debug = NamedConstant()
    info = NamedConstant()
    warn = NamedConstant()
    error = NamedConstant()
    critical = NamedConstant()

    @classmethod
    def levelWithName(cls, name: str) -> NamedConstant:
        """
        The level that is called *name*.

        Raises `InvalidLogLevelError` when there is none.
        """
        try:
            return cls.lookupByName(name)
        except ValueError:
            raise InvalidLogLevelError(name)


# `LogLevel.x` goes through a descriptor, and `x in LogLevel` through a generator:
# these are looked up for each event, and numbers compare much faster than levels.
rank: dict[NamedConstant, int] = {
    level: number for number, level in enumerate(LogLevel.iterconstants())
}
debug = LogLevel.debug
info = LogLevel.info
warn = LogLevel.warn
error = LogLevel.error
critical = LogLevel.critical

graveLevels = frozenset((error, critical))

toStandardLevel: dict[NamedConstant, int] = {
    debug: logging.DEBUG,
    info: logging.INFO,
    warn: logging.WARNING,
    error: logging.ERROR,
    critical: logging.CRITICAL,
}


def fromStandardLevel(number: int) -> NamedConstant:
    """The gravest level that is not above *number*, a level of the `logging` module."""
    found = debug
    for level, standard in toStandardLevel.items():
        if standard <= number:
            found = level
    return found
