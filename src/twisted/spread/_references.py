"""References to objects at the peer's, and the table of our objects that the peer refers to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred
from twisted.persisted.styles import Ephemeral
from twisted.python._turn import turn
from twisted.python.reflect import qual
from twisted.spread.flavors import Referenceable, Serializable
from twisted.spread.jelly import InsecureJelly, setUnjellyableForClass

__name__ = "twisted.spread.pb"  # the public path, for the wire, pickles and messages


class ProtocolError(Exception):
    """A peer did what Perspective Broker does not know, or this side is used as it cannot be."""


class DeadReferenceError(ProtocolError):
    """A method was called by a connection that is gone, or of an object that the peer let go."""


class RemoteMethod:
    """A method of an object at the peer's, to be called later.

    Attributes:
        obj: the RemoteReference.
        name: without a prefix.
    """

    def __init__(self, obj: RemoteReference, name: str) -> None:
        self.obj = obj
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteMethod) and self.obj == other.obj and self.name == other.name

    def __hash__(self) -> int:
        return hash((self.obj, self.name))

    def __call__(self, *args: Any, **kw: Any) -> Deferred[Any]:
        """Call it; see `RemoteReference.callRemote`."""
        return self.obj.callRemote(self.name, *args, **kw)


class RemoteReference(Serializable, Ephemeral):
    """An object at the peer's, whose methods can be called.

    Two of them are equal if they are of one object by one connection.

    Attributes:
        broker: the connection.
        luid: the object's number there.
        perspective: whose the calls are, on this side; None if anybody's.
    """

    def __init__(self, perspective: Any, broker: Any, luid: Any, doRefCount: bool) -> None:
        self.luid = luid
        self.broker = broker
        self.doRefCount = doRefCount
        self.perspective = perspective
        self.disconnectCallbacks: list[Callable[[RemoteReference], Any]] = []

    def callRemote(self, _name: str, *args: Any, **kw: Any) -> Deferred[Any]:
        """Call a method of the object.

        Args:
            _name: the method's name at the peer's, without its prefix (`remote_`, `view_`, or
                `perspective_`).
            *args: what it is called with: plain data, or objects of the flavors of PB.
            **kw: the same, by name.

        Returns:
            A Deferred of what it returns.  It fails with what it raised, as a `CopiedFailure`;
            with `InsecureJelly` if an argument cannot be sent; and with `PBConnectionLost` if the
            connection ends before the answer.  Cancelling it lets go of the answer; for a limit in
            time use `addTimeout`.

        Raises:
            DeadReferenceError: the connection has ended already.
        """
        deferred: Deferred[Any] = self.broker.callObject(
            self.perspective, self.luid, _name, args, kw
        )
        return deferred

    def callRemoteOnly(self, _name: str, *args: Any, **kw: Any) -> None:
        """Call a method of the object, and do not ask for an answer.

        The arguments are those of `callRemote`.  Whatever it raises stays at the peer's.

        Raises:
            DeadReferenceError: the connection has ended already.
            InsecureJelly: an argument cannot be sent.
        """
        self.broker.callObject(self.perspective, self.luid, _name, args, kw, answer=False)

    def remoteMethod(self, key: str) -> RemoteMethod:
        """A method of the object, to be called later."""
        return RemoteMethod(self, key)

    def notifyOnDisconnect(self, callback: Callable[[RemoteReference], Any]) -> None:
        """Call a function when the connection ends.

        Args:
            callback: takes this reference.

        Raises:
            DeadReferenceError: the connection has ended already.
        """
        assert callable(callback), f"{callback!r} cannot be called"
        if not self.disconnectCallbacks:
            self.broker.notifyOnDisconnect(self._disconnected)
        self.disconnectCallbacks.append(callback)

    def dontNotifyOnDisconnect(self, callback: Callable[[RemoteReference], Any]) -> None:
        """Undo one `notifyOnDisconnect`.

        Raises:
            ValueError: there was none.
        """
        self.disconnectCallbacks.remove(callback)
        if not self.disconnectCallbacks:
            self.broker.dontNotifyOnDisconnect(self._disconnected)

    def _disconnected(self) -> None:
        callbacks, self.disconnectCallbacks = self.disconnectCallbacks, []
        for callback in callbacks:
            callback(self)

    def jellyFor(self, jellier: Any) -> list[Any]:
        """To its origin it goes as what it is there; to others it does not go."""
        if jellier.invoker is None or jellier.invoker is not self.broker:
            raise InsecureJelly(
                f"a reference to an object of one peer cannot be sent to another: {self!r}"
            )
        self.broker.keepUntilSent(self)
        return [b"local", self.luid]

    def unjellyFor(self, unjellier: Any, unjellyList: list[Any]) -> Any:
        """Take the number that came for this reference."""
        broker = unjellier.invoker
        if broker is None or len(unjellyList) != 2 or not isinstance(unjellyList[1], (int, bytes)):
            raise InsecureJelly(f"no reference has this form: {str(unjellyList)[:80]}")
        self.__init__(broker.unserializingPerspective, broker, unjellyList[1], True)  # type: ignore[misc]  # made without __init__
        return self

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, RemoteReference)
            and self.luid == other.luid
            and self.broker is other.broker
        )

    def __hash__(self) -> int:
        return hash((self.luid, id(self.broker)))

    def __repr__(self) -> str:
        return f"<{qual(type(self))} to {self.luid!r} of {self.__dict__.get('broker')!r}>"

    def __del__(self) -> None:
        if self.__dict__.get("doRefCount"):
            inLoop(self.broker.sendDecRef, self.luid)


setUnjellyableForClass("remote", RemoteReference)


def inLoop(function: Callable[..., Any], *args: Any) -> None:
    """Call a function now, if this is the loop's thread, or else there: objects die in any."""
    if turn.thread is None or turn.thread == threading.get_ident():
        function(*args)
    else:
        installedReactor().callFromThread(function, *args)


class AsReferenceable(Referenceable):
    """An object, as one that peers get a reference to.

    Args:
        object: has a method `<messageType>MessageReceived`, called as `remoteMessageReceived` is.
        messageType: "remote", or "perspective" for an avatar.
    """

    def __init__(self, object: Any, messageType: str = "remote") -> None:
        self.object = object
        self._receive = getattr(object, f"{messageType}MessageReceived")

    def remoteMessageReceived(self, broker: Any, message: bytes, args: Any, kw: Any) -> Any:
        """Have the object take a call."""
        return self._receive(broker, message, args, kw)

    def processUniqueID(self) -> Any:
        """The object's identity: it is the object that is meant."""
        return id(self.object)
