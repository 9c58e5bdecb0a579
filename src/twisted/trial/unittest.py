"""Test cases for event-driven code, on top of the standard `unittest`."""

from unittest import SkipTest as SkipTest

from twisted.trial._assertions import FailTest as FailTest
from twisted.trial._asyncrunner import (
    TestDecorator as TestDecorator,
)
from twisted.trial._asyncrunner import (
    TestSuite as TestSuite,
)
from twisted.trial._asyncrunner import (
    decorate as decorate,
)
from twisted.trial._asynctest import TestCase as TestCase
from twisted.trial._synctest import (
    PyUnitResultAdapter as PyUnitResultAdapter,
)
from twisted.trial._synctest import (
    SynchronousTestCase as SynchronousTestCase,
)
from twisted.trial._todo import Todo as Todo
from twisted.trial._todo import makeTodo as makeTodo

__all__ = [
    "FailTest",
    "PyUnitResultAdapter",
    "SkipTest",
    "SynchronousTestCase",
    "TestCase",
    "TestDecorator",
    "TestSuite",
    "Todo",
    "decorate",
    "makeTodo",
]
