"""What a real browser makes of our pages."""

from __future__ import annotations

from typing import Any

from twisted.internet import threads
from twisted.web import resource, server, static
from twisted.web.template import Element, TagLoader, renderElement, tags
from twisted.web.test._serving import ServedTestCase
from twisted.web.test.browser import BrowserCase, BrowserError, Page

#: A name that is a script, if anything forgets to escape it.
HOSTILE = "<script>document.title = 'hacked'</script> & \"friends\" 'here'"


class Greeting(Element):
    """A page of tags."""

    loader = TagLoader(
        tags.html(
            tags.head(tags.meta(charset="utf-8"), tags.title("Greeting")),
            tags.body(
                tags.h1("Hello, ", HOSTILE),
                tags.form(tags.input(name="who", value=HOSTILE), tags.button("Say"), method="post"),
            ),
        )
    )


class Form(resource.Resource):
    """Shows a form, and says what was in it."""

    isLeaf = True

    def render_GET(self, request: Any) -> Any:
        """The form."""
        return renderElement(request, Greeting())

    def render_POST(self, request: Any) -> bytes:
        """What it was filled with."""
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        visits = request.getSession()
        visits.count = getattr(visits, "count", 0) + 1
        return b"%s, %d" % (request.args[b"who"][0], visits.count)


class PageTests(BrowserCase, ServedTestCase):
    """A site of this process."""

    def setUp(self) -> None:
        super().setUp()
        root = resource.Resource()
        root.putChild(b"form", Form())
        root.putChild(b"data", static.Data(HOSTILE.encode(), "text/plain; charset=utf-8"))
        site = server.Site(root)
        self.addCleanup(lambda: [session.expire() for session in list(site.sessions.values())])
        # The browser keeps connections, in case that it wants something else.
        self.address = f"http://127.0.0.1:{self.listen(site)}"
        self.window = self.page()

    async def test_escaped(self) -> None:
        """What a page is given is text, wherever it is shown, and no script."""
        page = self.window
        text = await threads.deferToThread(page.open, f"{self.address}/form")
        self.assertIn(f"Hello, {HOSTILE}", text)
        self.assertEqual(page.title, "Greeting")
        self.assertEqual(page.run("document.querySelector('input').value"), HOSTILE)
        self.assertEqual(await threads.deferToThread(page.open, f"{self.address}/data"), HOSTILE)

    async def test_form(self) -> None:
        """What is written into a form arrives, and the session is that of before."""

        def twice(page: Page) -> list[str]:
            said = []
            for name in ("Grüße", HOSTILE):
                page.open(f"{self.address}/form")
                page.fill("input", name)
                said.append(page.follow("button"))
            return said

        said = await threads.deferToThread(twice, self.window)
        self.assertEqual(said, ["Grüße, 1", f"{HOSTILE}, 2"])

    async def test_missing(self) -> None:
        """The page of an error names what there is not, as text."""
        page = self.window
        await threads.deferToThread(page.open, f"{self.address}/<b>nowhere</b>")
        self.assertEqual(page.title, "404 - No Such Resource")
        self.assertEqual(page.all("b"), [])

    async def test_nobodyThere(self) -> None:
        """The browser says why it has no page."""
        with self.assertRaisesRegex(BrowserError, "ERR_CONNECTION_REFUSED|ERR_UNSAFE_PORT"):
            await threads.deferToThread(self.window.open, "http://127.0.0.1:1/")

    async def test_picture(self) -> None:
        """It is a picture of the size of the window."""
        await threads.deferToThread(self.window.open, f"{self.address}/form")
        data = self.window.picture("greeting").read_bytes()
        self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
        size = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
        self.assertEqual(size, (900, 600))
