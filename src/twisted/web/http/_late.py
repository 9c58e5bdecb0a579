"""Attributes that are made when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

_T = TypeVar("_T")


class Late(Generic[_T]):
    """An attribute that is made when it is first asked for, and is a plain one from then on.

    Benchmark http-hello: a class with a `__getattr__` would do it too, but would make every other
    access slower.

    Args:
        make: makes the value, of the object.
    """

    __slots__ = ("_make", "_name")

    def __init__(self, make: Callable[[Any], _T]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> _T: ...

    def __get__(self, instance: object | None, owner: type) -> Self | _T:
        if instance is None:
            return self
        made = self._make(instance)
        setattr(instance, self._name, made)
        return made
