"""The versions of TLS."""

from __future__ import annotations

from constantly import NamedConstant, Names

from twisted.internet.ssl._openssl import SSL

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages


class TLSVersion(Names):  # type: ignore[misc]  # constantly has no types
    """The versions of TLS, for the limits that `CertificateOptions` takes."""

    SSLv3 = NamedConstant()
    TLSv1_0 = NamedConstant()
    TLSv1_1 = NamedConstant()
    TLSv1_2 = NamedConstant()
    TLSv1_3 = NamedConstant()


#: From the oldest to the newest, with OpenSSL's numbers.
NUMBERS = {
    TLSVersion.SSLv3: 0x300,
    TLSVersion.TLSv1_0: SSL.TLS1_VERSION,
    TLSVersion.TLSv1_1: SSL.TLS1_1_VERSION,
    TLSVersion.TLSv1_2: SSL.TLS1_2_VERSION,
    TLSVersion.TLSv1_3: SSL.TLS1_3_VERSION,
}
#: RFC 8996: older ones must not be used.
DEFAULT_MINIMUM = TLSVersion.TLSv1_2
