"""Two arguments after the options, as cmp has them."""

import sys

from twisted.python import usage


class Options(usage.Options):
    optParameters = [["max_differences", "d", 1, None]]

    def parseArgs(self, origin, changed):
        self["origin"] = origin
        self["changed"] = changed


if __name__ == "__main__":
    options = Options()
    try:
        options.parseOptions()
    except usage.UsageError as errortext:
        sys.exit(str(errortext))
    print(options["origin"], options["changed"], options["max_differences"])
