"""Subcommands: what plugins bring, of today and of the days of ``mktap``; and reactors by name.

Of a plugin, no more is loaded than its description in the cache until it is chosen.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from twisted.application import _tml
from twisted.application._makers import IServiceMaker
from twisted.plugin import knownPlugins
from twisted.python import usage

#: Fits into the pipe, and on the screen.
_LONGEST_REASON = 1024


class Command(NamedTuple):
    """A subcommand.

    Attributes:
        name: what it is called.
        description: a line of text.
        get: returns the `IServiceMaker`, or None if it cannot be loaded.
    """

    name: str
    description: str
    get: Callable[[], Any]

    def load(self) -> Any:
        """The `IServiceMaker`.

        Raises:
            usage.UsageError: it cannot be loaded; the reason has been logged.
        """
        maker = self.get()
        if maker is None:
            raise usage.UsageError(f"the plugin for {self.name} cannot be loaded")
        return maker


def commands() -> list[Command]:
    """All subcommands, sorted; of two with one name, the one of a plugin."""
    found: dict[str, Command] = {}
    for plugin in knownPlugins(IServiceMaker.__identifier__):
        name = plugin.fact("tapname")
        if name and name not in found:
            found[name] = Command(name, plugin.fact("description") or "", plugin.load)
    for maker in _tml.serviceMakers(sys.path):
        found.setdefault(
            maker.tapname, Command(maker.tapname, maker.description, _constantly(maker))
        )
    return [found[name] for name in sorted(found)]


def _constantly(value: Any) -> Callable[[], Any]:
    return lambda: value


def names(interface: Any, attribute: str) -> Iterator[str]:
    """The values that plugins have for an attribute of their interface."""
    for plugin in knownPlugins(interface.__identifier__):
        name = plugin.fact(attribute)
        if name:
            yield name


def whyUnusable(installer: Any) -> str | None:
    """Why a reactor cannot be used here; None if it can.

    It is installed in a child, since that cannot be undone, and some load a whole toolkit.
    """
    if not hasattr(os, "fork"):
        return None
    heard, told = os.pipe()
    child = os.fork()
    if not child:
        # In this process, it does not matter which one there is already.
        sys.modules.pop("twisted.internet.reactor", None)
        try:
            installer.install()
        except Exception as problem:  # whatever keeps the reactor from being made
            os.write(told, str(problem).encode()[:_LONGEST_REASON] or b"it does not say why")
        finally:
            os._exit(0)
    os.close(told)
    with os.fdopen(heard, "rb") as answer:
        reason = answer.read().decode("utf-8", "replace")
    os.waitpid(child, 0)
    return " ".join(reason.split()) or None


def configOf(package: str) -> str:
    """The path of ``config.tac`` in a package.

    Raises:
        usage.UsageError: it is not there.
    """
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError) as error:
        raise usage.UsageError(f"--plugin: {error}")
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        path = os.path.join(folder, "config.tac")
        if os.path.exists(path):
            return path
    raise usage.UsageError(f"--plugin: there is no config.tac in a package {package}")


def traceThreads(tracer: Any) -> None:
    """Have what each new thread executes traced."""
    threading.settrace(tracer)
