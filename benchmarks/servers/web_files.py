"""The files that the servers of the web serve."""

from pathlib import Path

SIZES = {"small": 1024, "large": 10 * 1024 * 1024}


def folder() -> Path:
    """The folder with a file of each size, made if it is not there."""
    made = Path(__file__).parent.parent / "build" / "files"
    made.mkdir(parents=True, exist_ok=True)
    for name, size in SIZES.items():
        path = made / name
        if not path.exists() or path.stat().st_size != size:
            path.write_bytes(bytes(size))
    return made
