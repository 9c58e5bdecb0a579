"""Reactors that can be chosen by name, on a command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zope.interface import Attribute, Interface, implementer

from twisted.internet._reactor import installedReactor
from twisted.plugin import IPlugin, getPlugins, knownPlugins
from twisted.python.reflect import namedModule

__all__ = ["IReactorInstaller", "NoSuchReactor", "Reactor", "getReactorTypes", "installReactor"]


class IReactorInstaller(Interface):
    """Installs a reactor: a plugin in ``twisted.plugins`` that provides this can be chosen."""

    shortName = Attribute("What it is called on a command line, `str`.")
    description = Attribute("A line of text about it, `str`.")

    def install() -> None:
        """Make it the reactor of this process.

        Raises:
            Exception: it cannot be used here.
        """


class NoSuchReactor(KeyError):
    """There is no reactor of this name."""


@implementer(IPlugin, IReactorInstaller)
class Reactor:
    """A reactor that a module installs; the module is not loaded before.

    Args:
        shortName: what it is called on a command line.
        moduleName: the whole name of a module with a function `install`.
        description: a line of text about it.
    """

    def __init__(self, shortName: str, moduleName: str, description: str) -> None:
        self.shortName = shortName
        self.moduleName = moduleName
        self.description = description

    def __repr__(self) -> str:
        return f"<Reactor {self.shortName!r}: {self.moduleName}>"

    def install(self) -> None:
        """Make it the reactor of this process."""
        namedModule(self.moduleName).install()


def getReactorTypes() -> Iterator[Any]:
    """All reactors that can be chosen, `IReactorInstaller`, whether they work here or not."""
    return getPlugins(IReactorInstaller)


def installReactor(shortName: str) -> Any:
    """Install a reactor by its name.

    Returns:
        The reactor.

    Raises:
        NoSuchReactor: no plugin has the name.
        Exception: the reactor cannot be used here.
    """
    for known in knownPlugins(IReactorInstaller.__identifier__):
        if known.fact("shortName") == shortName:
            installer = known.load()
            if installer is not None:
                installer.install()
                return installedReactor()
    raise NoSuchReactor(shortName)
