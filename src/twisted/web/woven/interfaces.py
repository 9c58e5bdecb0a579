"""The three parts of a page."""

from __future__ import annotations

from typing import Any

from zope.interface import Interface

__all__ = ["IController", "IModel", "IView"]


class IModel(Interface):
    """Knows what there is to show. Adapters to this make models of other objects."""

    def getSubmodel(request: Any, name: str) -> Any:
        """A part.

        Returns:
            A model, or a Deferred or a coroutine for one; None if there is no such part.
        """

    def getData(request: Any) -> Any:
        """What views show: text, numbers, lists; or a Deferred or a coroutine for it."""


class IView(Interface):
    """Puts what a model knows into a page."""

    def generate(context: Any, tag: Any, data: Any) -> Any:
        """Fill an element.

        Args:
            context: where in the page this is, a `view.Context`.
            tag: a copy of the element, a `template.Tag` without the attributes that led here.
            data: what the model gave.

        Returns:
            Anything that may be in a page: the tag, text, a Deferred.
        """


class IController(Interface):
    """Takes what the user sends."""

    def handle(request: Any) -> Any:
        """Look at a request before it is answered.

        Returns:
            None; or a Deferred or a coroutine for that. What a page's own returns instead of None
            is the answer, as from `render`.
        """
