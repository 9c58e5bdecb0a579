"""What TOC is carried in, and how it is written: frames, commands, passwords, lists of friends.

After the *TOC1.0* document that came with the client TiK. A frame is an asterisk, a type, a number
that counts up, the length, and the data. What a client says is a command of words, quoted as in
Tcl; what a server says is a command of fields with colons in between. Nothing here reads or writes.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from struct import Struct

__name__ = "twisted.words.protocols.toc"  # the public path, for pickles and messages

#: What a client sends first of all.
FLAPON = b"FLAPON\r\n\r\n"

#: Bytes of what a client may say in one frame, and a server: the document's.
MAX_FROM_CLIENT = 2048
MAX_FROM_SERVER = 8192

#: Words of one command: a list of friends fills one that is as long as it may be.
MAX_WORDS = 1024

_HEADER = Struct(">cBHH")
_SIGNON = Struct(">IHH")
_VERSION = 1
_NAME_TAG = 1

_ROASTING = b"Tic/Toc"
_QUOTED = re.compile(r'([$(){}\[\]"\\])')


class TOCError(Exception):
    """What a peer has sent is not TOC."""


class Frame(enum.IntEnum):
    """The types of frames."""

    SIGNON = 1
    DATA = 2
    ERROR = 3
    SIGNOFF = 4
    KEEP_ALIVE = 5


class Flap:
    """The frames of one connection: bytes in, frames out, and the other way round.

    Args:
        limit: how many bytes of data a frame of the peer's may have.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept = bytearray()
        self._expected: int | None = None
        self._number = 0

    def feed(self, data: bytes) -> Iterator[tuple[Frame, bytes]]:
        """Take bytes; gives the frames that they complete, each a type and data.

        Raises:
            TOCError: these are no frames, or one of them is too long or missing.
        """
        self._kept += data
        while len(self._kept) >= _HEADER.size:
            star, kind, number, length = _HEADER.unpack_from(self._kept)
            if star != b"*":
                raise TOCError("A frame does not begin with an asterisk.")
            if kind not in Frame._value2member_map_:
                raise TOCError(f"There are no frames of the type {kind}.")
            if length > self.limit:
                raise TOCError(f"A frame has {length} bytes, and at most {self.limit}.")
            end = _HEADER.size + length
            if len(self._kept) < end:
                return
            # Some count to 32767, and some to 65535.
            if self._expected is not None and number not in (
                self._expected,
                self._expected & 0x7FFF,
            ):
                raise TOCError(f"Frame {number} comes where {self._expected} is to come.")
            self._expected = (number + 1) & 0xFFFF
            content = bytes(self._kept[_HEADER.size : end])
            del self._kept[:end]
            yield Frame(kind), content

    def frame(self, kind: Frame, data: bytes) -> bytes:
        """A frame, with the next number.

        Raises:
            ValueError: the data is longer than any frame may be.
        """
        if len(data) > 0xFFFF:
            raise ValueError(f"{len(data)} bytes do not fit into a frame: at most {0xFFFF} do")
        number, self._number = self._number, (self._number + 1) & 0xFFFF
        return _HEADER.pack(b"*", kind, number, len(data)) + data


def signon(name: str | None = None) -> bytes:
    """The data of a frame by which a connection begins: a server's, or that of a client by name."""
    if name is None:
        return _VERSION.to_bytes(4, "big")
    data = name.encode()
    return _SIGNON.pack(_VERSION, _NAME_TAG, len(data)) + data


def readSignon(data: bytes) -> str:
    """The name of the client whose connection begins.

    Raises:
        TOCError: that is no such data.
    """
    if len(data) < _SIGNON.size:
        raise TOCError("A sign-on frame is too short.")
    version, tag, length = _SIGNON.unpack_from(data)
    name = data[_SIGNON.size :]
    if version != _VERSION or tag != _NAME_TAG or length != len(name):
        raise TOCError(f"A sign-on frame is not of version {_VERSION}, or has no name.")
    return decode(name)


def decode(data: bytes) -> str:
    """Text, as UTF-8 or else as Latin-1."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def normalize(name: str) -> str:
    """A name as clients send it: in small letters, without spaces."""
    return name.replace(" ", "").lower()


def roast(password: str) -> str:
    """A password as it goes over the wire. It can be read by anybody who sees it: use TLS."""
    roasted = bytes(a ^ b for a, b in zip(password.encode(), cycle(_ROASTING), strict=False))
    return f"0x{roasted.hex()}"


def unroast(roasted: str) -> str:
    """A password from what went over the wire.

    Raises:
        TOCError: it is none.
    """
    if not roasted.startswith("0x"):
        raise TOCError("A password is not roasted.")
    try:
        data = bytes.fromhex(roasted[2:])
    except ValueError:
        raise TOCError("A roasted password is not made of hexadecimal digits.")
    return decode(bytes(a ^ b for a, b in zip(data, cycle(_ROASTING), strict=False)))


def quote(text: str) -> str:
    """A text as one word of a command."""
    escaped = _QUOTED.sub(r"\\\1", text)
    return f'"{escaped}"'


def buildCommand(command: str, words: Sequence[str]) -> bytes:
    """A command of a client.

    Args:
        command: its name.
        words: what it takes; all of them are quoted.

    Raises:
        ValueError: it is longer than servers take, or has a NUL in it.
    """
    text = " ".join([command, *map(quote, words)])
    data = text.encode()
    if b"\0" in data:
        raise ValueError("a NUL ends a command: it cannot be in one")
    if len(data) >= MAX_FROM_CLIENT:
        raise ValueError(f"a command has {len(data)} bytes, and at most {MAX_FROM_CLIENT - 1}")
    return data + b"\0"


def parseCommand(data: bytes) -> list[str]:
    """The words of a command of a client, of which the first is its name.

    Raises:
        TOCError: it is none.
    """
    text, end, rest = decode(data).partition("\0")
    if not end or rest.strip("\0"):
        raise TOCError("A command does not end with its only NUL.")
    words: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            break
        word, at = _word(text, at)
        words.append(word)
        if len(words) > MAX_WORDS:
            raise TOCError(f"A command has more than {MAX_WORDS} words.")
    if not words:
        raise TOCError("A command has no name.")
    return words


def _word(text: str, at: int) -> tuple[str, int]:
    """The word that begins somewhere, and where it ends."""
    quoted = text[at] == '"'
    at += quoted
    parts: list[str] = []
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
            if at == len(text):
                raise TOCError("A command ends within a word.")
            char = text[at]
        elif quoted and char == '"':
            return "".join(parts), at + 1
        elif not quoted and char.isspace():
            break
        parts.append(char)
        at += 1
    if quoted:
        raise TOCError("A quoted word has no end.")
    return "".join(parts), at


class Permission(enum.Enum):
    """Who may know that somebody is there, and write to them."""

    ALL = 1
    NONE = 2
    SOME = 3
    ALL_BUT_SOME = 4


@dataclass
class Config:
    """What a server keeps for a user: friends in groups, and who may write to them.

    Attributes:
        groups: the names of friends, by the names of their groups.
        permit: who may, if the mode is `Permission.SOME`.
        deny: who may not, if it is `Permission.ALL_BUT_SOME`.
        mode: who may.
    """

    groups: dict[str, list[str]] = field(default_factory=dict)
    permit: list[str] = field(default_factory=list)
    deny: list[str] = field(default_factory=list)
    mode: Permission = Permission.ALL

    @property
    def buddies(self) -> list[str]:
        """All friends."""
        return [name for names in self.groups.values() for name in names]

    def text(self) -> str:
        """It in the form of the wire: a letter and a value on each line."""
        lines = [f"m {self.mode.value}"]
        for group, names in self.groups.items():
            lines += [f"g {group}", *(f"b {name}" for name in names)]
        lines += [f"p {name}" for name in self.permit]
        lines += [f"d {name}" for name in self.deny]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Config:
        """It from the form of the wire. Lines that are none are for others, and are left out."""
        config = cls()
        group: list[str] | None = None
        for line in text.splitlines():
            letter, _, value = line.partition(" ")
            value = value.strip()
            if letter == "g":
                group = config.groups.setdefault(value, [])
            elif letter == "b":
                if group is None:
                    group = config.groups.setdefault("Buddies", [])
                group.append(value)
            elif letter == "p":
                config.permit.append(value)
            elif letter == "d":
                config.deny.append(value)
            elif letter == "m" and value in "1234" and len(value) == 1:
                config.mode = Permission(int(value))
        return config
