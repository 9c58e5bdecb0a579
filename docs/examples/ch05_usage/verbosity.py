"""Count how often an option is given: -v -v -v is 3, -q -q is -2."""

from twisted.python import usage


class Options(usage.Options):
    def __init__(self):
        usage.Options.__init__(self)
        self["verbosity"] = 0  # default

    def opt_verbose(self):
        self["verbosity"] = self["verbosity"] + 1

    def opt_quiet(self):
        self["verbosity"] = self["verbosity"] - 1

    opt_v = opt_verbose
    opt_q = opt_quiet


if __name__ == "__main__":
    options = Options()
    options.parseOptions()
    print(options["verbosity"])
