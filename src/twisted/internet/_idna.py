"""Names of hosts with letters that ASCII does not have, as the name service spells them.

IDNA 2008 (RFC 5891), by the package `idna` if it is installed; otherwise its predecessor, by the
codec of the standard library.
"""

from __future__ import annotations

from typing import Any

from twisted.python.reflect import requireModule

#: Longest name that the name service can carry, in characters (RFC 1035, section 2.3.4).
MAX_LENGTH = 253


def encodedName(name: str | bytes) -> str:
    """The ASCII form of a host's name.

    Args:
        name: letters of any script; an IP address is its own name.

    Raises:
        ValueError: this cannot be the name of a host.
    """
    try:
        text = name.decode("ascii") if isinstance(name, bytes) else name
        encoded = text if text.isascii() else _encoded(text)
    except UnicodeError as e:
        raise ValueError(f"{name!r} cannot be the name of a host: {e}") from None
    if not encoded or len(encoded.rstrip(".")) > MAX_LENGTH or not _isClean(encoded):
        raise ValueError(
            f"{name!r} cannot be the name of a host: write it without white space and control "
            f"characters, in 1 to {MAX_LENGTH} characters"
        )
    return encoded


def _isClean(name: str) -> bool:
    return name.isprintable() and " " not in name


def _encoded(name: str) -> str:
    # Loaded when needed: its tables are large, and most names are ASCII.
    idna: Any = requireModule("idna")
    if idna is None:
        return name.encode("idna").decode("ascii")
    # Capitals and the like are for people; UTS 46 says what they stand for.
    encoded: bytes = idna.encode(name, uts46=True)
    return encoded.decode("ascii")


# Under these names Scrapy looks for them.


def _idnaBytes(text: str) -> bytes:
    return encodedName(text).encode("ascii")


def _idnaText(octets: bytes) -> str:
    text = octets.decode("ascii")
    idna = requireModule("idna")
    decoded: str = octets.decode("idna") if idna is None else idna.decode(text)
    return decoded
