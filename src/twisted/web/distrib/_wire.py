"""What both sides agree on."""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IAddress

__name__ = "twisted.web.distrib"  # the public path, for pickles and messages

#: What one message carries of a body; below `SIZE_LIMIT`, and not so much that others wait for it.
PIECE_BYTES = 64 * 1024

#: What the class of the copies of requests is called.
REQUEST = "twisted.web.distrib.Request"

#: What Twisted's own calls it.
VIEWED = "twisted.web.server.Request"

GONE = "the client has gone away"


def addressed(address: IAddress) -> tuple[str, Any, Any]:
    """An address, as it is copied."""
    if isinstance(address, IPv4Address | IPv6Address):
        return "TCP", address.host, address.port
    return "UNIX", getattr(address, "name", None), None


def addressOf(said: tuple[str, Any, Any]) -> IAddress:
    """The address that was copied."""
    kind, host, port = said
    if kind == "UNIX":
        return UNIXAddress(host)
    return (IPv6Address if ":" in host else IPv4Address)("TCP", host, port)


def call(reference: Any, what: str, *args: Any, **kwargs: Any) -> Deferred[Any]:
    """Call a method over there; a connection that is lost is a failure as any other."""
    return maybeDeferred(reference.callRemote, what, *args, **kwargs)
