"""Bold, underlined and coloured text.

There is no RFC for it; source: "IRC Formatting" (https://modern.ircdocs.horse/formatting), which
describes what the clients agree on.

How text is written: before each run of text that looks alike, `OFF`, and then all that it is. This
is longer than to write what changes, and a client that does not know one of the marks still shows
the rest as it is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

__name__ = "twisted.words.protocols.irc"  # the public path, for pickles and messages

OFF = "\x0f"
COLOR = "\x03"
#: What a run of text can be, and the mark that turns it on and off, in the order of writing.
MARKS = {
    "bold": "\x02",
    "italic": "\x1d",
    "underline": "\x1f",
    "strikethrough": "\x1e",
    "monospace": "\x11",
    "reverseVideo": "\x16",
}
#: The colours, by their numbers.
COLORS = (
    "white",
    "black",
    "blue",
    "green",
    "lightRed",
    "red",
    "magenta",
    "orange",
    "yellow",
    "lightGreen",
    "cyan",
    "lightCyan",
    "lightBlue",
    "lightMagenta",
    "gray",
    "lightGray",
)
#: The number of the colour that a client uses if none is set.
DEFAULT_COLOR = 99

_CODE = re.compile(
    r"\x03(?:(?P<fg>\d{1,2})(?:,(?P<bg>\d{1,2}))?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?"
    r"|(?P<mark>[\x02\x0f\x11\x16\x1d\x1e\x1f])",
    re.ASCII,
)
_NAMES = {mark: name for name, mark in MARKS.items()}


@dataclass(frozen=True, slots=True)
class _Look:
    """What a run of text looks like."""

    marks: frozenset[str] = frozenset()
    fg: int | None = None
    bg: int | None = None

    def written(self) -> str:
        """What is written before the run."""
        marks = "".join(mark for name, mark in MARKS.items() if name in self.marks)
        if self.fg is None and self.bg is None:
            return OFF + marks
        colors = f"{DEFAULT_COLOR if self.fg is None else self.fg:02}"
        if self.bg is not None:
            colors += f",{self.bg:02}"
        return OFF + marks + COLOR + colors


PLAIN = _Look()


@dataclass(frozen=True)
class Formatted:
    """Text with attributes. Made by `attributes`, and given more text by ``[]``.

    Attributes:
        change: what is different from the text around it: the name of a mark or "normal", or
            "fg" or "bg".
        color: the number of the colour, if it is a colour.
        children: the text, and text with more attributes.
    """

    change: str
    color: int | None = None
    children: tuple[str | Formatted, ...] = ()

    def __getitem__(self, items: str | Formatted | tuple[str | Formatted, ...]) -> Formatted:
        """The same with text in it: one, or several with commas in between."""
        more = items if isinstance(items, tuple) else (items,)
        for item in more:
            if not isinstance(item, (str, Formatted)):
                raise TypeError(
                    f"Formatted text is made of str and formatted text, not of {item!r}: use str()."
                )
        return replace(self, children=self.children + more)

    def runs(self, around: _Look = PLAIN) -> Iterator[tuple[_Look, str]]:
        """The text in runs that look alike."""
        if self.change == "normal":
            look = PLAIN
        elif self.change == "fg":
            look = replace(around, fg=self.color)
        elif self.change == "bg":
            look = replace(around, bg=self.color)
        else:
            look = replace(around, marks=around.marks | {self.change})
        for child in self.children:
            if isinstance(child, str):
                yield look, child
            else:
                yield from child.runs(look)


class Colors:
    """The colours, as attributes of text: ``attributes.fg.red["text"]``."""

    def __init__(self, ground: str) -> None:
        self._ground = ground

    def __getattr__(self, name: str) -> Formatted:
        try:
            return Formatted(self._ground, COLORS.index(name))
        except ValueError:
            raise AttributeError(f"There is no colour {name!r}, but {', '.join(COLORS)}.")


class Attributes:
    """What text can be: ``attributes.bold["text"]``.

    There are `normal`, `bold`, `italic`, `underline`, `strikethrough`, `monospace`,
    `reverseVideo`, the colours of `fg` and those of `bg`.
    """

    fg = Colors("fg")
    bg = Colors("bg")
    normal = Formatted("normal")
    bold = Formatted("bold")
    italic = Formatted("italic")
    underline = Formatted("underline")
    strikethrough = Formatted("strikethrough")
    monospace = Formatted("monospace")
    reverseVideo = Formatted("reverseVideo")


attributes = Attributes()


def assembleFormattedText(formatted: Formatted | str) -> str:
    """Write text with attributes as it goes into a message.

    Args:
        formatted: what `attributes` makes: ``attributes.bold["so ", attributes.fg.red["so"]]``.

    Returns:
        The text, with the marks of IRC in it.
    """
    whole = attributes.normal[formatted]
    return "".join(look.written() + text for look, text in whole.runs())


def parseFormattedText(text: str) -> Formatted:
    """Read the marks in the text of a message.

    Args:
        text: as it came.

    Returns:
        The text with attributes, one run after the other. Colours given by their hexadecimal
        values are left out; numbers above 15 are shades, and become their nearest of the 16 by
        the rest of a division.
    """
    runs: list[str | Formatted] = []
    look = PLAIN
    at = 0
    for found in _CODE.finditer(text):
        _add(runs, look, text[at : found.start()])
        at = found.end()
        look = _changed(look, found)
    _add(runs, look, text[at:])
    return Formatted("normal", None, tuple(runs))


def stripFormatting(text: str) -> str:
    """The text of a message without the marks in it."""
    return _CODE.sub("", text)


def _changed(look: _Look, found: re.Match[str]) -> _Look:
    """What text looks like after a code."""
    mark = found["mark"]
    if mark == OFF:
        return PLAIN
    if mark:
        return replace(look, marks=look.marks ^ {_NAMES[mark]})
    if found["fg"] is None:
        return replace(look, fg=None, bg=None)
    look = replace(look, fg=_color(found["fg"]))
    return look if found["bg"] is None else replace(look, bg=_color(found["bg"]))


def _color(number: str) -> int | None:
    return None if int(number) == DEFAULT_COLOR else int(number) % len(COLORS)


def _add(runs: list[str | Formatted], look: _Look, text: str) -> None:
    """Add a run of text, wrapped in all that it is."""
    if not text:
        return
    run: str | Formatted = text
    if look.bg is not None:
        run = Formatted("bg", look.bg, (run,))
    if look.fg is not None:
        run = Formatted("fg", look.fg, (run,))
    for name in reversed(MARKS):
        if name in look.marks:
            run = Formatted(name, None, (run,))
    runs.append(run)
