"""Redirections, resources that come later, and failures as pages."""

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web import resource, util
from twisted.web.static import Data
from twisted.web.template import TagLoader, flattenString, tags
from twisted.web.test.test_server import Page, SiteTestCase


def fall(text: str = "<script>alert(1)</script> & é") -> None:
    """Raise what a browser had better not see as it is."""
    raise ValueError(text)


def failure() -> Failure:
    """A failure, with a traceback."""
    try:
        fall()
    except ValueError:
        return Failure()
    raise AssertionError("it has not fallen")


class RedirectTests(SiteTestCase):
    """Clients are sent elsewhere."""

    def test_redirectTo(self) -> None:
        sent = self.ask(lambda request: util.redirectTo(b'/a?"><script>', request))
        head, _, body = sent.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 302 "))
        self.assertIn(b'\r\nLocation: /a?"><script>\r\n', head)
        self.assertIn(b'href="/a?&quot;&gt;&lt;script&gt;"', body)
        self.assertNotIn(b"<script>", body)

    def test_bad(self) -> None:
        """What could end the header is refused, as is text."""
        cases: list[tuple[Any, type[Exception]]] = [
            (b"/a\r\nX: y", ValueError),
            (b"/\x00", ValueError),
            ("/a", TypeError),
        ]
        for url, kind in cases:
            self.ask(partial(util.redirectTo, url))
            self.assertEqual(len(self.flushLoggedErrors(kind)), 1)

    def test_redirect(self) -> None:
        self.root.putChild(b"old", util.Redirect(b"http://a.com/new"))
        for path in (b"/old", b"/old/", b"/old/b"):
            self.assertIn(b"\r\nLocation: http://a.com/new\r\n", self.get(path))

    def test_parent(self) -> None:
        folder = resource.Resource()
        folder.putChild(b"index.html", util.ParentRedirect())
        self.root.putChild(b"folder", folder)
        self.assertIn(b"\r\nLocation: http://a:12345/folder/\r\n", self.get(b"/folder/index.html"))


class DeferredResourceTests(SiteTestCase):
    """A resource that is not known yet."""

    def tree(self) -> resource.Resource:
        """A resource with children."""
        tree = resource.Resource()
        tree.putChild(b"", Data(b"index", "text/plain"))
        tree.putChild(b"a", Page(lambda request: b"/".join(request.postpath)))
        return tree

    def put(self, d: Any) -> None:
        """Serve it."""
        self.root.putChild(b"d", util.DeferredResource(d))

    def test_known(self) -> None:
        """Its children are found when it is known, for each who asks."""
        self.put(succeed(self.tree()))
        for _ in range(2):
            self.assertTrue(self.get(b"/d/").endswith(b"\r\n\r\nindex"))
            self.assertTrue(self.get(b"/d/a/b/c").endswith(b"\r\n\r\nb/c"))
            self.assertIn(b" 404 ", self.get(b"/d/x"))
            self.assertIn(b" 405 ", self.send(b"DELETE /d/a HTTP/1.1\r\nHost: a\r\n\r\n"))

    def test_later(self) -> None:
        waiting: Deferred[Any] = Deferred()
        self.put(waiting)
        self.assertEqual(self.get(b"/d/a/b"), b"")
        waiting.callback(self.tree())
        self.assertTrue(self.written().endswith(b"\r\n\r\nb"))

    def test_childrenLater(self) -> None:
        """What it has may come later as well."""

        class Slow(resource.Resource):
            async def getChild(self, path: bytes, request: Any) -> Any:
                return await succeed(Page(self.answer))

            def answer(self, request: Any) -> Any:
                return succeed(b"slow")

        self.put(succeed(Slow()))
        self.assertTrue(self.get(b"/d/a").endswith(b"\r\n\r\nslow"))

    def test_failed(self) -> None:
        """Everyone is told; the log has it."""
        self.put(fail(failure()))
        for _ in range(2):
            self.assertIn(b" 500 ", self.get(b"/d/a"))
            self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_lost(self) -> None:
        """One who has gone away is not waited for, and the others still are answered."""
        waiting: Deferred[Any] = Deferred()
        self.put(waiting)
        self.get(b"/d/a/b")
        self.lose()
        self.connect()
        self.get(b"/d/a/b")
        waiting.callback(self.tree())
        self.assertTrue(self.written().endswith(b"\r\n\r\nb"))


class FailureTests(SynchronousTestCase):
    """Failures as HTML."""

    def test_format(self) -> None:
        """All of it is there, escaped, in ASCII."""
        page = util.formatFailure(failure())
        self.assertIn(b"ValueError", page)
        self.assertIn(b"&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#233;", page)
        self.assertNotIn(b"<script", page)
        self.assertIn(b"test_util.py:", page)
        self.assertIn(b"<b>fall</b>", page)
        self.assertIn(b"raise ValueError(text)", page)
        page.decode("ascii")

    def test_noTraceback(self) -> None:
        """One that was not raised, and one whose source is not there."""
        self.assertIn(b"<ol></ol>", util.formatFailure(Failure(ValueError("a"))))
        names: dict[str, Any] = {}
        exec(compile("def f(): 1 / 0", "<nowhere & there>", "exec"), names)
        try:
            names["f"]()
        except ZeroDivisionError:
            self.assertIn(b"&lt;nowhere &amp; there&gt;:1", util.formatFailure(Failure()))

    def test_template(self) -> None:
        """With a template of one's own."""
        element = util.FailureElement(failure(), TagLoader(tags.p(tags.i(render="type"))))
        page = self.successResultOf(flattenString(None, element))
        self.assertEqual(page, b"<p><i>builtins.ValueError</i></p>")
