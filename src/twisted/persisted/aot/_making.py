"""Trees put together again, into objects.

Theory of operation.  Lists, dictionaries and instances exist before their parts are read, so a part
can mean the whole.  Tuples, and what functions make, exist only when all parts do; where one is
meant before, `crefutil.NotKnown` stands for it, and what needs it to be made is put off in turn
(`crefutil.Late`).  An object is given its state as soon as all is known, inner objects first; as
long as something is not, states wait until the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.persisted.aot._tree import (
    LITERALS,
    Class,
    Copyreg,
    Deref,
    Function,
    Instance,
    InstanceMethod,
    Module,
    Named,
    NoStateObj,
    Ref,
)
from twisted.persisted.crefutil import Late, NotKnown
from twisted.persisted.styles import unpickleMethod, unpickleModule
from twisted.python.reflect import namedAny

__name__ = "twisted.persisted.aot"  # the public path, for pickles and messages


def unjellyFromAOT(aot: Any) -> Any:
    """The object of a tree; see `AOTUnjellier.unjelly`."""
    return AOTUnjellier().unjelly(aot)


class AOTUnjellier:
    """Makes the objects of one tree."""

    def __init__(self) -> None:
        self._numbered: dict[int, Any] = {}
        #: What stands for objects that have been meant, and are not there yet, by their numbers.
        self._waiting: dict[int, NotKnown] = {}
        self._later: list[Callable[[], object]] = []

    def unjelly(self, ao: Any) -> Any:
        """The object of a whole tree.

        Raises:
            ValueError: it is not the tree of an object: something in it has not the form that it
                should have, is not found, or cannot be made; ``__cause__`` says why.
        """
        try:
            found = [None]
            self.unjellyInto(found, 0, ao)
            # What is done late may add to what is to be done.
            self._checkPromises()
            for call in self._later:
                call()
            self._checkPromises()
        except RecursionError:
            raise ValueError("the tree is too deep")
        except Exception as e:  # of classes that take their state
            raise ValueError(f"not the tree of an object: {type(e).__name__}: {e}") from e
        return found[0]

    def callAfter(self, callable: Callable[[Any], object], result: Any) -> None:
        """Call something when all of the tree is there.

        Args:
            callable: what to call.
            result: with what; if that is a `crefutil.NotKnown`, with what it will be.
        """
        self._later.append(lambda: callable(_known(result)))

    def unjellyInto(self, obj: Any, loc: Any, ao: Any) -> Any:
        """Put the object of a tree into another: ``obj[loc]``, now or when it is known.

        Returns:
            The object, or the `crefutil.NotKnown` that stands for it.
        """
        made = self.unjellyAO(ao)
        obj[loc] = made
        if isinstance(made, NotKnown):
            made.addDependant(obj, loc)
        return made

    def unjellyAttribute(self, instance: Any, attrName: str, ao: Any) -> Any:
        """Make the object of a tree an attribute of another, now or when it is known."""
        return self.unjellyInto(vars(instance), attrName, ao)

    def unjellyLater(self, node: Any) -> NotKnown:
        """Make the object of a tree when all else is there.

        Returns:
            What stands for it until then.
        """
        promise = NotKnown()

        def make() -> None:
            made = self.unjellyAO(node)
            self._whole(lambda parts: promise.resolveDependants(parts[0]), [made])

        self._later.append(make)
        return promise

    def unjellyAO(self, ao: Any) -> Any:
        """The object of a tree that may be part of another, or the `NotKnown` for it."""
        return self._made(ao, None)

    def _made(self, ao: Any, number: int | None) -> Any:
        """The object of a tree; `number` is how others mean it, if they do."""
        if type(ao) in LITERALS:
            made = ao
        else:
            maker = _MAKERS.get(type(ao))
            if maker is None:
                raise TypeError(f"{type(ao).__name__} is no part of a tree")
            made = maker(self, ao, number)
        self._define(number, made)
        return made

    # Numbers

    def _define(self, number: int | None, made: Any) -> None:
        """What others mean by a number; said as soon as the object exists, and when it is whole."""
        if number is None:
            return
        promise = self._waiting.get(number)
        before = self._numbered.setdefault(number, made)
        if before is made:
            if made is promise:
                raise ValueError(f"number {number} is nothing but itself")
        elif before is promise:
            self._numbered[number] = made
            self._whole(lambda parts: self._keep(number, parts[0]), [made])
        else:
            raise ValueError(f"{number} is the number of two objects")

    def _keep(self, number: int, made: Any) -> None:
        """Put an object wherever it was meant before."""
        self._waiting.pop(number).resolveDependants(made)

    def _ref(self, ao: Ref, number: int | None) -> Any:
        return self._made(ao.obj, ao.refnum or None)

    def _deref(self, ao: Deref, number: int | None) -> Any:
        if ao.refnum not in self._numbered:
            self._numbered[ao.refnum] = self._waiting[ao.refnum] = NotKnown()
        return _known(self._numbered[ao.refnum])

    def _checkPromises(self) -> None:
        if self._waiting:
            raise ValueError(f"number {min(self._waiting)} is missing, or a part of itself")

    # Containers

    def _list(self, ao: list[Any], number: int | None) -> list[Any]:
        made: list[Any] = [None] * len(ao)
        self._define(number, made)
        for index, item in enumerate(ao):
            self.unjellyInto(made, index, item)
        return made

    def _tuple(self, ao: tuple[Any, ...], number: int | None) -> Any:
        return self._whole(tuple, [self.unjellyAO(item) for item in ao])

    def _dict(self, ao: dict[Any, Any], number: int | None) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        self._define(number, made)
        for keyTree, valueTree in ao.items():
            key = self.unjellyAO(keyTree)
            if isinstance(key, NotKnown):
                self._whole(
                    lambda pair: made.update([tuple(pair)]), [key, self.unjellyAO(valueTree)]
                )
            else:
                self.unjellyInto(made, key, valueTree)
        return made

    def _whole(self, make: Callable[[list[Any]], Any], parts: list[Any]) -> Any:
        """Make something that needs all of its parts, now or when they are known."""
        if any(isinstance(part, NotKnown) for part in parts):
            return Late(make, parts)
        return make(parts)

    # Objects

    def _instance(self, ao: Instance, number: int | None) -> Any:
        cls: Any = _class(ao.klass)
        made = cls.__new__(cls)
        self._define(number, made)
        if ao.state is not NoStateObj:
            self._complete(made, [self.unjellyAO(ao.state)])
        return made

    def _copyreg(self, ao: Copyreg, number: int | None) -> Any:
        function = _function(ao.loadfunc)
        arguments = self.unjellyAO(ao.state)
        made = self._whole(lambda parts: function(*parts[0]), [arguments])
        self._define(number, made)
        if ao.rest:
            self._complete(made, [self.unjellyAO(part) for part in ao.rest])
        return made

    def _complete(self, made: Any, rest: list[Any]) -> None:
        """Give an object what it has beside its making, now or when all is known."""
        if self._waiting or any(isinstance(part, NotKnown) for part in (made, *rest)):
            self._later.append(lambda: _fill(_known(made), *map(_known, rest)))
        else:
            _fill(made, *rest)

    def _method(self, ao: InstanceMethod, number: int | None) -> Any:
        cls = _class(ao.klass)
        owner = self.unjellyAO(ao.instance)
        return self._whole(lambda parts: unpickleMethod(ao.name, parts[0], cls), [owner])

    def _named(self, ao: Named, number: int | None) -> Any:
        return _FINDERS[type(ao)](ao.name)


def _known(thing: Any) -> Any:
    """What something is that perhaps was not known; itself if it still is not."""
    if isinstance(thing, NotKnown) and thing.resolved:
        return thing.resolvedObject
    return thing


def _fill(made: Any, state: Any, items: Any = None, pairs: Any = None) -> None:
    """As pickle does: members first, and then the state."""
    for item in items or ():
        # Not all that has members has `extend`.
        made.append(item)
    for key, value in pairs or ():
        made[key] = value
    if state is not None:
        _setState(made, state)


def _setState(made: Any, state: Any) -> None:
    setter = getattr(made, "__setstate__", None)
    if setter is not None:
        setter(state)
        return
    attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    if not isinstance(attributes, dict | None) or not isinstance(slots, dict | None):
        raise TypeError(f"{type(made).__name__} has no __setstate__ for {type(state).__name__}")
    if attributes:
        vars(made).update(attributes)
    for name, value in (slots or {}).items():
        setattr(made, name, value)


def _class(name: str) -> type[Any]:
    found = namedAny(name)
    if not isinstance(found, type):
        raise TypeError(f"{name} is no class")
    return found


def _function(name: str) -> Callable[..., Any]:
    found = namedAny(name)
    if not callable(found):
        raise TypeError(f"{name} cannot be called")
    return found  # type: ignore[no-any-return]  # so it can


_FINDERS: dict[type[Named], Callable[[str], Any]] = {
    Class: _class,
    Function: namedAny,
    Module: unpickleModule,
}

_MAKERS: dict[type[Any], Callable[..., Any]] = {
    list: AOTUnjellier._list,
    tuple: AOTUnjellier._tuple,
    dict: AOTUnjellier._dict,
    Ref: AOTUnjellier._ref,
    Deref: AOTUnjellier._deref,
    Instance: AOTUnjellier._instance,
    Copyreg: AOTUnjellier._copyreg,
    InstanceMethod: AOTUnjellier._method,
    **dict.fromkeys(_FINDERS, AOTUnjellier._named),
}
