"""The results as a bar chart in SVG: each case as a multiple of Twisted's figure."""

from collections.abc import Iterator, Sequence
from html import escape

from benchmarks.environment import ASYNCIO, OURS, TWISTED, UVLOOP
from benchmarks.results import Result

BARS = ((OURS, "Torsion", "ours"), (UVLOOP, "uvloop", "other"), (ASYNCIO, "asyncio", "third"))

WIDTH = 760
LABELS = 300  # where the bars begin
ROOM = 60  # for the figure behind the longest bar
TOP = 56
BAR, GAP = 13, 12

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.small { font-size: 11px; fill: #57606a }
.ours { fill: #1a7f64 } .other { fill: #8b949e } .third { fill: #c3c9d0 }
.one { stroke: #57606a; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 }
  .ours { fill: #3fb68f } .other { fill: #6e7681 } .third { fill: #484f58 }
  .one { stroke: #9198a1 }
}
"""


def draw(found: Sequence[Result]) -> str:
    """The chart of all results that have a figure for Twisted."""
    groups = [(result.case.title, list(_multiples(result))) for result in found]
    groups = [(title, bars) for title, bars in groups if bars]
    longest = max((length for _, bars in groups for length, _ in bars), default=1.0)
    scale = (WIDTH - LABELS - ROOM) / max(longest, 1.0)
    parts: list[str] = []
    y = TOP
    for title, bars in groups:
        middle = y + len(bars) * BAR / 2 + 4
        parts.append(_text(LABELS - 10, middle, title.replace("`", ""), anchor="end"))
        for length, kind in bars:
            wide = length * scale
            parts.append(
                f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{wide:.1f}" height="{BAR - 2}"/>'
            )
            parts.append(_text(LABELS + wide + 5, y + 10, f"{length:.2f}", kind="small"))
            y += BAR
        y += GAP
    one = LABELS + scale
    parts.append(f'<line class="one" x1="{one:.1f}" y1="{TOP - 8}" x2="{one:.1f}" y2="{y}"/>')
    return "\n".join([*_frame(y + 8, one), *parts, "</svg>\n"])


def _multiples(result: Result) -> Iterator[tuple[float, str]]:
    """(how many times as good as Twisted, class of the bar) for each peer that was measured."""
    theirs = result.medians.get(TWISTED.key)
    for peer, _, kind in BARS:
        value = result.medians.get(peer.key)
        if value and theirs:
            yield (theirs / value if result.case.less_is_better else value / theirs), kind


def _frame(height: int, one: float) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img">'
    )
    yield "<title>How many times as good as Twisted's figure</title>"
    yield f"<style>{_STYLE}</style>"
    x = LABELS
    for _, title, kind in BARS:
        yield f'<rect class="{kind}" x="{x}" y="14" width="11" height="11"/>'
        yield _text(x + 16, 24, title)
        x += 90
    yield _text(one, TOP - 12, "Twisted = 1", kind="small", anchor="middle")


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{escape(text)}</text>'
