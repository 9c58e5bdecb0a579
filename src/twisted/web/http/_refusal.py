"""The response to what is no request."""

from __future__ import annotations

from html import escape

from twisted.web import _h1
from twisted.web.http._statuses import RESPONSES


def refusalPage(status: int, explanation: str) -> bytes:
    """The body of a response that says no, in HTML and UTF-8; the explanation may quote."""
    reason = RESPONSES.get(status, b"")
    return b"<!DOCTYPE html>\n<title>%d %b</title>\n<h1>%b</h1>\n<p>%b</p>\n" % (
        status,
        reason,
        reason,
        escape(explanation).encode("utf-8"),
    )


def refusal(status: int, explanation: str) -> bytes:
    """A whole response that says no and closes; the explanation may quote the request."""
    reason = RESPONSES.get(status, b"")
    body = refusalPage(status, explanation)
    lines = _h1.field_lines([(b"Content-Type", b"text/html; charset=utf-8")])
    return _h1.ResponseWriter().whole(status, reason, lines, body, close=True)
