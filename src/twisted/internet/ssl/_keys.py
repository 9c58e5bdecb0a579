"""Private keys, and what is made with them."""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519

from twisted.internet._tls._faults import TLSError
from twisted.internet.defer import Deferred
from twisted.internet.error import CertificateError, VerifyError
from twisted.internet.ssl._authorities import trustRootFromCertificates
from twisted.internet.ssl._certificates import Certificate, CertificateRequest, PublicKey
from twisted.internet.ssl._names import DistinguishedName, toX509
from twisted.internet.ssl._openssl import crypto
from twisted.internet.ssl._options import CertificateOptions

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages

_P = TypeVar("_P", bound="PrivateCertificate")

_YEAR = 60 * 60 * 24 * 365
#: Bits of an RSA key.
_SIZE = 2048

_HOSTNAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def _hash(key: Any, name: str) -> Any:
    """The digest for a signature; some keys know theirs."""
    if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return None
    return getattr(hashes, name.upper().replace("-", ""))()


def _alternativeName(commonName: bytes) -> x509.GeneralName | None:
    """The name of a host as clients look for it, which is not where people write it."""
    text = commonName.decode("utf-8", "replace")
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text) if _HOSTNAME.fullmatch(text.lower()) else None


class PrivateCertificate(Certificate):
    """A certificate and its private key.

    Attributes:
        original: an `OpenSSL.crypto.X509`.
        privateKey: a `KeyPair`.
    """

    def __init__(self, original: Any, privateKey: KeyPair | None = None) -> None:
        super().__init__(original)
        if privateKey is not None:
            self._setPrivateKey(privateKey)

    def _setPrivateKey(self, privateKey: KeyPair) -> None:
        if not privateKey.matches(self.getPublicKey()):
            raise VerifyError(f"the private key is not that of {Certificate.__repr__(self)}")
        self.privateKey = privateKey

    @classmethod
    def load(  # type: ignore[override]  # as is documented: a key has to be given
        Class: type[_P], data: bytes, privateKey: KeyPair, format: int = crypto.FILETYPE_ASN1
    ) -> _P:
        """A certificate from its DER or PEM form, with its key.

        Raises:
            CertificateError: it is none.
            VerifyError: the key is another's.
        """
        return Class(Certificate.load(data, format).original, privateKey)

    @classmethod
    def loadPEM(Class: type[_P], data: bytes | str) -> _P:
        """A certificate and its key, both in PEM form in `data`.

        Raises:
            CertificateError: one of them is not there.
            VerifyError: the key is another's.
        """
        if isinstance(data, str):
            data = data.encode("ascii")
        return Class.load(data, KeyPair.load(data, crypto.FILETYPE_PEM), crypto.FILETYPE_PEM)

    @classmethod
    def fromCertificateAndKeyPair(
        Class: type[_P], certificateInstance: Certificate, privateKey: KeyPair
    ) -> _P:
        """A certificate joined with its key."""
        return Class(certificateInstance.original, privateKey)

    def dumpPEM(self) -> bytes:
        """Certificate and key in PEM form: to be kept secret."""
        return super().dumpPEM() + self.privateKey.dump(crypto.FILETYPE_PEM)

    def inspect(self) -> str:
        """What it says, for people."""
        return f"{super().inspect()}\nPrivate Key:\n{self.privateKey.inspect()}"

    def options(self, *authorities: Certificate) -> CertificateOptions:
        """A context factory that presents this certificate.

        Args:
            authorities: require of the peer a certificate that one of these has issued.
        """
        return CertificateOptions(
            privateKey=self.privateKey.original,
            certificate=self.original,
            trustRoot=trustRootFromCertificates(authorities) if authorities else None,
        )

    def certificateRequest(
        self, format: int = crypto.FILETYPE_ASN1, digestAlgorithm: str = "sha256"
    ) -> bytes:
        """A request for a new certificate of the same name and key."""
        return self.privateKey.certificateRequest(self.getSubject(), format, digestAlgorithm)

    def newCertificate(
        self, newCertData: bytes, format: int = crypto.FILETYPE_ASN1
    ) -> PrivateCertificate:
        """A new certificate for the same key."""
        return self.privateKey.newCertificate(newCertData, format)

    def signCertificateRequest(
        self,
        requestData: bytes,
        verifyDNCallback: Callable[[DistinguishedName], Any],
        serialNumber: int,
        requestFormat: int = crypto.FILETYPE_ASN1,
        certificateFormat: int = crypto.FILETYPE_ASN1,
    ) -> Any:
        """Issue a certificate; see `KeyPair.signCertificateRequest`."""
        return self.privateKey.signCertificateRequest(
            self.getSubject(),
            requestData,
            verifyDNCallback,
            serialNumber,
            requestFormat,
            certificateFormat,
        )

    def signRequestObject(
        self,
        certificateRequest: CertificateRequest,
        serialNumber: int,
        secondsToExpiry: int = _YEAR,
        digestAlgorithm: str = "sha256",
    ) -> Certificate:
        """Issue a certificate."""
        return self.privateKey.signRequestObject(
            self.getSubject(), certificateRequest, serialNumber, secondsToExpiry, digestAlgorithm
        )


def noPassphrase(*_: object) -> bytes:
    """What OpenSSL is given for a passphrase of a key: there is nobody to ask.

    Raises:
        TLSError: always.
    """
    raise TLSError(
        "the private key is encrypted: keep it without a passphrase, in a file that nobody "
        "else can read (openssl pkey -in encrypted.pem -out key.pem)"
    )


class KeyPair(PublicKey):
    """A private key, and the public key that belongs to it.

    Attributes:
        original: an `OpenSSL.crypto.PKey`.
    """

    @classmethod
    def load(Class, data: bytes, format: int = crypto.FILETYPE_ASN1) -> KeyPair:
        """A key from its DER or PEM form, without a passphrase.

        Raises:
            CertificateError: it is none.
        """
        # Without a function to ask, OpenSSL waits for somebody at the terminal.
        ask = noPassphrase if format == crypto.FILETYPE_PEM else None
        try:
            return Class(crypto.load_privatekey(format, data, ask))
        except TLSError as e:
            raise CertificateError(str(e)) from e
        except (crypto.Error, ValueError, TypeError) as e:
            raise CertificateError(f"not a private key ({e})") from e

    @classmethod
    def generate(cls, kind: int = crypto.TYPE_RSA, size: int = _SIZE) -> KeyPair:
        """A new key.

        Args:
            kind: `OpenSSL.crypto.TYPE_RSA` or ``TYPE_DSA``.
            size: its bits.
        """
        key = crypto.PKey()
        key.generate_key(kind, size)
        return cls(key)

    @property
    def _key(self) -> Any:
        return self.original.to_cryptography_key()

    def dump(self, format: int = crypto.FILETYPE_ASN1) -> bytes:
        """Its DER or PEM form, which is not encrypted."""
        return crypto.dump_privatekey(format, self.original)

    def _der(self) -> bytes:
        return crypto.dump_publickey(crypto.FILETYPE_ASN1, self.original)

    def keyHash(self) -> str:
        """What tells the key from others."""
        return x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()).digest.hex()

    def inspect(self) -> str:
        """What it is, for people; nothing secret."""
        return f"Key Pair with Hash: {self.keyHash()}"

    def requestObject(
        self, distinguishedName: DistinguishedName, digestAlgorithm: str = "sha256"
    ) -> CertificateRequest:
        """A request for a certificate of this name."""
        builder = x509.CertificateSigningRequestBuilder(toX509(distinguishedName))
        return CertificateRequest(builder.sign(self._key, _hash(self._key, digestAlgorithm)))

    def certificateRequest(
        self,
        distinguishedName: DistinguishedName,
        format: int = crypto.FILETYPE_ASN1,
        digestAlgorithm: str = "sha256",
    ) -> bytes:
        """A request for a certificate of this name, in DER or PEM form."""
        return self.requestObject(distinguishedName, digestAlgorithm).dump(format)

    def signCertificateRequest(
        self,
        issuerDistinguishedName: DistinguishedName,
        requestData: bytes,
        verifyDNCallback: Callable[[DistinguishedName], Any],
        serialNumber: int,
        requestFormat: int = crypto.FILETYPE_ASN1,
        certificateFormat: int = crypto.FILETYPE_ASN1,
        secondsToExpiry: int = _YEAR,
        digestAlgorithm: str = "sha256",
    ) -> Any:
        """Issue a certificate for whom a callback approves of.

        Args:
            issuerDistinguishedName: who issues it.
            requestData: the request.
            verifyDNCallback: given the name in it; whether it may be signed, or a
                Deferred of that.
            serialNumber: its number among ours.
            requestFormat: the form of the request.
            certificateFormat: the form to return.
            secondsToExpiry: how long it holds.
            digestAlgorithm: for the signature.

        Returns:
            the form, or a Deferred of it.

        Raises:
            VerifyError: the callback does not approve, or the request is not genuine.
        """
        request = CertificateRequest.load(requestData, requestFormat)

        def sign(approved: Any) -> bytes:
            if not approved:
                raise VerifyError(f"no certificate is issued to {request.getSubject()!r}")
            issued = self.signRequestObject(
                issuerDistinguishedName, request, serialNumber, secondsToExpiry, digestAlgorithm
            )
            return issued.dump(certificateFormat)

        answer = verifyDNCallback(request.getSubject())
        return answer.addCallback(sign) if isinstance(answer, Deferred) else sign(answer)

    def signRequestObject(
        self,
        issuerDistinguishedName: DistinguishedName,
        requestObject: CertificateRequest,
        serialNumber: int,
        secondsToExpiry: int = _YEAR,
        digestAlgorithm: str = "sha256",
    ) -> Certificate:
        """Issue a certificate; it holds from now on.

        One that is signed with its own key may issue others.  A subject's common name that
        is that of a host is repeated where clients look for it.
        """
        request: x509.CertificateSigningRequest = requestObject.original
        key = self._key
        now = datetime.datetime.now(datetime.UTC)
        isOwn = request.public_key() == key.public_key()
        builder = x509.CertificateBuilder(
            issuer_name=toX509(issuerDistinguishedName),
            subject_name=request.subject,
            public_key=request.public_key(),
            serial_number=serialNumber or x509.random_serial_number(),
            not_valid_before=now - datetime.timedelta(seconds=1),
            not_valid_after=now + datetime.timedelta(seconds=secondsToExpiry),
        ).add_extension(x509.BasicConstraints(ca=isOwn, path_length=None), critical=True)
        for extension in request.extensions:
            if not isinstance(extension.value, x509.BasicConstraints):
                builder = builder.add_extension(extension.value, extension.critical)
        name = _alternativeName(requestObject.getSubject().get("commonName", b""))
        if name is not None and not any(
            isinstance(extension.value, x509.SubjectAlternativeName)
            for extension in request.extensions
        ):
            builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        issued = builder.sign(key, _hash(key, digestAlgorithm))
        return Certificate(crypto.X509.from_cryptography(issued))

    def newCertificate(
        self, newCertData: bytes, format: int = crypto.FILETYPE_ASN1
    ) -> PrivateCertificate:
        """A certificate for this key, from its DER or PEM form."""
        return PrivateCertificate.load(newCertData, self, format)

    def selfSignedCert(self, serialNumber: int, **kw: bytes | str) -> PrivateCertificate:
        """A certificate for this key that nobody else vouches for.

        Args:
            serialNumber: its number.
            kw: its name, as for `DN`.
        """
        dn = DistinguishedName(**kw)
        issued = self.signRequestObject(dn, self.requestObject(dn), serialNumber)
        return PrivateCertificate.fromCertificateAndKeyPair(issued, self)
