"""Pages and resources that many programs need."""

from __future__ import annotations

from collections.abc import Coroutine
from html import escape
from linecache import getline
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.python.failure import Failure
from twisted.python.reflect import fullyQualifiedName
from twisted.web.resource import Resource, getChildForRequest
from twisted.web.template import Element, Tag, TagLoader, flattenString, renderer, tags

__all__ = [
    "DeferredResource",
    "FailureElement",
    "ParentRedirect",
    "Redirect",
    "formatFailure",
    "redirectTo",
]

#: Lines that are shown of the source, before and after the one that has raised.
_AROUND = 2


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
        d: fires with the resource. If it fails, clients are told that there was an error.
    """

    isLeaf = True

    def __init__(self, d: Deferred[Any]) -> None:
        super().__init__()
        self.d = d
        self._waiting: list[Deferred[Any]] = []
        self._known: list[Any] = []
        d.addBoth(self._arrived)

    def _arrived(self, result: Any) -> Any:
        self._known.append(result)
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.callback(result)
        # Whoever asks is told of a failure.
        return None if isinstance(result, Failure) else result

    def getChild(self, name: bytes, request: Any) -> Resource:
        """This again: what is below is asked of the resource when it is known."""
        return self

    def render(self, request: Any) -> Any:
        """A Deferred for what the resource renders."""
        return ensureDeferred(self._later(request))

    async def _later(self, request: Any) -> Any:
        asked: Deferred[Any] = Deferred()
        if self._known:
            asked.callback(self._known[0])
        else:
            self._waiting.append(asked)
        found = getChildForRequest(await asked, request)
        while isinstance(found, Deferred | Coroutine):
            found = getChildForRequest(await found, request)
        answer = found.render(request)
        while isinstance(answer, Deferred | Coroutine):
            answer = await answer
        return answer


class FailureElement(Element):
    """A part of a page that shows a failure: its type, what it says, and its traceback.

    Args:
        failure: what is shown.
        loader: loads another template, with places for the renderers `type`, `value` and
            `traceback`.
    """

    loader = TagLoader(
        tags.div(class_="failure")(
            tags.h1(tags.span(render="type"), ": ", tags.span(render="value")),
            tags.div(render="traceback"),
        )
    )

    def __init__(self, failure: Failure, loader: Any = None) -> None:
        super().__init__(loader)
        self.failure = failure

    @renderer
    def type(self, request: Any, tag: Tag) -> Tag:
        """The name of the exception's class."""
        return tag(fullyQualifiedName(self.failure.type))

    @renderer
    def value(self, request: Any, tag: Tag) -> Tag:
        """What it says."""
        return tag(str(self.failure.value))

    @renderer
    def traceback(self, request: Any, tag: Tag) -> Tag:
        """Where it was raised, the outermost call first; each with the lines around it."""
        frames = [_frame(*frame[:3]) for frame in self.failure.frames]
        return tag(class_="traceback")(tags.ol(frames))


def _frame(name: str, filename: str, line: int) -> Tag:
    """One call of a traceback."""
    where = tags.p(f"{filename}:{line}, in ", tags.b(name))
    around = range(max(line - _AROUND, 1), line + _AROUND + 1)
    lines = [(number, getline(filename, number).rstrip()) for number in around]
    shown = [
        tags.div(class_="raised" if number == line else "around")(f"{number:5} {text}")
        for number, text in lines
        if text or number == line
    ]
    return tags.li(where, tags.pre(shown))


def formatFailure(myFailure: Failure) -> bytes:
    """A failure as HTML, escaped; see `FailureElement`."""
    written: list[bytes] = []
    flattenString(None, FailureElement(myFailure)).addCallback(written.append)
    # Nothing in it is waited for; characters beyond ASCII are safe in a page of any encoding.
    return written[0].decode("utf-8").encode("ascii", "xmlcharrefreplace")
