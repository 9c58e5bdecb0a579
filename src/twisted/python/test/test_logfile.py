"""Tests for log files that begin anew from time to time."""

from __future__ import annotations

import io
import os
import pickle
import stat
import sys
import threading
from typing import Any

from twisted.logger.test.test_text import setZone
from twisted.python import log, logfile
from twisted.trial.unittest import SynchronousTestCase

DAY = 24 * 60 * 60
NOON = 1199188800  # 2008-01-01 12:00 UTC


class FileCase(SynchronousTestCase):
    """A test with a directory."""

    def setUp(self) -> None:
        setZone(self, "UTC")
        self.directory = os.path.abspath(self.mktemp())
        os.makedirs(self.directory)
        self.path = os.path.join(self.directory, "test.log")
        self.stderr = io.StringIO()
        self.patch(sys, "__stderr__", self.stderr)

    def make(self, *args: Any, **kw: Any) -> logfile.LogFile:
        file = logfile.LogFile("test.log", self.directory, *args, **kw)
        self.addCleanup(file.close)
        return file

    def read(self, suffix: str = "") -> str:
        with open(self.path + suffix) as file:
            return file.read()

    def names(self) -> list[str]:
        return sorted(os.listdir(self.directory))


class WriteTests(FileCase):
    """Writing to any log file."""

    def test_write(self) -> None:
        """Text and bytes are in the file at once."""
        file = self.make()
        file.write("gr\u00fcn\n")
        file.write(b"bytes\n")
        self.assertEqual(self.read(), "gr\u00fcn\nbytes\n")
        self.assertEqual(file.size, 12)
        file.flush()

    def test_surrogates(self) -> None:
        """Text that is no proper Unicode is written escaped."""
        self.make().write("\ud800")
        self.assertEqual(self.read(), "\\ud800")

    def test_append(self) -> None:
        """What is there already stays."""
        self.make().write("1")
        file = self.make()
        self.assertEqual(file.size, 1)
        file.write("2")
        self.assertEqual(self.read(), "12")

    def test_attributes(self) -> None:
        """A file knows where it is."""
        file = self.make()
        self.assertEqual(
            (file.name, file.directory, file.path), ("test.log", self.directory, self.path)
        )

    def test_fromFullPath(self) -> None:
        """It can be made from a path, which may be relative."""
        file = logfile.LogFile.fromFullPath(os.path.relpath(self.path), rotateLength=7)
        self.addCleanup(file.close)
        self.assertEqual(file.path, self.path)
        self.assertEqual(file.rotateLength, 7)

    def test_noDirectory(self) -> None:
        """A directory that is not there is an error."""
        self.assertRaises(
            FileNotFoundError, logfile.LogFile, "x", os.path.join(self.directory, "no")
        )

    def test_close(self) -> None:
        """After closing nothing can be written."""
        file = self.make()
        self.assertFalse(file.closed)
        file.close()
        file.close()
        self.assertTrue(file.closed)
        error = self.assertRaises(ValueError, file.write, "x")
        self.assertIn(f"{self.path} is closed", str(error))

    def test_mode(self) -> None:
        """A new file has the mode that is asked for, also after it began anew."""
        self.addCleanup(os.umask, os.umask(0o077))
        file = self.make(defaultMode=0o664)
        file.write("x")
        file.rotate()
        for suffix in ("", ".1"):
            self.assertEqual(stat.S_IMODE(os.stat(self.path + suffix).st_mode), 0o664)

    def test_modeOfOld(self) -> None:
        """By default it has that of the file which is there."""
        with open(self.path, "w"):
            os.chmod(self.path, 0o604)
        file = self.make()
        self.assertEqual(file.defaultMode, 0o604)
        file.rotate()
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o604)

    def test_modeByUmask(self) -> None:
        """If there is none, it has what the process gives."""
        self.addCleanup(os.umask, os.umask(0o027))
        self.make()
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o640)

    def test_reopen(self) -> None:
        """Another program may take the file away."""
        file = self.make()
        file.write("old")
        os.rename(self.path, self.path + ".away")
        file.write("late")
        file.reopen()
        file.write("new")
        self.assertEqual(self.read(".away"), "oldlate")
        self.assertEqual(self.read(), "new")
        self.assertEqual(file.size, 3)

    def test_reopenFails(self) -> None:
        """If the file cannot be opened anew, the old one goes on."""
        file = self.make()
        os.rename(self.path, self.path + ".away")
        os.mkdir(self.path)
        self.assertRaises(IsADirectoryError, file.reopen)
        file.write("x")
        self.assertEqual(self.read(".away"), "x")

    def test_device(self) -> None:
        """A file that is none, such as a device, never begins anew."""
        file = logfile.LogFile("null", "/dev", rotateLength=1)
        self.addCleanup(file.close)
        for _ in range(3):
            file.write("xxx")
        self.assertFalse(os.path.exists("/dev/null.1"))

    def test_partialWrites(self) -> None:
        """What the system writes in pieces is written whole."""
        file = self.make()

        class Slow:
            written = b""

            def write(self, data: memoryview) -> int:
                self.written += bytes(data[:3])
                return min(3, len(data))

            def close(self) -> None:
                pass

        slow = Slow()
        file._file.close()
        file._file = slow
        file.write("0123456789")
        self.assertEqual(slow.written, b"0123456789")

    def test_base(self) -> None:
        """The base class leaves two questions open."""
        file = logfile.BaseLogFile("test.log", self.directory)
        self.addCleanup(file.close)
        self.assertRaises(NotImplementedError, file.shouldRotate)
        self.assertRaises(NotImplementedError, file.rotate)

    def test_pickle(self) -> None:
        """A log file can be pickled; what is unpickled goes on."""
        file = self.make(rotateLength=100)
        file.write("1")
        copy = pickle.loads(pickle.dumps(file))
        self.addCleanup(copy.close)
        copy.write("2")
        self.assertEqual(self.read(), "12")
        self.assertEqual(copy.rotateLength, 100)
        file.close()
        self.assertRaises(ValueError, pickle.loads(pickle.dumps(file)).write, "x")


class LogFileTests(FileCase):
    """`LogFile`."""

    def test_rotate(self) -> None:
        """A file that is long enough begins anew with the next line."""
        file = self.make(rotateLength=10)
        file.write("1" * 11)
        self.assertEqual(self.names(), ["test.log"])
        self.assertTrue(file.shouldRotate())
        file.write("2" * 11)
        file.write("3")
        self.assertEqual(
            [self.read(suffix) for suffix in ("", ".1", ".2")], ["3", "2" * 11, "1" * 11]
        )
        self.assertEqual(file.listLogs(), [1, 2])
        self.assertFalse(file.shouldRotate())

    def test_lengthInBytes(self) -> None:
        """The length is that of the file, not of the text."""
        file = self.make(rotateLength=10)
        file.write("\u00fc" * 5)
        self.assertTrue(file.shouldRotate())

    def test_never(self) -> None:
        """Without a length it never does, unless asked."""
        for length in (None, 0):
            file = self.make(rotateLength=length)
            file.write("x" * 1000)
            self.assertFalse(file.shouldRotate())
        file.rotate()
        self.assertEqual(file.listLogs(), [1])

    def test_defaultLength(self) -> None:
        """By default it is a million bytes, and all old files are kept."""
        file = self.make()
        self.assertEqual((file.rotateLength, file.maxRotatedFiles), (1_000_000, None))

    def test_movedByAnother(self) -> None:
        """One that logrotate has moved is opened anew, and the others keep their names."""
        file = self.make()
        for made in ("nocreate", "create"):
            file.write("before\n")
            os.rename(self.path, f"{self.path}-{made}")
            if made == "create":
                open(self.path, "x").close()
            file.rotate()
            file.write("after\n")
            self.assertEqual(self.read(), "after\n")
            self.assertIn("before\n", self.read(f"-{made}"))
        self.assertEqual(self.names(), ["test.log", "test.log-create", "test.log-nocreate"])
        self.assertEqual(self.stderr.getvalue(), "")

    def test_maxRotatedFiles(self) -> None:
        """The oldest are removed."""
        file = self.make(rotateLength=1, maxRotatedFiles=2)
        for text in "abcdef":
            file.write(text)
        self.assertEqual(self.names(), ["test.log", "test.log.1", "test.log.2"])
        self.assertEqual([self.read(suffix) for suffix in ("", ".1", ".2")], ["f", "e", "d"])

    def test_badMaximum(self) -> None:
        """Keeping no old file at all is not on offer."""
        for number in (0, -1):
            error = self.assertRaises(ValueError, self.make, maxRotatedFiles=number)
            self.assertIn("use None for all", str(error))

    def test_otherFiles(self) -> None:
        """Files that are none of ours are left alone."""
        others = ["test.log.x", "test.log.01", "test.log.0", "test.log.-1", "test.log.1.gz",
                  "test.log.\u0661", "other.log.1", "xtest.log.1"]  # fmt: skip
        for name in others:
            with open(os.path.join(self.directory, name), "w"):
                pass
        file = self.make(rotateLength=1, maxRotatedFiles=1)
        for text in "abc":
            file.write(text)
        self.assertEqual(file.listLogs(), [1])
        self.assertEqual(self.names(), sorted([*others, "test.log", "test.log.1"]))

    def test_gap(self) -> None:
        """A number that is missing does not matter."""
        file = self.make()
        for number in (1, 3, 10):
            with open(f"{self.path}.{number}", "w") as old:
                old.write(str(number))
        self.assertEqual(file.listLogs(), [1, 3, 10])
        file.write("x")
        file.rotate()
        self.assertEqual(file.listLogs(), [1, 2, 4, 11])
        self.assertEqual(
            [self.read(f".{number}") for number in (1, 2, 4, 11)], ["x", "1", "3", "10"]
        )

    def test_readers(self) -> None:
        """The current and the old files can be read."""
        file = self.make()
        file.write("1\n2\n")
        file.rotate()
        file.write("3\n")
        current, old = file.getCurrentLog(), file.getLog(1)
        self.addCleanup(current.close)
        self.addCleanup(old.close)
        self.assertEqual(current.readLines(), ["3\n"])
        self.assertEqual(old.readLines(1), ["1\n"])
        self.assertEqual(old.readLines(5), ["2\n"])
        self.assertEqual(old.readLines(), [])
        error = self.assertRaises(ValueError, file.getLog, 2)
        self.assertIn("test.log.2", str(error))

    def test_readGarbage(self) -> None:
        """Bytes that are no text are shown escaped."""
        self.make().write(b"a\xff\x85b\rc\n")
        reader = logfile.LogReader(self.path)
        self.addCleanup(reader.close)
        self.assertEqual(reader.readLines(), ["a\\xff\\x85b\rc\n"])

    def test_threads(self) -> None:
        """Lines of several threads stay whole while the file begins anew again and again."""
        file = self.make(rotateLength=500)

        def write(letter: str) -> None:
            for _ in range(100):
                file.write(letter * 9 + "\n")

        threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        text = self.read() + "".join(self.read(f".{number}") for number in file.listLogs())
        self.assertEqual(
            sorted(text.splitlines()), sorted(letter * 9 for letter in "abcd" for _ in range(100))
        )
        self.assertEqual(len(file.listLogs()), 7)

    def test_asLog(self) -> None:
        """The log can be written to it."""
        file = self.make(rotateLength=120)
        observer = log.FileLogObserver(file)
        for number in range(10):
            observer.emit(
                {"message": (f"line {number}",), "isError": 0, "time": NOON, "system": "-"}
            )
        self.assertIn("2008-01-01 12:00:00+0000 [-] line 9\n", self.read())
        self.assertEqual(file.listLogs(), [1, 2])


class RotationFaultTests(FileCase):
    """What happens when a file cannot begin anew."""

    def setUp(self) -> None:
        super().setUp()
        self.file = self.make(rotateLength=10)
        self.rename = os.rename

    def refuse(self, old: str, new: str) -> None:
        raise PermissionError(13, "Permission denied", old)

    def test_goesOn(self) -> None:
        """The old file goes on, and that is said once."""
        self.patch(os, "rename", self.refuse)
        for text in ("1" * 10, "2", "3" * 10, "4", "5" * 30, "6"):
            self.file.write(text)
        self.assertEqual(self.read(), "1" * 10 + "2" + "3" * 10 + "4" + "5" * 30 + "6")
        self.assertEqual(self.names(), ["test.log"])
        said = self.stderr.getvalue()
        self.assertEqual(said.count("\n"), 1)
        self.assertIn(f"The log file {self.path} cannot begin anew, and goes on: ", said)
        self.assertIn("Permission denied", said)

    def test_readOnlyDirectory(self) -> None:
        """So it is when the user may not write to the directory."""
        self.file.write("x" * 10)
        os.chmod(self.directory, 0o555)
        self.addCleanup(os.chmod, self.directory, 0o755)
        if os.geteuid() == 0:
            # Root may do anything; somebody else may not.
            self.addCleanup(os.seteuid, 0)
            os.seteuid(65534)
        self.file.write("y")
        if os.getuid() == 0:
            os.seteuid(0)
        self.assertEqual(self.read(), "x" * 10 + "y")
        self.assertEqual(self.names(), ["test.log"])
        self.assertIn("Permission denied", self.stderr.getvalue())

    def test_removeFails(self) -> None:
        """An old file that cannot be removed does not keep the new one from being written."""
        file = self.make(rotateLength=10, maxRotatedFiles=1)
        os.makedirs(f"{self.path}.1")
        file.write("x" * 10)
        file.write("y")
        self.assertEqual(self.read(), "y")
        self.assertEqual(self.read(".1"), "x" * 10)
        self.assertTrue(os.path.isdir(f"{self.path}.2"))
        self.assertIn("test.log.2", self.stderr.getvalue())

    def test_notTriedAllTheTime(self) -> None:
        """It is tried again when as much was written again."""
        tries: list[str] = []

        def refuse(old: str, new: str) -> None:
            tries.append(old)
            self.refuse(old, new)

        self.patch(os, "rename", refuse)
        for _ in range(31):
            self.file.write("x")
        self.assertEqual(len(tries), 3)

    def test_recovers(self) -> None:
        """When it is possible again, it happens; a later fault is said again."""
        self.patch(os, "rename", self.refuse)
        self.file.write("x" * 10)
        self.file.write("y" * 10)
        self.patch(os, "rename", self.rename)
        self.file.write("z")
        self.assertEqual(self.read(".1"), "x" * 10 + "y" * 10)
        self.assertEqual(self.read(), "z")
        self.patch(os, "rename", self.refuse)
        self.file.write("z" * 10)
        self.file.write("z")
        self.assertEqual(self.stderr.getvalue().count("\n"), 2)

    def test_noStandardError(self) -> None:
        """A process without standard error goes on all the same."""
        self.patch(sys, "__stderr__", None)
        self.patch(os, "rename", self.refuse)
        self.file.write("x" * 10)
        self.file.write("y")
        self.assertEqual(self.read(), "x" * 10 + "y")

    def test_newFileFails(self) -> None:
        """When the new file cannot be made, what is written is in the renamed one."""

        def renameAndBlock(old: str, new: str) -> None:
            self.rename(old, new)
            if old == self.path:
                os.mkdir(self.path)

        self.patch(os, "rename", renameAndBlock)
        self.file.write("x" * 10)
        self.file.write("y")
        self.assertEqual(self.read(".1"), "x" * 10 + "y")

    def test_directoryGone(self) -> None:
        """Even when the directory is gone, writing goes on."""
        self.file.write("x" * 10)
        os.rename(self.directory, self.directory + ".away")
        self.addCleanup(os.rename, self.directory + ".away", self.directory)
        self.file.write("y")
        with open(os.path.join(self.directory + ".away", "test.log")) as file:
            self.assertEqual(file.read(), "x" * 10 + "y")


class DailyLogFileTests(FileCase):
    """`DailyLogFile`."""

    def setUp(self) -> None:
        super().setUp()
        self.now = float(NOON)

    def daily(self) -> logfile.DailyLogFile:
        file = logfile.DailyLogFile("test.log", self.directory, seconds=lambda: self.now)
        self.addCleanup(file.close)
        return file

    def test_rotate(self) -> None:
        """With the first line of a day, the file of the last one gets its date."""
        file = self.daily()
        file.write("1")
        self.now += DAY / 2 - 1
        file.write("1")
        self.assertFalse(file.shouldRotate())
        self.now += 1
        self.assertTrue(file.shouldRotate())
        file.write("2")
        self.now += 3 * DAY
        file.write("3")
        self.assertEqual(
            {name: self.read(name.removeprefix("test.log")) for name in self.names()},
            {"test.log": "3", "test.log.2008_1_1": "11", "test.log.2008_1_2": "2"},
        )

    def test_toDate(self) -> None:
        """Dates are those of local time."""
        file = self.daily()
        self.assertEqual(file.toDate(), (2008, 1, 1))
        self.assertEqual(file.toDate(NOON - DAY), (2007, 12, 31))
        setZone(self, "EAST-13")
        self.assertEqual(file.toDate(), (2008, 1, 2))

    def test_suffix(self) -> None:
        """A file's suffix is its date."""
        file = self.daily()
        self.assertEqual(file.suffix((2008, 1, 31)), "2008_1_31")
        self.assertEqual(file.suffix(float(NOON)), "2008_1_1")

    def test_oldFile(self) -> None:
        """A file that is there at the start belongs to the day on which it was written."""
        with open(self.path, "w") as old:
            old.write("old")
        os.utime(self.path, (NOON - 2 * DAY, NOON - 2 * DAY))
        file = self.daily()
        self.assertEqual(file.lastDate, (2007, 12, 30))
        file.write("new")
        self.assertEqual(self.read(".2007_12_30"), "old")
        self.assertEqual(self.read(), "new")

    def test_sameDay(self) -> None:
        """After a restart on the same day the file goes on."""
        with open(self.path, "w") as old:
            old.write("old")
        os.utime(self.path, (NOON - 60, NOON - 60))
        self.daily().write("new")
        self.assertEqual(self.read(), "oldnew")

    def test_clockSetBack(self) -> None:
        """A clock that is set back changes nothing."""
        file = self.daily()
        file.write("1")
        self.now -= 2 * DAY
        file.write("2")
        self.now += 2 * DAY
        file.write("3")
        self.assertEqual(self.names(), ["test.log"])

    def test_dateTaken(self) -> None:
        """When there is a file of that date already, the current one goes on."""
        file = self.daily()
        with open(self.path + ".2008_1_1", "w") as old:
            old.write("old")
        file.write("1")
        self.now += DAY
        file.write("2")
        self.assertEqual(self.read(), "12")
        self.assertEqual(self.read(".2008_1_1"), "old")
        self.now += DAY
        file.write("3")
        self.assertEqual(self.read(), "3")
        self.assertEqual(self.read(".2008_1_2"), "12")

    def test_fails(self) -> None:
        """When it cannot begin anew the file goes on, and it is tried the next day."""

        def refuse(old: str, new: str) -> None:
            tries.append(new)
            raise PermissionError(13, "Permission denied", old)

        tries: list[str] = []
        rename = os.rename
        file = self.daily()
        file.write("1")
        self.patch(os, "rename", refuse)
        for _ in range(2):
            self.now += DAY
            file.write("2")
            file.write("2")
        self.assertEqual([name[-9:] for name in tries], [".2008_1_1", ".2008_1_2"])
        self.assertEqual(self.stderr.getvalue().count("\n"), 1)
        self.patch(os, "rename", rename)
        self.now += DAY
        file.write("3")
        self.assertEqual(self.read(".2008_1_3"), "12222")

    def test_readers(self) -> None:
        """The file of a day can be read, given as a date or as a time."""
        file = self.daily()
        file.write("1\n")
        self.now += DAY
        file.write("2\n")
        for identifier in ((2008, 1, 1), float(NOON), (2008, 1, 2), NOON + DAY):
            reader = file.getLog(identifier)
            self.addCleanup(reader.close)
            day = file.toDate(identifier)[2] if not isinstance(identifier, tuple) else identifier[2]
            self.assertEqual(reader.readLines(), [f"{day}\n"])
        self.assertRaises(ValueError, file.getLog, (2007, 1, 1))

    def test_realClock(self) -> None:
        """By default the clock is the system's."""
        file = logfile.DailyLogFile.fromFullPath(self.path)
        self.addCleanup(file.close)
        self.assertGreater(file.toDate(), (2024, 1, 1))
