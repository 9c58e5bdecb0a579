"""Reporters: they are told how each test went, and tell the user."""

from twisted.trial.reporter._lines import (
    MinimalReporter,
    TextReporter,
    TimingTextReporter,
    VerboseTextReporter,
)
from twisted.trial.reporter._reporter import Reporter, SafeStream
from twisted.trial.reporter._result import (
    BrokenTestCaseWarning,
    TestResult,
)
from twisted.trial.reporter._tree import TreeReporter
from twisted.trial.reporter._wrappers import (
    TestResultDecorator,
    UncleanWarningsReporterWrapper,
)

__all__ = [
    "BrokenTestCaseWarning",
    "MinimalReporter",
    "Reporter",
    "SafeStream",
    "TestResult",
    "TestResultDecorator",
    "TextReporter",
    "TimingTextReporter",
    "TreeReporter",
    "UncleanWarningsReporterWrapper",
    "VerboseTextReporter",
]
