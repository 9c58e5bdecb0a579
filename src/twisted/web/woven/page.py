"""Pages: resources that are a model, a view and a controller."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.web.error import MissingRenderMethod
from twisted.web.iweb import IRenderable
from twisted.web.resource import Resource
from twisted.web.template import renderElement
from twisted.web.woven.controller import Controller
from twisted.web.woven.model import MethodModel, adaptToIModel, known
from twisted.web.woven.view import Context, View

__all__ = ["Page"]


class Page(MethodModel, Controller, View, Resource):
    """A resource that shows what it knows by its template.

    The names in the template are looked for in its model, and in the page itself; see `MethodModel`
    for ``wmfactory_``, `View` for ``wvfactory_``, ``wvupdate_`` and the templates, and `Controller`
    for ``wcfactory_``.

    Its children are, in this order, those of `putChild`, those that `wchild_name(request)` gives,
    and those of `getDynamicChild`. The page is its own child of the empty name, so that it can be
    the root of a site, unless there is a `wchild_index`.

    Args:
        args: the first is what the page shows, which is adapted to `IModel`; without it, the page
            is its own model.
        kwargs: for `initialize`, with the others.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        Resource.__init__(self)
        self.model = adaptToIModel(args[0]) if args else self
        super().__init__(*args, **kwargs)

    def getChild(self, path: bytes, request: Any) -> Any:
        """A child that was not put here; see the class."""
        name = path.decode("utf-8", "replace") or "index"
        factory = getattr(self, f"wchild_{name}", None)
        if factory is not None:
            return factory(request)
        if not path:
            return self
        child = self.getDynamicChild(path, request)
        return Resource.getChild(self, path, request) if child is None else child

    def getDynamicChild(self, path: bytes, request: Any) -> Any:
        """For subclasses: a child that is made for a request; None if there is none.

        Args:
            path: one part of the path, unquoted.
            request: what is asked.
        """
        return None

    async def render_GET(self, request: Any) -> Any:
        """What `handle` answers, or else the page."""
        answer = await known(self.handle(request))
        if answer is not None:
            return answer
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        return renderElement(request, _Whole(self))

    render_POST = render_GET


@implementer(IRenderable)
class _Whole:
    """A page, from its first element to its last."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def lookupRenderMethod(self, name: str) -> Any:
        """There are no other methods."""
        raise MissingRenderMethod(self._page, name)

    def render(self, request: Any) -> Any:
        """The template, with what its elements name."""
        page = self._page
        models = (page,) if page.model is page else (page.model, page)
        return Context(request, page, models, (page,)).expand(page.load())
