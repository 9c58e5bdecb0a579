"""Elements: what a template and the methods that fill it make together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from zope.interface import implementer

from twisted.web.error import MissingRenderMethod, MissingTemplateLoader, UnexposedMethodError
from twisted.web.iweb import IRenderable

__name__ = "twisted.web.template"

_F = TypeVar("_F", bound=Callable[..., Any])
_MARK = "_isRenderer"


class _Renderer:
    """What `renderer` is: a decorator, and the way to what it has decorated."""

    def __call__(self, f: _F, /, *funcObjs: Callable[..., Any]) -> _F:
        """Make methods known to templates by their names.

        Nothing else of an element can be called by a template. Used as a decorator.

        Args:
            f: A method of an `Element`. It is given the request and the tag that names it, a copy
                that it may change, and returns anything that may be in a page.
            funcObjs: More of them.
        """
        for method in (f, *funcObjs):
            setattr(method, _MARK, True)
        return f

    _nothing = object()

    def get(self, instance: object, methodName: str, default: Any = _nothing) -> Any:
        """The renderer of an object that has this name.

        Raises:
            UnexposedMethodError: It has none, and no `default` was given.
        """
        # Looked up in the class first, so that no property is run.
        found = getattr(type(instance), methodName, None)
        if getattr(found, _MARK, False):
            return getattr(instance, methodName)
        if default is not self._nothing:
            return default
        raise UnexposedMethodError(f"{instance!r} has no renderer {methodName!r}")


renderer = _Renderer()


@implementer(IRenderable)
class Element:
    """A part of a page: a template, and the methods that it calls.

    Args:
        loader: What loads the template, an `XMLFile`, an `XMLString` or a `TagLoader`; the class
            may have one as an attribute instead.
    """

    loader: Any = None

    def __init__(self, loader: Any = None) -> None:
        if loader is not None:
            self.loader = loader

    def lookupRenderMethod(self, name: str) -> Any:
        """The method that a template calls `name`, one that is decorated with `renderer`.

        Raises:
            MissingRenderMethod: There is none.
        """
        method = renderer.get(self, name, None)
        if method is None:
            raise MissingRenderMethod(self, name)
        return method

    def render(self, request: Any) -> Any:
        """The loaded template.

        Raises:
            MissingTemplateLoader: There is none.
        """
        loader = self.loader
        if loader is None:
            raise MissingTemplateLoader(self)
        return loader.load()
