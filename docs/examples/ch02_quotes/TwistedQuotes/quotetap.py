"""The server as a command: which quotes, and where."""

import os

from twisted.application import internet
from twisted.python import usage
from TwistedQuotes import quoteproto, quoters


class Options(usage.Options):
    optParameters = [
        ["port", "p", 8007, "The port to listen on.", usage.portCoerce],
        ["static", "s", "An apple a day keeps the doctor away", "The one quote."],
    ]

    def __init__(self):
        super().__init__()
        self["files"] = []

    def opt_file(self, path):
        """A file of the format of fortune; of several, one is chosen for each quote."""
        # A daemon has another working directory.
        self["files"].append(os.path.abspath(path))

    opt_f = opt_file


def makeService(config):
    if config["files"]:
        quoter = quoters.FortuneQuoter(config["files"])
    else:
        quoter = quoters.StaticQuoter(os.fsencode(config["static"]))
    return internet.TCPServer(config["port"], quoteproto.QOTDFactory(quoter))
