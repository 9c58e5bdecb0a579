"""
Log files that begin anew from time to time: when they are long, or each day.

A file is begun anew by giving the old one another name.  When that fails (the
directory may not be written, say) the old one goes on: a log that is too long is
better than none.  That is said once on standard error, and tried again when as
much has been written again, or on the next day.

All that is written is in the file when `write` returns.  The methods may be called
from several threads.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, Self

from twisted.python import threadable

__all__ = ["BaseLogFile", "DailyLogFile", "LogFile", "LogReader"]

DateTuple = tuple[int, int, int]


class BaseLogFile:
    """
    A file for appending, which begins anew when `shouldRotate` says so.

    *name* is that of the file in *directory*, which must exist.  *defaultMode* is its
    mode when it is made, for instance `0o640`; by default it is that of the file
    which is there, or what the process's umask gives.

    Subclasses say when (`shouldRotate`) and how (`rotate`).
    """

    synchronized = ["write", "rotate", "reopen", "flush", "close"]

    def __init__(self, name: str, directory: str, defaultMode: int | None = None) -> None:
        self.name = name
        self.directory = directory
        self.path = os.path.join(directory, name)
        if defaultMode is None and os.path.exists(self.path):
            defaultMode = stat.S_IMODE(os.stat(self.path).st_mode)
        self.defaultMode = defaultMode
        self.closed = False
        self._failedToRotate = False
        self._openFile()

    @classmethod
    def fromFullPath(cls, filename: str, *args: Any, **kwargs: Any) -> Self:
        """A log file whose path is *filename*; the other arguments are the class's own."""
        directory, name = os.path.split(os.path.abspath(filename))
        return cls(name, directory, *args, **kwargs)

    def shouldRotate(self) -> bool:
        """Whether the file should begin anew before the next line is written."""
        raise NotImplementedError(f"{type(self).__name__} must say when to rotate")

    def rotate(self) -> None:
        """Let the file begin anew."""
        raise NotImplementedError(f"{type(self).__name__} must say how to rotate")

    def _openFile(self) -> None:
        """Open the file, and make it if it is not there."""
        self._file = self._openPath()

    def _openPath(self) -> Any:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        # Not wider than asked for, even for a moment.
        mode = 0o666 if self.defaultMode is None else self.defaultMode
        descriptor = os.open(self.path, flags, mode)
        status = os.fstat(descriptor)
        # A device or a pipe has no length, and must keep its name.
        self._isRegular = stat.S_ISREG(status.st_mode)
        if self.defaultMode is not None and self._isRegular:
            if stat.S_IMODE(status.st_mode) != self.defaultMode and self._mayChangeMode(status):
                os.fchmod(descriptor, self.defaultMode)
        # Without a buffer, since a log is read when the program is gone.
        return os.fdopen(descriptor, "ab", 0)

    def _mayChangeMode(self, status: os.stat_result) -> bool:
        return os.geteuid() in (0, status.st_uid)

    def write(self, data: str | bytes) -> None:
        """
        Append *data*; a `str` as UTF-8.

        Raises `ValueError` when the file is closed, and `OSError` when the system
        cannot write.
        """
        if self.closed:
            raise ValueError(f"the log file {self.path} is closed")
        if self._isRegular and self.shouldRotate():
            self.rotate()
        if isinstance(data, str):
            data = data.encode("utf-8", "backslashreplace")
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def flush(self) -> None:
        """Do nothing: what is written is in the file."""

    def close(self) -> None:
        """Close the file; nothing can be written any more."""
        self.closed = True
        self._file.close()

    def reopen(self) -> None:
        """
        Open the file anew: for programs such as logrotate, which give it another name.

        When that fails the `OSError` is raised, and the old file goes on.
        """
        old = self._file
        self._openFile()
        old.close()

    def getCurrentLog(self) -> LogReader:
        """A reader of the file as it is now."""
        return LogReader(self.path)

    def _isElsewhere(self) -> bool:
        """Whether the file that is open is not the one at the path any more."""
        try:
            return not os.path.samestat(os.stat(self.path), os.fstat(self._file.fileno()))
        except FileNotFoundError:
            return True

    def _moveAside(self, moves: Iterable[tuple[str, str]]) -> None:
        """
        Rename files, in their order, and open a new one.

        The *moves* are pairs of the old and the new path.  When the system refuses, the
        `OSError` is raised, and the file that was open is open still.
        """
        for old, new in moves:
            os.rename(old, new)
        self.reopen()
        self._failedToRotate = False

    def _goOn(self, problem: OSError) -> None:
        """Say that the file could not begin anew, if that is new."""
        # Not by the log: it is the log that speaks.
        if not self._failedToRotate and sys.__stderr__ is not None:
            sys.__stderr__.write(
                f"The log file {self.path} cannot begin anew, and goes on: {problem}\n"
            )
        self._failedToRotate = True

    def __getstate__(self) -> dict[str, Any]:
        """All but the open file."""
        state = self.__dict__.copy()
        del state["_file"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = state
        self._openFile()
        if self.closed:
            self._file.close()


class LogFile(BaseLogFile):
    """
    A log file that begins anew when it is *rotateLength* bytes long; never, if None or 0.

    The old ones are called *name*.1, *name*.2 and so on, and 1 is the newest.
    *maxRotatedFiles* is how many of these are kept; all, if None.
    """

    def __init__(
        self,
        name: str,
        directory: str,
        rotateLength: int | None = 1_000_000,
        defaultMode: int | None = None,
        maxRotatedFiles: int | None = None,
    ) -> None:
        if maxRotatedFiles is not None and maxRotatedFiles < 1:
            raise ValueError(
                f"maxRotatedFiles is how many old log files are kept, not {maxRotatedFiles}; "
                "use None for all"
            )
        self.rotateLength = rotateLength
        self.maxRotatedFiles = maxRotatedFiles
        super().__init__(name, directory, defaultMode)

    def _openFile(self) -> None:
        super()._openFile()
        self.size = os.fstat(self._file.fileno()).st_size
        self._rotateAt = self.rotateLength

    def shouldRotate(self) -> bool:
        """Whether the file is as long as it may be."""
        return bool(self._rotateAt) and self.size >= (self._rotateAt or 0)

    def write(self, data: str | bytes) -> None:
        """Append *data*; a `str` as UTF-8.  See `BaseLogFile.write`."""
        if isinstance(data, str):
            data = data.encode("utf-8", "backslashreplace")
        super().write(data)
        self.size += len(data)

    def rotate(self) -> None:
        """
        Give the file the name with .1, and the old ones the next numbers.

        If another program has given it another name, all that is needed is to open it anew.
        """
        try:
            if self._isElsewhere():
                self.reopen()
                return
            numbers = reversed(self.listLogs())
            moves = [(self._pathOf(number), self._pathOf(number + 1)) for number in numbers]
            self._moveAside([*moves, (self.path, self._pathOf(1))])
            for number in self.listLogs():
                if self.maxRotatedFiles is not None and number > self.maxRotatedFiles:
                    os.remove(self._pathOf(number))
        except OSError as problem:
            self._goOn(problem)
            self._rotateAt = self.size + (self.rotateLength or 0)

    def listLogs(self) -> list[int]:
        """The numbers of the old files, the newest (1) first."""
        prefix = f"{self.name}."
        found = []
        for entry in os.listdir(self.directory):
            number = entry.removeprefix(prefix)
            if entry.startswith(prefix) and number.isascii() and number.isdecimal():
                if str(int(number)) == number and number != "0":
                    found.append(int(number))
        return sorted(found)

    def getLog(self, identifier: int) -> LogReader:
        """
        A reader of the old file with the number *identifier*.

        Raises `ValueError` when there is none.
        """
        return _readerOf(self._pathOf(identifier))

    def _pathOf(self, number: int) -> str:
        return f"{self.path}.{number}"


class DailyLogFile(BaseLogFile):
    """
    A log file that begins anew each day, by local time.

    The file of a day that is past has its date after its name: *name*.2008_1_31.  If
    there is such a file already, the current one goes on instead.

    *seconds* is the clock.
    """

    def __init__(
        self,
        name: str,
        directory: str,
        defaultMode: int | None = None,
        seconds: Callable[[], float] = time.time,
    ) -> None:
        self._seconds = seconds
        super().__init__(name, directory, defaultMode)

    def _openFile(self) -> None:
        isNew = not os.path.exists(self.path)
        super()._openFile()
        # An old file that is found when the program starts belongs to the day on
        # which it was written last.
        modified = os.fstat(self._file.fileno()).st_mtime
        self.lastDate = self.toDate() if isNew else self.toDate(modified)

    def shouldRotate(self) -> bool:
        """Whether the day is over to which the file belongs."""
        return self.toDate() > self.lastDate

    def toDate(self, *args: float) -> DateTuple:
        """The year, month and day of a time in seconds since the epoch; by default, of now."""
        day = time.localtime(*(args or (self._seconds(),)))
        return day.tm_year, day.tm_mon, day.tm_mday

    def suffix(self, tupledate: DateTuple | float) -> str:
        """What is added to the name for a day, given as `toDate` does or in seconds."""
        if not isinstance(tupledate, tuple):
            tupledate = self.toDate(tupledate)
        return "_".join(str(number) for number in tupledate)

    def getLog(self, identifier: DateTuple | float) -> LogReader:
        """
        A reader of the file of a day, given as `toDate` does or in seconds.

        Raises `ValueError` when there is none.
        """
        day = identifier if isinstance(identifier, tuple) else self.toDate(identifier)
        if day == self.lastDate:
            return self.getCurrentLog()
        return _readerOf(f"{self.path}.{self.suffix(day)}")

    def write(self, data: str | bytes) -> None:
        """Append *data*; a `str` as UTF-8.  See `BaseLogFile.write`."""
        super().write(data)
        # A clock that is set back does not bring back a day.
        self.lastDate = max(self.lastDate, self.toDate())

    def rotate(self) -> None:
        """Give the file the name of its day, unless there is one."""
        old = f"{self.path}.{self.suffix(self.lastDate)}"
        if os.path.exists(old):
            return
        try:
            self._moveAside([(self.path, old)])
        except OSError as problem:
            self._goOn(problem)


class LogReader:
    """Reads the log file at the path *name*, from its beginning."""

    def __init__(self, name: str) -> None:
        # Something that is no UTF-8 must not keep the rest from being read.
        self._file = open(name, encoding="utf-8", errors="backslashreplace", newline="\n")  # noqa: SIM115  # close() does

    def readLines(self, lines: int = 10) -> list[str]:
        """The next *lines* lines, or as many as there are, each with its newline."""
        found = []
        for _ in range(lines):
            line = self._file.readline()
            if not line:
                break
            found.append(line)
        return found

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _readerOf(path: str) -> LogReader:
    if not os.path.exists(path):
        raise ValueError(f"there is no log file {path}")
    return LogReader(path)


threadable.synchronize(BaseLogFile, LogFile, DailyLogFile)
