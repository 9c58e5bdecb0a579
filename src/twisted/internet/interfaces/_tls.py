"""What makes and configures TLS connections."""

from __future__ import annotations

from typing import Any

from zope.interface import Attribute, Interface

__name__ = "twisted.internet.interfaces"  # the public path, for pickles and messages


class ICipher(Interface):
    """One TLS cipher suite."""

    fullName: str = Attribute("""The whole name, as OpenSSL or the standard writes it.""")


class IAcceptableCiphers(Interface):
    """A choice of cipher suites."""

    def selectCiphers(availableCiphers: tuple[ICipher, ...]) -> list[ICipher]:
        """Those of the available suites that are wanted, the preferred one first."""


class IOpenSSLContextFactory(Interface):
    """What makes a TLS context."""

    def getContext() -> Any:
        """An `OpenSSL.SSL.Context`; the same one may be given out many times."""


class IOpenSSLServerConnectionCreator(Interface):
    """What makes the server's side of a TLS connection."""

    def serverConnectionForTLS(tlsProtocol: Any) -> Any:
        """An `OpenSSL.SSL.Connection` over memory for this `TLSMemoryBIOProtocol`."""


class IOpenSSLClientConnectionCreator(Interface):
    """What makes the client's side of a TLS connection."""

    def clientConnectionForTLS(tlsProtocol: Any) -> Any:
        """An `OpenSSL.SSL.Connection` over memory for this `TLSMemoryBIOProtocol`."""
