"""The command `tap2deb`: build a Debian package that runs an application as a service."""

from __future__ import annotations

from typing import Any

from twisted.application import _options
from twisted.scripts._packages import _debian, _tools
from twisted.scripts._packages._request import PackageOptions, packageName

__all__ = ["Options", "run", "runApp"]


class Options(PackageOptions):
    """The command line of tap2deb."""

    synopsis = "Usage: tap2deb [options] [application]"
    longdesc = (
        "tap2deb builds a Debian package around an application, which runs as a service where the "
        "package is installed, by systemd or by an init script; and a source package. They are in "
        ".build, ready for an upload. The application is not loaded here, but it is there, as "
        "root: to load it is to run the code in it, so package what you trust."
    )
    defaultRequires = "python3 (>= 3.11)"
    nameOption = "debfile"
    maintainerNeeded = True
    optParameters = [
        [
            "debfile",
            "d",
            None,
            "The name of the package; by default twisted- and the protocol.",
            packageName,
        ],
        ["output", "o", ".build", "The folder for what is built."],
    ]


def runApp(config: Any) -> None:
    """Build the package that the options describe, and print the paths of its files.

    Args:
        config: an `Options` that has read a command line.

    Raises:
        SystemExit: that is not possible; the text says why.
    """
    _tools.produce(_debian.build, config)


def run() -> None:
    """Do what the command line says; exit with 0 if all is well, else with 1."""
    _options.run(runApp, Options)
