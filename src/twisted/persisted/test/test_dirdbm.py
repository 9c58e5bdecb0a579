"""Values by key in a directory, and what is left of them when a process dies."""

from __future__ import annotations

import base64
import os
import pickle
import shutil
import signal
import stat
import subprocess
import sys
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twisted.persisted import _atomic, dirdbm
from twisted.persisted.dirdbm import DirDBM, Shelf
from twisted.persisted.test._things import Plain
from twisted.trial.unittest import SynchronousTestCase

#: Machines may be busy, and slow.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

#: No system has so many processes.
NOBODY = 2**22 + 1


class DirDBMTests(SynchronousTestCase):
    kind: type[DirDBM] = DirDBM

    def setUp(self) -> None:
        self.path = self.mktemp()
        self.db = self.kind(self.path)

    def test_mapping(self) -> None:
        """It is much like a dictionary."""
        db = self.db
        self.assertEqual(len(db), 0)
        db[b"librarian"] = b"ook"
        db[b"rincewind"] = b"run"
        db[b"librarian"] = b"Ook!"
        self.assertEqual(db[b"librarian"], b"Ook!")
        self.assertEqual(len(db), 2)
        self.assertEqual(sorted(db.keys()), [b"librarian", b"rincewind"])
        self.assertEqual(sorted(db), sorted(db.keys()))
        self.assertEqual(sorted(db.values()), [b"Ook!", b"run"])
        self.assertEqual(dict(db.items()), {b"librarian": b"Ook!", b"rincewind": b"run"})
        self.assertIn(b"librarian", db)
        self.assertTrue(db.has_key(b"librarian"))
        self.assertNotIn(b"dean", db)
        self.assertEqual(db.get(b"rincewind"), b"run")
        self.assertIsNone(db.get(b"dean"))
        self.assertEqual(db.get(b"dean", 1), 1)
        self.assertEqual(db.setdefault(b"rincewind", b"x"), b"run")
        self.assertEqual(db.setdefault(b"dean", b"yo"), b"yo")
        del db[b"dean"]
        db.update({b"bursar": b"frog", b"dean": b"yo"})
        self.assertEqual(len(db), 4)
        db.clear()
        db.close()
        self.assertEqual(db.items(), [])

    def test_large(self) -> None:
        """Values are as large as they are."""
        for size in (0, 65535, 65536, 65537, 1_000_000):
            self.db[b"x"] = b"\r\n" * size
            self.assertEqual(self.db[b"x"], b"\r\n" * size)

    def test_missing(self) -> None:
        """What is not there is a KeyError, with the key."""
        for call in (self.db.__getitem__, self.db.__delitem__, self.db.getModificationTime):
            self.assertEqual(self.assertRaises(KeyError, call, b"x").args, (b"x",))

    def test_types(self) -> None:
        """Keys are bytes, and what is not is told."""
        key: Any = "text"
        for call in (
            lambda: self.db[key],
            lambda: key in self.db,
            lambda: self.db.__setitem__(key, b""),
            lambda: self.db.__delitem__(key),
            lambda: self.db.get(key),
        ):
            self.assertIn("bytes, not str", str(self.assertRaises(TypeError, call)))

    def test_reopened(self) -> None:
        """It is all there in another one, of this process or another."""
        self.db[b"\0/\xff"] = b"x"
        self.assertEqual(self.kind(self.path)[b"\0/\xff"], b"x")
        self.assertEqual(self.kind(os.fsencode(self.path)).keys(), [b"\0/\xff"])
        self.assertTrue(os.path.isabs(self.db.dname))

    def test_copy(self) -> None:
        """A copy has the same values, and nothing else; the original stays."""
        self.db[b"a"] = b"1"
        other = self.kind(self.mktemp())
        other[b"b"] = b"2"
        copy = self.db.copyTo(other.dname)
        self.assertIs(type(copy), self.kind)
        copy[b"c"] = b"3"
        self.assertEqual(dict(other.items()), {b"a": b"1", b"c": b"3"})
        self.assertEqual(self.db.items(), [(b"a", b"1")])
        self.assertRaises(ValueError, self.db.copyTo, self.path)
        self.assertEqual(self.db.items(), [(b"a", b"1")])

    def test_time(self) -> None:
        """When a value was set."""
        self.db[b"a"] = b"1"
        [name] = os.listdir(self.path)
        os.utime(os.path.join(self.path, name), (1, 1234))
        self.assertEqual(self.db.getModificationTime(b"a"), 1234)

    def test_concurrent(self) -> None:
        """What another process deletes in the meantime is not there."""
        self.db[b"a"] = self.db[b"b"] = b"1"
        names = list(self.db._names())
        self.patch(self.db, "_names", lambda: iter(names))
        self.kind(self.path).clear()
        self.assertEqual(self.db.items(), [])
        self.assertEqual(self.db.copyTo(self.mktemp()).items(), [])
        self.db.clear()


class ShelfTests(DirDBMTests):
    """The same with any values."""

    kind = Shelf

    def test_objects(self) -> None:
        """Values are copies."""
        value = [1, Plain(a=(2,))]
        self.db[b"x"] = value
        value.append(3)
        self.assertEqual(self.db[b"x"], [1, Plain(a=(2,))])
        self.assertIsNot(self.db[b"x"], self.db[b"x"])
        self.assertEqual(self.db.items(), [(b"x", [1, Plain(a=(2,))])])
        unkeepable = (pickle.PicklingError, AttributeError)
        self.assertRaises(unkeepable, self.db.__setitem__, b"x", lambda: 0)
        self.assertEqual(self.db[b"x"], [1, Plain(a=(2,))])


class FileTests(SynchronousTestCase):
    """The directory."""

    def setUp(self) -> None:
        self.path = self.mktemp()
        self.db = DirDBM(self.path)

    def write(self, name: str, content: bytes = b"") -> None:
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(content)

    def test_values(self) -> None:
        """Values are bytes."""
        value: Any = "text"
        error = self.assertRaises(TypeError, self.db.__setitem__, b"a", value)
        self.assertIn("bytes, not str", str(error))
        self.assertEqual(os.listdir(self.path), [])

    def test_names(self) -> None:
        """Files are called as they always were."""
        for key, name in [
            (b"a", "YQ==_"),
            (b"\xff\xff\xff\xfb", "----+w==_"),
            (b"", "_"),
            (b"k" * 60, base64.b64encode(b"k" * 57).decode() + "_" + "a2tr_"),
        ]:
            self.db[key] = b"x"
            self.assertEqual(os.listdir(self.path), [name])
            self.assertEqual(self.db.keys(), [key])
            self.db.clear()

    def test_longKey(self) -> None:
        """What is too long for a name is the system's error."""
        self.assertRaises(OSError, self.db.__setitem__, b"x" * 300, b"")
        self.assertEqual(os.listdir(self.path), [])

    def test_strangers(self) -> None:
        """Other files in the directory are left alone, and are no values."""
        names = [
            "README",
            "x_",
            "YQ==",
            "YQ_",
            "Y*Q==_",
            "gr\xfc\xdf_",
            ".hidden",
            "a.new",
            "b.rpl",
        ]
        for name in names:
            self.write(name)
        os.mkdir(os.path.join(self.path, "Yg==_"))
        db = DirDBM(self.path)
        db[b"a"] = b"1"
        self.assertEqual(db.items(), [(b"a", b"1")])
        self.assertEqual(sorted(os.listdir(self.path)), sorted([*names, "Yg==_", "YQ==_"]))

    def test_earlier(self) -> None:
        """What other versions have left in the middle of a write is set right."""
        self.write("YQ==_", b"old")
        self.write("YQ==_.new", b"half")
        self.write("YQ==_.rpl", b"new")
        self.write("Yg==_.rpl", b"new")
        self.assertEqual(dict(DirDBM(self.path).items()), {b"a": b"old", b"b": b"new"})
        self.assertEqual(sorted(os.listdir(self.path)), ["YQ==_", "Yg==_"])

    def test_mode(self) -> None:
        """Files may be read as the umask says."""
        self.addCleanup(os.umask, os.umask(0o027))
        self.db[b"a"] = b"1"
        mode = os.stat(os.path.join(self.path, "YQ==_")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o640)

    def test_open(self) -> None:
        """As modules of databases are opened."""
        path = self.mktemp()
        with_ = dirdbm.open(path, "c", 0o600)
        self.assertIs(type(with_), DirDBM)
        self.assertEqual(os.listdir(path), [])

    def test_spoilt(self) -> None:
        """A shelf that somebody has spoilt says so when it is read, at that key."""
        self.write("YQ==_", b"spoilt")
        self.assertRaises(pickle.UnpicklingError, Shelf(self.path).__getitem__, b"a")

    @given(st.dictionaries(st.binary(max_size=150), st.binary()))
    @UNHURRIED
    def test_anything(self, values: dict[bytes, bytes]) -> None:
        """Any keys and values."""
        path = self.mktemp()
        db = DirDBM(path)
        db.update(values)
        self.assertEqual(dict(DirDBM(path).items()), values)
        shutil.rmtree(path)


class Killed(BaseException):
    """The process has ended: nothing is caught, nothing is cleaned up."""


class DyingOs:
    """The module `os`, until the process is killed before, or in the middle of, a call."""

    def __init__(self, callsLeft: int) -> None:
        self.callsLeft = callsLeft

    def __getattr__(self, name: str) -> Any:
        thing = getattr(os, name)
        return self._dying(name, thing) if callable(thing) else thing

    def getpid(self) -> int:
        return NOBODY

    def _dying(self, name: str, call: Any) -> Any:
        def called(*args: Any) -> Any:
            self.callsLeft -= 1
            if self.callsLeft == 0 and name == "write":
                call(args[0], bytes(args[1])[:1])
            if self.callsLeft <= 0 and name != "close":
                raise Killed
            return call(*args)

        return called


class CrashTests(SynchronousTestCase):
    """A write that does not come to its end."""

    def crashed(self, calls: int, sync: bool) -> tuple[bool, dict[bytes, bytes]]:
        """Whether the process was killed at that call, and what is there when it is back."""
        path = self.mktemp()
        DirDBM(path)[b"key"] = b"old"
        db = DirDBM(path, sync)
        killed = False
        with self.patched(DyingOs(calls)):
            try:
                db[b"key"] = b"new value"
            except Killed:
                killed = True
        again = DirDBM(path)
        self.assertEqual(len(os.listdir(path)), 1, "something is left")
        return killed, dict(again.items())

    def patched(self, dying: DyingOs) -> Any:
        return _Patched(dying)

    def test_everyCall(self) -> None:
        """Wherever it is killed, there is the old value or the new one, and nothing else."""
        for sync in (False, True):
            found, calls = [], 1
            killed = True
            while killed:
                killed, values = self.crashed(calls, sync)
                self.assertEqual(list(values), [b"key"])
                found.append(values[b"key"])
                calls += 1
            self.assertEqual(sorted(set(found)), [b"new value", b"old"])
            # Once it is new, it stays new.
            self.assertEqual(found, sorted(found, reverse=True))
            self.assertGreater(len(found), 5 if sync else 3)

    def test_fullDisk(self) -> None:
        """A write that fails leaves the old value, and nothing beside it."""
        path = self.mktemp()
        db = DirDBM(path)
        db[b"key"] = b"old"

        def full(*args: object) -> int:
            raise OSError(28, "No space left on device")

        for call in ("write", "replace"):
            self.patch(os, call, full)
            self.assertRaises(OSError, db.__setitem__, b"key", b"new")
        self.assertEqual(db.items(), [(b"key", b"old")])
        self.assertEqual(len(os.listdir(path)), 1)


class _Patched:
    def __init__(self, dying: DyingOs) -> None:
        self.dying = dying

    def __enter__(self) -> None:
        vars(_atomic)["os"] = self.dying

    def __exit__(self, *reason: object) -> None:
        vars(_atomic)["os"] = os


WRITER = """
import sys
from twisted.persisted.dirdbm import DirDBM
db = DirDBM(sys.argv[1])
number = int(sys.argv[2])
while True:
    db[b"key"] = b"%d." % number * 2000
    print(number, flush=True)
    number += 1
"""


class KillTests(SynchronousTestCase):
    """kill -9."""

    def test_kill(self) -> None:
        """What was written is there, whole: the last value that was told, or the next."""
        path, number = self.mktemp(), 0
        for _ in range(4):
            writer = subprocess.Popen(
                [sys.executable, "-c", WRITER, path, str(number)], stdout=subprocess.PIPE
            )
            assert writer.stdout is not None
            for _ in range(20):
                number = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            rest, _ = writer.communicate()
            # Its last line may be cut short with it.
            told = rest[: rest.rfind(b"\n") + 1].split()
            number = int(told[-1]) if told else number
            value = DirDBM(path)[b"key"]
            self.assertIn(value, [b"%d." % n * 2000 for n in (number, number + 1)])
            self.assertEqual(len(os.listdir(path)), 1)
            number += 1
