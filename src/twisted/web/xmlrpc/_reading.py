"""Messages of XML-RPC from their XML: bytes in, a call or a result out.

Theory of operation. Expat finds the tags, and `_CHILDREN` says which may be in which. Finished
values are pushed on one list; an element that holds values remembers where on it they begin. So
nothing is recursive, and how deep a message is costs no stack.

What a peer might do with XML is not possible here: a document type is refused, and with it entities
of any kind; depth, size and the number of values have limits.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from xml.parsers.expat import ExpatError, ParserCreate
from xmlrpc.client import Binary, DateTime, Fault, ResponseError

__name__ = "twisted.web.xmlrpc"  # the public path, for pickles and messages

_DATE = "%Y%m%dT%H:%M:%S"
_SPACES = re.compile(r"[ \t\r\n]+")
_is_integer = re.compile(r"[+-]?[0-9]+").fullmatch
_is_number = re.compile(r"[+-]?(?:[0-9.]+(?:[eE][+-]?[0-9]+)?|inf|nan)").fullmatch


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message may cost.

    Attributes:
        size: in bytes. Files that are sent as `Binary` fit; what is read blocks the loop.
        values: how many, all together; some tenths of a second to read.
        depth: how many arrays and structures in each other. Nobody writes that by hand.
    """

    size: int = 16 * 1024 * 1024
    values: int = 250_000
    depth: int = 100


DEFAULT_LIMITS = Limits()
Limits.__module__ = "twisted.web.xmlrpc"  # `dataclass` would look for the module


class BadMessage(ResponseError):
    """What has arrived is not a message of XML-RPC, or too large; the text says what is wrong."""

    __str__ = Exception.__str__  # that of its base names the class


_SCALARS = {
    *("string", "int", "i4", "boolean", "double", "dateTime.iso8601", "base64"),
    # Extensions: https://ws.apache.org/xmlrpc/types.html
    *("nil", "i1", "i2", "i8", "biginteger", "float", "bigdecimal"),
}
_CHILDREN: dict[str, frozenset[str]] = {
    "": frozenset(["methodCall", "methodResponse"]),
    "methodCall": frozenset(["methodName", "params"]),
    "methodResponse": frozenset(["params", "fault"]),
    "params": frozenset(["param"]),
    "param": frozenset(["value"]),
    "fault": frozenset(["value"]),
    "value": frozenset(_SCALARS | {"array", "struct"}),
    "array": frozenset(["data"]),
    "data": frozenset(["value"]),
    "struct": frozenset(["member"]),
    "member": frozenset(["name", "value"]),
}
_NONE: frozenset[str] = frozenset()
_OPENS = frozenset(["value", "param", "params", "fault", "array", "data", "struct", "member"])
#: Elements around one value, itself and the document included; and how many more in an array.
_OUTER, _NESTED = 5, 3


class Reader:
    """Reads one message.

    Args:
        use_datetime: whether times are `datetime`, or else `DateTime`.
        limits: what the message may cost.
    """

    def __init__(self, use_datetime: bool = False, limits: Limits = DEFAULT_LIMITS) -> None:
        self._use_datetime = use_datetime
        self._limits = limits
        self._path = [""]  # the elements that we are in
        self._values: list[Any] = []
        self._marks: list[int] = []  # where on it the values of the elements begin
        self._text: list[str] = []
        self._filled = False  # whether the element that we are in has what there is one of
        self._count = 0
        self._max_path = _OUTER + _NESTED * limits.depth
        self._method: str | None = None
        self._params: list[Any] | None = None
        self._fault: Any = None

    def read(self, data: bytes) -> None:
        """Read the message.

        Raises:
            BadMessage: it is none.
        """
        if len(data) > self._limits.size:
            raise BadMessage(f"the message is longer than {self._limits.size} bytes")
        parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        try:
            parser.Parse(data, True)
        except (ExpatError, LookupError, ValueError) as error:
            raise BadMessage(f"not a message of XML-RPC: {error}") from error

    def call(self) -> tuple[str, tuple[Any, ...]]:
        """The name of the method that is called, and its arguments.

        Raises:
            BadMessage: it is no call.
        """
        if self._method is None:
            raise BadMessage("the message has no methodName: it is no call")
        return self._method, tuple(self._params or ())

    def result(self) -> Any:
        """What was answered.

        Raises:
            Fault: that was a fault.
            BadMessage: it is no answer.
        """
        if self._fault is not None:
            raise Fault(**self._fault)
        if self._method is not None or self._params is None or len(self._params) != 1:
            raise BadMessage("the message is no response with one value")
        return self._params[0]

    @staticmethod
    def _refuse_doctype(*said: object) -> None:
        raise BadMessage("the message has a document type, which XML-RPC has no use for")

    # Benchmark xmlrpc-calls: these two are called for every tag.

    def _start(self, tag: str, attributes: object) -> None:
        path = self._path
        parent = path[-1]
        if self._text:
            self._no_text(parent)
        children = _CHILDREN.get(parent, _NONE)
        if tag not in children:
            tag = tag.rpartition(":")[2]  # extensions have a prefix, as in ex:nil
            if tag not in children:
                raise BadMessage(f"<{tag}> cannot be in {f'<{parent}>' if parent else 'a message'}")
        if self._filled and (parent == "value" or tag == "data"):
            raise BadMessage(f"<{parent}> has more than one element")
        if tag in _OPENS:
            if len(path) >= self._max_path:
                raise BadMessage(f"values are in each other more than {self._limits.depth} times")
            self._filled = False
            if tag == "value":
                self._count += 1
                if self._count > self._limits.values:
                    raise BadMessage(f"there are more than {self._limits.values} values")
            else:
                self._marks.append(len(self._values))
        path.append(tag)

    def _end(self, tag: str) -> None:
        tag = self._path.pop()
        texts = self._text
        if tag == "value":
            if not self._filled:
                self._values.append("".join(texts))
                texts.clear()
            elif texts:
                self._no_text(tag)
            return
        convert = _CONVERTERS.get(tag)
        if convert is not None:
            text = "".join(texts)
            texts.clear()
            self._values.append(convert(self, text))
        else:
            if texts and tag not in ("name", "methodName"):
                self._no_text(tag)
            finish = self._FINISHERS.get(tag)
            if finish is not None:
                finish(self)
        self._filled = True

    def _no_text(self, tag: str) -> None:
        if "".join(self._text).strip(" \t\r\n"):
            raise BadMessage(f"there is text in <{tag}> where none belongs")
        self._text.clear()

    # --- Elements that hold others ---

    def _end_name(self) -> None:
        if len(self._values) != self._marks[-1]:
            raise BadMessage("a <member> has one <name>, and then one <value>")
        self._values.append("".join(self._text))
        self._text.clear()

    def _end_member(self) -> None:
        if len(self._values) != self._marks.pop() + 2:
            raise BadMessage("a <member> has one <name>, and then one <value>")

    def _end_struct(self) -> None:
        at = self._marks.pop()
        items = self._values[at:]
        self._values[at:] = [dict(zip(items[::2], items[1::2], strict=True))]

    def _end_data(self) -> None:
        at = self._marks.pop()
        self._values[at:] = [self._values[at:]]

    def _end_array(self) -> None:
        if len(self._values) != self._marks.pop() + 1:
            raise BadMessage("an <array> has one <data>")

    def _end_param(self) -> None:
        if len(self._values) != self._marks.pop() + 1:
            raise BadMessage("a <param> has one <value>")

    def _end_params(self) -> None:
        if self._params is not None or self._fault is not None:
            raise BadMessage("a message has one <params>")
        self._params = self._values[self._marks.pop() :]

    def _end_method_name(self) -> None:
        if self._method is not None or self._params is not None:
            raise BadMessage("a <methodCall> has one <methodName>, and then its <params>")
        self._method = "".join(self._text).strip(" \t\r\n")
        self._text.clear()

    def _end_fault(self) -> None:
        said = self._values[self._marks.pop() :]
        if self._params is not None or self._fault is not None or len(said) != 1:
            raise BadMessage("a <methodResponse> has one <params>, or one <fault> with one value")
        fault = said[0]
        if not isinstance(fault, dict) or fault.keys() != {"faultCode", "faultString"}:
            raise BadMessage("a <fault> has a faultCode and a faultString")
        self._fault = fault

    _FINISHERS: ClassVar[dict[str, Any]] = {
        "name": _end_name,
        "member": _end_member,
        "struct": _end_struct,
        "data": _end_data,
        "array": _end_array,
        "param": _end_param,
        "params": _end_params,
        "methodName": _end_method_name,
        "fault": _end_fault,
    }

    # --- Values ---

    def _string(self, text: str) -> str:
        return text

    def _integer(self, text: str) -> int:
        text = text.strip(" \t\r\n")
        if _is_integer(text) is None:
            raise BadMessage(f"not an integer: {text[:40]!r}")
        return int(text)

    def _boolean(self, text: str) -> bool:
        text = text.strip(" \t\r\n")
        if text not in ("0", "1"):
            raise BadMessage(f"not a boolean, which is 0 or 1: {text[:40]!r}")
        return text == "1"

    def _double(self, text: str) -> float:
        text = text.strip(" \t\r\n")
        if _is_number(text) is None:
            raise BadMessage(f"not a number: {text[:40]!r}")
        return float(text)

    def _decimal(self, text: str) -> Decimal:
        text = text.strip(" \t\r\n")
        if _is_number(text) is None:
            raise BadMessage(f"not a number: {text[:40]!r}")
        try:
            return Decimal(text)
        except ArithmeticError as error:
            raise BadMessage(f"not a number: {text[:40]!r}") from error

    def _time(self, text: str) -> DateTime | datetime:
        text = text.strip(" \t\r\n")
        return datetime.strptime(text, _DATE) if self._use_datetime else DateTime(text)

    def _bytes(self, text: str) -> Binary:
        return Binary(b64decode(_SPACES.sub("", text), validate=True))

    def _nil(self, text: str) -> None:
        if text.strip(" \t\r\n"):
            raise BadMessage("there is text in <nil>")


_CONVERTERS = {
    "string": Reader._string,
    "int": Reader._integer,
    "i4": Reader._integer,
    "i1": Reader._integer,
    "i2": Reader._integer,
    "i8": Reader._integer,
    "biginteger": Reader._integer,
    "boolean": Reader._boolean,
    "double": Reader._double,
    "float": Reader._double,
    "bigdecimal": Reader._decimal,
    "dateTime.iso8601": Reader._time,
    "base64": Reader._bytes,
    "nil": Reader._nil,
}


def read_call(
    data: bytes, use_datetime: bool = False, limits: Limits = DEFAULT_LIMITS
) -> tuple[str, tuple[Any, ...]]:
    """The name of the method that a message calls, and its arguments.

    Raises:
        BadMessage: it is no call.
    """
    reader = Reader(use_datetime, limits)
    reader.read(data)
    return reader.call()


def read_result(data: bytes, use_datetime: bool = False, limits: Limits = DEFAULT_LIMITS) -> Any:
    """What a message answers.

    Raises:
        Fault: that is a fault.
        BadMessage: it is no answer.
    """
    reader = Reader(use_datetime, limits)
    reader.read(data)
    return reader.result()
