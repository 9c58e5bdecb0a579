"""The grammar: what is compiled once, and what makes heads of bytes.

The expressions cannot backtrack (their repetitions are possessive), so that no input takes longer
than in proportion to its length.
"""

from __future__ import annotations

import re

from twisted.web._h1._errors import RemoteError
from twisted.web._h1._events import HeaderMap, RequestHead, ResponseHead

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_FIELD = rb"[\t\x20-\x7e\x80-\xff]*+"

token = re.compile(_TOKEN).fullmatch
field_value = re.compile(_FIELD).fullmatch
request_target = re.compile(rb"[\x21-\x7e]++").fullmatch
bare_line_end = re.compile(rb"(?<!\r)\n|\r(?=[^\n])").search
chunk_line = re.compile(rb"([0-9A-Fa-f]{1,16}+)(?:;" + _FIELD + rb")?\r\n").match

_request_line = re.compile(rb"(%b) ([\x21-\x7e]++) HTTP/([0-9])\.([0-9])" % _TOKEN).fullmatch
_status_line = re.compile(rb"HTTP/([0-9])\.([0-9]) ([0-9]{3})(?: (%b))?" % _FIELD).fullmatch
_are_fields = re.compile(rb"(?:%b:%b\r\n)*+" % (_TOKEN, _FIELD)).fullmatch
_length = re.compile(rb"[0-9]{1,19}").fullmatch
_host = re.compile(
    rb"(?:[A-Za-z0-9\-._~%!$&'()*+;=]*+|\[[0-9A-Fa-f:.]++\])(?::[0-9]{0,5})?"
).fullmatch
_absolute = re.compile(rb"([A-Za-z][A-Za-z0-9+.\-]*+)://([^/?#]*+)").match

_DEFAULT_PORTS = {b"http": b":80", b"https": b":443"}


def headers(block: bytes, count: int) -> HeaderMap:
    """Headers or trailers.

    Args:
        block: the lines, each with its end.
        count: how many there may be.
    """
    # Benchmark http-hello: one expression looks at everything, and splitting can then be simple.
    if not _are_fields(block):
        raise RemoteError("a header is malformed")
    lines = block.split(b"\r\n")
    if len(lines) > count + 1:
        raise RemoteError(f"more than {count} headers", 431)
    lines.pop()
    found: HeaderMap = {}
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in found:
            found[name].append(value.strip(b" \t"))
        else:
            found[name] = [value.strip(b" \t")]
    return found


def _tokens(values: list[bytes]) -> list[bytes]:
    return [part.strip(b" \t").lower() for value in values for part in value.split(b",")]


def _body_length(fields: HeaderMap, minor: int) -> int | bool | None:
    """The length of the body; None if it is chunked, False if nothing is said of it."""
    lengths = fields.get(b"content-length")
    codings = fields.get(b"transfer-encoding")
    if codings is not None:
        if lengths is not None:
            raise RemoteError("Content-Length together with Transfer-Encoding")
        if minor == 0:
            raise RemoteError("Transfer-Encoding in HTTP/1.0")
        if len(codings) > 1 or b"," in codings[0] or not token(codings[0]):
            raise RemoteError("Transfer-Encoding is not one coding")
        if codings[0].lower() != b"chunked":
            raise RemoteError("a Transfer-Encoding other than chunked", 501)
        return None
    if lengths is None:
        return False
    if len(lengths) > 1 or not _length(lengths[0]):
        raise RemoteError("Content-Length is not one number")
    return int(lengths[0])


def _check_host(head: RequestHead, hosts: list[bytes] | None) -> None:
    if hosts is None:
        if head.minor:
            raise RemoteError("no Host")
    elif len(hosts) > 1 or not _host(hosts[0]):
        raise RemoteError("Host is not one host")


def _check_target(head: RequestHead) -> None:
    """What is not a path has a form that belongs to its method, and agrees with the Host."""
    target = head.target
    if head.method == b"CONNECT":
        if not _host(target) or b":" not in target:
            raise RemoteError("CONNECT takes a host and a port")
        return
    if target == b"*" and head.method == b"OPTIONS":
        return
    whole = _absolute(target)
    if not whole:
        raise RemoteError("the target of the request is neither a path nor a URL")
    scheme, authority = whole.group(1).lower(), whole.group(2).lower()
    if not authority or not _host(authority):
        raise RemoteError("the URL of the request has no proper host")
    port = _DEFAULT_PORTS.get(scheme, b"")
    for host in head.headers.get(b"host", ()):
        if host.lower().removesuffix(port) != authority.removesuffix(port):
            raise RemoteError("Host and the URL of the request differ")


def _take_line(line: bytes) -> tuple[bytes, bytes, int]:
    match = _request_line(line)
    if match is None:
        raise RemoteError("the request line is malformed")
    method, target, major, minor = match.groups()
    if major != b"1":
        raise RemoteError("a version of HTTP other than 1", 505)
    return method, target, 0 if minor == b"0" else 1


def request_head(line: bytes, block: bytes, count: int) -> RequestHead:
    """A request from its first line, without the end, and its headers, each with its end."""
    method, target, minor = _take_line(line)
    fields = headers(block, count)
    head = RequestHead(method, target, minor, fields)
    _check_host(head, fields.get(b"host"))
    if target[0] != 0x2F or method == b"CONNECT":
        _check_target(head)
    length = _body_length(fields, minor)
    head.length = 0 if length is False else length
    connection = fields.get(b"connection")
    if connection is not None:
        options = _tokens(connection)
        head.keep_alive = b"close" not in options and (minor == 1 or b"keep-alive" in options)
        head.upgrade = b"upgrade" in options and b"upgrade" in fields
    if minor and b"expect" in fields:
        if _tokens(fields[b"expect"]) != [b"100-continue"]:
            raise RemoteError("an expectation other than 100-continue", 417)
        head.expects_continue = head.length != 0
    return head


def similar_head(line: bytes, known: RequestHead) -> RequestHead:
    """A request with the same headers as one before; it shares them, so they must not change."""
    method, target, minor = _take_line(line)
    if minor != known.minor:
        # What the headers mean depends on the version: have them looked at anew.
        lines = [b"%b: %b\r\n" % (name, one) for name, all in known.headers.items() for one in all]
        return request_head(line, b"".join(lines), len(lines))
    head = RequestHead(method, target, minor, known.headers)
    head.length = known.length
    head.keep_alive = known.keep_alive
    head.upgrade = known.upgrade
    head.expects_continue = known.expects_continue
    if target[0] != 0x2F or method == b"CONNECT":
        _check_target(head)
    return head


def response_head(
    line: bytes, block: bytes, count: int, method: bytes
) -> tuple[ResponseHead, bool]:
    """A response to a request of `method`; and whether its body ends with the connection."""
    match = _status_line(line)
    if match is None:
        raise RemoteError("the status line is malformed")
    major, minor, status, reason = match.groups()
    if major != b"1":
        raise RemoteError("a version of HTTP other than 1")
    fields = headers(block, count)
    head = ResponseHead(int(status), reason or b"", 0 if minor == b"0" else 1, fields)
    if head.status < 100:
        raise RemoteError("a status below 100")
    head.final = head.status >= 200 or head.status == 101
    length = _body_length(fields, head.minor)
    options = _tokens(fields.get(b"connection", []))
    head.keep_alive = b"close" not in options and (head.minor == 1 or b"keep-alive" in options)
    if method == b"HEAD" or head.status < 200 or head.status in (204, 304):
        return head, False
    if method == b"CONNECT" and head.status < 300:
        return head, False
    if length is False:
        head.length, head.keep_alive = None, False
        return head, True
    head.length = length
    return head, False
