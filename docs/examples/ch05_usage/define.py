"""A method with a value: -DFOO -DBAR."""

from twisted.python import usage


class Options(usage.Options):
    def __init__(self):
        usage.Options.__init__(self)
        self["symbols"] = []

    def opt_define(self, symbol):
        self["symbols"].append(symbol)

    opt_D = opt_define


if __name__ == "__main__":
    options = Options()
    options.parseOptions()
    print(options["symbols"])
