"""What a test may assert: the standard assertions, and those that the standard library lacks.

Each assertion has one home here.  The older spellings (``failUnlessEqual`` and
its family) are the same functions under a second name.
"""

from __future__ import annotations

import re
import traceback
import unittest
import warnings
from collections.abc import Callable, Container, Iterable
from types import TracebackType
from typing import Any, NoReturn, ParamSpec, TypeVar, overload

_P = ParamSpec("_P")
_T = TypeVar("_T")
_E = TypeVar("_E", bound=BaseException)
_ClassOrTuple = type | tuple["_ClassOrTuple", ...]


def _names(types: object) -> str:
    if isinstance(types, tuple):
        return "(" + ", ".join(_names(each) for each in types) + ")"
    return getattr(types, "__name__", repr(types))


# Runners of the standard library, and pytest, leave out the frames of such modules.
__unittest = True


class FailTest(AssertionError):
    """Raised to fail the current test; what `fail` and every assertion raise."""

    __module__ = "twisted.trial.unittest"


class ExpectedException:
    """The context manager of ``with self.assertRaises(Kind) as raised:``.

    `exception` is the exception that was caught, once the block has ended.
    """

    def __init__(
        self,
        case: unittest.TestCase,
        expected: type[BaseException] | tuple[type[BaseException], ...],
    ) -> None:
        self._case = case
        self._expected = expected
        self._caught: BaseException | None = None

    @property
    def exception(self) -> Any:
        """The exception that was caught; the block must have ended."""
        if self._caught is None:
            raise AttributeError("no exception was caught yet: ask after the `with` block")
        return self._caught

    def __enter__(self) -> ExpectedException:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> bool:
        if value is None:
            self._case.fail(f"{_names(self._expected)} not raised")
        return self._judge(value)

    def _judge(self, value: BaseException) -> bool:
        """Whether the exception is the business of this assertion; keep it, or fail, if so."""
        if isinstance(value, self._expected):
            self._caught = value
            return True
        if not isinstance(value, Exception) or isinstance(value, unittest.SkipTest):
            return False
        shown = "".join(traceback.format_exception(value))
        # The message shows the exception: it need not be shown again as the context.
        raise self._case.failureException(
            f"{_names(type(value))} raised instead of {_names(self._expected)}:\n {shown}"
        ) from None

    def handle(
        self, f: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> BaseException:
        """Call ``f(*args, **kwargs)``; return the exception that it raised."""
        try:
            result = f(*args, **kwargs)
        except BaseException as value:
            if not self._judge(value):
                raise
            return value
        self._case.fail(f"{_names(self._expected)} not raised ({result!r} returned)")


class Assertions(unittest.TestCase):
    """The assertions of every trial test case, beside those of `unittest.TestCase`."""

    failureException: type[BaseException] = FailTest
    longMessage = True

    def fail(self, msg: object = None) -> NoReturn:
        """Fail the test.

        Args:
            msg: Why, in words.
        """
        raise self.failureException(msg)

    def assertFalse(self, condition: Any, msg: object = None) -> Any:
        """Fail unless `condition` is false; return it."""
        super().assertFalse(condition, msg)
        return condition

    def assertTrue(self, condition: Any, msg: object = None) -> Any:
        """Fail unless `condition` is true; return it."""
        super().assertTrue(condition, msg)
        return condition

    def assertEqual(self, first: _T, second: Any, msg: object = None) -> _T:
        """Fail unless ``first == second``, showing how they differ; return `first`."""
        super().assertEqual(first, second, msg)
        return first

    def assertNotEqual(self, first: _T, second: Any, msg: object = None) -> _T:
        """Fail if ``first == second``; return `first`."""
        if not first != second:  # noqa: SIM202  # it is `!=` that is asserted
            self.fail(msg or f"{first!r} == {second!r}")
        return first

    def assertIs(  # type: ignore[override]  # the names of the parameters are documented
        self, first: _T, second: Any, msg: object = None
    ) -> _T:
        """Fail unless both are the same object; return `first`."""
        if first is not second:
            self.fail(msg or f"{first!r} is not {second!r}")
        return first

    def assertIsNot(  # type: ignore[override]  # the names of the parameters are documented
        self, first: _T, second: Any, msg: object = None
    ) -> _T:
        """Fail if both are the same object; return `first`."""
        if first is second:
            self.fail(msg or f"{first!r} is {second!r}")
        return first

    def assertIn(
        self, containee: _T, container: Iterable[Any] | Container[Any], msg: object = None
    ) -> _T:
        """Fail unless `containee` is in `container`; return `containee`."""
        super().assertIn(containee, container, msg)
        return containee

    def assertNotIn(
        self, containee: _T, container: Iterable[Any] | Container[Any], msg: object = None
    ) -> _T:
        """Fail if `containee` is in `container`; return `containee`."""
        super().assertNotIn(containee, container, msg)
        return containee

    def assertAlmostEqual(
        self,
        first: Any,
        second: Any,
        places: int | None = 7,
        msg: object = None,
        delta: Any = None,
    ) -> Any:
        """Fail unless `first` and `second` differ by less than half of ``10 ** -places``.

        With `delta` the difference must be no more than that, and `places` is
        not used.  Returns `first`.
        """
        if delta is not None:
            places = None
        super().assertAlmostEqual(first, second, places=places, msg=msg, delta=delta)
        return first

    def assertNotAlmostEqual(
        self,
        first: Any,
        second: Any,
        places: int | None = 7,
        msg: object = None,
        delta: Any = None,
    ) -> Any:
        """Fail if `first` and `second` are as close as `assertAlmostEqual` asks; return `first`."""
        if delta is not None:
            places = None
        super().assertNotAlmostEqual(first, second, places=places, msg=msg, delta=delta)
        return first

    def assertApproximates(
        self, first: Any, second: Any, tolerance: Any, msg: object = None
    ) -> Any:
        """Fail if `first` and `second` differ by more than `tolerance`; return `first`."""
        if abs(first - second) > tolerance:
            self.fail(msg or f"{first} ~== {second} (tolerance {tolerance})")
        return first

    def assertSubstring(self, substring: Any, astring: Any, msg: object = None) -> Any:
        """Fail unless `substring` occurs in `astring`; return `substring`."""
        return self.assertIn(substring, astring, msg)

    def assertNotSubstring(self, substring: Any, astring: Any, msg: object = None) -> Any:
        """Fail if `substring` occurs in `astring`; return `substring`."""
        return self.assertNotIn(substring, astring, msg)

    def assertIsInstance(  # type: ignore[override]  # classes alone, no union types
        self, instance: object, classOrTuple: _ClassOrTuple, message: object = None
    ) -> None:
        """Fail unless `instance` is of the class, or of one of the classes."""
        if not isinstance(instance, classOrTuple):
            finding = f"{instance!r} is not an instance of {_names(classOrTuple)}"
            self.fail(finding if message is None else f"{finding}: {message}")

    def assertNotIsInstance(  # type: ignore[override]  # classes alone, no union types
        self, instance: object, classOrTuple: _ClassOrTuple, message: object = None
    ) -> None:
        """Fail if `instance` is of the class, or of one of the classes."""
        if isinstance(instance, classOrTuple):
            finding = f"{instance!r} is an instance of {_names(classOrTuple)}"
            self.fail(finding if message is None else f"{finding}: {message}")

    @overload  # type: ignore[override]  # returns the exception, which the standard one does not
    def assertRaises(
        self, exception: type[_E], f: Callable[..., object], *args: Any, **kwargs: Any
    ) -> _E: ...
    @overload
    def assertRaises(
        self,
        exception: tuple[type[BaseException], ...],
        f: Callable[..., object],
        *args: Any,
        **kwargs: Any,
    ) -> BaseException: ...
    @overload
    def assertRaises(
        self, exception: type[BaseException] | tuple[type[BaseException], ...], f: None = None
    ) -> ExpectedException: ...
    def assertRaises(
        self,
        exception: type[BaseException] | tuple[type[BaseException], ...],
        f: Callable[..., object] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> BaseException | ExpectedException:
        """Fail unless ``f(*args, **kwargs)`` raises `exception`.

        Returns:
            The exception that was raised; without `f`, a context manager whose
            `exception` it becomes.
        """
        expected = ExpectedException(self, exception)
        if f is None:
            return expected
        return expected.handle(f, args, kwargs)

    def assertWarns(  # type: ignore[override]  # takes a message and a file, as documented
        self,
        category: type[Warning] | tuple[type[Warning], ...],
        message: Any = None,
        filename: Any = None,
        f: Callable[..., Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Fail unless ``f(*args, **kwargs)`` warns exactly this.

        Args:
            category: The class of the warning.
            message: Its whole text.
            filename: The source file that it must point at.
            f: What to call; all its warnings are caught, whatever the filters
                say, and they must all be alike.

        Returns:
            What `f` returned.  ``assertWarns(category)`` alone is the context
            manager of the standard library.
        """
        if f is None:
            if message is None:
                return super().assertWarns(category)
            return super().assertWarns(category, message, *args, **kwargs)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = f(*args, **kwargs)
        if not caught:
            self.fail("No warnings emitted")
        first = caught[0]
        for other in caught[1:]:
            if (str(other.message), other.category) != (str(first.message), first.category):
                shown = "\n".join(f"{each.category.__name__}: {each.message}" for each in caught)
                self.fail(f"Can't handle different warnings:\n{shown}")
        self.assertEqual(str(first.message), message)
        self.assertTrue(
            issubclass(first.category, category),
            f"{_names(first.category)} warned instead of {_names(category)}",
        )
        # Compiled files are named in some tracebacks; the source is what the caller knows.
        source = re.sub(r"\.py[co]$", ".py", first.filename)
        self.assertEqual(source, re.sub(r"\.py[co]$", ".py", filename))
        return result

    # The second spellings.
    failIf = assertFalse  # type: ignore[assignment]  # they return what they were given
    failUnless = assert_ = assertTrue  # type: ignore[assignment]
    failUnlessEqual = assertEquals = assertEqual
    failIfEqual = failIfEquals = assertNotEquals = assertNotEqual
    failUnlessIdentical = assertIdentical = assertIs
    failIfIdentical = assertNotIdentical = assertIsNot
    failUnlessIn = assertIn
    failIfIn = assertNotIn
    failUnlessAlmostEqual = assertAlmostEquals = assertAlmostEqual
    failIfAlmostEqual = assertNotAlmostEquals = assertNotAlmostEqual
    failUnlessApproximates = assertApproximates
    failUnlessSubstring = assertSubstring
    failIfSubstring = assertNotSubstring
    failUnlessIsInstance = assertIsInstance
    failIfIsInstance = assertNotIsInstance
    failUnlessRaises = assertRaises  # type: ignore[assignment]  # returns the exception
    failUnlessWarns = assertWarns
