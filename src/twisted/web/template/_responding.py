"""Answering requests with pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from twisted.internet.defer import CancelledError
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRenderable
from twisted.web.template._flattening import flatten
from twisted.web.template._nodes import Tag, tags

__name__ = "twisted.web.template"

_log = Logger("twisted.web.template")

# What `render` of a resource returns for an answer that comes later; `server.NOT_DONE_YET`, which
# is above this module.
NOT_DONE_YET: Final = 1
INTERNAL_SERVER_ERROR = 500


def renderElement(
    request: Any,
    element: IRenderable,
    doctype: bytes | None = b"<!DOCTYPE html>",
    _failElement: Callable[[Failure], Any] | None = None,
) -> int:
    """Answer a request with an element.

    The page is written as it gets known, and the request finished after it. If the page cannot be
    written the failure is logged, and the user told so: with the status 500 if nothing of the page
    was sent yet. If the client goes away what is waited for is cancelled.

    Args:
        request: The `IRequest`.
        element: What is rendered.
        doctype: What is sent before it; None for nothing.
        _failElement: What makes the text for the user of a failure; by default it is shown if the
            site has `displayTracebacks` on.

    Returns:
        `server.NOT_DONE_YET`, for `render` to return.
    """
    head = b"" if doctype is None else doctype + b"\n"
    begun = gone = False

    def write(data: bytes) -> None:
        nonlocal begun
        if not gone:
            request.write(data if begun else head + data)
            begun = True

    def left(_: Failure) -> None:
        nonlocal gone
        gone = True
        rendering.cancel()

    def failed(failure: Failure) -> Any:
        if gone and failure.check(CancelledError):
            return None
        _log.failure("An error occurred while rendering the response.", failure=failure)
        if gone:
            return None
        if not begun:
            request.setResponseCode(INTERNAL_SERVER_ERROR)
        make = _failElement or (_told if _displaysTracebacks(request) else _apology)
        return flatten(request, make(failure), write)

    def finish(_: Any) -> None:
        if not gone:
            if not begun:
                write(b"")
            request.finish()

    rendering = flatten(request, element, write)
    if not rendering.called and hasattr(request, "notifyFinish"):
        request.notifyFinish().addErrback(left)
    rendering.addErrback(failed)
    rendering.addErrback(lambda failure: _log.failure("What is told of it failed.", failure))
    rendering.addCallback(finish)
    rendering.addErrback(lambda failure: _log.failure("The answer was not finished.", failure))
    return NOT_DONE_YET


def _displaysTracebacks(request: Any) -> bool:
    return bool(getattr(getattr(request, "site", None), "displayTracebacks", False))


def _apology(_: Failure) -> Tag:
    style = "font-size:800%;background-color:#FFF;color:#F00"
    return tags.div("An error occurred while rendering the response.", style=style)


def _told(failure: Failure) -> Tag:
    return tags.pre(failure.getTraceback())
