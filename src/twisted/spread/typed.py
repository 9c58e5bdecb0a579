"""Calls of remote methods that a type checker can follow.

A `Remote` is a reference together with a class that says what its object's methods take and return:
the object's own class, or one that both sides have for that.

    calculator = Remote(Calculator, reference)
    total = await calculator.call(Calculator.remote_add, 1, 2)

It is for the checker, and for readers: what comes over the wire is what the peer has sent.  Whoever
does not trust the peer checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from twisted.internet.defer import Deferred
from twisted.spread.pb import RemoteReference

__all__ = ["Remote"]

_T = TypeVar("_T")
_P = ParamSpec("_P")
_R = TypeVar("_R")

#: What names of methods begin with, and is not sent.
_PREFIXES = ("remote_", "perspective_")


class Remote(Generic[_T]):
    """A reference, and what its methods are.

    Args:
        interface: a class with the methods, named as the object's are: `remote_*`, or
            `perspective_*` of an avatar.
        reference: what is called.
    """

    def __init__(self, interface: type[_T], reference: RemoteReference) -> None:
        self.interface = interface
        self.reference = reference

    @overload
    def call(
        self,
        method: Callable[Concatenate[_T, _P], Deferred[_R]],
        /,
        *args: _P.args,
        **kw: _P.kwargs,
    ) -> Deferred[_R]: ...

    @overload
    def call(
        self,
        method: Callable[Concatenate[_T, _P], Coroutine[Any, Any, _R]],
        /,
        *args: _P.args,
        **kw: _P.kwargs,
    ) -> Deferred[_R]: ...

    @overload
    def call(
        self, method: Callable[Concatenate[_T, _P], _R], /, *args: _P.args, **kw: _P.kwargs
    ) -> Deferred[_R]: ...

    def call(self, method: Any, /, *args: Any, **kw: Any) -> Any:
        """Call a method; see `RemoteReference.callRemote`.

        Args:
            method: of the interface: `Calculator.remote_add`.
            *args: what it is called with.
            **kw: the same, by name.

        Raises:
            TypeError: it is no method of the interface that peers can call.
        """
        name = getattr(method, "__name__", "")
        prefix = next(filter(name.startswith, _PREFIXES), None)
        if prefix is None or getattr(self.interface, name, None) is not method:
            raise TypeError(
                f"{method!r} is no remote method of {self.interface.__qualname__}: give one as "
                f"{self.interface.__qualname__}.remote_name"
            )
        return self.reference.callRemote(name.removeprefix(prefix), *args, **kw)
