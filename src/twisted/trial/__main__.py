"""``python -m twisted.trial``: the command `trial`."""

from twisted.scripts.trial import run

if __name__ == "__main__":
    run()
