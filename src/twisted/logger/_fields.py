"""
The fields of a format: how they are looked up, and how their values are kept.

A field is what stands between braces in a format, in the manner of `str.format`
(PEP 3101), with one addition: a part that ends in `()` is called, without arguments,
when the event becomes text.

An event that leaves the process takes the text of its fields with it, in
`log_flattened`: a mapping from *field!conversion:spec* to the formatted text when a
conversion is given or the default (`!s`), and to the value itself under the field's
name with an empty conversion.  These keys are the format of JSON log files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from twisted.logger._contracts import LogEvent


class CallingFormatter(Formatter):
    """`str.format`, and `{name()}` for the result of a call."""

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        if "()" not in field_name:
            return super().get_field(field_name, args, kwargs)
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


def fieldsOf(format: str) -> Iterator[tuple[str, str, str, str]]:
    """The literal text, the field's name (or ""), conversion and spec, for each part."""
    for literal, name, spec, conversion in formatter.parse(format):
        yield literal, name or "", conversion or "", spec or ""


def flattenEvent(event: LogEvent) -> None:
    """
    Keep the text of the fields that the format of *event* uses, in the event itself.

    Afterwards the text of the event can be made without the objects in it.
    """
    format = event.get("log_format")
    if format is None or "log_flattened" in event:
        return
    if isinstance(format, bytes):
        format = format.decode("utf-8")
    kept: dict[str, Any] = {}
    for _, name, conversion, spec in fieldsOf(format):
        if not name:
            continue
        value, _ = formatter.get_field(name, (), event)
        filled = formatWithCalls(spec, event)
        converted = formatter.convert_field(value, conversion or None)
        kept[f"{name}!{conversion or 's'}:{filled}"] = formatter.format_field(converted, filled)
        kept[f"{name}!:"] = value
    if kept:
        event["log_flattened"] = kept


def formatFlattened(format: str, event: LogEvent) -> str:
    """The text of an event which was flattened."""
    kept = event["log_flattened"]
    pieces = []
    for literal, name, conversion, spec in fieldsOf(format):
        pieces.append(literal)
        if name:
            filled = formatWithCalls(spec, event)
            pieces.append(str(kept[f"{name}!{conversion or 's'}:{filled}"]))
    return "".join(pieces)


def extractField(field: str, event: LogEvent) -> Any:
    """
    The value of one field of *event*, flattened or not.

    *field* is written as between the braces of a format: a key, then any
    attributes, subscripts and calls, such as `request.uri` or `peer.name()`; with
    a conversion (`request!r`) it is the converted value.

    Raises `KeyError` and what the look-up raises when there is no such field.
    """
    ((_, name, spec, conversion),) = formatter.parse("{" + field + "}")
    kept = event.get("log_flattened")
    if kept is not None:
        key = f"{name}!{conversion or ''}:{spec or ''}"
        if key in kept:
            return kept[key]
    value, _ = formatter.get_field(name or "", (), event)
    return formatter.convert_field(value, conversion or None)
