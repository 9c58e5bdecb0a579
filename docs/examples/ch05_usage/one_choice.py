"""A function that checks values, and says in the help which there may be."""

import sys

from twisted.python import usage


def oneTwoThree(val):
    val = int(val)
    if val not in range(1, 4):
        raise ValueError("Not in range")
    return val


oneTwoThree.coerceDoc = "Must be 1, 2 or 3."


class Options(usage.Options):
    optParameters = [["one_choice", "o", 1, None, oneTwoThree]]


if __name__ == "__main__":
    options = Options()
    try:
        options.parseOptions()
    except usage.UsageError as errortext:
        sys.exit(str(errortext))
    print(options["one_choice"])
