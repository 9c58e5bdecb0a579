"""
Reflectors: between rows as objects and what keeps them.

That is a database (`twisted.enterprise.sqlreflector`) or files (`twisted.enterprise.xmlreflector`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from twisted.enterprise._tables import Relation, Table, describe
from twisted.enterprise.row import RowObject
from twisted.enterprise.util import DBError
from twisted.internet.defer import Deferred

__all__ = ["EQUAL", "GREATERTHAN", "LESSTHAN", "LIKE", "Reflector"]

#: How a column is compared with a value in a `whereClause`.
EQUAL, LESSTHAN, GREATERTHAN, LIKE = range(4)

_OPERATORS = (EQUAL, LESSTHAN, GREATERTHAN, LIKE)

#: One condition: a column, an operator, a value.
Condition = tuple[str, int, Any]


class Reflector:
    """
    Loads rows as objects, inserts, updates and deletes them.  See its two subclasses.

    A row is one object, however often it is loaded, as long as somebody holds it: what is loaded
    again is the object that is there, as it is.

    Args:
        rowClasses: a class for each table, derived from `RowObject`.

    Attributes:
        rowCache: the rows that somebody holds, by the name of their table and their key.

    Raises:
        DBError: a class does not describe its table.
    """

    EQUAL = EQUAL
    LESSTHAN = LESSTHAN
    GREATERTHAN = GREATERTHAN
    LIKE = LIKE

    def __init__(self, rowClasses: Iterable[type[RowObject]]) -> None:
        self._tables = describe(rowClasses)
        self.rowCache: WeakValueDictionary[tuple[str, tuple[Any, ...]], RowObject]
        self.rowCache = WeakValueDictionary()
        # The children that each parent was given, so that none is given twice.
        self._given: WeakKeyDictionary[RowObject, WeakSet[RowObject]] = WeakKeyDictionary()

    def loadObjectsFrom(
        self,
        tableName: str,
        data: Any = None,
        whereClause: Sequence[Condition] | None = None,
        forceChildren: bool = False,
    ) -> Deferred[list[Any]]:
        """
        Load rows of a table, and the rows that belong to them.

        Args:
            tableName: the table.
            data: given to the constructor, or the factory, of each row that is loaded.
            whereClause: conditions that all have to be true: `[(column, operator, value), ...]`
                with the operators `EQUAL`, `LESSTHAN`, `GREATERTHAN` and `LIKE`; None for all rows.
            forceChildren: whether to load all children, `autoLoad` or not.

        Returns: a Deferred that fires with the list of rows.

        Raises:
            DBError: there is no such table or column.
            TypeError: the clause is text.
        """
        table = self._tableNamed(tableName)
        where = _checkedWhere(table, whereClause or ())

        async def load() -> list[Any]:
            (rows,) = await self._load(table, [where], data, forceChildren, set())
            return rows

        return Deferred.fromCoroutine(load())

    def insertRow(self, rowObject: RowObject) -> Deferred[None]:
        """
        Add a new row.

        Returns: a Deferred that fires when it is there, or fails.

        Raises:
            DBError: a part of the key, or another value, is not set.
        """
        table = self._tableOf(rowObject)
        values = table.values(rowObject, table.columns)
        kept = self._insert(table, values)
        return kept.addCallback(self._inserted, table, rowObject, values)

    def updateRow(self, rowObject: RowObject) -> Deferred[None]:
        """
        Write the values of a row to where it is kept.

        Returns: a Deferred that fires when they are there, or fails; with `DBError` if the row is
            not there.

        Raises:
            DBError: a value is not set.
        """
        table = self._tableOf(rowObject)
        values = table.values(rowObject, table.columns)
        return self._update(table, values).addCallback(self._written, table, rowObject, values)

    def deleteRow(self, rowObject: RowObject) -> Deferred[None]:
        """
        Remove a row from where it is kept; the object stays.

        Returns: a Deferred that fires when it is gone, or fails, with `DBError` if it was not
            there.
        """
        table = self._tableOf(rowObject)
        key = rowObject.getKeyTuple()
        return self._delete(table, key).addCallback(self._deleted, table, rowObject, key)

    # --- What subclasses do ---

    def _select(
        self, table: Table, wheres: Sequence[Sequence[Condition]]
    ) -> Deferred[list[list[Sequence[Any]]]]:
        """For each list of conditions, the values of all columns of the rows that meet it."""
        raise NotImplementedError(f"{type(self).__name__} keeps no rows")

    def _insert(self, table: Table, values: tuple[Any, ...]) -> Deferred[None]:
        raise NotImplementedError(f"{type(self).__name__} keeps no rows")

    def _update(self, table: Table, values: tuple[Any, ...]) -> Deferred[None]:
        raise NotImplementedError(f"{type(self).__name__} keeps no rows")

    def _delete(self, table: Table, key: tuple[Any, ...]) -> Deferred[None]:
        raise NotImplementedError(f"{type(self).__name__} keeps no rows")

    # --- Tables ---

    def _tableNamed(self, name: str) -> Table:
        table = self._tables.get(name)
        if table is None:
            known = ", ".join(sorted(self._tables))
            raise DBError(f"this reflector has no class for a table {name!r}, only for {known}")
        return table

    def _tableOf(self, row: RowObject) -> Table:
        table = self._tables.get(getattr(row, "rowTableName", ""))
        if table is None or not isinstance(row, table.rowClass):
            raise DBError(f"{row!r} is of no class that this reflector was made with")
        return table

    # --- What was kept ---

    def _inserted(self, _: None, table: Table, row: RowObject, values: tuple[Any, ...]) -> None:
        self.rowCache[table.name, table.key(values)] = row
        self._written(None, table, row, values)

    def _written(self, _: None, table: Table, row: RowObject, values: tuple[Any, ...]) -> None:
        # What has changed since is not there.
        if table.values(row, table.columns) == values:
            row.setDirty(0)

    def _deleted(self, _: None, table: Table, row: RowObject, key: tuple[Any, ...]) -> None:
        if self.rowCache.get((table.name, key)) is row:
            del self.rowCache[table.name, key]

    # --- Loading ---

    async def _load(
        self,
        table: Table,
        wheres: Sequence[Sequence[Condition]],
        data: Any,
        force: bool,
        seen: set[RowObject],
    ) -> list[list[RowObject]]:
        """Rows, and below them their children; `seen` ends the circles that data can have."""
        found = await self._select(table, wheres)
        groups = [[self._rowOf(table, values, data) for values in rows] for rows in found]
        fresh = [row for rows in groups for row in rows if row not in seen]
        fresh = list(dict.fromkeys(fresh))
        seen.update(fresh)
        for relation in table.children:
            # What is NULL refers to nothing.
            parents = [
                row for row in fresh if None not in table.values(row, relation.parentColumns)
            ]
            if parents and (relation.autoLoad or force):
                below = [_belongingTo(row, relation) for row in parents]
                loaded = await self._load(relation.child, below, data, force, seen)
                for row, children in zip(parents, loaded, strict=True):
                    self._give(row, relation, children)
        return groups

    def _rowOf(self, table: Table, values: Sequence[Any], data: Any) -> RowObject:
        """The object that is there for these values, or a new one."""
        name = (table.name, table.key(values))
        row = self.rowCache.get(name)
        if row is None:
            made = table.factory(
                table.rowClass, data, dict(zip(table.columns, values, strict=True))
            )
            if not isinstance(made, RowObject):
                raise DBError(f"rowFactoryMethod for {table.name!r} returned no row, but {made!r}")
            row = made
            row.setDirty(0)
            self.rowCache[name] = row
        return row

    def _give(self, parent: RowObject, relation: Relation, children: list[RowObject]) -> None:
        if relation.containerMethod is None and "childRows" not in parent.__dict__:
            parent.childRows = []
        given = self._given.setdefault(parent, WeakSet())
        for child in children:
            if child not in given:
                given.add(child)
                if relation.containerMethod is None:
                    parent.childRows.append(child)
                else:
                    getattr(parent, relation.containerMethod)(child)


def _belongingTo(parent: RowObject, relation: Relation) -> list[Condition]:
    return [
        (child, EQUAL, parent.valueOf(name))
        for child, name in zip(relation.childColumns, relation.parentColumns, strict=True)
    ]


def _checkedWhere(table: Table, clause: Sequence[Any]) -> list[Condition]:
    if isinstance(clause, str | bytes):
        raise TypeError(
            f"a whereClause is a list of conditions such as ('name', EQUAL, value), not {clause!r}"
        )
    for condition in clause:
        if not isinstance(condition, tuple | list) or len(condition) != 3:
            raise DBError(f"a condition is (column, operator, value), not {condition!r}")
        column, operator, value = condition
        table.checkColumns([column])
        if operator not in _OPERATORS:
            raise DBError(f"an operator is EQUAL, LESSTHAN, GREATERTHAN or LIKE, not {operator!r}")
        if value is None and operator != EQUAL:
            raise DBError(f"only EQUAL finds None, and {column!r} is compared with it by another")
    return [tuple(condition) for condition in clause]
