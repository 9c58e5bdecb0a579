"""Programs that are called to build a package, and files that are written for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from twisted.application import _options
from twisted.scripts._packages._request import Package
from twisted.scripts._packages._service import File

#: Seconds for one program. To sign may take a while, for somebody is asked for a passphrase.
PATIENCE = 600


class CannotBuild(Exception):
    """A package cannot be built; the text says why, and what to do."""


def call(*command: str, cwd: Path, advice: str) -> None:
    """Run a program to its end.

    Args:
        command: its name, and arguments.
        cwd: where.
        advice: what to do if it is not there or does not end well.

    Raises:
        CannotBuild: it is not there, or it did not end well.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise CannotBuild(f"there is no {command[0]} here: {advice}")
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise CannotBuild(f"{command[0]} cannot be used: {problem}: {advice}")
    if done.returncode:
        said = "; ".join(done.stdout.decode("utf-8", "replace").strip().splitlines())
        raise CannotBuild(f"{command[0]} failed: {said or done.returncode}: {advice}")


def lay(root: Path, files: Iterable[File], folders: Iterable[str] = ()) -> None:
    """Write files and folders below a root, with their permissions whatever the umask."""
    root.mkdir(exist_ok=True)
    for folder in folders:
        (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for file in files:
        path = root / file.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(file.mode)
    for place, _, _ in os.walk(root):
        os.chmod(place, 0o755)


def produce(build: Callable[[Package, Path, bool], list[Path]], config: Any) -> None:
    """Build what the options say, and print the paths of its files.

    Args:
        build: is given what is to be built, an empty folder, and whether to sign; returns the
            files.
        config: a `PackageOptions` that has read a command line.

    Raises:
        SystemExit: that is not possible; the text says why.
    """
    with tempfile.TemporaryDirectory() as scratch:
        try:
            built = build(config.package, Path(scratch), not config["unsigned"])
            for path in _handOver(built, Path(config["output"])):
                sys.stdout.write(f"{path}\n")
        except CannotBuild as problem:
            raise SystemExit(f"{_options.programName()}: {problem}")


def _handOver(built: Iterable[Path], output: Path) -> list[Path]:
    """Move what was built to where it was asked for; returns where it is."""
    moved = []
    try:
        output.mkdir(parents=True, exist_ok=True)
        for path in built:
            # Each whole or not at all, across file systems too.
            new = output / f".{path.name}.new"
            try:
                shutil.copyfile(path, new)
                moved.append(new.replace(output / path.name))
            finally:
                new.unlink(missing_ok=True)
    except OSError as problem:
        raise CannotBuild(f"{problem.filename or output} cannot be written: {problem.strerror}")
    return moved
