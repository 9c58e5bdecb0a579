"""Lines of access logs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

__name__ = "twisted.web.http"  # the public path, for pickles and messages

_unsafe = re.compile(r'[\x00-\x1f"\\\x7f-\xff]')
LogFormatter = Callable[[str, Any], str]


def escaped(value: bytes | None) -> str:
    """Something from a client as it can stand in a line of a log, between double quotes."""
    if not value:
        return "-"
    text = value.decode("latin-1")
    if _unsafe.search(text) is None:
        return text
    return _unsafe.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def combinedLogFormatter(timestamp: str, request: Any) -> str:
    """A line of an access log in the combined format.

    Args:
        timestamp: the time, as `datetimeToLogString` has it.
        request: what was answered.
    """
    headers = request.requestHeaders.getRawHeaders
    line = b"%b %b %b" % (request.method, request.uri, request.clientproto)
    return (
        f"{request.getClientIP() or '-'} - - {timestamp} "
        f'"{escaped(line)}" {request.code} {request.sentLength or "-"} '
        f'"{escaped(headers(b"referer", [b""])[-1])}" '
        f'"{escaped(headers(b"user-agent", [b""])[-1])}"'
    )


def jsonLogFormatter(timestamp: str, request: Any) -> str:
    """A line of an access log as a JSON object.

    Its names are ``time`` (ISO 8601, UTC), ``client``, ``method``, ``uri``, ``protocol``,
    ``status``, ``bytes`` (of the body of the response), ``referer`` and ``userAgent``; what the
    client has not said is null. What is no ASCII is escaped, so that a line stays one.

    Args:
        timestamp: is not used.
        request: what was answered.
    """
    headers = request.requestHeaders.getRawHeaders

    def last(name: bytes) -> str | None:
        values = headers(name)
        return values[-1].decode("latin-1") if values else None

    return json.dumps(
        {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": request.getClientIP(),
            "method": request.method.decode("latin-1"),
            "uri": request.uri.decode("latin-1"),
            "protocol": request.clientproto.decode("latin-1"),
            "status": request.code,
            "bytes": request.sentLength,
            "referer": last(b"referer"),
            "userAgent": last(b"user-agent"),
        }
    )
