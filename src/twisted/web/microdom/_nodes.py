"""Nodes of documents: what they have in common, and those that have no other nodes in them."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Any, NamedTuple, Protocol

from twisted.web._escaping import escapedComment
from twisted.web.microdom._escapes import HTML_ESCAPE_CHARS, escape

__name__ = "twisted.web.microdom"


class Stream(Protocol):
    """What documents are written to."""

    def write(self, text: str, /) -> object: ...


class Style(NamedTuple):
    """How a document is written."""

    addindent: str
    newl: str
    strip: bool


class Scope(NamedTuple):
    """The namespaces that are known at a place: prefixes by URIs, and that without a prefix."""

    prefixes: dict[str, str]
    default: str


class Node:
    """A part of a document.

    Attributes:
        parentNode: What it is in, or None.
        childNodes: What is in it.
    """

    nodeName = "Node"

    def __init__(self, parentNode: Node | None = None) -> None:
        self.parentNode = parentNode
        self.childNodes: list[Any] = []

    def isEqualToNode(self, other: Any) -> bool:
        """Whether another node has equal nodes in it, in the same order."""
        mine, theirs = self.childNodes, getattr(other, "childNodes", None)
        if theirs is None or len(mine) != len(theirs):
            return False
        # A loop, since `all` of a generator would be another call for each level.
        for one, another in zip(mine, theirs, strict=True):  # noqa: SIM110
            if not one.isEqualToNode(another):
                return False
        return True

    def writexml(
        self,
        stream: Stream,
        indent: str = "",
        addindent: str = "",
        newl: str = "",
        strip: Any = 0,
        nsprefixes: Mapping[str, str] | None = None,
        namespace: str | None = "",
    ) -> None:
        """Write the node as XML.

        Args:
            stream: What it is written to, by `write`.
            indent: What comes before it, at the beginning of a line.
            addindent: What comes before what is in it, in addition.
            newl: The end of a line.
            strip: Whether spaces at the ends of text are left out, and others made one.
            nsprefixes: The prefixes of namespaces that are known around it, by their URIs.
            namespace: That of names without a prefix around it.
        """
        style = Style(addindent, newl, bool(strip))
        self._write(stream, style, indent, Scope(dict(nsprefixes or {}), namespace or ""))

    def _write(self, stream: Stream, style: Style, indent: str, scope: Scope) -> None:
        raise NotImplementedError(f"{type(self).__name__} cannot be written")

    def _writeIn(self, stream: Stream, style: Style, indent: str, scope: Scope) -> None:
        """Write a node that is in another. Programs' own nodes have their own `writexml`."""
        if type(self).writexml is Node.writexml:
            self._write(stream, style, indent, scope)
        else:
            self.writexml(stream, indent, *style, scope.prefixes, scope.default)

    def toxml(
        self,
        indent: str = "",
        addindent: str = "",
        newl: str = "",
        strip: Any = 0,
        nsprefixes: Mapping[str, str] | None = None,
        namespace: str | None = "",
    ) -> str:
        """The node as XML; for the arguments see `writexml`."""
        stream = StringIO()
        self.writexml(stream, indent, addindent, newl, strip, nsprefixes, namespace)
        return stream.getvalue()

    def writeprettyxml(
        self,
        stream: Stream,
        indent: str = "",
        addindent: str = " ",
        newl: str = "\n",
        strip: Any = 0,
    ) -> None:
        """Write the node as XML with an element to a line, where that changes no text."""
        self.writexml(stream, indent, addindent, newl, strip)

    def toprettyxml(
        self, indent: str = "", addindent: str = " ", newl: str = "\n", strip: Any = 0
    ) -> str:
        """The node as XML with an element to a line, where that changes no text."""
        return self.toxml(indent, addindent, newl, strip)

    def cloneNode(self, deep: Any = 0, parent: Node | None = None) -> Node:
        """A copy of the node.

        Args:
            deep: Whether what is in it is copied, or left out.
            parent: What the copy is in.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot be copied")

    def hasChildNodes(self) -> bool:
        """Whether anything is in it."""
        return bool(self.childNodes)

    def appendChild(self, child: Node) -> None:
        """Put a node at the end of this one; it is taken from where it was.

        Raises:
            TypeError: This is no node.
        """
        self._adopt(child)
        self.childNodes.append(child)

    def insertBefore(self, new: Node, ref: Node | None) -> Node:
        """Put a node before another that is in this one, or at the end if that is None.

        Raises:
            TypeError: This is no node.
            ValueError: The other is not in this one.
        """
        if ref is not None:
            self._index(ref)
        self._adopt(new)
        at = len(self.childNodes) if ref is None else self._index(ref)
        self.childNodes.insert(at, new)
        return new

    def removeChild(self, child: Node) -> Node:
        """Take a node out of this one, if it is in it."""
        if any(child is one for one in self.childNodes):
            del self.childNodes[self._index(child)]
            child.parentNode = None
        return child

    def replaceChild(self, newChild: Node, oldChild: Node) -> None:
        """Put a node in the place of another.

        Raises:
            ValueError: The other is not in this one.
        """
        self.insertBefore(newChild, oldChild)
        self.removeChild(oldChild)

    def lastChild(self) -> Any:
        """The last node in it.

        Raises:
            IndexError: There is none.
        """
        return self.childNodes[-1]

    def firstChild(self) -> Any:
        """The first node in it, or None."""
        return self.childNodes[0] if self.childNodes else None

    def _index(self, child: Node) -> int:
        for at, one in enumerate(self.childNodes):
            if one is child:
                return at
        raise ValueError(f"{child!r} is not a child of this node")

    def _adopt(self, child: Any) -> None:
        if not isinstance(child, Node):
            raise TypeError(f"expected Node instance, not {child!r}; text is made one with Text()")
        above: Node | None = self
        while above is not None:
            if above is child:
                raise ValueError("a node cannot be put into itself")
            above = above.parentNode
        if child.parentNode is not None:
            child.parentNode.removeChild(child)
        child.parentNode = self


class CharacterData(Node):
    """Text of some kind.

    Attributes:
        data, nodeValue, value: The text.
    """

    def __init__(self, data: str, parentNode: Node | None = None) -> None:
        super().__init__(parentNode)
        self.value = self.data = self.nodeValue = data

    def isEqualToCharacterData(self, n: CharacterData) -> bool:
        """Whether the other has the same text."""
        return self.value == n.value

    def isEqualToNode(self, n: Any) -> bool:
        """Whether the other is of the same kind, and has the same text."""
        return type(n) is type(self) and self.isEqualToCharacterData(n)


class Text(CharacterData):
    """Text.

    Args:
        data: The text.
        parentNode: What it is in.
        raw: Whether it is written as it is, being markup. Never for what others have said.
    """

    def __init__(self, data: str, parentNode: Node | None = None, raw: Any = 0) -> None:
        super().__init__(data, parentNode)
        self.raw = raw

    def isEqualToNode(self, other: Any) -> bool:
        """Whether the other is as much markup as this, and has the same text."""
        return super().isEqualToNode(other) and bool(self.raw) == bool(other.raw)

    def cloneNode(self, deep: Any = 0, parent: Node | None = None) -> Text:
        return Text(self.nodeValue, parent, self.raw)

    def _write(self, stream: Stream, style: Style, indent: str, scope: Scope) -> None:
        text = self.nodeValue
        if not self.raw:
            text = escape(" ".join(text.split()) if style.strip else text, HTML_ESCAPE_CHARS[:3])
        stream.write(text)

    def __repr__(self) -> str:
        return f"Text({self.nodeValue!r})"


class EntityReference(Node):
    """A reference to an entity or a character: ``&nbsp;``.

    Args:
        eref: Its name, ``nbsp``.
    """

    def __init__(self, eref: str, parentNode: Node | None = None) -> None:
        super().__init__(parentNode)
        self.eref = eref
        self.nodeValue = self.data = f"&{eref};"

    def isEqualToEntityReference(self, n: EntityReference) -> bool:
        """Whether the other is a reference to the same."""
        return self.eref == n.eref

    def isEqualToNode(self, n: Any) -> bool:
        """Whether the other is a reference to the same."""
        return isinstance(n, EntityReference) and self.isEqualToEntityReference(n)

    def _write(self, stream: Stream, style: Style, indent: str, scope: Scope) -> None:
        stream.write(self.nodeValue)

    def cloneNode(self, deep: Any = 0, parent: Node | None = None) -> EntityReference:
        return EntityReference(self.eref, parent)


class CDATASection(CharacterData):
    """Text in which nothing is markup: ``<![CDATA[...]]>``."""

    def cloneNode(self, deep: Any = 0, parent: Node | None = None) -> CDATASection:
        return CDATASection(self.nodeValue, parent)

    def _write(self, stream: Stream, style: Style, indent: str, scope: Scope) -> None:
        text = self.nodeValue.replace("]]>", "]]]]><![CDATA[>")
        stream.write(f"<![CDATA[{text}]]>")


class Comment(CharacterData):
    """A comment."""

    def _write(self, stream: Stream, style: Style, indent: str, scope: Scope) -> None:
        stream.write(escapedComment(self.data))

    def cloneNode(self, deep: Any = 0, parent: Node | None = None) -> Comment:
        return Comment(self.nodeValue, parent)
