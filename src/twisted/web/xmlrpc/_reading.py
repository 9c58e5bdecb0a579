"""Messages of XML-RPC from their XML: bytes in, a call or a result out.

Theory of operation. `_CHILDREN` says which element may be in which. Finished values are pushed on
one list; an element that holds values remembers where on it they begin. So nothing is recursive,
and how deep a message is costs no stack.

What a peer might do with XML is not possible here: a document type is refused, and with it entities
of any kind; depth, size and the number of values have limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from xmlrpc.client import Fault

from twisted.web.xmlrpc._errors import BadMessage
from twisted.web.xmlrpc._scalars import CONVERTERS, WHITE, Converter
from twisted.web.xmlrpc._tokens import Token, expat_tokens, simple_tokens

__name__ = "twisted.web.xmlrpc"  # the public path, for pickles and messages


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

#: Elements around one value, itself and the document included; and how many more in an array.
_OUTER, _NESTED = 5, 3


class _Element:
    """One kind of element.

    Attributes:
        name: of its tags.
        children: those that may be in it, by name.
        holds: whether there are values in it.
        has_text: whether there may be text in it.
        convert: makes a value of its text, if it is one of a scalar.
        finish: is called at its end, if it is not.
    """

    __slots__ = ("children", "convert", "finish", "has_text", "holds", "name")

    def __init__(self, name: str, convert: Converter | None = None) -> None:
        self.name = name
        self.children: dict[str, _Element] = {}
        self.holds = False
        self.has_text = convert is not None or name in ("value", "name", "methodName")
        self.convert = convert
        self.finish: Callable[[Reader], None] | None = None


class Reader:
    """Reads one message.

    Args:
        use_datetime: whether times are `datetime`, or else `DateTime`.
        limits: what the message may cost.
    """

    def __init__(self, use_datetime: bool = False, limits: Limits = DEFAULT_LIMITS) -> None:
        self._use_datetime = use_datetime
        self._limits = limits
        self._values: list[Any] = []
        self._marks: list[int] = []  # where on it the values of the elements begin
        self._text = ""  # of the element that ends
        self._method: str | None = None
        self._params: list[Any] | None = None
        self._fault: Any = None
        self._complete = False

    def read(self, data: bytes) -> None:
        """Read the message.

        Raises:
            BadMessage: it is none.
        """
        if len(data) > self._limits.size:
            raise BadMessage(f"the message is longer than {self._limits.size} bytes")
        tokens = simple_tokens(data)
        try:
            self._follow(expat_tokens(data) if tokens is None else tokens)
        except ValueError as error:  # of int, b64decode or strptime
            raise BadMessage(f"not a value of XML-RPC: {error}") from error
        if not self._complete:
            raise BadMessage("the message is not complete")

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

    def _follow(self, tokens: Iterable[Token]) -> None:
        # Benchmark xmlrpc-calls: one loop, which asks one dictionary for each tag.
        values, marks, limits = self._values, self._marks, self._limits
        use_datetime = self._use_datetime
        left = limits.values
        path = [_DOCUMENT]  # the elements that we are in
        most = _OUTER + _NESTED * limits.depth
        filled = False  # whether the element that we are in has what there is one of
        held = ""  # the text of the last element that has begun
        for slash, tag, empty, text in tokens:
            if not slash:
                parent = path[-1]
                element = parent.children.get(tag) or _extension(tag, parent)
                if parent is _VALUE and (filled or (held and held.strip(WHITE))):
                    raise BadMessage("a <value> has one element, or text")
                if element.holds:
                    if element is _VALUE:
                        left -= 1
                        if left < 0:
                            raise BadMessage(f"there are more than {limits.values} values")
                    else:
                        if len(path) >= most:
                            raise BadMessage(f"values are in each other over {limits.depth} times")
                        if filled and parent is _ARRAY:
                            raise BadMessage("an <array> has one <data>")
                        marks.append(len(values))
                    filled = False
                path.append(element)
                if not empty:
                    held = text
                    if text and not element.has_text and text.strip(WHITE):
                        raise BadMessage(f"there is text in <{tag}>")
                    continue
                held = ""
            element = path.pop()
            if slash and tag != element.name and tag.rpartition(":")[2] != element.name:
                raise BadMessage(f"</{tag}> where <{element.name}> has to end")
            if element is _VALUE:
                if not filled:
                    values.append(held)
            elif element.convert is not None:
                values.append(element.convert(held, use_datetime))
            elif element.finish is not None:
                self._text = held
                element.finish(self)
            filled = True
            if text and text.strip(WHITE):
                raise BadMessage(f"there is text behind </{tag}>")

    # --- The ends of elements that hold others ---

    def _end_name(self) -> None:
        if len(self._values) != self._marks[-1]:
            raise BadMessage("a <member> has one <name>, and then one <value>")
        self._values.append(self._text)

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
        self._method = self._text.strip(WHITE)

    def _end_fault(self) -> None:
        said = self._values[self._marks.pop() :]
        if self._params is not None or self._fault is not None or len(said) != 1:
            raise BadMessage("a <methodResponse> has one <params>, or one <fault> with one value")
        fault = said[0]
        if not isinstance(fault, dict) or fault.keys() != {"faultCode", "faultString"}:
            raise BadMessage("a <fault> has a faultCode and a faultString")
        self._fault = fault

    def _end_message(self) -> None:
        if self._complete:
            raise BadMessage("there is more than one message")
        self._complete = True


_FINISHERS: dict[str, Callable[[Reader], None]] = {
    "name": Reader._end_name,
    "member": Reader._end_member,
    "struct": Reader._end_struct,
    "data": Reader._end_data,
    "array": Reader._end_array,
    "param": Reader._end_param,
    "params": Reader._end_params,
    "methodName": Reader._end_method_name,
    "fault": Reader._end_fault,
    "methodCall": Reader._end_message,
    "methodResponse": Reader._end_message,
}

_CHILDREN: dict[str, tuple[str, ...]] = {
    "": ("methodCall", "methodResponse"),
    "methodCall": ("methodName", "params"),
    "methodResponse": ("params", "fault"),
    "params": ("param",),
    "param": ("value",),
    "fault": ("value",),
    "value": (*CONVERTERS, "array", "struct"),
    "array": ("data",),
    "data": ("value",),
    "struct": ("member",),
    "member": ("name", "value"),
}


def _elements() -> dict[str, _Element]:
    """All elements, which know each other."""
    names = {*_CHILDREN, *(name for children in _CHILDREN.values() for name in children)}
    made = {name: _Element(name, CONVERTERS.get(name)) for name in names}
    for name, element in made.items():
        element.children = {child: made[child] for child in _CHILDREN.get(name, ())}
        element.finish = _FINISHERS.get(name)
        element.holds = name in _CHILDREN and name not in ("", "methodCall", "methodResponse")
    return made


_ELEMENTS = _elements()
_DOCUMENT, _VALUE, _ARRAY = _ELEMENTS[""], _ELEMENTS["value"], _ELEMENTS["array"]


def _extension(tag: str, parent: _Element) -> _Element:
    """The element of a name with the prefix that extensions have, as in ``ex:nil``."""
    found = parent.children.get(tag.rpartition(":")[2])
    if found is None:
        place = f"in <{parent.name}>" if parent.name else "a message"
        raise BadMessage(f"<{tag}> cannot be {place}")
    return found


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
