"""Tests for the system's log as an observer."""

from __future__ import annotations

import syslog as stdsyslog
from types import SimpleNamespace
from typing import Any

from twisted.logger import LogBeginner, LogPublisher
from twisted.python import log, syslog
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase


class SyslogTests(SynchronousTestCase):
    """`SyslogObserver`."""

    def setUp(self) -> None:
        self.entries: list[tuple[int, str]] = []
        self.opened: list[tuple[Any, ...]] = []
        self.patch(syslog.SyslogObserver, "openlog", lambda _, *args: self.opened.append(args))
        self.patch(syslog.SyslogObserver, "syslog", lambda _, *args: self.entries.append(args))
        self.observer = syslog.SyslogObserver("prefix")
        self.publisher = log.LogPublisher()
        self.publisher.addObserver(self.observer.emit)

    def test_open(self) -> None:
        """The system's log is opened with what is given, or with the defaults."""
        syslog.SyslogObserver("p", 1, stdsyslog.LOG_MAIL)
        self.assertEqual(
            self.opened,
            [
                ("prefix", syslog.DEFAULT_OPTIONS, syslog.DEFAULT_FACILITY),
                ("p", 1, stdsyslog.LOG_MAIL),
            ],
        )

    def test_lines(self) -> None:
        """Each line is an entry; control characters are shown escaped."""
        self.publisher.msg("a\nb\x00\r\n", system="s")
        self.assertEqual(
            self.entries,
            [(stdsyslog.LOG_INFO, "[s] a"), (stdsyslog.LOG_INFO, "\tb\\x00\\r")],
        )

    def test_nothing(self) -> None:
        """An event without text gives no entry."""
        self.publisher.msg()
        self.assertEqual(self.entries, [])

    def test_priorities(self) -> None:
        """The priority is that of the level, unless one is given."""
        self.publisher.msg("x", logLevel=10)
        self.publisher.msg("x", logLevel=30)
        self.publisher.msg("x", isError=1)
        self.publisher.msg("x", syslogPriority=stdsyslog.LOG_EMERG)
        self.publisher.msg("x", syslogFacility=stdsyslog.LOG_MAIL)
        self.assertEqual(
            [priority for priority, _ in self.entries],
            [
                stdsyslog.LOG_DEBUG,
                stdsyslog.LOG_WARNING,
                stdsyslog.LOG_ALERT,
                stdsyslog.LOG_EMERG,
                stdsyslog.LOG_INFO | stdsyslog.LOG_MAIL,
            ],
        )

    def test_oldEvents(self) -> None:
        """Events without a level have that of an error, or of information."""
        for isError in (0, 1):
            self.observer.emit({"message": ("x",), "isError": isError, "system": "-"})
        self.assertEqual(
            [priority for priority, _ in self.entries], [stdsyslog.LOG_INFO, stdsyslog.LOG_ALERT]
        )

    def test_failure(self) -> None:
        """A failure is written with its traceback."""
        self.publisher.msg(failure=Failure(ValueError("oh")), isError=1, why="why")
        self.assertEqual(self.entries[0][1], "[-] why")
        self.assertTrue(self.entries[-1][1].startswith("\t"))
        self.assertIn("ValueError: oh", self.entries[-1][1])

    def test_startLogging(self) -> None:
        """The program can log to it."""
        publisher = LogPublisher()
        stdio = SimpleNamespace(stdout=None, stderr=None)
        beginner = LogBeginner(publisher, log.NullFile(), stdio, stdio_warnings())
        front = log.LogPublisher(publisher, publisher, beginner)
        self.patch(log, "theLogPublisher", front)
        self.patch(log, "msg", front.msg)
        syslog.startLogging("p", setStdout=False)
        self.assertEqual(self.opened[-1][0], "p")
        self.assertEqual(self.entries, [(stdsyslog.LOG_INFO, "[-] Log opened.")])


def stdio_warnings() -> Any:
    return SimpleNamespace(showwarning=lambda *args: None)
