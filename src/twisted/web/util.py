"""Pages and resources that many programs need."""

from __future__ import annotations

from html import escape
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.resource import Resource

__all__ = ["DeferredResource", "ParentRedirect", "Redirect", "formatFailure", "redirectTo"]


def redirectTo(URL: bytes, request: Any) -> bytes:
    """Send the client elsewhere.

    Args:
        URL: where to.
        request: gets the status 302 and the `Location`.

    Returns:
        A page with a link there, escaped; for `render` to return.

    Raises:
        TypeError: the URL is not bytes.
        ValueError: there is a control character in it.
    """
    if not isinstance(URL, bytes):
        raise TypeError(f"redirectTo takes bytes, not {type(URL).__name__}: {URL!r}")
    request.redirect(URL)
    request.setHeader(b"content-type", b"text/html; charset=utf-8")
    link = escape(URL.decode("utf-8", "replace"))
    page = (
        "<!DOCTYPE html>\n<html>\n<head><title>Elsewhere</title></head>\n"
        f'<body><p>It is <a href="{link}">here</a>.</p></body>\n</html>\n'
    )
    return page.encode("utf-8")


class Redirect(Resource):
    """Sends clients elsewhere, whatever they ask for below it.

    Args:
        url: where to.
    """

    isLeaf = True

    def __init__(self, url: bytes) -> None:
        super().__init__()
        self.url = url

    def render(self, request: Any) -> bytes:
        """A page that leads there."""
        return redirectTo(self.url, request)

    def getChild(self, name: bytes, request: Any) -> Resource:
        """This again."""
        return self


class ParentRedirect(Resource):
    """Sends clients to the folder that this is in."""

    isLeaf = True

    def render(self, request: Any) -> bytes:
        """A page that leads there."""
        return redirectTo(str(request.URLPath().here()).encode("ascii"), request)


class DeferredResource(Resource):
    """Stands for a resource that will be known later.

    Args:
        d: fires with the resource.
    """

    isLeaf = True

    def __init__(self, d: Deferred[Any]) -> None:
        super().__init__()
        self.d = d

    def getChild(self, name: bytes, request: Any) -> Resource:
        """This again: what is below is asked of the resource when it is known."""
        return self

    def render(self, request: Any) -> Any:
        """What the resource renders, when it is known."""
        return self.d.addCallback(request.render).addCallback(lambda _: 1)


def formatFailure(myFailure: Failure) -> bytes:
    """The traceback of a failure as HTML, escaped."""
    return b"<pre>%b</pre>" % escape(myFailure.getTraceback()).encode("ascii", "xmlcharrefreplace")
