"""HTTP/2 for sites, where the library is there that speaks it."""

from __future__ import annotations

from typing import Any

__name__ = "twisted.web.server"  # the public path, for pickles and messages


def takeOver(channel: Any) -> Any:
    """What serves the client of a channel, which speaks HTTP/2."""
    from twisted.web._http2 import ServerConnection

    return ServerConnection(channel)
