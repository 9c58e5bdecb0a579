"""What may not stand for itself: text, attributes, comments and names, as they are written.

Theory of operation: whatever is written means the same to a parser of XML and to one of HTML5, and
no text can become markup in either. What both of them agree on is little:

- ``&``, ``<`` and ``>`` are escaped everywhere, and ``"`` in attributes, which always have quotes.
- Parsers of XML make one newline of a carriage return, and spaces of newlines in attributes.
  References to these characters are left alone, so that is what they are written as.
- Most control characters, and halves of surrogate pairs, cannot be in XML, not even as references.
  U+FFFD takes their place, as it does in browsers.
- A comment of XML has no ``--`` in it. One of HTML also ends at ``--!>``, and at a first ``>``.
- A CDATA section is a comment to a browser, which ends at the first ``>``; so none is in it, but in
  ``script`` and ``style``, where the browser takes it for text, and ``</`` would end it.
"""

from __future__ import annotations

import re

_BAD = "[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_badInText = re.compile(_BAD)
_badInAttribute = re.compile(f"{_BAD}|[\t\n]")
# Places in CDATA that are not to be in one section: in the middle of its end, and of an end tag.
_breaksOut = re.compile("(?<=]])(?=>)|(?<=<)(?=[/!])")
_NAMED = r"[^\s<>\"'=/&\x00-\x20\x7f-\x9f\ud800-\udfff]"
_fineTag = re.compile(rf"[^\W\d]{_NAMED}*")
_fineAttribute = re.compile(rf"{_NAMED}+")


def _replaced(found: re.Match[str]) -> str:
    character = found[0]
    return f"&#{ord(character)};" if character in "\t\n\r" else "\ufffd"


def escapedText(text: str) -> str:
    """Text as it is written between tags."""
    # One look for each is cheaper than one regular expression for all ("template-flatten").
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text if text.isprintable() else _badInText.sub(_replaced, text)


def escapedAttribute(text: str) -> str:
    """Text as it is written in the value of an attribute."""
    text = escapedText(text)
    if '"' in text:
        text = text.replace('"', "&quot;")
    return text if text.isprintable() else _badInAttribute.sub(_replaced, text)


def quotedMarkup(markup: str) -> str:
    """Markup that is text in the value of an attribute; it has no bad characters any more."""
    markup = markup.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return markup.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def _plain(text: str) -> str:
    """Text without bad characters, for where there are no references to them."""
    return _badInText.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def escapedComment(text: str) -> str:
    """A whole comment."""
    text = _plain(text)
    while "--" in text:
        text = text.replace("--", "- -")
    if text.startswith((">", "->")):
        text = " " + text
    if text.endswith("-"):
        text += " "
    return f"<!--{text}-->"


def escapedCDATA(text: str, raw: bool) -> str:
    """A whole CDATA section, or more than one if the text could end it.

    Args:
        raw: Whether it is in an element that browsers look for the end tag of, and nothing else.
    """
    text = _plain(text)
    if raw:
        text = _breaksOut.sub("]]><![CDATA[", text)
    else:
        text = text.replace(">", "]]>&gt;<![CDATA[")
    return f"<![CDATA[{text}]]>"


def escapedCharacter(ordinal: int) -> str:
    """A reference to a character.

    Raises:
        ValueError: There is no such character, or it cannot be in a page.
    """
    if not 0 <= ordinal <= 0x10FFFF or (_badInText.match(chr(ordinal)) and ordinal != 13):
        raise ValueError(f"{ordinal} is no character that can be in a page")
    return f"&#{ordinal};"


def _checked(name: str | bytes, fine: re.Pattern[str], what: str) -> str:
    if isinstance(name, bytes):
        name = name.decode("utf-8")
    if fine.fullmatch(name) is None:
        raise ValueError(f"{name!r} cannot be the name of {what}")
    return name


def checkedTagName(name: str | bytes) -> str:
    """A name for a tag.

    Raises:
        ValueError: It could be read as something else.
    """
    return _checked(name, _fineTag, "a tag")


def checkedAttributeName(name: str | bytes) -> str:
    """A name for an attribute.

    Raises:
        ValueError: It could be read as something else.
    """
    return _checked(name, _fineAttribute, "an attribute")
