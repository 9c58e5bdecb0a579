"""Expressions to objects.

Theory of operation
-------------------
A number in an expression (`["reference", 1, body]`) names an object that can be meant again while
it is being read: lists, dictionaries, sets and instances exist before what is in them is read, so
whoever means them gets them.  A tuple, a frozenset or what a factory makes does not exist yet; a
`NotKnown` stands for it wherever it is meant, and is replaced there when it is known.  Objects of
that kind with such a part are put off in turn (`crefutil.Late`).  What is put off for ever is part
of itself where nothing can be: an expression that no writer makes.

Most expressions hold none of this, so containers look for what is not known only once something
was (`_unknowns`).

Everything here was chosen by the peer: handlers check the shape of what they take, and raise
`InsecureJelly`, whatever is wrong with it.
"""

from __future__ import annotations

import datetime
import decimal
import inspect
from collections.abc import Callable, Set
from typing import Any

from twisted.persisted.crefutil import Late, NotKnown
from twisted.python.reflect import namedAny, qual
from twisted.spread.jelly._registry import unjellyableFactoryRegistry, unjellyableRegistry
from twisted.spread.jelly._security import DummySecurityOptions, InsecureJelly, SecurityOptions

__name__ = "twisted.spread.jelly"  # the public path, for pickles and messages

#: Digits of a decimal's exponent, as Python's default context has them: a short expression is not
#: to become a number of a billion digits when it is used.
MAX_EXPONENT = 999_999


_NOTHING: frozenset[bytes] = frozenset()


class Unpersistable:
    """Stands for an object that could not be sent, or found again.

    Attributes:
        reason: why.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"Unpersistable({self.reason!r})"


def _shape(sexp: list[Any], fits: bool) -> None:
    """Refuse an expression that does not have the form that its type has."""
    if not fits:
        raise InsecureJelly(f"no {_text(sexp[0])} has this form: {str(sexp)[:80]}")


def _text(name: Any) -> str:
    return name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else repr(name)[:80]


class Reader:
    """Makes the objects of one expression.

    Attributes:
        taster: what the expression may name.
        invoker: the broker that received it, or None.
    """

    __slots__ = ("_allowed", "_numbered", "_persistentLoad", "_unknowns", "invoker", "taster")

    def __init__(
        self,
        taster: Any,
        persistentLoad: Callable[[Any, Any], Any] | None = None,
        invoker: Any = None,
    ) -> None:
        self.taster = taster
        self.invoker = invoker
        self._persistentLoad = persistentLoad
        self._numbered: dict[int, Any] = {}
        self._unknowns = False
        self._allowed: Set[bytes]
        # What is known to be allowed, without a call for each.
        self._allowed = taster.allowedTypes if type(taster) is SecurityOptions else _NOTHING

    def unjellyFull(self, sexp: Any) -> Any:
        """The object of a whole expression.

        Raises:
            InsecureJelly: if it names what is not allowed, or is not whole.
        """
        found = self.unjelly(sexp)
        if self._unknowns and any(_isOpen(value) for value in self._numbered.values()):
            raise InsecureJelly("an object is part of itself where nothing can be")
        return found

    def unjelly(self, sexp: Any, number: int | None = None) -> Any:
        """The object of an expression that may be part of a larger one.

        What it returns can be a `crefutil.NotKnown`, if an object is a part of itself.

        Args:
            sexp: the expression.
            number: how others mean the object, if they do.
        """
        # benchmarks/spread_cases.py, "pb-calls": one of these for each value of a call.
        if type(sexp) is not list:
            return sexp
        if not sexp or type(sexp[0]) is not bytes:
            raise InsecureJelly(f"an expression begins with the name of a type: {str(sexp)[:80]}")
        name = sexp[0]
        if name not in self._allowed and not self.taster.isTypeAllowed(name):
            raise InsecureJelly(f"type {_text(name)} is not allowed")
        handler = _HANDLERS.get(name)
        if handler is not None:
            return handler(self, sexp, number)
        registered = unjellyableRegistry.get(name)
        if registered is not None:
            return self._registered(registered, sexp, number)
        factory = unjellyableFactoryRegistry.get(name)
        if factory is not None:
            _shape(sexp, len(sexp) == 2)
            return self._whole(lambda parts: factory(parts[0]), [self.unjelly(sexp[1])])
        return self._unregistered(sexp, number)

    def _whole(self, make: Callable[[list[Any]], Any], parts: list[Any]) -> Any:
        """Make an object that needs all of its parts at once."""
        if self._unknowns and any(isinstance(part, NotKnown) for part in parts):
            return Late(make, parts)
        return make(parts)

    def _registered(self, registered: Any, sexp: list[Any], number: int | None) -> Any:
        if not inspect.isclass(registered):
            return registered(self, sexp)
        blank: Any = registered.__new__(registered)
        if number is not None:
            self._numbered[number] = blank
        return blank.unjellyFor(self, sexp)

    def _unregistered(self, sexp: list[Any], number: int | None) -> Any:
        """An instance of a class that is allowed by itself."""
        _shape(sexp, len(sexp) == 2)
        return self._instanceOf(self._classNamed(sexp[0]), sexp[1], number)

    def _instanceOf(self, cls: type, sexp: Any, number: int | None) -> Any:
        if not self.taster.isClassAllowed(cls):
            raise InsecureJelly(f"instances of {qual(cls)} are not allowed")
        inst: Any = object.__new__(cls)
        if number is not None:
            self._numbered[number] = inst
        state = self.unjelly(sexp)
        if hasattr(inst, "__setstate__"):
            inst.__setstate__(state)
        elif isinstance(state, dict) and hasattr(inst, "__dict__"):
            inst.__dict__ = state
        elif state is not None:
            raise InsecureJelly(f"{qual(cls)} takes no state of type {type(state).__qualname__}")
        return inst

    def _named(self, name: Any) -> Any:
        """What is in an allowed module."""
        path = _text(name)
        module = path.rpartition(".")[0]
        if not self.taster.isModuleAllowed(module.encode()):
            raise InsecureJelly(f"Module {module} not allowed (in type {path}).")
        try:
            return namedAny(path)
        except Exception as e:  # importing by name may raise anything
            raise InsecureJelly(f"there is no {path}: {e}") from e

    def _classNamed(self, name: Any) -> type:
        found = self._named(name)
        if not isinstance(found, type):
            raise InsecureJelly(f"{_text(name)} is no class")
        return found

    def _none(self, sexp: list[Any], number: int | None) -> None:
        return None

    def _boolean(self, sexp: list[Any], number: int | None) -> bool:
        _shape(sexp, len(sexp) == 2 and sexp[1] in (b"true", b"false"))
        return bool(sexp[1] == b"true")

    def _unicode(self, sexp: list[Any], number: int | None) -> str:
        if len(sexp) != 2 or type(sexp[1]) is not bytes:
            _shape(sexp, False)
        try:
            return str(sexp[1], "utf-8")
        except UnicodeDecodeError as e:
            raise InsecureJelly(f"a string that is not in UTF-8: {e}") from e

    def _list(self, sexp: list[Any], number: int | None) -> list[Any]:
        found: list[Any] = []
        if number is not None:
            self._numbered[number] = found
        unjelly = self.unjelly
        found += [unjelly(part) if type(part) is list else part for part in sexp[1:]]
        if self._unknowns:
            for index, value in enumerate(found):
                if isinstance(value, NotKnown):
                    value.addDependant(found, index)
        return found

    def _tuple(self, sexp: list[Any], number: int | None) -> Any:
        unjelly = self.unjelly
        parts = [unjelly(part) if type(part) is list else part for part in sexp[1:]]
        return self._whole(tuple, parts)

    def _frozenset(self, sexp: list[Any], number: int | None) -> Any:
        return self._whole(_hashed(frozenset), [self.unjelly(part) for part in sexp[1:]])

    def _set(self, sexp: list[Any], number: int | None) -> set[Any]:
        found: set[Any] = set()
        if number is not None:
            self._numbered[number] = found
        self._whole(_hashed(found.update), [self.unjelly(part) for part in sexp[1:]])
        return found

    def _dictionary(self, sexp: list[Any], number: int | None) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        if number is not None:
            self._numbered[number] = found
        unjelly = self.unjelly
        for pair in sexp[1:]:
            if type(pair) is not list or len(pair) != 2:
                _shape(sexp, False)
            key, value = pair
            if type(key) is list:
                key = unjelly(key)
            if type(value) is list:
                value = unjelly(value)
            if self._unknowns:
                self._whole(lambda parts: found.__setitem__(*parts), [key, value])
                continue
            try:
                found[key] = value
            except TypeError as e:
                raise InsecureJelly(f"no key of a dictionary: {e}") from e
        return found

    def _reference(self, sexp: list[Any], number: int | None) -> Any:
        _shape(sexp, len(sexp) == 3 and type(sexp[1]) is int and type(sexp[2]) is list)
        key = sexp[1]
        before = self._numbered.get(key)  # what was meant before it came
        found = self.unjelly(sexp[2], key)
        promised = self._numbered.get(key)
        self._numbered[key] = found
        for unknown in {id(before): before, id(promised): promised}.values():
            if isinstance(unknown, NotKnown) and unknown is not found:
                self._whole(_settles(unknown), [found])
        return found

    def _dereference(self, sexp: list[Any], number: int | None) -> Any:
        _shape(sexp, len(sexp) == 2 and type(sexp[1]) is int)
        found = self._numbered.get(sexp[1])
        if found is None:
            found = self._numbered[sexp[1]] = NotKnown()
        if isinstance(found, NotKnown):
            self._unknowns = True
        return found

    def _persistent(self, sexp: list[Any], number: int | None) -> Any:
        _shape(sexp, len(sexp) == 2)
        if self._persistentLoad is None:
            return Unpersistable("Persistent callback not found")
        return self._persistentLoad(sexp[1], self)

    def _unpersistable(self, sexp: list[Any], number: int | None) -> Unpersistable:
        _shape(sexp, len(sexp) == 2)
        return Unpersistable(f"Unpersistable data: {_text(sexp[1])}")

    def _fields(self, sexp: list[Any], kind: type, count: int) -> Any:
        """A value of a class that is made of numbers in a string."""
        _shape(sexp, len(sexp) == 2 and type(sexp[1]) is bytes and len(sexp[1]) < 80)
        numbers = sexp[1].split()
        _shape(sexp, len(numbers) == count and all(n.lstrip(b"-").isdigit() for n in numbers))
        try:
            return kind(*map(int, numbers))
        except (ValueError, OverflowError) as e:
            raise InsecureJelly(f"no {kind.__name__}: {e}") from e

    def _datetime(self, sexp: list[Any], number: int | None) -> Any:
        return self._fields(sexp, datetime.datetime, 7)

    def _date(self, sexp: list[Any], number: int | None) -> Any:
        return self._fields(sexp, datetime.date, 3)

    def _time(self, sexp: list[Any], number: int | None) -> Any:
        return self._fields(sexp, datetime.time, 4)

    def _timedelta(self, sexp: list[Any], number: int | None) -> Any:
        return self._fields(sexp, datetime.timedelta, 3)

    def _decimal(self, sexp: list[Any], number: int | None) -> decimal.Decimal:
        _shape(sexp, len(sexp) == 3 and type(sexp[1]) is int and type(sexp[2]) is int)
        value, exponent = sexp[1:]
        _shape(sexp, abs(exponent) <= MAX_EXPONENT)
        digits = tuple(map(int, str(abs(value))))
        return decimal.Decimal((int(value < 0), digits, exponent))

    def _class(self, sexp: list[Any], number: int | None) -> type:
        _shape(sexp, len(sexp) == 2)
        cls = self._classNamed(sexp[1])
        if not self.taster.isClassAllowed(cls):
            raise InsecureJelly(f"class not allowed: {qual(cls)}")
        return cls

    def _module(self, sexp: list[Any], number: int | None) -> Any:
        _shape(sexp, len(sexp) == 2)
        if not self.taster.isModuleAllowed(sexp[1]):
            raise InsecureJelly(f"Attempted to unjelly module named {_text(sexp[1])}")
        return namedAny(_text(sexp[1]))

    def _function(self, sexp: list[Any], number: int | None) -> Any:
        _shape(sexp, len(sexp) == 2)
        found = self._named(sexp[1])
        if not inspect.isroutine(found):
            raise InsecureJelly(f"{_text(sexp[1])} is no function")
        return found

    def _method(self, sexp: list[Any], number: int | None) -> Any:
        _shape(sexp, len(sexp) == 4 and isinstance(sexp[1], (bytes, str)))
        owner, cls = self.unjelly(sexp[2]), self.unjelly(sexp[3])
        name = sexp[1] if isinstance(sexp[1], str) else _text(sexp[1])
        _shape(sexp, isinstance(cls, type) and isinstance(owner, cls))
        found = getattr(cls, name, None)
        if not inspect.isfunction(found):
            raise InsecureJelly(f"{qual(cls)} has no method {name}")
        return found.__get__(owner, cls)

    def _instance(self, sexp: list[Any], number: int | None) -> Any:
        _shape(sexp, len(sexp) == 3)
        cls = self.unjelly(sexp[1])
        _shape(sexp, isinstance(cls, type))
        return self._instanceOf(cls, sexp[2], number)


def _settles(unknown: NotKnown) -> Callable[[list[Any]], Any]:
    """A function that says what it was that stood there, and is given in a list."""
    return lambda parts: unknown.resolveDependants(parts[0])


def _isOpen(value: Any) -> bool:
    """Whether something is still to be known."""
    return isinstance(value, NotKnown) and not value.resolved


def _hashed(make: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """A function of members of a set, which have to be fit for one."""

    def made(members: list[Any]) -> Any:
        try:
            return make(members)
        except TypeError as e:
            raise InsecureJelly(f"no member of a set: {e}") from e

    return made


_HANDLERS: dict[bytes, Callable[[Reader, list[Any], int | None], Any]] = {
    b"None": Reader._none,
    b"boolean": Reader._boolean,
    b"unicode": Reader._unicode,
    b"list": Reader._list,
    b"tuple": Reader._tuple,
    b"dictionary": Reader._dictionary,
    b"set": Reader._set,
    b"frozenset": Reader._frozenset,
    b"reference": Reader._reference,
    b"dereference": Reader._dereference,
    b"persistent": Reader._persistent,
    b"unpersistable": Reader._unpersistable,
    b"datetime": Reader._datetime,
    b"date": Reader._date,
    b"time": Reader._time,
    b"timedelta": Reader._timedelta,
    b"decimal": Reader._decimal,
    b"class": Reader._class,
    b"module": Reader._module,
    b"function": Reader._function,
    b"method": Reader._method,
    b"instance": Reader._instance,
}


def unjelly(
    sexp: Any,
    taster: Any = DummySecurityOptions(),  # noqa: B008
    persistentLoad: Callable[[Any, Any], Any] | None = None,
    invoker: Any = None,
) -> Any:
    """The object of an expression.

    Args:
        sexp: what `jelly` made; it may have come from anywhere.
        taster: what it may name.  The default allows everything: it is for expressions that this
            program made.  Perspective Broker uses `globalSecurity`.
        persistentLoad: called with what `persistentStore` returned, and the reader; returns the
            object that is meant.
        invoker: the broker that received it, for those who ask (`IUnjellyable.unjellyFor`).

    Raises:
        InsecureJelly: if it names what is not allowed, or is no expression.
    """
    return Reader(taster, persistentLoad, invoker).unjellyFull(sexp)
