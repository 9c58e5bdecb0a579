"""Tests for the observers that write to files."""

from __future__ import annotations

import errno
import io
from typing import Any

from zope.interface.verify import verifyObject

from twisted.logger import (
    FileLogObserver,
    ILogObserver,
    LogEvent,
    LogPublisher,
    textFileLogObserver,
)
from twisted.trial.unittest import SynchronousTestCase


class FullFile(io.StringIO):
    """A file on a disk that may be full."""

    full = False

    def write(self, data: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


class FileObserverTests(SynchronousTestCase):
    """`FileLogObserver`."""

    def test_interface(self) -> None:
        """It is an observer."""
        observer = FileLogObserver(io.StringIO(), lambda event: "x")
        self.assertTrue(verifyObject(ILogObserver, observer))

    def test_write(self) -> None:
        """What the function gives is written, and nothing if it gives nothing."""
        file = io.StringIO()
        observer = FileLogObserver(file, lambda event: event["t"])
        for text in ("a\n", None, "", "b\n"):
            observer({"t": text})
        self.assertEqual(file.getvalue(), "a\nb\n")

    def test_flush(self) -> None:
        """Each entry is flushed, and making the observer does nothing to the file."""
        calls: list[str] = []

        class Recorder:
            def write(self, data: str) -> None:
                calls.append(data)

            def flush(self) -> None:
                calls.append("flush")

        observer = FileLogObserver(Recorder(), lambda event: "x")
        self.assertEqual(calls, [])
        observer({})
        self.assertEqual(calls, ["x", "flush"])

    def test_bytes(self) -> None:
        """A file for bytes gets UTF-8."""
        file = io.BytesIO()
        observer = FileLogObserver(file, lambda event: "gr\u00fcn\udc00\n")
        observer({})
        observer({})
        self.assertEqual(file.getvalue(), b"gr\xc3\xbcn\\udc00\n" * 2)

    def test_narrowEncoding(self) -> None:
        """Characters that the file cannot encode are escaped."""
        raw = io.BytesIO()
        file = io.TextIOWrapper(raw, encoding="ascii")
        observer = FileLogObserver(file, lambda event: "gr\u00fcn\n")
        observer({})
        self.assertEqual(raw.getvalue(), b"gr\\xfcn\n")

    def test_fullDisk(self) -> None:
        """A full disk is reported once to the others; when there is room, the log goes on."""
        file = FullFile()
        told: list[LogEvent] = []
        observer = FileLogObserver(file, lambda event: event.get("t"))
        publisher = LogPublisher(observer, told.append)
        publisher({"t": "1"})
        file.full = True
        for _ in range(3):
            publisher({"t": "lost"})
        file.full = False
        publisher({"t": "2"})
        file.full = True
        publisher({"t": "lost"})
        self.assertEqual(file.getvalue(), "12")
        reports = [event["log_failure"].value for event in told if "log_failure" in event]
        self.assertEqual([report.errno for report in reports], [errno.ENOSPC] * 2)

    def test_closed(self) -> None:
        """A file that was closed is an error each time: that is a mistake of the program."""
        file = io.StringIO()
        observer = FileLogObserver(file, lambda event: "x")
        file.close()
        self.assertRaises(ValueError, observer, {})
        self.assertRaises(ValueError, observer, {})


class TextFileTests(SynchronousTestCase):
    """`textFileLogObserver`."""

    def write(self, event: LogEvent, **kw: Any) -> str:
        file = io.StringIO()
        textFileLogObserver(file, **kw)(event)
        return file.getvalue()

    def test_entry(self) -> None:
        """Events are written in the classic form."""
        event = {"log_format": "a\nb", "log_system": "s"}
        self.assertEqual(self.write(event), "- [s] a\n\tb\n")
        self.assertEqual(self.write({}), "")

    def test_timeFormat(self) -> None:
        """The form of the time can be given; None leaves it out."""
        event = {"log_format": "x", "log_system": "s", "log_time": 7.25}
        self.assertEqual(self.write(event, timeFormat="%f"), "250000 [s] x\n")
        self.assertEqual(self.write(event, timeFormat=None), "- [s] x\n")
