"""Loading tests and running them."""

from twisted.trial._asyncrunner import TestSuite as TestSuite
from twisted.trial.runner._folder import CannotRun as CannotRun
from twisted.trial.runner._loader import (
    TestLoader as TestLoader,
)
from twisted.trial.runner._loader import (
    filenameToModule as filenameToModule,
)
from twisted.trial.runner._loader import (
    isPackage as isPackage,
)
from twisted.trial.runner._loader import (
    isPackageDirectory as isPackageDirectory,
)
from twisted.trial.runner._loader import (
    isTestCase as isTestCase,
)
from twisted.trial.runner._loader import (
    name as name,
)
from twisted.trial.runner._loader import (
    samefile as samefile,
)
from twisted.trial.runner._runner import TrialRunner as TrialRunner
from twisted.trial.runner._suites import (
    NOT_IN_TEST as NOT_IN_TEST,
)
from twisted.trial.runner._suites import (
    DestructiveTestSuite as DestructiveTestSuite,
)
from twisted.trial.runner._suites import (
    ErrorHolder as ErrorHolder,
)
from twisted.trial.runner._suites import (
    LoggedSuite as LoggedSuite,
)
from twisted.trial.runner._suites import (
    TestHolder as TestHolder,
)
from twisted.trial.runner._suites import (
    TrialSuite as TrialSuite,
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
