"""Tests for twisted.python.randbytes."""

from __future__ import annotations

import os
import warnings

from twisted.python import randbytes
from twisted.trial import unittest


class RandomTests(unittest.SynchronousTestCase):
    """Both sources of bytes."""

    def test_lengths(self) -> None:
        """As many bytes come as were asked for, and not the same ones twice."""
        for source in (randbytes.secureRandom, randbytes.insecureRandom):
            for length in (0, 1, 17, 64):
                self.assertEqual(len(source(length)), length)
            self.assertNotEqual(source(32), source(32))

    def test_notAvailable(self) -> None:
        """Without a source in the system, guessable bytes come only if they were asked for."""

        def absent(nbytes: int) -> bytes:
            raise NotImplementedError

        self.patch(os, "urandom", absent)
        factory = randbytes.RandomFactory()
        self.assertRaises(randbytes.SecureRandomNotAvailable, factory.secureRandom, 8)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.assertEqual(len(factory.secureRandom(8, fallback=True)), 8)
        [warning] = caught
        self.assertEqual(warning.category, RuntimeWarning)
        self.assertEqual(os.path.basename(warning.filename), os.path.basename(__file__))
