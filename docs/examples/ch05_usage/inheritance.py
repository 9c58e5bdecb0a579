"""Options that all commands have stand in a base class."""

from twisted.python import usage


class BaseOptions(usage.Options):
    optFlags = [["quiet", "q", "Silence output"]]


class SpecificOptions(BaseOptions):
    optFlags = [
        ["fast", "f", "Run quickly"],
        ["good", "g", "Don't validate input"],
        ["cheap", "c", "Use cheap resources"],
    ]


class SameOptions(usage.Options):
    """The same, written out."""

    optFlags = [
        ["quiet", "q", "Silence output"],
        ["fast", "f", "Run quickly"],
        ["good", "g", "Don't validate input"],
        ["cheap", "c", "Use cheap resources"],
    ]


if __name__ == "__main__":
    for cls in (SpecificOptions, SameOptions):
        options = cls()
        options.parseOptions()
        print(dict(options))
