"""Every check of the project, as `make test` runs them: style, types, tests.

    python tools/check.py           all of them; the last line counts the tests
    python tools/check.py --lint    style and types alone

Each check goes on to the next when it fails, so that one run shows all that is wrong.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time

PATHS = ["src", "tools", "benchmarks", "docs"]

LINT = [
    ("style", ["ruff", "check", "--quiet", *PATHS]),
    ("format", ["ruff", "format", "--quiet", "--check", *PATHS]),
    ("types", ["mypy"]),
]
TESTS = [sys.executable, "-m", "twisted.trial", "--reporter", "text", "twisted"]


def run(name: str, command: list[str]) -> bool:
    """Run one check, and say how it went."""
    began = time.monotonic()
    good = subprocess.run(command, check=False).returncode == 0
    print(f"== {name}: {'ok' if good else 'FAILED'} ({time.monotonic() - began:.0f} s)", flush=True)
    return good


def run_tests() -> tuple[int, int, int]:
    """Run the tests; how many passed, failed and were skipped."""
    began = time.monotonic()
    process = subprocess.Popen(TESTS, stdout=subprocess.PIPE, text=True, errors="replace")
    assert process.stdout is not None
    summary = ""
    for line in process.stdout:
        sys.stdout.write(line)
        if line.startswith(("PASSED", "FAILED")):
            summary = line
    process.wait()
    print(f"== tests: {time.monotonic() - began:.0f} s", flush=True)
    counts = {word: int(number) for word, number in re.findall(r"(\w+)=(\d+)", summary)}
    failed = sum(counts.get(word, 0) for word in ("failures", "errors", "unexpectedSuccesses"))
    if process.returncode != 0 and not failed:
        failed = 1  # the run ended before it could count
    passed = counts.get("successes", 0) + counts.get("expectedFailures", 0)
    return passed, failed, counts.get("skips", 0)


def main(arguments: list[str]) -> int:
    good = all([run(name, command) for name, command in LINT])
    if "--lint" in arguments:
        return 0 if good else 1
    passed, failed, skipped = run_tests()
    failed += 0 if good else 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
