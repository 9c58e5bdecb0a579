"""Tables of a game, for tests of rows: rooms, furniture in rooms, and things on furniture."""

from __future__ import annotations

from typing import Any

from twisted.enterprise.row import RowObject

ROOMS = "CREATE TABLE testrooms (roomId INTEGER PRIMARY KEY, owner VARCHAR(200), posx INTEGER)"
FURNITURE = """CREATE TABLE furniture (
    furnId INTEGER PRIMARY KEY, roomId INTEGER, name VARCHAR(200), weight INTEGER)"""
THINGS = """CREATE TABLE things (
    owner VARCHAR(100), number INTEGER, furnId INTEGER, PRIMARY KEY (owner, number))"""
TABLES = {"testrooms": ROOMS, "furniture": FURNITURE, "things": THINGS}


class RoomRow(RowObject):
    """A room."""

    rowColumns = [("roomId", "int"), ("owner", "varchar"), ("posx", "int")]
    rowKeyColumns = [("roomId", "int4")]
    rowTableName = "testrooms"

    roomId: int
    owner: str | None
    posx: int | None

    def __init__(self, data: Any = None) -> None:
        self.furniture: list[FurnitureRow] = []

    def addStuff(self, stuff: FurnitureRow) -> None:
        """Put a piece of furniture into it."""
        self.furniture.append(stuff)


class FurnitureRow(RowObject):
    """A piece of furniture in a room."""

    rowColumns = [("furnId", "int"), ("roomId", "int"), ("name", "varchar"), ("weight", "int")]
    rowKeyColumns = [("furnId", "int4")]
    rowTableName = "furniture"
    rowForeignKeys = [
        ("testrooms", [("roomId", "int4")], [("roomId", "int4")], "addStuff", True),
    ]

    furnId: int
    roomId: int | None
    name: str
    weight: int


class ThingRow(RowObject):
    """A thing on a piece of furniture, which has to be asked for."""

    rowColumns = [("owner", "varchar"), ("number", "int"), ("furnId", "int")]
    rowKeyColumns = [("owner", "varchar"), ("number", "int")]
    rowTableName = "things"
    rowForeignKeys = [("furniture", [("furnId", "int")], [("furnId", "int")], None, False)]

    owner: str
    number: int
    furnId: int


CLASSES: list[type[RowObject]] = [RoomRow, FurnitureRow, ThingRow]


def room(number: int, owner: str | None = "fred", posx: int | None = 100) -> RoomRow:
    """A room that is not in the database."""
    row = RoomRow()
    row.assignKeyAttr("roomId", number)
    row.owner = owner
    row.posx = posx
    return row


def chair(number: int, where: int | None, name: str = "chair") -> FurnitureRow:
    """A piece of furniture that is not in the database."""
    row = FurnitureRow()
    row.assignKeyAttr("furnId", number)
    row.roomId = where
    row.name = name
    row.weight = 5
    return row


def thing(owner: str, number: int, where: int) -> ThingRow:
    """A thing that is not in the database."""
    row = ThingRow()
    row.assignKeyAttr("owner", owner)
    row.assignKeyAttr("number", number)
    row.furnId = where
    return row
