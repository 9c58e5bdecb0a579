"""Values of a type: the fifth item of a parameter makes them from text."""

import sys

from twisted.python import usage


class Options(usage.Options):
    optParameters = [
        ["shiny_integer", "s", 1, None, int],
        ["dummy_float", "d", 3.14159, None, float],
    ]


if __name__ == "__main__":
    options = Options()
    try:
        options.parseOptions()
    except usage.UsageError as errortext:
        sys.exit(str(errortext))
    print(dict(options))
