"""Errors of the web say what happened."""

from __future__ import annotations

from twisted.trial import unittest
from twisted.web.error import (
    Error,
    InfiniteRedirection,
    MissingRenderMethod,
    MissingTemplateLoader,
    PageRedirect,
    RedirectWithNoLocation,
    RenderError,
)


class ErrorTests(unittest.SynchronousTestCase):
    """Answers that are errors."""

    def test_status(self) -> None:
        """The status is bytes, and its reason known if there is one."""
        for error, status, said in [
            (Error(404), b"404", "404 Not Found"),
            (Error(b"404", b"m", b"r"), b"404", "404 m"),
            (Error(999), b"999", "999"),
            (Error(b"odd"), b"odd", "odd"),
        ]:
            self.assertEqual((error.status, str(error)), (status, said))
        self.assertEqual(Error(404, response=b"r").response, b"r")
        self.assertEqual(Error(404).args, (404, b"Not Found", None))

    def test_redirects(self) -> None:
        """Redirections say where to."""
        for kind in (PageRedirect, InfiniteRedirection):
            error = kind(302, b"m", b"r", b"/l")
            self.assertEqual((str(error), error.location), ("302 m to /l", b"/l"))
            self.assertEqual(str(kind(301, location=b"/x")), "301 Moved Permanently to /x")
            self.assertEqual(str(kind(999)), "999")
        nowhere = RedirectWithNoLocation(301, b"q", b"/uri")
        self.assertEqual((str(nowhere), nowhere.uri), ("301 q to /uri", b"/uri"))

    def test_rendering(self) -> None:
        """Elements are named."""
        missing = MissingRenderMethod("element", "name")
        self.assertIsInstance(missing, RenderError)
        self.assertEqual((missing.element, missing.renderName), ("element", "name"))
        self.assertIn("'name'", str(missing))
        self.assertEqual(MissingTemplateLoader("element").element, "element")
