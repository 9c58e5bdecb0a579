"""Values that hold no others, from their text."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from xmlrpc.client import Binary, DateTime

from twisted.web.xmlrpc._errors import BadMessage

__name__ = "twisted.web.xmlrpc"  # the public path, for pickles and messages

WHITE = " \t\r\n"

_DATE = "%Y%m%dT%H:%M:%S"
_spaces = re.compile(r"[ \t\r\n]+")
_is_integer = re.compile(r"[+-]?[0-9]+").fullmatch
_is_number = re.compile(r"[+-]?(?:[0-9.]+(?:[eE][+-]?[0-9]+)?|inf|nan)").fullmatch

#: Makes a value of a text; times are `datetime` if the second argument is true.
Converter = Callable[[str, bool], Any]


def _string(text: str, _: bool) -> str:
    return text


def _integer(text: str, _: bool) -> int:
    text = text.strip(WHITE)
    if _is_integer(text) is None:
        raise BadMessage(f"not an integer: {text[:40]!r}")
    return int(text)


def _boolean(text: str, _: bool) -> bool:
    text = text.strip(WHITE)
    if text not in ("0", "1"):
        raise BadMessage(f"not a boolean, which is 0 or 1: {text[:40]!r}")
    return text == "1"


def _number(text: str) -> str:
    text = text.strip(WHITE)
    if _is_number(text) is None:
        raise BadMessage(f"not a number: {text[:40]!r}")
    return text


def _double(text: str, _: bool) -> float:
    return float(_number(text))


def _decimal(text: str, _: bool) -> Decimal:
    try:
        return Decimal(_number(text))
    except ArithmeticError as error:
        raise BadMessage(f"not a number: {text[:40]!r}") from error


def _time(text: str, use_datetime: bool) -> DateTime | datetime:
    text = text.strip(WHITE)
    return datetime.strptime(text, _DATE) if use_datetime else DateTime(text)


def _bytes(text: str, _: bool) -> Binary:
    return Binary(b64decode(_spaces.sub("", text), validate=True))


def _nil(text: str, _: bool) -> None:
    if text.strip(WHITE):
        raise BadMessage("there is text in <nil>")


#: By the name of the element.
CONVERTERS: dict[str, Converter] = {
    "string": _string,
    "int": _integer,
    "i4": _integer,
    "boolean": _boolean,
    "double": _double,
    "dateTime.iso8601": _time,
    "base64": _bytes,
    # Extensions: https://ws.apache.org/xmlrpc/types.html
    "nil": _nil,
    "i1": _integer,
    "i2": _integer,
    "i8": _integer,
    "biginteger": _integer,
    "float": _double,
    "bigdecimal": _decimal,
}
