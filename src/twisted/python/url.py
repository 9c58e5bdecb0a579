"""Immutable URLs, from `hyperlink`.

Here for programs that import them under this name.
"""

from __future__ import annotations

from hyperlink import URL

__all__ = ["URL"]
