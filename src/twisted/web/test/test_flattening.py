"""Writing pages: what is written, what fills slots, what is waited for."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any
from xml.etree import ElementTree

from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.web.error import (
    FlattenerError,
    UnfilledSlot,
    UnsupportedType,
)
from twisted.web.template import (
    CDATA,
    TEMPLATE_NAMESPACE,
    CharRef,
    Comment,
    Element,
    Tag,
    TagLoader,
    XMLString,
    _flattening,
    flatten,
    flattenString,
    slot,
    tags,
)
from twisted.web.test._pages import FlattenCase

NAMESPACE = f'xmlns:t="{TEMPLATE_NAMESPACE}"'


class FlattenTests(FlattenCase):
    """What is written for what is in a page."""

    def test_plain(self) -> None:
        """Text and bytes, lists and generators of them, and tags."""
        self.assertEqual(self.write(["a", (b"b", ["c"]), (x for x in "de"), iter("f")]), "abcdef")
        self.assertEqual(
            self.write(tags.p("a", tags.b("b"), class_="c")), '<p class="c">a<b>b</b></p>'
        )
        self.assertEqual(self.write(Tag(b"p", {b"id": b"q"})), '<p id="q"></p>')
        self.assertEqual(self.write(tags.transparent("a", "b")), "ab")
        self.assertEqual(self.write(""), "")

    def test_void(self) -> None:
        """Elements that have no content in HTML have no end tag; others always do."""
        self.assertEqual(self.write(tags.br), "<br />")
        self.assertEqual(self.write(tags.img(src=slot("s")).fillSlots(s="x")), '<img src="x" />')
        self.assertEqual(self.write(tags.img(src=tags.b)), '<img src="&lt;b&gt;&lt;/b&gt;" />')
        self.assertEqual(self.write(tags.script(src="x")), '<script src="x"></script>')

    def test_escaped(self) -> None:
        """What is markup in text and attributes is escaped there, wherever it comes from."""
        bad = "<&>\"'"
        self.assertEqual(self.write(bad), "&lt;&amp;&gt;\"'")
        self.assertEqual(self.write(bad.encode()), "&lt;&amp;&gt;\"'")
        quoted = '<p id="&lt;&amp;&gt;&quot;\'"></p>'
        values = [
            tags.transparent(bad[:2], succeed(bad[2:])),
            bad,
            bad.encode(),
            [bad],
            succeed(bad),
            slot("s", bad),
            tags.transparent(bad),
        ]
        for value in [*values, (x for x in bad)]:
            self.assertEqual(self.write(tags.p(id=value)), quoted)

    def test_markupInAttributes(self) -> None:
        """Markup in an attribute is the text of that markup."""
        value = tags.b("<", id='"')
        self.assertEqual(
            self.write(tags.p(id=value)),
            '<p id="&lt;b id=&quot;&amp;quot;&quot;&gt;&amp;lt;&lt;/b&gt;"></p>',
        )
        self.assertEqual(self.write(tags.p(id=Comment('"'))), '<p id="&lt;!--&quot;--&gt;"></p>')
        self.assertEqual(self.write(tags.p(id=[CharRef(34), "x"])), '<p id="&#34;x"></p>')
        # And what follows is no text of an attribute.
        self.assertEqual(self.write([tags.p(id=value), '"'])[-1], '"')

    def test_control(self) -> None:
        """Characters that parsers change or refuse."""
        self.assertEqual(self.write("a\r\n\tb\x00\ud800\ufffe"), "a&#13;\n\tb\ufffd\ufffd\ufffd")
        self.assertEqual(self.write(tags.p(id="\r\n\t\x1b")), '<p id="&#13;&#10;&#9;\ufffd"></p>')
        self.assertEqual(self.write(Comment("a\r\nb\x00")), "<!--a\nb\ufffd-->")

    def test_otherBytes(self) -> None:
        """Bytes that are not UTF-8 are written as they are, and text never becomes such bytes."""
        written = self.successResultOf(flattenString(None, [b"\xff<\xc3", b"\xa9", "\udcff"]))
        self.assertEqual(written, b"\xff&lt;\xc3\xa9\xef\xbf\xbd")

    def test_comment(self) -> None:
        """No text ends a comment."""
        for text, written in [
            ("a--b", "<!--a- -b-->"),
            ("---", "<!--- - - -->"),
            (">a", "<!-- >a-->"),
            ("->a", "<!-- ->a-->"),
            ("--!>", "<!--- -!>-->"),
            ("-->", "<!--- ->-->"),
        ]:
            self.assertEqual(self.write(Comment(text)), written)

    def test_cdata(self) -> None:
        """No text ends a CDATA section, nor what a browser takes it for."""
        self.assertEqual(self.write(CDATA("a<b")), "<![CDATA[a<b]]>")
        self.assertEqual(self.write(CDATA("]]>")), "<![CDATA[]]]]>&gt;<![CDATA[]]>")
        script = self.write(tags.script(CDATA("1 > 0 ]]> </script><!--")))
        self.assertEqual(script.count("</script>"), 1)
        self.assertNotIn("<!--", script)
        self.assertEqual(ElementTree.fromstring(script).text, "1 > 0 ]]> </script><!--")

    def test_characters(self) -> None:
        """Characters by number, if there are such."""
        self.assertEqual(self.write(CharRef(160)), "&#160;")
        for bad in (-1, 0, 0xD800, 0x110000):
            self.error(CharRef(bad), ValueError)

    def test_names(self) -> None:
        """Names that would be more than a name are refused."""
        for name in ("a b", "a>", "<", "a/", "1", 'a"', "a=", "-", "a\x00", "!--"):
            self.error(Tag(name), ValueError)
        for name in ("a b", "a>", "", "a/b", 'a"', "a'", "a=", "a\n", "\ud800"):
            self.error(
                tags.p(x="y")(**{name + "_": "z"}) if name else Tag("p", {"": ""}),
                ValueError,
            )
        self.assertEqual(
            self.write(Tag("svg:g", {"xml:lang": "de", "@click": ""})),
            '<svg:g xml:lang="de" @click=""></svg:g>',
        )

    def test_subclasses(self) -> None:
        """Kinds of text are escaped, whatever they say of themselves."""

        class Markup(str):
            def __str__(self) -> str:
                return "<b>"

            def __html__(self) -> str:
                return "<b>"

        class Other(bytes):
            pass

        class Pair(tuple[str, str]):
            pass

        class Big(Tag):
            pass

        page = [Markup("<i>"), Other(b"<u>"), Pair("xy"), Big("big")("z")]
        self.assertEqual(self.write(page), "&lt;i&gt;&lt;u&gt;xy<big>z</big>")

    def test_unsupported(self) -> None:
        """What is no text is not guessed at, and the error says what to do."""
        for thing in (None, 1, 1.5, True, object(), {"a": 1}):
            error = self.error(tags.p(thing), UnsupportedType)
            self.assertIn("make it text with str()", str(error))
        self.error(tags.p(id=None), UnsupportedType)

    def test_deep(self) -> None:
        """Trees may be deeper than calls may be."""
        page = Tag("i")
        for _ in range(5000):
            page = Tag("b", None, [page])
        self.assertEqual(self.write(page).count("</b>"), 5000)

    def test_pieces(self) -> None:
        """A long page is written in pieces, and generators are asked as it gets written."""
        written: list[bytes] = []
        asked: list[int] = []

        def rows() -> Iterator[Tag]:
            for number in range(20000):
                asked.append(len(written))
                yield tags.p(str(number))

        self.successResultOf(flatten(None, rows(), written.append))
        self.assertGreater(len(written), 2)
        self.assertLess(max(map(len, written)), 1 << 18)
        self.assertIn(1, asked)
        self.assertEqual(b"".join(written).count(b"</p>"), 20000)

    def test_keptNames(self) -> None:
        """No more names than programs have are kept."""
        self.patch(_flattening, "NAMES", 0)
        begins, attributes = dict(_flattening._begins), dict(_flattening._attributes)
        self.assertEqual(self.write(Tag("new1", {"new2": ""})), '<new1 new2=""></new1>')
        self.assertEqual((_flattening._begins, _flattening._attributes), (begins, attributes))

    def test_again(self) -> None:
        """A page can be written more than once, what was waited for included."""
        page = tags.p(succeed(tags.b("x")))
        self.assertEqual(self.write(page), self.write(page))
        self.assertEqual(self.write(page.clone()), "<p><b>x</b></p>")


class SlotTests(FlattenCase):
    """Slots, and what fills them."""

    def test_fill(self) -> None:
        """The nearest tag around that fills it; then the default."""
        place = tags.div(tags.p(slot("a"), slot("b", "default")).fillSlots(a="inner"))
        self.assertEqual(self.write(place.fillSlots(a="outer")), "<div><p>innerdefault</p></div>")
        place.fillSlots(b=tags.i)
        self.assertEqual(self.write(place), "<div><p>inner<i></i></p></div>")

    def test_slotInSlot(self) -> None:
        """What fills a slot may have slots."""
        page = tags.div(slot("a")).fillSlots(a=[slot("b")], b="<")
        self.assertEqual(self.write(page), "<div>&lt;</div>")

    def test_after(self) -> None:
        """A tag fills the slots in it, and no others."""
        page = [tags.p(slot("a")).fillSlots(a="x"), slot("a")]
        error = self.error(page, UnfilledSlot)
        self.assertEqual(error.args[0].args, ("a",))

    def test_elements(self) -> None:
        """Slots in an element are filled by what is around it, too."""
        page = tags.div(Element(TagLoader(slot("a")))).fillSlots(a="x")
        self.assertEqual(self.write(page), "<div>x</div>")

    def test_unfilled(self) -> None:
        """The error says where the template has the slot."""
        template = XMLString(f'<p {NAMESPACE}>\n<t:slot name="q"/></p>')
        error = self.error(Element(template), UnfilledSlot)
        self.assertIn("line 2, column 0, in slot('q')", str(error))
        self.error(tags.p(id=slot("q")), UnfilledSlot)


class WaitingTests(FlattenCase):
    """Deferreds and coroutines in a page."""

    def test_meanwhile(self) -> None:
        """What comes before is written; attributes as well, but for markup in them."""
        one: Deferred[Any] = Deferred()
        two: Deferred[Any] = Deferred()
        written: list[bytes] = []
        page = tags.div("a", one, tags.p("b", title=tags.b(two)), "c")
        done = flatten(None, page, written.append)
        self.assertEqual(written, [b"<div>a"])
        one.callback([succeed("1"), tags.i])
        self.assertEqual(b"".join(written), b'<div>a1<i></i><p title="')
        self.assertNoResult(done)
        two.callback("<")
        self.assertEqual(
            b"".join(written),
            b'<div>a1<i></i><p title="&lt;b&gt;&amp;lt;&lt;/b&gt;">b</p>c</div>',
        )
        self.assertIsNone(self.successResultOf(done))

    def test_failure(self) -> None:
        """A Deferred that fails, before or after, fails the page, and is not logged."""
        error = self.error(tags.p(fail(ZeroDivisionError())), ZeroDivisionError)
        self.assertIn("Tag <p>", str(error))
        waiting: Deferred[Any] = Deferred()
        done = flattenString(None, tags.p(waiting))
        waiting.errback(ZeroDivisionError())
        later = self.failureResultOf(done, FlattenerError).value
        self.assertIsInstance(later.args[0], ZeroDivisionError)

    def test_cancel(self) -> None:
        """Cancelling cancels what is waited for; what that still gives is not written."""
        cancelled: list[object] = []
        waiting: Deferred[Any] = Deferred(cancelled.append)
        written: list[bytes] = []
        done = flatten(None, ["a", waiting, "b"], written.append)
        done.cancel()
        self.failureResultOf(done, CancelledError)
        self.assertEqual(cancelled, [waiting])
        self.assertEqual(written, [b"a"])

    def test_stubborn(self) -> None:
        """What answers to being cancelled with a result is not written either."""
        waiting: Deferred[Any] = Deferred(lambda it: it.callback("late"))
        written: list[bytes] = []
        done = flatten(None, waiting, written.append)
        done.cancel()
        self.assertEqual(b"".join(written), b"late")
        self.successResultOf(done)

    def test_late(self) -> None:
        """What cannot be cancelled, and gives a result much later, is too late."""

        class Endless(Deferred[Any]):
            def cancel(self) -> None:
                pass

        waiting = Endless()
        written: list[bytes] = []
        done = flatten(None, ["a", waiting, "b"], written.append)
        done.cancel()
        self.failureResultOf(done, CancelledError)
        waiting.callback("late")
        self.assertEqual(written, [b"a"])

    def test_otherCoroutines(self) -> None:
        """Coroutines of other kinds than Python's own are such."""

        class Mine(Coroutine[Any, Any, str]):
            def send(self, value: Any) -> Any:
                raise StopIteration("mine")

            def throw(self, *raised: Any) -> Any:
                raise NotImplementedError

            def close(self) -> None:
                pass

            def __await__(self) -> Any:
                raise NotImplementedError

        self.assertEqual(self.write(Mine()), "mine")

    def test_coroutineFails(self) -> None:
        """A coroutine that fails fails the page."""

        async def bad() -> str:
            raise ZeroDivisionError

        self.error(bad(), ZeroDivisionError)

    def test_writeFails(self) -> None:
        """So does what cannot be written."""

        def write(_: bytes) -> None:
            raise OSError("full")

        error = self.failureResultOf(flatten(None, "x", write), FlattenerError).value
        self.assertIsInstance(error.args[0], OSError)
