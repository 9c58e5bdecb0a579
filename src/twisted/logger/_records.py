"""
Events as JSON, and log files of them.

A log file is a series of records as RFC 7464 has it: each is a record separator
(U+001E), a JSON object and a newline.  With an empty separator it is one object in
each line.  The separator makes a file readable from the middle and after a crash:
what stands between two of them is one whole record, or none.

What JSON does not know is written as follows.

- A level, a `Failure` and a `UUID` become an object that names its class in
  `__class_uuid__`, and are what they were when read again; an exception in a failure
  is then of a class made for it, with the name and the bases that it had.
- Bytes become text, each byte the character of the same number.
- Numbers that are not finite, and those of thousands of digits, become text.
- Keys become strings.
- Other objects become `{"unpersistable": true}`; so do values that contain
  themselves, and what is nested too deeply.  The text of the fields that the
  format uses is kept beside, in `log_flattened`, so that the text of the event is
  the same as before.

A log file is data from elsewhere to the program that reads it: nothing in it names
code that is run or imported, and the text of an event that was read comes from what
was kept (see `formatFlattened`).
"""

from __future__ import annotations

import builtins
import json
import math
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import IO, Any

from constantly import NamedConstant

from twisted.logger._contracts import LogEvent
from twisted.logger._fields import flattenEvent, isSelfContained
from twisted.logger._files import FileLogObserver, TextFile
from twisted.logger._levels import LogLevel, rank
from twisted.logger._logger import Logger
from twisted.logger._text import formatUnformattable
from twisted.python.failure import Failure

RECORD_SEPARATOR = "\x1e"

# How far values are followed into each other, and how many in all, when an event cannot
# be written as it is: a log entry, not an archive.
MAX_DEPTH = 32
MAX_VALUES = 10_000

# Python refuses to write integers of more than 4300 digits (its protection against
# quadratic time).
MAX_INTEGER_BITS = 4300 * 3

# How many classes an exception may have for bases, and how much of a record that
# cannot be read is shown.
MAX_PARENTS = 64
MAX_SHOWN = 1000

CLASS_KEY = "__class_uuid__"
UNPERSISTABLE = {"unpersistable": True}

log = Logger(namespace="twisted.logger")


# The identifiers are part of the format of log files.
LEVEL_ID = "02e59486-f24d-46ad-8224-3acdf2a5732a"
FAILURE_ID = "e76887e2-20ed-49bf-a8f8-ba25cc586f2d"
UUID_ID = "0a00cae3-5e7a-4f0c-8b5d-2f6a1b1d6f5c"


def _saveFailure(failure: Failure) -> dict[str, Any]:
    kind = failure.type
    return {
        CLASS_KEY: FAILURE_ID,
        "type": {"__module__": kind.__module__, "__name__": kind.__name__},
        "message": failure.getErrorMessage(),
        "parents": failure.parents,
        "frames": [[name, path, line, [], []] for name, path, line, *_ in failure.frames],
    }


def _loadFailure(state: dict[str, Any]) -> Failure:
    kind = state["type"]
    parents = [str(name) for name in state.get("parents", ())[:MAX_PARENTS]]
    standIn = _makeStandIn(f"{kind['__module__']}.{kind['__name__']}", parents)
    failure = Failure(_raiseNothing(standIn, str(state.get("message", ""))))
    frames: list[tuple[object, ...]] = [
        (str(name), str(path), int(line), [], []) for name, path, line, *_ in state["frames"]
    ]
    failure.__setstate__({"_frames": frames, "pickled": True})
    return failure


def _makeStandIn(name: str, parents: list[str]) -> type[BaseException]:
    """
    A class for the exceptions called *name*, from elsewhere.

    It derives from classes for the names *parents*, down to the first which is a
    built-in exception: `Failure.check` answers as it did where the failure was.
    """
    made: type[BaseException] = Exception
    chain = [name, *(parent for parent in parents if parent != name)]
    for depth, parent in enumerate(chain):
        module, _, shortName = parent.rpartition(".")
        builtin = getattr(builtins, shortName, None) if module == "builtins" else None
        if isinstance(builtin, type) and issubclass(builtin, BaseException):
            made, chain = builtin, chain[: max(depth, 1)]
            break
    # Groups need exceptions to be made of.
    if issubclass(made, BaseExceptionGroup):
        made = Exception
    for parent in reversed(chain):
        module, _, shortName = parent.rpartition(".")
        made = type(shortName, (made,), {"__module__": module, "__str__": _firstArgument})
    return made


def _firstArgument(error: BaseException) -> str:
    return str(error.args[0])


def _raiseNothing(kind: type[BaseException], message: str) -> BaseException:
    """An exception of *kind*, made without its `__init__`, which may want anything."""
    error: BaseException = kind.__new__(kind, message)
    error.args = (message,)
    return error


def _saveLevel(level: NamedConstant) -> dict[str, Any]:
    return {CLASS_KEY: LEVEL_ID, "name": level.name} if level in rank else UNPERSISTABLE


SAVERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (NamedConstant, _saveLevel),
    (bytes, lambda value: value.decode("latin-1")),
    (Failure, _saveFailure),
)

LOADERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    LEVEL_ID: lambda state: LogLevel.levelWithName(state["name"]),
    FAILURE_ID: _loadFailure,
    # By name: that module is seldom needed, and slow to import.
    UUID_ID: lambda state: import_module("uuid").UUID(state["hex"]),
}


def _save(value: Any) -> Any:
    """Something that JSON knows, for a *value* that it does not.  Never raises."""
    try:
        for kind, save in SAVERS:
            if isinstance(value, kind):
                return save(value)
        # Nobody has a UUID where that module was not imported.
        if "uuid" in sys.modules and isinstance(value, sys.modules["uuid"].UUID):
            return {CLASS_KEY: UUID_ID, "hex": value.hex}
    except Exception:  # a log never fails its program
        pass
    return UNPERSISTABLE


def _load(state: dict[str, Any]) -> Any:
    """What the object *state* of a record stands for: itself, if nothing is known of it."""
    identifier = state.get(CLASS_KEY)
    loader = LOADERS.get(identifier) if isinstance(identifier, str) else None
    if loader is None:
        return state
    try:
        return loader(state)
    except Exception:
        # A level of another version, or an object that only looks like one of ours.
        return state


_encodeJSON = json.JSONEncoder(default=_save, allow_nan=False).encode


def eventAsJSON(event: LogEvent) -> str:
    """
    *event* as a JSON object.

    Whatever the event holds, there is a result: see the beginning of this module
    for what becomes of values that JSON does not know.
    """
    event = dict(event)
    try:
        flattenEvent(event)
    except Exception as problem:
        text = formatUnformattable(event, problem)
        event["log_format"] = text.replace("{", "{{").replace("}", "}}")
    try:
        return _encodeJSON(event)
    except Exception:  # of any value's conversion
        return json.dumps(_Simplifier().simplify(event))


class _Simplifier:
    """Makes copies of values that JSON can surely write."""

    def __init__(self) -> None:
        self._left = MAX_VALUES
        self._around: set[int] = set()

    def simplify(self, value: object) -> Any:
        """A copy of *value*.  Never raises."""
        try:
            return self._simplify(value)
        except Exception:
            # Even to ask for its class may fail.
            return UNPERSISTABLE

    def _simplify(self, value: object) -> Any:
        self._left -= 1
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, float)):
            return self._simplifyNumber(value)
        if self._left <= 0 or len(self._around) >= MAX_DEPTH or id(value) in self._around:
            return UNPERSISTABLE
        self._around.add(id(value))
        try:
            if isinstance(value, dict):
                return {self._key(key): self.simplify(item) for key, item in value.items()}
            if isinstance(value, (list, tuple)):
                return [self.simplify(item) for item in value]
            saved = _save(value)
            return saved if saved is UNPERSISTABLE else self.simplify(saved)
        finally:
            self._around.discard(id(value))

    def _simplifyNumber(self, value: float) -> float | str:
        if isinstance(value, int):
            return value if value.bit_length() <= MAX_INTEGER_BITS else hex(value)
        return value if math.isfinite(value) else repr(value)

    def _key(self, key: object) -> str:
        if isinstance(key, bytes):
            return key.decode("latin-1")
        if key is None or isinstance(key, bool):
            return json.dumps(key)
        if isinstance(key, int):
            return str(self._simplifyNumber(key))
        return str(key)


def eventFromJSON(eventText: str) -> LogEvent:
    """
    The event that *eventText*, a JSON object, holds.

    Raises `ValueError` when it is not one.
    """
    try:
        event = json.loads(eventText, object_hook=_load)
    except RecursionError:
        raise ValueError("an event is nested too deeply")
    if not isinstance(event, dict):
        raise ValueError(f"an event is a JSON object, not {eventText[:MAX_SHOWN]!r}")
    try:
        safe = isSelfContained(event)
    except Exception:
        safe = True  # A format that cannot be parsed cannot do anything, either.
    if not safe:
        event["log_flattened"] = {}
    return event


def jsonFileLogObserver(
    outFile: TextFile, recordSeparator: str = RECORD_SEPARATOR
) -> FileLogObserver:
    """
    An observer that writes events as JSON records to *outFile*.

    Each is written as *recordSeparator*, the JSON text and a newline.
    """

    def formatEvent(event: LogEvent) -> str:
        return f"{recordSeparator}{eventAsJSON(event)}\n"

    return FileLogObserver(outFile, formatEvent)


def eventsFromJSONLogFile(
    inFile: IO[Any], recordSeparator: str | None = None, bufferSize: int = 4096
) -> Iterator[LogEvent]:
    """
    The events in *inFile*, a log file that `jsonFileLogObserver` wrote, one by one.

    The file may be one of text or of bytes (UTF-8), and is read *bufferSize* at a time.
    When *recordSeparator* is None it is found out from the beginning of the file; when
    it is "" there is one record in each line.  A record that cannot be read is logged as
    an error, and passed over.
    """
    for piece in _recordsOf(inFile, recordSeparator, bufferSize):
        record = piece.strip()
        if not record:
            continue
        try:
            yield eventFromJSON(record.decode("utf-8", "surrogatepass"))
        except ValueError as problem:
            log.error(
                "A record of a JSON log file cannot be read: {problem}; it is {record!r}",
                problem=problem,
                record=record[:MAX_SHOWN],
            )


def _recordsOf(
    inFile: IO[Any], recordSeparator: str | None, bufferSize: int
) -> Iterator[bytearray]:
    """The pieces of *inFile* between separators."""
    pending = bytearray()
    separator = None if recordSeparator is None else _encode(recordSeparator or "\n")
    searched = 0
    while chunk := inFile.read(bufferSize):
        pending += chunk if isinstance(chunk, bytes) else _encode(chunk)
        if separator is None:
            first = _encode(RECORD_SEPARATOR)
            separator = first if pending.startswith(first) else b"\n"
        while (end := pending.find(separator, searched)) >= 0:
            yield pending[:end]
            del pending[: end + len(separator)]
            searched = 0
        # A separator may have begun; the rest need not be searched again.
        searched = max(0, len(pending) - len(separator) + 1)
    yield pending


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
