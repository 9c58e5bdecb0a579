"""Tests for twisted.python.runtime."""

from __future__ import annotations

import os
import sys
import time

from twisted.python import runtime
from twisted.python.runtime import Platform
from twisted.trial import unittest


class HereTests(unittest.SynchronousTestCase):
    """What is said of the platform that the tests run on."""

    def test_version(self) -> None:
        """The version of the interpreter is its three numbers."""
        expected = ".".join(map(str, sys.version_info[:3]))
        self.assertEqual(runtime.shortPythonVersion(), expected)

    def test_agreesWithOs(self) -> None:
        """The default description is that of this process."""
        self.assertTrue(runtime.platform.isKnown())
        self.assertEqual(runtime.platform.getType(), runtime.platformType)
        self.assertEqual(runtime.platformType == "posix", os.name == "posix")
        self.assertTrue(runtime.platform.supportsThreads())

    def test_seconds(self) -> None:
        """`seconds` is about the time of day, and never goes back."""
        earlier = runtime.seconds()
        self.assertLessEqual(earlier, runtime.platform.seconds())
        # The system's clock may have been set since this process started, but not by a day.
        self.assertLess(abs(earlier - time.time()), 24 * 60 * 60)

    def test_secondsComeFromAClockThatIsNeverSet(self) -> None:
        """`seconds` is the steady clock, moved to the epoch once and for all."""
        self.assertEqual(runtime.steadyClock(lambda: 5.0, 100.0)(), 105.0)


class OtherPlatformTests(unittest.SynchronousTestCase):
    """Descriptions of platforms from the names that Python gives them."""

    def test_types(self) -> None:
        """A platform has a type, or is unknown."""
        for name, expected in [("posix", "posix"), ("nt", "win32"), ("java", "java")]:
            self.assertEqual(Platform(name, "x").getType(), expected)
            self.assertTrue(Platform(name, "x").isKnown())
        self.assertIsNone(Platform("hal", "x").getType())
        self.assertFalse(Platform("hal", "x").isKnown())

    def test_families(self) -> None:
        """Each family knows its own and only its own."""
        table = {
            ("posix", "linux"): "isLinux",
            ("posix", "linux2"): "isLinux",
            ("posix", "darwin"): "isMacOSX",
            ("nt", "win32"): "isWindows",
        }
        for names, expected in table.items():
            platform = Platform(*names)
            for question in ("isLinux", "isMacOSX", "isWindows"):
                self.assertIs(getattr(platform, question)(), question == expected, names)
            self.assertIs(platform.isWinNT(), platform.isWindows())

    def test_inotify(self) -> None:
        """Only Linux has inotify."""
        self.assertFalse(Platform("posix", "darwin").supportsINotify())
        self.assertTrue(Platform("posix", "linux").supportsINotify())

    def test_vista(self) -> None:
        """Vista is version 6.0 of Windows and nothing else."""
        answers = [(6, 0, 6002), (6, 1, 0), (10, 0, 0)]
        if hasattr(sys, "getwindowsversion"):
            self.patch(sys, "getwindowsversion", lambda: answers.pop(0))
        else:
            setattr(sys, "getwindowsversion", lambda: answers.pop(0))  # noqa: B010  # not typed here
            self.addCleanup(delattr, sys, "getwindowsversion")
        self.assertEqual([Platform().isVista() for _ in range(3)], [True, False, False])

    def test_vistaElsewhere(self) -> None:
        """Without versions of Windows, nothing is Vista."""
        if hasattr(sys, "getwindowsversion"):
            raise unittest.SkipTest("this is Windows")
        self.assertFalse(Platform().isVista())

    def test_docker(self) -> None:
        """The control groups of the first process tell whether this is a container."""
        table = [
            (b"4:cpu:/docker/104155a6453cb67590027e397dc90fc2\n1:name=x:/\n", True),
            (b"4:cpu:/\n1:name=systemd:/init.scope\n", False),
            (b"0::/user/docker/x\n", False),
            (b"", False),
        ]
        for content, expected in table:
            path = self.mktemp()
            with open(path, "wb") as target:
                target.write(content)
            self.assertIs(Platform(None, "linux").isDocker(_initCGroupLocation=path), expected)
            self.assertFalse(Platform(None, "darwin").isDocker(_initCGroupLocation=path))
        self.assertFalse(Platform(None, "linux").isDocker(_initCGroupLocation=self.mktemp()))
