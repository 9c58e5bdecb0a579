"""Cookies, as RFC 6265 has them."""

from __future__ import annotations

import re

__name__ = "twisted.web.http"  # the public path, for pickles and messages

#: RFC 6265, 4.1.1, and a comma and a space in values, which applications have in them.
_isName = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_isValue = re.compile(rb"[\x20!-:<-~\x80-\xff]*").fullmatch
_SAME_SITE = (b"lax", b"strict", b"none")


def asBytes(text: bytes | str) -> bytes:
    """What may be given as either."""
    return text.encode("utf-8") if isinstance(text, str) else text


def _checked(what: str, value: bytes | str) -> bytes:
    made = asBytes(value)
    if not _isValue(made):
        raise ValueError(f"the {what} of a cookie has no control characters or ';': {value!r}")
    return made


def setCookie(
    name: bytes | str,
    value: bytes | str,
    attributes: dict[bytes, bytes | str | int | None],
    secure: bool,
    httpOnly: bool,
    sameSite: bytes | str | None,
) -> bytes:
    """The value of a `Set-Cookie`.

    Args:
        attributes: what belongs to the cookie; those that are None are left out.

    Raises:
        ValueError: something would end the attribute that it is in, or is not known.
    """
    key = asBytes(name)
    if not _isName(key):
        raise ValueError(f"{name!r} cannot be the name of a cookie")
    parts = [key + b"=" + _checked("value", value)]
    for attribute, given in attributes.items():
        if given is not None:
            text = b"%d" % given if isinstance(given, int) else _checked("attribute", given)
            parts.append(attribute + b"=" + text)
    if secure:
        parts.append(b"Secure")
    if httpOnly:
        parts.append(b"HttpOnly")
    if sameSite is not None:
        if asBytes(sameSite).lower() not in _SAME_SITE:
            raise ValueError(f"SameSite is lax, strict or none, not {sameSite!r}")
        parts.append(b"SameSite=" + asBytes(sameSite))
    return b"; ".join(parts)


def readCookies(headers: list[bytes]) -> dict[bytes, bytes]:
    """The cookies in the values of `Cookie`; of two with a name, the last."""
    found = {}
    for header in headers:
        for pair in header.split(b";"):
            name, equals, value = pair.strip().partition(b"=")
            if equals:
                found[name] = value
    return found
