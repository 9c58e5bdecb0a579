"""Tests for the fields of formats."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.logger import LogEvent, extractField, formatEvent
from twisted.logger._fields import flattenEvent
from twisted.trial.unittest import SynchronousTestCase


class Peer:
    """Something with attributes, subscripts and methods."""

    def __init__(self) -> None:
        self.count = 0
        self.names = ["alice", "bob"]

    def name(self) -> str:
        return "carol"

    def me(self) -> Peer:
        return self

    def next(self) -> int:
        self.count += 1
        return self.count

    def __repr__(self) -> str:
        return "<a peer>"

    def __getitem__(self, key: str) -> str:
        return f"item {key}"


FORMATS = {
    "plain": "plain",
    "": "",
    "{n}": "7",
    "{n!r}": "7",
    "{s!r} {s}": "'text' text",
    "{n:>3}|{n:<3}|{n:x}": "  7|7  |7",
    "{n:{width}}|": "    7|",
    "{s:{fill}^{width}}": "text-",
    "{{{n}}} {{n}}": "{7} {n}",
    "{peer.names[1]}": "bob",
    "{peer[key]}": "item key",
    "{peer.name()}": "carol",
    "{peer.me().name()}": "carol",
    "{peer.me().names[0]}": "alice",
    "{peer.me()[x]}": "item x",
    "{peer.me().me().me()!r:.>9}": ".<a peer>",
    "{call()}": "called",
    "calls () {n}": "calls () 7",
    "{peer.next()} {peer.next()} {peer.next()}": "1 2 3",
}


def makeEvent(format: object) -> LogEvent:
    return {
        "log_format": format,
        "n": 7,
        "s": "text",
        "width": 5,
        "fill": "-",
        "peer": Peer(),
        "call": lambda: "called",
    }


class FormatTests(SynchronousTestCase):
    """Formats, before and after the event was flattened."""

    def test_formats(self) -> None:
        """Fields are those of `str.format`, and may be called."""
        for format, text in FORMATS.items():
            self.assertEqual(formatEvent(makeEvent(format)), text)

    def test_bytes(self) -> None:
        """A format may be bytes."""
        self.assertEqual(formatEvent(makeEvent("gr\u00fcn {n}".encode())), "gr\u00fcn 7")

    def test_flattened(self) -> None:
        """The text is the same when the objects are gone."""
        for format, text in FORMATS.items():
            event = makeEvent(format)
            flattenEvent(event)
            for key in ("n", "s", "peer", "call"):
                del event[key]
            self.assertEqual(formatEvent(event), text)

    def test_flattenedBytes(self) -> None:
        """A format of bytes is flattened too."""
        event = makeEvent(b"{peer.name()}")
        flattenEvent(event)
        event["peer"] = None
        self.assertEqual(formatEvent(event), "carol")

    def test_flattenedOnce(self) -> None:
        """What was kept is not replaced."""
        event = makeEvent("{peer.next()}")
        flattenEvent(event)
        flattenEvent(event)
        self.assertEqual(formatEvent(event), "1")

    def test_nothingToKeep(self) -> None:
        """An event without fields, or without a format, is left alone."""
        for event in ({"log_format": "x"}, {"x": 1}, {"log_format": None}):
            flattened = dict(event)
            flattenEvent(flattened)
            self.assertEqual(flattened, event)

    def test_keys(self) -> None:
        """The keys under which fields are kept are part of the form of log files."""
        event: LogEvent = {"log_format": "{a!r:>5} {a} {b.name()} {a}", "a": 3, "b": Peer()}
        flattenEvent(event)
        self.assertEqual(
            event["log_flattened"],
            {
                "a!r:>5": "    3",
                "a!:>5": 3,
                "a!s:": "3",
                "a!:": 3,
                "b.name()!s:": "carol",
                "b.name()!:": "carol",
                "a!s:/2": "3",
            },
        )

    def test_nothingIsFollowed(self) -> None:
        """The text of a flattened event comes from what was kept and from plain keys alone."""
        event = makeEvent("{peer.name()}")
        event["log_flattened"] = {}
        self.assertIn("no text was kept for {peer.name()}", formatEvent(event))
        event["log_format"] = "{n:>3}"
        self.assertEqual(formatEvent(event), "  7")


class ExtractTests(SynchronousTestCase):
    """`extractField`."""

    def check(self, field: str, expected: Any) -> None:
        event = makeEvent("{" + field + "}")
        self.assertEqual(extractField(field, event), expected)
        flattenEvent(event)
        event.pop("peer")
        self.assertEqual(extractField(field, event), expected)

    def test_values(self) -> None:
        """The value is an object, not its text."""
        self.check("n", 7)
        self.check("peer.names", ["alice", "bob"])
        self.check("peer.names[0]", "alice")
        self.check("peer.me().name()", "carol")

    def test_conversion(self) -> None:
        """With a conversion it is the converted value."""
        event = makeEvent("")
        self.assertEqual(extractField("s!r", event), "'text'")
        self.assertEqual(extractField("n!s", event), "7")

    def test_conversionFlattened(self) -> None:
        """So it is when the event was flattened."""
        event = makeEvent("{peer!r}")
        flattenEvent(event)
        event.pop("peer")
        self.assertEqual(extractField("peer!r", event), "<a peer>")

    def test_missing(self) -> None:
        """A field that is not there is an error."""
        self.assertRaises(KeyError, extractField, "nothing", makeEvent(""))
        self.assertRaises(AttributeError, extractField, "n.nothing", makeEvent(""))

    @settings(max_examples=80, deadline=None)
    @given(
        st.dictionaries(
            st.text("abcxyz", min_size=1, max_size=3),
            st.one_of(st.integers(), st.text(max_size=5), st.floats(), st.none()),
            min_size=1,
            max_size=4,
        ),
        st.data(),
    )
    def test_anyEvent(self, values: dict[str, Any], data: st.DataObject) -> None:
        """Flattening changes neither the text nor the values."""
        conversion = st.sampled_from(["", "!r", "!s", "!a"])
        fields = data.draw(st.lists(st.sampled_from(sorted(values)), max_size=5))
        format = "".join("{" + name + data.draw(conversion) + "};" for name in fields)
        event: LogEvent = {**values, "log_format": format}
        text = formatEvent(event)
        flattenEvent(event)
        self.assertEqual(formatEvent(event), text)
        for name in fields:
            self.assertIs(extractField(name, event), values[name])
