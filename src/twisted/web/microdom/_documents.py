"""Elements, and documents of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from twisted.python.util import InsensitiveDict
from twisted.web.microdom._escapes import escape
from twisted.web.microdom._nodes import (
    CDATASection,
    CharacterData,
    Comment,
    EntityReference,
    Node,
    Scope,
    Stream,
    Style,
    Text,
)

__name__ = "twisted.web.microdom"

# Elements that HTML has no end tag for; they are written as ``<br />`` if they are empty.
VOID = frozenset(
    ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "param", "source", "wbr")
)


def _prefixes() -> Iterator[str]:
    number = 0
    while True:
        yield f"p{number}"
        number += 1


#: Makes prefixes for namespaces that have none.
genprefix = _prefixes()


def _walk(node: Any) -> Iterator[Any]:
    """The nodes in a node, or in some, as they are in the document."""
    waiting = list(reversed(node if isinstance(node, list) else node.childNodes))
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(one.childNodes)


def getElementsByTagName(iNode: Any, name: str) -> list[Any]:
    """The elements of a name in a node, or among nodes in a list and in those."""
    return [node for node in _walk(iNode) if node.nodeName == name]


def getElementsByTagNameNoCase(iNode: Any, name: str) -> list[Any]:
    """The elements of a name, whatever its capitals."""
    name = name.lower()
    return [node for node in _walk(iNode) if node.nodeName.lower() == name]


class _Attr(CharacterData):
    """An attribute, as `getAttributeNode` gives it."""


class Document(Node):
    """A document.

    Args:
        documentElement: The element that all others are in.

    Attributes:
        doctype: What it says of its type, or None.
    """

    doctype: str | None = None

    def __init__(self, documentElement: Element | None = None) -> None:
        super().__init__()
        if documentElement is not None:
            self.appendChild(documentElement)

    @property
    def documentElement(self) -> Any:
        """The element that all others are in, or None."""
        return next((node for node in self.childNodes if isinstance(node, Element)), None)

    def appendChild(self, child: Node) -> None:
        """Put the one element into the document, or a comment.

        Raises:
            ValueError: It has an element.
        """
        if isinstance(child, Element) and self.documentElement is not None:
            raise ValueError("Only one element per document.")
        super().appendChild(child)

    def isEqualToDocument(self, n: Document) -> bool:
        """Whether the other has the same type, and equal nodes in it."""
        return self.doctype == n.doctype and Node.isEqualToNode(self, n)

    def isEqualToNode(self, n: Any) -> bool:
        """Whether the other is an equal document."""
        return isinstance(n, Document) and self.isEqualToDocument(n)

    def cloneNode(self, deep: Any = 0, parent: Node | None = None) -> Document:
        copy = Document()
        copy.doctype = self.doctype
        copy.parentNode = parent
        for child in self.childNodes:
            copy.appendChild(child.cloneNode(deep))
        return copy

    def _write(self, stream: Stream, style: Style, indent: str, scope: Scope) -> None:
        stream.write('<?xml version="1.0"?>' + style.newl)
        if self.doctype:
            stream.write(f"<!DOCTYPE {self.doctype}>{style.newl}")
        for child in self.childNodes:
            child._writeIn(stream, style, indent, scope)

    def createElement(self, name: str, **kw: Any) -> Element:
        """A new element; for the other arguments see `Element`."""
        return Element(name, **kw)

    def createTextNode(self, text: str) -> Text:
        """New text."""
        return Text(text)

    def createComment(self, text: str) -> Comment:
        """A new comment."""
        return Comment(text)

    def getElementsByTagName(self, name: str) -> list[Any]:
        """The elements of a name, in any capitals if the document does not tell them apart."""
        root = self.documentElement
        if root is not None and root.caseInsensitive:
            return getElementsByTagNameNoCase(self, name)
        return getElementsByTagName(self, name)

    def getElementById(self, id: str) -> Any:
        """The first element whose attribute `id` is this, or None."""
        for node in _walk(self):
            if isinstance(node, Element) and node.getAttribute("id") == id:
                return node
        return None


class Element(Node):
    """An element.

    Args:
        tagName: Its name.
        attributes: Values by name; a name that is in a namespace may be `(URI, name)`.
        parentNode: What it is in.
        filename, markpos: Where it is from, the latter as line and column.
        caseInsensitive: Whether capitals make no difference.
        preserveCase: Whether they are kept if they make none.
        namespace: The URI of its namespace.

    Attributes:
        nsprefixes: The prefixes that it declares, by the URIs of the namespaces.
    """

    nsprefixes: dict[str, str] = {}
    caseInsensitive: Any = 1
    preserveCase: Any = 0

    def __init__(
        self,
        tagName: str,
        attributes: Mapping[Any, str] | None = None,
        parentNode: Node | None = None,
        filename: str | None = None,
        markpos: tuple[int, int] | None = None,
        caseInsensitive: Any = 1,
        preserveCase: Any = 0,
        namespace: str | None = None,
    ) -> None:
        super().__init__(parentNode)
        self.caseInsensitive = caseInsensitive
        self.preserveCase = preserveCase or not caseInsensitive
        self.tagName = self.nodeName = self.endTagName = self._cased(tagName)
        self.attributes: MutableMapping[Any, str] = (
            InsensitiveDict(preserve=bool(preserveCase)) if caseInsensitive else {}
        )
        self.attributes.update(attributes or {})
        self.namespace = namespace
        self.nsprefixes = {}
        self._filename = filename
        self._markpos = markpos

    def _cased(self, name: str) -> str:
        return name if self.preserveCase else name.lower()

    def addPrefixes(self, pfxs: Mapping[str, str]) -> None:
        """Declare prefixes, given by the URIs of namespaces."""
        self.nsprefixes.update(pfxs)

    def endTag(self, endTagName: str) -> None:
        """Say how its end tag is written."""
        self.endTagName = self._cased(endTagName)

    def isEqualToElement(self, n: Element) -> bool:
        """Whether the other has the same name and attributes; capitals may not count."""
        same = self.nodeName == n.nodeName
        if self.caseInsensitive:
            same = self.nodeName.lower() == n.nodeName.lower()
        return (
            same and self.namespace == n.namespace and dict(self.attributes) == dict(n.attributes)
        )

    def isEqualToNode(self, other: Any) -> bool:
        """Whether the other is an equal element, with equal nodes in it."""
        return (
            isinstance(other, Element)
            and self.isEqualToElement(other)
            and super().isEqualToNode(other)
        )

    def cloneNode(self, deep: Any = 0, parent: Node | None = None) -> Element:
        copy = Element(
            self.tagName,
            self.attributes,
            parent,
            self._filename,
            self._markpos,
            self.caseInsensitive,
            self.preserveCase,
            self.namespace,
        )
        copy.endTagName = self.endTagName
        copy.nsprefixes = dict(self.nsprefixes)
        if deep:
            for child in self.childNodes:
                copy.childNodes.append(child.cloneNode(deep, copy))
        return copy

    # --- Elements and attributes ---

    def getElementsByTagName(self, name: str) -> list[Any]:
        """The elements of a name in this one."""
        if self.caseInsensitive:
            return getElementsByTagNameNoCase(self, name)
        return getElementsByTagName(self, name)

    def hasAttributes(self) -> int:
        """1; an element can have attributes."""
        return 1

    def getAttribute(self, name: Any, default: Any = None) -> Any:
        """The value of an attribute, or `default`."""
        return self.attributes.get(name, default)

    def getAttributeNS(self, ns: str, name: str, default: Any = None) -> Any:
        """The value of an attribute that is in a namespace, or `default`."""
        if (ns, name) in self.attributes:
            return self.attributes[ns, name]
        above: Any = self
        while isinstance(above, Element):
            prefix = above.nsprefixes.get(ns)
            if prefix is not None and f"{prefix}:{name}" in self.attributes:
                return self.attributes[f"{prefix}:{name}"]
            above = above.parentNode
        return default

    def getAttributeNode(self, name: str) -> Any:
        """An attribute as a node, or None."""
        return _Attr(self.attributes[name], self) if name in self.attributes else None

    def hasAttribute(self, name: Any) -> bool:
        """Whether it has an attribute."""
        return name in self.attributes

    def setAttribute(self, name: Any, attr: str) -> None:
        """Set an attribute."""
        self.attributes[name] = attr

    def removeAttribute(self, name: Any) -> None:
        """Take an attribute away, if it is there."""
        self.attributes.pop(name, None)

    # --- Writing ---

    def _write(self, stream: Stream, style: Style, indent: str, scope: Scope) -> None:
        name, attributes, scope = self._declare(scope)
        stream.write(f"<{name}" + "".join(f' {key}="{escape(str(v))}"' for key, v in attributes))
        if not self.childNodes:
            stream.write(" />" if self.tagName.lower() in VOID else f"></{name}>")
            return
        stream.write(">")
        # Spaces may be added where there is no text, and nowhere else.
        inline = (Text, EntityReference, CDATASection)
        pretty = style.newl and not any(isinstance(child, inline) for child in self.childNodes)
        inner = indent + style.addindent
        for child in self.childNodes:
            if pretty:
                stream.write(style.newl + inner)
            child._writeIn(stream, style, inner, scope)
        end = self.endTagName if name == self.tagName else name
        stream.write((style.newl + indent if pretty else "") + f"</{end}>")

    def _declare(self, scope: Scope) -> tuple[str, list[tuple[str, str]], Scope]:
        """The name and attributes as they are written in a scope, and the scope within."""
        prefixes, default = dict(scope.prefixes), scope.default
        declared = {uri: p for uri, p in self.nsprefixes.items() if prefixes.get(uri) != p}
        prefixes |= declared
        name, attributes = self.tagName, []
        if self.namespace and self.namespace != default:
            if self.namespace in prefixes and ":" not in name:
                name = f"{prefixes[self.namespace]}:{name}"
            elif ":" not in name or self.namespace not in prefixes:
                default = self.namespace
                attributes.append(("xmlns", default))
        for key, value in self.attributes.items():
            if isinstance(key, tuple):
                uri, local = key
                if uri not in prefixes:
                    prefixes[uri] = declared[uri] = next(genprefix)
                attributes.append((f"{prefixes[uri]}:{local}", value))
            else:
                attributes.append((key, value))
        attributes += [(f"xmlns:{prefix}", uri) for uri, prefix in declared.items()]
        return name, attributes, Scope(prefixes, default)

    def __repr__(self) -> str:
        said = f"Element({self.nodeName!r}"
        if self.attributes:
            said += f", attributes={dict(self.attributes)!r}"
        if self._filename is not None:
            said += f", filename={self._filename!r}"
        if self._markpos is not None:
            said += f", markpos={self._markpos!r}"
        return said + ")"

    def __str__(self) -> str:
        place = (
            f"{self._filename!r} line {self._markpos[0]} column {self._markpos[1]}"
            if (self._markpos)
            else f"{self._filename!r}"
        )
        attributes = "".join(f" {key}={value!r}" for key, value in self.attributes.items())
        end = f">...</{self.endTagName}>" if self.childNodes else " />"
        return (
            f"<{self.nodeName} ({place}){attributes}{end}"
            if self._filename
            else (f"<{self.nodeName}{attributes}{end}")
        )


class lmx:
    """Elements made by calling for them: ``lmx("html").body(bgcolor="red").p().text("Hello")``.

    Any name that is asked for is a method that adds an element of that name, with the arguments for
    attributes, and gives an `lmx` of it.

    Args:
        node: The element, or a name for a new one.

    Attributes:
        node: The element.
    """

    def __init__(self, node: Element | str = "div") -> None:
        self.node = Element(node) if isinstance(node, str) else node

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda **kw: self.add(name, **kw)

    def __setitem__(self, key: str, val: Any) -> None:
        self.node.setAttribute(key, str(val))

    def __getitem__(self, key: str) -> Any:
        return self.node.getAttribute(key)

    def text(self, txt: str, raw: Any = 0) -> lmx:
        """Add text, and give this; `raw` is for text that is markup."""
        self.node.appendChild(Text(txt, raw=raw))
        return self

    def add(self, tagName: str, **kw: Any) -> lmx:
        """Add an element, and give an `lmx` of it.

        Args:
            tagName: Its name.
            kw: Its attributes.
        """
        element = Element(tagName, caseInsensitive=0, preserveCase=0)
        self.node.appendChild(element)
        made = lmx(element)
        for name, value in kw.items():
            made[name] = value
        return made
