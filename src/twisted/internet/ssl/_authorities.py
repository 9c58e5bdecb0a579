"""Whom to trust."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet.ssl._openssl import SSL, crypto

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages


class OpenSSLDefaultPaths:
    """Trust those authorities that OpenSSL finds where it was built to look."""

    def addTo(self, context: SSL.Context) -> None:
        """Have `context` trust them."""
        context.set_default_verify_paths()


class CertificateAuthorities:
    """Trust these authorities and no others.

    Args:
        certificates: `OpenSSL.crypto.X509` objects.
    """

    def __init__(self, certificates: Iterable[crypto.X509]) -> None:
        self.certificates = tuple(certificates)

    def addTo(self, context: SSL.Context) -> None:
        """Have `context` trust them."""
        store = context.get_cert_store()
        assert store is not None, "a context has one"
        for certificate in self.certificates:
            store.add_cert(certificate)


def platformTrust() -> OpenSSLDefaultPaths:
    """Trust those authorities that the platform does."""
    return OpenSSLDefaultPaths()


def trustRootFromCertificates(certificates: Iterable[Any]) -> CertificateAuthorities:
    """Trust these authorities and no others.

    Args:
        certificates: `Certificate` or `PrivateCertificate` objects.

    Raises:
        TypeError: something else is among them.
    """
    originals = []
    for certificate in certificates:
        original = getattr(certificate, "original", None)
        if not isinstance(original, crypto.X509):
            raise TypeError(
                f"certificates must be Certificate objects, not {certificate!r}: "
                "read one with ssl.Certificate.loadPEM(data)"
            )
        originals.append(original)
    return CertificateAuthorities(originals)


def trustRootFrom(candidate: Any) -> Any:
    """What `CertificateOptions` takes for a trust root: one, or a certificate.

    Raises:
        TypeError: it is neither.
    """
    if hasattr(candidate, "addTo"):
        return candidate
    if hasattr(candidate, "original"):
        return trustRootFromCertificates([candidate])
    raise TypeError(
        f"cannot trust {candidate!r}: give ssl.platformTrust(), a Certificate, or what "
        "ssl.trustRootFromCertificates returns"
    )
