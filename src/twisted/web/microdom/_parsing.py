"""From text to documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO, Any

from twisted.python.failure import Failure
from twisted.web.microdom._documents import Document, Element
from twisted.web.microdom._nodes import CDATASection, Comment, EntityReference, Node, Text
from twisted.web.sux import XMLParser

__name__ = "twisted.web.microdom"

# How deep elements may be in each other: deeper than people nest them, and less than calls can be,
# of which writing, copying and comparing take one or two for each.
MAX_DEPTH = 200
# How many nodes a document may have. Each takes a kilobyte, some ten times what it is in text.
MAX_NODES = 1_000_000

# Elements in which spaces count.
PRESERVING = ("pre", "script", "style", "textarea")


class MismatchedTags(Exception):
    """An end tag is not that of the element that was to end.

    Args:
        filename: The document.
        expect, got: The names.
        endLine, endCol: Where the end tag is.
        begLine, begCol: Where the element begins.
    """

    def __init__(
        self,
        filename: str,
        expect: str,
        got: str,
        endLine: int,
        endCol: int,
        begLine: int,
        begCol: int,
    ) -> None:
        super().__init__(filename, expect, got, endLine, endCol, begLine, begCol)
        self.filename, self.expect, self.got = filename, expect, got
        self.endLine, self.endCol, self.begLine, self.begCol = endLine, endCol, begLine, begCol

    def __str__(self) -> str:
        return (
            f"expected </{self.expect}>, got </{self.got}> line: {self.endLine} "
            f"col: {self.endCol}, began line: {self.begLine} col: {self.begCol}"
        )


class MicroDOMParser(XMLParser):
    """Makes a document of what is parsed.

    Args:
        beExtremelyLenient: Whether to make the best of it, as browsers do.
        caseInsensitive, preserveCase: As those of `Element`.
        soonClosers: Names of elements that are empty, and end at once.
        laterClosers: By the names of elements that end where another begins, those of the others.
    """

    #: What hides the beginning of a CDATA section in a script from browsers.
    COMMENT = re.compile(r"\s*/[/*]\s*")

    soonClosers = ["area", "link", "br", "img", "hr", "input", "base", "meta", "wbr", "source"]
    laterClosers = {
        "head": ["body"],
        "title": ["body"],
        "p": ["p", "div", "ul", "ol", "dl", "dt", "dd", "li", "table", "pre", "form", "h1", "h2"],
        "li": ["li"],
        "dt": ["dt", "dd"],
        "dd": ["dt", "dd"],
        "option": ["option", "optgroup"],
        "colgroup": ["colgroup", "thead", "tbody", "tr"],
        "thead": ["tbody", "tfoot"],
        "tbody": ["tbody", "tfoot"],
        "tfoot": ["tbody"],
        "tr": ["tr", "tbody", "tfoot"],
        "td": ["td", "th", "tr", "tbody", "tfoot"],
        "th": ["td", "th", "tr", "tbody", "tfoot"],
    }

    def __init__(
        self,
        beExtremelyLenient: Any = 0,
        caseInsensitive: Any = 1,
        preserveCase: Any = 0,
        soonClosers: list[str] | None = None,
        laterClosers: dict[str, list[str]] | None = None,
    ) -> None:
        self.elementstack: list[Element] = []
        # What is in no element.
        self.documents: list[Node] = []
        self.doctype: str | None = None
        self._nodes = 0
        self.beExtremelyLenient = beExtremelyLenient
        self.caseInsensitive = caseInsensitive
        self.preserveCase = preserveCase
        if soonClosers is not None:
            self.soonClosers = soonClosers
        if laterClosers is not None:
            self.laterClosers = laterClosers

    def shouldPreserveSpace(self) -> bool:
        """Whether spaces count where we are."""
        return any(
            element.tagName.lower() in PRESERVING or element.getAttribute("xml:space") == "preserve"
            for element in self.elementstack
        )

    def _add(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._parseError(f"more than {MAX_NODES} nodes")
        if self.elementstack:
            node.parentNode = self.elementstack[-1]
            node.parentNode.childNodes.append(node)
        else:
            self.documents.append(node)

    def gotDoctype(self, doctype: str) -> None:
        self.doctype = doctype

    def gotTagStart(self, name: str, attributes: dict[str, str]) -> None:
        self._closeBefore(name.lower())
        around = self.elementstack[-1] if self.elementstack else None
        if len(self.elementstack) >= MAX_DEPTH:
            self._parseError(f"elements are more than {MAX_DEPTH} deep in each other")
        namespace = attributes.pop("xmlns", None)
        prefixes = {
            attributes.pop(key): key[6:] for key in list(attributes) if key.startswith("xmlns:")
        }
        if namespace is None and around is not None:
            namespace = around.namespace
        element = Element(
            name,
            {key: _resolved(value) for key, value in attributes.items()},
            None,
            self.filename,
            self.saveMark(),
            self.caseInsensitive,
            self.preserveCase,
            namespace,
        )
        element.addPrefixes(prefixes)
        self._add(element)
        if not (self.beExtremelyLenient and name.lower() in self.soonClosers):
            self.elementstack.append(element)

    def _closeBefore(self, name: str) -> None:
        """End the elements that end where one of this name begins."""
        while self.beExtremelyLenient and self.elementstack:
            last = self.elementstack[-1].tagName.lower()
            if name not in self.laterClosers.get(last, ()):
                break
            self.elementstack.pop()

    def gotTagEnd(self, name: str) -> None:
        stack = self.elementstack
        called = name.lower() if self.caseInsensitive else name
        at = len(stack) - 1
        while at >= 0 and self._called(stack[at]) != called:
            if not self.beExtremelyLenient:
                self._mismatched(stack[at], name)
            at -= 1
        if at >= 0:
            stack[at].endTag(name)
            self._splitScript(stack[at])
            del stack[at:]
        elif not self.beExtremelyLenient:
            self._parseError(f"</{name}> ends nothing")

    def _called(self, element: Element) -> str:
        return element.tagName.lower() if self.caseInsensitive else element.tagName

    def _mismatched(self, element: Element, got: str) -> None:
        begin = element._markpos or (0, 0)
        raise MismatchedTags(self.filename, element.tagName, got, *self.saveMark(), *begin)

    def _splitScript(self, script: Element) -> None:
        """A section that a script hides from browsers is a section, and its text stays as it is."""
        if script.tagName.lower() != "script" or len(script.childNodes) != 1:
            return
        text = script.childNodes[0].nodeValue
        hidden = self.COMMENT.match(text)
        begin = hidden.end() if hidden is not None else 0
        end = text.find("]]>", begin)
        if not hidden or not text.startswith("<![CDATA[", begin) or end < 0:
            return
        section = CDATASection(text[begin + 9 : end], script)
        script.childNodes[:] = [Text(text[:begin], script), section]
        if text[end + 3 :]:
            script.childNodes.append(Text(text[end + 3 :], script))

    def gotText(self, data: str) -> None:
        beside = self.elementstack[-1].childNodes if self.elementstack else self.documents
        within = bool(beside) and isinstance(beside[-1], Text | EntityReference | CDATASection)
        if data.strip() or within or self.shouldPreserveSpace():
            self._add(Text(data))

    def gotEntityReference(self, entityRef: str) -> None:
        self._add(EntityReference(entityRef))

    def gotCData(self, cdata: str) -> None:
        self._add(CDATASection(cdata))

    def gotComment(self, data: str) -> None:
        self._add(Comment(data))

    def connectionLost(self, reason: Failure | None = None) -> None:
        """The document ends.

        Raises:
            MismatchedTags: Before its elements do, and we are not lenient.
        """
        super().connectionLost(reason)
        if self.elementstack and not self.beExtremelyLenient:
            self._mismatched(self.elementstack[-1], "END_OF_FILE")
        self.elementstack.clear()

    def document(self) -> Document:
        """What was parsed.

        Raises:
            ParseError: It is not one element; if we are lenient, it is nothing.
        """
        nodes = [node for node in self.documents if not isinstance(node, Comment)]
        if not nodes:
            self._parseError("No top-level Nodes in document")
        document = Document()
        document.doctype = self.doctype
        if len(nodes) == 1 and isinstance(nodes[0], Element):
            for node in self.documents:
                document.appendChild(node)
            return document
        if not self.beExtremelyLenient:
            self._parseError("More than one element, or none, at the top of the document")
        root = Element("html")
        for node in self.documents:
            root.appendChild(node)
        document.appendChild(root)
        return document


def _resolved(value: str) -> str:
    """The value of an attribute, with the five references of XML replaced, each once."""
    return _REFERENCE.sub(lambda found: _CHARACTERS[found[1]], value) if "&" in value else value


_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(f"&({'|'.join(_CHARACTERS)});")


def parse(readable: str | Path | IO[Any], *args: Any, **kwargs: Any) -> Document:
    """Parse HTML or XML that is in a file.

    Args:
        readable: A path, or an object to read bytes or text from.
        args, kwargs: What `MicroDOMParser` takes.

    Raises:
        ParseError, MismatchedTags: It is neither.
    """
    parser = MicroDOMParser(*args, **kwargs)
    if isinstance(readable, str | Path):
        parser.filename = str(readable)
        data: Any = Path(readable).read_bytes()
    else:
        parser.filename = str(getattr(readable, "name", "<xmlfile />"))
        data = readable.read()
    return _parsed(parser, data)


def _parsed(parser: MicroDOMParser, data: bytes | str) -> Document:
    parser.connectionMade()
    parser.dataReceived(data)
    parser.connectionLost(None)
    return parser.document()


def parseString(st: str | bytes, *args: Any, **kw: Any) -> Document:
    """Parse HTML or XML.

    Args:
        st: The text of a document, or its bytes.
        args, kw: What `MicroDOMParser` takes; `beExtremelyLenient=True` for what people write.

    Raises:
        ParseError, MismatchedTags: It is neither.
    """
    parser = MicroDOMParser(*args, **kw)
    parser.filename = "<xmlfile />"
    return _parsed(parser, st)


def parseXML(readable: str | Path | IO[Any]) -> Document:
    """Parse XML that is in a file; capitals make a difference."""
    return parse(readable, caseInsensitive=0, preserveCase=1)


def parseXMLString(st: str | bytes) -> Document:
    """Parse XML; capitals make a difference."""
    return parseString(st, caseInsensitive=0, preserveCase=1)
