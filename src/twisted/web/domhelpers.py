"""Finding and changing nodes of documents that are made by `microdom`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twisted.web.microdom import CharacterData, Element, EntityReference, Text, unescape

__all__ = [
    "NodeLookupError",
    "RawText",
    "clearNode",
    "findElements",
    "findElementsWithAttribute",
    "findElementsWithAttributeShallow",
    "findNodes",
    "findNodesNamed",
    "findNodesShallow",
    "findNodesShallowOnMatch",
    "gatherTextNodes",
    "get",
    "getAndClear",
    "getIfExists",
    "getNodeText",
    "getParents",
    "locateNodes",
    "namedChildren",
    "substitute",
    "superAppendAttribute",
    "superPrependAttribute",
    "superSetAttribute",
    "writeNodeData",
]

# The attributes by which nodes are looked up.
_NAMING = ("id", "class", "model", "pattern")

Matcher = Callable[[Any], Any]


class NodeLookupError(Exception):
    """There is no node of this name."""


class RawText(Text):
    """Text that is markup, and written as it is. Never for what others have said."""

    def writexml(
        self,
        writer: Any,
        indent: str = "",
        addindent: str = "",
        newl: str = "",
        strip: Any = 0,
        nsprefixes: Any = None,
        namespace: str | None = None,
    ) -> None:
        """Write the text."""
        writer.write(self.nodeValue)


def _elements(node: Any) -> Iterator[Any]:
    """A node, if it is an element, and all elements in it."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Element):
            yield one
        waiting += reversed(one.childNodes)


# --- By name ---


def getIfExists(node: Any, nodeId: str) -> Any:
    """The first element, from this on, that is called so; None if there is none.

    Args:
        node: Where to look.
        nodeId: The value of its attribute `id`, `class`, `model` or `pattern`.
    """
    for element in _elements(node):
        if any(element.getAttribute(name) == nodeId for name in _NAMING):
            return element
    return None


def get(node: Any, nodeId: str) -> Any:
    """The first element, from this on, that is called so; see `getIfExists`.

    Raises:
        NodeLookupError: There is none.
    """
    found = getIfExists(node, nodeId)
    if found is None:
        raise NodeLookupError(nodeId)
    return found


def getAndClear(node: Any, nodeId: str) -> Any:
    """The element that `get` gives, after everything was taken out of it."""
    found = get(node, nodeId)
    clearNode(found)
    return found


def clearNode(node: Any) -> None:
    """Take everything out of a node."""
    node.childNodes[:] = []


def locateNodes(nodeList: Any, key: str, value: str, noNesting: Any = 1) -> list[Any]:
    """The elements of which an attribute has a value.

    Args:
        nodeList: Where to look: nodes in a list, or one node, in which to look.
        key, value: The attribute.
        noNesting: Whether to leave out what is in elements that were found.
    """
    found = []
    for node in nodeList if isinstance(nodeList, list) else nodeList.childNodes:
        matches = isinstance(node, Element) and node.getAttribute(key) == value
        if matches:
            found.append(node)
        if not (matches and noNesting):
            found += locateNodes(node, key, value, noNesting)
    return found


def namedChildren(parent: Any, nodeName: str) -> list[Any]:
    """The elements of a name that are in a node itself."""
    return [child for child in parent.childNodes if getattr(child, "tagName", None) == nodeName]


def getParents(node: Any) -> list[Any]:
    """The node, what it is in, what that is in, and so on."""
    found = []
    while node is not None:
        found.append(node)
        node = node.parentNode
    return found


# --- By what they are ---


def findNodesShallowOnMatch(
    parent: Any, matcher: Matcher, recurseMatcher: Matcher, accum: list[Any] | None = None
) -> list[Any]:
    """The nodes in a node that match, looking only into those that a second matcher allows.

    Args:
        parent: Where to look; it is not asked itself.
        matcher: Is given a node, and says whether it matches.
        recurseMatcher: Is given a node, and says whether to look into it.
        accum: What the nodes are added to, and is returned, if there is one.
    """
    found = [] if accum is None else accum
    waiting = parent.childNodes[::-1]
    while waiting:
        node = waiting.pop()
        if matcher(node):
            found.append(node)
        if recurseMatcher(node):
            waiting += reversed(node.childNodes)
    return found


def findNodes(parent: Any, matcher: Matcher, accum: list[Any] | None = None) -> list[Any]:
    """The nodes in a node that match; see `findNodesShallowOnMatch`."""
    return findNodesShallowOnMatch(parent, matcher, lambda node: True, accum)


def findNodesShallow(parent: Any, matcher: Matcher, accum: list[Any] | None = None) -> list[Any]:
    """The nodes in a node that match, but for those in others that do."""
    return findNodesShallowOnMatch(parent, matcher, lambda node: not matcher(node), accum)


def findElements(parent: Any, matcher: Matcher) -> list[Any]:
    """The elements in a node that match."""
    return findNodes(parent, lambda node: isinstance(node, Element) and matcher(node))


def findNodesNamed(parent: Any, name: str) -> list[Any]:
    """The nodes of a name in a node."""
    return findNodes(parent, lambda node: node.nodeName == name)


def _having(attribute: str, value: str | None) -> Matcher:
    if value is None:
        return lambda node: isinstance(node, Element) and node.hasAttribute(attribute)
    return lambda node: isinstance(node, Element) and node.getAttribute(attribute) == value


def findElementsWithAttribute(parent: Any, attribute: str, value: str | None = None) -> list[Any]:
    """The elements in a node that have an attribute, with a value if one is given."""
    return findNodes(parent, _having(attribute, value))


def findElementsWithAttributeShallow(parent: Any, attribute: str) -> list[Any]:
    """The elements in a node that have an attribute, but for those in others that do."""
    return findNodesShallow(parent, _having(attribute, None))


# --- Attributes of many ---


def superSetAttribute(node: Any, key: str, value: str) -> None:
    """Set an attribute of an element, and of all that are in it."""
    for element in _elements(node):
        element.setAttribute(key, value)


def superPrependAttribute(node: Any, key: str, value: str) -> None:
    """Put a value, and a slash, before an attribute of an element and of all that are in it."""
    for element in _elements(node):
        old = element.getAttribute(key)
        element.setAttribute(key, f"{value}/{old}" if old else value)


def superAppendAttribute(node: Any, key: str, value: str) -> None:
    """Put a slash, and a value, after an attribute of an element and of all that are in it."""
    for element in _elements(node):
        old = element.getAttribute(key)
        element.setAttribute(key, f"{old}/{value}" if old else value)


# --- Text ---


def gatherTextNodes(iNode: Any, dounescape: Any = 0, joinWith: str = "") -> str:
    """All text in a node, comments included.

    Args:
        iNode: The node.
        dounescape: Whether references, as ``&amp;``, become the characters they stand for.
        joinWith: What is put between two pieces of text.
    """
    texts = []
    for node in findNodes(iNode, lambda node: isinstance(node, CharacterData | EntityReference)):
        reference = dounescape and isinstance(node, EntityReference)
        texts.append(unescape(node.nodeValue) if reference else node.nodeValue)
    return joinWith.join(texts)


def getNodeText(node: Any) -> str:
    """All text in a node, with references as they are in the document."""
    return gatherTextNodes(node)


def writeNodeData(node: Any, oldio: Any) -> None:
    """Write all text in a node to a stream."""
    oldio.write(gatherTextNodes(node))


def substitute(request: Any, node: Any, subs: Any) -> None:
    """Replace what is to be formatted in the text in a node: ``%(name)s``.

    Args:
        request: Not used.
        node: The node.
        subs: What the text is formatted with, by the operator ``%``.
    """
    for text in findNodes(node, lambda node: isinstance(node, Text)):
        text.data = text.value = text.nodeValue = text.nodeValue % subs
