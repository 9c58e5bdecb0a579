"""Which sites' pages may connect (RFC 6455, 10.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from twisted.web.server import Request

__name__ = "twisted.web.websocket"  # the public path, for pickles and messages

OriginPolicy = Callable[["Request", str], bool]

_PORTS = {"http": 80, "https": 443}


def policyOf(origins: Iterable[str] | OriginPolicy) -> OriginPolicy:
    """What decides, for what a program says.

    Raises:
        ValueError: one of `origins` is no origin.
    """
    if callable(origins):
        return origins
    if isinstance(origins, str):
        if origins != "*":
            raise ValueError(f"origins is a list: [{origins!r}]; or '*' for all")
        return lambda request, origin: True
    allowed = {_parsed(origin) for origin in origins}
    if None in allowed:
        raise ValueError(f"an origin is a scheme, a host and maybe a port, not one of {origins!r}")

    def mayConnect(request: Request, origin: str) -> bool:
        site = _parsed(origin)
        return site is not None and (site in allowed or _isOurs(site, request))

    return mayConnect


def _parsed(origin: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None if this is no origin, but ``null`` perhaps."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if not parts.scheme or not parts.hostname or "@" in parts.netloc:
        return None
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        return None
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)


def _isOurs(site: tuple[str, str, int | None], request: Request) -> bool:
    """Whether a page has come from where it connects to.

    The scheme is not compared: behind a proxy that speaks TLS for us we do not know it.
    """
    scheme, host, port = site
    if scheme not in _PORTS:
        return False
    asked = _parsed(f"{scheme}://{(request.getHeader(b'host') or b'').decode('latin-1')}")
    return asked is not None and asked[1:] == (host, port)
