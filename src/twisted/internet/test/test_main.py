"""`twisted.internet.main`: the reasons for the end of connections; installing a reactor."""

from __future__ import annotations

import subprocess
import sys

from twisted.internet import error, main
from twisted.trial import unittest

INSTALL = """
import sys
from zope.interface import implementer
from twisted.internet import error, main
class Reactor:
    pass
mine = Reactor()
main.installReactor(mine)
from twisted.internet import reactor
import twisted.internet.reactor as again
assert reactor is mine and again is mine
try:
    main.installReactor(Reactor())
except error.ReactorAlreadyInstalledError as e:
    print(e)
"""


class MainTests(unittest.SynchronousTestCase):
    """`twisted.internet.main`."""

    def test_reasons(self) -> None:
        self.assertIsInstance(main.CONNECTION_DONE, error.ConnectionDone)
        self.assertIsInstance(main.CONNECTION_LOST, error.ConnectionLost)

    def test_installReactor(self) -> None:
        """In another process, since this one has a reactor."""
        done = subprocess.run(
            [sys.executable, "-c", INSTALL], capture_output=True, text=True, check=False
        )
        self.assertEqual(done.stderr, "")
        self.assertIn("A reactor is installed already", done.stdout)

    def test_importingInstallsNone(self) -> None:
        """A program that imports everything here can still choose its reactor."""
        modules = [
            "twisted.internet.protocol",
            "twisted.protocols.basic",
            "twisted.protocols.loopback",
            "twisted.protocols.policies",
            "twisted.protocols.stateful",
            "twisted.protocols.wire",
        ]
        code = f"import sys, {', '.join(modules)}; print('twisted.internet.reactor' in sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        self.assertEqual((done.stdout, done.stderr), ("False\n", ""))
