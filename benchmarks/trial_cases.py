"""Run a suite of tests that do nothing, and print as JSON the processor time that it took.

    python trial_cases.py trial|pytest SUITE FOLDER

The suites are modules in the folder, which `write` makes: `test_sync`, 10,000 tests that return at
once; `test_deferred`, 2,000 that return a Deferred that has fired; and, for pytest, `test_plain`,
10,000 of its own. What is printed includes the start of Python and all imports.
"""

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

TESTS_OF_CLASS = 100
# The base of the classes, what each test does, and how many there are.
SUITES = {
    "test_sync": ("unittest.SynchronousTestCase", "pass", 10_000),
    "test_deferred": ("unittest.TestCase", "return defer.succeed(None)", 2_000),
    "test_plain": ("object", "pass", 10_000),
}


def _lines(base: str, body: str, count: int) -> Iterator[str]:
    if base != "object":
        yield "from twisted.internet import defer"
        yield "from twisted.trial import unittest"
    for number in range(count // TESTS_OF_CLASS):
        yield f"class TestCase{number:03}({base}):"
        for test in range(TESTS_OF_CLASS):
            yield f"    def test_{test:03}(self):"
            yield f"        {body}"


def write(folder: Path) -> None:
    """Write the suites into a folder, unless they are there."""
    folder.mkdir(exist_ok=True)
    for name, suite in SUITES.items():
        path = folder / f"{name}.py"
        if not path.exists():
            path.write_text("\n".join([*_lines(*suite), ""]))


def _trial(suite: str) -> int | str | None:
    from twisted.scripts.trial import run

    sys.argv = ["trial", "--reporter=text", f"--temp-directory={suite}.temp", suite]
    try:
        run()
    except SystemExit as end:
        return end.code


def _pytest(suite: str) -> int:
    import pytest

    return pytest.main(["-q", "-p", "no:cacheprovider", f"{suite}.py"])


def main(runner: str, suite: str, folder: str) -> None:
    os.chdir(folder)
    sys.path.insert(0, folder)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        status = {"trial": _trial, "pytest": _pytest}[runner](suite)
    if status:
        sys.exit(f"{status}\n{printed.getvalue()}")
    print(json.dumps({"seconds": time.process_time()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
