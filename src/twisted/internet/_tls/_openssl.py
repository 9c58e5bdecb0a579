"""Connections of pyOpenSSL, for context factories, and what it lacks of OpenSSL's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

from twisted.internet._tls._memory import backend_of as backend_of


def connectionFrom(
    context: SSL.Context, is_client: bool, protocols: Sequence[bytes] | None
) -> SSL.Connection:
    """A connection over memory for one side."""
    if protocols and not is_client:
        _offer(context, protocols)
    connection = SSL.Connection(context, None)
    prepare(connection, is_client, protocols)
    return connection


def prepare(connection: SSL.Connection, is_client: bool, protocols: Sequence[bytes] | None) -> None:
    """Tell a connection which side it is, and what to negotiate."""
    if is_client:
        connection.set_connect_state()
        if protocols:
            connection.set_alpn_protos(list(protocols))
    else:
        connection.set_accept_state()


#: What a context was told to choose from; it can be told only before its first connection.
_offered: WeakKeyDictionary[SSL.Context, list[bytes]] = WeakKeyDictionary()


def _offer(context: SSL.Context, protocols: Sequence[bytes]) -> None:
    if context not in _offered:
        _offered[context] = list(protocols)
        context.set_alpn_select_callback(lambda _, theirs: choose(protocols, theirs))


def offer_by(factory: Any, protocols: Sequence[bytes]) -> None:
    """Have a factory of connections offer what its user speaks, unless it has been told itself."""
    if hasattr(factory, "getContext") and not getattr(factory, "acceptableProtocols", None):
        _offer(factory.getContext(), protocols)


def choose(ours: Sequence[bytes], theirs: Sequence[bytes]) -> Any:
    """The first of our protocols that the peer speaks.

    Without one, the connection goes on without an agreement, as RFC 7301 allows.
    """
    return next((name for name in ours if name in theirs), SSL.NO_OVERLAPPING_PROTOCOLS)


def expect_peer(connection: SSL.Connection, name: bytes, address: bytes) -> None:
    """Have OpenSSL compare the certificate with the host, so that the peer gets an alert.

    It does that by rules of its own, so the answer is for who verifies to judge again.

    Args:
        connection: of a client.
        name: the host's, in ASCII; empty if it goes by its address.
        address: packed; empty if the host goes by its name.
    """
    handle = getattr(connection, "_ssl", None)
    if handle is None:
        return
    lib: Any = Binding.lib
    parameters = lib.SSL_get0_param(handle)
    lib.X509_VERIFY_PARAM_set_hostflags(parameters, lib.X509_CHECK_FLAG_NEVER_CHECK_SUBJECT)
    if address:
        lib.X509_VERIFY_PARAM_set1_ip(parameters, address, len(address))
    else:
        lib.X509_VERIFY_PARAM_set1_host(parameters, name, len(name))
