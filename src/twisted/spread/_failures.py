"""Exceptions that cross the connection: as failures, as text, or as themselves."""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import Any, NoReturn, Protocol

from twisted.python.failure import Failure
from twisted.python.reflect import qual, safe_str
from twisted.spread.flavors import Copyable, RemoteCopy
from twisted.spread.jelly import InsecureJelly, setUnjellyableForClass

__name__ = "twisted.spread.pb"  # the public path, for the wire, pickles and messages

#: What the peer gets in place of a traceback, unless `unsafeTracebacks` is on.
NO_TRACEBACK = "Traceback unavailable\n"


class Error(Exception):
    """The base of exceptions that are part of what one's methods do.

    The peer gets any exception as a `CopiedFailure`; those that are no `Error` are logged here, as
    bugs are.  One that is a `Copyable` too goes as it is, if the peer has registered it.
    """


class RemoteError(Exception):
    """An exception of the peer's, raised here: in a coroutine, or by `Failure.raiseException`.

    Attributes:
        remoteType: the full name of its class there, as bytes.
        remoteTraceback: its traceback there, if the peer shows it.
    """

    def __init__(self, remoteType: bytes, value: Any, remoteTraceback: str) -> None:
        super().__init__(value)
        self.remoteType = remoteType
        self.remoteTraceback = remoteTraceback


class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...


class CopyableFailure(Failure, Copyable):
    """A failure that is sent.

    Attributes:
        unsafeTracebacks: whether the peer gets the traceback: file names and source lines.
    """

    unsafeTracebacks: bool = False
    _names: list[str] | None = None

    @property
    def parents(self) -> list[str]:
        """The full names of the exception's class and of all its bases."""
        return super().parents if self._names is None else self._names

    def getStateToCopy(self) -> dict[str, Any]:
        """What the peer gets: names and texts, and no object."""
        traceback = self.getTraceback() if self.unsafeTracebacks else NO_TRACEBACK
        return {
            "count": self.count,
            "type": self.parents[0].encode(),
            "value": self.getErrorMessage(),
            "captureVars": False,
            "tb": None,
            "unsafeTracebacks": bool(self.unsafeTracebacks),
            "parents": self.parents,
            "frames": [],
            "stack": [],
            "traceback": traceback,
        }


def failure2Copyable(fail: Failure, unsafeTracebacks: bool = False) -> CopyableFailure:
    """A failure as one that can be sent.

    Args:
        fail: a failure; it is not changed.
        unsafeTracebacks: whether the peer gets its traceback.
    """
    copy = CopyableFailure(fail.value, fail.type, fail.tb)
    copy.unsafeTracebacks = unsafeTracebacks
    if isinstance(fail, CopiedFailure):
        copy._names = fail.parents  # of classes that may not exist here
    return copy


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else safe_str(value)


class CopiedFailure(RemoteCopy, Failure):
    """A failure of the peer's.

    `check` and `trap` go by the full names of classes, which need not exist here.

    Attributes:
        type: the full name of the exception's class, as text.
        value: a `RemoteError`; its text is that of the exception.
        traceback: the traceback as text, if the peer shows it.
    """

    traceback: str

    def setCopyableState(self, state: Any) -> None:
        """Take what came: names and texts."""
        if not isinstance(state, dict):
            raise InsecureJelly("the state of a failure is a dictionary")
        texts = {_text(name): value for name, value in state.items()}
        kind = _text(texts.get("type", "an exception without a name"))
        parents = texts.get("parents")
        self._names = [_text(each) for each in parents] if isinstance(parents, list) else []
        self._names = self._names or [kind]
        self.traceback = _text(texts.get("traceback", NO_TRACEBACK))
        Failure.__init__(
            self, RemoteError(kind.encode(), _text(texts.get("value", "")), self.traceback)
        )
        self.pickled = True
        # The documentation has it as text: the class may not exist here.
        self.type = kind  # type: ignore[assignment]

    @property
    def parents(self) -> list[str]:
        """The full names of the exception's class and of all its bases."""
        return self._names

    def check(self, *errorTypes: Any) -> Any:
        """Which of some exceptions this is, by their full names; see `Failure.check`."""
        for candidate in errorTypes:
            name = candidate if isinstance(candidate, str) else qual(candidate)
            if name in self._names:
                return candidate
        return None

    def __repr__(self) -> str:
        return f"<{qual(CopiedFailure)} {self.type}: {self.getErrorMessage()}>"

    def raiseException(self) -> NoReturn:
        """Raise the `RemoteError`."""
        raise self.value

    def throwExceptionIntoGenerator(self, g: Generator[Any, Any, Any]) -> Any:
        """Raise the `RemoteError` inside a generator, at the `yield` where it waits."""
        return g.throw(self.value)

    def printTraceback(
        self,
        file: _Writable | None = None,
        elideFrameworkCode: bool = False,
        detail: Any = "default",
    ) -> None:
        """Write the peer's traceback, such as it is.

        Args:
            file: where to; by default standard error, which is the log once that has started.
            elideFrameworkCode: without meaning here.
            detail: without meaning here.
        """
        write = (sys.stderr if file is None else file).write
        write(f"Traceback from remote host -- {self.traceback}")
        if self.traceback == NO_TRACEBACK:
            write(f"{self.type}: {self.getErrorMessage()}\n")

    printBriefTraceback = printTraceback
    printDetailedTraceback = printTraceback


setUnjellyableForClass(CopyableFailure, CopiedFailure)
