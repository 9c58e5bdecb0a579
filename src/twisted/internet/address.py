"""Where the two ends of a connection are.

Transports make one of these for every connection and every datagram, so making one costs a
few stores and nothing more. They compare and hash by value; change none after it is made.
"""

from __future__ import annotations

import os
from typing import Literal, TypeAlias

from zope.interface import implementer

from twisted.internet.interfaces import IAddress

__all__ = ["HostnameAddress", "IPv4Address", "IPv6Address", "UNIXAddress"]

_Transport: TypeAlias = Literal["TCP", "UDP"]


def _checkedType(type: str) -> str:
    """The kind of transport, if it is one that IP addresses have."""
    if type != "TCP" and type != "UDP":
        raise ValueError(f'An IP address is of type "TCP" or "UDP", not {type!r}.')
    return type


@implementer(IAddress)
class IPv4Address:
    """An IPv4 address and a port.

    Attributes:
        type: "TCP" or "UDP".
        host: the dotted address, not a name.
        port: the number.
    """

    __slots__ = ("__weakref__", "host", "port", "type")

    def __init__(self, type: Literal["TCP", "UDP"], host: str, port: int) -> None:
        self.type = type if type == "TCP" else _checkedType(type)
        self.host = host
        self.port = port

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        assert isinstance(other, IPv4Address)
        return self.port == other.port and self.host == other.host and self.type == other.type

    def __hash__(self) -> int:
        return hash((self.type, self.host, self.port))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(type={self.type!r}, host={self.host!r}, port={self.port})"


@implementer(IAddress)
class IPv6Address:
    """An IPv6 address and a port.

    Attributes:
        type: "TCP" or "UDP".
        host: the address, not a name; a link-local one may end in ``%`` and the interface.
        port: the number.
        flowInfo: the flow label that the peer's packets carry.
        scopeID: which network a link-local address belongs to: an index, or a name.
    """

    __slots__ = ("__weakref__", "flowInfo", "host", "port", "scopeID", "type")

    def __init__(
        self,
        type: Literal["TCP", "UDP"],
        host: str,
        port: int,
        flowInfo: int = 0,
        scopeID: str | int = 0,
    ) -> None:
        self.type = type if type == "TCP" else _checkedType(type)
        self.host = host
        self.port = port
        self.flowInfo = flowInfo
        self.scopeID = scopeID

    def _value(self) -> tuple[object, ...]:
        return (self.type, self.host, self.port, self.flowInfo, self.scopeID)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        assert isinstance(other, IPv6Address)
        return self._value() == other._value()

    def __hash__(self) -> int:
        return hash(self._value())

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(type={self.type!r}, host={self.host!r}, port={self.port}, "
            f"flowInfo={self.flowInfo}, scopeID={self.scopeID!r})"
        )


@implementer(IAddress)
class HostnameAddress:
    """A host by name, and a port: a destination whose address is not known yet.

    Attributes:
        hostname: the name, as bytes.
        port: the number.
    """

    __slots__ = ("__weakref__", "hostname", "port")

    def __init__(self, hostname: bytes, port: int) -> None:
        self.hostname = hostname
        self.port = port

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        assert isinstance(other, HostnameAddress)
        return self.port == other.port and self.hostname == other.hostname

    def __hash__(self) -> int:
        return hash((self.hostname, self.port))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hostname={self.hostname!r}, port={self.port})"


@implementer(IAddress)
class UNIXAddress:
    """A UNIX socket, which may have no name.

    Two addresses are equal when their names are, or when both name the same existing file.

    Attributes:
        name: the path as bytes, or None for a socket that is bound to none; an abstract
            name begins with NUL.
    """

    __slots__ = ("__weakref__", "name")

    def __init__(self, name: str | bytes | None) -> None:
        self.name: bytes | None = name if name is None else os.fsencode(name)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        assert isinstance(other, UNIXAddress)
        if self.name == other.name:
            return True
        mine, theirs = self._identity(), other._identity()
        return mine is not None and mine == theirs

    def __hash__(self) -> int:
        # Names of one file have one hash, as equality demands.
        return hash(self._identity() or self.name)

    def _identity(self) -> tuple[int, int] | None:
        """What the file system knows the socket's file by; None if there is no such file."""
        if self.name is None or self.name[:1] in (b"", b"\0"):
            return None
        try:
            status = os.stat(self.name)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def __repr__(self) -> str:
        shown = None if self.name is None else os.fsdecode(self.name)
        return f"{type(self).__name__}({shown!r})"
