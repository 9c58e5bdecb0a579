"""The command `tap2rpm`: build an RPM package that runs an application as a service."""

from __future__ import annotations

from typing import Any

from twisted.application import _options
from twisted.scripts._packages import _rpm, _tools
from twisted.scripts._packages._request import PackageOptions, packageName

__all__ = ["Options", "run", "runApp"]


class Options(PackageOptions):
    """The command line of tap2rpm."""

    synopsis = "Usage: tap2rpm [options] [application]"
    longdesc = (
        "tap2rpm builds an RPM package around an application, which runs as a service where the "
        "package is installed, by systemd or by an init script; and a source package. They are in "
        "the current directory. The application is not loaded here, but it is there, as root: to "
        "load it is to run the code in it, so package what you trust."
    )
    defaultRequires = "python3 >= 3.11"
    nameOption = "rpmfile"
    maintainerNeeded = False
    optParameters = [
        [
            "rpmfile",
            "d",
            None,
            "The name of the package; by default twisted- and the protocol.",
            packageName,
        ],
        ["output", "o", ".", "The folder for what is built."],
    ]


def runApp(config: Any) -> None:
    """Build the package that the options describe, and print the paths of its files.

    Args:
        config: an `Options` that has read a command line.

    Raises:
        SystemExit: that is not possible; the text says why.
    """
    _tools.produce(_rpm.build, config)


def run() -> None:
    """Do what the command line says; exit with 0 if all is well, else with 1."""
    _options.run(runApp, Options)
