"""Versions of packages, as `incremental` describes them.

Here for programs that import them under this name.
"""

from __future__ import annotations

from incremental import IncomparableVersions, Version, getVersionString

__all__ = ["IncomparableVersions", "Version", "getVersionString"]
