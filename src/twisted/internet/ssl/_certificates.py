"""Certificates, and requests for them."""

from __future__ import annotations

from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from twisted.internet.error import CertificateError, VerifyError
from twisted.internet.ssl._authorities import trustRootFromCertificates
from twisted.internet.ssl._names import DistinguishedName, fromX509
from twisted.internet.ssl._openssl import crypto
from twisted.internet.ssl._options import CertificateOptions

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages

_C = TypeVar("_C", bound="Certificate")

#: By OpenSSL's number for it.
ENCODINGS = {crypto.FILETYPE_PEM: Encoding.PEM, crypto.FILETYPE_ASN1: Encoding.DER}


class PublicKey:
    """A public key.

    Args:
        osslpkey: an `OpenSSL.crypto.PKey`.
    """

    def __init__(self, osslpkey: crypto.PKey) -> None:
        self.original = osslpkey

    def _der(self) -> bytes:
        return crypto.dump_publickey(crypto.FILETYPE_ASN1, self.original)

    def matches(self, otherKey: PublicKey) -> bool:
        """Whether the other one is the same key."""
        return self._der() == otherKey._der()

    def keyHash(self) -> str:
        """What tells the key from others: the SHA-256 digest of its DER form, in hex."""
        return x509.SubjectKeyIdentifier.from_public_key(
            self.original.to_cryptography_key()  # type: ignore[arg-type]  # private has public
        ).digest.hex()

    def inspect(self) -> str:
        """What it is, for people."""
        return f"Public Key with Hash: {self.keyHash()}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.keyHash()}>"


class CertBase:
    """What certificates and requests have in common.

    Args:
        original: the object that holds it.
    """

    def __init__(self, original: Any) -> None:
        self.original = original

    def _x509(self) -> Any:
        return self.original.to_cryptography()

    def getSubject(self) -> DistinguishedName:
        """Whom it is for."""
        return fromX509(self._x509().subject)


class Certificate(CertBase):
    """A certificate.

    Attributes:
        original: an `OpenSSL.crypto.X509`.
    """

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} Subject={self.getSubject().get('commonName', b'')!r} "
            f"Issuer={self.getIssuer().get('commonName', b'')!r}>"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Certificate):
            return NotImplemented
        return self.dump() == other.dump()

    def __hash__(self) -> int:
        return hash(self.dump())

    @classmethod
    def load(
        Class: type[_C], requestData: bytes, format: int = crypto.FILETYPE_ASN1, args: Any = ()
    ) -> _C:
        """A certificate from its DER or PEM form.

        Args:
            requestData: the form.
            format: `OpenSSL.crypto.FILETYPE_ASN1` or ``FILETYPE_PEM``.
            args: further arguments of the class.

        Raises:
            CertificateError: it is none.
        """
        try:
            loaded = crypto.load_certificate(format, requestData)
        except (crypto.Error, ValueError) as e:
            raise CertificateError(f"not a certificate ({e})") from e
        return Class(loaded, *args)

    @classmethod
    def loadPEM(Class: type[_C], data: bytes | str) -> _C:
        """A certificate from its PEM form: the first that there is."""
        if isinstance(data, str):
            data = data.encode("ascii")
        return Class.load(data, crypto.FILETYPE_PEM)

    @classmethod
    def peerFromTransport(Class: type[_C], transport: Any) -> _C:
        """The certificate that the peer of a connection presented.

        Raises:
            CertificateError: it presented none.
        """
        found = transport.getPeerCertificate()
        if found is None:
            raise CertificateError(f"TLS, but the peer presented no certificate to {transport!r}")
        # The standard library gives the DER form.
        return Class.load(found) if isinstance(found, bytes) else Class(found)

    @classmethod
    def hostFromTransport(Class: type[_C], transport: Any) -> _C:
        """The certificate that we presented to the peer of a connection.

        Raises:
            CertificateError: we presented none.
        """
        found = transport.getHandle().get_certificate()
        if found is None:
            raise CertificateError(f"TLS, but no certificate of ours was given to {transport!r}")
        return Class(found)

    def dump(self, format: int = crypto.FILETYPE_ASN1) -> bytes:
        """Its DER or PEM form."""
        return self._x509().public_bytes(ENCODINGS[format])  # type: ignore[no-any-return]

    def dumpPEM(self) -> bytes:
        """Its PEM form."""
        return self.dump(crypto.FILETYPE_PEM)

    def getIssuer(self) -> DistinguishedName:
        """Who issued it."""
        return fromX509(self._x509().issuer)

    def getPublicKey(self) -> PublicKey:
        """The key that it is about."""
        return PublicKey(self.original.get_pubkey())

    def serialNumber(self) -> int:
        """Its number among those of its issuer."""
        number: int = self._x509().serial_number
        return number

    def digest(self, method: str = "md5") -> bytes:
        """Its digest, in hex with colons.

        Args:
            method: such as "sha256".
        """
        result: bytes = self.original.digest(method)
        return result

    def inspect(self) -> str:
        """What it says, for people."""
        parts = [
            ("Certificate For Subject:", self.getSubject().inspect()),
            ("Issuer:", self.getIssuer().inspect()),
            ("Serial Number:", str(self.serialNumber())),
            ("Digest:", self.digest("sha256").decode("ascii")),
            ("Public Key:", self.getPublicKey().inspect()),
        ]
        return "\n".join(f"{title}\n{text}" for title, text in parts)

    def options(self, *authorities: Any) -> CertificateOptions:
        """Not possible: there is no private key; see `PrivateCertificate.options`."""
        raise NotImplementedError(
            "a certificate alone cannot be served: use PrivateCertificate, which has the key"
        )

    def trust(self) -> Any:
        """Trust what this certificate has issued, and itself."""
        return trustRootFromCertificates([self])


class CertificateRequest(CertBase):
    """A request for a certificate, signed with the key that it is about.

    Attributes:
        original: a `cryptography.x509.CertificateSigningRequest`.
    """

    def _x509(self) -> Any:
        return self.original

    @classmethod
    def load(
        cls, requestData: bytes, requestFormat: int = crypto.FILETYPE_ASN1
    ) -> CertificateRequest:
        """A request from its DER or PEM form.

        Raises:
            CertificateError: it is none.
            VerifyError: it is not signed with its own key.
        """
        load = (
            x509.load_pem_x509_csr
            if requestFormat == crypto.FILETYPE_PEM
            else x509.load_der_x509_csr
        )
        try:
            request = load(requestData)
        except ValueError as e:
            raise CertificateError(f"not a request for a certificate ({e})") from e
        if not request.is_signature_valid:
            subject = fromX509(request.subject)
            raise VerifyError(f"the request for {subject!r} is not signed with its own key")
        return cls(request)

    def dump(self, format: int = crypto.FILETYPE_ASN1) -> bytes:
        """Its DER or PEM form."""
        return self.original.public_bytes(ENCODINGS[format])  # type: ignore[no-any-return]
