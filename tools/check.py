"""Every check of the project, as `make test` runs them: style, types, tests.

    python tools/check.py           all of them; the last line counts the tests
    python tools/check.py --lint    style and types alone

Each check goes on to the next when it fails, so that one run shows all that is wrong.
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

from installing import install

PATHS = ["src", "tools", "benchmarks", "docs"]

LINT = [
    ("style", ["ruff", "check", "--quiet", *PATHS]),
    ("format", ["ruff", "format", "--quiet", "--check", *PATHS]),
    ("types", ["mypy"]),
]
TRIAL = [sys.executable, "-m", "twisted.trial", "--reporter", "text"]


def run(name: str, command: list[str]) -> bool:
    """Run one check, and say how it went."""
    began = time.monotonic()
    good = subprocess.run(command, check=False).returncode == 0
    print(f"== {name}: {'ok' if good else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True)
    return good


def count(status: int, output: str) -> Counter[str]:
    """What trial's last line says, and that a run which ended before it has failed."""
    summary = [line for line in output.splitlines() if line.startswith(("PASSED", "FAILED"))]
    found = re.findall(r"(\w+)=(\d+)", summary[-1]) if summary else []
    counts = Counter({word: int(number) for word, number in found})
    bad = counts["failures"] + counts["errors"] + counts["unexpectedSuccesses"]
    return Counter(
        passed=counts["successes"] + counts["expectedFailures"],
        failed=max(bad, 1 if status else 0),
        skipped=counts["skips"],
    )


def run_tests() -> Counter[str]:
    """Run the tests, in as many processes as there are processors."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        temporary = ["--temp-directory", str(pathlib.Path(folder, "temp"))]
        command = [*TRIAL, "--jobs", str(os.cpu_count() or 1), *temporary, "twisted"]
        output = ""
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                output += line
    print(f"== tests: {time.monotonic() - began:.0f} s", flush=True)
    return count(process.returncode, output)


def main(arguments: list[str]) -> int:
    # Meanwhile: both take most of a minute on a fresh machine.
    installing = threading.Thread(target=install)
    if "--lint" not in arguments:
        installing.start()
    results = [run(name, command) for name, command in LINT]
    good = all(results)
    if "--lint" in arguments:
        return 0 if good else 1
    installing.join()
    total = run_tests()
    failed = total["failed"] + (0 if good else 1)
    print(f"{total['passed']} passed, {failed} failed, {total['skipped']} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
