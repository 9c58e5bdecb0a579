"""
Events as JSON, and log files of them.

A log file is a series of records as RFC 7464 has it: each is a record separator
(U+001E), a JSON object and a newline.  With an empty separator it is one object in
each line.  The separator makes a file readable from the middle and after a crash:
what stands between two of them is a whole record or is none.

What JSON does not know is written as follows.

- A level, a `Failure` and a `UUID` become an object that names its class in
  `__class_uuid__`, and are what they were when read again.
- Bytes become text, each byte one character of the same number.
- A key that is no string becomes one, or is left out if JSON cannot have it as key.
- Other objects become `{"unpersistable": true}`; the text of the fields that the
  format uses is kept beside, in `log_flattened`, so that the text of the event
  is the same as before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import IO, Any
from uuid import UUID

from constantly import NamedConstant

from twisted.logger._contracts import LogEvent
from twisted.logger._fields import flattenEvent
from twisted.logger._files import FileLogObserver
from twisted.logger._levels import LogLevel, allLevels
from twisted.logger._logger import Logger
from twisted.logger._text import formatUnformattable
from twisted.python.failure import Failure

RECORD_SEPARATOR = "\x1e"

# How far values are followed into each other when the whole cannot be written.
MAX_DEPTH = 32

CLASS_KEY = "__class_uuid__"
UNPERSISTABLE = {"unpersistable": True}

log = Logger(namespace="twisted.logger")


def _saveFailure(failure: Failure) -> dict[str, Any]:
    state: dict[str, Any] = dict(failure.__getstate__())
    kind = failure.type
    state["type"] = {
        "__module__": getattr(kind, "__module__", None),
        "__name__": getattr(kind, "__name__", str(kind)),
    }
    return state


def _loadFailure(state: dict[str, Any]) -> Failure:
    kind = state.get("type")
    if isinstance(kind, dict):
        # The class may not exist here, and its name comes from a file: a class of
        # the same name that does nothing stands for it.
        name, module = str(kind.get("__name__")), str(kind.get("__module__"))
        state["type"] = type(name, (), {"__module__": module})
    failure = Failure.__new__(Failure)
    failure.__dict__.update(state)
    return failure


def _saveLevel(level: NamedConstant) -> dict[str, Any]:
    return {"name": level.name}


def _loadLevel(state: dict[str, Any]) -> NamedConstant:
    return LogLevel.levelWithName(state["name"])


def _saveUUID(value: UUID) -> dict[str, Any]:
    return {"hex": value.hex}


def _loadUUID(state: dict[str, Any]) -> UUID:
    return UUID(state["hex"])


Saver = Callable[[Any], dict[str, Any]]
Loader = Callable[[dict[str, Any]], Any]

# The identifiers are part of the format of log files.
CLASSES: tuple[tuple[str, Callable[[object], bool], Saver, Loader], ...] = (
    (
        "02e59486-f24d-46ad-8224-3acdf2a5732a",
        lambda value: value in allLevels,
        _saveLevel,
        _loadLevel,
    ),
    (
        "e76887e2-20ed-49bf-a8f8-ba25cc586f2d",
        lambda value: isinstance(value, Failure),
        _saveFailure,
        _loadFailure,
    ),
    (
        "0a00cae3-5e7a-4f0c-8b5d-2f6a1b1d6f5c",
        lambda value: isinstance(value, UUID),
        _saveUUID,
        _loadUUID,
    ),
)
LOADERS = {identifier: loader for identifier, _, _, loader in CLASSES}


def _save(value: object) -> Any:
    """Something that JSON knows, for a *value* that it does not."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    for identifier, matches, saver, _ in CLASSES:
        try:
            if matches(value):
                return saver(value) | {CLASS_KEY: identifier}
        except TypeError:  # not hashable: no level
            continue
    return UNPERSISTABLE


def _load(state: dict[str, Any]) -> Any:
    """What the object *state* of a record stands for."""
    loader = LOADERS.get(state.get(CLASS_KEY, ""))
    if loader is None:
        return state
    del state[CLASS_KEY]
    return loader(state)


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
        event["log_format"] = (
            formatUnformattable(event, problem).replace("{", "{{").replace("}", "}}")
        )
    try:
        return json.dumps(event, default=_save, skipkeys=True)
    except (ValueError, TypeError, RecursionError):
        return json.dumps(_simplify(event, MAX_DEPTH), skipkeys=True)


def _simplify(value: object, depth: int) -> Any:
    """A copy of *value* that JSON can surely write."""
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if depth == 0:
        return UNPERSISTABLE
    if isinstance(value, dict):
        return {str(key): _simplify(item, depth - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_simplify(item, depth - 1) for item in value]
    return _simplify(_save(value), depth - 1)


def eventFromJSON(eventText: str) -> LogEvent:
    """
    The event that *eventText*, a JSON object, holds.

    Raises `ValueError` when it is not one.
    """
    event = json.loads(eventText, object_hook=_load)
    if not isinstance(event, dict):
        raise ValueError(f"an event is a JSON object, not {eventText[:80]!r}")
    return event


def jsonFileLogObserver(
    outFile: IO[Any], recordSeparator: str = RECORD_SEPARATOR
) -> FileLogObserver:
    """An observer that writes events as JSON records to *outFile*."""
    return FileLogObserver(outFile, lambda event: f"{recordSeparator}{eventAsJSON(event)}\n")


def eventsFromJSONLogFile(
    inFile: IO[Any], recordSeparator: str | None = None, bufferSize: int = 4096
) -> Iterable[LogEvent]:
    """
    The events in *inFile*, a log file that `jsonFileLogObserver` wrote, one by one.

    The file may be one of text or of bytes (UTF-8), and is read *bufferSize* at a time.
    When *recordSeparator* is None it is found out from the beginning of the file.
    A record that cannot be read is logged as an error, and passed over.
    """
    raise NotImplementedError
