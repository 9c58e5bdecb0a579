"""Objects that know quotes, and nothing of the network."""

import re
from random import choice

from zope.interface import implementer

from TwistedQuotes import quoteproto


@implementer(quoteproto.IQuoter)
class StaticQuoter:
    """Return a static quote."""

    def __init__(self, quote):
        self.quote = quote

    def getQuote(self):
        return self.quote


@implementer(quoteproto.IQuoter)
class FortuneQuoter:
    """Load quotes from files of the format of fortune: a line of a % stands between two."""

    def __init__(self, filenames):
        self.filenames = filenames

    def getQuote(self):
        with open(choice(self.filenames), "rb") as quoteFile:
            quotes = re.split(b"^%$", quoteFile.read(), flags=re.MULTILINE)
        return choice([quote.strip(b"\n") for quote in quotes if quote.strip()])
