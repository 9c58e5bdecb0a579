"""The PROXY protocol, versions 1 and 2: a header before a connection's data, from a proxy.

Bytes go in, a header or `ProxyHeaderError` comes out; nothing here knows of transports.  Source:
"The PROXY protocol", W. Tarreau, HAProxy Technologies, 2020, chapter 2.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

__name__ = "twisted.protocols.haproxy"  # the public path, for pickles and messages

Address: TypeAlias = IPv4Address | IPv6Address | UNIXAddress

#: Bytes of the longest line of version 1, its end included (section 2.1).
MAX_LINE = 107
#: Bytes that may follow the fixed part of version 2. Addresses have 216 at most; the rest is
#: extensions, of which a client's certificate is the longest.
MAX_EXTRA = 4096

_LINE_START = b"PROXY "
_LINE_END = b"\r\n"
_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
#: Signature, command, family, and how much follows.
_FIXED = len(_SIGNATURE) + 4
_UNIX_PATH = 108
_LOCAL, _PROXY = 0, 1


class ProxyHeaderError(Exception):
    """What a proxy sent is not a header of the PROXY protocol; the text says why."""


class Header(NamedTuple):
    """What a proxy says of the connection that it passes on.

    Attributes:
        source: of the client; None if the proxy does not know, or speaks for itself.
        destination: where the client has connected to; None likewise.
    """

    source: Address | None
    destination: Address | None


_NOTHING_SAID = Header(None, None)


class HeaderParser:
    """Takes bytes until the header is whole.

    Attributes:
        rest: what came after it.
    """

    def __init__(self) -> None:
        self._seen = b""
        self.rest = b""

    def feed(self, data: bytes) -> Header | None:
        """Take some bytes.

        Returns:
            The header once it is whole, and None before.

        Raises:
            ProxyHeaderError: this is none.
        """
        # At most a header's length is kept, so that to join costs little.
        self._seen += data
        seen = self._seen
        if seen.startswith(_LINE_START[: len(seen)]):
            end = seen.find(_LINE_END, 0, MAX_LINE)
            if end >= 0:
                self.rest = seen[end + len(_LINE_END) :]
                return _parsed_line(seen[:end])
            if len(seen) >= MAX_LINE:
                raise ProxyHeaderError(
                    f"the line {seen[:MAX_LINE]!r}... has no end in {MAX_LINE} bytes"
                )
            return None
        if seen.startswith(_SIGNATURE[: len(seen)]):
            return self._feed_binary(seen)
        raise ProxyHeaderError(
            f"{seen[: len(_SIGNATURE)]!r} begins neither a line nor a binary header"
        )

    def _feed_binary(self, seen: bytes) -> Header | None:
        if len(seen) < _FIXED:
            return None
        extra = int.from_bytes(seen[_FIXED - 2 : _FIXED], "big")
        if extra > MAX_EXTRA:
            raise ProxyHeaderError(f"{extra} bytes are announced, and {MAX_EXTRA} allowed")
        end = _FIXED + extra
        if len(seen) < end:
            return None
        self.rest = seen[end:]
        return _parsed_binary(seen[len(_SIGNATURE)], seen[len(_SIGNATURE) + 1], seen[_FIXED:end])


# Version 1


def _parsed_line(line: bytes) -> Header:
    kind, _, said = line[len(_LINE_START) :].partition(b" ")
    if kind == b"UNKNOWN":
        # What follows is to be ignored.
        return _NOTHING_SAID
    words = said.split(b" ")
    if kind not in (b"TCP4", b"TCP6") or len(words) != 4:
        raise ProxyHeaderError(
            f"{line!r} is not of the form PROXY TCP4|TCP6 source destination port port"
        )
    source, destination, source_port, destination_port = words
    return Header(
        _address_of_text(kind, source, source_port),
        _address_of_text(kind, destination, destination_port),
    )


def _address_of_text(kind: bytes, host: bytes, port: bytes) -> Address:
    number = _port_of_text(port)
    try:
        text = host.decode("ascii")
        if kind == b"TCP4":
            return IPv4Address("TCP", str(ipaddress.IPv4Address(text)), number)
        address = ipaddress.IPv6Address(text)
        if address.scope_id is not None:
            raise ValueError("it has a zone")
        return IPv6Address("TCP", str(address), number)
    except ValueError as e:
        raise ProxyHeaderError(f"{host!r} is not an address of {kind!r}: {e}") from None


def _port_of_text(text: bytes) -> int:
    # int() takes signs, white space and underscores as well.
    if not text.isdigit() or len(text) > 5 or int(text) > 0xFFFF:
        raise ProxyHeaderError(f"{text!r} is not a port")
    if text != b"%d" % int(text):
        raise ProxyHeaderError(f"the port {text!r} begins with a zero")
    return int(text)


# Version 2


def _parsed_binary(command: int, family: int, extra: bytes) -> Header:
    if command >> 4 != 2:
        raise ProxyHeaderError(f"version {command >> 4} of the binary header is unknown")
    if command & 0xF not in (_LOCAL, _PROXY):
        raise ProxyHeaderError(f"the command {command & 0xF} is unknown")
    kind, transport = family >> 4, family & 0xF
    if kind > 3 or transport > 2:
        raise ProxyHeaderError(f"the family of addresses {family:#04x} is unknown")
    if command & 0xF == _LOCAL or not kind or not transport:
        return _NOTHING_SAID
    type: Literal["TCP", "UDP"] = "TCP" if transport == 1 else "UDP"
    length = (4, 16, _UNIX_PATH)[kind - 1]
    size = 2 * length + (4 if kind < 3 else 0)
    if len(extra) < size:
        raise ProxyHeaderError(
            f"addresses of the family {family:#04x} have {size} bytes, and these {len(extra)}"
        )
    for _ in _extensions(extra[size:]):
        # They are checked, and none is of use yet.
        pass
    source, destination = extra[:length], extra[length : 2 * length]
    if kind == 3:
        return Header(_unix_address(source), _unix_address(destination))
    ports = extra[2 * length : size]
    return Header(
        _address_of_bytes(type, source, ports[:2]), _address_of_bytes(type, destination, ports[2:])
    )


def _address_of_bytes(type: Literal["TCP", "UDP"], host: bytes, port: bytes) -> Address:
    address = ipaddress.ip_address(host)
    make = IPv4Address if address.version == 4 else IPv6Address
    return make(type, str(address), int.from_bytes(port, "big"))


def _unix_address(path: bytes) -> UNIXAddress:
    # The name of an abstract socket begins with NUL.
    name = path[:1] + path[1:].partition(b"\0")[0]
    return UNIXAddress(name if name != b"\0" else None)


def _extensions(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of each."""
    position = 0
    while position < len(data):
        begin = position + 3
        end = begin + int.from_bytes(data[position + 1 : begin], "big")
        if begin > len(data) or end > len(data):
            raise ProxyHeaderError("an extension goes on beyond the end of the header")
        yield data[position], data[begin:end]
        position = end
