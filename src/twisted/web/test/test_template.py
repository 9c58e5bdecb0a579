"""Templates, tags and elements, and answers that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from zope.interface import implementer

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.python.filepath import FilePath
from twisted.trial import unittest
from twisted.web.error import (
    FlattenerError,
    MissingRenderMethod,
    MissingTemplateLoader,
    UnexposedMethodError,
)
from twisted.web.iweb import IRenderable
from twisted.web.template import (
    CDATA,
    TEMPLATE_NAMESPACE,
    VALID_HTML_TAG_NAMES,
    CharRef,
    Comment,
    Element,
    Tag,
    TagLoader,
    XMLFile,
    XMLString,
    flattenString,
    renderElement,
    renderer,
    slot,
    tags,
)
from twisted.web.test._pages import FlattenCase

NAMESPACE = f'xmlns:t="{TEMPLATE_NAMESPACE}"'


class Greeting(Element):
    """Renderers of each kind."""

    loader = XMLString(f'<p {NAMESPACE} t:render="all"><b t:render="name">who</b></p>')

    def __init__(self, name: Any = "you", loader: Any = None) -> None:
        super().__init__(loader)
        self.name_ = name

    @renderer
    def all(self, request: Any, tag: Tag) -> Tag:
        return tag(class_="all", title=request)

    @renderer
    def name(self, request: Any, tag: Tag) -> Any:
        return tag.clear()(self.name_)

    @renderer
    def tail(self, request: Any, tag: Tag) -> Any:
        tag.children[0]("more")
        return tag

    @renderer
    def fails(self, request: Any, tag: Tag) -> Any:
        raise ZeroDivisionError("by nothing")

    def hidden(self, request: Any, tag: Tag) -> Any:
        return "secret"


class TagTests(unittest.SynchronousTestCase):
    """`Tag`, and what makes them."""

    def test_call(self) -> None:
        """Children and attributes are added; an underscore is left out."""
        tag = tags.label("a", for_="b", _x="c", render="r")
        self.assertIs(tag("d"), tag)
        self.assertEqual(tag.children, ["a", "d"])
        self.assertEqual(tag.attributes, {"for": "b", "_x": "c"})
        self.assertEqual(tag.render, "r")

    def test_clone(self) -> None:
        """A copy shares nothing that can be changed; one that is not deep shares what is in it."""
        inner = tags.b("x")
        tag = Tag("p", {"id": inner}, [inner, [inner], (inner,)], "r", "f", 1, 2).fillSlots(a=inner)
        copy = tag.clone()
        for found in (
            copy.children[0],
            copy.children[1][0],
            copy.children[2][0],
            copy.attributes["id"],
            (copy.slotData or {})["a"],
        ):
            self.assertIsNot(found, inner)
            self.assertEqual(found.children, ["x"])
        self.assertEqual((copy.render, copy.filename), ("r", "f"))
        self.assertEqual((copy.lineNumber, copy.columnNumber), (1, 2))
        flat = tag.clone(deep=False)
        self.assertIs(flat.children[0], inner)
        flat("more", id="y").fillSlots(a="z")
        self.assertEqual(
            (len(tag.children), tag.attributes, tag.slotData), (3, {"id": inner}, {"a": inner})
        )

    def test_cloneFailing(self) -> None:
        """A copy of what is waited for fails as that does."""
        waiting: Deferred[Any] = Deferred()
        copy = tags.p(waiting).clone()
        done = flattenString(None, copy)
        waiting.errback(ZeroDivisionError())
        self.assertIsInstance(self.failureResultOf(done).value.args[0], ZeroDivisionError)

    def test_repr(self) -> None:
        """What they are is seen."""
        self.assertEqual(
            repr(tags.p("a", id="b")), "Tag('p', attributes={'id': 'b'}, children=['a'])"
        )
        self.assertEqual(repr(slot("a")), "slot('a')")
        self.assertEqual(
            repr([CDATA("a"), Comment("b"), CharRef(3)]), "[CDATA('a'), Comment('b'), CharRef(3)]"
        )

    def test_factory(self) -> None:
        """There is one for each element of HTML, each time a new one."""
        for name in VALID_HTML_TAG_NAMES:
            self.assertEqual(getattr(tags, name).tagName, name)
        self.assertEqual(tags.del_.tagName, "del")
        self.assertIsNot(tags.p, tags.p)
        error = self.assertRaises(AttributeError, getattr, tags, "blick")
        self.assertIn("Tag('blick')", str(error))


class ElementTests(FlattenCase):
    """Elements and their renderers."""

    def test_render(self) -> None:
        """Renderers get the request, and a tag that they may change."""
        greeting = Greeting("<me>")
        written = '<p class="all" title="R"><b>&lt;me&gt;</b></p>'
        self.assertEqual(self.write(greeting, "R"), written)
        self.assertEqual(self.write(greeting, "R"), written)

    def test_kinds(self) -> None:
        """A renderer may give anything: an element, coroutines, generators."""

        async def later() -> Tag:
            return tags.u("later")

        names = [Greeting("x", TagLoader("element")), later(), (x for x in "ab"), ["c"]]
        for name, text in zip(names, ["element", "<u>later</u>", "ab", "c"], strict=True):
            loader = TagLoader(tags.b(render="name"))
            self.assertEqual(self.write(Greeting(name, loader)), f"<b>{text}</b>")

    def test_coroutine(self) -> None:
        """A renderer may be a coroutine function."""
        ready: Deferred[str] = Deferred()

        class Slow(Element):
            loader = TagLoader(tags.p(render="slow"))

            @renderer
            async def slow(self, request: Any, tag: Tag) -> Tag:
                return tag(await ready)

        done = flattenString(None, Slow())
        self.assertNoResult(done)
        ready.callback("<")
        self.assertEqual(self.successResultOf(done), b"<p>&lt;</p>")

    def test_unshared(self) -> None:
        """What a renderer does to tags deep in its own is not there the next time."""
        page = Greeting(loader=TagLoader(tags.p(tags.b("x"), render="tail")))
        for _ in range(2):
            self.assertEqual(self.write(page), "<p><b>xmore</b></p>")

    def test_slotsOfRendered(self) -> None:
        """Slots that a tag with a renderer fills are filled in what the renderer gives."""
        tag = tags.b(slot("a"), render="name").fillSlots(a="x")
        self.assertEqual(self.write(Greeting(slot("a"), TagLoader(tag))), "<b>x</b>")

    def test_inner(self) -> None:
        """An element within another looks for its own renderers; then the outer does again."""

        class Outer(Element):
            @renderer
            def who(self, request: Any, tag: Tag) -> str:
                return "outer"

        loader = TagLoader([Greeting("inner"), tags.p(render="who")])
        written = self.write(Outer(loader), "R")
        self.assertEqual(written, '<p class="all" title="R"><b>inner</b></p>outer')

    def test_hidden(self) -> None:
        """What is not marked cannot be called by a template; nor is a property run."""
        for name in ("hidden", "loader", "__init__", "__class__", "nothing", "render"):
            error = self.error(Greeting(loader=TagLoader(tags.p(render=name))), MissingRenderMethod)
            self.assertEqual(error.args[0].renderName, name)

    def test_expose(self) -> None:
        """`renderer` marks several at once, and finds what is marked."""

        class Page(Element):
            def a(self, request: Any, tag: Tag) -> str:
                return "a"

            def b(self, request: Any, tag: Tag) -> str:
                return "b"

            renderer(a, b)

        self.assertEqual(renderer.get(Page(), "b")(None, None), "b")
        self.assertIsNone(renderer.get(Page(), "c", None))
        self.assertRaises(UnexposedMethodError, renderer.get, Page(), "c")

    def test_noLoader(self) -> None:
        """An element needs a template."""
        error = self.error(Element(), MissingTemplateLoader)
        self.assertIn("loader", str(error))

    def test_noElement(self) -> None:
        """Only in an element are there renderers."""
        self.error(tags.p(render="name"), ValueError)

    def test_renderable(self) -> None:
        """Others can be elements."""

        @implementer(IRenderable)
        class Mine:
            def lookupRenderMethod(self, name: str) -> Callable[..., Any]:
                return lambda request, tag: tag(name)

            def render(self, request: Any) -> Tag:
                return tags.p(render="any")

        self.assertEqual(self.write([Mine(), "x"]), "<p>any</p>x")

    def test_error(self) -> None:
        """An error says where in the template it was, and is in it."""
        loader = XMLString(f'<p {NAMESPACE}>\n <b t:render="fails"/></p>')
        error = self.error(tags.html(Greeting(loader=loader)), ZeroDivisionError)
        text = str(error)
        self.assertIn("Tag <html>", text)
        self.assertIn("line 2, column 1, in Tag <b>", text)
        self.assertIn("in fails", text)
        self.assertTrue(text.endswith("ZeroDivisionError: by nothing\n"), text)
        self.assertEqual(repr(error), text)

    def test_shown(self) -> None:
        """Long text is shown in part, and files are named."""
        roots = ["a" * 50, b"b", Tag("p", filename="f.xml", lineNumber=1, columnNumber=2)]
        text = str(FlattenerError(ValueError("x"), roots, None))
        self.assertIn(f"  '{'a' * 20}'<...>'{'a' * 20}'\n  b'b'\n", text)
        self.assertIn('File "f.xml", line 1, column 2, in Tag <p>\nValueError: x\n', text)


class LoaderTests(FlattenCase):
    """Templates in XML."""

    def test_everything(self) -> None:
        """All that a template can say."""
        template = XMLString(f"""<?xml version="1.0"?>
<!DOCTYPE html>
<!-- about the template -->
<p {NAMESPACE} xmlns:s="http://svg" a="&amp;" s:q="1"><t:attr name="href"
>x<t:slot name="u"/></t:attr>&lt;<!--c--><![CDATA[d<]]><t:slot name="s" default="D">unseen</t:slot
><t:transparent>q</t:transparent><br/><s:g xml:lang="en"/><a xmlns="http://a"
><b xmlns=""/></a></p>""")
        page = tags.transparent(Element(template)).fillSlots(u='"')
        self.assertEqual(
            self.write(page),
            '<p a="&amp;" s:q="1" xmlns:s="http://svg" href="x&quot;">&lt;<!--c--><![CDATA[d<]]>Dq'
            '<br /><s:g xml:lang="en"></s:g><a xmlns="http://a"><b></b></a></p>',
        )

    def test_samePrefix(self) -> None:
        """Prefixes are those of the innermost declaration."""
        text = '<a xmlns:p="u"><b xmlns:q="u"><q:c/></b><p:d/></a>'
        written = self.write(Element(XMLString(text)))
        self.assertEqual(
            ElementTree.canonicalize(written),
            ElementTree.canonicalize('<a xmlns:p="u"><b xmlns:q="u"><q:c/></b><p:d/></a>'),
        )

    def test_once(self) -> None:
        """A template is read once; bytes have the encoding that they declare."""
        loader = XMLString('<?xml version="1.0" encoding="latin-1"?><a>\xe9</a>'.encode("latin-1"))
        self.assertIs(loader.load(), loader.load())
        self.assertEqual(loader.load()[0].children, ["\xe9"])

    def test_bad(self) -> None:
        """What is no template is refused when it is loaded, with the place."""
        for text in ("<a>", "", "<a>&nbsp;</a>", "<t:b/>", "text", "<a b=1/>", "<a></b>"):
            self.assertRaises(ExpatError, XMLString, text)
        for inside, said in [
            ("<t:foo/>", "no element 'foo'"),
            ("<t:slot/>", "a slot needs a name"),
            ("<t:attr/>", "an attr needs a name".replace("an", "a")),
            ("<b t:foo=''/>", "no attribute 't:foo'"),
            ("<t:transparent><t:attr name='a'/></t:transparent>", "belongs"),
        ]:
            error = self.assertRaises(ValueError, XMLString, f"<p {NAMESPACE}>\n{inside}</p>")
            self.assertIn(said, str(error))
            self.assertIn("line 2", str(error))

    def test_entities(self) -> None:
        """Nothing is declared by a template, so nothing grows; nothing is read from elsewhere."""
        for declared in (
            '<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">',
            '<!ENTITY a SYSTEM "file:///etc/passwd">',
            '<!ENTITY % a "b">',
        ):
            text = f"<!DOCTYPE p [{declared}]><p>&a;</p>"
            self.assertRaises(ValueError, XMLString, text)

    def test_depth(self) -> None:
        """Templates are not deeper than people write them."""
        self.assertRaises(ValueError, XMLString, "<a>" * 1001 + "</a>" * 1001)

    def test_file(self) -> None:
        """A file is read when it is needed; errors name it."""
        path = FilePath(self.mktemp())
        loaders = [XMLFile(path), XMLFile(path.path), XMLFile(FilePath(path.path.encode()))]
        path.setContent(b"<p>f</p>")
        with open(path.path) as opened:
            for loader in [*loaders, XMLFile(opened)]:
                self.assertEqual(self.write(Element(loader)), "<p>f</p>")
                self.assertEqual(loader.load()[0].filename, path.path)
        self.assertIn(path.path, repr(loaders[0]))
        path.remove()
        self.assertEqual(self.write(Element(loaders[0])), "<p>f</p>")
        self.assertRaises(OSError, XMLFile(path).load)


class Request:
    """What `renderElement` needs of a request."""

    def __init__(self, displayTracebacks: bool = False) -> None:
        self.site = self
        self.displayTracebacks = displayTracebacks
        self.written = b""
        self.finished = 0
        self.code = 200
        self.gone: Deferred[None] = Deferred()

    def write(self, data: bytes) -> None:
        assert not self.finished, "written to after it was finished"
        self.written += data

    def finish(self) -> None:
        self.finished += 1

    def setResponseCode(self, code: int) -> None:
        self.code = code

    def notifyFinish(self) -> Deferred[None]:
        return self.gone


class RenderElementTests(unittest.SynchronousTestCase):
    """`renderElement`."""

    def answer(self, request: Request, page: Any, **options: Any) -> None:
        self.assertEqual(renderElement(request, page, **options), 1)

    def failing(self) -> Element:
        return Greeting(loader=TagLoader(tags.p("a", tags.b(render="fails"))))

    def test_page(self) -> None:
        """The page after its doctype, and the end."""
        request = Request()
        self.answer(request, Greeting(loader=TagLoader(tags.p("x"))))
        self.assertEqual(request.written, b"<!DOCTYPE html>\n<p>x</p>")
        self.assertEqual((request.finished, request.code), (1, 200))

    def test_noDoctype(self) -> None:
        """None is no doctype, nor is there one without a page."""
        request = Request()
        self.answer(request, Element(TagLoader("")), doctype=None)
        self.assertEqual((request.written, request.finished), (b"", 1))

    def test_failure(self) -> None:
        """A failure is logged, the user told so, and not more."""
        request = Request()
        self.answer(request, self.failing())
        self.assertEqual(len(self.flushLoggedErrors(FlattenerError)), 1)
        self.assertEqual((request.finished, request.code), (1, 500))
        self.assertIn(b"An error occurred", request.written)
        self.assertNotIn(b"ZeroDivisionError", request.written)

    def test_told(self) -> None:
        """With `displayTracebacks`, the user is told all, escaped."""
        request = Request(displayTracebacks=True)
        self.answer(request, self.failing())
        self.flushLoggedErrors(FlattenerError)
        self.assertIn(b"Tag &lt;p&gt;", request.written)
        self.assertIn(b"ZeroDivisionError", request.written)

    def test_failElement(self) -> None:
        """Others can say what is told; if that fails, both are logged and the answer ends."""
        request = Request()
        self.answer(request, self.failing(), _failElement=lambda failure: tags.i("sorry"))
        self.assertIn(b"<i>sorry</i>", request.written)
        self.flushLoggedErrors(FlattenerError)
        request = Request()
        self.answer(request, self.failing(), _failElement=lambda failure: self.failing())
        self.assertEqual(len(self.flushLoggedErrors(FlattenerError)), 2)
        self.assertEqual(request.finished, 1)

    def test_late(self) -> None:
        """What was sent stays sent."""
        waiting: Deferred[Any] = Deferred()
        request = Request()
        self.answer(request, Element(TagLoader(tags.p("a", waiting))))
        self.assertEqual(request.written, b"<!DOCTYPE html>\n<p>a")
        waiting.errback(ZeroDivisionError())
        self.flushLoggedErrors(FlattenerError)
        self.assertEqual((request.finished, request.code), (1, 200))

    def test_gone(self) -> None:
        """When the client goes away what is waited for is cancelled, and nothing written."""
        cancelled: list[object] = []
        for canceller in (cancelled.append, lambda it: it.callback("late")):
            waiting: Deferred[Any] = Deferred(canceller)
            request = Request()
            self.answer(request, Element(TagLoader(tags.p("a", waiting, "b"))))
            request.gone.errback(Failure(ConnectionError()))
            self.assertEqual((request.written[-4:], request.finished), (b"<p>a", 0))
        self.assertEqual(len(cancelled), 1)
        # What fails because it was cancelled in a way of its own is logged.
        waiting = Deferred(lambda it: it.errback(ZeroDivisionError()))
        request = Request()
        self.answer(request, Element(TagLoader(waiting)))
        request.gone.errback(Failure(ConnectionError()))
        self.assertEqual((request.written, request.finished), (b"", 0))
        self.assertEqual(len(self.flushLoggedErrors(FlattenerError)), 1)


#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
#: Text that is likely to hurt: pieces of markup, in any order.
PIECES = [
    "<",
    ">",
    "&",
    '"',
    "'",
    "-",
    "--",
    "!",
    "]]>",
    "</p>",
    "<b>",
    "<!--",
    "-->",
    "--!>",
    "amp;",
]
PIECES += [
    "<script>",
    "</script>",
    "<![CDATA[",
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x0b",
    "&#60;",
    "=",
    " ",
]
HURTFUL = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12).map(
    "".join
)
