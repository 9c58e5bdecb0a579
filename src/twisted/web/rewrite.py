"""Requests whose paths are changed before anyone looks at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.resource import Resource

__all__ = ["RewriterResource", "alias", "tildeToUsers"]

Rule = Callable[[Any], object]


class RewriterResource(Resource):
    """Stands before a resource, and changes the paths of what is asked of it.

    Args:
        orig: the resource.
        rewriteRules: called with each request, in their order; each may change its `postpath`,
            the parts of the path below here. `alias` makes some.
    """

    def __init__(self, orig: Any, *rewriteRules: Rule) -> None:
        super().__init__()
        self.resource = orig
        self.rewriteRules = list(rewriteRules)

    def _rewrite(self, request: Any) -> None:
        for rule in self.rewriteRules:
            rule(request)

    def getChild(self, path: bytes, request: Any) -> Any:
        """The resource; what the rules have made of the path is for it."""
        request.postpath.insert(0, request.prepath.pop())
        self._rewrite(request)
        return self.resource

    def render(self, request: Any) -> Any:
        """What the resource renders."""
        self._rewrite(request)
        return self.resource.render(request)


def _setPath(request: Any, postpath: list[bytes]) -> None:
    request.postpath[:] = postpath
    request.path = b"/" + b"/".join(request.prepath + postpath)


def tildeToUsers(request: Any) -> None:
    """A rule: ``~bob`` is ``users/bob``."""
    if request.postpath and request.postpath[0].startswith(b"~"):
        name, *rest = request.postpath
        _setPath(request, [b"users", name[1:], *rest])


def alias(aliasPath: bytes | str, sourcePath: bytes | str) -> Rule:
    """A rule: what is asked for at one path is at another.

    Links that are relative to the path that was asked for may lead elsewhere then.

    Args:
        aliasPath: the path that is asked for, with slashes.
        sourcePath: the path that it is at.
    """
    wanted, source = (
        (path.encode("utf-8") if isinstance(path, str) else path).split(b"/")
        for path in (aliasPath, sourcePath)
    )

    def rewrite(request: Any) -> None:
        if request.postpath[: len(wanted)] == wanted:
            _setPath(request, source + request.postpath[len(wanted) :])

    return rewrite
