"""Rows as objects: the same tests on three databases and on files of XML."""

from __future__ import annotations

import gc
import os
from typing import Any

from twisted.enterprise.adbapi import ConnectionPool
from twisted.enterprise.reflector import EQUAL, GREATERTHAN, LESSTHAN, LIKE, Reflector
from twisted.enterprise.row import RowObject
from twisted.enterprise.sqlreflector import SQLReflector
from twisted.enterprise.test._rooms import (
    CLASSES,
    TABLES,
    FurnitureRow,
    RoomRow,
    chair,
    room,
    thing,
)
from twisted.enterprise.test._servers import Backend, MariaDB, PostgreSQL, SQLite, onEach
from twisted.enterprise.util import DBError
from twisted.enterprise.xmlreflector import XMLReflector
from twisted.trial import unittest

#: What nobody may be able to do by a value.
HOSTILE = (
    "'; DROP TABLE testrooms; --",
    '" OR "1"="1',
    "%s %(p1)s ? :p1 {} \\",
    "../../etc/passwd",
    "<row>&amp;]]>",
    "a\r\nb\tc",
    "\N{PILE OF POO} \N{LATIN SMALL LETTER A WITH DIAERESIS}",
    "",
)


class RowsCase(unittest.TestCase):
    """A reflector for rooms, furniture and things; on files if there is no database."""

    backend: type[Backend] | None = None

    async def setUp(self) -> None:  # type: ignore[override]  # trial waits for it
        self.folder = self.mktemp()
        os.makedirs(self.folder)
        self.pool: ConnectionPool | None = None
        if self.backend is not None:
            self.pool = self.backend(self.folder).pool(cp_max=2)
            self.addCleanup(self.pool.closeWhenDone)
            for name, create in TABLES.items():
                await self.pool.runOperation(f"DROP TABLE IF EXISTS {name}")
                await self.pool.runOperation(create)
        self.reflector = self.reflect()

    def reflect(self, classes: list[type[RowObject]] = CLASSES) -> Reflector:
        """A reflector that has loaded nothing."""
        if self.pool is None:
            return XMLReflector(self.folder, classes)
        return SQLReflector(self.pool, classes)

    async def insert(self, *rows: RowObject) -> None:
        """Insert rows by another reflector, which forgets them."""
        other = self.reflect()
        for row in rows:
            await other.insertRow(row)

    async def owners(self, whereClause: list[Any]) -> list[str]:
        """The owners of rooms that are found."""
        rows = await self.reflector.loadObjectsFrom("testrooms", whereClause=whereClause)
        return sorted(row.owner for row in rows)


class ReflectorTests(RowsCase):
    """Rows come and go."""

    async def test_insertAndLoad(self) -> None:
        """What is inserted is there."""
        new = room(11, "fred", None)
        self.assertEqual(new.dirty, 1)
        await self.reflector.insertRow(new)
        self.assertEqual(new.dirty, 0)
        (row,) = await self.reflect().loadObjectsFrom("testrooms")
        self.assertIsInstance(row, RoomRow)
        self.assertEqual((row.roomId, row.owner, row.posx, row.dirty), (11, "fred", None, 0))
        self.assertEqual(row.getKeyTuple(), (11,))

    async def test_hostile(self) -> None:
        """Values are values, in what is written and in what is looked for."""
        await self.insert(*(room(number, text) for number, text in enumerate(HOSTILE)))
        for number, text in enumerate(HOSTILE):
            rows = await self.reflector.loadObjectsFrom(
                "testrooms", whereClause=[("owner", EQUAL, text), ("roomId", EQUAL, number)]
            )
            self.assertEqual([row.owner for row in rows], [text])
        self.assertEqual(len(await self.reflector.loadObjectsFrom("testrooms")), len(HOSTILE))

    async def test_hostileKeys(self) -> None:
        """A key is a value, too."""
        await self.insert(*(thing(text, 1, 1) for text in HOSTILE))
        rows = await self.reflector.loadObjectsFrom("things")
        self.assertEqual(sorted(row.owner for row in rows), sorted(HOSTILE))
        for row in rows:
            row.furnId = 2
            await self.reflector.updateRow(row)
            await self.reflector.deleteRow(row)
        self.assertEqual(await self.reflector.loadObjectsFrom("things"), [])

    async def test_where(self) -> None:
        """Conditions, all of which have to be true."""
        await self.insert(room(1, "ann", 10), room(2, "bob", 20), room(3, "abe", 30))
        await self.insert(room(4, "zoe", None))
        self.assertEqual(await self.owners([("posx", EQUAL, 20)]), ["bob"])
        self.assertEqual(await self.owners([("posx", LESSTHAN, 20)]), ["ann"])
        self.assertEqual(await self.owners([("posx", GREATERTHAN, 10)]), ["abe", "bob"])
        self.assertEqual(await self.owners([("owner", LIKE, "a%")]), ["abe", "ann"])
        self.assertEqual(await self.owners([("owner", LIKE, "_o_")]), ["bob", "zoe"])
        self.assertEqual(await self.owners([("posx", EQUAL, None)]), ["zoe"])
        both = [("owner", LIKE, "a%"), ("posx", GREATERTHAN, 10)]
        self.assertEqual(await self.owners(both), ["abe"])
        self.assertEqual(await self.owners([]), ["abe", "ann", "bob", "zoe"])

    async def test_sameObject(self) -> None:
        """A row is one object while somebody holds it, and is then forgotten."""
        await self.insert(room(1))
        (first,) = await self.reflector.loadObjectsFrom("testrooms")
        first.owner = "changed"
        (second,) = await self.reflector.loadObjectsFrom("testrooms")
        self.assertIdentical(first, second)
        self.assertEqual((second.owner, second.dirty), ("changed", 1))
        self.assertEqual(len(self.reflector.rowCache), 1)
        del first, second
        await self.reflector.loadObjectsFrom("things")  # what waits holds what it has waited for
        gc.collect()
        self.assertEqual(len(self.reflector.rowCache), 0)
        (third,) = await self.reflector.loadObjectsFrom("testrooms")
        self.assertEqual(third.owner, "fred")

    async def test_inserted(self) -> None:
        """A row that was inserted is the one that is loaded, too."""
        new = room(1)
        await self.reflector.insertRow(new)
        (row,) = await self.reflector.loadObjectsFrom("testrooms")
        self.assertIdentical(row, new)

    async def test_update(self) -> None:
        """Values that have changed go to where the row is, and nowhere else."""
        await self.insert(room(1), room(2))
        (row,) = await self.reflector.loadObjectsFrom("testrooms", None, [("roomId", EQUAL, 1)])
        row.owner = "ann"
        row.posx = None
        await self.reflector.updateRow(row)
        self.assertEqual(row.dirty, 0)
        await self.reflector.updateRow(row)  # nothing has changed
        rows = await self.reflect().loadObjectsFrom("testrooms")
        found = sorted((row.roomId, row.owner, row.posx) for row in rows)
        self.assertEqual(found, [(1, "ann", None), (2, "fred", 100)])

    async def test_changedMeanwhile(self) -> None:
        """What changes during an update is not in the database, and the row is dirty."""
        await self.insert(room(1))
        (row,) = await self.reflector.loadObjectsFrom("testrooms")
        row.owner = "ann"
        updated = self.reflector.updateRow(row)
        row.owner = "bob"
        await updated
        self.assertEqual(row.dirty, 1)

    async def test_delete(self) -> None:
        """The row goes, and the object stays."""
        await self.insert(room(1), room(2))
        (row,) = await self.reflector.loadObjectsFrom("testrooms", None, [("roomId", EQUAL, 1)])
        await self.reflector.deleteRow(row)
        self.assertEqual(row.owner, "fred")
        rows = await self.reflector.loadObjectsFrom("testrooms")
        self.assertEqual([row.roomId for row in rows], [2])

    async def test_notThere(self) -> None:
        """To change or to delete what is not there is an error, and not silence."""
        for method in (self.reflector.updateRow, self.reflector.deleteRow):
            with self.assertRaisesRegex(DBError, "no row"):
                await method(room(5))
        await self.insert(room(5))
        error = DBError if self.pool is None else self.pool.dbapi.IntegrityError
        with self.assertRaises(error):
            await self.reflector.insertRow(room(5, "another"))
        (row,) = await self.reflector.loadObjectsFrom("testrooms")
        self.assertEqual(row.owner, "fred")

    async def test_children(self) -> None:
        """Rows that belong to others come with them, each once."""
        await self.insert(room(1), room(2), chair(10, 1), chair(11, 1, "table"), chair(12, 2))
        await self.insert(chair(13, None), thing("fred", 1, 10))
        (first, second) = sorted(
            await self.reflector.loadObjectsFrom("testrooms"), key=RoomRow.getKeyTuple
        )
        self.assertEqual(sorted(stuff.name for stuff in first.furniture), ["chair", "table"])
        self.assertEqual([stuff.furnId for stuff in second.furniture], [12])
        self.assertFalse(hasattr(second.furniture[0], "childRows"))
        await self.insert(chair(14, 2, "lamp"))
        await self.reflector.loadObjectsFrom("testrooms")
        self.assertEqual([stuff.furnId for stuff in second.furniture], [12, 14])

    async def test_forceChildren(self) -> None:
        """Those that are not loaded by themselves can be asked for, to any depth."""
        await self.insert(room(1), chair(10, 1), thing("fred", 1, 10), thing("fred", 2, 10))
        (row,) = await self.reflector.loadObjectsFrom("testrooms", forceChildren=True)
        (stuff,) = row.furniture
        self.assertEqual(sorted(child.number for child in stuff.childRows), [1, 2])
        self.assertEqual({type(child).__name__ for child in stuff.childRows}, {"ThingRow"})

    async def test_circle(self) -> None:
        """Rows that belong to each other are loaded, and that is the end of it."""

        class Piece(FurnitureRow):
            rowForeignKeys = [("furniture", [("weight", "int")], [("furnId", "int")], None, True)]

        one, two = Piece(), Piece()
        for row, number, other in ((one, 1, 2), (two, 2, 1)):
            row.assignKeyAttr("furnId", number)
            row.roomId, row.name, row.weight = None, "x", other
            await self.reflect([Piece]).insertRow(row)
        rows = await self.reflect([Piece]).loadObjectsFrom("furniture")
        for row in rows:
            self.assertEqual([child.childRows for child in row.childRows], [[row]])

    async def test_factory(self) -> None:
        """A function makes the rows, with the user data."""
        made = []

        def factory(roomClass: Any, userData: Any, kw: dict[str, Any]) -> Any:
            made.append((userData, sorted(kw)))
            newRoom = roomClass(userData)
            newRoom.__dict__.update(kw)
            return newRoom

        class Special(RoomRow):
            rowFactoryMethod = [factory]

        await self.insert(room(1))
        (row,) = await self.reflect([Special]).loadObjectsFrom("testrooms", "user data")
        self.assertEqual(made, [("user data", ["owner", "posx", "roomId"])])
        self.assertIsInstance(row, Special)

        class Wrong(RoomRow):
            rowFactoryMethod = [lambda *arguments: None]

        with self.assertRaisesRegex(DBError, "returned no row, but None"):
            await self.reflect([Wrong]).loadObjectsFrom("testrooms")

    async def test_badCalls(self) -> None:
        """What cannot be meant is refused at once."""
        load = self.reflector.loadObjectsFrom
        with self.assertRaisesRegex(DBError, "no class for a table 'x; DROP'"):
            load("x; DROP")
        with self.assertRaisesRegex(DBError, "has no column '1=1 OR owner'"):
            load("testrooms", whereClause=[("1=1 OR owner", EQUAL, 1)])
        with self.assertRaisesRegex(DBError, "EQUAL, LESSTHAN"):
            load("testrooms", whereClause=[("owner", 17, 1)])
        with self.assertRaisesRegex(DBError, "only EQUAL finds None"):
            load("testrooms", whereClause=[("owner", LIKE, None)])
        with self.assertRaisesRegex(DBError, "a condition is"):
            load("testrooms", whereClause=["owner"])  # type: ignore[list-item]  # the test
        with self.assertRaisesRegex(TypeError, "a list of conditions"):
            load("testrooms", whereClause="a = 1")  # type: ignore[arg-type]  # the test
        with self.assertRaisesRegex(DBError, "assignKeyAttr sets it"):
            self.reflector.insertRow(RoomRow())
        with self.assertRaisesRegex(DBError, "no class that this reflector"):
            self.reflector.deleteRow(RowObject())


class NULTests(RowsCase):
    """A character that some databases refuse."""

    async def test_nul(self) -> None:
        """The value comes back as it is, or is an error; the table is as it was."""
        try:
            await self.insert(room(1, "a\0b"))
        except Exception as error:
            self.assertIn("NUL", str(error).upper())
            self.assertEqual(self.backend, PostgreSQL)
        else:
            (row,) = await self.reflector.loadObjectsFrom("testrooms")
            self.assertEqual(row.owner, "a\0b")


class BatchTests(RowsCase):
    """Statements that are executed later."""

    async def test_updateRowSQL(self) -> None:
        """The values are beside the statement, and several can go together."""
        assert self.pool is not None
        reflector = SQLReflector(self.pool, CLASSES)
        await self.insert(room(1), room(2))
        rows = await reflector.loadObjectsFrom("testrooms")
        for row in rows:
            row.owner = "'; DROP TABLE testrooms; --"
        statements = [reflector.updateRowSQL(row) for row in rows]
        self.assertNotIn("DROP", statements[0].sql)
        self.assertEqual({row.dirty for row in rows}, {1})
        await self.pool.runOperation(*statements[0])
        await reflector.runStatements(statements)
        again = await self.reflect().loadObjectsFrom("testrooms")
        self.assertEqual({row.owner for row in again}, {"'; DROP TABLE testrooms; --"})


for _case in (ReflectorTests, NULTests):
    globals().update(onEach(_case, (SQLite, PostgreSQL, MariaDB, None), "XML"))
globals().update(onEach(BatchTests, (SQLite, PostgreSQL, MariaDB)))
del ReflectorTests, NULTests, BatchTests, _case
