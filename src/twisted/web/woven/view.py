"""Views: a template, and what fills its elements."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from zope.interface import implementer

from twisted.web.error import MissingRenderMethod, MissingTemplateLoader
from twisted.web.iweb import IRenderable
from twisted.web.template import Tag, XMLString
from twisted.web.woven.interfaces import IView
from twisted.web.woven.model import known
from twisted.web.woven.widgets import defaultView, views

__all__ = ["Context", "View"]

# The attributes of elements that are for us, and not for browsers.
DIRECTIVES = ("model", "view", "controller")

# A program has few templates; one that makes its templates shall not fill the memory with them.
MAX_PARSED = 128


@lru_cache(MAX_PARSED)
def _parsed(text: str | bytes) -> Any:
    return XMLString(text).load()


@implementer(IView)
class View:
    """A template, and the views that its elements name.

    ``view="name"`` in the template asks for these in turn:

    - `wvfactory_name(request, tag, model)`: gives an `IView`, or anything that may be in a page;
    - `wvupdate_name(request, tag, data)`: changes the element; may give a Deferred or a coroutine;
    - `views`.

    Attributes:
        template: the template, XML; or None for that in the file.
        templateFile: the name of its file. It is read each time: who edits it sees that at once.
        templateDirectory: where that is.
        views: other views, by the names that templates have for them.
    """

    template: str | bytes | None = None
    templateFile: str | None = None
    templateDirectory: str = ""
    views: Mapping[str, Any] = views

    def load(self) -> Any:
        """The template, as tags, which are not to be changed.

        Raises:
            MissingTemplateLoader: there is neither a template nor a file.
            OSError: the file cannot be read.
            ValueError, xml.parsers.expat.ExpatError: it is no XML.
        """
        if self.template is not None:
            return _parsed(self.template)
        if self.templateFile is None:
            raise MissingTemplateLoader(self)
        return _parsed(Path(self.templateDirectory, self.templateFile).read_bytes())

    def generate(self, context: Any, tag: Any, data: Any) -> Any:
        """The element, with the template in place of what is in it."""
        filled: Tag = tag.clear()
        return filled(context.of(self).expand(self.load()))

    def find(self, name: str, context: Context, tag: Tag) -> Any:
        """The view of a name, or what it shows; None if there is none."""
        factory = getattr(self, f"wvfactory_{name}", None)
        if factory is not None:
            return factory(context.request, tag, context.model)
        update = getattr(self, f"wvupdate_{name}", None)
        if update is not None:
            return _Updated(update)
        return self.views.get(name)


@implementer(IView)
class _Updated:
    """A view that is one method, which changes the element."""

    def __init__(self, update: Any) -> None:
        self._update = update

    async def generate(self, context: Context, tag: Tag, data: Any) -> Any:
        await known(self._update(context.request, tag, data))
        return context.expand(tag)


class Context:
    """Where in a page an element is: in which models, and of whose templates.

    Attributes:
        request: what is answered.
        model: the innermost model.
    """

    def __init__(
        self, request: Any, page: Any, models: tuple[Any, ...], owners: tuple[Any, ...]
    ) -> None:
        self.request = request
        self.model = models[0]
        self._page = page
        self._models = models
        self._owners = owners

    def inside(self, model: Any) -> Context:
        """The context in an element that shows a model."""
        return Context(self.request, self._page, (model, *self._models), self._owners)

    def of(self, view: View) -> Context:
        """The context in the template of a view."""
        return Context(self.request, self._page, self._models, (view, *self._owners))

    def expand(self, node: Any) -> Any:
        """A part of a template, with what its elements name; it is looked up when it is written."""
        if isinstance(node, list):
            return [self.expand(one) for one in node]
        if not isinstance(node, Tag):
            return node
        if "pattern" in node.attributes:
            # Views take those that they know; the others are for nobody.
            return ""
        if any(name in node.attributes for name in DIRECTIVES):
            return _Directed(self, node)
        tag = node.clone(deep=False)
        tag.children = [self.expand(child) for child in node.children]
        return tag

    async def find(self, path: str) -> Any:
        """The model of a name, which may be a path of names.

        Raises:
            LookupError: there is none.
        """
        first, *rest = path.split("/")
        for model in self._models:
            found = await known(model.getSubmodel(self.request, first))
            if found is not None:
                break
        else:
            found = None
        for name in rest:
            if found is None:
                break
            found = await known(found.getSubmodel(self.request, name))
        if found is None:
            told = ", ".join(type(model).__name__ for model in self._models)
            raise LookupError(f'model="{path}": there is none of {told} that has it')
        return found

    def view(self, name: str, tag: Tag) -> Any:
        """The view of a name, or what it shows.

        Raises:
            LookupError: there is none.
        """
        for owner in self._owners:
            found = owner.find(name, self, tag)
            if found is not None:
                return found
        told = ", ".join(type(owner).__name__ for owner in self._owners)
        raise LookupError(f'view="{name}": there is neither a widget nor a method of {told}')

    def controller(self, name: str, tag: Tag) -> Any:
        """The controller of a name.

        Raises:
            LookupError: there is none.
        """
        factory = getattr(self._page, f"wcfactory_{name}", None)
        if factory is None:
            told = f"{type(self._page).__name__} has no wcfactory_{name}"
            raise LookupError(f'controller="{name}": {told}')
        return factory(self.request, tag, self.model)


@implementer(IRenderable)
class _Directed:
    """An element that names its model, its view or its controller."""

    def __init__(self, context: Context, tag: Tag) -> None:
        self._context = context
        self._tag = tag

    def lookupRenderMethod(self, name: str) -> Any:
        """Elements have no other methods."""
        raise MissingRenderMethod(self, name)

    async def render(self, request: Any) -> Any:
        """The element, once everything about it is known."""
        context, tag = self._context, self._tag.clone()
        path, name, controller = (tag.attributes.pop(one, None) for one in DIRECTIVES)
        if path is not None:
            context = context.inside(await context.find(str(path)))
        if controller is not None:
            await known(context.controller(str(controller), tag).handle(request))
        data = await known(context.model.getData(request))
        view = defaultView(data) if name is None else context.view(str(name), tag)
        return view.generate(context, tag, data) if IView.providedBy(view) else view
