"""Any text is text, wherever in a page it is put."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twisted.web.template import (
    CDATA,
    Comment,
    Tag,
    flattenString,
    tags,
)
from twisted.web.test._pages import FlattenCase


class _Seen(HTMLParser):
    """What a parser of HTML finds: tags with attributes, comments, and text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
#: Text that is likely to hurt: pieces of markup, in any order.
PIECES = ["<", ">", "&", '"', "'", "-", "--", "!", "]]>", "</p>", "<b>", "<!--", "-->", "--!>"]
PIECES += ["<script>", "</script>", "<![CDATA[", "\n", "\r", "\t", "\x00", "\x0b", "&#60;", "amp;"]
HURTFUL = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12).map(
    "".join
)


def allowed(text: str) -> str:
    """Text with what XML does not have replaced; said in another way than the product does."""
    return "".join(
        c
        if c in "\t\n\r" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff"
        else "\ufffd"
        for c in text
    )


class AnyTextTests(FlattenCase):
    """Any text is text, wherever it is put, for parsers of XML and of HTML."""

    def page(self, text: str) -> Tag:
        return tags.p(
            text, tags.b(text, title=text), Comment(text), text, id=tags.transparent(text, text)
        )

    @UNHURRIED
    @given(HURTFUL)
    def test_xml(self, text: str) -> None:
        """A parser of XML finds the text, and nothing else."""
        found = ElementTree.fromstring(self.write(self.page(text)))
        text = allowed(text)
        self.assertEqual([inner.tag for inner in found.iter()], ["p", "b"])
        self.assertEqual(found.get("id"), text + text)
        self.assertEqual((found.text or ""), text)
        self.assertEqual((found[0].text or ""), text)
        self.assertEqual(found[0].get("title"), text)
        self.assertEqual((found[0].tail or ""), text)

    @UNHURRIED
    @given(HURTFUL)
    def test_html(self, text: str) -> None:
        """So does one of HTML."""
        seen = _Seen(self.write(self.page(text)))
        text = allowed(text)
        self.assertEqual(seen.tags, [("p", [("id", text + text)]), ("b", [("title", text)])])
        self.assertEqual(seen.text, text * 3)

    @UNHURRIED
    @given(HURTFUL)
    def test_cdata(self, text: str) -> None:
        """A CDATA section is text for XML, and no tag for HTML."""
        written = self.write(tags.p(CDATA(text)))
        plain = allowed(text.replace("\r\n", "\n").replace("\r", "\n"))
        self.assertEqual(ElementTree.fromstring(written).text or "", plain)
        # This parser ends a section where XML does; a browser, at the first ">".
        for comment in re.findall("<!.*?>", written, re.DOTALL):
            self.assertTrue(comment.endswith("]]>"), comment)
        script = self.write(tags.script(CDATA(text)))
        self.assertEqual(ElementTree.fromstring(script).text or "", plain)
        self.assertEqual([tag for tag, _ in _Seen(script).tags], ["script"])

    @UNHURRIED
    @given(HURTFUL)
    def test_markupInAttributes(self, text: str) -> None:
        """Markup in an attribute is found as that markup, as text."""
        inner = tags.b(text, title=text)
        found = ElementTree.fromstring(self.write(tags.p(id=inner)))
        self.assertEqual(found.get("id"), self.write(inner))

    @UNHURRIED
    @given(st.binary(max_size=30))
    def test_bytes(self, data: bytes) -> None:
        """Bytes that are UTF-8 are the text that they are; no others become a tag."""
        written = self.successResultOf(flattenString(None, tags.p(data, id=data)))
        seen = _Seen(written.decode("latin-1"))
        self.assertEqual(len(seen.tags), 1)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return
        self.assertEqual(ElementTree.fromstring(written).get("id"), allowed(text))
