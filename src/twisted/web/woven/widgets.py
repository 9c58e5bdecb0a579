"""Widgets: the views that every template can name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlsplit

from zope.interface import implementer

from twisted.web.template import Tag
from twisted.web.woven.interfaces import IView
from twisted.web.woven.model import adaptToIModel, known

__all__ = ["Anchor", "Link", "List", "Text", "Widget", "defaultView", "views"]

#: Where a link may lead. Others run what they are: ``javascript:``, ``data:``.
SCHEMES = frozenset(("", "http", "https", "ftp", "mailto", "xmpp", "irc", "ircs"))


def asText(data: Any) -> str:
    """What is shown of an object; bytes are taken for UTF-8, None is nothing."""
    if data is None:
        return ""
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)


@implementer(IView)
class Widget:
    """A view that changes its element, and leaves what is in it to the template."""

    def setUp(self, request: Any, tag: Tag, data: Any) -> Any:
        """For subclasses: change the element.

        Returns:
            None, or a Deferred or a coroutine that fires when that is done.
        """

    async def generate(self, context: Any, tag: Tag, data: Any) -> Any:
        """The element, once it is set up, and what is in it."""
        await known(self.setUp(context.request, tag, data))
        return context.expand(tag)


class Text(Widget):
    """Text, in place of what is in the element."""

    def setUp(self, request: Any, tag: Tag, data: Any) -> None:
        """Put the text there."""
        tag.clear()(asText(data))


class Anchor(Text):
    """A link to the child of this page that has the name."""

    def setUp(self, request: Any, tag: Tag, data: Any) -> None:
        """Make it a link, whose address is one part of a path, whatever is in the name."""
        super().setUp(request, tag, data)
        name = data if isinstance(data, bytes) else asText(data)
        tag.tagName = "a"
        # What comes first can be no scheme.
        tag.attributes["href"] = "./" + quote(name, safe="")


class Link(Text):
    """A link to an address."""

    def setUp(self, request: Any, tag: Tag, data: Any) -> None:
        """Make it a link.

        What is in the element stays, if there is anything; otherwise the address is shown. An
        address that is none of `SCHEMES` is shown, but no link.
        """
        address = asText(data).strip()
        tag.tagName = "a"
        if not tag.children:
            tag(address)
        try:
            scheme = urlsplit(address).scheme
        except ValueError:
            return
        # Browsers leave control characters out, and then see a scheme.
        if scheme in SCHEMES and address.isprintable():
            tag.attributes["href"] = address


class List(Widget):
    """An element with one of its children for each item of a list.

    It repeats the child that is marked with ``pattern="listItem"``, which shows the item; several
    such take turns. A child that is marked with ``pattern="emptyList"`` is there if there are no
    items. Others stay what they are.
    """

    async def generate(self, context: Any, tag: Tag, data: Any) -> Any:
        """The element with the items.

        Raises:
            ValueError: no child is marked as the item.
        """
        children, items = tag.children, [one for one in tag.children if _isPattern(one, "listItem")]
        if not items:
            raise ValueError(f'there is no pattern="listItem" right in <{tag.tagName!s}>, a List')
        tag.clear()
        for child in children:
            if child is items[0]:
                tag(*self._rows(context, items, data or ()))
            elif not isinstance(child, Tag) or "pattern" not in child.attributes:
                tag(context.expand(child))
            elif not data and _isPattern(child, "emptyList"):
                tag(context.expand(_unmarked(child)))
        return tag

    def _rows(self, context: Any, patterns: list[Tag], data: Any) -> Iterator[Any]:
        for pattern, item in zip(cycle(map(_unmarked, patterns)), data, strict=False):
            yield context.inside(adaptToIModel(item)).expand(pattern)


def _isPattern(node: Any, name: str) -> bool:
    return isinstance(node, Tag) and node.attributes.get("pattern") == name


def _unmarked(tag: Tag) -> Tag:
    tag = tag.clone()
    del tag.attributes["pattern"]
    return tag


#: What templates call them.
views: Mapping[str, Any] = {
    "Anchor": Anchor(),
    "Link": Link(),
    "List": List(),
    "Text": Text(),
    "Widget": Widget(),
}


def defaultView(data: Any) -> Any:
    """The view of an element that names none."""
    if isinstance(data, list | tuple):
        return views["List"]
    if isinstance(data, str | bytes | int | float):
        return views["Text"]
    return views["Widget"]
