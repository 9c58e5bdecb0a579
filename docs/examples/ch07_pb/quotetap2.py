"""The quotes of ch02_quotes as a command that serves them by Perspective Broker too."""

from pbquote import QuoteReader
from TwistedQuotes import quoteproto, quoters

from twisted.application import internet, service
from twisted.python import usage
from twisted.spread import pb


class Options(usage.Options):
    optParameters = [
        ["port", "p", 8007, "Port number to listen on for QOTD protocol.", int],
        ["static", "s", "An apple a day keeps the doctor away.", "A static quote to display."],
        ["file", "f", None, "A fortune-format text file to read quotes from."],
        ["pb", "b", None, "Port to listen with PB server", int],
    ]


def makeService(config):
    svc = service.MultiService()
    if config["file"]:
        # Of several quotes in a file, one at random each time.
        quoter = quoters.FortuneQuoter([config["file"]])
    else:
        quoter = quoters.StaticQuoter(config["static"].encode())
    if config["pb"] is not None:
        factory = pb.PBServerFactory(QuoteReader(quoter))
        internet.TCPServer(config["pb"], factory).setServiceParent(svc)
    factory = quoteproto.QOTDFactory(quoter)
    internet.TCPServer(config["port"], factory).setServiceParent(svc)
    return svc
