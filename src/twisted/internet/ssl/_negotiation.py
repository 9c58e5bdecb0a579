"""ALPN (RFC 7301): which protocol is spoken over TLS."""

from __future__ import annotations

from constantly import FlagConstant, Flags

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages


class ProtocolNegotiationSupport(Flags):  # type: ignore[misc]  # constantly has no types
    """Ways to agree on a protocol that the TLS library may have."""

    NOSUPPORT = FlagConstant(0)
    NPN = FlagConstant(1)
    ALPN = FlagConstant(2)


def protocolNegotiationMechanisms() -> FlagConstant:
    """The ways that the library has: ALPN, for NPN is no more."""
    return ProtocolNegotiationSupport.ALPN
