"""Finding and changing nodes, and pieces of HTML as strings."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from twisted.trial import unittest
from twisted.web import domhelpers, html
from twisted.web.microdom import parseString

DOCUMENT = (
    "<a class='k'><b id='x' v='1'>t<c v='2'>u&lt;&nbsp;</c></b>"
    "<b pattern='pp'>w<![CDATA[cd]]><!--co--></b><d model='mm'/></a>"
)


def names(nodes: list[Any]) -> str:
    """The names of elements, in short."""
    return "".join(node.tagName for node in nodes)


def named(*wanted: str) -> Callable[[Any], bool]:
    return lambda node: node.nodeName in wanted


class FindTests(unittest.SynchronousTestCase):
    """Functions that find nodes."""

    def setUp(self) -> None:
        self.root = parseString(DOCUMENT).documentElement

    def test_get(self) -> None:
        """By any of the attributes that name an element."""
        for name, tag in [("x", "b"), ("k", "a"), ("pp", "b"), ("mm", "d")]:
            self.assertEqual(domhelpers.get(self.root, name).tagName, tag)
        error = self.assertRaises(domhelpers.NodeLookupError, domhelpers.get, self.root, "no")
        self.assertEqual(error.args, ("no",))
        self.assertIsNone(domhelpers.getIfExists(self.root, "no"))
        found = domhelpers.getAndClear(self.root, "x")
        self.assertEqual(found.toxml(), '<b id="x" v="1"></b>')

    def test_matching(self) -> None:
        """By what a function says of them."""
        root, find = self.root, domhelpers
        self.assertEqual(names(find.findNodes(root, named("a", "b", "c"))), "bcb")
        self.assertEqual(names(find.findNodesShallow(root, named("b", "c"))), "bb")
        every = find.findNodesShallowOnMatch(root, named("b", "c"), lambda node: True)
        self.assertEqual(names(every), "bcb")
        self.assertEqual(find.findNodesShallowOnMatch(root, named("c"), lambda node: False), [])
        self.assertEqual(names(find.findElements(root, lambda node: True)), "bcbd")
        self.assertEqual(names(find.findNodesNamed(root, "b")), "bb")
        self.assertEqual(names(find.namedChildren(root, "d")), "d")
        self.assertEqual(find.namedChildren(root, "c"), [])
        found: list[Any] = []
        self.assertIs(find.findNodes(root, named("c"), found), found)
        self.assertEqual(names(found), "c")

    def test_attributes(self) -> None:
        """By their attributes."""
        root, find = self.root, domhelpers
        self.assertEqual(names(find.findElementsWithAttribute(root, "v")), "bc")
        self.assertEqual(names(find.findElementsWithAttribute(root, "v", "2")), "c")
        self.assertEqual(names(find.findElementsWithAttributeShallow(root, "v")), "b")
        nested = parseString("<a v='1'><b v='1'/></a>").documentElement
        self.assertEqual(names(find.locateNodes([nested], "v", "1")), "a")
        self.assertEqual(names(find.locateNodes([nested], "v", "1", 0)), "ab")
        self.assertEqual(names(find.locateNodes(nested, "v", "1")), "b")

    def test_parents(self) -> None:
        """Up to the document."""
        inner = domhelpers.findNodesNamed(self.root, "c")[0]
        found = domhelpers.getParents(inner)
        self.assertEqual([node.nodeName for node in found], ["c", "b", "a", "Node"])


class ChangeTests(unittest.SynchronousTestCase):
    """Functions that change nodes."""

    def test_super(self) -> None:
        """An attribute of all elements."""
        for change, expected in [
            (domhelpers.superSetAttribute, ("N", "N")),
            (domhelpers.superPrependAttribute, ("N/1", "N")),
            (domhelpers.superAppendAttribute, ("1/N", "N")),
        ]:
            root = parseString("<a v='1'>x<b/></a>").documentElement
            change(root, "v", "N")
            found = root.getAttribute("v"), root.lastChild().getAttribute("v")
            self.assertEqual(found, expected)

    def test_substitute(self) -> None:
        """Text is formatted, and still escaped."""
        root = parseString("<a>x%(q)s<b>%(q)s</b></a>").documentElement
        domhelpers.substitute(None, root, {"q": "<"})
        self.assertEqual(root.toxml(), "<a>x&lt;<b>&lt;</b></a>")

    def test_clear(self) -> None:
        root = parseString(DOCUMENT).documentElement
        domhelpers.clearNode(root)
        self.assertEqual(root.toxml(), '<a class="k"></a>')


class TextTests(unittest.SynchronousTestCase):
    """Text in nodes."""

    def test_gather(self) -> None:
        """References are as they are, or what they stand for."""
        root = parseString(DOCUMENT).documentElement
        self.assertEqual(domhelpers.getNodeText(root), "tu&lt;&nbsp;wcdco")
        self.assertEqual(domhelpers.gatherTextNodes(root, 1, "|"), "t|u|<|&nbsp;|w|cd|co")
        stream = io.StringIO()
        domhelpers.writeNodeData(root, stream)
        self.assertEqual(stream.getvalue(), "tu&lt;&nbsp;wcdco")

    def test_once(self) -> None:
        """What looks like a reference, and is text, stays text."""
        root = parseString("<a>&amp;lt;</a>").documentElement
        self.assertEqual(domhelpers.gatherTextNodes(root, 1), "&lt;")

    def test_raw(self) -> None:
        """Raw text is written as it is, wherever it is."""
        root = parseString("<a/>").documentElement
        root.appendChild(domhelpers.RawText("<b/>"))
        self.assertEqual(root.toxml(), "<a><b/></a>")


class HTMLTests(unittest.SynchronousTestCase):
    """`twisted.web.html`."""

    def test_pieces(self) -> None:
        """Text is escaped; items are HTML."""
        self.assertEqual(html.PRE("a<b"), "<pre>a&lt;b</pre>")
        self.assertEqual(
            html.UL(["<b>a</b>", "b"]), "<ul>\n<li> <b>a</b></li>\n<li> b</li>\n</ul>\n"
        )
        self.assertEqual(
            html.linkList([('/?a="&b', "t<")]),
            '<ul>\n<li> <a href="/?a=&quot;&amp;b">t&lt;</a></li>\n</ul>\n',
        )
        self.assertEqual(html.escape("'"), "&#x27;")

    def test_output(self) -> None:
        """What a function gives; a failure is logged, and not shown."""
        self.assertEqual(html.output(lambda a, b: a + b, "x", b="y"), "xy")

        def fails() -> str:
            raise ZeroDivisionError("secret")

        self.assertEqual(html.output(fails), "<pre>An error occurred.</pre>")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
