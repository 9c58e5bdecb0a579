"""What a peer may name: types, modules and classes that are allowed."""

from __future__ import annotations

from typing import Any

from twisted.python.reflect import qual

__name__ = "twisted.spread.jelly"  # the public path, for pickles and messages


class InsecureJelly(Exception):
    """An expression names what is not allowed here, or is none; or an object may not be sent."""


def _bytes(name: str | bytes) -> bytes:
    return name.encode() if isinstance(name, str) else name


class SecurityOptions:
    """What may be made of expressions that others send: nothing is, that is not listed here.

    Immutable values (None, booleans, numbers, strings, sets of them, dates) are always allowed.

    Attributes:
        allowedTypes: names of types; dotted ones are names of classes, and are looked up below.
        allowedModules: names of modules.
        allowedClasses: classes, by themselves.
    """

    basicTypes = [
        "dictionary",
        "list",
        "tuple",
        "reference",
        "dereference",
        "unpersistable",
        "persistent",
        "long_int",
        "long",
        "dict",
    ]

    def __init__(self) -> None:
        self.allowedTypes: set[bytes] = {
            b"None",
            b"NoneType",
            b"bool",
            b"boolean",
            b"bytes",
            b"date",
            b"datetime",
            b"decimal",
            b"float",
            b"frozenset",
            b"int",
            b"set",
            b"str",
            b"string",
            b"time",
            b"timedelta",
            b"unicode",
        }
        self.allowedModules: set[bytes] = set()
        self.allowedClasses: set[type] = set()

    def allowBasicTypes(self) -> None:
        """Allow lists, tuples, dictionaries, and references to what came before."""
        self.allowTypes(*self.basicTypes)

    def allowTypes(self, *types: str | bytes | type) -> None:
        """Allow types.

        Args:
            *types: names as they are sent, or classes: their dotted names are meant then.
        """
        for kind in types:
            self.allowedTypes.add(_bytes(qual(kind) if isinstance(kind, type) else kind))

    def allowInstancesOf(self, *classes: type) -> None:
        """Allow instances of classes, and the modules that these are in to be named.

        Their state is put into `__dict__`, or given to `__setstate__`; `__init__` is not called.
        """
        self.allowBasicTypes()
        self.allowTypes("instance", "class", "classobj", "module")
        for cls in classes:
            self.allowTypes(cls)
            self.allowModules(cls.__module__)
            self.allowedClasses.add(cls)

    def allowModules(self, *modules: Any) -> None:
        """Allow modules, and with that what is in them to be looked up (not to be made).

        Args:
            *modules: modules or their names.
        """
        for module in modules:
            name = module if isinstance(module, (str, bytes)) else module.__name__
            self.allowedModules.add(_bytes(name))

    def isModuleAllowed(self, moduleName: str | bytes) -> bool:
        """Whether a module may be named."""
        return _bytes(moduleName) in self.allowedModules

    def isClassAllowed(self, klass: type) -> bool:
        """Whether there may be instances of this very class."""
        return klass in self.allowedClasses

    def isTypeAllowed(self, typeName: str | bytes) -> bool:
        """Whether this may be the type of an expression.

        A dotted name may: it names a class, which has to be registered or allowed.
        """
        name = _bytes(typeName)
        return name in self.allowedTypes or b"." in name


class DummySecurityOptions:
    """Everything is allowed: for expressions that this program made and kept to itself."""

    def isModuleAllowed(self, moduleName: str | bytes) -> bool:
        """Whether a module may be named: yes."""
        return True

    def isClassAllowed(self, klass: type) -> bool:
        """Whether there may be instances of a class: yes."""
        return True

    def isTypeAllowed(self, typeName: str | bytes) -> bool:
        """Whether this may be the type of an expression: yes."""
        return True


#: What Perspective Broker allows its peers, unless a factory says otherwise.
globalSecurity = SecurityOptions()
globalSecurity.allowBasicTypes()
