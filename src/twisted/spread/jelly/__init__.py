"""Jelly: objects as expressions, which Banana carries, and what a peer may make here.

An expression is a byte string, an integer or a float, or a list whose first element names a type:
`["unicode", "hello"]`, `["tuple", 1, 2]`, `["reference", 1, …]`.  Nothing is ever made of an
expression that was not registered (`setUnjellyableForClass` and its kin) or allowed
(`SecurityOptions`); nothing is unpickled, and nobody's `__init__` is called.

Reading with the default `taster` allows everything, and is for one's own data only: Perspective
Broker reads with `globalSecurity`.
"""

from twisted.spread.jelly._reading import Unpersistable, unjelly
from twisted.spread.jelly._registry import (
    Jellyable,
    Unjellyable,
    getInstanceState,
    setInstanceState,
    setUnjellyableFactoryForClass,
    setUnjellyableForClass,
    setUnjellyableForClassTree,
    unjellyableFactoryRegistry,
    unjellyableRegistry,
)
from twisted.spread.jelly._security import (
    DummySecurityOptions,
    InsecureJelly,
    SecurityOptions,
    globalSecurity,
)
from twisted.spread.jelly._writing import jelly

#: Types as they are named in expressions.
None_atom = b"None"
class_atom = b"class"
module_atom = b"module"
function_atom = b"function"
dereference_atom = b"dereference"
persistent_atom = b"persistent"
unpersistable_atom = b"unpersistable"
reference_atom = b"reference"
dictionary_atom = b"dictionary"
list_atom = b"list"
set_atom = b"set"
tuple_atom = b"tuple"
instance_atom = b"instance"
frozenset_atom = b"frozenset"

#: What is written as a dictionary.
DictTypes = (dict,)

__all__ = [
    "DictTypes",
    "DummySecurityOptions",
    "InsecureJelly",
    "Jellyable",
    "None_atom",
    "SecurityOptions",
    "Unjellyable",
    "Unpersistable",
    "class_atom",
    "dereference_atom",
    "dictionary_atom",
    "frozenset_atom",
    "function_atom",
    "getInstanceState",
    "globalSecurity",
    "instance_atom",
    "jelly",
    "list_atom",
    "module_atom",
    "persistent_atom",
    "reference_atom",
    "set_atom",
    "setInstanceState",
    "setUnjellyableFactoryForClass",
    "setUnjellyableForClass",
    "setUnjellyableForClassTree",
    "tuple_atom",
    "unjelly",
    "unjellyableFactoryRegistry",
    "unjellyableRegistry",
    "unpersistable_atom",
]
