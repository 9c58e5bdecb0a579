"""What a CGI script answers (RFC 3875, 6): a head in lines, an empty line, and a body.

Lines end as the script likes, with or without a carriage return.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

__all__ = ["Head", "Phase", "ResponseReader", "ScriptError"]

#: What a script may say before the body; as much as HTTP servers take from a client.
HEAD_BYTES = 65536

_end = re.compile(rb"\r?\n\r?\n").search
_line_end = re.compile(rb"\r?\n").split
_field = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]++):[ \t]*+([\t\x20-\x7e\x80-\xff]*+)").fullmatch
_status = re.compile(rb"([2-5][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*+))?").fullmatch

#: What is between the server and the client, and not for a script to say (RFC 3875, 6.3.4).
_CONNECTION = frozenset([b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding"])
_FOUND = 302
_OK = 200


class ScriptError(Exception):
    """What the script has sent is no answer."""


class Phase(Enum):
    """What comes next."""

    HEAD = auto()
    BODY = auto()
    BROKEN = auto()


class Head(NamedTuple):
    """How the response begins; `reason` is None if the script does not say."""

    status: int
    reason: bytes | None
    fields: list[tuple[bytes, bytes]]


class ResponseReader:
    """Reads what a script sends.

    Args:
        most: how many bytes the head may have.

    Attributes:
        phase: what comes next.
    """

    def __init__(self, most: int = HEAD_BYTES) -> None:
        self.phase = Phase.HEAD
        self._most = most
        self._pending = b""

    def feed(self, data: bytes) -> tuple[Head | None, bytes]:
        """Read a piece.

        Returns:
            The head, when it is complete; and the piece of the body that is there.

        Raises:
            ScriptError: this is no answer; nor is what comes after it.
        """
        if self.phase is Phase.BODY:
            return None, data
        if self.phase is Phase.BROKEN:
            raise ScriptError("the script goes on after an error")
        # The end may have been cut in two, in up to three bytes of what was there before.
        start = max(0, len(self._pending) - 3)
        pending = self._pending = self._pending + data
        found = _end(pending, start)
        if found is None or found.start() > self._most:
            if len(pending) > self._most:
                self._refuse(f"there are more than {self._most} bytes of headers")
            return None, b""
        head = self._read(pending[: found.start()])
        self.phase = Phase.BODY
        self._pending = b""
        return head, pending[found.end() :]

    def end(self) -> None:
        """The script has ended.

        Raises:
            ScriptError: there was no head.
        """
        if self.phase is Phase.HEAD:
            self._refuse("the script has ended before its headers did")

    def _refuse(self, why: str) -> None:
        self.phase = Phase.BROKEN
        self._pending = b""
        raise ScriptError(why)

    def _read(self, block: bytes) -> Head:
        status: tuple[int, bytes | None] | None = None
        fields = []
        for line in _line_end(block):
            matched = _field(line)
            if matched is None:
                self._refuse(f"{line[:100]!r} is not a header")
                break
            name, value = matched[1].lower(), matched[2].rstrip(b" \t")
            if name == b"status":
                said = _status(value)
                if said is None:
                    self._refuse(f"{value[:100]!r} is not a status such as '404 Not Found'")
                    break
                status = int(said[1]), said[2]
            elif name == b"content-length" and not value.isdigit():
                self._refuse(f"{value[:100]!r} is not a length")
            elif name not in _CONNECTION:
                fields.append((name, value))
        if status is None:
            redirects = any(name == b"location" for name, _ in fields)
            status = (_FOUND if redirects else _OK), None
        return Head(*status, fields)
