"""Pages for what goes wrong. What they are told is text, and is escaped."""

from __future__ import annotations

from html import escape

from twisted.web.http import FORBIDDEN, NOT_FOUND
from twisted.web.resource import ErrorPage, IResource

__all__ = ["errorPage", "forbidden", "notFound"]


def errorPage(code: int, brief: str, detail: str) -> IResource:
    """A page for any status.

    Args:
        code: the status.
        brief: a few words.
        detail: a sentence or two.
    """
    page: IResource = ErrorPage(code, escape(brief), escape(detail))
    return page


def notFound(
    brief: str = "No Such Resource", message: str = "Sorry. No luck finding that resource."
) -> IResource:
    """A page that says that there is nothing here."""
    return errorPage(NOT_FOUND, brief, message)


def forbidden(
    brief: str = "Forbidden Resource", message: str = "Sorry, resource is forbidden."
) -> IResource:
    """A page that says that this is not for the client."""
    return errorPage(FORBIDDEN, brief, message)
