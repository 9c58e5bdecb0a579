"""Servers behind a proxy that says for whom it speaks, by the PROXY protocol of HAProxy.

Protocols behind `proxyEndpoint` see the client's address where they would see the proxy's: in
`buildProtocol`, `getPeer` and `getHost`.  Whoever may send a header may claim any address, so that
only those may who are trusted.  And those must: the endpoint does not guess.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from zope.interface import implementer

from twisted.internet.address import UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IListeningPort,
    IProtocolFactory,
    IStreamServerEndpoint,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.protocols._proxyheader import Header, HeaderParser, ProxyHeaderError
from twisted.protocols.policies import ProtocolWrapper, TimeoutMixin, WrappingFactory
from twisted.python.failure import Failure

__all__ = ["ProxyHeaderError", "proxyEndpoint"]

_log = Logger()

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Seconds that a proxy has to send its header. It does so first of all; a packet that is lost
#: is sent again after 3 (chapter 2 of the protocol).
HEADER_TIMEOUT = 10

#: Whom to trust unless the program says otherwise: this host.
TRUSTED = ("127.0.0.0/8", "::1")


class _Nobody(Protocol):
    """Stands where no protocol is yet, or will be: ignores what may be on its way."""


class _ProxiedProtocol(TimeoutMixin, ProtocolWrapper):
    """Reads the header, and builds the protocol for the address in it."""

    def __init__(self, factory: _ProxiedFactory, addr: IAddress | None) -> None:
        super().__init__(factory, _Nobody())
        self._addr = addr
        self._parser: HeaderParser | None = HeaderParser()
        self._header: Header | None = None

    def makeConnection(self, transport: Any) -> None:
        """Wait for the header."""
        super().makeConnection(transport)
        self.setTimeout(HEADER_TIMEOUT)

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call `func` after `period` seconds of the factory's clock."""
        call: IDelayedCall = (self.factory.callLater or super().callLater)(period, func)
        return call

    def timeoutConnection(self) -> None:
        """The header has not come."""
        self._refuse(f"it sent no header in {HEADER_TIMEOUT} seconds")

    def dataReceived(self, data: bytes) -> None:
        """Read the header; pass on what is not of it."""
        parser = self._parser
        if parser is None:
            self.wrappedProtocol.dataReceived(data)
            return
        try:
            header = parser.feed(data)
        except ProxyHeaderError as e:
            self._refuse(str(e))
            return
        if header is not None:
            self._parser = None
            self.setTimeout(None)
            self._begin(header, parser.rest)

    def _begin(self, header: Header, rest: bytes) -> None:
        self._header = header
        protocol = self.factory.wrappedFactory.buildProtocol(header.source or self._addr)
        if protocol is None:
            self.transport.abortConnection()
            return
        self.wrappedProtocol = protocol
        protocol.makeConnection(self)
        if rest and self.wrappedProtocol is not None:
            self.wrappedProtocol.dataReceived(rest)

    def _refuse(self, why: str) -> None:
        _log.warn("The connection of the proxy {peer} is ended: {why}", peer=self._addr, why=why)
        self._parser = None
        self.setTimeout(None)
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the protocol inside, if there is one."""
        self.setTimeout(None)
        super().connectionLost(reason)

    def getPeer(self) -> Any:
        """The address of the client, as the proxy has it."""
        if self._header is not None and self._header.source is not None:
            return self._header.source
        return super().getPeer()

    def getHost(self) -> Any:
        """The address that the client has connected to, as the proxy has it."""
        if self._header is not None and self._header.destination is not None:
            return self._header.destination
        return super().getHost()


class _ProxiedFactory(WrappingFactory):
    """Lets trusted proxies in, and builds a protocol for each client of theirs.

    Attributes:
        callLater: sets the timeout; that of the reactor if it is None.
    """

    callLater: Any = None

    def __init__(self, wrappedFactory: IProtocolFactory, trusted: Sequence[_Network]) -> None:
        super().__init__(wrappedFactory)
        self._trusted = trusted

    def buildProtocol(self, addr: IAddress | None) -> _ProxiedProtocol | None:
        """What reads the header of a proxy that is trusted; nothing for others."""
        if not _isAmong(addr, self._trusted):
            _log.warn(
                "{peer} is refused: it is not among the trusted proxies; if it is one of yours, "
                "add it to `trusted` of proxyEndpoint or haproxy:",
                peer=addr,
            )
            return None
        return _ProxiedProtocol(self, addr)


def _isAmong(addr: Any, networks: Sequence[_Network]) -> bool:
    if isinstance(addr, UNIXAddress):
        # The permissions of the socket say who may connect.
        return True
    host = ipaddress.ip_address(addr.host.partition("%")[0])
    if isinstance(host, ipaddress.IPv6Address):
        # What a socket for both families says of an IPv4 address.
        host = host.ipv4_mapped or host
    return any(host in network for network in networks)


@implementer(IStreamServerEndpoint)
class _ProxyEndpoint:
    """An endpoint whose connections begin with a header."""

    def __init__(self, wrapped: IStreamServerEndpoint, trusted: Sequence[_Network]) -> None:
        self._wrapped = wrapped
        self._trusted = trusted

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        return self._wrapped.listen(_ProxiedFactory(protocolFactory, self._trusted))


def proxyEndpoint(
    wrappedEndpoint: IStreamServerEndpoint, trusted: Iterable[str] = TRUSTED
) -> IStreamServerEndpoint:
    """Listen behind proxies that speak the PROXY protocol, version 1 or 2.

    Connections from others are closed, and logged; so are those that do not begin with a header.
    Whoever can connect to a UNIX socket is trusted.

    Args:
        wrappedEndpoint: where to listen.
        trusted: addresses and networks of the proxies, such as ``"10.0.0.0/8"``; this host only
            by default.

    Raises:
        ValueError: one of them is neither an address nor a network.
    """
    return _ProxyEndpoint(wrappedEndpoint, [_network(text) for text in trusted])


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError as e:
        raise ValueError(
            f"{text!r} cannot be trusted: {e}; write an address, or a network such as 10.0.0.0/8"
        ) from None
