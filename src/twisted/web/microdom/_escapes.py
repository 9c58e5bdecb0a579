"""What stands for characters that are markup."""

from __future__ import annotations

from collections.abc import Sequence

__name__ = "twisted.web.microdom"

Escapes = Sequence[tuple[str, str]]

HTML_ESCAPE_CHARS: Escapes = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))
REV_HTML_ESCAPE_CHARS: Escapes = HTML_ESCAPE_CHARS[::-1]
XML_ESCAPE_CHARS: Escapes = (*HTML_ESCAPE_CHARS, ("'", "&apos;"))
REV_XML_ESCAPE_CHARS: Escapes = XML_ESCAPE_CHARS[::-1]


def escape(text: str, chars: Escapes = HTML_ESCAPE_CHARS) -> str:
    """Replace characters that are markup.

    Args:
        text: Any text.
        chars: What is replaced by what, in order.
    """
    for character, reference in chars:
        text = text.replace(character, reference)
    return text


def unescape(text: str, chars: Escapes = REV_HTML_ESCAPE_CHARS) -> str:
    """The reverse of `escape`, given the reverse of what that was given."""
    for character, reference in chars:
        text = text.replace(reference, character)
    return text
