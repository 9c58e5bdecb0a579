"""Tests for events as JSON."""

from __future__ import annotations

import enum
import io
import json
import uuid
from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.logger import (
    LogEvent,
    Logger,
    LogLevel,
    capturedLogs,
    eventAsJSON,
    eventAsText,
    eventFromJSON,
    eventsFromJSONLogFile,
    formatEvent,
    jsonFileLogObserver,
)
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

SEPARATOR = "\x1e"

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.uuids()
    | st.sampled_from(list(LogLevel.iterconstants())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
events = st.dictionaries(st.text().filter(lambda key: not key.startswith("log_")), values)


class OwnBaseError(Exception):
    """The base of an application's errors."""


class OwnError(OwnBaseError):
    """An error that is made of more than its message."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(one, two)

    def __str__(self) -> str:
        return "own words"


def failureOf(error: BaseException) -> Failure:
    try:
        raise error
    except BaseException:
        return Failure()


def roundTrip(event: LogEvent) -> LogEvent:
    return eventFromJSON(eventAsJSON(event))


class SaveTests(SynchronousTestCase):
    """`eventAsJSON`, and what comes back."""

    @settings(max_examples=100, deadline=None)
    @given(events)
    def test_roundTrip(self, event: LogEvent) -> None:
        """What JSON knows comes back, and so do levels and UUIDs."""
        self.assertEqual(roundTrip(event), event)

    def test_event(self) -> None:
        """An event of a logger keeps its text, level, time and names."""
        told: list[LogEvent] = []
        Logger(observer=told.append).info("{x!r} {y.imag} {f()}", x=object, y=2j, f=lambda: 7)
        event = roundTrip(told[0])
        self.assertEqual(formatEvent(event), formatEvent(told[0]))
        self.assertEqual(eventAsText(event), eventAsText(told[0]))
        self.assertIs(event["log_level"], LogLevel.info)
        self.assertEqual(event["log_time"], told[0]["log_time"])
        self.assertEqual(event["log_namespace"], __name__)

    def test_unchanged(self) -> None:
        """The event itself is not changed."""
        event: LogEvent = {"log_format": "{x}", "x": 1}
        eventAsJSON(event)
        self.assertEqual(event, {"log_format": "{x}", "x": 1})

    def test_objects(self) -> None:
        """Objects that cannot be written say so; bytes are text."""
        event = roundTrip({"o": object(), "b": b"a\xff", "t": (1, 2), "s": {3}})
        self.assertEqual(
            event,
            {
                "o": {"unpersistable": True},
                "b": "a\xff",
                "t": [1, 2],
                "s": {"unpersistable": True},
            },
        )

    def test_keys(self) -> None:
        """Keys become text."""
        inner = {(1, 2): "t", b"\xff": "b", None: "n", True: "b", 7: "i", 1.5: "f"}
        self.assertEqual(
            roundTrip({"x": inner}),
            {"x": {"(1, 2)": "t", "\xff": "b", "null": "n", "true": "b", "7": "i", "1.5": "f"}},
        )

    def test_numbers(self) -> None:
        """Numbers that JSON or Python cannot write become text."""
        event = {"n": float("nan"), "i": float("-inf"), "h": 10**5000, "f": 1.5, "b": True}
        text = eventAsJSON(event)
        self.assertNotIn("NaN", text)
        self.assertEqual(
            json.loads(text),
            {"n": "nan", "i": "-inf", "h": hex(10**5000), "f": 1.5, "b": True},
        )

    def test_besidesNumbers(self) -> None:
        """What else is in such an event is written as always."""

        class Port(enum.IntEnum):
            HTTP = 80

        class Name(str):
            pass

        failure = failureOf(ValueError("oh"))
        event = roundTrip(
            {
                "n": float("nan"),
                "l": LogLevel.info,
                "u": uuid.UUID(int=7),
                "f": failure,
                "b": b"\xff",
                "p": Port.HTTP,
                "s": Name("x"),
            }
        )
        self.assertEqual(event.pop("f").getTraceback(), failure.getTraceback())
        self.assertEqual(
            event,
            {
                "n": "nan",
                "l": LogLevel.info,
                "u": uuid.UUID(int=7),
                "b": "\xff",
                "p": 80,
                "s": "x",
            },
        )

    def test_recursion(self) -> None:
        """Values that contain themselves end where they do so."""
        inner: list[Any] = [1]
        inner.append(inner)
        table: dict[str, Any] = {"x": inner}
        table["self"] = table
        self.assertEqual(
            roundTrip(table),
            {"x": [1, {"unpersistable": True}], "self": {"x": [1, {"unpersistable": True}],
             "self": {"unpersistable": True}}},
        )  # fmt: skip

    def test_deep(self) -> None:
        """Values that are nested very deeply end somewhere."""
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        self.assertIn("unpersistable", eventAsJSON({"x": deep, "y": 1}))

    def test_wide(self) -> None:
        """Values that are in each other again and again are not written without end."""
        wide: Any = float("nan")
        for _ in range(30):
            wide = [wide, wide]
        self.assertLess(len(eventAsJSON({"x": wide})), 1_000_000)

    def test_hostile(self) -> None:
        """Objects that raise whatever is asked of them do no harm."""

        class Hostile:
            def __getattribute__(self, name: str) -> Any:
                raise ValueError(name)

            def __str__(self) -> str:
                raise ValueError("str")

            __repr__ = __str__

        class HostileDict(dict[str, Any]):
            def items(self) -> Any:
                raise ValueError("items")

        event = roundTrip(
            {
                "h": Hostile(),
                "d": HostileDict(x=float("nan")),
                "log_format": "{h}",
                "n": 1,
                "x": float("nan"),
            }
        )
        self.assertEqual(event["n"], 1)
        self.assertIn("Unable to format", formatEvent(event))
        self.assertEqual(event["d"], {"unpersistable": True})

    def test_unformattable(self) -> None:
        """The text of an event that cannot be formatted is the same afterwards."""
        told: LogEvent = {"log_format": "{x.y}", "x": {"a": 1}}
        self.assertEqual(formatEvent(roundTrip(told)), formatEvent(told))

    def test_surrogates(self) -> None:
        """Text that is no proper Unicode is kept."""
        self.assertEqual(roundTrip({"x": "\ud800"}), {"x": "\ud800"})

    def test_idOfLevels(self) -> None:
        """The identifiers of classes are those that other programs know."""
        self.assertEqual(
            json.loads(eventAsJSON({"l": LogLevel.warn}))["l"],
            {"name": "warn", "__class_uuid__": "02e59486-f24d-46ad-8224-3acdf2a5732a"},
        )
        failure = json.loads(eventAsJSON({"f": failureOf(OwnError(1, 2))}))["f"]
        self.assertEqual(failure["__class_uuid__"], "e76887e2-20ed-49bf-a8f8-ba25cc586f2d")
        self.assertEqual(failure["type"], {"__module__": __name__, "__name__": "OwnError"})


class FailureTests(SynchronousTestCase):
    """Failures in events."""

    def reload(self, error: BaseException) -> Failure:
        failure = roundTrip({"log_failure": failureOf(error)})["log_failure"]
        assert isinstance(failure, Failure)
        return failure

    def test_builtin(self) -> None:
        """A built-in exception is recognised, and has its words and its frames."""
        failure = self.reload(KeyError("x"))
        self.assertIsNotNone(failure.check(KeyError))
        self.assertIsNotNone(failure.check(LookupError))
        self.assertIsNone(failure.check(ValueError))
        self.assertEqual(failure.getErrorMessage(), "'x'")
        self.assertIn("failureOf", failure.getTraceback())
        self.assertIn("KeyError: 'x'", failure.getTraceback())

    def test_own(self) -> None:
        """An exception of the application is known by name; its class is not imported."""
        failure = self.reload(OwnError(1, 2))
        self.assertIsNotNone(failure.check(f"{__name__}.OwnError"))
        self.assertIsNotNone(failure.check(f"{__name__}.OwnBaseError"))
        self.assertIsNone(failure.check(OwnError))
        self.assertEqual(failure.getErrorMessage(), "own words")
        self.assertIn("own words", failure.getTraceback())

    def test_difficult(self) -> None:
        """Exceptions whose classes are hard to make an object of come back as well."""
        for error in (
            UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
            OSError(2, "No such file"),
            SystemExit(3),
            KeyboardInterrupt(),
            StopIteration(5),
            ExceptionGroup("many", [ValueError()]),
        ):
            failure = self.reload(error)
            self.assertEqual(failure.getErrorMessage(), failureOf(error).getErrorMessage())
            self.assertIsNotNone(failure.check(f"builtins.{type(error).__name__}"))

    def test_text(self) -> None:
        """The text of the event has the traceback, as before."""
        event: LogEvent = {"log_format": "oh", "log_failure": failureOf(OwnError(1, 2))}
        self.assertEqual(eventAsText(roundTrip(event)), eventAsText(event))

    def test_notRaised(self) -> None:
        """A failure without a traceback is one afterwards."""
        failure = roundTrip({"f": Failure(ValueError("x"))})["f"]
        self.assertEqual(failure.getErrorMessage(), "x")
        self.assertEqual(failure.frames, [])


class LoadTests(SynchronousTestCase):
    """`eventFromJSON` on text from elsewhere."""

    def test_notJSON(self) -> None:
        """What is no JSON object is refused."""
        for text in ("", "{", "[]", "5", "null", '"x"', "{} {}", "[" * 100_000):
            self.assertRaises(ValueError, eventFromJSON, text)

    def test_impostors(self) -> None:
        """Objects that only look like ours stay what they are."""
        for state in (
            {"__class_uuid__": "02e59486-f24d-46ad-8224-3acdf2a5732a", "name": "loud"},
            {"__class_uuid__": "02e59486-f24d-46ad-8224-3acdf2a5732a"},
            {"__class_uuid__": "e76887e2-20ed-49bf-a8f8-ba25cc586f2d", "type": "x"},
            {"__class_uuid__": "e76887e2-20ed-49bf-a8f8-ba25cc586f2d",
             "type": {"__module__": "a", "__name__": "b\x00"}, "frames": [1]},
            {"__class_uuid__": "0a00cae3-5e7a-4f0c-8b5d-2f6a1b1d6f5c", "hex": "x"},
            {"__class_uuid__": "unknown"},
            {"__class_uuid__": ["x"]},
        ):  # fmt: skip
            self.assertEqual(eventFromJSON(json.dumps({"x": state})), {"x": state})

    def test_impostorOfEvent(self) -> None:
        """A record that is one of our objects, and no event, is refused."""
        text = json.dumps({"__class_uuid__": "02e59486-f24d-46ad-8224-3acdf2a5732a",
                           "name": "info"})  # fmt: skip
        self.assertRaises(ValueError, eventFromJSON, text)

    def test_nothingIsCalled(self) -> None:
        """A format from a file cannot follow attributes, nor call."""
        failure = json.loads(eventAsJSON({"f": failureOf(ValueError("x"))}))["f"]
        for format in ("{f.__init__.__globals__}", "{f.getTraceback()}", "{f.frames[0]}"):
            event = eventFromJSON(json.dumps({"log_format": format, "f": failure}))
            self.assertIn("no text was kept for", formatEvent(event))

    def test_plainFields(self) -> None:
        """Plain fields are filled, for files that other programs wrote."""
        event = eventFromJSON('{"log_format": "{a:>3}{b!r}", "a": 1, "b": "x"}')
        self.assertEqual(formatEvent(event), "  1'x'")

    def test_badFormats(self) -> None:
        """A format that is none is no reason to refuse the record."""
        for format in ('"{"', "5", "null", "[]"):
            event = eventFromJSON(f'{{"log_format": {format}}}')
            self.assertIsInstance(formatEvent(event), str)

    @settings(max_examples=100, deadline=None)
    @given(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=3),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["__class_uuid__", "type", "frames", "parents", "name", "hex",
                     "__module__", "__name__", "log_format", "log_flattened", "log_failure"]
                ),
                inner | st.sampled_from(["e76887e2-20ed-49bf-a8f8-ba25cc586f2d", "{x.y()}"]),
                max_size=5,
            ),
        )
    )  # fmt: skip
    def test_anyJSON(self, value: Any) -> None:
        """Any JSON gives an event whose text can be had, or a `ValueError`."""
        try:
            event = eventFromJSON(json.dumps(value))
        except ValueError:
            return
        self.assertIsInstance(eventAsText(event), str)


class LogFileTests(SynchronousTestCase):
    """Log files of records."""

    def write(self, events: Iterable[LogEvent], **kw: Any) -> str:
        file = io.StringIO()
        observer = jsonFileLogObserver(file, **kw)
        for event in events:
            observer(event)
        return file.getvalue()

    def read(self, text: str | bytes, **kw: Any) -> tuple[list[LogEvent], list[str]]:
        """The events in a file, and what was logged about it."""
        file: Any = io.StringIO(text) if isinstance(text, str) else io.BytesIO(text)
        with capturedLogs() as logged:
            found = list(eventsFromJSONLogFile(file, **kw))
        return found, [formatEvent(event) for event in logged]

    def test_form(self) -> None:
        """A record is a separator, the JSON text and a newline."""
        self.assertEqual(self.write([{"x": 1}]), '\x1e{"x": 1}\n')
        self.assertEqual(self.write([{"x": 1}], recordSeparator=""), '{"x": 1}\n')

    @settings(max_examples=50, deadline=None)
    @given(
        st.lists(events, max_size=4),
        st.sampled_from([SEPARATOR, "", "--=--"]),
        st.integers(1, 30),
        st.booleans(),
        st.booleans(),
    )
    def test_roundTrip(
        self, written: list[LogEvent], separator: str, size: int, binary: bool, given: bool
    ) -> None:
        """Whatever the separator and however the file is read, the events come back."""
        text = self.write(written, recordSeparator=separator)
        # A separator of one's own cannot be found out, and must not be in the text.
        if separator == "--=--":
            given = True
            if text.count(separator) != len(written):
                return
        read = self.read(
            text.encode() if binary else text,
            recordSeparator=separator if given else None,
            bufferSize=size,
        )
        self.assertEqual(read, (written, []))

    def test_splitCharacters(self) -> None:
        """A character of several bytes may be split between two reads."""
        data = '\x1e{"x": "gr\u00fcn \U0001f600"}\n'.encode()
        for size in range(1, len(data) + 1):
            self.assertEqual(
                self.read(data, bufferSize=size), ([{"x": "gr\u00fcn \U0001f600"}], [])
            )

    def test_truncated(self) -> None:
        """A record that was cut short is reported; those around it are read."""
        found, logged = self.read('\x1e{"x": 1}\n\x1e{"x": 2, "y\x1e{"x": 3}\n')
        self.assertEqual(found, [{"x": 1}, {"x": 3}])
        (message,) = logged
        self.assertIn("A record of a JSON log file cannot be read: ", message)
        self.assertIn('{"x": 2, "y', message)

    def test_middle(self) -> None:
        """A file may be read from its middle."""
        found, logged = self.read('": 1}\n\x1e{"x": 2}\n', recordSeparator=SEPARATOR)
        self.assertEqual(found, [{"x": 2}])
        self.assertEqual(len(logged), 1)

    def test_garbage(self) -> None:
        """Records that are no JSON, no object or no UTF-8 are reported."""
        found, logged = self.read(b'\x1e{"x": 1}\n\x1e\xff\xfe\n\x1e[1]\n\x1enope\n\x1e{"x": 2}')
        self.assertEqual(found, [{"x": 1}, {"x": 2}])
        self.assertEqual(len(logged), 3)

    def test_hugeGarbage(self) -> None:
        """Little of a record that cannot be read is shown."""
        _, logged = self.read("\x1e" + "x" * 1_000_000)
        self.assertLess(len(logged[0]), 2_000)

    def test_empty(self) -> None:
        """An empty file has no events, and empty records are no mistake."""
        self.assertEqual(self.read(""), ([], []))
        self.assertEqual(self.read("\x1e\n\x1e\x1e \n"), ([], []))
        self.assertEqual(self.read("\n\n\n"), ([], []))

    def test_longRecord(self) -> None:
        """A record may be much longer than what is read at once."""
        event = {"x": "y" * 1_000_000}
        self.assertEqual(self.read(self.write([event, event])), ([event, event], []))

    def test_lazy(self) -> None:
        """Events are given out as soon as they are read."""
        file = io.StringIO(self.write({"n": number} for number in range(1000)))
        first = next(iter(eventsFromJSONLogFile(file)))
        self.assertEqual(first, {"n": 0})
        self.assertLess(file.tell(), 5000)

    def test_uuid(self) -> None:
        """A UUID is one afterwards."""
        value = uuid.UUID(int=7)
        self.assertEqual(self.read(self.write([{"u": value}])), ([{"u": value}], []))
