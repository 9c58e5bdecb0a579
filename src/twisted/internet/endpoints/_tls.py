"""TLS around endpoints, and the TLS of descriptions.

What speaks TLS is imported by name when it is asked for: it needs OpenSSL, which endpoints of
other kinds do without, and its protocol is of a higher layer.
"""

from __future__ import annotations

import os
import re
from typing import Any

from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.internet.endpoints._attempt import TIMEOUT
from twisted.internet.endpoints._clients import SSL4ClientEndpoint
from twisted.internet.endpoints._hostname import HostnameEndpoint
from twisted.internet.endpoints._servers import BACKLOG, SSL4ServerEndpoint
from twisted.internet.error import CertificateError, ConnectionLost
from twisted.internet.interfaces import (
    IListeningPort,
    IProtocolFactory,
    IStreamClientEndpoint,
    IStreamServerEndpoint,
)
from twisted.python.filepath import FilePath
from twisted.python.reflect import namedAny

__name__ = "twisted.internet.endpoints"  # the public path, for pickles and messages


@implementer(IStreamClientEndpoint)
class _TLSClientEndpoint:
    """An endpoint, and TLS over its connections."""

    def __init__(self, creator: Any, endpoint: IStreamClientEndpoint, clock: Any) -> None:
        self._creator = creator
        self._endpoint = endpoint
        self._clock = clock

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        factory = _tlsFactory(self._creator, True, protocolFactory, self._clock)
        connected: Deferred[Any] = self._endpoint.connect(factory)
        return connected.addCallback(_unwrapped)


def _unwrapped(tls: Any) -> Any:
    """The protocol inside, which TLS lets go when its connection is lost."""
    if tls.wrappedProtocol is None:
        raise ConnectionLost("the connection was lost before TLS had begun")
    return tls.wrappedProtocol


@implementer(IStreamServerEndpoint)
class _TLSServerEndpoint:
    """An endpoint, and TLS over its connections."""

    def __init__(self, creator: Any, endpoint: IStreamServerEndpoint, clock: Any) -> None:
        self._creator = creator
        self._endpoint = endpoint
        self._clock = clock

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        return self._endpoint.listen(
            _tlsFactory(self._creator, False, protocolFactory, self._clock)
        )


def _tlsFactory(creator: Any, isClient: bool, factory: IProtocolFactory, clock: Any) -> Any:
    make = namedAny("twisted.protocols.tls.TLSMemoryBIOFactory")
    return make(creator, isClient, factory, clock)


def wrapClientTLS(
    connectionCreator: Any, wrappedEndpoint: IStreamClientEndpoint, clock: Any = None
) -> IStreamClientEndpoint:
    """Speak TLS over the connections of an endpoint.

    Args:
        connectionCreator: such as `ssl.optionsForClientTLS(u"example.com")`.
        wrappedEndpoint: makes the connections.
        clock: has `callLater`; the reactor by default.

    Returns:
        An endpoint; its `connect` does not wait for the handshake, which the first data does.
    """
    return _TLSClientEndpoint(connectionCreator, wrappedEndpoint, clock)


def wrapServerTLS(
    connectionCreator: Any, wrappedEndpoint: IStreamServerEndpoint, clock: Any = None
) -> IStreamServerEndpoint:
    """Speak TLS over the connections that an endpoint accepts.

    Args:
        connectionCreator: such as an `ssl.CertificateOptions` with key and certificate.
        wrappedEndpoint: accepts the connections.
        clock: has `callLater`; the reactor by default.
    """
    return _TLSServerEndpoint(connectionCreator, wrappedEndpoint, clock)


# Files


def _ssl(name: str) -> Any:
    try:
        return namedAny(f"twisted.internet.ssl.{name}")
    except (ImportError, AttributeError) as e:
        raise ValueError(f"TLS needs the extra 'tls' of this package: {e}") from None


def _read(what: str, path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as e:
        raise ValueError(f"the {what} {path!r} cannot be read ({e.strerror})") from None


_PEM_CERTIFICATE = re.compile(
    rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\r?\n?", re.DOTALL
)


def _loaded(what: str, path: str, load: Any, pem: bytes) -> Any:
    try:
        return load(pem)
    except CertificateError as e:
        # Without the words that all of them begin with.
        raise ValueError(f"the {what} {path!r} cannot be used: {e.args[0]}") from None
    except Exception as e:  # each library has its own for a bad file
        raise ValueError(f"the {what} {path!r} cannot be used: {e}") from None


def _serverOptions(
    privateKey: str, certKey: str, extraCertChain: str | None, options: dict[str, Any]
) -> Any:
    """What a server gives to `listenSSL`; made again when the files change."""
    key = _read("privateKey", privateKey)
    for what, path in (("certKey", certKey), ("extraCertChain", extraCertChain)):
        if path is not None and not _PEM_CERTIFICATE.search(_read(what, path)):
            raise ValueError(f"there is no certificate in the {what} {path!r}")
    make = _ssl("ReloadingOptions")
    return _loaded(
        "privateKey",
        privateKey,
        lambda _: make(privateKey, certKey, extraCertChainFile=extraCertChain, **options),
        key,
    )


def _trusted(what: str, folder: str) -> Any:
    """The certificates in a folder's ``.pem`` files, as what to trust."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as e:
        raise ValueError(f"the {what} {folder!r} cannot be read ({e.strerror})") from None
    load = _ssl("Certificate").loadPEM
    roots = [
        load(pem)
        for name in names
        if name.lower().endswith(".pem")
        for pem in _PEM_CERTIFICATE.findall(_read(what, os.path.join(folder, name)))
    ]
    if not roots:
        raise ValueError(f"there are no certificates in .pem files of the {what} {folder!r}")
    return _ssl("trustRootFromCertificates")(roots)


# Descriptions


def sslServer(
    reactor: Any,
    port: int,
    privateKey: str = "server.pem",
    certKey: str | None = None,
    sslmethod: str | None = None,
    extraCertChain: str | None = None,
    dhParameters: str | None = None,
    interface: str = "",
    backlog: int = BACKLOG,
    handshakeTimeout: float | None = None,
) -> SSL4ServerEndpoint:
    """What ``ssl:443:privateKey=key.pem:certKey=cert.pem`` means to a server; so does ``tls:``."""
    if sslmethod is not None:
        raise ValueError("the sslmethod is chosen by the peers, and can be left out")
    options: dict[str, Any] = {}
    if dhParameters is not None:
        if b"DH PARAMETERS-----" not in _read("dhParameters", dhParameters):
            raise ValueError(f"there are no parameters in the dhParameters {dhParameters!r}")
        load = _ssl("DiffieHellmanParameters").fromFile
        options["dhParameters"] = load(FilePath(dhParameters))
    factory = _serverOptions(privateKey, certKey or privateKey, extraCertChain, options)
    return SSL4ServerEndpoint(reactor, port, factory, backlog, interface, handshakeTimeout)


def sslClient(
    reactor: Any,
    host: str,
    port: int,
    timeout: float = TIMEOUT,
    bindAddress: tuple[str, int] | None = None,
    privateKey: str | None = None,
    certKey: str | None = None,
    hostname: str | None = None,
    caCertsDir: str | None = None,
) -> SSL4ClientEndpoint:
    """What ``ssl:example.com:443`` means to a client; `hostname` or the host is checked."""
    return SSL4ClientEndpoint(
        reactor,
        host,
        port,
        _clientOptions(hostname or host, "caCertsDir", caCertsDir, privateKey, certKey),
        timeout,
        bindAddress,
    )


def tlsClient(
    reactor: Any,
    host: str,
    port: int,
    timeout: float = TIMEOUT,
    bindAddress: str | None = None,
    certificate: str | None = None,
    privateKey: str | None = None,
    trustRoots: str | None = None,
) -> IStreamClientEndpoint:
    """What ``tls:example.com:443`` means to a client: the first address to answer, checked."""
    creator = _clientOptions(host, "trustRoots", trustRoots, privateKey or certificate, certificate)
    return wrapClientTLS(creator, HostnameEndpoint(reactor, host, port, timeout, bindAddress))


def _clientOptions(
    host: str, what: str, folder: str | None, privateKey: str | None, certKey: str | None
) -> Any:
    arguments: dict[str, Any] = {}
    if folder is not None:
        arguments["trustRoot"] = _trusted(what, folder)
    if privateKey is not None:
        pem = _read("privateKey", privateKey)
        if certKey is not None and certKey != privateKey:
            pem += b"\n" + _read("certKey", certKey)
        load = _ssl("PrivateCertificate").loadPEM
        arguments["clientCertificate"] = _loaded("privateKey", privateKey, load, pem)
    return _ssl("optionsForClientTLS")(host, **arguments)
