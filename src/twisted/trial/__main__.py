"""``python -m twisted.trial``: the command `trial`."""

import sys

from twisted.scripts.trial import run

if __name__ == "__main__":
    # What it calls itself in messages.
    sys.argv[0] = "trial"
    run()
