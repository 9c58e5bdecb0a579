"""Tests for twisted.python.url."""

from __future__ import annotations

import hyperlink

from twisted.python.url import URL
from twisted.trial import unittest


class URLTests(unittest.SynchronousTestCase):
    """The class is that of `hyperlink`, which programs use side by side with this one."""

    def test_same(self) -> None:
        """One class under both names, with the methods of both spellings."""
        self.assertIs(URL, hyperlink.URL)
        url = URL.fromText("http://example.com/a?b=c")
        self.assertEqual(url.child("d").asText(), "http://example.com/a/d?b=c")
        self.assertEqual(url.get("b"), ["c"])
