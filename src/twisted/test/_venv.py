"""Virtual environments to throw away, and wheels to install there, without any network."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import twisted


def wheel(
    folder: Path, name: str, version: str, files: Mapping[str, str | bytes], *fields: str
) -> Path:
    """Write a wheel.

    Args:
        folder: Where to.
        name: The name of the distribution.
        version: Its version.
        files: What it installs, by path.
        fields: More lines of its metadata, such as ``Requires-Dist: other``.
    """
    info = f"{name}-{version}.dist-info"
    head = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *fields]
    content = {
        **{path: text.encode() if isinstance(text, str) else text for path, text in files.items()},
        f"{info}/METADATA": "\n".join([*head, ""]).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in content.items()]
    content[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, data in content.items():
            archive.writestr(path, data)
    return made


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def torsionWheel(folder: Path) -> Path:
    """Write a wheel of this project, as it is now, without its tests."""
    root = Path(twisted.__file__).parent
    files = {
        str(path.relative_to(root.parent)): path.read_bytes()
        for path in root.rglob("*.py*")
        if path.suffix in (".py", ".pyi") and "test" not in path.parts
    }
    found = importlib.metadata.metadata("torsion")
    fields = [
        f"{key}: {value}"
        for key in ("Requires-Dist", "Provides-Extra")
        for value in found.get_all(key, [])
    ]
    return wheel(folder, "torsion", found["Version"], files, *fields)


def _required(name: str, seen: set[str]) -> None:
    """Add a distribution and all that it requires here, with every extra, to `seen`."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    try:
        requirements = importlib.metadata.requires(key) or []
    except importlib.metadata.PackageNotFoundError:
        return
    seen.add(key)
    for each in requirements:
        found = re.match(r"[\w.-]+", each)
        if found is not None and "extra ==" not in each:
            _required(found[0], seen)


class Environment:
    """A virtual environment with what this project requires, but not the project.

    Args:
        folder: Where to make it.
    """

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        self.python = folder / "bin" / "python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.site = folder / "lib" / version / "site-packages"
        names: set[str] = set()
        for name in ("pyOpenSSL", "service-identity", "idna"):
            _required(name, names)
        for each in importlib.metadata.requires("torsion") or []:
            found = re.match(r"[\w.-]+", each)
            if found is not None and "extra ==" not in each:
                _required(found[0], names)
        for name in names:
            self.link(name)

    def link(self, name: str) -> None:
        """Have a distribution that is installed where the tests run, by links to its files."""
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            target = self.site / top
            if not target.exists():
                target.symlink_to(str(distribution.locate_file(top)))

    def run(self, *words: str | Path) -> tuple[int, str]:
        """Run Python; return its exit status and what it wrote."""
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PIP_TARGET")}
        done = subprocess.run(
            [self.python, "-P", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
            env=environment,
            cwd=self.site,
        )
        return done.returncode, done.stdout

    def pip(self, *words: str | Path) -> tuple[int, str]:
        """Run pip for this environment; it cannot download anything."""
        options = ["--isolated", "--disable-pip-version-check", "--no-input"]
        command = [sys.executable, "-m", "pip", "--python", self.python, *options, *words]
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout
