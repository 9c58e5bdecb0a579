"""Tests for twisted.python.htmlizer."""

from __future__ import annotations

import contextlib
import html
import io
import re
import sys
from typing import Any

from twisted.python import htmlizer
from twisted.trial import unittest

SOURCE = '''\
"""Doc."""
import os

@decorate
def function(a, b=(1, 2), *, c: int = 3) -> str:
    # comment <x>
    x = a.b + "s"   # more
    if x and \\
            y:
        return f(x)

class C(object): pass
value = """two
lines"""
\u00f6 = 1
'''


class FilterTests(unittest.SynchronousTestCase):
    """`filter`."""

    def make(self, source: str | bytes, writer: Any = htmlizer.HTMLWriter) -> str:
        data = source.encode() if isinstance(source, str) else source
        out = io.BytesIO()
        htmlizer.filter(io.BytesIO(data), out, writer)
        return out.getvalue().decode()

    def text(self, shown: str) -> str:
        return html.unescape(re.sub("<[^>]*>", "", shown))

    def test_nothingIsLost(self) -> None:
        """Without its tags, it is the source."""
        for writer in (htmlizer.HTMLWriter, htmlizer.SmallerHTMLWriter):
            self.assertEqual(self.text(self.make(SOURCE, writer)), SOURCE + "\n")

    def test_own(self) -> None:
        """So it is for this very module and the one that is tested."""
        for filename in (__file__, htmlizer.__file__):
            with open(filename, encoding="utf-8") as source:
                content = source.read()
            self.assertEqual(self.text(self.make(content)), content + "\n")

    def kinds(self, source: str) -> list[tuple[str, str]]:
        shown = self.make(source, htmlizer.SmallerHTMLWriter)
        found = re.findall(r'<span class="py-src-(\w+)">([^<]*)</span>', shown)
        return [(kind, html.unescape(token)) for kind, token in found]

    def test_names(self) -> None:
        """Names are keywords, what is defined, parameters, or others."""
        self.assertEqual(
            self.kinds("def f(a, b=g(c)): return x\nx(y)\n"),
            [
                ("keyword", "def"),
                ("identifier", "f"),
                ("parameter", "a"),
                ("parameter", "b"),
                ("parameter", "g"),
                ("parameter", "c"),
                ("keyword", "return"),
                ("variable", "x"),
                ("variable", "x"),
                ("variable", "y"),
            ],
        )

    def test_classWithoutBases(self) -> None:
        """What follows a class without parentheses are no parameters."""
        self.assertEqual(
            self.kinds("class C: x = f(y)\n"),
            [
                ("keyword", "class"),
                ("identifier", "C"),
                ("variable", "x"),
                ("variable", "f"),
                ("variable", "y"),
            ],
        )

    def test_others(self) -> None:
        """Strings, comments and numbers; what means something in HTML is escaped."""
        self.assertEqual(
            self.kinds("'<&>' # a<b\n1\n"),
            [("string", "'<&>'"), ("comment", "# a<b"), ("number", "1")],
        )
        self.assertIn("&lt;&amp;&gt;", self.make("'<&>'"))

    def test_encoding(self) -> None:
        """A source in another encoding is shown in UTF-8."""
        shown = self.make("# -*- coding: latin-1 -*-\nx = '\u00f6'\n".encode("latin-1"))
        self.assertIn("'\u00f6'", self.text(shown))

    def test_incomplete(self) -> None:
        """What is no source is an error."""
        self.assertRaises(SyntaxError, self.make, "f(")

    def test_main(self) -> None:
        """The command line names a file."""
        path = self.mktemp()
        with open(path, "wb") as target:
            target.write(b"x = 1\n")
        self.patch(sys, "argv", ["htmlizer", path])
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())) as out:
            htmlizer.main()
        out.seek(0)
        self.assertEqual(self.text(out.read()), "x = 1\n\n")
        self.patch(sys, "argv", ["htmlizer"])
        self.assertIn("Usage", str(self.assertRaises(SystemExit, htmlizer.main)))
