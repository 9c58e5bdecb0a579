"""Resources from scripts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twisted.web import script, static
from twisted.web.test.test_server import SiteTestCase

HELLO = """
from twisted.web.resource import Resource
class Hello(Resource):
    def render_GET(self, request):
        return b"hello " + b"/".join(request.postpath) + __file__.encode()[-9:]
    def getChild(self, name, request):
        return Resource() if name != b"child" else self
resource = Hello()
"""


class ScriptTestCase(SiteTestCase):
    """Tests with a folder of scripts."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.files = static.File(str(self.folder))
        self.files.processors = {".rpy": script.ResourceScript, ".epy": script.PythonScript}
        self.root.putChild(b"files", self.files)
        self.root.putChild(b"folder", script.ResourceScriptDirectory(str(self.folder)))
        self.changes = 0

    def write(self, name: str, text: str) -> str:
        """Write a script; its path."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        # Two changes in one tick of the clock of a file system look the same otherwise.
        self.changes += 1
        os.utime(path, (self.changes, self.changes))
        return str(path)

    def body(self, path: bytes) -> bytes:
        """What there is."""
        sent = self.get(path)
        self.assertTrue(sent.startswith(b"HTTP/1.1 200 "), sent)
        return sent.partition(b"\r\n\r\n")[2]


class ResourceScriptTests(ScriptTestCase):
    """``.rpy``."""

    def test_resource(self) -> None:
        self.write("hello.rpy", HELLO)
        self.assertEqual(self.body(b"/files/hello.rpy"), b"hello hello.rpy")
        self.assertEqual(self.body(b"/files/hello.rpy/child"), b"hello hello.rpy")
        self.assertIn(b" 405 ", self.get(b"/files/hello.rpy/other"))

    def test_changed(self) -> None:
        """The file is what counts, at each request."""
        self.write("a.rpy", "from twisted.web import static\nresource = static.Data(b'1', 'a/b')")
        self.assertEqual(self.body(b"/files/a.rpy"), b"1")
        self.write("a.rpy", "from twisted.web import static\nresource = static.Data(b'2', 'a/b')")
        self.assertEqual(self.body(b"/files/a.rpy"), b"2")

    def test_eachTime(self) -> None:
        self.write(
            "count.rpy",
            "from twisted.web import static\n"
            "registry.count = getattr(registry, 'count', 0) + 1\n"
            "resource = static.Data(b'%d' % registry.count, 'a/b')",
        )
        self.assertEqual([self.body(b"/files/count.rpy") for _ in range(3)], [b"1", b"2", b"3"])

    def test_cache(self) -> None:
        """A script that asks for it runs once."""
        self.write(
            "once.rpy",
            "cache()\n"
            "from twisted.web import static\n"
            "registry.count = getattr(registry, 'count', 0) + 1\n"
            "resource = static.Data(b'%d' % registry.count, 'a/b')",
        )
        self.assertEqual([self.body(b"/files/once.rpy") for _ in range(3)], [b"1"] * 3)

    def test_recache(self) -> None:
        """Or anew, when it says so."""
        path = self.write("a.rpy", "recache()\nfrom twisted.web import static\n"
                          "resource = static.Data(b'1', 'a/b')")  # fmt: skip
        registry = static.Registry()
        one = script.ResourceScript(path, registry)
        self.assertIs(registry.getCachedPath(path), one)
        two = script.ResourceScript(path, registry)
        self.assertIsNot(one, two)
        self.assertIs(registry.getCachedPath(path), two)

    def test_nothing(self) -> None:
        """A script without a resource is told what to do."""
        path = self.write("empty.rpy", "cache()")
        sent = self.get(b"/files/empty.rpy")
        self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
        self.assertIn(script.rpyNoResource.encode(), sent)
        self.assertIsNone(self.files.registry.getCachedPath(path))

    def test_fails(self) -> None:
        """What goes wrong in it is logged, and no one else is told."""
        for text, kind in (("1 / 0", ZeroDivisionError), ("a b", SyntaxError)):
            self.write("bad.rpy", text)
            sent = self.get(b"/files/bad.rpy")
            self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
            self.assertNotIn(kind.__name__.encode(), sent)
            self.assertEqual(len(self.flushLoggedErrors(kind)), 1)

    def test_wrapper(self) -> None:
        path = self.write("hello.rpy", HELLO)
        self.root.putChild(b"hello", script.ResourceScriptWrapper(path))
        self.assertEqual(self.body(b"/hello"), b"hello hello.rpy")
        self.assertEqual(self.body(b"/hello/child"), b"hello hello.rpy")
        self.write("hello.rpy", HELLO.replace("hello ", "bye "))
        self.assertEqual(self.body(b"/hello"), b"bye hello.rpy")

    def test_template(self) -> None:
        """A template is compiled by Quixote, if there is one."""
        path = self.write("a.ptl", "ignored")
        if "quixote" not in sys.modules:
            self.assertRaises(ImportError, script.ResourceTemplate, path, static.Registry())

        def compileTemplate(file: Any, name: str) -> Any:
            self.assertEqual((file.read(), name), ("ignored", path))
            return compile("resource = 5", name, "exec")

        fake = SimpleNamespace(compile_template=compileTemplate)
        names = ["quixote", "quixote.ptl", "quixote.ptl.ptl_compile"]
        self.patch(sys, "modules", {**sys.modules, **dict.fromkeys(names, fake)})
        self.assertEqual(script.ResourceTemplate(path, static.Registry()), 5)


class DirectoryTests(ScriptTestCase):
    """A folder in which everything is a script."""

    def test_scripts(self) -> None:
        self.write("hello.any", HELLO)
        self.write("sub/hello.any", HELLO)
        self.assertEqual(self.body(b"/folder/hello.any"), b"hello hello.any")
        self.assertEqual(self.body(b"/folder/sub/hello.any"), b"hello hello.any")
        self.assertEqual(self.body(b"/folder/hello.any/child"), b"hello hello.any")

    def test_nothing(self) -> None:
        """Folders are not listed, and nothing outside is run."""
        self.write("sub/hello.any", HELLO)
        outside = self.folder.parent / "outside.rpy"
        outside.write_text(HELLO)
        self.addCleanup(outside.unlink)
        self.write(".hidden", HELLO)
        for path in (
            b"/folder",
            b"/folder/",
            b"/folder/sub",
            b"/folder/sub/",
            b"/folder/none",
            b"/folder/../outside.rpy",
            b"/folder/%2e%2e/outside.rpy",
            b"/folder/..%2foutside.rpy",
            b"/folder/sub%2fhello.any",
            b"/folder/.hidden",
            b"/folder/%00",
            b"/folder/%ff",
        ):
            self.assertTrue(self.get(path).startswith(b"HTTP/1.1 404 "), path)


class PythonScriptTests(ScriptTestCase):
    """``.epy``."""

    def test_written(self) -> None:
        self.write(
            "a.epy",
            "request.setHeader(b'x-a', b'b')\n"
            "request.write(b'at ' + __file__.encode()[-5:])\n"
            "request.write(b'/'.join(request.postpath))\n",
        )
        sent = self.get(b"/files/a.epy/b/c")
        self.assertIn(b"\r\nX-A: b\r\n", sent)
        self.assertTrue(sent.endswith(b"at a.epy\r\n3\r\nb/c\r\n0\r\n\r\n"), sent)

    def test_nothing(self) -> None:
        self.write("a.epy", "")
        self.assertEqual(self.body(b"/files/a.epy"), b"")

    def test_gone(self) -> None:
        self.root.putChild(b"a", script.PythonScript("/nowhere/a.epy", None))
        self.assertIn(b" 404 ", self.get(b"/a"))

    def test_fails(self) -> None:
        """What goes wrong is shown to those alone who are to see it."""
        for text, kind in (("'<b>' / 0", TypeError), ("a b", SyntaxError)):
            self.write("bad.epy", text)
            self.site.displayTracebacks = False
            sent = self.get(b"/files/bad.epy")
            self.assertTrue(sent.startswith(b"HTTP/1.1 500 "), sent)
            self.assertNotIn(kind.__name__.encode(), sent)
            self.site.displayTracebacks = True
            sent = self.get(b"/files/bad.epy")
            self.assertIn(kind.__name__.encode(), sent)
            self.assertNotIn(b"'<b>'", sent)
            self.assertEqual(len(self.flushLoggedErrors(kind)), 2)

    def test_failsInTheMiddle(self) -> None:
        self.write("bad.epy", "request.write(b'half')\n1 / 0")
        sent = self.get(b"/files/bad.epy")
        self.assertTrue(sent.endswith(b"half\r\n"), sent)
        self.assertTrue(self.transport.disconnected)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
