"""Run the listings of the documentation that are applications, in both ways: see `ListingCase`."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.application.test._daemons import PATIENCE, DaemonCase
from twisted.protocols.test._programs import EXAMPLES
from twisted.python import components
from twisted.trial import unittest

#: The user who runs the tests: whoever a listing wants to become, it can become that one.
OURSELVES = ("--uid", os.geteuid(), "--gid", os.getegid())


def chapter(name: str) -> Path:
    """The folder of the examples of a chapter, if it is there."""
    path = EXAMPLES / name
    if not path.is_dir():
        raise unittest.SkipTest(f"there is no {path}")
    return path


def onPath(folder: str | Path) -> str:
    """A `PYTHONPATH` that has a folder first, and then what is on it already."""
    before = os.environ.get("PYTHONPATH")
    return os.pathsep.join([os.fspath(folder), *([before] if before else [])])


def load(case: unittest.SynchronousTestCase, path: Path, *packages: str) -> dict[str, Any]:
    """What a listing defines, with the packages beside it, which are forgotten after the test."""
    case.patch(sys, "path", [os.fspath(path.parent), *sys.path])
    # Adapters stay registered, and interfaces of one name are one.
    case.patch(components, "ALLOW_DUPLICATES", True)
    for package in packages:
        case.addCleanup(sys.modules.pop, package, None)
    return runpy.run_path(os.fspath(path))


def ports(log: str) -> list[int]:
    """The ports that a log tells of, in order."""
    return [int(port) for port in re.findall(r"starting on (\d+)", log)]


class ListingCase(DaemonCase):
    """Runs applications that learn from their environment where to listen."""

    #: What they need of the environment.
    env: dict[str, str]

    def inBothWays(self, check: Callable[..., object], *words: object) -> None:
        """Run something as a daemon and in the foreground; stop it by SIGTERM.

        Args:
            check: talks to the service; gets its ports, in the order of the log.
            words: of the command line.
        """
        before = sorted(os.listdir(self.folder))
        pid = self.daemon(*OURSELVES, *words, **self.env)
        check(*ports(self.read("twistd.log")))
        self.stop(pid)
        self.assertIn("Received SIGTERM", self.read("twistd.log"))
        self.assertIn("Server Shut Down.", self.read("twistd.log"))
        os.unlink(self.path("twistd.log"))
        self.assertEqual(sorted(os.listdir(self.folder)), before)

        program = self.foreground("-n", *OURSELVES, *words, **self.env)
        program.until("Running as process")
        self.assertEqual(int(self.read("twistd.pid")), program.process.pid)
        check(*ports(program.said))
        self.assertEqual(program.end(signal.SIGTERM), (0, ""))
        self.assertIn("Server Shut Down.", program.said)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def program(self, *words: object, said: bytes = b"") -> bytes:
        """Have another program say something, if it is there; what it writes."""
        name = str(words[0])
        if shutil.which(name) is None:
            raise unittest.SkipTest(f"there is no {name}")
        done = subprocess.run(
            [str(word) for word in words],
            input=said,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout

    def nc(self, port: int, said: bytes) -> bytes:
        """Have `nc` say something; the answer, once the server has hung up."""
        return self.program("nc", "127.0.0.1", port, said=said)
