"""What programs write and how they end, as Deferreds; chapter 3.3.7."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from twisted.internet._reactor import installedReactor
from twisted.internet.defer import Deferred, fail
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

__all__ = [
    "getProcessOutput",
    "getProcessOutputAndValue",
    "getProcessValue",
    "runWithWarningsSuppressed",
    "suppressWarnings",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")

Text = str | bytes
Environment = Mapping[str, str] | Mapping[bytes, bytes] | None
#: Positional and keyword arguments of `warnings.filterwarnings`.
Filter = tuple[tuple[Any, ...], dict[str, Any]]

_NOTHING: Mapping[str, str] = {}


class _UnexpectedErrorOutput(OSError):
    """A program wrote to its standard error."""

    def __init__(self, text: bytes) -> None:
        super().__init__(f"got stderr: {text!r}")
        self._processEnded: Deferred[None] | None = None
        self._reason: Failure | None = None

    @property
    def processEnded(self) -> Deferred[None]:
        """Fails, when the program has ended, with the reason that tells how."""
        # Made when it is asked for: a failure that nobody waits for would be logged.
        if self._processEnded is None:
            self._processEnded = Deferred() if self._reason is None else fail(self._reason)
        return self._processEnded

    def _hasEnded(self, reason: Failure) -> None:
        self._reason = reason
        if self._processEnded is not None:
            self._processEnded.errback(reason)


class _EndedBySignal(Exception):
    """A program was ended by a signal: an exception that is like a tuple as well.

    The tuple is (standard output, standard error, number of the signal).
    """

    def __str__(self) -> str:
        return f"the program was ended by signal {self.args[2]}"

    def __iter__(self) -> Iterator[Any]:
        return iter(self.args)

    def __getitem__(self, index: int) -> Any:
        return self.args[index]

    def __len__(self) -> int:
        return len(self.args)

    def __eq__(self, other: object) -> bool:
        return self.args == other if isinstance(other, tuple) else self is other

    __hash__ = Exception.__hash__


class _OutputGetter(ProcessProtocol):
    """Collects what a program writes, until it ends or writes an error."""

    def __init__(self, result: Deferred[bytes], errortoo: bool) -> None:
        self._result = result
        self._errorToo = errortoo
        self._output: list[bytes] = []
        self._complaint: _UnexpectedErrorOutput | None = None

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        if self._complaint is not None:
            return
        if childFD == 1 or self._errorToo:
            self._output.append(data)
        else:
            self._complaint = _UnexpectedErrorOutput(data)
            self.transport.loseConnection()
            self._result.errback(Failure(self._complaint))

    def processEnded(self, reason: Failure) -> None:
        if self._complaint is None:
            self._result.callback(b"".join(self._output))
        else:
            self._complaint._hasEnded(reason)


class _ValueGetter(ProcessProtocol):
    """Tells how a program ends."""

    def __init__(self, result: Deferred[int]) -> None:
        self._result = result

    def processEnded(self, reason: Failure) -> None:
        self._result.callback(reason.value.exitCode)  # type: ignore[attr-defined]  # either of two


class _EverythingGetter(ProcessProtocol):
    """Gives a program its input, collects what it writes, and tells how it ends."""

    def __init__(self, result: Deferred[tuple[bytes, bytes, int]], stdinBytes: bytes | None):
        self._result = result
        self._input = stdinBytes
        self._output: dict[int, list[bytes]] = {1: [], 2: []}

    def connectionMade(self) -> None:
        if self._input is not None:
            self.transport.write(self._input)
            self._input = None
            self.transport.closeStdin()

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        self._output[childFD].append(data)

    def processEnded(self, reason: Failure) -> None:
        out, err = (b"".join(self._output[number]) for number in (1, 2))
        why: Any = reason.value
        if why.signal is not None:
            self._result.errback(Failure(_EndedBySignal(out, err, why.signal)))
        else:
            self._result.callback((out, err, why.exitCode))


def _run(
    result: Deferred[_R],
    protocol: ProcessProtocol,
    executable: Text,
    args: Iterable[Text],
    env: Environment,
    path: Text | None,
    reactor: Any,
) -> Deferred[_R]:
    if isinstance(args, (str, bytes)):
        raise TypeError(f"args is a list of arguments, not {args!r}")
    if reactor is None:
        reactor = installedReactor()
    try:
        reactor.spawnProcess(protocol, executable, [executable, *args], env, path)
    except OSError:
        return fail()
    return result


def getProcessOutput(
    executable: Text,
    args: Iterable[Text] = (),
    env: Environment = _NOTHING,
    path: Text | None = None,
    reactor: Any = None,
    errortoo: bool = False,
) -> Deferred[bytes]:
    """Run a program, and give what it writes.

    Args:
        executable: its path.
        args: its arguments, without its name.
        env: its environment; None for ours.
        path: the directory to start in.
        reactor: who watches; the installed one by default.
        errortoo: whether what it writes to its standard error is wanted as well.

    Returns:
        fires with the output when the program has ended, however it ended. It fails with an
        `OSError` if the program cannot be started; and, without `errortoo`, as soon as
        the program writes to its standard error. That error has a Deferred, ``processEnded``,
        which fails with the reason of `ProcessProtocol.processEnded` when the program has ended.
    """
    result: Deferred[bytes] = Deferred()
    protocol = _OutputGetter(result, bool(errortoo))
    return _run(result, protocol, executable, args, env, path, reactor)


def getProcessValue(
    executable: Text,
    args: Iterable[Text] = (),
    env: Environment = _NOTHING,
    path: Text | None = None,
    reactor: Any = None,
) -> Deferred[int]:
    """Run a program, and give its exit status; what it writes is thrown away.

    The arguments are those of `getProcessOutput`.

    Returns:
        fires with the exit status, or with None if the program was ended by a signal; it fails
        with an `OSError` if the program cannot be started.
    """
    result: Deferred[int] = Deferred()
    return _run(result, _ValueGetter(result), executable, args, env, path, reactor)


def getProcessOutputAndValue(
    executable: Text,
    args: Iterable[Text] = (),
    env: Environment = _NOTHING,
    path: Text | None = None,
    reactor: Any = None,
    stdinBytes: bytes | None = None,
) -> Deferred[tuple[bytes, bytes, int]]:
    """Run a program, and give what it writes and its exit status.

    Args:
        executable, args, env, path, reactor: as for `getProcessOutput`.
        stdinBytes: what it finds on its standard input, which is then closed; None to leave
            that open, and empty.

    Returns:
        fires with standard output, standard error and exit status. If the program is ended by a
        signal, the Deferred fails, and the value of its `Failure` unpacks into standard output,
        standard error and the number of the signal. It fails with an `OSError` if the program
        cannot be started.
    """
    result: Deferred[tuple[bytes, bytes, int]] = Deferred()
    protocol = _EverythingGetter(result, stdinBytes)
    return _run(result, protocol, executable, args, env, path, reactor)


#: How many calls want each of the filters that were added here.
_wanted: Counter[object] = Counter()


def runWithWarningsSuppressed(
    suppressedWarnings: Iterable[Filter], f: Callable[_P, _R], *a: _P.args, **kw: _P.kwargs
) -> _R:
    """Call a function while some warnings are filtered.

    Args:
        suppressedWarnings: a pair of positional and keyword arguments of
            `warnings.filterwarnings` for each filter.
        f: called with the other arguments. If what it returns is a Deferred, the warnings
            are filtered until that fires.

    Returns:
        what `f` returns.
    """
    added = []
    for positional, named in suppressedWarnings:
        warnings.filterwarnings(*positional, **named)
        added.append(warnings.filters[-1 if named.get("append") else 0])
    _wanted.update(added)
    try:
        result = f(*a, **kw)
    except BaseException:
        _unfilter(added)
        raise
    if isinstance(result, Deferred):

        def done(outcome: object) -> object:
            _unfilter(added)
            return outcome

        result.addBoth(done)
    else:
        _unfilter(added)
    return result


def _unfilter(added: list[Any]) -> None:
    """Take away the filters that nobody else wants."""
    _wanted.subtract(added)
    for one in added:
        if not _wanted[one]:
            del _wanted[one]
            if one in warnings.filters:
                warnings.filters.remove(one)  # type: ignore[attr-defined]  # a list
    # What the filters said of a warning is remembered by the module that it was given in, until
    # the filters are changed by one of their own functions.
    with warnings.catch_warnings():
        pass


def suppressWarnings(f: Callable[_P, _R], *suppressedWarnings: Filter) -> Callable[_P, _R]:
    """A function that does as `f`, while some warnings are filtered.

    Args:
        f: what to call.
        suppressedWarnings: as for `runWithWarningsSuppressed`.
    """

    @wraps(f)
    def quiet(*a: _P.args, **kw: _P.kwargs) -> _R:
        return runWithWarningsSuppressed(suppressedWarnings, f, *a, **kw)

    return quiet
