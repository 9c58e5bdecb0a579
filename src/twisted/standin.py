"""``python -m twisted.standin``: let packages that require Twisted be installed beside Torsion.

The package `twisted` of this environment is Torsion's, whose API is that of a release of Twisted;
but an installer goes by the names of distributions.  This command writes the metadata of that
release into the environment: its name, its version, its extras with what Torsion needs for them,
and no code.  Installers then have nothing to download, `importlib.metadata.version("twisted")`
answers, and uninstalling removes nothing but the metadata.  `--remove` takes it back.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final

from twisted._version import __version__ as _api

__all__ = ["CannotStandIn", "main", "metadata", "remove", "write"]

_NAME: Final = "Twisted"
_PROVIDER: Final = "torsion"
#: What the file INSTALLER says, by which a stand-in is told from the real one.
_INSTALLER: Final = "twisted.standin"
#: The extras of the release, and those of Torsion that they come to.
_ALL: Final = ("conch", "http2", "serial", "tls", "websocket")
_EXTRAS: Final[dict[str, tuple[str, ...]]] = {
    "all-non-platform": _ALL,
    "conch": ("conch",),
    "dev": ("test",),
    "dev-release": ("test", "docs"),
    "gtk-platform": _ALL,
    "http2": ("http2",),
    "macos-platform": _ALL,
    "mypy": ("dev",),
    "osx-platform": _ALL,
    "serial": ("serial",),
    "test": ("test",),
    "tls": ("tls",),
    "websocket": ("websocket",),
    "windows-platform": _ALL,
}


class CannotStandIn(Exception):
    """The environment does not allow it; the message says why, and what to do."""


def _find(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _isStandIn(found: Distribution) -> bool:
    return (found.read_text("INSTALLER") or "").strip() == _INSTALLER


def _folder(version: str) -> str:
    return f"{_NAME.lower()}-{version}.dist-info"


def _metadata(provided: Sequence[str]) -> Iterator[str]:
    """The lines of the file METADATA; `provided` are the extras that Torsion has."""
    yield "Metadata-Version: 2.1"
    yield f"Name: {_NAME}"
    yield f"Version: {_api.public()}"
    yield "Summary: Torsion stands in for this distribution; see python -m twisted.standin"
    yield f"Requires-Dist: {_PROVIDER}"
    for extra, ours in _EXTRAS.items():
        yield f"Provides-Extra: {extra}"
        wanted = [each for each in ours if each in provided]
        if wanted:
            yield f'Requires-Dist: {_PROVIDER}[{",".join(wanted)}]; extra == "{extra}"'


def metadata() -> str:
    """The metadata that stand in for those of Twisted, as a distribution has them."""
    provider = _find(_PROVIDER)
    extras = (provider.metadata.get_all("Provides-Extra") if provider else None) or ()
    return "".join(f"{line}\n" for line in _metadata(extras))


def _record(folder: str, files: dict[str, bytes]) -> Iterator[str]:
    """The lines of the file RECORD, by which an installer removes the others."""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        yield f"{folder}/{name},sha256={digest},{len(content)}"
    yield f"{folder}/RECORD,,"


def write(site: str | None = None) -> str:
    """Write the metadata, or write it anew.

    Args:
        site: The folder for it, which has to be one where Python looks for distributions; by
            default the one that installers use.

    Returns:
        The path of what was written.

    Raises:
        CannotStandIn: Twisted itself is installed, Torsion is not, or the folder cannot be
            written.
    """
    twisted = _find(_NAME)
    if twisted is not None and not _isStandIn(twisted):
        raise CannotStandIn(
            f"Twisted {twisted.version} itself is installed in {twisted.locate_file('')}: "
            f"uninstall it first, by `{sys.executable} -m pip uninstall Twisted`"
        )
    if _find(_PROVIDER) is None:
        raise CannotStandIn(
            f"Torsion runs here without being installed, and what stands in for Twisted has to "
            f"require it: install it first, by `{sys.executable} -m pip install torsion`"
        )
    if twisted is not None:
        remove()
    site = sysconfig.get_path("purelib") if site is None else site
    folder = _folder(_api.public())
    files = {
        "METADATA": metadata().encode(),
        "INSTALLER": f"{_INSTALLER}\n".encode(),
    }
    files["RECORD"] = "\n".join([*_record(folder, files), ""]).encode()
    path = os.path.join(site, folder)
    try:
        # Under another name first: an installer that looks meanwhile sees all of it or nothing.
        with tempfile.TemporaryDirectory(prefix=".standin-", dir=site) as beside:
            # A folder within, since the outer one can be read by nobody else.
            made = os.path.join(beside, folder)
            os.mkdir(made)
            for name, content in files.items():
                with open(os.path.join(made, name), "wb") as file:
                    file.write(content)
            os.replace(made, path)
    except OSError as error:
        raise CannotStandIn(
            f"{error.filename or site} cannot be written ({error.strerror}): use a virtual "
            f"environment, or run this as the user who may"
        ) from error
    return path


def remove() -> str | None:
    """Remove what `write` has written.

    Returns:
        The path that is gone; None if there was nothing.

    Raises:
        CannotStandIn: Twisted itself is installed, or the folder cannot be removed.
    """
    twisted = _find(_NAME)
    if twisted is None:
        return None
    if not _isStandIn(twisted):
        raise CannotStandIn(
            f"what is installed in {twisted.locate_file('')} is Twisted {twisted.version} itself, "
            f"which `{sys.executable} -m pip uninstall Twisted` removes"
        )
    path = str(twisted.locate_file(_folder(twisted.version)))
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise CannotStandIn(f"{path} cannot be removed: {error.strerror}") from error
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what a command line says.

    Args:
        arguments: Those of the process by default.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m twisted.standin",
        description=f"Let packages that require Twisted be installed beside Torsion, by metadata "
        f"for the distribution {_NAME} {_api.public()} without any code.",
    )
    parser.add_argument("--remove", action="store_true", help="take the metadata back")
    options = parser.parse_args(arguments)
    try:
        if options.remove:
            removed = remove()
            print(f"Removed {removed}" if removed else "There is nothing to remove")
        else:
            print(f"Torsion now stands in for {_NAME} {_api.public()}: wrote {write()}")
    except CannotStandIn as problem:
        print(f"python -m twisted.standin: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
