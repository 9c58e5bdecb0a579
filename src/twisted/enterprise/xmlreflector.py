"""
Row objects in a directory: a folder for each table, a file of XML for each row.

Slow, and readable.  Files are read and written in threads, and written whole.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from twisted.enterprise._tables import Table
from twisted.enterprise.reflector import EQUAL, GREATERTHAN, LESSTHAN, Condition, Reflector
from twisted.enterprise.row import RowObject
from twisted.enterprise.util import DBError
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

__all__ = ["XMLReflector"]

#: Bytes of a file's name; longer keys go by their hash.  Common file systems take 255.
MAX_NAME = 200

#: What XML cannot have, or would change: control characters, halves of pairs, returns.
_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _encodedText(value: str) -> str:
    return base64.b64encode(value.encode("utf-8", "surrogatepass")).decode()


def _decodedText(text: str) -> str:
    return base64.b64decode(text).decode("utf-8", "surrogatepass")


#: The values that a file can have: the name of their type, how they are written, how they are read.
_KINDS: dict[type, tuple[str, Callable[[Any], str], Callable[[str], Any]]] = {
    type(None): ("none", lambda value: "", lambda text: None),
    bool: ("bool", lambda value: str(int(value)), lambda text: text == "1"),
    int: ("int", str, int),
    float: ("float", repr, float),
    str: ("str", str, str),
    bytes: ("bytes", lambda value: base64.b64encode(value).decode(), base64.b64decode),
    Decimal: ("decimal", str, Decimal),
    datetime: ("datetime", datetime.isoformat, datetime.fromisoformat),
    date: ("date", date.isoformat, date.fromisoformat),
    time: ("time", time.isoformat, time.fromisoformat),
}
_READERS = {name: read for name, _, read in _KINDS.values()} | {"base64": _decodedText}


def _written(value: Any) -> tuple[str, str]:
    """The kind of a value, and its text."""
    if isinstance(value, str) and _NOT_IN_XML.search(value):
        return "base64", _encodedText(value)
    kind = _KINDS.get(type(value))
    if kind is None:
        raise DBError(
            f"a value of the type {type(value).__name__} cannot be written to a file of XML"
        )
    return kind[0], kind[1](value)


class XMLReflector(Reflector):
    """
    Row objects in a directory.

    Args:
        baseDir: the directory, which is made if need be.
        rowClasses: a class for each table, derived from `RowObject`.

    Raises:
        DBError: a class does not describe its table.
    """

    def __init__(self, baseDir: str, rowClasses: Iterable[type[RowObject]]) -> None:
        super().__init__(rowClasses)
        self.baseDir = baseDir
        for name in self._tables:
            Path(baseDir, name).mkdir(parents=True, exist_ok=True)

    def _select(
        self, table: Table, wheres: Sequence[Sequence[Condition]]
    ) -> Deferred[list[list[Sequence[Any]]]]:
        return deferToThread(self._search, table, wheres)

    def _search(
        self, table: Table, wheres: Sequence[Sequence[Condition]]
    ) -> list[list[Sequence[Any]]]:
        rows = [_read(path, table) for path in sorted(Path(self.baseDir, table.name).glob("*.xml"))]
        return [
            [tuple(row[name] for name in table.columns) for row in rows if _meets(row, conditions)]
            for conditions in wheres
        ]

    def _insert(self, table: Table, values: tuple[Any, ...]) -> Deferred[None]:
        return deferToThread(_write, self._path(table, table.key(values)), table, values, True)

    def _update(self, table: Table, values: tuple[Any, ...]) -> Deferred[None]:
        return deferToThread(_write, self._path(table, table.key(values)), table, values, False)

    def _delete(self, table: Table, key: tuple[Any, ...]) -> Deferred[None]:
        return deferToThread(_remove, self._path(table, key))

    def _path(self, table: Table, key: tuple[Any, ...]) -> Path:
        """Where a row is: its key with everything escaped that could lead elsewhere."""
        parts = [f"{kind}-{quote(text, safe='')}" for kind, text in map(_written, key)]
        name = ",".join(parts)
        if len(name) > MAX_NAME:
            name = f"sha256-{hashlib.sha256(name.encode()).hexdigest()}"
        return Path(self.baseDir, table.name, f"{name}.xml")


def _write(path: Path, table: Table, values: tuple[Any, ...], isNew: bool) -> None:
    root = ElementTree.Element("row", table=table.name)
    for name, value in zip(table.columns, values, strict=True):
        kind, text = _written(value)
        ElementTree.SubElement(root, "column", name=name, type=kind).text = text
    if not isNew and not path.exists():
        raise DBError(f"there is no row {path.stem!r} in {table.name!r}")
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with open(descriptor, "wb") as file:
            ElementTree.ElementTree(root).write(file, "utf-8", xml_declaration=True)
        if isNew:
            os.link(temporary, path)
        else:
            os.replace(temporary, path)
    except FileExistsError:
        raise DBError(f"there is a row {path.stem!r} in {table.name!r} already") from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except FileNotFoundError:
        raise DBError(f"there is no row {path.stem!r} in {path.parent.name!r}") from None


def _read(path: Path, table: Table) -> dict[str, Any]:
    """The values of a row, by column."""
    try:
        data = path.read_bytes()
        if b"<!DOCTYPE" in data:
            raise ValueError("a document type has no place in it")
        values = {
            column.attrib["name"]: _READERS[column.attrib["type"]](column.text or "")
            for column in ElementTree.fromstring(data).iter("column")
        }
        return {name: values[name] for name in table.columns}
    except (KeyError, ValueError, ArithmeticError, ElementTree.ParseError) as error:
        raise DBError(f"{path} is no row of {table.name!r}: {error!r}") from error


def _meets(row: dict[str, Any], conditions: Sequence[Condition]) -> bool:
    return all(_compare(row[column], operator, value) for column, operator, value in conditions)


def _compare(here: Any, operator: int, value: Any) -> bool:
    """What a database says; it finds None only if it is asked for that."""
    if operator == EQUAL:
        return bool(here == value)
    if here is None:
        return False
    if operator == LESSTHAN:
        return bool(here < value)
    if operator == GREATERTHAN:
        return bool(here > value)
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in str(value))
    return re.fullmatch("".join(parts), str(here), re.DOTALL) is not None
