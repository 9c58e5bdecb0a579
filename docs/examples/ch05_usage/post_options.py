"""What options mean together is checked when all of them are known."""

import sys

from twisted.python import usage


class Options(usage.Options):
    optFlags = [
        ["fast", "f", "Run quickly"],
        ["good", "g", "Don't validate input"],
        ["cheap", "c", "Use cheap resources"],
    ]

    def postOptions(self):
        if self["fast"] and self["good"] and self["cheap"]:
            raise usage.UsageError("can't have it all, brother")


if __name__ == "__main__":
    options = Options()
    try:
        options.parseOptions()
    except usage.UsageError as errortext:
        sys.exit(str(errortext))
    print(dict(options))
