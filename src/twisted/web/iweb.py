"""Interfaces of the web: what may be in a page."""

from __future__ import annotations

from typing import Any

from zope.interface import Interface

__all__ = ["IRenderable"]


class IRenderable(Interface):
    """What can be rendered as a part of a page; `template.Element` is the usual one."""

    def lookupRenderMethod(name: str) -> Any:
        """The renderer of a name: a callable that is given the request and the tag.

        Args:
            name: What the template says, as in `t:render="name"`.
        """

    def render(request: Any) -> Any:
        """What to write in my place: anything that may be in a page.

        Args:
            request: What the page is for, an `IRequest`; None if it is for none.
        """
