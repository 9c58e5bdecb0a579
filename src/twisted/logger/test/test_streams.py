"""Tests for the file whose lines are events."""

from __future__ import annotations

import io
import sys
import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from twisted.logger import LogEvent, Logger, LoggingFile, LogLevel, LogPublisher
from twisted.trial.unittest import SynchronousTestCase


class LoggingFileTests(SynchronousTestCase):
    """`LoggingFile`."""

    def setUp(self) -> None:
        self.told: list[LogEvent] = []
        self.file = LoggingFile(Logger("n", observer=self.told.append), encoding="utf-8")

    def lines(self) -> list[str]:
        return [event["log_io"] for event in self.told]

    def test_attributes(self) -> None:
        """It looks like a file for writing text."""
        self.assertEqual(self.file.mode, "w")
        self.assertIsNone(self.file.newlines)
        self.assertEqual(self.file.softspace, 0)
        self.assertEqual(self.file.encoding, "utf-8")
        self.assertEqual(self.file.name, "<LoggingFile n#info>")
        self.assertFalse(self.file.closed)
        self.assertFalse(self.file.isatty())
        self.file.flush()

    def test_encodingOfStandardOutput(self) -> None:
        """The encoding is that of standard output, if that has one."""
        stand_in = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
        self.patch(sys, "stdout", stand_in)
        self.assertEqual(LoggingFile(Logger()).encoding, "latin-1")
        self.patch(sys, "stdout", None)
        self.assertEqual(LoggingFile(Logger()).encoding, "utf-8")

    def test_lines(self) -> None:
        """Each whole line is an event; the rest waits."""
        self.assertEqual(self.file.write("one\ntwo\nthr"), 11)
        self.assertEqual(self.lines(), ["one", "two"])
        self.file.write("ee\n\n")
        self.assertEqual(self.lines(), ["one", "two", "three", ""])
        self.assertIs(self.told[0]["log_level"], LogLevel.info)
        self.assertEqual(self.told[0]["log_namespace"], "n")
        self.assertEqual(self.told[0]["log_format"], "{log_io}")

    def test_level(self) -> None:
        """The level can be chosen."""
        file = LoggingFile(Logger("n", observer=self.told.append), level=LogLevel.error)
        print("x", file=file)
        self.assertIs(self.told[0]["log_level"], LogLevel.error)

    def test_bytes(self) -> None:
        """Bytes are decoded; what cannot be is shown escaped."""
        self.file.write("gr\u00fcn\n".encode())
        self.file.write(b"\xff\n")
        self.assertEqual(self.lines(), ["gr\u00fcn", "\\xff"])

    def test_braces(self) -> None:
        """Text is not taken for a format."""
        self.file.write("{x} {0}\n")
        self.assertEqual(self.lines(), ["{x} {0}"])

    def test_writelines(self) -> None:
        """As for other files, no newlines are added."""
        self.file.writelines(["a", b"b\n", "c\n"])
        self.assertEqual(self.lines(), ["ab", "c"])

    def test_close(self) -> None:
        """Closing logs what waits; later nothing can be written."""
        self.file.write("rest")
        self.file.close()
        self.file.close()
        self.assertEqual(self.lines(), ["rest"])
        self.assertTrue(self.file.closed)
        error = self.assertRaises(ValueError, self.file.write, "x")
        self.assertEqual(str(error), "I/O operation on closed file")

    def test_notForReading(self) -> None:
        """What cannot be done says so."""
        for name in ("read", "next", "readline", "readlines", "xreadlines", "seek", "tell"):
            error = self.assertRaises(OSError, getattr(self.file, name))
            self.assertIn("is for writing lines to the log", str(error))
        self.assertRaises(OSError, self.file.truncate, 5)
        self.assertRaises(io.UnsupportedOperation, self.file.fileno)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.text("ab\n", max_size=6)))
    def test_anySplit(self, pieces: list[str]) -> None:
        """However the text is cut, its lines are the same."""
        self.told.clear()
        self.file._pending = ""
        for piece in pieces:
            self.file.write(piece)
        *whole, rest = "".join(pieces).split("\n")
        self.assertEqual(self.lines(), whole)
        self.assertEqual(self.file._pending, rest)

    def test_threads(self) -> None:
        """Lines that several threads write stay whole, and none is lost."""

        def write(letter: str) -> None:
            for _ in range(200):
                self.file.write(f"{letter * 20}\n")

        threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(
            sorted(self.lines()), sorted(letter * 20 for letter in "abcd" for _ in range(200))
        )


class PrintingObserverTests(SynchronousTestCase):
    """An observer that prints, while printing is logged."""

    def test_noLoop(self) -> None:
        """What the observer of a printed line prints goes to the real standard error."""
        stderr = io.StringIO()
        self.patch(sys, "__stderr__", stderr)
        told: list[LogEvent] = []
        publisher = LogPublisher(told.append)
        file = LoggingFile(Logger("stdout", observer=publisher), encoding="ascii")
        publisher.addObserver(lambda event: print("seen", event["log_io"], file=file))
        print("hello", file=file)
        file.write(b"bytes\n")
        self.assertEqual([event["log_io"] for event in told], ["hello", "bytes"])
        self.assertEqual(stderr.getvalue(), "seen hello\nseen bytes\n")

    def test_noStandardError(self) -> None:
        """Where there is none, that is lost."""
        self.patch(sys, "__stderr__", None)
        publisher = LogPublisher()
        file = LoggingFile(Logger("stdout", observer=publisher))
        publisher.addObserver(lambda event: print("seen", file=file))
        print("hello", file=file)
