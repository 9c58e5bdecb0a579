"""Python source as HTML, each token with a class by which a style sheet colours it."""

from __future__ import annotations

import keyword
import sys
import tokenize
from collections.abc import Callable
from html import escape
from typing import IO, Any

__all__ = ["HTMLWriter", "SmallerHTMLWriter", "TokenPrinter", "filter", "main"]

_PREFIX = "py-src-"


class TokenPrinter:
    """Gives each token of a source to a writer, with what is between them.

    Args:
        writer: called with the text of a token, in UTF-8, and with what kind it is of; or with
            the text alone, for white space.

    ``encoding`` is that of the source, once its first token came.
    """

    currentCol, currentLine = 0, 1
    lastIdentifier = parameters = 0
    encoding = "utf-8"

    def __init__(self, writer: Callable[..., object]) -> None:
        self.writer = writer
        self._lastLine = ""

    def printtoken(
        self,
        type: int,
        token: str,
        sCoordinates: tuple[int, int],
        eCoordinates: tuple[int, int],
        line: str | bytes,
    ) -> None:
        """Write one token; the arguments are those of `tokenize.TokenInfo`."""
        if type == tokenize.ENCODING:
            self.encoding = token
            return
        text = line if isinstance(line, str) else line.decode(self.encoding)
        self._writeGap(sCoordinates, text)
        self._lastLine = text.rstrip("\n").rpartition("\n")[2]
        kind = self._kind(type, token)
        self.writer(token.encode("utf-8"), kind)
        self.currentLine, self.currentCol = eCoordinates
        if token.endswith("\n"):
            self.currentLine, self.currentCol = eCoordinates[0] + 1, 0

    def _writeGap(self, start: tuple[int, int], line: str) -> None:
        """What stands between the last token and this one: spaces, or lines joined by \\."""
        row, column = start
        if row > self.currentLine:
            rest = self._lastLine[self.currentCol :]
            joint = rest if rest.strip() == "\\" else "\\"
            self.writer((joint + "\n" + "\\\n" * (row - self.currentLine - 1)).encode("utf-8"))
            self.currentCol = 0
        if column > self.currentCol:
            gap = line.split("\n")[0][self.currentCol : column]
            # After a joined line, the text given may begin elsewhere.
            shown = gap if gap.isspace() else " " * (column - self.currentCol)
            self.writer(shown.encode("utf-8"))

    def _kind(self, type: int, token: str) -> str:
        kind = tokenize.tok_name[type].lower()
        if type == tokenize.NAME:
            kind = self._nameKind(token)
        if type == tokenize.OP:
            self._followParentheses(token)
        self.lastIdentifier = int(type == tokenize.NAME and token in ("def", "class"))
        return kind

    def _nameKind(self, token: str) -> str:
        if self.lastIdentifier:
            # What follows in parentheses, if anything, are the parameters.
            self.parameters = 1
            return "identifier"
        if keyword.iskeyword(token):
            return "keyword"
        return "parameter" if self.parameters > 1 else "variable"

    def _followParentheses(self, token: str) -> None:
        if not self.parameters:
            return
        if token in ("(", "[", "{"):
            self.parameters += 1
        elif token in (")", "]", "}"):
            self.parameters -= 1
        if self.parameters == 1 and token in (")", ":"):
            self.parameters = 0


class HTMLWriter:
    """Writes tokens as HTML, each in a ``span`` of the class ``py-src-`` and its kind.

    Args:
        writer: called with bytes.
    """

    noSpan: list[str] = []
    "Kinds of tokens that have no ``span``."

    def __init__(self, writer: Callable[[bytes], object]) -> None:
        self.writer = writer

    def write(self, token: bytes, type: str | None = None) -> None:
        """Write a token.

        Args:
            token: its text.
            type: its kind; None for white space.
        """
        text = escape(token.decode("utf-8")).encode("utf-8")
        if type is None or type in self.noSpan:
            self.writer(text)
        else:
            self.writer(b'<span class="%b">%b</span>' % ((_PREFIX + type).encode(), text))


class SmallerHTMLWriter(HTMLWriter):
    """As `HTMLWriter`, without what hardly needs a colour."""

    noSpan = ["endmarker", "indent", "dedent", "op", "newline", "nl"]


def filter(inp: IO[bytes], out: IO[bytes], writer: Callable[..., Any] = HTMLWriter) -> None:
    """Write Python source as HTML.

    Args:
        inp: the source.
        out: where to write, within ``<pre>``.
        writer: the class of the writer.

    Raises:
        SyntaxError: it is no Python source.
    """
    out.write(b"<pre>")
    printer = TokenPrinter(writer(out.write).write)
    try:
        for token in tokenize.tokenize(inp.readline):
            printer.printtoken(*token)
    except tokenize.TokenError as error:
        raise SyntaxError(f"the source ends too early: {error.args[0]}") from error
    out.write(b"</pre>\n")


def main() -> None:
    """Write the source file of the command line to standard output."""
    if len(sys.argv) != 2:
        sys.exit(f"Usage: {sys.argv[0]} FILE")
    with open(sys.argv[1], "rb") as source:
        filter(source, sys.stdout.buffer)


if __name__ == "__main__":
    main()
