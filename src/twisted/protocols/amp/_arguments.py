"""Arguments that are one value: how each is written, and read."""

from __future__ import annotations

import datetime
import decimal
import math
import re
from functools import cache
from typing import Any, Final

from zope.interface import implementer

from twisted.protocols.amp._interfaces import IArgumentType
from twisted.python.filepath import FilePath

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

#: Names that arguments cannot have in Python: there they begin with a capital letter. Later
#: keywords are not among them, or programs would not agree on what to call an argument.
PYTHON_KEYWORDS: Final = [
    *("and", "assert", "break", "class", "continue", "def", "del", "elif", "else", "except"),
    *("exec", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "not"),
    *("or", "pass", "print", "raise", "return", "try", "while", "yield"),
]

#: The time zone of `DateTime` values in universal time.
utc = datetime.UTC

# More digits take Python long to read. Its own limit is the same, and can be switched off.
_MAX_DIGITS: Final = 4300
_DATE_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})([+-])(\d\d):(\d\d)", re.ASCII
).fullmatch


@cache  # as many as the program declares
def pythonName(name: bytes) -> str:
    """Return what an argument is called in Python."""
    plain = name.decode("ascii").replace("-", "_")
    return plain.title() if plain in PYTHON_KEYWORDS else plain


@implementer(IArgumentType)
class Argument:
    """The base of all types of arguments. A subclass has `fromString` and `toString`.

    One that needs to know of the connection has `fromStringProto` and `toStringProto` instead.

    Args:
        optional: whether the argument may be left out; it is None then.
    """

    optional = False

    def __init__(self, optional: bool = False) -> None:
        self.optional = optional

    def retrieve(self, d: dict[Any, Any], name: Any, proto: Any) -> Any:
        """Take the value called `name` out of `d`.

        Returns:
            The value; None if it is not there, and optional.

        Raises:
            KeyError: It is not there, and not optional.
        """
        if self.optional:
            return d.pop(name, None)
        return d.pop(name)

    def fromBox(
        self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any
    ) -> None:
        """See `IArgumentType.fromBox`."""
        string = self.retrieve(strings, name, proto)
        objects[pythonName(name)] = None if string is None else self.fromStringProto(string, proto)

    def toBox(
        self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any
    ) -> None:
        """See `IArgumentType.toBox`."""
        value = self.retrieve(objects, pythonName(name), proto)
        if value is not None or not self.optional:
            strings[name] = self.toStringProto(value, proto)

    def fromStringProto(self, inString: bytes, proto: Any) -> Any:
        """Return the value that `inString` stands for.

        Args:
            inString: what was received.
            proto: who has received it.
        """
        return self.fromString(inString)

    def toStringProto(self, inObject: Any, proto: Any) -> bytes:
        """Return what stands for a value.

        Args:
            inObject: the value.
            proto: who sends it.
        """
        return self.toString(inObject)

    def fromString(self, inString: bytes) -> Any:
        """Return the value that `inString` stands for."""
        raise NotImplementedError(f"{type(self).__name__} has to define fromString(self, inString)")

    def toString(self, inObject: Any) -> bytes:
        """Return what stands for a value."""
        raise NotImplementedError(f"{type(self).__name__} has to define toString(self, inObject)")


class Integer(Argument):
    """A whole number of any size, in decimal digits."""

    def fromString(self, inString: bytes) -> int:
        """Return the number."""
        digits = inString if inString.isdigit() else inString.removeprefix(b"-")
        if len(digits) > _MAX_DIGITS or not digits.isdigit():
            raise ValueError(f"not a whole number in decimal digits: {inString[:40]!r}")
        return int(inString)

    def toString(self, inObject: int) -> bytes:
        """Return its digits."""
        return b"%d" % (inObject,)


class String(Argument):
    """Bytes, as they are."""

    def toString(self, inObject: Any) -> bytes:
        """Return the bytes."""
        if not isinstance(inObject, bytes | bytearray | memoryview):
            raise TypeError(
                f"String takes bytes, not {inObject!r}: encode text first, or declare Unicode"
            )
        return bytes(inObject)

    def fromString(self, inString: bytes) -> Any:
        """Return the bytes."""
        return inString


class Unicode(String):
    """Text, encoded as UTF-8."""

    def toString(self, inObject: Any) -> bytes:
        """Return the text, encoded."""
        if not isinstance(inObject, str):
            raise TypeError(f"Unicode takes text, not {type(inObject).__name__}: {inObject!r}")
        return inObject.encode("utf-8")

    def fromString(self, inString: bytes) -> Any:
        """Return the text."""
        return inString.decode("utf-8")


class Path(Unicode):
    """A `twisted.python.filepath.FilePath`, as the text of its absolute path."""

    def fromString(self, inString: bytes) -> FilePath[str]:
        """Return the path."""
        return FilePath(super().fromString(inString))

    def toString(self, inObject: Any) -> bytes:
        """Return the text of the path."""
        return super().toString(inObject.asTextMode().path)


class Float(Argument):
    """A `float`, as Python writes it: exact, infinities and not-a-number included."""

    def fromString(self, inString: bytes) -> float:
        """Return the number."""
        # Python allows underscores between digits, as in a program.
        if b"_" in inString:
            raise ValueError(f"not a number: {inString[:40]!r}")
        return float(inString)

    def toString(self, inString: float) -> bytes:
        """Return it as Python writes it."""
        if not isinstance(inString, float):
            raise ValueError(f"Float takes a float, not {inString!r}")
        return repr(inString).encode("ascii")


class Boolean(Argument):
    """True or False; any object is either."""

    def fromString(self, inString: bytes) -> bool:
        """Return which it is."""
        if inString == b"True":
            return True
        if inString == b"False":
            return False
        raise TypeError(f"neither True nor False: {inString[:40]!r}")

    def toString(self, inObject: object) -> bytes:
        """Return its name."""
        return b"True" if inObject else b"False"


class Decimal(Argument):
    """A `decimal.Decimal`, all its digits and special values included."""

    def fromString(self, inString: bytes) -> decimal.Decimal:
        """Return the number."""
        if b"_" in inString:
            raise ValueError(f"not a decimal number: {inString[:40]!r}")
        try:
            return decimal.Decimal(inString.decode("ascii"))
        except decimal.InvalidOperation:
            raise ValueError(f"not a decimal number: {inString[:40]!r}") from None

    def toString(self, inObject: decimal.Decimal) -> bytes:
        """Return its text."""
        if not isinstance(inObject, decimal.Decimal):
            raise ValueError(f"Decimal takes a decimal.Decimal, not {inObject!r}")
        return str(inObject).encode("ascii")


class DateTime(Argument):
    """A `datetime.datetime` that knows its offset from universal time, to the microsecond."""

    def fromString(self, inString: bytes) -> datetime.datetime:
        """Return the moment."""
        match = _DATE_TIME(inString.decode("ascii", "replace"))
        if match is None:
            raise ValueError(f"not of the form YYYY-MM-DDTHH:MM:SS.mmmmmm+HH:MM: {inString[:40]!r}")
        *when, sign, hours, minutes = match.groups()
        offset = datetime.timedelta(hours=int(hours), minutes=int(minutes))
        zone = datetime.timezone(-offset if sign == "-" else offset)
        year, month, day, hour, minute, second, microsecond = map(int, when)
        return datetime.datetime(year, month, day, hour, minute, second, microsecond, zone)

    def toString(self, inObject: datetime.datetime) -> bytes:
        """Return it in the form of ISO 8601 that always has the same length."""
        offset = inObject.utcoffset()
        if offset is None:
            raise ValueError(
                "a datetime without a time zone is not one moment: give it one, such as amp.utc"
            )
        minutes = math.trunc(offset.total_seconds() / 60)
        hours, minutes = divmod(abs(minutes), 60)
        sign = "-" if offset < datetime.timedelta() else "+"
        local = inObject.replace(tzinfo=None).isoformat(timespec="microseconds")
        return f"{local}{sign}{hours:02}:{minutes:02}".encode("ascii")


class Descriptor(Integer):
    """An open file descriptor, which goes over a UNIX socket beside the box.

    What is received is a new descriptor, to be closed by whoever gets it.
    """

    def fromStringProto(self, inString: bytes, proto: Any) -> int:
        """Return the descriptor that has come with the box."""
        descriptor: int = proto._ampClaimDescriptor(self.fromString(inString))
        return descriptor

    def toStringProto(self, inObject: int, proto: Any) -> bytes:
        """Send the descriptor; return the number of it on this connection."""
        return self.toString(proto._ampPassDescriptor(inObject))


class Given(Argument):
    """An argument of a command that does not travel: it is for this end of the connection."""

    def __init__(self) -> None:
        super().__init__(optional=True)

    def fromBox(
        self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any
    ) -> None:
        """Nothing has come."""

    def toBox(self, name: bytes, strings: Any, objects: dict[str, Any], proto: Any) -> None:
        """Keep it beside the strings, if the box has a place for it."""
        value = objects.pop(pythonName(name), None)
        given = getattr(strings, "given", None)
        if given is not None:
            given[pythonName(name)] = value
