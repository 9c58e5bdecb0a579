"""What makes services from command lines: apart from them, so that to list it loads little."""

from __future__ import annotations

from typing import Any

from zope.interface import Attribute, Interface, implementer

from twisted.plugin import IPlugin
from twisted.python.reflect import namedAny

__name__ = "twisted.application.service"  # the public path, for pickles and messages


class IServiceMaker(Interface):
    """Makes a service from a command line: what a plugin for ``twistd`` and ``twist`` provides."""

    tapname = Attribute("A short name, `str`: the subcommand.")
    description = Attribute("A line of text, `str`, to stand beside it in the help.")
    options = Attribute("A class of `usage.Options`, which reads what follows the subcommand.")

    def makeService(options: Any) -> Any:
        """Make the service.

        Args:
            options: an instance of `options` that has read a command line.

        Returns:
            What provides `IService`.
        """


@implementer(IPlugin, IServiceMaker)
class ServiceMaker:
    """A plugin for ``twistd``, of which no more is loaded than is needed to name it.

    Args:
        name: what it is called.
        module: the whole name of a module that has `Options` and `makeService`; it is imported
            when one of them is asked for.
        description: see `IServiceMaker`.
        tapname: see `IServiceMaker`.
    """

    def __init__(self, name: str, module: str, description: str, tapname: str) -> None:
        self.name = name
        self.module = module
        self.description = description
        self.tapname = tapname

    @property
    def options(self) -> Any:
        """The class `Options` of the module."""
        return namedAny(f"{self.module}.Options")

    @property
    def makeService(self) -> Any:
        """The function `makeService` of the module."""
        return namedAny(f"{self.module}.makeService")

    def __repr__(self) -> str:
        return f"<ServiceMaker {self.tapname!r}: {self.module}>"
