"""What fields mean: requests and responses, received and sent (RFC 9113, 8).

Strict, as what comes in by HTTP/2 may go on by HTTP/1.1: a name or a value that would be something
else there, a header that belongs to a connection, a body of another length than it says, and
anything that is said twice where once is allowed, is malformed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from twisted.web._h1 import LocalError, RequestHead, ResponseHead
from twisted.web._h1._grammar import field_value, request_target, token
from twisted.web._http2._errors import MalformedMessage, Refusal
from twisted.web._http2._hpack import Block, Field
from twisted.web._limits import Limits

HeaderMap = dict[bytes, list[bytes]]

#: What both versions of HTTP have in common; HTTP/2 does not have it in its messages.
MINOR = 1

_name = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]++").fullmatch
_value = re.compile(rb"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
_status = re.compile(rb"[1-9][0-9]{2}").fullmatch
_length = re.compile(rb"[0-9]{1,19}").fullmatch
_scheme = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*+").fullmatch
# A host and a port, without a user; the user would be looked at by some, and not by others.
_authority = re.compile(
    rb"(?:[A-Za-z0-9\-._~%!$&'()*+;=]++|\[[0-9A-Fa-f:.]++\])(?::[0-9]{0,5})?"
).fullmatch

_CONNECTION = frozenset(
    [b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"]
)
_ASKED = frozenset([b":method", b":scheme", b":authority", b":path"])
_ANSWERED = frozenset([b":status"])


def read_fields(fields: Iterable[Field], known: frozenset[bytes]) -> tuple[HeaderMap, HeaderMap]:
    """What begins with a colon, and what does not.

    Args:
        fields: as they were received.
        known: what may begin with a colon.

    Raises:
        MalformedMessage: they are none.
    """
    pseudo: HeaderMap = {}
    headers: HeaderMap = {}
    for name, value in fields:
        if not _value.fullmatch(value):
            raise MalformedMessage(f"the value of {name!r} is malformed")
        if name[:1] == b":":
            if headers or name in pseudo or name not in known:
                raise MalformedMessage(f"{name!r} has no place here")
            pseudo[name] = [value]
            continue
        if not _name(name):
            raise MalformedMessage(f"{name!r} is no name of a header")
        if name in _CONNECTION or (name == b"te" and value.lower() != b"trailers"):
            raise MalformedMessage(f"{name!r} belongs to HTTP/1")
        if name in headers:
            headers[name].append(value)
        else:
            headers[name] = [value]
    return pseudo, headers


def _said_length(headers: HeaderMap) -> int | None:
    lengths = headers.get(b"content-length")
    if lengths is None:
        return None
    if len(lengths) > 1 or not _length(lengths[0]):
        raise MalformedMessage("Content-Length is not one number")
    return int(lengths[0])


def _one(pseudo: HeaderMap, name: bytes) -> bytes:
    try:
        return pseudo[name][0]
    except KeyError:
        raise MalformedMessage(f"no {name.decode()}") from None


def _agreed_host(pseudo: HeaderMap, headers: HeaderMap) -> bytes:
    """The host that is meant; it is said once, or twice the same."""
    hosts = headers.get(b"host", []) + pseudo.get(b":authority", [])
    if not hosts or not _authority(hosts[-1]):
        raise MalformedMessage("no proper host")
    if any(host.lower() != hosts[-1].lower() for host in hosts) or len(hosts) > 2:
        raise MalformedMessage("hosts that differ")
    return hosts[-1]


def _target(method: bytes, pseudo: HeaderMap) -> bytes:
    if method == b"CONNECT":
        if b":path" in pseudo or b":scheme" in pseudo or b":authority" not in pseudo:
            raise MalformedMessage("CONNECT takes a host and a port")
        return pseudo[b":authority"][0]
    if not _scheme(_one(pseudo, b":scheme")):
        raise MalformedMessage("no proper :scheme")
    path = _one(pseudo, b":path")
    if not request_target(path) or (path[:1] != b"/" and (path, method) != (b"*", b"OPTIONS")):
        raise MalformedMessage("no proper :path")
    return path


def _read_request(block: Block) -> RequestHead:
    pseudo, headers = read_fields(block.fields, _ASKED)
    method = _one(pseudo, b":method")
    if not token(method):
        raise MalformedMessage("no proper :method")
    target = _target(method, pseudo)
    headers[b"host"] = [_agreed_host(pseudo, headers)]
    if len(headers.get(b"cookie", ())) > 1:
        headers[b"cookie"] = [b"; ".join(headers[b"cookie"])]
    head = RequestHead(method, target, MINOR, headers)
    head.length = _said_length(headers)
    if b"expect" in headers:
        if [value.lower() for value in headers[b"expect"]] != [b"100-continue"]:
            raise Refusal("an expectation other than 100-continue", 417)
        head.expects_continue = True
    return head


def _check_size(block: Block, head: RequestHead, limits: Limits) -> None:
    if len(head.target) > limits.lineBytes:
        raise Refusal(f"more than {limits.lineBytes} bytes are asked for", 414)
    if len(block.fields) > limits.headerCount or block.size > limits.headerBytes:
        raise Refusal(
            f"more than {limits.headerCount} headers, or {limits.headerBytes} bytes of them", 431
        )


def request_head(block: Block, limits: Limits) -> RequestHead:
    """A request, as far as its headers; `length` is what it says, or None.

    Raises:
        MalformedMessage: it is none.
        Refusal: it is too much.
    """
    # Benchmark http2-hello: a block that has come before is not looked at again.
    if block.message is None:
        head = _read_request(block)
        _check_size(block, head, limits)
        block.message = head
    known: RequestHead = block.message
    head = RequestHead(known.method, known.target, MINOR, known.headers)
    head.length = known.length
    head.expects_continue = known.expects_continue
    return head


def response_head(block: Block, method: bytes) -> ResponseHead:
    """A response to a request of `method`, as far as its headers.

    Raises:
        MalformedMessage: it is none.
    """
    pseudo, headers = read_fields(block.fields, _ANSWERED)
    status = _one(pseudo, b":status")
    if not _status(status) or status == b"101":
        raise MalformedMessage("no proper :status")
    head = ResponseHead(int(status), b"", MINOR, headers)
    head.final = head.status >= 200
    head.length = _said_length(headers)
    if method == b"HEAD" or head.status in (204, 304) or not head.final:
        head.length = 0
    return head


def trailers(block: Block) -> HeaderMap:
    """What follows a body.

    Raises:
        MalformedMessage: it has what belongs before it.
    """
    return read_fields(block.fields, frozenset())[1]


@lru_cache(maxsize=1024)
def sent_field(name: bytes, value: bytes) -> Field | None:
    """A header as it is sent; None if it belongs to HTTP/1 and is left out.

    Raises:
        LocalError: it cannot be sent.
    """
    # Benchmark http2-hello: servers say much the same in each response.
    if not token(name) or not field_value(value):
        raise LocalError(f"{name!r}: {value!r} cannot be sent as a header")
    name = name.lower()
    if name in _CONNECTION:
        return None
    return name, value.strip(b" \t")


def sent_fields(headers: Iterable[Field]) -> list[Field]:
    """Headers as they are sent.

    Raises:
        LocalError: one of them cannot be.
    """
    sent = [sent_field(name, value) for name, value in headers]
    return [field for field in sent if field is not None]


@lru_cache(maxsize=256)
def fields_of(lines: bytes) -> tuple[Field, ...]:
    """Headers as they are sent, from lines of HTTP/1.1, as `_h1.field_lines` makes them."""
    # Benchmark http2-hello: the same lines go with each response for a second.
    pairs = (line.split(b": ", 1) for line in lines.split(b"\r\n") if line)
    return tuple(sent_fields((name, value) for name, value in pairs))
