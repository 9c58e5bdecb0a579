"""Documents as trees of nodes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twisted.trial import unittest
from twisted.web import microdom
from twisted.web.microdom import (
    CDATASection,
    Comment,
    Document,
    Element,
    EntityReference,
    MicroDOMParser,
    MismatchedTags,
    Node,
    Text,
    _parsing,
    lmx,
    parse,
    parseString,
    parseXML,
    parseXMLString,
)
from twisted.web.sux import ParseError

#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
HEADER = '<?xml version="1.0"?>'


def written(document: str, **options: Any) -> str:
    """A document, parsed and written, without what all begin with."""
    return parseString(document, **options).toxml().removeprefix(HEADER)


class ParseTests(unittest.SynchronousTestCase):
    """From text to documents, and back."""

    def test_same(self) -> None:
        """What is well-formed comes out as it was."""
        for document in (
            "<a><b>c</b>d</a>",
            '<!DOCTYPE foo><a b="&lt;&quot;\'">&lt;&nbsp;&#65;<!-- c --><![CDATA[<]]></a>',
            '<a xmlns="u"><p:b p:q="1" xmlns:p="v"></p:b><c xmlns="w"></c></a>',
            "<pre>  x </pre>",
            "<!-- x --><a></a><!-- y -->",
            "<script>// <![CDATA[ a && b //]]></script>",
            "<br /><!--x-->",
        ):
            self.assertEqual(written(document), document)

    def test_spaces(self) -> None:
        """Spaces between elements are left out, unless they count."""
        self.assertEqual(written("<a> <b> x </b>\n</a>"), "<a><b> x </b></a>")
        self.assertEqual(written("<a>&amp; <b/></a>"), "<a>&amp; <b></b></a>")
        spaced = '<a xml:space="preserve"> <b> </b></a>'
        self.assertEqual(written(spaced), spaced)

    def test_cases(self) -> None:
        """Capitals make a difference, are kept, or neither."""
        self.assertEqual(written("<A B='c'></a>"), '<a b="c"></a>')
        self.assertEqual(written("<A B='c'>x</a>", preserveCase=1), '<A B="c">x</a>')
        self.assertRaises(MismatchedTags, written, "<A></a>", caseInsensitive=0)
        self.assertEqual(parseXMLString("<A><b/></A>").toxml(), HEADER + "<A><b></b></A>")

    def test_bad(self) -> None:
        """What is not well-formed is an error with a place."""
        for document in ("", "text", "<a/><b/>", "<a b=c/>", "<a/></b>", "<a/>text", "<!-- x -->"):
            self.assertRaises(ParseError, parseString, document)
        error = self.assertRaises(MismatchedTags, parseString, "<a>\n<b></a>")
        self.assertEqual(str(error), "expected </b>, got </a> line: 2 col: 7, began line: 2 col: 3")
        error = self.assertRaises(MismatchedTags, parseString, "<a><b></b>")
        self.assertEqual((error.expect, error.got), ("a", "END_OF_FILE"))

    def test_lenient(self) -> None:
        """What people write is read as browsers would."""
        for document, as_ in [
            ("text", "<html>text</html>"),
            ("<a/><b/>", "<html><a></a><b></b></html>"),
            ("<p>x<p>y", "<html><p>x</p><p>y</p></html>"),
            ("<html><img src=a><br>x</html>", '<html><img src="a" /><br />x</html>'),
            (
                "<ul><li>a<li>b<ul><li>c</ul></ul>",
                "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
            ),
            ("<a>x</b></a>", "<a>x</a>"),
            (
                "<table><tr><td>1<td>2<tr><td>3</table>",
                "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>",
            ),
            ("<head><title>t<body>x", "<html><head><title>t</title></head><body>x</body></html>"),
            ("<script>a<b && c</script>", "<script>a&lt;b &amp;&amp; c</script>"),
            ("<script>//<![CDATA[ a<b //]]>c</script>", "<script>//<![CDATA[ a<b //]]>c</script>"),
            ("a & b", "<html>a &amp; b</html>"),
        ]:
            self.assertEqual(written(document, beExtremelyLenient=1), as_)
        options = {"beExtremelyLenient": 1, "soonClosers": ["x"], "laterClosers": {"y": ["z"]}}
        self.assertEqual(written("<q><x><y><z></q>", **options), "<q><x></x><y></y><z></z></q>")

    def test_limits(self) -> None:
        """Documents are not so deep, nor so large, that they could not be handled."""
        self.assertRaises(ParseError, parseString, "<a>" * 201)
        deep = "<a>" * 200 + "</a>" * 200
        document = parseString(deep)
        self.assertEqual(document.cloneNode(1).toxml(), HEADER + deep)
        self.assertTrue(document.isEqualToNode(parseString(deep)))
        self.patch(_parsing, "MAX_NODES", 10)
        self.assertRaises(ParseError, parseString, "<a>" + "<b/>" * 10 + "</a>")

    def test_entities(self) -> None:
        """No entity is replaced but the five in attributes, each once."""
        declared = '<!DOCTYPE a [<!ENTITY b "ccc">]>'
        root = parseString(declared + "<a d='&b;&amp;lt;'>&b;</a>").documentElement
        self.assertEqual(root.getAttribute("d"), "&b;&lt;")
        self.assertEqual(root.childNodes[0].eref, "b")

    def test_sources(self) -> None:
        """From bytes, streams and files."""
        path = Path(self.mktemp())
        path.write_bytes(b"<A>f</A>")
        for source in (io.BytesIO(b"<A>f</A>"), io.StringIO("<A>f</A>"), str(path), path):
            self.assertEqual(parse(source).toxml(), HEADER + "<a>f</a>")
        self.assertEqual(parseXML(str(path)).toxml(), HEADER + "<A>f</A>")
        self.assertEqual(parse(path).documentElement._filename, str(path))
        self.assertEqual(written("<a>\xe9</a>"), "<a>\xe9</a>")
        self.assertEqual(parseString("<a>\xe9</a>".encode()).toxml(), HEADER + "<a>\xe9</a>")

    def test_comment(self) -> None:
        """What hides a section from browsers."""
        self.assertTrue(MicroDOMParser.COMMENT.match(" // "))
        self.assertTrue(MicroDOMParser.COMMENT.match("/*"))


class NodeTests(unittest.SynchronousTestCase):
    """Nodes, and changing them."""

    def test_children(self) -> None:
        """Nodes are put, taken and replaced; each is in one place."""
        a, b, c, t = Element("a"), Element("b"), Element("c"), Text("t")
        a.appendChild(b)
        self.assertIs(a.insertBefore(c, b), c)
        a.insertBefore(t, None)
        self.assertEqual(a.toxml(), "<a><c></c><b></b>t</a>")
        self.assertIs(a.firstChild(), c)
        self.assertIs(a.lastChild(), t)
        a.replaceChild(t, b)
        self.assertEqual(a.toxml(), "<a><c></c>t</a>")
        c.appendChild(t)
        self.assertEqual(a.toxml(), "<a><c>t</c></a>")
        self.assertIs(t.parentNode, c)
        self.assertIs(a.removeChild(c), c)
        self.assertIsNone(c.parentNode)
        self.assertIsNone(a.firstChild())
        self.assertFalse(a.hasChildNodes())
        self.assertRaises(IndexError, a.lastChild)

    def test_bad(self) -> None:
        """What cannot be is refused, and changes nothing."""
        a, b = Element("a"), Element("b")
        a.appendChild(b)
        other = Text("x")
        self.assertRaises(TypeError, a.appendChild, "text")
        self.assertRaises(TypeError, a.insertBefore, "text", b)
        self.assertRaises(ValueError, a.insertBefore, Text("y"), other)
        self.assertRaises(ValueError, a.replaceChild, Text("y"), other)
        self.assertRaises(ValueError, b.appendChild, a)
        self.assertRaises(ValueError, a.appendChild, a)
        self.assertIs(a.removeChild(other), other)
        self.assertEqual(a.toxml(), "<a><b></b></a>")
        self.assertRaises(NotImplementedError, Node().toxml)
        self.assertRaises(NotImplementedError, Node().cloneNode)

    def test_equal(self) -> None:
        """Nodes are equal if they say the same."""
        document = "<!DOCTYPE q><a b='1'>x<c/><!--d--><![CDATA[e]]>&f;</a>"
        one, other = parseString(document), parseString(document)
        self.assertTrue(one.isEqualToNode(other))
        for node in list(other.documentElement.childNodes):
            copy = parseString(document)
            copy.documentElement.removeChild(
                copy.documentElement.childNodes[other.documentElement.childNodes.index(node)]
            )
            self.assertFalse(one.isEqualToNode(copy))
        self.assertFalse(one.isEqualToNode(Document()))
        self.assertTrue(Element("A").isEqualToNode(Element("a")))
        self.assertFalse(Element("a").isEqualToNode(Element("a", {"b": "c"})))
        self.assertFalse(
            Element("A", caseInsensitive=0).isEqualToNode(Element("a", caseInsensitive=0))
        )
        self.assertFalse(Text("x").isEqualToNode(CDATASection("x")))
        self.assertFalse(Text("x").isEqualToNode(Text("x", raw=1)))
        self.assertFalse(Text("x").isEqualToNode(None))
        self.assertFalse(EntityReference("a").isEqualToNode(EntityReference("b")))

    def test_clone(self) -> None:
        """A copy is equal, and shares nothing."""
        one = parseString("<!DOCTYPE q><A b='1'>x<c/><!--d--><![CDATA[e]]>&f;</a>", preserveCase=1)
        copy = one.cloneNode(1)
        self.assertEqual(copy.toxml(), one.toxml())
        copy.documentElement.setAttribute("b", "2")
        copy.documentElement.childNodes.clear()
        self.assertNotEqual(copy.toxml(), one.toxml())
        self.assertEqual(one.documentElement.cloneNode().toxml(), '<A b="1"></A>')

    def test_escaped(self) -> None:
        """Text is text, but for what is said to be markup."""
        self.assertEqual(Text('a<b>&"').toxml(), 'a&lt;b&gt;&amp;"')
        self.assertEqual(Text("<b>", raw=1).toxml(), "<b>")
        self.assertEqual(Text(" x \n y ").toxml(strip=1), "x y")
        self.assertEqual(CDATASection("a]]>b").toxml(), "<![CDATA[a]]]]><![CDATA[>b]]>")
        self.assertEqual(Comment("a--").toxml(), "<!--a- - -->")
        self.assertEqual(EntityReference("amp").toxml(), "&amp;")
        self.assertEqual(Element("a", {"b": "\"'<&"}).toxml(), '<a b="&quot;\'&lt;&amp;"></a>')
        self.assertEqual(microdom.escape("<>&\"'"), "&lt;&gt;&amp;&quot;'")
        self.assertEqual(microdom.escape("'", microdom.XML_ESCAPE_CHARS), "&apos;")
        self.assertEqual(microdom.unescape("&amp;lt;&gt;"), "&lt;>")
        self.assertEqual(microdom.unescape("&apos;", microdom.REV_XML_ESCAPE_CHARS), "'")

    def test_pretty(self) -> None:
        """An element to a line, where there is no text."""
        document = parseString("<a><b>x<i>y</i></b><c><d/></c></a>")
        pretty = '<?xml version="1.0"?>\n<a>\n <b>x<i>y</i></b>\n <c>\n  <d></d>\n </c>\n</a>'
        self.assertEqual(document.toprettyxml(), pretty)
        stream = io.StringIO()
        document.writeprettyxml(stream, addindent="\t", newl="\r\n")
        self.assertIn("\r\n\t\t<d></d>\r\n\t</c>", stream.getvalue())

    def test_ownNodes(self) -> None:
        """Programs' own nodes write themselves."""

        class Mine(Node):
            def writexml(self, stream: Any, *args: Any, **kw: Any) -> None:
                stream.write("mine")

        a = Element("a")
        a.appendChild(Mine())
        self.assertEqual(a.toxml(), "<a>mine</a>")

    def test_repr(self) -> None:
        """What they are is seen."""
        root = parseString("<a x='1'><b/></a>").documentElement
        place = "filename='<xmlfile />', markpos=(1, 9)"
        self.assertEqual(repr(root), f"Element('a', attributes={{'x': '1'}}, {place})")
        self.assertEqual(str(root), "<a ('<xmlfile />' line 1 column 9) x='1'>...</a>")
        self.assertEqual(str(Element("b")), "<b />")
        self.assertEqual(repr(Text("x")), "Text('x')")


class ElementTests(unittest.SynchronousTestCase):
    """Elements and documents."""

    def setUp(self) -> None:
        self.document = parseString("<a x='1'><b id='q'>t<c/></b><B/>&nbsp;<!--k--></a>")
        self.root = self.document.documentElement

    def test_attributes(self) -> None:
        """Attributes by names, in any capitals if they do not count."""
        root = self.root
        self.assertEqual((root.getAttribute("X"), root.getAttribute("y", 3)), ("1", 3))
        root.setAttribute("Y", "2")
        self.assertTrue(root.hasAttribute("y"))
        self.assertEqual(root.toxml()[:15], '<a x="1" y="2">')
        root.removeAttribute("x")
        root.removeAttribute("x")
        self.assertFalse(root.hasAttribute("x"))
        self.assertEqual(root.getAttributeNode("y").value, "2")
        self.assertIsNone(root.getAttributeNode("z"))
        self.assertTrue(root.hasAttributes())
        exact = Element("A", {"B": "1"}, caseInsensitive=0)
        self.assertEqual((exact.tagName, exact.getAttribute("b")), ("A", None))

    def test_find(self) -> None:
        """Elements by name and by id."""
        self.assertEqual(len(self.root.getElementsByTagName("B")), 2)
        self.assertEqual(len(self.document.getElementsByTagName("b")), 2)
        self.assertEqual(len(microdom.getElementsByTagName([self.root], "a")), 1)
        self.assertEqual(len(microdom.getElementsByTagNameNoCase(self.root, "C")), 1)
        exact = parseXMLString("<a><b/><B/></a>")
        self.assertEqual(len(exact.getElementsByTagName("b")), 1)
        self.assertEqual(len(exact.documentElement.getElementsByTagName("B")), 1)
        self.assertIs(self.document.getElementById("q"), self.root.firstChild())
        self.assertIsNone(self.document.getElementById("z"))

    def test_document(self) -> None:
        """A document makes nodes, and has one element."""
        document = Document(Element("a"))
        self.assertRaises(ValueError, document.appendChild, Element("b"))
        document.appendChild(document.createComment("c"))
        document.documentElement.appendChild(document.createTextNode("<"))
        document.documentElement.appendChild(document.createElement("b", attributes={"c": "d"}))
        self.assertEqual(document.toxml(), HEADER + '<a>&lt;<b c="d"></b></a><!--c-->')
        self.assertIsNone(Document().documentElement)

    def test_namespaces(self) -> None:
        """Elements and attributes in namespaces, with prefixes or without."""
        root = parseString('<a xmlns="u" xmlns:p="v"><p:b p:q="1"/></a>').documentElement
        self.assertEqual((root.namespace, root.nsprefixes), ("u", {"v": "p"}))
        inner = root.firstChild()
        self.assertEqual(inner.getAttributeNS("v", "q"), "1")
        self.assertEqual(inner.getAttributeNS("v", "r", 5), 5)
        made = Element("c", {("v", "r"): "2", ("w", "s"): "3"}, namespace="v")
        self.assertEqual(made.getAttributeNS("v", "r"), "2")
        root.appendChild(made)
        root.appendChild(Element("d", namespace="x"))
        found = ElementTree.fromstring(root.toxml())
        self.assertEqual([one.tag for one in found.iter()], ["{u}a", "{v}b", "{v}c", "{x}d"])
        self.assertEqual(found[1].attrib, {"{v}r": "2", "{w}s": "3"})
        self.assertEqual(made.toxml(nsprefixes={"v": "V", "w": "W"}), '<V:c V:r="2" W:s="3"></V:c>')
        self.assertEqual(Element("d", namespace="x").toxml(namespace="x"), "<d></d>")
        made = Element("e", namespace="y")
        made.addPrefixes({"y": "z"})
        self.assertEqual(made.toxml(), '<z:e xmlns:z="y"></z:e>')

    def test_lmx(self) -> None:
        """Elements made by calling for them."""
        page = lmx("html")
        page.head().title().text("<t>")
        page.body(bgcolor=1).text("<b>", raw=1).add("fooBar", id="x")
        page["lang"] = "de"
        self.assertEqual(page["lang"], "de")
        self.assertEqual(
            page.node.toxml(),
            '<html lang="de"><head><title>&lt;t&gt;</title></head>'
            '<body bgcolor="1"><b><fooBar id="x"></fooBar></body></html>',
        )
        self.assertEqual(lmx().node.toxml(), "<div></div>")
        element = Element("q")
        self.assertIs(lmx(element).node, element)
        self.assertRaises(AttributeError, getattr, page, "__nothing__")


class FuzzTests(unittest.SynchronousTestCase):
    """Any document."""

    @UNHURRIED
    @given(
        st.lists(
            st.sampled_from(
                [
                    "<p>",
                    "</p>",
                    "<b c=d>",
                    "</b>",
                    "<li>",
                    "<td>",
                    "<tr>",
                    "text",
                    "&amp;",
                    "&",
                    "<",
                    ">",
                    "<!--",
                    "-->",
                    "<script>",
                    "</script>",
                    "<br>",
                    " ",
                    "<![CDATA[",
                    "]]>",
                    "<a b='",
                    "'",
                ]
            ),
            max_size=25,
        ).map("".join)
    )
    def test_lenient(self, document: str) -> None:
        """Whatever people write, what is made of it is well-formed; or it is nothing."""
        try:
            parsed = parseString(document, beExtremelyLenient=1)
        except ParseError as error:
            self.assertIn("No top-level Nodes", error.message)
            return
        again = parseString(parsed.toxml())
        self.assertEqual(again.toxml(), parsed.toxml())
        ElementTree.fromstring(parsed.toxml())

    @UNHURRIED
    @given(st.text(), st.text())
    def test_text(self, text: str, value: str) -> None:
        """Any text is text when it was written and read."""
        if "\x00" in repr(text + value) or not (text + value).isprintable():
            return
        root = Element("pre", {"a": value})
        root.appendChild(Text(text))
        found = parseString(root.toxml()).documentElement
        self.assertEqual(found.getAttribute("a"), value)
        self.assertEqual(ElementTree.fromstring(root.toxml()).text or "", text)
