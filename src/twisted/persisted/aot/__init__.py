"""Objects as source: an abstract object tree (AOT) that can be read, edited, and loaded again.

::

    app=Instance('finger.Service',
      name='finger',
      users={
        b'moshez':b'Happy and well',
        },
      )

The source looks like Python and is read as such, but it is not run: of Python there are literals,
and calls of the constructors `Instance`, `InstanceMethod`, `Class`, `Function`, `Module`,
`Copyreg`, `Ref` and `Deref`; all else is a `ValueError`.  Yet to load a tree imports the modules,
makes objects of the classes and calls the functions that it names: *to load it is to run what its
author wants to be run*, as it is with a pickle.
"""

from tokenize import generate_tokens as tokenize

from twisted.persisted.aot._making import AOTUnjellier, unjellyFromAOT
from twisted.persisted.aot._reading import unjellyFromSource
from twisted.persisted.aot._taking import AOTJellier, jellyToAOT, jellyToSource
from twisted.persisted.aot._tree import (
    Class,
    Copyreg,
    Deref,
    Function,
    Instance,
    InstanceMethod,
    Module,
    Named,
    NonFormattableDict,
    NoStateObj,
    Ref,
    dictToKW,
    getSource,
    indentify,
    prettify,
)

__all__ = [
    "AOTJellier",
    "AOTUnjellier",
    "Class",
    "Copyreg",
    "Deref",
    "Function",
    "Instance",
    "InstanceMethod",
    "Module",
    "Named",
    "NoStateObj",
    "NonFormattableDict",
    "Ref",
    "dictToKW",
    "getSource",
    "indentify",
    "jellyToAOT",
    "jellyToSource",
    "prettify",
    "tokenize",
    "unjellyFromAOT",
    "unjellyFromSource",
]
