"""Forms that are sent in several parts (RFC 7578)."""

from __future__ import annotations

import re

from twisted.web._limits import Limits

__name__ = "twisted.web.http"  # the public path, for pickles and messages

_boundary = re.compile(rb'(?:^|;)\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))', re.I).search
_name = re.compile(rb';\s*name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.I).search
_quoted = re.compile(rb'\\(["\\])')


class BadForm(Exception):
    """A form that cannot be read.

    Args:
        message: what is wrong with it.
        status: what the answer is.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def checkFields(count: int, limits: Limits) -> None:
    """Raise `BadForm` if a form has too many fields."""
    if count > limits.formFields:
        raise BadForm(f"more than {limits.formFields} fields", 413)


def _fieldName(head: bytes) -> bytes:
    for line in head.split(b"\r\n"):
        key, _, value = line.partition(b":")
        if key.strip().lower() == b"content-disposition":
            match = _name(value)
            if match is not None:
                quoted, plain = match.groups()
                return _quoted.sub(rb"\1", quoted) if quoted is not None else plain
    raise BadForm("a part of the form has no name")


def parseMultipart(body: bytes, contentType: bytes, limits: Limits) -> dict[bytes, list[bytes]]:
    """The values of each field, in their order.

    Args:
        body: the form.
        contentType: the header that tells the boundary between its parts.
        limits: how many fields there may be, and how long their headers.

    Raises:
        BadForm: it is none, or too large.
    """
    match = _boundary(contentType.partition(b";")[2])
    if match is None:
        raise BadForm("a form in several parts that does not say what is between them")
    delimiter = b"\r\n--" + (match[1] or match[2])
    fields: dict[bytes, list[bytes]] = {}
    count = 0
    at = len(delimiter) - 2 if body.startswith(delimiter[2:]) else _after(body, delimiter, 0)
    while not body.startswith(b"--", at):
        if not body.startswith(b"\r\n", at):
            raise BadForm("something between the parts of a form")
        count += 1
        checkFields(count, limits)
        end = body.find(b"\r\n\r\n", at, at + limits.partHeaderBytes)
        if end < 0:
            raise BadForm("a part of a form has no headers, or too many")
        following = _after(body, delimiter, end + 2)
        value = body[end + 4 : following - len(delimiter)]
        fields.setdefault(_fieldName(body[at:end]), []).append(value)
        at = following
    return fields


def _after(body: bytes, delimiter: bytes, begin: int) -> int:
    found = body.find(delimiter, begin)
    if found < 0:
        raise BadForm("a part of a form does not end")
    return found + len(delimiter)
