"""Any number of arguments, as cat has them."""

from twisted.python import usage


class Options(usage.Options):
    def parseArgs(self, *args):
        self["files"] = args


if __name__ == "__main__":
    options = Options()
    options.parseOptions()
    print(options["files"])
