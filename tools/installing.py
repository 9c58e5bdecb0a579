"""What the tests use and `pip install -e '.[dev]'` does not bring: programs, toolkits, peers.

Nothing here is needed: without it the tests concerned are skipped, each with its reason.
"""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib

#: Programs that tests talk to, and the Debian packages that have them.
PROGRAMS = {
    "curl": "curl",
    "nc": "netcat-openbsd",
    "openssl": "openssl",
    "socat": "socat",
    # A browser that shows the pages, a server and clients of IRC, and a server of Redis.
    "chromium": "chromium",
    "ngircd": "ngircd",
    "ii": "ii",
    "irssi": "irssi",
    "sic": "sic",
    "redis-server": "redis-server",
    # Clients of HTTP/2 and loads of HTTP.
    "h2load": "nghttp2-client",
    "wrk": "wrk",
    # What packages of applications are built with, and what rotates their logs.
    "logrotate": "logrotate",
    "rpmbuild": "rpm",
    # A shell whose completion is tested.
    "zsh": "zsh",
    # A display without a screen, for windows.
    "Xvfb": "xvfb",
    # PyGObject is compiled.
    "gcc": "gcc",
    "pkg-config": "pkg-config",
}
#: Databases, whose programs are not on the path.
SERVERS = ("postgresql", "mariadb-server-core")
#: What the toolkits of the extra `gui` are compiled with and load; pygame and wxPython, whole.
TOOLKITS = (
    "gir1.2-gtk-3.0",
    "gir1.2-gtk-4.0",
    "libcairo2-dev",
    "libgirepository1.0-dev",
    "libegl1",
    "libfontconfig1",
    "libdbus-1-3",
    "libgl1",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xkb1",
    "python3-pygame",
    "python3-wxgtk4.0",
)
#: The modules that the requirements of the extra `gui` bring, in their order.
MODULES = ("gi", "PySide6")
#: Seconds for one command; what takes longer is given up, and its tests are skipped.
PATIENCE = 180

_PROJECT = pathlib.Path(__file__).parent.parent / "pyproject.toml"


def install() -> None:
    """Install what is missing, if we may; say what is missing still."""
    # Twisted itself, with which tests talk over the wire.
    peers = _start([sys.executable, "-m", "benchmarks.environment"], dict(os.environ))
    packages = [name for program, name in PROGRAMS.items() if shutil.which(program) is None]
    packages += _not_installed((*SERVERS, *TOOLKITS))
    if packages and not _install_packages(packages):
        print(f"== not installed, so their tests are skipped: {', '.join(packages)}", flush=True)
    if not _not_installed(TOOLKITS):
        _install_toolkits()
    if not _wait(peers):
        print("== not installed, so its tests are skipped: Twisted, as a peer", flush=True)


def _not_installed(packages: tuple[str, ...]) -> list[str]:
    """Which of the Debian packages are not there; all of them, where there is no Debian."""
    if shutil.which("dpkg-query") is None:
        return list(packages)
    command = ["dpkg-query", "--show", "--showformat=${Package} ${Status}\n", *packages]
    told = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    found = {line.split()[0] for line in told.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in found]


def _install_packages(packages: list[str]) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["update"], ["install", "-y", "--no-install-recommends", *packages])
    return all(_wait(_start(["apt-get", "-qq", *step], environment)) for step in steps)


def _install_toolkits() -> None:
    """The requirements of the extra `gui`, side by side: one that fails spoils no other."""
    requirements = tomllib.loads(_PROJECT.read_text())["project"]["optional-dependencies"]["gui"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    running = [
        (requirement, _start([*pip, requirement], dict(os.environ)))
        for module, requirement in zip(MODULES, requirements, strict=True)
        if importlib.util.find_spec(module) is None
    ]
    for requirement, process in running:
        if not _wait(process):
            print(f"== not installed, so its tests are skipped: {requirement}", flush=True)


def _start(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=_PROJECT.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _wait(process: subprocess.Popen[bytes]) -> bool:
    """Whether a command ended well, and in time."""
    try:
        return process.wait(PATIENCE) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False


if __name__ == "__main__":
    install()
