"""Test cases for event-driven code, on top of the standard `unittest`."""

from unittest import SkipTest

from twisted.trial._assertions import FailTest
from twisted.trial._asyncrunner import TestDecorator, TestSuite, decorate
from twisted.trial._asynctest import TestCase
from twisted.trial._pyunit import PyUnitResultAdapter
from twisted.trial._synctest import SynchronousTestCase
from twisted.trial._todo import Todo, makeTodo

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
