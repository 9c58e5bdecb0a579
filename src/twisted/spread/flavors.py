"""Flavors of objects: how each kind goes to the other side of a connection.

| flavor | what the peer gets | methods that it can call |
|---|---|---|
| `Referenceable`, `Root` | a reference | `remote_*` |
| `Viewable` | a reference that knows who uses it | `view_*`, with that perspective |
| `Copyable` → `RemoteCopy` | a copy, each time | none |
| `Cacheable` → `RemoteCache` | a copy, once, that is kept up to date | `observe_*`, called by us |

Chapter 7 of the documentation tells how to use them; this is what `twisted.spread.pb` is made of.
"""

from __future__ import annotations

from typing import Any

from zope.interface import Interface, implementer

from twisted.python.reflect import qual
from twisted.spread.interfaces import IJellyable, IUnjellyable
from twisted.spread.jelly import (
    InsecureJelly,
    Jellyable,
    Unjellyable,
    getInstanceState,
    setInstanceState,
    setUnjellyableFactoryForClass,
    setUnjellyableForClass,
    setUnjellyableForClassTree,
    unjellyableRegistry,
)

__all__ = [
    "Cacheable",
    "Copyable",
    "IPBRoot",
    "Jellyable",
    "NoSuchMethod",
    "Referenceable",
    "RemoteCache",
    "RemoteCacheMethod",
    "RemoteCacheObserver",
    "RemoteCopy",
    "Root",
    "Serializable",
    "Unjellyable",
    "ViewPoint",
    "Viewable",
    "cache_atom",
    "cached_atom",
    "copyTags",
    "copy_atom",
    "remote_atom",
    "setInstanceState",
    "setUnjellyableFactoryForClass",
    "setUnjellyableForClass",
    "setUnjellyableForClassTree",
    "unjellyCached",
    "unjellyLCache",
    "unjellyLocal",
    "unjellyableRegistry",
]

#: Types of expressions, as they go over the wire.
copy_atom = b"copy"
cache_atom = b"cache"
cached_atom = b"cached"
remote_atom = b"remote"

#: What is made of each type of expression; another name of the registry of `jelly`.
copyTags = unjellyableRegistry


class NoSuchMethod(AttributeError):
    """The peer asked for a method that is not there, or is not for it."""


class IPBRoot(Interface):
    """What a `PBServerFactory` serves."""

    def rootObject(broker: Any) -> Any:
        """The object that a peer gets from `PBClientFactory.getRootObject`.

        Args:
            broker: the connection that it is for.
        """


def _method(target: object, prefix: str, message: bytes) -> Any:
    """The method that a message means.

    Raises:
        NoSuchMethod: if there is none.
    """
    name = prefix + message.decode("utf-8", "backslashreplace")
    found = getattr(target, name, None)
    if found is None:
        raise NoSuchMethod(f"No such method: {name}")
    return found


def invoke(
    broker: Any, target: Any, prefix: str, message: bytes, args: Any, kw: Any, perspective: Any,
    *first: Any,
) -> Any:  # fmt: skip
    """Call the method that a message means, and serialize what it returns.

    Args:
        broker: the connection that the message came by.
        target: whose method it is.
        prefix: what the names of methods begin with that the peer may call.
        message: the rest of the name.
        args: the arguments, as they came.
        kw: the keyword arguments, as they came.
        perspective: whose call it is; None if anybody's.
        *first: arguments before those of the peer.

    Returns:
        The result as an expression, or a Deferred of it.
    """
    arguments = broker.unserialize(args, perspective)
    # An expression of one element is an empty dictionary: most calls have no keywords.
    keywords = broker.unserialize(kw, perspective) if len(kw) > 1 else {}
    if type(arguments) is not tuple or type(keywords) is not dict:
        raise InsecureJelly("the arguments of a call are a tuple and a dictionary")
    method = _method(target, prefix, message)
    if keywords:
        # Peers on Python 2 send names as byte strings.
        names = {k.decode() if isinstance(k, bytes) else k: v for k, v in keywords.items()}
        return broker.serialize(method(*first, *arguments, **names), perspective)
    return broker.serialize(method(*first, *arguments), perspective)


@implementer(IJellyable)
class Serializable(Jellyable):
    """An object that can be sent, and is recognized when it comes back."""

    def processUniqueID(self) -> Any:
        """What tells this object from all others in this process, for as long as it lives."""
        return id(self)


class Referenceable(Serializable):
    """An object that peers get a reference to; they can call its methods `remote_*`.

    Attributes:
        perspective: whose calls its methods get; None, as they are anybody's.
    """

    perspective: Any = None

    def remoteMessageReceived(self, broker: Any, message: bytes, args: Any, kw: Any) -> Any:
        """Call `remote_<message>`; see `invoke`."""
        return invoke(broker, self, "remote_", message, args, kw, self.perspective)

    def jellyFor(self, jellier: Any) -> list[Any]:
        """A reference: the number by which the peer may call it."""
        if jellier.invoker is None:
            return getInstanceState(self, jellier)
        return [remote_atom, jellier.invoker.registerReference(self)]


@implementer(IPBRoot)
class Root(Referenceable):
    """The object that a `PBServerFactory` serves: the first that clients get."""

    def rootObject(self, broker: Any) -> Any:
        """The object itself.  Override this to give each connection its own."""
        return self


class ViewPoint(Referenceable):
    """A `Viewable`, as one perspective sees it; what the peer has a reference to.

    Attributes:
        perspective: who uses it.
        object: the `Viewable`.
    """

    def __init__(self, perspective: Any, object: Any) -> None:
        self.perspective = perspective
        self.object = object

    def processUniqueID(self) -> Any:
        """One view of each object for each perspective."""
        return (id(self.perspective), id(self.object))

    def remoteMessageReceived(self, broker: Any, message: bytes, args: Any, kw: Any) -> Any:
        """Call `view_<message>` with the perspective; see `invoke`."""
        view = self.perspective
        return invoke(broker, self.object, "view_", message, args, kw, view, view)


class Viewable(Serializable):
    """An object that peers get a reference to; its methods `view_*` are told who calls."""

    def jellyFor(self, jellier: Any) -> list[Any]:
        """A reference to the view that the perspective has, which is served at the moment."""
        if jellier.invoker is None:
            return getInstanceState(self, jellier)
        return ViewPoint(jellier.invoker.serializingPerspective, self).jellyFor(jellier)


def _perspectiveOf(jellier: Any) -> Any:
    return None if jellier.invoker is None else jellier.invoker.serializingPerspective


class Copyable(Serializable):
    """An object of which peers get a copy, each time that it is sent.

    The peer registers a class for it: `setUnjellyableForClass`.
    """

    def getStateToCopy(self) -> Any:
        """The state that is sent, whoever gets it: what `__getstate__` returns.

        That is the attributes, unless a class says otherwise.
        """
        state = self.__getstate__()
        return {} if state is None else state

    def getStateToCopyFor(self, perspective: Any) -> Any:
        """The state that is sent.  Override this to tell different peers different things.

        Args:
            perspective: who gets it; None if anybody.
        """
        return self.getStateToCopy()

    def getTypeToCopy(self) -> str:
        """The name that the class has on the wire: the dotted name, if this is not overridden."""
        return qual(type(self))

    def getTypeToCopyFor(self, perspective: Any) -> str:
        """The name that the class has on the wire for a perspective."""
        return self.getTypeToCopy()

    def jellyFor(self, jellier: Any) -> list[Any]:
        """The name of the class, and the state."""
        perspective = _perspectiveOf(jellier)
        sexp = jellier.prepare(self)
        sexp += [
            _name(self.getTypeToCopyFor(perspective)),
            jellier.jelly(self.getStateToCopyFor(perspective)),
        ]
        preserved: list[Any] = jellier.preserve(self, sexp)
        return preserved


def _name(kind: str | bytes) -> bytes:
    return kind.encode() if isinstance(kind, str) else kind


class Cacheable(Copyable):
    """An object of which each peer gets one copy, which we keep up to date.

    The peer registers a class for it, of `RemoteCache`.
    """

    def getStateToCacheAndObserveFor(self, perspective: Any, observer: Any) -> Any:
        """The state that is sent; from now on changes are to be told to the observer.  Override.

        Args:
            perspective: who gets it; None if anybody.
            observer: a `RemoteCacheObserver`: call `observer.callRemote("set", …)` at each change,
                and the copy's `observe_set` is called.
        """
        raise NotImplementedError(
            f"{qual(type(self))} does not say what its copies begin with: "
            "define getStateToCacheAndObserveFor"
        )

    def stoppedObserving(self, perspective: Any, observer: Any) -> None:
        """A copy is no longer there: forget its observer.

        Args:
            perspective: as it was given to `getStateToCacheAndObserveFor`.
            observer: one that equals the one that was given there.
        """

    def jellyFor(self, jellier: Any) -> list[Any]:
        """The class, a number and the state; or the number alone, if the peer has a copy."""
        broker = jellier.invoker
        if broker is None:
            return getInstanceState(self, jellier)
        luid = broker.cachedRemotelyAs(self, 1)
        if luid is not None:
            return [cached_atom, luid]
        luid = broker.cacheRemotely(self)
        perspective = broker.serializingPerspective
        observer = RemoteCacheObserver(broker, self, perspective)
        state = self.getStateToCacheAndObserveFor(perspective, observer)
        return [_name(self.getTypeToCopyFor(perspective)), luid, jellier.jelly(state)]


@implementer(IUnjellyable)
class RemoteCopy(Unjellyable):
    """A copy of an object that is at the peer's.  It is made without a call of `__init__`."""

    def setCopyableState(self, state: Any) -> None:
        """Take the state that came.  Override this if it is not the attributes."""
        if not isinstance(state, dict):
            raise InsecureJelly(
                f"{qual(type(self))} takes a dictionary of attributes, and the peer sent "
                f"{type(state).__name__}: override setCopyableState"
            )
        # Peers on Python 2 send names as byte strings.
        for name in [key for key in state if isinstance(key, bytes)]:
            state[name.decode()] = state.pop(name)
        self.__dict__ = state

    def unjellyFor(self, unjellier: Any, jellyList: list[Any]) -> Any:
        """Take what came for this object."""
        if len(jellyList) != 2:
            raise InsecureJelly(f"a copy is a name and a state: {str(jellyList)[:80]}")
        self.setCopyableState(unjellier.unjelly(jellyList[1]))
        return self


class RemoteCache(RemoteCopy, Serializable):
    """A copy of a `Cacheable`; the peer calls its methods `observe_*` to keep it up to date.

    What the program gets is a handle that shares its attributes with the copy that the connection
    keeps: when nobody has the handle any more, the peer is told.

    Attributes:
        broker: the connection that it came by.
        luid: its number there.
    """

    broker: Any = None
    luid: int | None = None

    def remoteMessageReceived(self, broker: Any, message: bytes, args: Any, kw: Any) -> Any:
        """Call `observe_<message>`; see `invoke`."""
        return invoke(broker, self, "observe_", message, args, kw, None)

    def jellyFor(self, jellier: Any) -> list[Any]:
        """To its origin it goes as what it is there; to others it does not go."""
        if jellier.invoker is None or jellier.invoker is not self.broker:
            raise InsecureJelly(
                f"a copy of another peer's object cannot be sent on: {qual(type(self))}"
            )
        self.broker.keepUntilSent(self)
        return [b"lcache", self.luid]

    def unjellyFor(self, unjellier: Any, jellyList: list[Any]) -> Any:
        """Take what came for this object, and give it to the connection to keep.

        Returns:
            The handle.
        """
        broker = unjellier.invoker
        if broker is None or len(jellyList) != 3 or not isinstance(jellyList[1], int):
            raise InsecureJelly(f"a cached copy comes with a number: {str(jellyList)[:80]}")
        luid = jellyList[1]
        broker.cacheLocally(luid, self)  # its state may mean it
        self.setCopyableState(unjellier.unjelly(jellyList[2]))
        self.broker, self.luid = broker, luid
        return broker.cachedLocallyAs(luid)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteCache) and self.__dict__ is other.__dict__

    def __hash__(self) -> int:
        return hash((id(self.broker), self.luid))


class RemoteCacheMethod:
    """A method of all that observe: calling it calls `observe_<name>` at the peer's."""

    def __init__(self, name: str, broker: Any, cached: Cacheable, perspective: Any) -> None:
        self.name = name
        self.broker = broker
        self.perspective = perspective
        self.cached = cached

    def __call__(self, *args: Any, **kw: Any) -> Any:
        """Call it; returns a Deferred of what it returns there."""
        cacheID = self.broker.cachedRemotelyAs(self.cached)
        return self.broker.callCache(self.perspective, cacheID, self.name, args, kw)


class RemoteCacheObserver:
    """Where changes of a `Cacheable` are told to one peer that has a copy.

    Two of them are equal if they are of one object, connection and perspective.
    """

    def __init__(self, broker: Any, cached: Cacheable, perspective: Any) -> None:
        self.broker = broker
        self.cached = cached
        self.perspective = perspective

    def _key(self) -> tuple[int, int, int]:
        return (id(self.broker), id(self.cached), id(self.perspective))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteCacheObserver) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"<{qual(type(self))} of {self.cached!r} for {self.perspective!r}>"

    def callRemote(self, _name: str, *args: Any, **kw: Any) -> Any:
        """Call `observe_<name>` of the copy.

        Returns:
            A Deferred of what it returns there.  It fails with `DeadReferenceError` if the copy
            is not there any more.
        """
        return self.remoteMethod(_name)(*args, **kw)

    def remoteMethod(self, key: str) -> RemoteCacheMethod:
        """A method of the copy, to be called later."""
        return RemoteCacheMethod(key, self.broker, self.cached, self.perspective)


def _meant(unjellier: Any, sexp: list[Any], kinds: Any = int) -> tuple[Any, Any]:
    """The connection by which an expression came, and the number in it."""
    if unjellier.invoker is None or len(sexp) != 2 or not isinstance(sexp[1], kinds):
        raise InsecureJelly(f"this means something on a connection only: {str(sexp)[:80]}")
    return unjellier.invoker, sexp[1]


def unjellyCached(unjellier: Any, unjellyList: list[Any]) -> Any:
    """A copy that came before: `["cached", number]`."""
    broker, number = _meant(unjellier, unjellyList)
    return broker.cachedLocallyAs(number)


def unjellyLCache(unjellier: Any, unjellyList: list[Any]) -> Any:
    """Our object that the peer has a copy of: `["lcache", number]`."""
    broker, number = _meant(unjellier, unjellyList)
    return broker.remotelyCachedForLUID(number)


def unjellyLocal(unjellier: Any, unjellyList: list[Any]) -> Any:
    """Our object that the peer has a reference to: `["local", number]`."""
    broker, number = _meant(unjellier, unjellyList, (int, bytes))
    return broker.localObjectForID(number)


setUnjellyableForClass("cached", unjellyCached)
setUnjellyableForClass("lcache", unjellyLCache)
setUnjellyableForClass("local", unjellyLocal)
