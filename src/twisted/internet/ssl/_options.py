"""Contexts, from what a program wants of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from constantly import NamedConstant
from zope.interface import implementer

from twisted.internet._tls._faults import TLSError
from twisted.internet._tls._openssl import choose
from twisted.internet._tls._reasons import OTHER_HOST, explain, explain_verification
from twisted.internet.interfaces import (
    IOpenSSLClientConnectionCreator,
    IOpenSSLContextFactory,
    IOpenSSLServerConnectionCreator,
)
from twisted.internet.ssl._authorities import CertificateAuthorities, trustRootFrom
from twisted.internet.ssl._ciphers import (
    DEFAULT_CIPHERS,
    AcceptableCiphers,
    DiffieHellmanParameters,
    expand,
)
from twisted.internet.ssl._openssl import SSL, crypto
from twisted.internet.ssl._versions import DEFAULT_MINIMUM, NUMBERS

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages

_NO_RENEGOTIATION = getattr(SSL, "OP_NO_RENEGOTIATION", 1 << 30)
_OPTIONS = (
    SSL.OP_NO_COMPRESSION
    | SSL.OP_CIPHER_SERVER_PREFERENCE
    | SSL.OP_SINGLE_DH_USE
    | SSL.OP_SINGLE_ECDH_USE
    | _NO_RENEGOTIATION
)


def _verified(connection: Any, certificate: Any, number: int, depth: int, ok: int) -> bool:
    """OpenSSL's judgement of a certificate, with its reason in words.

    Whose it is, is for the connection to judge, if it is one that wants to know.
    """
    verifyIdentity = getattr(connection, "verifyIdentity", None)
    if number in OTHER_HOST and verifyIdentity is not None:
        verifyIdentity(certificate)
    elif not ok:
        raise TLSError(
            explain_verification(number, depth),
            [("SSL routines", "", "certificate verify failed")],
        )
    return True


def _limits(
    minimum: NamedConstant | None, lowest: NamedConstant | None, maximum: NamedConstant | None
) -> tuple[NamedConstant, NamedConstant | None]:
    """The oldest and the newest version, from three wishes about them."""
    if minimum is not None and lowest is not None:
        raise TypeError("give raiseMinimumTo or insecurelyLowerMinimumTo, not both")
    order = list(NUMBERS)
    chosen = DEFAULT_MINIMUM if lowest is None else lowest
    if minimum is not None and order.index(minimum) > order.index(DEFAULT_MINIMUM):
        chosen = minimum
    if maximum is not None and order.index(maximum) < order.index(chosen):
        if minimum is not None or lowest is not None:
            raise ValueError(
                f"no version of TLS is at least {chosen.name} and at most {maximum.name}"
            )
        chosen = maximum
    return chosen, maximum


@implementer(
    IOpenSSLContextFactory, IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
)
class CertificateOptions:
    """A context factory for servers and clients, of TLS 1.2 and later by default.

    A client wants `optionsForClientTLS` instead, which knows whom it wants to talk to:
    here, the peer is verified only if a `trustRoot` is given.

    Args:
        privateKey: an `OpenSSL.crypto.PKey`.
        certificate: the `OpenSSL.crypto.X509` that goes with it.
        method: one of `OpenSSL.SSL`'s methods; leave it, and use the three below.
        verify: whether to verify the peer; `caCerts` says by whom. Older than `trustRoot`.
        caCerts: `OpenSSL.crypto.X509` objects.
        verifyDepth: the longest chain of certificates.
        requireCertificate: whether a client that is verified must present a certificate.
        verifyOnce: not to verify a client again, which TLS no more does.
        enableSingleUseKeys: for every connection keys of its own, which TLS always has.
        enableSessions: let clients resume sessions that this process remembers.
        fixBrokenPeers: work around bugs of peers of long ago.
        enableSessionTickets: let clients resume sessions that they remember for us.
        extraCertChain: `OpenSSL.crypto.X509` objects between ours and the authority.
        acceptableCiphers: an `IAcceptableCiphers`.
        dhParameters: a `DiffieHellmanParameters`.
        trustRoot: `platformTrust`, a `Certificate`, or several from
            `trustRootFromCertificates`: verify the peer, and trust these.
        acceptableProtocols: names for ALPN, the preferred one first.
        raiseMinimumTo: a `TLSVersion`: accept no older one, if that is newer than we do.
        insecurelyLowerMinimumTo: a `TLSVersion`: accept this old one.
        lowerMaximumSecurityTo: a `TLSVersion`: accept no newer one.
        contextForServerName: given the host name that a client asks for (SNI), as bytes or
            None, returns a context or what has ``getContext()``; None to present what is
            given here.

    Raises:
        ValueError, TypeError: arguments do not go together.
    """

    # Scrapy asks for it.
    _defaultMinimumTLSVersion = DEFAULT_MINIMUM

    def __init__(
        self,
        privateKey: crypto.PKey | None = None,
        certificate: crypto.X509 | None = None,
        method: int | None = None,
        verify: bool = False,
        caCerts: Iterable[crypto.X509] | None = None,
        verifyDepth: int = 9,
        requireCertificate: bool = True,
        verifyOnce: bool = True,
        enableSingleUseKeys: bool = True,
        enableSessions: bool = False,
        fixBrokenPeers: bool = False,
        enableSessionTickets: bool = False,
        extraCertChain: Sequence[crypto.X509] | None = None,
        acceptableCiphers: Any = None,
        dhParameters: DiffieHellmanParameters | None = None,
        trustRoot: Any = None,
        acceptableProtocols: Sequence[bytes] | None = None,
        raiseMinimumTo: NamedConstant | None = None,
        insecurelyLowerMinimumTo: NamedConstant | None = None,
        lowerMaximumSecurityTo: NamedConstant | None = None,
        contextForServerName: Callable[[bytes | None], Any] | None = None,
    ) -> None:
        if (privateKey is None) != (certificate is None):
            raise ValueError("a certificate and its privateKey go together: give both, or neither")
        if extraCertChain and certificate is None:
            raise ValueError("extraCertChain goes with a certificate and its privateKey")
        if trustRoot is not None and (verify or caCerts):
            raise TypeError("trustRoot replaces verify and caCerts: do not give both")
        if verify and not caCerts:
            raise ValueError("verify needs caCerts: whose signatures are trusted; see trustRoot")
        versions = (raiseMinimumTo, insecurelyLowerMinimumTo, lowerMaximumSecurityTo)
        if method is not None and any(version is not None for version in versions):
            raise TypeError("a method decides on the versions: leave it, and give their limits")
        self._minimum, self._maximum = _limits(*versions)
        self.privateKey = privateKey
        self.certificate = certificate
        self.method = SSL.TLS_METHOD if method is None else method
        self._ownVersions = method is not None and method != SSL.TLS_METHOD
        self.caCerts = caCerts
        self.verifyDepth = verifyDepth
        self.requireCertificate = requireCertificate
        self.verifyOnce = verifyOnce
        self.enableSingleUseKeys = enableSingleUseKeys
        self.enableSessions = enableSessions
        self.fixBrokenPeers = fixBrokenPeers
        self.enableSessionTickets = enableSessionTickets
        self.extraCertChain = tuple(extraCertChain or ())
        self.dhParameters = dhParameters
        self.acceptableProtocols = list(acceptableProtocols or ())
        if verify:
            trustRoot = CertificateAuthorities(caCerts or ())
        self.trustRoot = None if trustRoot is None else trustRootFrom(trustRoot)
        self.verify = self.trustRoot is not None
        self.contextForServerName = contextForServerName
        acceptable = acceptableCiphers
        if acceptable is None:
            acceptable = AcceptableCiphers.fromOpenSSLCipherString(DEFAULT_CIPHERS)
        self._ciphers = tuple(acceptable.selectCiphers(expand("ALL")))
        if not self._ciphers:
            raise ValueError("acceptableCiphers has none that OpenSSL has as well")
        self._context: SSL.Context | None = None

    def getContext(self) -> SSL.Context:
        """The context, which is made once."""
        if self._context is None:
            self._context = self._makeContext()
        return self._context

    def _makeContext(self, skipCiphers: bool = False) -> SSL.Context:
        # Scrapy's subclass passes the argument on.
        context = SSL.Context(self.method)
        context.set_options(self._options())
        if not self._ownVersions:
            context.set_min_proto_version(NUMBERS[self._minimum])
            if self._maximum is not None:
                context.set_max_proto_version(NUMBERS[self._maximum])
        self._present(context)
        if not skipCiphers:
            context.set_cipher_list(":".join(c.fullName for c in self._ciphers).encode("ascii"))
        if self.dhParameters is not None:
            context.load_tmp_dh(self.dhParameters.path)
        self._demand(context)
        if self.enableSessions:
            context.set_session_cache_mode(SSL.SESS_CACHE_SERVER)
            # Which of the sessions are ours: OpenSSL asks for it where clients are verified.
            context.set_session_id(os.urandom(16))
        else:
            context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        self._negotiate(context)
        return context

    def _options(self) -> int:
        options = _OPTIONS
        if self.fixBrokenPeers:
            options |= SSL.OP_ALL
        if not self.enableSessionTickets:
            options |= SSL.OP_NO_TICKET
        return options

    def _present(self, context: SSL.Context) -> None:
        """Load what we present to the peer."""
        if self.certificate is None or self.privateKey is None:
            return
        # A certificate and a key of `cryptography` itself will do.
        certificate: Any = self.certificate
        if hasattr(certificate, "to_cryptography"):
            certificate = certificate.to_cryptography()
        context.use_certificate(certificate)
        key: Any = self.privateKey
        if hasattr(key, "to_cryptography_key"):
            key = key.to_cryptography_key()
        try:
            context.use_privatekey(key)
            context.check_privatekey()
        except SSL.Error as e:
            raise TLSError(explain("key values mismatch"), *e.args) from e
        for certificate in self.extraCertChain:
            context.add_extra_chain_cert(certificate.to_cryptography())

    def _demand(self, context: SSL.Context) -> None:
        """Say what the peer has to present."""
        flags = SSL.VERIFY_NONE
        if self.trustRoot is not None:
            flags = SSL.VERIFY_PEER
            if self.requireCertificate:
                flags |= SSL.VERIFY_FAIL_IF_NO_PEER_CERT
            if self.verifyOnce:
                flags |= SSL.VERIFY_CLIENT_ONCE
            self.trustRoot.addTo(context)
            for authority in getattr(self.trustRoot, "certificates", ()):
                context.add_client_ca(authority.to_cryptography())
        context.set_verify(flags, _verified if self.trustRoot is not None else None)
        context.set_verify_depth(self.verifyDepth)

    def _negotiate(self, context: SSL.Context) -> None:
        protocols = self.acceptableProtocols
        if protocols:
            context.set_alpn_protos(protocols)
            context.set_alpn_select_callback(lambda _, theirs: choose(protocols, theirs))
        byName = self.contextForServerName
        if byName is not None:
            wanted = byName

            def serverName(connection: SSL.Connection) -> None:
                found = wanted(connection.get_servername())
                if found is not None:
                    get = getattr(found, "getContext", None)
                    connection.set_context(found if get is None else get())

            context.set_tlsext_servername_callback(serverName)

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """A server's connection over memory; see `IOpenSSLServerConnectionCreator`."""
        return self._makeTLSConnection(protocol)

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """A client's connection over memory; see `IOpenSSLClientConnectionCreator`."""
        return self._makeTLSConnection(protocol)

    def _makeTLSConnection(self, protocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self.getContext(), None)
        connection.set_app_data(protocol)
        return connection
