"""Banana without input and output: elements to bytes, and bytes to elements.

Theory of operation
-------------------
An element is a prefix of base-128 digits, the least first, and a delimiter byte whose high bit is
set; what follows depends on the delimiter.  A list says how many elements follow it, so a decoder
needs no more than a stack of the lists that are still open, with the room that is left in each.

The decoder is fed pieces of any size.  It keeps the bytes of an element that is not whole yet, and
nothing that it has understood; a long string that comes in many pieces is put together once, when
its last byte is there (joining at each piece would cost the square of its length), and is not
copied again after that (the benchmark `pb-bytes`).

`Decoder.receive` and `encode` are one function each, with the elements that PB sends most tried
first: the benchmarks `banana-decode` and `banana-encode` justify their shape.

What does not work: decoding lists by recursion.  The peer chooses the depth, and Python's stack
is not the peer's to spend; the depth is bounded here because those who walk the result do recurse.

The documentation's chapter 9.2 is the source of the format, but for the words of the profile "pb".
There it has the number of a word after the delimiter; all that is in use have it before, as the
prefix.  That is what is sent, and either is understood: no word has the number 0.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import error as StructError
from struct import pack, unpack_from
from typing import Any, NamedTuple, NoReturn

LIST, INT, STRING, NEG, FLOAT, LONGINT, LONGNEG, VOCAB = range(0x80, 0x88)

_POSITIVE = (INT, LONGINT)
_NEGATIVE = (NEG, LONGNEG)

#: The words of the profile "pb", by their numbers.
VOCABULARY: dict[bytes, int] = {
    b"None": 1,
    b"class": 2,
    b"dereference": 3,
    b"reference": 4,
    b"dictionary": 5,
    b"function": 6,
    b"instance": 7,
    b"list": 8,
    b"module": 9,
    b"persistent": 10,
    b"tuple": 11,
    b"unpersistable": 12,
    b"copy": 13,
    b"cache": 14,
    b"cached": 15,
    b"remote": 16,
    b"local": 17,
    b"lcache": 18,
    b"version": 19,
    b"login": 20,
    b"password": 21,
    b"challenge": 22,
    b"logged_in": 23,
    b"not_logged_in": 24,
    b"cachemessage": 25,
    b"message": 26,
    b"answer": 27,
    b"error": 28,
    b"decref": 29,
    b"decache": 30,
    b"uncache": 31,
}


class BananaError(Exception):
    """Bytes that are no element, or a value that is none, or one that passes a limit."""


class Limits(NamedTuple):
    """How much one expression may be, in either direction.

    Attributes:
        size: bytes of a string, and elements of a list.
        prefix: digits before a delimiter; seven bits each, so 64 are integers of 448 bits.
        depth: lists within lists.  Those who walk an expression recurse, by a frame or two a
            list, on a stack of 1,000.
        elements: elements of all lists of an expression together, as those declare them.
        bytes: bytes of an expression.
    """

    size: int = 640 * 1024
    prefix: int = 64
    depth: int = 256
    elements: int = 4 * 1024 * 1024
    bytes: int = 64 * 1024 * 1024


class Incomplete:
    """What `Decoder.receive` returns when it needs more bytes."""


INCOMPLETE = Incomplete()

#: The profile "none" has no words.
NO_WORDS: dict[bytes, bytes] = {}
NO_NUMBERS: dict[int, bytes] = {}

#: Both directions of the profile "pb".
PB_WORDS = {word: bytes((number, VOCAB)) for word, number in VOCABULARY.items()}
PB_NUMBERS = {number: word for word, number in VOCABULARY.items()}

#: The head of every element whose prefix is one digit.
_SHORT = {
    kind: [bytes((number, kind)) for number in range(128)]
    for kind in (LIST, INT, STRING, NEG, LONGINT, LONGNEG)
}
#: Half the lists of a call are `["unicode", text]`: how their first element is written, and the
#: list's head with it.
_UNICODE = b"\x07\x82unicode"
_TEXT = b"\x02\x80" + _UNICODE
#: From behind that list's head to the bytes of a short text.
_TEXT_AT = len(_UNICODE) + 2
_SHORT_INT = _SHORT[INT]
_SHORT_LIST = _SHORT[LIST]
_SHORT_STRING = _SHORT[STRING]


def digits(number: int) -> bytes:
    """A number of zero or more in base 128, the least digit first; at least one digit."""
    found = bytearray()
    while number > 127:
        found.append(number & 127)
        number >>= 7
    found.append(number)
    return bytes(found)


def number(found: bytes) -> int:
    """The number that these digits are."""
    value = 0
    for digit in reversed(found):
        value = value << 7 | digit
    return value


def head(kind: int, value: int) -> bytes:
    """The prefix and the delimiter of an element."""
    return _SHORT[kind][value] if value < 128 else digits(value) + bytes((kind,))


#: Bytes of a string that is better written by itself than put together with others.
LARGE = 64 * 1024


class _Chunks(list[bytes]):
    """Bytes to be put together; `large` if some of them are better left alone."""

    large = False


def _integer(value: int, limits: Limits) -> bytes:
    """An integer that is not as short as can be."""
    if value >= 0:
        return head(INT if value < 2**31 else LONGINT, _within(value, limits))
    return head(NEG if value >= -(2**31) else LONGNEG, _within(-value, limits))


def _within(value: int, limits: Limits) -> int:
    if value.bit_length() > 7 * limits.prefix:
        raise BananaError(
            f"an integer of {value.bit_length()} bits is too long to send: "
            f"at most {7 * limits.prefix}, see setPrefixLimit"
        )
    return value


def encode(
    element: Any,
    words: dict[bytes, bytes] = NO_WORDS,
    limits: Limits = Limits(),  # noqa: B008
) -> bytes:
    """The bytes of an element.

    Args:
        element: bytes, an integer, a float, or a list or a tuple of elements.
        words: those that have a shorter form in the profile that was agreed on.
        limits: what the peer takes.

    Raises:
        BananaError: if it is none of these, or passes a limit.
    """
    return b"".join(encode_pieces(element, words, limits))


def encode_pieces(element: Any, words: dict[bytes, bytes], limits: Limits) -> list[bytes]:
    """The bytes of an element as `encode` has them, with large strings as they are between others.

    So those are not copied, which the benchmark `pb-bytes` justifies.
    """
    chunks = _Chunks()
    _encode((element,), chunks.append, words, limits, limits.depth)
    if not chunks.large:
        return [b"".join(chunks)]
    pieces = []
    begun = 0
    for index, chunk in enumerate(chunks):
        if len(chunk) >= LARGE:
            pieces += [b"".join(chunks[begun:index]), chunk]
            begun = index + 1
    return [*pieces, b"".join(chunks[begun:])]


def _encode(
    elements: Any, append: Any, words: dict[bytes, bytes], limits: Limits, depth: int
) -> None:
    """Append the bytes of elements: of leaves without a call for each."""
    most = limits.size
    for element in elements:
        kind = type(element)
        if kind is bytes:
            if element in words:
                append(words[element])
                continue
            size = len(element)
            if size > most:
                raise BananaError(
                    f"a byte string of {size} bytes is too long to send: at most {most}, "
                    "see SIZE_LIMIT; or send it in pages, see twisted.spread.util.StringPager"
                )
            if size < 128:
                append(_SHORT_STRING[size])
            else:
                append(digits(size) + b"\x82")
                if size >= LARGE:
                    append.__self__.large = True
            append(element)
        elif kind is list or kind is tuple:
            size = len(element)
            if size == 2 and depth and element[0] == b"unicode" and type(element[1]) is bytes:
                text = element[1]
                if len(text) < 128 and len(text) <= most:
                    append(_TEXT + _SHORT_STRING[len(text)])
                    append(text)
                    continue
            if size > most:
                raise BananaError(
                    f"a list of {size} elements is too long to send: at most {most}, see SIZE_LIMIT"
                )
            append(_SHORT_LIST[size] if size < 128 else digits(size) + b"\x80")
            if not depth:
                raise BananaError(f"lists are nested more than {limits.depth} deep")
            _encode(element, append, words, limits, depth - 1)
        elif kind is int and 0 <= element < 0x4000:
            append(
                _SHORT_INT[element] if element < 128 else bytes((element & 127, element >> 7, INT))
            )
        else:
            _encode_rare(element, append, words, limits, depth)


def _encode_rare(
    element: Any, append: Any, words: dict[bytes, bytes], limits: Limits, depth: int
) -> None:
    """Append an element that is seldom sent, or is of a subclass."""
    if isinstance(element, int):
        append(_integer(int(element), limits))
    elif isinstance(element, float):
        append(b"\x84" + pack("!d", element))
    elif isinstance(element, (list, tuple)):
        _encode((list(element),), append, words, limits, depth)
    elif isinstance(element, (bytes, bytearray, memoryview)):
        _encode((bytes(element),), append, words, limits, depth)
    else:
        kind = type(element)
        hint = "; encode it: text.encode()" if kind is str else ""
        raise BananaError(
            f"Banana cannot send {kind.__module__}.{kind.__qualname__} objects: "
            f"{str(repr(element))[:80]}{hint}"
        )


_Append = Callable[[Any], None]


class Decoder:
    """Bytes in, expressions out.

    Attributes:
        limits: may change in between.
        numbers: words of the profile that was agreed on, by number; may change in between.
    """

    __slots__ = (
        "_append",
        "_at",
        "_data",
        "_elements",
        "_head",
        "_left",
        "_missing",
        "_outer",
        "_pieces",
        "_taken",
        "_top",
        "limits",
        "numbers",
    )

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008
        self.limits = limits
        self.numbers = NO_NUMBERS
        self._data = b""
        self._at = 0  # what is before this is understood
        self._pieces: list[bytes] = []  # what came after _data, while _missing bytes are waited for
        self._missing = 0
        self._head = b""  # that of a string whose bytes are the pieces
        self._top: list[Any] = []
        self._expect()

    def _expect(self) -> Any:
        """Begin a new expression: the only element of a list that nobody sees.

        Returns:
            The one before, if there was one.
        """
        found = self._top
        self._top = []
        self._append: _Append = self._top.append  # puts an element into the list that it is of
        self._left = 1  # elements that this list has still to get
        self._outer: list[tuple[_Append, int]] = []  # the same of those around it
        self._elements = 0  # declared by all lists
        self._taken = 0  # bytes that were understood
        return found[0] if found else None

    @property
    def pending(self) -> bytes:
        """The bytes that are not part of an element yet."""
        return self._data[self._at :] + self._head + b"".join(self._pieces)

    def feed(self, data: bytes) -> None:
        """Take bytes; `receive` tells what they are."""
        if self._missing > 0:
            pieces = self._pieces
            pieces.append(data)
            self._missing -= len(data)
            if self._missing > 0:
                return
            if self._head:
                left = len(data) + self._missing  # bytes of it that are still of the string
                pieces[-1], data = data[:left], data[left:]
                self._append(b"".join(pieces))
                self._left -= 1
                self._head = b""
            else:
                data = b"".join(pieces)
            pieces.clear()
        self._data = self._data[self._at :] + data
        self._at = 0

    def receive(self) -> Any:
        """The next expression, or INCOMPLETE.

        Raises:
            BananaError: if the bytes are none.  The decoder is of no use after that.
        """
        if self._missing > 0:
            return INCOMPLETE
        data, at, words = self._data, self._at, self.numbers
        append, left, outer = self._append, self._left, self._outer
        size_limit, _, depth, most, _ = self.limits
        start, size = at, len(data)
        try:
            while True:
                while not left:
                    if not outer:
                        self._at = at
                        return self._expect()
                    append, left = outer.pop()
                start = at
                value = data[at]
                if value < 0x80:
                    kind = data[at + 1]
                    at += 2
                    if kind < 0x80:
                        if data[at] >= 0x80:
                            value |= kind << 7
                            kind = data[at]
                        else:
                            value, at = self._prefix(start)
                            kind = data[at]
                        at += 1
                else:
                    kind, value = value, 0
                    at += 1
                if kind == VOCAB:
                    if not value:
                        value = data[at]
                        at += 1
                    append(words[value])
                elif kind == STRING:
                    if value > size_limit:
                        raise BananaError(f"a string of {value} bytes: at most {size_limit}")
                    end = at + value
                    if end > size:
                        return self._wait_for_string(start, at, end, append, left)
                    append(data[at:end])
                    at = end
                elif kind == LIST:
                    text = at + _TEXT_AT
                    if value == 2 and data.startswith(_UNICODE, at) and text <= size:
                        # A short text at once, as half the lists of a call are.
                        length = data[text - 2]
                        end = text + length
                        if data[text - 1] == STRING and length < 0x80 and length <= size_limit:
                            if end <= size and len(outer) < depth:
                                self._elements += value
                                append([b"unicode", data[text:end]])
                                at = end
                                left -= 1
                                continue
                    inner: list[Any] = []
                    append(inner)
                    if value:
                        self._elements = elements = self._elements + value
                        if value > size_limit or elements > most or len(outer) >= depth:
                            self._refuse(value)
                        outer.append((append, left - 1))
                        append, left = inner.append, value
                        continue
                elif kind in _POSITIVE:
                    append(value)
                else:
                    element, at = self._seldom(kind, value, at, at - start > 1)
                    append(element)
                left -= 1
        except (IndexError, StructError):
            return self._wait(start, len(data) + 1, append, left)
        except KeyError:
            raise BananaError(f"no word has the number {value} in this profile") from None

    def _seldom(self, kind: int, value: int, at: int, prefixed: bool) -> tuple[Any, int]:
        """An element that calls seldom carry, and where it ends."""
        if kind in _NEGATIVE:
            return -value, at
        if kind != FLOAT:
            raise BananaError(f"0x{kind:02x} is no type of element")
        if prefixed:
            raise BananaError("a float with a length")
        return unpack_from("!d", self._data, at)[0], at + 8

    def _prefix(self, start: int) -> tuple[int, int]:
        """A prefix of several digits, and where it ends."""
        data, limit = self._data, self.limits.prefix
        for end in range(start, min(len(data), start + limit + 1)):
            if data[end] >= 0x80:
                return number(data[start:end]), end
        if len(data) > start + limit:
            raise BananaError(f"a prefix of more than {limit} digits")
        raise IndexError(end)

    def _refuse(self, length: int) -> NoReturn:
        """Say which limit a list of this length passes."""
        limits = self.limits
        if len(self._outer) >= limits.depth:
            raise BananaError(f"lists are nested more than {limits.depth} deep")
        raise BananaError(
            f"a list of {length} elements, with {self._elements} in all lists: "
            f"at most {limits.size}, and {limits.elements} in all"
        )

    def _wait(self, start: int, end: int, append: _Append, left: int) -> Incomplete:
        """Go on with the element that begins at `start` when there are bytes up to `end`."""
        self._taken += start - self._at
        if self._taken > self.limits.bytes:
            raise BananaError(f"an expression of more than {self.limits.bytes} bytes")
        self._append, self._left, self._at = append, left, start
        self._missing = end - len(self._data)
        return INCOMPLETE

    def _wait_for_string(
        self, start: int, at: int, end: int, append: _Append, left: int
    ) -> Incomplete:
        """Go on behind the string that begins at `at`, when it is there up to `end`."""
        data = self._data
        found = self._wait(start, end, append, left)
        self._taken += end - start
        self._head = data[start:at]
        self._pieces.append(data[at:])
        self._data, self._at = b"", 0
        return found
