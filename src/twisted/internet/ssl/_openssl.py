"""pyOpenSSL, or what to do to have it."""

from __future__ import annotations

try:
    from OpenSSL import SSL as SSL
    from OpenSSL import crypto as crypto
except ImportError as e:
    raise ImportError(
        "twisted.internet.ssl needs pyOpenSSL, service-identity and idna, which are not all "
        "installed: run `pip install 'torsion[tls]'`"
    ) from e

__all__ = ["SSL", "crypto"]
