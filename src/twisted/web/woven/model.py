"""Models: what there is to show."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from inspect import iscoroutine
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.web.woven.interfaces import IModel

__all__ = [
    "AttributeModel",
    "DictionaryModel",
    "ListModel",
    "MethodModel",
    "Model",
    "adaptToIModel",
]


async def known(value: Any) -> Any:
    """A value, when it is known: that of a Deferred or a coroutine, or else itself."""
    return await value if isinstance(value, Deferred) or iscoroutine(value) else value


@implementer(IModel)
class Model:
    """A model of one object, which has no parts.

    Args:
        original: the object.
    """

    def __init__(self, original: Any = None) -> None:
        self.original = original

    def getSubmodel(self, request: Any, name: str) -> Any:
        """None; there is no such part."""
        return None

    def getData(self, request: Any) -> Any:
        """The object."""
        return self.original


class MethodModel(Model):
    """A model whose parts are given by its methods.

    `wmfactory_name(request)` gives the part `name`: a model, what can be made one, or a Deferred or
    a coroutine for either.

    Args:
        args, kwargs: the first of them is the object; `initialize` gets them all.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(args[0] if args else None)
        self.initialize(*args, **kwargs)

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """For subclasses: what the model was made with."""

    def getSubmodel(self, request: Any, name: str) -> Coroutine[Any, Any, Any] | None:
        """What a method gives, as a model; None if there is no such method."""
        factory = getattr(self, f"wmfactory_{name}", None)
        return None if factory is None else _made(factory(request))


async def _made(value: Any) -> Any:
    return adaptToIModel(await known(value))


class AttributeModel(Model):
    """A model of an object whose attributes are its parts, but for those that begin with ``_``.

    For objects that have nothing to hide from who writes templates.
    """

    def getSubmodel(self, request: Any, name: str) -> Any:
        """The attribute as a model; None if there is none."""
        if name.startswith("_") or not hasattr(self.original, name):
            return None
        return adaptToIModel(getattr(self.original, name))


class DictionaryModel(Model):
    """A model of a mapping, whose values are its parts."""

    def getSubmodel(self, request: Any, name: str) -> Any:
        """The value as a model; None if there is none."""
        values: Mapping[Any, Any] = self.original
        return adaptToIModel(values[name]) if name in values else None


class ListModel(Model):
    """A model of a list, whose items are its parts, by their numbers."""

    def getSubmodel(self, request: Any, name: str) -> Any:
        """The item as a model; None if there is none."""
        items: Sequence[Any] = self.original
        if not (name.isascii() and name.isdigit()) or int(name) >= len(items):
            return None
        return adaptToIModel(items[int(name)])


def adaptToIModel(value: Any) -> Any:
    """A model of an object: what an adapter makes of it, or one for its kind."""
    model = IModel(value, None)
    if model is not None:
        return model
    if isinstance(value, Mapping):
        return DictionaryModel(value)
    if isinstance(value, list | tuple):
        return ListModel(value)
    return Model(value)
