"""``python -m twisted`` is the command `twist`."""

from __future__ import annotations

import sys

from twisted.scripts.twist import run

if __name__ == "__main__":
    sys.argv[0] = "twist"
    run()
