"""Classes whose objects are kept, and a list of objects that can be."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import os
from typing import Any

from twisted.persisted.styles import Ephemeral, Versioned


class Plain:
    """Has attributes."""

    a: Any
    me: Any

    def __init__(self, /, **attributes: Any) -> None:
        vars(self).update(attributes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # what can change is no key

    def method(self) -> str:
        return "method"

    def __hidden(self) -> str:
        return "hidden"

    def hidden(self) -> Any:
        return self.__hidden

    @classmethod
    def ofClass(cls) -> type[Plain]:
        return cls


class Stateful:
    """Says itself what it is made of."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __getstate__(self) -> Any:
        return self.parts

    def __setstate__(self, state: Any) -> None:
        self.parts = state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stateful) and self.parts == other.parts

    __hash__ = None  # type: ignore[assignment]  # what can change is no key


class Slots:
    """Has no dictionary."""

    __slots__ = ("x", "y")
    x: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slots) and self.x == other.x

    __hash__ = None  # type: ignore[assignment]  # what can change is no key


class Key:
    """Is what its attribute is, as a key of a dictionary."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.name == other.name


class Color(enum.Enum):
    RED = 1


class Temporary(Ephemeral):
    """Is not kept."""


class Growing(Versioned):
    """Has had three versions."""

    x: Any
    cache: Any
    persistenceVersion = 3
    persistenceForgets = ("cache",)

    def upgradeToVersion2(self) -> None:
        self.steps = [*getattr(self, "steps", []), 2]

    def upgradeToVersion3(self) -> None:
        self.steps = [*getattr(self, "steps", []), 3]


class Nested:
    class Inner(Plain):
        """Is in another class."""


def function() -> str:
    return "function"


def _slots() -> Slots:
    made = Slots()
    made.x = 1
    return made


def objects() -> list[Any]:
    """Objects that are equal to themselves as they come back."""
    shared = ["shared"]
    return [
        None,
        True,
        ...,
        0,
        -1,
        10**5000,
        -(10**5000),
        1.5,
        -0.0,
        float("inf"),
        float("-inf"),
        1j,
        complex(-1.5, -2),
        complex(float("inf"), 1),
        "",
        "text",
        " \t\r\n'\"\\",
        "\0\x01\x7f\x85\u2028\ud800\ufffe",
        "<&>]]>",
        "\U0001f40d gr\xfc\xdfe",
        b"",
        bytes(range(256)),
        [],
        (),
        {},
        [1, [2, (3, {4: 5})]],
        (1,),
        {"a": 1, 2: b"b", (3, "c"): None, frozenset([4]): ()},
        {"class": 1, "self": 2, "not a name": 3},
        set(),
        {1, 2},
        frozenset("ab"),
        bytearray(b"x"),
        range(3),
        slice(1, 2),
        collections.deque([1, 2], 3),
        collections.OrderedDict([("b", 1), ("a", 2)]),
        collections.defaultdict(list, {1: [2]}),
        collections.Counter("aab"),
        datetime.datetime(2008, 1, 2, tzinfo=datetime.UTC),
        decimal.Decimal("1.50"),
        fractions.Fraction(1, 3),
        Color.RED,
        Plain(),
        Plain(a=1, b=[2]),
        Plain(className="x", __stateObj__=1, self=2),
        Nested.Inner(a=1),
        Stateful(),
        Stateful(1, [2]),
        _slots(),
        {Key("k"): 1},
        {Key("k")},
        [shared, shared],
        os,
        os.path,
        Plain,
        Nested.Inner,
        int,
        function,
        len,
        Plain(a=1).method,
        Plain(a=1).hidden(),
        Plain.ofClass,
        Color,
    ]
