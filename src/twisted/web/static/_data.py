"""Constant data, and small things that folders need."""

from __future__ import annotations

from typing import Any

from twisted.python.components import Componentized
from twisted.web.resource import Resource
from twisted.web.util import redirectTo

__name__ = "twisted.web.static"  # the public path, for pickles and messages


class Data(Resource):
    """Answers with the same bytes each time.

    Args:
        data: the bytes.
        type: what they are, such as ``"text/plain"``.
    """

    def __init__(self, data: bytes, type: str) -> None:
        super().__init__()
        self.data = data
        self.type = type

    def render_GET(self, request: Any) -> bytes:
        """The data."""
        request.setHeader(b"content-type", self.type)
        request.setHeader(b"content-length", b"%d" % len(self.data))
        return self.data

    render_HEAD = render_GET


class Redirect(Resource):
    """Sends the client to the same path with a slash at the end.

    Args:
        request: a request; that which is rendered counts.
    """

    def __init__(self, request: Any) -> None:
        super().__init__()
        self.request = request

    def render(self, request: Any) -> bytes:
        """A page that leads there."""
        return redirectTo(addSlash(request), request)


def addSlash(request: Any) -> bytes:
    """The path of a request with a slash at its end, and its query."""
    path, question, query = bytes(request.uri).partition(b"?")
    inner = path.strip(b"/")  # a path that begins with two slashes would be a host
    return (b"/%b/" % inner if inner else b"/") + question + query


def isDangerous(path: str) -> bool:
    """Whether a part of a path would lead elsewhere than to a child."""
    return path == ".." or "/" in path or "\\" in path or "\0" in path


class Registry(Componentized):
    """What `File`s share: the resources that their processors have made, by path."""

    def __init__(self) -> None:
        super().__init__()
        self._cached: dict[str, Any] = {}

    def cachePath(self, path: str, rsrc: Any) -> None:
        """Keep a resource for a path."""
        self._cached[path] = rsrc

    def getCachedPath(self, path: str) -> Any:
        """The resource that was kept for a path; None if none was."""
        return self._cached.get(path)
