"""What the classes of rows say of their tables, checked once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from twisted.enterprise.row import RowObject
from twisted.enterprise.util import DBError, checkName


@dataclass(frozen=True)
class Relation:
    """The rows of a table that belong to one row of another."""

    child: Table
    parentColumns: tuple[str, ...]
    childColumns: tuple[str, ...]
    containerMethod: str | None
    autoLoad: bool


@dataclass
class Table:
    """A table, and the class of its rows."""

    rowClass: type[RowObject]
    name: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    children: list[Relation] = field(default_factory=list)

    @property
    def others(self) -> tuple[str, ...]:
        """The columns that are not part of the key."""
        return tuple(name for name in self.columns if name not in self.keys)

    @property
    def factory(self) -> Callable[[Any, Any, dict[str, Any]], Any]:
        """What makes a row."""
        methods = self.rowClass.rowFactoryMethod
        return methods[0] if methods else _makeRow

    def values(self, row: RowObject, columns: Iterable[str]) -> tuple[Any, ...]:
        """The values of a row.  Raises `DBError` if one is not set."""
        return tuple(row.valueOf(column) for column in columns)

    def key(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """The key among the values of all columns."""
        return tuple(values[self.columns.index(name)] for name in self.keys)

    def checkColumns(self, names: Iterable[str]) -> None:
        """Raises `DBError` unless all are columns of this table."""
        for name in names:
            if name not in self.columns:
                raise DBError(
                    f"{self.name!r} has no column {name!r}, but {', '.join(self.columns)}"
                )


def _makeRow(rowClass: type[RowObject], data: Any, values: dict[str, Any]) -> RowObject:
    row = rowClass(data)
    row.__dict__.update(values)
    return row


def describe(rowClasses: Iterable[type[RowObject]]) -> dict[str, Table]:
    """
    The tables of some classes, by their names, with the relations between them.

    Raises:
        DBError: a class does not describe its table.
    """
    tables: dict[str, Table] = {}
    for rowClass in rowClasses:
        table = _table(rowClass)
        if table.name in tables:
            raise DBError(f"{rowClass} and {tables[table.name].rowClass} have the same table")
        tables[table.name] = table
    for table in tables.values():
        for foreignKey in table.rowClass.rowForeignKeys:
            _relate(tables, table, foreignKey)
    return tables


def _table(rowClass: Any) -> Table:
    if not (isinstance(rowClass, type) and issubclass(rowClass, RowObject)):
        raise DBError(f"a reflector is for classes derived from RowObject, not {rowClass!r}")
    where = f"of {rowClass.__qualname__}"
    name = checkName(rowClass.rowTableName, f"the table (rowTableName) {where}", dots=True)
    columns = [checkName(column[0], f"a column {where}") for column in rowClass.rowColumns]
    if len(set(columns)) < len(columns):
        raise DBError(f"rowColumns {where} has a column twice: {columns}")
    for column in columns:
        if hasattr(RowObject, column) or column == "childRows":
            raise DBError(f"the column {column!r} {where} would hide an attribute of all rows")
    keys = [column[0] for column in rowClass.rowKeyColumns]
    if not keys:
        raise DBError(
            f"rowKeyColumns {where} is empty: without a key, no row can be told from others"
        )
    table = Table(rowClass, name, tuple(columns), tuple(keys))
    table.checkColumns(keys)
    return table


def _relate(tables: dict[str, Table], child: Table, foreignKey: Sequence[Any]) -> None:
    if len(foreignKey) != 5:
        raise DBError(
            f"a foreign key of {child.name!r} is (tableName, [(childColumn, type), ...], "
            f"[(parentColumn, type), ...], containerMethodName, autoLoad), not {foreignKey!r}"
        )
    name, childColumns, parentColumns, containerMethod, autoLoad = foreignKey
    parent = tables.get(name)
    if parent is None:
        raise DBError(f"{child.name!r} has a foreign key to {name!r}, which no class is for")
    ours = tuple(column[0] for column in childColumns)
    theirs = tuple(column[0] for column in parentColumns)
    if not ours or len(ours) != len(theirs):
        raise DBError(
            f"the foreign key of {child.name!r} to {name!r} must have as many columns there"
        )
    child.checkColumns(ours)
    parent.checkColumns(theirs)
    if containerMethod and not callable(getattr(parent.rowClass, containerMethod, None)):
        raise DBError(
            f"rows of {name!r} have no method {containerMethod!r} for those of {child.name!r}"
        )
    parent.children.append(Relation(child, theirs, ours, containerMethod or None, bool(autoLoad)))
