"""What a run needs before it starts: peers, load generators, file descriptors; and where it ran."""

import os
import platform
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = HERE / "build"
RESULTS = HERE / "results"

_PEERS_HOME = ROOT / ".venv-peers"
_PEERS_PYTHON = _PEERS_HOME / "bin" / "python"

# The largest case holds some thousands of sockets at each end.
_WANTED_FILES = 65536

_ASK_VERSION = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"


@dataclass(frozen=True)
class Peer:
    """An implementation: the interpreter that has it, and how its servers are started.

    `servers` is the file with its servers, and `loop` what that is told besides the kind.
    """

    key: str
    distribution: str
    python: Path
    servers: str = "on_reactor.py"
    loop: str = ""

    def server(self, kind: str) -> list[str]:
        """The command of the server called `kind`."""
        return self.script(f"servers/{self.servers}", kind, *filter(None, [self.loop]))

    def script(self, name: str, *arguments: str) -> list[str]:
        """The command that runs a file of this package; -P keeps the file's folder off the path."""
        return [str(self.python), "-P", str(HERE / name), *arguments]


OURS = Peer("torsion", "torsion", Path(sys.executable))
TWISTED = Peer("twisted", "Twisted", _PEERS_PYTHON)
UVLOOP = Peer("uvloop", "uvloop", _PEERS_PYTHON, "on_asyncio.py", "uvloop")
ASYNCIO = Peer("asyncio", "", _PEERS_PYTHON, "on_asyncio.py", "asyncio")
# A driver of a database, called in a thread by hand.
DRIVER = Peer("driver", "", Path(sys.executable))
PYTEST = Peer("pytest", "pytest", _PEERS_PYTHON)
# Servers of the web, on uvloop.
AIOHTTP = Peer("aiohttp", "aiohttp", _PEERS_PYTHON, "on_aiohttp.py")
UVICORN = Peer("uvicorn", "uvicorn", _PEERS_PYTHON, "on_asgi.py", "uvicorn")
HYPERCORN = Peer("hypercorn", "hypercorn", _PEERS_PYTHON, "on_asgi.py", "hypercorn")
GRANIAN = Peer("granian", "granian", _PEERS_PYTHON, "on_asgi.py", "granian")
#: Those with a column of their own in the table of results; the others are named where they stand.
COLUMNS = (OURS, TWISTED, UVLOOP, ASYNCIO)
PEERS = {
    peer.key: peer for peer in (*COLUMNS, PYTEST, DRIVER, AIOHTTP, UVICORN, HYPERCORN, GRANIAN)
}


def prepare() -> None:
    """Install the peers and compile the load generators, unless that is done, and allow files."""
    install_peers()
    _compile_load()
    _make_certificate()
    _allow_files()


def install_peers() -> None:
    """Install the peers into an environment of their own, unless that is done."""
    wanted = (HERE / "peers.txt").read_text()
    stamp = _PEERS_HOME / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("installing the peers into", _PEERS_HOME, file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", _PEERS_HOME], check=True)
    pip = [_PEERS_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", HERE / "peers.txt"], check=True)
    stamp.write_text(wanted)


def _compile_load() -> None:
    BUILD.mkdir(exist_ok=True)
    shared = max(header.stat().st_mtime for header in (HERE / "load").glob("*.h"))
    for source in sorted((HERE / "load").glob("*.c")):
        binary = BUILD / source.stem
        newest = max(shared, source.stat().st_mtime)
        if not binary.exists() or binary.stat().st_mtime < newest:
            libraries = ["-lssl", "-lcrypto"] if source.stem.startswith("tls_") else []
            subprocess.run(["cc", "-O2", "-o", binary, source, *libraries], check=True)


def _make_certificate() -> None:
    """The key and certificate that every server of TLS has, and every client trusts unseen."""
    key, certificate = BUILD / "tls.key", BUILD / "tls.crt"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    files = ["-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    (BUILD / "tls.pem").write_bytes(certificate.read_bytes() + key.read_bytes())


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, _WANTED_FILES)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cores() -> tuple[int, int]:
    """The core for servers and the core for load; the same one twice where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-1], allowed[0]


def describe() -> dict[str, object]:
    """Where and when: what a reader needs to judge the figures."""
    return {
        "taken": time.strftime("%Y-%m-%d"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {peer.key: _version(peer) for peer in PEERS.values()},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(peer: Peer) -> str:
    if not peer.distribution:
        return platform.python_version()
    command = [peer.python, "-c", _ASK_VERSION, peer.distribution]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "missing"


if __name__ == "__main__":
    install_peers()
