"""What a program gives, as the query and the body of a request."""

from __future__ import annotations

import json as _json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from mimetypes import guess_type
from typing import Any
from urllib.parse import quote, urlencode

from twisted.web.client._bodies import BytesBody, FileBodyProducer, lengthOf
from twisted.web.iweb import UNKNOWN_LENGTH, IBodyProducer

__name__ = "twisted.web.client"  # the public path, for pickles and messages

Text = str | bytes
Value = str | bytes | int | float | Sequence[Any] | None
Fields = Mapping[Any, Value] | Iterable[tuple[Any, Value]]

# As a browser writes names and file names in a form (WHATWG HTML, 4.10.22.8).
_inQuotes = {ord("\r"): "%0D", ord("\n"): "%0A", ord('"'): "%22"}
_isHeaderValue = re.compile(r"[\t\x20-\x7e\x80-\uffff]*").fullmatch


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it is given to requests.

    Attributes:
        make: makes the producer; None if there is no body.
        contentType: what it is; None if that is not known.
        repeatable: whether it can be sent again.
    """

    make: Callable[[], Any] | None = None
    contentType: bytes | None = None
    repeatable: bool = True


NO_BODY = Body()


def pairs(fields: Fields) -> list[tuple[str | bytes, str | bytes]]:
    """Fields as pairs: a list of values is as many fields, and None is none."""
    items = fields.items() if isinstance(fields, Mapping) else fields
    found: list[tuple[str | bytes, str | bytes]] = []
    for name, value in items:
        several = value if isinstance(value, list | tuple) else [value]
        for one in several:
            if one is not None:
                found.append((name, one if isinstance(one, str | bytes) else str(one)))
    return found


def query(fields: Fields | str | bytes) -> bytes:
    """Fields as a query."""
    if isinstance(fields, bytes):
        return fields
    if isinstance(fields, str):
        return quote(fields, safe="!$&'()*+,-./:;=?@_~%").encode("ascii")
    return urlencode(pairs(fields), quote_via=quote).encode("ascii")


def makeBody(data: Any = None, json: Any = None, files: Any = None) -> Body:
    """The body of a request.

    Args:
        data: bytes; a str, as UTF-8; an open file; an `IBodyProducer`; or the fields of a form.
        json: anything that can be written as JSON. None for none.
        files: files by name, in a form of which `data` is the other fields: bytes, an open
            file, or a tuple of a name of the file, one of these, and maybe a type.

    Raises:
        TypeError: it cannot be one.
        ValueError: these do not go together, or the type of a file is none.
    """
    if json is not None:
        if data is not None or files is not None:
            raise ValueError("json is the whole body: give it alone, without data and files")
        text = _json.dumps(json, separators=(",", ":")).encode("utf-8")
        return Body(lambda: BytesBody(text), b"application/json")
    if files is not None:
        return _multipart(() if data is None else data, files)
    if data is None:
        return NO_BODY
    if isinstance(data, str | bytes | bytearray | memoryview):
        raw = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        return Body(lambda: BytesBody(raw))
    if IBodyProducer.providedBy(data):
        return Body(lambda: data, repeatable=False)
    if hasattr(data, "read"):
        return Body(lambda: FileBodyProducer(data), repeatable=False)
    if isinstance(data, Mapping | list | tuple):
        form = urlencode(pairs(data)).encode("ascii")
        return Body(lambda: BytesBody(form), b"application/x-www-form-urlencoded")
    raise TypeError(f"data is bytes, str, an open file or a mapping of fields, not {data!r}")


class _Joined:
    """Bytes and files, one after the other, as one file."""

    def __init__(self, segments: Sequence[Any]) -> None:
        self._segments = list(segments)

    def read(self, size: int) -> bytes:
        """Some of what is left; empty at the end."""
        while self._segments:
            first = self._segments[0]
            if isinstance(first, bytes):
                data, rest = first[:size], first[size:]
                self._segments[:1] = [rest] if rest else []
            else:
                data = first.read(size)
                if not data:
                    first.close()
                    del self._segments[0]
            if data:
                return data
        return b""

    def close(self) -> None:
        """Close the files that are left."""
        segments, self._segments = self._segments, []
        for one in segments:
            if not isinstance(one, bytes):
                one.close()


def _str(text: Text) -> str:
    return text.decode("utf-8") if isinstance(text, bytes) else text


def _disposition(name: Text, fileName: Text | None, contentType: str | None) -> bytes:
    """The headers of a part."""
    lines = f'Content-Disposition: form-data; name="{_str(name).translate(_inQuotes)}"'
    if fileName is not None:
        lines += f'; filename="{_str(fileName).translate(_inQuotes)}"'
    if contentType is not None:
        if not _isHeaderValue(contentType):
            raise ValueError(f"{contentType!r} cannot be the type of a file")
        lines += f"\r\nContent-Type: {contentType}"
    return lines.encode("utf-8") + b"\r\n\r\n"


def _file(given: Any) -> tuple[str, Any, str]:
    """The name of a file, what is in it, and its type."""
    if isinstance(given, tuple):
        fileName, content = _str(given[0]), given[1]
        contentType = _str(given[2]) if len(given) > 2 else None
    else:
        fileName, content = os.path.basename(str(getattr(given, "name", "file"))), given
        contentType = None
    return fileName, content, contentType or guess_type(fileName)[0] or "application/octet-stream"


def _multipart(fields: Fields, files: Any) -> Body:
    """A form with files (RFC 7578)."""
    boundary = secrets.token_hex(16).encode("ascii")
    start = b"--" + boundary + b"\r\n"
    segments: list[Any] = []
    for name, value in pairs(fields):
        text = value.encode("utf-8") if isinstance(value, str) else value
        segments += [start, _disposition(name, None, None), text, b"\r\n"]
    for name, given in files.items() if isinstance(files, Mapping) else files:
        fileName, content, contentType = _file(given)
        if isinstance(content, str):
            content = content.encode("utf-8")
        if not isinstance(content, bytes) and not hasattr(content, "read"):
            raise TypeError(f"the file {name!r} is bytes, str or an open file, not {content!r}")
        segments += [start, _disposition(name, fileName, contentType), content, b"\r\n"]
    segments.append(b"--" + boundary + b"--\r\n")
    kind = b"multipart/form-data; boundary=" + boundary
    if all(isinstance(one, bytes) for one in segments):
        whole = b"".join(segments)
        return Body(lambda: BytesBody(whole), kind)

    def produce() -> FileBodyProducer:
        producer = FileBodyProducer(_Joined(segments))
        lengths = [len(one) if isinstance(one, bytes) else lengthOf(one) for one in segments]
        known = [one for one in lengths if isinstance(one, int)]
        producer.length = sum(known) if len(known) == len(lengths) else UNKNOWN_LENGTH
        return producer

    return Body(produce, kind, repeatable=False)
