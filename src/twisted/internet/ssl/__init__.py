"""TLS: certificates, what to accept of the peer, and contexts made of both.

Chapter 2.13; RFC 8446, RFC 5280, RFC 6125.  Needs pyOpenSSL and service-identity: the
extra ``torsion[tls]``.  With the standard library alone, give an `ssl.SSLContext` to
`listenSSL`, `connectSSL` and `startTLS`.
"""

from twisted.internet.ssl._authorities import OpenSSLDefaultPaths as OpenSSLDefaultPaths
from twisted.internet.ssl._authorities import platformTrust as platformTrust
from twisted.internet.ssl._authorities import trustRootFromCertificates as trustRootFromCertificates
from twisted.internet.ssl._certificates import Certificate as Certificate
from twisted.internet.ssl._certificates import CertificateRequest as CertificateRequest
from twisted.internet.ssl._ciphers import AcceptableCiphers as AcceptableCiphers
from twisted.internet.ssl._ciphers import DiffieHellmanParameters as DiffieHellmanParameters
from twisted.internet.ssl._contexts import ClientContextFactory as ClientContextFactory
from twisted.internet.ssl._contexts import ContextFactory as ContextFactory
from twisted.internet.ssl._contexts import (
    DefaultOpenSSLContextFactory as DefaultOpenSSLContextFactory,
)
from twisted.internet.ssl._contexts import ReloadingOptions as ReloadingOptions
from twisted.internet.ssl._hostnames import VerificationError as VerificationError
from twisted.internet.ssl._hostnames import optionsForClientTLS as optionsForClientTLS
from twisted.internet.ssl._keys import KeyPair as KeyPair
from twisted.internet.ssl._keys import PrivateCertificate as PrivateCertificate
from twisted.internet.ssl._names import DN as DN
from twisted.internet.ssl._names import DistinguishedName as DistinguishedName
from twisted.internet.ssl._negotiation import (
    ProtocolNegotiationSupport as ProtocolNegotiationSupport,
)
from twisted.internet.ssl._negotiation import (
    protocolNegotiationMechanisms as protocolNegotiationMechanisms,
)
from twisted.internet.ssl._options import CertificateOptions as CertificateOptions
from twisted.internet.ssl._versions import TLSVersion as TLSVersion

__all__ = [
    "AcceptableCiphers",
    "Certificate",
    "CertificateOptions",
    "CertificateRequest",
    "ClientContextFactory",
    "ContextFactory",
    "DN",
    "DefaultOpenSSLContextFactory",
    "DiffieHellmanParameters",
    "DistinguishedName",
    "KeyPair",
    "OpenSSLDefaultPaths",
    "PrivateCertificate",
    "ProtocolNegotiationSupport",
    "ReloadingOptions",
    "TLSVersion",
    "VerificationError",
    "optionsForClientTLS",
    "platformTrust",
    "protocolNegotiationMechanisms",
    "trustRootFromCertificates",
]
