"""Tests for twisted.python.win32."""

from __future__ import annotations

import errno
import os

from twisted.python import win32
from twisted.trial import unittest


class CommandLineTests(unittest.SynchronousTestCase):
    """Command lines as the C runtime of Windows reads them."""

    def test_table(self) -> None:
        """Quotes surround what needs them; backslashes are doubled only before a quote."""
        table = {
            "plain": "plain",
            "": '""',
            "a b": '"a b"',
            'say "hi"': '"say \\"hi\\""',
            "c:\\dir\\": "c:\\dir\\",
            "c:\\my dir\\": '"c:\\my dir\\\\"',
            'back\\"slash': '"back\\\\\\"slash"',
        }
        for argument, expected in table.items():
            self.assertEqual(win32.cmdLineQuote(argument), expected)

    def test_many(self) -> None:
        """Arguments have spaces between them."""
        self.assertEqual(win32.quoteArguments(["a", "b c"]), 'a "b c"')


class ErrorTests(unittest.SynchronousTestCase):
    """What errors are called."""

    def test_exception(self) -> None:
        """`WindowsError` can be caught anywhere."""
        self.assertTrue(issubclass(win32.WindowsError, OSError))

    def test_formatError(self) -> None:
        """A code has a text."""
        self.assertEqual(win32.formatError(errno.ENOENT), os.strerror(errno.ENOENT))
