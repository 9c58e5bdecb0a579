"""What an object does to be jellied, and to be made of jelly."""

from __future__ import annotations

from typing import Any

from zope.interface import Interface

__all__ = ["IJellyable", "IUnjellyable"]


class IJellyable(Interface):
    """An object that says how it is to be sent."""

    def jellyFor(jellier: Any) -> list[Any]:
        """The expression that is sent for this object.

        Args:
            jellier: what makes the expression.  It has `jelly(object)` for parts of this one,
                `prepare` and `preserve` for those that can be met again, and `invoker`: the
                broker that sends, or None.

        Returns:
            A list: a type's name, then what `unjellyFor` of what is registered for it takes.
        """


class IUnjellyable(Interface):
    """An object that says how it is to be made of what came."""

    def unjellyFor(jellier: Any, jellyList: list[Any]) -> Any:
        """Take what came for this object, which has no state yet.

        Args:
            jellier: what reads the expression.  It has `unjelly(expression)` for its parts, and
                `invoker`: the broker that received it, or None.
            jellyList: the expression that `IJellyable.jellyFor` made.

        Returns:
            The object that is meant: this one, or another in its place.
        """
