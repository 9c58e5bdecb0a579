"""Displays without a screen, for programs that open windows."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading

from twisted.trial import unittest

#: Seconds after which a display that does not come up is given up.
PATIENCE = 30
#: Without the first, a display begins anew when a program has gone, and refuses the next one.
_OPTIONS = "-noreset -screen 0 640x480x24 -nolisten tcp"


def openDisplay(case: unittest.SynchronousTestCase) -> str:
    """The name of a new display, which goes when the test has ended.

    Raises:
        SkipTest: there is no Xvfb.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise unittest.SkipTest("Xvfb is not installed")
    out, into = os.pipe()
    with open(out) as told:
        server = subprocess.Popen(
            [program, "-displayfd", str(into), *_OPTIONS.split()],
            pass_fds=[into],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(into)
        case.addCleanup(server.wait)
        case.addCleanup(server.terminate)
        late = threading.Timer(PATIENCE, server.kill)
        late.start()
        try:
            number = told.readline().strip()
        finally:
            late.cancel()
    if not number:
        raise unittest.SkipTest(f"Xvfb gives no display; it ended with {server.wait()}")
    return f":{number}"
