"""Two flags: a long name, a letter, and a description for the help."""

from twisted.python import usage


class Options(usage.Options):
    optFlags = [["fast", "f", "Act quickly"], ["safe", "s", "Act safely"]]


if __name__ == "__main__":
    options = Options()
    options.parseOptions()
    print(dict(options))
