"""Rows of tables as objects.  See the chapter on databases, and `twisted.enterprise.reflector`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from twisted.enterprise.util import DBError

__all__ = ["RowObject"]

#: A column, and its type in the database, which is for the reader only.
_Column = tuple[str, str]

_ABSENT: Any = object()


class RowObject:
    """
    A row of a table.  Derive a class for each table; a reflector makes the instances.

    Attributes with the names of columns have the values.

    Attributes:
        rowTableName: the name of the table.
        rowColumns: its columns: `[(name, type), ...]`.
        rowKeyColumns: those of them that tell one row from the others.
        rowForeignKeys: whose children the rows are: `[(tableName, [(childColumn, type), ...],
            [(parentColumn, type), ...], containerMethodName, autoLoad), ...]`.  The method of the
            parent is called with each child; None puts them into its list `childRows`.
        rowFactoryMethod: a list of one function, called with the class, the user data of
            `loadObjectsFrom` and a dictionary of values by column; it returns the row.
        dirty: 1 if a value is not as in the database, else 0.
        childRows: the children of this row that have been loaded.
    """

    rowTableName: ClassVar[str] = ""
    rowColumns: ClassVar[Sequence[_Column]] = []
    rowKeyColumns: ClassVar[Sequence[_Column]] = []
    rowForeignKeys: ClassVar[Sequence[Sequence[Any]]] = []
    rowFactoryMethod: ClassVar[Sequence[Callable[[Any, Any, dict[str, Any]], Any]]] = []

    dirty = 0
    childRows: list[Any]

    _rowKeys: ClassVar[frozenset[str]] = frozenset()
    _rowNames: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        cls._rowKeys = frozenset(column[0] for column in cls.rowKeyColumns)
        cls._rowNames = frozenset(column[0] for column in cls.rowColumns)

    def __init__(self, data: Any = None) -> None:
        """Take the user data, which is for the constructors of derived classes."""

    def assignKeyAttr(self, attrName: str, value: Any) -> None:
        """
        Set a part of the key of a row that is not in the database yet.

        Raises:
            DBError: the column is not part of the key.
        """
        if attrName not in self._rowKeys:
            raise DBError(
                f"{attrName!r} is no key of {self.rowTableName!r}, but {sorted(self._rowKeys)}"
            )
        self.__dict__[attrName] = value

    def getKeyTuple(self) -> tuple[Any, ...]:
        """
        The values of the key, in the order of `rowKeyColumns`.

        Raises:
            DBError: one is not set.
        """
        return tuple(self.valueOf(column[0]) for column in self.rowKeyColumns)

    def valueOf(self, column: str) -> Any:
        """
        The value of a column.

        Raises:
            DBError: it is not set.
        """
        value = getattr(self, column, _ABSENT)
        if value is _ABSENT:
            how = "assignKeyAttr sets it" if column in self._rowKeys else "set it to None if it is"
            raise DBError(f"a row of {self.rowTableName!r} has no {column!r}: {how}")
        return value

    def setDirty(self, flag: int = 1) -> None:
        """
        Note that a value has changed (1), or that the database has them all (0).

        Whoever overrides it calls the overridden method too.
        """
        self.__dict__["dirty"] = flag

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._rowKeys:
            raise DBError(
                f"{name!r} is part of the key of {self.rowTableName!r}, by which the database "
                f"knows the row: assignKeyAttr({name!r}, ...) sets it, for a new row"
            )
        before = self.__dict__.get(name, _ABSENT)
        object.__setattr__(self, name, value)
        if name in self._rowNames and not _same(before, value):
            self.setDirty(1)

    def __repr__(self) -> str:
        key = ", ".join(f"{name}={self.__dict__.get(name)!r}" for name, _ in self.rowKeyColumns)
        return f"<{type(self).__name__} {key}{' dirty' if self.dirty else ''}>"


def _same(before: Any, after: Any) -> bool:
    """Whether the database would see no difference: 1, 1.0 and True are different to it."""
    return before is after or (type(before) is type(after) and bool(before == after))
