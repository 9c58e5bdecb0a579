"""Objects taken apart, into trees."""

from __future__ import annotations

import copyreg
import types
from typing import IO, Any

from twisted.persisted.aot._tree import (
    LITERALS,
    Class,
    Copyreg,
    Deref,
    Function,
    Instance,
    InstanceMethod,
    Module,
    NoStateObj,
    Ref,
    getSource,
)
from twisted.python.reflect import namedAny, qual

__name__ = "twisted.persisted.aot"  # the public path, for pickles and messages

#: How objects are asked to take themselves apart: as pickle does, by its latest protocol.
_PROTOCOL = 4


def jellyToAOT(obj: Any) -> Any:
    """The tree of an object; see `AOTJellier.jelly`."""
    return AOTJellier().jelly(obj)


def jellyToSource(obj: Any, file: IO[str] | None = None) -> str | None:
    """The source of an object.

    Args:
        obj: what `AOTJellier.jelly` takes.
        file: what to write the source to, instead of returning it.

    Raises:
        TypeError: there is something that cannot be taken apart.
        ValueError: it is nested so deeply that the source could not be read.
    """
    source = getSource(jellyToAOT(obj))
    if file is None:
        return source
    file.write(source)
    return None


class AOTJellier:
    """Takes objects apart; what is met twice is one object afterwards as well."""

    def __init__(self) -> None:
        # With the object, so that no other can get its `id`.
        self._seen: dict[int, tuple[Ref, object]] = {}
        self._numbers = 0

    def prepareForRef(self, aoref: Ref, object: Any) -> None:
        """Remember by what an object is represented, if it is met again."""
        self._seen[id(object)] = aoref, object

    def jelly(self, obj: Any) -> Any:
        """The tree of an object.

        Raises:
            TypeError: there is something in it that cannot be taken apart, such as a file, or
                cannot be found by its name, such as a lambda.
            ValueError: it is nested too deeply.
        """
        try:
            return self.jellyToAO(obj)
        except RecursionError:
            raise ValueError("it is nested too deeply to be taken apart")

    def jellyToAO(self, obj: Any) -> Any:
        """The tree of an object that may be part of another."""
        if type(obj) in LITERALS:
            return obj
        if isinstance(obj, types.ModuleType):
            return Module(obj.__name__)
        if isinstance(obj, type):
            return Class(_nameOf(obj))
        if isinstance(obj, types.FunctionType) or _isBuiltinFunction(obj):
            return Function(_nameOf(obj))
        known = self._seen.get(id(obj))
        if known is not None:
            return Deref(self._numberOf(known[0]))
        ref = Ref()
        self.prepareForRef(ref, obj)
        ref.setObj(self._parts(obj))
        return ref

    def _numberOf(self, ref: Ref) -> int:
        if not ref.refnum:
            self._numbers += 1
            ref.setRef(self._numbers)
        return ref.refnum

    def _parts(self, obj: Any) -> Any:
        take, kind = self.jellyToAO, type(obj)
        if kind is list:
            return [take(item) for item in obj]
        if kind is tuple:
            return tuple([take(item) for item in obj])
        if kind is dict:
            return {take(key): take(value) for key, value in obj.items()}
        if isinstance(obj, types.MethodType):
            owner = obj.__self__
            return InstanceMethod(obj.__name__, qual(type(owner)), take(owner))
        return self._reduced(obj, kind)

    def _reduced(self, obj: Any, kind: type[Any]) -> Any:
        """An object that says itself what it is made of, as it does to pickle."""
        reducer = copyreg.dispatch_table.get(kind)
        reduced = reducer(obj) if reducer is not None else obj.__reduce_ex__(_PROTOCOL)
        if isinstance(reduced, str):
            return Function(_checked(f"{obj.__module__}.{reduced}", obj))
        make, arguments, *rest = reduced
        state, items, pairs, setter = [*rest, None, None, None, None][:4]
        if setter is not None:
            raise TypeError(f"{qual(kind)} has its state set by {setter!r}: no tree can say so")
        take = self.jellyToAO
        if make is _newobj and arguments == (kind,) and items is None and pairs is None:
            return Instance(_nameOf(kind), NoStateObj if state is None else take(state))
        tree = [None if state is None else take(state)]
        tree.append(None if items is None else [take(item) for item in items])
        tree.append(None if pairs is None else [(take(k), take(v)) for k, v in pairs])
        while tree and tree[-1] is None:
            tree.pop()
        return Copyreg(_nameOf(make), tuple([take(one) for one in arguments]), *tree)


_newobj: Any = copyreg.__newobj__  # type: ignore[attr-defined]  # documented for reducers, not typed


def _isBuiltinFunction(obj: Any) -> bool:
    # The methods of builtin objects are of the same type.
    owner = getattr(obj, "__self__", None)
    return isinstance(obj, types.BuiltinFunctionType) and isinstance(owner, types.ModuleType)


def _nameOf(thing: Any) -> str:
    """By which name a class or a function is found again."""
    return _checked(f"{thing.__module__}.{thing.__qualname__}", thing)


def _checked(name: str, thing: Any) -> str:
    """The name, if it is by that that something is found.

    Raises:
        TypeError: it is not.
    """
    try:
        found = namedAny(name)
    except Exception:  # importing by name may raise anything
        found = None
    if found is not thing:
        raise TypeError(f"{thing!r} cannot be found by its name, {name}, and so not be kept")
    return name
