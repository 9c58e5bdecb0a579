"""The warning about tests that may break others."""

from __future__ import annotations


class BrokenTestCaseWarning(Warning):
    """A test case is written in a way that can break other tests."""

    __module__ = "twisted.trial.reporter"
