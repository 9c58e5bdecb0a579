"""The results for people: a line for the terminal, a table in Markdown, README's section."""

from collections.abc import Sequence
from typing import Any

from benchmarks import chart, results
from benchmarks.environment import COLUMNS, RESULTS, ROOT
from benchmarks.results import Result

BEGIN = "<!-- benchmarks: written by `python -m benchmarks --readme` -->"
END = "<!-- benchmarks: end -->"

# Below this share of its core, a server was held up by other programs or by too slow a load.
BUSY_ENOUGH = 0.9

_COLUMN_KEYS = {peer.key for peer in COLUMNS}
_TITLES = {
    "torsion": "Torsion",
    "twisted": "Twisted",
    "uvloop": "uvloop",
    "asyncio": "asyncio",
}


def line(result: Result) -> str:
    """One case for the terminal: the medians, and each target with its verdict."""
    figures = "  ".join(
        f"{peer} {number(value)}{_disturbed(result.busy.get(peer, 1.0))}"
        for peer, value in result.medians.items()
    )
    verdicts = "  ".join(f"[{verdict.peer}: {verdict}]" for verdict in result.verdicts())
    return f"{result.case.name:18} {figures} {result.case.unit}  {verdicts}"


def number(value: float | None) -> str:
    """Three digits that mean something, with thousands set off."""
    if value is None:
        return "–"
    if value >= 1000:
        digits = len(str(int(value))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}"


def table(found: Sequence[Result]) -> str:
    """The table in Markdown."""
    versions = found[-1].machine["versions"]
    names = [_title(peer.key, versions) for peer in COLUMNS]
    rows = [
        ["", "unit", *names, "others", "ratio", "target", ""],
        ["---", "---", *["---:"] * len(names), "---:", "---:", "---:", "---"],
    ]
    for result in found:
        verdicts = result.verdicts()
        rows.append(
            [
                result.case.title,
                result.case.unit,
                *(number(result.medians.get(peer.key)) for peer in COLUMNS),
                "<br>".join(
                    f"{_title(peer, versions)}: {number(value)}"
                    for peer, value in result.medians.items()
                    if peer not in _COLUMN_KEYS
                ),
                "<br>".join(f"{v.ratio:.2f} × {_name(v.peer)}" for v in verdicts),
                "<br>".join(_bound(result, v.target) for v in verdicts),
                "<br>".join("ok" if v.met else "missed" for v in verdicts),
            ]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write() -> None:
    """Write the table and the chart, and README's section if README has one."""
    found = list(results.saved())
    if not found:
        print("no results yet: run python -m benchmarks")
        return
    (RESULTS / "chart.svg").write_text(chart.draw(found))
    section = f"{table(found)}\n\n{_setting(found[-1].machine)}\n"
    (RESULTS / "table.md").write_text(section)
    readme = ROOT / "README.md"
    text = readme.read_text()
    if BEGIN in text and END in text:
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        picture = "![How many times as fast as Twisted](benchmarks/results/chart.svg)"
        readme.write_text(f"{before}{BEGIN}\n{picture}\n\n{section}{END}{after}")


def _disturbed(busy: float) -> str:
    """A note for a server that did not have its core to itself, or had too little to do."""
    return "" if busy >= BUSY_ENOUGH else f" ({busy:.0%} busy)"


def _title(peer: str, versions: dict[str, str]) -> str:
    return f"{_name(peer)} {versions.get(peer, '')}".rstrip()


def _name(peer: str) -> str:
    return _TITLES.get(peer, peer)


def _bound(result: Result, target: float) -> str:
    return f"{'≤' if result.case.less_is_better else '≥'} {target:g}"


def _setting(machine: dict[str, Any]) -> str:
    return (
        f"Medians, taken {machine['taken']} on {machine['cores']} cores of {machine['processor']}, "
        f"{machine['system']}, Python {machine['python']}; server on one core, load on another, "
        "the peers in turn. A ratio is Torsion's figure over the peer's. Absolute figures are "
        "this machine's; compare the ratios."
    )
