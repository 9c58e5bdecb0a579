"""Torsion: an event-driven networking engine, under the import name `twisted`."""

from typing import TYPE_CHECKING

from twisted import _intact as _intact

if TYPE_CHECKING:
    from incremental import Version

    version: Version
    __version__: str


def __getattr__(name: str) -> object:
    """`version` and `__version__`, when they are first asked for, which is seldom.

    What makes them loads a quarter as much code as all that a reactor needs.
    """
    if name not in ("version", "__version__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from twisted._version import __version__ as version

    globals().update(version=version, __version__=version.short())
    return globals()[name]
