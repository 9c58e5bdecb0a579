"""Source read, into trees: by Python's parser, and without running it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable
from typing import IO, Any

from twisted.persisted.aot._making import unjellyFromAOT
from twisted.persisted.aot._tree import (
    Class,
    Copyreg,
    Deref,
    Function,
    Instance,
    InstanceMethod,
    Module,
    Ref,
)

__name__ = "twisted.persisted.aot"  # the public path, for pickles and messages

#: What the source assigns the tree to.
_VARIABLE = "app"

#: All that can be called.
_CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    constructor.__name__: constructor
    for constructor in (Class, Copyreg, Deref, Function, Instance, InstanceMethod, Module, Ref)
}
#: How Python writes numbers that have no literals.
_NUMBERS: dict[str, complex] = {
    "inf": float("inf"),
    "nan": float("nan"),
    "infj": complex(0, float("inf")),
    "nanj": complex(0, float("nan")),
}
#: What the names of these constructors' attributes are to be: those of trees can be anything.
_NAMES = ("name", "klass", "loadfunc")


def unjellyFromSource(stringOrFile: str | IO[str]) -> Any:
    """The object of some source.

    Args:
        stringOrFile: the source, or a file of text with it.

    Raises:
        ValueError: it is not the source of an object; the text says where, or ``__cause__`` does.
    """
    source = stringOrFile if isinstance(stringOrFile, str) else stringOrFile.read()
    return unjellyFromAOT(_treeOf(source))


def _treeOf(source: str) -> Any:
    try:
        statements = ast.parse(source).body
    except (SyntaxError, RecursionError, MemoryError) as e:
        raise ValueError(f"the source cannot be read: {e}") from e
    found: list[Any] = []
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name == _VARIABLE:
                found = [value]
            case _:
                raise _error(statement, f"only '{_VARIABLE} = ...' is expected")
    if not found:
        raise ValueError(f"the source needs to define {_VARIABLE!r}, and does not")
    try:
        return _tree(found[0])
    except RecursionError:
        raise ValueError("the source is nested too deeply")


def _error(node: Any, why: str) -> ValueError:
    return ValueError(f"line {node.lineno}: {why}")


def _tree(node: ast.expr) -> Any:
    """The tree that an expression shows."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=items):
            return [_tree(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple([_tree(item) for item in items])
        case ast.Dict(keys=keys, values=values):
            return {_key(node, key): _tree(v) for key, v in zip(keys, values, strict=True)}
        case ast.Call(func=ast.Name(id=name)) if name in _CONSTRUCTORS:
            return _called(node, _CONSTRUCTORS[name])
        case ast.Name(id=name) if name in _NUMBERS:
            return _NUMBERS[name]
        case ast.UnaryOp() | ast.BinOp():
            return _number(node)
    raise _error(node, f"{ast.unparse(node)[:60]!r} is no part of a tree")


def _key(where: ast.Dict, node: ast.expr | None) -> Any:
    key = None if node is None else _tree(node)
    try:
        if node is not None and isinstance(key, Hashable):
            hash(key)
            return key
    except TypeError:
        pass
    raise _error(where, "a key of this dictionary is none")


def _number(node: ast.expr) -> Any:
    """A number with a sign, or a complex one, which Python writes as a sum."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _number(left) + _number(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _number(left) - _number(right)
        case ast.Constant(value=int() | float() | complex() as value) if type(value) is not bool:
            return value
        case ast.Name(id=name) if name in _NUMBERS:
            return _NUMBERS[name]
    raise _error(node, f"{ast.unparse(node)[:60]!r} is no number")


def _called(node: Any, constructor: Callable[..., Any]) -> Any:
    positional = [_tree(argument) for argument in node.args]
    named = {argument.arg: _tree(argument.value) for argument in node.keywords}
    try:
        made = constructor(*positional, **named)
    except TypeError as e:
        raise _error(node, str(e))
    for attribute in _NAMES:
        if type(getattr(made, attribute, "")) is not str:
            raise _error(node, f"{constructor.__name__} needs a name in quotes")
    if type(getattr(made, "refnum", 0)) is not int:
        raise _error(node, f"{constructor.__name__} needs a number")
    return made
