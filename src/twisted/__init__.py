"""Torsion: an event-driven networking engine, under the import name `twisted`."""

from twisted._version import __version__ as version

__version__ = version.short()
