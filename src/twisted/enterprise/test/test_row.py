"""Rows apart from where they are kept, and what classes of rows must say."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twisted.enterprise import reflector, row, sqlreflector, util, xmlreflector
from twisted.enterprise.test._rooms import FurnitureRow, RoomRow, ThingRow, room
from twisted.trial import unittest


class RowTests(unittest.SynchronousTestCase):
    """A row as an object."""

    def test_new(self) -> None:
        """It has nothing yet, and is as clean as the database."""
        new = RoomRow()
        self.assertEqual(new.dirty, 0)
        with self.assertRaisesRegex(util.DBError, "assignKeyAttr sets it"):
            new.getKeyTuple()
        with self.assertRaisesRegex(util.DBError, "'owner': set it to None"):
            new.valueOf("owner")

    def test_key(self) -> None:
        """A key is not set by mistake."""
        new = RoomRow()
        with self.assertRaisesRegex(util.DBError, r"assignKeyAttr\('roomId', ...\)"):
            new.roomId = 11
        with self.assertRaisesRegex(util.DBError, "'roomI' is no key of 'testrooms'"):
            new.assignKeyAttr("roomI", 11)
        with self.assertRaises(util.DBError):
            new.assignKeyAttr("owner", "fred")
        new.assignKeyAttr("roomId", 11)
        self.assertEqual(new.roomId, 11)
        self.assertEqual(new.getKeyTuple(), (11,))

    def test_dirty(self) -> None:
        """Changes of columns count, and nothing else."""
        one = room(1, "fred", 1)
        one.setDirty(0)
        one.owner = "fred"
        one.somethingElse = 5
        self.assertEqual(one.dirty, 0)
        for value in (True, 1.0, None):
            one.posx = value  # type: ignore[assignment]  # equal to it, but not to a database
            self.assertEqual(one.dirty, 1)
            one.setDirty(0)

    def test_setDirty(self) -> None:
        """It can be overridden, for lists of what is to be written."""
        changed = []

        class Listed(RoomRow):
            def setDirty(self, flag: int = 1) -> None:
                super().setDirty(flag)
                if flag:
                    changed.append(self)

        one = Listed()
        one.owner = "ann"
        self.assertEqual(changed, [one])

    def test_repr(self) -> None:
        """It names the row, and not what is in it."""
        one = room(7, "secret")
        self.assertEqual(repr(one), "<RoomRow roomId=7 dirty>")
        self.assertEqual(repr(ThingRow()), "<ThingRow owner=None, number=None>")


def described(**attributes: Any) -> type[row.RowObject]:
    """A class of rows, which is right but for these attributes."""
    right = {
        "rowTableName": "rooms",
        "rowColumns": [("roomId", "int"), ("owner", "varchar")],
        "rowKeyColumns": [("roomId", "int")],
    }
    return type("Row", (row.RowObject,), {**right, **attributes})


class DescriptionTests(unittest.SynchronousTestCase):
    """Classes that do not describe a table."""

    def assertRefused(self, message: str, *classes: Any) -> None:
        """A reflector for these is not made."""
        with self.assertRaisesRegex(util.DBError, message):
            reflector.Reflector(classes)

    def test_right(self) -> None:
        reflector.Reflector([described(), described(rowTableName="public.Räume_2")])

    def test_names(self) -> None:
        """Names go into statements, so that they have to be names."""
        for name in ("", "rooms; DROP TABLE x", 'a"b', "a b", "1a", "a.", "%s", None, b"rooms"):
            self.assertRefused("cannot be the table", described(rowTableName=name))
        for name in ("x = 1 --", "a.b", "", None):
            self.assertRefused("cannot be a column", described(rowColumns=[(name, "int")]))

    def test_columns(self) -> None:
        twice = [("roomId", "int"), ("roomId", "int")]
        self.assertRefused("twice", described(rowColumns=twice))
        hiding = [("roomId", "int"), ("setDirty", "int")]
        self.assertRefused("'setDirty' of Row would hide", described(rowColumns=hiding))

    def test_keys(self) -> None:
        """A table without its key."""
        self.assertRefused("rowKeyColumns of Row is empty", described(rowKeyColumns=[]))
        self.assertRefused("has no column 'id'", described(rowKeyColumns=[("id", "int")]))

    def test_classes(self) -> None:
        self.assertRefused("derived from RowObject", object)
        self.assertRefused("derived from RowObject", "rooms")
        self.assertRefused("the same table", described(), described())

    def test_foreignKeys(self) -> None:
        key = [("roomId", "int")]
        for message, foreignKey in {
            "not \\('rooms',\\)": ("rooms",),
            "'halls', which no class": ("halls", key, key, None, True),
            "no column 'hall'": ("rooms", [("hall", "int")], key, None, True),
            "no column 'floor'": ("rooms", key, [("floor", "int")], None, True),
            "as many columns": ("rooms", key, [*key, *key], None, True),
            "must have as many": ("rooms", [], [], None, True),
            "have no method 'addRow'": ("rooms", key, key, "addRow", True),
        }.items():
            self.assertRefused(message, described(rowForeignKeys=[foreignKey]))

    def test_abstract(self) -> None:
        """The base class keeps no rows."""
        base = reflector.Reflector([RoomRow, FurnitureRow])
        for method in (base.insertRow, base.updateRow, base.deleteRow):
            with self.assertRaisesRegex(NotImplementedError, "Reflector keeps no rows"):
                method(room(1))
        self.failureResultOf(base.loadObjectsFrom("testrooms"), NotImplementedError)

    def test_operators(self) -> None:
        """They are found at the module, and at reflectors."""
        for name in ("EQUAL", "LESSTHAN", "GREATERTHAN", "LIKE"):
            self.assertEqual(getattr(reflector, name), getattr(reflector.Reflector, name))


class StatementTests(unittest.SynchronousTestCase):
    """The styles of parameters."""

    def updating(self, style: str | None) -> sqlreflector.Statement:
        """The update of a row, for a driver with this style."""
        pool: Any = SimpleNamespace(dbapiName="d", dbapi=SimpleNamespace(paramstyle=style))
        return sqlreflector.SQLReflector(pool, [RoomRow]).updateRowSQL(room(7, "it's", 5))

    def test_styles(self) -> None:
        for style, first, last in (
            ("qmark", "?", "?"),
            ("format", "%s", "%s"),
            ("numeric", ":1", ":3"),
            ("named", ":p1", ":p3"),
            ("pyformat", "%(p1)s", "%(p3)s"),
        ):
            statement = self.updating(style)
            self.assertIn(f"SET owner = {first}, ", statement.sql)
            self.assertEqual(statement.sql.rpartition("WHERE ")[2], f"roomId = {last}")
            bound = statement.parameters
            values = tuple(bound.values()) if isinstance(bound, dict) else bound
            self.assertEqual(values, ("it's", 5, 7))

    def test_unknownStyle(self) -> None:
        for style in ("strange", None):
            with self.assertRaisesRegex(util.DBError, "no paramstyle"):
                self.updating(style)

    def test_onlyKey(self) -> None:
        """There is nothing to update."""
        pool: Any = SimpleNamespace(dbapi=SimpleNamespace(paramstyle="qmark"))
        class_ = described(rowColumns=[("roomId", "int")])
        one = class_()
        one.assignKeyAttr("roomId", 1)
        with self.assertRaisesRegex(util.DBError, "nothing but its key"):
            sqlreflector.SQLReflector(pool, [class_]).updateRowSQL(one)


class XMLTests(unittest.TestCase):
    """Files of XML."""

    def setUp(self) -> None:
        self.folder = self.mktemp()
        self.reflector = xmlreflector.XMLReflector(self.folder, [RoomRow])

    def files(self) -> list[Path]:
        """What is there."""
        return sorted(path for path in Path(self.folder).rglob("*") if path.is_file())

    async def test_types(self) -> None:
        """Values come back as what they were."""
        values: list[Any] = [
            None,
            True,
            False,
            -5,
            0.1,
            "x",
            "a\0\ud800",
            b"\0\xff",
            Decimal("1.10"),
        ]
        values += [datetime(2026, 1, 2, 3, 4, 5, 6, UTC), date(2026, 1, 2), time(3, 4)]
        for number, value in enumerate(values):
            await self.reflector.insertRow(room(number, value))
        fresh = xmlreflector.XMLReflector(self.folder, [RoomRow])
        for found in await fresh.loadObjectsFrom("testrooms"):
            expected = values[found.roomId]
            self.assertEqual((type(found.owner), found.owner), (type(expected), expected))

    async def test_strangeValue(self) -> None:
        """What cannot be written leaves nothing behind."""
        one: Any = room(1)
        one.owner = [1]
        with self.assertRaisesRegex(util.DBError, "of the type list"):
            await self.reflector.insertRow(one)
        self.assertEqual(self.files(), [])

    async def test_names(self) -> None:
        """Keys stay where they belong, however long they are."""
        class_ = described(rowColumns=[("roomId", "varchar")])
        files = xmlreflector.XMLReflector(self.folder, [class_])
        for key in ("../../x", "/etc/passwd", "a\0b", "k" * 10_000, ".", "", "a,b"):
            one = class_()
            one.assignKeyAttr("roomId", key)
            await files.insertRow(one)
            await files.deleteRow(one)
            await files.insertRow(one)
        self.assertEqual({path.parent.name for path in self.files()}, {"rooms"})
        self.assertEqual(len(self.files()), 7)

    async def test_broken(self) -> None:
        """A file that is no row is named."""
        await self.reflector.insertRow(room(1))
        (path,) = self.files()
        whole = path.read_bytes()
        for bad in (
            b"",
            whole[:-10],
            whole.replace(b'"int"', b'"complex"'),
            whole.replace(b'"owner"', b'"other"'),
            whole.replace(b">100<", b">hundred<"),
            b'<!DOCTYPE row [<!ENTITY x "y">]>' + whole.partition(b"?>")[2],
        ):
            path.write_bytes(bad)
            with self.assertRaisesRegex(util.DBError, r"int-1\.xml is no row of 'testrooms'"):
                await self.reflector.loadObjectsFrom("testrooms")
