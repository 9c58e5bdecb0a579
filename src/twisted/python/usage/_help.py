"""The text that explains a command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.python import text
from twisted.python.usage._declared import Declared

# "  -f, --fast" fills a column, the descriptions the rest; a name that is too long for the column
# has a line of its own.
_WIDEST_COLUMN = 28
_NARROWEST_TEXT = 20


def docMakeChunks(optList: Sequence[Mapping[str, Any]], width: int = 80) -> list[str]:
    """Lay out the descriptions of options.

    Args:
        optList: for each option a dict, in which any of these may be: ``long`` and ``short``,
            its names without hyphens; ``doc``, the description; ``optType``, which is
            ``"parameter"`` if it takes a value; ``default``, the value without it; ``coerceDoc``,
            what values there may be.
        width: how many characters a line has at most.

    Returns:
        A text of one or more lines for each option.
    """
    rows = [(_names(opt), _description(opt)) for opt in optList]
    return layOut(rows, width)


def layOut(rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Two columns: names, and descriptions that are wrapped to the width."""
    widest = max((len(names) for names, _ in rows), default=0)
    # Two spaces before the names and two after them.
    column = min(widest + 4, _WIDEST_COLUMN, max(width - _NARROWEST_TEXT, 6))
    chunks = []
    for names, description in rows:
        lines = text.greedyWrap(description, max(width - column, 1)) or [""]
        head = f"  {names}"
        if len(head) + 2 > column and description:
            chunk = [head]
        else:
            chunk = [f"{head:<{column}}{lines.pop(0)}"]
        chunk.extend(" " * column + line for line in lines)
        chunks.append("".join(f"{line.rstrip()}\n" for line in chunk))
    return chunks


def _names(opt: Mapping[str, Any]) -> str:
    short, long = opt.get("short"), opt.get("long")
    equals = "=" if opt.get("optType") == "parameter" else ""
    shown = f"-{short}, " if short and long else f"-{short}{equals}" if short else "    "
    return f"{shown}--{long}{equals}" if long else shown


def _description(opt: Mapping[str, Any]) -> str:
    doc = " ".join((opt.get("doc") or "").split())
    if opt.get("default") not in (None, ""):
        doc += f" [default: {opt['default']}]"
    if opt.get("coerceDoc"):
        doc = f"{doc.removesuffix('.')}. {opt['coerceDoc']}" if doc else opt["coerceDoc"]
    return doc.strip()


def describe(declared: Declared) -> dict[str, Any]:
    """An option as `docMakeChunks` takes it."""
    longs = [name[2:] for name in declared.spellings if name.startswith("--")]
    shorts = [name[1:] for name in declared.spellings if not name.startswith("--")]
    return {
        "long": longs[0] if longs else None,
        "short": shorts[0] if shorts else None,
        "doc": declared.doc,
        "optType": "parameter" if declared.takesValue else "flag",
        "default": declared.default,
        "coerceDoc": declared.coerceDoc,
    }
