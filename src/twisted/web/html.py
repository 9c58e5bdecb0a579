"""Pieces of HTML as strings. Pages are better made with `twisted.web.template`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from twisted.logger import Logger

__all__ = ["PRE", "UL", "escape", "linkList", "output"]

_log = Logger()


def PRE(text: str) -> str:
    """Text, escaped, in a `pre`."""
    return f"<pre>{escape(text)}</pre>"


def UL(lst: Iterable[str]) -> str:
    """A list of items, each of them HTML: what is text must have been escaped."""
    items = "".join(f"<li> {item}</li>\n" for item in lst)
    return f"<ul>\n{items}</ul>\n"


def linkList(lst: Iterable[tuple[str, str]]) -> str:
    """A list of links.

    Args:
        lst: For each of them its URL and its text, both of which get escaped.
    """
    return UL(f'<a href="{escape(url)}">{escape(text)}</a>' for url, text in lst)


def output(func: Callable[..., str], *args: Any, **kw: Any) -> str:
    """What a function returns; if it raises, that is logged, and this says so."""
    try:
        return func(*args, **kw)
    except Exception:  # of the program's function, which must not cost the rest of the page
        _log.failure("A function that makes HTML failed.")
        return PRE("An error occurred.")
