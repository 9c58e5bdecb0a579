"""What programs know of the inside of `twisted.internet.ssl`: a class that Scrapy derives from."""

from __future__ import annotations

from typing import Any

from twisted.internet.ssl import _hostnames

__all__ = ["ClientTLSOptions"]


class ClientTLSOptions(_hostnames.ClientTLSOptions):
    """Makes connections to one host, whose identity is verified.

    Args:
        createConnection: a method of `CertificateOptions`, whose context is used.
        hostname: a name or an address.
    """

    def __init__(self, createConnection: Any, hostname: str) -> None:
        self._createConnection = createConnection
        super().__init__(hostname, createConnection.__self__.getContext())
