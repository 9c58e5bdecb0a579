"""Failures: an exception that is an object, to be passed on, asked and shown later.

A `Failure` is to an errback what the exception is to an `except` clause.  It keeps the exception,
its type and its traceback, and gives whole tracebacks as text for as long as it lives: also after
it was pickled, and after `Failure.cleanFailure` has let the frames go.

Making one from the exception that is being handled costs a few attribute stores: frames are only
looked at when somebody asks for them.  The price is known: a failure keeps the frames of its
traceback, and their local variables, alive.
"""

from __future__ import annotations

import builtins
import linecache
import sys
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from io import StringIO
from os.path import dirname
from types import FrameType, TracebackType
from typing import Any, Literal, NoReturn, Protocol, TypeVar

from twisted.python.reflect import namedModule, qual, safe_repr, safe_str

__all__ = [
    "DO_POST_MORTEM",
    "EXCEPTION_CAUGHT_HERE",
    "DefaultException",
    "Failure",
    "NoCurrentExceptionError",
    "count",
    "format_frames",
    "startDebugMode",
    "traceupLength",
]

EXCEPTION_CAUGHT_HERE = "--- <exception caught here> ---"
"""The line between the callers of the code that caught an exception and the code that raised it."""

DO_POST_MORTEM = True
"""Whether the debugger of `startDebugMode` begins where the exception was raised (else: where its
failure was made)."""

count = 0
"""How many failures have been numbered; see `Failure.count`."""

traceupLength = 4
"""How many frames of callers a report of "where was this called" shows."""

Detail = Literal["brief", "default", "verbose", "verbose-vars-not-captured"]
Variables = Iterable[tuple[str, object]]
Frame = tuple[str, str, int, Variables, Variables]
"""Function name, file name, line number, and (only if captured) local and global variables."""

_Checked = TypeVar("_Checked", bound="type[BaseException] | str")
_PACKAGE = dirname(dirname(__file__))


class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...


class DefaultException(Exception):
    """What an error that is no exception is wrapped in: `Failure("text")` holds one of these."""


class NoCurrentExceptionError(Exception):
    """A `Failure` was made without an exception, and none was being handled."""


def format_frames(
    frames: Iterable[Frame], write: Callable[[str], object], detail: Detail = "default"
) -> None:
    """Write frames, outermost first, as text.

    Args:
        frames: as in `Failure.frames`.
        write: called with each piece of the text.
        detail: `"brief"` (one `file:line:function` each), `"default"` (as Python shows them),
            `"verbose"` (with variables) or `"verbose-vars-not-captured"`.

    Raises:
        ValueError: any other detail.
    """
    if detail == "brief":
        for name, filename, line, _, _ in frames:
            write(f"{filename}:{line}:{name}\n")
    elif detail == "default":
        for name, filename, line, _, _ in frames:
            source = linecache.getline(filename, line).strip()
            write(f'  File "{filename}", line {line}, in {name}\n')
            write(f"    {source}\n" if source else "")
    elif detail == "verbose":
        for name, filename, line, localVars, globalVars in frames:
            write(f"{filename}:{line}: {name}(...)\n")
            _writeVariables(write, " [ Locals ]\n", localVars)
            _writeVariables(write, " ( Globals )\n", globalVars)
    elif detail == "verbose-vars-not-captured":
        for name, filename, line, _, _ in frames:
            write(f"{filename}:{line}: {name}(...)\n")
        write(" [Capture of Locals and Globals disabled (use captureVars=True)]\n")
    else:
        raise ValueError(
            "detail must be 'brief', 'default', 'verbose' or 'verbose-vars-not-captured', "
            f"not {detail!r}"
        )


def _writeVariables(write: Callable[[str], object], heading: str, variables: Variables) -> None:
    write(heading)
    for name, value in variables:
        write(f"  {name} : {safe_repr(value)}\n")


class _Quoted(str):
    """The text of a variable that is gone: shown as it stands, without further quotes."""

    __slots__ = ()
    __repr__ = str.__str__


def _withoutObjects(frames: Iterable[Frame]) -> list[Frame]:
    """The same frames, holding the texts of their variables instead of the variables."""

    def quote(variables: Variables) -> Variables:
        return tuple((name, _Quoted(safe_repr(value))) for name, value in variables)

    return [
        (name, filename, line, quote(localVars), quote(globalVars))
        for name, filename, line, localVars, globalVars in frames
    ]


def _describe(frame: FrameType, line: int, captureVars: bool) -> Frame:
    code = frame.f_code
    if not captureVars:
        return (code.co_name, code.co_filename, line, (), ())
    localVars, globalVars = list(frame.f_locals.items()), list(frame.f_globals.items())
    return (code.co_name, code.co_filename, line, localVars, globalVars)


def _framesOf(tb: TracebackType | None, captureVars: bool) -> Iterator[Frame]:
    while tb is not None:
        yield _describe(tb.tb_frame, tb.tb_lineno, captureVars)
        tb = tb.tb_next


def _callersOf(frame: FrameType | None, captureVars: bool) -> list[Frame]:
    callers = []
    while frame is not None:
        callers.append(_describe(frame, frame.f_lineno, captureVars))
        frame = frame.f_back
    return callers[::-1]


def _withoutFramework(frames: list[Frame]) -> list[Frame]:
    """The frames outside this package, and always the last: that is where the error is."""

    def isFramework(filename: str) -> bool:
        rest = filename.removeprefix(_PACKAGE)
        return rest != filename and "/test/" not in rest.replace("\\", "/")

    return [each for each in frames[:-1] if not isFramework(each[1])] + frames[-1:]


def _historyOf(error: BaseException) -> str:
    """The exceptions that led to this one, oldest first, as Python shows them; often none."""
    if error.__cause__ is not None:
        earlier: BaseException | None = error.__cause__
        link = "The above exception was the direct cause of the following exception:"
    else:
        earlier = None if error.__suppress_context__ else error.__context__
        link = "During handling of the above exception, another exception occurred:"
    if earlier is None:
        return ""
    return "".join(traceback.format_exception(earlier)) + f"\n{link}\n\n"


def _appendixOf(error: BaseException) -> str:
    """What stands under the message: notes, and the members of an exception group."""
    lines = [f"{safe_str(note)}\n" for note in getattr(error, "__notes__", ())]
    if isinstance(error, BaseExceptionGroup):
        for number, member in enumerate(error.exceptions, 1):
            lines.append(f"  +---------------- {number} ----------------\n")
            text = "".join(traceback.format_exception(member))
            lines.extend(f"  | {line}\n" for line in text.splitlines())
    return "".join(lines)


def _exceptionFrom(given: object, kind: type[BaseException] | None) -> BaseException:
    """An exception made of something that is none."""
    if given is None and kind is not None:
        return kind()
    if isinstance(given, type) and issubclass(given, BaseException):
        return given()
    if given is not None:
        return DefaultException(given)
    raise NoCurrentExceptionError(
        "Failure() without arguments belongs in an except clause: no exception is being handled "
        "here, so give it one, as in Failure(ValueError('...'))"
    )


class Failure(BaseException):
    """An exception and its traceback, as an object.

    Without arguments, in an `except` clause, it holds the exception that is being handled.

    Args:
        exc_value: the exception, or an exception class to make one of.  A failure is copied.
            Anything else is wrapped in a `DefaultException`.
        exc_type: its type, when that differs from `type(exc_value)`.
        exc_tb: its traceback; by default the exception's own.
        captureVars: keep also the callers of the code that caught the exception (see `stack`)
            and the local and global variables of each frame.  Slow; meant for debugging.

    Raises:
        NoCurrentExceptionError: no exception is given, and none is being handled.

    Attributes:
        type: the class of the exception.
        value: the exception.
        tb: the traceback object; `None` after `cleanFailure`, in a copy that was pickled, and for
            an exception that was never raised.
        pickled: whether this is a copy that was pickled.
    """

    # Slots, since a dictionary for each failure is what making one would mostly cost.  Users can
    # set attributes besides: every exception has room for them.
    __slots__ = (
        "__weakref__",
        "_count",
        "_frames",
        "_framing",
        "_stack",
        "captureVars",
        "pickled",
        "tb",
        "type",
        "value",
    )

    type: builtins.type[BaseException]
    value: BaseException
    tb: TracebackType | None
    captureVars: bool
    pickled: bool
    _frames: list[Frame]
    _stack: list[Frame]
    _framing: tuple[str, str]
    _count: int

    def __init__(
        self,
        exc_value: object = None,
        exc_type: builtins.type[BaseException] | None = None,
        exc_tb: TracebackType | None = None,
        captureVars: bool = False,
    ) -> None:
        # benchmarks/deferred_cases.py, "errback": one of these for each error that is caught.
        if isinstance(exc_value, BaseException):
            value: BaseException = exc_value
        else:
            value = (exc_value is exc_type and sys.exception()) or _exceptionFrom(
                exc_value, exc_type
            )
        self.value = value
        self.type = exc_type or type(value)
        self.tb = exc_tb or value.__traceback__
        self.captureVars = captureVars
        self.pickled = False
        if captureVars:
            self._keepCallers(sys._getframe(1), captureVars)
            self._frames = list(_framesOf(self.tb, captureVars))
        if isinstance(value, Failure):
            self.__setstate__(value.__getstate__())
            self.tb, self.pickled = value.tb, value.pickled

    # Asking

    @property
    def frames(self) -> list[Frame]:
        """The frames from the one that caught the exception to the one that raised it."""
        try:
            return self._frames
        except AttributeError:
            self._frames = list(_framesOf(self.tb, self.captureVars))
            return self._frames

    @property
    def stack(self) -> list[Frame]:
        """The callers of the frame that caught the exception; empty without `captureVars`."""
        return getattr(self, "_stack", [])

    @property
    def parents(self) -> list[str]:
        """The full names of the exception's class and of all its bases."""
        return [qual(each) for each in self.type.__mro__]

    @property
    def count(self) -> int:
        """The number of this failure in detailed tracebacks; it gets one when first asked."""
        global count
        try:
            return self._count
        except AttributeError:
            self._count = count = count + 1
            return self._count

    def check(self, *errorTypes: _Checked) -> _Checked | None:
        """Which of some exceptions this is.

        Args:
            errorTypes: exception classes, or their full names such as `"builtins.KeyError"`, for
                which nothing need be imported.

        Returns:
            The first of them that is the exception's class or a base of it; else `None`.
        """
        for candidate in errorTypes:
            if isinstance(candidate, str):
                if candidate in self.parents:
                    return candidate
            elif issubclass(self.type, candidate):
                return candidate
        return None

    def trap(self, *errorTypes: _Checked) -> _Checked:
        """Go on only if this is one of some exceptions, as an `except` clause does.

            def handleFailure(f):
                f.trap(KeyError, ValueError)
                return "a default"

        Args:
            errorTypes: as for `check`.

        Returns:
            The one that matched.

        Raises:
            BaseException: the exception itself, when none of them matched.
        """
        matched = self.check(*errorTypes)
        if matched is None:
            try:
                self.raiseException()
            finally:
                del self
        return matched

    def getErrorMessage(self) -> str:
        """The exception's message; a description of the exception if its `__str__` fails."""
        return safe_str(self.value)

    def getTracebackObject(self) -> TracebackType | None:
        """A traceback object, for tools that need one; `None` if there are no frames any more."""
        return self.tb

    # Raising

    def raiseException(self) -> NoReturn:
        """Raise the exception again, continuing its traceback."""
        try:
            raise self.value.with_traceback(self.tb)
        finally:
            # The traceback now holds this frame, so the frame must not hold the failure.
            del self

    def throwExceptionIntoGenerator(self, g: Generator[Any, Any, Any]) -> Any:
        """Raise the exception inside a generator, at the `yield` where it waits.

        Returns:
            What the generator yields next.

        Raises:
            StopIteration: the generator returned.
        """
        try:
            return g.throw(self.value.with_traceback(self.tb))
        finally:
            del self

    # Keeping

    def cleanFailure(self) -> None:
        """Let go of all frames and their variables; the texts of the tracebacks stay the same.

        The exception loses its traceback object, and so do those that led to it.
        """
        self._keepTexts()
        self.tb = None
        pending: list[BaseException | None] = [self.value]
        seen = set()
        while pending:
            error = pending.pop()
            if isinstance(error, BaseException) and id(error) not in seen:
                seen.add(id(error))
                error.__traceback__ = None
                pending += (error.__cause__, error.__context__)
                pending += error.exceptions if isinstance(error, BaseExceptionGroup) else ()

    def _keepCallers(self, maker: FrameType | None = None, captureVars: bool = False) -> None:
        # They must be looked at now: a frame that has gone on no longer knows where it was.
        catcher = maker if self.tb is None else self.tb.tb_frame.f_back
        self._stack = _callersOf(catcher, captureVars)

    def _keepTexts(self) -> None:
        self._frames = _withoutObjects(self.frames)
        self._stack = _withoutObjects(self.stack)
        self._framing = self._getFraming()

    def _getFraming(self) -> tuple[str, str]:
        """What stands before the traceback, and after the message."""
        try:
            return self._framing
        except AttributeError:
            return _historyOf(self.value), _appendixOf(self.value)

    def __getstate__(self) -> dict[str, object]:
        """All that can be told without frames: what pickles, and what goes over the wire."""
        return {
            **vars(self),
            "value": self.value,
            "type": self.type,
            "captureVars": self.captureVars,
            "pickled": True,
            "_count": self.count,
            "_frames": _withoutObjects(self.frames),
            "_stack": _withoutObjects(self.stack),
            "_framing": self._getFraming(),
        }

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        self.tb = None
        for name, value in (state or {}).items():
            setattr(self, name, value)

    def __reduce__(self) -> tuple[object, ...]:
        return _blank, (type(self),), self.__getstate__()

    # Showing

    def __repr__(self) -> str:
        return f"<{qual(type(self))} {qual(self.type)}: {self.getErrorMessage()}>"

    def __str__(self) -> str:
        return f"[Failure instance: {self.getBriefTraceback()}]"

    def getTraceback(self, elideFrameworkCode: bool = False, detail: Detail = "default") -> str:
        """The whole traceback as text; see `printTraceback`."""
        text = StringIO()
        self.printTraceback(text, elideFrameworkCode, detail)
        return text.getvalue()

    def getBriefTraceback(self) -> str:
        """The traceback with one short line for each frame."""
        return self.getTraceback(detail="brief")

    def printTraceback(
        self,
        file: _Writable | None = None,
        elideFrameworkCode: bool = False,
        detail: Detail = "default",
    ) -> None:
        """Write the traceback: the frames from the catcher of the exception to its raiser.

        With `captureVars`, the callers of the catcher come first.  The exceptions that led to
        this one, its notes, and the members of an exception group, are shown as Python does,
        except in the brief form.

        Args:
            file: where to; by default standard error, which is the log once that has started.
            elideFrameworkCode: leave out the frames of this package (but never the last frame).
            detail: see `format_frames`.
        """
        write = (sys.stderr if file is None else file).write
        frames, stack = self.frames, self.stack
        if elideFrameworkCode:
            frames, stack = _withoutFramework(frames), _withoutFramework(stack)
        before, after = ("", "") if detail == "brief" else self._getFraming()
        if detail == "verbose" and not self.captureVars:
            detail = "verbose-vars-not-captured"
        verbose = detail.startswith("verbose")

        write(f"*--- Failure #{self.count}{' (pickled)' if self.pickled else ''} ---\n"
              if verbose else "")  # fmt: skip
        write(before)
        if detail == "brief":
            absent = "" if frames else " (failure with no frames)"
            write(f"Traceback{absent}: {self.type}: {self.getErrorMessage()}\n")
        elif not verbose:
            write("Traceback (most recent call last):\n")
        if stack:
            format_frames(stack, write, detail)
            write(f"{EXCEPTION_CAUGHT_HERE}\n")
        if frames:
            format_frames(frames, write, detail)
        if detail != "brief":
            absent = "" if frames else "Failure: "
            write(f"{absent}{qual(self.type)}: {self.getErrorMessage()}\n")
            write(after)
        write(f"*--- End of Failure #{self.count} ---\n" if verbose else "")

    def printBriefTraceback(
        self, file: _Writable | None = None, elideFrameworkCode: bool = False
    ) -> None:
        """Write the traceback with one short line for each frame."""
        self.printTraceback(file, elideFrameworkCode, detail="brief")

    def printDetailedTraceback(
        self, file: _Writable | None = None, elideFrameworkCode: bool = False
    ) -> None:
        """Write the traceback with the variables of each frame, if they were captured."""
        self.printTraceback(file, elideFrameworkCode, detail="verbose")


def _blank(kind: type[Failure]) -> Failure:
    """A failure of which the state is yet to be set: the first half of unpickling."""
    return kind.__new__(kind)


_makeFailure = Failure.__init__


def _makeFailureAndDebug(
    self: Failure,
    exc_value: object = None,
    exc_type: type[BaseException] | None = None,
    exc_tb: TracebackType | None = None,
    captureVars: bool = False,
) -> None:
    _makeFailure(self, exc_value, exc_type, exc_tb, captureVars)
    if self.tb is None:
        # Nothing was raised: it is how the end of every connection is told.
        return
    # By name, since the debugger brings half of the standard library with it.
    debugger = namedModule("pdb")
    print(f"Jumping into debugger for post-mortem of exception '{self.getErrorMessage()}':")
    if DO_POST_MORTEM:
        debugger.post_mortem(self.tb)
    else:
        debugger.set_trace()


def startDebugMode() -> None:
    """From now on bring up `pdb` for each failure that is made of a raised exception."""
    Failure.__init__ = _makeFailureAndDebug  # type: ignore[method-assign]  # a debugging hook
