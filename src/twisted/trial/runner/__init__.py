"""Loading tests and running them."""

from twisted.trial._asyncrunner import TestSuite
from twisted.trial.runner._folder import CannotRun
from twisted.trial.runner._loader import (
    TestLoader,
    filenameToModule,
    isPackage,
    isPackageDirectory,
    isTestCase,
    name,
    samefile,
)
from twisted.trial.runner._runner import TrialRunner
from twisted.trial.runner._suites import (
    NOT_IN_TEST,
    DestructiveTestSuite,
    ErrorHolder,
    LoggedSuite,
    TestHolder,
    TrialSuite,
)

__all__ = [
    "NOT_IN_TEST",
    "CannotRun",
    "DestructiveTestSuite",
    "ErrorHolder",
    "LoggedSuite",
    "TestHolder",
    "TestLoader",
    "TestSuite",
    "TrialRunner",
    "TrialSuite",
    "filenameToModule",
    "isPackage",
    "isPackageDirectory",
    "isTestCase",
    "name",
    "samefile",
]
