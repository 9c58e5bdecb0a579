"""Write what each reactor is tested to do into a document.

python -m twisted.internet.test.conformance docs/howto/reactors.md
python -m twisted.internet.test.conformance --check docs/howto/reactors.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from twisted.internet.test.conformance._table import casesIn, columnsOf, testModules, updated

_CHECK = "--check"


def main(arguments: list[str]) -> int:
    """Bring the table of a document up to date, or see whether it is; returns the exit status."""
    files = [Path(argument) for argument in arguments if argument != _CHECK]
    if len(files) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    old = files[0].read_text("utf-8")
    new = updated(old, columnsOf(casesIn(testModules())))
    if new == old:
        return 0
    if _CHECK in arguments:
        print(f"{files[0]}: out of date; run this without {_CHECK}", file=sys.stderr)
        return 1
    files[0].write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
