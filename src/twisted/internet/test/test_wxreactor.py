"""The suites that every reactor passes, on the one in wx: in a process of its own, on a display."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from twisted.internet.test.test_examples_guis import WindowCase, has
from twisted.trial import unittest

SUITES = "twisted.internet.test._wxsuites"
#: Seconds that all of them may take, on a machine with much else to do.
PATIENCE = 120


class WxReactorTests(WindowCase):
    """`twisted.internet.wxreactor`."""

    def test_suites(self) -> None:
        if not has("wx"):
            raise unittest.SkipTest("wxPython is not installed, on Debian: python3-wxgtk4.0")
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "twisted.trial", "--reporter", "text", SUITES],
                cwd=folder,
                env=self.environment,
                capture_output=True,
                check=False,
                text=True,
                timeout=PATIENCE,
            )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("PASSED (", done.stdout)
