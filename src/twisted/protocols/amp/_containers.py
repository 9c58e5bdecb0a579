"""Arguments that hold others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from twisted.protocols.amp._arguments import Argument, pythonName
from twisted.protocols.amp._boxes import AmpBox, lengthBefore, parseString
from twisted.protocols.amp._errors import InvalidSignature, MalformedAmpBox

__name__ = "twisted.protocols.amp"  # the public path, for pickles and messages

Signature = Sequence[tuple[bytes, Any]]


class ListOf(Argument):
    """Any number of values of one type, each with its length before it.

    Args:
        elementType: the type of each, such as ``Integer()``.
        optional: whether the argument may be left out.
    """

    def __init__(self, elementType: Argument, optional: bool = False) -> None:
        super().__init__(optional)
        self.elementType = elementType

    def fromString(self, inString: bytes) -> list[Any]:
        """Return the values."""
        return self.fromStringProto(inString, None)

    def toString(self, inObject: Iterable[Any]) -> bytes:
        """Return the values, each after its length."""
        return self.toStringProto(inObject, None)

    def fromStringProto(self, inString: bytes, proto: Any) -> list[Any]:
        """Return the values."""
        values: list[Any] = []
        pos = 0
        while pos < len(inString):
            begin = pos + 2
            pos = begin + int.from_bytes(inString[pos:begin], "big")
            if begin > len(inString) or pos > len(inString):
                raise MalformedAmpBox(f"a list ends in the middle of element {len(values)}")
            values.append(self.elementType.fromStringProto(inString[begin:pos], proto))
        return values

    def toStringProto(self, inObject: Iterable[Any], proto: Any) -> bytes:
        """Return the values, each after its length."""
        parts: list[bytes] = []
        for each in inObject:
            string = self.elementType.toStringProto(each, proto)
            parts += (lengthBefore(string), string)
        return b"".join(parts)


class AmpList(Argument):
    """Any number of boxes, each with the same arguments; in Python, a list of dicts.

    Args:
        subargs: pairs of a name and a type, as in `Command.arguments`.
        optional: whether the argument may be left out.
    """

    def __init__(self, subargs: Signature, optional: bool = False) -> None:
        super().__init__(optional)
        self.subargs = subargs

    def fromStringProto(self, inString: bytes, proto: Any) -> list[dict[str, Any]]:
        """Return a dict for each box."""
        return [objectsOf(box, self.subargs, proto) for box in parseString(inString)]

    def toStringProto(self, inObject: Iterable[dict[str, Any]], proto: Any) -> bytes:
        """Return a box for each dict."""
        return b"".join(
            stringsOf(each, self.subargs, AmpBox(), proto).serialize() for each in inObject
        )


def stringsOf(objects: dict[str, Any], signature: Signature, box: AmpBox, proto: Any) -> AmpBox:
    """Put objects into a box.

    Args:
        objects: the objects, by their names in Python; others than those of the signature stay out.
        signature: which there are.
        box: the box.
        proto: who sends it.

    Raises:
        InvalidSignature: One is missing.
    """
    left = dict(objects)
    for name, kind in signature:
        try:
            kind.toBox(name, box, left, proto)
        except KeyError:
            if pythonName(name) in objects:
                raise
            raise InvalidSignature(f"{pythonName(name)} is missing") from None
    return box


def objectsOf(box: dict[bytes, bytes], signature: Signature, proto: Any) -> dict[str, Any]:
    """Return the objects of a box, by their names in Python.

    Raises:
        MalformedAmpBox: One is missing.
    """
    objects: dict[str, Any] = {}
    left = dict(box)
    for name, kind in signature:
        try:
            kind.fromBox(name, left, objects, proto)
        except KeyError:
            if name in box:
                raise
            raise MalformedAmpBox(f"{name!r} is missing in a box with {sorted(box)!r}") from None
    return objects
