"""Whether the peer is whom the client wants to talk to: RFC 6125, RFC 9525."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

import idna
from cryptography.x509 import ExtensionNotFound, SubjectAlternativeName
from service_identity import VerificationError as VerificationError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from zope.interface import implementer

from twisted.internet._tls._openssl import expect_peer
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl._authorities import platformTrust
from twisted.internet.ssl._openssl import SSL, crypto
from twisted.internet.ssl._options import CertificateOptions

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages

#: So many connections at once can resume sessions with one host: as many as a browser has.
MAX_SESSIONS = 8


class IdentityError(VerificationError):
    """A `VerificationError` that says in a sentence whose certificate it was not."""

    def __init__(self, errors: Any, hostname: str, names: Sequence[str]) -> None:
        super().__init__(errors)
        self.hostname = hostname
        self.names = list(names)

    def __str__(self) -> str:
        found = ", ".join(self.names) or "no host at all"
        return f"the certificate of the peer is not for {self.hostname!r}, but for {found}"


def _namesIn(certificate: crypto.X509 | None) -> list[str]:
    """The hosts that a certificate is for."""
    if certificate is None:
        return []
    extensions = certificate.to_cryptography().extensions
    try:
        names = extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return []
    return [str(name.value) for name in names]


class VerifiedConnection(SSL.Connection):
    """A connection whose handshake is not done before the peer has proved who it is.

    OpenSSL looks at the host while it verifies the certificate, which gets an alert to the peer;
    if it has a complaint, the contexts of `CertificateOptions` ask `verifyIdentity`.  With other
    contexts, and where a session is resumed, it is asked when the handshake is done.
    """

    hostname: str
    isAddress: bool
    #: Where to leave what resumes the session; None if nobody will.
    sessions: list[SSL.Session] | None = None
    _othersVerify = False

    def set_verify(self, mode: int, callback: Any = None) -> None:
        # A program that verifies this connection in its own way decides who the peer is, too.
        super().set_verify(mode, callback)
        self._othersVerify = True

    def verifyIdentity(self, certificate: crypto.X509 | None) -> None:
        """Raise `IdentityError` unless the certificate is for the host."""
        wanted = IPAddress_ID(self.hostname) if self.isAddress else DNS_ID(self.hostname)
        patterns = [] if certificate is None else extract_patterns(certificate)
        mismatches: Any = ()
        if patterns:
            try:
                verify_service_identity(patterns, [wanted], [])
            except VerificationError as e:
                mismatches = e.errors
            else:
                return
        raise IdentityError(mismatches, self.hostname, _namesIn(certificate))

    def do_handshake(self) -> None:
        super().do_handshake()
        if not self._othersVerify:
            self.verifyIdentity(self.get_peer_certificate())

    def shutdown(self) -> bool:
        # In TLS 1.3, what resumes a session comes when the server likes, after the handshake.
        # A session that does not end in order is not resumed (RFC 5246 section 7.2.2).
        session = self.get_session()
        if self.sessions is not None and session is not None:
            self.sessions.append(session)
            del self.sessions[:-MAX_SESSIONS]
        return super().shutdown()


@implementer(IOpenSSLClientConnectionCreator)
class ClientTLSOptions:
    """Makes connections to one host, whose identity is verified.

    Args:
        hostname: a name or an address.
        ctx: the context.
        sendServerName: tell the server which name we ask for.
        resumeSessions: resume sessions of earlier connections, which saves work and a turn.
    """

    def __init__(
        self,
        hostname: str,
        ctx: SSL.Context,
        sendServerName: bool = True,
        resumeSessions: bool = True,
    ) -> None:
        self._ctx = ctx
        #: Of this host and context only: what one trusts must not lead past another's checks.
        self._sessions: list[SSL.Session] | None = [] if resumeSessions else None
        self._hostname = hostname
        self._address = b""
        self._ascii = b""
        try:
            self._address = ipaddress.ip_address(hostname).packed
        except ValueError:
            self._ascii = encodeHostname(hostname)
        # RFC 6066 section 3: no addresses.
        self._sendServerName = sendServerName and not self._address

    # Scrapy has a subclass that looks at these.

    @property
    def _hostnameBytes(self) -> bytes:
        return self._hostnameASCII.encode("ascii")

    @property
    def _hostnameIsDnsName(self) -> bool:
        return not self._address

    @property
    def _hostnameASCII(self) -> str:
        return self._ascii.decode("ascii") or self._hostname

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        """A connection over memory; see `IOpenSSLClientConnectionCreator`."""
        connection = VerifiedConnection(self._ctx, None)
        connection.hostname = self._hostnameASCII
        connection.isAddress = not self._hostnameIsDnsName
        expect_peer(connection, self._ascii, self._address)
        connection.set_app_data(tlsProtocol)
        if self._sendServerName:
            connection.set_tlsext_host_name(self._ascii)
        if self._sessions is not None:
            connection.sessions = self._sessions
        if self._sessions:
            # Once only, lest who listens sees which connections belong together (RFC 8446
            # appendix C.4).
            connection.set_session(self._sessions.pop())
        return connection


def encodeHostname(hostname: str) -> bytes:
    """A host name as it goes over the wire (RFC 5891).

    Raises:
        ValueError: it is none.
    """
    if hostname.isascii():
        return hostname.encode("ascii")
    try:
        return idna.encode(hostname)
    except idna.IDNAError as e:
        raise ValueError(f"{hostname!r} is not a host name: {e}") from e


def optionsForClientTLS(
    hostname: str,
    trustRoot: Any = None,
    clientCertificate: Any = None,
    acceptableProtocols: Sequence[bytes] | None = None,
    extraCertificateOptions: Mapping[str, Any] | None = None,
    sendServerName: bool = True,
) -> ClientTLSOptions:
    """What a client gives to `connectSSL` or `startTLS`: it verifies who the server is.

    Args:
        hostname: whom to talk to: a name, which may have any characters, or an address.
        trustRoot: as for `CertificateOptions`; `platformTrust` by default.
        clientCertificate: a `PrivateCertificate` to present, if the server asks.
        acceptableProtocols: names for ALPN, the preferred one first.
        extraCertificateOptions: further arguments of `CertificateOptions`; sessions and
            tickets are enabled unless they say otherwise.
        sendServerName: tell the server the name (SNI), as it needs to if it has several.

    Raises:
        TypeError: `hostname` is not a `str`.
        ValueError: it is not a name.
    """
    if not isinstance(hostname, str):
        raise TypeError(f"a host name is a str, such as {'example.com'!r}, not {hostname!r}")
    arguments: dict[str, Any] = {"enableSessions": True, "enableSessionTickets": True}
    arguments.update(extraCertificateOptions or {})
    if clientCertificate is not None:
        arguments["privateKey"] = clientCertificate.privateKey.original
        arguments["certificate"] = clientCertificate.original
    options = CertificateOptions(
        trustRoot=platformTrust() if trustRoot is None else trustRoot,
        acceptableProtocols=acceptableProtocols,
        **arguments,
    )
    return ClientTLSOptions(hostname, options.getContext(), sendServerName, options.enableSessions)
