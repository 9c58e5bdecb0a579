"""A page to see whether a server serves."""

from __future__ import annotations

from twisted.web.static import Data

__all__ = ["Test"]

_PAGE = b"""<!DOCTYPE html>
<html>
<head><title>It works</title></head>
<body>
<h1>It works</h1>
<p>This page is <code>twisted.web.demo.Test</code>: a resource that this server was told to
serve.</p>
<p>Serve a folder with <code>twistd web --path=FOLDER</code>, or a resource of your own with
<code>twistd web --class=PACKAGE.CLASS</code>.</p>
</body>
</html>
"""


class Test(Data):
    """A page that says that the server serves; the page of ``twistd web`` with no options."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__(_PAGE, "text/html")
