"""Objects as XML: the trees of `aot`, with an element for each part.

::

    <marmalade version="1">
      <instance class="finger.Service">
        <dict>
          <item><string>name</string><string>finger</string></item>
        </dict>
      </instance>
    </marmalade>

To load XML is to run what its author wants to be run, as it is with the source of `aot`.  Document
types, and with them entities, are refused.
"""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Callable
from typing import IO, Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from twisted.persisted.aot import (
    Class,
    Copyreg,
    Deref,
    Function,
    Instance,
    InstanceMethod,
    Module,
    NoStateObj,
    Ref,
    jellyToAOT,
    unjellyFromAOT,
)

__all__ = ["jellyToXML", "unjellyFromXML"]

_ROOT = "marmalade"
_VERSION = "1"

#: What an XML document cannot have, or what its readers change: these texts are written as Python
#: writes them.
_UNWRITABLE = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def jellyToXML(obj: Any, file: IO[str] | None = None) -> str | None:
    """An object as XML.

    Args:
        obj: what `aot.AOTJellier.jelly` takes.
        file: what to write the text to, instead of returning it.

    Raises:
        TypeError: there is something that cannot be taken apart.
        ValueError: it is nested too deeply.
    """
    root = Element(_ROOT, version=_VERSION)
    try:
        root.append(_elementOf(jellyToAOT(obj)))
        ElementTree.indent(root)
        text = ElementTree.tostring(root, encoding="unicode") + "\n"
    except RecursionError:
        raise ValueError("it is nested too deeply for XML")
    if file is None:
        return text
    file.write(text)
    return None


def unjellyFromXML(stringOrFile: str | bytes | IO[Any]) -> Any:
    """The object of some XML.

    Args:
        stringOrFile: the document, or a file with it.

    Raises:
        ValueError: it is not that of an object; the text says why, or ``__cause__`` does.
    """
    text: str | bytes
    text = stringOrFile if isinstance(stringOrFile, str | bytes) else stringOrFile.read()
    try:
        root = ElementTree.fromstring(text, ElementTree.XMLParser(target=_Builder()))
    except (ElementTree.ParseError, UnicodeError, LookupError, RecursionError) as e:
        raise ValueError(f"the XML cannot be read: {e}") from e
    if root.tag != _ROOT or root.get("version") != _VERSION or len(root) != 1:
        raise ValueError(f"the XML is no <{_ROOT} version='{_VERSION}'> of one object")
    try:
        tree = _treeOf(root[0])
    except RecursionError:
        raise ValueError("the XML is nested too deeply")
    return unjellyFromAOT(tree)


class _Builder(ElementTree.TreeBuilder):
    """Refuses what can make much of little."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("the XML has a document type, which is not allowed")


# --- Trees to elements ---


def _text(tag: str, text: str, **attributes: str) -> Element:
    element = Element(tag, attributes)
    element.text = text
    return element


def _with(tag: str, parts: Any, **attributes: str) -> Element:
    element = Element(tag, attributes)
    element.extend([_elementOf(part) for part in parts])
    return element


def _string(value: str) -> Element:
    # White space at the ends, or alone, would be lost as the document is indented.
    if _UNWRITABLE.search(value) or value != value.strip():
        return _text("string", ascii(value), form="python")
    return _text("string", value)


def _dict(value: dict[Any, Any]) -> Element:
    element = Element("dict")
    element.extend([_with("item", pair) for pair in value.items()])
    return element


def _instance(value: Instance) -> Element:
    parts = [] if value.state is NoStateObj else [value.state]
    return _with("instance", parts, **{"class": value.klass})


def _method(value: InstanceMethod) -> Element:
    return _with("method", [value.instance], name=value.name, **{"class": value.klass})


def _copyreg(value: Copyreg) -> Element:
    return _with("copyreg", [value.state, *value.rest], function=value.loadfunc)


def _ref(value: Ref) -> Element:
    if not value.refnum:
        return _elementOf(value.obj)
    return _with("ref", [value.obj], id=str(value.refnum))


_WRITERS: dict[type[Any], Callable[[Any], Element]] = {
    type(None): lambda value: Element("none"),
    type(...): lambda value: Element("ellipsis"),
    bool: lambda value: _text("bool", str(value)),
    # In hexadecimal digits, since Python refuses decimal numbers that are too long.
    int: lambda value: _text("int", str(value) if value.bit_length() < 64 else hex(value)),
    float: lambda value: _text("float", repr(value)),
    complex: lambda value: _text("complex", f"{value.real!r} {value.imag!r}"),
    str: _string,
    bytes: lambda value: _text("bytes", base64.b64encode(value).decode("ascii")),
    list: lambda value: _with("list", value),
    tuple: lambda value: _with("tuple", value),
    dict: _dict,
    Class: lambda value: Element("class", name=value.name),
    Function: lambda value: Element("function", name=value.name),
    Module: lambda value: Element("module", name=value.name),
    Instance: _instance,
    InstanceMethod: _method,
    Copyreg: _copyreg,
    Ref: _ref,
    Deref: lambda value: Element("deref", id=str(value.refnum)),
}


def _elementOf(tree: Any) -> Element:
    return _WRITERS[type(tree)](tree)


# --- Elements to trees ---


def _treeOf(element: Element) -> Any:
    """The tree that an element shows.

    Raises:
        ValueError: it shows none.
    """
    reader = _READERS.get(element.tag)
    if reader is None:
        raise ValueError(f"<{element.tag}> is not the element of an object")
    return reader(element)


def _parts(element: Element, *counts: int) -> list[Any]:
    """The trees of the elements in an element, of which there must be one of these numbers."""
    if counts and len(element) not in counts:
        raise ValueError(f"<{element.tag}> has {len(element)} elements in it")
    return [_treeOf(child) for child in element]


def _named(element: Element, attribute: str) -> str:
    value = element.get(attribute)
    if not value:
        raise ValueError(f"<{element.tag}> has no {attribute}")
    return value


def _whole(element: Element) -> str:
    if len(element):
        raise ValueError(f"<{element.tag}> has elements in it, where text is expected")
    return element.text or ""


def _readString(element: Element) -> str:
    text = _whole(element)
    if element.get("form") != "python":
        return text
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        value = None
    if not isinstance(value, str):
        raise ValueError("<string form='python'> has no literal of a string in it")
    return value


def _readDict(element: Element) -> dict[Any, Any]:
    made = {}
    for item in element:
        if item.tag != "item":
            raise ValueError(f"<{item.tag}> in a <dict>, where there are items only")
        key, value = _parts(item, 2)
        try:
            made[key] = value
        except TypeError:
            raise ValueError(f"<{item[0].tag}> cannot be the key of a dictionary")
    return made


def _readBool(element: Element) -> bool:
    try:
        return {"True": True, "False": False}[_whole(element)]
    except KeyError:
        raise ValueError("<bool> is neither True nor False")


def _readComplex(element: Element) -> complex:
    real, imaginary = map(float, _whole(element).split())
    return complex(real, imaginary)


def _readInstance(element: Element) -> Instance:
    return Instance(_named(element, "class"), *_parts(element, 0, 1))


def _readMethod(element: Element) -> InstanceMethod:
    return InstanceMethod(_named(element, "name"), _named(element, "class"), *_parts(element, 1))


def _readNamed(kind: Callable[[str], Any]) -> Callable[[Element], Any]:
    return lambda element: kind(_named(element, "name"))


_READERS: dict[str, Callable[[Element], Any]] = {
    "none": lambda element: None,
    "ellipsis": lambda element: ...,
    "bool": _readBool,
    "int": lambda element: int(_whole(element), 0),
    "float": lambda element: float(_whole(element)),
    "complex": _readComplex,
    "string": _readString,
    "bytes": lambda element: base64.b64decode(_whole(element), validate=True),
    "list": _parts,
    "tuple": lambda element: tuple(_parts(element)),
    "dict": _readDict,
    "class": _readNamed(Class),
    "function": _readNamed(Function),
    "module": _readNamed(Module),
    "instance": _readInstance,
    "method": _readMethod,
    "copyreg": lambda element: Copyreg(_named(element, "function"), *_parts(element, 1, 2, 3, 4)),
    "ref": lambda element: Ref(int(_named(element, "id")), *_parts(element, 1)),
    "deref": lambda element: Deref(int(_named(element, "id"))),
}
