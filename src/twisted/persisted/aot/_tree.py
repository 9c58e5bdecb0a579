"""What a tree is made of, and how it looks as source.

Literals, lists, tuples and dictionaries stand for themselves.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterable, Mapping
from typing import Any

__name__ = "twisted.persisted.aot"  # the public path, for pickles and messages

#: What has a literal, and is written as such.
LITERALS = (type(None), bool, int, float, complex, str, bytes, type(...))

#: Integers of more bits are written in hexadecimal digits: Python refuses to read, or to write, a
#: decimal number that is too long.
_LONG_INTEGER = 4096

_INDENT = "  "

#: Brackets in brackets that Python's parser reads.
MAX_DEPTH = 199


class _NoStateObj:
    """What `NoStateObj` is of."""

    def __repr__(self) -> str:
        return "NoStateObj"


#: Stands for the state of an object that has none.
NoStateObj = _NoStateObj()


class NonFormattableDict(Exception):
    """A dictionary has keys that cannot be names of arguments."""


class Named:
    """What is found by its name.

    Attributes:
        name: the whole name, with dots.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def getSource(self) -> str:
        """Its source."""
        return _call(type(self).__name__, [repr(self.name)])


class Class(Named):
    """A class."""


class Function(Named):
    """A function."""


class Module(Named):
    """A module."""


class InstanceMethod:
    """A method of an object.

    Attributes:
        name: that of the method.
        klass: the whole name of the object's class.
        instance: the tree of the object.
    """

    def __init__(self, name: str, klass: str, inst: Any) -> None:
        self.name = name
        self.klass = klass
        self.instance = inst

    def getSource(self) -> str:
        """Its source."""
        return _call("InstanceMethod", [repr(self.name), repr(self.klass), prettify(self.instance)])


class Instance:
    """An object of a class, without its constructor having been called.

    Attributes:
        klass: the whole name of the class.
        state: the tree of what the object's ``__setstate__`` is given, or of its attributes;
            `NoStateObj` for nothing.
    """

    def __init__(self, className: str, __stateObj__: Any = NoStateObj, **state: Any) -> None:
        """
        Args:
            className: the whole name of the class.
            __stateObj__: the tree of the state.
            state: or this, the attributes.

        Raises:
            TypeError: both are given.
        """
        if state and __stateObj__ is not NoStateObj:
            raise TypeError(f"the state of {className} is one object, or attributes, not both")
        self.klass = className
        self.state: Any = state or __stateObj__

    def getSource(self) -> str:
        """Its source: attributes as arguments, if their names allow."""
        if self.state is NoStateObj:
            return _call("Instance", [repr(self.klass)])
        attributes = _plain(self.state)
        if isinstance(attributes, dict) and attributes:
            try:
                return f"Instance({self.klass!r},\n{dictToKW(attributes)})"
            except NonFormattableDict:
                pass
        return _call("Instance", [repr(self.klass), prettify(self.state)])


class Copyreg:
    """An object that a function makes.

    Attributes:
        loadfunc: the whole name of the function.
        state: the tree of its arguments, a tuple.
        rest: trees of what is given to the object then: its state, the members of a sequence as
            a list, those of a mapping as a list of pairs; None for nothing.
    """

    def __init__(self, loadfunc: str, state: Any, *rest: Any) -> None:
        """
        Args:
            loadfunc: and the following: see the attributes.
        """
        self.loadfunc = loadfunc
        self.state = state
        self.rest = rest

    def getSource(self) -> str:
        """Its source."""
        return _call("Copyreg", [repr(self.loadfunc), *map(prettify, (self.state, *self.rest))])


class Ref:
    """An object that can be meant again, by its number.

    Attributes:
        refnum: the number; 0 as long as nothing else means it, and then it is not written.
        obj: its tree.
    """

    def __init__(self, *args: Any) -> None:
        """
        Args:
            args: the number and the tree; or nothing, if they are set later.

        Raises:
            TypeError: one of them is missing, or the number is none.
        """
        self.refnum = 0
        self.obj: Any = None
        if args:
            if len(args) != 2 or type(args[0]) is not int:
                raise TypeError("Ref has a number, and what it is the number of")
            self.refnum, self.obj = args

    def setRef(self, num: int) -> None:
        """Give it a number.

        Raises:
            ValueError: it has one.
        """
        if self.refnum:
            raise ValueError(f"it is number {self.refnum} already, and cannot be {num}")
        self.refnum = num

    def setObj(self, obj: Any) -> None:
        """Say what it is.

        Raises:
            ValueError: that has been said.
        """
        if self.obj is not None:
            raise ValueError("what it is has been said already")
        self.obj = obj

    def getSource(self) -> str:
        """Its source: with the number, if it has one."""
        source = prettify(self.obj)
        return _call("Ref", [str(self.refnum), source]) if self.refnum else source


class Deref:
    """What the `Ref` of that number is of, once more.

    Attributes:
        refnum: the number.
    """

    def __init__(self, num: int) -> None:
        self.refnum = num

    def getSource(self) -> str:
        """Its source."""
        return _call("Deref", [str(self.refnum)])


def _plain(ao: Any) -> Any:
    """What is there, without a number that nobody needs."""
    return ao.obj if isinstance(ao, Ref) and not ao.refnum else ao


def _call(name: str, arguments: list[str]) -> str:
    """The source of a call; what has many lines begins on one of its own."""
    joined = ", ".join(arguments)
    if "\n" not in joined:
        return f"{name}({joined})"
    return f"{name}(\n" + "".join(f"{argument},\n" for argument in arguments) + ")"


def dictToKW(d: Mapping[Any, Any]) -> str:
    """The source of keyword arguments, one on each line, in the order of their names.

    Args:
        d: trees, by name.

    Raises:
        NonFormattableDict: a key is no name, or not one that `Instance` can be given.
    """
    for name in d:
        isName = isinstance(name, str) and name.isascii() and name.isidentifier()
        if not isName or keyword.iskeyword(name) or name in _ARGUMENTS:
            raise NonFormattableDict(f"{name!r} cannot be the name of an argument")
    return "".join(f"{name}={prettify(d[name])},\n" for name in sorted(d))


#: The names that `Instance` has itself.
_ARGUMENTS = ("self", "className", "__stateObj__")


def prettify(obj: Any) -> str:
    """The source of a tree, in lines that are not indented.

    Raises:
        TypeError: there is something in it that no tree has.
    """
    obj = _plain(obj)
    kind = type(obj)
    if obj is ...:
        return "..."
    if kind in LITERALS:
        if kind is int and obj.bit_length() > _LONG_INTEGER:
            return hex(obj)
        return repr(obj)
    if kind is list:
        return _display("[", map(prettify, obj), "]")
    if kind is tuple:
        return _display("(", map(prettify, obj), ")")
    if kind is dict:
        return _display("{", (f"{prettify(k)}:{prettify(v)}" for k, v in obj.items()), "}")
    source = getattr(obj, "getSource", None)
    if source is None:
        raise TypeError(f"{kind.__name__} is no part of a tree: jellyToAOT makes one")
    text: str = source()
    return text


def _display(begin: str, items: Iterable[str], end: str) -> str:
    lines = [f"{item},\n" for item in items]
    return f"{begin}\n{''.join(lines)}{end}" if lines else begin + end


def indentify(s: str) -> str:
    """Indent source by how many brackets are open.

    Args:
        s: one expression or assignment.

    Raises:
        ValueError: more than `MAX_DEPTH` are.
        SyntaxError: it is not Python.
    """
    depth = 0
    depths: dict[int, int] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(s).readline):
            isBracket = token.type == tokenize.OP
            if isBracket and token.string in ("]", ")", "}"):
                depth -= 1
            depths.setdefault(token.start[0], depth)
            if isBracket and token.string in ("[", "(", "{"):
                depth += 1
                if depth > MAX_DEPTH:
                    raise ValueError(f"more than {MAX_DEPTH} brackets: Python cannot read that")
    except tokenize.TokenError as e:
        raise SyntaxError(f"it cannot be indented: {e}")
    lines = enumerate(s.split("\n"), 1)
    return "\n".join(_INDENT * depths.get(number, 0) + line for number, line in lines)


def getSource(ao: Any) -> str:
    """The source of a tree, as `unjellyFromSource` reads it: ``app=...``.

    Raises:
        ValueError: it is nested so deeply that the source could not be read.
    """
    try:
        return indentify(f"app={prettify(ao)}")
    except RecursionError:
        raise ValueError("it is nested too deeply for source")
