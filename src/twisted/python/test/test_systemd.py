"""Tests for twisted.python.systemd."""

from __future__ import annotations

import os

from twisted.python.systemd import ListenFDs
from twisted.trial import unittest


class ListenFDsTests(unittest.SynchronousTestCase):
    """`ListenFDs`."""

    def environment(self, **more: str) -> dict[str, str]:
        return {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "2", "PATH": "/bin", **more}

    def test_given(self) -> None:
        """What was handed over, with names if there are any."""
        fds = ListenFDs([5, 7])
        self.assertEqual(fds.inheritedDescriptors(), [5, 7])
        self.assertEqual(fds.inheritedNamedDescriptors(), {})
        self.assertEqual(ListenFDs([5], ("a",)).inheritedNamedDescriptors(), {"a": 5})

    def test_environment(self) -> None:
        """Descriptors begin at 3, or elsewhere; what was read is taken out."""
        environ = self.environment(LISTEN_FDNAMES="http:https")
        fds = ListenFDs.fromEnvironment(environ)
        self.assertEqual(fds.inheritedDescriptors(), [3, 4])
        self.assertEqual(fds.inheritedNamedDescriptors(), {"http": 3, "https": 4})
        self.assertEqual(environ, {"PATH": "/bin"})
        again = ListenFDs.fromEnvironment(environ)
        self.assertEqual(again.inheritedDescriptors(), [])
        fds = ListenFDs.fromEnvironment(self.environment(), start=100)
        self.assertEqual(fds.inheritedDescriptors(), [100, 101])

    def test_ownEnvironment(self) -> None:
        """By default it is the process's own environment."""
        self.patch(os, "environ", self.environment(LISTEN_FDS="1"))
        self.assertEqual(ListenFDs.fromEnvironment().inheritedDescriptors(), [3])

    def test_notForUs(self) -> None:
        """What is meant for others, or makes no sense, is nothing."""
        for change in (
            {"LISTEN_PID": str(os.getpid() + 1)},
            {"LISTEN_PID": "x"},
            {"LISTEN_PID": ""},
            {"LISTEN_FDS": "x"},
            {"LISTEN_FDS": "-1"},
            {"LISTEN_FDS": ""},
            {"LISTEN_FDNAMES": "only-one"},
        ):
            fds = ListenFDs.fromEnvironment(self.environment(**change))
            self.assertEqual(fds.inheritedDescriptors(), [], change)
            self.assertEqual(fds.inheritedNamedDescriptors(), {}, change)

    def test_copies(self) -> None:
        """What one does with the answer changes nothing."""
        fds = ListenFDs([3])
        fds.inheritedDescriptors().append(4)
        self.assertEqual(fds.inheritedDescriptors(), [3])
