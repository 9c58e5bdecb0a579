"""Rooms of a game, and furniture in them: classes for the rows of two tables."""

from twisted.enterprise import adbapi, row
from twisted.enterprise.sqlreflector import SQLReflector


def testRoomFactory(roomClass, userData, kw):
    newRoom = roomClass(userData)
    newRoom.__dict__.update(kw)
    return newRoom


class RoomRow(row.RowObject):
    rowColumns = [
        ("roomId", "int"),
        ("town_id", "int"),
        ("name", "varchar"),
        ("owner", "varchar"),
        ("posx", "int"),
        ("posy", "int"),
        ("width", "int"),
        ("height", "int"),
    ]
    rowKeyColumns = [("roomId", "int4")]
    rowTableName = "testrooms"
    rowFactoryMethod = [testRoomFactory]

    def __init__(self, userData=None):
        self.furniture = []

    def addStuff(self, stuff):
        self.furniture.append(stuff)


class FurnitureRow(row.RowObject):
    rowColumns = [("furnId", "int"), ("roomId", "int"), ("name", "varchar")]
    rowKeyColumns = [("furnId", "int4")]
    rowTableName = "furniture"
    rowForeignKeys = [
        # the parent's table, columns here, columns there, the parent's method, load with it
        ("testrooms", [("roomId", "int4")], [("roomId", "int4")], "addStuff", True),
    ]


def fill(connection):
    connection.executescript(
        """
        CREATE TABLE testrooms (roomId INTEGER PRIMARY KEY, town_id INTEGER, name TEXT,
            owner TEXT, posx INTEGER, posy INTEGER, width INTEGER, height INTEGER);
        CREATE TABLE furniture (furnId INTEGER PRIMARY KEY, roomId INTEGER, name TEXT);
        INSERT INTO testrooms VALUES (10, 20, 'library', 'ann', 0, 0, 30, 20);
        INSERT INTO furniture VALUES (1, 10, 'shelf'), (2, 10, 'chair');
        """
    )


def reflect():
    dbpool = adbapi.ConnectionPool("sqlite3", ":memory:", cp_max=1, cp_openfun=fill)
    return SQLReflector(dbpool, [RoomRow, FurnitureRow])
