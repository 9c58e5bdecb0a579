"""A test about a warning, and one that leaves its warning to the report.

trial test_warning.py
"""

import warnings

from twisted.trial import unittest


class WarningTests(unittest.TestCase):
    def test_warning(self):
        warnings.warn("foo is bad")
        self.assertEqual(len(self.flushWarnings()), 1)

    def test_notFlushed(self):
        warnings.warn("bar is bad")
