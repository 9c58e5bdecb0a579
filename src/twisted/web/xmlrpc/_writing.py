"""Messages of XML-RPC as XML: calls, results and faults in, bytes out."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from xmlrpc.client import MAXINT, MININT, Binary, DateTime, Fault

__name__ = "twisted.web.xmlrpc"  # the public path, for pickles and messages

#: Arrays and structures in each other; one that is in itself is found by this.
MAX_DEPTH = 100

_HEAD = '<?xml version="1.0"?>\n'
# Beside what is escaped by name: a carriage return would be read as a newline.
_not_plain = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

Write = Callable[[str], object]


def _reference(found: re.Match[str]) -> str:
    try:
        return _REFERENCES[found[0]]
    except KeyError:
        raise ValueError(
            f"{found[0]!r} cannot be in XML: send what holds it as Binary, of bytes"
        ) from None


def _escaped(text: str) -> str:
    return text if _not_plain.search(text) is None else _not_plain.sub(_reference, text)


class _Writer:
    """Writes values.

    Args:
        write: takes the pieces.
        allow_none: whether None is written, as the extension `nil`.
    """

    __slots__ = ("_allow_none", "_depth", "_write")

    def __init__(self, write: Write, allow_none: bool) -> None:
        self._write = write
        self._allow_none = allow_none
        self._depth = 0

    def value(self, value: Any) -> None:
        """Write any value.

        Raises:
            TypeError: there is no way to write it, or it is None, and that is not allowed.
            ValueError: there is what cannot be in XML, or too much in each other.
            OverflowError: there is an integer of more than 32 bits.
        """
        write = _WRITERS.get(type(value))
        if write is None:
            write = _writerFor(type(value))
        write(self, value)

    def _none(self, value: None) -> None:
        if not self._allow_none:
            raise TypeError("None is no value of XML-RPC: allowNone=True sends it as an extension")
        self._write("<value><nil/></value>")

    def _boolean(self, value: bool) -> None:
        self._write(f"<value><boolean>{value:d}</boolean></value>")

    def _integer(self, value: int) -> None:
        if not MININT <= value <= MAXINT:
            raise OverflowError(
                f"integers of XML-RPC have 32 bits: {int(value)}; send it as a string"
            )
        self._write(f"<value><int>{int(value)}</int></value>")

    def _double(self, value: float) -> None:
        self._write(f"<value><double>{float(value)!r}</double></value>")

    def _decimal(self, value: Decimal) -> None:
        self._write(f"<value><bigdecimal>{value}</bigdecimal></value>")

    def _string(self, value: str) -> None:
        text = value if _not_plain.search(value) is None else _not_plain.sub(_reference, value)
        self._write(f"<value><string>{text}</string></value>")

    def _bytes(self, value: bytes) -> None:
        self._write(f"<value><base64>{b64encode(value).decode('ascii')}</base64></value>")

    def _binary(self, value: Binary) -> None:
        self._bytes(value.data)

    def _time(self, value: datetime) -> None:
        self._write(
            "<value><dateTime.iso8601>"
            f"{value.year:04}{value:%m%dT%H:%M:%S}</dateTime.iso8601></value>"
        )

    def _old_time(self, value: DateTime) -> None:
        self._write(f"<value><dateTime.iso8601>{_escaped(value.value)}</dateTime.iso8601></value>")

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError(f"what is sent is in each other more than {MAX_DEPTH} times")

    def _array(self, value: Iterable[Any]) -> None:
        self._enter()
        self._write("<value><array><data>")
        for each in value:
            self.value(each)
        self._write("</data></array></value>")
        self._depth -= 1

    def _struct(self, value: dict[Any, Any]) -> None:
        self._enter()
        self._write("<value><struct>")
        for name, each in value.items():
            if not isinstance(name, str):
                raise TypeError(f"the keys of a structure are str, not {type(name).__name__}")
            self._write(f"<member><name>{_escaped(name)}</name>")
            self.value(each)
            self._write("</member>")
        self._write("</struct></value>")
        self._depth -= 1

    def _instance(self, value: object) -> None:
        self._struct(vars(value))


_WRITERS: dict[type, Callable[[_Writer, Any], None]] = {
    type(None): _Writer._none,
    bool: _Writer._boolean,
    int: _Writer._integer,
    float: _Writer._double,
    Decimal: _Writer._decimal,
    str: _Writer._string,
    bytes: _Writer._bytes,
    bytearray: _Writer._bytes,
    Binary: _Writer._binary,
    datetime: _Writer._time,
    DateTime: _Writer._old_time,
    list: _Writer._array,
    tuple: _Writer._array,
    dict: _Writer._struct,
}


def _writerFor(kind: type) -> Callable[[_Writer, Any], None]:
    """How objects of a class are written: as one of its bases is, or else their attributes."""
    for base in kind.__mro__:
        if base in _WRITERS:
            return _WRITERS[base]
    if not hasattr(kind, "__dict__") or not kind.__dictoffset__:
        raise TypeError(
            f"{kind.__name__} cannot be sent by XML-RPC: make it a str, a dict or the like"
        )
    return _Writer._instance


def write_call(method: str, arguments: Iterable[Any], allow_none: bool = False) -> bytes:
    """A call.

    Args:
        method: its name.
        arguments: what it is given.
        allow_none: whether None may be among them.

    Raises:
        TypeError, ValueError, OverflowError: one of these cannot be sent; the text says why.
    """
    pieces = [f"{_HEAD}<methodCall><methodName>{_escaped(method)}</methodName><params>"]
    writer = _Writer(pieces.append, allow_none)
    for argument in arguments:
        pieces.append("<param>")
        writer.value(argument)
        pieces.append("</param>")
    pieces.append("</params></methodCall>\n")
    return "".join(pieces).encode("utf-8")


def write_result(result: Any, allow_none: bool = False) -> bytes:
    """What is answered; arguments and errors as those of `write_call`."""
    if isinstance(result, Fault):
        pieces = [f"{_HEAD}<methodResponse><fault>"]
        said = {"faultCode": result.faultCode, "faultString": result.faultString}
        _Writer(pieces.append, allow_none).value(said)
        pieces.append("</fault></methodResponse>\n")
    else:
        pieces = [f"{_HEAD}<methodResponse><params><param>"]
        _Writer(pieces.append, allow_none).value(result)
        pieces.append("</param></params></methodResponse>\n")
    return "".join(pieces).encode("utf-8")
