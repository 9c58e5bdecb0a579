"""From what the socket module calls an address to what we call one, and back."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address


def tcpAddress(address: tuple[Any, ...]) -> IPv4Address | IPv6Address:
    """The address object for what the socket module calls an address."""
    if len(address) == 2:
        return IPv4Address("TCP", *address)
    return IPv6Address("TCP", *address)


def ipv6SocketAddress(host: str, port: int) -> tuple[Any, ...]:
    """What the socket module calls an address, from one that may have a ``%zone``."""
    if not 0 <= port <= 0xFFFF:
        # getaddrinfo() takes any number, and drops its upper half.
        raise OverflowError(f"a port is a number from 0 to 65535, not {port}")
    return socket.getaddrinfo(host, port, socket.AF_INET6, 0, 0, socket.AI_NUMERICHOST)[0][4]
