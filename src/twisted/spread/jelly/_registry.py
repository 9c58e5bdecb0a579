"""Which class stands here for one that others send, and the base classes of both sides."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from zope.interface import implementer

from twisted.python.reflect import qual
from twisted.spread.interfaces import IJellyable, IUnjellyable
from twisted.spread.jelly._security import globalSecurity

__name__ = "twisted.spread.jelly"  # the public path, for pickles and messages

#: What is made of an expression, by its first element: a class of IUnjellyable, or a function of
#: the reader and the expression.
unjellyableRegistry: dict[bytes, Any] = {}
#: Functions that make an object of its state, by the first element of its expression.
unjellyableFactoryRegistry: dict[bytes, Callable[[Any], Any]] = {}


def setInstanceState(inst: Any, unjellier: Any, jellyList: list[Any]) -> Any:
    """Give an instance the state that came for it: the second element of the expression.

    Returns:
        The instance.
    """
    inst.setStateFor(unjellier, unjellier.unjelly(jellyList[1]))
    return inst


def getInstanceState(inst: Any, jellier: Any) -> list[Any]:
    """The expression of an instance: the name of its class, and its state.

    Args:
        inst: has `getStateFor(jellier)`.
    """
    sexp = jellier.prepare(inst)
    sexp += [qual(type(inst)).encode(), jellier.jelly(inst.getStateFor(jellier))]
    preserved: list[Any] = jellier.preserve(inst, sexp)
    return preserved


@implementer(IJellyable)
class Jellyable:
    """A base class of objects that can be sent."""

    def getStateFor(self, jellier: Any) -> Any:
        """The state that is sent: the attributes.  Override this to send something else."""
        return self.__dict__

    def jellyFor(self, jellier: Any) -> list[Any]:
        """The expression that is sent for this object."""
        return getInstanceState(self, jellier)


@implementer(IUnjellyable)
class Unjellyable:
    """A base class of objects that are made of what others send.

    They are made without a call of `__init__`.
    """

    def setStateFor(self, unjellier: Any, state: Any) -> None:
        """Take the state that came: the attributes.  Override this if it is something else."""
        self.__dict__ = state

    def unjellyFor(self, unjellier: Any, jellyList: list[Any]) -> Any:
        """Take what came for this object."""
        return setInstanceState(self, unjellier, jellyList)


def _typeName(classname: str | bytes | type) -> bytes:
    name = classname if isinstance(classname, (str, bytes)) else qual(classname)
    return name.encode() if isinstance(name, str) else name


def setUnjellyableForClass(classname: str | bytes | type, unjellyable: Any) -> None:
    """Say which class is made here of what others send as an instance of another, and allow it.

    Args:
        classname: the class as it is known at the sender's, or its dotted name.
        unjellyable: a class that provides IUnjellyable, of RemoteCopy for example.
    """
    name = _typeName(classname)
    unjellyableRegistry[name] = unjellyable
    globalSecurity.allowTypes(name)


def setUnjellyableFactoryForClass(
    classname: str | bytes | type, copyFactory: Callable[[Any], Any]
) -> None:
    """Say what makes an object of the state that others send for an instance, and allow it.

    Args:
        classname: the class as it is known at the sender's, or its dotted name.
        copyFactory: takes the state and returns the object.
    """
    name = _typeName(classname)
    unjellyableFactoryRegistry[name] = copyFactory
    globalSecurity.allowTypes(name)


def setUnjellyableForClassTree(
    module: ModuleType, baseClass: type, prefix: str | bytes | None = None
) -> None:
    """Call `setUnjellyableForClass` for each class of a module that descends from another.

    Args:
        module: its attributes are looked at.
        baseClass: what they have to descend from.
        prefix: what comes before the names of the classes at the sender's, without the dot; the
            module's own name if it is None.
    """
    if prefix is None:
        prefix = module.__name__
    path = prefix.decode() if isinstance(prefix, bytes) else prefix
    for name, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, baseClass):
            setUnjellyableForClass(f"{path}.{name}" if path else name, found)
