"""
Row objects in a relational database.

Values are parameters, in whichever style the driver has; what is text in a statement are names of
tables and columns that a class has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from twisted.enterprise._tables import Table
from twisted.enterprise.adbapi import ConnectionPool
from twisted.enterprise.reflector import EQUAL, GREATERTHAN, LESSTHAN, LIKE, Condition, Reflector
from twisted.enterprise.row import RowObject
from twisted.enterprise.util import DBError
from twisted.internet.defer import Deferred

__all__ = ["SQLReflector", "Statement"]

_OPERATORS = {EQUAL: "=", LESSTHAN: "<", GREATERTHAN: ">", LIKE: "LIKE"}

#: How each paramstyle of PEP 249 writes the parameter of a number.
_MARKS = {
    "qmark": "?",
    "numeric": ":{number}",
    "named": ":p{number}",
    "format": "%s",
    "pyformat": "%(p{number})s",
}
#: Those whose parameters go by name.
_NAMED = ("named", "pyformat")


class Statement(NamedTuple):
    """
    A statement and its parameters: `dbpool.runOperation(*statement)`.

    Attributes:
        sql: the statement, with marks in the style of the driver.
        parameters: what is bound to them: a tuple, or a dictionary.
    """

    sql: str
    parameters: tuple[Any, ...] | dict[str, Any]


class _Draft:
    """A statement in the making."""

    def __init__(self, paramstyle: str) -> None:
        self._mark = _MARKS[paramstyle]
        self._named = paramstyle in _NAMED
        self._values: list[Any] = []

    def bind(self, value: Any) -> str:
        """The mark of one more parameter."""
        self._values.append(value)
        return self._mark.format(number=len(self._values))

    def where(self, conditions: Iterable[Condition]) -> str:
        """The clause for some conditions, with a space before it; nothing, if there are none."""
        parts = [
            f"{column} IS NULL"
            if value is None
            else f"{column} {_OPERATORS[operator]} {self.bind(value)}"
            for column, operator, value in conditions
        ]
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def done(self, sql: str) -> Statement:
        """The statement, with what was bound."""
        if self._named:
            return Statement(sql, {f"p{n}": value for n, value in enumerate(self._values, 1)})
        return Statement(sql, tuple(self._values))


class SQLReflector(Reflector):
    """
    Row objects in a relational database.

    Args:
        dbpool: the connections.
        rowClasses: a class for each table, derived from `RowObject`.

    Raises:
        DBError: a class does not describe its table, or the driver's `paramstyle` is unknown.
    """

    def __init__(self, dbpool: ConnectionPool, rowClasses: Iterable[type[RowObject]]) -> None:
        super().__init__(rowClasses)
        self.dbpool = dbpool
        self._style = getattr(dbpool.dbapi, "paramstyle", None)
        if self._style not in _MARKS:
            raise DBError(f"{dbpool.dbapiName!r} has no paramstyle of PEP 249, but {self._style!r}")

    def updateRowSQL(self, rowObject: RowObject) -> Statement:
        """
        The statement that `updateRow` executes, to be executed later, or with others.

        Raises:
            DBError: a value is not set, or the table has nothing but its key.
        """
        table = self._tableOf(rowObject)
        return self._updating(table, table.values(rowObject, table.columns))

    def runStatements(self, statements: Iterable[Statement]) -> Deferred[None]:
        """Execute statements of `updateRowSQL`, all of them in one transaction."""
        return self.dbpool.runInteraction(_executeAll, list(statements))

    def _draft(self) -> _Draft:
        return _Draft(str(self._style))

    def _updating(self, table: Table, values: tuple[Any, ...]) -> Statement:
        if not table.others:
            raise DBError(f"{table.name!r} has nothing but its key, so that no row can be updated")
        draft = self._draft()
        columns = dict(zip(table.columns, values, strict=True))
        changes = ", ".join(f"{name} = {draft.bind(columns[name])}" for name in table.others)
        where = draft.where(_byKey(table, table.key(values)))
        return draft.done(f"UPDATE {table.name} SET {changes}{where}")

    def _selecting(self, table: Table, conditions: Sequence[Condition]) -> Statement:
        draft = self._draft()
        where = draft.where(conditions)
        return draft.done(f"SELECT {', '.join(table.columns)} FROM {table.name}{where}")

    def _select(
        self, table: Table, wheres: Sequence[Sequence[Condition]]
    ) -> Deferred[list[list[Sequence[Any]]]]:
        statements = [self._selecting(table, conditions) for conditions in wheres]
        return self.dbpool.runInteraction(_fetchAll, statements)

    def _insert(self, table: Table, values: tuple[Any, ...]) -> Deferred[None]:
        draft = self._draft()
        marks = ", ".join(draft.bind(value) for value in values)
        columns = ", ".join(table.columns)
        statement = draft.done(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})")
        return self.dbpool.runOperation(*statement)

    def _update(self, table: Table, values: tuple[Any, ...]) -> Deferred[None]:
        key = table.key(values)
        look = self._selecting(table, _byKey(table, key))
        return self.dbpool.runInteraction(
            _executeOnOne, self._updating(table, values), look, table.name, key
        )

    def _delete(self, table: Table, key: tuple[Any, ...]) -> Deferred[None]:
        draft = self._draft()
        deleting = draft.done(f"DELETE FROM {table.name}{draft.where(_byKey(table, key))}")
        return self.dbpool.runInteraction(_executeOnOne, deleting, None, table.name, key)


def _byKey(table: Table, key: tuple[Any, ...]) -> list[Condition]:
    return [(name, EQUAL, value) for name, value in zip(table.keys, key, strict=True)]


def _fetchAll(transaction: Any, statements: list[Statement]) -> list[list[Sequence[Any]]]:
    found = []
    for statement in statements:
        transaction.execute(*statement)
        found.append(list(transaction.fetchall()))
    return found


def _executeAll(transaction: Any, statements: list[Statement]) -> None:
    for statement in statements:
        transaction.execute(*statement)


def _executeOnOne(
    transaction: Any,
    statement: Statement,
    look: Statement | None,
    name: str,
    key: tuple[Any, ...],
) -> None:
    """Execute a statement about a row; if that is not there, it is an error."""
    transaction.execute(*statement)
    if transaction.rowcount == 0:
        # Some count only rows that become different (MySQL), so that none may mean one.
        if look is not None:
            transaction.execute(*look)
            if transaction.fetchall():
                return
        raise DBError(f"there is no row in {name!r} with the key {key!r}")
