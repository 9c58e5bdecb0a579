"""The options that a class declares, and what is done when one of them is met."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Protocol

from twisted.python import reflect, util

_PUBLIC = "twisted.python.usage"

Coerce = Callable[[str], Any]


class UsageError(Exception):
    """The command line is wrong; the text tells its user what about it."""

    __module__ = _PUBLIC


class HasOpts(Protocol):
    """Where the values of options are kept."""

    @property
    def opts(self) -> MutableMapping[str, Any]: ...


class CoerceParameter:
    """Stores the value of a parameter after turning it into what is wanted.

    Args:
        options: an `Options`, in whose ``opts`` values are stored.
        coerce: called with the text from the command line, gives the value, or raises
            `ValueError` with a text that says what is wrong.
    """

    __module__ = _PUBLIC

    def __init__(self, options: HasOpts, coerce: Coerce) -> None:
        self.options = options
        self.coerce = coerce
        self.doc: str = getattr(coerce, "coerceDoc", "")

    def dispatch(self, parameterName: str, value: str | None) -> None:
        """Store a value.

        Raises:
            UsageError: there is none, or it is not of the kind wanted.
        """
        if value is None:
            raise UsageError(f"Parameter '{parameterName}' requires an argument.")
        try:
            coerced = self.coerce(value)
        except ValueError as error:
            raise UsageError(
                f"Parameter type enforcement failed: --{parameterName} cannot be {value!r}: {error}"
            ) from error
        self.options.opts[parameterName] = coerced


class Declared:
    """One option of a command line.

    ``spellings`` are the ways to write it, such as ``--fast`` and ``-f``.  ``act`` is called with
    the value, or with None for an option that takes none.
    """

    __slots__ = ("act", "coerceDoc", "default", "doc", "key", "spellings", "takesValue")

    def __init__(
        self,
        key: str,
        spellings: list[str],
        takesValue: bool,
        act: Callable[[str | None], None],
        doc: str | None = None,
        default: object = None,
        coerceDoc: str = "",
    ) -> None:
        self.key = key
        self.spellings = spellings
        self.takesValue = takesValue
        self.act = act
        self.doc = doc
        self.default = default
        self.coerceDoc = coerceDoc

    def names(self) -> set[str]:
        """The spellings without their hyphens, and the key."""
        return {self.key, *(spelling.lstrip("-") for spelling in self.spellings)}


def flagFunction(method: Callable[..., object], name: str | None = None) -> bool:
    """Whether a method for an option takes no value.

    Args:
        method: a bound method, with no parameter for a flag, or with one for the value.
        name: what to call it in the error.

    Raises:
        UsageError: it has more parameters than that.
    """
    count = len(inspect.signature(method).parameters)
    if count > 1:
        raise UsageError(
            f"Invalid option function for {name or getattr(method, '__name__', method)}:"
            f" it takes {count} arguments, and an option has one at most."
        )
    return count == 0


def declaredFlags(options: Any) -> Iterator[Declared]:
    """The options of ``optFlags`` in the classes of ``options``; each is set to 0."""
    for row in _rows(options, "optFlags", 3):
        long, short, doc = row
        options.opts[long] = 0
        yield Declared(long, _spellings(long, short), False, _setter(options, long), doc)


def _setter(options: HasOpts, key: str) -> Callable[[str | None], None]:
    def setFlag(value: str | None) -> None:
        options.opts[key] = 1

    return setFlag


def declaredParameters(options: Any) -> Iterator[Declared]:
    """The options of ``optParameters`` in the classes of ``options``, set to their defaults."""
    for row in _rows(options, "optParameters", 5):
        long, short, default, doc, coerce = row
        options.opts[long] = default
        parameter = CoerceParameter(options, str if coerce is None else coerce)
        yield Declared(
            long,
            _spellings(long, short),
            True,
            _storer(parameter, long),
            doc,
            default,
            parameter.doc,
        )


def _storer(parameter: CoerceParameter, key: str) -> Callable[[str | None], None]:
    def store(value: str | None) -> None:
        parameter.dispatch(key, value)

    return store


_COMMON = ("version", "help")


def declaredMethods(options: object) -> Iterator[Declared]:
    """The options for which there are methods ``opt_name``; names of one method are synonyms."""
    names: dict[str, int] = {}
    reflect.addMethodNamesToDict(type(options), names, "opt_")
    synonyms: dict[object, list[str]] = {}
    # What every program has stands at the end of the help.
    for name in sorted(names, key=_COMMON.__contains__):
        synonyms.setdefault(getattr(options, "opt_" + name).__func__, []).append(name)
    for same in synonyms.values():
        # The name to know it by is the longest way to write it.
        same.sort(key=len, reverse=True)
        method = getattr(options, "opt_" + same[0])
        flag = flagFunction(method, same[0])
        yield Declared(
            same[0],
            [_spelled(name) for name in same],
            not flag,
            _caller(method, flag),
            inspect.getdoc(method),
        )


def _caller(method: Callable[..., object], flag: bool) -> Callable[[str | None], None]:
    def call(value: str | None) -> None:
        if flag:
            method()
        else:
            method(value)

    return call


def _rows(options: object, attribute: str, length: int) -> Iterator[list[Any]]:
    rows: list[list[Any]] = []
    reflect.accumulateClassList(type(options), attribute, rows)
    for row in rows:
        try:
            yield util.padTo(length, row)
        except ValueError:
            raise ValueError(
                f"{attribute} of {type(options).__name__} has {len(row)} items in {row!r};"
                f" there may be {length}."
            ) from None


def _spellings(long: str, short: str | None) -> list[str]:
    return [f"--{long}", f"-{short}"] if short else [f"--{long}"]


def _spelled(name: str) -> str:
    """How the option of a method ``opt_name`` is written."""
    return f"-{name}" if len(name) == 1 else "--" + name.replace("_", "-")


def portCoerce(value: str) -> int:
    """A port number from text, for `Options.optParameters`.

    Raises:
        ValueError: it is no number from 0 to 65535.
    """
    number = int(value)
    if not 0 <= number <= 65535:
        raise ValueError(f"Port number not in range: {number}")
    return number


portCoerce.coerceDoc = "Must be an int between 0 and 65535."  # type: ignore[attr-defined]  # read by help
