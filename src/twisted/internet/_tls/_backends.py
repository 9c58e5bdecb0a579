"""Which back-end a context factory asks for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from twisted.internet._tls._engine import Backend


def overOpenSSL() -> Any:
    """The module of the back-end over pyOpenSSL.

    Raises:
        ImportError: pyOpenSSL cannot be imported; the text says how to install it.
    """
    try:
        # Late, because it takes as long to load as all the rest of a small program, and
        # is an extra: a program without TLS must not pay for it, nor need it.
        from twisted.internet._tls import _openssl
    except ImportError as e:
        raise ImportError(
            "TLS with a context factory needs pyOpenSSL, which is not installed: "
            "run `pip install 'torsion[tls]'`, or give an `ssl.SSLContext` instead"
        ) from e
    return _openssl


def _overStdlib() -> Any:
    # Late: somebody has loaded `ssl`, to make a context; who makes none need not.
    from twisted.internet._tls import _stdlib

    return _stdlib


def _stdlibContext(candidate: object) -> Any:
    """`candidate`, if it is an `ssl.SSLContext`; else None."""
    # Who has a context has loaded the module that it is from; who has none need not.
    module = sys.modules.get("ssl")
    return candidate if module is not None and isinstance(candidate, module.SSLContext) else None


def checkContextFactory(contextFactory: Any, isClient: bool) -> None:
    """See that connections can be made with `contextFactory`.

    Raises:
        ImportError: pyOpenSSL is needed for it, and is not installed.
        TypeError: it is not something that makes TLS connections.
    """
    if _stdlibContext(contextFactory) is not None:
        return
    overOpenSSL()
    makes = "clientConnectionForTLS" if isClient else "serverConnectionForTLS"
    if not hasattr(contextFactory, makes) and not hasattr(contextFactory, "getContext"):
        raise TypeError(
            f"{contextFactory!r} makes no TLS connections: give ssl.optionsForClientTLS(hostname)"
            if isClient
            else f"{contextFactory!r} makes no TLS connections: give ssl.CertificateOptions("
            "privateKey, certificate)"
        )


def makeBackend(
    contextFactory: Any,
    isClient: bool,
    tlsProtocol: Any,
    hostname: str | None,
    protocols: Sequence[bytes] | None,
) -> Backend:
    """What encrypts one connection.

    Args:
        contextFactory: an `ssl.SSLContext`, something with `getContext`, or something
            with `clientConnectionForTLS` or `serverConnectionForTLS`.
        isClient: which side this is.
        tlsProtocol: is given to who makes the connection; has `failVerification`.
        hostname: whom a client connects to, for an `ssl.SSLContext`, which does not know.
        protocols: what to negotiate by ALPN, the preferred one first.
    """
    backend: Backend
    make = "clientConnectionForTLS" if isClient else "serverConnectionForTLS"
    if hasattr(contextFactory, make):
        if protocols and not isClient:
            overOpenSSL().offer_by(contextFactory, protocols)
        connection = getattr(contextFactory, make)(tlsProtocol)
        overOpenSSL().prepare(connection, isClient, protocols)
        backend = overOpenSSL().backend_of(connection, isClient)
        return backend
    context = _stdlibContext(contextFactory) or contextFactory.getContext()
    if _stdlibContext(context) is None:
        connection = overOpenSSL().connectionFrom(context, isClient, protocols)
        connection.set_app_data(tlsProtocol)
        backend = overOpenSSL().backend_of(connection, isClient)
    else:
        if protocols:
            context.set_alpn_protocols([name.decode("ascii") for name in protocols])
        backend = _overStdlib().StdlibBackend(context, isClient, hostname)
    return backend
