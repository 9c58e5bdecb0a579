"""The Quote of the Day protocol (RFC 865): a quote for whoever connects."""

from zope.interface import Interface

from twisted.internet.protocol import Factory, Protocol


class IQuoter(Interface):
    """An object that returns quotes."""

    def getQuote():
        """Return a quote: bytes."""


class QOTD(Protocol):
    def connectionMade(self):
        self.transport.write(self.factory.quoter.getQuote() + b"\r\n")
        self.transport.loseConnection()


class QOTDFactory(Factory):
    """A factory for the Quote of the Day protocol.

    Its quoter, which provides IQuoter, is where the protocol gets the quotes that it sends.
    """

    protocol = QOTD

    def __init__(self, quoter):
        self.quoter = quoter
