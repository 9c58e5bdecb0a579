"""The listings of the chapters on databases run."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from twisted.python.test._examples import ExampleCase

#: When a program that does not come to its end is given up, in seconds.
PATIENCE = 30

#: What the chapter leaves to its reader.
WAIT = """
from twisted.internet.defer import gatherResults
gatherResults([done, playing]).addErrback(print).addBoth(lambda _: reactor.stop())
reactor.run()
"""


class DatabaseExampleTests(ExampleCase):
    """Each in a process of its own, since each has a reactor."""

    chapter = "ch06_database"

    def output(self, name: str, *arguments: str) -> str:
        """What a program prints."""
        done = subprocess.run(
            [sys.executable, str(self.directory / name), *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_blocking(self) -> None:
        self.assertEqual(self.output("blocking.py"), "[(25,)]\n")

    def test_query(self) -> None:
        self.assertEqual(self.output("query.py", "joe"), "25 years old\n")
        self.assertEqual(self.output("query.py", "' OR '1'='1"), "No such user\n")

    def test_interaction(self) -> None:
        self.assertEqual(self.output("interaction.py", "ann"), "31 years old\n")
        self.assertEqual(self.output("interaction.py", "bob"), "No such user\n")

    def test_operation(self) -> None:
        rows, error = self.output("operation.py").splitlines()
        self.assertEqual(rows, "[('ann', 31), ('joe', 26)]")
        statement = "The statement was: UPDATE nobody SET age = ?"
        self.assertEqual(error, f"no such table: nobody {statement}")

    def test_adapters(self) -> None:
        """SQLite is there always."""
        first, *others = self.output("adapters.py").splitlines()
        self.assertEqual(first, "SQLite: sqlite3, qmark")
        self.assertEqual([line.partition(":")[0] for line in others], ["PostgreSQL", "MariaDB"])

    def test_stream(self) -> None:
        self.assertEqual(self.output("stream.py"), "5000050000\n")

    def test_load(self) -> None:
        self.assertEqual(self.output("load.py"), "library has shelf, chair\n")

    def test_insert(self) -> None:
        self.assertEqual(self.output("insert.py"), "[<RoomRow roomId=10>, <RoomRow roomId=11>]\n")

    def test_update(self) -> None:
        lines = self.output("update.py").splitlines()
        self.assertEqual(lines[:2], ["dirty: 1", "dirty: 0"])
        self.assertIn("UPDATE testrooms SET town_id = ?", lines[2])
        self.assertEqual(lines[3], """[("O'Hara", 7)]""")

    def test_delete(self) -> None:
        self.assertEqual(self.output("delete.py"), "[] library\n")

    def test_xml(self) -> None:
        self.assertEqual(self.output("xml_rooms.py", self.mktemp()), "<cellar> None 5\n")

    def test_chapter(self) -> None:
        """The chapter is one program, if somebody runs the reactor and waits for its end."""
        chapter = (self.directory.parents[1] / "howto" / "databases.md").read_text("utf-8")
        program = "\n".join(re.findall(r"^```python\n(.*?)^```", chapter, re.DOTALL | re.MULTILINE))
        os.makedirs(folder := self.mktemp())
        done = subprocess.run(
            [sys.executable, "-c", program + WAIT],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            cwd=folder,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "[(25,)]\njoe 26\n")

    def test_all(self) -> None:
        """None is left out of the tests above."""
        tested = "blocking query interaction operation adapters stream load insert update delete"
        programs = {f"{name}.py" for name in [*tested.split(), "xml_rooms", "people", "rooms"]}
        self.assertEqual(self.names(), programs)
