"""Loading templates, from tags or from XML."""

from __future__ import annotations

from typing import IO, Any
from xml.parsers import expat

from twisted.python.filepath import FilePath
from twisted.web.template._nodes import CDATA, Comment, Tag, slot

__name__ = "twisted.web.template"

TEMPLATE_NAMESPACE = "http://twistedmatrix.com/ns/twisted.web.template/0.1"
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"

# How deep elements may be in each other. Templates that people write are 20 deep; one that is made
# by a program, and does not end, is caught by this.
MAX_DEPTH = 1000

# What the parser puts between a namespace and a name; no name has one.
_BETWEEN = "\n"


class TagLoader:
    """A template that is made of tags, or of anything else that may be in a page.

    Args:
        tag: The template.
    """

    def __init__(self, tag: Any) -> None:
        self.tag = tag

    def load(self) -> list[Any]:
        """The template, in a list."""
        return [self.tag]


class XMLString:
    """A template that is given as XML.

    Args:
        s: The template, as text or as bytes.

    Raises:
        xml.parsers.expat.ExpatError: This is not well-formed.
        ValueError: It is not a template: it declares entities, which is how small documents grow
            big, or uses the namespace of templates in a way that means nothing.
    """

    def __init__(self, s: str | bytes) -> None:
        self._loaded = _Builder(None).build(s)

    def load(self) -> list[Any]:
        """The template: a list of tags, the same each time."""
        return self._loaded


class XMLFile:
    """A template in a file, which is XML.  It is read when it is first needed, and once.

    Args:
        path: The file: a `FilePath`, a path, or an object to read from.

    Raises:
        As `XMLString`, and `OSError`, when it is loaded.
    """

    def __init__(self, path: FilePath[Any] | str | IO[Any]) -> None:
        self._path = path
        self._loaded: list[Any] | None = None

    def __repr__(self) -> str:
        return f"<XMLFile of {self._path!r}>"

    def load(self) -> list[Any]:
        """The template: a list of tags, the same each time."""
        if self._loaded is None:
            path = self._path
            if isinstance(path, FilePath):
                name, text = path.path, path.getContent()
            elif isinstance(path, str):
                name, text = path, FilePath(path).getContent()
            else:
                name, text = getattr(path, "name", None), path.read()
            if isinstance(name, bytes):
                name = name.decode("utf-8", "replace")
            self._loaded = _Builder(name).build(text)
        return self._loaded


class _Builder:
    """Makes tags of what the parser of the standard library finds in a template.

    Args:
        filename: Where the template is from, for errors.
    """

    def __init__(self, filename: str | None) -> None:
        self._filename = filename
        self._parser = parser = expat.ParserCreate(namespace_separator=_BETWEEN)
        # What is being built, and in which prefixes go for which namespaces.
        self._top: list[Any] = []
        self._open: list[Tag | slot] = []
        self._prefixes: dict[str, list[str | None]] = {_XML_NAMESPACE: ["xml"]}
        self._declared: list[tuple[str | None, str]] = []
        self._section: list[str] | None = None
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = self._comment
        parser.StartCdataSectionHandler = self._startSection
        parser.EndCdataSectionHandler = self._endSection
        parser.StartNamespaceDeclHandler = self._startNamespace
        parser.EndNamespaceDeclHandler = self._endNamespace
        parser.EntityDeclHandler = self._entity
        parser.ExternalEntityRefHandler = self._entity

    def build(self, text: str | bytes) -> list[Any]:
        """The template, in a list."""
        self._parser.Parse(text, True)
        return self._top

    def _error(self, said: str) -> ValueError:
        parser = self._parser
        where = f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber}"
        return ValueError(f"{self._filename or 'the template'}, {where}: {said}")

    @property
    def _place(self) -> tuple[str | None, int, int]:
        return self._filename, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber

    def _add(self, node: Any) -> None:
        (self._open[-1].children if self._open else self._top).append(node)

    # --- What the parser has found ---

    def _entity(self, *_: Any) -> int:
        raise self._error("a template cannot declare entities")

    def _startNamespace(self, prefix: str | None, uri: str | None) -> None:
        if uri is None:
            return
        self._prefixes.setdefault(uri, []).append(prefix)
        if uri != TEMPLATE_NAMESPACE:
            self._declared.append((prefix, uri))

    def _endNamespace(self, prefix: str | None) -> None:
        for prefixes in self._prefixes.values():
            if prefixes and prefixes[-1] == prefix:
                prefixes.pop()
                break

    def _named(self, name: str) -> tuple[str | None, str]:
        """The namespace of a name, and what it is in the template."""
        uri, between, local = name.rpartition(_BETWEEN)
        if not between:
            return None, name
        prefix = self._prefixes[uri][-1]
        return uri, local if prefix is None else f"{prefix}:{local}"

    def _start(self, name: str, attributes: list[str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise self._error(f"elements are more than {MAX_DEPTH} deep in each other")
        found: dict[str | bytes, Any] = {}
        render = None
        for called, value in zip(attributes[::2], attributes[1::2], strict=True):
            uri, local = self._named(called)
            if uri != TEMPLATE_NAMESPACE:
                found[local] = value
            elif called.endswith(_BETWEEN + "render"):
                render = value
            else:
                raise self._error(f"there is no attribute {local!r}, only 'render'")
        for prefix, uri in self._declared:
            found["xmlns" if prefix is None else f"xmlns:{prefix}"] = uri
        self._declared.clear()
        uri, local = self._named(name)
        if uri == TEMPLATE_NAMESPACE:
            self._startOurs(name.rpartition(_BETWEEN)[2], found, render)
        else:
            tag = Tag(local, found, None, render, *self._place)
            self._add(tag)
            self._open.append(tag)

    def _startOurs(self, name: str, attributes: dict[str | bytes, Any], render: str | None) -> None:
        """An element of the namespace of templates."""
        if name == "slot":
            called = self._required(name, attributes)
            place = slot(called, attributes.get("default"), *self._place)
            self._add(place)
            self._open.append(place)
            return
        tag = Tag("", None, None, render, *self._place)
        if name == "transparent":
            self._add(tag)
        elif name == "attr":
            called = self._required(name, attributes)
            around = self._open[-1] if self._open else None
            if not isinstance(around, Tag) or not around.tagName:
                raise self._error("an attr belongs into the element that has the attribute")
            around.attributes[called] = tag
        else:
            raise self._error(f"there is no element {name!r}: only attr, slot and transparent")
        self._open.append(tag)

    def _required(self, what: str, attributes: dict[str | bytes, Any]) -> str:
        name = attributes.get("name")
        if not name:
            raise self._error(f"a {what} needs a name")
        return str(name)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._section is not None:
            self._section.append(text)
        else:
            self._add(text)

    def _comment(self, text: str) -> None:
        # Those around the root element are about the template.
        if self._open:
            self._add(Comment(text))

    def _startSection(self) -> None:
        self._section = []

    def _endSection(self) -> None:
        section, self._section = self._section, None
        self._add(CDATA("".join(section or ())))
