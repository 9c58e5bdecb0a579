"""Headers of requests and responses: names without regard to case, each with its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, AnyStr, Self, TypeVar, overload

__all__ = ["Headers"]

_T = TypeVar("_T")

_isToken = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_lineEnds = re.compile(rb"[\r\n]+[ \t]*")

#: Names that are not written as their parts with a capital each.
_CAPITALS = {
    name.lower(): name
    for name in (
        b"Content-MD5",
        b"DNT",
        b"ETag",
        b"P3P",
        b"TE",
        b"WWW-Authenticate",
        b"X-XSS-Protection",
    )
}
#: How many names are remembered as they are written; names may come from peers.
_REMEMBERED = 1000


def wireName(name: bytes) -> bytes:
    """A name as it is sent, from one in small letters."""
    try:
        return _CAPITALS[name]
    except KeyError:
        made = b"-".join([part.capitalize() for part in name.split(b"-")])
        if len(_CAPITALS) < _REMEMBERED:
            _CAPITALS[name] = made
        return made


def _keyOf(name: bytes | str) -> bytes:
    if isinstance(name, str):
        return name.encode("iso-8859-1").lower()
    if isinstance(name, bytes):
        return name.lower()
    raise TypeError(f"the name of a header is bytes or str, not {type(name).__name__}: {name!r}")


def _newKey(name: bytes | str) -> bytes:
    key = _keyOf(name)
    if not _isToken(key):
        raise ValueError(f"{name!r} cannot be the name of a header")
    return key


def _sanitizeLinearWhitespace(value: bytes) -> bytes:
    """A value in one line. Klein's tests ask by this name what is made of values."""
    return _lineEnds.sub(b" ", value).strip()


def _valueOf(value: bytes | str) -> bytes:
    if isinstance(value, str):
        value = value.encode("utf-8")
    elif not isinstance(value, bytes):
        raise TypeError(f"the value of a header is bytes or str, not {type(value).__name__}")
    # What has a line end in it could be taken for two headers.
    if b"\n" in value or b"\r" in value:
        return _sanitizeLinearWhitespace(value)
    return value


class Headers:
    """Headers.

    Asked with a name of `bytes`, it answers with `bytes`; with a `str`, with `str` (UTF-8).

    Args:
        rawHeaders: values by name to begin with.
    """

    __slots__ = ("_rawHeaders",)

    def __init__(
        self,
        rawHeaders: Mapping[bytes, Sequence[bytes]] | Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._rawHeaders: dict[bytes, list[bytes]] = {}
        if rawHeaders is not None:
            for name, values in rawHeaders.items():
                self.setRawHeaders(name, values)

    @classmethod
    def _fromParsed(cls, rawHeaders: dict[bytes, list[bytes]]) -> Self:
        """Headers on a dictionary that is in order: names in small letters, clean values."""
        made = cls.__new__(cls)
        made._rawHeaders = rawHeaders
        return made

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._rawHeaders!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers):
            return self._rawHeaders == other._rawHeaders
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it can change

    def copy(self) -> Self:
        """Headers that are the same for now."""
        return self._fromParsed({name: list(values) for name, values in self._rawHeaders.items()})

    def hasHeader(self, name: AnyStr) -> bool:
        """Whether there is a header of that name."""
        return _keyOf(name) in self._rawHeaders

    def removeHeader(self, name: AnyStr) -> None:
        """Forget all values of a name; there need not be any."""
        self._rawHeaders.pop(_keyOf(name), None)

    def setRawHeaders(self, name: str | bytes, values: Sequence[str | bytes]) -> None:
        """Replace the values of a name.

        Args:
            name: the name, in any case.
            values: all of them. Line ends in them become spaces.

        Raises:
            TypeError: the values are not a list or a tuple, or not of bytes or str.
            ValueError: the name cannot be one.
        """
        if not isinstance(values, list | tuple):
            raise TypeError(
                f"setRawHeaders takes a list of values: setRawHeaders({name!r}, [{values!r}])"
            )
        self._rawHeaders[_newKey(name)] = [_valueOf(value) for value in values]

    def _setOne(self, name: str | bytes, value: str | bytes) -> None:
        """The same with one value."""
        # Benchmark http-static-small: a name that was written before is one, in small letters.
        if name.__class__ is not bytes or name not in _CAPITALS:
            name = _newKey(name)
        self._rawHeaders[name] = [_valueOf(value)]

    def addRawHeader(self, name: str | bytes, value: str | bytes) -> None:
        """Add one value to those of a name; arguments and errors as of `setRawHeaders`."""
        self._rawHeaders.setdefault(_newKey(name), []).append(_valueOf(value))

    @overload
    def getRawHeaders(self, name: AnyStr) -> Sequence[AnyStr] | None: ...

    @overload
    def getRawHeaders(self, name: AnyStr, default: _T) -> Sequence[AnyStr] | _T: ...

    def getRawHeaders(self, name: Any, default: Any = None) -> Any:
        """The values of a name, in their order; `default` if there is none."""
        values = self._rawHeaders.get(_keyOf(name))
        if values is None:
            return default
        if isinstance(name, str):
            return [value.decode("utf-8", "surrogateescape") for value in values]
        return values

    def getAllRawHeaders(self) -> Iterator[tuple[bytes, Sequence[bytes]]]:
        """All names, as they are sent, and their values."""
        for name, values in self._rawHeaders.items():
            yield wireName(name), values
