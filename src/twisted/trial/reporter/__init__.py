"""Reporters: they are told how each test went, and tell the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.trial._broken import BrokenTestCaseWarning
from twisted.trial.reporter._junit import JUnitReporter
from twisted.trial.reporter._lines import (
    MinimalReporter,
    TextReporter,
    TimingTextReporter,
    VerboseTextReporter,
)
from twisted.trial.reporter._reporter import Reporter, SafeStream
from twisted.trial.reporter._result import TestResult
from twisted.trial.reporter._subunit import SubunitReporter, TestProtocolClient
from twisted.trial.reporter._tree import TreeReporter
from twisted.trial.reporter._wrappers import (
    TestResultDecorator,
    UncleanWarningsReporterWrapper,
)

__all__ = [
    "TYPE_CHECKING",
    "BrokenTestCaseWarning",
    "JUnitReporter",
    "MinimalReporter",
    "Reporter",
    "SafeStream",
    "SubunitReporter",
    "TestProtocolClient",
    "TestResult",
    "TestResultDecorator",
    "TextReporter",
    "TimingTextReporter",
    "TreeReporter",
    "UncleanWarningsReporterWrapper",
    "VerboseTextReporter",
    "annotations",
]
