"""Certificates for tests, made when they are needed, and contexts that use them."""

from __future__ import annotations

import datetime
import functools
import ipaddress
import os
import shutil
import ssl
import tempfile
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from OpenSSL import crypto

from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    KeyPair,
    PrivateCertificate,
    optionsForClientTLS,
)

_DAY = datetime.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


class Authority:
    """Who issues certificates: by itself, or by a parent that is not itself presented."""

    def __init__(self, name: str = "Test authority", parent: Authority | None = None) -> None:
        self.name = name
        self.key = ec.generate_private_key(ec.SECP256R1())
        issuer = self if parent is None else parent
        self.original = self._sign(name, self.key, issuer, isAuthority=True)
        self.certificate = Certificate.loadPEM(self.pem())

    def pem(self) -> bytes:
        """The certificate in PEM form."""
        return self.original.public_bytes(Encoding.PEM)

    def _sign(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        issuer: Authority,
        isAuthority: bool = False,
        hosts: tuple[str, ...] = (),
        age: datetime.timedelta = _DAY,
        life: datetime.timedelta = 3 * _DAY,
    ) -> x509.Certificate:
        began = datetime.datetime.now(datetime.UTC) - age
        builder = x509.CertificateBuilder(
            _name(issuer.name),
            _name(name),
            key.public_key(),
            x509.random_serial_number(),
            began,
            began + life,
        ).add_extension(x509.BasicConstraints(isAuthority, None), critical=True)
        if hosts:
            names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(issuer.key, hashes.SHA256())

    def issue(
        self, *hosts: str, age: datetime.timedelta = _DAY, life: datetime.timedelta = 3 * _DAY
    ) -> PrivateCertificate:
        """A certificate for these hosts."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._sign(hosts[0], key, self, hosts=hosts, age=age, life=life)
        pair = KeyPair(crypto.PKey.from_cryptography_key(key))
        return PrivateCertificate(crypto.X509.from_cryptography(signed), pair)

    def expired(self, *hosts: str) -> PrivateCertificate:
        """One whose time is over."""
        return self.issue(*hosts, age=3 * _DAY, life=2 * _DAY)

    @functools.cached_property
    def _localhost(self) -> PrivateCertificate:
        return self.issue("localhost", "127.0.0.1")

    def server(self, *hosts: str, **options: Any) -> CertificateOptions:
        """A server's context factory."""
        own = self._localhost if hosts in ((), ("localhost",)) else self.issue(*hosts)
        return serving(own, **options)

    def client(self, host: str, **options: Any) -> Any:
        """A client's, which trusts this authority."""
        return optionsForClientTLS(host, trustRoot=self.certificate, **options)

    def stdlibServer(self, *hosts: str) -> ssl.SSLContext:
        """A server's context of the standard library."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own = self._localhost if hosts in ((), ("127.0.0.1",)) else self.issue(*hosts)
        folder = tempfile.mkdtemp()
        try:
            path = os.path.join(folder, "both.pem")
            with open(path, "wb") as file:
                file.write(pemOf(own))
            context.load_cert_chain(path)
        finally:
            shutil.rmtree(folder)
        return context

    def stdlibClient(self) -> ssl.SSLContext:
        """A client's context of the standard library, which trusts this authority."""
        return ssl.create_default_context(cadata=self.pem().decode("ascii"))


def serving(own: PrivateCertificate, **options: Any) -> CertificateOptions:
    """A context factory that presents a certificate."""
    return CertificateOptions(
        privateKey=own.privateKey.original, certificate=own.original, **options
    )


def pemOf(own: PrivateCertificate) -> bytes:
    """A certificate and its key in PEM form."""
    return own.dumpPEM()
