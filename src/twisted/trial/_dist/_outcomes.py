"""What came of tests, on its way from the process that ran them to the reporter."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from zope.interface import implementer

from twisted.python.failure import Failure, _Quoted
from twisted.python.reflect import qual, safe_str
from twisted.trial import itrial
from twisted.trial.reporter import TestResult

#: One thing that happened: its kind, the name of the test, and what else there is to tell.
Event: TypeAlias = list[Any]

#: A value in a traceback, or a message, that is longer is cut: it has to be read by people.
MAX_TEXT: Final = 1 << 20


def _text(value: object) -> str:
    text = safe_str(value)
    if len(text) > MAX_TEXT:
        return f"{text[:MAX_TEXT]}... ({len(text) - MAX_TEXT} more characters)"
    return text


class Recorder(TestResult):
    """Notes what happens, in the words that `replay` understands.

    Args:
        publisher: A log publisher; warnings that it hears of are noted too.
    """

    def __init__(self, publisher: Any = None) -> None:
        super().__init__()
        self._events: list[Event] = []
        self._began = 0.0
        self._publisher = publisher
        if publisher is not None:
            publisher.addObserver(self._observeWarnings)

    def close(self) -> None:
        """Hear of no more warnings."""
        if self._publisher is not None:
            self._publisher.removeObserver(self._observeWarnings)

    def take(self) -> list[Event]:
        """Return what has happened since this was last called."""
        events, self._events = self._events, []
        return events

    def _note(self, kind: str, test: Any, *more: Any) -> None:
        self._events.append([kind, test.id(), *more])

    def _observeWarnings(self, event: dict[str, Any]) -> None:
        if event.get("warning") is None:
            return
        category = event["category"]
        name = category if isinstance(category, str) else qual(category)
        warning = _text(event["warning"])
        self._events.append(["warning", warning, name, event["filename"], event["lineno"]])

    def startTest(self, test: Any) -> None:
        """`test` is about to run."""
        super().startTest(test)
        self._note("start", test, test.shortDescription(), str(test))
        self._began = time.monotonic()

    def stopTest(self, test: Any) -> None:
        """`test` has ended."""
        self._note("stop", test, time.monotonic() - self._began)
        super().stopTest(test)

    def stop(self) -> None:
        """Something in a test wants the run to end."""
        self._events.append(["end", ""])

    def addSuccess(self, test: Any) -> None:
        """`test` passed."""
        self._note("success", test)

    def addError(self, test: Any, error: Any) -> None:
        """`test` raised something that is not an assertion."""
        self._note("error", test, told(self._getFailure(error)))

    def addFailure(self, test: Any, fail: Any) -> None:
        """An assertion of `test` failed."""
        self._note("failure", test, told(self._getFailure(fail)))

    def addSkip(self, test: Any, reason: Any) -> None:
        """`test` was not run."""
        self._note("skip", test, _text(reason))

    def addExpectedFailure(self, test: Any, error: Any, todo: Any = None) -> None:
        """`test` failed as expected."""
        reason = _text(self._getTodo(todo).reason)
        self._note("expected", test, told(self._getFailure(error)), reason)

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        """`test` passed, unexpectedly."""
        self._note("unexpected", test, _text(self._getTodo(todo).reason))

    def addDuration(self, test: Any, elapsed: float) -> None:
        """`test` took `elapsed` seconds."""
        self._note("duration", test, elapsed)


# Failures


def told(failure: Failure) -> dict[str, Any]:
    """All that can be told of a failure: its traceback, and what led to it, as text."""
    state: Any = failure.__getstate__()

    def frames(kept: Iterable[Any]) -> list[Any]:
        return [
            [name, filename, line, *([[key, str(value)] for key, value in each] for each in held)]
            for name, filename, line, *held in kept
        ]

    return {
        "kinds": [qual(kind) for kind in failure.type.__mro__],
        "message": _text(failure.value),
        "frames": frames(state["_frames"]),
        "stack": frames(state["_stack"]),
        "framing": [_text(each) for each in state["_framing"]],
    }


def failureFrom(failed: dict[str, Any]) -> Failure:
    """Return a failure that shows itself as the one that was told of.

    Its exception is of a class of the same name. If a base of that is known in this process, it
    is a base here too, so that `Failure.check` finds it.
    """
    value = _exceptionFrom(failed["kinds"], failed["message"])
    failure = Failure(value)

    def frames(kept: Iterable[Any]) -> list[Any]:
        return [
            (name, filename, line, *([(key, _Quoted(text)) for key, text in each] for each in held))
            for name, filename, line, *held in kept
        ]

    failure.__setstate__(
        {
            "pickled": True,
            "_frames": frames(failed["frames"]),
            "_stack": frames(failed["stack"]),
            "_framing": tuple(failed["framing"]),
        }
    )
    return failure


def _exceptionFrom(kinds: list[str], message: str) -> BaseException:
    unknown: list[str] = []
    base: type[BaseException] = Exception
    for kind in kinds:
        known = _known(kind)
        if known is not None:
            base = known
            break
        unknown.append(kind)

    def show(self: BaseException) -> str:
        return message

    # The class itself has to be made too, if it is known: only it knows how to show itself.
    for kind in reversed(unknown or kinds[:1]):
        module, _, name = kind.rpartition(".")
        base = type(name, (base,), {"__module__": module, "__qualname__": name, "__str__": show})
    return base.__new__(base, message)


def _known(kind: str) -> type[BaseException] | None:
    module, _, name = kind.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    if isinstance(found, type) and issubclass(found, BaseException):
        return found
    return None


# Tests


@implementer(itrial.ITestCase)
class RemoteTest:
    """A test that runs in another process, as reporters see it.

    Args:
        name: Its name.
        description: One line about it.
        text: What `str` says of it.

    Attributes:
        secondsElsewhere: How long it took.
    """

    failureException = AssertionError
    skip = None
    secondsElsewhere = 0.0

    def __init__(self, name: str, description: str | None = None, text: str | None = None) -> None:
        self._name = name
        self._description = description
        self._text = text or name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}>"

    def __str__(self) -> str:
        return self._text

    def countTestCases(self) -> int:
        return 1

    def id(self) -> str:
        return self._name

    def shortDescription(self) -> str | None:
        return self._description

    def run(self, result: Any) -> None:
        raise NotImplementedError(f"{self._name} runs in another process")

    __call__ = run


class Replay:
    """Tells a reporter of what has happened in workers.

    Args:
        reporter: The reporter.
        log: What has `msg`, through which the reporter hears of warnings.
    """

    def __init__(self, reporter: Any, log: Any) -> None:
        self._reporter = reporter
        self._log = log
        self._tests: dict[str, RemoteTest] = {}
        # Fixtures run once in each worker, but what is wrong with one is told once.
        self._fixtures: set[tuple[str, str]] = set()
        self._tellers: dict[str, Callable[..., None]] = {
            "start": self._start,
            "stop": self._stop,
            "success": lambda name: reporter.addSuccess(self._test(name)),
            "error": lambda name, failed: reporter.addError(self._test(name), failureFrom(failed)),
            "failure": lambda name, failed: reporter.addFailure(
                self._test(name), failureFrom(failed)
            ),
            "skip": lambda name, reason: reporter.addSkip(self._test(name), reason),
            "expected": lambda name, failed, reason: reporter.addExpectedFailure(
                self._test(name), failureFrom(failed), reason
            ),
            "unexpected": lambda name, reason: reporter.addUnexpectedSuccess(
                self._test(name), reason
            ),
            "duration": lambda name, seconds: reporter.addDuration(self._test(name), seconds),
            "warning": self._warning,
            "end": lambda name: reporter.stop(),
        }

    def tell(self, events: Iterable[Event]) -> None:
        """Tell of what has happened around one test."""
        for kind, name, *more in events:
            if name.startswith(("setUpClass (", "setUpModule (")):
                if (kind, name) in self._fixtures:
                    continue
                self._fixtures.add((kind, name))
            self._tellers[kind](name, *more)
        self._tests.clear()

    def _test(self, name: str) -> RemoteTest:
        return self._tests.setdefault(name, RemoteTest(name))

    def _start(self, name: str, description: str | None, text: str) -> None:
        test = self._tests[name] = RemoteTest(name, description, text)
        self._reporter.startTest(test)

    def _stop(self, name: str, seconds: float) -> None:
        test = self._test(name)
        test.secondsElsewhere = seconds
        self._reporter.stopTest(test)

    def _warning(self, warning: str, category: str, filename: str, lineno: int) -> None:
        self._log.msg(
            warning=warning,
            category=category,
            filename=filename,
            lineno=lineno,
            format="%(filename)s:%(lineno)s: %(category)s: %(warning)s",
        )
