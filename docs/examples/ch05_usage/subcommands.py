"""Options in groups, as the program cvs has them."""

from twisted.python import usage


class ImportOptions(usage.Options):
    optParameters = [
        ["module", "m", None, None],
        ["vendor", "v", None, None],
        ["release", "r", None],
    ]


class CheckoutOptions(usage.Options):
    optParameters = [["module", "m", None, None], ["tag", "r", None, None]]


class Options(usage.Options):
    subCommands = [
        ["import", None, ImportOptions, "Do an Import"],
        ["checkout", None, CheckoutOptions, "Do a Checkout"],
    ]

    optParameters = [
        ["compression", "z", 0, "Use compression"],
        ["repository", "r", None, "Specify an alternate repository"],
    ]


def doImport(options):
    print("importing", options["module"], "release", options["release"])


def doCheckout(options):
    print("checking out", options["module"], "at", options["tag"])


if __name__ == "__main__":
    config = Options()
    config.parseOptions()
    if config.subCommand == "import":
        doImport(config.subOptions)
    elif config.subCommand == "checkout":
        doCheckout(config.subOptions)
