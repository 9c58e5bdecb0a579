"""Reporters: they are told how each test went, and tell the user."""

from twisted.trial.reporter._lines import (
    MinimalReporter as MinimalReporter,
)
from twisted.trial.reporter._lines import (
    TextReporter as TextReporter,
)
from twisted.trial.reporter._lines import (
    TimingTextReporter as TimingTextReporter,
)
from twisted.trial.reporter._lines import (
    VerboseTextReporter as VerboseTextReporter,
)
from twisted.trial.reporter._reporter import Reporter as Reporter
from twisted.trial.reporter._reporter import SafeStream as SafeStream
from twisted.trial.reporter._result import (
    BrokenTestCaseWarning as BrokenTestCaseWarning,
)
from twisted.trial.reporter._result import (
    TestResult as TestResult,
)
from twisted.trial.reporter._tree import TreeReporter as TreeReporter
from twisted.trial.reporter._wrappers import (
    TestResultDecorator as TestResultDecorator,
)
from twisted.trial.reporter._wrappers import (
    UncleanWarningsReporterWrapper as UncleanWarningsReporterWrapper,
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
