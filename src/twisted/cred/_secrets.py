"""Names and secrets as bytes, and whether two of them are the same."""

from __future__ import annotations

from hmac import compare_digest


def asBytes(value: str | bytes) -> bytes:
    """A name or a secret as it goes over the wire: text is UTF-8.

    Raises:
        TypeError: it is neither text nor bytes.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        # Any text has such a form, so that none that a peer sends can raise anything.
        return value.encode("utf-8", "surrogatepass")
    raise TypeError(f"{type(value).__name__} given: a name or a password is bytes or str")


def sameSecret(one: str | bytes, other: str | bytes) -> bool:
    """Whether two secrets are equal; how long that takes does not say where they differ."""
    return compare_digest(asBytes(one), asBytes(other))
