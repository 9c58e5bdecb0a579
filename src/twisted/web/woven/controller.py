"""Controllers: what looks at a request before it is answered."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from twisted.web.woven.interfaces import IController

__all__ = ["Controller"]


@implementer(IController)
class Controller:
    """The usual base of controllers.

    ``controller="name"`` in a template asks `wcfactory_name(request, tag, model)` of the page for
    one.
    """

    def handle(self, request: Any) -> Any:
        """See `IController.handle`; this has nothing to say."""
        return None
