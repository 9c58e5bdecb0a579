"""How a connection of HTTP becomes one of WebSocket (RFC 6455, 4): both sides of it.

Headers come in as lists of values by name in small letters, as `_h1` reads them.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from hashlib import sha1
from os import urandom

from twisted.web._websocket import _deflate
from twisted.web._websocket._deflate import Deflate
from twisted.web._websocket._errors import HandshakeError

VERSION = b"13"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES = 16
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
#: One extension or one of its parameters: up to a semicolon, a comma, or the end.
_PART = re.compile(
    r"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)"
    r"(?:=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|\"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\"))?"
    r"[ \t]*(;|,|\Z)"
)

HeaderMap = Mapping[bytes, Sequence[bytes]]
Extension = tuple[str, _deflate.Parameters]


def _answer_to(key: bytes) -> bytes:
    return b64encode(sha1(key + _GUID, usedforsecurity=False).digest())


def _items(headers: HeaderMap, name: bytes) -> list[bytes]:
    """What a header lists, in all its lines."""
    return [
        item
        for line in headers.get(name, ())
        for part in line.split(b",")
        if (item := part.strip())
    ]


def _one(headers: HeaderMap, name: bytes) -> bytes | None:
    """The value of a header; None if it is not there just once."""
    values = headers.get(name, ())
    return values[0].strip() if len(values) == 1 else None


def _extensions(headers: HeaderMap) -> list[Extension]:
    """What the peer offers or accepts (RFC 6455, 9.1)."""
    text = b",".join(headers.get(b"sec-websocket-extensions", ())).decode("latin-1")
    found: list[Extension] = []
    at, inside = 0, False
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise HandshakeError("Sec-WebSocket-Extensions is malformed")
        name, value = part[1], part[2] or part[3]
        if inside:
            found[-1][1].append((name, value))
        elif value is None:
            found.append((name, []))
        else:
            raise HandshakeError("Sec-WebSocket-Extensions is malformed")
        inside = part[4] == ";"
        at = part.end()
    if inside:
        raise HandshakeError("Sec-WebSocket-Extensions is malformed")
    return found


def _check_upgrade(headers: HeaderMap) -> bool:
    """Whether both headers say that the protocol changes."""
    upgrade = [item.lower() for item in _items(headers, b"upgrade")]
    connection = [item.lower() for item in _items(headers, b"connection")]
    return b"websocket" in upgrade and b"upgrade" in connection


class ServerHandshake:
    """What a client has asked for, as a server sees it.

    Args:
        method: of the request.
        headers: of the request.

    Raises:
        HandshakeError: it does not ask for WebSocket, or not as it should.

    Attributes:
        protocols: the subprotocols that the client speaks, best first.
        origin: the site whose page has asked; None if no browser says so.
    """

    def __init__(self, method: bytes, headers: HeaderMap) -> None:
        if method != b"GET":
            raise HandshakeError("WebSocket is asked for with GET", 405, ((b"Allow", b"GET"),))
        if not _check_upgrade(headers):
            raise HandshakeError(
                "Only WebSocket is spoken here.",
                426,
                ((b"Upgrade", b"websocket"), (b"Connection", b"Upgrade")),
            )
        if _one(headers, b"sec-websocket-version") != VERSION:
            raise HandshakeError(
                "Only version 13 of WebSocket is spoken here.",
                426,
                (
                    (b"Upgrade", b"websocket"),
                    (b"Connection", b"Upgrade"),
                    (b"Sec-WebSocket-Version", VERSION),
                ),
            )
        key = _one(headers, b"sec-websocket-key")
        if key is None or not _is_key(key):
            raise HandshakeError("Sec-WebSocket-Key is not 16 bytes in base64.")
        self._key = key
        self.protocols = _tokens(_items(headers, b"sec-websocket-protocol"))
        origins = headers.get(b"origin", ())
        if len(origins) > 1:
            raise HandshakeError("There is more than one Origin.")
        self.origin = origins[0].strip() if origins else None
        self._offers = _extensions(headers)

    def choose(self, protocols: Sequence[bytes]) -> bytes | None:
        """The first of `protocols` that the client speaks too; None if there is none."""
        return next((protocol for protocol in protocols if protocol in self.protocols), None)

    def accept(
        self, protocol: bytes | None = None, compress: bool = True
    ) -> tuple[list[tuple[bytes, bytes]], Deflate | None]:
        """Agree.

        Args:
            protocol: the subprotocol.
            compress: whether messages may be made small.

        Returns:
            The headers of the answer, whose status is 101, and how messages are made small.
        """
        headers = [
            (b"Upgrade", b"websocket"),
            (b"Sec-WebSocket-Accept", _answer_to(self._key)),
        ]
        if protocol is not None:
            headers.append((b"Sec-WebSocket-Protocol", protocol))
        if compress:
            for name, parameters in self._offers:
                accepted = _deflate.accept(parameters) if name == _deflate.NAME else None
                if accepted is not None:
                    headers.append((b"Sec-WebSocket-Extensions", accepted[1]))
                    return headers, accepted[0]
        return headers, None


def _is_key(key: bytes) -> bool:
    try:
        return len(b64decode(key, validate=True)) == _KEY_BYTES
    except NotBase64:
        return False


def _tokens(protocols: Sequence[bytes]) -> list[bytes]:
    if len(set(protocols)) < len(protocols) or not all(map(_TOKEN.match, protocols)):
        raise HandshakeError("Sec-WebSocket-Protocol is malformed")
    return list(protocols)


class ClientHandshake:
    """What a client asks for, and whether the server agrees.

    Args:
        protocols: the subprotocols that the client speaks, best first.
        compress: whether messages may be made small.

    Raises:
        ValueError: one of `protocols` is not a token, or is there twice.
    """

    def __init__(self, protocols: Sequence[bytes] = (), compress: bool = True) -> None:
        self._key = b64encode(urandom(_KEY_BYTES))
        try:
            self._protocols = _tokens(protocols)
        except HandshakeError:
            raise ValueError(f"subprotocols are tokens, each given once, not {protocols!r}")
        self._compress = compress

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What the request says, besides the host."""
        headers = [
            (b"Upgrade", b"websocket"),
            (b"Connection", b"Upgrade"),
            (b"Sec-WebSocket-Version", VERSION),
            (b"Sec-WebSocket-Key", self._key),
        ]
        if self._protocols:
            headers.append((b"Sec-WebSocket-Protocol", b", ".join(self._protocols)))
        if self._compress:
            headers.append((b"Sec-WebSocket-Extensions", _deflate.OFFER))
        return headers

    def check(self, headers: HeaderMap) -> tuple[bytes | None, Deflate | None]:
        """Look at an answer whose status is 101.

        Returns:
            The subprotocol, and how messages are made small.

        Raises:
            HandshakeError: the server agrees to what was not asked, or does not say that it does.
        """
        if not _check_upgrade(headers):
            raise HandshakeError("the server switches to another protocol than WebSocket")
        if _one(headers, b"sec-websocket-accept") != _answer_to(self._key):
            raise HandshakeError("the server's Sec-WebSocket-Accept is not the answer to our key")
        protocol = None
        if b"sec-websocket-protocol" in headers:
            protocol = _one(headers, b"sec-websocket-protocol")
            if protocol not in self._protocols:
                raise HandshakeError("the server chooses a subprotocol that was not offered")
        deflate = None
        for name, parameters in _extensions(headers):
            if name != _deflate.NAME or not self._compress or deflate is not None:
                raise HandshakeError(f"the server uses an extension that was not offered: {name}")
            deflate = _deflate.agreed(parameters)
        return protocol, deflate
