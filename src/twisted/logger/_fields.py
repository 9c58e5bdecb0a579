"""
The fields of a format: how they are looked up, and how their values are kept.

A field is what stands between braces in a format, in the manner of `str.format`
(PEP 3101), with one addition: a part that ends in `()` is called, without arguments,
when the event becomes text.

An event that leaves the process takes its fields with it, in `log_flattened`: a
mapping with two keys for each field,

    name!conversion:spec    the formatted text; the conversion is `s` when none is written
    name!:spec              the value

and `/2`, `/3`... after the key when the format has the same field again (a call may
give something else each time).  These keys are part of the format of JSON log files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, NamedTuple

from twisted.logger._contracts import LogEvent


class CallingFormatter(Formatter):
    """`str.format`, and `{name()}` for the result of a call."""

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        if "()" not in field_name:
            found: tuple[Any, str] = super().get_field(field_name, args, kwargs)
            return found
        *called, rest = field_name.split("()")
        value, key = super().get_field(called[0], args, kwargs)
        value = value()
        for step in called[1:]:
            value = self._continue(value, step, args)()
        return (self._continue(value, rest, args) if rest else value), key

    def _continue(self, value: Any, path: str, args: Any) -> Any:
        return super().get_field("value" + path, args, {"value": value})[0] if path else value


formatter = CallingFormatter()


def formatWithCalls(format: str, event: Mapping[str, Any]) -> str:
    """Fill the fields of *format* from *event*."""
    if "()" in format:
        return formatter.vformat(format, (), event)
    return format.format_map(event)


class Field(NamedTuple):
    """One field of a format, and the literal text before it; `name` is "" for text alone."""

    literal: str
    name: str
    conversion: str
    spec: str
    key: str
    """What its text is kept under."""

    @property
    def valueKey(self) -> str:
        """What its value is kept under."""
        return f"{self.name}!:{self.spec}"

    @property
    def isPlain(self) -> bool:
        """Whether it is nothing but a key of the event."""
        return not any(sign in self.name for sign in ".[(")


def fieldsOf(format: str) -> Iterator[Field]:
    """The fields of *format*."""
    seen: Counter[str] = Counter()
    for literal, name, spec, conversion in formatter.parse(format):
        key = f"{name}!{conversion or 's'}:{spec or ''}"
        seen[key] += 1
        if seen[key] > 1:
            key = f"{key}/{seen[key]}"
        yield Field(literal, name or "", conversion or "", spec or "", key)


def formatOf(event: LogEvent) -> str | None:
    """
    The format of *event*, if it has one.

    Raises `TypeError` when it is something else than text.
    """
    format = event.get("log_format")
    if isinstance(format, bytes):
        return format.decode("utf-8")
    if format is not None and not isinstance(format, str):
        raise TypeError(f"a log format is a str, not {format!r}")
    return format


def flattenEvent(event: LogEvent) -> None:
    """
    Keep what the format of *event* shows in the event itself.

    Afterwards the text of the event can be made without the objects in it.
    """
    format = formatOf(event)
    if format is None or "log_flattened" in event:
        return
    kept: dict[str, Any] = {}
    for field in fieldsOf(format):
        if field.name:
            value, _ = formatter.get_field(field.name, (), event)
            kept[field.key] = showField(field, value, event)
            kept[field.valueKey] = value
    if kept:
        event["log_flattened"] = kept


def showField(field: Field, value: object, event: LogEvent) -> str:
    """The text of *field* when it has *value*."""
    converted = formatter.convert_field(value, field.conversion or None)
    return str(formatter.format_field(converted, formatWithCalls(field.spec, event)))


def formatFlattened(format: str, event: LogEvent) -> str:
    """
    The text of an event which was flattened.

    Only what was kept and plain keys are used: the event may come from elsewhere,
    and a format that calls and follows attributes can do anything.
    """
    kept = event["log_flattened"]
    pieces = []
    for field in fieldsOf(format):
        pieces.append(field.literal)
        if not field.name:
            continue
        if field.key in kept:
            pieces.append(str(kept[field.key]))
        elif field.isPlain:
            pieces.append(showField(field, event[field.name], event))
        else:
            raise KeyError(f"no text was kept for {{{field.name}}}")
    return "".join(pieces)


def isSelfContained(event: LogEvent) -> bool:
    """Whether the text of *event* needs nothing but what is kept, and plain keys."""
    format = formatOf(event)
    return (
        "log_flattened" in event
        or format is None
        or all(field.isPlain for field in fieldsOf(format))
    )


def extractField(field: str, event: LogEvent) -> Any:
    """
    The value of one field of *event*, flattened or not.

    *field* is written as between the braces of a format: a key, then any
    attributes, subscripts and calls, such as `request.uri` or `peer.name()`; with
    a conversion (`request!r`) it is the converted value.

    Raises `KeyError` and what the look-up raises when there is no such field.
    """
    ((_, name, spec, conversion),) = formatter.parse("{" + field + "}")
    key = f"{name}!{conversion or ''}:{spec or ''}"
    kept = event.get("log_flattened", {})
    if key in kept:
        return kept[key]
    value, _ = formatter.get_field(name or "", (), event)
    return formatter.convert_field(value, conversion or None)
