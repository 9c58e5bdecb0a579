"""What is in a folder, as a page."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from twisted.web.resource import Resource
from twisted.web.static._types import getTypeAndEncoding

__name__ = "twisted.web.static"  # the public path, for pickles and messages


def formatFileSize(size: int) -> str:
    """A size for people: ``"1K"``."""
    for unit in ("B", "K", "M"):
        if size < 1024:
            return f"{size}{unit}"
        size //= 1024
    return f"{size}G"


class DirectoryLister(Resource):
    """Lists a folder.

    Args:
        pathname: its path.
        dirs: the names to list; all that are there by default.
        contentTypes, contentEncodings: these by the endings of names; see `getTypeAndEncoding`.
        defaultType: that of all others.

    Attributes:
        template: the page, with places for ``header`` and ``tableContent``.
        linePattern: a line of it, with ``class``, ``href``, ``text``, ``size``, ``type`` and
            ``encoding``. All are escaped.
    """

    template = """<!DOCTYPE html>
<html>
<head><title>%(header)s</title></head>
<body>
<h1>%(header)s</h1>
<table>
<thead><tr><th>Filename</th><th>Size</th><th>Content type</th><th>Content encoding</th></tr></thead>
<tbody>
%(tableContent)s</tbody>
</table>
</body>
</html>
"""
    linePattern = (
        '<tr class="%(class)s"><td><a href="%(href)s">%(text)s</a></td>'
        "<td>%(size)s</td><td>%(type)s</td><td>%(encoding)s</td></tr>\n"
    )

    def __init__(
        self,
        pathname: str,
        dirs: Iterable[str] | None = None,
        contentTypes: Mapping[str, str] | None = None,
        contentEncodings: Mapping[str, str] | None = None,
        defaultType: str = "text/html",
    ) -> None:
        super().__init__()
        self.path = pathname
        self.dirs = dirs
        self.contentTypes = contentTypes or {}
        self.contentEncodings = contentEncodings or {}
        self.defaultType = defaultType

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.path!r}>"

    def render(self, request: Any) -> bytes:
        """The page."""
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        names = os.listdir(self.path) if self.dirs is None else self.dirs
        rows = [row for row in map(self._row, sorted(names)) if row is not None]
        rows.sort(key=lambda row: row["class"])  # folders first; the rest stays as it is
        here = unquote_to_bytes(request.uri.partition(b"?")[0]).decode("utf-8", "replace")
        lines = "".join([self.linePattern % row for row in rows])
        page = self.template % {
            "header": escape(f"Directory listing for {here}"),
            "tableContent": lines,
        }
        return page.encode("utf-8", "replace")

    def _row(self, name: str) -> dict[str, str] | None:
        """What is said of one entry; None if it is gone."""
        path = os.path.join(self.path, name)
        href = quote(os.fsencode(name), safe="")
        if os.path.isdir(path):
            kind, size, types = "directory", "", "[Directory]"
            href, name, encoding = href + "/", name + "/", ""
        else:
            try:
                size = formatFileSize(os.stat(path).st_size)
            except OSError:
                return None
            kind = "file"
            types, compressed = getTypeAndEncoding(
                name, self.contentTypes, self.contentEncodings, self.defaultType
            )
            types, encoding = f"[{types}]", f"[{compressed}]" if compressed else ""
        return {
            "class": kind,
            "href": escape(href),
            "text": escape(name),
            "size": size,
            "type": escape(types),
            "encoding": escape(encoding),
        }
