"""Objects to expressions.

Theory of operation
-------------------
What can be changed or be part of itself is numbered when it is met a second time, and not before:
its first expression is turned, in place, from `body` to `["reference", 1, body]`, and the second
is `["dereference", 1]`.  Most objects are met once, and carry no number.

So the writer remembers by identity what it has written.  It keeps these objects alive as long as
it lives itself: an identity is only good for an object that exists.
"""

from __future__ import annotations

import datetime
import decimal
import types
from collections.abc import Callable
from typing import Any

from twisted.python.reflect import qual
from twisted.spread.interfaces import IJellyable
from twisted.spread.jelly._registry import Jellyable
from twisted.spread.jelly._security import DummySecurityOptions, InsecureJelly

__name__ = "twisted.spread.jelly"  # the public path, for pickles and messages

#: An object whose expression is not finished.
_BEGUN: list[Any] = []

Sexp = Any


class Writer:
    """Makes one expression of one object and all that it refers to.

    Attributes:
        taster: which classes may be sent.
        invoker: the broker that sends, or None.
    """

    __slots__ = ("_kept", "_numbers", "_persistentStore", "_written", "invoker", "taster")

    def __init__(
        self,
        taster: Any,
        persistentStore: Callable[[Any, Any], Any] | None = None,
        invoker: Any = None,
    ) -> None:
        self.taster = taster
        self.invoker = invoker
        self._persistentStore = persistentStore
        self._written: dict[int, list[Any]] = {}  # expressions of objects, by identity
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []

    def jelly(self, obj: Any) -> Sexp:
        """The expression of an object."""
        # benchmarks/spread_cases.py, "pb-calls": what calls carry most is tried first.
        kind = type(obj)
        if kind is str:
            return [b"unicode", obj.encode()]
        if kind in _PLAIN:
            return obj
        if obj is None:
            return [b"None"]
        if kind is bool:
            return [b"boolean", b"true" if obj else b"false"]
        if id(obj) in self._written:
            return self._again(obj)
        if self._persistentStore is not None:
            stored = self._persistentStore(obj, self)
            if stored is not None:
                return [b"persistent", stored]
        if kind is dict:
            self._written[id(obj)] = _BEGUN
            self._kept.append(obj)
            jelly = self.jelly
            body: list[Any] = [b"dictionary"]
            body += [
                [
                    [b"unicode", key.encode()] if type(key) is str else jelly(key),
                    value if type(value) in _PLAIN else jelly(value),
                ]
                for key, value in obj.items()
            ]
            return self.preserve(obj, body)
        if kind in _SEQUENCES:
            self._written[id(obj)] = _BEGUN
            self._kept.append(obj)
            jelly = self.jelly
            body = [_SEQUENCES[kind]]
            body += [part if type(part) in _PLAIN else jelly(part) for part in obj]
            return self.preserve(obj, body)
        if isinstance(obj, Jellyable) or IJellyable.providedBy(obj):
            found = obj.jellyFor(self)
            assert isinstance(found, list), f"{kind.__qualname__}.jellyFor returned {found!r}"
            return found
        if kind in _RARE:
            return _RARE[kind](self, obj)
        return self._instance(obj)

    def prepare(self, obj: Any) -> list[Any]:
        """Remember that an object is being written: it may be met in its own state.

        Returns:
            An empty list for its expression, to be given to `preserve`.
        """
        self._written[id(obj)] = _BEGUN
        self._kept.append(obj)
        return []

    def preserve(self, obj: Any, sexp: list[Any]) -> list[Any]:
        """Remember the finished expression of an object that was prepared.

        Returns:
            What is to be sent in its place.
        """
        number = self._numbers.get(id(obj))
        if number is not None:
            sexp = [b"reference", number, sexp]
        self._written[id(obj)] = sexp
        return sexp

    def _again(self, obj: Any) -> list[Any]:
        """The expression of an object that was met before."""
        number = self._numbers.get(id(obj))
        if number is None:
            number = self._numbers[id(obj)] = len(self._numbers) + 1
            sexp = self._written[id(obj)]
            if sexp is not _BEGUN:
                sexp[:] = [b"reference", number, sexp[:]]
        return [b"dereference", number]

    def _instance(self, obj: Any) -> list[Any]:
        """An instance of a class that says nothing of how it is sent."""
        cls = type(obj)
        if not self.taster.isClassAllowed(cls):
            raise InsecureJelly(
                f"an instance of {qual(cls)} may not be sent: make the class a pb.Copyable (and "
                "register who receives it by pb.setUnjellyableForClass), or send plain data"
            )
        sexp = self.prepare(obj)
        sexp += [qual(cls).encode(), self.jelly(_state(obj))]
        return self.preserve(obj, sexp)

    def _boundMethod(self, method: Any) -> list[Any]:
        owner = method.__self__
        return [b"method", method.__name__.encode(), self.jelly(owner), self.jelly(type(owner))]

    def _function(self, function: Any) -> list[Any]:
        return [b"function", f"{function.__module__}.{function.__qualname__}".encode()]

    def _class(self, cls: Any) -> list[Any]:
        return [b"class", qual(cls).encode()]

    def _module(self, module: Any) -> list[Any]:
        return [b"module", module.__name__.encode()]

    def _datetime(self, value: datetime.datetime) -> list[Any]:
        if value.tzinfo is not None:
            raise NotImplementedError(f"{value!r} has a time zone: send value.isoformat(), a str")
        return [b"datetime", b"%d %d %d %d %d %d %d" % (*value.timetuple()[:6], value.microsecond)]

    def _time(self, value: datetime.time) -> list[Any]:
        if value.tzinfo is not None:
            raise NotImplementedError(f"{value!r} has a time zone: send value.isoformat(), a str")
        fields = (value.hour, value.minute, value.second, value.microsecond)
        return [b"time", b"%d %d %d %d" % fields]

    def _date(self, value: datetime.date) -> list[Any]:
        return [b"date", b"%d %d %d" % (value.year, value.month, value.day)]

    def _timedelta(self, value: datetime.timedelta) -> list[Any]:
        return [b"timedelta", b"%d %d %d" % (value.days, value.seconds, value.microseconds)]

    def _decimal(self, value: decimal.Decimal) -> list[Any]:
        sign, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            raise ValueError(f"{value!r} is no number, and there is no form for it: send its str")
        magnitude = int("".join(map(str, digits)))
        return [b"decimal", -magnitude if sign else magnitude, exponent]


def _state(obj: Any) -> Any:
    """The state of an instance, as pickle would take it, but for slots."""
    if getattr(type(obj), "__getstate__", None) is not object.__getstate__:
        return obj.__getstate__()
    if not hasattr(obj, "__dict__"):
        raise InsecureJelly(f"{type(obj).__qualname__} objects have neither attributes nor a state")
    return obj.__dict__


#: What is its own expression.
_PLAIN = frozenset((int, bytes, float))

_SEQUENCES: dict[type, bytes] = {
    list: b"list",
    tuple: b"tuple",
    set: b"set",
    frozenset: b"frozenset",
}

_RARE: dict[type, Callable[[Writer, Any], list[Any]]] = {
    datetime.datetime: Writer._datetime,
    datetime.date: Writer._date,
    datetime.time: Writer._time,
    datetime.timedelta: Writer._timedelta,
    decimal.Decimal: Writer._decimal,
    types.MethodType: Writer._boundMethod,
    types.FunctionType: Writer._function,
    types.BuiltinFunctionType: Writer._function,
    types.ModuleType: Writer._module,
    type: Writer._class,
}


def jelly(
    object: Any,
    taster: Any = DummySecurityOptions(),  # noqa: B008
    persistentStore: Callable[[Any, Any], Any] | None = None,
    invoker: Any = None,
) -> Sexp:
    """The expression of an object: lists, bytes, integers and floats, fit for Banana.

    Args:
        object: what to write.  What is met again in it is written once, cycles included.
        taster: SecurityOptions: of which classes instances may be sent, that say nothing of it.
        persistentStore: called with each object that is no plain value, and the writer; what it
            returns stands for the object (see `unjelly`), unless it is None.
        invoker: the broker that sends, for those who ask (`IJellyable.jellyFor`).

    Raises:
        InsecureJelly: if an instance may not be sent.
    """
    return Writer(taster, persistentStore, invoker).jelly(object)
