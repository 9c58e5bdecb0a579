"""Banana: lists of byte strings, integers, floats and lists, as bytes on a connection.

The format and its handshake are chapter 9.2 of the documentation.  `Banana` is the protocol;
`encode` and `decode` convert without one, in the profile "none".

Limits on what a peer can send, and what can be sent to it: `SIZE_LIMIT` (bytes of a string and
elements of a list; rebind it, or set `sizeLimit` of a class or a connection), `setPrefixLimit`
(digits of an integer), and those of depth and size of a whole expression in
`Banana.limits`, which is documented with its fields.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.persisted.styles import Ephemeral
from twisted.spread import _bananacodec as codec
from twisted.spread._bananacodec import BananaError, Limits

BananaError.__module__ = __name__

#: Bytes of a string, and elements of a list: 640 KiB.
SIZE_LIMIT = 640 * 1024

#: The delimiters of chapter 9.2.3, and that of words of the profile "pb".
HIGH_BIT_SET = b"\x80"
LIST, INT, STRING, NEG, FLOAT, LONGINT, LONGNEG, VOCAB = (
    bytes((kind,))
    for kind in (
        codec.LIST,
        codec.INT,
        codec.STRING,
        codec.NEG,
        codec.FLOAT,
        codec.LONGINT,
        codec.LONGNEG,
        codec.VOCAB,
    )
)

__all__ = [
    "FLOAT",
    "HIGH_BIT_SET",
    "INT",
    "LIST",
    "LONGINT",
    "LONGNEG",
    "NEG",
    "SIZE_LIMIT",
    "STRING",
    "VOCAB",
    "Banana",
    "BananaError",
    "b1282int",
    "decode",
    "encode",
    "int2b128",
    "setPrefixLimit",
]

_log = Logger()

_defaultLimits = Limits()


def setPrefixLimit(limit: int) -> None:
    """Set how many digits the prefix of an element may have, for connections made from now on.

    Args:
        limit: of seven bits each; 64 at first, so that integers have at most 448 bits.
    """
    global _defaultLimits
    _defaultLimits = _defaultLimits._replace(prefix=limit)


def int2b128(integer: int, stream: Callable[[bytes], object]) -> None:
    """Give an integer of zero or more to `stream`, in base 128, the least digit first.

    Raises:
        ValueError: if it is negative.
    """
    if integer < 0:
        raise ValueError(f"{integer} is negative: the delimiter tells the sign")
    stream(codec.digits(integer))


def b1282int(st: bytes) -> int:
    """The integer that these digits of base 128 are."""
    return codec.number(st)


def encode(lst: object) -> bytes:
    """The bytes of an element, in the profile "none".

    Raises:
        BananaError: if it is no list, byte string, integer or float, or has such a thing in it.
    """
    return codec.encode(lst, limits=_defaultLimits._replace(size=SIZE_LIMIT))


def decode(st: bytes) -> Any:
    """The element that these bytes are, in the profile "none".

    Raises:
        BananaError: if they are none, or are more than one, or if some are missing.
    """
    decoder = codec.Decoder(_defaultLimits._replace(size=SIZE_LIMIT))
    decoder.feed(st)
    found = decoder.receive()
    if found is codec.INCOMPLETE:
        raise BananaError(f"the element is not whole: {len(st)} bytes")
    if decoder.pending:
        raise BananaError(f"{len(decoder.pending)} bytes after the element")
    return found


class Banana(Protocol, Ephemeral):
    """A connection that carries expressions.

    Override `expressionReceived`, and `connectionReady` to know when to begin.  An offence of the
    peer is logged in one line and ends the connection.

    Attributes:
        isClient: whether we choose the profile; the other side offers what it knows.
        knownDialects: the profiles, the best first.
        currentDialect: the one that was chosen; None until then.
        limits: all limits but `sizeLimit`; see `twisted.spread.banana` for what there is.
        offence: why the connection was ended here; None if it was not.
    """

    knownDialects: list[bytes] = [b"pb", b"none"]
    outgoingVocabulary: dict[bytes, int] = codec.VOCABULARY
    incomingVocabulary: dict[int, bytes] = codec.PB_NUMBERS
    currentDialect: bytes | None = None
    offence: BananaError | None = None
    isClient: bool
    _sizeLimit: int | None = None

    def __init__(self, isClient: bool = True) -> None:
        self.isClient = isClient
        self.limits = _defaultLimits
        self._decoder = codec.Decoder()
        self._words = codec.NO_WORDS

    @property
    def sizeLimit(self) -> int:
        """Bytes of a string, and elements of a list; `SIZE_LIMIT` unless it was set."""
        return SIZE_LIMIT if self._sizeLimit is None else self._sizeLimit

    @sizeLimit.setter
    def sizeLimit(self, limit: int) -> None:
        self._sizeLimit = limit

    @property
    def prefixLimit(self) -> int:
        """Digits before a delimiter."""
        return self.limits.prefix

    @property
    def buffer(self) -> bytes:
        """What has come of an element that is not whole yet."""
        return self._decoder.pending

    def setPrefixLimit(self, limit: int) -> None:
        """Set how many digits the prefix of an element may have, on this connection.

        Args:
            limit: of seven bits each.
        """
        self.limits = self.limits._replace(prefix=limit)

    def _currentLimits(self) -> Limits:
        size = self.sizeLimit
        if self.limits.size != size:
            self.limits = self.limits._replace(size=size)
        return self.limits

    def connectionMade(self) -> None:
        """Offer our profiles, if it is ours to offer."""
        if not self.isClient:
            self.sendEncoded(self.knownDialects)

    def connectionReady(self) -> None:
        """A profile was agreed on: both sides may send.  Override this."""

    def expressionReceived(self, lst: Any) -> None:
        """The peer sent an expression.  Override this.

        Args:
            lst: a list, of bytes, integers, floats and lists; or one of these.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say what to do with {lst!r}")

    def sendEncoded(self, obj: Any) -> None:
        """Send an expression.

        Args:
            obj: bytes, an integer, a float, or a list or a tuple of such.

        Raises:
            BananaError: if it is none of these, or passes a limit; nothing is sent then.
        """
        assert self.transport is not None, "not connected"
        for piece in codec.encode_pieces(obj, self._words, self._currentLimits()):
            self.transport.write(piece)

    def dataReceived(self, chunk: bytes) -> None:
        """Take bytes from the peer."""
        if self.offence is not None:
            return
        decoder = self._decoder
        decoder.limits = self._currentLimits()
        decoder.feed(chunk)
        while self.offence is None:
            try:
                item = decoder.receive()
            except BananaError as offence:
                self._end(offence)
                return
            if item is codec.INCOMPLETE:
                return
            self.gotItem(item)

    def gotItem(self, item: Any) -> None:
        """Take a whole expression, or an answer to the handshake."""
        self.callExpressionReceived(item)

    def callExpressionReceived(self, obj: Any) -> None:
        """Give an expression to `expressionReceived`, or to the handshake before its end."""
        if self.currentDialect is not None:
            self.expressionReceived(obj)
        elif self.isClient:
            self._choose(obj)
        elif obj in self.knownDialects:
            self._agree(obj)
        else:
            self._end(BananaError(f"the client chose {str(obj)[:80]}, which was not offered"))

    def _choose(self, offered: Any) -> None:
        """Take the first profile of the server's that we know."""
        for dialect in offered if isinstance(offered, list) else ():
            if dialect in self.knownDialects:
                self.sendEncoded(dialect)
                self._agree(dialect)
                return
        self._end(BananaError(f"the server offers no profile that we know: {str(offered)[:80]}"))

    def _agree(self, dialect: bytes) -> None:
        self.currentDialect = dialect
        if dialect == b"pb":
            self._words = codec.PB_WORDS
            self._decoder.numbers = codec.PB_NUMBERS
        self.connectionReady()

    def _end(self, offence: BananaError) -> None:
        self.offence = offence
        _log.warn(
            "Closing the connection of {protocol!r}: {offence}", protocol=self, offence=offence
        )
        assert self.transport is not None
        self.transport.loseConnection()
